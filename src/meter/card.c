/* The visit of a card: who are you, what may you do, do it, tell the card. */
#include "meter/card.h"

#include "crypto/wipe.h"
#include "meter/card_rule.h"
#include "meter/card_priv.h"

#include <string.h>

enum {
    PROOF_LEN = 8,
    FOLDER_HIGH = 0xDF,
    FOLDER_LOW = 0x01,
    REPORT_DONE = 0x11,
    REPORT_CREDITED = 0xB1,
    KIND_FIRST = 1, /* of card_kind on the card */
};

static gt_err challenge_get(const gt_apdu *from, uint8_t *out, size_t len)
{
    const security_chip command = {.ins = 0x84, .len = len};
    return security_read(from, &command, out);
}

static gt_err element_answer(meter *m, const card_visit *v, uint8_t which, const uint8_t *asked,
                             uint8_t out[PROOF_LEN])
{
    const security_chip derive = {
        .cla = 0x80, .ins = 0xFA, .p2 = which, .data = v->serial, .len = sizeof v->serial};
    const security_chip answer = {.cla = 0x80, .ins = 0xFA, .data = asked, .len = PROOF_LEN};
    gt_apdu_answer got;
    GT_TRY(security_send(&m->ports.element, &derive, &got));
    GT_TRY(security_send(&m->ports.element, &answer, &got));
    if (got.status != GT_SW_OK || got.len != PROOF_LEN) {
        return GT_ERR_IO;
    }
    memcpy(out, got.data, PROOF_LEN);
    gt_wipe(&got, sizeof got);
    return GT_ERR_OK;
}

/* The card's answer to our challenge; false when it has none. */
static gt_err card_answer(const card_visit *v, uint8_t which, const uint8_t *asked,
                          uint8_t out[PROOF_LEN], bool *out_good)
{
    const security_chip command = {.ins = 0x88, .p2 = which, .data = asked, .len = PROOF_LEN};
    gt_apdu_answer got;
    GT_TRY(security_send(v->card, &command, &got));
    *out_good = got.status == GT_SW_OK && got.len == PROOF_LEN;
    if (*out_good) {
        memcpy(out, got.data, PROOF_LEN);
    }
    return GT_ERR_OK;
}

static gt_err card_proves(meter *m, const card_visit *v, bool *out)
{
    uint8_t asked[PROOF_LEN];
    uint8_t want[PROOF_LEN];
    uint8_t got[PROOF_LEN];
    GT_TRY(challenge_get(&m->ports.element, asked, sizeof asked));
    GT_TRY(card_answer(v, 1, asked, got, out));
    if (*out) {
        GT_TRY(element_answer(m, v, 1, asked, want));
        *out = gt_secret_equal(got, want, sizeof got);
    }
    return GT_ERR_OK;
}

static gt_err meter_proves(meter *m, const card_visit *v, bool *out)
{
    uint8_t asked[PROOF_LEN];
    uint8_t answer[PROOF_LEN];
    gt_apdu_answer got;
    GT_TRY(challenge_get(v->card, asked, sizeof asked));
    GT_TRY(element_answer(m, v, 2, asked, answer));
    const security_chip command = {.ins = 0x82, .p2 = 2, .data = answer, .len = sizeof answer};
    GT_TRY(security_send(v->card, &command, &got));
    *out = got.status == GT_SW_OK;
    return GT_ERR_OK;
}

/* From here on the element takes MACs of this card. */
static gt_err element_convinced(meter *m, const card_visit *v, bool *out)
{
    uint8_t proof[PROOF_LEN + GT_ATR_SERIAL_LEN];
    uint8_t asked[PROOF_LEN];
    gt_apdu_answer got;
    GT_TRY(challenge_get(&m->ports.element, asked, sizeof asked));
    GT_TRY(card_answer(v, 2, asked, proof, out));
    if (*out) {
        memcpy(proof + PROOF_LEN, v->serial, sizeof v->serial);
        const security_chip command = {.ins = 0x82, .p2 = 1, .data = proof, .len = sizeof proof};
        GT_TRY(security_send(&m->ports.element, &command, &got));
        *out = got.status == GT_SW_OK;
    }
    return GT_ERR_OK;
}

