/* Layouts there and back, wrong lengths refused, absent values. */
#include "codec/cjt188/item.h"
#include "base/hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static uint8_t bytes[CJT188_DATA_MAX]; /* of the message at hand */

static cjt188_message message_of(uint8_t type, bool reply, uint16_t di, const char *data)
{
    cjt188_message m = {.type = type, .reply = reply, .di = di, .data = bytes};
    size_t len = 0;
    assert_int_equal(gt_hex_parse(data, bytes, sizeof bytes, &len), GT_ERR_OK);
    m.data_len = (uint8_t)len;
    return m;
}

static gt_err one(cjt188_walk *walk, cjt188_value *out)
{
    size_t count = 0;
    const gt_err err = cjt188_walk_take(walk, out, 1, &count);
    assert_int_equal(count, err == GT_ERR_OK);
    return err;
}

static void test_tables(void **state)
{
    (void)state;
    uint16_t before = 0;
    size_t i = 0;
    for (const cjt188_item *item = cjt188_item_at(0); item != NULL; item = cjt188_item_at(++i)) {
        assert_true(item->id > before && item->last >= item->id);
        before = item->last;
        assert_true(item->name_zh[0] != '\0' && item->name_en[0] != '\0' &&
                    item->clause[0] != '\0');
        assert_ptr_equal(cjt188_item_find(item->last), item);
        /* Either byte order must be told from the other. */
        assert_null(cjt188_item_find((uint16_t)(item->id << 8 | item->id >> 8)));
    }
    assert_null(cjt188_item_find(0xD12C));
    i = 0;
    for (const cjt188_field *f = cjt188_field_at(0); f != NULL; f = cjt188_field_at(++i)) {
        assert_non_null(cjt188_item_find(f->di));
        assert_int_equal(cjt188_item_find(f->di)->id, f->di);
        assert_true(f->name_zh[0] != '\0' && f->name_en[0] != '\0' && f->id[0] != '\0');
    }
}

