/* Data formats: limits of each number format, absent values, digits and dates that do not exist. */
#include "base/hex.h"
#include "codec/gdw1376/format.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static const struct {
    gdw1376_format format;
    const char *hex;
    int64_t value;
} numbers[] = {
    {GDW1376_A5, "0010", 1000},
    {GDW1376_A5, "0090", -1000},
    {GDW1376_A5, "9979", 7999},
    {GDW1376_A5, "99F9", -7999},
    {GDW1376_A7, "0522", 2205},
    {GDW1376_A7, "9999", 9999},
    {GDW1376_A8, "3412", 1234},
    {GDW1376_A9, "563412", 123456},
    {GDW1376_A9, "5634F2", -723456},
    {GDW1376_A11, "78563412", 12345678},
    {GDW1376_A14, "9999999999", 9999999999},
    {GDW1376_A14, "0000000000", 0},
    {GDW1376_A25, "010080", -1},
    {GDW1376_A22, "95", 95},
    {GDW1376_A12, "129078563412", 123456789012},
};

static void test_numbers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        uint8_t in[8];
        size_t len = 0;
        assert_int_equal(gt_hex_parse(numbers[i].hex, in, sizeof in, &len), GT_ERR_OK);
        for (size_t n = 0; n < len; n++) {
            gt_rd cut = gt_rd_of(in, n);
            (void)gdw1376_num_read(&cut, numbers[i].format);
            assert_int_equal(gt_rd_done(&cut), GT_ERR_TRUNCATED);
        }
        gt_rd r = gt_rd_of(in, len);
        const gdw1376_num num = gdw1376_num_read(&r, numbers[i].format);
        assert_int_equal(gt_rd_done(&r), GT_ERR_OK);
        assert_true(num.present);
        assert_true(num.value == numbers[i].value);
        const gdw1376_num fit = gdw1376_num_fit(numbers[i].format, num.value);
        assert_true(fit.present && fit.value == num.value);
        uint8_t out[8];
        gt_wr w = gt_wr_of(out, sizeof out);
        gdw1376_num_write(&w, numbers[i].format, num);
        assert_int_equal(gt_wr_done(&w), GT_ERR_OK);
        assert_int_equal(w.len, len);
        assert_memory_equal(out, in, len);
    }
}

static void test_numbers_that_do_not_fit(void **state)
{
    (void)state;
    static const struct {
        gdw1376_format format;
        int64_t value;
    } rows[] = {
        {GDW1376_A5, 8000},    {GDW1376_A5, -8000},        {GDW1376_A7, 10000},
        {GDW1376_A7, -1},      {GDW1376_A9, 800000},       {GDW1376_A9, INT64_MIN},
        {GDW1376_A14, -1},     {GDW1376_A14, 10000000000}, {GDW1376_A8, 10000},
        {GDW1376_A25, 800000}, {GDW1376_A12, INT64_MAX},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t out[8];
        gt_wr w = gt_wr_of(out, sizeof out);
        gdw1376_num_write(&w, rows[i].format, gdw1376_num_of(rows[i].value));
        assert_int_equal(gt_wr_done(&w), GT_ERR_RANGE);
        assert_false(gdw1376_num_fit(rows[i].format, rows[i].value).present);
    }
}

static void test_absent_and_bad_digits(void **state)
{
    (void)state;
    for (unsigned f = 0; f <= GDW1376_FULL; f++) {
        const gdw1376_format format = (gdw1376_format)f;
        const gdw1376_format_row *row = gdw1376_format_of(format);
        uint8_t in[8];
        memset(in, 0xEE, sizeof in);
        gt_rd r = gt_rd_of(in, row->size);
        uint8_t out[8];
        gt_wr w = gt_wr_of(out, sizeof out);
        if (row->kind == GDW1376_KIND_NUMBER) {
            const gdw1376_num num = gdw1376_num_read(&r, format);
            assert_false(num.present);
            gdw1376_num_write(&w, format, num);
        } else if (row->kind == GDW1376_KIND_SCALED) {
            const gdw1376_scaled scaled = gdw1376_scaled_read(&r, format);
            assert_false(scaled.present);
            gdw1376_scaled_write(&w, format, &scaled);
        } else {
            assert_int_equal(strlen(row->time), row->size);
            assert_int_equal(strspn(row->time, "smhDMYW"), row->size);
            const gdw1376_when when = gdw1376_when_read(&r, format);
            assert_false(when.present);
            gdw1376_when_write(&w, format, &when);
        }
        assert_int_equal(gt_rd_done(&r), GT_ERR_OK);
        assert_int_equal(gt_wr_done(&w), GT_ERR_OK);
        assert_int_equal(w.len, row->size);
        assert_memory_equal(in, out, row->size);
        in[0] = 0x0A; /* one digit is no digit; nor are all the others */
        r = gt_rd_of(in, row->size);
        if (row->kind == GDW1376_KIND_NUMBER) {
            (void)gdw1376_num_read(&r, format);
        } else if (row->kind == GDW1376_KIND_SCALED) {
            assert_false(gdw1376_scaled_read(&r, format).present);
        } else {
            (void)gdw1376_when_read(&r, format);
        }
        assert_int_equal(r.err, GT_ERR_MALFORMED);
        assert_int_equal(r.pos, 0);
    }
}

