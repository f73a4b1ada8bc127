/* The meter as a whole: power-up, pulses, and the list of what is due when. Everything timed is a
 * deadline, and every public call first works off what was due before its own `now`, in order; so a
 * meter that is called only at its deadlines lives the same life as one stepped every half second.
 */
#include "meter/meter_priv.h"

#include <string.h>

enum {
    SAVE_US = 60000000,
    SAVE_CENTIKWH = 100,
    DEMAND_MIN = 15,
    MS_MINUTE = 60000,
    USE_MAX = 0x7FFFFFFF, /* in one use; more needs an image */
};

static const int64_t us_minute = 60000000;

void meter_credit_due(meter *m, gt_mono now)
{
    if (m->due[METER_DUE_CREDIT].us == INT64_MAX) {
        const int64_t steps = (now.us - m->start.us) / METER_GRID_US + 1;
        m->due[METER_DUE_CREDIT].us = m->start.us + steps * METER_GRID_US;
    }
}

static void factory_state(const meter_config *cfg, meter_state *out)
{
    memset(out, 0, sizeof *out);
    meter_account *account = &out->account;
    account->meter_no = cfg->meter_no;
    account->customer_no = cfg->customer_no;
    account->life = cfg->life;
    account->balance.fen = cfg->opening_fen;
    account->parameter = cfg->parameter;
    account->clock_set_day = METER_DAY_NONE;
    memcpy(account->settle, cfg->settle, sizeof account->settle);
    account->demand_min = cfg->demand_min != 0 ? cfg->demand_min : DEMAND_MIN;
    account->demand_slide_min = cfg->demand_slide_min != 0 ? cfg->demand_slide_min : 1;
    for (unsigned i = 0; i < METER_KEY_PURPOSES; i++) {
        account->guard[i].wrong_day = METER_DAY_NONE;
    }
    out->forward.total.centikwh = cfg->base_centikwh;
    out->rate = TARIFF_RATE_FALLBACK;
    out->tier_hour = INT32_MIN;
    out->free_hour = INT32_MIN;
    out->settle_hour = INT32_MIN;
    out->freeze_day = METER_DAY_NONE;
    out->freeze_hour = INT32_MIN;
    out->freeze_month = METER_DAY_NONE;
}

static gt_err state_find(meter *m, bool *out_first)
{
    const gt_err err = store_load(m);
    *out_first = err == GT_ERR_NOT_FOUND;
    if (err != GT_ERR_NOT_FOUND) {
        return err;
    }
    factory_state(m->cfg, &m->state);
    return store_save(m);
}

static void guards_start(meter *m, gt_mono now)
{
    for (unsigned i = 0; i < METER_KEY_PURPOSES; i++) {
        if (m->state.account.guard[i].wrong != 0) {
            m->due[METER_DUE_UNSUSPEND].us = now.us + meter_day_us;
        }
    }
}

gt_err meter_init(meter *m, const meter_config *cfg, const meter_ports *ports, gt_mono now)
{
    GT_TRY(meter_config_check(cfg));
    if (ports->nvm.size < meter_nvm_size(cfg->profile)) {
        return GT_ERR_RANGE;
    }
    memset(m, 0, sizeof *m);
    m->cfg = cfg;
    m->ports = *ports;
    m->start = now;
    for (unsigned i = 0; i < METER_DUES; i++) {
        m->due[i] = GT_MONO_NEVER;
    }
    m->relay.want_closed = ports->relay.closed(ports->relay.ctx) == GT_RELAY_ALL;
    line_start(m);
    bool first = false;
    GT_TRY(state_find(m, &first));
    if (m->state.forward.carry >= (uint32_t)cfg->constant ||
        m->state.reverse.carry >= (uint32_t)cfg->constant ||
        meter_demand_check(m->state.account.demand_min, m->state.account.demand_slide_min) !=
            GT_ERR_OK) {
        return GT_ERR_CORRUPT; /* the image of a meter with another constant, or of no meter */
    }
    const uint32_t off_s = m->state.stamp_s;
    clock_start(m, now);
    guards_start(m, now);
    GT_TRY(profile_start(m));
    if (m->clock.known && m->state.freeze_day == METER_DAY_NONE) {
        freeze_rebase(&m->state, clock_day(m, now));
        calendar_rebase(m, now);
    }
    calendar_restart(m, now);
    overload_restart(m, now);
    security_start(m, now);
    event_append(m, (meter_note){.kind = METER_EVENT_POWER_ON, .now = now});
    if (!first) {
        incident_add(m, RECORD_POWER_OFF, off_s, 0);
        incident_close(m, RECORD_POWER_OFF, incident_time_s(m, now));
    }
    watch_start(m);
    m->store.dirty = true;
    store_flush(m, now);
    supply_update(m, now);
    relay_start(m, now);
    return GT_ERR_OK;
}

