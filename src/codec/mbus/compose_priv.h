/* What compose.c asks of compose_record.c. */
#ifndef GT_CODEC_MBUS_COMPOSE_PRIV_H
#define GT_CODEC_MBUS_COMPOSE_PRIV_H

#include "codec/mbus/compose.h"

/** Appends the record that an item names; faults stay with the composer. */
void mbus_record_compose(codec_composer *c, const codec_value *item, gt_wr *w);

#endif
