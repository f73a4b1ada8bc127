/* Every day of 1970..2099 there and back, and the dates that do not exist. */
#include "base/time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void test_every_day(void **state)
{
    (void)state;
    unsigned weekday = 4;
    for (int32_t day = 0; day <= 47481; day++) {
        gt_civil civil = {0};
        assert_int_equal(gt_civil_of_day(day, &civil), GT_ERR_OK);
        assert_true(gt_civil_valid(&civil));
        assert_int_equal(gt_civil_day(&civil), day);
        assert_int_equal(gt_civil_weekday(&civil), weekday);
        weekday = (weekday + 1) % 7;
    }
}

static void test_known(void **state)
{
    (void)state;
    const gt_civil leap_day = {2096, 2, 29, 23, 59, 59};
    gt_utc utc = {0};
    assert_int_equal(gt_utc_of_civil(&leap_day, GT_ZONE_CHINA_MIN, &utc), GT_ERR_OK);
    char iso[GT_ISO_MAX];
    gt_utc_iso(utc, iso);
    assert_string_equal(iso, "2096-02-29T15:59:59.000Z");
    gt_civil back = {0};
    assert_int_equal(gt_civil_of_utc(utc, GT_ZONE_CHINA_MIN, &back), GT_ERR_OK);
    assert_true(gt_civil_equal(&back, &leap_day));
    gt_utc_iso((gt_utc){.ms = INT64_C(951782400123)}, iso);
    assert_string_equal(iso, "2000-02-29T00:00:00.123Z");
}

static void test_bad(void **state)
{
    (void)state;
    static const gt_civil rows[] = {
        {2023, 2, 29, 0, 0, 0}, {2024, 2, 30, 0, 0, 0},  {2024, 4, 31, 0, 0, 0},
        {2024, 0, 1, 0, 0, 0},  {2024, 13, 1, 0, 0, 0},  {2024, 1, 0, 0, 0, 0},
        {2024, 1, 32, 0, 0, 0}, {1969, 12, 31, 0, 0, 0}, {2100, 1, 1, 0, 0, 0},
        {2024, 1, 1, 24, 0, 0}, {2024, 1, 1, 0, 60, 0},  {2024, 1, 1, 0, 0, 60},
    };
    gt_utc utc = {.ms = 7};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(gt_utc_of_civil(&rows[i], 0, &utc), GT_ERR_RANGE);
    }
    assert_int_equal(utc.ms, 7);
    gt_civil civil = {0};
    assert_int_equal(gt_civil_of_day(-1, &civil), GT_ERR_RANGE);
    assert_int_equal(gt_civil_of_day(47482, &civil), GT_ERR_RANGE);
    assert_int_equal(gt_civil_of_utc((gt_utc){.ms = -1}, 0, &civil), GT_ERR_RANGE);
    assert_int_equal(gt_civil_of_utc((gt_utc){.ms = INT64_MAX}, 480, &civil), GT_ERR_RANGE);
    char iso[GT_ISO_MAX];
    gt_utc_iso((gt_utc){.ms = INT64_MIN}, iso);
    assert_string_equal(iso, "-");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_day),
                                       cmocka_unit_test(test_known), cmocka_unit_test(test_bad)};
    return cmocka_run_group_tests_name("base/time", tests, NULL, NULL);
}
