/* Identifiers of 1997: the table in order, months back, blocks with and without end marks; every
 * row there and back. */
#include "codec/dlt645/item.h"
#include "base/hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

enum { DATA_MAX = 200 };

static gt_err one(dlt645_walk *walk, dlt645_value *out)
{
    size_t count = 0;
    const gt_err err = dlt645_walk_take(walk, out, 1, &count);
    assert_int_equal(count, err == GT_ERR_OK);
    return err;
}

static void test_table(void **state)
{
    (void)state;
    uint32_t before = 0;
    size_t count = 0;
    for (const dlt645_item *item = dlt645_1997_item_at(0); item != NULL;
         item = dlt645_1997_item_at(++count)) {
        assert_true(item->id > before && item->id <= 0xFFFF);
        before = item->id;
        assert_true(item->di0_last >= (uint8_t)item->id);
        assert_int_equal(item->di0_last >> 4, item->id >> 4 & 0x0F);
        assert_true((item->di0_last & 0x0F) != 0x0F);
        assert_ptr_equal(dlt645_1997_item_find(item->id), item);
        assert_ptr_equal(dlt645_1997_item_find((item->id & 0xFF00) | item->di0_last), item);
        assert_true(strlen(dlt645_item_texts(item).zh) > 0 &&
                    strlen(dlt645_item_texts(item).en) > 0 &&
                    strlen(dlt645_item_texts(item).clause) > 0);
        const bool month = item->axis == DLT645_AXIS_MONTH;
        assert_true((dlt645_1997_item_find(item->id + 0x0400) == item) == month);
        assert_true((dlt645_1997_item_find(item->id + 0x0800) == item) == month);
        assert_false(dlt645_1997_item_find(item->id + 0x0C00) == item);
    }
    assert_true(count > 90);
    static const uint32_t absent[] = {0,      0x901F, 0x90FF, 0x9030, 0x9C10,    0x9400, 0xB614,
                                      0xB610, 0xC320, 0xC41F, 0xFFFF, 0x1009010, 0xC3B1};
    for (size_t i = 0; i < sizeof absent / sizeof absent[0]; i++) {
        assert_null(dlt645_1997_item_find(absent[i]));
    }
}

static void test_every_row(void **state)
{
    (void)state;
    size_t i = 0;
    for (const dlt645_item *item = dlt645_1997_item_at(0); item != NULL;
         item = dlt645_1997_item_at(++i)) {
        uint8_t data[DATA_MAX];
        uint8_t back[DATA_MAX];
        memset(data, 0x05, sizeof data);
        dlt645_value value;
        size_t len = 0;
        dlt645_walk walk = dlt645_1997_walk_of(item->id, data, dlt645_item_format(item)->bytes);
        assert_int_equal(one(&walk, &value), GT_ERR_OK);
        assert_int_equal(dlt645_value_encode(&value, back, sizeof back, &len), GT_ERR_OK);
        assert_int_equal(len, dlt645_item_format(item)->bytes);
        assert_memory_equal(back, data, len);
        assert_int_equal(dlt645_value_encode(&value, back, len - 1, &len), GT_ERR_SPACE);
        assert_int_equal(one(&walk, &value), GT_ERR_NOT_FOUND);
        walk = dlt645_1997_walk_of(item->id, data, dlt645_item_format(item)->bytes - 1U);
        assert_int_equal(one(&walk, &value),
                         dlt645_item_format(item)->bytes > 1 ? GT_ERR_TRUNCATED : GT_ERR_NOT_FOUND);
        walk = dlt645_1997_walk_of(item->id, data, dlt645_item_format(item)->bytes + 1U);
        assert_int_equal(one(&walk, &value), GT_ERR_TRAILING);
        memset(data, 0xFF, sizeof data);
        walk = dlt645_1997_walk_of(item->id, data, dlt645_item_format(item)->bytes);
        assert_int_equal(one(&walk, &value), GT_ERR_OK);
        assert_true(value.absent);
    }
}

