/* Function code and body of requests and answers. The function's row says which shape its body has;
 * the shapes are few. Nothing is taken from a count before it is compared with what the row allows.
 */
#include "codec/modbus/pdu_priv.h"

#include "base/bytes.h"

#include <string.h>

enum { COIL_ON = 0xFF00, COIL_OFF = 0x0000, BITS = 16 };

static const modbus_row_function rows[] = {
#define MODBUS_FUNCTION(symbol, code, shape, most, zh, en, clause) \
    {code, MODBUS_SHAPE_##shape, most},
#include "codec/modbus/function.def"
#undef MODBUS_FUNCTION
};

const modbus_row_function *modbus_function_find(uint8_t code)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].code == code) {
            return &rows[i];
        }
    }
    return NULL;
}

static bool is_bits(unsigned shape)
{
    return shape == MODBUS_SHAPE_READ_BITS || shape == MODBUS_SHAPE_WRITE_BITS;
}

uint8_t modbus_packed_len(unsigned shape, uint16_t count)
{
    return (uint8_t)(is_bits(shape) ? (count + 7U) / 8U : 2U * count);
}

static bool past_end(uint16_t start, uint16_t count)
{
    return (uint32_t)start + count > UINT16_MAX + 1U;
}

static gt_err range_check(const modbus_row_function *row, uint16_t start, uint16_t count)
{
    if (count == 0 || count > row->most) {
        return GT_ERR_RANGE;
    }
    const bool bad =
        row->shape == MODBUS_SHAPE_IDENTIFY ? start > UINT8_MAX : past_end(start, count);
    return bad ? GT_ERR_RANGE : GT_ERR_OK;
}

gt_err modbus_pdu_check(const modbus_request *request)
{
    const modbus_request *q = request;
    const modbus_row_function *row = modbus_function_find((uint8_t)q->function);
    if (row == NULL) {
        return GT_ERR_UNSUPPORTED;
    }
    GT_TRY(range_check(row, q->start, q->count));
    if (row->shape == MODBUS_SHAPE_READ_WRITE &&
        (q->write_count == 0 || q->write_count > MODBUS_EXCHANGE_MAX ||
         past_end(q->write_start, q->write_count))) {
        return GT_ERR_RANGE;
    }
    return row->shape == MODBUS_SHAPE_WRITE_BIT && q->values[0] > 1 ? GT_ERR_RANGE : GT_ERR_OK;
}

static void words_write(gt_wr *w, const uint16_t *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        gt_wr_u16be(w, values[i]);
    }
}

/* Eight coils a byte, the first one lowest; the rest of the last byte is zero. */
static void bits_write(gt_wr *w, const uint16_t *values, uint16_t count)
{
    for (unsigned at = 0; at < count; at += 8) {
        const unsigned left = count - at;
        const unsigned mask = left >= 8 ? 0xFF : (1U << left) - 1;
        gt_wr_u8(w, (uint8_t)(values[at / BITS] >> at % BITS & mask));
    }
}

static void packed_write(gt_wr *w, unsigned shape, const uint16_t *values, uint16_t count)
{
    gt_wr_u8(w, modbus_packed_len(shape, count));
    if (is_bits(shape)) {
        bits_write(w, values, count);
    } else {
        words_write(w, values, count);
    }
}

static void words_get(const uint8_t *at, uint16_t *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        values[i] = (uint16_t)(at[2 * i] << 8 | at[2 * i + 1]);
    }
}

/* What the last byte holds beyond the count is dropped: some devices put anything there. */
static void bits_get(const uint8_t *at, uint16_t *values, uint16_t count)
{
    for (unsigned n = 0; n < count; n += 8) {
        const unsigned left = count - n;
        const unsigned mask = left >= 8 ? 0xFF : (1U << left) - 1;
        values[n / BITS] = (uint16_t)(values[n / BITS] | (at[n / 8] & mask) << n % BITS);
    }
}

