/**
 * @file settlement.h
 * @brief Settlement days: registers and demand set aside up to three times a month, twelve kept.
 *
 * Layer:   meter.
 */
#ifndef GT_METER_SETTLEMENT_H
#define GT_METER_SETTLEMENT_H

#include "meter/state.h"

struct meter;

typedef struct meter_settlement {
    int32_t hour; /* civil hour since 1970 */
    gt_energy forward[1 + METER_RATES];
    gt_energy reverse[1 + METER_RATES];
    gt_money balance;
    demand_peaks demand_forward; /* since the settlement before */
    demand_peaks demand_reverse;
} meter_settlement;

/** @param back 0 is the newest. @return NOT_FOUND, CORRUPT, IO */
GT_CHECKED gt_err meter_settlement_get(const struct meter *m, uint32_t back, meter_settlement *out);

/** The next settlement after that civil hour; all days 0 is the first of each month at 0. */
int32_t settlement_after(const meter_settle_day settle[METER_SETTLE_DAYS], int32_t hour);
/** Set the registers aside under that hour, and begin a new round of demand. @return IO */
GT_CHECKED gt_err settlement_write(struct meter *m, int32_t hour);

#endif
