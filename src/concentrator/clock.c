/* The box's wall clock: one offset, and whether anybody vouches for it. */
#include "concentrator/clock.h"

gt_utc box_clock_utc(const box_clock *clock, gt_utc system)
{
    return (gt_utc){.ms = system.ms + clock->offset_ms};
}

gt_err box_clock_local(const box_clock *clock, gt_utc system, gt_civil *out)
{
    return gt_civil_of_utc(box_clock_utc(clock, system), clock->zone_min, out);
}

gt_err box_clock_set(box_clock *clock, gt_utc system, const gt_civil *local)
{
    gt_utc utc;
    if (local->year < BOX_CLOCK_YEAR_MIN) {
        return GT_ERR_RANGE;
    }
    GT_TRY(gt_utc_of_civil(local, clock->zone_min, &utc));
    clock->offset_ms = utc.ms - system.ms;
    clock->trusted = true;
    return GT_ERR_OK;
}

bool box_clock_broadcast_due(const box_clock *clock, const gt_civil *local)
{
    const int minute = local->hour * 60 + local->minute;
    return clock->trusted && minute >= BOX_BROADCAST_HOUR * 60 + BOX_BROADCAST_MINUTE &&
           local->hour <= BOX_BROADCAST_LAST_HOUR;
}
