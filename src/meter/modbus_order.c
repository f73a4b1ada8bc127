/* A purchase as a Modbus block: its MAC is checked here, all else where every carrier's is. The
 * first purchase of an issued meter opens its account. */
#include "meter/modbus_map.h"

enum { BYTES = 2 * MAP_PURCHASE_COUNT };

gt_err purchase_take(meter *m, const uint16_t *regs, gt_mono now, uint16_t *out)
{
    uint8_t bytes[BYTES];
    modbus_map_bytes(regs, MAP_PURCHASE_COUNT, bytes);
    purchase_order order = modbus_map_purchase_order(regs);
    order.opens = m->state.account.life == METER_LIFE_ISSUED;
    order.mac = bytes + sizeof bytes - METER_MAC_LEN;
    const guard_command command = {.purpose = METER_KEY_PURCHASE,
                                   .first_register = MAP_PURCHASE_FIRST,
                                   .bytes = bytes,
                                   .len = sizeof bytes,
                                   .count = order.count};
    uint16_t result = METER_RESULT_OK;
    if (guard_check(m, &command, now, &result) == GUARD_NEW) {
        if (meter_security_present(m)) { /* one wallet, one count: the element's */
            *out = METER_RESULT_STATE;
            return GT_ERR_OK;
        }
        GT_TRY(meter_purchase(m, &order, now, &result));
    }
    *out = result;
    return GT_ERR_OK;
}
