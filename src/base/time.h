/**
 * @file time.h
 * @brief Times with a type each: civil records, timers, and the digits on the wire.
 *
 * Layer:   base. No clock is read: `now` is always a parameter.
 * Units:   gt_utc milliseconds since 1970; gt_mono microseconds since any fixed start (Modbus RTU
 *          counts silences in parts of a millisecond); gt_civil as a wall clock shows it.
 */
#ifndef GT_BASE_TIME_H
#define GT_BASE_TIME_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct gt_utc {
    int64_t ms;
} gt_utc;

typedef struct gt_mono {
    int64_t us;
} gt_mono;

/** No deadline. */
#define GT_MONO_NEVER ((gt_mono){.us = INT64_MAX})

typedef struct gt_civil {
    int16_t year;  /* 1970 .. 2099 */
    uint8_t month; /* 1 .. 12 */
    uint8_t day;   /* 1 .. 31 */
    uint8_t hour;  /* 0 .. 23 */
    uint8_t minute;
    uint8_t second;
} gt_civil;

enum { GT_ZONE_CHINA_MIN = 480, GT_ISO_MAX = 25 };

/** A real date of 1970..2099 and a time within the day. */
bool gt_civil_valid(const gt_civil *civil);
/** The same second. */
bool gt_civil_equal(const gt_civil *a, const gt_civil *b);
/** @return RANGE when not valid */
GT_CHECKED gt_err gt_utc_of_civil(const gt_civil *civil, int zone_min, gt_utc *out);
/** @param utc 1970 .. 2099 in that zone, else RANGE */
GT_CHECKED gt_err gt_civil_of_utc(gt_utc utc, int zone_min, gt_civil *out);
/** Days since 1970-01-01 of the civil date. The date must be valid. */
int32_t gt_civil_day(const gt_civil *civil);
/** Midnight of that day number; RANGE outside 1970..2099. */
GT_CHECKED gt_err gt_civil_of_day(int32_t day, gt_civil *out);
/** 0 Sunday .. 6 Saturday, of a valid date. */
unsigned gt_civil_weekday(const gt_civil *civil);
/** "2026-11-21T04:47:03.120Z"; "-" outside 1970..2099. */
void gt_utc_iso(gt_utc utc, char buf[GT_ISO_MAX]);

#endif
