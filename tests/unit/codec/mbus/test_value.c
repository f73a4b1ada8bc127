/* Values: integers, BCD, reals to exact digits, texts, times, in both byte orders; and back. */
#include "codec/mbus/describe.h"
#include "base/hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { BYTES_MAX = 512 };

static codec_description told;

static const char *text_of(const char *hex, bool msb_first)
{
    static uint8_t in[BYTES_MAX];
    size_t len = 0;
    assert_int_equal(gt_hex_parse(hex, in, sizeof in, &len), GT_ERR_OK);
    gt_rd r = gt_rd_of(in, len);
    mbus_record m;
    assert_int_equal(mbus_record_decode(&r, &m), GT_ERR_OK);
    assert_int_equal(r.pos, len);
    mbus_value v;
    mbus_value_decode(&m, msb_first, &v);
    codec_description_begin(&told, "mbus");
    const char *text = mbus_value_text(&told, &v);
    return text != NULL ? text : "-";
}

static void test_texts(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        const char *want;
        bool msb_first;
    } rows[] = {
        {"041331d40000", "54.321", false},
        {"0413ffffffff", "-0.001", false},
        {"017880", "-128", false},
        {"0278ff7f", "32767", false},
        {"0378ffffff", "-1", false},
        {"0678"
         "000000000080",
         "-140737488355328", false},
        {"0778"
         "0000000000000080",
         "-9223372036854775808", false},
        {"0778"
         "ffffffffffffff7f",
         "9223372036854775807", false},
        {"0413"
         "0000d431",
         "54.321", true},
        {"0013", "-", false},
        {"0813", "-", false},
        {"0978"
         "42",
         "42", false},
        {"0978"
         "f2",
         "-2", false},
        {"0978"
         "2f",
         "2FH", false},
        {"0a78"
         "34f2",
         "-234", false},
        {"0a78"
         "a412",
         "12A4H", false},
        {"0a78"
         "34e2",
         "E234H", false},
        {"0c78"
         "78031149",
         "49110378", false},
        {"0e78"
         "563412907856",
         "567890123456", false},
        {"0e78"
         "567890123456",
         "567890123456", true},
        {"0c07"
         "01000000",
         "10", false},
        {"0c00"
         "01000000",
         "0.000001", false},
        {"0c00"
         "00000000",
         "0.000000", false},
        {"0cfb0101000000", "1000", false},
        {"05780000c03f", "1.5", false},
        {"05783fc00000", "1.5", true},
        {"05780000c0ff", "-", false}, /* not a number */
        {"05780000807f", "-", false}, /* infinity */
        {"057800000000", "0", false},
        {"057800000080", "0", false},
        {"05780000c0bf", "-1.5", false},
        {"052ab1d12ebe", "-0.0000170721784", false},
        {"0d78"
         "0541423132"
         "33",
         "321BA", false},
        {"0d78"
         "0541423132"
         "33",
         "AB123", true},
        {"0d78"
         "00",
         "", false},
        {"0d78"
         "c23412",
         "1234", false},
        {"0d78"
         "d23412",
         "-1234", false},
        {"0d78"
         "c0",
         "-", false},
        {"0d78"
         "c2341a",
         "1A34H", false},
        {"0d78"
         "e0",
         "-", false},
        {"0d78"
         "e2feff",
         "-2", false},
        {"0d78"
         "e9010203040506070809",
         "090807060504030201", false},
        {"0d13"
         "c23412",
         "1.234", false},
        {"026c"
         "df1c",
         "2014-12-31", false},
        {"026c"
         "0000",
         "2000-00-00", false},
        {"026c"
         "ffff",
         "-", false},
        {"026c"
         "1cdf",
         "2014-12-31", true},
        {"026c61c5", "1999-05-01", false}, /* above the pivot */
        {"026c21f5", "-", false},          /* year 121 */
        {"046d0b0bedf3", "-", false},      /* every year */
        {"046d8b0bcd13", "-", false},      /* not valid, says the meter */
        {"046d"
         "0b0bcd13",
         "2014-03-13 11:11", false},
        {"046d"
         "100905c5",
         "1996-05-05 09:16", false},
        {"046d"
         "1029"
         "05c5",
         "2096-05-05 09:16", false}, /* century sent */
        {"066d"
         "2a0b0bcd1300",
         "2014-03-13 11:11:42", false},
        {"036d"
         "2a0b0b",
         "11:11:42", false},
        {"0d13d2"
         "e334",
         "34E3H", false}, /* negative, says the length byte; no number, say the digits */
        {"016d"
         "05",
         "5", false}, /* no such type: a plain number */
        {"0413"
         "00000000",
         "0.000", false},
        {"0493"
         "74"
         "01000000",
         "0.00001", false},
        {"0493"
         "7d"
         "01000000",
         "1", false},
        {"0493"
         "6a"
         "0b0bcd13",
         "2014-03-13 11:11", false},
        {"0493"
         "51"
         "05000000",
         "5", false},
        {"0493"
         "41"
         "05000000",
         "5", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_string_equal(text_of(rows[i].hex, rows[i].msb_first), rows[i].want);
    }
}

