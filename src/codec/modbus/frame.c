/* Modbus RTU data units: unit, function and body, CRC. The CRC is checked before anything else is
 * believed; the bodies are read and written in pdu.c. How long a data unit will be is told here,
 * too, since RTU has no length field of its own. */
#include "codec/modbus/pdu_priv.h"

#include "base/sum.h"

enum {
    CRC_LEN = 2,
    HEAD_LEN = 2,           /* unit, function */
    FIXED_LEN = 8,          /* unit, function, two words, CRC */
    WRITE_HEAD_LEN = 7,     /* request that writes many, up to and with its byte count */
    EXCHANGE_HEAD_LEN = 11, /* the same of READ_WRITE */
    IDENTIFY_LEN = 7,       /* unit, function, type, access, object, CRC */
    IDENTITY_HEAD_LEN = 8,  /* its answer up to and with the count of objects */
    READ_ANSWER_HEAD = 3    /* unit, function, byte count */
};

bool modbus_adu_valid(const uint8_t *in, size_t in_len)
{
    if (in_len < MODBUS_ADU_MIN || in_len > MODBUS_ADU_MAX) {
        return false;
    }
    const uint16_t crc = gt_crc16_modbus(in, in_len - CRC_LEN);
    return in[in_len - 2] == (crc & 0xFF) && in[in_len - 1] == crc >> 8;
}

static gt_err adu_check(const uint8_t *in, size_t in_len)
{
    if (in_len < MODBUS_ADU_MIN) {
        return GT_ERR_TRUNCATED;
    }
    if (in_len > MODBUS_ADU_MAX) {
        return GT_ERR_TRAILING;
    }
    return modbus_adu_valid(in, in_len) ? GT_ERR_OK : GT_ERR_CHECKSUM;
}

static void crc_append(gt_wr *w)
{
    if (w->len <= w->cap) {
        gt_wr_u16le(w, gt_crc16_modbus(w->buf, w->len));
    } else {
        gt_wr_fill(w, 0, CRC_LEN); /* does not fit anyway: only count */
    }
}

/* Units that may be asked that, which passed modbus_pdu_check. */
static gt_err unit_check(const modbus_request *request)
{
    const modbus_row_function *row = modbus_function_find((uint8_t)request->function);
    const bool broadcast = request->unit == MODBUS_BROADCAST;
    return request->unit > MODBUS_UNIT_MAX || (broadcast && !modbus_only_writes(row->shape))
               ? GT_ERR_RANGE
               : GT_ERR_OK;
}

gt_err modbus_request_encode(const modbus_request *request, uint8_t *buf, size_t cap,
                             size_t *out_len)
{
    gt_wr w = gt_wr_of(buf, cap);
    gt_wr_u8(&w, request->unit);
    GT_TRY(modbus_pdu_request_write(&w, request));
    GT_TRY(unit_check(request));
    crc_append(&w);
    GT_TRY(gt_wr_done(&w));
    *out_len = w.len;
    return GT_ERR_OK;
}

gt_err modbus_request_decode(const uint8_t *in, size_t in_len, modbus_request *out)
{
    GT_TRY(adu_check(in, in_len));
    gt_rd r = gt_rd_of(in, in_len - CRC_LEN);
    modbus_request q = {.unit = gt_rd_u8(&r)};
    GT_TRY(modbus_pdu_request_read(&r, &q));
    GT_TRY(unit_check(&q));
    *out = q;
    return GT_ERR_OK;
}

modbus_exception modbus_exception_of(gt_err err)
{
    if (err == GT_ERR_UNSUPPORTED) {
        return MODBUS_ILLEGAL_FUNCTION;
    }
    return err == GT_ERR_RANGE || err == GT_ERR_MALFORMED ? MODBUS_ILLEGAL_VALUE
                                                          : MODBUS_NO_EXCEPTION;
}

gt_err modbus_reply_encode(const modbus_reply *reply, uint8_t *buf, size_t cap, size_t *out_len)
{
    if (reply->unit == MODBUS_BROADCAST || reply->unit > MODBUS_UNIT_MAX) {
        return GT_ERR_RANGE;
    }
    gt_wr w = gt_wr_of(buf, cap);
    gt_wr_u8(&w, reply->unit);
    GT_TRY(modbus_pdu_reply_write(&w, reply));
    crc_append(&w);
    GT_TRY(gt_wr_done(&w));
    *out_len = w.len;
    return GT_ERR_OK;
}

gt_err modbus_exception_encode(const uint8_t *request, size_t request_len,
                               modbus_exception exception, uint8_t *buf, size_t cap)
{
    if (request_len < HEAD_LEN) {
        return GT_ERR_TRUNCATED;
    }
    gt_wr w = gt_wr_of(buf, cap);
    gt_wr_u8(&w, request[0]);
    gt_wr_u8(&w, request[1] | MODBUS_EXCEPTION_FLAG);
    gt_wr_u8(&w, (uint8_t)exception);
    crc_append(&w);
    return gt_wr_done(&w);
}

