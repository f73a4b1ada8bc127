/**
 * @file stream.h
 * @brief Frames out of a byte stream: resynchronising, partial reads, several frames in one read.
 *
 * Layer:   codec. The state is the caller's; nothing is allocated.
 * A false start costs only its first byte. An E5H has no checksum, so it counts only where a frame
 * may begin: right after a reset or after a whole frame, never inside or behind broken bytes.
 */
#ifndef GT_CODEC_MBUS_STREAM_H
#define GT_CODEC_MBUS_STREAM_H

#include "codec/mbus/frame.h"

typedef struct mbus_stream {
    uint8_t buf[MBUS_FRAME_MAX]; /* starts with a start mark, or is empty */
    size_t len;
    size_t given;     /* bytes of the frame given out last, dropped by the next feed */
    bool broken;      /* bytes were dropped since the last whole frame */
    uint32_t skipped; /* bytes that belonged to no frame */
} mbus_stream;

/** A master calls it before each request. */
void mbus_stream_reset(mbus_stream *stream);

/**
 * Takes bytes up to and with the first whole, right frame.
 *
 * @param[out] out      the frame, valid until the next call with this stream; written only when
 *                      @p out_got becomes true
 * @param[out] out_got  whether a frame was completed
 * @return bytes taken: call again with the rest until it is used up. When a frame was completed
 *         call again even with no bytes left: a second one may be held already.
 */
size_t mbus_stream_feed(mbus_stream *stream, const uint8_t *in, size_t in_len, mbus_frame *out,
                        bool *out_got);

#endif
