/**
 * @file stream.h
 * @brief Frames out of a byte stream: preambles skipped, resynchronising, partial reads.
 *
 * Layer:   codec. The state is the caller's; nothing is allocated.
 * A false start costs only its first byte: the machine looks for the next 68H inside what it had
 * already taken, so a frame hidden behind garbage is not lost.
 */
#ifndef GT_CODEC_CJT188_STREAM_H
#define GT_CODEC_CJT188_STREAM_H

#include "codec/cjt188/frame.h"

typedef struct cjt188_stream {
    uint8_t buf[CJT188_FRAME_MAX]; /* starts with 68H, or is empty */
    size_t len;
    uint32_t skipped; /* bytes that belonged to no frame, preambles aside */
} cjt188_stream;

void cjt188_stream_reset(cjt188_stream *stream);

/**
 * Takes bytes up to and with the first whole, right frame.
 *
 * @param[out] out      the frame; written only when @p out_got becomes true
 * @param[out] out_got  whether a frame was completed
 * @return bytes taken: call again with the rest until it is used up. When a frame was completed
 *         call again even with no bytes left: a second one may be held already.
 */
size_t cjt188_stream_feed(cjt188_stream *stream, const uint8_t *in, size_t in_len,
                          cjt188_frame *out, bool *out_got);

#endif
