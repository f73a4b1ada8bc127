/**
 * @file describe.h
 * @brief A CJ/T 188 frame in words. See codec/describe/describe.h for the shared shape.
 *
 * Layer:   codec. Leading preambles FEH and FFH belong to the frame.
 */
#ifndef GT_CODEC_CJT188_DESCRIBE_H
#define GT_CODEC_CJT188_DESCRIBE_H

#include "codec/cjt188/item.h"
#include "codec/describe/describe.h"
#include "codec/items/items.h"

codec_match cjt188_probe(const uint8_t *in, size_t in_len, size_t *out_len);
/** @param extra items of the meter's model, NULL for the standard only */
void cjt188_describe(const items_set *extra, const uint8_t *in, size_t in_len,
                     codec_description *out);

#endif
