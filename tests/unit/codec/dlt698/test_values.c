/* Every value of an answer at once: places, numbers, decimals; the short way gives what the walk
 * gives; no prefix and no flipped tag gives anything but what the walk allows. */
#include "base/hex.h"
#include "codec/dlt698/values.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

enum { BYTES_MAX = 1024, VALUES_MAX = 64 };

static const char *const apdus[] = {
#define APDU(hex) hex,
#include "apdus.def"
#undef APDU
};

static size_t parse(const char *hex, uint8_t *out)
{
    size_t len = 0;
    assert_int_equal(gt_hex_parse(hex, out, BYTES_MAX, &len), GT_ERR_OK);
    return len;
}

static void test_places(void **state)
{
    (void)state;
    static const struct {
        uint32_t oad;
        uint32_t row;
        uint16_t nth;
        uint16_t member;
        uint8_t depth;
        uint8_t type;
        uint8_t decimals;
        bool is_follow;
        int64_t number;
    } wants[] = {
        {0x20210200, 0, 0, 0, 0, DLT698_TYPE_DATE_TIME_S, 0, false, 0},
        {0x00100200, 0, 0, 0, 1, DLT698_TYPE_UINT32, 2, false, 5000},
        {0x00100200, 0, 1, 0, 1, DLT698_TYPE_INT16, 2, false, -2},
        {0x10100200, 0, 0, 0, 2, DLT698_TYPE_UINT32, 4, false, 0x1234},
        {0x10100200, 0, 0, 1, 2, DLT698_TYPE_DATE_TIME_S, 4, false, 0},
        {0x10100200, 0, 1, 0, 2, DLT698_TYPE_UINT32, 4, false, 1},
        {0x10100200, 0, 1, 1, 2, DLT698_TYPE_NULL, 4, false, 0},
        {0x20210200, 1, 0, 0, 0, DLT698_TYPE_NULL, 0, false, 0},
        {0x00100200, 1, 0, 0, 0, DLT698_TYPE_UINT16, 2, false, 9},
        {0x10100200, 1, 0, 0, 0, DLT698_TYPE_UINT64, 4, false, 0},
        {0x00200400, 0, 0, 0, 0, DLT698_TYPE_INT64, 4, true, -1},
        {0x20000200, 0, 0, 0, 0, DLT698_TYPE_DAR, 1, true, 3},
    };
    static const char record[] = "850301"
                                 "50040200"
                                 "03"
                                 "0020210200"
                                 "0000100200"
                                 "0010100200"
                                 "0102"
                                 "1c07ea0b15000000"
                                 "0102"
                                 "0600001388"
                                 "10fffe"
                                 "0102"
                                 "0202"
                                 "0600001234"
                                 "1c07ea0b15090000"
                                 "0202"
                                 "0600000001"
                                 "00"
                                 "00"
                                 "120009"
                                 "15ffffffffffffffff";
    static const char ends[][80] = {"0000", "010102"
                                            "00200400"
                                            "01"
                                            "14ffffffffffffffff"
                                            "20000200"
                                            "0003"
                                            "00"};
    for (size_t e = 0; e < 2; e++) {
        char hex[2 * BYTES_MAX];
        uint8_t in[BYTES_MAX];
        dlt698_value values[VALUES_MAX];
        size_t count = 0;
        gt_civil at;
        (void)strcpy(hex, record);
        (void)strcat(hex, ends[e]);
        const size_t len = parse(hex, in);
        const size_t want = sizeof wants / sizeof wants[0] - (e == 0 ? 2 : 0);
        assert_int_equal(dlt698_values_read(in, len, values, VALUES_MAX, &count), GT_ERR_OK);
        assert_int_equal(count, want);
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(dlt698_oad_number(values[i].oad), wants[i].oad);
            assert_ptr_equal(values[i].object, dlt698_object_of(values[i].oad.oi));
            assert_int_equal(values[i].row, wants[i].row);
            assert_int_equal(values[i].nth, wants[i].nth);
            assert_int_equal(values[i].member, wants[i].member);
            assert_int_equal(values[i].depth, wants[i].depth);
            assert_int_equal(values[i].type, wants[i].type);
            assert_int_equal(values[i].decimals, wants[i].decimals);
            assert_int_equal(values[i].is_follow, wants[i].is_follow);
            assert_true(values[i].number == wants[i].number);
        }
        assert_int_equal(dlt698_value_civil(&values[4], &at), GT_ERR_OK);
        assert_int_equal(at.hour, 9);
        assert_int_equal(dlt698_value_civil(&values[1], &at), GT_ERR_MISMATCH);
        for (size_t cap = 0; cap < want; cap++) {
            count = SIZE_MAX;
            assert_int_equal(dlt698_values_read(in, len, values, cap, &count), GT_ERR_SPACE);
            assert_int_equal(count, SIZE_MAX);
        }
    }
}

