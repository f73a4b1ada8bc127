/* A day is a ring of periods: before the first start the last period of the day still holds. */
#include "meter/tariff.h"

enum { MINUTES_PER_DAY = 1440 };

gt_err tariff_schedule_check(const tariff_schedule *schedule)
{
    if (schedule->count == 0 || schedule->count > METER_PERIODS_MAX) {
        return GT_ERR_RANGE;
    }
    for (unsigned i = 0; i < schedule->count; i++) {
        const tariff_period *period = &schedule->period[i];
        const bool rising = i == 0 || period->start_min > schedule->period[i - 1].start_min;
        if (!rising || period->start_min >= MINUTES_PER_DAY || period->rate < 1 ||
            period->rate > METER_RATES) {
            return GT_ERR_RANGE;
        }
    }
    return GT_ERR_OK;
}

uint8_t tariff_rate_at(const tariff_schedule *schedule, unsigned minute)
{
    uint8_t rate = schedule->period[schedule->count - 1].rate;
    for (unsigned i = 0; i < schedule->count && schedule->period[i].start_min <= minute; i++) {
        rate = schedule->period[i].rate;
    }
    return rate;
}
