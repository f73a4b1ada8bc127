/* What follows from the date: the day's table and its periods, midnights, settlement days, cycles
 * of the tiers, and the times at which spare sets take over. Each is a deadline reckoned from the
 * clock; without a clock there are none, and the flat rate holds. */
#include "meter/meter_priv.h"

#include "meter/settlement.h"

enum {
    MS_MINUTE = 60000,
    MS_HOUR = 3600000,
    MS_DAY = 86400000,
    MINUTES_DAY = 1440,
    HOURS_DAY = 24,
    RETRY_US = 60000000,
    AHEAD_MAX_HOURS = 62 * HOURS_DAY, /* a watermark further ahead was left by a wrong clock */
    SETTLEMENTS_KEPT = 12,
};

static int32_t hour_now(const meter *m, gt_mono now)
{
    return (int32_t)(clock_local_ms(m, now) / MS_HOUR);
}

static void rate_set(meter *m, uint8_t rate, gt_mono now)
{
    if (m->state.rate == rate) {
        return;
    }
    meter_demand_advance(m, now);
    m->state.rate = rate; /* what was used until now stays with the old one: an image follows */
    m->store.dirty = true;
}

/* The rate of this minute, and when the next period or a spare set comes. */
static void turn_find(meter *m, gt_mono now)
{
    const int64_t local_ms = clock_local_ms(m, now);
    const int64_t midnight_ms = local_ms - local_ms % MS_DAY;
    const unsigned minute = (unsigned)(local_ms % MS_DAY / MS_MINUTE);
    rate_set(m, tariff_rate_at(&m->today.day, minute), now);
    const unsigned next = tariff_turn_after(&m->today.day, minute);
    int64_t due_ms = next < MINUTES_DAY ? midnight_ms + (int64_t)next * MS_MINUTE : INT64_MAX;
    for (unsigned p = 0; p < TARIFF_PARTS; p++) {
        const int64_t at_ms = (int64_t)m->state.account.switch_min[p] * MS_MINUTE;
        due_ms = at_ms != 0 && at_ms < due_ms ? at_ms : due_ms;
    }
    m->due[METER_DUE_TARIFF] = due_ms == INT64_MAX ? GT_MONO_NEVER : clock_instant(m, due_ms);
}

static gt_err day_load(meter *m, gt_mono now)
{
    gt_civil date = {0};
    GT_TRY(clock_civil(m, now, &date));
    bool holiday = false;
    GT_TRY(tariff_day_find(m, &date, &m->today.day, &holiday));
    m->today.weekday = (uint8_t)gt_civil_weekday(&date);
    m->today.holiday = holiday;
    return GT_ERR_OK;
}

/* Start of the cycle that the hour lies in. */
static int32_t cycle_start(const meter *m, tariff_cycle cycle, int32_t hour)
{
    gt_civil date = {0};
    if (gt_civil_of_day(hour / HOURS_DAY, &date) != GT_ERR_OK) {
        return INT32_MIN;
    }
    const tariff_tiers *tiers = &m->state.account.tiers;
    const meter_settle_day first = m->state.account.settle[0];
    const bool year = cycle == TARIFF_CYCLE_YEAR;
    const int32_t at_hour = year || first.day == 0 ? 0 : first.hour;
    gt_civil start = {.year = date.year, .month = date.month, .day = first.day};
    start.day = start.day == 0 ? 1 : start.day;
    if (year) {
        start.month = tiers->year_month;
        start.day = tiers->year_day;
    }
    const int32_t begin = gt_civil_day(&start) * HOURS_DAY + at_hour;
    if (begin <= hour) {
        return begin;
    }
    if (year) {
        start.year--;
    } else {
        start.year = (int16_t)(start.year - (start.month == 1 ? 1 : 0));
        start.month = start.month == 1 ? 12 : (uint8_t)(start.month - 1);
    }
    return gt_civil_day(&start) * HOURS_DAY + at_hour;
}

static void cycle_run(meter *m, int32_t *since, gt_energy *used, int32_t start, int32_t hour)
{
    if (start > *since || *since > hour + AHEAD_MAX_HOURS) {
        *since = start;
        used->centikwh = 0;
        m->store.dirty = true;
    }
}

static void cycles_run(meter *m, gt_mono at)
{
    const int32_t hour = hour_now(m, at);
    const tariff_cycle cycle = m->state.account.tiers.cycle;
    cycle_run(m, &m->state.tier_hour, &m->state.tier_used, cycle_start(m, cycle, hour), hour);
    cycle_run(m, &m->state.free_hour, &m->state.free_used, cycle_start(m, TARIFF_CYCLE_MONTH, hour),
              hour);
}

static gt_err part_switch(meter *m, tariff_part part)
{
    meter_account *account = &m->state.account;
    switch (part) {
    case TARIFF_PART_YEAR:
    case TARIFF_PART_DAY:
        account->second_sets ^= (uint8_t)(1U << (unsigned)part);
        break;
    case TARIFF_PART_PRICES:
        GT_TRY(tariff_spare_prices_read(m, account->parameter.price_e4));
        break;
    case TARIFF_PART_TIERS:
        GT_TRY(tariff_spare_tiers_read(m, &account->tiers));
        break;
    }
    account->switch_min[part] = 0;
    m->store.dirty = true;
    return GT_ERR_OK;
}

