/* The identifier table is in order and finds itself; every row's values survive the way out and in;
 * blocks, records and load profile blocks give what they hold or nothing. */
#include "codec/dlt645/item.h"
#include "base/hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

enum { DATA_MAX = 200, KINDS = DLT645_KIND_RECORD };

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
    size_t count = 0;
    const dlt645_item *before = NULL;
    for (const dlt645_item *item = dlt645_item_at(0); item != NULL;
         item = dlt645_item_at(++count)) {
        const bool same_group = before != NULL && before->id >> 16 == item->id >> 16;
        assert_true(!same_group || item->id > before->id);
        before = item;
        assert_true(item->di1_last >= (uint8_t)(item->id >> 8));
        assert_true(item->di0_last >= (uint8_t)item->id);
        const uint32_t last =
            (item->id & 0xFFFF0000) | (uint32_t)item->di1_last << 8 | item->di0_last;
        assert_ptr_equal(dlt645_item_find(item->id), item);
        assert_ptr_equal(dlt645_item_find(last), item);
        /* a block is told from a row by FFH, which only security has */
        assert_true(item->di0_last != 0xFF || (item->id >> 24 & 0x7F) == 0x07);
        const dlt645_texts texts = dlt645_item_texts(item);
        assert_true(strlen(texts.zh) > 0 && strlen(texts.en) > 0 && strlen(texts.clause) > 0);
        assert_true(strlen(texts.unit) < 12);
        const dlt645_format *format = dlt645_item_format(item);
        assert_true(format->kind == DLT645_KIND_RECORD ? format[0].part_first < format[1].part_first
                                                       : format->bytes > 0);
    }
    assert_true(count > 600);
    assert_null(dlt645_part_at(10000));
    static const uint32_t absent[] = {0x0000000D, 0x0000400C, 0x00510000, 0x02010400, 0x02010101,
                                      0xFFFFFFFF, 0x04000500, 0x0001FF00, 0x03013101, 0x10040101,
                                      0x0A000000, 0x21000101, 0x0F000000, 0x87020000, 0x0508FF01};
    for (size_t i = 0; i < sizeof absent / sizeof absent[0]; i++) {
        assert_null(dlt645_item_find(absent[i]));
    }
    static const uint32_t kin[][2] = {
        {0x00290000, 0x00150000}, {0x003D000C, 0x0015000C}, {0x01460000, 0x011E0000},
        {0x12020A03, 0x10010A03}, {0x15000105, 0x14000105}, {0x20000C01, 0x16000C01},
        {0x1C030101, 0x1B010101}, {0x05060101, 0x05000101}, {0x06030001, 0x06000001}};
    for (size_t i = 0; i < sizeof kin / sizeof kin[0]; i++) {
        assert_non_null(dlt645_item_find(kin[i][0]));
        assert_ptr_equal(dlt645_item_find(kin[i][0]), dlt645_item_find(kin[i][1]));
    }
}

/* Bytes of one value of a format: digits that are also a time. */
static size_t fill(uint8_t *data, const dlt645_format *format, uint8_t digits)
{
    const size_t bytes = format->bytes > 0 ? format->bytes : 3; /* of the rest: any */
    memset(data, digits, bytes);
    return bytes;
}

/* The data of an item as its walk has it; load profile blocks are tried elsewhere. */
static size_t data_of(const dlt645_item *item, uint8_t *data, uint8_t digits)
{
    const dlt645_format *format = dlt645_item_format(item);
    if (format->kind != DLT645_KIND_RECORD) {
        return fill(data, format, digits);
    }
    size_t len = 0;
    for (unsigned i = format[0].part_first; i < format[1].part_first; i++) {
        const dlt645_part_row *part = dlt645_part_at(i);
        const dlt645_texts texts = dlt645_part_texts(part);
        assert_true(strlen(texts.zh) > 0 && strlen(texts.en) > 0);
        for (unsigned k = 0; k < part->times && len < DATA_MAX - 32; k++) {
            len += fill(data + len, &dlt645_formats[part->format], digits);
        }
    }
    return len;
}

static bool is_long(const dlt645_item *item)
{
    return item->id == DLT645_DI_TABLES_SET || item->id == DLT645_DI_HOLIDAYS_SET ||
           item->id == DLT645_DI_DEMAND_CLEARED || item->axis == DLT645_AXIS_PROFILE;
}

