/* The values behind an identifier of the 2007 edition. A block runs through one byte of the
 * identifier and a row covers a stretch of that run, so the row is looked up once a
 * stretch and its numbers are converted in one loop. */
#include "codec/dlt645/item.h"

#include "base/sum.h"
#include "codec/dlt645/walk_priv.h"

dlt645_walk dlt645_walk_of(uint32_t di, const uint8_t *data, size_t len)
{
    return (dlt645_walk){.data = data, .len = len, .di = di};
}

static gt_err walk_begin(dlt645_walk *w)
{
    dlt645_rows r;
    GT_TRY(dlt645_rows_begin(w->di, &r));
    w->di = r.di;
    w->step = r.step;
    w->item = r.item;
    w->left = r.left;
    return GT_ERR_OK;
}

static gt_err walk_on(dlt645_walk *w)
{
    dlt645_rows r = {w->di, w->step, w->item, w->left};
    GT_TRY(dlt645_rows_on(&r));
    w->item = r.item;
    w->left = r.left;
    return GT_ERR_OK;
}

/* Up to @p n numbers of that many bytes, which are there. One copy of it is made for each length.
 * It goes on into the next row while that has the same format. Values are written member by member:
 * built aside and copied, the copy would wait for the stores. */
static inline gt_err numbers_run(dlt645_walk *walk, size_t bytes, dlt645_value *out, size_t n)
{
    dlt645_walk w = *walk;
    const dlt645_format *const format = dlt645_item_format(w.item);
    const dlt645_number_form form = dlt645_form_of(format->sign, bytes);
    const bool many = format->many;
    const uint8_t *at = w.data + w.pos;
    const dlt645_value *const end = out + n;
    bool good = true;
    for (; out < end; out++) {
        dlt645_number v;
        good = dlt645_number_read(dlt645_packed_load(at, bytes), form, &v);
        if (!good) {
            break;
        }
        if (w.left == 0) {
            w.item++;
            w.left = dlt645_stretch(w.item, w.di, w.step);
        }
        out->item = w.item;
        out->part = NULL;
        out->bytes = at;
        out->raw = v.raw;
        out->di = w.di;
        out->element = w.element;
        out->absent = v.absent;
        out->negative = v.negative;
        at += bytes;
        w.di += w.step;
        w.left -= !many;
        w.element = (uint16_t)(w.element + many);
        if (w.left == 0 &&
            !(w.step != 0 && dlt645_row_near(w.item, w.di) && w.item[1].format == w.item->format)) {
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
    unsigned nth = 0;
    const dlt645_part_row *part = dlt645_part_of(record, w->element, &nth);
    const size_t left = w->len - w->pos;
    size_t bytes = dlt645_formats[part->format].bytes;
    if (bytes == 0) {
        size_t behind = 0;
        unsigned element = w->element + 1U;
        const dlt645_part_row *next = dlt645_part_of(record, element, &nth);
        for (; next != NULL; next = dlt645_part_of(record, ++element, &nth)) {
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
    unsigned nth = 0;
    size_t n = 0;
    while (n < cap && dlt645_part_of(record, w->element, &nth) != NULL) {
        GT_TRY(part_take(w, record, &out[n]));
        n++;
    }
    w->left = dlt645_part_of(record, w->element, &nth) != NULL;
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
