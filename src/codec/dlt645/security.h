/**
 * @file security.h
 * @brief Payloads of DL/T 645 commands to a security element: field order <-> wire order.
 *
 * Layer:   codec. No I/O, no allocation.
 * Source:  security.def.
 * On the wire each field goes low byte first, as all of DL/T 645; a security element takes the same
 * fields high byte first. Turning a payload is its own inverse, so one function serves both ends.
 */
#ifndef GT_CODEC_DLT645_SECURITY_H
#define GT_CODEC_DLT645_SECURITY_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** DLT645_SECURITY_PURCHASE = 0x070102FF .. */
enum {
#define LAYOUT(symbol, id, request, answer) DLT645_SECURITY_##symbol = id,
#include "codec/dlt645/security.def"
#undef LAYOUT
};

/**
 * Reverse each field of a payload (without identifier and operator) in place.
 *
 * @param id      identifier, or DLT645_SECURITY_CONTROL / _WRITE
 * @param reply   the layout of the answer
 * @return UNKNOWN    no such identifier
 *         TRUNCATED  shorter than its fields; TRAILING longer. @p data is then untouched
 */
GT_CHECKED gt_err dlt645_security_turn(uint32_t id, bool reply, uint8_t *data, size_t len);

#endif
