/**
 * @file compose.h
 * @brief Modbus frames from their names, RTU and TCP. See codec/compose/compose.h.
 *
 * Layer:   codec. Registers are named by number ("0x0015", of an answer also "+0"); those that the
 * recipe's map knows take their value in its type and scale, others take 0 to 65535; coils 0 or 1.
 * A read with a count is a request, without one an answer; a write of many without items is an
 * answer. Registers between the first and the last that are not named are sent as 0.
 */
#ifndef GT_CODEC_MODBUS_COMPOSE_H
#define GT_CODEC_MODBUS_COMPOSE_H

#include "codec/compose/compose.h"

GT_CHECKED gt_err modbus_compose(codec_composer *c, uint8_t *buf, size_t cap, size_t *out_len);
GT_CHECKED gt_err modbus_tcp_compose(codec_composer *c, uint8_t *buf, size_t cap, size_t *out_len);

#endif
