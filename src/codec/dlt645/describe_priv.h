/* Shared by describe.c (the envelope) and describe_data.c (what the data says). */
#ifndef GT_CODEC_DLT645_DESCRIBE_PRIV_H
#define GT_CODEC_DLT645_DESCRIBE_PRIV_H

#include "codec/describe/describe.h"
#include "codec/dlt645/message.h"

/** Names NULL when the code is not one of the 2007 edition. */
codec_name dlt645_function_name(unsigned code);
/** Adds fields and items of the data, which starts at @p data_at of the input. */
void dlt645_data_describe(codec_description *d, const dlt645_frame *frame, uint32_t data_at);

#endif
