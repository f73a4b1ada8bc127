/* Frames to payloads and back. */
#include "meter/dlt645_security.h"

#include "base/bytes.h"

#include <string.h>

enum {
    CODE_SECURITY = 0x03,
    CODE_WRITE = 0x14,
    CODE_CONTROL = 0x1C,
    ANSWER = 0x80,
    REFUSAL = 0xC0,
    LEVEL_SEALED = 0x98,
    LEVEL_PLAIN = 0x99,
    PASSWORD_LEN = 3,
    OPERATOR_LEN = 4,
    ERROR_OTHER = 1,
};

static void answer_make(const dlt645_frame *request, uint8_t kind, gt_wr *w, dlt645_frame *out)
{
    out->addr = request->addr;
    out->ctrl = request->ctrl | kind;
    out->data_len = (uint8_t)w->len;
}

static dlt645_secured refuse(const dlt645_frame *request, uint16_t error, size_t len,
                             dlt645_frame *out)
{
    gt_wr w = gt_wr_of(out->data, sizeof out->data);
    gt_wr_u8(&w, (uint8_t)error);
    if (len > 1) {
        gt_wr_u8(&w, (uint8_t)(error >> 8U));
    }
    answer_make(request, REFUSAL, &w, out);
    return DLT645_SECURED_ANSWERED;
}

static dlt645_secured security_frame(struct meter *m, const dlt645_frame *request, gt_mono now,
                                     dlt645_frame *out)
{
    gt_rd r = gt_rd_of(request->data, request->data_len);
    security_request rq = {.di = gt_rd_u32le(&r)};
    (void)gt_rd_take(&r, OPERATOR_LEN);
    rq.len = gt_rd_left(&r);
    rq.data = gt_rd_take(&r, rq.len);
    if (gt_rd_done(&r) != GT_ERR_OK) {
        return refuse(request, ERROR_OTHER, 2, out);
    }
    security_answer answer;
    if (meter_security_command(m, &rq, now, &answer) != GT_ERR_OK) {
        return DLT645_SECURED_SILENT;
    }
    if (answer.error != 0) {
        return refuse(request, answer.error, 2, out);
    }
    gt_wr w = gt_wr_of(out->data, sizeof out->data);
    gt_wr_u32le(&w, rq.di);
    gt_wr_bytes(&w, answer.data, answer.len);
    GT_ASSERT(gt_wr_done(&w) == GT_ERR_OK);
    answer_make(request, ANSWER, &w, out);
    return DLT645_SECURED_ANSWERED;
}

static dlt645_secured write_frame(struct meter *m, const dlt645_frame *request, gt_mono now,
                                  dlt645_frame *out, dlt645_secured_write *write)
{
    gt_rd r = gt_rd_of(request->data, request->data_len);
    security_request rq = {.di = gt_rd_u32le(&r)};
    const uint8_t level = gt_rd_u8(&r);
    if (gt_rd_left(&r) == 0 || (level != LEVEL_SEALED && level != LEVEL_PLAIN)) {
        return DLT645_SECURED_NOT;
    }
    (void)gt_rd_take(&r, PASSWORD_LEN + OPERATOR_LEN);
    rq.len = gt_rd_left(&r);
    rq.data = gt_rd_take(&r, rq.len);
    if (gt_rd_done(&r) != GT_ERR_OK) {
        return refuse(request, ERROR_OTHER, 1, out);
    }
    security_answer answer;
    if (meter_security_write(m, level, &rq, now, &answer) != GT_ERR_OK) {
        return DLT645_SECURED_SILENT;
    }
    if (answer.error != 0) {
        return refuse(request, answer.error, 1, out);
    }
    gt_wr w = gt_wr_of(out->data, sizeof out->data);
    answer_make(request, ANSWER, &w, out);
    write->di = rq.di;
    write->len = answer.len;
    memcpy(write->data, answer.data, answer.len);
    return DLT645_SECURED_APPLY;
}

static dlt645_secured control_frame(struct meter *m, const dlt645_frame *request, gt_mono now,
                                    dlt645_frame *out)
{
    gt_rd r = gt_rd_of(request->data, request->data_len);
    uint16_t error = 0;
    if (gt_rd_u8(&r) != LEVEL_SEALED) {
        return DLT645_SECURED_NOT;
    }
    (void)gt_rd_take(&r, PASSWORD_LEN + OPERATOR_LEN);
    const uint8_t *data = gt_rd_take(&r, SECURITY_CONTROL_LEN);
    if (gt_rd_done(&r) != GT_ERR_OK) {
        return refuse(request, ERROR_OTHER, 1, out);
    }
    if (meter_security_control(m, data, now, &error) != GT_ERR_OK) {
        return DLT645_SECURED_SILENT;
    }
    if (error != 0) {
        return refuse(request, error, 1, out);
    }
    gt_wr w = gt_wr_of(out->data, sizeof out->data);
    answer_make(request, ANSWER, &w, out);
    return DLT645_SECURED_ANSWERED;
}

dlt645_secured meter_dlt645_secured(struct meter *m, const dlt645_frame *request, gt_mono now,
                                    dlt645_frame *answer, dlt645_secured_write *write)
{
    switch (request->ctrl) {
    case CODE_SECURITY:
        return security_frame(m, request, now, answer);
    case CODE_WRITE:
        return write_frame(m, request, now, answer, write);
    case CODE_CONTROL:
        return control_frame(m, request, now, answer);
    default:
        return DLT645_SECURED_NOT;
    }
}
