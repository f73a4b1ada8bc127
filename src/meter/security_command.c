/* Control code 03H: a row for each identifier. Checks come in this order: suspended, session,
 * length, and then those of the command itself. */
#include "meter/security_priv.h"

#include "codec/dlt645/security.h"
#include "crypto/wipe.h"

#include <string.h>

enum {
    CHALLENGE_LEN = 4,
    CIPHER_LEN = 8,
    FACTOR_LEN = 8,
    MINUTES_DEFAULT = 5,
    KEY_INFO_LEN = 4,
    KEY_WRAPPED_LEN = 32,
    KEY_METHOD_REMOTE = 1,
    SFI_PARAMETER = 0x02,
    SFI_KEYS = 0x06,
    FOLDER = 0xDF01,
};

static const int64_t us_minute = 60000000;

/** Payload in the element's order in; answer in the same order out. */
typedef gt_err security_handler(meter *m, const security_request *rq, gt_mono now,
                                security_answer *out);

static gt_err minutes_read(meter *m, uint64_t *out)
{
    uint8_t bcd[2];
    GT_TRY(
        security_file_read(&m->ports.element, SFI_PARAMETER, SECURITY_MINUTES_AT, bcd, sizeof bcd));
    gt_rd r = gt_rd_of(bcd, sizeof bcd);
    const uint64_t minutes = gt_rd_bcd_be(&r, sizeof bcd);
    *out = gt_rd_done(&r) == GT_ERR_OK && minutes != 0 ? minutes : MINUTES_DEFAULT;
    return GT_ERR_OK;
}

/* 00 00 and the meter number; as long as the element has public keys, 00 .. 01 as well. */
static gt_err factor_check(meter *m, const uint8_t factor[FACTOR_LEN], bool *out)
{
    static const uint8_t factory[FACTOR_LEN] = {0, 0, 0, 0, 0, 0, 0, 1};
    uint8_t own[FACTOR_LEN] = {0};
    uint8_t info[KEY_INFO_LEN];
    const gt_apdu *e = &m->ports.element;
    GT_TRY(
        security_file_read(e, SFI_PARAMETER, SECURITY_METER_NO_AT, own + 2, SECURITY_NUMBER_LEN));
    GT_TRY(security_file_read(e, SFI_KEYS, 0, info, sizeof info));
    *out = memcmp(factor, own, sizeof own) == 0 ||
           (info[0] == 0 && memcmp(factor, factory, sizeof factory) == 0);
    return GT_ERR_OK;
}

static gt_err identity_prove(meter *m, const uint8_t *cipher, const uint8_t *asked,
                             const uint8_t *factor, bool *out)
{
    const security_chip derive = {
        .cla = 0x80, .ins = 0xFA, .p2 = 0x03, .data = factor, .len = FACTOR_LEN};
    const security_chip answer = {.cla = 0x80, .ins = 0xFA, .data = asked, .len = CIPHER_LEN};
    gt_apdu_answer got;
    GT_TRY(security_send(&m->ports.element, &derive, &got));
    if (got.status != GT_SW_OK) {
        return GT_ERR_IO;
    }
    GT_TRY(security_send(&m->ports.element, &answer, &got));
    if (got.status != GT_SW_OK || got.len != CIPHER_LEN) {
        return GT_ERR_IO;
    }
    *out = gt_secret_equal(got.data, cipher, CIPHER_LEN);
    gt_wipe(&got, sizeof got);
    return GT_ERR_OK;
}

