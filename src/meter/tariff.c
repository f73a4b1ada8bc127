/* A day is a ring of periods, a year one of zones: before the first start the last one still holds.
 */
#include "meter/tariff.h"

enum { MINUTES_PER_DAY = 1440, YEAR_MAX = 99, YEAR_LEAP = 2000 };

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

static bool date_good(int year, unsigned month, unsigned day)
{
    const gt_civil date = {.year = (int16_t)year, .month = (uint8_t)month, .day = (uint8_t)day};
    return gt_civil_valid(&date);
}

static unsigned rank(const tariff_zone *zone)
{
    return zone->month * 100U + zone->day;
}

gt_err tariff_year_check(const tariff_year *year)
{
    if (year->count == 0 || year->count > TARIFF_ZONES_MAX) {
        return GT_ERR_RANGE;
    }
    for (unsigned i = 0; i < year->count; i++) {
        const tariff_zone *zone = &year->zone[i];
        const bool rising = i == 0 || rank(zone) > rank(&year->zone[i - 1]);
        if (!rising || !date_good(YEAR_LEAP, zone->month, zone->day) || zone->table < 1 ||
            zone->table > TARIFF_TABLES) {
            return GT_ERR_RANGE;
        }
    }
    return GT_ERR_OK;
}

gt_err tariff_week_check(const tariff_week *week)
{
    return week->rest_days <= 0x7F && week->table <= TARIFF_TABLES ? GT_ERR_OK : GT_ERR_RANGE;
}

gt_err tariff_holiday_check(const tariff_holiday *holiday)
{
    if (holiday->table == 0) {
        return GT_ERR_OK;
    }
    const bool good = holiday->table <= TARIFF_TABLES && holiday->year <= YEAR_MAX &&
                      date_good(YEAR_LEAP + holiday->year, holiday->month, holiday->day);
    return good ? GT_ERR_OK : GT_ERR_RANGE;
}

gt_err tariff_tiers_check(const tariff_tiers *tiers)
{
    bool good =
        tiers->count <= TARIFF_TIERS_MAX && (unsigned)tiers->cycle <= (unsigned)TARIFF_CYCLE_YEAR;
    if (tiers->count > 0 && tiers->cycle == TARIFF_CYCLE_YEAR) {
        good = good && date_good(YEAR_LEAP + 1, tiers->year_month, tiers->year_day);
    }
    for (unsigned i = 0; good && i < tiers->count; i++) {
        good = tiers->price_e4[i] <= TARIFF_PRICE_MAX_E4;
        if (i > 0 && i + 1U < tiers->count) {
            good = good && tiers->upto_centikwh[i] > tiers->upto_centikwh[i - 1];
        }
    }
    return good ? GT_ERR_OK : GT_ERR_RANGE;
}

uint8_t tariff_rate_at(const tariff_schedule *schedule, unsigned minute)
{
    uint8_t rate = schedule->period[schedule->count - 1].rate;
    for (unsigned i = 0; i < schedule->count && schedule->period[i].start_min <= minute; i++) {
        rate = schedule->period[i].rate;
    }
    return rate;
}

unsigned tariff_turn_after(const tariff_schedule *schedule, unsigned minute)
{
    for (unsigned i = 0; i < schedule->count; i++) {
        if (schedule->period[i].start_min > minute) {
            return schedule->period[i].start_min;
        }
    }
    return MINUTES_PER_DAY;
}

uint8_t tariff_zone_at(const tariff_year *year, unsigned month, unsigned day)
{
    const tariff_zone date = {.month = (uint8_t)month, .day = (uint8_t)day};
    uint8_t table = year->zone[year->count - 1].table;
    for (unsigned i = 0; i < year->count && rank(&year->zone[i]) <= rank(&date); i++) {
        table = year->zone[i].table;
    }
    return table;
}

unsigned tariff_tier_at(const tariff_tiers *tiers, gt_energy used, int64_t *out_room)
{
    for (unsigned i = 0; i + 1U < tiers->count; i++) {
        const int64_t room = (int64_t)tiers->upto_centikwh[i] - used.centikwh;
        if (room > 0) {
            *out_room = room;
            return i;
        }
    }
    *out_room = INT64_MAX;
    return tiers->count > 0 ? tiers->count - 1U : 0;
}

static int64_t lesser(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

gt_money tariff_cost(const tariff_meter *at, gt_energy used, int32_t *carry_e6)
{
    gt_money sum = {0};
    int64_t done = lesser(used.centikwh, at->free_left.centikwh);
    while (done < used.centikwh) {
        int64_t room = 0;
        const gt_energy before = {.centikwh = at->tier_used.centikwh + done};
        const unsigned tier = tariff_tier_at(at->tiers, before, &room);
        const uint32_t extra_e4 = at->tiers->count > 0 ? at->tiers->price_e4[tier] : 0;
        const gt_price price = {.e4 = (int32_t)(at->price_e4 + extra_e4)};
        const gt_energy step = {.centikwh = lesser(used.centikwh - done, room)};
        gt_money cost = {0};
        const gt_err err = gt_energy_cost(step, price, carry_e6, &cost);
        GT_ASSERT(err == GT_ERR_OK); /* prices are bounded so that no count of pulses overflows */
        sum.fen += cost.fen;
        done += step.centikwh;
    }
    return sum;
}