/* The bytes behind a byte count, which must be that of @p count and end the body. */
static gt_err packed_take(gt_rd *r, unsigned shape, uint16_t count, gt_err wrong,
                          const uint8_t **out)
{
    const uint8_t bytes = gt_rd_u8(r);
    if (r->err == GT_ERR_OK && bytes != modbus_packed_len(shape, count)) {
        return wrong;
    }
    const uint8_t *at = gt_rd_take(r, bytes);
    GT_TRY(gt_rd_done(r));
    *out = at;
    return GT_ERR_OK;
}

/* @p values are zero before. */
static void packed_get(const uint8_t *at, unsigned shape, uint16_t count, uint16_t *values)
{
    if (is_bits(shape)) {
        bits_get(at, values, count);
    } else {
        words_get(at, values, count);
    }
}

/* The word behind `start`: the value of a single write, else how many. */
static uint16_t second_word(unsigned shape, uint16_t count, uint16_t value)
{
    if (shape == MODBUS_SHAPE_WRITE_BIT) {
        return value != 0 ? COIL_ON : COIL_OFF;
    }
    return shape == MODBUS_SHAPE_WRITE_WORD ? value : count;
}

gt_err modbus_pdu_request_write(gt_wr *w, const modbus_request *request)
{
    const modbus_request *q = request;
    GT_TRY(modbus_pdu_check(q));
    const unsigned shape = modbus_function_find((uint8_t)q->function)->shape;
    gt_wr_u8(w, (uint8_t)q->function);
    if (shape == MODBUS_SHAPE_IDENTIFY) {
        gt_wr_u8(w, MODBUS_MEI_IDENTIFY);
        gt_wr_u8(w, (uint8_t)q->count);
        gt_wr_u8(w, (uint8_t)q->start);
        return GT_ERR_OK;
    }
    gt_wr_u16be(w, q->start);
    gt_wr_u16be(w, second_word(shape, q->count, q->values[0]));
    if (shape == MODBUS_SHAPE_READ_WRITE) {
        gt_wr_u16be(w, q->write_start);
        gt_wr_u16be(w, q->write_count);
    }
    if (modbus_asks_values(shape)) {
        packed_write(w, shape, q->values,
                     shape == MODBUS_SHAPE_READ_WRITE ? q->write_count : q->count);
    }
    return GT_ERR_OK;
}

static gt_err identify_read(gt_rd *r, modbus_request *q)
{
    const uint8_t type = gt_rd_u8(r);
    if (r->err == GT_ERR_OK && type != MODBUS_MEI_IDENTIFY) {
        return GT_ERR_UNSUPPORTED;
    }
    q->count = gt_rd_u8(r);
    q->start = gt_rd_u8(r);
    GT_TRY(gt_rd_done(r));
    return modbus_pdu_check(q);
}

static gt_err single_read(unsigned shape, uint16_t word, modbus_request *q)
{
    q->count = 1;
    q->values[0] = word;
    if (shape == MODBUS_SHAPE_WRITE_BIT) {
        if (word != COIL_ON && word != COIL_OFF) {
            return GT_ERR_MALFORMED;
        }
        q->values[0] = word == COIL_ON;
    }
    return GT_ERR_OK;
}

/* All behind the word `start`. */
static gt_err request_rest(gt_rd *r, unsigned shape, modbus_request *q)
{
    const uint16_t word = gt_rd_u16be(r);
    if (shape == MODBUS_SHAPE_WRITE_BIT || shape == MODBUS_SHAPE_WRITE_WORD) {
        GT_TRY(gt_rd_done(r));
        return single_read(shape, word, q);
    }
    q->count = word;
    uint16_t values = word;
    if (shape == MODBUS_SHAPE_READ_WRITE) {
        q->write_start = gt_rd_u16be(r);
        q->write_count = gt_rd_u16be(r);
        values = q->write_count;
    }
    GT_TRY(r->err);
    GT_TRY(modbus_pdu_check(q));
    if (!modbus_asks_values(shape)) {
        return gt_rd_done(r);
    }
    const uint8_t *at = NULL;
    GT_TRY(packed_take(r, shape, values, GT_ERR_MALFORMED, &at));
    packed_get(at, shape, values, q->values);
    return GT_ERR_OK;
}