/* 070000FF */
static gt_err identity(meter *m, const security_request *rq, gt_mono now, security_answer *out)
{
    const uint8_t *cipher = rq->data;
    const uint8_t *asked = cipher + CIPHER_LEN;
    const uint8_t *factor = asked + CIPHER_LEN;
    const gt_apdu *e = &m->ports.element;
    uint8_t atr[GT_ATR_MAX];
    size_t atr_len = 0;
    bool good = false;
    security_session_end(m);
    GT_TRY(e->reset(e->ctx, atr, &atr_len));
    if (atr_len < GT_ATR_SERIAL_AT + GT_ATR_SERIAL_LEN) {
        return GT_ERR_IO;
    }
    GT_TRY(factor_check(m, factor, &good));
    if (!good) {
        out->error = METER_RESULT_OTHER;
        return GT_ERR_OK;
    }
    GT_TRY(identity_prove(m, cipher, asked, factor, &good));
    if (!good) {
        out->error = METER_RESULT_AUTH;
        return GT_ERR_OK;
    }
    const security_chip challenge = {.ins = 0x84, .len = CHALLENGE_LEN};
    uint64_t minutes = 0;
    GT_TRY(minutes_read(m, &minutes));
    GT_TRY(security_read(e, &challenge, out->data));
    memcpy(out->data + CHALLENGE_LEN, atr + GT_ATR_SERIAL_AT, GT_ATR_SERIAL_LEN);
    out->len = CHALLENGE_LEN + GT_ATR_SERIAL_LEN;
    security_session_begin(m, asked, (gt_mono){.us = now.us + (int64_t)minutes * us_minute});
    return GT_ERR_OK;
}

/* 070001FF */
static gt_err validity(meter *m, const security_request *rq, gt_mono now, security_answer *out)
{
    gt_rd r = gt_rd_of(rq->data, 2);
    const uint64_t minutes = gt_rd_bcd_be(&r, 2);
    if (gt_rd_done(&r) != GT_ERR_OK || minutes == 0) {
        out->error = METER_RESULT_OTHER;
        return GT_ERR_OK;
    }
    const security_chip write = {.cla = 0x04,
                                 .ins = 0xD6,
                                 .p1 = 0x80U | SFI_PARAMETER,
                                 .p2 = SECURITY_MINUTES_AT,
                                 .data = rq->data,
                                 .len = rq->len};
    GT_TRY(security_send_mac(m, &write, now, &out->error));
    if (out->error == METER_RESULT_OK) {
        m->security.until.us = now.us + (int64_t)minutes * us_minute;
    }
    return GT_ERR_OK;
}

static gt_err customer_and_wallet(meter *m, uint8_t *customer, uint32_t *amount, uint32_t *count)
{
    const gt_apdu *e = &m->ports.element;
    GT_TRY(
        security_file_read(e, SFI_PARAMETER, SECURITY_CUSTOMER_AT, customer, SECURITY_NUMBER_LEN));
    GT_TRY(security_record_read(e, SECURITY_RECORD_AMOUNT, amount));
    return security_record_read(e, SECURITY_RECORD_COUNT, count);
}

/* 070002FF */
static gt_err session_end(meter *m, const security_request *rq, gt_mono now, security_answer *out)
{
    (void)rq;
    const gt_apdu *e = &m->ports.element;
    uint8_t customer[SECURITY_NUMBER_LEN];
    uint8_t info[KEY_INFO_LEN];
    uint8_t atr[GT_ATR_MAX];
    uint32_t amount = 0;
    uint32_t count = 0;
    size_t atr_len = 0;
    GT_TRY(security_recover(m, now));
    GT_TRY(security_wallet_settle(m));
    GT_TRY(customer_and_wallet(m, customer, &amount, &count));
    GT_TRY(security_file_read(e, SFI_KEYS, 0, info, sizeof info));
    gt_wr w = gt_wr_of(out->data, sizeof out->data);
    gt_wr_bytes(&w, customer, sizeof customer);
    gt_wr_u32be(&w, amount);
    gt_wr_u32be(&w, count);
    gt_wr_bytes(&w, info, sizeof info);
    out->len = (uint8_t)w.len;
    security_session_end(m);
    return e->reset(e->ctx, atr, &atr_len);
}

