/**
 * @file box_run.h
 * @brief A field box on a real loop: sockets, serial lines, clocks and the store around the
 *        concentrator.
 *
 * Layer:   prog.
 */
#ifndef GT_PROG_BOX_RUN_H
#define GT_PROG_BOX_RUN_H

#include "prog/box_config.h"

/** Runs until SIGTERM or SIGINT. Complaints go to standard error. */
GT_CHECKED gt_err box_run(const box_config *cfg, const box_site *site, const char *ready_path);

#endif