static void energy_charge(meter *m, gt_energy used)
{
    meter_state *s = &m->state;
    if (!meter_life_charges(s->account.life)) {
        return;
    }
    const meter_parameter *p = &s->account.parameter;
    static const tariff_tiers none = {.count = 0};
    const bool money = m->cfg->wallet == METER_WALLET_MONEY;
    const int64_t free_left = (int64_t)p->free_centikwh - s->free_used.centikwh;
    const tariff_meter at = {.tiers = money ? &s->account.tiers : &none,
                             .price_e4 = money ? p->price_e4[s->rate - 1]
                                               : (uint32_t)TARIFF_ENERGY_PRICE_E4,
                             .tier_used = s->tier_used,
                             .free_left.centikwh = free_left > 0 ? free_left : 0};
    const gt_money cost = tariff_cost(&at, used, &s->account.carry_e6);
    s->account.balance.fen -= cost.fen;
    s->tier_used.centikwh += used.centikwh;
    s->free_used.centikwh += used.centikwh;
    const int64_t since_fen = (int64_t)m->use.cost_fen + cost.fen;
    if (since_fen > USE_MAX) {
        m->store.dirty = true;
    } else {
        m->use.cost_fen = (uint32_t)since_fen;
    }
}

static void use_add(meter *m, uint32_t *since, gt_energy used)
{
    const int64_t sum = (int64_t)*since + used.centikwh;
    if (sum > USE_MAX) {
        m->store.dirty = true;
    } else {
        *since = (uint32_t)sum;
        m->store.unsaved_centikwh += (uint32_t)used.centikwh;
    }
}

static void pulses_saved(meter *m, gt_mono now)
{
    if (m->due[METER_DUE_SAVE].us == INT64_MAX) {
        m->due[METER_DUE_SAVE].us = now.us + SAVE_US;
    }
    const bool much = m->store.unsaved_centikwh >= SAVE_CENTIKWH || m->store.dirty;
    if (much && !m->store.failing) {
        store_flush(m, now);
    }
}

static demand_scale scale_of(const meter *m)
{
    const meter_account *a = &m->state.account;
    return (demand_scale){.constant = m->cfg->constant,
                          .slots = (uint8_t)(a->demand_min / a->demand_slide_min),
                          .slide_min = a->demand_slide_min};
}

void meter_demand_restart(meter *m, gt_mono now)
{
    const int64_t slot = meter_demand_slot(m, now);
    demand_restart(&m->demand[0], slot);
    demand_restart(&m->demand[1], slot);
}

int64_t meter_demand_slot(const meter *m, gt_mono now)
{
    const int64_t minute = m->clock.known ? clock_local_ms(m, now) / MS_MINUTE : now.us / us_minute;
    return minute / m->state.account.demand_slide_min;
}

void meter_demand_advance(meter *m, gt_mono now)
{
    const demand_scale scale = scale_of(m);
    const demand_turn turn = {
        .slot = meter_demand_slot(m, now), .dated = m->clock.known, .rate = m->state.rate};
    const bool forward = demand_advance(&m->demand[0], &scale, &turn, &m->state.demand_forward);
    const bool reverse = demand_advance(&m->demand[1], &scale, &turn, &m->state.demand_reverse);
    m->store.peaks = m->store.peaks || forward || reverse;
}

