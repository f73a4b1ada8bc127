/**
 * @file compose.h
 * @brief Q/GDW 1376.2 frames from the names that describe.h gives; the contract stands in
 *        codec/compose/compose.h.
 *
 * Layer:   codec.
 * Fields:  afn, fn; items. R from `info` whole, or part by part, zero where nothing is said; source
 *          and destination when R has addresses or one of them is given. Without them: down (up for
 *          AFN 06), from the starting side, mode 3.
 */
#ifndef GT_CODEC_GDW1376_2_COMPOSE_H
#define GT_CODEC_GDW1376_2_COMPOSE_H

#include "codec/compose/compose.h"

GT_CHECKED gt_err gdw1376_2_compose(codec_composer *c, uint8_t *buf, size_t cap, size_t *out_len);

#endif
