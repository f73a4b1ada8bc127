/**
 * @file freeze.h
 * @brief Registers set aside: on command, each hour, and when a spare set of the tariff takes over.
 *
 * Layer:   meter.
 * Source:  DL/T 645-2007, table A.6: 3 on command, 254 hours, 2 of each kind of switching.
 * Midnights and months are RECORD_DAILY and RECORD_MONTHLY, in registers as modbus_map.def says.
 */
#ifndef GT_METER_FREEZE_H
#define GT_METER_FREEZE_H

#include "meter/state.h"

struct meter;

typedef struct meter_freeze {
    uint32_t at_min; /* civil minute since 1970; 0 while the clock is not known */
    gt_energy forward[1 + METER_RATES];
    gt_energy reverse[1 + METER_RATES];
    gt_money balance;
    int32_t power_w[METER_PHASES];
    int32_t reactive_var[METER_PHASES];
} meter_freeze;

/** RECORD_INSTANT. @return IO */
GT_CHECKED gt_err meter_freeze_now(struct meter *m, gt_mono now);
/**
 * @param class  RECORD_INSTANT, RECORD_SWITCH_*, or RECORD_HOURLY, of which only the totals and the
 *               balance are kept: the rest is zero
 * @param back   0 is the newest
 * @return NOT_FOUND, CORRUPT, IO
 */
GT_CHECKED gt_err meter_freeze_get(const struct meter *m, record_class class, uint32_t back,
                                   meter_freeze *out);

#endif
