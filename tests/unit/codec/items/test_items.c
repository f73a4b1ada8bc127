/* Items of a meter model as text: what is refused and how it is named; values of every type out of
 * bytes and back; a frame of that model told and built again. */
#include "base/hex.h"
#include "codec/cjt188/compose.h"
#include "codec/cjt188/describe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define HEAD "model m-1.a_b\nname en M\nname zh 表\nprotocol cjt188\n"
#define ITEM "item c120 answer all A | 甲\n"

static items_set set;
static codec_description told;

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint32_t line;
        const char *expected; /* how it starts */
        const char *found;
    } rows[] = {
        {"", 1, "an item with a value", "end of file"},
        {"colour blue\n", 1, "model, name, protocol", "colour"},
        {"colour blue\nmodel a\n", 1, "model, name, protocol", "colour"},
        {"model A\n", 1, "a model of", "A"},
        {"model a/\n", 1, "a model of", "a/"},
        {"model a:\n", 1, "a model of", "a:"},
        {"model a{\n", 1, "a model of", "a{"},
        {"model abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz\n", 1, "a model of",
         "abcdefghijklmnopqrstuvwxyzabcdefghijklm"},
        {"model\n", 1, "a model of", "end of line"},
        {"model a b\n", 1, "end of line", "b"},
        {"model a\nmodel b\n", 2, "this line only once", "model"},
        {HEAD ITEM "protocol x\n", 6, "this line only once", "protocol"},
        {"name de X\n", 1, "en or zh", "de"},
        {"name en\n", 1, "a name of at most", "end of line"},
        {"name en \x01\n", 1, "a name of at most", "\x01"},
        {HEAD "name en N\n", 5, "this line only once", "en"},
        {"item C120 answer all A | B\n", 1, "model, name en", "C120"},
        {"model m\nitem C120 answer all A | B\n", 2, "model, name en", "C120"},
        {"model m\nprotocol p\nitem C120 answer all A | B\n", 3, "model, name en", "C120"},
        {"model m\nprotocol p\nname en A\nitem C1 answer all A | B\n", 4, "model, name en", "C1"},
        {"name en 0123456789012345678901234567890123456789012345678901234567890123\n", 1,
         "a name of at most", "012345678901234567890123456789012345678"},
        {HEAD "item ` answer all A | B\n", 5, "an identifier", "`"},
        {HEAD "item : answer all A | B\n", 5, "an identifier", ":"},
        {HEAD "item / answer all A | B\n", 5, "an identifier", "/"},
        {HEAD "item X answer all A | B\n", 5, "an identifier", "X"},
        {HEAD "item 123456789 answer all A | B\n", 5, "an identifier", "123456789"},
        {HEAD "item C120 reply all A | B\n", 5, "request or answer", "reply"},
        {HEAD "item C120 answer 1x A | B\n", 5, "all, or kinds", "1x"},
        {HEAD "item C120 answer 10-1g A | B\n", 5, "all, or kinds", "1g"},
        {HEAD "item C120 answer all A\n", 5, "an English name", "A"},
        {HEAD "item C120 answer all | B\n", 5, "a name of at most", "end of line"},
        {HEAD "value v bcd2 1 V A | B\n", 5, "an item line", "V"},
        {HEAD ITEM "value V bcd2 1 V A | B\n", 6, "a value's name", "V"},
        {HEAD ITEM "value v bcd9 1 V A | B\n", 6, "bcd1 .. bcd8", "bcd9"},
        {HEAD ITEM "value v bcd 1 V A | B\n", 6, "bcd1 .. bcd8", "bcd"},
        {HEAD ITEM "value v bcd2x 1 V A | B\n", 6, "bcd1 .. bcd8", "bcd2x"},
        {HEAD ITEM "value v bcd2/ 1 V A | B\n", 6, "bcd1 .. bcd8", "bcd2/"},
        {HEAD ITEM "value v bcd2: 1 V A | B\n", 6, "bcd1 .. bcd8", "bcd2:"},
        {HEAD ITEM "value v bcd{2 1 V A | B\n", 6, "bcd1 .. bcd8", "bcd{2"},
        {HEAD ITEM "value v bcd00002 1 V A | B\n", 6, "bcd1 .. bcd8", "bcd00002"},
        {HEAD ITEM "value v real4 1 V A | B\n", 6, "bcd1 .. bcd8", "real4"},
        {HEAD ITEM "value v time:smq 1 V A | B\n", 6, "each of", "time:smq"},
        {HEAD ITEM "value v time:ss 1 V A | B\n", 6, "each of", "time:ss"},
        {HEAD ITEM "value v time:smhDMYCWW 1 V A | B\n", 6, "bcd1", "time:smhDMYCWW"},
        {HEAD ITEM "value v bcd2 10 V A | B\n", 6, "1, 0.1", "10"},
        {HEAD ITEM "value v bcd2 0.02 V A | B\n", 6, "1, 0.1", "0.02"},
        {HEAD ITEM "value v bcd2 1.01 V A | B\n", 6, "1, 0.1", "1.01"},
        {HEAD ITEM "value v bcd2 0.101 V A | B\n", 6, "1, 0.1", "0.101"},
        {HEAD ITEM "value v bcd2 0.00000000001 V A | B\n", 6, "1, 0.1", "0.00000000001"},
        {HEAD ITEM "value v bcd2 1 abcdefghijkl A | B\n", 6, "a unit", "abcdefghijkl"},
        {HEAD ITEM "value v bcd2 1\n", 6, "a unit", "end of line"},
        {HEAD ITEM "value v bcd2 1 V A\n", 6, "an English name", "A"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        items_fault fault = {0};
        assert_int_equal(items_parse(rows[i].text, strlen(rows[i].text), &set, &fault),
                         GT_ERR_SYNTAX);
        if (fault.line != rows[i].line || strcmp(fault.found, rows[i].found) != 0 ||
            strncmp(fault.expected, rows[i].expected, strlen(rows[i].expected)) != 0) {
            fail_msg("row %zu: line %u, expected %s, found %s", i, fault.line, fault.expected,
                     fault.found);
        }
    }
}