static void test_numbers_back(void **state)
{
    (void)state;
    static const struct {
        mbus_field field;
        int64_t number;
        gt_err err;
        const char *hex;
    } rows[] = {
        {MBUS_FIELD_INT8, -128, GT_ERR_OK, "80"},
        {MBUS_FIELD_INT8, 127, GT_ERR_OK, "7f"},
        {MBUS_FIELD_INT8, 128, GT_ERR_RANGE, ""},
        {MBUS_FIELD_INT16, -129, GT_ERR_OK, "7fff"},
        {MBUS_FIELD_INT24, 8388607, GT_ERR_OK, "ffff7f"},
        {MBUS_FIELD_INT24, 8388608, GT_ERR_RANGE, ""},
        {MBUS_FIELD_INT32, 54321, GT_ERR_OK, "31d40000"},
        {MBUS_FIELD_INT48, -1, GT_ERR_OK, "ffffffffffff"},
        {MBUS_FIELD_INT64, INT64_MIN, GT_ERR_OK, "0000000000000080"},
        {MBUS_FIELD_BCD2, 99, GT_ERR_OK, "99"},
        {MBUS_FIELD_BCD2, 100, GT_ERR_RANGE, ""},
        {MBUS_FIELD_BCD2, -9, GT_ERR_OK, "f9"},
        {MBUS_FIELD_BCD2, -10, GT_ERR_RANGE, ""},
        {MBUS_FIELD_BCD8, 49110378, GT_ERR_OK, "78031149"},
        {MBUS_FIELD_BCD12, -12345678901, GT_ERR_OK, "0189674523f1"},
        {MBUS_FIELD_BCD12, INT64_MIN, GT_ERR_RANGE, ""},
        {MBUS_FIELD_NONE, 0, GT_ERR_UNSUPPORTED, ""},
        {MBUS_FIELD_REAL32, 0, GT_ERR_UNSUPPORTED, ""},
        {MBUS_FIELD_VARIABLE, 0, GT_ERR_UNSUPPORTED, ""},
        {(mbus_field)15, 0, GT_ERR_UNSUPPORTED, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t want[8];
        uint8_t got[8];
        size_t len = 0;
        assert_int_equal(gt_hex_parse(rows[i].hex, want, sizeof want, &len), GT_ERR_OK);
        assert_int_equal(mbus_number_encode(rows[i].field, rows[i].number, got), rows[i].err);
        if (len > 0) {
            assert_memory_equal(got, want, len);
        }
    }
}

static void test_times_back(void **state)
{
    (void)state;
    static const struct {
        mbus_time time;
        gt_err err;
        const char *hex;
    } rows[] = {
        {{MBUS_TIME_G, 2014, 12, 31, 0, 0, 0, false, false}, GT_ERR_OK, "df1c"},
        {{MBUS_TIME_G, 1999, 5, 1, 0, 0, 0, false, false}, GT_ERR_OK, "61c5"},
        {{MBUS_TIME_G, 2081, 1, 1, 0, 0, 0, false, false}, GT_ERR_RANGE, ""},
        {{MBUS_TIME_F, 2014, 3, 13, 11, 11, 0, false, false}, GT_ERR_OK, "0b0bcd13"},
        {{MBUS_TIME_F, 2014, 3, 13, 11, 11, 0, true, true}, GT_ERR_OK, "8b8bcd13"},
        {{MBUS_TIME_F, 2096, 5, 5, 9, 16, 0, false, false}, GT_ERR_OK, "102905c5"},
        {{MBUS_TIME_F, 1850, 5, 5, 9, 16, 0, false, false}, GT_ERR_RANGE, ""},
        {{MBUS_TIME_F, 2300, 5, 5, 9, 16, 0, false, false}, GT_ERR_RANGE, ""},
        {{MBUS_TIME_F, 2014, 16, 13, 11, 11, 0, false, false}, GT_ERR_RANGE, ""},
        {{MBUS_TIME_F, 2014, 3, 32, 11, 11, 0, false, false}, GT_ERR_RANGE, ""},
        {{MBUS_TIME_F, 2014, 3, 13, 32, 11, 0, false, false}, GT_ERR_RANGE, ""},
        {{MBUS_TIME_F, 2014, 3, 13, 11, 64, 0, false, false}, GT_ERR_RANGE, ""},
        {{MBUS_TIME_I, 2014, 3, 13, 11, 11, 42, false, false}, GT_ERR_OK, "2a0b0bcd1300"},
        {{MBUS_TIME_I, 2014, 3, 13, 11, 11, 42, true, true}, GT_ERR_OK, "6a8b0bcd1300"},
        {{MBUS_TIME_I, 2014, 3, 13, 11, 11, 64, false, false}, GT_ERR_RANGE, ""},
        {{MBUS_TIME_J, 0, 0, 0, 11, 11, 42, false, false}, GT_ERR_OK, "2a0b0b"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t want[6];
        uint8_t got[6];
        size_t want_len = 0;
        size_t len = 0;
        assert_int_equal(gt_hex_parse(rows[i].hex, want, sizeof want, &want_len), GT_ERR_OK);
        assert_int_equal(mbus_time_encode(&rows[i].time, got, &len), rows[i].err);
        assert_int_equal(len, want_len);
        assert_memory_equal(got, want, len);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_numbers_back),
        cmocka_unit_test(test_times_back),
    };
    return cmocka_run_group_tests_name("codec/mbus/value", tests, NULL, NULL);
}
