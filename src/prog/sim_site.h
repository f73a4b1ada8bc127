/**
 * @file sim_site.h
 * @brief The site folder of the simulated park: written once, then read by every program of it.
 *
 * Layer:   prog. Files: meters.csv, master.key, models/, station.ini, box1.ini, box2.ini, sim.ini.
 */
#ifndef GT_PROG_SIM_SITE_H
#define GT_PROG_SIM_SITE_H

#include "base/err.h"
#include "sim/park.h"

#include <limits.h>
#include <stdint.h>
#include <stdio.h>

enum {
    SIM_HOST_MAX = 64,
    /* neighbouring ports from base_port on */
    SIM_PORT_LINES = 0,
    SIM_PORT_UPLINKS = PARK_LINES,
    SIM_PORT_FIELD = SIM_PORT_UPLINKS + PARK_BOXES,
    SIM_PORT_HTTP,
    SIM_PORT_CONTROL,
    SIM_PORTS,
    SIM_BASE_PORT_MAX = 65535 - SIM_PORTS,
};

/** What sim.ini says. */
typedef struct sim_site {
    char host[SIM_HOST_MAX];
    uint16_t lines_port;   /* of line 1, the others follow; 0: any free ones */
    uint16_t uplinks_port; /* where box 1 connects, box 2 at the next; 0 as above */
    char station_host[SIM_HOST_MAX];
    uint16_t station_port;
    uint16_t control_port;
    uint64_t seed;
    uint8_t master[METER_KEY_LEN];
} sim_site;

/**
 * Write the folder, which must exist. Keeps nothing that is there already.
 *
 * @param base_port 1 .. SIM_BASE_PORT_MAX
 * @return NOT_FOUND the models' folder is not beside the program, IO; @p errors has the file
 */
GT_CHECKED gt_err sim_site_write(const char *dir, uint16_t base_port, uint64_t seed, FILE *errors);
/** @return SYNTAX and what config_open says; @p errors names file, line, key and what was expected
 */
GT_CHECKED gt_err sim_site_read(const char *dir, FILE *errors, sim_site *out);

#endif