static void test_too_many(void **state)
{
    (void)state;
    static const char *const lines[] = {ITEM, "value v u1 1 - A | B\n"};
    for (size_t k = 0; k < 2; k++) {
        static char text[32768];
        size_t len = (size_t)snprintf(text, sizeof text, "%s", HEAD);
        len += (size_t)snprintf(text + len, sizeof text - len, "%s%s", ITEM, lines[1]);
        const size_t most = k == 0 ? ITEMS_MAX - 1 : ITEMS_VALUES_MAX - 1;
        for (size_t i = 0; i < most; i++) {
            len += (size_t)snprintf(text + len, sizeof text - len, "%s", lines[k]);
        }
        items_fault fault = {0};
        assert_int_equal(items_parse(text, len, &set, &fault), GT_ERR_OK);
        len += (size_t)snprintf(text + len, sizeof text - len, "%s", lines[k]);
        assert_int_equal(items_parse(text, len, &set, &fault), GT_ERR_SPACE);
    }
}

/* One value of that type: bytes to text and back. */
static void test_values(void **state)
{
    (void)state;
    static const struct {
        const char *type; /* and scale */
        const char *data;
        const char *text; /* NULL: absent */
        gt_err err;
    } rows[] = {
        {"bcd2 0.01", "3412", "12.34", GT_ERR_OK},
        {"bcd2be 0.1", "1234", "123.4", GT_ERR_OK},
        {"bcd2 1", "ffff", NULL, GT_ERR_OK},
        {"bcd2 1", "3a12", NULL, GT_ERR_MALFORMED},
        {"bcd2 1", "34", NULL, GT_ERR_TRUNCATED},
        {"bcd2 1", "341256", NULL, GT_ERR_TRAILING},
        {"bcd8 1", "1032547698000000", "9876543210", GT_ERR_OK},
        {"sbcd2 0.1", "3482", "-23.4", GT_ERR_OK},
        {"sbcd2 0.1", "3442", "423.4", GT_ERR_OK},
        {"u1 1", "ff", "255", GT_ERR_OK},
        {"u4 0.001", "e8030000", "1.000", GT_ERR_OK},
        {"u8 1", "0000000000000080", NULL, GT_ERR_RANGE},
        {"u3be 1", "000100", "256", GT_ERR_OK},
        {"s1 1", "80", "-128", GT_ERR_OK},
        {"s2be 0.1", "fff6", "-1.0", GT_ERR_OK},
        {"s4 1", "ffffff7f", "2147483647", GT_ERR_OK},
        {"s8 1", "ffffffffffffffff", "-1", GT_ERR_OK},
        {"s8 1", "0000000000000080", NULL, GT_ERR_RANGE},
        {"hex3 1", "0aff00", "0AFF00", GT_ERR_OK},
        {"ascii3 1", "616263", "abc", GT_ERR_OK},
        {"rascii3 1", "616263", "cba", GT_ERR_OK},
        {"ascii3 1", "610063", "0x610063", GT_ERR_OK},
        {"ascii3 1", "61627f", "0x61627F", GT_ERR_OK},
        {"time:smhDMYC 1", "05201709012620", "2026-01-09 17:20:05", GT_ERR_OK},
        {"time:mhDMY 1", "2017090126", "26-01-09 17:20", GT_ERR_OK},
        {"time:smh 1", "052017", "17:20:05", GT_ERR_OK},
        {"time:WDM 1", "050901", "01-09 w05", GT_ERR_OK},
        {"time:smh 1", "ffffff", NULL, GT_ERR_OK},
        {"time:smh 1", "602017", NULL, GT_ERR_RANGE},
        {"time:smh 1", "0a2017", NULL, GT_ERR_MALFORMED},
        {"time:smh 1", "052024", NULL, GT_ERR_RANGE},
        {"time:D 1", "32", NULL, GT_ERR_RANGE},
        {"time:M 1", "13", NULL, GT_ERR_RANGE},
        {"time:W 1", "08", NULL, GT_ERR_RANGE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[256];
        items_fault fault;
        const int len =
            snprintf(text, sizeof text, HEAD ITEM "\tvalue\tv %s V A | B\r\n", rows[i].type);
        assert_int_equal(items_parse(text, (size_t)len, &set, &fault), GT_ERR_OK);
        uint8_t data[16];
        size_t data_len = 0;
        assert_int_equal(gt_hex_parse(rows[i].data, data, sizeof data, &data_len), GT_ERR_OK);
        codec_description_begin(&told, "items");
        const gt_err err =
            items_describe(&set, set.items, 4, (codec_bytes){data, data_len}, 7, &told);
        assert_int_equal(err, rows[i].err);
        assert_int_equal(told.item_count, err == GT_ERR_OK);
        if (err != GT_ERR_OK) {
            continue;
        }
        assert_string_equal(told.items[0].id, "C120.v");
        assert_string_equal(told.items[0].unit, "V");
        assert_int_equal(told.items[0].offset, 7);
        assert_int_equal(told.items[0].value == NULL, rows[i].text == NULL);
        assert_true(rows[i].text == NULL || strcmp(told.items[0].value, rows[i].text) == 0);
        const codec_value item = {"C120.v", rows[i].text};
        const codec_recipe recipe = {"", NULL, 0, &item, 1, NULL};
        codec_composer c = codec_composer_of(&recipe);
        uint8_t back[16];
        gt_wr w = gt_wr_of(back, sizeof back);
        items_compose(&set, set.items, 4, &c, &w);
        assert_int_equal(codec_compose_done(&c), GT_ERR_OK);
        assert_int_equal(w.len, data_len);
        assert_memory_equal(back, data, data_len);
    }
}

static void test_compose_refused(void **state)
{
    (void)state;
    static const struct {
        const char *type;
        const char *id;
        const char *text;
        gt_err err;
    } rows[] = {
        {"bcd1 1", "C120.v", "100", GT_ERR_RANGE},
        {"bcd1 1", "C120.v", "-1", GT_ERR_RANGE},
        {"bcd1 1", "C120.w", "1", GT_ERR_SYNTAX},
        {"bcd1 1", "C121.v", "1", GT_ERR_SYNTAX},
        {"bcd1 1", "C120v", "1", GT_ERR_SYNTAX},
        {"bcd1 1", "C120.v", "x", GT_ERR_SYNTAX},
        {"sbcd1 1", "C120.v", "80", GT_ERR_RANGE},
        {"sbcd1 1", "C120.v", "-80", GT_ERR_RANGE},
        {"u1 1", "C120.v", "256", GT_ERR_RANGE},
        {"u1 1", "C120.v", "-1", GT_ERR_RANGE},
        {"s1 1", "C120.v", "128", GT_ERR_RANGE},
        {"s1 1", "C120.v", "-129", GT_ERR_RANGE},
        {"hex2 1", "C120.v", "0A", GT_ERR_SYNTAX},
        {"hex2 1", "C120.v", "0Agg", GT_ERR_SYNTAX},
        {"ascii2 1", "C120.v", "abc", GT_ERR_SYNTAX},
        {"time:mh 1", "C120.v", "1:2", GT_ERR_SYNTAX},
        {"time:mh 1", "C120.v", "17:20:05", GT_ERR_SYNTAX},
        {"time:mh 1", "C120.v", "24:20", GT_ERR_SYNTAX},
        {"time:mh 1", "C120.v", "1720", GT_ERR_SYNTAX},
        {"time:mh 1", "C120.v", "/7:20", GT_ERR_SYNTAX},
        {"time:mh 1", "C120.v", ":7:20", GT_ERR_SYNTAX},
        {"time:mh 1", "C120.v", "1/:20", GT_ERR_SYNTAX},
        {"time:mh 1", "C120.v", "1::20", GT_ERR_SYNTAX},
        {"ascii3 1", "C120.v", "0x61", GT_ERR_SYNTAX},
        {"u1 1 - A | B\nvalue w u1 1", "C120.v", "x", GT_ERR_SYNTAX},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[256];
        items_fault fault;
        const int len = snprintf(text, sizeof text, HEAD ITEM "value v %s - A | B", rows[i].type);
        assert_int_equal(items_parse(text, (size_t)len, &set, &fault), GT_ERR_OK);
        const codec_value item = {rows[i].id, rows[i].text};
        const codec_recipe recipe = {"", NULL, 0, &item, 1, NULL};
        codec_composer c = codec_composer_of(&recipe);
        uint8_t back[16];
        gt_wr w = gt_wr_of(back, sizeof back);
        items_compose(&set, set.items, 4, &c, &w);
        assert_int_equal(codec_compose_done(&c), rows[i].err);
        const codec_recipe none = {.address = ""};
        c = codec_composer_of(&none);
        items_compose(&set, set.items, 4, &c, &w);
        assert_int_equal(codec_compose_done(&c), GT_ERR_NOT_FOUND);
    }
}

static void file_read(const char *path)
{
    static char text[16384];
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    const size_t len = fread(text, 1, sizeof text, file);
    (void)fclose(file);
    items_fault fault;
    if (items_parse(text, len, &set, &fault) != GT_ERR_OK) {
        fail_msg("line %u: expected %s, found %s", fault.line, fault.expected, fault.found);
    }
}

/* Frames of the model in models/: either order of the identifier, a layout of its own, damage. */
static void test_frames(void **state)
{
    (void)state;
    file_read(SOURCE_ROOT "/models/water-vendor.items");
    static const struct {
        uint8_t type;
        uint8_t ctrl;
        const char *data;
        size_t items;
        size_t errors;
        const char *id; /* of the first item */
        const char *value;
    } rows[] = {
        {0x10, 0x81, "20c1016003e803", 2, 0, "C120.battery", "3.60"},
        {0x10, 0x81, "c120016003e803", 2, 0, "C120.battery", "3.60"},
        {0x20, 0x81, "20c1016003e803", 1, 0, "C120", "6003E803"},
        {0x10, 0x81, "20c1016003e8", 0, 1, NULL, NULL},
        {0x10, 0x81, "20c101600ae803", 0, 1, NULL, NULL},
        {0x10, 0x01, "20c101", 0, 0, NULL, NULL},
        {0x30, 0x84, "21c10105201709012620345692aa", 3, 0, "C121.since", "2026-01-09 17:20:05"},
        {0x30, 0x04, "21c101500000", 1, 0, "C121.limit", "0.050"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cjt188_frame frame = {.type = rows[i].type, .addr = 1, .ctrl = rows[i].ctrl};
        size_t len = 0;
        assert_int_equal(gt_hex_parse(rows[i].data, frame.data, sizeof frame.data, &len),
                         GT_ERR_OK);
        frame.data_len = (uint8_t)len;
        uint8_t in[CJT188_FRAME_MAX];
        assert_int_equal(cjt188_frame_encode(&frame, in, sizeof in, &len), GT_ERR_OK);
        cjt188_describe(&set, in, len, &told);
        assert_int_equal(told.item_count, rows[i].items);
        assert_int_equal(told.error_count, rows[i].errors);
        if (rows[i].errors > 0) {
            continue;
        }
        codec_value fields[CODEC_FIELDS_MAX];
        codec_value items[CODEC_ITEMS_MAX];
        for (size_t k = 0; k < told.field_count; k++) {
            fields[k] = (codec_value){told.fields[k].id, told.fields[k].value};
        }
        for (size_t k = 0; k < told.item_count; k++) {
            items[k] = (codec_value){told.items[k].id, told.items[k].value};
        }
        if (rows[i].items > 0) {
            assert_string_equal(items[0].id, rows[i].id);
            assert_string_equal(items[0].value, rows[i].value);
        }
        const codec_recipe recipe = {
            told.address, fields, told.field_count, items, told.item_count, NULL, NULL, &set};
        codec_composer c = codec_composer_of(&recipe);
        uint8_t out[CJT188_FRAME_MAX];
        size_t out_len = 0;
        assert_int_equal(cjt188_compose(&c, out, sizeof out, &out_len), GT_ERR_OK);
        assert_int_equal(out_len, len);
        assert_memory_equal(out, in, len);
    }
    assert_null(items_find(&set, (items_key){"dlt645-2007", 0xC120, true, 0x10}));
    assert_null(items_find(NULL, (items_key){"cjt188", 0xC120, true, 0x10}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused), cmocka_unit_test(test_too_many),
        cmocka_unit_test(test_values),  cmocka_unit_test(test_compose_refused),
        cmocka_unit_test(test_frames),
    };
    return cmocka_run_group_tests_name("codec/items", tests, NULL, NULL);
}
