/* The published check values of each sum. */
#include "base/sum.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static const uint8_t check[] = "123456789";

static void test_check_values(void **state)
{
    (void)state;
    assert_int_equal(gt_sum8(check, 9), 0xDD);
    assert_int_equal(gt_crc16_modbus(check, 9), 0x4B37);
    assert_int_equal(gt_crc16_x25(check, 9), 0x906E);
    assert_true(gt_crc32(check, 9) == 0xCBF43926);
}

static void test_nothing(void **state)
{
    (void)state;
    assert_int_equal(gt_sum8(check, 0), 0);
    assert_int_equal(gt_crc16_modbus(check, 0), 0xFFFF);
    assert_int_equal(gt_crc16_x25(check, 0), 0);
    assert_true(gt_crc32(check, 0) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_check_values),
                                       cmocka_unit_test(test_nothing)};
    return cmocka_run_group_tests_name("base/sum", tests, NULL, NULL);
}
