/**
 * @file quantity.h
 * @brief Money, energy and price: integers with a type each, checked arithmetic, no rounding lost.
 *
 * Layer:   base. No floating point.
 * Units:   money 0.01 CNY (fen), energy 0.01 kWh, price 0.0001 CNY per kWh.
 */
#ifndef GT_BASE_QUANTITY_H
#define GT_BASE_QUANTITY_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

typedef struct gt_money {
    int64_t fen;
} gt_money;

typedef struct gt_energy {
    int64_t centikwh;
} gt_energy;

typedef struct gt_price {
    int32_t e4;
} gt_price;

/** 0.01 kWh x 0.0001 CNY = 1e-6 CNY; one fen is this many of them. */
enum { GT_FEN_E6 = 10000 };

/** All return RANGE and leave @p out alone on overflow. */
GT_CHECKED gt_err gt_i64_add(int64_t a, int64_t b, int64_t *out);
GT_CHECKED gt_err gt_i64_sub(int64_t a, int64_t b, int64_t *out);
GT_CHECKED gt_err gt_i64_mul(int64_t a, int64_t b, int64_t *out);
GT_CHECKED gt_err gt_money_add(gt_money a, gt_money b, gt_money *out);
GT_CHECKED gt_err gt_money_sub(gt_money a, gt_money b, gt_money *out);
GT_CHECKED gt_err gt_energy_add(gt_energy a, gt_energy b, gt_energy *out);
GT_CHECKED gt_err gt_energy_sub(gt_energy a, gt_energy b, gt_energy *out);

/**
 * Cost of energy at a price, in whole fen, rounded down; the remainder goes into the carry, so a
 * year costs the same whether it is rated once or ten thousand times.
 *
 * @param carry_e6 [in,out] remainder in 1e-6 CNY, 0 .. GT_FEN_E6-1; start at 0
 * @return RANGE  negative energy or price, a carry outside its range, or overflow
 */
GT_CHECKED gt_err gt_energy_cost(gt_energy used, gt_price price, int32_t *carry_e6, gt_money *out);

enum { GT_DECIMAL_MAX = 24 }; /* sign, 19 digits, point, terminator, with room */

/**
 * 12345 with 2 decimals -> "123.45".
 * @param decimals 0 .. 9
 * @return length written; @p buf always terminated
 */
size_t gt_decimal_format(int64_t value, unsigned decimals, char buf[GT_DECIMAL_MAX]);

/**
 * "123.45" with 2 decimals -> 12345. Exact: no exponent, no blanks, no grouping, at most
 * @p decimals digits after the point, at least one digit before it.
 *
 * @return SYNTAX  not of that form, or too many digits after the point
 *         RANGE   does not fit
 */
GT_CHECKED gt_err gt_decimal_parse(const char *text, unsigned decimals, int64_t *out);

#endif
