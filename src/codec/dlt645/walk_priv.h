/* The rules that walk.c and numbers.c share: which rows the identifiers of an answer have, and what
 * a number is. Inline, since both read every value through them. */
#ifndef GT_CODEC_DLT645_WALK_PRIV_H
#define GT_CODEC_DLT645_WALK_PRIV_H

#include "codec/dlt645/item_priv.h"

enum { DLT645_DI1_STEP = 0x100, DLT645_BYTE = 8, DLT645_BLOCK = 0xFF, DLT645_DI3_SECURITY = 0x07 };

/* Values of known length only: a row that goes on until the data ends leaves nothing for the next.
 */
static inline bool dlt645_fits_block(const dlt645_item *item)
{
    const dlt645_format *format = dlt645_item_format(item);
    return format->kind != DLT645_KIND_RECORD && !format->many;
}

/* The row at hand, and how many values from the next identifier on it covers. */
typedef struct dlt645_rows {
    uint32_t di;
    uint32_t step;
    const dlt645_item *item;
    uint32_t left;
} dlt645_rows;

static inline uint32_t dlt645_stretch(const dlt645_item *item, uint32_t di, uint32_t step)
{
    return step == 1 ? item->di0_last - (di & DLT645_BLOCK) + 1
                     : item->di1_last - (di >> DLT645_BYTE & DLT645_BLOCK) + 1;
}

/* The first row. A block starts at number 0 where that exists, else at 1. Security has rows
 * of its own whose last byte is FFH. */
static inline gt_err dlt645_rows_begin(uint32_t di, dlt645_rows *out)
{
    const bool high = (uint8_t)(di >> DLT645_BYTE) == DLT645_BLOCK;
    if ((!high && (uint8_t)di != DLT645_BLOCK) ||
        (uint8_t)(di >> 24 & 0x7F) == DLT645_DI3_SECURITY) {
        *out = (dlt645_rows){di, 0, dlt645_item_find(di), 1};
        return out->item != NULL ? GT_ERR_OK : GT_ERR_UNKNOWN;
    }
    const uint32_t step = high ? (uint32_t)DLT645_DI1_STEP : 1;
    uint32_t first = di & ~(DLT645_BLOCK * step);
    const dlt645_item *item = dlt645_item_find(first);
    if (item == NULL || (high && item->axis == DLT645_AXIS_EVENT)) { /* 0: counts */
        first += step;
        item = dlt645_item_find(first);
    }
    if (item == NULL || !dlt645_fits_block(item)) {
        return GT_ERR_UNKNOWN;
    }
    *out = (dlt645_rows){first, step, item, dlt645_stretch(item, first, step)};
    return GT_ERR_OK;
}

/* Does the next row cover the next identifier? Most often it does. */
static inline bool dlt645_row_near(const dlt645_item *item, uint32_t di)
{
    return item[1].id >> 16 == item->id >> 16 && dlt645_item_covers(item + 1, di);
}

/* The row behind the last value of a stretch. */
static inline gt_err dlt645_rows_on(dlt645_rows *r)
{
    if (r->step == 0) {
        return GT_ERR_TRAILING;
    }
    const dlt645_item *item =
        dlt645_row_near(r->item, r->di) ? r->item + 1 : dlt645_item_find(r->di);
    if (item == NULL || (item->format != r->item->format && !dlt645_fits_block(item))) {
        return GT_ERR_UNKNOWN;
    }
    r->item = item;
    r->left = dlt645_stretch(item, r->di, r->step);
    return GT_ERR_OK;
}

static inline uint32_t dlt645_packed_load(const uint8_t *at, size_t bytes)
{
    uint32_t packed = at[0];
    packed |= bytes > 1 ? (uint32_t)at[1] << 8 : 0;
    packed |= bytes > 2 ? (uint32_t)at[2] << 16 : 0;
    packed |= bytes > 3 ? (uint32_t)at[3] << 24 : 0;
    return packed;
}

typedef struct dlt645_number {
    int32_t raw;
    bool absent;
    bool negative;
} dlt645_number;

/* Numbers of a format, of up to eight digits: all bits of their bytes, and the one of the sign. */
typedef struct dlt645_number_form {
    uint32_t all;
    uint32_t sign;
} dlt645_number_form;

static inline dlt645_number_form dlt645_form_of(bool sign, size_t bytes)
{
    return (dlt645_number_form){UINT32_MAX >> (32 - DLT645_BYTE * bytes),
                                sign ? UINT32_C(1) << (DLT645_BYTE * bytes - 1) : 0};
}

/* The one rule for numbers; @return false when it is none. */
static inline bool dlt645_number_read(uint32_t packed, dlt645_number_form form, dlt645_number *out)
{
    const uint32_t digits = packed & ~form.sign;
    if (!gt_bcd_valid(digits)) {
        *out = (dlt645_number){.absent = true};
        return packed == form.all;
    }
    const int32_t magnitude = (int32_t)(uint32_t)gt_bcd_halves(digits);
    const bool negative = (packed & form.sign) != 0;
    *out = (dlt645_number){negative ? -magnitude : magnitude, false, negative};
    return true;
}

#endif
