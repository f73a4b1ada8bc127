/**
 * @file demand.h
 * @brief Demand: the mean power of a sliding interval, and the highest of each rate with its time.
 *
 * Layer:   meter. Pure.
 * The window is evaluated only when pulses come or somebody looks: between pulses its mean can only
 * fall, so nothing is missed, and a meter without load needs no deadline.
 */
#ifndef GT_METER_DEMAND_H
#define GT_METER_DEMAND_H

#include "meter/tariff.h"

#include <stdint.h>

enum { DEMAND_SLOTS_MAX = 30 };

typedef struct demand_peak {
    uint32_t e4_kw;  /* 0.0001 kW; 0: none yet */
    uint32_t at_min; /* minutes since 1970, civil; 0 while the clock is not known */
} demand_peak;

/** The highest since the last settlement: [0] of all, then of each rate. */
typedef struct demand_peaks {
    demand_peak at[1 + METER_RATES];
} demand_peaks;

typedef struct demand_window {
    int64_t slot;                      /* number of the slot being filled */
    uint32_t pulses[DEMAND_SLOTS_MAX]; /* the last slots of one interval, by number */
    uint32_t sum;
    uint32_t e4_kw; /* of the last whole interval */
} demand_window;

/** What turns pulses into demand. */
typedef struct demand_scale {
    uint16_t constant;
    uint8_t slots; /* of one interval */
    uint8_t slide_min;
} demand_scale;

/** Empty, from that slot on. */
void demand_restart(demand_window *window, int64_t slot);
void demand_count(demand_window *window, const demand_scale *scale, uint32_t pulses);

typedef struct demand_turn {
    int64_t slot; /* time in slides of the window: minutes since 1970, or of running, / slide_min */
    bool dated;   /* of civil time */
    uint8_t rate; /* that held all the time since the last call, 1 .. METER_RATES */
} demand_turn;

/** Go on to a slot; each slot passed ends an interval. @return a peak was raised */
bool demand_advance(demand_window *window, const demand_scale *scale, const demand_turn *turn,
                    demand_peaks *peaks);

#endif
