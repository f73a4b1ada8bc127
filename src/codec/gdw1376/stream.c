/* Framing of a byte stream. The bytes between start and end are what is held; front() judges the
 * first of them: not a frame (drop one), may become a frame (wait), is a frame (give out). Dropping
 * one byte at a time is what finds a frame that begins inside a broken one. */
#include "codec/gdw1376/stream.h"

#include "base/sum.h"

#include <string.h>

enum { MARK = 0x68, END = 0x16, BEFORE_USER = 6 };

void gdw1376_stream_init(gdw1376_stream *s, uint8_t *buf, size_t cap)
{
    GT_ASSERT(cap >= GDW1376_STREAM_MIN);
    *s = (gdw1376_stream){.buf = buf, .cap = cap};
}

void gdw1376_stream_grow(gdw1376_stream *s, uint8_t *buf, size_t cap)
{
    const size_t held = s->end - s->start;
    GT_ASSERT(cap >= GDW1376_STREAM_MIN);
    GT_ASSERT(cap >= held);
    if (held > 0) {
        memmove(buf, s->buf + s->start, held);
    }
    s->buf = buf;
    s->cap = cap;
    s->start = 0;
    s->end = held;
}

size_t gdw1376_stream_feed(gdw1376_stream *s, const uint8_t *data, size_t len)
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

/* Marks and lengths as far as they have come. */
static verdict front_head(const uint8_t *at, size_t held, size_t cap, size_t *out_len)
{
    if (at[0] != MARK || (held >= BEFORE_USER && at[BEFORE_USER - 1] != MARK)) {
        return NOT_A_FRAME;
    }
    if ((held >= 4 && at[3] != at[1]) || (held >= 5 && at[4] != at[2])) {
        return NOT_A_FRAME;
    }
    if (held < 3) {
        return INCOMPLETE;
    }
    const size_t user_len = (size_t)(at[2] << 8 | at[1]) >> 2;
    const size_t whole = user_len + GDW1376_FRAME_EXTRA;
    if (user_len < GDW1376_USER_MIN || user_len > GDW1376_USER_MAX || whole > cap) {
        return NOT_A_FRAME;
    }
    if (held < whole) {
        return INCOMPLETE;
    }
    *out_len = whole;
    return WHOLE;
}

static verdict front(const gdw1376_stream *s, size_t *out_len)
{
    const uint8_t *at = s->buf + s->start;
    size_t whole = 0;
    const verdict v = front_head(at, s->end - s->start, s->cap, &whole);
    if (v != WHOLE) {
        return v;
    }
    const uint8_t cs = at[whole - 2];
    if (at[whole - 1] != END ||
        cs != gt_sum8(at + BEFORE_USER, whole - (size_t)GDW1376_FRAME_EXTRA)) {
        return NOT_A_FRAME;
    }
    *out_len = whole;
    return WHOLE;
}

bool gdw1376_stream_next(gdw1376_stream *s, const uint8_t **out_frame, size_t *out_len)
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

size_t gdw1376_stream_pending(const gdw1376_stream *s)
{
    return s->end - s->start;
}

void gdw1376_stream_resync(gdw1376_stream *s)
{
    if (s->start < s->end) {
        s->start++;
        s->garbage++;
    }
}
