/**
 * @file compose.h
 * @brief Packets and command lines of a DTU from their names; see codec/compose/compose.h.
 *
 * Layer:   codec.
 */
#ifndef GT_CODEC_DTU_COMPOSE_H
#define GT_CODEC_DTU_COMPOSE_H

#include "codec/compose/compose.h"

/** The field `kind` says what; a packet needs the recipe's profile. A field that names the device
 * may come as the recipe's address. */
GT_CHECKED gt_err dtu_compose(codec_composer *c, uint8_t *buf, size_t cap, size_t *out_len);

#endif
