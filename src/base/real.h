/**
 * @file real.h
 * @brief IEEE 754 single precision to and from decimal digits, without floating point.
 *
 * Layer:   base. Exact big-integer arithmetic, then one rounding.
 * Instruments send such numbers; nothing of ours computes with them.
 */
#ifndef GT_BASE_REAL_H
#define GT_BASE_REAL_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { GT_REAL_DIGITS = 9 }; /* enough to tell every two reals apart */

/**
 * @param[out] out_digits    up to GT_REAL_DIGITS digits, no leading or trailing zeros
 * @param[out] out_count     how many; 0 for zero
 * @param[out] out_exponent  the number is digits * 10^exponent, its sign bit 31 of @p bits
 * @return false for infinities and not-a-number
 */
bool gt_real_digits(uint32_t bits, char out_digits[GT_REAL_DIGITS], size_t *out_count,
                    int *out_exponent);

/**
 * How many units of 10^exponent the real is, halves away from zero, by its nine digits.
 * @return MALFORMED  infinite or not a number
 *         RANGE      more than 18 digits
 */
GT_CHECKED gt_err gt_real_count(uint32_t bits, int exponent, int64_t *out);

/**
 * The real nearest to number * 10^exponent, half to even. The nine digits of a real give it back.
 * @return RANGE  too large for a real
 */
GT_CHECKED gt_err gt_real_of(int64_t number, int exponent, uint32_t *out);

#endif
