/* The power limit. The sum of the phases as measured is compared; above it the delay runs, then the
 * supply trips, and closes by itself after a while. The trips of a day are counted, and after the
 * last one only the button or an order closes. Without a clock nothing trips. */
#include "meter/meter_priv.h"

enum { US_PER_S = 1000000 };

static void after(meter *m, uint16_t seconds, gt_mono now)
{
    m->due[METER_DUE_OVERLOAD].us = now.us + (int64_t)seconds * US_PER_S;
}

/* What the state waits for. */
static void wait_find(meter *m, gt_mono now)
{
    const meter_power_limit *limit = &m->state.account.parameter.power;
    m->due[METER_DUE_OVERLOAD] = GT_MONO_NEVER;
    switch (m->state.account.overload) {
    case OVERLOAD_COUNTING:
        after(m, limit->delay_s, now);
        break;
    case OVERLOAD_TRIPPED:
        if (limit->return_s != 0) {
            after(m, limit->return_s, now);
        }
        break;
    case OVERLOAD_IDLE:
    case OVERLOAD_LOCKED:
        break;
    }
}

void supply_overload(meter *m, overload_event event, gt_mono now)
{
    const overload_state to = overload_next(m->state.account.overload, event);
    if (to == m->state.account.overload) {
        return;
    }
    const bool noted = overload_wants_open(to) || overload_wants_open(m->state.account.overload);
    m->state.account.overload = to;
    if (noted) {
        m->store.dirty = true;
        event_append(m,
                     (meter_note){.kind = METER_EVENT_OVERLOAD, .detail = (uint8_t)to, .now = now});
    }
    wait_find(m, now);
}

static void step(meter *m, overload_event event, gt_mono now)
{
    const overload_state before = m->state.account.overload;
    supply_overload(m, event, now);
    if (m->state.account.overload != before) {
        supply_update(m, now);
    }
}

void overload_measured(meter *m, gt_mono now)
{
    const meter_power_limit *limit = &m->state.account.parameter.power;
    if (limit->limit_w == 0) {
        return;
    }
    int64_t sum_w = 0;
    for (unsigned i = 0; i < METER_PHASES; i++) {
        sum_w += m->measured.power_w[i];
    }
    const bool over = m->clock.known && sum_w > (int64_t)limit->limit_w;
    step(m, over ? OVERLOAD_EV_OVER : OVERLOAD_EV_UNDER, now);
}

void overload_time(meter *m, gt_mono at)
{
    meter_account *account = &m->state.account;
    m->due[METER_DUE_OVERLOAD] = GT_MONO_NEVER;
    if (account->overload == OVERLOAD_TRIPPED) {
        step(m, OVERLOAD_EV_RETURN, at);
        return;
    }
    if (!m->clock.known) {
        step(m, OVERLOAD_EV_UNDER, at);
        return;
    }
    const uint8_t max = account->parameter.power.trips_max;
    if (account->overload_trips < UINT8_MAX) {
        account->overload_trips++;
    }
    step(m, max != 0 && account->overload_trips >= max ? OVERLOAD_EV_LAST : OVERLOAD_EV_TRIP, at);
}

void overload_restart(meter *m, gt_mono now)
{
    meter_account *account = &m->state.account;
    if (account->parameter.power.limit_w == 0) {
        supply_overload(m, OVERLOAD_EV_OFF, now);
    } else if (account->overload == OVERLOAD_COUNTING) {
        supply_overload(m, OVERLOAD_EV_UNDER, now);
    }
    wait_find(m, now);
}
