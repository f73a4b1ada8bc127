/* The framing machine: bytes gather in a buffer that always starts at a 68H; whenever what is there
 * cannot become a frame, its first byte is dropped and the next 68H tried. */
#include "codec/dlt645/stream.h"

#include <string.h>

void dlt645_stream_reset(dlt645_stream *stream)
{
    stream->len = 0;
    stream->skipped = 0;
}

/* Drops n bytes and everything up to the next start mark. */
static void drop(dlt645_stream *stream, size_t n)
{
    while (n < stream->len && stream->buf[n] != DLT645_START) {
        stream->skipped += stream->buf[n] != DLT645_PREAMBLE;
        n++;
    }
    stream->len -= n;
    memmove(stream->buf, stream->buf + n, stream->len);
}

/* Looks at the buffer until it is a whole frame (true) or needs more bytes (false). */
static bool settle(dlt645_stream *stream, dlt645_frame *out)
{
    while (stream->len > 0) {
        size_t whole = 0;
        gt_err err = dlt645_frame_len(stream->buf, stream->len, &whole);
        if (err == GT_ERR_OK && stream->len >= whole) {
            err = dlt645_frame_decode(stream->buf, whole, out);
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

size_t dlt645_stream_feed(dlt645_stream *stream, const uint8_t *in, size_t in_len,
                          dlt645_frame *out, bool *out_got)
{
    *out_got = settle(stream, out);
    size_t used = 0;
    while (!*out_got && used < in_len) {
        const uint8_t byte = in[used++];
        if (stream->len == 0 && byte != DLT645_START) {
            stream->skipped += byte != DLT645_PREAMBLE;
            continue;
        }
        GT_ASSERT(stream->len < DLT645_FRAME_MAX);
        stream->buf[stream->len++] = byte;
        *out_got = settle(stream, out);
    }
    return used;
}
