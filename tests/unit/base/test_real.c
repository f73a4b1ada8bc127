/* Reals to exact digits and back, against the C library, which prints every real correctly. */
#include "base/real.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* Against the C library, which prints every real correctly. */
static void test_reals(void **state)
{
    (void)state;
    static const uint32_t edges[] = {1,          0x007FFFFF, 0x00800000, 0x3F800000, 0x7F7FFFFF,
                                     0x4B7FFFFF, 0x4B800000, 0x3DCCCCCD, 0x501502F9, 0x4E6E6B28,
                                     0xC2F6E979, 0x80000001, 0x4F000000, 0x497423FE};
    uint32_t bits = 12345;
    for (unsigned i = 0; i < 4000; i++) {
        bits = i < sizeof edges / sizeof edges[0] ? edges[i] : bits * 1664525 + 1013904223;
        char digits[GT_REAL_DIGITS + 1];
        size_t count = 0;
        int exponent = 0;
        if (!gt_real_digits(bits, digits, &count, &exponent)) {
            assert_int_equal(bits >> 23 & 0xFF, 0xFF);
            continue;
        }
        float real;
        memcpy(&real, &bits, sizeof real);
        char want[32];
        (void)snprintf(want, sizeof want, "%.8e", (double)(real < 0 ? -real : real));
        char got[64];
        digits[count] = '\0';
        (void)snprintf(got, sizeof got, "%se%d", digits, exponent);
        assert_true(strtod(got, NULL) == strtod(want, NULL));
    }
}

static void test_count(void **state)
{
    (void)state;
    static const struct {
        uint32_t bits;
        int exponent;
        gt_err want;
        int64_t number;
    } rows[] = {
        {0x43663333, -1, GT_ERR_OK, 2302},         /* 230.2 */
        {0x43663333, -9, GT_ERR_OK, 230199997000}, /* its nine digits: 230.199997 */
        {0x43663333, 0, GT_ERR_OK, 230},
        {0x43663333, 1, GT_ERR_OK, 23},
        {0x43663333, 2, GT_ERR_OK, 2},
        {0x43663333, 3, GT_ERR_OK, 0},
        {0x43FA0000, 3, GT_ERR_OK, 1},  /* 500: half away from zero */
        {0xC3FA0000, 3, GT_ERR_OK, -1}, /* -500 */
        {0x43F9F333, 3, GT_ERR_OK, 0},  /* 499.9 */
        {0x00000000, -2, GT_ERR_OK, 0},
        {0x80000000, -2, GT_ERR_OK, 0},
        {0x00000001, 0, GT_ERR_OK, 0},
        {0x5D5E0B6B, 0, GT_ERR_OK, 999999984000000000}, /* 18 digits */
        {0x5D5E0B6B, -1, GT_ERR_RANGE, 0},
        {0x7F7FFFFF, 0, GT_ERR_RANGE, 0},
        {0x7F7FFFFF, 38, GT_ERR_OK, 3},
        {0x7F800000, 0, GT_ERR_MALFORMED, 0},
        {0xFF800000, 0, GT_ERR_MALFORMED, 0},
        {0x7FC00000, 0, GT_ERR_MALFORMED, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t number = 0;
        assert_int_equal(gt_real_count(rows[i].bits, rows[i].exponent, &number), rows[i].want);
        assert_int_equal(number, rows[i].number);
    }
}

static void test_of(void **state)
{
    (void)state;
    static const struct {
        int64_t number;
        int exponent;
        gt_err want;
        uint32_t bits;
    } rows[] = {
        {2302, -1, GT_ERR_OK, 0x43663333},
        {0, -1, GT_ERR_OK, 0},
        {-500, 0, GT_ERR_OK, 0xC3FA0000},
        {5, 2, GT_ERR_OK, 0x43FA0000},
        {7, -46, GT_ERR_OK, 0}, /* below half of the smallest, 1.40129846e-45 */
        {1, -45, GT_ERR_OK, 1},
        {16777217, 0, GT_ERR_OK, 0x4B800000}, /* half way: to even */
        {16777219, 0, GT_ERR_OK, 0x4B800002},
        {140129846, -53, GT_ERR_OK, 1},
        {340282347, 30, GT_ERR_OK, 0x7F7FFFFF},
        {340282356, 30, GT_ERR_OK, 0x7F7FFFFF},
        {340282357, 30, GT_ERR_RANGE, 0},
        {-1, 39, GT_ERR_RANGE, 0},
        {INT64_MIN, 0, GT_ERR_OK, 0xDF000000},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint32_t bits = 0;
        assert_int_equal(gt_real_of(rows[i].number, rows[i].exponent, &bits), rows[i].want);
        assert_int_equal(bits, rows[i].bits);
    }
}

/* Every real comes back from its digits; any decimal becomes what the C library makes of it. */
static void test_round(void **state)
{
    (void)state;
    uint32_t bits = 1;
    for (unsigned i = 0; i < 2000; i++) {
        bits = bits * 1664525U + 1013904223U;
        char digits[GT_REAL_DIGITS + 1] = "";
        size_t count = 0;
        int exponent = 0;
        if (!gt_real_digits(bits, digits, &count, &exponent) || count == 0) {
            continue;
        }
        digits[count] = '\0';
        const int64_t number = strtoll(digits, NULL, 10);
        uint32_t back = 0;
        assert_int_equal(gt_real_of(bits >> 31 != 0 ? -number : number, exponent, &back),
                         GT_ERR_OK);
        assert_int_equal(back, bits);
        const int64_t any = (int64_t)(bits % 100000) * (i + 1);
        char text[32];
        (void)snprintf(text, sizeof text, "%llde-%u", (long long)any, i % 12);
        const float real = strtof(text, NULL);
        memcpy(&bits, &real, sizeof bits);
        assert_int_equal(gt_real_of(any, -(int)(i % 12), &back), GT_ERR_OK);
        assert_int_equal(back, bits);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reals),
        cmocka_unit_test(test_count),
        cmocka_unit_test(test_of),
        cmocka_unit_test(test_round),
    };
    return cmocka_run_group_tests_name("base/real", tests, NULL, NULL);
}
