/**
 * @file bytes.h
 * @brief Byte cursors: every wire byte is read and written through these.
 *
 * Layer:   base. No I/O, no allocation.
 * The length is compared in one place; the first failure sticks; later reads return zero.
 * A writer counts past its capacity, so a failed encode still reports the size it needed.
 */
#ifndef GT_BASE_BYTES_H
#define GT_BASE_BYTES_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct gt_rd {
    const uint8_t *buf;
    size_t len;
    size_t pos; /* offset reached; where decoding stopped after a failure */
    gt_err err; /* first failure, sticky */
} gt_rd;

gt_rd gt_rd_of(const uint8_t *buf, size_t len);
/** Remember the first failure; later ones are ignored. */
void gt_rd_fail(gt_rd *r, gt_err err);
/** Bytes not yet read; 0 after a failure. */
size_t gt_rd_left(const gt_rd *r);
uint8_t gt_rd_u8(gt_rd *r);
/** Next byte without taking it; TRUNCATED when there is none. */
uint8_t gt_rd_peek(gt_rd *r);
uint16_t gt_rd_u16le(gt_rd *r);
uint32_t gt_rd_u24le(gt_rd *r);
uint32_t gt_rd_u32le(gt_rd *r);
uint64_t gt_rd_u64le(gt_rd *r);
uint16_t gt_rd_u16be(gt_rd *r);
uint32_t gt_rd_u32be(gt_rd *r);
uint64_t gt_rd_u64be(gt_rd *r);
/** Take one byte; MALFORMED when it is not @p want. */
void gt_rd_expect(gt_rd *r, uint8_t want);
/** @p n packed-BCD bytes (n <= 8), low byte first -> number; MALFORMED on a nibble above 9. */
uint64_t gt_rd_bcd_le(gt_rd *r, size_t n);
/** The same, high byte first. */
uint64_t gt_rd_bcd_be(gt_rd *r, size_t n);
/** @return @p n bytes in place, NULL (and TRUNCATED) when fewer are left */
const uint8_t *gt_rd_take(gt_rd *r, size_t n);
/** A reader of exactly the next @p n bytes; empty and failed when fewer are left. */
gt_rd gt_rd_sub(gt_rd *r, size_t n);
/** @return the sticky error, else TRAILING when bytes are left, else OK */
GT_CHECKED gt_err gt_rd_done(const gt_rd *r);

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
void gt_wr_bytes(gt_wr *w, const uint8_t *src, size_t n);
void gt_wr_fill(gt_wr *w, uint8_t v, size_t n);
/** Overwrite one byte already written at @p pos (a reserved length field). */
void gt_wr_patch_u8(gt_wr *w, size_t pos, uint8_t v);
void gt_wr_patch_u16le(gt_wr *w, size_t pos, uint16_t v);
/** @return the sticky error, else SPACE when cap was too small, else OK */
GT_CHECKED gt_err gt_wr_done(const gt_wr *w);

#endif
