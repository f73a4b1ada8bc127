/* The values behind an identifier of the 2007 edition. A block runs through one byte of the
 * identifier and a row covers a stretch of that run, so the row is looked up once a stretch and its
 * numbers are converted in one loop. */
#include "codec/dlt645/item.h"

#include "base/bytes.h"
#include "base/sum.h"
#include "codec/dlt645/item_priv.h"

enum { DI1_STEP = 0x100, BYTE = 8, SECURITY = 0x07 };

static const uint32_t block = 0xFF; /* in place of a byte that counts */

dlt645_walk dlt645_walk_of(uint32_t di, const uint8_t *data, size_t len)
{
    return (dlt645_walk){.data = data, .len = len, .di = di};
}

/* Values of known length only: a row that goes on until the data ends leaves nothing for the next.
 */
static bool fits_block(const dlt645_item *item)
{
    const dlt645_format *format = dlt645_item_format(item);
    return format->kind != DLT645_KIND_RECORD && !format->many;
}

/* Values from the next identifier on that the row covers. */
static uint32_t stretch(const dlt645_walk *w)
{
    return w->step == 1 ? w->item->di0_last - (w->di & block) + 1
                        : w->item->di1_last - (w->di >> BYTE & block) + 1;
}

/* The first row of the walk. A block starts at number 0 where that exists, else at 1. Security has
 * rows of its own whose last byte is FFH. */
static gt_err walk_begin(dlt645_walk *w)
{
    const bool high = (uint8_t)(w->di >> BYTE) == block;
    if ((!high && (uint8_t)w->di != block) || (uint8_t)(w->di >> 24 & 0x7F) == SECURITY) {
        w->item = dlt645_item_find(w->di);
        w->left = 1;
        return w->item != NULL ? GT_ERR_OK : GT_ERR_UNKNOWN;
    }
    w->step = high ? (uint32_t)DI1_STEP : 1;
    w->di &= ~(block * w->step);
    w->item = dlt645_item_find(w->di);
    if (w->item == NULL || (high && w->item->axis == DLT645_AXIS_EVENT)) { /* 0: counts */
        w->di += w->step;
        w->item = dlt645_item_find(w->di);
    }
    if (w->item == NULL || !fits_block(w->item)) {
        return GT_ERR_UNKNOWN;
    }
    w->left = stretch(w);
    return GT_ERR_OK;
}

/* Does the next row cover the next identifier? Most often it does. */
static bool row_near(const dlt645_walk *w)
{
    return w->item[1].id >> 16 == w->item->id >> 16 && dlt645_item_covers(w->item + 1, w->di);
}

/* The row behind the last value of a stretch. */
static gt_err walk_on(dlt645_walk *w)
{
    if (w->step == 0) {
        return GT_ERR_TRAILING;
    }
    const dlt645_item *item = row_near(w) ? w->item + 1 : dlt645_item_find(w->di);
    if (item == NULL || !fits_block(item)) {
        return GT_ERR_UNKNOWN;
    }
    w->item = item;
    w->left = stretch(w);
    return GT_ERR_OK;
}

/* Eight digits of packed BCD. */
static inline uint32_t bcd8_number(uint32_t packed)
{
    uint32_t v = packed - (packed >> 4 & UINT32_C(0x0F0F0F0F)) * 6;
    v = (v & UINT32_C(0x00FF00FF)) + (v >> 8 & UINT32_C(0x00FF00FF)) * 100;
    return (v & UINT16_MAX) + (v >> 16) * 10000;
}

static inline bool bcd8_valid(uint32_t packed)
{
    return (packed & (packed << 1 | packed << 2) & UINT32_C(0x88888888)) == 0;
}

static inline uint32_t packed_load(const uint8_t *at, size_t bytes)
{
    uint32_t packed = at[0];
    packed |= bytes > 1 ? (uint32_t)at[1] << 8 : 0;
    packed |= bytes > 2 ? (uint32_t)at[2] << 16 : 0;
    packed |= bytes > 3 ? (uint32_t)at[3] << 24 : 0;
    return packed;
}

/* Up to @p n numbers of that many bytes, which are there. One copy of it is made for each length.
 * It goes on into the next row while that has the same format. Values are written member by member:
 * built aside and copied, the copy would wait for the stores. */
