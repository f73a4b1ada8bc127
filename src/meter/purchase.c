/* A purchase is an amount and the count n+1 under a MAC. It is durable, with its record, before it
 * is answered; the same order again is answered again and credits nothing. The balance is signed,
 * so a debt is repaid before anything is left over. */
#include "meter/modbus_map.h"

enum { BYTES = 2 * MAP_PURCHASE_COUNT, HOARDING_DEFAULT_FEN = 99999999 };

static uint16_t order_check(const meter *m, const purchase_order *order)
{
    const meter_state *s = &m->state;
    const uint32_t count = s->guard[METER_KEY_PURCHASE].count;
    if (order->customer_no != m->cfg->customer_no) {
        return METER_RESULT_CUSTOMER;
    }
    if (order->count == count) {
        return METER_RESULT_REPEATED;
    }
    if (order->count != count + 1) {
        return METER_RESULT_COUNT;
    }
    if (order->amount_fen == 0) {
        return METER_RESULT_OTHER;
    }
    const int64_t limit =
        s->parameter.hoarding_fen != 0 ? s->parameter.hoarding_fen : HOARDING_DEFAULT_FEN;
    return s->balance.fen + order->amount_fen > limit ? METER_RESULT_HOARDING : METER_RESULT_OK;
}

static gt_err order_book(meter *m, const purchase_order *order, const guard_command *command,
                         gt_mono now)
{
    meter_state next = m->state;
    purchase_record record = {.amount_fen = order->amount_fen, .count = order->count};
    record.before = next.balance;
    next.balance.fen += order->amount_fen;
    next.purchased_fen += order->amount_fen;
    next.purchase_last_fen = order->amount_fen;
    next.last_result = METER_RESULT_OK;
    guard_take(&next, command);
    record.after = next.balance;
    record.purchased_fen = next.purchased_fen;
    if (clock_civil(m, now, &record.time) != GT_ERR_OK) {
        record.time = (gt_civil){0};
    }
    uint8_t payload[METER_RECORD_LEN];
    modbus_map_purchase(&record, payload);
    GT_TRY(store_record_write(m, STORE_PURCHASES, next.purchase_records, payload));
    next.purchase_records++;
    GT_TRY(store_save(m, &next));
    m->state = next;
    /* Twice: one slot that rots later must not take money with it. The first one has made it so,
     * whatever becomes of the second. */
    const gt_err spare = store_save(m, &next);
    (void)spare;
    return GT_ERR_OK;
}

gt_err purchase_take(meter *m, const uint16_t *regs, gt_mono now, uint16_t *out)
{
    uint8_t bytes[BYTES];
    modbus_map_bytes(regs, MAP_PURCHASE_COUNT, bytes);
    const purchase_order order = modbus_map_purchase_order(regs);
    const guard_command command = {.purpose = METER_KEY_PURCHASE,
                                   .first_register = MAP_PURCHASE_FIRST,
                                   .bytes = bytes,
                                   .len = sizeof bytes,
                                   .count = order.count};
    uint16_t result = METER_RESULT_OK;
    const guard_verdict verdict = guard_check(m, &command, now, &result);
    if (verdict == GUARD_NEW) {
        result = order_check(m, &order);
        if (result == METER_RESULT_OK) {
            GT_TRY(order_book(m, &order, &command, now));
            supply_update(m, now); /* light does not wait for the half second */
        }
    }
    *out = result;
    return GT_ERR_OK;
}
