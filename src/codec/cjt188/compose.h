/**
 * @file compose.h
 * @brief A CJ/T 188 frame from its names: the inverse of describe.h.
 *
 * Layer:   codec. See codec/compose/compose.h for the shared shape.
 */
#ifndef GT_CODEC_CJT188_COMPOSE_H
#define GT_CODEC_CJT188_COMPOSE_H

#include "codec/compose/compose.h"

GT_CHECKED gt_err cjt188_compose(codec_composer *c, uint8_t *buf, size_t cap, size_t *out_len);

#endif
