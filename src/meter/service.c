/* What the trade does to a meter. Every function has the same shape: set the account aside, let the
 * state of life decide, change, log, commit. */
#include "meter/service.h"

#include "meter/meter_priv.h"

#include <string.h>

static const uint64_t number_max = 999999999999U;

void service_life_note(meter *m, gt_mono now)
{
    event_append(m, (meter_note){.kind = METER_EVENT_LIFE,
                                 .detail = (uint8_t)m->state.account.life,
                                 .now = now});
}

static gt_err finish(meter *m, const meter_account *before, gt_mono now)
{
    GT_TRY(order_commit(m, before, now));
    supply_update(m, now);
    return GT_ERR_OK;
}

gt_err meter_preset_take(meter *m, const meter_preset *preset, gt_mono now)
{
    meter_account *a = &m->state.account;
    const meter_account before = *a;
    if (preset->meter_no == 0 || preset->meter_no > number_max || preset->opening.fen < 0 ||
        preset->opening.fen > INT32_MAX) {
        return GT_ERR_RANGE;
    }
    GT_TRY(meter_parameter_check(&preset->parameter));
    GT_TRY(tariff_tiers_check(&preset->tiers));
    GT_TRY(order_life(m, METER_ACT_PRESET));
    a->meter_no = preset->meter_no;
    a->parameter = preset->parameter;
    a->tiers = preset->tiers;
    a->balance = preset->opening;
    a->carry_e6 = 0;
    service_life_note(m, now);
    GT_TRY(order_commit(m, &before, now));
    calendar_recycle(m, now);
    parameter_apply(m, &preset->parameter, now);
    supply_update(m, now);
    return GT_ERR_OK;
}

gt_err meter_issue(meter *m, uint64_t customer_no, gt_mono now)
{
    const meter_account before = m->state.account;
    if (customer_no == 0 || customer_no > number_max) {
        return GT_ERR_RANGE;
    }
    GT_TRY(order_life(m, METER_ACT_ISSUE));
    m->state.account.customer_no = customer_no;
    service_life_note(m, now);
    return finish(m, &before, now);
}

/* The account of a meter without a customer: what it owes, owns and was told is gone. */
void service_account_empty(meter_account *a)
{
    a->customer_no = 0;
    a->balance.fen = 0;
    a->carry_e6 = 0;
    a->purchased_fen = 0;
    a->purchase_last_fen = 0;
    a->credit = CREDIT_NORMAL;
    a->remote = REMOTE_CONNECTED;
    a->overload = OVERLOAD_IDLE;
    a->overload_trips = 0;
    a->protected_supply = false;
    a->emergency = false;
}

static void registers_empty(meter_state *s)
{
    s->forward = (meter_register){0};
    s->reverse = (meter_register){0};
    s->demand_forward = (demand_peaks){0};
    s->demand_reverse = (demand_peaks){0};
    s->tier_used.centikwh = 0;
    s->free_used.centikwh = 0;
}

/* What says that something was cleared outlives the clearing. */
static bool record_stays(record_class class)
{
    return class == RECORD_CLEAR || class == RECORD_CLEAR_DEMAND || class == RECORD_CLEAR_EVENTS;
}

static void records_empty(meter_account *a)
{
    for (unsigned i = 0; i < RECORD_CLASSES; i++) {
        a->shown[i] = record_stays((record_class)i) ? a->shown[i] : 0;
    }
}

/* The account first: a meter cut off between the two images is one that may be cleared again. */
gt_err meter_clear(meter *m, gt_mono now)
{
    meter_account *a = &m->state.account;
    const meter_account before = *a;
    GT_TRY(order_life(m, METER_ACT_CLEAR));
    service_account_empty(a);
    records_empty(a);
    incident_point(m, RECORD_CLEAR, 0, now);
    service_life_note(m, now);
    GT_TRY(order_commit(m, &before, now));
    registers_empty(&m->state);
    m->store.dirty = true;
    store_flush(m, now);
    supply_update(m, now);
    return m->store.failing ? GT_ERR_IO : GT_ERR_OK;
}

gt_err meter_events_clear(meter *m, uint32_t identifier, gt_mono now)
{
    meter_account *a = &m->state.account;
    const meter_account before = *a;
    GT_TRY(order_life(m, METER_ACT_PARAMETER));
    for (unsigned i = RECORD_POWER_OFF; i < RECORD_CLASSES; i++) {
        a->shown[i] = record_stays((record_class)i) ? a->shown[i] : 0;
    }
    a->shown[RECORD_EVENT] = 0;
    incident_point(m, RECORD_CLEAR_EVENTS, identifier, now);
    return finish(m, &before, now);
}

gt_err meter_strip(meter *m, gt_mono now)
{
    const meter_account before = m->state.account;
    GT_TRY(order_life(m, METER_ACT_STRIP));
    m->state.account.meter_no = 0;
    service_life_note(m, now);
    return finish(m, &before, now);
}

