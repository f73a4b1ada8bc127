/* Identifiers of the 1997 edition. Where the two bytes leave room for a table of tariffs times
 * months, one row stands for all of them; a block is a family of identifiers (all that share the
 * first three digits), or every family of one DI1. */
#include "codec/dlt645/item_priv.h"

enum {
    MONTH_STEP = 0x0400,
    MONTHS_BACK = 2,
    LOW = 0x0F,
    DI0 = 0xFF,
    FAMILY_FIRST = 0x10, /* of the families under one DI1 */
    FAMILY_END = 0xAA,
};

/* The row that itself names the identifier, months back aside. */
static const dlt645_item *row_of(uint32_t di)
{
    size_t low = 0;
    size_t high = dlt645_1997_item_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (dlt645_1997_items[middle].id <= di) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    const dlt645_item *item = low > 0 ? &dlt645_1997_items[low - 1] : NULL;
    const bool covers = item != NULL && di >> 8 == item->id >> 8 && (di & DI0) <= item->di0_last;
    return covers ? item : NULL;
}

const dlt645_item *dlt645_1997_item_find(uint32_t di)
{
    const dlt645_item *item = row_of(di);
    for (uint32_t back = 1; item == NULL && back <= MONTHS_BACK && di >= back * MONTH_STEP;
         back++) {
        const dlt645_item *now = row_of(di - back * MONTH_STEP);
        item = now != NULL && now->axis == DLT645_AXIS_MONTH ? now : NULL;
    }
    return item;
}

static bool is_block(uint32_t di)
{
    return (di & LOW) == LOW;
}

dlt645_walk dlt645_1997_walk_of(uint32_t di, const uint8_t *data, size_t len)
{
    const uint32_t first = (di & DI0) == DI0 ? (di & ~(uint32_t)DI0) + FAMILY_FIRST
                           : is_block(di)    ? di & ~(uint32_t)LOW
                                             : di;
    return (dlt645_walk){
        .di = di, .data = data, .len = len, .edition_1997 = true, .di_next = first};
}

/* The next identifier of the walk that has a row, or one past its end. */
static uint32_t seek(const dlt645_walk *walk, uint32_t from)
{
    uint32_t di = from;
    while (di <= walk->di && dlt645_1997_item_find(di) == NULL) {
        di++;
    }
    return di;
}

/* An end mark closes the family of the value before it; one that follows closes an empty family.
 * Where a status byte stands, AAH is that byte. */
static uint32_t families_close(dlt645_walk *walk, uint32_t from)
{
    uint32_t di = seek(walk, from);
    while (is_block(walk->di) && walk->pos < walk->len && walk->data[walk->pos] == FAMILY_END &&
           (di > walk->di ||
            dlt645_item_format(dlt645_1997_item_find(di))->kind != DLT645_KIND_BITS)) {
        const uint32_t family = walk->di_last != 0 ? walk->di_last : di;
        if (family > walk->di) {
            break;
        }
        const uint32_t behind = (family | LOW) + 1;
        walk->pos++;
        walk->di_last = 0;
        di = seek(walk, behind > di ? behind : di);
    }
    return di;
}

gt_err dlt645_1997_walk_next(dlt645_walk *walk, dlt645_value *out)
{
    dlt645_walk w = *walk;
    dlt645_value v = {.di = families_close(&w, w.di_next)};
    if (w.pos == w.len) {
        *walk = w;
        return GT_ERR_NOT_FOUND;
    }
    v.item = v.di <= w.di ? dlt645_1997_item_find(v.di) : NULL;
    if (v.item == NULL) {
        *walk = w;
        return GT_ERR_UNKNOWN;
    }
    const dlt645_format *format = dlt645_item_format(v.item);
    const size_t left = w.len - w.pos;
    if (left < format->bytes) {
        return GT_ERR_TRUNCATED;
    }
    if (!is_block(w.di) && left > format->bytes) {
        walk->pos = w.pos + format->bytes;
        return GT_ERR_TRAILING;
    }
    v.bytes = w.data + w.pos;
    GT_TRY(dlt645_value_read(format, format->bytes, &v));
    w.pos += format->bytes;
    w.di_next = v.di + 1;
    w.di_last = v.di;
    *walk = w;
    *out = v;
    return GT_ERR_OK;
}
