/* Files from card to element and back. The source always computes its MAC over the head of the
 * command that the receiver will carry out, under the receiver's challenge, so the meter in between
 * can neither read along what is sealed nor alter what is not. */
#include "meter/card_priv.h"
#include "meter/service.h"

#include <string.h>

enum {
    CHALLENGE_LEN = 4,
    FLAG_PRICES = 1U << 0U,
    FLAG_SPARE = 1U << 1U,
    FLAG_TERMS = 1U << 7U,
    PRICE_LEN = 4,
    PRICES_LEN = 258, /* moved in two parts */
    PRICES_PART = 240,
    REPORT_LEN = 43,
    REPORT_TRANSFORMERS_LEN = 6,
    KEY_INFO_LEN = 4,
    ILLEGAL_LEN = 3,
    YEAR_BASE = 2000,
};

gt_err card_ask(meter *m, const card_visit *v, const card_transfer *transfer, uint8_t *out)
{
    uint8_t ask[CHALLENGE_LEN + GT_APDU_HEAD_LEN];
    const security_chip challenge = {.ins = 0x84, .len = CHALLENGE_LEN};
    GT_TRY(security_read(&m->ports.element, &challenge, ask));
    memcpy(ask + CHALLENGE_LEN, transfer->head, sizeof transfer->head);
    const security_chip read = {.cla = 0x04,
                                .ins = 0xB0,
                                .p1 = (uint8_t)(0x80U | transfer->from_sfi),
                                .p2 = transfer->from_offset,
                                .data = ask,
                                .len = sizeof ask};
    gt_apdu_answer answer;
    GT_TRY(security_send(v->card, &read, &answer));
    if (answer.status != GT_SW_OK || answer.len != transfer->head[GT_APDU_HEAD_LEN - 1]) {
        return GT_ERR_IO;
    }
    memcpy(out, answer.data, answer.len);
    return GT_ERR_OK;
}

typedef struct part {
    uint8_t card_sfi;
    uint8_t card_offset;
    uint8_t sfi; /* in the element */
    uint8_t offset;
    uint8_t len;
} part;

static gt_err copy(meter *m, const card_visit *v, const part *p)
{
    uint8_t data[GT_APDU_DATA_MAX];
    const uint8_t lc = (uint8_t)(p->len + SECURITY_MAC_LEN);
    const card_transfer transfer = {.from_sfi = p->card_sfi,
                                    .from_offset = p->card_offset,
                                    .head = {0x04, 0xD6, (uint8_t)(0x80U | p->sfi), p->offset, lc}};
    GT_TRY(card_ask(m, v, &transfer, data));
    const security_chip write = {
        .cla = 0x04, .ins = 0xD6, .p1 = transfer.head[2], .p2 = p->offset, .data = data, .len = lc};
    gt_apdu_answer answer;
    GT_TRY(security_send(&m->ports.element, &write, &answer));
    return answer.status == GT_SW_OK ? GT_ERR_OK : GT_ERR_IO;
}

/* Yuan with decimals as digits; anything else becomes a price or limit that no check lets through.
 */
static uint32_t digits_at(const uint8_t *bcd)
{
    gt_rd r = gt_rd_of(bcd, PRICE_LEN);
    const uint64_t v = gt_rd_bcd_be(&r, PRICE_LEN);
    return gt_rd_done(&r) == GT_ERR_OK ? (uint32_t)v : UINT32_MAX;
}

static gt_err prices_read(const meter *m, uint8_t sfi, uint32_t out_e4[METER_RATES])
{
    uint8_t bytes[METER_RATES * PRICE_LEN];
    GT_TRY(security_file_read(&m->ports.element, sfi, 0, bytes, sizeof bytes));
    for (size_t i = 0; i < METER_RATES; i++) {
        out_e4[i] = digits_at(bytes + i * PRICE_LEN);
    }
    return GT_ERR_OK;
}

static gt_err files_copy(meter *m, const card_visit *v, unsigned flags)
{
    static const struct {
        unsigned flag;
        part part;
    } parts[] = {
        {FLAG_TERMS,
         {CARD_FILE_TERMS, CARD_TERMS_FIELDS_AT, CARD_ELEMENT_TERMS, CARD_ELEMENT_FIELDS_AT,
          CARD_TERMS_FIELDS_LEN}},
        {FLAG_PRICES, {CARD_FILE_PRICES, 0, CARD_FILE_PRICES, 0, PRICES_PART}},
        {FLAG_PRICES,
         {CARD_FILE_PRICES, PRICES_PART, CARD_FILE_PRICES, PRICES_PART, PRICES_LEN - PRICES_PART}},
        {FLAG_SPARE, {CARD_FILE_PRICES + 1, 0, CARD_FILE_PRICES + 1, 0, PRICES_PART}},
        {FLAG_SPARE,
         {CARD_FILE_PRICES + 1, PRICES_PART, CARD_FILE_PRICES + 1, PRICES_PART,
          PRICES_LEN - PRICES_PART}},
    };
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if ((flags & parts[i].flag) != 0) {
            GT_TRY(copy(m, v, &parts[i].part));
        }
    }
    return GT_ERR_OK;
}

