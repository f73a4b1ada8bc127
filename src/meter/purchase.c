/* A purchase is an amount and the count n+1. It is durable, with its record, before it is answered;
 * the same order again is answered again and credits nothing. The balance is signed, so a debt is
 * repaid before anything is left over. */
#include "meter/purchase.h"

#include "meter/modbus_map.h"

enum { HOARDING_DEFAULT_FEN = 99999999 };

static meter_act act_of(const purchase_order *order)
{
    return order->opens ? METER_ACT_OPEN : METER_ACT_CREDIT;
}

uint16_t meter_purchase_check(const meter *m, const purchase_order *order)
{
    const meter_account *a = &m->state.account;
    const uint32_t count = a->guard[METER_KEY_PURCHASE].count;
    if (!order_allowed(m, act_of(order))) {
        return METER_RESULT_STATE;
    }
    if (order->customer_no != a->customer_no) {
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
        a->parameter.hoarding_fen != 0 ? a->parameter.hoarding_fen : HOARDING_DEFAULT_FEN;
    return a->balance.fen + order->amount_fen > limit ? METER_RESULT_HOARDING : METER_RESULT_OK;
}

gt_err meter_purchase_book(meter *m, const purchase_order *order, gt_mono now)
{
    meter_account *a = &m->state.account;
    const meter_account before = *a;
    GT_TRY(order_life(m, act_of(order)));
    a->balance.fen += order->amount_fen;
    a->purchased_fen += order->amount_fen;
    a->purchase_last_fen = order->amount_fen;
    guard_take(m, METER_KEY_PURCHASE, order->count, order->mac);
    a->last_result = METER_RESULT_OK;
    purchase_record record = {.amount_fen = order->amount_fen,
                              .before = before.balance,
                              .after = a->balance,
                              .count = order->count,
                              .purchased_fen = a->purchased_fen};
    if (clock_civil(m, now, &record.time) != GT_ERR_OK) {
        record.time = (gt_civil){0};
    }
    uint8_t payload[RECORD_PURCHASE_LEN];
    modbus_map_purchase(&record, payload);
    const gt_err err = record_append(m, RECORD_PURCHASE, payload);
    if (err != GT_ERR_OK) {
        order_undo(m, &before, now);
        return err;
    }
    GT_TRY(order_commit(m, &before, now));
    /* Twice: one slot that rots later must not take money with it. The first one has made it so,
     * whatever becomes of the second. */
    m->store.dirty = true;
    store_flush(m, now);
    supply_update(m, now); /* light does not wait for the half second */
    return GT_ERR_OK;
}

gt_err meter_purchase(meter *m, const purchase_order *order, gt_mono now, uint16_t *out_result)
{
    const uint16_t result = meter_purchase_check(m, order);
    if (result == METER_RESULT_OK) {
        GT_TRY(meter_purchase_book(m, order, now));
    }
    *out_result = result;
    return GT_ERR_OK;
}
