/**
 * @file compose.h
 * @brief M-Bus frames from their names. See codec/compose/compose.h.
 *
 * Layer:   codec. Low byte first only (not mode 2); fillers are not put back.
 */
#ifndef GT_CODEC_MBUS_COMPOSE_H
#define GT_CODEC_MBUS_COMPOSE_H

#include "codec/compose/compose.h"

GT_CHECKED gt_err mbus_compose(codec_composer *c, uint8_t *buf, size_t cap, size_t *out_len);

#endif
