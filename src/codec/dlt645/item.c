/* The identifier table and the formats. A row covers a small rectangle of identifiers (DI1 x DI0),
 * so a binary search finds the last row at or below the identifier and then looks whether it
 * covers. */
#include "codec/dlt645/item.h"

#include "base/bytes.h"
#include "codec/dlt645/item_priv.h"

#include <string.h>

enum { SIGN = 0x80, BLOCK = 0xFF, RATE_BYTES = 3 };

const dlt645_format dlt645_formats[] = {
#define FORMAT(symbol, bytes, kind, decimals, many, parts) \
    {bytes, DLT645_KIND_##kind, decimals, many, parts},
#include "codec/dlt645/format.def"
#undef FORMAT
};

static const dlt645_item items[] = {
#define DI(symbol, id, di1_last, di0_last, axis, format, unit, access, clause, zh, en) \
    {id,                                                                               \
     di1_last,                                                                         \
     di0_last,                                                                         \
     DLT645_AXIS_##axis,                                                               \
     &dlt645_formats[DLT645_FORMAT_##format],                                          \
     unit,                                                                             \
     DLT645_ACCESS_##access,                                                           \
     clause,                                                                           \
     zh,                                                                               \
     en},
#include "codec/dlt645/items.def"
#undef DI
};

enum { ITEMS = sizeof items / sizeof items[0] };

static uint8_t di1_of(uint32_t di)
{
    return (uint8_t)(di >> 8);
}

bool dlt645_item_covers(const dlt645_item *item, uint32_t di)
{
    return di >> 16 == item->id >> 16 && di1_of(di) >= di1_of(item->id) &&
           di1_of(di) <= item->di1_last && (uint8_t)di >= (uint8_t)item->id &&
           (uint8_t)di <= item->di0_last;
}

size_t dlt645_item_count_to(uint32_t di)
{
    size_t low = 0;
    size_t high = ITEMS;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (items[middle].id <= di) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

const dlt645_item *dlt645_item_find(uint32_t di)
{
    const size_t count = dlt645_item_count_to(di);
    return count > 0 && dlt645_item_covers(&items[count - 1], di) ? &items[count - 1] : NULL;
}

const dlt645_item *dlt645_item_at(size_t index)
{
    return index < ITEMS ? &items[index] : NULL;
}

dlt645_walk dlt645_walk_of(uint32_t di, const uint8_t *data, size_t len)
{
    return (dlt645_walk){.di = di, .data = data, .len = len};
}

/* Shift of the FFH byte that makes a block read, or -1. */
static int block_shift(uint32_t di)
{
    if (dlt645_item_find(di) != NULL) {
        return -1;
    }
    if (di1_of(di) == BLOCK) {
        return 8;
    }
    return (uint8_t)di == BLOCK ? 0 : -1;
}

/* The identifier of the block's step-th value; a block starts at number 0 where that exists. */
static uint32_t block_di(uint32_t di, unsigned shift, unsigned step)
{
    const uint32_t zeroth = di & ~((uint32_t)BLOCK << shift);
    const unsigned first = dlt645_item_find(zeroth) != NULL ? 0 : 1;
    const unsigned number = first + step < BLOCK ? first + step : BLOCK;
    return zeroth | (uint32_t)number << shift;
}

static gt_err stamp_read(gt_rd *r, const char *parts, dlt645_stamp *out)
{
    dlt645_stamp s = {0};
    for (const char *part = parts; *part != '\0'; part++) {
        const uint8_t digits = (uint8_t)gt_rd_bcd_le(r, 1);
        switch (*part) {
        case 's':
            s.second = digits;
            break;
        case 'm':
            s.minute = digits;
            break;
        case 'h':
            s.hour = digits;
            break;
        case 'W':
            s.weekday = digits;
            break;
        case 'D':
            s.day = digits;
            break;
        case 'M':
            s.month = digits;
            break;
        case 'N':
            s.number = digits;
            break;
        default:
            s.year = digits;
            break;
        }
    }
    GT_TRY(r->err);
    if (s.second > 59 || s.minute > 59 || s.hour > 23 || s.weekday > 6 || s.day > 31 ||
        s.month > 12) {
        return GT_ERR_RANGE;
    }
    *out = s;
    return GT_ERR_OK;
}

static void stamp_write(gt_wr *w, const char *parts, const dlt645_stamp *s)
{
    for (const char *part = parts; *part != '\0'; part++) {
        const uint8_t digits = *part == 's'   ? s->second
                               : *part == 'm' ? s->minute
                               : *part == 'h' ? s->hour
                               : *part == 'W' ? s->weekday
                               : *part == 'D' ? s->day
                               : *part == 'M' ? s->month
                               : *part == 'N' ? s->number
                                              : s->year;
        gt_wr_bcd_le(w, digits, 1);
    }
}

/* Packed BCD whose top bit is a sign. */
static void signed_read(gt_rd *r, size_t n, dlt645_value *v)
{
    uint8_t copy[4];
    GT_ASSERT(n <= sizeof copy);
    const uint8_t *at = gt_rd_take(r, n);
    if (at == NULL) {
        return;
    }
    memcpy(copy, at, n);
    v->negative = (copy[n - 1] & SIGN) != 0;
    copy[n - 1] &= (uint8_t)~SIGN;
    gt_rd digits = gt_rd_of(copy, n);
    const int64_t magnitude = (int64_t)gt_rd_bcd_le(&digits, n);
    v->raw = v->negative ? -magnitude : magnitude;
    if (digits.err != GT_ERR_OK) {
        gt_rd_fail(r, digits.err);
    }
}

static bool all_ff(const uint8_t *at, size_t n)
{
    size_t i = 0;
    while (i < n && at[i] == 0xFF) {
        i++;
    }
    return i == n;
}

gt_err dlt645_value_read(gt_rd *r, dlt645_value *v)
{
    const dlt645_format *format = v->item->format;
    const uint8_t *at = r->buf + r->pos;
    if (gt_rd_left(r) >= format->bytes && all_ff(at, format->bytes)) {
        v->absent = true;
        (void)gt_rd_take(r, format->bytes);
        return r->err;
    }
    switch (format->kind) {
    case DLT645_KIND_NUMBER:
    case DLT645_KIND_DIGITS:
        v->raw = (int64_t)gt_rd_bcd_le(r, format->bytes);
        break;
    case DLT645_KIND_SIGNED:
        signed_read(r, format->bytes, v);
        break;
    case DLT645_KIND_DEMAND:
        v->raw = (int64_t)gt_rd_bcd_le(r, RATE_BYTES);
        return stamp_read(r, format->parts, &v->stamp);
    case DLT645_KIND_TIME:
        return stamp_read(r, format->parts, &v->stamp);
    case DLT645_KIND_ASCII:
        for (size_t i = format->bytes; i > 0; i--) {
            v->ascii[i - 1] = gt_rd_u8(r);
        }
        break;
    case DLT645_KIND_BITS:
        v->raw = format->bytes == 1 ? gt_rd_u8(r) : gt_rd_u16le(r);
        break;
    }
    return r->err;
}

gt_err dlt645_walk_next(dlt645_walk *walk, dlt645_value *out)
{
    if (walk->pos == walk->len) {
        return GT_ERR_NOT_FOUND;
    }
    if (walk->edition_1997) {
        return dlt645_1997_walk_next(walk, out);
    }
    const int shift = block_shift(walk->di);
    dlt645_value v = {.di = walk->di, .offset = (uint8_t)walk->pos};
    if (shift >= 0) {
        v.di = block_di(walk->di, (unsigned)shift, walk->step);
    }
    v.item = dlt645_item_find(v.di);
    if (v.item == NULL) {
        return GT_ERR_UNKNOWN;
    }
    const bool several = shift >= 0 || v.item->format->many;
    const size_t left = walk->len - walk->pos;
    if (left < v.item->format->bytes) {
        return GT_ERR_TRUNCATED;
    }
    if (!several && left > v.item->format->bytes) {
        return GT_ERR_TRAILING;
    }
    v.element = shift < 0 ? (uint8_t)walk->step : 0;
    gt_rd r = gt_rd_of(walk->data + walk->pos, v.item->format->bytes);
    GT_TRY(dlt645_value_read(&r, &v));
    walk->pos += v.item->format->bytes;
    walk->step++;
    *out = v;
    return GT_ERR_OK;
}

static void signed_write(gt_wr *w, size_t n, const dlt645_value *v)
{
    const bool negative = v->negative || v->raw < 0;
    const uint64_t magnitude = v->raw < 0 ? 0U - (uint64_t)v->raw : (uint64_t)v->raw;
    uint8_t digits[4] = {0};
    gt_wr part = gt_wr_of(digits, sizeof digits);
    gt_wr_bcd_le(&part, magnitude, n);
    if (part.err != GT_ERR_OK || (digits[n - 1] & SIGN) != 0) {
        gt_wr_fail(w, GT_ERR_RANGE);
    }
    digits[n - 1] |= negative ? SIGN : 0;
    gt_wr_bytes(w, digits, n);
}

gt_err dlt645_value_encode(const dlt645_value *value, uint8_t *buf, size_t cap, size_t *out_len)
{
    const dlt645_format *format = value->item->format;
    gt_wr w = gt_wr_of(buf, cap);
    if (value->absent) {
        gt_wr_fill(&w, 0xFF, format->bytes);
        GT_TRY(gt_wr_done(&w));
        *out_len = w.len;
        return GT_ERR_OK;
    }
    if (format->kind != DLT645_KIND_SIGNED && value->raw < 0) {
        return GT_ERR_RANGE;
    }
    switch (format->kind) {
    case DLT645_KIND_NUMBER:
    case DLT645_KIND_DIGITS:
        gt_wr_bcd_le(&w, (uint64_t)value->raw, format->bytes);
        break;
    case DLT645_KIND_SIGNED:
        signed_write(&w, format->bytes, value);
        break;
    case DLT645_KIND_DEMAND:
        gt_wr_bcd_le(&w, (uint64_t)value->raw, RATE_BYTES);
        stamp_write(&w, format->parts, &value->stamp);
        break;
    case DLT645_KIND_TIME:
        stamp_write(&w, format->parts, &value->stamp);
        break;
    case DLT645_KIND_ASCII:
        for (size_t i = format->bytes; i > 0; i--) {
            gt_wr_u8(&w, value->ascii[i - 1]);
        }
        break;
    case DLT645_KIND_BITS:
        if (value->raw > (format->bytes == 1 ? UINT8_MAX : UINT16_MAX)) {
            return GT_ERR_RANGE;
        }
        gt_wr_u8(&w, (uint8_t)value->raw);
        if (format->bytes > 1) {
            gt_wr_u8(&w, (uint8_t)(value->raw >> 8));
        }
        break;
    }
    GT_TRY(gt_wr_done(&w));
    *out_len = w.len;
    return GT_ERR_OK;
}
