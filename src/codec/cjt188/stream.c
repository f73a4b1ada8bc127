/* The framing machine: bytes gather in a buffer that always starts at a 68H; whenever what is there
 * cannot become a frame, its first byte is dropped and the next 68H tried. */
#include "codec/cjt188/stream.h"

#include <string.h>

void cjt188_stream_reset(cjt188_stream *stream)
{
    stream->len = 0;
    stream->skipped = 0;
}

static bool is_preamble(uint8_t byte)
{
    return byte == CJT188_PREAMBLE || byte == CJT188_PREAMBLE_IDLE;
}

/* Drops n bytes and everything up to the next start mark. */
static void drop(cjt188_stream *stream, size_t n)
{
    while (n < stream->len && stream->buf[n] != CJT188_START) {
        stream->skipped += !is_preamble(stream->buf[n]);
        n++;
    }
    stream->len -= n;
    memmove(stream->buf, stream->buf + n, stream->len);
}

/* Looks at the buffer until it is a whole frame (true) or needs more bytes (false). */
static bool settle(cjt188_stream *stream, cjt188_frame *out)
{
    while (stream->len > 0) {
        size_t whole = 0;
        gt_err err = cjt188_frame_len(stream->buf, stream->len, &whole);
        if (err == GT_ERR_OK && stream->len >= whole) {
            err = cjt188_frame_decode(stream->buf, whole, out);
            if (err == GT_ERR_OK) {
                drop(stream, whole);
                return true;
            }
        } else if (err == GT_ERR_OK || err == GT_ERR_TRUNCATED) {
            return false;
        }
        stream->skipped++;
        drop(stream, 1);
    }
    return false;
}

size_t cjt188_stream_feed(cjt188_stream *stream, const uint8_t *in, size_t in_len,
                          cjt188_frame *out, bool *out_got)
{
    *out_got = settle(stream, out);
    size_t used = 0;
    while (!*out_got && used < in_len) {
        const uint8_t byte = in[used++];
        if (stream->len == 0 && byte != CJT188_START) {
            stream->skipped += !is_preamble(byte);
            continue;
        }
        GT_ASSERT(stream->len < CJT188_FRAME_MAX);
        stream->buf[stream->len++] = byte;
        *out_got = settle(stream, out);
    }
    return used;
}
