/**
 * @file number.h
 * @brief IEEE 754 single precision to decimal digits, without floating point.
 *
 * Layer:   codec. Exact big-integer arithmetic, then one rounding (half to even).
 */
#ifndef GT_CODEC_MBUS_NUMBER_H
#define GT_CODEC_MBUS_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MBUS_REAL_DIGITS = 9 }; /* enough to tell every two reals apart */

/**
 * @param[out] out_digits    up to MBUS_REAL_DIGITS digits, no leading or trailing zeros
 * @param[out] out_count     how many; 0 for zero
 * @param[out] out_exponent  the number is digits * 10^exponent, its sign bit 31 of @p bits
 * @return false for infinities and not-a-number
 */
bool mbus_real_digits(uint32_t bits, char out_digits[MBUS_REAL_DIGITS], size_t *out_count,
                      int *out_exponent);

#endif
