/**
 * @file box_config.h
 * @brief A field box's configuration file (docs/concentrator.md lists every key), and the files it
 *        points to.
 *
 * Layer:   prog.
 */
#ifndef GT_PROG_BOX_CONFIG_H
#define GT_PROG_BOX_CONFIG_H

#include "concentrator/concentrator.h"
#include "prog/model_folder.h"

#include <limits.h>
#include <stdio.h>

enum { BOX_HOST_MAX = 64 };

typedef enum box_device { BOX_DEVICE_NONE, BOX_DEVICE_TCP, BOX_DEVICE_SERIAL } box_device;
typedef enum box_parity { BOX_PARITY_NONE, BOX_PARITY_EVEN, BOX_PARITY_ODD } box_parity;

typedef struct box_line_config {
    box_device device; /* NONE: the box has no such line */
    char host[BOX_HOST_MAX];
    uint16_t port;
    char path[PATH_MAX]; /* SERIAL: a device, or a pseudo-terminal */
    uint32_t baud;
    box_parity parity;
    uint8_t stop_bits;
    char model[BOX_MODEL_NAME_MAX]; /* of every meter here; empty: any */
} box_line_config;

typedef struct box_host_config {
    char host[BOX_HOST_MAX];
    uint16_t port;
} box_host_config;

typedef struct box_config {
    char name[BOX_TERMINAL_NAME_MAX]; /* "4401-0001" */
    gdw1376_addr addr;
    int zone_min;
    unsigned hosts;
    box_host_config host[CONCENTRATOR_HOSTS_MAX];
    uint32_t heartbeat_s;
    uint32_t round_s;
    box_line_config lines[BOX_LINES_MAX];
    char meters_path[PATH_MAX];
    char models_dir[PATH_MAX];
    char store_dir[PATH_MAX];
} box_config;

/**
 * Read and check the file; every complaint goes to @p errors, a line each.
 * @return SYNTAX when there was any
 */
GT_CHECKED gt_err box_config_read(const char *path, FILE *errors, box_config *out);

/** The meters and models of a configuration. Owns memory: box_site_unload. */
typedef struct box_site {
    box_meter *meters;
    size_t meter_count;
    model_folder models;
} box_site;

/** Complaints name file, line and what was expected. */
GT_CHECKED gt_err box_site_load(const box_config *cfg, FILE *errors, box_site *out);
void box_site_unload(box_site *site);

#endif
