/* The identifier table is in order and finds itself; every row's values survive the way out and in.
 */
#include "codec/dlt645/item.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static void test_table(void **state)
{
    (void)state;
    uint32_t before = 0;
    size_t count = 0;
    for (const dlt645_item *item = dlt645_item_at(0); item != NULL;
         item = dlt645_item_at(++count)) {
        assert_true(count == 0 || item->id > before);
        before = item->id;
        assert_true(item->di1_last >= (uint8_t)(item->id >> 8));
        assert_true(item->di0_last >= (uint8_t)item->id);
        assert_ptr_equal(dlt645_item_find(item->id), item);
        const uint32_t last =
            (item->id & 0xFFFF0000) | (uint32_t)item->di1_last << 8 | item->di0_last;
        assert_ptr_equal(dlt645_item_find(last), item);
        assert_true(strlen(item->name_zh) > 0 && strlen(item->name_en) > 0);
        assert_true(item->format->bytes > 0 && item->format->bytes <= DLT645_ASCII_MAX);
    }
    assert_true(count > 70);
    static const uint32_t absent[] = {0,          0x0000000D, 0x0000400C, 0x00030000, 0x02010400,
                                      0x02010101, 0xFFFFFFFF, 0x04000500, 0x0001FF00};
    for (size_t i = 1; i < sizeof absent / sizeof absent[0]; i++) {
        assert_null(dlt645_item_find(absent[i]));
    }
}

/* 11H in every byte is a value of every format. */
static void test_every_row(void **state)
{
    (void)state;
    size_t i = 0;
    for (const dlt645_item *item = dlt645_item_at(0); item != NULL; item = dlt645_item_at(++i)) {
        uint8_t data[DLT645_ASCII_MAX];
        memset(data,
               item->format->kind == DLT645_KIND_TIME || item->format->kind == DLT645_KIND_DEMAND
                   ? 0x05
                   : 0x11,
               sizeof data);
        dlt645_walk walk = dlt645_walk_of(item->id, data, item->format->bytes);
        dlt645_value value;
        assert_int_equal(dlt645_walk_next(&walk, &value), GT_ERR_OK);
        assert_false(value.absent);
        uint8_t back[DLT645_ASCII_MAX];
        size_t len = 0;
        assert_int_equal(dlt645_value_encode(&value, back, sizeof back, &len), GT_ERR_OK);
        assert_int_equal(len, item->format->bytes);
        assert_memory_equal(back, data, len);
        assert_int_equal(dlt645_value_encode(&value, back, len - 1, &len), GT_ERR_SPACE);
        assert_int_equal(dlt645_walk_next(&walk, &value), GT_ERR_NOT_FOUND);

        walk = dlt645_walk_of(item->id, data, item->format->bytes - 1U);
        assert_int_equal(dlt645_walk_next(&walk, &value),
                         item->format->bytes > 1 ? GT_ERR_TRUNCATED : GT_ERR_NOT_FOUND);
        memset(data, 0xFF, sizeof data);
        walk = dlt645_walk_of(item->id, data, item->format->bytes);
        assert_int_equal(dlt645_walk_next(&walk, &value), GT_ERR_OK);
        assert_true(value.absent);
    }
}

