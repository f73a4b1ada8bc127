/* Shared by item.c (2007, formats, values) and item_1997.c. */
#ifndef GT_CODEC_DLT645_ITEM_PRIV_H
#define GT_CODEC_DLT645_ITEM_PRIV_H

#include "base/bytes.h"
#include "codec/dlt645/item.h"

#define FORMAT(symbol, bytes, kind, decimals, many, parts) DLT645_FORMAT_##symbol,
enum {
#include "codec/dlt645/format.def"
};
#undef FORMAT

extern const dlt645_format dlt645_formats[];

/** One value of v->item; @p r holds at least its bytes. */
GT_CHECKED gt_err dlt645_value_read(gt_rd *r, dlt645_value *v);
/** dlt645_walk_next of a 1997 walk with bytes left. */
GT_CHECKED gt_err dlt645_1997_walk_next(dlt645_walk *walk, dlt645_value *out);

#endif
