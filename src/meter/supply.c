/* Who may have current: the credit machine and the station's cut are two causes, and the relay
 * closes only when both are gone. Supply protection beats both, but neither forgets meanwhile. */
#include "meter/meter_priv.h"

credit_event supply_level(const meter_state *state)
{
    const credit_limits limits = {.alarm1.fen = state->parameter.alarm1_fen,
                                  .alarm2.fen = state->parameter.alarm2_fen,
                                  .overdraft.fen = state->parameter.overdraft_fen};
    return credit_level(state->balance, &limits);
}

void supply_credit(meter *m, meter_state *next, credit_event event, gt_mono now)
{
    const credit_state to = credit_next(next->credit, event);
    if (to != next->credit) {
        next->credit = to;
        event_append(m, next,
                     (meter_note){.kind = METER_EVENT_CREDIT, .detail = (uint8_t)to, .now = now});
    }
}

void supply_remote(meter *m, meter_state *next, remote_event event, gt_mono now)
{
    const remote_state to = remote_next(next->remote, event);
    if (to != next->remote) {
        next->remote = to;
        event_append(m, next,
                     (meter_note){.kind = METER_EVENT_REMOTE, .detail = (uint8_t)to, .now = now});
    }
}

void supply_update(meter *m, gt_mono now)
{
    const uint32_t events_before = m->state.event_count;
    const credit_event level = supply_level(&m->state);
    supply_credit(m, &m->state, level, now);
    if (m->state.credit == CREDIT_REARM && m->cfg->rearm == METER_REARM_AUTO) {
        supply_credit(m, &m->state, CREDIT_EV_AUTO, now);
        supply_credit(m, &m->state, level, now);
    }
    if (m->state.event_count != events_before) {
        meter_state_save(m, now);
    }
    const bool open = credit_wants_open(m->state.credit) || remote_wants_open(m->state.remote);
    relay_aim(m, m->state.protected_supply || !open, now);
}
