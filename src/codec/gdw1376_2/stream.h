/**
 * @file stream.h
 * @brief Frames out of a byte stream: resynchronising, partial reads.
 *
 * Layer:   codec. The state is the caller's; nothing is allocated.
 * A false start costs only its first byte: the next 68H is looked for inside what was taken.
 */
#ifndef GT_CODEC_GDW1376_2_STREAM_H
#define GT_CODEC_GDW1376_2_STREAM_H

#include "codec/gdw1376_2/frame.h"

typedef struct gdw1376_2_stream {
    uint8_t buf[GDW1376_2_FRAME_MAX]; /* starts with 68H, or is empty */
    size_t len;
    size_t given;     /* bytes at the start that were given out as a frame */
    uint32_t skipped; /* bytes that belonged to no frame */
} gdw1376_2_stream;

void gdw1376_2_stream_reset(gdw1376_2_stream *stream);

/**
 * Takes bytes up to and with the first whole, right frame.
 *
 * @param[out] out      written only when @p out_got becomes true; borrows from the stream until the
 *                      next call
 * @param[out] out_got  whether a frame was completed
 * @return bytes taken: call again with the rest. When a frame was completed call again even with no
 *         bytes left: a second one may be held already.
 */
size_t gdw1376_2_stream_feed(gdw1376_2_stream *stream, const uint8_t *in, size_t in_len,
                             gdw1376_2_frame *out, bool *out_got);

#endif
