/* Framing of a byte stream. The bytes between start and end are what is held; front() judges the
 * first of them: not a frame (drop one), may become a frame (wait), is a frame (give out). Dropping
 * one byte at a time is what finds a frame that begins inside a broken one. */
#include "codec/stream/stream.h"

#include <string.h>

void codec_stream_init(codec_stream *s, const codec_framing *framing, uint8_t *buf, size_t cap)
{
    GT_ASSERT(cap >= framing->cap_min);
    *s = (codec_stream){.framing = framing, .buf = buf, .cap = cap};
}

void codec_stream_grow(codec_stream *s, uint8_t *buf, size_t cap)
{
    const size_t held = s->end - s->start;
    GT_ASSERT(cap >= s->framing->cap_min);
    GT_ASSERT(cap >= held);
    if (held > 0) {
        memmove(buf, s->buf + s->start, held);
    }
    s->buf = buf;
    s->cap = cap;
    s->start = 0;
    s->end = held;
}

size_t codec_stream_feed(codec_stream *s, const uint8_t *data, size_t len)
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

static verdict front(const codec_stream *s, size_t *out_len)
{
    const codec_framing *framing = s->framing;
    const uint8_t *at = s->buf + s->start;
    const size_t held = s->end - s->start;
    if (s->broken && framing->bare != 0 && at[0] == framing->bare) {
        return NOT_A_FRAME;
    }
    size_t whole = 0;
    const gt_err err = framing->frame_len(at, held, &whole);
    if (err == GT_ERR_TRUNCATED) {
        return INCOMPLETE; /* the buffer holds cap_min bytes, so this ends */
    }
    if (err != GT_ERR_OK || whole > s->cap) {
        return NOT_A_FRAME;
    }
    if (held < whole) {
        return INCOMPLETE;
    }
    if (framing->frame_check(at, whole) != GT_ERR_OK) {
        return NOT_A_FRAME;
    }
    *out_len = whole;
    return WHOLE;
}

static bool front_is_preamble(const codec_stream *s)
{
    const uint8_t byte = s->buf[s->start];
    const uint8_t *preamble = s->framing->preamble;
    return byte != 0 && (byte == preamble[0] || byte == preamble[1]);
}

static void drop(codec_stream *s, uint64_t *count)
{
    s->start++;
    s->broken = true;
    ++*count;
}

bool codec_stream_next(codec_stream *s, const uint8_t **out_frame, size_t *out_len)
{
    while (s->start < s->end) {
        if (front_is_preamble(s)) {
            drop(s, &s->preambles);
            continue;
        }
        size_t len = 0;
        const verdict v = front(s, &len);
        if (v == WHOLE) {
            *out_frame = s->buf + s->start;
            *out_len = len;
            s->start += len;
            s->broken = false;
            s->frames++;
            return true;
        }
        if (v == INCOMPLETE) {
            return false;
        }
        drop(s, &s->garbage);
    }
    return false;
}

size_t codec_stream_pending(const codec_stream *s)
{
    return s->end - s->start;
}

void codec_stream_resync(codec_stream *s)
{
    if (s->start < s->end) {
        drop(s, &s->garbage);
    }
}
