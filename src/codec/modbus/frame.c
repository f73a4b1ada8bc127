/* Modbus RTU data units. Every ADU is unit, function, body, CRC; the CRC is checked before anything
 * else is believed, then one reader walks the body. Limits come from one table by function. */
#include "codec/modbus/frame.h"

#include "base/bytes.h"
#include "base/sum.h"

#include <string.h>

enum {
    CRC_LEN = 2,
    HEAD_LEN = 2,        /* unit, function */
    FIXED_LEN = 8,       /* unit, function, two words, CRC */
    WRITE_HEAD_LEN = 7,  /* request 10H up to and with its byte count */
    READ_ANSWER_HEAD = 3 /* unit, function, byte count */
};

static bool is_read(uint8_t function)
{
    return function == MODBUS_READ_HOLDING || function == MODBUS_READ_INPUT;
}

static bool is_known(uint8_t function)
{
    return is_read(function) || function == MODBUS_WRITE_SINGLE ||
           function == MODBUS_WRITE_MULTIPLE;
}

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

static unsigned count_max(uint8_t function)
{
    if (is_read(function)) {
        return MODBUS_READ_MAX;
    }
    return function == MODBUS_WRITE_SINGLE ? 1 : MODBUS_WRITE_MAX;
}

static gt_err request_check(const modbus_request *request)
{
    if (!is_known((uint8_t)request->function)) {
        return GT_ERR_UNSUPPORTED;
    }
    const bool read = is_read((uint8_t)request->function);
    if (request->unit > MODBUS_UNIT_MAX || (read && request->unit == MODBUS_BROADCAST)) {
        return GT_ERR_RANGE;
    }
    if (request->count == 0 || request->count > count_max((uint8_t)request->function) ||
        (uint32_t)request->start + request->count > UINT16_MAX + 1U) {
        return GT_ERR_RANGE;
    }
    return GT_ERR_OK;
}

static void values_write(gt_wr *w, const uint16_t *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        gt_wr_u16be(w, values[i]);
    }
}

static void values_read(gt_rd *r, uint16_t *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        values[i] = gt_rd_u16be(r);
    }
}

gt_err modbus_request_encode(const modbus_request *request, uint8_t *buf, size_t cap,
                             size_t *out_len)
{
    GT_TRY(request_check(request));
    gt_wr w = gt_wr_of(buf, cap);
    gt_wr_u8(&w, request->unit);
    gt_wr_u8(&w, (uint8_t)request->function);
    gt_wr_u16be(&w, request->start);
    if (request->function != MODBUS_WRITE_SINGLE) {
        gt_wr_u16be(&w, request->count);
    }
    if (request->function == MODBUS_WRITE_MULTIPLE) {
        gt_wr_u8(&w, (uint8_t)(2 * request->count));
    }
    if (!is_read((uint8_t)request->function)) {
        values_write(&w, request->values, request->count);
    }
    crc_append(&w);
    GT_TRY(gt_wr_done(&w));
    *out_len = w.len;
    return GT_ERR_OK;
}

