/* Talking to the element; the session of the head-end; and the count of wrong MACs, which is kept,
 * so that pulling the plug wins no guesses. */
#include "meter/security_priv.h"

#include "crypto/wipe.h"

#include <string.h>

bool meter_security_present(const meter *m)
{
    return m->ports.element.transmit != NULL;
}

gt_err security_send(const gt_apdu *to, const security_chip *command, gt_apdu_answer *out)
{
    uint8_t bytes[GT_APDU_MAX];
    gt_wr w = gt_wr_of(bytes, sizeof bytes);
    gt_wr_u8(&w, command->cla);
    gt_wr_u8(&w, command->ins);
    gt_wr_u8(&w, command->p1);
    gt_wr_u8(&w, command->p2);
    gt_wr_u8(&w, (uint8_t)command->len);
    if (command->data != NULL) {
        gt_wr_bytes(&w, command->data, command->len);
    }
    GT_ASSERT(gt_wr_done(&w) == GT_ERR_OK);
    GT_TRY(to->transmit(to->ctx, bytes, w.len, out));
    return out->status == GT_SW_MEMORY ? GT_ERR_IO : GT_ERR_OK;
}

gt_err security_read(const gt_apdu *from, const security_chip *command, uint8_t *out)
{
    gt_apdu_answer answer;
    GT_TRY(security_send(from, command, &answer));
    if (answer.status != GT_SW_OK || answer.len != command->len) {
        return GT_ERR_IO;
    }
    memcpy(out, answer.data, answer.len);
    return GT_ERR_OK;
}

gt_err security_file_read(const gt_apdu *from, uint8_t sfi, uint8_t offset, uint8_t *out,
                          size_t len)
{
    const security_chip command = {
        .ins = 0xB0, .p1 = (uint8_t)(0x80U | sfi), .p2 = offset, .len = len};
    return security_read(from, &command, out);
}

gt_err security_record_read(const gt_apdu *from, uint8_t record, uint32_t *out)
{
    uint8_t bytes[SECURITY_WORD_LEN];
    const security_chip command = {.ins = 0xB2, .p1 = record, .p2 = 0x0C, .len = sizeof bytes};
    GT_TRY(security_read(from, &command, bytes));
    gt_rd r = gt_rd_of(bytes, sizeof bytes);
    *out = gt_rd_u32be(&r);
    return GT_ERR_OK;
}

gt_err security_kept_save(meter *m)
{
    uint8_t bytes[SECURITY_BLOCK_LEN] = {0};
    const security_kept *k = &m->security.kept;
    gt_wr w = gt_wr_of(bytes, sizeof bytes);
    gt_wr_u8(&w, k->wrong);
    gt_wr_u32le(&w, (uint32_t)k->wrong_day);
    gt_wr_u32le(&w, k->illegal_cards);
    gt_wr_bytes(&w, k->card, sizeof k->card);
    gt_wr_u32le(&w, k->amount);
    gt_wr_u32le(&w, k->count);
    gt_wr_u64le(&w, k->customer_no);
    gt_wr_u8(&w, k->opens ? 1 : 0);
    GT_ASSERT(gt_wr_done(&w) == GT_ERR_OK);
    return block_write(m, BLOCK_SECURITY, 0, bytes);
}

static gt_err kept_load(const meter *m, security_kept *out)
{
    uint8_t bytes[SECURITY_BLOCK_LEN];
    GT_TRY(block_read(m, BLOCK_SECURITY, 0, bytes));
    gt_rd r = gt_rd_of(bytes, sizeof bytes);
    out->wrong = gt_rd_u8(&r);
    out->wrong_day = (int32_t)gt_rd_u32le(&r);
    out->illegal_cards = gt_rd_u32le(&r);
    memcpy(out->card, gt_rd_take(&r, sizeof out->card), sizeof out->card);
    out->amount = gt_rd_u32le(&r);
    out->count = gt_rd_u32le(&r);
    out->customer_no = gt_rd_u64le(&r);
    out->opens = gt_rd_u8(&r) != 0;
    return GT_ERR_OK;
}

void security_start(meter *m, gt_mono now)
{
    if (!meter_security_present(m)) {
        return;
    }
    m->security.since = now;
    if (kept_load(m, &m->security.kept) != GT_ERR_OK) {
        m->security.kept = (security_kept){.wrong_day = METER_DAY_NONE};
    }
    security_wallet_due(m, now);
}