static void row_check(const dlt645_item *item, uint8_t digits)
{
    uint8_t data[DATA_MAX + 1] = {0};
    const size_t len = data_of(item, data, digits);
    dlt645_walk walk = dlt645_walk_of(item->id, data, len);
    dlt645_value value;
    size_t pos = 0;
    while (pos < len) {
        uint8_t back[DATA_MAX];
        size_t back_len = 0;
        const gt_err err = one(&walk, &value);
        if (err != GT_ERR_OK) {
            print_message("%08X at %zu\n", (unsigned)item->id, pos);
        }
        assert_int_equal(err, GT_ERR_OK);
        const bool kept = digits == 0xFF && dlt645_value_format(&value)->kind == DLT645_KIND_BYTES;
        assert_int_equal(value.absent, digits == 0xFF && !kept);
        assert_ptr_equal(value.bytes, data + pos);
        assert_int_equal(dlt645_value_encode(&value, back, sizeof back, &back_len), GT_ERR_OK);
        assert_memory_equal(back, data + pos, back_len);
        assert_int_equal(dlt645_value_encode(&value, back, back_len - 1, &back_len), GT_ERR_SPACE);
        pos += back_len;
    }
    assert_int_equal(one(&walk, &value), GT_ERR_NOT_FOUND);
}

static void test_every_row(void **state)
{
    (void)state;
    size_t i = 0;
    for (const dlt645_item *item = dlt645_item_at(0); item != NULL; item = dlt645_item_at(++i)) {
        if (is_long(item)) { /* longer than one frame, or with marks */
            continue;
        }
        row_check(item, 0x05);
        row_check(item, 0xFF);
        uint8_t data[DATA_MAX + 1] = {0};
        const size_t len = data_of(item, data, 0x05);
        dlt645_value values[DLT645_VALUES_MAX];
        size_t count = 0;
        for (size_t cut = 1; cut < len; cut++) {
            dlt645_walk walk = dlt645_walk_of(item->id, data, cut);
            gt_err err = dlt645_walk_take(&walk, values, DLT645_VALUES_MAX, &count);
            err =
                err == GT_ERR_OK ? dlt645_walk_take(&walk, values, DLT645_VALUES_MAX, &count) : err;
            const bool open = dlt645_item_format(item)->kind == DLT645_KIND_RECORD;
            assert_true(err == GT_ERR_TRUNCATED || (open && err == GT_ERR_NOT_FOUND));
        }
        dlt645_walk walk = dlt645_walk_of(item->id, data, len + 1);
        gt_err err = dlt645_walk_take(&walk, values, DLT645_VALUES_MAX, &count);
        err = err == GT_ERR_OK ? dlt645_walk_take(&walk, values, DLT645_VALUES_MAX, &count) : err;
        assert_true(err == GT_ERR_TRAILING || err == GT_ERR_TRUNCATED || err == GT_ERR_NOT_FOUND ||
                    err == GT_ERR_RANGE);
    }
}

