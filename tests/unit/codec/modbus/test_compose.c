/* What is told of a canonical frame builds it again, RTU and TCP, with a map and without; and
 * recipes that cannot be followed are refused by the name that is wrong. */
#include "base/hex.h"
#include "base/sum.h"
#include "codec/modbus/compose.h"
#include "codec/modbus/describe.h"
#include "codec/modbus/tcp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define X60 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static codec_description told;
static modbus_map map;

static void map_load(void)
{
    static const char text[] = "model m-1\nname en Meter\nname zh 表\nprotocol modbus-rtu\n"
                               "words low-first\n"
                               "block a 0x0000 30\n"
                               "value 0 u16 voltage 0.1 V\nvalue 1 s32 power 0.001 kW\n"
                               "value 3 f32 frequency 0.01 Hz\nvalue 5 f32m load 0.001 kW\n"
                               "value 7 bcd6 number 1 -\nvalue 10 clock clock 1 -\n"
                               "value 17 ymdh day 1 -\nvalue 19 ymdhms moment 1 -\n"
                               "value 22 mac mac 1 -\nbit 26 3 flag\nbit 26 15 other\n"
                               "value 27 u16 kilo 1000 -\n"
                               "block far 0x0100 1\nvalue 0x0100 u16 far 1 -\n"
                               "block read 0x0000 1 input\nvalue 0 u16 ripple 0.1 -\n"
                               "block coils 0x0000 1 coil\ncoil 0 lamp\n";
    modbus_map_fault fault;
    assert_int_equal(modbus_map_parse(text, sizeof text - 1, &map, &fault), GT_ERR_OK);
}

static void round_check(bool tcp, const uint8_t *in, size_t len, const modbus_context *context)
{
    codec_value fields[CODEC_FIELDS_MAX];
    codec_value items[CODEC_ITEMS_MAX];
    (tcp ? modbus_tcp_describe : modbus_describe)(context, in, len, &told);
    assert_int_equal(told.error_count, 0);
    for (size_t i = 0; i < told.field_count; i++) {
        fields[i] = (codec_value){told.fields[i].id, told.fields[i].value};
    }
    for (size_t i = 0; i < told.item_count; i++) {
        items[i] = (codec_value){told.items[i].id, told.items[i].value};
    }
    const codec_recipe recipe = {told.address, fields,          told.field_count,
                                 items,        told.item_count, context->map};
    codec_composer c = codec_composer_of(&recipe);
    uint8_t out[MODBUS_TCP_MAX];
    size_t out_len = 0;
    const gt_err err = (tcp ? modbus_tcp_compose : modbus_compose)(&c, out, sizeof out, &out_len);
    if (err != GT_ERR_OK) {
        print_message("%s: expected %s, found %s\n", c.fault.id, c.fault.expected, c.fault.found);
    }
    assert_int_equal(err, GT_ERR_OK);
    assert_int_equal(out_len, len);
    assert_memory_equal(out, in, len);
}

static void body_check(const char *hex, const modbus_context *context)
{
    uint8_t rtu[MODBUS_ADU_MAX] = {17};
    uint8_t tcp[MODBUS_TCP_MAX] = {0x12, 0x34};
    size_t len = 0;
    assert_int_equal(gt_hex_parse(hex, rtu + 1, sizeof rtu - 3, &len), GT_ERR_OK);
    const uint16_t crc = gt_crc16_modbus(rtu, len + 1);
    rtu[len + 1] = (uint8_t)crc;
    rtu[len + 2] = (uint8_t)(crc >> 8);
    round_check(false, rtu, len + 3, context);
    tcp[5] = (uint8_t)(len + 1);
    memcpy(tcp + 6, rtu, len + 1);
    round_check(true, tcp, len + 7, context);
}

static void test_again(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        "0100130013",
        "0103cd6b05",
        "0200c40016",
        "0203acdb35",
        "03006b0003",
        "0306022b00000064",
        "0400080001",
        "0402000a",
        "0500acff00",
        "0500ac0000",
        "0600010003",
        "0f0013000a02cd01",
        "0f0013000a",
        "100001000204000a0102",
        "1000010002",
        "1700030006000e00030600ff00ff00ff",
        "170c00fe0acd00010003000d00ff",
        "2b0e0100",
        "2b0e018100000200044578616d02023130",
        "2b0e0202ff0300",
        "8102",
        "ab01",
        "970b",
        "010100",
    };
    const modbus_context context = {NULL, NULL, -1};
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        body_check(bodies[i], &context);
    }
    const modbus_context placed = {NULL, NULL, 0x100};
    body_check("0306022b00000064", &placed);
    const modbus_request asked = {.unit = 17, .function = MODBUS_READ_COILS, .count = 19};
    const modbus_context before = {NULL, &asked, -1};
    body_check("0103cd6b05", &before);
}

