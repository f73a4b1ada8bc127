/* Transparent forward: a meter's frame inside ours. Waits are written rounded up to what the byte
 * can say, so that a meter is never given less time than was asked. */
#include "codec/gdw1376/forward.h"

enum {
    WAIT_SECONDS = 0x80, /* D7: the other bits count seconds, else 10 ms */
    WAIT_BITS = 0x7F,
    TICK_MS = 10,
    SECOND_MS = 1000,
    SILENCE_TICKS_MAX = 255,
};

static uint32_t wait_ms_of(uint8_t byte)
{
    const uint32_t n = byte & WAIT_BITS;
    return (byte & WAIT_SECONDS) != 0 ? n * SECOND_MS : n * TICK_MS;
}

static uint32_t units_up(uint32_t ms, uint32_t unit_ms)
{
    return ms / unit_ms + (ms % unit_ms != 0 ? 1 : 0);
}

static void wait_write(gt_wr *w, uint32_t ms)
{
    const uint32_t ticks = units_up(ms, TICK_MS);
    const uint32_t seconds = units_up(ms, SECOND_MS);
    if (seconds > GDW1376_WAIT_S_MAX) {
        gt_wr_fail(w, GT_ERR_RANGE);
    }
    gt_wr_u8(w, (uint8_t)(ticks <= WAIT_BITS ? ticks : WAIT_SECONDS | (seconds & WAIT_BITS)));
}

static void inner_read(gt_rd *r, gdw1376_forward *out)
{
    out->frame_len = gt_rd_u16le(r);
    if (out->frame_len > GDW1376_FORWARD_MAX) {
        gt_rd_fail(r, GT_ERR_RANGE);
    }
    out->frame = gt_rd_take(r, out->frame_len);
}

static void inner_write(gt_wr *w, const gdw1376_forward *forward)
{
    if (forward->frame_len > GDW1376_FORWARD_MAX) {
        gt_wr_fail(w, GT_ERR_RANGE);
        return;
    }
    gt_wr_u16le(w, forward->frame_len);
    gt_wr_bytes(w, forward->frame, forward->frame_len);
}

gt_err gdw1376_forward_request_read(gt_rd *r, gdw1376_forward *out)
{
    gdw1376_forward v = {.port = gt_rd_u8(r)};
    v.line = gt_rd_u8(r);
    v.wait_ms = wait_ms_of(gt_rd_u8(r));
    v.silence_ms = (uint32_t)gt_rd_u8(r) * TICK_MS;
    inner_read(r, &v);
    GT_TRY(r->err);
    *out = v;
    return GT_ERR_OK;
}

void gdw1376_forward_request_write(gt_wr *w, const gdw1376_forward *forward)
{
    const uint32_t ticks = units_up(forward->silence_ms, TICK_MS);
    if (ticks > SILENCE_TICKS_MAX) {
        gt_wr_fail(w, GT_ERR_RANGE);
    }
    gt_wr_u8(w, forward->port);
    gt_wr_u8(w, forward->line);
    wait_write(w, forward->wait_ms);
    gt_wr_u8(w, (uint8_t)ticks);
    inner_write(w, forward);
}

gt_err gdw1376_forward_reply_read(gt_rd *r, gdw1376_forward *out)
{
    gdw1376_forward v = {.port = gt_rd_u8(r)};
    inner_read(r, &v);
    GT_TRY(r->err);
    *out = v;
    return GT_ERR_OK;
}

void gdw1376_forward_reply_write(gt_wr *w, const gdw1376_forward *forward)
{
    gt_wr_u8(w, forward->port);
    inner_write(w, forward);
}