void meter_pulse(meter *m, uint32_t count, gt_mono now)
{
    meter_advance(m, now);
    if (count == 0) {
        return;
    }
    const demand_scale scale = scale_of(m);
    meter_demand_advance(m, now);
    demand_count(&m->demand[0], &scale, count);
    const gt_energy used =
        meter_register_count(&m->state.forward, count, m->cfg->constant, m->state.rate);
    if (used.centikwh > 0) {
        use_add(m, &m->use.forward_centikwh, used);
        energy_charge(m, used);
        if (m->state.account.balance.fen <= m->floor_fen) {
            meter_credit_due(m, now);
        }
    }
    pulses_saved(m, now);
}

void meter_pulse_reverse(meter *m, uint32_t count, gt_mono now)
{
    meter_advance(m, now);
    if (count == 0) {
        return;
    }
    const demand_scale scale = scale_of(m);
    meter_demand_advance(m, now);
    demand_count(&m->demand[1], &scale, count);
    const gt_energy used =
        meter_register_count(&m->state.reverse, count, m->cfg->constant, m->state.rate);
    use_add(m, &m->use.reverse_centikwh, used);
    pulses_saved(m, now);
}

void meter_measure(meter *m, const meter_measurement *measured, gt_mono now)
{
    meter_advance(m, now);
    m->measured = *measured;
    overload_measured(m, now);
    m->profile.measured = true;
    watch_measured(m, now);
}

void meter_button(meter *m, gt_mono now)
{
    meter_advance(m, now);
    supply_button(m, now);
}

void meter_card(meter *m, gt_mono now)
{
    meter_advance(m, now);
    supply_credit(m, CREDIT_EV_BUTTON, now);
    if (m->store.dirty) {
        supply_update(m, now);
    }
}

void meter_power_fail(meter *m, gt_mono now)
{
    meter_demand_advance(m, now); /* intervals that ended and nobody asked for */
    if (m->due[METER_DUE_SAVE].us != INT64_MAX || m->store.dirty || m->store.peaks) {
        store_flush(m, now);
    }
}

gt_mono meter_deadline(const meter *m)
{
    gt_mono at = m->due[0];
    for (unsigned i = 1; i < METER_DUES; i++) {
        at = m->due[i].us < at.us ? m->due[i] : at;
    }
    return at;
}

static void work_off(meter *m, gt_mono at)
{
    static void (*const work[METER_DUES])(meter * m, gt_mono at) = {
#define DUE(symbol, handler) [METER_DUE_##symbol] = (handler),
#include "meter/due.def"
#undef DUE
    };
    unsigned i = 0;
    while (m->due[i].us > at.us) {
        i++;
    }
    work[i](m, at);
    store_settle(m, at);
}

void meter_advance(meter *m, gt_mono now)
{
    for (gt_mono at = meter_deadline(m); at.us <= now.us; at = meter_deadline(m)) {
        work_off(m, at);
    }
}

void meter_tick(meter *m, gt_mono now)
{
    meter_advance(m, now);
}

meter_status meter_status_get(const meter *m, gt_mono now)
{
    const meter_account *a = &m->state.account;
    meter_status status = {.reverse = m->state.reverse.total,
                           .balance = a->balance,
                           .purchase_count = a->guard[METER_KEY_PURCHASE].count,
                           .control_count = a->guard[METER_KEY_CONTROL].count,
                           .parameter_count = a->guard[METER_KEY_PARAMETER].count,
                           .life = a->life,
                           .credit = a->credit,
                           .remote = a->remote,
                           .overload = a->overload,
                           .protected_supply = a->protected_supply,
                           .relay_closed =
                               m->ports.relay.closed(m->ports.relay.ctx) == GT_RELAY_ALL,
                           .fault = m->relay.fault || m->store.failing,
                           .last_result = a->last_result};
    status.energy[0] = m->state.forward.total;
    memcpy(status.energy + 1, m->state.forward.rate, sizeof m->state.forward.rate);
    status.clock_known = meter_clock_utc(m, now, &status.clock) == GT_ERR_OK;
    return status;
}
