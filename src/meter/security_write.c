/* Control codes 14H and 1CH with a MAC in place of a password. Level 99 sends text, level 98 sealed
 * text; both go into a file of the element, which judges the MAC and opens the seal, and what is
 * then read back is what the meter acts on. */
#include "meter/security_priv.h"

#include "codec/dlt645/security.h"

#include <string.h>

enum {
    LEVEL_SEALED = 0x98,
    LEVEL_PLAIN = 0x99,
    CONTROL_SFI = 0x08,
    CONTROL_TEXT_LEN = 8, /* N1, N2, then second minute hour day month year */
    SENT_FILES = 5,
    DI_LEN = 4,
    FAULT_OTHER = 1,
    FAULT_AUTH = 1 << 2,
};

/* Files 89 90 91 92 93, counted in decimal, by DI2. */
static uint8_t sent_p1(uint32_t di)
{
    static const uint8_t p1[SENT_FILES] = {0x89, 0x90, 0x91, 0x92, 0x93};
    return p1[(di >> 16U & 0xFFU) % SENT_FILES];
}

typedef struct place {
    uint32_t first;
    uint32_t last;
    uint8_t sfi;
    uint8_t offset;
    uint8_t len;
} place;

static const place *place_find(uint32_t di)
{
    static const place places[] = {
#define PARAMETER(first, last, sfi, offset, len) {first, last, sfi, offset, len},
#include "meter/security_parameter.def"
#undef PARAMETER
    };
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        if (di >= places[i].first && di <= places[i].last) {
            return &places[i];
        }
    }
    return NULL;
}

static gt_err plain_take(meter *m, const security_request *rq, gt_mono now, security_answer *out)
{
    const place *found = place_find(rq->di);
    if (found == NULL || rq->len != (size_t)found->len + SECURITY_MAC_LEN) {
        out->error = METER_RESULT_OTHER;
        return GT_ERR_OK;
    }
    const uint32_t offset = found->offset + (rq->di - found->first) * found->len;
    const security_chip write = {.cla = 0x04,
                                 .ins = 0xD6,
                                 .p1 = (uint8_t)(0x80U | found->sfi),
                                 .p2 = (uint8_t)offset,
                                 .data = rq->data,
                                 .len = rq->len};
    GT_TRY(security_send_once(m, &write, now, &out->error));
    memcpy(out->data, rq->data, found->len);
    out->len = found->len;
    return GT_ERR_OK;
}

/* The file then holds: length of identifier and data, identifier high byte first, data. */
static gt_err sealed_read(meter *m, uint32_t di, security_answer *out)
{
    uint8_t text[1 + DI_LEN + SECURITY_DATA_MAX];
    const uint8_t sfi = sent_p1(di) & 0x1FU;
    GT_TRY(security_file_read(&m->ports.element, sfi, 0, text, 1));
    const size_t len = text[0];
    if (len <= DI_LEN || len > sizeof text - 1) {
        out->error = METER_RESULT_OTHER;
        return GT_ERR_OK;
    }
    GT_TRY(security_file_read(&m->ports.element, sfi, 0, text, 1 + len));
    gt_rd r = gt_rd_of(text + 1, len);
    if (gt_rd_u32be(&r) != di) {
        out->error = METER_RESULT_OTHER;
        return GT_ERR_OK;
    }
    out->len = (uint8_t)(len - DI_LEN);
    memcpy(out->data, text + 1 + DI_LEN, out->len);
    return GT_ERR_OK;
}

static gt_err sealed_take(meter *m, const security_request *rq, gt_mono now, security_answer *out)
{
    const security_chip write = {
        .cla = 0x04, .ins = 0xD6, .p1 = sent_p1(rq->di), .data = rq->data, .len = rq->len};
    GT_TRY(security_send_once(m, &write, now, &out->error));
    return out->error == METER_RESULT_OK ? sealed_read(m, rq->di, out) : GT_ERR_OK;
}

static gt_err write_run(meter *m, uint8_t level, const security_request *rq, gt_mono now,
                        security_answer *out)
{
    uint8_t data[SECURITY_DATA_MAX];
    if (!meter_security_present(m) || rq->len > sizeof data ||
        (level != LEVEL_PLAIN && level != LEVEL_SEALED)) {
        out->error = METER_RESULT_OTHER;
        return GT_ERR_OK;
    }
    out->error = security_session_check(m, now);
    if (out->error != METER_RESULT_OK) {
        return GT_ERR_OK;
    }
    memcpy(data, rq->data, rq->len);
    if (dlt645_security_turn(DLT645_SECURITY_WRITE, false, data, rq->len) != GT_ERR_OK) {
        out->error = METER_RESULT_OTHER;
        return GT_ERR_OK;
    }
    const security_request turned = {.di = rq->di, .data = data, .len = rq->len};
    return level == LEVEL_PLAIN ? plain_take(m, &turned, now, out)
                                : sealed_take(m, &turned, now, out);
}

