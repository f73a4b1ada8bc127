/* A frame tells its length, so it is answered as soon as it is whole; what never becomes a frame is
 * dropped byte by byte, or by silence. */
#include "meter/dlt645_link.h"

#include "meter/comm.h"

#include "base/sum.h"

#include <string.h>

enum {
    SILENCE_US = 500000, /* DL/T 645-2007, 5.4.3: longest pause between bytes */
    PREAMBLES = 4,
    START2_AT = 7,
    LENGTH_AT = 9,
    REPLY = 0x80,
    ABNORMAL = 0x40,
    FOLLOWING = 0x20,
    FUNCTION = 0x1F,
    VALUE_MAX = 16,
};

/* Bytes before the first that may begin a frame. */
static size_t idle(const uint8_t *rx, size_t len)
{
    size_t from = 0;
    while (from < len && rx[from] != DLT645_START) {
        from++;
    }
    return from;
}

size_t dlt645_link_whole(const uint8_t *rx, size_t len)
{
    const size_t from = idle(rx, len);
    if (from == len) {
        return len; /* nothing that could begin one */
    }
    const uint8_t *at = rx + from;
    const size_t left = len - from;
    if ((left > START2_AT && at[START2_AT] != DLT645_START) ||
        (left > LENGTH_AT && at[LENGTH_AT] > DLT645_DATA_MAX)) {
        return from + 1; /* this was no beginning */
    }
    const size_t want =
        left > LENGTH_AT ? (size_t)DLT645_FRAME_MIN + at[LENGTH_AT] : DLT645_FRAME_MAX;
    if (left < want) {
        return 0;
    }
    const bool right = at[want - 1] == DLT645_END && at[want - 2] == gt_sum8(at, want - 2);
    return right ? from + want : from + 1; /* a frame may begin inside what was none */
}

int64_t dlt645_link_silence_us(uint32_t baud)
{
    (void)baud;
    return SILENCE_US;
}

void dlt645_link_answer(const meter *m, meter_line *line, dlt645_frame *frame)
{
    size_t len = 0;
    frame->addr = comm_address(m);
    memset(line->tx, DLT645_PREAMBLE, PREAMBLES);
    if (dlt645_frame_encode(frame, line->tx + PREAMBLES, sizeof line->tx - PREAMBLES, &len) ==
        GT_ERR_OK) {
        line->tx_len = (uint16_t)(PREAMBLES + len);
    }
}

static void call_answer(dlt645_call *call, dlt645_serve *serve)
{
    dlt645_frame out = {.addr = 0};
    gt_wr w = gt_wr_of(out.data, sizeof out.data);
    const uint8_t fault = serve(call, &w);
    if (fault == DLT645_SILENT || call->broadcast) {
        return;
    }
    out.ctrl = call->frame->ctrl | REPLY;
    if (fault != 0) {
        w = gt_wr_of(out.data, sizeof out.data);
        gt_wr_u8(&w, fault);
        out.ctrl |= ABNORMAL;
    } else if (call->following) {
        out.ctrl |= FOLLOWING;
    }
    GT_ASSERT(gt_wr_done(&w) == GT_ERR_OK);
    out.data_len = (uint8_t)w.len;
    dlt645_link_answer(call->m, call->line, &out); /* from the new address, if it has one now */
}

void dlt645_link_frame(meter *m, meter_line *line, size_t len, gt_mono now, dlt645_serve *serve)
{
    dlt645_frame frame;
    const size_t from = idle(line->rx, len);
    if (line->overrun || dlt645_frame_decode(line->rx + from, len - from, &frame) != GT_ERR_OK ||
        (frame.ctrl & ~(unsigned)FUNCTION) != 0) {
        return;
    }
    dlt645_call call = {.m = m,
                        .line = line,
                        .now = now,
                        .frame = &frame,
                        .broadcast = frame.addr == DLT645_ADDR_BROADCAST};
    if (call.broadcast || dlt645_addr_match(frame.addr, comm_address(m))) {
        meter_demand_advance(m, now);
        call_answer(&call, serve);
    }
}

/* What does not fit its format is shown as a value that the meter does not have. */
static size_t encode(const dlt645_value *value, uint8_t buf[VALUE_MAX])
{
    size_t len = 0;
    if (dlt645_value_encode(value, buf, VALUE_MAX, &len) != GT_ERR_OK) {
        dlt645_value absent = *value;
        absent.absent = true;
        const gt_err err = dlt645_value_encode(&absent, buf, VALUE_MAX, &len);
        GT_ASSERT(err == GT_ERR_OK);
    }
    return len;
}

static void page_append(dlt645_page *page, const uint8_t *bytes, size_t len)
{
    if (page->at >= page->skip && !page->full) {
        page->full = page->w->len + len > page->w->cap;
        if (!page->full) {
            gt_wr_bytes(page->w, bytes, len);
        }
    }
    page->at += page->full ? 0 : (uint32_t)len;
}

void dlt645_page_put(dlt645_page *page, const dlt645_value *value)
{
    uint8_t buf[VALUE_MAX];
    page_append(page, buf, encode(value, buf));
}

void dlt645_page_mark(dlt645_page *page, uint8_t mark)
{
    page_append(page, &mark, sizeof mark);
}
