/* The DL/T 645 link frame. decode reads like the table in the standard: one line a field. */
#include "codec/dlt645/frame.h"

#include "base/sum.h"
#include "codec/dlt645/frame_priv.h"
#include "codec/stream/stream.h"

#include <string.h>

enum { ADDR_LEN = 6, ADDR_DIGITS = 12, ANY_DIGIT = 0x0A };

bool dlt645_addr_valid(uint64_t addr)
{
    return dlt645_digits_right(addr) && addr >> (4 * ADDR_DIGITS) == 0;
}

bool dlt645_addr_match(uint64_t to, uint64_t own)
{
    for (unsigned i = 0; i < ADDR_DIGITS; i++) {
        const unsigned digit = to >> (4 * i) & 0x0F;
        if (digit != ANY_DIGIT && digit != (own >> (4 * i) & 0x0F)) {
            return false;
        }
    }
    return true;
}

static void addr_check(gt_rd *r)
{
    const uint8_t *at = gt_rd_take(r, ADDR_LEN);
    if (at != NULL &&
        !dlt645_digits_right(gt_u32le_at(at) | (uint64_t)(at[4] | (uint32_t)at[5] << 8) << 32)) {
        gt_rd_fail(r, GT_ERR_MALFORMED);
    }
}

static void unmask(const uint8_t *in, size_t len, uint8_t *out)
{
    size_t i = 0;
    for (; len - i >= sizeof(uint64_t); i += sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, in + i, sizeof word);
        word = dlt645_word_unmask(word);
        memcpy(out + i, &word, sizeof word);
    }
    for (; i < len; i++) {
        out[i] = (uint8_t)(in[i] - DLT645_MASK);
    }
}

/* What is wrong with a frame, one line a field as the table in the standard has them; OK when only
 * the checksum can be. */
static gt_err fields_check(const uint8_t *in, size_t in_len)
{
    gt_rd r = gt_rd_of(in, in_len);
    gt_rd_expect(&r, DLT645_START);
    addr_check(&r);
    gt_rd_expect(&r, DLT645_START);
    (void)gt_rd_u8(&r); /* C */
    const uint8_t data_len = gt_rd_u8(&r);
    if (data_len > DLT645_DATA_MAX) {
        gt_rd_fail(&r, GT_ERR_RANGE);
    }
    (void)gt_rd_take(&r, data_len);
    (void)gt_rd_u8(&r); /* CS */
    gt_rd_expect(&r, DLT645_END);
    return gt_rd_done(&r);
}

gt_err dlt645_frame_check(const uint8_t *in, size_t in_len)
{
    if (!dlt645_fields_right(in, in_len)) {
        return fields_check(in, in_len);
    }
    return in[in_len - 2] == gt_sum8(in, in_len - 2) ? GT_ERR_OK : GT_ERR_CHECKSUM;
}

gt_err dlt645_frame_decode(const uint8_t *in, size_t in_len, dlt645_frame *out)
{
    GT_TRY(dlt645_frame_check(in, in_len));
    out->addr = dlt645_addr_at(in);
    out->ctrl = in[DLT645_CTRL_AT];
    out->data_len = in[DLT645_LEN_AT];
    unmask(in + DLT645_HEAD_LEN, out->data_len, out->data);
    return GT_ERR_OK;
}

gt_err dlt645_frame_encode(const dlt645_frame *frame, uint8_t *buf, size_t cap, size_t *out_len)
{
    if (!dlt645_addr_valid(frame->addr) || frame->data_len > DLT645_DATA_MAX) {
        return GT_ERR_RANGE;
    }
    gt_wr w = gt_wr_of(buf, cap);
    gt_wr_u8(&w, DLT645_START);
    for (unsigned i = 0; i < ADDR_LEN; i++) {
        gt_wr_u8(&w, (uint8_t)(frame->addr >> (8 * i)));
    }
    gt_wr_u8(&w, DLT645_START);
    gt_wr_u8(&w, frame->ctrl);
    gt_wr_u8(&w, frame->data_len);
    for (size_t i = 0; i < frame->data_len; i++) {
        gt_wr_u8(&w, (uint8_t)(frame->data[i] + DLT645_MASK));
    }
    gt_wr_u8(&w, w.len <= cap ? gt_sum8(buf, w.len) : 0);
    gt_wr_u8(&w, DLT645_END);
    GT_TRY(gt_wr_done(&w));
    *out_len = w.len;
    return GT_ERR_OK;
}

gt_err dlt645_frame_len(const uint8_t *in, size_t in_len, size_t *out_len)
{
    size_t preamble = 0;
    while (preamble < in_len && in[preamble] == DLT645_PREAMBLE) {
        preamble++;
    }
    gt_rd r = gt_rd_of(in, in_len);
    (void)gt_rd_take(&r, preamble);
    gt_rd_expect(&r, DLT645_START);
    addr_check(&r);
    gt_rd_expect(&r, DLT645_START);
    (void)gt_rd_u8(&r);
    const uint8_t data_len = gt_rd_u8(&r);
    GT_TRY(r.err);
    if (data_len > DLT645_DATA_MAX) {
        return GT_ERR_RANGE;
    }
    *out_len = preamble + DLT645_FRAME_MIN + data_len;
    return GT_ERR_OK;
}

const codec_framing dlt645_framing = {
    .frame_len = dlt645_frame_len,
    .frame_check = dlt645_frame_check,
    .cap_min = DLT645_FRAME_MIN,
    .preamble = {DLT645_PREAMBLE},
};