gt_err modbus_request_decode(const uint8_t *in, size_t in_len, modbus_request *out)
{
    GT_TRY(adu_check(in, in_len));
    if (!is_known(in[1])) {
        return GT_ERR_UNSUPPORTED;
    }
    gt_rd r = gt_rd_of(in, in_len - CRC_LEN);
    modbus_request q = {.unit = gt_rd_u8(&r), .function = (modbus_function)gt_rd_u8(&r)};
    q.start = gt_rd_u16be(&r);
    q.count = q.function == MODBUS_WRITE_SINGLE ? 1 : gt_rd_u16be(&r);
    if (q.function == MODBUS_WRITE_MULTIPLE) {
        const uint8_t bytes = gt_rd_u8(&r);
        GT_TRY(r.err);
        GT_TRY(request_check(&q));
        if (bytes != 2 * q.count) {
            return GT_ERR_MALFORMED;
        }
    }
    if (!is_read((uint8_t)q.function)) {
        values_read(&r, q.values, q.count);
    }
    GT_TRY(gt_rd_done(&r));
    GT_TRY(request_check(&q));
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
    const uint8_t function = (uint8_t)reply->function;
    if (reply->unit == MODBUS_BROADCAST) {
        return GT_ERR_RANGE;
    }
    gt_wr w = gt_wr_of(buf, cap);
    gt_wr_u8(&w, reply->unit);
    if (reply->exception != MODBUS_NO_EXCEPTION) {
        gt_wr_u8(&w, function | MODBUS_EXCEPTION_FLAG);
        gt_wr_u8(&w, reply->exception);
    } else {
        const modbus_request shape = {
            reply->unit, reply->function, reply->start, reply->count, {0}};
        GT_TRY(request_check(&shape));
        gt_wr_u8(&w, function);
        if (is_read(function)) {
            gt_wr_u8(&w, (uint8_t)(2 * reply->count));
            values_write(&w, reply->values, reply->count);
        } else {
            gt_wr_u16be(&w, reply->start);
            gt_wr_u16be(&w, function == MODBUS_WRITE_SINGLE ? reply->values[0] : reply->count);
        }
    }
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

static gt_err read_answer_decode(const modbus_request *request, gt_rd *r, modbus_reply *out)
{
    const uint8_t bytes = gt_rd_u8(r);
    if (r->err == GT_ERR_OK && bytes != 2 * request->count) {
        return GT_ERR_MISMATCH;
    }
    values_read(r, out->values, request->count);
    return gt_rd_done(r);
}

static gt_err write_answer_decode(const modbus_request *request, gt_rd *r, modbus_reply *out)
{
    const bool single = request->function == MODBUS_WRITE_SINGLE;
    const uint16_t start = gt_rd_u16be(r);
    const uint16_t echo = gt_rd_u16be(r);
    GT_TRY(gt_rd_done(r));
    if (start != request->start || echo != (single ? request->values[0] : request->count)) {
        return GT_ERR_MISMATCH;
    }
    out->values[0] = single ? echo : 0;
    return GT_ERR_OK;
}

gt_err modbus_reply_decode(const modbus_request *request, const uint8_t *in, size_t in_len,
                           modbus_reply *out)
{
    GT_TRY(request_check(request));
    GT_TRY(adu_check(in, in_len));
    gt_rd r = gt_rd_of(in, in_len - CRC_LEN);
    modbus_reply a = {.unit = gt_rd_u8(&r)};
    const uint8_t function = gt_rd_u8(&r);
    if (a.unit != request->unit || (function & 0x7F) != (int)request->function) {
        return GT_ERR_MISMATCH;
    }
    a.function = request->function;
    a.start = request->start;
    a.count = request->count;
    if ((function & MODBUS_EXCEPTION_FLAG) != 0) {
        a.exception = gt_rd_u8(&r);
        GT_TRY(gt_rd_done(&r));
        if (a.exception == MODBUS_NO_EXCEPTION) {
            return GT_ERR_MALFORMED;
        }
    } else if (is_read(function)) {
        GT_TRY(read_answer_decode(request, &r, &a));
    } else {
        GT_TRY(write_answer_decode(request, &r, &a));
    }
    *out = a;
    return GT_ERR_OK;
}

/* A read answer's length: its byte count must be what was asked for. */
static gt_err read_answer_len(const modbus_exchange *x, size_t *out_len)
{
    if (x->got_len < READ_ANSWER_HEAD) {
        return GT_ERR_TRUNCATED;
    }
    const unsigned count = (unsigned)x->request[4] << 8 | x->request[5];
    if (x->got[2] != 2 * count) {
        return GT_ERR_MISMATCH;
    }
    *out_len = READ_ANSWER_HEAD + (size_t)x->got[2] + CRC_LEN;
    return GT_ERR_OK;
}

gt_err modbus_reply_len(const modbus_exchange *exchange, size_t *out_len)
{
    const modbus_exchange *x = exchange;
    if (x->request_len < FIXED_LEN || !is_known(x->request[1])) {
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
    if (is_read(x->request[1])) {
        return read_answer_len(x, out_len);
    }
    *out_len = FIXED_LEN;
    return GT_ERR_OK;
}

gt_err modbus_request_len(const uint8_t *in, size_t in_len, size_t *out_len)
{
    if (in_len < HEAD_LEN) {
        return GT_ERR_TRUNCATED;
    }
    if (!is_known(in[1])) {
        return GT_ERR_UNSUPPORTED;
    }
    if (in[1] != MODBUS_WRITE_MULTIPLE) {
        *out_len = FIXED_LEN;
        return GT_ERR_OK;
    }
    if (in_len < WRITE_HEAD_LEN) {
        return GT_ERR_TRUNCATED;
    }
    const uint8_t bytes = in[WRITE_HEAD_LEN - 1];
    if (bytes % 2 != 0 || bytes == 0 || bytes > 2 * MODBUS_WRITE_MAX) {
        return GT_ERR_MALFORMED;
    }
    *out_len = WRITE_HEAD_LEN + (size_t)bytes + CRC_LEN;
    return GT_ERR_OK;
}
