/**
 * @file station_config.h
 * @brief The station's configuration file (docs/administrator-guide.md lists every key).
 *
 * Layer:   prog.
 */
#ifndef GT_PROG_STATION_CONFIG_H
#define GT_PROG_STATION_CONFIG_H

#include "base/err.h"
#include "vending/order.h"

#include <limits.h>
#include <stdint.h>
#include <stdio.h>

enum { STATION_NAME_MAX = 64, STATION_HOST_MAX = 64, STATION_POSTGRES_MAX = 512 };

typedef struct station_config {
    char name[STATION_NAME_MAX];
    int zone_min;
    char store_postgres[STATION_POSTGRES_MAX]; /* how to reach it; empty: SQLite in store_dir */
    char store_dir[PATH_MAX];
    char field_host[STATION_HOST_MAX];
    uint16_t field_port;
    uint32_t poll_s;
    uint32_t heartbeat_s;
    uint32_t answer_wait_ms;
    char http_host[STATION_HOST_MAX];
    uint16_t http_port;
    char public_url[STATION_HOST_MAX * 2]; /* what people type; empty: http://host:port */
    char meters_path[PATH_MAX];
    char models_dir[PATH_MAX];
    char master_key_path[PATH_MAX];
    char receipt_path[PATH_MAX]; /* template of receipts; empty: the built-in one */
    vending_limits limits;
} station_config;

/**
 * Read and check the file; every complaint goes to @p errors, a line each.
 * @return SYNTAX when there was any
 */
GT_CHECKED gt_err station_config_read(const char *path, FILE *errors, station_config *out);

#endif