static void test_layouts(void **state)
{
    (void)state;
    static const struct {
        uint8_t type;
        bool reply;
        uint16_t di;
        const char *data;
        unsigned values;
        gt_err end;
    } rows[] = {
        {0x10, true, 0x901F, "000200002c000200002c0000000000000000ff", 4, GT_ERR_NOT_FOUND},
        {0x30, true, 0x901F, "000200002c000200002c0000000000000004", 3, GT_ERR_TRUNCATED},
        {0x40, true, 0x901F, "000200002c000200002c0000000000000004000a", 4, GT_ERR_TRAILING},
        {0x20, true, 0x901F,
         "00010000050002000005000300001700000100350004000"
         "02c005500004500341200052017090126200500",
         10, GT_ERR_NOT_FOUND},
        {0x10, true, 0xD12B, "000200002c", 1, GT_ERR_NOT_FOUND},
        {0x10, true, 0xD120, "ffffffff2c", 1, GT_ERR_NOT_FOUND},
        {0x10, true, 0x8102, "500200100000000300200000000400", 5, GT_ERR_NOT_FOUND},
        {0x10, true, 0x8105, "050010000000500000000100000400", 5, GT_ERR_NOT_FOUND},
        {0x10, false, 0xA017, "55", 1, GT_ERR_NOT_FOUND},
        {0x10, true, 0xA017, "0100", 1, GT_ERR_NOT_FOUND},
        {0x10, true, 0xA015, "", 0, GT_ERR_NOT_FOUND},
        {0x10, true, 0xA015, "00", 0, GT_ERR_UNKNOWN},
        {0x10, false, 0xA015, "05201709012620", 1, GT_ERR_NOT_FOUND},
        {0x10, false, 0xA015, "60201709012620", 0, GT_ERR_RANGE},
        {0x10, false, 0xA014, "021122334455667788", 2, GT_ERR_NOT_FOUND},
        {0x10, false, 0xA018, "12345678901234", 1, GT_ERR_NOT_FOUND},
        {0x10, false, 0xA016, "785634122c", 1, GT_ERR_NOT_FOUND},
        {0x10, false, 0xA016, "7856341a2c", 0, GT_ERR_MALFORMED},
        {0x10, true, 0x1234, "00", 0, GT_ERR_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const cjt188_message m = message_of(rows[i].type, rows[i].reply, rows[i].di, rows[i].data);
        cjt188_walk walk = cjt188_walk_of(&m);
        cjt188_value v = {0};
        unsigned count = 0;
        gt_err err = one(&walk, &v);
        for (; err == GT_ERR_OK; err = one(&walk, &v)) {
            uint8_t back[16];
            size_t len = 0;
            assert_int_equal(cjt188_value_encode(&v, back, sizeof back, &len), GT_ERR_OK);
            assert_memory_equal(back, v.bytes, len);
            assert_int_equal(cjt188_value_encode(&v, back, len - 1, &len), GT_ERR_SPACE);
            count++;
        }
        assert_int_equal(err, rows[i].end);
        assert_int_equal(count, rows[i].values);
    }
}

/* Absent digits, and every prefix of a layout. */
static void test_refused(void **state)
{
    (void)state;
    const cjt188_message whole =
        message_of(0x10, true, 0x901F, "000200002cffffffff2c06201709011720ffff");
    cjt188_value v[4];
    size_t count = 0;
    cjt188_walk walk = cjt188_walk_of(&whole);
    assert_int_equal(cjt188_walk_take(&walk, v, 4, &count), GT_ERR_OK);
    assert_int_equal(count, 4);
    assert_true(!v[0].absent && v[0].raw == 200 && v[1].absent && v[1].raw == 0);
    assert_int_equal(v[2].stamp.year, 2017);
    assert_int_equal(v[2].stamp.minute, 20);
    assert_int_equal(cjt188_walk_take(&walk, v, 4, &count), GT_ERR_NOT_FOUND);
    for (uint8_t cut = 1; cut < whole.data_len; cut++) {
        cjt188_message m = whole;
        m.data_len = cut;
        walk = cjt188_walk_of(&m);
        count = 9;
        assert_int_equal(cjt188_walk_take(&walk, v, 4, &count), GT_ERR_TRUNCATED);
        assert_int_equal(count, 9);
    }
    static const struct {
        const char *data;
        gt_err want;
    } rows[] = {
        {"0a0200002c000200002c06201709011720ffff", GT_ERR_MALFORMED},
        {"000200002c00f200002c06201709011720ffff", GT_ERR_MALFORMED},
        {"000200002c000200002c0a201709011720ffff", GT_ERR_MALFORMED},
        {"000200002c000200002c06601709011720ffff", GT_ERR_RANGE},
        {"000200002c000200002c06202409011720ffff", GT_ERR_RANGE},
        {"000200002c000200002c06201732011720ffff", GT_ERR_RANGE},
        {"000200002c000200002c06201709131720ffff", GT_ERR_RANGE},
        {"000200002c000200002cffffffffffffffffff", GT_ERR_OK},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const cjt188_message m = message_of(0x10, true, 0x901F, rows[i].data);
        walk = cjt188_walk_of(&m);
        assert_int_equal(cjt188_walk_take(&walk, v, 4, &count), rows[i].want);
    }
    cjt188_value wide = {.field = cjt188_field_at(0), .raw = 1000000};
    uint8_t out[8];
    assert_int_equal(cjt188_value_encode(&wide, out, sizeof out, &count), GT_ERR_RANGE);
    for (size_t i = 0; (wide.field = cjt188_field_at(i)) != NULL; i++) {
        const cjt188_format *format = cjt188_format_of(wide.field);
        wide.raw = UINT64_C(1) << (format->bytes < sizeof wide.raw ? 8 * format->bytes : 0);
        const bool binary = format->kind == CJT188_KIND_BINARY ||
                            format->kind == CJT188_KIND_STATUS ||
                            format->kind == CJT188_KIND_VALVE || format->kind == CJT188_KIND_HEX;
        if (binary) {
            assert_int_equal(cjt188_value_encode(&wide, out, sizeof out, &count),
                             format->bytes < sizeof wide.raw ? GT_ERR_RANGE : GT_ERR_OK);
        }
    }
    assert_null(cjt188_unit_text(0xEE));
    assert_null(cjt188_item_at(1000));
    assert_null(cjt188_field_at(1000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_tables),
                                       cmocka_unit_test(test_layouts),
                                       cmocka_unit_test(test_refused)};
    return cmocka_run_group_tests_name("codec/cjt188/item", tests, NULL, NULL);
}
