/**
 * @file capitals.h
 * @brief Money in Chinese capitals, as receipts and cheques write it.
 *
 * Layer:   domain. Pure.
 * Source:  支付结算办法, annex 1 (正确填写票据和结算凭证的基本规定); where it leaves a 零 to
 * choice, it is not written.
 */
#ifndef GT_DOMAIN_CAPITALS_H
#define GT_DOMAIN_CAPITALS_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

enum { CAPITALS_MAX = 128 }; /* UTF-8, with terminator: the longest amount fits */

#define CAPITALS_AMOUNT_MAX_FEN INT64_C(99999999999999) /* below one 万亿 yuan */

/**
 * 140950 -> "壹仟肆佰零玖元伍角整".
 * @return RANGE below 0 or above CAPITALS_AMOUNT_MAX_FEN
 */
GT_CHECKED gt_err capitals_of_fen(int64_t fen, char out[CAPITALS_MAX]);

#endif