static void parameter_note(meter *m, gt_mono now)
{
    event_append(m,
                 (meter_note){.kind = METER_EVENT_PARAMETER,
                              .detail = (uint8_t)m->state.account.guard[METER_KEY_PARAMETER].count,
                              .now = now});
    incident_point(m, RECORD_PROGRAM, m->by.identifier, now);
}

gt_err meter_terms_set(meter *m, const meter_parameter *parameter, gt_mono now)
{
    const meter_account before = m->state.account;
    GT_TRY(meter_parameter_check(parameter));
    GT_TRY(order_life(m, METER_ACT_PARAMETER));
    m->state.account.parameter = *parameter;
    parameter_note(m, now);
    GT_TRY(order_commit(m, &before, now));
    parameter_apply(m, parameter, now);
    return GT_ERR_OK;
}

gt_err meter_tiers_set(meter *m, const tariff_tiers *tiers, gt_mono now)
{
    const meter_account before = m->state.account;
    GT_TRY(tariff_tiers_check(tiers));
    GT_TRY(order_life(m, METER_ACT_PARAMETER));
    m->state.account.tiers = *tiers;
    parameter_note(m, now);
    GT_TRY(order_commit(m, &before, now));
    calendar_recycle(m, now);
    store_settle(m, now);
    return GT_ERR_OK;
}

gt_err meter_settle_set(meter *m, const meter_settle_day settle[METER_SETTLE_DAYS], gt_mono now)
{
    const meter_account before = m->state.account;
    GT_TRY(meter_settle_check(settle));
    GT_TRY(order_life(m, METER_ACT_PARAMETER));
    memcpy(m->state.account.settle, settle, sizeof m->state.account.settle);
    parameter_note(m, now);
    GT_TRY(order_commit(m, &before, now));
    calendar_resettle(m, now);
    store_settle(m, now);
    return GT_ERR_OK;
}

gt_err meter_demand_set(meter *m, uint8_t demand_min, uint8_t slide_min, gt_mono now)
{
    const meter_account before = m->state.account;
    GT_TRY(meter_demand_check(demand_min, slide_min));
    GT_TRY(order_life(m, METER_ACT_PARAMETER));
    meter_demand_advance(m, now);
    m->state.account.demand_min = demand_min;
    m->state.account.demand_slide_min = slide_min;
    parameter_note(m, now);
    GT_TRY(order_commit(m, &before, now));
    meter_demand_restart(m, now);
    return GT_ERR_OK;
}

/* Peaks are no part of the account: on IO an image of either kind may be there after a restart. */
gt_err meter_demand_clear(meter *m, gt_mono now)
{
    if (!order_allowed(m, METER_ACT_PARAMETER)) {
        return GT_ERR_CONFLICT;
    }
    meter_demand_advance(m, now);
    incident_point(m, RECORD_CLEAR_DEMAND, m->state.demand_forward.at[0].e4_kw, now);
    m->state.demand_forward = (demand_peaks){0};
    m->state.demand_reverse = (demand_peaks){0};
    m->store.dirty = true;
    store_flush(m, now);
    return m->store.failing ? GT_ERR_IO : GT_ERR_OK;
}

gt_err meter_switch_set(meter *m, tariff_part part, uint32_t civil_min, gt_mono now)
{
    const meter_account before = m->state.account;
    GT_ASSERT((unsigned)part < TARIFF_PARTS);
    GT_TRY(order_life(m, METER_ACT_PARAMETER));
    m->state.account.switch_min[part] = civil_min;
    parameter_note(m, now);
    GT_TRY(order_commit(m, &before, now));
    meter_tariff_reload(m, now);
    return GT_ERR_OK;
}

void meter_tariff_reload(meter *m, gt_mono now)
{
    calendar_reload(m, now);
    store_settle(m, now);
}

gt_err meter_convert(meter *m, const meter_conversion *conversion, gt_mono now)
{
    meter_account *a = &m->state.account;
    const meter_account before = *a;
    if (m->cfg->wallet != METER_WALLET_ENERGY) {
        return GT_ERR_CONFLICT; /* money stays money */
    }
    if (conversion->count <= a->guard[METER_KEY_PARAMETER].count) {
        return GT_ERR_REPLAY;
    }
    if (conversion->old_e4 == 0 || conversion->old_e4 > TARIFF_PRICE_MAX_E4 ||
        conversion->new_e4 == 0 || conversion->new_e4 > TARIFF_PRICE_MAX_E4) {
        return GT_ERR_RANGE;
    }
    GT_TRY(order_life(m, METER_ACT_CONVERT));
    const int64_t worth = a->balance.fen * (int64_t)conversion->old_e4;
    const int64_t whole = worth / (int64_t)conversion->new_e4;
    const bool below = worth % (int64_t)conversion->new_e4 < 0;
    a->balance.fen = below ? whole - 1 : whole;
    guard_take(m, METER_KEY_PARAMETER, conversion->count, NULL);
    event_append(m, (meter_note){.kind = METER_EVENT_CONVERT, .now = now});
    return finish(m, &before, now);
}
