/* Framing of a byte stream. The bytes between start and end are what is held; front() judges the
 * first of them: not a frame (drop one), may become a frame (wait), is a frame (give out). Dropping
 * one byte at a time is what finds a frame that begins inside a broken one. */
#include "codec/dlt698/stream.h"

#include "codec/dlt698/dlt698_priv.h"

#include <string.h>

enum { AF_AT = 4 };

void dlt698_stream_init(dlt698_stream *s, uint8_t *buf, size_t cap)
{
    GT_ASSERT(cap >= DLT698_STREAM_MIN);
    *s = (dlt698_stream){.buf = buf, .cap = cap};
}

size_t dlt698_stream_feed(dlt698_stream *s, const uint8_t *data, size_t len)
{
    if (s->start > 0 && len > s->cap - s->end) {
        memmove(s->buf, s->buf + s->start, s->end - s->start);
        s->end -= s->start;
        s->start = 0;
    }
    const size_t room = s->cap - s->end;
    const size_t taken = len < room ? len : room;
    if (taken > 0) {
        memcpy(s->buf + s->end, data, taken);
        s->end += taken;
    }
    return taken;
}

typedef enum verdict { NOT_A_FRAME, INCOMPLETE, WHOLE } verdict;

static verdict front(const dlt698_stream *s, size_t *out_len)
{
    const uint8_t *at = s->buf + s->start;
    const size_t held = s->end - s->start;
    if (at[0] != DLT698_MARK) {
        return NOT_A_FRAME;
    }
    if (held <= AF_AT || held < dlt698_head_len(at[AF_AT])) {
        return INCOMPLETE; /* cap holds the longest head, so this ends */
    }
    gt_rd r = gt_rd_of(at, held);
    dlt698_frame frame;
    uint16_t len = 0;
    if (dlt698_head_read(&r, &frame, &len) != GT_ERR_OK || (size_t)len + 2 > s->cap) {
        return NOT_A_FRAME;
    }
    const size_t whole = (size_t)len + 2;
    if (held < whole) {
        return INCOMPLETE;
    }
    if (dlt698_frame_decode(at, whole, &frame) != GT_ERR_OK) {
        return NOT_A_FRAME;
    }
    *out_len = whole;
    return WHOLE;
}

bool dlt698_stream_next(dlt698_stream *s, const uint8_t **out_frame, size_t *out_len)
{
    while (s->start < s->end) {
        size_t len = 0;
        const verdict v = front(s, &len);
        if (v == WHOLE) {
            *out_frame = s->buf + s->start;
            *out_len = len;
            s->start += len;
            s->frames++;
            return true;
        }
        if (v == INCOMPLETE) {
            return false;
        }
        s->start++;
        s->garbage++;
    }
    return false;
}

size_t dlt698_stream_pending(const dlt698_stream *s)
{
    return s->end - s->start;
}

void dlt698_stream_resync(dlt698_stream *s)
{
    if (s->start < s->end) {
        s->start++;
        s->garbage++;
    }
}
