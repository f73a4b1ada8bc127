/**
 * @file sim_run.h
 * @brief The simulated park on a real loop: lines behind TCP ports or pseudo-terminals, the network
 *        between boxes and station, the control port.
 *
 * Layer:   prog.
 */
#ifndef GT_PROG_SIM_RUN_H
#define GT_PROG_SIM_RUN_H

#include "prog/sim_site.h"
#include "sim/network.h"

enum { SIM_FAULTS_MAX = 32 };

typedef struct sim_options {
    sim_site site;
    const char *pty_dir; /* NULL: TCP ports; else links line01 .. line12 to pseudo-terminals */
    const char *ready_path;
    uint32_t speed;
    network_cfg network;
    size_t fault_count;
    const char *fault[SIM_FAULTS_MAX];
} sim_options;

/** Runs until SIGTERM or SIGINT. Complaints go to standard error. */
GT_CHECKED gt_err sim_run(const sim_options *options);

#endif
