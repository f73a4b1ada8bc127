/**
 * @file describe.h
 * @brief A DL/T 645 frame of either edition in words. See codec/describe/describe.h for the shared
 * shape.
 *
 * Layer:   codec. Leading preambles FEH belong to the frame.
 */
#ifndef GT_CODEC_DLT645_DESCRIBE_H
#define GT_CODEC_DLT645_DESCRIBE_H

#include "codec/describe/describe.h"
#include "codec/dlt645/item.h"
#include "codec/items/items.h"

codec_match dlt645_probe(const uint8_t *in, size_t in_len, size_t *out_len);
/** @param own items of the meter's model, NULL for the standard only */
void dlt645_describe(const items_set *own, const uint8_t *in, size_t in_len,
                     codec_description *out);

/** Is the control code that stands in @p in one of the 1997 edition? Of the two codes that both
 * editions have, broadcast time (the same in both) counts as 2007 and 03H is told by its length. */
bool dlt645_1997_likely(const uint8_t *in, size_t in_len);
/** The frame is told by the control codes, identifiers and error bits of the 1997 edition. */
void dlt645_1997_describe(const items_set *own, const uint8_t *in, size_t in_len,
                          codec_description *out);

/** A value as people write it: "123.45", "2026-11-21 05:18"; NULL when the meter has none. */
const char *dlt645_value_text(codec_description *d, const dlt645_value *value);

#endif
