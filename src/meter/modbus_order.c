/* A purchase with a MAC under the meter's own key, and as a Modbus block: the MAC is checked here,
 * all else where every carrier's is. The first purchase of an issued meter opens its account. */
#include "meter/modbus_map.h"

enum { BYTES = 2 * MAP_PURCHASE_COUNT };

gt_err purchase_signed(meter *m, const guard_command *command, purchase_order *order, gt_mono now,
                       uint16_t *out)
{
    uint16_t result = METER_RESULT_OK;
    order->opens = m->state.account.life == METER_LIFE_ISSUED;
    order->mac = guard_mac(command);
    if (guard_check(m, command, now, &result) == GUARD_NEW) {
        if (meter_security_present(m)) { /* one wallet, one count: the element's */
            *out = METER_RESULT_STATE;
            return GT_ERR_OK;
        }
        GT_TRY(meter_purchase(m, order, now, &result));
    }
    *out = result;
    return GT_ERR_OK;
}

gt_err purchase_take(meter *m, const uint16_t *regs, gt_mono now, uint16_t *out)
{
    uint8_t bytes[BYTES];
    modbus_map_bytes(regs, MAP_PURCHASE_COUNT, bytes);
    purchase_order order = modbus_map_purchase_order(regs);
    const guard_command command = {.purpose = METER_KEY_PURCHASE,
                                   .first_register = MAP_PURCHASE_FIRST,
                                   .bytes = bytes,
                                   .len = sizeof bytes,
                                   .count = order.count};
    return purchase_signed(m, &command, &order, now, out);
}
