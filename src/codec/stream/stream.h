/**
 * @file stream.h
 * @brief Finds frames in a byte stream: many in one read, one in many, garbage between them.
 *
 * Layer:   codec. The buffer is the caller's and bounds everything: a frame longer than it is
 *          garbage. What a frame looks like is a protocol's table, dlt645_framing and the like.
 *
 *     codec_stream_init(&s, &dlt645_framing, buf, sizeof buf);
 *     while (len > 0) {
 *         const size_t taken = codec_stream_feed(&s, data, len);
 *         data += taken, len -= taken;
 *         while (codec_stream_next(&s, &frame, &frame_len)) { ... }
 *     }
 *
 * feed always takes at least one byte once next has said false, so the loop ends. A false start
 * costs only its first byte, so a frame hidden behind garbage is not lost.
 */
#ifndef GT_CODEC_STREAM_STREAM_H
#define GT_CODEC_STREAM_STREAM_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** How a protocol frames its bytes. */
typedef struct codec_framing {
    /** Length of the frame at @p in as soon as it is known: OK; TRUNCATED: read on; anything else:
     * no frame starts here. Never TRUNCATED with cap_min bytes. */
    gt_err (*frame_len)(const uint8_t *in, size_t in_len, size_t *out_len);
    /** Is that whole frame right, to its checksum? */
    gt_err (*frame_check)(const uint8_t *in, size_t in_len);
    size_t cap_min;      /* smallest useful buffer */
    uint8_t preamble[2]; /* bytes between frames that are not garbage; 0 none */
    uint8_t bare;        /* a frame of one byte, which nothing checks; 0 none. It counts only where
                            a frame may begin: at first or right after a whole frame, never inside
                            or behind dropped bytes */
} codec_framing;

typedef struct codec_stream {
    const codec_framing *framing;
    uint8_t *buf;
    size_t cap;
    size_t start;       /* first byte not yet given out or dropped */
    size_t end;         /* past the last byte held */
    bool broken;        /* bytes were dropped since the last whole frame */
    uint64_t garbage;   /* bytes dropped since init, preambles aside */
    uint64_t preambles; /* bytes of preambles dropped since init */
    uint64_t frames;    /* frames given out since init */
} codec_stream;

/**
 * Also starts over, as a master does before a request.
 * @param cap at least framing->cap_min; with the protocol's FRAME_MAX every frame fits
 */
void codec_stream_init(codec_stream *s, const codec_framing *framing, uint8_t *buf, size_t cap);
/** Move what is held into a larger buffer: after login. @param cap at least the bytes held */
void codec_stream_grow(codec_stream *s, uint8_t *buf, size_t cap);
/** @return how many bytes were taken; fewer than @p len only when the buffer is full */
size_t codec_stream_feed(codec_stream *s, const uint8_t *data, size_t len);
/**
 * The next frame that frame_check found right.
 *
 * @param[out] out_frame  valid until the next feed or grow of this stream
 * @return false when more bytes are needed
 */
bool codec_stream_next(codec_stream *s, const uint8_t **out_frame, size_t *out_len);
/** Bytes held of a frame that is not complete; 0 when idle. */
size_t codec_stream_pending(const codec_stream *s);
/** Give up on the incomplete frame at the front (its time is over) and look on behind its mark. */
void codec_stream_resync(codec_stream *s);

#endif