static inline gt_err numbers_run(dlt645_walk *walk, size_t bytes, dlt645_value *out, size_t n)
{
    dlt645_walk w = *walk;
    const dlt645_format *const format = dlt645_item_format(w.item);
    const uint32_t all = UINT32_MAX >> (32 - BYTE * bytes);
    const uint32_t sign = format->sign ? UINT32_C(1) << (BYTE * bytes - 1) : 0;
    const bool many = format->many;
    const uint8_t *at = w.data + w.pos;
    const dlt645_value *const end = out + n;
    bool good = true;
    for (; out < end; out++) {
        const uint32_t packed = packed_load(at, bytes);
        const uint32_t digits = packed & ~sign;
        int64_t raw = bcd8_number(digits);
        bool absent = false;
        if (!bcd8_valid(digits)) {
            absent = packed == all;
            good = absent;
            raw = 0;
            if (!good) {
                break;
            }
        }
        const bool negative = (packed & sign) != 0 && !absent;
        if (w.left == 0) {
            w.item++;
            w.left = stretch(&w);
        }
        out->item = w.item;
        out->part = NULL;
        out->bytes = at;
        out->raw = negative ? -raw : raw;
        out->di = w.di;
        out->element = w.element;
        out->absent = absent;
        out->negative = negative;
        at += bytes;
        w.di += w.step;
        w.left -= !many;
        w.element = (uint16_t)(w.element + many);
        if (w.left == 0 && !(w.step != 0 && row_near(&w) && w.item[1].format == w.item->format)) {
            out++;
            break;
        }
    }
    walk->pos = (size_t)(at - w.data);
    walk->di = w.di;
    walk->left = w.left;
    walk->item = w.item;
    walk->element = w.element;
    return good ? GT_ERR_OK : GT_ERR_MALFORMED;
}

/* Numbers from the row at hand on. */
static gt_err numbers_take(dlt645_walk *w, dlt645_value *out, size_t cap, size_t *out_count)
{
    const size_t bytes = dlt645_item_format(w->item)->bytes;
    const size_t from = w->pos;
    const size_t left = w->len - from;
    /* only when not all of them fit is the division worth it */
    const size_t n = cap * bytes <= left ? cap : left / bytes;
    if (n == 0) {
        return GT_ERR_TRUNCATED;
    }
    GT_TRY(bytes == 4   ? numbers_run(w, 4, out, n)
           : bytes == 3 ? numbers_run(w, 3, out, n)
           : bytes == 2 ? numbers_run(w, 2, out, n)
                        : numbers_run(w, 1, out, n));
    *out_count = (w->pos - from) / bytes;
    return GT_ERR_OK;
}

/* Any other format, one value. */
static gt_err value_take(dlt645_walk *w, const dlt645_format *format, dlt645_value *out)
{
    dlt645_value v = {
        .item = w->item, .bytes = w->data + w->pos, .di = w->di, .element = w->element};
    if (w->len - w->pos < format->bytes) {
        return GT_ERR_TRUNCATED;
    }
    GT_TRY(dlt645_value_read(format, format->bytes, &v));
    w->pos += format->bytes;
    w->di += w->step;
    w->element = (uint16_t)(w->element + format->many);
    *out = v;
    return GT_ERR_OK;
}

/* A part of a record. What is as long as the rest leaves room for what follows it. */
static gt_err part_take(dlt645_walk *w, const dlt645_format *record, dlt645_value *out)
{
    unsigned number = 0;
    const dlt645_part_row *part = dlt645_part_of(record, w->element, &number);
    const size_t left = w->len - w->pos;
    size_t bytes = dlt645_formats[part->format].bytes;
    if (bytes == 0) {
        size_t behind = 0;
        unsigned element = w->element + 1U;
        const dlt645_part_row *next = dlt645_part_of(record, element, &number);
        for (; next != NULL; next = dlt645_part_of(record, ++element, &number)) {
            behind += dlt645_formats[next->format].bytes;
        }
        bytes = left > behind ? left - behind : 0;
    }
    if (left < bytes) {
        return GT_ERR_TRUNCATED;
    }
    dlt645_value v = {.item = w->item,
                      .part = part,
                      .bytes = w->data + w->pos,
                      .di = w->di & ~DLT645_DI_ANSWER,
                      .element = (uint16_t)(w->block * DLT645_PROFILE_VALUES + w->element)};
    GT_TRY(dlt645_value_read(&dlt645_formats[part->format], bytes, &v));
    w->pos += bytes;
    w->element++;
    *out = v;
    return GT_ERR_OK;
}

/* All parts that fit; the last one ends the item. */
static gt_err record_take(dlt645_walk *w, dlt645_value *out, size_t cap, size_t *out_count)
{
    const dlt645_format *record = dlt645_item_format(w->item);
    unsigned number = 0;
    size_t n = 0;
    while (n < cap && dlt645_part_of(record, w->element, &number) != NULL) {
        GT_TRY(part_take(w, record, &out[n]));
        n++;
    }
    w->left = dlt645_part_of(record, w->element, &number) != NULL;
    *out_count = n;
    return GT_ERR_OK;
}

/* Load profile. A block is A0H A0H (E0H E0H when its values are wrong), length, time, six classes
 * of values each closed by AAH and empty when not recorded, checksum, E5H. */
/* First values of the classes, and one past the last; value 0 is the time. */
enum { PROFILE_CLASSES = 6 };
static const uint8_t profile_classes[PROFILE_CLASSES + 1] = {
    1, 8, 16, 20, 24, 28, DLT645_PROFILE_VALUES};

