/**
 * @file stream.h
 * @brief The transparent stream of a DTU: packets told apart from what the device behind it says.
 *
 * Layer:   codec. The buffer is the caller's.
 *
 *     dtu_stream_init(&s, &profile, buf, sizeof buf);
 *     while (len > 0) {
 *         const size_t taken = dtu_stream_feed(&s, data, len);
 *         data += taken, len -= taken;
 *         while ((piece = dtu_stream_next(&s, &bytes, &bytes_len)) != DTU_NOTHING) { ... }
 *     }
 *     while dtu_stream_pending(&s) > 0: DTU_WAIT_MS after the last byte call dtu_stream_over, then
 *     dtu_stream_next again
 *
 * Every byte comes out, once, in order: in a packet or as payload. Bytes that begin like a packet
 * are held until it is whole, contradicted, or its time is over; these are fewer than
 * DTU_PACKET_MAX. Where both packets fit, the longer one is meant. A template that is `alone` is
 * looked for only where something begins: at first, after a packet, after dtu_stream_over.
 */
#ifndef GT_CODEC_DTU_STREAM_H
#define GT_CODEC_DTU_STREAM_H

#include "codec/dtu/template.h"
#include "codec/stream/stream.h"

enum { DTU_WAIT_MS = 1000 };

typedef struct dtu_profile {
    dtu_template registration;
    dtu_template heartbeat;
} dtu_profile;

typedef enum dtu_piece { DTU_NOTHING, DTU_PAYLOAD, DTU_REGISTRATION, DTU_HEARTBEAT } dtu_piece;

/** Bytes to be cut. */
typedef struct dtu_held {
    const uint8_t *buf;
    size_t len;
    bool begins; /* at first, or behind a packet */
    bool over;   /* nothing more will come */
} dtu_held;

/** The piece at the front and its length; DTU_NOTHING: more bytes are needed, or there is none. */
dtu_piece dtu_cut(const dtu_profile *profile, const dtu_held *held, size_t *out_len);

typedef struct dtu_stream {
    const dtu_profile *profile;
    codec_stream held;
    bool begins;
    bool over;
} dtu_stream;

/** @param cap at least DTU_PACKET_MAX */
void dtu_stream_init(dtu_stream *s, const dtu_profile *profile, uint8_t *buf, size_t cap);
/** @return how many bytes were taken; fewer than @p len only when the buffer is full */
size_t dtu_stream_feed(dtu_stream *s, const uint8_t *data, size_t len);
/**
 * The next piece.
 * @param[out] out_bytes  valid until the next feed; untouched with DTU_NOTHING
 */
dtu_piece dtu_stream_next(dtu_stream *s, const uint8_t **out_bytes, size_t *out_len);
/** Bytes held because they begin like a packet. */
size_t dtu_stream_pending(const dtu_stream *s);
/** Silence: what is held is no packet unless it is one already, and what comes now begins anew. */
void dtu_stream_over(dtu_stream *s);

#endif
