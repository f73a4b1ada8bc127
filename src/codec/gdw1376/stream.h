/**
 * @file stream.h
 * @brief Finds Q/GDW 1376.1 frames in a byte stream (TCP): many in one read, one in many reads.
 *
 * Layer:   codec. The buffer is the caller's and bounds everything: a frame longer than it is
 *          garbage, so a connection that has not yet identified itself is given a small one.
 *
 *     gdw1376_stream_init(&s, buf, sizeof buf);
 *     while (len > 0) {
 *         const size_t taken = gdw1376_stream_feed(&s, data, len);
 *         data += taken, len -= taken;
 *         while (gdw1376_stream_next(&s, &frame, &frame_len)) { ... }
 *     }
 *
 * feed always takes at least one byte once next has said false, so the loop ends.
 */
#ifndef GT_CODEC_GDW1376_STREAM_H
#define GT_CODEC_GDW1376_STREAM_H

#include "codec/gdw1376/frame.h"

enum {
    GDW1376_STREAM_MIN = GDW1376_FRAME_MIN, /* smallest useful buffer */
    GDW1376_STREAM_LOGIN = 64, /* enough for a login with Tp and EC: before a terminal is known */
};

typedef struct gdw1376_stream {
    uint8_t *buf;
    size_t cap;
    size_t start;     /* first byte not yet given out or dropped */
    size_t end;       /* past the last byte held */
    uint64_t garbage; /* bytes dropped since init */
    uint64_t frames;  /* frames given out since init */
} gdw1376_stream;

/** @param cap at least GDW1376_STREAM_MIN; GDW1376_FRAME_MAX takes every frame we decode */
void gdw1376_stream_init(gdw1376_stream *s, uint8_t *buf, size_t cap);
/** Move what is held into a larger buffer: after login. @param cap at least the bytes held */
void gdw1376_stream_grow(gdw1376_stream *s, uint8_t *buf, size_t cap);
/** @return how many bytes were taken; fewer than @p len only when the buffer is full */
size_t gdw1376_stream_feed(gdw1376_stream *s, const uint8_t *data, size_t len);
/**
 * The next frame whose marks, lengths and checksum are right; its head is not yet decoded.
 *
 * @param[out] out_frame  valid until the next call with this stream
 * @return false when more bytes are needed
 */
bool gdw1376_stream_next(gdw1376_stream *s, const uint8_t **out_frame, size_t *out_len);
/** Bytes held of a frame that is not complete; 0 when idle. */
size_t gdw1376_stream_pending(const gdw1376_stream *s);
/** Give up on the incomplete frame at the front (its time is over) and look on behind its mark. */
void gdw1376_stream_resync(gdw1376_stream *s);

#endif