/* 070004FF, 070005FF: only files that are for this. */
static gt_err file_write(meter *m, const security_request *rq, gt_mono now, security_answer *out)
{
    static const struct {
        uint32_t di;
        uint8_t sfi;
    } files[] = {
        {DLT645_SECURITY_FILE_PLAIN, 0x18},  {DLT645_SECURITY_FILE_PLAIN, 0x1A},
        {DLT645_SECURITY_FILE_PLAIN, 0x1B},  {DLT645_SECURITY_FILE_PLAIN, 0x1C},
        {DLT645_SECURITY_FILE_SEALED, 0x15}, {DLT645_SECURITY_FILE_SEALED, 0x0B},
    };
    gt_rd r = gt_rd_of(rq->data, rq->len);
    const uint8_t sfi = gt_rd_u8(&r);
    const uint16_t offset = gt_rd_u16be(&r);
    bool allowed = false;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        allowed = allowed || (files[i].di == rq->di && files[i].sfi == sfi);
    }
    if (!allowed || offset > UINT8_MAX) {
        out->error = METER_RESULT_OTHER;
        return GT_ERR_OK;
    }
    const size_t len = gt_rd_left(&r);
    const security_chip write = {.cla = 0x04,
                                 .ins = 0xD6,
                                 .p1 = (uint8_t)(0x80U | sfi),
                                 .p2 = (uint8_t)offset,
                                 .data = gt_rd_take(&r, len),
                                 .len = len};
    return security_send_once(m, &write, now, &out->error);
}

/* 070101FF, 070102FF */
static gt_err purchase(meter *m, const security_request *rq, gt_mono now, security_answer *out)
{
    return security_purchase(m, rq->data, rq->di == DLT645_SECURITY_OPEN, now, &out->error);
}

/* 070103FF */
static gt_err wallet_init(meter *m, const security_request *rq, gt_mono now, security_answer *out)
{
    GT_TRY(security_wallet_init(m, rq->data, now, &out->error));
    if (out->error != METER_RESULT_OK) {
        return GT_ERR_OK;
    }
    uint8_t customer[SECURITY_NUMBER_LEN];
    uint32_t amount = 0;
    uint32_t count = 0;
    GT_TRY(customer_and_wallet(m, customer, &amount, &count));
    gt_wr w = gt_wr_of(out->data, sizeof out->data);
    gt_wr_u32be(&w, amount);
    gt_wr_u32be(&w, count);
    gt_wr_bytes(&w, customer, sizeof customer);
    out->len = (uint8_t)w.len;
    return GT_ERR_OK;
}

static gt_err keys_send(meter *m, const uint8_t *data, size_t len, gt_mono now, uint16_t *out)
{
    if (!order_allowed(m, METER_ACT_KEYS)) {
        *out = METER_RESULT_STATE;
        return GT_ERR_OK;
    }
    const security_chip update = {
        .cla = 0x84, .ins = 0xD4, .p1 = 0x01, .p2 = 0xFF, .data = data, .len = len};
    return security_send_mac(m, &update, now, out);
}

/* Which key 070201FF .. 070203FF replace; sources differ about the first two. */
static uint8_t slot_of(const meter *m, uint32_t di)
{
    static const uint8_t slots[2][3] = {{1, 2, 3}, {2, 1, 3}};
    return slots[m->cfg->security_keys_swapped ? 1 : 0][(di - DLT645_SECURITY_KEY_FIRST) >> 8U];
}