gt_err modbus_pdu_request_read(gt_rd *r, modbus_request *out)
{
    const uint8_t code = gt_rd_u8(r);
    const modbus_row_function *row = modbus_function_find(code);
    if (row == NULL) {
        return GT_ERR_UNSUPPORTED;
    }
    out->function = (modbus_function)code;
    if (row->shape == MODBUS_SHAPE_IDENTIFY) {
        return identify_read(r, out);
    }
    out->start = gt_rd_u16be(r);
    return request_rest(r, row->shape, out);
}

gt_err modbus_pdu_reply_write(gt_wr *w, const modbus_reply *reply)
{
    const uint8_t code = (uint8_t)reply->function;
    if (reply->exception != MODBUS_NO_EXCEPTION) {
        gt_wr_u8(w, code | MODBUS_EXCEPTION_FLAG);
        gt_wr_u8(w, reply->exception);
        return GT_ERR_OK;
    }
    const modbus_row_function *row = modbus_function_find(code);
    if (row == NULL) {
        return GT_ERR_UNSUPPORTED;
    }
    GT_TRY(range_check(row, reply->start, reply->count));
    gt_wr_u8(w, code);
    if (row->shape == MODBUS_SHAPE_IDENTIFY) {
        return modbus_identity_write(w, (uint8_t)reply->count, &reply->identity);
    }
    if (modbus_answers_values(row->shape)) {
        packed_write(w, row->shape, reply->values, reply->count);
        return GT_ERR_OK;
    }
    gt_wr_u16be(w, reply->start);
    gt_wr_u16be(w, second_word(row->shape, reply->count, reply->values[0]));
    return GT_ERR_OK;
}

/* An empty answer to that request. */
static void reply_begin(const modbus_request *request, modbus_reply *out)
{
    memset(out, 0, sizeof *out);
    out->function = request->function;
    out->start = request->start;
    out->count = request->count;
}

static gt_err exception_read(gt_rd *r, const modbus_request *request, modbus_reply *out)
{
    const uint8_t exception = gt_rd_u8(r);
    GT_TRY(gt_rd_done(r));
    if (exception == MODBUS_NO_EXCEPTION) {
        return GT_ERR_MALFORMED;
    }
    reply_begin(request, out);
    out->exception = exception;
    return GT_ERR_OK;
}

/* A write is answered by what it said. */
static gt_err echo_read(gt_rd *r, unsigned shape, const modbus_request *request, modbus_reply *out)
{
    const uint16_t start = gt_rd_u16be(r);
    const uint16_t word = gt_rd_u16be(r);
    GT_TRY(gt_rd_done(r));
    if (start != request->start || word != second_word(shape, request->count, request->values[0])) {
        return GT_ERR_MISMATCH;
    }
    const bool single = shape == MODBUS_SHAPE_WRITE_BIT || shape == MODBUS_SHAPE_WRITE_WORD;
    const uint16_t value = request->values[0];
    reply_begin(request, out);
    out->values[0] = single ? value : 0;
    return GT_ERR_OK;
}

gt_err modbus_pdu_reply_read(gt_rd *r, const modbus_request *request, modbus_reply *out)
{
    const uint8_t code = gt_rd_u8(r);
    if ((code & ~(unsigned)MODBUS_EXCEPTION_FLAG) != (unsigned)request->function) {
        return GT_ERR_MISMATCH;
    }
    if ((code & MODBUS_EXCEPTION_FLAG) != 0) {
        return exception_read(r, request, out);
    }
    const unsigned shape = modbus_function_find(code)->shape;
    if (shape == MODBUS_SHAPE_IDENTIFY) {
        modbus_identity identity;
        GT_TRY(modbus_identity_read(r, (uint8_t)request->count, &identity));
        GT_TRY(gt_rd_done(r));
        reply_begin(request, out);
        out->identity = identity;
        return GT_ERR_OK;
    }
    if (!modbus_answers_values(shape)) {
        return echo_read(r, shape, request, out);
    }
    const uint8_t *at = NULL;
    GT_TRY(packed_take(r, shape, request->count, GT_ERR_MISMATCH, &at));
    reply_begin(request, out);
    packed_get(at, shape, request->count, out->values);
    return GT_ERR_OK;
}
