/**
 * @file tariff.h
 * @brief Which rate holds at a minute of the day.
 *
 * Layer:   meter. Pure.
 */
#ifndef GT_METER_TARIFF_H
#define GT_METER_TARIFF_H

#include "meter/config.h"

#include <stdint.h>

enum { TARIFF_RATE_FALLBACK = 3 }; /* flat: while the clock is not known */

/** @return RANGE  no period, too many, not rising, or a minute or rate outside its range */
GT_CHECKED gt_err tariff_schedule_check(const tariff_schedule *schedule);
/** @param minute 0 .. 1439. @return 1 .. METER_RATES */
uint8_t tariff_rate_at(const tariff_schedule *schedule, unsigned minute);

#endif
