/* Shared by table.c (rows), item.c (one value), walk.c (2007) and item_1997.c. */
#ifndef GT_CODEC_DLT645_ITEM_PRIV_H
#define GT_CODEC_DLT645_ITEM_PRIV_H

#include "base/bytes.h"
#include "codec/dlt645/item.h"

/** Does the row cover the lower half of @p di? */
static inline bool dlt645_item_covers(const dlt645_item *item, uint32_t di)
{
    const uint8_t di1 = (uint8_t)(di >> 8);
    return di1 >= (uint8_t)(item->id >> 8) && di1 <= item->di1_last &&
           (uint8_t)di >= (uint8_t)item->id && (uint8_t)di <= item->di0_last;
}

/** Marks of a load profile block. */
enum {
    DLT645_PROFILE_START = 0xA0,
    DLT645_PROFILE_BAD = 0xE0, /* in place of START: the block's values are wrong */
    DLT645_PROFILE_SPLIT = 0xAA,
    DLT645_PROFILE_END = 0xE5,
    DLT645_PROFILE_HEAD = 3,
    DLT645_PROFILE_TAIL = 2,
};

extern const dlt645_item dlt645_1997_items[];
extern const size_t dlt645_1997_item_count;

/** @p v->bytes is set and holds @p len; reads raw, stamp, absent, negative. */
GT_CHECKED gt_err dlt645_value_read(const dlt645_format *format, size_t len, dlt645_value *v);
/** The next value of a 1997 walk with bytes left. */
GT_CHECKED gt_err dlt645_1997_walk_next(dlt645_walk *walk, dlt645_value *out);
/** The part that holds value @p element of the record, and its number among the part's times (from
 * 1; 0 when it comes once); NULL past the last. */
const dlt645_part_row *dlt645_part_of(const dlt645_format *record, unsigned element,
                                      unsigned *out_number);

#endif
