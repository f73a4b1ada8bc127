/* Decimal text, overflow, and the carried remainder of a cost. */
#include "base/quantity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void test_decimal(void **state)
{
    (void)state;
    static const struct {
        int64_t value;
        unsigned decimals;
        const char *text;
    } rows[] = {
        {0, 0, "0"},
        {0, 2, "0.00"},
        {5, 2, "0.05"},
        {-5, 2, "-0.05"},
        {12345, 2, "123.45"},
        {100, 4, "0.0100"},
        {INT64_MAX, 2, "92233720368547758.07"},
        {INT64_MIN, 2, "-92233720368547758.08"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[GT_DECIMAL_MAX];
        gt_decimal_format(rows[i].value, rows[i].decimals, text);
        assert_string_equal(text, rows[i].text);
        int64_t back = 1;
        assert_int_equal(gt_decimal_parse(text, rows[i].decimals, &back), GT_ERR_OK);
        assert_true(back == rows[i].value);
    }
}

static void test_decimal_bad(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        gt_err want;
    } rows[] = {
        {"", GT_ERR_SYNTAX},
        {"-", GT_ERR_SYNTAX},
        {".5", GT_ERR_SYNTAX},
        {"5.", GT_ERR_SYNTAX},
        {"1.234", GT_ERR_SYNTAX},
        {"1e3", GT_ERR_SYNTAX},
        {" 1", GT_ERR_SYNTAX},
        {"1 ", GT_ERR_SYNTAX},
        {"+1", GT_ERR_SYNTAX},
        {"NaN", GT_ERR_SYNTAX},
        {"1,000", GT_ERR_SYNTAX},
        {"--1", GT_ERR_SYNTAX},
        {"92233720368547758.08", GT_ERR_RANGE},
        {"99999999999999999999", GT_ERR_RANGE},
    };
    int64_t out = 7;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(gt_decimal_parse(rows[i].text, 2, &out), rows[i].want);
    }
    assert_int_equal(out, 7);
}

static void test_cost_is_the_same_in_any_steps(void **state)
{
    (void)state;
    const gt_price price = {.e4 = 6183};
    int32_t carry_once = 0;
    gt_money once = {0};
    assert_int_equal(gt_energy_cost((gt_energy){.centikwh = 99991}, price, &carry_once, &once),
                     GT_ERR_OK);
    int32_t carry = 0;
    gt_money sum = {0};
    for (int i = 0; i < 99991; i++) {
        gt_money step = {0};
        assert_int_equal(gt_energy_cost((gt_energy){.centikwh = 1}, price, &carry, &step),
                         GT_ERR_OK);
        assert_int_equal(gt_money_add(sum, step, &sum), GT_ERR_OK);
    }
    assert_true(sum.fen == once.fen);
    assert_int_equal(carry, carry_once);
}

static void test_limits(void **state)
{
    (void)state;
    gt_money money = {.fen = 3};
    int32_t carry = 0;
    assert_int_equal(gt_money_add((gt_money){INT64_MAX}, (gt_money){1}, &money), GT_ERR_RANGE);
    assert_int_equal(gt_money_sub((gt_money){INT64_MIN}, (gt_money){1}, &money), GT_ERR_RANGE);
    assert_int_equal(gt_energy_cost((gt_energy){-1}, (gt_price){1}, &carry, &money), GT_ERR_RANGE);
    assert_int_equal(gt_energy_cost((gt_energy){1}, (gt_price){-1}, &carry, &money), GT_ERR_RANGE);
    assert_int_equal(gt_energy_cost((gt_energy){INT64_MAX}, (gt_price){2}, &carry, &money),
                     GT_ERR_RANGE);
    carry = GT_FEN_E6;
    assert_int_equal(gt_energy_cost((gt_energy){1}, (gt_price){1}, &carry, &money), GT_ERR_RANGE);
    assert_int_equal(money.fen, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decimal), cmocka_unit_test(test_decimal_bad),
        cmocka_unit_test(test_cost_is_the_same_in_any_steps), cmocka_unit_test(test_limits)};
    return cmocka_run_group_tests_name("base/quantity", tests, NULL, NULL);
}
