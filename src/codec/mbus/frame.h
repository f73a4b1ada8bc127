/**
 * @file frame.h
 * @brief M-Bus link frame: bytes <-> struct.
 *
 * Layer:   codec. No I/O, no allocation, no clock, no globals. Freestanding.
 * Source:  EN 13757-2, format class FT 1.2: E5H alone, 10H short frames, 68H control and long ones.
 */
#ifndef GT_CODEC_MBUS_FRAME_H
#define GT_CODEC_MBUS_FRAME_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    MBUS_DATA_MAX = 252, /* behind the CI field */
    MBUS_SHORT_LEN = 5,  /* 10 C A CS 16 */
    MBUS_LONG_MIN = 9,   /* 68 L L 68 C A CI CS 16: without data, a "control frame" */
    MBUS_FRAME_MAX = MBUS_LONG_MIN + MBUS_DATA_MAX,
    MBUS_HEAD_LEN = 7, /* of a long frame: bytes before its data */
    MBUS_START_ACK = 0xE5,
    MBUS_START_SHORT = 0x10,
    MBUS_START_LONG = 0x68,
    MBUS_END = 0x16,
};

/** Primary addresses with a meaning of their own. */
enum {
    MBUS_ADDR_NEW = 0,          /* as it left the factory */
    MBUS_ADDR_LAST = 250,       /* last one a meter may have */
    MBUS_ADDR_SELECTED = 253,   /* whoever was selected by secondary address */
    MBUS_ADDR_ALL_ANSWER = 254, /* every meter, and it answers: one meter on the line */
    MBUS_ADDR_BROADCAST = 255,  /* every meter, nobody answers */
};

/** Control field: bits, and the functions wired M-Bus uses with FCB and FCV cleared. */
enum {
    MBUS_C_MASTER = 0x40,
    MBUS_C_FCB = 0x20, /* master: frame count bit; meter: ACD, class 1 data waits */
    MBUS_C_FCV = 0x10, /* master: FCB counts; meter: DFC, send no more now */
    MBUS_C_SND_NKE = 0x40,
    MBUS_C_SND_UD = 0x53,
    MBUS_C_REQ_UD1 = 0x5A,
    MBUS_C_REQ_UD2 = 0x5B,
    MBUS_C_RSP_UD = 0x08,
};

typedef enum mbus_kind {
    MBUS_ACK,   /* E5H: no other field */
    MBUS_SHORT, /* control and address */
    MBUS_LONG,  /* and CI field, and 0 to MBUS_DATA_MAX bytes of data */
} mbus_kind;

typedef struct mbus_frame {
    mbus_kind kind;
    uint8_t control;
    uint8_t address;
    uint8_t ci;
    uint8_t data_len;
    const uint8_t *data; /* in the bytes that were decoded; may be NULL when data_len is 0 */
} mbus_frame;

/**
 * Decode exactly one frame.
 *
 * @param[out] out  written only on GT_ERR_OK; points into @p in
 * @return GT_ERR_TRUNCATED  fewer bytes than the frame needs
 *         GT_ERR_TRAILING   bytes after its end
 *         GT_ERR_MALFORMED  a fixed byte is wrong, or the two length fields differ
 *         GT_ERR_RANGE      length field below 3
 *         GT_ERR_CHECKSUM   CS does not match
 */
GT_CHECKED gt_err mbus_frame_decode(const uint8_t *in, size_t in_len, mbus_frame *out);

/**
 * @return GT_ERR_RANGE  data_len above MBUS_DATA_MAX
 *         GT_ERR_SPACE  @p cap too small
 */
GT_CHECKED gt_err mbus_frame_encode(const mbus_frame *frame, uint8_t *buf, size_t cap,
                                    size_t *out_len);

/**
 * How many bytes the frame at the start of @p in has, by its start mark and length fields.
 *
 * @return OK, TRUNCATED (read on), MALFORMED (no frame starts here), RANGE (length field)
 */
GT_CHECKED gt_err mbus_frame_len(const uint8_t *in, size_t in_len, size_t *out_len);

/** For codec/stream. */
extern const struct codec_framing mbus_framing;

/* What a master sends. The frame count bit is turned over with each new request to one address, and
 * kept when a request is repeated; after SND_NKE the first one is sent with it set. */
mbus_frame mbus_snd_nke(uint8_t address);
mbus_frame mbus_req_ud2(uint8_t address, bool fcb);
mbus_frame mbus_req_ud1(uint8_t address, bool fcb);
/** @p data must outlive the frame; @param data_len at most MBUS_DATA_MAX */
mbus_frame mbus_snd_ud(uint8_t address, bool fcb, uint8_t ci, const uint8_t *data,
                       uint8_t data_len);
/* What a meter sends. */
mbus_frame mbus_ack(void);
mbus_frame mbus_rsp_ud(uint8_t address, uint8_t ci, const uint8_t *data, uint8_t data_len);

#endif
