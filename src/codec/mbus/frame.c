/* The M-Bus link frame. Three shapes, told apart by the first byte. */
#include "codec/mbus/frame.h"

#include "base/bytes.h"
#include "base/sum.h"
#include "codec/stream/stream.h"

enum { BESIDE_DATA = 3, BEFORE_SUM = 4, LONG_EXTRA = 6 };

static gt_err short_decode(const uint8_t *in, size_t in_len, mbus_frame *out)
{
    gt_rd r = gt_rd_of(in, in_len);
    mbus_frame f = {.kind = MBUS_SHORT};
    gt_rd_expect(&r, MBUS_START_SHORT);
    f.control = gt_rd_u8(&r);
    f.address = gt_rd_u8(&r);
    const uint8_t cs = gt_rd_u8(&r);
    gt_rd_expect(&r, MBUS_END);
    GT_TRY(gt_rd_done(&r));
    if (cs != (uint8_t)(f.control + f.address)) {
        return GT_ERR_CHECKSUM;
    }
    *out = f;
    return GT_ERR_OK;
}

static gt_err long_decode(const uint8_t *in, size_t in_len, mbus_frame *out)
{
    gt_rd r = gt_rd_of(in, in_len);
    mbus_frame f = {.kind = MBUS_LONG};
    gt_rd_expect(&r, MBUS_START_LONG);
    const uint8_t len = gt_rd_u8(&r);
    gt_rd_expect(&r, len);
    gt_rd_expect(&r, MBUS_START_LONG);
    if (len < BESIDE_DATA) {
        gt_rd_fail(&r, GT_ERR_RANGE);
    }
    f.control = gt_rd_u8(&r);
    f.address = gt_rd_u8(&r);
    f.ci = gt_rd_u8(&r);
    f.data_len = len < BESIDE_DATA ? 0 : (uint8_t)(len - BESIDE_DATA);
    f.data = gt_rd_take(&r, f.data_len);
    const uint8_t cs = gt_rd_u8(&r);
    gt_rd_expect(&r, MBUS_END);
    GT_TRY(gt_rd_done(&r)); /* nothing above is trusted before this line */
    if (cs != gt_sum8(in + BEFORE_SUM, len)) {
        return GT_ERR_CHECKSUM;
    }
    *out = f;
    return GT_ERR_OK;
}

gt_err mbus_frame_decode(const uint8_t *in, size_t in_len, mbus_frame *out)
{
    if (in_len == 0) {
        return GT_ERR_TRUNCATED;
    }
    if (in[0] == MBUS_START_LONG) {
        return long_decode(in, in_len, out);
    }
    if (in[0] == MBUS_START_SHORT) {
        return short_decode(in, in_len, out);
    }
    if (in[0] != MBUS_START_ACK) {
        return GT_ERR_MALFORMED;
    }
    if (in_len > 1) {
        return GT_ERR_TRAILING;
    }
    *out = (mbus_frame){.kind = MBUS_ACK};
    return GT_ERR_OK;
}

static void long_encode(gt_wr *w, const mbus_frame *frame)
{
    const uint8_t len = (uint8_t)(frame->data_len + BESIDE_DATA);
    gt_wr_u8(w, MBUS_START_LONG);
    gt_wr_u8(w, len);
    gt_wr_u8(w, len);
    gt_wr_u8(w, MBUS_START_LONG);
    gt_wr_u8(w, frame->control);
    gt_wr_u8(w, frame->address);
    gt_wr_u8(w, frame->ci);
    gt_wr_bytes(w, frame->data, frame->data_len);
    gt_wr_u8(w, w->len <= w->cap ? gt_sum8(w->buf + BEFORE_SUM, len) : 0);
    gt_wr_u8(w, MBUS_END);
}

gt_err mbus_frame_encode(const mbus_frame *frame, uint8_t *buf, size_t cap, size_t *out_len)
{
    if (frame->kind == MBUS_LONG && frame->data_len > MBUS_DATA_MAX) {
        return GT_ERR_RANGE;
    }
    gt_wr w = gt_wr_of(buf, cap);
    switch (frame->kind) {
    case MBUS_ACK:
        gt_wr_u8(&w, MBUS_START_ACK);
        break;
    case MBUS_SHORT:
        gt_wr_u8(&w, MBUS_START_SHORT);
        gt_wr_u8(&w, frame->control);
        gt_wr_u8(&w, frame->address);
        gt_wr_u8(&w, (uint8_t)(frame->control + frame->address));
        gt_wr_u8(&w, MBUS_END);
        break;
    case MBUS_LONG:
        long_encode(&w, frame);
        break;
    }
    GT_TRY(gt_wr_done(&w));
    *out_len = w.len;
    return GT_ERR_OK;
}

gt_err mbus_frame_len(const uint8_t *in, size_t in_len, size_t *out_len)
{
    if (in_len == 0) {
        return GT_ERR_TRUNCATED;
    }
    if (in[0] == MBUS_START_ACK) {
        *out_len = 1;
        return GT_ERR_OK;
    }
    if (in[0] == MBUS_START_SHORT) {
        *out_len = MBUS_SHORT_LEN;
        return GT_ERR_OK;
    }
    gt_rd r = gt_rd_of(in, in_len);
    gt_rd_expect(&r, MBUS_START_LONG);
    const uint8_t len = gt_rd_u8(&r);
    gt_rd_expect(&r, len);
    gt_rd_expect(&r, MBUS_START_LONG);
    GT_TRY(r.err);
    if (len < BESIDE_DATA) {
        return GT_ERR_RANGE;
    }
    *out_len = (size_t)len + LONG_EXTRA;
    return GT_ERR_OK;
}

static uint8_t counted(uint8_t function, bool fcb)
{
    return (uint8_t)(function | (fcb ? MBUS_C_FCB : 0));
}

mbus_frame mbus_snd_nke(uint8_t address)
{
    return (mbus_frame){.kind = MBUS_SHORT, .control = MBUS_C_SND_NKE, .address = address};
}

mbus_frame mbus_req_ud2(uint8_t address, bool fcb)
{
    return (mbus_frame){
        .kind = MBUS_SHORT, .control = counted(MBUS_C_REQ_UD2, fcb), .address = address};
}

mbus_frame mbus_req_ud1(uint8_t address, bool fcb)
{
    return (mbus_frame){
        .kind = MBUS_SHORT, .control = counted(MBUS_C_REQ_UD1, fcb), .address = address};
}

mbus_frame mbus_snd_ud(uint8_t address, bool fcb, uint8_t ci, const uint8_t *data, uint8_t data_len)
{
    return (mbus_frame){MBUS_LONG, counted(MBUS_C_SND_UD, fcb), address, ci, data_len, data};
}

mbus_frame mbus_ack(void)
{
    return (mbus_frame){.kind = MBUS_ACK};
}

mbus_frame mbus_rsp_ud(uint8_t address, uint8_t ci, const uint8_t *data, uint8_t data_len)
{
    return (mbus_frame){MBUS_LONG, MBUS_C_RSP_UD, address, ci, data_len, data};
}

static gt_err frame_check(const uint8_t *in, size_t in_len)
{
    mbus_frame frame;
    return mbus_frame_decode(in, in_len, &frame);
}

const codec_framing mbus_framing = {
    .frame_len = mbus_frame_len,
    .frame_check = frame_check,
    .cap_min = MBUS_LONG_MIN,
    .bare = MBUS_START_ACK,
};