/* 0702xxFF: key info 4, MAC 4, wrapped key 32. The element wants the MAC last. */
static gt_err key_update(meter *m, const security_request *rq, gt_mono now, security_answer *out)
{
    if (m->cfg->security_edition != METER_SECURITY_2009 || rq->data[1] != KEY_METHOD_REMOTE ||
        rq->data[2] != slot_of(m, rq->di)) {
        out->error = METER_RESULT_OTHER;
        return GT_ERR_OK;
    }
    uint8_t data[KEY_INFO_LEN + KEY_WRAPPED_LEN + SECURITY_MAC_LEN];
    memcpy(data, rq->data, KEY_INFO_LEN);
    memcpy(data + KEY_INFO_LEN, rq->data + KEY_INFO_LEN + SECURITY_MAC_LEN, KEY_WRAPPED_LEN);
    memcpy(data + KEY_INFO_LEN + KEY_WRAPPED_LEN, rq->data + KEY_INFO_LEN, SECURITY_MAC_LEN);
    return keys_send(m, data, sizeof data, now, &out->error);
}

/* 070301FF */
static gt_err keys_update(meter *m, const security_request *rq, gt_mono now, security_answer *out)
{
    if (m->cfg->security_edition != METER_SECURITY_2013) {
        out->error = METER_RESULT_OTHER;
        return GT_ERR_OK;
    }
    return keys_send(m, rq->data, rq->len, now, &out->error);
}

/* The element's text and MAC, as command 04 D6 of that offset would carry them. */
static gt_err give(meter *m, const security_chip *read, uint8_t len, uint8_t *out, bool *out_given)
{
    uint8_t ask[CHALLENGE_LEN + GT_APDU_HEAD_LEN];
    gt_wr w = gt_wr_of(ask, sizeof ask);
    gt_wr_bytes(&w, m->security.asked, CHALLENGE_LEN);
    gt_wr_u8(&w, 0x04);
    gt_wr_u8(&w, 0xD6);
    gt_wr_u8(&w, read->ins == 0xB2 ? 0x80U | SFI_PARAMETER : read->p1);
    gt_wr_u8(&w, read->ins == 0xB2 ? 0 : read->p2);
    gt_wr_u8(&w, (uint8_t)(len + SECURITY_MAC_LEN));
    security_chip command = *read;
    command.cla = 0x04;
    command.data = ask;
    command.len = sizeof ask;
    gt_apdu_answer answer;
    GT_TRY(security_send(&m->ports.element, &command, &answer));
    *out_given = answer.status == GT_SW_OK && answer.len == len + SECURITY_MAC_LEN;
    if (*out_given) {
        memcpy(out, answer.data, answer.len);
    }
    return GT_ERR_OK;
}

/* 078001FF */
static gt_err read_back(meter *m, const security_request *rq, gt_mono now, security_answer *out)
{
    (void)now;
    gt_rd r = gt_rd_of(rq->data, rq->len);
    const uint16_t len = gt_rd_u16be(&r);
    const uint16_t start = gt_rd_u16be(&r);
    const uint16_t file = gt_rd_u16be(&r);
    const uint16_t folder = gt_rd_u16be(&r);
    const size_t room = sizeof out->data - rq->len - SECURITY_MAC_LEN;
    if (len == 0 || len > room || start > UINT8_MAX || file > 0x1F || folder != FOLDER) {
        out->error = METER_RESULT_OTHER;
        return GT_ERR_OK;
    }
    const security_chip read = {.ins = 0xB0, .p1 = (uint8_t)(0x80U | file), .p2 = (uint8_t)start};
    bool given = false;
    GT_TRY(give(m, &read, (uint8_t)len, out->data + rq->len, &given));
    if (!given) {
        out->error = METER_RESULT_OTHER;
        return GT_ERR_OK;
    }
    memcpy(out->data, rq->data, rq->len);
    out->len = (uint8_t)(rq->len + len + SECURITY_MAC_LEN);
    return GT_ERR_OK;
}

