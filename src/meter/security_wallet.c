/* The element's wallet and the meter's balance. The wallet takes the money (it alone can tell a
 * right MAC1), the meter books it; in between stands a note in the meter's memory, so that a power
 * cut loses nothing: the element's count tells whether the money arrived. What is used is taken out
 * of the wallet later, in one direction only: the wallet never holds less than the balance for it.
 */
#include "meter/security_priv.h"

#include "base/bytes.h"

#include <string.h>

enum {
    CUSTOMER_DATA_LEN = SECURITY_NUMBER_LEN + SECURITY_MAC_LEN,
    INCREASE_LEN = 2 * SECURITY_WORD_LEN + SECURITY_MAC_LEN,
    RECORD_SET_LEN = SECURITY_WORD_LEN + SECURITY_MAC_LEN,
};

static const int64_t settle_us = INT64_C(3600000000);

static gt_err deduct(meter *m, uint32_t used)
{
    uint8_t bytes[SECURITY_WORD_LEN];
    gt_wr w = gt_wr_of(bytes, sizeof bytes);
    gt_wr_u32be(&w, used);
    const security_chip command = {
        .cla = 0x80, .ins = 0x30, .p2 = 0x0C, .data = bytes, .len = sizeof bytes};
    gt_apdu_answer answer;
    GT_TRY(security_send(&m->ports.element, &command, &answer));
    return answer.status == GT_SW_OK ? GT_ERR_OK : GT_ERR_IO;
}

gt_err security_wallet_settle(meter *m)
{
    uint32_t amount = 0;
    GT_TRY(security_record_read(&m->ports.element, SECURITY_RECORD_AMOUNT, &amount));
    const int64_t balance = m->state.account.balance.fen;
    const int64_t over = (int64_t)amount - (balance > 0 ? balance : 0);
    return over > 0 ? deduct(m, (uint32_t)over) : GT_ERR_OK;
}

/* An account opens for a customer: the meter is his from the same moment. */
static uint16_t order_check(meter *m, const purchase_order *order)
{
    if (order->opens) {
        if (order_life(m, METER_ACT_ISSUE) != GT_ERR_OK) {
            return METER_RESULT_STATE;
        }
        if (order->customer_no == UINT64_MAX) {
            return METER_RESULT_CUSTOMER;
        }
        m->state.account.customer_no = order->customer_no;
    }
    return meter_purchase_check(m, order);
}

uint16_t security_order_check(meter *m, const purchase_order *order)
{
    const meter_account before = m->state.account;
    const uint16_t result = order_check(m, order);
    m->state.account = before; /* only asked */
    return result;
}

static gt_err book(meter *m, const purchase_order *order, gt_mono now, uint16_t *out_result)
{
    const meter_account before = m->state.account;
    const uint16_t result = order_check(m, order);
    /* What the wallet has taken is not given up because the limit was lowered since. */
    const bool good = result == METER_RESULT_OK || result == METER_RESULT_HOARDING;
    const gt_err err = good ? meter_purchase_book(m, order, now) : GT_ERR_OK;
    if (!good || err != GT_ERR_OK) {
        m->state.account = before;
    }
    *out_result = good ? METER_RESULT_OK : result;
    return err;
}

gt_err security_recover(meter *m, gt_mono now)
{
    const security_kept *k = &m->security.kept;
    const purchase_order order = {.amount_fen = k->amount,
                                  .count = k->count,
                                  .customer_no = k->customer_no,
                                  .opens = k->opens};
    const uint32_t booked = m->state.account.guard[METER_KEY_PURCHASE].count;
    if (order.count == 0 || order.count != booked + 1) {
        return GT_ERR_OK;
    }
    uint32_t taken = 0;
    uint16_t result = METER_RESULT_OK;
    GT_TRY(security_record_read(&m->ports.element, SECURITY_RECORD_COUNT, &taken));
    return taken == order.count ? book(m, &order, now, &result) : GT_ERR_OK;
}

void security_wallet_due(meter *m, gt_mono at)
{
    m->due[METER_DUE_WALLET].us = at.us + settle_us;
    gt_err err = security_recover(m, at);
    if (err == GT_ERR_OK) {
        err = security_wallet_settle(m);
    }
    (void)err; /* again in an hour, and before each purchase */
}

