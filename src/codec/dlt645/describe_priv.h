/* Shared by describe.c (the envelope) and describe_data.c (what the data says). */
#ifndef GT_CODEC_DLT645_DESCRIBE_PRIV_H
#define GT_CODEC_DLT645_DESCRIBE_PRIV_H

#include "codec/describe/describe.h"
#include "codec/dlt645/item.h"
#include "codec/dlt645/message.h"
#include "codec/items/items.h"

/** @param function with DLT645_1997 on it or not; names NULL when the edition has no such code */
codec_name dlt645_function_name(unsigned function);
/** Adds the value as an item, and the named bits of a word behind it. @p offset in the input. */
void dlt645_value_tell(codec_description *d, const dlt645_value *v, bool edition_1997,
                       uint32_t offset);
/** Adds fields and items of the data, which starts at @p data_at of the input.
 * @param edition 0 or DLT645_1997 */
void dlt645_data_describe(codec_description *d, const items_set *own, const dlt645_frame *frame,
                          unsigned edition, uint32_t data_at);

#endif
