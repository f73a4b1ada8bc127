/* The meter's time: a UTC instant pinned to the monotonic clock at start or at setting. While it is
 * not known the meter measures and sells as ever, but counts at the flat rate, writes no freeze,
 * takes no order to cut, and does not cut by itself. */
#include "meter/meter_priv.h"

enum { MS_DAY = 86400000, MS_MINUTE = 60000, US_PER_MS = 1000 };
enum { SET_MAX_MS = 5 * MS_MINUTE, MIDNIGHT_GUARD_MS = 5 * MS_MINUTE, DAYS_OFF_MAX = 3660 };

gt_err meter_clock_utc(const meter *m, gt_mono now, gt_utc *out)
{
    if (!m->clock.known) {
        return GT_ERR_CONFLICT;
    }
    out->ms = m->clock.base.ms + (now.us - m->clock.since.us) / US_PER_MS;
    return GT_ERR_OK;
}

int64_t clock_local_ms(const meter *m, gt_mono now)
{
    return m->clock.base.ms + (now.us - m->clock.since.us) / US_PER_MS +
           (int64_t)m->cfg->zone_min * MS_MINUTE;
}

gt_mono clock_instant(const meter *m, int64_t local_ms)
{
    if (!m->clock.known) {
        return GT_MONO_NEVER;
    }
    const int64_t at_base = m->clock.base.ms + (int64_t)m->cfg->zone_min * MS_MINUTE;
    return (gt_mono){.us = m->clock.since.us + (local_ms - at_base) * US_PER_MS};
}

gt_err clock_civil(const meter *m, gt_mono now, gt_civil *out)
{
    gt_utc utc = {0};
    GT_TRY(meter_clock_utc(m, now, &utc));
    return gt_civil_of_utc(utc, m->cfg->zone_min, out);
}

int32_t clock_day(const meter *m, gt_mono now)
{
    return m->clock.known ? (int32_t)(clock_local_ms(m, now) / MS_DAY) : METER_DAY_NONE;
}

/* A clock chip that reads before the last freeze, or years after it, is not believed. */
void clock_start(meter *m, gt_mono now)
{
    gt_utc utc = {0};
    gt_civil civil = {0};
    m->clock.known = false;
    if (m->ports.rtc.read(m->ports.rtc.ctx, &utc) &&
        gt_civil_of_utc(utc, m->cfg->zone_min, &civil) == GT_ERR_OK) {
        const int32_t last = m->state.freeze_day;
        const int32_t day = gt_civil_day(&civil);
        m->clock.known = last == METER_DAY_NONE || (day >= last && day - last <= DAYS_OFF_MAX);
        m->clock.base = utc;
        m->clock.since = now;
    }
}

static bool near_midnight(int64_t ms)
{
    const int64_t of_day = ms % MS_DAY;
    return of_day < MIDNIGHT_GUARD_MS || of_day > MS_DAY - MIDNIGHT_GUARD_MS;
}

static bool change_allowed(const meter *m, gt_utc wanted, gt_mono now)
{
    const int64_t old_ms = clock_local_ms(m, now);
    const int64_t new_ms = wanted.ms + (int64_t)m->cfg->zone_min * MS_MINUTE;
    const int64_t change_ms = new_ms > old_ms ? new_ms - old_ms : old_ms - new_ms;
    return change_ms <= SET_MAX_MS && !near_midnight(old_ms) && !near_midnight(new_ms) &&
           m->state.account.clock_set_day != clock_day(m, now);
}

/* A clock that was not known, or goes to another day, leaves nobody knowing what the registers
 * showed at the midnights between. */
static void move(meter *m, gt_utc wanted, int32_t day, gt_mono now)
{
    meter_demand_advance(m, now);
    const bool rebase = !m->clock.known || clock_day(m, now) != day;
    m->clock.base = wanted;
    m->clock.since = now;
    m->clock.known = true;
    if (rebase) {
        freeze_rebase(&m->state, day);
        calendar_rebase(m, now);
    }
    m->ports.rtc.write(m->ports.rtc.ctx, wanted);
    calendar_restart(m, now);
    meter_credit_due(m, now);
}

static gt_err set(meter *m, const gt_civil *civil, gt_utc wanted, gt_mono now)
{
    const meter_account before = m->state.account;
    const int32_t day = gt_civil_day(civil);
    m->state.account.clock_set_day = day;
    event_append(m, (meter_note){.kind = METER_EVENT_CLOCK_SET, .now = now});
    incident_point(m, RECORD_TIME_SET, (uint32_t)(wanted.ms / 1000), now);
    GT_TRY(order_commit(m, &before, now));
    move(m, wanted, day, now);
    return GT_ERR_OK;
}

gt_err clock_set(meter *m, const gt_civil *civil, gt_mono now)
{
    gt_utc wanted = {0};
    GT_TRY(gt_utc_of_civil(civil, m->cfg->zone_min, &wanted));
    if (m->clock.known && !change_allowed(m, wanted, now)) {
        return GT_ERR_REFUSED;
    }
    return set(m, civil, wanted, now);
}

gt_err clock_force(meter *m, const gt_civil *civil, gt_mono now)
{
    gt_utc wanted = {0};
    GT_TRY(gt_utc_of_civil(civil, m->cfg->zone_min, &wanted));
    GT_TRY(order_life(m, METER_ACT_CLOCK));
    return set(m, civil, wanted, now);
}
