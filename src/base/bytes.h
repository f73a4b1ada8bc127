/**
 * @file bytes.h
 * @brief Byte cursors: every wire byte is read and written through these.
 *
 * Layer:   base. No I/O, no allocation.
 * The length is compared in one place; the first failure sticks; later reads return zero.
 * A writer counts past its capacity, so a failed encode still reports the size it needed.
 * Readers that every decoder uses for every byte are inline.
 */
#ifndef GT_BASE_BYTES_H
#define GT_BASE_BYTES_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Four and eight bytes in place, low byte first; compilers make one load of it. */
static inline uint32_t gt_u32le_at(const uint8_t *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static inline uint64_t gt_u64le_at(const uint8_t *at)
{
    return at[0] | (uint64_t)at[1] << 8 | (uint64_t)at[2] << 16 | (uint64_t)at[3] << 24 |
           (uint64_t)at[4] << 32 | (uint64_t)at[5] << 40 | (uint64_t)at[6] << 48 |
           (uint64_t)at[7] << 56;
}

typedef struct gt_rd {
    const uint8_t *buf;
    size_t len;
    size_t pos; /* offset reached; where decoding stopped after a failure */
    gt_err err; /* first failure, sticky */
} gt_rd;

static inline gt_rd gt_rd_of(const uint8_t *buf, size_t len)
{
    const gt_rd r = {buf, len, 0, GT_ERR_OK};
    return r;
}

/** Remember the first failure; later ones are ignored. */
static inline void gt_rd_fail(gt_rd *r, gt_err err)
{
    r->err = r->err == GT_ERR_OK ? err : r->err;
}

/** Bytes not yet read; 0 after a failure. */
static inline size_t gt_rd_left(const gt_rd *r)
{
    return r->err == GT_ERR_OK ? r->len - r->pos : 0;
}

/** @return @p n bytes in place, NULL (and TRUNCATED) when fewer are left. The one comparison. */
static inline const uint8_t *gt_rd_take(gt_rd *r, size_t n)
{
    if (r->err != GT_ERR_OK || n > r->len - r->pos) {
        gt_rd_fail(r, GT_ERR_TRUNCATED);
        return NULL;
    }
    const uint8_t *at = r->buf + r->pos;
    r->pos += n;
    return at;
}

static inline uint8_t gt_rd_u8(gt_rd *r)
{
    const uint8_t *at = gt_rd_take(r, 1);
    return at != NULL ? at[0] : 0;
}

static inline uint16_t gt_rd_u16le(gt_rd *r)
{
    const uint8_t *at = gt_rd_take(r, 2);
    return at != NULL ? (uint16_t)(at[0] | at[1] << 8) : 0;
}

static inline uint16_t gt_rd_u16be(gt_rd *r)
{
    const uint8_t *at = gt_rd_take(r, 2);
    return at != NULL ? (uint16_t)(at[0] << 8 | at[1]) : 0;
}

static inline uint32_t gt_rd_u32le(gt_rd *r)
{
    const uint8_t *at = gt_rd_take(r, 4);
    return at != NULL ? gt_u32le_at(at) : 0;
}

/** Take one byte; MALFORMED when it is not @p want. */
static inline void gt_rd_expect(gt_rd *r, uint8_t want)
{
    const uint8_t *at = gt_rd_take(r, 1);
    if (at != NULL && *at != want) {
        r->pos--;
        r->err = GT_ERR_MALFORMED;
    }
}

/** @return the sticky error, else TRAILING when bytes are left, else OK */
GT_CHECKED static inline gt_err gt_rd_done(const gt_rd *r)
{
    if (r->err != GT_ERR_OK) {
        return r->err;
    }
    return r->pos < r->len ? GT_ERR_TRAILING : GT_ERR_OK;
}

/** Next byte without taking it; TRUNCATED when there is none. */
uint8_t gt_rd_peek(gt_rd *r);
uint32_t gt_rd_u24le(gt_rd *r);
uint64_t gt_rd_u64le(gt_rd *r);
uint32_t gt_rd_u32be(gt_rd *r);
uint64_t gt_rd_u64be(gt_rd *r);
/** @p n packed-BCD bytes (n <= 8), low byte first -> number; MALFORMED on a nibble above 9. */
uint64_t gt_rd_bcd_le(gt_rd *r, size_t n);
/** The same, high byte first. */
uint64_t gt_rd_bcd_be(gt_rd *r, size_t n);
/** A reader of exactly the next @p n bytes; empty and failed when fewer are left. */
gt_rd gt_rd_sub(gt_rd *r, size_t n);

/** Is every nibble of packed BCD 0 .. 9? */
static inline bool gt_bcd_valid(uint64_t packed)
{
    /* above 9: the bit of 8 together with that of 4 or of 2 */
    return (packed & (packed << 1 | packed << 2) & UINT64_C(0x8888888888888888)) == 0;
}

/** 16 digits of packed BCD, highest nibble first, to two numbers of eight, one in each half. A pair
 * h l of digits stands there as 16 h + l, so 6 h too much; pairs and fours follow the same way. */
static inline uint64_t gt_bcd_halves(uint64_t packed)
{
    uint64_t v = packed - (packed >> 4 & UINT64_C(0x0F0F0F0F0F0F0F0F)) * (16 - 10);
    v -= (v >> 8 & UINT64_C(0x00FF00FF00FF00FF)) * (256 - 100);
    return v - (v >> 16 & UINT64_C(0x0000FFFF0000FFFF)) * (65536 - 10000);
}

/** The same to one number. */
static inline uint64_t gt_bcd_number(uint64_t packed)
{
    const uint64_t halves = gt_bcd_halves(packed);
    return (halves & UINT32_MAX) + (halves >> 32) * 100000000;
}

typedef struct gt_wr {
    uint8_t *buf;
    size_t cap;
    size_t len; /* bytes written or, past cap, needed */
    gt_err err; /* first failure other than lack of space, sticky */
} gt_wr;

gt_wr gt_wr_of(uint8_t *buf, size_t cap);
void gt_wr_fail(gt_wr *w, gt_err err);
void gt_wr_u8(gt_wr *w, uint8_t v);
void gt_wr_u16le(gt_wr *w, uint16_t v);
void gt_wr_u24le(gt_wr *w, uint32_t v); /* RANGE above 24 bits */
void gt_wr_u32le(gt_wr *w, uint32_t v);
void gt_wr_u64le(gt_wr *w, uint64_t v);
void gt_wr_u16be(gt_wr *w, uint16_t v);
void gt_wr_u32be(gt_wr *w, uint32_t v);
void gt_wr_u64be(gt_wr *w, uint64_t v);
/** @p v as @p n packed-BCD bytes (n <= 8); RANGE when it needs more digits. */
void gt_wr_bcd_le(gt_wr *w, uint64_t v, size_t n);
void gt_wr_bcd_be(gt_wr *w, uint64_t v, size_t n);
/** @param src may lie in the buffer that is written, at or behind the place it goes to */
void gt_wr_bytes(gt_wr *w, const uint8_t *src, size_t n);
void gt_wr_fill(gt_wr *w, uint8_t v, size_t n);
/** Overwrite one byte already written at @p pos (a reserved length field). */
void gt_wr_patch_u8(gt_wr *w, size_t pos, uint8_t v);
void gt_wr_patch_u16le(gt_wr *w, size_t pos, uint16_t v);
/** @return the sticky error, else SPACE when cap was too small, else OK */
GT_CHECKED gt_err gt_wr_done(const gt_wr *w);

#endif
