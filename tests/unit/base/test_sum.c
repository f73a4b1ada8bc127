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

/* Bit by bit, as the definitions say. */
static uint16_t crc16_slow(uint16_t polynomial, const uint8_t *buf, size_t len)
{
    uint16_t crc = 0xFFFF;
    for (size_t i = 0; i < len; i++) {
        crc ^= buf[i];
        for (unsigned bit = 0; bit < 8; bit++) {
            crc = (uint16_t)((crc & 1) != 0 ? crc >> 1 ^ polynomial : crc >> 1);
        }
    }
    return crc;
}

static uint32_t crc32_slow(const uint8_t *buf, size_t len)
{
    uint32_t crc = 0xFFFFFFFF;
    for (size_t i = 0; i < len; i++) {
        crc ^= buf[i];
        for (unsigned bit = 0; bit < 8; bit++) {
            crc = (crc & 1) != 0 ? crc >> 1 ^ 0xEDB88320 : crc >> 1;
        }
    }
    return ~crc;
}

/* Every length around the steps of sixteen, and every byte value, from any alignment. */
static void test_against_definitions(void **state)
{
    (void)state;
    static uint8_t bytes[3000];
    uint32_t seed = 1;
    for (size_t i = 0; i < sizeof bytes; i++) {
        seed = seed * 1664525U + 1013904223U;
        bytes[i] = i < 256 ? (uint8_t)i : (uint8_t)(i < 1500 ? 0xFF : seed >> 24);
    }
    for (size_t len = 0; len < sizeof bytes - 8; len += len < 80 ? 1 : 97) {
        const uint8_t *from = bytes + len % 8;
        uint8_t sum = 0;
        for (size_t i = 0; i < len; i++) {
            sum = (uint8_t)(sum + from[i]);
        }
        assert_int_equal(gt_sum8(from, len), sum);
        assert_int_equal(gt_crc16_modbus(from, len), crc16_slow(0xA001, from, len));
        assert_int_equal(gt_crc16_x25(from, len), (uint16_t)~crc16_slow(0x8408, from, len));
        assert_true(gt_crc32(from, len) == crc32_slow(from, len));
        const size_t half = len / 3;
        assert_int_equal(gt_crc16_x25_more(gt_crc16_x25(from, half), from + half, len - half),
                         gt_crc16_x25(from, len));
    }
    for (unsigned byte = 0; byte < 256; byte++) {
        const uint8_t row[9] = {(uint8_t)byte, 1, 2, 3, 4, 5, 6, 7, (uint8_t)byte};
        assert_int_equal(gt_crc16_modbus(row, 9), crc16_slow(0xA001, row, 9));
        assert_true(gt_crc32(row, 9) == crc32_slow(row, 9));
        assert_int_equal(gt_crc16_x25(row, 9), (uint16_t)~crc16_slow(0x8408, row, 9));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_check_values),
                                       cmocka_unit_test(test_nothing),
                                       cmocka_unit_test(test_against_definitions)};
    return cmocka_run_group_tests_name("base/sum", tests, NULL, NULL);
}
