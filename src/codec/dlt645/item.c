/* One value of a format, read and written. Packed decimals are checked and converted a word at a
 * time; a time is read part by part, as its format spells it. */
#include "codec/dlt645/item.h"

#include "base/bytes.h"
#include "codec/dlt645/item_priv.h"

#include <string.h>

enum { RATE_BYTES = 3, WORD = 8, BYTE = 8, ABSENT = 0xFF };

const dlt645_format *dlt645_value_format(const dlt645_value *value)
{
    return value->part != NULL ? &dlt645_formats[value->part->format]
                               : dlt645_item_format(value->item);
}

size_t dlt645_value_len(const dlt645_value *value)
{
    const uint8_t bytes = dlt645_value_format(value)->bytes;
    return bytes > 0 ? bytes : (size_t)value->raw;
}

static uint64_t binary_load(const uint8_t *at, size_t n)
{
    uint64_t word = 0;
    for (size_t i = n; i > 0; i--) {
        word = word << BYTE | at[i - 1];
    }
    return word;
}

static gt_err digits_read(const uint8_t *at, size_t n, bool sign, dlt645_value *v)
{
    GT_ASSERT(n > 0 && n <= WORD);
    uint64_t packed = binary_load(at, n);
    const uint64_t top = sign ? UINT64_C(1) << (BYTE * n - 1) : 0;
    v->negative = (packed & top) != 0;
    packed &= ~top;
    if (!gt_bcd_valid(packed)) {
        return GT_ERR_MALFORMED;
    }
    const int64_t magnitude = (int64_t)gt_bcd_number(packed);
    v->raw = v->negative ? -magnitude : magnitude;
    return GT_ERR_OK;
}

/* The stamp's member that a letter of a format's parts stands for. */
static uint8_t *stamp_part(dlt645_stamp *s, char part)
{
    return part == 's'   ? &s->second
           : part == 'm' ? &s->minute
           : part == 'h' ? &s->hour
           : part == 'W' ? &s->weekday
           : part == 'D' ? &s->day
           : part == 'M' ? &s->month
           : part == 'N' ? &s->number
                         : &s->year;
}

static gt_err stamp_read(const uint8_t *at, const char *parts, dlt645_stamp *out)
{
    dlt645_stamp s = {0};
    for (size_t i = 0; parts[i] != '\0'; i++) {
        if (!gt_bcd_valid(at[i])) {
            return GT_ERR_MALFORMED;
        }
        *stamp_part(&s, parts[i]) = (uint8_t)gt_bcd_number(at[i]);
    }
    if (s.second > 59 || s.minute > 59 || s.hour > 23 || s.weekday > 6 || s.day > 31 ||
        s.month > 12) {
        return GT_ERR_RANGE;
    }
    *out = s;
    return GT_ERR_OK;
}

static bool all_absent(const uint8_t *at, size_t n)
{
    size_t i = 0;
    while (i < n && at[i] == ABSENT) {
        i++;
    }
    return i == n;
}

gt_err dlt645_value_read(const dlt645_format *format, size_t len, dlt645_value *v)
{
    if (format->kind == DLT645_KIND_BYTES) {
        v->raw = (int64_t)len;
        return GT_ERR_OK;
    }
    v->absent = all_absent(v->bytes, len);
    if (v->absent) {
        return GT_ERR_OK;
    }
    switch ((dlt645_kind)format->kind) {
    case DLT645_KIND_NUMBER:
    case DLT645_KIND_DIGITS:
        return digits_read(v->bytes, len, format->sign, v);
    case DLT645_KIND_DEMAND:
        GT_TRY(digits_read(v->bytes, RATE_BYTES, format->sign, v));
        return stamp_read(v->bytes + RATE_BYTES, format->parts, &v->stamp);
    case DLT645_KIND_TIME:
        return stamp_read(v->bytes, format->parts, &v->stamp);
    case DLT645_KIND_CODE:
    case DLT645_KIND_BITS:
    case DLT645_KIND_BINARY:
        v->raw = (int64_t)binary_load(v->bytes, len);
        return GT_ERR_OK;
    case DLT645_KIND_ASCII:
    case DLT645_KIND_BYTES:
    case DLT645_KIND_RECORD:
        break;
    }
    return GT_ERR_OK;
}

static void stamp_write(gt_wr *w, const char *parts, const dlt645_stamp *stamp)
{
    dlt645_stamp s = *stamp;
    for (size_t i = 0; parts[i] != '\0'; i++) {
        gt_wr_bcd_le(w, *stamp_part(&s, parts[i]), 1);
    }
}

static void digits_write(gt_wr *w, size_t n, bool sign, const dlt645_value *v)
{
    const bool negative = v->negative || v->raw < 0;
    const uint64_t magnitude = v->raw < 0 ? 0U - (uint64_t)v->raw : (uint64_t)v->raw;
    const uint8_t top = 0x80;
    uint8_t digits[WORD] = {0};
    gt_wr part = gt_wr_of(digits, sizeof digits);
    gt_wr_bcd_le(&part, magnitude, n);
    if (part.err != GT_ERR_OK || (negative && !sign) || (sign && (digits[n - 1] & top) != 0)) {
        gt_wr_fail(w, GT_ERR_RANGE);
    }
    digits[n - 1] |= negative && sign ? top : 0;
    gt_wr_bytes(w, digits, n);
}

static void binary_write(gt_wr *w, size_t n, uint64_t word)
{
    if (n < WORD && word >> (BYTE * n) != 0) {
        gt_wr_fail(w, GT_ERR_RANGE);
    }
    for (size_t i = 0; i < n; i++) {
        gt_wr_u8(w, (uint8_t)(word >> (BYTE * i)));
    }
}

gt_err dlt645_value_encode(const dlt645_value *value, uint8_t *buf, size_t cap, size_t *out_len)
{
    const dlt645_format *format = dlt645_value_format(value);
    const size_t n = dlt645_value_len(value);
    gt_wr w = gt_wr_of(buf, cap);
    switch (value->absent ? DLT645_KIND_RECORD : (dlt645_kind)format->kind) {
    case DLT645_KIND_NUMBER:
    case DLT645_KIND_DIGITS:
        digits_write(&w, n, format->sign, value);
        break;
    case DLT645_KIND_DEMAND:
        digits_write(&w, RATE_BYTES, format->sign, value);
        stamp_write(&w, format->parts, &value->stamp);
        break;
    case DLT645_KIND_TIME:
        stamp_write(&w, format->parts, &value->stamp);
        break;
    case DLT645_KIND_CODE:
    case DLT645_KIND_BITS:
    case DLT645_KIND_BINARY:
        binary_write(&w, n, (uint64_t)value->raw);
        break;
    case DLT645_KIND_ASCII:
    case DLT645_KIND_BYTES:
        gt_wr_bytes(&w, value->bytes, n);
        break;
    case DLT645_KIND_RECORD: /* absent; a record is encoded part by part */
        gt_wr_fill(&w, ABSENT, n);
        break;
    }
    GT_TRY(gt_wr_done(&w));
    *out_len = w.len;
    return GT_ERR_OK;
}
