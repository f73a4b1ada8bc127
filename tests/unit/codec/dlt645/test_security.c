/* Fields of security payloads: every row at its length, one byte less, one byte more, there and
 * back; and a purchase written out by hand. */
#include "base/hex.h"
#include "codec/dlt645/security.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

enum { DATA_MAX = 200 };

static void test_written_out(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint32_t id;
        bool reply;
        const char *wire;
        const char *turned;
    } rows[] = {
        {"purchase", DLT645_SECURITY_PURCHASE, false,
         "10270000"
         "02000000"
         "a1a2a3a4"
         "563412907856"
         "b1b2b3b4",
         "00002710"
         "00000002"
         "a4a3a2a1"
         "567890123456"
         "b4b3b2b1"},
        {"file text", DLT645_SECURITY_FILE_PLAIN, false,
         "18"
         "0100"
         "030201"
         "d4d3d2d1",
         "18"
         "0001"
         "010203"
         "d1d2d3d4"},
        {"nothing", DLT645_SECURITY_END, false, "", ""},
        {"answer", DLT645_SECURITY_IDENTITY, true,
         "04030201"
         "1817161514131211",
         "01020304"
         "1112131415161718"},
        {"read back", DLT645_SECURITY_READ_BACK, true,
         "0200"
         "1e00"
         "8200"
         "01df"
         "2211"
         "04030201",
         "0002"
         "001e"
         "0082"
         "df01"
         "1122"
         "01020304"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t data[DATA_MAX];
        uint8_t want[DATA_MAX];
        size_t len = 0;
        size_t want_len = 0;
        assert_int_equal(gt_hex_parse(rows[i].wire, data, sizeof data, &len), GT_ERR_OK);
        assert_int_equal(gt_hex_parse(rows[i].turned, want, sizeof want, &want_len), GT_ERR_OK);
        assert_int_equal(dlt645_security_turn(rows[i].id, rows[i].reply, data, len), GT_ERR_OK);
        if (len != want_len || memcmp(data, want, len) != 0) {
            fail_msg("%s", rows[i].name);
        }
    }
}

/* Lengths by hand, not from the rows under test. */
static void test_lengths(void **state)
{
    (void)state;
    static const struct {
        uint32_t id;
        bool reply;
        size_t len;
        size_t step; /* open field: longer by whole steps is right too; 0: it is not */
    } rows[] = {
        {0x070000FF, false, 24, 0},
        {0x070000FF, true, 12, 0},
        {0x070001FF, false, 6, 0},
        {0x070001FF, true, 0, 0},
        {0x070002FF, false, 0, 0},
        {0x070002FF, true, 18, 0},
        {0x070004FF, false, 8, 1},
        {0x070005FF, false, 8, 1},
        {0x070101FF, false, 22, 0},
        {0x070102FF, false, 22, 0},
        {0x070103FF, false, 16, 0},
        {0x070103FF, true, 14, 0},
        {0x070201FF, false, 40, 0},
        {0x070202FF, false, 40, 0},
        {0x070203FF, false, 40, 0},
        {0x070301FF, false, 40, 36},
        {0x078001FF, false, 8, 0},
        {0x078001FF, true, 13, 1},
        {0x078102FF, false, 0, 0},
        {0x078102FF, true, 26, 0},
        {DLT645_SECURITY_CONTROL, false, 20, 0},
        {DLT645_SECURITY_WRITE, false, 5, 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (size_t len = 0; len <= DATA_MAX; len++) {
            uint8_t data[DATA_MAX];
            uint8_t before[DATA_MAX];
            for (size_t k = 0; k < len; k++) {
                before[k] = (uint8_t)(k * 3 + 1);
            }
            memcpy(data, before, len);
            const gt_err err = dlt645_security_turn(rows[i].id, rows[i].reply, data, len);
            const bool right = len == rows[i].len || (rows[i].step != 0 && len > rows[i].len &&
                                                      (len - rows[i].len) % rows[i].step == 0);
            if (right) {
                assert_int_equal(err, GT_ERR_OK);
                assert_true(len < 8 || memcmp(data, before, len) != 0);
                assert_int_equal(dlt645_security_turn(rows[i].id, rows[i].reply, data, len),
                                 GT_ERR_OK);
            } else {
                assert_int_equal(err, len < rows[i].len ? GT_ERR_TRUNCATED : GT_ERR_TRAILING);
            }
            assert_memory_equal(data, before, len);
        }
    }
    uint8_t one[1] = {7};
    assert_int_equal(dlt645_security_turn(0x070003FF, false, one, 1), GT_ERR_UNKNOWN);
    assert_int_equal(dlt645_security_turn(2, false, one, 1), GT_ERR_UNKNOWN);
}

/* Each wrapped key is turned for itself. */
static void test_each(void **state)
{
    (void)state;
    uint8_t data[2 * 36 + 4];
    for (size_t i = 0; i < sizeof data; i++) {
        data[i] = (uint8_t)i;
    }
    assert_int_equal(dlt645_security_turn(DLT645_SECURITY_KEYS, false, data, sizeof data),
                     GT_ERR_OK);
    assert_int_equal(data[0], 35);
    assert_int_equal(data[35], 0);
    assert_int_equal(data[36], 71);
    assert_int_equal(data[71], 36);
    assert_int_equal(data[72], 75);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_written_out),
                                       cmocka_unit_test(test_lengths), cmocka_unit_test(test_each)};
    return cmocka_run_group_tests_name("codec/dlt645/security", tests, NULL, NULL);
}
