/* Limits and prices, all at once; what was used before is already paid at the old price. */
#include "meter/modbus_map.h"

enum { BYTES = 2 * MAP_PARAMETER_COUNT };

void parameter_apply(meter *m, const meter_parameter *parameter, gt_mono now)
{
    m->state.account.parameter = *parameter;
    m->store.dirty = true;
    overload_restart(m, now);
    supply_friendly(m, now);
    meter_credit_due(m, now);
}

static uint16_t order_check(const meter *m, const parameter_order *order,
                            const guard_command *command)
{
    const uint16_t fresh = guard_fresh(m, command);
    if (fresh != METER_RESULT_OK) {
        return fresh;
    }
    if (!order_allowed(m, METER_ACT_PARAMETER)) {
        return METER_RESULT_STATE;
    }
    return meter_parameter_check(&order->value) == GT_ERR_OK ? METER_RESULT_OK : METER_RESULT_OTHER;
}

static gt_err order_book(meter *m, const parameter_order *order, const guard_command *command,
                         gt_mono now)
{
    const meter_account before = m->state.account;
    m->state.account.parameter = order->value;
    m->state.account.last_result = METER_RESULT_OK;
    guard_take(m, command->purpose, order->count, guard_mac(command));
    event_append(
        m,
        (meter_note){.kind = METER_EVENT_PARAMETER, .detail = (uint8_t)order->count, .now = now});
    incident_point(m, RECORD_PROGRAM, m->by.identifier, now);
    GT_TRY(order_commit(m, &before, now));
    parameter_apply(m, &order->value, now);
    return GT_ERR_OK;
}

gt_err parameter_take(meter *m, const uint16_t *regs, gt_mono now, uint16_t *out)
{
    uint8_t bytes[BYTES];
    modbus_map_bytes(regs, MAP_PARAMETER_COUNT, bytes);
    const parameter_order order = modbus_map_parameter_order(regs, &m->state.account.parameter);
    const guard_command command = {.purpose = METER_KEY_PARAMETER,
                                   .first_register = MAP_PARAMETER_FIRST,
                                   .bytes = bytes,
                                   .len = sizeof bytes,
                                   .count = order.count};
    uint16_t result = METER_RESULT_OK;
    const guard_verdict verdict = guard_check(m, &command, now, &result);
    if (verdict == GUARD_NEW) {
        result = order_check(m, &order, &command);
        if (result == METER_RESULT_OK) {
            GT_TRY(order_book(m, &order, &command, now));
        }
    }
    *out = result;
    return GT_ERR_OK;
}
