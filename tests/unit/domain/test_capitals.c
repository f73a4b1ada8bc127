/* Amounts in capitals: the examples of the rule itself, every place a zero can stand, the limits.
 */
#include "domain/capitals.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static void amounts(void **state)
{
    (void)state;
    static const struct {
        int64_t fen;
        const char *text;
    } rows[] = {
        {0, "零元整"},
        {1, "壹分"},
        {9, "玖分"},
        {10, "壹角整"},
        {15, "壹角伍分"},
        {100, "壹元整"},
        {101, "壹元零壹分"},
        {110, "壹元壹角整"},
        {5000, "伍拾元整"},
        {32504, "叁佰贰拾伍元零肆分"},
        {140950, "壹仟肆佰零玖元伍角整"},
        {168032, "壹仟陆佰捌拾元叁角贰分"},
        {600714, "陆仟零柒元壹角肆分"},
        {1640902, "壹万陆仟肆佰零玖元零贰分"},
        {10700053, "壹拾万柒仟元伍角叁分"},
        {1000000, "壹万元整"},
        {1000100, "壹万零壹元整"},
        {1001000, "壹万零壹拾元整"},
        {1010000, "壹万零壹佰元整"},
        {1100000, "壹万壹仟元整"},
        {10000000000, "壹亿元整"},
        {10000000100, "壹亿零壹元整"},
        {10000100000, "壹亿零壹仟元整"},
        {10001000000, "壹亿零壹万元整"},
        {10010000000, "壹亿零壹拾万元整"},
        {11000000000, "壹亿壹仟万元整"},
        {100000000001, "壹拾亿元零壹分"},
        {CAPITALS_AMOUNT_MAX_FEN, "玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char out[CAPITALS_MAX];
        assert_int_equal(capitals_of_fen(rows[i].fen, out), GT_ERR_OK);
        assert_string_equal(out, rows[i].text);
    }
}

static void outside(void **state)
{
    (void)state;
    static const int64_t rows[] = {-1, INT64_MIN, CAPITALS_AMOUNT_MAX_FEN + 1, INT64_MAX};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char out[CAPITALS_MAX] = "as it was";
        assert_int_equal(capitals_of_fen(rows[i], out), GT_ERR_RANGE);
        assert_string_equal(out, "as it was");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(amounts), cmocka_unit_test(outside)};
    return cmocka_run_group_tests_name("domain/capitals", tests, NULL, NULL);
}