static gt_err profile_begin(dlt645_walk *w)
{
    const size_t left = w->len - w->pos;
    const uint8_t *at = w->data + w->pos;
    if (left < DLT645_PROFILE_HEAD ||
        left < (size_t)DLT645_PROFILE_HEAD + at[2] + DLT645_PROFILE_TAIL) {
        return GT_ERR_TRUNCATED;
    }
    const size_t summed = (size_t)DLT645_PROFILE_HEAD + at[2];
    if ((at[0] != DLT645_PROFILE_START && at[0] != DLT645_PROFILE_BAD) || at[1] != at[0] ||
        at[summed + 1] != DLT645_PROFILE_END) {
        return GT_ERR_MALFORMED;
    }
    if (at[summed] != gt_sum8(at, summed)) {
        return GT_ERR_CHECKSUM;
    }
    w->pos += DLT645_PROFILE_HEAD;
    w->block_end = w->pos + at[2];
    return GT_ERR_OK;
}

/* Takes the separator that closes a class, if it is there. */
static bool profile_split(dlt645_walk *w)
{
    const bool split = w->pos < w->block_end && w->data[w->pos] == DLT645_PROFILE_SPLIT;
    w->pos += split;
    return split;
}

/* Behind a value: the end of its class, classes that are empty, the end of the block. */
static gt_err profile_on(dlt645_walk *w, bool bad)
{
    size_t class = 0;
    while (profile_classes[class] < w->element) {
        class ++;
    }
    if (profile_classes[class] == w->element) {
        if (w->element > profile_classes[0] && !profile_split(w)) {
            return GT_ERR_MALFORMED;
        }
        while (class < PROFILE_CLASSES && profile_split(w)) {
            class ++;
        }
        w->element = profile_classes[class];
    }
    if (bad) { /* its values mean nothing */
        w->pos = w->block_end;
    }
    if (w->pos == w->block_end) {
        w->pos += DLT645_PROFILE_TAIL;
        w->element = 0;
        w->block++;
        return GT_ERR_OK;
    }
    return w->element < DLT645_PROFILE_VALUES ? GT_ERR_OK : GT_ERR_MALFORMED;
}

static gt_err profile_take(dlt645_walk *walk, dlt645_value *out, size_t *out_count)
{
    dlt645_walk w = *walk;
    bool bad = false;
    if (w.element == 0) {
        bad = w.data[w.pos] == DLT645_PROFILE_BAD;
        GT_TRY(profile_begin(&w));
    }
    const size_t len = w.len;
    w.len = w.block_end;
    GT_TRY(part_take(&w, dlt645_item_format(w.item), out));
    w.len = len;
    GT_TRY(profile_on(&w, bad));
    *walk = w;
    *out_count = 1;
    return GT_ERR_OK;
}

/* What the row at hand gives; at least one value. */
static gt_err row_take(dlt645_walk *w, dlt645_value *out, size_t cap, size_t *out_count)
{
    const dlt645_format *format = dlt645_item_format(w->item);
    if (format->kind == DLT645_KIND_RECORD) {
        return w->item->axis == DLT645_AXIS_PROFILE ? profile_take(w, out, out_count)
                                                    : record_take(w, out, cap, out_count);
    }
    if (format->kind == DLT645_KIND_NUMBER) {
        return numbers_take(w, out, cap, out_count);
    }
    GT_TRY(value_take(w, format, out));
    w->left -= !format->many;
    *out_count = 1;
    return GT_ERR_OK;
}

static gt_err walk_take_1997(dlt645_walk *w, dlt645_value *out, size_t cap, size_t *out_count)
{
    size_t n = 0;
    gt_err err = GT_ERR_OK;
    while (n < cap && err == GT_ERR_OK) {
        err = dlt645_1997_walk_next(w, &out[n]);
        n += err == GT_ERR_OK;
    }
    if (err != GT_ERR_OK && (err != GT_ERR_NOT_FOUND || n == 0)) {
        return err;
    }
    *out_count = n;
    return GT_ERR_OK;
}

gt_err dlt645_walk_take(dlt645_walk *walk, dlt645_value *out, size_t cap, size_t *out_count)
{
    dlt645_walk *w = walk;
    if (w->pos == w->len) {
        const bool cut = w->item != NULL && w->left > 0 && w->element > 0 &&
                         dlt645_item_format(w->item)->kind == DLT645_KIND_RECORD;
        return cut ? GT_ERR_TRUNCATED : GT_ERR_NOT_FOUND;
    }
    if (w->edition_1997) {
        return walk_take_1997(w, out, cap, out_count);
    }
    if (w->item == NULL) {
        GT_TRY(walk_begin(w));
    }
    size_t count = 0;
    while (count < cap && w->pos < w->len) {
        if (w->left == 0) {
            GT_TRY(walk_on(w));
        }
        size_t n = 0;
        GT_TRY(row_take(w, out + count, cap - count, &n));
        count += n;
    }
    *out_count = count;
    return GT_ERR_OK;
}
