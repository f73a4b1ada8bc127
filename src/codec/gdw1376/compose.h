/**
 * @file compose.h
 * @brief Q/GDW 1376.1 frames from the names that describe.h gives; the contract stands in
 *        codec/compose/compose.h.
 *
 * Layer:   codec.
 * Fields:  afn; region and terminal, or the address; items. The control byte follows from `dir` and
 *          afn when it is not given; protocol 2, station and counters 0, a single frame, and a
 *          password of zeros stand for what is left out.
 */
#ifndef GT_CODEC_GDW1376_COMPOSE_H
#define GT_CODEC_GDW1376_COMPOSE_H

#include "codec/compose/compose.h"

GT_CHECKED gt_err gdw1376_compose(codec_composer *c, uint8_t *buf, size_t cap, size_t *out_len);

#endif
