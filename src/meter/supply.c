/* Who may have current: debt, the station's cut and too much power are three causes, and the relay
 * closes only when all are gone. Supply protection beats them, but none forgets meanwhile. While
 * the clock is not known, and in friendly hours, nothing new opens the relay for debt. */
#include "meter/meter_priv.h"

enum { MS_MINUTE = 60000, MS_DAY = 86400000, MINUTES_DAY = 1440 };

static int64_t overdraft_fen(const meter_account *account)
{
    const meter_parameter *p = &account->parameter;
    return (int64_t)p->overdraft_fen + (account->emergency ? p->emergency_fen : 0);
}

credit_event supply_level(const meter_account *account)
{
    const credit_limits limits = {.alarm1.fen = account->parameter.alarm1_fen,
                                  .alarm2.fen = account->parameter.alarm2_fen,
                                  .overdraft.fen = overdraft_fen(account)};
    return credit_level(account->balance, &limits);
}

static unsigned minute_of_day(const meter *m, gt_mono now)
{
    return (unsigned)(clock_local_ms(m, now) % MS_DAY / MS_MINUTE);
}

bool supply_is_friendly(const meter *m, gt_mono now)
{
    const meter_parameter *p = &m->state.account.parameter;
    if (((unsigned)p->friendly_days >> m->today.weekday & 1U) != 0 ||
        (p->friendly_holidays && m->today.holiday)) {
        return true;
    }
    const unsigned minute = minute_of_day(m, now);
    return p->friendly_from <= p->friendly_to
               ? minute >= p->friendly_from && minute < p->friendly_to
               : minute >= p->friendly_from || minute < p->friendly_to;
}

/* What the level of the balance means to the credit machine now. */
static credit_event level_event(const meter *m, credit_event level, gt_mono now)
{
    const meter_account *account = &m->state.account;
    const bool may_cut = m->clock.known && !supply_is_friendly(m, now);
    if (level == CREDIT_EV_LIMIT_HIT) {
        return may_cut ? level : CREDIT_EV_BALANCE_ZERO;
    }
    if (account->credit == CREDIT_CUT && account->balance.fen <= account->parameter.permit_fen) {
        return CREDIT_EV_BALANCE_ZERO;
    }
    if (level != CREDIT_EV_BALANCE_LOW2 || m->cfg->alarm2 == METER_ALARM2_SHOW) {
        return level;
    }
    const bool fresh = account->credit == CREDIT_NORMAL || account->credit == CREDIT_LOW1;
    return fresh && !may_cut ? CREDIT_EV_BALANCE_LOW1 : CREDIT_EV_BALANCE_WARN;
}

void supply_credit(meter *m, credit_event event, gt_mono now)
{
    meter_account *account = &m->state.account;
    const credit_state from = account->credit;
    account->credit = credit_next(from, event);
    if (from == CREDIT_REARM && supply_level(account) == CREDIT_EV_BALANCE_LOW2) {
        /* whoever was just cut off needs no warning by a cut */
        account->credit = credit_next(account->credit, CREDIT_EV_BALANCE_LOW2);
    }
    if (account->credit != from) {
        m->store.dirty = true;
        event_append(m, (meter_note){.kind = METER_EVENT_CREDIT,
                                     .detail = (uint8_t)account->credit,
                                     .now = now});
    }
}

void supply_remote(meter *m, remote_event event, gt_mono now)
{
    const remote_state to = remote_next(m->state.account.remote, event);
    if (to != m->state.account.remote) {
        m->state.account.remote = to;
        m->store.dirty = true;
        event_append(m,
                     (meter_note){.kind = METER_EVENT_REMOTE, .detail = (uint8_t)to, .now = now});
    }
}

/* The balance only falls by consumption; down to here it stays in its band. */
static int64_t band_floor(const meter_account *account, credit_event level)
{
    switch (level) {
    case CREDIT_EV_BALANCE_OK:
        return account->parameter.alarm1_fen;
    case CREDIT_EV_BALANCE_LOW1:
        return account->parameter.alarm2_fen;
    case CREDIT_EV_BALANCE_LOW2:
        return 0;
    case CREDIT_EV_BALANCE_ZERO:
        return -overdraft_fen(account);
    case CREDIT_EV_LIMIT_HIT:
    case CREDIT_EV_BUTTON:
    case CREDIT_EV_AUTO:
    case CREDIT_EV_CLOSE:
    case CREDIT_EV_BALANCE_WARN:
    case CREDIT_EV_EMERGENCY:
        break;
    }
    return INT64_MIN;
}