/* 078102FF */
static gt_err status(meter *m, const security_request *rq, gt_mono now, security_answer *out)
{
    (void)rq;
    const gt_apdu *e = &m->ports.element;
    static const uint8_t records[] = {SECURITY_RECORD_AMOUNT, SECURITY_RECORD_COUNT};
    uint8_t *at = out->data;
    GT_TRY(security_recover(m, now));
    GT_TRY(security_wallet_settle(m));
    for (size_t i = 0; i < sizeof records; i++) {
        const security_chip read = {.ins = 0xB2, .p1 = records[i], .p2 = 0x0C};
        bool given = false;
        GT_TRY(give(m, &read, SECURITY_WORD_LEN, at, &given));
        if (!given) {
            return GT_ERR_IO;
        }
        at += SECURITY_WORD_LEN + SECURITY_MAC_LEN;
    }
    GT_TRY(security_file_read(e, SFI_PARAMETER, SECURITY_CUSTOMER_AT, at, SECURITY_NUMBER_LEN));
    at += SECURITY_NUMBER_LEN;
    GT_TRY(security_file_read(e, SFI_KEYS, 0, at, KEY_INFO_LEN));
    out->len = (uint8_t)(at + KEY_INFO_LEN - out->data);
    return GT_ERR_OK;
}

static const struct {
    uint32_t di;
    security_handler *handler;
} rows[] = {
    {DLT645_SECURITY_IDENTITY, identity},      {DLT645_SECURITY_VALIDITY, validity},
    {DLT645_SECURITY_END, session_end},        {DLT645_SECURITY_FILE_PLAIN, file_write},
    {DLT645_SECURITY_FILE_SEALED, file_write}, {DLT645_SECURITY_OPEN, purchase},
    {DLT645_SECURITY_PURCHASE, purchase},      {DLT645_SECURITY_WALLET_INIT, wallet_init},
    {DLT645_SECURITY_KEY_FIRST, key_update},   {DLT645_SECURITY_KEY_SECOND, key_update},
    {DLT645_SECURITY_KEY_THIRD, key_update},   {DLT645_SECURITY_KEYS, keys_update},
    {DLT645_SECURITY_READ_BACK, read_back},    {DLT645_SECURITY_STATUS, status},
};

static security_handler *handler_of(uint32_t di)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].di == di) {
            return rows[i].handler;
        }
    }
    return NULL;
}

/* The identity of the asker opens a session; all else needs one. */
static uint16_t may_run(meter *m, uint32_t di, gt_mono now)
{
    const uint16_t session = security_session_check(m, now);
    return session == METER_RESULT_AUTH && di == DLT645_SECURITY_IDENTITY ? METER_RESULT_OK
                                                                          : session;
}

static gt_err command_run(meter *m, const security_request *rq, gt_mono now, security_answer *out)
{
    security_handler *handler = handler_of(rq->di);
    uint8_t data[SECURITY_DATA_MAX];
    if (!meter_security_present(m) || handler == NULL || rq->len > sizeof data) {
        out->error = METER_RESULT_OTHER;
        return GT_ERR_OK;
    }
    out->error = may_run(m, rq->di, now);
    if (out->error != METER_RESULT_OK) {
        return GT_ERR_OK;
    }
    memcpy(data, rq->data, rq->len);
    if (dlt645_security_turn(rq->di, false, data, rq->len) != GT_ERR_OK) {
        out->error = METER_RESULT_OTHER;
        return GT_ERR_OK;
    }
    const security_request turned = {.di = rq->di, .data = data, .len = rq->len};
    GT_TRY(handler(m, &turned, now, out));
    if (out->error != METER_RESULT_OK) {
        out->len = 0;
        return GT_ERR_OK;
    }
    return dlt645_security_turn(rq->di, true, out->data, out->len);
}

gt_err meter_security_command(meter *m, const security_request *request, gt_mono now,
                              security_answer *out)
{
    security_answer answer = {0};
    GT_TRY(command_run(m, request, now, &answer));
    if ((answer.error & METER_RESULT_STATE) != 0) {
        answer.error = METER_RESULT_OTHER; /* the word has no bit of its own for it */
    }
    *out = answer;
    return GT_ERR_OK;
}