static bool suspended(meter *m, gt_mono now)
{
    security_kept *k = &m->security.kept;
    if (m->cfg->security_edition != METER_SECURITY_2013 || k->wrong < SECURITY_WRONG_MAX) {
        return false;
    }
    const int32_t today = clock_day(m, now);
    const bool over = today != METER_DAY_NONE && k->wrong_day != METER_DAY_NONE
                          ? today != k->wrong_day
                          : now.us - m->security.since.us >= meter_day_us;
    if (over) {
        k->wrong = 0; /* saved with the next change; found anew after a power cut */
    }
    return !over;
}

uint16_t security_session_check(meter *m, gt_mono now)
{
    if (suspended(m, now)) {
        return METER_RESULT_SUSPENDED;
    }
    if (m->security.live && now.us >= m->security.until.us) {
        security_session_end(m);
    }
    return m->security.live ? METER_RESULT_OK : METER_RESULT_AUTH;
}

void security_session_begin(meter *m, const uint8_t asked[4], gt_mono until)
{
    m->security.live = true;
    m->security.until = until;
    m->security.used_count = 0;
    memcpy(m->security.asked, asked, sizeof m->security.asked);
}

void security_session_end(meter *m)
{
    m->security.live = false;
    m->security.used_count = 0;
}

/* In both editions the count stops at its limit, so that nobody wears the memory out. */
static gt_err wrong_mac(meter *m, gt_mono now)
{
    security_kept *k = &m->security.kept;
    const bool counts = k->wrong < SECURITY_WRONG_MAX;
    k->wrong = (uint8_t)(k->wrong + (counts ? 1 : 0));
    static_assert(SECURITY_WRONG_MAX % SECURITY_DROP_EVERY == 0, "at the limit each one drops it");
    if (k->wrong % SECURITY_DROP_EVERY == 0) {
        security_session_end(m);
    }
    if (!counts) {
        return GT_ERR_OK;
    }
    k->wrong_day = clock_day(m, now);
    incident_point(m, RECORD_BAD_AUTH, METER_KEY_PURPOSES, now); /* beyond those of the meter */
    m->security.since = now;
    if (k->wrong == SECURITY_WRONG_MAX) {
        event_append(
            m, (meter_note){.kind = METER_EVENT_ATTACK, .detail = METER_KEY_PURPOSES, .now = now});
        m->store.dirty = true;
        store_flush(m, now);
    }
    return security_kept_save(m);
}

gt_err security_send_mac(meter *m, const security_chip *command, gt_mono now, uint16_t *out_result)
{
    gt_apdu_answer answer;
    GT_TRY(security_send(&m->ports.element, command, &answer));
    if (answer.status == GT_SW_MAC || answer.status == GT_SW_NO_CHALLENGE) {
        GT_TRY(wrong_mac(m, now));
        *out_result = METER_RESULT_MAC;
        return GT_ERR_OK;
    }
    if (m->security.kept.wrong != 0) { /* who has the keys is no guesser */
        m->security.kept.wrong = 0;
        GT_TRY(security_kept_save(m));
    }
    *out_result = answer.status == GT_SW_OK ? METER_RESULT_OK : METER_RESULT_MAC;
    return GT_ERR_OK;
}

gt_err security_send_once(meter *m, const security_chip *command, gt_mono now, uint16_t *out_result)
{
    meter_security *s = &m->security;
    const uint8_t *mac = command->data + command->len - SECURITY_MAC_LEN;
    for (unsigned i = 0; i < s->used_count; i++) {
        if (gt_secret_equal(s->used[i], mac, SECURITY_MAC_LEN)) {
            *out_result = METER_RESULT_REPEATED;
            return GT_ERR_OK;
        }
    }
    GT_TRY(security_send_mac(m, command, now, out_result));
    if (*out_result == METER_RESULT_OK) {
        memcpy(s->used[s->used_count], mac, SECURITY_MAC_LEN);
        s->used_count++;
        if (s->used_count == SECURITY_USED_MAX) {
            security_session_end(m);
        }
    }
    return GT_ERR_OK;
}
