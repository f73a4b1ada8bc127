/* Shared by compose.c (the frame) and compose_value.c (items into data). */
#ifndef GT_CODEC_DLT645_COMPOSE_PRIV_H
#define GT_CODEC_DLT645_COMPOSE_PRIV_H

#include "codec/compose/compose.h"
#include "codec/dlt645/message.h"

/** All items that are left, as data of @p m, whose function and identifier are set. */
void dlt645_items_compose(codec_composer *c, const dlt645_message *m, gt_wr *w);

#endif
