/* Judge, book, spend, in this order; and spend the last one first, in case power went in between.
 */
#include "meter/keypad.h"

#include "meter/meter_priv.h"

#include <string.h>

static_assert((int)GT_TOKEN_ID_LEN == (int)METER_MAC_LEN, "an id stands where a MAC would");

static uint16_t refusal_of(gt_err err)
{
    return err == GT_ERR_REPLAY ? METER_RESULT_REPEATED : METER_RESULT_MAC;
}

static gt_err token_take(meter *m, const uint8_t *digits, size_t len, gt_mono now,
                         uint16_t *out_result)
{
    const gt_token *token = &m->ports.token;
    const meter_account *a = &m->state.account;
    const meter_guard *guard = &a->guard[METER_KEY_PURCHASE];
    gt_token_credit credit;
    GT_TRY(token->spend(token->ctx, guard->last_mac));
    const gt_err err = token->judge(token->ctx, digits, len, &credit);
    if (err == GT_ERR_IO) {
        return err;
    }
    if (err != GT_ERR_OK) {
        *out_result = refusal_of(err);
        return GT_ERR_OK;
    }
    const purchase_order order = {.amount_fen = credit.amount_fen,
                                  .count = guard->count + 1,
                                  .customer_no = a->customer_no,
                                  .opens = a->life == METER_LIFE_ISSUED,
                                  .mac = credit.id};
    GT_TRY(meter_purchase(m, &order, now, out_result));
    return *out_result == METER_RESULT_OK ? token->spend(token->ctx, credit.id) : GT_ERR_OK;
}

gt_err meter_keypad_take(meter *m, const uint8_t *digits, size_t len, gt_mono now,
                         uint16_t *out_result)
{
    meter_advance(m, now);
    uint16_t result = METER_RESULT_STATE;
    if (m->ports.token.judge != NULL && !meter_security_present(m)) {
        const bool sane = len > 0 && len <= GT_TOKEN_DIGITS_MAX;
        result = METER_RESULT_MAC;
        if (sane) {
            GT_TRY(token_take(m, digits, len, now, &result));
        }
    }
    *out_result = result;
    return GT_ERR_OK;
}
