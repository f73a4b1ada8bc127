/* Limits and prices, all at once; what was used before is already paid at the old price. */
#include "meter/modbus_map.h"

enum { BYTES = 2 * MAP_PARAMETER_COUNT };

static uint16_t order_check(const meter *m, const parameter_order *order)
{
    const uint32_t count = m->state.guard[METER_KEY_PARAMETER].count;
    if (order->count <= count) {
        return order->count == count ? METER_RESULT_REPEATED : METER_RESULT_COUNT;
    }
    return meter_parameter_check(&order->value) == GT_ERR_OK ? METER_RESULT_OK : METER_RESULT_OTHER;
}

gt_err parameter_take(meter *m, const uint16_t *regs, gt_mono now, uint16_t *out)
{
    uint8_t bytes[BYTES];
    modbus_map_bytes(regs, MAP_PARAMETER_COUNT, bytes);
    const parameter_order order = modbus_map_parameter_order(regs);
    const guard_command command = {.purpose = METER_KEY_PARAMETER,
                                   .first_register = MAP_PARAMETER_FIRST,
                                   .bytes = bytes,
                                   .len = sizeof bytes,
                                   .count = order.count};
    uint16_t result = METER_RESULT_OK;
    const guard_verdict verdict = guard_check(m, &command, now, &result);
    if (verdict == GUARD_NEW) {
        result = order_check(m, &order);
        if (result == METER_RESULT_OK) {
            meter_state next = m->state;
            next.parameter = order.value;
            next.last_result = METER_RESULT_OK;
            guard_take(&next, &command);
            event_append(m, &next,
                         (meter_note){.kind = METER_EVENT_PARAMETER,
                                      .detail = (uint8_t)order.count,
                                      .now = now});
            GT_TRY(store_save(m, &next));
            m->state = next;
            meter_credit_due(m, now);
        }
    }
    *out = result;
    return GT_ERR_OK;
}
