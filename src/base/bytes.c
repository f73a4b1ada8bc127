/* Byte cursors: what the header does not hold inline. gt_rd_take and put are the only places that
 * compare a length. */
#include "base/bytes.h"

#include <string.h>

enum { BCD_BYTES_MAX = 8 };

static uint64_t read_le(gt_rd *r, size_t n)
{
    const uint8_t *at = gt_rd_take(r, n);
    uint64_t v = 0;
    if (at != NULL) {
        for (size_t i = n; i > 0; i--) {
            v = v << 8 | at[i - 1];
        }
    }
    return v;
}

static uint64_t read_be(gt_rd *r, size_t n)
{
    const uint8_t *at = gt_rd_take(r, n);
    uint64_t v = 0;
    if (at != NULL) {
        for (size_t i = 0; i < n; i++) {
            v = v << 8 | at[i];
        }
    }
    return v;
}

uint8_t gt_rd_peek(gt_rd *r)
{
    const uint8_t v = gt_rd_u8(r);
    if (r->err == GT_ERR_OK) {
        r->pos--;
    }
    return v;
}

uint32_t gt_rd_u24le(gt_rd *r)
{
    return (uint32_t)read_le(r, 3);
}

uint64_t gt_rd_u64le(gt_rd *r)
{
    return read_le(r, 8);
}

uint32_t gt_rd_u32be(gt_rd *r)
{
    return (uint32_t)read_be(r, 4);
}

uint64_t gt_rd_u64be(gt_rd *r)
{
    return read_be(r, 8);
}

static uint64_t bcd_read(gt_rd *r, uint64_t packed)
{
    if (!gt_bcd_valid(packed)) {
        gt_rd_fail(r, GT_ERR_MALFORMED);
    }
    return r->err == GT_ERR_OK ? gt_bcd_number(packed) : 0;
}

uint64_t gt_rd_bcd_le(gt_rd *r, size_t n)
{
    GT_ASSERT(n <= BCD_BYTES_MAX);
    return bcd_read(r, read_le(r, n));
}

uint64_t gt_rd_bcd_be(gt_rd *r, size_t n)
{
    GT_ASSERT(n <= BCD_BYTES_MAX);
    return bcd_read(r, read_be(r, n));
}

gt_rd gt_rd_sub(gt_rd *r, size_t n)
{
    const uint8_t *at = gt_rd_take(r, n);
    return (gt_rd){.buf = at, .len = at != NULL ? n : 0, .err = r->err};
}

gt_wr gt_wr_of(uint8_t *buf, size_t cap)
{
    return (gt_wr){.buf = buf, .cap = cap};
}

void gt_wr_fail(gt_wr *w, gt_err err)
{
    if (w->err == GT_ERR_OK) {
        w->err = err;
    }
}

/* Room for n bytes, or NULL; the count goes up either way. */
static uint8_t *put(gt_wr *w, size_t n)
{
    uint8_t *at = w->len <= w->cap && n <= w->cap - w->len ? w->buf + w->len : NULL;
    w->len += n;
    return at;
}

static void write_le(gt_wr *w, uint64_t v, size_t n)
{
    uint8_t *at = put(w, n);
    for (size_t i = 0; at != NULL && i < n; i++) {
        at[i] = (uint8_t)(v >> (8 * i));
    }
}

static void write_be(gt_wr *w, uint64_t v, size_t n)
{
    uint8_t *at = put(w, n);
    for (size_t i = 0; at != NULL && i < n; i++) {
        at[i] = (uint8_t)(v >> (8 * (n - 1 - i)));
    }
}

void gt_wr_u8(gt_wr *w, uint8_t v)
{
    write_le(w, v, 1);
}

void gt_wr_u16le(gt_wr *w, uint16_t v)
{
    write_le(w, v, 2);
}

void gt_wr_u24le(gt_wr *w, uint32_t v)
{
    if (v > 0xFFFFFF) {
        gt_wr_fail(w, GT_ERR_RANGE);
    }
    write_le(w, v, 3);
}

void gt_wr_u32le(gt_wr *w, uint32_t v)
{
    write_le(w, v, 4);
}

void gt_wr_u64le(gt_wr *w, uint64_t v)
{
    write_le(w, v, 8);
}

void gt_wr_u16be(gt_wr *w, uint16_t v)
{
    write_be(w, v, 2);
}

void gt_wr_u32be(gt_wr *w, uint32_t v)
{
    write_be(w, v, 4);
}

void gt_wr_u64be(gt_wr *w, uint64_t v)
{
    write_be(w, v, 8);
}

/* v as packed BCD with the low pair of digits in the low byte. */
static uint64_t bcd_pack(gt_wr *w, uint64_t v, size_t n)
{
    GT_ASSERT(n <= BCD_BYTES_MAX);
    uint64_t packed = 0;
    for (size_t i = 0; i < n; i++) {
        const uint64_t pair = v % 100;
        packed |= (pair / 10 << 4 | pair % 10) << (8 * i);
        v /= 100;
    }
    if (v != 0) {
        gt_wr_fail(w, GT_ERR_RANGE);
    }
    return packed;
}

void gt_wr_bcd_le(gt_wr *w, uint64_t v, size_t n)
{
    write_le(w, bcd_pack(w, v, n), n);
}

void gt_wr_bcd_be(gt_wr *w, uint64_t v, size_t n)
{
    write_be(w, bcd_pack(w, v, n), n);
}

void gt_wr_bytes(gt_wr *w, const uint8_t *src, size_t n)
{
    uint8_t *at = put(w, n);
    if (at != NULL && n > 0) {
        memmove(at, src, n);
    }
}

void gt_wr_fill(gt_wr *w, uint8_t v, size_t n)
{
    uint8_t *at = put(w, n);
    if (at != NULL && n > 0) {
        memset(at, v, n);
    }
}

void gt_wr_patch_u8(gt_wr *w, size_t pos, uint8_t v)
{
    GT_ASSERT(pos < w->len);
    if (pos < w->cap) {
        w->buf[pos] = v;
    }
}

void gt_wr_patch_u16le(gt_wr *w, size_t pos, uint16_t v)
{
    gt_wr_patch_u8(w, pos, (uint8_t)v);
    gt_wr_patch_u8(w, pos + 1, (uint8_t)(v >> 8));
}

gt_err gt_wr_done(const gt_wr *w)
{
    if (w->err != GT_ERR_OK) {
        return w->err;
    }
    return w->len > w->cap ? GT_ERR_SPACE : GT_ERR_OK;
}
