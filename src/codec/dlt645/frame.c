/* The DL/T 645 link frame. decode reads like the table in the standard: one line a field. */
#include "codec/dlt645/frame.h"

#include "base/bytes.h"
#include "base/sum.h"
#include "codec/stream/stream.h"

#include <string.h>

enum { ADDR_LEN = 6, ADDR_DIGITS = 12, ANY_DIGIT = 0x0A };

bool dlt645_addr_valid(uint64_t addr)
{
    /* a nibble above AH has the bit of 8 with that of 4, or with those of 2 and 1 */
    const uint64_t above = addr & (addr << 1 | (addr << 2 & addr << 3));
    return (above & UINT64_C(0x888888888888)) == 0 && addr >> (4 * ADDR_DIGITS) == 0;
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

static uint64_t addr_load(const uint8_t *at)
{
    const uint32_t low =
        at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
    return (uint64_t)(at[4] | (uint32_t)at[5] << 8) << 32 | low;
}

static void addr_check(gt_rd *r)
{
    const uint8_t *at = gt_rd_take(r, ADDR_LEN);
    if (at != NULL && !dlt645_addr_valid(addr_load(at))) {
        gt_rd_fail(r, GT_ERR_MALFORMED);
    }
}

/* Eight bytes a step: with the top bits set nothing borrows from its neighbour, and the last line
 * puts right what the top bits would have been. */
static void unmask(const uint8_t *in, size_t len, uint8_t *out)
{
    static const uint64_t top = UINT64_C(0x8080808080808080);
    static const uint64_t mask = UINT64_C(0x3333333333333333);
    size_t i = 0;
    for (; len - i >= sizeof mask; i += sizeof mask) {
        uint64_t word;
        memcpy(&word, in + i, sizeof word);
        word = ((word | top) - mask) ^ (~word & top);
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

/* The same in one look, for the many frames that are right. */
static bool fields_right(const uint8_t *in, size_t in_len)
{
    enum { START2_AT = 7, LEN_AT = 9 };
    return in_len >= DLT645_FRAME_MIN && in[0] == DLT645_START && in[START2_AT] == DLT645_START &&
           in[LEN_AT] <= DLT645_DATA_MAX && in_len == (size_t)DLT645_FRAME_MIN + in[LEN_AT] &&
           in[in_len - 1] == DLT645_END && dlt645_addr_valid(addr_load(in + 1));
}

gt_err dlt645_frame_decode(const uint8_t *in, size_t in_len, dlt645_frame *out)
{
    if (!fields_right(in, in_len)) {
        return fields_check(in, in_len);
    }
    const size_t summed = in_len - 2;
    if (in[summed] != gt_sum8(in, summed)) {
        return GT_ERR_CHECKSUM;
    }
    out->addr = addr_load(in + 1);
    out->ctrl = in[DLT645_HEAD_LEN - 2];
    out->data_len = in[DLT645_HEAD_LEN - 1];
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

static gt_err frame_check(const uint8_t *in, size_t in_len)
{
    dlt645_frame frame;
    return dlt645_frame_decode(in, in_len, &frame);
}

const codec_framing dlt645_framing = {
    .frame_len = dlt645_frame_len,
    .frame_check = frame_check,
    .cap_min = DLT645_FRAME_MIN,
    .preamble = {DLT645_PREAMBLE},
};
