/**
 * @file park_priv.h
 * @brief What park.c and park_command.c share.
 *
 * Layer:   sim, private.
 */
#ifndef GT_SIM_PARK_PRIV_H
#define GT_SIM_PARK_PRIV_H

#include "sim/park.h"

/** A line knows its park and which meter has which unit. */
typedef struct park_line {
    park *park;
    sim_line line;
    uint16_t first; /* meter of unit 1 */
    uint16_t count;
} park_line;

struct park {
    park_cfg cfg;
    gt_mono start;
    gt_mono due; /* soonest deadline of the plants, in the wire's time */
    park_line line[PARK_LINES];
    plant plant[PARK_METERS];
};

/** The wire's time as the meters live it. */
gt_mono park_meter_time(const park *p, gt_mono now);

#endif
