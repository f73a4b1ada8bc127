/* The station's hand on the supply. An order to take supply away is refused when its time cannot be
 * judged; an order to give it back is not. */
#include "meter/modbus_map.h"

enum { BYTES = 2 * MAP_CONTROL_COUNT, MS_SECOND = 1000 };

static bool takes_away(unsigned command)
{
    return command == CONTROL_OPEN || command == CONTROL_UNPROTECT;
}

static bool known(unsigned command)
{
    return command == CONTROL_ALLOW || command == CONTROL_CLOSE || command == CONTROL_PROTECT ||
           takes_away(command);
}

static bool expired(const meter *m, unsigned command, int64_t expiry_ms, gt_mono now)
{
    gt_utc utc = {0};
    if (meter_clock_utc(m, now, &utc) != GT_ERR_OK) {
        return takes_away(command);
    }
    return utc.ms >= expiry_ms;
}

uint16_t control_check(const meter *m, unsigned command, int64_t expiry_ms, gt_mono now)
{
    if (!order_allowed(m, METER_ACT_CONTROL)) {
        return METER_RESULT_STATE;
    }
    if (!known(command)) {
        return METER_RESULT_OTHER;
    }
    return expired(m, command, expiry_ms, now) ? METER_RESULT_EXPIRED : METER_RESULT_OK;
}

static void protect(meter *m, bool on, gt_mono now)
{
    if (m->state.account.protected_supply != on) {
        m->state.account.protected_supply = on;
        event_append(m,
                     (meter_note){.kind = METER_EVENT_PROTECTED, .detail = on ? 1 : 0, .now = now});
    }
}

void control_apply(meter *m, unsigned command, gt_mono now)
{
    switch (command) {
    case CONTROL_OPEN:
        supply_remote(m, REMOTE_EV_OPEN, now);
        break;
    case CONTROL_ALLOW:
        supply_remote(m, REMOTE_EV_ALLOW, now);
        break;
    case CONTROL_CLOSE:
        supply_remote(m, REMOTE_EV_CLOSE, now);
        supply_credit(m, CREDIT_EV_CLOSE, now);
        supply_overload(m, OVERLOAD_EV_CLOSE, now);
        break;
    default: /* PROTECT or UNPROTECT: control_check lets nothing else through */
        protect(m, command == CONTROL_PROTECT, now);
    }
}

gt_err control_signed(meter *m, const guard_command *command, const control_order *order,
                      gt_mono now, uint16_t *out)
{
    uint16_t result = METER_RESULT_OK;
    if (guard_check(m, command, now, &result) == GUARD_NEW) {
        result = guard_fresh(m, command);
        if (result == METER_RESULT_OK) {
            result = control_check(m, order->command, (int64_t)order->expiry_s * MS_SECOND, now);
        }
        if (result == METER_RESULT_OK) {
            const meter_account before = m->state.account;
            m->state.account.last_result = METER_RESULT_OK;
            guard_take(m, command->purpose, order->count, guard_mac(command));
            control_apply(m, order->command, now);
            GT_TRY(order_commit(m, &before, now));
            supply_update(m, now);
        }
    }
    *out = result;
    return GT_ERR_OK;
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
    return control_signed(m, &command, &order, now, out);
}