static void test_values(void **state)
{
    (void)state;
    static const struct {
        uint32_t di;
        const char *data;
        gt_err want;
        int64_t raw;
    } rows[] = {
        {DLT645_DI_REMAINING_MONEY, "56980100", GT_ERR_OK, 19856},
        {DLT645_DI_ENERGY_COMBINED, "07000080", GT_ERR_OK, -7},
        {DLT645_DI_POWER, "452381", GT_ERR_OK, -12345},
        {DLT645_DI_TEMPERATURE, "5582", GT_ERR_OK, -255},
        {DLT645_DI_DEMAND_PERIOD, "15", GT_ERR_OK, 15},
        {DLT645_DI_DEMAND_FWD, "4523010518211126", GT_ERR_OK, 12345},
        {DLT645_DI_REPORT_MODE, "0100000000000080", GT_ERR_OK, INT64_MIN + 1},
        {DLT645_DI_ENERGY_FWD, "070000a0", GT_ERR_MALFORMED, 0},
        {DLT645_DI_ENERGY_FWD, "0a000000", GT_ERR_MALFORMED, 0},
        {DLT645_DI_ENERGY_FWD, "0700000000", GT_ERR_TRAILING, 0},
        {DLT645_DI_DEMAND_FWD, "4523a10518211126", GT_ERR_MALFORMED, 0},
        {DLT645_DI_DEMAND_FWD, "45230105182113aa", GT_ERR_MALFORMED, 0},
        {DLT645_DI_DEMAND_FWD, "4523010518211326", GT_ERR_RANGE, 0},
        {DLT645_DI_TIME, "600000", GT_ERR_RANGE, 0},
        {DLT645_DI_TIME, "006000", GT_ERR_RANGE, 0},
        {DLT645_DI_TIME, "000024", GT_ERR_RANGE, 0},
        {DLT645_DI_DATE_WEEK, "07010126", GT_ERR_RANGE, 0},
        {DLT645_DI_DATE_WEEK, "05320126", GT_ERR_RANGE, 0},
        {DLT645_DI_DATE_WEEK, "05c8552c", GT_ERR_MALFORMED, 0},
        {0x12345678, "00000000", GT_ERR_UNKNOWN, 0},
        {0x0201FF00, "56", GT_ERR_TRUNCATED, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t data[16];
        size_t len = 0;
        assert_int_equal(gt_hex_parse(rows[i].data, data, sizeof data, &len), GT_ERR_OK);
        dlt645_walk walk = dlt645_walk_of(rows[i].di, data, len);
        dlt645_value values[2] = {{0}};
        size_t count = 0;
        gt_err err = dlt645_walk_take(&walk, values, 2, &count);
        assert_int_equal(err, rows[i].want);
        assert_true(err != GT_ERR_OK || values[0].raw == rows[i].raw);
    }
}

static void test_blocks(void **state)
{
    (void)state;
    uint8_t data[DATA_MAX] = {0};
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
        {0x040002FF, 8, 7, GT_ERR_NOT_FOUND, 0x04000201, 0x04000207},
        {0x028000FF, 31, 11, GT_ERR_NOT_FOUND, 0x02800001, 0x0280000B},
        {0x020A01FF, 42, 21, GT_ERR_NOT_FOUND, 0x020A0101, 0x020A0115},
        {0x1001FF01, 195, 53, GT_ERR_NOT_FOUND, 0x10010101, 0x10013501},
        {0x1203FF0A, 195, 53, GT_ERR_NOT_FOUND, 0x1203010A, 0x1203350A},
        {0x1F00FF01, 44, 10, GT_ERR_NOT_FOUND, 0x1F000101, 0x1F000A01},
        {0x1000FF01, 12, 2, GT_ERR_NOT_FOUND, 0x10000101, 0x10000201},
        {0x00FF0000, 4, 0, GT_ERR_UNKNOWN, 0, 0},
        {0x00FFFF00, 4, 0, GT_ERR_UNKNOWN, 0, 0},
        {0x03300FFF, 4, 1, GT_ERR_UNKNOWN, 0x03300F00, 0x03300F00},
        {0x05060101, 20, 5, GT_ERR_NOT_FOUND, 0x05060101, 0x05060101},
        {0x05060101, 22, 5, GT_ERR_TRUNCATED, 0x05060101, 0x05060101},
        {0x05060901, 17, 2, GT_ERR_TRUNCATED, 0x05060901, 0x05060901},
        {0x0506FF01, 25, 1, GT_ERR_UNKNOWN, 0x05060001, 0x05060001},
        {0x0506FFFF, 25, 0, GT_ERR_UNKNOWN, 0, 0},
        {0x030100FF, 18, 0, GT_ERR_UNKNOWN, 0, 0},
        {0x070001FE, 18, 0, GT_ERR_UNKNOWN, 0, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        dlt645_walk walk = dlt645_walk_of(rows[i].di, data, rows[i].bytes);
        dlt645_value value = {0};
        unsigned count = 0;
        gt_err err = one(&walk, &value);
        for (; err == GT_ERR_OK; err = one(&walk, &value)) {
            if (count == 0) {
                assert_int_equal(value.di, rows[i].first);
            }
            count++;
        }
        if (err != rows[i].end) {
            print_message("%08X\n", (unsigned)rows[i].di);
        }
        assert_int_equal(err, rows[i].end);
        assert_int_equal(count, rows[i].values);
        assert_int_equal(value.di, rows[i].last);
        /* all at once: as many, or the same error and none */
        dlt645_value values[DLT645_VALUES_MAX];
        size_t got = 0;
        walk = dlt645_walk_of(rows[i].di, data, rows[i].bytes);
        err = dlt645_walk_take(&walk, values, DLT645_VALUES_MAX, &got);
        assert_int_equal(err, rows[i].end == GT_ERR_NOT_FOUND ? GT_ERR_OK : rows[i].end);
        assert_int_equal(got, err == GT_ERR_OK ? count : 0);
    }
}

static void test_encode_refused(void **state)
{
    (void)state;
    static const struct {
        uint32_t di;
        int64_t raw;
    } rows[] = {
        {DLT645_DI_ENERGY_FWD, 100000000}, {DLT645_DI_ENERGY_FWD, -1},
        {DLT645_DI_POWER, 800000},         {DLT645_DI_POWER, -800000},
        {DLT645_DI_POWER, INT64_MIN},      {DLT645_DI_RUN_STATUS, 65536},
        {DLT645_DI_REST_DAYS, 256},        {DLT645_DI_METER_NO, INT64_C(1000000000000)},
        {DLT645_DI_DEMAND_FWD, 1000000},   {DLT645_DI_METER_NO, -1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const dlt645_value value = {.item = dlt645_item_find(rows[i].di), .raw = rows[i].raw};
        uint8_t out[DATA_MAX];
        size_t len = 0;
        assert_int_equal(dlt645_value_encode(&value, out, sizeof out, &len), GT_ERR_RANGE);
    }
}

static void test_profile(void **state)
{
    (void)state;
    static const struct {
        const char *data;
        unsigned values;
        gt_err end;
        unsigned element; /* of the last value */
    } rows[] = {
        /* one block with voltages and the demand only, one without any */
        {"a0a0223005211126"
         "5022512252221002001102001202005050"
         "aaaaaaaaaa"
         "020100030100"
         "aa24e5"
         "a0a00b4505211126aaaaaaaaaaaae9e5",
         11, GT_ERR_NOT_FOUND, 30},
        {"a0a00b4505211126aaaaaaaaaaaae9e5", 1, GT_ERR_NOT_FOUND, 0},
        {"e0e0064505211126aa12e5", 1, GT_ERR_NOT_FOUND, 0},
        {"a0a0064505211126aa92e5", 1, GT_ERR_NOT_FOUND, 0},
        {"a0a00b4505211126aaaaaaaaaaaaeae5", 0, GT_ERR_CHECKSUM, 0},
        {"a0a00b4505211126aaaaaaaaaaaae9e4", 0, GT_ERR_MALFORMED, 0},
        {"a0a10b4505211126aaaaaaaaaaaae9e5", 0, GT_ERR_MALFORMED, 0},
        {"b0b00b4505211126aaaaaaaaaaaae9e5", 0, GT_ERR_MALFORMED, 0},
        {"a0a00b4505211126aaaaaaaaaaaae9", 0, GT_ERR_TRUNCATED, 0},
        {"a0a0", 0, GT_ERR_TRUNCATED, 0},
        {"a0a00445052111c0e5", 0, GT_ERR_TRUNCATED, 0},
        {"a0a00c4505211126aaaaaaaaaaaaaa94e5", 0, GT_ERR_MALFORMED, 0},
        {"a0a0164505211126"
         "5022512252221002001102001202005050"
         "b6e5",
         0, GT_ERR_CHECKSUM, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t data[DATA_MAX];
        size_t len = 0;
        assert_int_equal(gt_hex_parse(rows[i].data, data, sizeof data, &len), GT_ERR_OK);
        dlt645_walk walk = dlt645_walk_of(0x06000001, data, len);
        dlt645_value value = {0};
        unsigned count = 0;
        gt_err err = one(&walk, &value);
        for (; err == GT_ERR_OK; err = one(&walk, &value)) {
            count++;
        }
        if (err != rows[i].end) {
            uint8_t sum = 0;
            for (size_t k = 0; k + 2 < len; k++) {
                sum = (uint8_t)(sum + data[k]);
            }
            print_message("row %zu: err %d, sum %02x\n", i, err, sum);
        }
        assert_int_equal(err, rows[i].end);
        assert_int_equal(count, rows[i].values);
        assert_int_equal(value.element, rows[i].element);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),   cmocka_unit_test(test_every_row),
        cmocka_unit_test(test_values),  cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_profile), cmocka_unit_test(test_encode_refused),
    };
    return cmocka_run_group_tests_name("codec/dlt645/item", tests, NULL, NULL);
}
