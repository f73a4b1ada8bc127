/* The framing machine: bytes gather in a buffer that always starts at a 68H; whenever what is there
 * cannot become a frame, its first byte is dropped and the next 68H tried. A frame given out stays
 * in the buffer until the next call, because its data are borrowed from there. */
#include "codec/gdw1376_2/stream.h"

#include <string.h>

enum { MARK = 0x68 };

void gdw1376_2_stream_reset(gdw1376_2_stream *stream)
{
    stream->len = 0;
    stream->given = 0;
    stream->skipped = 0;
}

/* Drops n bytes and everything up to the next start mark. */
static void drop(gdw1376_2_stream *stream, size_t n)
{
    while (n < stream->len && stream->buf[n] != MARK) {
        stream->skipped++;
        n++;
    }
    stream->len -= n;
    memmove(stream->buf, stream->buf + n, stream->len);
}

/* Looks at the buffer until it starts with a whole frame (true) or needs more bytes (false). */
static bool settle(gdw1376_2_stream *stream, gdw1376_2_frame *out)
{
    while (stream->len > 0) {
        size_t whole = 0;
        const gt_err err = gdw1376_2_frame_len(stream->buf, stream->len, &whole);
        if (err == GT_ERR_TRUNCATED || (err == GT_ERR_OK && stream->len < whole)) {
            return false;
        }
        if (err == GT_ERR_OK && gdw1376_2_frame_decode(stream->buf, whole, out) == GT_ERR_OK) {
            stream->given = whole;
            return true;
        }
        stream->skipped++;
        drop(stream, 1);
    }
    return false;
}

size_t gdw1376_2_stream_feed(gdw1376_2_stream *stream, const uint8_t *in, size_t in_len,
                             gdw1376_2_frame *out, bool *out_got)
{
    if (stream->given > 0) {
        drop(stream, stream->given);
        stream->given = 0;
    }
    *out_got = settle(stream, out);
    size_t used = 0;
    while (!*out_got && used < in_len) {
        const uint8_t byte = in[used++];
        if (stream->len == 0 && byte != MARK) {
            stream->skipped++;
            continue;
        }
        GT_ASSERT(stream->len < sizeof stream->buf);
        stream->buf[stream->len++] = byte;
        *out_got = settle(stream, out);
    }
    return used;
}
