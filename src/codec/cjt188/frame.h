/**
 * @file frame.h
 * @brief CJ/T 188-2004 link frame: bytes <-> struct.
 *
 * Layer:   codec. No I/O, no allocation, no clock, no globals. Freestanding.
 * Source:  CJ/T 188-2004, data link layer. Unlike DL/T 645 the data is sent as it is.
 * Units:   addr is 7 bytes as 14 nibbles, most significant first; the first four name the maker.
 */
#ifndef GT_CODEC_CJT188_FRAME_H
#define GT_CODEC_CJT188_FRAME_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CJT188_DATA_MAX = 255, /* the standard stops at 64H (read) and 32H (write), makers do not */
    CJT188_FRAME_MIN = 13, /* 68 T A0..A6 C L CS 16 */
    CJT188_FRAME_MAX = CJT188_FRAME_MIN + CJT188_DATA_MAX,
    CJT188_HEAD_LEN = 11, /* first 68 up to and with L */
    CJT188_START = 0x68,
    CJT188_END = 0x16,
    CJT188_PREAMBLE = 0xFE,
    CJT188_PREAMBLE_IDLE = 0xFF, /* seen in place of FEH */
    CJT188_TYPE_ANY = 0xAA,
};

/** Every digit a wildcard: the one meter on the line. */
#define CJT188_ADDR_ANY UINT64_C(0xAAAAAAAAAAAAAA)

/** X(symbol, code, zh, en) */
#define CJT188_TYPE_LIST(X)                                 \
    X(WATER_COLD, 0x10, "冷水水表", "cold water")           \
    X(WATER_HOT, 0x11, "生活热水水表", "hot water")         \
    X(WATER_DRINK, 0x12, "直饮水水表", "drinking water")    \
    X(WATER_RECLAIMED, 0x13, "中水水表", "reclaimed water") \
    X(HEAT, 0x20, "热量表（计热量）", "heat")               \
    X(COLD, 0x21, "热量表（计冷量）", "cold")               \
    X(GAS, 0x30, "燃气表", "gas")                           \
    X(ELECTRICITY, 0x40, "电度表", "electricity")

enum {
#define CJT188_TYPE_ENUM(symbol, code, zh, en) CJT188_TYPE_##symbol = code,
    CJT188_TYPE_LIST(CJT188_TYPE_ENUM)
#undef CJT188_TYPE_ENUM
};

typedef struct cjt188_frame {
    uint8_t type;  /* 10H .. 49H (water 1xH, heat 2xH, gas 3xH, other 4xH) or AAH */
    uint64_t addr; /* 14 nibbles; the low ten 0 .. 9 or AH */
    uint8_t ctrl;
    uint8_t data_len;
    uint8_t data[CJT188_DATA_MAX]; /* data_len of them */
} cjt188_frame;

bool cjt188_type_valid(uint8_t type);
bool cjt188_addr_valid(uint64_t addr);
/** Does a meter of that type and address take a frame to them? Digits AH match any digit. */
bool cjt188_addr_match(const cjt188_frame *to, uint8_t own_type, uint64_t own_addr);

/**
 * Decode exactly one frame, first 0x68 to final 0x16, preambles already skipped.
 *
 * @param[out] out  written only on GT_ERR_OK; of data only what data_len says
 * @return GT_ERR_TRUNCATED  fewer bytes than the length field promises
 *         GT_ERR_TRAILING   bytes after the end mark
 *         GT_ERR_MALFORMED  a fixed byte, the type or an address digit is wrong
 *         GT_ERR_CHECKSUM   CS does not match
 */
GT_CHECKED gt_err cjt188_frame_decode(const uint8_t *in, size_t in_len, cjt188_frame *out);

/** @return GT_ERR_RANGE  bad type or address; GT_ERR_SPACE */
GT_CHECKED gt_err cjt188_frame_encode(const cjt188_frame *frame, uint8_t *buf, size_t cap,
                                      size_t *out_len);

/**
 * How many bytes an answer has, preambles included, by its length field.
 * @return OK, TRUNCATED (read on), MALFORMED (no frame starts here)
 */
GT_CHECKED gt_err cjt188_frame_len(const uint8_t *in, size_t in_len, size_t *out_len);

/** Preambles FEH and FFH at the start. */
size_t cjt188_preambles(const uint8_t *in, size_t in_len);

/** For codec/stream. */
extern const struct codec_framing cjt188_framing;

#endif