static void test_blocks(void **state)
{
    (void)state;
    static const struct {
        uint32_t di;
        const char *data;
        unsigned values;
        gt_err end;
        uint32_t last;
    } rows[] = {
        {0x901F, "0100000002000000", 2, GT_ERR_NOT_FOUND, 0x9011},
        {0x901F, "0100000002000000aa", 2, GT_ERR_NOT_FOUND, 0x9011},
        {0x901F, "aa", 0, GT_ERR_NOT_FOUND, 0},
        {0x941F, "0100000002000000", 2, GT_ERR_NOT_FOUND, 0x9411},
        {0x901F, "01000000aa02000000aa", 1, GT_ERR_UNKNOWN, 0x9010},
        {0x901F, "01000000aaaa", 1, GT_ERR_UNKNOWN, 0x9010},
        {0x901F, "0100000002", 1, GT_ERR_TRUNCATED, 0x9010},
        {0x901F, "010000000b000000", 1, GT_ERR_MALFORMED, 0x9010},
        {0x90FF, "0100000002000000aa03000000aa", 3, GT_ERR_NOT_FOUND, 0x9020},
        {0x90FF, "aa03000000", 1, GT_ERR_NOT_FOUND, 0x9020},
        {0x90FF, "01000000aaaa", 1, GT_ERR_NOT_FOUND, 0x9010},
        {0x90FF, "01000000aaaaaa", 1, GT_ERR_UNKNOWN, 0x9010},
        {0xB61F, "200221022202", 3, GT_ERR_NOT_FOUND, 0xB613},
        {0xB61F, "200221022202aa", 3, GT_ERR_NOT_FOUND, 0xB613},
        {0xB61F, "2002210222020000", 3, GT_ERR_UNKNOWN, 0xB613},
        {0xB61F, "2002ffff2202", 3, GT_ERR_NOT_FOUND, 0xB613},
        {0xC02F, "aaaaaa", 3, GT_ERR_NOT_FOUND, 0xC022},
        {0xC03F, "001600001600", 2, GT_ERR_NOT_FOUND, 0xC031},
        {0xC33F, "010006020008aa", 2, GT_ERR_NOT_FOUND, 0xC332},
        {0xC33F, "016006", 0, GT_ERR_RANGE, 0},
        {0x903F, "01000000", 0, GT_ERR_UNKNOWN, 0},
        {0xC010, "07060719", 0, GT_ERR_RANGE, 0},
        {0x9010, "aa", 0, GT_ERR_TRUNCATED, 0},
        {0x1234, "aa", 0, GT_ERR_UNKNOWN, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t data[DATA_MAX];
        size_t len = 0;
        assert_int_equal(gt_hex_parse(rows[i].data, data, sizeof data, &len), GT_ERR_OK);
        dlt645_walk walk = dlt645_1997_walk_of(rows[i].di, data, len);
        dlt645_value value = {0};
        unsigned count = 0;
        gt_err err = one(&walk, &value);
        for (; err == GT_ERR_OK; err = one(&walk, &value)) {
            count++;
        }
        assert_int_equal(err, rows[i].end);
        assert_int_equal(count, rows[i].values);
        assert_int_equal(value.di, rows[i].last);
    }
}

/* All fifteen tariffs of both directions with nothing between them, and with end marks. */
static void test_full(void **state)
{
    (void)state;
    for (unsigned marked = 0; marked < 2; marked++) {
        uint8_t data[DATA_MAX] = {0};
        size_t len = 0;
        for (unsigned i = 0; i < 30; i++) {
            data[len] = (uint8_t)(i / 10 << 4 | i % 10);
            len += 4;
            if (marked > 0 && i % 15 == 14) {
                data[len++] = 0xAA;
            }
        }
        dlt645_walk walk = dlt645_1997_walk_of(0x98FF, data, len);
        dlt645_value value;
        for (unsigned i = 0; i < 30; i++) {
            assert_int_equal(one(&walk, &value), GT_ERR_OK);
            assert_int_equal(value.di, 0x9810 + i / 15 * 0x10 + i % 15);
            assert_true(value.raw == i);
        }
        assert_int_equal(one(&walk, &value), GT_ERR_NOT_FOUND);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_table),
                                       cmocka_unit_test(test_every_row),
                                       cmocka_unit_test(test_blocks), cmocka_unit_test(test_full)};
    return cmocka_run_group_tests_name("codec/dlt645/item_1997", tests, NULL, NULL);
}