static void test_times(void **state)
{
    (void)state;
    static const struct {
        gdw1376_format format;
        const char *hex;
        gt_civil at;
        uint8_t weekday;
    } rows[] = {
        {GDW1376_A1, "003907174315", {2015, 3, 17, 7, 39, 0}, 2},
        {GDW1376_A1, "595923317299", {2099, 12, 31, 23, 59, 59}, 3},
        {GDW1376_A15, "4705211126", {2026, 11, 21, 5, 47, 0}, 0},
        {GDW1376_A20, "290224", {2024, 2, 29, 0, 0, 0}, 0},
        {GDW1376_A21, "0124", {2024, 1, 1, 0, 0, 0}, 0},
        {GDW1376_A18, "300731", {2000, 1, 31, 7, 30, 0}, 0},
        {GDW1376_FULL, "030000211126", {2026, 11, 21, 0, 0, 3}, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t in[8];
        size_t len = 0;
        assert_int_equal(gt_hex_parse(rows[i].hex, in, sizeof in, &len), GT_ERR_OK);
        gt_rd r = gt_rd_of(in, len);
        const gdw1376_when when = gdw1376_when_read(&r, rows[i].format);
        assert_int_equal(gt_rd_done(&r), GT_ERR_OK);
        assert_true(when.present);
        assert_int_equal(when.at.year, rows[i].at.year);
        assert_int_equal(when.at.month, rows[i].at.month);
        assert_int_equal(when.at.day, rows[i].at.day);
        assert_int_equal(when.at.hour, rows[i].at.hour);
        assert_int_equal(when.at.minute, rows[i].at.minute);
        assert_int_equal(when.at.second, rows[i].at.second);
        assert_int_equal(when.weekday, rows[i].weekday);
        uint8_t out[8];
        gt_wr w = gt_wr_of(out, sizeof out);
        gdw1376_when_write(&w, rows[i].format, &when);
        assert_int_equal(gt_wr_done(&w), GT_ERR_OK);
        assert_memory_equal(out, in, len);
    }
}

static void test_times_that_do_not_exist(void **state)
{
    (void)state;
    static const struct {
        gdw1376_format format;
        const char *hex;
    } rows[] = {
        {GDW1376_A20, "290223"},      {GDW1376_A20, "000124"},      {GDW1376_A20, "010024"},
        {GDW1376_A20, "011324"},      {GDW1376_A15, "6000010124"},  {GDW1376_A15, "0024010124"},
        {GDW1376_A1, "600000010124"}, {GDW1376_A1, "0000000101EE"}, {GDW1376_A15, "EEEE010124"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t in[8];
        size_t len = 0;
        assert_int_equal(gt_hex_parse(rows[i].hex, in, sizeof in, &len), GT_ERR_OK);
        gt_rd r = gt_rd_of(in, len);
        assert_false(gdw1376_when_read(&r, rows[i].format).present);
        assert_int_equal(r.err, GT_ERR_MALFORMED);
    }
    const gt_civil early = {1999, 12, 31, 23, 59, 59};
    const gt_civil wrong = {2026, 2, 30, 0, 0, 0};
    assert_false(gdw1376_when_of(&wrong).present);
    const gt_civil late = {2100, 1, 1, 0, 0, 0};
    const gt_civil good = {2026, 11, 21, 0, 0, 0};
    const gdw1376_when whens[] = {gdw1376_when_of(&early),
                                  {.present = true, .at = wrong},
                                  {.present = true, .at = late},
                                  {.present = true, .at = good, .weekday = 8}};
    for (size_t i = 0; i < sizeof whens / sizeof whens[0]; i++) {
        uint8_t out[8];
        gt_wr w = gt_wr_of(out, sizeof out);
        gdw1376_when_write(&w, GDW1376_A15, &whens[i]);
        assert_int_equal(gt_wr_done(&w), GT_ERR_RANGE);
    }
}

/* Digits and a power of ten: every exponent, both signs, what does not fit. */
static void test_scaled(void **state)
{
    (void)state;
    static const struct {
        gdw1376_format format;
        const char *hex;
        int32_t digits;
        int exponent;
    } rows[] = {
        {GDW1376_A2, "2301", 123, 4},
        {GDW1376_A2, "9919", -999, 4},
        {GDW1376_A2, "0020", 0, 3},
        {GDW1376_A2, "2381", 123, 0},
        {GDW1376_A2, "23B1", -123, -1},
        {GDW1376_A2, "23E1", 123, -3},
        {GDW1376_A3, "67452301", 1234567, 0},
        {GDW1376_A3, "67452351", -1234567, 3},
        {GDW1376_A3, "99999959", -9999999, 3},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t in[8];
        uint8_t out[8];
        size_t len = 0;
        assert_int_equal(gt_hex_parse(rows[i].hex, in, sizeof in, &len), GT_ERR_OK);
        gt_rd r = gt_rd_of(in, len);
        const gdw1376_scaled v = gdw1376_scaled_read(&r, rows[i].format);
        assert_int_equal(gt_rd_done(&r), GT_ERR_OK);
        assert_true(v.present);
        assert_int_equal(v.digits, rows[i].digits);
        assert_int_equal(v.exponent, rows[i].exponent);
        gt_wr w = gt_wr_of(out, sizeof out);
        gdw1376_scaled_write(&w, rows[i].format, &v);
        assert_int_equal(gt_wr_done(&w), GT_ERR_OK);
        assert_int_equal(w.len, len);
        assert_memory_equal(in, out, len);
        for (size_t n = 0; n < len; n++) {
            r = gt_rd_of(in, n);
            assert_false(gdw1376_scaled_read(&r, rows[i].format).present);
            assert_int_equal(r.err, GT_ERR_TRUNCATED);
        }
        w = gt_wr_of(out, len - 1); /* too little room shows only in the length needed */
        gdw1376_scaled_write(&w, rows[i].format, &v);
        assert_int_equal(gt_wr_done(&w), GT_ERR_SPACE);
    }
}

static void test_scaled_that_do_not_fit(void **state)
{
    (void)state;
    static const struct {
        gdw1376_format format;
        gdw1376_scaled v;
    } rows[] = {
        {GDW1376_A2, {true, 1000, 0}},     {GDW1376_A2, {true, -1000, 0}},
        {GDW1376_A2, {true, 1, 5}},        {GDW1376_A2, {true, 1, -4}},
        {GDW1376_A3, {true, 10000000, 0}}, {GDW1376_A3, {true, -10000000, 0}},
        {GDW1376_A3, {true, 1, 1}},        {GDW1376_A3, {true, 1, -3}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t out[8];
        gt_wr w = gt_wr_of(out, sizeof out);
        gdw1376_scaled_write(&w, rows[i].format, &rows[i].v);
        assert_int_equal(gt_wr_done(&w), GT_ERR_RANGE);
    }
    static const uint8_t high[] = {0, 0, 0, 0x80}; /* A.3 leaves this bit 0 */
    gt_rd r = gt_rd_of(high, sizeof high);
    assert_false(gdw1376_scaled_read(&r, GDW1376_A3).present);
    assert_int_equal(r.err, GT_ERR_MALFORMED);
}

/* A run gives what one number after the other gives, for every format, length and fault. */
static void test_points(void **state)
{
    (void)state;
    enum { POINTS = 19, BYTES = POINTS * 4 };
    for (unsigned f = 0; f <= GDW1376_FULL; f++) {
        const gdw1376_format format = (gdw1376_format)f;
        const gdw1376_format_row *row = gdw1376_format_of(format);
        if (row->kind != GDW1376_KIND_NUMBER || row->size > 4) {
            continue;
        }
        for (unsigned variant = 0; variant < 3 + POINTS; variant++) {
            uint8_t in[BYTES];
            const size_t count = variant < 2 ? POINTS - variant : POINTS;
            for (size_t i = 0; i < sizeof in; i++) {
                in[i] = (uint8_t)(i * 7 % 10 << 4 | (i * 3 + variant) % 10);
                in[i] = i % row->size + 1 == row->size ? in[i] & 0x7F : in[i];
            }
            if (variant == 2) {
                memset(in + (size_t)3 * row->size, 0xEE, row->size);
            } else if (variant > 2) {
                in[(variant - 3) * row->size] = 0x1A;
            }
            gt_rd r = gt_rd_of(in, count * row->size);
            int32_t points[POINTS] = {0};
            gdw1376_points_read(&r, format, points, count);
            gt_rd one = gt_rd_of(in, count * row->size);
            for (size_t i = 0; i < count; i++) {
                const gdw1376_num num = gdw1376_num_read(&one, format);
                const int32_t want = num.present ? (int32_t)num.value : GDW1376_POINT_ABSENT;
                assert_int_equal(points[i], variant > 2 ? 0 : want);
            }
            assert_int_equal(r.err, one.err);
            assert_int_equal(r.pos, one.pos);
            uint8_t out[BYTES];
            gt_wr w = gt_wr_of(out, sizeof out);
            gdw1376_points_write(&w, format, points, count);
            assert_int_equal(gt_wr_done(&w), GT_ERR_OK);
            assert_int_equal(memcmp(in, out, w.len) == 0, variant <= 2);
            r = gt_rd_of(in, count * row->size - 1);
            gdw1376_points_read(&r, format, points, count);
            assert_int_equal(r.err, GT_ERR_TRUNCATED);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_numbers_that_do_not_fit),
        cmocka_unit_test(test_absent_and_bad_digits),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_times_that_do_not_exist),
        cmocka_unit_test(test_scaled),
        cmocka_unit_test(test_scaled_that_do_not_fit),
        cmocka_unit_test(test_points),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