static void test_values(void **state)
{
    (void)state;
    static const struct {
        uint32_t di;
        uint8_t data[8];
        uint8_t len;
        gt_err want;
        int64_t raw;
    } rows[] = {
        {DLT645_DI_REMAINING_MONEY, {0x56, 0x98, 0x01, 0x00}, 4, GT_ERR_OK, 19856},
        {DLT645_DI_ENERGY_COMBINED, {0x07, 0x00, 0x00, 0x80}, 4, GT_ERR_OK, -7},
        {DLT645_DI_POWER, {0x45, 0x23, 0x81}, 3, GT_ERR_OK, -12345},
        {DLT645_DI_ENERGY_FWD, {0x07, 0x00, 0x00, 0xA0}, 4, GT_ERR_MALFORMED, 0},
        {DLT645_DI_ENERGY_FWD, {0x0A, 0x00, 0x00, 0x00}, 4, GT_ERR_MALFORMED, 0},
        {DLT645_DI_ENERGY_FWD, {0x07, 0x00, 0x00, 0x00, 0x00}, 5, GT_ERR_TRAILING, 0},
        {DLT645_DI_TIME, {0x60, 0x00, 0x00}, 3, GT_ERR_RANGE, 0},
        {DLT645_DI_TIME, {0x00, 0x00, 0x24}, 3, GT_ERR_RANGE, 0},
        {DLT645_DI_DATE_WEEK, {0x07, 0x01, 0x01, 0x26}, 4, GT_ERR_RANGE, 0},
        {DLT645_DI_DATE_WEEK, {0x05, 0xC8, 0x55, 0x2C}, 4, GT_ERR_MALFORMED, 0},
        {0x12345678, {0}, 4, GT_ERR_UNKNOWN, 0},
        {0x0201FF00, {0x56}, 1, GT_ERR_TRUNCATED, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        dlt645_walk walk = dlt645_walk_of(rows[i].di, rows[i].data, rows[i].len);
        dlt645_value value = {0};
        assert_int_equal(dlt645_walk_next(&walk, &value), rows[i].want);
        assert_true(value.raw == rows[i].raw);
    }
}

static void test_blocks(void **state)
{
    (void)state;
    uint8_t data[DLT645_ASCII_MAX * 2] = {0};
    static const struct {
        uint32_t di;
        uint8_t bytes;
        unsigned values;
        gt_err end;
        uint32_t first;
        uint32_t last;
    } rows[] = {
        {0x0001FF00, 20, 5, GT_ERR_NOT_FOUND, 0x00010000, 0x00010400},
        {0x0201FF00, 6, 3, GT_ERR_NOT_FOUND, 0x02010100, 0x02010300},
        {0x0203FF00, 12, 4, GT_ERR_NOT_FOUND, 0x02030000, 0x02030300},
        {0x0201FF00, 8, 3, GT_ERR_UNKNOWN, 0x02010100, 0x02010300},
        {0x040005FF, 14, 7, GT_ERR_NOT_FOUND, 0x04000501, 0x04000507},
        {0x05060101, 20, 5, GT_ERR_NOT_FOUND, 0x05060101, 0x05060101},
        {0x05060101, 22, 5, GT_ERR_TRUNCATED, 0x05060101, 0x05060101},
        {0x00FFFF00, 4, 0, GT_ERR_UNKNOWN, 0, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        dlt645_walk walk = dlt645_walk_of(rows[i].di, data, rows[i].bytes);
        dlt645_value value = {0};
        unsigned count = 0;
        gt_err err = dlt645_walk_next(&walk, &value);
        for (; err == GT_ERR_OK; err = dlt645_walk_next(&walk, &value)) {
            if (count == 0) {
                assert_int_equal(value.di, rows[i].first);
            }
            count++;
        }
        assert_int_equal(err, rows[i].end);
        assert_int_equal(count, rows[i].values);
        assert_int_equal(value.di, rows[i].last);
    }
}

static void test_encode_refused(void **state)
{
    (void)state;
    static const struct {
        uint32_t di;
        int64_t raw;
    } rows[] = {
        {DLT645_DI_ENERGY_FWD, 100000000},
        {DLT645_DI_ENERGY_FWD, -1},
        {DLT645_DI_POWER, 800000},
        {DLT645_DI_POWER, -800000},
        {DLT645_DI_POWER, INT64_MIN},
        {DLT645_DI_RUN_STATUS, 65536},
        {DLT645_DI_METER_NO, INT64_C(1000000000000)},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const dlt645_value value = {.item = dlt645_item_find(rows[i].di), .raw = rows[i].raw};
        uint8_t out[DLT645_ASCII_MAX];
        size_t len = 0;
        assert_int_equal(dlt645_value_encode(&value, out, sizeof out, &len), GT_ERR_RANGE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),          cmocka_unit_test(test_every_row),
        cmocka_unit_test(test_values),         cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_encode_refused),
    };
    return cmocka_run_group_tests_name("codec/dlt645/item", tests, NULL, NULL);
}