/* Each proof only after the one before, so that a stranger learns nothing. */
static gt_err proofs(meter *m, const card_visit *v, bool *out)
{
    typedef gt_err step(meter * m, const card_visit *v, bool *out);
    static step *const steps[] = {card_proves, meter_proves, element_convinced};
    bool good = true;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0] && good; i++) {
        GT_TRY(steps[i](m, v, &good));
    }
    *out = good;
    return GT_ERR_OK;
}

static gt_err begin(meter *m, card_visit *v)
{
    static const uint8_t folder[] = {FOLDER_HIGH, FOLDER_LOW};
    const security_chip select = {.ins = 0xA4, .data = folder, .len = sizeof folder};
    const gt_apdu *e = &m->ports.element;
    uint8_t atr[GT_ATR_MAX];
    size_t len = 0;
    gt_apdu_answer got;
    security_session_end(m); /* the element is reset: the head-end begins anew */
    GT_TRY(e->reset(e->ctx, atr, &len));
    GT_TRY(security_recover(m, v->now));
    GT_TRY(security_wallet_settle(m));
    GT_TRY(v->card->reset(v->card->ctx, atr, &len));
    if (len < GT_ATR_SERIAL_AT + GT_ATR_SERIAL_LEN) {
        return GT_ERR_IO;
    }
    memcpy(v->serial, atr + GT_ATR_SERIAL_AT, sizeof v->serial);
    GT_TRY(security_send(v->card, &select, &got));
    return got.status == GT_SW_OK ? GT_ERR_OK : GT_ERR_IO;
}

static uint64_t number_at(const uint8_t *bcd)
{
    gt_rd r = gt_rd_of(bcd, SECURITY_NUMBER_LEN);
    const uint64_t number = gt_rd_bcd_be(&r, SECURITY_NUMBER_LEN);
    return gt_rd_done(&r) == GT_ERR_OK ? number : UINT64_MAX;
}

static gt_err files_read(card_visit *v, bool *out_empty)
{
    uint8_t wallet[2 * SECURITY_WORD_LEN];
    uint8_t first = 0;
    GT_TRY(security_file_read(v->card, CARD_FILE_TERMS, 0, v->terms, sizeof v->terms));
    GT_TRY(security_file_read(v->card, CARD_FILE_WALLET, 0, wallet, sizeof wallet));
    GT_TRY(security_file_read(v->card, CARD_FILE_REPORT, 0, &first, 1));
    gt_rd r = gt_rd_of(wallet, sizeof wallet);
    v->order.amount_fen = gt_rd_u32be(&r);
    v->order.count = gt_rd_u32be(&r);
    v->order.customer_no = number_at(v->terms + CARD_TERMS_CUSTOMER_AT);
    *out_empty = first != REPORT_DONE && first != REPORT_CREDITED;
    return GT_ERR_OK;
}

/* Cards of customers are for meters with keys of their own. */
static gt_err keys_private(meter *m, bool *out)
{
    uint8_t state = 0;
    GT_TRY(security_file_read(&m->ports.element, CARD_ELEMENT_KEYS, 0, &state, 1));
    *out = state != 0;
    return GT_ERR_OK;
}

