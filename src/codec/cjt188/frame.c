/* The CJ/T 188 link frame. decode reads like the table in the standard: one line a field. */
#include "codec/cjt188/frame.h"

#include "base/sum.h"
#include "codec/cjt188/frame_priv.h"
#include "codec/stream/stream.h"

#include <string.h>

enum {
    ADDR_LEN = 7,
    ADDR_DIGITS = 14,
    ANY_DIGIT = 0x0A,
};

bool cjt188_type_valid(uint8_t type)
{
    return cjt188_type_right(type);
}

bool cjt188_addr_valid(uint64_t addr)
{
    return cjt188_digits_right(addr) && addr >> (4 * ADDR_DIGITS) == 0;
}

bool cjt188_addr_match(const cjt188_frame *to, uint8_t own_type, uint64_t own_addr)
{
    for (unsigned i = 0; i < ADDR_DIGITS; i++) {
        const unsigned digit = to->addr >> (4 * i) & 0x0F;
        if (digit != ANY_DIGIT && digit != (own_addr >> (4 * i) & 0x0F)) {
            return false;
        }
    }
    return to->type == CJT188_TYPE_ANY || to->type == own_type;
}

static uint8_t type_read(gt_rd *r)
{
    const uint8_t type = gt_rd_u8(r);
    if (!cjt188_type_valid(type)) {
        gt_rd_fail(r, GT_ERR_MALFORMED);
    }
    return type;
}

static uint64_t addr_read(gt_rd *r)
{
    const uint8_t *at = gt_rd_take(r, ADDR_LEN);
    uint64_t addr = 0;
    for (unsigned i = ADDR_LEN; at != NULL && i > 0; i--) {
        addr = addr << 8 | at[i - 1];
    }
    if (!cjt188_addr_valid(addr)) {
        gt_rd_fail(r, GT_ERR_MALFORMED);
    }
    return addr;
}

/* What is wrong with a frame, one line a field as the table in the standard has them; OK when only
 * the checksum can be. */
static gt_err fields_check(const uint8_t *in, size_t in_len)
{
    gt_rd r = gt_rd_of(in, in_len);
    gt_rd_expect(&r, CJT188_START);
    (void)type_read(&r);
    (void)addr_read(&r);
    (void)gt_rd_u8(&r); /* C */
    const uint8_t data_len = gt_rd_u8(&r);
    (void)gt_rd_take(&r, data_len);
    (void)gt_rd_u8(&r); /* CS */
    gt_rd_expect(&r, CJT188_END);
    return gt_rd_done(&r);
}

gt_err cjt188_frame_check(const uint8_t *in, size_t in_len)
{
    if (!cjt188_fields_right(in, in_len)) {
        return fields_check(in, in_len);
    }
    return in[in_len - 2] == gt_sum8(in, in_len - 2) ? GT_ERR_OK : GT_ERR_CHECKSUM;
}

gt_err cjt188_frame_decode(const uint8_t *in, size_t in_len, cjt188_frame *out)
{
    GT_TRY(cjt188_frame_check(in, in_len));
    out->type = in[CJT188_TYPE_AT];
    out->addr = cjt188_addr_at(in);
    out->ctrl = in[CJT188_CTRL_AT];
    out->data_len = in[CJT188_LEN_AT];
    memcpy(out->data, in + CJT188_HEAD_LEN, out->data_len);
    return GT_ERR_OK;
}

gt_err cjt188_frame_encode(const cjt188_frame *frame, uint8_t *buf, size_t cap, size_t *out_len)
{
    if (!cjt188_type_valid(frame->type) || !cjt188_addr_valid(frame->addr)) {
        return GT_ERR_RANGE;
    }
    gt_wr w = gt_wr_of(buf, cap);
    gt_wr_u8(&w, CJT188_START);
    gt_wr_u8(&w, frame->type);
    for (unsigned i = 0; i < ADDR_LEN; i++) {
        gt_wr_u8(&w, (uint8_t)(frame->addr >> (8 * i)));
    }
    gt_wr_u8(&w, frame->ctrl);
    gt_wr_u8(&w, frame->data_len);
    gt_wr_bytes(&w, frame->data, frame->data_len);
    gt_wr_u8(&w, w.len <= cap ? gt_sum8(buf, w.len) : 0);
    gt_wr_u8(&w, CJT188_END);
    GT_TRY(gt_wr_done(&w));
    *out_len = w.len;
    return GT_ERR_OK;
}

size_t cjt188_preambles(const uint8_t *in, size_t in_len)
{
    size_t n = 0;
    while (n < in_len && (in[n] == CJT188_PREAMBLE || in[n] == CJT188_PREAMBLE_IDLE)) {
        n++;
    }
    return n;
}

gt_err cjt188_frame_len(const uint8_t *in, size_t in_len, size_t *out_len)
{
    const size_t preamble = cjt188_preambles(in, in_len);
    gt_rd r = gt_rd_of(in, in_len);
    (void)gt_rd_take(&r, preamble);
    gt_rd_expect(&r, CJT188_START);
    (void)type_read(&r);
    (void)addr_read(&r);
    (void)gt_rd_u8(&r);
    const uint8_t data_len = gt_rd_u8(&r);
    GT_TRY(r.err);
    *out_len = preamble + CJT188_FRAME_MIN + data_len;
    return GT_ERR_OK;
}

const codec_framing cjt188_framing = {
    .frame_len = cjt188_frame_len,
    .frame_check = cjt188_frame_check,
    .cap_min = CJT188_FRAME_MIN,
    .preamble = {CJT188_PREAMBLE, CJT188_PREAMBLE_IDLE},
};
