/**
 * @file hex.h
 * @brief Bytes as hexadecimal text.
 *
 * Layer:   base.
 */
#ifndef GT_BASE_HEX_H
#define GT_BASE_HEX_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

/**
 * Lower-case digits, no separators, terminated.
 * @param cap must hold 2 * len + 1
 */
void gt_hex_format(const uint8_t *buf, size_t len, char *out, size_t cap);

/**
 * Strict: pairs of hex digits, nothing else.
 *
 * @return SYNTAX  odd count or another character
 *         SPACE   more than @p cap bytes
 */
GT_CHECKED gt_err gt_hex_parse(const char *text, uint8_t *out, size_t cap, size_t *out_len);

/** Value of one hex digit, or -1. */
int gt_hex_digit(char c);

#endif
