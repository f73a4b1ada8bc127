/* The meter as a whole: power-up, pulses, and the list of what is due when. Everything timed is a
 * deadline, and every public call first works off what was due before its own `now`, in order; so a
 * meter that is called only at its deadlines lives the same life as one stepped every half second.
 */
#include "meter/meter_priv.h"

#include "codec/modbus/frame.h"
#include "meter/tariff.h"

#include <string.h>

enum {
    SAVE_US = 60000000,
    SAVE_CENTIKWH = 100,
    SAVE_RETRY_US = 10000000,
    FREEZE_RETRY_US = 60000000
};

static_assert((int)METER_FRAME_MAX == (int)MODBUS_ADU_MAX, "a frame fits its buffer");

void meter_state_save(meter *m, gt_mono now)
{
    if (store_save(m, &m->state) == GT_ERR_OK) {
        m->unsaved_centikwh = 0;
        m->due.save = GT_MONO_NEVER;
    } else {
        m->due.save.us = now.us + SAVE_RETRY_US;
    }
}

void meter_credit_due(meter *m, gt_mono now)
{
    if (m->due.credit.us == INT64_MAX) {
        const int64_t steps = (now.us - m->due.start.us) / METER_GRID_US + 1;
        m->due.credit.us = m->due.start.us + steps * METER_GRID_US;
    }
}

static meter_state factory_state(const meter_config *cfg)
{
    meter_state s = {.parameter = cfg->parameter,
                     .freeze_day = METER_DAY_NONE,
                     .freeze_month = METER_DAY_NONE,
                     .clock_set_day = METER_DAY_NONE};
    s.reg.total.centikwh = cfg->base_centikwh;
    s.balance.fen = cfg->opening_fen;
    for (unsigned i = 0; i < METER_KEY_PURPOSES; i++) {
        s.guard[i].wrong_day = METER_DAY_NONE;
    }
    return s;
}

static gt_err state_find(meter *m)
{
    const gt_err err = store_load(m);
    if (err != GT_ERR_NOT_FOUND) {
        return err;
    }
    const meter_state fresh = factory_state(m->cfg);
    GT_TRY(store_save(m, &fresh));
    m->state = fresh;
    return GT_ERR_OK;
}

static void guards_start(meter *m, gt_mono now)
{
    for (unsigned i = 0; i < METER_KEY_PURPOSES; i++) {
        if (m->state.guard[i].wrong != 0) {
            m->due.unsuspend.us = now.us + meter_day_us;
        }
    }
}

static void midnight(meter *m, gt_mono now)
{
    if (freeze_run(m, now) == GT_ERR_OK) {
        clock_midnight_find(m, now);
    } else {
        m->clock.midnight.us = now.us + FREEZE_RETRY_US;
    }
}

gt_err meter_init(meter *m, const meter_config *cfg, const meter_ports *ports, gt_mono now)
{
    GT_TRY(meter_config_check(cfg));
    if (ports->nvm.size < METER_NVM_SIZE) {
        return GT_ERR_RANGE;
    }
    memset(m, 0, sizeof *m);
    m->cfg = cfg;
    m->ports = *ports;
    m->due.start = now;
    m->due.credit = GT_MONO_NEVER;
    m->due.save = GT_MONO_NEVER;
    m->due.unsuspend = GT_MONO_NEVER;
    m->relay.check = GT_MONO_NEVER;
    m->relay.want_closed = ports->relay.closed(ports->relay.ctx) == GT_RELAY_ALL;
    GT_TRY(state_find(m));
    if (m->state.reg.carry >= (uint32_t)cfg->constant) {
        return GT_ERR_CORRUPT; /* the image of a meter with another constant */
    }
    clock_start(m, now);
    guards_start(m, now);
    if (m->clock.known && m->state.freeze_day == METER_DAY_NONE) {
        freeze_rebase(&m->state, clock_day(m, now));
    }
    midnight(m, now);
    event_append(m, &m->state, (meter_note){.kind = METER_EVENT_POWER_ON, .now = now});
    meter_state_save(m, now);
    supply_update(m, now);
    return GT_ERR_OK;
}

static void energy_charge(meter *m, gt_energy used, uint8_t rate, gt_mono now)
{
    gt_money cost = {0};
    const gt_price price = {.e4 = (int32_t)m->state.parameter.price_e4[rate - 1]};
    const gt_err err = gt_energy_cost(used, price, &m->state.carry_e6, &cost);
    GT_ASSERT(err == GT_ERR_OK); /* meter_parameter_check bounds the price for it */
    m->state.balance.fen -= cost.fen;
    m->unsaved_centikwh += (uint32_t)used.centikwh;
    meter_credit_due(m, now);
}