static void test_mapped(void **state)
{
    (void)state;
    map_load();
    const modbus_context context = {&map, NULL, 0};
    /* all of the block, low words first: 230.0 V, -10 W, 50.02 Hz, 1234 W, a number, three times */
    body_check("0338"
               "08fc"
               "fff6ffff"
               "147b4248"
               "4000449a"
               "123456789012"
               "001a000b00150006000a001e0000"
               "26112109"
               "261121093059"
               "0102030405060708"
               "8008"
               "0007",
               &context);
    body_check("0338"
               "0000"
               "00000000"
               "00007fc0"
               "00007fc0"
               "000000000000"
               "0000000000000000000000000000"
               "00000000"
               "000000000000"
               "0000000000000000"
               "0000"
               "0000",
               &context);
    body_check("10000000030608fcfff6ffff", &context);
    body_check("040200ff", &context); /* its own row of the same number */
    body_check("010101", &context);
    body_check("020101", &context); /* no block has discrete inputs */
}

/* What is left out is empty, what comes out of order finds its place. */
static void test_partly_told(void **state)
{
    (void)state;
    map_load();
    static const struct {
        codec_value fields[6];
        codec_value items[2];
        const char *want; /* without its CRC */
    } rows[] = {
        {{{"function", "03H"}}, {{"+1", "2"}, {"+0", "1"}}, "11030400010002"},
        {{{"function", "03H"}, {"byte_count", "2"}}, {{"+1", "2"}}, "11030400000002"},
        {{{"function", "03H"}, {"byte_count", "6"}}, {{"+1", "2"}}, "110306000000020000"},
        {{{"function", "01H"}, {"byte_count", "2"}}, {{"+1", "1"}}, "1101020200"},
        {{{"function", "2BH"},
          {"access", "01H"},
          {"conformity", "01H"},
          {"more", "00H"},
          {"next", "00H"}},
         {{"00H", NULL}, {"01H", "x"}},
         "112b0e01010000020000010178"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t count = 0;
        while (rows[i].fields[count].id != NULL) {
            count++;
        }
        const codec_recipe recipe = {
            "17", rows[i].fields, count, rows[i].items, rows[i].items[1].id != NULL ? 2 : 1, &map};
        codec_composer c = codec_composer_of(&recipe);
        uint8_t out[MODBUS_ADU_MAX];
        uint8_t want[32];
        size_t len = 0;
        size_t want_len = 0;
        assert_int_equal(gt_hex_parse(rows[i].want, want, sizeof want, &want_len), GT_ERR_OK);
        assert_int_equal(modbus_compose(&c, out, sizeof out, &len), GT_ERR_OK);
        assert_int_equal(len, want_len + 2);
        assert_memory_equal(out, want, want_len);
    }
    /* The header of TCP has a name more. */
    const codec_value function = {"function", "03H"};
    const codec_recipe recipe = {"17", &function, 1, NULL, 0, NULL};
    codec_composer c = codec_composer_of(&recipe);
    uint8_t out[MODBUS_TCP_MAX];
    size_t len = 77;
    assert_int_equal(modbus_tcp_compose(&c, out, sizeof out, &len), GT_ERR_NOT_FOUND);
    assert_string_equal(c.fault.id, "transaction");
    assert_int_equal(len, 77);
}

static void test_refused(void **state)
{
    (void)state;
    map_load();
    static const struct {
        codec_value fields[5];
        codec_value items[2];
        gt_err want;
        const char *id;
    } rows[] = {
        {{{"function", "07H"}}, {{NULL, NULL}}, GT_ERR_UNSUPPORTED, "function"},
        {{{"function", "03H"}, {"start", "0x0000"}, {"count", "200"}},
         {{NULL, NULL}},
         GT_ERR_RANGE,
         ""},
        {{{"function", "03H"}, {"start", "0x0000"}}, {{"0x0000", "1"}}, GT_ERR_UNKNOWN, "start"},
        {{{"function", "06H"}, {"start", "0x0000"}},
         {{"0x0000", "6553.6"}},
         GT_ERR_RANGE,
         "0x0000"},
        {{{"function", "06H"}, {"start", "0x0000"}}, {{"0x0000", "1.23"}}, GT_ERR_RANGE, "0x0000"},
        {{{"function", "06H"}, {"start", "0x0000"}}, {{"0x0000", "x"}}, GT_ERR_SYNTAX, "0x0000"},
        {{{"function", "06H"}, {"start", "0x001C"}}, {{"0x001C", "65536"}}, GT_ERR_RANGE, "0x001C"},
        {{{"function", "06H"}, {"start", "0x0000"}}, {{"0x0001", "1"}}, GT_ERR_RANGE, ""},
        {{{"function", "06H"}, {"start", "0x0005"}}, {{"0x0004", "1"}}, GT_ERR_RANGE, "0x0004"},
        {{{"function", "06H"}, {"start", "0x001A"}},
         {{"0x001A.4", "1"}},
         GT_ERR_UNKNOWN,
         "0x001A.4"},
        {{{"function", "06H"}, {"start", "0x001A"}}, {{"0x001A.3", "2"}}, GT_ERR_RANGE, "0x001A.3"},
        {{{"function", "06H"}, {"start", "0x001A"}},
         {{"0x001A.16", "1"}},
         GT_ERR_SYNTAX,
         "0x001A.16"},
        {{{"function", "06H"}, {"start", "0x0000"}}, {{"0x10000", "1"}}, GT_ERR_SYNTAX, "0x10000"},
        {{{"function", "06H"}, {"start", "0x0000"}}, {{"+", "1"}}, GT_ERR_SYNTAX, "+"},
        {{{"function", "06H"}, {"start", "0x0000"}}, {{"voltage", "1"}}, GT_ERR_SYNTAX, "voltage"},
        {{{"function", "03H"}}, {{"+125", "1"}}, GT_ERR_RANGE, "+125"},
        {{{"function", "01H"}}, {{"+2000", "1"}}, GT_ERR_RANGE, "+2000"},
        {{{"function", "01H"}}, {{"+0", "2"}}, GT_ERR_RANGE, "+0"},
        {{{"function", "10H"}, {"start", "0x0016"}, {"count", "4"}},
         {{"0x0016", "0102"}},
         GT_ERR_SYNTAX,
         "0x0016"},
        {{{"function", "10H"}, {"start", "0x0003"}, {"count", "2"}},
         {{"0x0003", "1"
                     "0000000000"
                     "0000000000"
                     "00"}},
         GT_ERR_RANGE,
         "0x0003"},
        {{{"function", "10H"}, {"start", "0x0011"}, {"count", "2"}},
         {{"0x0011", "2026-13-01 00:00"}},
         GT_ERR_RANGE,
         "0x0011"},
        {{{"function", "10H"}, {"start", "0x0011"}, {"count", "2"}},
         {{"0x0011", "today"}},
         GT_ERR_SYNTAX,
         "0x0011"},
        {{{"function", "2BH"}, {"access", "01H"}}, {{NULL, NULL}}, GT_ERR_NOT_FOUND, "conformity"},
        {{{"function", "83H"}}, {{NULL, NULL}}, GT_ERR_NOT_FOUND, "exception"},
        {{{"unit", "300"}, {"function", "83H"}}, {{NULL, NULL}}, GT_ERR_RANGE, "unit"},
        {{{"start", "0x0000"}}, {{NULL, NULL}}, GT_ERR_NOT_FOUND, "function"},
        {{{"function", "03H"}}, {{"00", "1"}}, GT_ERR_SYNTAX, "00"},
        {{{"function", "03H"}}, {{"0x", "1"}}, GT_ERR_SYNTAX, "0x"},
        {{{"function", "03H"}}, {{"0x100000", "1"}}, GT_ERR_SYNTAX, "0x100000"},
        {{{"function", "03H"}}, {{"+/", "1"}}, GT_ERR_SYNTAX, "+/"},
        {{{"function", "03H"}}, {{"+:", "1"}}, GT_ERR_SYNTAX, "+:"},
        {{{"function", "03H"}}, {{"+6553600", "1"}}, GT_ERR_SYNTAX, "+6553600"},
        {{{"function", "03H"}}, {{"+1.x", "1"}}, GT_ERR_SYNTAX, "+1.x"},
        {{{"function", "03H"}}, {{"0x0000", "1"}, {"0x0100", "1"}}, GT_ERR_RANGE, "0x0100"},
        {{{"function", "2BH"},
          {"access", "01H"},
          {"conformity", "01H"},
          {"more", "00H"},
          {"next", "00H"}},
         {{"00H", X60 X60 X60 X60 "1234567"}},
         GT_ERR_SPACE,
         "00H"},
        {{{"function", "2BH"},
          {"access", "01H"},
          {"conformity", "01H"},
          {"more", "00H"},
          {"next", "00H"}},
         {{"00H", X60 X60 X60 X60 X60 X60}},
         GT_ERR_SPACE,
         "00H"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t count = 0;
        while (count < 5 && rows[i].fields[count].id != NULL) {
            count++;
        }
        size_t items = 0;
        while (items < 2 && rows[i].items[items].id != NULL) {
            items++;
        }
        const codec_recipe recipe = {"17", rows[i].fields, count, rows[i].items, items, &map};
        codec_composer c = codec_composer_of(&recipe);
        uint8_t out[MODBUS_ADU_MAX];
        size_t len = 0;
        const gt_err err = modbus_compose(&c, out, sizeof out, &len);
        if (err != rows[i].want) {
            print_message("row %zu: %s\n", i, gt_err_name(err));
        }
        assert_int_equal(err, rows[i].want);
        assert_int_equal(len, 0);
        if (c.fault.err != GT_ERR_OK) {
            assert_string_equal(c.fault.id, rows[i].id);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_again),
        cmocka_unit_test(test_mapped),
        cmocka_unit_test(test_partly_told),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests_name("codec/modbus/compose", tests, NULL, NULL);
}