static void credit_run(meter *m, gt_mono now)
{
    meter_account *account = &m->state.account;
    if (!meter_life_charges(account->life)) {
        account->credit = CREDIT_NORMAL;
        incident_end(m, RECORD_OVERDRAFT, now);
        m->floor_fen = INT64_MIN;
        return;
    }
    if (account->emergency && account->balance.fen > 0) {
        account->emergency = false; /* repaid; it may be taken again */
        m->store.dirty = true;
    }
    const credit_event level = supply_level(account);
    if (level == CREDIT_EV_BALANCE_ZERO || level == CREDIT_EV_LIMIT_HIT) {
        incident_begin(m, RECORD_OVERDRAFT, 0, now);
    } else {
        incident_end(m, RECORD_OVERDRAFT, now);
    }
    supply_credit(m, level_event(m, level, now), now);
    if (account->credit == CREDIT_REARM && m->cfg->rearm == METER_REARM_AUTO) {
        supply_credit(m, CREDIT_EV_AUTO, now);
        supply_credit(m, level_event(m, level, now), now);
    }
    m->floor_fen = band_floor(account, level);
}

void supply_update(meter *m, gt_mono now)
{
    m->due[METER_DUE_CREDIT] = GT_MONO_NEVER;
    credit_run(m, now);
    store_settle(m, now);
    const meter_account *account = &m->state.account;
    const bool open = credit_wants_open(account->credit) || remote_wants_open(account->remote) ||
                      overload_wants_open(account->overload);
    relay_aim(m, account->protected_supply || !open, now);
}

void supply_button(meter *m, gt_mono now)
{
    supply_credit(m, CREDIT_EV_BUTTON, now);
    supply_remote(m, REMOTE_EV_BUTTON, now);
    supply_overload(m, OVERLOAD_EV_BUTTON, now);
    if (m->store.dirty) {
        supply_update(m, now);
    }
}

void supply_friendly(meter *m, gt_mono at)
{
    m->due[METER_DUE_FRIENDLY] = GT_MONO_NEVER;
    const meter_parameter *p = &m->state.account.parameter;
    if (!m->clock.known) {
        return;
    }
    if (p->friendly_from != p->friendly_to) {
        const unsigned minute = minute_of_day(m, at);
        const int64_t local_ms = clock_local_ms(m, at);
        const int64_t midnight_ms = local_ms - local_ms % MS_DAY;
        unsigned next = MINUTES_DAY; /* midnight comes here by itself */
        next = p->friendly_from > minute ? p->friendly_from : next;
        next = p->friendly_to > minute && p->friendly_to < next ? p->friendly_to : next;
        if (next < MINUTES_DAY) {
            m->due[METER_DUE_FRIENDLY] = clock_instant(m, midnight_ms + (int64_t)next * MS_MINUTE);
        }
    }
    meter_credit_due(m, at);
}

gt_err meter_emergency(meter *m, gt_mono now)
{
    meter_advance(m, now);
    meter_account *account = &m->state.account;
    const meter_account before = *account;
    if (account->emergency || account->parameter.emergency_fen == 0) {
        return GT_ERR_REFUSED;
    }
    GT_TRY(order_life(m, METER_ACT_EMERGENCY));
    account->emergency = true;
    if (account->balance.fen > 0 || supply_level(account) == CREDIT_EV_LIMIT_HIT) {
        *account = before;
        return GT_ERR_CONFLICT; /* there is still money, or the debt is beyond even this */
    }
    event_append(m, (meter_note){.kind = METER_EVENT_EMERGENCY, .now = now});
    supply_credit(m, CREDIT_EV_EMERGENCY, now);
    GT_TRY(order_commit(m, &before, now));
    supply_update(m, now);
    return GT_ERR_OK;
}
