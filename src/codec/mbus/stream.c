/* The framing machine: bytes gather in a buffer that always starts at a start mark; whenever what
 * is there cannot become a frame, its first byte is dropped and the next start mark tried. */
#include "codec/mbus/stream.h"

#include <string.h>

void mbus_stream_reset(mbus_stream *stream)
{
    stream->len = 0;
    stream->given = 0;
    stream->broken = false;
    stream->skipped = 0;
}

static bool starts(const mbus_stream *stream, uint8_t byte)
{
    return byte == MBUS_START_LONG || byte == MBUS_START_SHORT ||
           (byte == MBUS_START_ACK && !stream->broken);
}

static void skip(mbus_stream *stream)
{
    stream->skipped++;
    stream->broken = true;
}

/* Drops n bytes and everything up to the next start mark. */
static void drop(mbus_stream *stream, size_t n)
{
    while (n < stream->len && !starts(stream, stream->buf[n])) {
        skip(stream);
        n++;
    }
    stream->len -= n;
    memmove(stream->buf, stream->buf + n, stream->len);
}

/* Looks at the buffer until it starts with a whole frame (true) or needs more bytes (false). */
static bool settle(mbus_stream *stream, mbus_frame *out)
{
    while (stream->len > 0) {
        size_t whole = 0;
        gt_err err = mbus_frame_len(stream->buf, stream->len, &whole);
        if (err == GT_ERR_OK && stream->len >= whole) {
            err = mbus_frame_decode(stream->buf, whole, out);
            if (err == GT_ERR_OK) {
                stream->given = whole;
                stream->broken = false;
                return true;
            }
        } else if (err == GT_ERR_OK || err == GT_ERR_TRUNCATED) {
            return false;
        }
        skip(stream);
        drop(stream, 1);
    }
    return false;
}

size_t mbus_stream_feed(mbus_stream *stream, const uint8_t *in, size_t in_len, mbus_frame *out,
                        bool *out_got)
{
    drop(stream, stream->given);
    stream->given = 0;
    *out_got = settle(stream, out);
    size_t used = 0;
    while (!*out_got && used < in_len) {
        const uint8_t byte = in[used++];
        if (stream->len == 0 && !starts(stream, byte)) {
            skip(stream);
            continue;
        }
        GT_ASSERT(stream->len < MBUS_FRAME_MAX);
        stream->buf[stream->len++] = byte;
        *out_got = settle(stream, out);
    }
    return used;
}