gt_err card_terms_take(meter *m, const card_visit *v, uint16_t *out_result)
{
    const unsigned flags = v->terms[CARD_TERMS_FLAG_AT];
    meter_parameter terms = m->state.account.parameter;
    GT_TRY(files_copy(m, v, flags));
    if ((flags & FLAG_TERMS) != 0) {
        uint8_t alarms[2 * PRICE_LEN]; /* as the element judged them, not as the card showed them */
        GT_TRY(security_file_read(&m->ports.element, CARD_ELEMENT_TERMS, CARD_ELEMENT_ALARMS_AT,
                                  alarms, sizeof alarms));
        terms.alarm1_fen = digits_at(alarms);
        terms.alarm2_fen = digits_at(alarms + PRICE_LEN);
    }
    if ((flags & FLAG_PRICES) != 0) {
        GT_TRY(prices_read(m, CARD_FILE_PRICES, terms.price_e4));
    }
    gt_err err = GT_ERR_OK;
    if ((flags & FLAG_SPARE) != 0) {
        uint32_t spare_e4[METER_RATES];
        GT_TRY(prices_read(m, CARD_FILE_PRICES + 1, spare_e4));
        err = tariff_spare_prices_write(m, spare_e4);
    }
    if (err == GT_ERR_OK && (flags & (FLAG_TERMS | FLAG_PRICES)) != 0) {
        err = meter_terms_set(m, &terms, v->now);
    }
    if (err == GT_ERR_IO) {
        return err;
    }
    *out_result = err == GT_ERR_OK ? METER_RESULT_OK : METER_RESULT_OTHER;
    return GT_ERR_OK;
}

static uint32_t word_of(int64_t fen)
{
    return fen > 0 ? (uint32_t)fen : 0;
}

static void time_put(const meter *m, gt_mono now, gt_wr *w)
{
    gt_civil civil = {.year = YEAR_BASE};
    const gt_err err = clock_civil(m, now, &civil);
    if (err != GT_ERR_OK) {
        civil = (gt_civil){.year = YEAR_BASE}; /* not known: zeros */
    }
    gt_wr_bcd_be(w, (uint64_t)(civil.year - YEAR_BASE), 1);
    gt_wr_bcd_be(w, civil.month, 1);
    gt_wr_bcd_be(w, civil.day, 1);
    gt_wr_bcd_be(w, civil.hour, 1);
    gt_wr_bcd_be(w, civil.minute, 1);
}

static gt_err report_make(meter *m, const card_visit *v, uint8_t type, uint8_t out[REPORT_LEN])
{
    const meter_account *a = &m->state.account;
    const uint32_t illegal = m->security.kept.illegal_cards;
    uint8_t info[KEY_INFO_LEN];
    GT_TRY(security_file_read(&m->ports.element, CARD_ELEMENT_KEYS, 0, info, sizeof info));
    gt_wr w = gt_wr_of(out, REPORT_LEN);
    gt_wr_u8(&w, type);
    gt_wr_bytes(&w, v->terms + CARD_TERMS_CT_AT, REPORT_TRANSFORMERS_LEN);
    gt_wr_bcd_be(&w, a->meter_no, SECURITY_NUMBER_LEN);
    gt_wr_bcd_be(&w, a->customer_no, SECURITY_NUMBER_LEN);
    gt_wr_u32be(&w, word_of(a->balance.fen));
    gt_wr_u32be(&w, a->guard[METER_KEY_PURCHASE].count);
    gt_wr_u32be(&w, word_of(-a->balance.fen));
    gt_wr_bytes(&w, info, sizeof info);
    gt_wr_u8(&w, (uint8_t)(illegal >> 16U));
    gt_wr_u16be(&w, (uint16_t)illegal);
    time_put(m, v->now, &w);
    GT_ASSERT(gt_wr_done(&w) == GT_ERR_OK && w.len == REPORT_LEN);
    return GT_ERR_OK;
}

gt_err card_report(meter *m, const card_visit *v, uint8_t type)
{
    enum { LC = REPORT_LEN + SECURITY_MAC_LEN };
    static const uint8_t head[] = {0x04, 0xD6, 0x80U | CARD_FILE_REPORT, 0x00, LC};
    const gt_apdu *e = &m->ports.element;
    uint8_t report[REPORT_LEN];
    uint8_t ask[CHALLENGE_LEN + sizeof head + GT_ATR_SERIAL_LEN];
    gt_apdu_answer answer;
    GT_TRY(report_make(m, v, type, report));
    const security_chip keep = {
        .ins = 0xD6, .p1 = 0x80U | CARD_FILE_REPORT, .data = report, .len = sizeof report};
    GT_TRY(security_send(e, &keep, &answer));
    const security_chip challenge = {.ins = 0x84, .len = CHALLENGE_LEN};
    GT_TRY(security_read(v->card, &challenge, ask));
    memcpy(ask + CHALLENGE_LEN, head, sizeof head);
    memcpy(ask + CHALLENGE_LEN + sizeof head, v->serial, sizeof v->serial);
    const security_chip give = {
        .cla = 0x04, .ins = 0xB0, .p1 = head[2], .data = ask, .len = sizeof ask};
    GT_TRY(security_send(e, &give, &answer));
    if (answer.status != GT_SW_OK || answer.len != LC) {
        return GT_ERR_IO;
    }
    const security_chip write = {
        .cla = 0x04, .ins = 0xD6, .p1 = head[2], .data = answer.data, .len = LC};
    gt_apdu_answer done;
    GT_TRY(security_send(v->card, &write, &done));
    return done.status == GT_SW_OK ? GT_ERR_OK : GT_ERR_IO;
}
