/* The station's hand on the supply. An order to take supply away is refused when its time cannot be
 * judged; an order to give it back is not. */
#include "meter/modbus_map.h"

enum { BYTES = 2 * MAP_CONTROL_COUNT, MS_SECOND = 1000 };

/* DL/T 645-2007 control command N1. */
enum { OPEN = 0x1A, ALLOW = 0x1B, CLOSE = 0x1C, PROTECT = 0x3A, UNPROTECT = 0x3B };

static bool takes_away(uint16_t command)
{
    return command == OPEN || command == UNPROTECT;
}

static bool known(uint16_t command)
{
    return command == ALLOW || command == CLOSE || command == PROTECT || takes_away(command);
}

static bool expired(const meter *m, const control_order *order, gt_mono now)
{
    gt_utc utc = {0};
    if (meter_clock_utc(m, now, &utc) != GT_ERR_OK) {
        return takes_away(order->command);
    }
    return utc.ms >= (int64_t)order->expiry_s * MS_SECOND;
}

static uint16_t order_check(const meter *m, const control_order *order, gt_mono now)
{
    const uint32_t count = m->state.guard[METER_KEY_CONTROL].count;
    if (order->count <= count) {
        return order->count == count ? METER_RESULT_REPEATED : METER_RESULT_COUNT;
    }
    if (!known(order->command)) {
        return METER_RESULT_OTHER;
    }
    return expired(m, order, now) ? METER_RESULT_EXPIRED : METER_RESULT_OK;
}

static void protect(meter *m, meter_state *next, bool on, gt_mono now)
{
    if (next->protected_supply != on) {
        next->protected_supply = on;
        event_append(m, next,
                     (meter_note){.kind = METER_EVENT_PROTECTED, .detail = on ? 1 : 0, .now = now});
    }
}

static void order_apply(meter *m, meter_state *next, uint16_t command, gt_mono now)
{
    switch (command) {
    case OPEN:
        supply_remote(m, next, REMOTE_EV_OPEN, now);
        break;
    case ALLOW:
        supply_remote(m, next, REMOTE_EV_ALLOW, now);
        break;
    case CLOSE:
        supply_remote(m, next, REMOTE_EV_CLOSE, now);
        supply_credit(m, next, CREDIT_EV_CLOSE, now);
        break;
    default: /* PROTECT or UNPROTECT: order_check lets nothing else through */
        protect(m, next, command == PROTECT, now);
    }
}

gt_err control_take(meter *m, const uint16_t *regs, gt_mono now, uint16_t *out)
{
    uint8_t bytes[BYTES];
    modbus_map_bytes(regs, MAP_CONTROL_COUNT, bytes);
    const control_order order = modbus_map_control_order(regs);
    const guard_command command = {.purpose = METER_KEY_CONTROL,
                                   .first_register = MAP_CONTROL_FIRST,
                                   .bytes = bytes,
                                   .len = sizeof bytes,
                                   .count = order.count};
    uint16_t result = METER_RESULT_OK;
    const guard_verdict verdict = guard_check(m, &command, now, &result);
    if (verdict == GUARD_NEW) {
        result = order_check(m, &order, now);
        if (result == METER_RESULT_OK) {
            meter_state next = m->state;
            next.last_result = METER_RESULT_OK;
            guard_take(&next, &command);
            order_apply(m, &next, order.command, now);
            GT_TRY(store_save(m, &next));
            m->state = next;
            supply_update(m, now);
        }
    }
    *out = result;
    return GT_ERR_OK;
}
