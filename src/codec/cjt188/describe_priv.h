/* Shared by describe.c (the envelope) and describe_data.c (what the data says). */
#ifndef GT_CODEC_CJT188_DESCRIBE_PRIV_H
#define GT_CODEC_CJT188_DESCRIBE_PRIV_H

#include "codec/cjt188/item.h"
#include "codec/describe/describe.h"
#include "codec/items/items.h"

/** Adds fields and items of the data, which starts at @p data_at of the input. */
void cjt188_data_describe(codec_description *d, const items_set *extra, const cjt188_frame *frame,
                          uint32_t data_at);

#endif
