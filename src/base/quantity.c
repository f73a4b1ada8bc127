/* Checked integer arithmetic for money and energy, and their decimal text. */
#include "base/quantity.h"

#include <stdbool.h>

enum { DECIMALS_MAX = 9 };

gt_err gt_i64_add(int64_t a, int64_t b, int64_t *out)
{
    int64_t sum;
    if (__builtin_add_overflow(a, b, &sum)) {
        return GT_ERR_RANGE;
    }
    *out = sum;
    return GT_ERR_OK;
}

gt_err gt_i64_sub(int64_t a, int64_t b, int64_t *out)
{
    int64_t difference;
    if (__builtin_sub_overflow(a, b, &difference)) {
        return GT_ERR_RANGE;
    }
    *out = difference;
    return GT_ERR_OK;
}

gt_err gt_i64_mul(int64_t a, int64_t b, int64_t *out)
{
    int64_t product;
    if (__builtin_mul_overflow(a, b, &product)) {
        return GT_ERR_RANGE;
    }
    *out = product;
    return GT_ERR_OK;
}

gt_err gt_money_add(gt_money a, gt_money b, gt_money *out)
{
    return gt_i64_add(a.fen, b.fen, &out->fen);
}

gt_err gt_money_sub(gt_money a, gt_money b, gt_money *out)
{
    return gt_i64_sub(a.fen, b.fen, &out->fen);
}

gt_err gt_energy_add(gt_energy a, gt_energy b, gt_energy *out)
{
    return gt_i64_add(a.centikwh, b.centikwh, &out->centikwh);
}

gt_err gt_energy_sub(gt_energy a, gt_energy b, gt_energy *out)
{
    return gt_i64_sub(a.centikwh, b.centikwh, &out->centikwh);
}

gt_err gt_energy_cost(gt_energy used, gt_price price, int32_t *carry_e6, gt_money *out)
{
    if (used.centikwh < 0 || price.e4 < 0 || *carry_e6 < 0 || *carry_e6 >= GT_FEN_E6) {
        return GT_ERR_RANGE;
    }
    int64_t cost_e6 = 0;
    GT_TRY(gt_i64_mul(used.centikwh, price.e4, &cost_e6));
    GT_TRY(gt_i64_add(cost_e6, *carry_e6, &cost_e6));
    *carry_e6 = (int32_t)(cost_e6 % GT_FEN_E6);
    out->fen = cost_e6 / GT_FEN_E6;
    return GT_ERR_OK;
}

size_t gt_decimal_format(int64_t value, unsigned decimals, char buf[GT_DECIMAL_MAX])
{
    GT_ASSERT(decimals <= DECIMALS_MAX);
    char reversed[GT_DECIMAL_MAX];
    size_t n = 0;
    uint64_t rest = value < 0 ? 0U - (uint64_t)value : (uint64_t)value;
    for (unsigned digit = 0; digit <= decimals || rest != 0; digit++) {
        if (digit == decimals && decimals != 0) {
            reversed[n++] = '.';
        }
        reversed[n++] = (char)('0' + rest % 10);
        rest /= 10;
    }
    if (value < 0) {
        reversed[n++] = '-';
    }
    for (size_t i = 0; i < n; i++) {
        buf[i] = reversed[n - 1 - i];
    }
    buf[n] = '\0';
    return n;
}

/* Append digits of the magnitude as a negative number, whose range is the wider one. */
static gt_err append_digit(int64_t *negative, unsigned digit)
{
    GT_TRY(gt_i64_mul(*negative, 10, negative));
    return gt_i64_sub(*negative, (int64_t)digit, negative);
}

gt_err gt_decimal_parse(const char *text, unsigned decimals, int64_t *out)
{
    GT_ASSERT(decimals <= DECIMALS_MAX);
    const bool minus = *text == '-';
    const char *at = text + (minus ? 1 : 0);
    int64_t negative = 0;
    unsigned before = 0;
    for (; *at >= '0' && *at <= '9'; at++, before++) {
        GT_TRY(append_digit(&negative, (unsigned)(*at - '0')));
    }
    unsigned after = 0;
    bool point = *at == '.';
    if (point) {
        at++;
    }
    for (; point && after < decimals && *at >= '0' && *at <= '9'; at++, after++) {
        GT_TRY(append_digit(&negative, (unsigned)(*at - '0')));
    }
    if (before == 0 || *at != '\0' || (point && after == 0)) {
        return GT_ERR_SYNTAX;
    }
    for (; after < decimals; after++) {
        GT_TRY(append_digit(&negative, 0));
    }
    return minus ? gt_i64_add(negative, 0, out) : gt_i64_sub(0, negative, out);
}
