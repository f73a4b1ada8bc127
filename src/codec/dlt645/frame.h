/**
 * @file frame.h
 * @brief DL/T 645 link frame, the same in both editions: bytes <-> struct.
 *
 * Layer:   codec. No I/O, no allocation, no clock, no globals. Freestanding.
 * Source:  DL/T 645-2007, 5.2 (frame format).
 * Units:   addr is 12 digits as nibbles, most significant first: 0x123456789012.
 */
#ifndef GT_CODEC_DLT645_FRAME_H
#define GT_CODEC_DLT645_FRAME_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    DLT645_DATA_MAX = 200,
    DLT645_FRAME_MIN = 12, /* 68 A0..A5 68 C L CS 16 */
    DLT645_FRAME_MAX = DLT645_FRAME_MIN + DLT645_DATA_MAX,
    DLT645_HEAD_LEN = 10, /* first 68 up to and with L */
    DLT645_START = 0x68,
    DLT645_END = 0x16,
    DLT645_PREAMBLE = 0xFE,
    DLT645_MASK = 0x33, /* added to every data byte on the wire */
};

/** Every meter; only for broadcast time and freeze, which nobody answers. */
#define DLT645_ADDR_BROADCAST UINT64_C(0x999999999999)
/** A nibble of AH stands for any digit; all of them reach the one meter on the line. */
#define DLT645_ADDR_ANY UINT64_C(0xAAAAAAAAAAAA)

typedef struct dlt645_frame {
    uint64_t addr; /* 12 nibbles, each 0 .. 9 or AH */
    uint8_t ctrl;
    uint8_t data_len;
    uint8_t data[DLT645_DATA_MAX]; /* data_len of them, 33H already subtracted */
} dlt645_frame;

/** Each of the 12 nibbles is 0 .. 9 or AH, and nothing above them. */
bool dlt645_addr_valid(uint64_t addr);
/** Does a meter of that address (digits only) take a frame to @p to? Wildcards match any digit. */
bool dlt645_addr_match(uint64_t to, uint64_t own);

/**
 * Decode exactly one frame, first 0x68 to final 0x16, preambles already skipped.
 *
 * @param[out] out  written only on GT_ERR_OK; of data only what data_len says
 * @return GT_ERR_TRUNCATED  fewer bytes than the length field promises
 *         GT_ERR_TRAILING   bytes after the end mark
 *         GT_ERR_MALFORMED  a fixed byte is wrong, or an address nibble is not 0 .. 9 or A
 *         GT_ERR_RANGE      data length above DLT645_DATA_MAX
 *         GT_ERR_CHECKSUM   CS does not match
 */
GT_CHECKED gt_err dlt645_frame_decode(const uint8_t *in, size_t in_len, dlt645_frame *out);

/**
 * @return GT_ERR_RANGE  bad address, or data_len above DLT645_DATA_MAX
 *         GT_ERR_SPACE  @p cap below DLT645_FRAME_MIN + data_len
 */
GT_CHECKED gt_err dlt645_frame_encode(const dlt645_frame *frame, uint8_t *buf, size_t cap,
                                      size_t *out_len);

/**
 * How many bytes an answer has, preambles included, by its length field, so that a line master
 * need not wait for silence. CS and end mark are not looked at.
 *
 * @return OK, TRUNCATED (read on), MALFORMED (no frame starts here), RANGE (length field)
 */
GT_CHECKED gt_err dlt645_frame_len(const uint8_t *in, size_t in_len, size_t *out_len);

/** For codec/stream. */
extern const struct codec_framing dlt645_framing;

#endif