static gt_err judge(meter *m, card_visit *v, unsigned *out)
{
    const meter_account *a = &m->state.account;
    bool good = false;
    bool empty = false;
    *out = CARD_REJECTED;
    GT_TRY(keys_private(m, &good));
    if (good) {
        GT_TRY(proofs(m, v, &good));
    }
    if (!good) {
        return GT_ERR_OK;
    }
    GT_TRY(files_read(v, &empty));
    const uint8_t kind = v->terms[CARD_TERMS_KIND_AT];
    if (kind < KIND_FIRST || kind - KIND_FIRST >= CARD_KINDS) {
        return GT_ERR_OK;
    }
    v->order.opens = a->life != METER_LIFE_RUNNING;
    const card_facts facts = {
        .kind = (card_kind)(kind - KIND_FIRST),
        .meter_matches = number_at(v->terms + CARD_TERMS_METER_AT) == a->meter_no,
        .customer_matches = v->order.customer_no == a->customer_no,
        .serial_matches = memcmp(m->security.kept.card, v->serial, sizeof v->serial) == 0,
        .opened = !v->order.opens,
        .write_back_empty = empty,
        .card_count = v->order.count,
        .meter_count = a->guard[METER_KEY_PURCHASE].count};
    *out = card_rule(&facts);
    return GT_ERR_OK;
}

/* Amount and count come again, now under the card's MAC for the element's own command. */
static gt_err credit(meter *m, const card_visit *v, uint16_t *out_result)
{
    enum { INCREASE_LEN = 2 * SECURITY_WORD_LEN + SECURITY_MAC_LEN };
    *out_result = security_order_check(m, &v->order);
    if (*out_result != METER_RESULT_OK) {
        return GT_ERR_OK;
    }
    const card_transfer wallet = {.from_sfi = CARD_FILE_WALLET,
                                  .head = {0x84, 0x32, 0x01, 0x0C, INCREASE_LEN}};
    uint8_t data[INCREASE_LEN];
    GT_TRY(card_ask(m, v, &wallet, data));
    gt_rd r = gt_rd_of(data, sizeof data);
    if (gt_rd_u32be(&r) != v->order.amount_fen || gt_rd_u32be(&r) != v->order.count) {
        *out_result = METER_RESULT_MAC;
        return GT_ERR_OK;
    }
    const security_chip increase = {
        .cla = 0x84, .ins = 0x32, .p1 = 0x01, .p2 = 0x0C, .data = data, .len = sizeof data};
    return security_credit(m, &v->order, &increase, v->now, out_result);
}

static gt_err serial_keep(meter *m, const card_visit *v)
{
    memcpy(m->security.kept.card, v->serial, sizeof v->serial);
    return security_kept_save(m);
}

static gt_err reject(meter *m, gt_mono now)
{
    m->security.kept.illegal_cards++;
    incident_point(m, RECORD_BAD_CARD, m->security.kept.illegal_cards, now);
    store_settle(m, now);
    return security_kept_save(m);
}

static gt_err carry_out(meter *m, card_visit *v, card_outcome *out)
{
    if ((out->acts & CARD_DO_CREDIT) != 0) {
        GT_TRY(credit(m, v, &out->result));
        if (out->result != METER_RESULT_OK) {
            out->acts = CARD_IS_ERROR; /* no money, so nothing else */
            return GT_ERR_OK;
        }
    }
    if ((out->acts & CARD_DO_PARAMETER) != 0) {
        GT_TRY(card_terms_take(m, v, &out->result));
    }
    if ((out->acts & CARD_DO_SERIAL) != 0) {
        GT_TRY(serial_keep(m, v));
    }
    if ((out->acts & CARD_DO_WRITE_BACK) != 0) {
        const bool credited = (out->acts & CARD_DO_CREDIT) != 0;
        GT_TRY(card_report(m, v, credited ? REPORT_CREDITED : REPORT_DONE));
    }
    return GT_ERR_OK;
}

gt_err meter_card_take(meter *m, const gt_apdu *card, gt_mono now, card_outcome *out)
{
    card_outcome outcome = {.acts = CARD_REJECTED};
    card_visit v = {.card = card, .now = now};
    meter_advance(m, now);
    if (!meter_security_present(m)) {
        return GT_ERR_CONFLICT;
    }
    GT_TRY(begin(m, &v));
    GT_TRY(judge(m, &v, &outcome.acts));
    if (outcome.acts == CARD_REJECTED) {
        GT_TRY(reject(m, now));
    } else {
        meter_card(m, now);
        GT_TRY(carry_out(m, &v, &outcome));
    }
    *out = outcome;
    return GT_ERR_OK;
}