/* With a time tag or without, what is read before it is the same: the second way is the walk's. */
static void same_by_walk(const uint8_t *in, size_t len)
{
    enum { TIME_TAG_LEN = 10 };
    dlt698_value short_way[VALUES_MAX];
    dlt698_value long_way[VALUES_MAX];
    uint8_t tagged[BYTES_MAX + TIME_TAG_LEN] = {0};
    size_t count = 0;
    size_t again = 0;
    memcpy(tagged, in, len);
    tagged[len - 1] = 1;
    const gt_err err = dlt698_values_read(in, len, short_way, VALUES_MAX, &count);
    if (err != GT_ERR_OK || in[len - 1] != 0 || in[0] != 0x85) {
        return;
    }
    assert_int_equal(dlt698_values_read(tagged, len + TIME_TAG_LEN, long_way, VALUES_MAX, &again),
                     GT_ERR_OK);
    assert_int_equal(again, count);
    for (size_t i = 0; i < count; i++) {
        const dlt698_value *a = &short_way[i];
        const dlt698_value *b = &long_way[i];
        assert_int_equal(a->bytes - in, b->bytes - tagged);
        assert_int_equal(dlt698_oad_number(a->oad), dlt698_oad_number(b->oad));
        assert_ptr_equal(a->object, b->object);
        assert_true(a->row == b->row && a->nth == b->nth && a->member == b->member);
        assert_true(a->depth == b->depth && a->type == b->type && a->decimals == b->decimals);
        assert_true(a->is_follow == b->is_follow && a->number == b->number && a->len == b->len);
    }
}

/* What is read is what dlt698_check accepts, byte for byte and bit for bit. */
static void test_agrees(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof apdus / sizeof apdus[0]; i++) {
        uint8_t in[BYTES_MAX];
        dlt698_value values[VALUES_MAX];
        size_t count = 0;
        const size_t len = parse(apdus[i], in);
        assert_int_equal(dlt698_values_read(in, len, values, VALUES_MAX, &count), GT_ERR_OK);
        same_by_walk(in, len);
        for (size_t n = 0; n < len; n++) {
            assert_int_equal(dlt698_values_read(in, n, values, VALUES_MAX, &count),
                             dlt698_check(DLT698_TYPE_APDU, in, n));
        }
        for (size_t bit = 0; bit < 8 * len; bit++) {
            in[bit / 8] ^= (uint8_t)(1U << bit % 8);
            const gt_err want = dlt698_check(DLT698_TYPE_APDU, in, len);
            const gt_err got = dlt698_values_read(in, len, values, VALUES_MAX, &count);
            if (got != GT_ERR_UNSUPPORTED && got != GT_ERR_SPACE) {
                assert_int_equal(got, want);
            }
            if (got == GT_ERR_OK) {
                same_by_walk(in, len);
            }
            in[bit / 8] ^= (uint8_t)(1U << bit % 8);
        }
    }
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        gt_err want;
    } rows[] = {
        {"", GT_ERR_TRUNCATED},
        {"85", GT_ERR_TRUNCATED},
        {"85010100100200", GT_ERR_TRUNCATED},
        {"850101001002000200"
         "0000",
         GT_ERR_MALFORMED}, /* result 2 */
        {"85010100100200010600000001"
         "0000"
         "00",
         GT_ERR_TRAILING},
        {"8501010010020001"
         "0081"
         "0000",
         GT_ERR_MALFORMED}, /* null, then no option */
        {"85030150040200"
         "00"
         "0101"
         "00"
         "0000",
         GT_ERR_MALFORMED}, /* a row without columns */
        {"850101001002000004"
         "0000"
         "00",
         GT_ERR_TRAILING},
        {"850201811000100200010000", GT_ERR_TRUNCATED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t in[BYTES_MAX];
        dlt698_value values[VALUES_MAX];
        size_t count = SIZE_MAX;
        const size_t len = parse(rows[i].hex, in);
        assert_int_equal(dlt698_values_read(in, len, values, VALUES_MAX, &count), rows[i].want);
        assert_int_equal(count, SIZE_MAX);
    }
}

static void test_no_room(void **state)
{
    (void)state;
    uint8_t in[BYTES_MAX];
    dlt698_value value;
    size_t count = SIZE_MAX;
    const size_t len = parse("8501010010020000040000", in);
    assert_int_equal(dlt698_values_read(in, len, &value, 0, &count), GT_ERR_SPACE);
    assert_int_equal(dlt698_values_read(in, len, &value, 1, &count), GT_ERR_OK);
    assert_int_equal(count, 1);
    assert_int_equal(value.type, DLT698_TYPE_DAR);
    assert_true(value.number == 4);
}

/* One column more than it takes. */
static void test_columns_max(void **state)
{
    (void)state;
    uint8_t in[BYTES_MAX] = {0x85, 3, 1, 0x50, 0x04, 2, 0, DLT698_COLUMNS_MAX};
    dlt698_value values[VALUES_MAX];
    size_t count = 0;
    enum { HEAD = 8, CSD_LEN = 5 };
    for (size_t columns = DLT698_COLUMNS_MAX; columns <= DLT698_COLUMNS_MAX + 1; columns++) {
        const size_t end = HEAD + CSD_LEN * columns;
        in[HEAD - 1] = (uint8_t)columns;
        memset(in + HEAD, 0, end + columns + 4);
        in[end] = 1;     /* rows */
        in[end + 1] = 1; /* one, of null values */
        const gt_err want = columns == DLT698_COLUMNS_MAX ? GT_ERR_OK : GT_ERR_UNSUPPORTED;
        assert_int_equal(dlt698_values_read(in, end + 2 + columns + 2, values, VALUES_MAX, &count),
                         want);
    }
    assert_int_equal(count, DLT698_COLUMNS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_places), cmocka_unit_test(test_agrees),
                                       cmocka_unit_test(test_refused),
                                       cmocka_unit_test(test_no_room),
                                       cmocka_unit_test(test_columns_max)};
    return cmocka_run_group_tests_name("codec/dlt698/values", tests, NULL, NULL);
}