static gt_err switches_run(meter *m, gt_mono at)
{
    const int64_t minute = clock_local_ms(m, at) / MS_MINUTE;
    for (unsigned p = 0; p < TARIFF_PARTS; p++) {
        const uint32_t due = m->state.account.switch_min[p];
        if (due != 0 && due <= minute) {
            GT_TRY(part_switch(m, (tariff_part)p));
            freeze_switch(m, (tariff_part)p, due);
            event_append(m,
                         (meter_note){.kind = METER_EVENT_TARIFF, .detail = (uint8_t)p, .now = at});
            GT_TRY(day_load(m, at));
            cycles_run(m, at); /* tiers may have brought another cycle */
        }
    }
    return GT_ERR_OK;
}

void calendar_turn(meter *m, gt_mono at)
{
    if (switches_run(m, at) != GT_ERR_OK) {
        m->store.failing = true;
        m->due[METER_DUE_TARIFF].us = at.us + RETRY_US;
        return;
    }
    turn_find(m, at);
}

/* Settlements missed without power are written with the registers as they stood: nothing flowed. */
void calendar_settle(meter *m, gt_mono at)
{
    meter_demand_advance(m, at);
    const int32_t hour = hour_now(m, at);
    int32_t pending = 0;
    for (int32_t h = settlement_after(m->state.account.settle, m->state.settle_hour); h <= hour;
         h = settlement_after(m->state.account.settle, h)) {
        pending++;
    }
    for (int32_t h = settlement_after(m->state.account.settle, m->state.settle_hour); h <= hour;
         h = settlement_after(m->state.account.settle, h), pending--) {
        if (pending <= SETTLEMENTS_KEPT && settlement_write(m, h) != GT_ERR_OK) {
            m->due[METER_DUE_SETTLE].us = at.us + RETRY_US;
            return;
        }
    }
    cycles_run(m, at);
    const int32_t next = settlement_after(m->state.account.settle, hour);
    m->due[METER_DUE_SETTLE] =
        next == INT32_MAX ? GT_MONO_NEVER : clock_instant(m, (int64_t)next * MS_HOUR);
}

/* Without a clock there is no date: the flat rate, and nothing to wait for. */
static void timeless(meter *m, gt_mono now)
{
    m->due[METER_DUE_MIDNIGHT] = GT_MONO_NEVER;
    m->due[METER_DUE_HOUR] = GT_MONO_NEVER;
    m->due[METER_DUE_PROFILE] = GT_MONO_NEVER;
    m->due[METER_DUE_SETTLE] = GT_MONO_NEVER;
    m->due[METER_DUE_TARIFF] = GT_MONO_NEVER;
    m->due[METER_DUE_FRIENDLY] = GT_MONO_NEVER;
    meter_demand_restart(m, now);
    rate_set(m, TARIFF_RATE_FALLBACK, now);
}

void calendar_midnight(meter *m, gt_mono at)
{
    gt_civil date = {0};
    if (clock_civil(m, at, &date) != GT_ERR_OK) {
        meter_demand_advance(m, at);
        m->clock.known = false; /* 2100: this calendar ends, and a clock beyond it is none */
        timeless(m, at);
        return;
    }
    const int32_t frozen = m->state.freeze_day;
    if (freeze_run(m, at) != GT_ERR_OK || day_load(m, at) != GT_ERR_OK) {
        m->due[METER_DUE_MIDNIGHT].us = at.us + RETRY_US;
        return;
    }
    if (m->state.freeze_day != frozen) {
        m->state.account.overload_trips = 0; /* a new day, not a new start on the same */
    }
    cycles_run(m, at);
    turn_find(m, at);
    const int64_t local_ms = clock_local_ms(m, at);
    m->due[METER_DUE_MIDNIGHT] = clock_instant(m, local_ms - local_ms % MS_DAY + MS_DAY);
    supply_friendly(m, at);
}

void calendar_reload(meter *m, gt_mono now)
{
    if (!m->clock.known) {
        return;
    }
    if (day_load(m, now) != GT_ERR_OK) {
        m->store.failing = true; /* until midnight tries again, yesterday's table holds */
    }
    calendar_turn(m, now);
    supply_friendly(m, now);
}

void calendar_recycle(meter *m, gt_mono now)
{
    if (m->clock.known) {
        cycles_run(m, now);
    }
}

void calendar_rebase(meter *m, gt_mono now)
{
    const int32_t hour = hour_now(m, now);
    const int32_t last = m->state.settle_hour;
    if (hour > last || last > hour + AHEAD_MAX_HOURS) {
        m->state.settle_hour = hour;
        m->store.dirty = true;
    }
}

/* New settlement days: what lies behind is settled, and the cycles that run go on to the next. */
void calendar_resettle(meter *m, gt_mono now)
{
    m->store.dirty = true;
    if (m->clock.known) {
        const int32_t hour = hour_now(m, now);
        m->state.settle_hour = hour;
        m->state.tier_hour = hour;
        m->state.free_hour = hour;
        calendar_settle(m, now);
    }
}

void calendar_restart(meter *m, gt_mono now)
{
    if (!m->clock.known) {
        timeless(m, now);
        return;
    }
    meter_demand_restart(m, now);
    m->today.day = m->cfg->schedule; /* until the right one could be read */
    calendar_midnight(m, now);
    if (m->clock.known) {
        freeze_hour_next(m, now);
        profile_next(m, now);
        calendar_settle(m, now);
        calendar_turn(m, now);
    }
}