void meter_pulse(meter *m, uint32_t count, gt_mono now)
{
    meter_advance(m, now);
    if (count == 0) {
        return;
    }
    const uint8_t rate = clock_rate(m, now);
    const gt_energy used = meter_register_count(&m->state.reg, count, m->cfg->constant, rate);
    if (used.centikwh > 0) {
        energy_charge(m, used, rate, now);
    }
    if (m->due.save.us == INT64_MAX) {
        m->due.save.us = now.us + SAVE_US;
    }
    if (m->unsaved_centikwh >= SAVE_CENTIKWH && !m->store.failing) {
        meter_state_save(m, now);
    }
}

void meter_measure(meter *m, const meter_measurement *measured)
{
    m->measured = *measured;
}

void meter_button(meter *m, gt_mono now)
{
    meter_advance(m, now);
    const uint32_t events_before = m->state.event_count;
    supply_credit(m, &m->state, CREDIT_EV_BUTTON, now);
    supply_remote(m, &m->state, REMOTE_EV_BUTTON, now);
    if (m->state.event_count != events_before) {
        meter_state_save(m, now);
        supply_update(m, now);
    }
}

void meter_power_fail(meter *m, gt_mono now)
{
    if (m->due.save.us != INT64_MAX) {
        meter_state_save(m, now);
    }
}

static gt_mono rx_deadline(const meter *m)
{
    if (m->rx.len == 0) {
        return GT_MONO_NEVER;
    }
    return (gt_mono){.us = m->rx.last.us + server_silence_us(m)};
}

static void earliest(gt_mono *at, gt_mono other)
{
    if (other.us < at->us) {
        *at = other;
    }
}

gt_mono meter_deadline(const meter *m)
{
    gt_mono at = m->clock.midnight;
    earliest(&at, m->due.unsuspend);
    earliest(&at, m->due.credit);
    earliest(&at, m->relay.check);
    earliest(&at, m->due.save);
    earliest(&at, rx_deadline(m));
    return at;
}

/* One thing that is due at @p at: the first of this order that is. */
static void work_off(meter *m, gt_mono at)
{
    if (m->clock.midnight.us <= at.us) {
        midnight(m, at);
    } else if (m->due.unsuspend.us <= at.us) {
        guard_forgive(m);
    } else if (m->due.credit.us <= at.us) {
        m->due.credit = GT_MONO_NEVER;
        supply_update(m, at);
    } else if (m->relay.check.us <= at.us) {
        relay_check(m, at);
    } else if (m->due.save.us <= at.us) {
        meter_state_save(m, at);
    } else {
        server_frame(m, at);
    }
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

void meter_rx(meter *m, const uint8_t *bytes, size_t len, gt_mono now)
{
    if (len == 0) {
        return;
    }
    meter_advance(m, (gt_mono){.us = now.us - (int64_t)len * server_character_us(m)});
    m->tx.len = 0; /* somebody else speaks: the answer comes too late */
    const size_t room = sizeof m->rx.buf - m->rx.len;
    const size_t taken = len < room ? len : room;
    memcpy(m->rx.buf + m->rx.len, bytes, taken);
    m->rx.len = (uint16_t)(m->rx.len + taken);
    m->rx.overrun = m->rx.overrun || taken < len;
    m->rx.last = now;
    meter_advance(m, now);
}

size_t meter_tx(meter *m, uint8_t *out, size_t cap)
{
    const size_t len = m->tx.len;
    if (len == 0 || len > cap) {
        return 0;
    }
    memcpy(out, m->tx.buf, len);
    m->tx.len = 0;
    return len;
}

meter_status meter_status_get(const meter *m, gt_mono now)
{
    const meter_state *s = &m->state;
    meter_status status = {.balance = s->balance,
                           .purchase_count = s->guard[METER_KEY_PURCHASE].count,
                           .control_count = s->guard[METER_KEY_CONTROL].count,
                           .parameter_count = s->guard[METER_KEY_PARAMETER].count,
                           .credit = s->credit,
                           .remote = s->remote,
                           .protected_supply = s->protected_supply,
                           .relay_closed =
                               m->ports.relay.closed(m->ports.relay.ctx) == GT_RELAY_ALL,
                           .fault = m->relay.fault || m->store.failing,
                           .last_result = s->last_result};
    status.energy[0] = s->reg.total;
    memcpy(status.energy + 1, s->reg.rate, sizeof s->reg.rate);
    status.clock_known = meter_clock_utc(m, now, &status.clock) == GT_ERR_OK;
    return status;
}
