/**
 * @file frame.h
 * @brief Q/GDW 1376.2 frame between a concentrator and its local module: bytes <-> struct.
 *
 * Layer:   codec. No I/O, no allocation, no clock, no globals.
 * Source:  Q/GDW 1376.2 (2013), 4.3 frame format, 5 user data.
 *
 *     68 L(2) C | R(6) [A1(6) A2(6 each relay) A3(6)] AFN DT(2) data | CS 16
 *
 * L counts the whole frame, CS adds up C .. data. A decoded frame borrows its data from the input.
 */
#ifndef GT_CODEC_GDW1376_2_FRAME_H
#define GT_CODEC_GDW1376_2_FRAME_H

#include "base/bytes.h"

enum {
    GDW1376_2_FRAME_MIN = 15,
    GDW1376_2_FRAME_MAX = 2048, /* our own limit; the length field could say 65535 */
    GDW1376_2_INFO_LEN = 6,
    GDW1376_2_RELAYS_MAX = 15,
    GDW1376_2_MODE_MAX = 63,
    GDW1376_2_FN_MAX = 248, /* DT2 0 .. 30 */
};

typedef enum gdw1376_2_way { GDW1376_2_WAY_DOWN, GDW1376_2_WAY_UP } gdw1376_2_way;

/** Parts of R: GDW1376_2_INFO_SEQ. */
typedef enum gdw1376_2_info {
#define INFO(way, symbol, id, byte, shift, bits, zh, en) GDW1376_2_INFO_##symbol,
#include "codec/gdw1376_2/info.def"
#undef INFO
} gdw1376_2_info;

typedef struct gdw1376_2_frame {
    bool up;                          /* DIR: from the module */
    bool prm;                         /* from the starting side */
    uint8_t mode;                     /* of communication, mode.def */
    uint8_t info[GDW1376_2_INFO_LEN]; /* R as sent; read and set by gdw1376_2_info_* */
    uint64_t source;                  /* A1: 12 nibbles as written; with addresses only */
    uint64_t relays[GDW1376_2_RELAYS_MAX];
    uint64_t destination; /* A3 */
    uint8_t afn;
    uint16_t fn; /* 1 .. GDW1376_2_FN_MAX */
    const uint8_t *data;
    size_t data_len;
} gdw1376_2_frame;

/** R says that A1 and A3 are there. */
bool gdw1376_2_frame_has_addresses(const gdw1376_2_frame *frame);
/** Relay addresses between A1 and A3: towards the module only. */
size_t gdw1376_2_frame_relays(const gdw1376_2_frame *frame);

uint16_t gdw1376_2_info_get(const gdw1376_2_frame *frame, gdw1376_2_info part);
/** RANGE when it needs more bits than the part has. */
GT_CHECKED gt_err gdw1376_2_info_set(gdw1376_2_frame *frame, gdw1376_2_info part, uint16_t value);

/**
 * Decode exactly one frame, first 0x68 to final 0x16.
 *
 * @param[out] out  written only on GT_ERR_OK; borrows @p in
 * @return GT_ERR_TRUNCATED  fewer bytes than the length promises, or too few for the addresses
 *         GT_ERR_TRAILING   bytes after the end mark
 *         GT_ERR_MALFORMED  a fixed byte is wrong, or DT names no single function
 *         GT_ERR_RANGE      length below GDW1376_2_FRAME_MIN or above GDW1376_2_FRAME_MAX
 *         GT_ERR_CHECKSUM   CS does not match
 */
GT_CHECKED gt_err gdw1376_2_frame_decode(const uint8_t *in, size_t in_len, gdw1376_2_frame *out);

/** @return GT_ERR_SPACE; GT_ERR_RANGE: too long, or a field outside its bits */
GT_CHECKED gt_err gdw1376_2_frame_encode(const gdw1376_2_frame *frame, uint8_t *buf, size_t cap,
                                         size_t *out_len);

/* The same in two steps, when the data are written behind the head in place: head_write gives
 * all up to DT (data of @p frame are not looked at), frame_end what the bytes then need. */

void gdw1376_2_head_write(gt_wr *w, const gdw1376_2_frame *frame);
GT_CHECKED gt_err gdw1376_2_frame_end(gt_wr *w, size_t *out_len);

/** @return OK with the frame's length by its length field; TRUNCATED, MALFORMED or RANGE */
GT_CHECKED gt_err gdw1376_2_frame_len(const uint8_t *in, size_t in_len, size_t *out_len);

/** For codec/stream. */
extern const struct codec_framing gdw1376_2_framing;

#endif