gt_err modbus_reply_decode(const modbus_request *request, const uint8_t *in, size_t in_len,
                           modbus_reply *out)
{
    GT_TRY(modbus_pdu_check(request));
    GT_TRY(unit_check(request));
    GT_TRY(adu_check(in, in_len));
    gt_rd r = gt_rd_of(in, in_len - CRC_LEN);
    const uint8_t unit = gt_rd_u8(&r);
    if (unit != request->unit) {
        return GT_ERR_MISMATCH;
    }
    GT_TRY(modbus_pdu_reply_read(&r, request, out));
    out->unit = unit;
    return GT_ERR_OK;
}

/* An answer with values: its byte count must be what was asked for. */
static gt_err values_answer_len(const modbus_exchange *x, unsigned shape, size_t *out_len)
{
    if (x->got_len < READ_ANSWER_HEAD) {
        return GT_ERR_TRUNCATED;
    }
    const uint16_t count = (uint16_t)(x->request[4] << 8 | x->request[5]);
    if (x->got[2] != modbus_packed_len(shape, count)) {
        return GT_ERR_MISMATCH;
    }
    *out_len = READ_ANSWER_HEAD + (size_t)x->got[2] + CRC_LEN;
    return GT_ERR_OK;
}

/* It ends where its last object does. */
static gt_err identity_len(const modbus_exchange *x, size_t *out_len)
{
    gt_rd r = gt_rd_of(x->got, x->got_len);
    const uint8_t *head = gt_rd_take(&r, IDENTITY_HEAD_LEN);
    modbus_object object;
    for (unsigned n = 0; head != NULL && n < head[IDENTITY_HEAD_LEN - 1]; n++) {
        GT_TRY(modbus_object_next(&r, &object));
    }
    GT_TRY(r.err);
    if (r.pos + CRC_LEN > MODBUS_ADU_MAX) {
        return GT_ERR_MISMATCH;
    }
    *out_len = r.pos + CRC_LEN;
    return GT_ERR_OK;
}

gt_err modbus_reply_len(const modbus_exchange *exchange, size_t *out_len)
{
    const modbus_exchange *x = exchange;
    const modbus_row_function *row =
        x->request_len < IDENTIFY_LEN ? NULL : modbus_function_find(x->request[1]);
    if (row == NULL || (row->shape != MODBUS_SHAPE_IDENTIFY && x->request_len < FIXED_LEN)) {
        return GT_ERR_UNSUPPORTED;
    }
    if (x->got_len > 0 && x->got[0] != x->request[0]) {
        return GT_ERR_MISMATCH;
    }
    if (x->got_len < HEAD_LEN) {
        return GT_ERR_TRUNCATED;
    }
    if (x->got[1] == (x->request[1] | MODBUS_EXCEPTION_FLAG)) {
        *out_len = MODBUS_EXCEPTION_LEN;
        return GT_ERR_OK;
    }
    if (x->got[1] != x->request[1]) {
        return GT_ERR_MISMATCH;
    }
    if (row->shape == MODBUS_SHAPE_IDENTIFY) {
        return identity_len(x, out_len);
    }
    if (modbus_answers_values(row->shape)) {
        return values_answer_len(x, row->shape, out_len);
    }
    *out_len = FIXED_LEN;
    return GT_ERR_OK;
}

gt_err modbus_request_len(const uint8_t *in, size_t in_len, size_t *out_len)
{
    if (in_len < HEAD_LEN) {
        return GT_ERR_TRUNCATED;
    }
    const modbus_row_function *row = modbus_function_find(in[1]);
    if (row == NULL) {
        return GT_ERR_UNSUPPORTED;
    }
    if (!modbus_asks_values(row->shape)) {
        *out_len = row->shape == MODBUS_SHAPE_IDENTIFY ? IDENTIFY_LEN : FIXED_LEN;
        return GT_ERR_OK;
    }
    const bool exchange = row->shape == MODBUS_SHAPE_READ_WRITE;
    const size_t head = exchange ? EXCHANGE_HEAD_LEN : WRITE_HEAD_LEN;
    if (in_len < head) {
        return GT_ERR_TRUNCATED;
    }
    const uint8_t bytes = in[head - 1];
    const uint16_t most = exchange ? MODBUS_EXCHANGE_MAX : row->most;
    const bool odd = row->shape != MODBUS_SHAPE_WRITE_BITS && bytes % 2 != 0;
    if (odd || bytes == 0 || bytes > modbus_packed_len(row->shape, most)) {
        return GT_ERR_MALFORMED;
    }
    *out_len = head + bytes + CRC_LEN;
    return GT_ERR_OK;
}