gt_err security_credit(meter *m, const purchase_order *order, const security_chip *increase,
                       gt_mono now, uint16_t *out_result)
{
    security_kept *k = &m->security.kept;
    k->amount = order->amount_fen;
    k->count = order->count;
    k->customer_no = order->customer_no;
    k->opens = order->opens;
    GT_TRY(security_kept_save(m));
    uint16_t result = METER_RESULT_OK;
    GT_TRY(security_send_mac(m, increase, now, &result));
    if (result == METER_RESULT_OK) {
        GT_TRY(book(m, order, now, &result));
    }
    *out_result = result;
    return GT_ERR_OK;
}

static uint64_t digits(const uint8_t *bcd)
{
    gt_rd r = gt_rd_of(bcd, SECURITY_NUMBER_LEN);
    const uint64_t number = gt_rd_bcd_be(&r, SECURITY_NUMBER_LEN);
    return gt_rd_done(&r) == GT_ERR_OK ? number : UINT64_MAX;
}

/* The customer number goes into the element under MAC2, which so proves it. */
static gt_err customer_prove(meter *m, const uint8_t *customer, gt_mono now, uint16_t *out_result)
{
    const security_chip write = {.cla = 0x04,
                                 .ins = 0xD6,
                                 .p1 = 0x82,
                                 .p2 = SECURITY_CUSTOMER_AT,
                                 .data = customer,
                                 .len = CUSTOMER_DATA_LEN};
    return security_send_mac(m, &write, now, out_result);
}

gt_err security_purchase(meter *m, const uint8_t *data, bool opens, gt_mono now,
                         uint16_t *out_result)
{
    gt_rd r = gt_rd_of(data, INCREASE_LEN + CUSTOMER_DATA_LEN);
    purchase_order order = {.opens = opens};
    order.amount_fen = gt_rd_u32be(&r);
    order.count = gt_rd_u32be(&r);
    const uint8_t *customer = data + INCREASE_LEN;
    order.customer_no = digits(customer);
    GT_TRY(security_recover(m, now));
    GT_TRY(security_wallet_settle(m));
    const uint16_t checked = security_order_check(m, &order);
    /* Account and customer are judged before MAC2, count and limit after it. */
    uint16_t result = checked;
    if (result != METER_RESULT_STATE && result != METER_RESULT_CUSTOMER) {
        GT_TRY(customer_prove(m, customer, now, &result));
        result = result == METER_RESULT_OK ? checked : result;
    }
    if (result == METER_RESULT_OK) {
        const security_chip increase = {
            .cla = 0x84, .ins = 0x32, .p1 = 0x01, .p2 = 0x0C, .data = data, .len = INCREASE_LEN};
        GT_TRY(security_credit(m, &order, &increase, now, &result));
    }
    *out_result = result;
    return GT_ERR_OK;
}

static gt_err record_set(meter *m, uint8_t record, const uint8_t *data, gt_mono now,
                         uint16_t *out_result)
{
    const security_chip set = {
        .cla = 0x04, .ins = 0xDC, .p1 = record, .p2 = 0x0C, .data = data, .len = RECORD_SET_LEN};
    return security_send_mac(m, &set, now, out_result);
}

gt_err security_wallet_init(meter *m, const uint8_t *data, gt_mono now, uint16_t *out_result)
{
    gt_rd r = gt_rd_of(data, 2 * RECORD_SET_LEN);
    const uint32_t amount = gt_rd_u32be(&r);
    (void)gt_rd_u32be(&r); /* MAC1 */
    const uint32_t count = gt_rd_u32be(&r);
    uint16_t result = METER_RESULT_OTHER;
    if (count == 0 && amount <= INT32_MAX) {
        GT_TRY(record_set(m, SECURITY_RECORD_AMOUNT, data, now, &result));
    }
    if (result == METER_RESULT_OK) {
        GT_TRY(record_set(m, SECURITY_RECORD_COUNT, data + RECORD_SET_LEN, now, &result));
    }
    if (result == METER_RESULT_OK) {
        const meter_account before = m->state.account;
        m->security.kept.count = 0; /* no purchase of before is under way any more */
        GT_TRY(security_kept_save(m));
        m->state.account.balance.fen = amount;
        m->state.account.purchased_fen = 0;
        guard_take(m, METER_KEY_PURCHASE, 0, NULL);
        GT_TRY(order_commit(m, &before, now));
        meter_credit_due(m, now);
        security_session_end(
            m); /* counts begin anew: what this session's challenge signed must not */
    }
    *out_result = result;
    return GT_ERR_OK;
}
