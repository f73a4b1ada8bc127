/**
 * @file stream.h
 * @brief Finds DL/T 698.45 frames in a byte stream: preambles, garbage, many in one read, one in
 *        many.
 *
 * Layer:   codec. The buffer is the caller's and bounds everything: a frame longer than it is
 *          garbage.
 *
 *     dlt698_stream_init(&s, buf, sizeof buf);
 *     while (len > 0) {
 *         const size_t taken = dlt698_stream_feed(&s, data, len);
 *         data += taken, len -= taken;
 *         while (dlt698_stream_next(&s, &frame, &frame_len)) { ... }
 *     }
 *
 * feed always takes at least one byte once next has said false, so the loop ends. HCS settles early
 * whether a 68H starts a frame, so a false start is not believed for long.
 */
#ifndef GT_CODEC_DLT698_STREAM_H
#define GT_CODEC_DLT698_STREAM_H

#include "codec/dlt698/frame.h"

enum { DLT698_STREAM_MIN = 64 }; /* smallest useful buffer: a login with the longest address */

typedef struct dlt698_stream {
    uint8_t *buf;
    size_t cap;
    size_t start;     /* first byte not yet given out or dropped */
    size_t end;       /* past the last byte held */
    uint64_t garbage; /* bytes dropped since init, preambles FEH included */
    uint64_t frames;  /* frames given out since init */
} dlt698_stream;

/** @param cap at least DLT698_STREAM_MIN; DLT698_FRAME_MAX takes every frame there can be */
void dlt698_stream_init(dlt698_stream *s, uint8_t *buf, size_t cap);
/** @return how many bytes were taken; fewer than @p len only when the buffer is full */
size_t dlt698_stream_feed(dlt698_stream *s, const uint8_t *data, size_t len);
/**
 * The next frame whose marks, length, HCS and FCS are right.
 *
 * @param[out] out_frame  valid until the next call with this stream
 * @return false when more bytes are needed
 */
bool dlt698_stream_next(dlt698_stream *s, const uint8_t **out_frame, size_t *out_len);
/** Bytes held of a frame that is not complete; 0 when idle. */
size_t dlt698_stream_pending(const dlt698_stream *s);
/** Give up on the incomplete frame at the front (its time is over) and look on behind its mark. */
void dlt698_stream_resync(dlt698_stream *s);

#endif
