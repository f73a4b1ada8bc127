/* What describe.c asks of describe_data.c. */
#ifndef GT_CODEC_MBUS_DESCRIBE_PRIV_H
#define GT_CODEC_MBUS_DESCRIBE_PRIV_H

#include "codec/mbus/content.h"
#include "codec/mbus/describe.h"

/** Header fields, items and errors of the data; @p at is its offset in the frame. */
void mbus_data_describe(codec_description *d, const mbus_frame *frame, uint32_t at);

#endif