static void reverse(uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len / 2; i++) {
        const uint8_t low = bytes[i];
        bytes[i] = bytes[len - 1 - i];
        bytes[len - 1 - i] = low;
    }
}

gt_err meter_security_write(meter *m, uint8_t level, const security_request *request, gt_mono now,
                            security_answer *out)
{
    security_answer answer = {0};
    GT_TRY(write_run(m, level, request, now, &answer));
    if (answer.error != METER_RESULT_OK) {
        answer = (security_answer){.error = answer.error == METER_RESULT_OTHER ? FAULT_OTHER
                                                                               : FAULT_AUTH};
    }
    reverse(answer.data, answer.len);
    *out = answer;
    return GT_ERR_OK;
}

static gt_err expiry_of(const meter *m, const uint8_t *text, gt_utc *out)
{
    gt_rd r = gt_rd_of(text, CONTROL_TEXT_LEN);
    gt_civil at = {0};
    (void)gt_rd_take(&r, 2); /* N1, N2 */
    at.second = (uint8_t)gt_rd_bcd_be(&r, 1);
    at.minute = (uint8_t)gt_rd_bcd_be(&r, 1);
    at.hour = (uint8_t)gt_rd_bcd_be(&r, 1);
    at.day = (uint8_t)gt_rd_bcd_be(&r, 1);
    at.month = (uint8_t)gt_rd_bcd_be(&r, 1);
    at.year = (int16_t)(2000 + (int)gt_rd_bcd_be(&r, 1));
    GT_TRY(gt_rd_done(&r));
    return gt_utc_of_civil(&at, m->cfg->zone_min, out);
}

static gt_err control_do(meter *m, const uint8_t *text, gt_mono now, uint16_t *out_result)
{
    gt_utc expiry = {0};
    *out_result = expiry_of(m, text, &expiry) == GT_ERR_OK
                      ? control_check(m, text[0], expiry.ms, now)
                      : METER_RESULT_OTHER;
    if (*out_result != METER_RESULT_OK) {
        return GT_ERR_OK;
    }
    const meter_account before = m->state.account;
    control_apply(m, text[0], now);
    GT_TRY(order_commit(m, &before, now));
    supply_update(m, now);
    return GT_ERR_OK;
}

/* The edition of 2013 has error bits of its own for 1CH. */
static uint16_t control_error(const meter *m, uint16_t result)
{
    static const struct {
        uint16_t result;
        uint8_t error_2013;
    } errors[] = {
        {METER_RESULT_SUSPENDED, 1U << 0U}, {METER_RESULT_MAC, 1U << 1U},
        {METER_RESULT_REPEATED, 1U << 1U},  {METER_RESULT_AUTH, 1U << 3U},
        {METER_RESULT_EXPIRED, 1U << 4U},
    };
    if (result == METER_RESULT_OK) {
        return 0;
    }
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        if (errors[i].result == result) {
            const bool own = m->cfg->security_edition == METER_SECURITY_2013;
            return own ? errors[i].error_2013
                       : (result == METER_RESULT_EXPIRED ? FAULT_OTHER : FAULT_AUTH);
        }
    }
    return m->cfg->security_edition == METER_SECURITY_2013 ? FAULT_AUTH : FAULT_OTHER;
}

gt_err meter_security_control(meter *m, const uint8_t *data, gt_mono now, uint16_t *out_error)
{
    uint8_t turned[SECURITY_CONTROL_LEN];
    uint8_t text[CONTROL_TEXT_LEN];
    uint16_t result =
        meter_security_present(m) ? security_session_check(m, now) : METER_RESULT_STATE;
    if (result == METER_RESULT_OK) {
        memcpy(turned, data, sizeof turned);
        const gt_err err =
            dlt645_security_turn(DLT645_SECURITY_CONTROL, false, turned, sizeof turned);
        GT_ASSERT(err == GT_ERR_OK); /* the length is ours */
        const security_chip write = {.cla = 0x04,
                                     .ins = 0xD6,
                                     .p1 = 0x80U | CONTROL_SFI,
                                     .data = turned,
                                     .len = sizeof turned};
        GT_TRY(security_send_once(m, &write, now, &result));
    }
    if (result == METER_RESULT_OK) {
        GT_TRY(security_file_read(&m->ports.element, CONTROL_SFI, 0, text, sizeof text));
        GT_TRY(control_do(m, text, now, &result));
    }
    *out_error = control_error(m, result);
    return GT_ERR_OK;
}
