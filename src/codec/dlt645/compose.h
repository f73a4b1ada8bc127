/**
 * @file compose.h
 * @brief A DL/T 645 frame of either edition from its names: the inverse of describe.h.
 *
 * Layer:   codec. See codec/compose/compose.h for the shared shape.
 */
#ifndef GT_CODEC_DLT645_COMPOSE_H
#define GT_CODEC_DLT645_COMPOSE_H

#include "codec/compose/compose.h"

GT_CHECKED gt_err dlt645_compose(codec_composer *c, uint8_t *buf, size_t cap, size_t *out_len);
GT_CHECKED gt_err dlt645_1997_compose(codec_composer *c, uint8_t *buf, size_t cap, size_t *out_len);

#endif
