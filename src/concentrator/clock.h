/**
 * @file clock.h
 * @brief The box's own wall clock: the system's, corrected by the station.
 *
 * Layer:   concentrator. Pure.
 * A box in a cabinet may start with a clock that lost its battery. What the station has set since
 * the start is trusted, and only a trusted clock is passed on to the meters.
 */
#ifndef GT_CONCENTRATOR_CLOCK_H
#define GT_CONCENTRATOR_CLOCK_H

#include "base/time.h"

#include <stdbool.h>

enum {
    BOX_CLOCK_YEAR_MIN = 2024, /* an earlier time is a fault of the sender */
    BOX_BROADCAST_HOUR = 3,    /* meters are set daily at or after 03:30, far from midnight */
    BOX_BROADCAST_MINUTE = 30,
    BOX_BROADCAST_LAST_HOUR = 21, /* later than 22:00 waits for the next day */
};

typedef struct box_clock {
    int zone_min;
    int64_t offset_ms; /* to add to the system's clock */
    bool trusted;      /* set by the station since the start */
} box_clock;

gt_utc box_clock_utc(const box_clock *clock, gt_utc system);
/** The wall clock in the box's zone; RANGE when the system's clock is beyond 1970..2099. */
GT_CHECKED gt_err box_clock_local(const box_clock *clock, gt_utc system, gt_civil *out);
/**
 * The station says what time it is.
 * @return RANGE  no real date and time, or before BOX_CLOCK_YEAR_MIN; nothing changes
 */
GT_CHECKED gt_err box_clock_set(box_clock *clock, gt_utc system, const gt_civil *local);
/** May meters be told the time now: trusted, and at an hour where no freeze is near? */
bool box_clock_broadcast_due(const box_clock *clock, const gt_civil *local);

#endif
