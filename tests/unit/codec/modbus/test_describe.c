/* Titles, fields and what is said of damaged frames, on a serial line and on TCP. */
#include "base/hex.h"
#include "base/sum.h"
#include "codec/modbus/describe.h"
#include "codec/modbus/tcp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static codec_description told;

static const modbus_request asks_coil = {
    .unit = 17, .function = MODBUS_WRITE_COIL, .start = 0xAC, .count = 1, .values = {1}};
static const modbus_request asks_other = {
    .unit = 18, .function = MODBUS_READ_COILS, .start = 0x13, .count = 19};
static const modbus_request asks_coils = {
    .unit = 17, .function = MODBUS_READ_COILS, .start = 0x13, .count = 19};

static void test_whole(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        const modbus_request *before;
        const char *title;
        size_t items;
        unsigned errors;
    } rows[] = {
        {"0100130013", NULL, "Modbus request", 0, 0},
        {"0103010005", NULL, "Modbus request", 0, 0}, /* or three bytes of coils */
        {"0103010005", &asks_coils, "Modbus answer", 19, 0},
        {"0103cd6b05", NULL, "Modbus answer", 24, 0},
        {"0102cd6b", NULL, "Modbus answer", 16, 0},
        {"0102cd6b", &asks_coils, "Modbus answer", 16, 0},   /* fewer than it asked for */
        {"0103cd6b05", &asks_other, "Modbus answer", 24, 0}, /* of another unit */
        {"0203acdb35", &asks_coils, "Modbus answer", 24, 0}, /* another function's request */
        {"0500acff00", NULL, "Modbus request or answer (both look alike)", 1, 0},
        {"0500acff00", &asks_coil, "Modbus answer", 1, 0},
        {"0500adff00", &asks_coil, "Modbus request or answer (both look alike)", 1, 0},
        {"0500ac0001", NULL, "Modbus request or answer (both look alike)", 0, 1},
        {"0f0013000a02cd01", NULL, "Modbus request", 10, 0},
        {"0f0013000a01cd", NULL, "Modbus request", 8, 1},
        {"0f0013000a", NULL, "Modbus answer", 0, 0},
        {"100001000204000a0102", NULL, "Modbus request", 2, 0},
        {"1700030006000e00030600ff00ff00ff", NULL, "Modbus request", 3, 0},
        {"170c00fe0acd00010003000d00ff", NULL, "Modbus answer", 6, 0},
        {"2b0e0100", NULL, "Modbus request", 0, 0},
        {"2b0e0909", NULL, "Modbus request", 0, 0},
        {"2b0e018100000200044578616d80023130", NULL, "Modbus answer", 2, 0},
        {"2b0e0202ff0300", NULL, "Modbus answer", 0, 0},
        {"8102", NULL, "Modbus exception answer", 0, 0},
        {"8177", NULL, "Modbus exception answer", 0, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t rtu[MODBUS_ADU_MAX] = {17};
        uint8_t tcp[MODBUS_TCP_MAX] = {0};
        size_t len = 0;
        size_t claimed = 0;
        assert_int_equal(gt_hex_parse(rows[i].body, rtu + 1, sizeof rtu - 3, &len), GT_ERR_OK);
        const uint16_t crc = gt_crc16_modbus(rtu, len + 1);
        rtu[len + 1] = (uint8_t)crc;
        rtu[len + 2] = (uint8_t)(crc >> 8);
        const modbus_context context = {NULL, rows[i].before, -1};
        assert_int_equal(modbus_probe(rtu, len + 3, &claimed), CODEC_MATCH_FRAME);
        assert_int_equal(claimed, len + 3);
        modbus_describe(&context, rtu, len + 3, &told);
        assert_string_equal(told.title.en, rows[i].title);
        assert_int_equal(told.item_count, rows[i].items);
        assert_int_equal(told.error_count, rows[i].errors);
        tcp[5] = (uint8_t)(len + 1);
        memcpy(tcp + 6, rtu, len + 1);
        assert_int_equal(modbus_tcp_probe(tcp, len + 7, &claimed), CODEC_MATCH_FRAME);
        modbus_tcp_describe(&context, tcp, len + 7, &told);
        assert_string_equal(told.title.en, rows[i].title);
        assert_int_equal(told.item_count, rows[i].items);
        assert_int_equal(told.error_count, rows[i].errors);
        modbus_tcp_describe(&context, tcp, len + 8, &told);
        assert_int_equal(told.errors[told.error_count - 1].err, GT_ERR_TRAILING);
        modbus_describe(&context, rtu, len + 4, &told);
        assert_int_equal(told.errors[told.error_count - 1].err, GT_ERR_TRAILING);
    }
}

static void test_damaged(void **state)
{
    (void)state;
    static const struct {
        bool tcp;
        const char *hex;
        gt_err want;
        uint32_t offset;
        const char *expected;
    } rows[] = {
        {false, "1103", GT_ERR_TRUNCATED, 2, "at least 4 bytes"},
        {false, "11070000", GT_ERR_UNSUPPORTED, 1,
         "function 01H-06H 0FH 10H 17H 2BH or its exception"},
        {false, "1103006b00037687ff00", GT_ERR_TRAILING, 8, "end of the frame"},
        {false, "1103006b00037688", GT_ERR_CHECKSUM, 6, "whole frame ending in CRC 7687"},
        {false, "1103037142", GT_ERR_CHECKSUM, 3, "whole frame ending in CRC 6134"},
        {false, "112b0d017041", GT_ERR_CHECKSUM, 4, "whole frame ending in CRC B040"},
        {true, "0001", GT_ERR_TRUNCATED, 2, "a header of 7 bytes"},
        {true, "000100010006", GT_ERR_MALFORMED, 2, "protocol 0000H"},
        {true, "000100000001", GT_ERR_RANGE, 4, "length 2 to 254"},
        {true, "0001000000061103", GT_ERR_TRUNCATED, 8, "as many bytes as the length says"},
        {true, "0001000000021107", GT_ERR_UNSUPPORTED, 7,
         "function 01H-06H 0FH 10H 17H 2BH or its exception"},
        {true, "0001000000021103", GT_ERR_MALFORMED, 8, "a body as long as the header says"},
        {true, "0001000000021101", GT_ERR_MALFORMED, 8, "a body as long as the header says"},
        {true, "000100000003112b0e", GT_ERR_MALFORMED, 8, "a body as long as the header says"},
        {true, "000100000009112b0e018100000100", GT_ERR_MALFORMED, 8,
         "a body as long as the header says"},
        {true, "00010000000711100001000104", GT_ERR_MALFORMED, 8,
         "a body as long as the header says"},
        {true, "000100000005110303000000", GT_ERR_MALFORMED, 8,
         "a body as long as the header says"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t in[64];
        size_t len = 0;
        assert_int_equal(gt_hex_parse(rows[i].hex, in, sizeof in, &len), GT_ERR_OK);
        (rows[i].tcp ? modbus_tcp_describe : modbus_describe)(NULL, in, len, &told);
        assert_int_equal(told.error_count, 1);
        if (told.errors[0].err != rows[i].want ||
            strcmp(told.errors[0].expected, rows[i].expected) != 0) {
            print_message("%s: %s at %u, expected %s\n", rows[i].hex,
                          gt_err_name(told.errors[0].err), told.errors[0].offset,
                          told.errors[0].expected);
        }
        assert_int_equal(told.errors[0].err, rows[i].want);
        assert_int_equal(told.errors[0].offset, rows[i].offset);
        assert_string_equal(told.errors[0].expected, rows[i].expected);
        if (rows[i].want != GT_ERR_TRAILING) {
            assert_int_equal(told.item_count, 0);
        }
    }
}

/* A register that is not of its type is no item: the error names it. */
static void test_mapped(void **state)
{
    (void)state;
    static const char text[] = "model m-1\nname en Meter\nname zh 表\nprotocol modbus-tcp\n"
                               "words high-first\nblock a 0 10\nvalue 1 bcd6 number 1 -\n"
                               "value 4 ymdh day 1 -\nvalue 6 u16 volt 0.1 V\n";
    static const struct {
        const char *body;
        size_t items;
        gt_err want;
        uint32_t offset;
        const char *expected;
        const char *found;
    } rows[] = {
        {"030c1234567890122611210908fc", 3, GT_ERR_OK, 0, "", ""},
        {"030c1234567890120000000008fc", 3, GT_ERR_OK, 0, "", ""}, /* never set */
        {"030c12345678901a2611210908fc", 2, GT_ERR_MALFORMED, 3, "number", "12345678901A"},
        {"030c1234567890122613210908fc", 2, GT_ERR_RANGE, 9, "day", "26132109"},
    };
    modbus_map map;
    modbus_map_fault fault;
    assert_int_equal(modbus_map_parse(text, sizeof text - 1, &map, &fault), GT_ERR_OK);
    const modbus_context context = {&map, NULL, 1};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t in[32] = {17};
        size_t len = 0;
        assert_int_equal(gt_hex_parse(rows[i].body, in + 1, sizeof in - 1, &len), GT_ERR_OK);
        const uint16_t crc = gt_crc16_modbus(in, len + 1);
        in[len + 1] = (uint8_t)crc;
        in[len + 2] = (uint8_t)(crc >> 8);
        modbus_describe(&context, in, len + 3, &told);
        assert_int_equal(told.item_count, rows[i].items);
        assert_int_equal(told.error_count, rows[i].want != GT_ERR_OK);
        if (rows[i].want != GT_ERR_OK) {
            assert_int_equal(told.errors[0].err, rows[i].want);
            assert_int_equal(told.errors[0].offset, rows[i].offset);
            assert_string_equal(told.errors[0].expected, rows[i].expected);
            assert_string_equal(told.errors[0].found, rows[i].found);
        }
        assert_string_equal(told.items[told.item_count - 1].value, "230.0");
    }
}

static void test_probe(void **state)
{
    (void)state;
    static const struct {
        bool tcp;
        const char *hex;
        codec_match want;
    } rows[] = {
        {false, "11", CODEC_MATCH_NONE},
        {false, "f803006b", CODEC_MATCH_NONE},
        {false, "1107", CODEC_MATCH_NONE},
        {false, "1103", CODEC_MATCH_SHAPE},
        {false, "1103006b0003", CODEC_MATCH_SHAPE},
        {true, "0001", CODEC_MATCH_NONE},
        {true, "000100000006", CODEC_MATCH_SHAPE},
        {true, "000100000006fa03006b0003", CODEC_MATCH_NONE},
        {true, "000100000006ff03006b0003", CODEC_MATCH_FRAME},
        {true, "0001000000061107006b0003", CODEC_MATCH_SHAPE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t in[64];
        size_t len = 0;
        size_t claimed = 0;
        assert_int_equal(gt_hex_parse(rows[i].hex, in, sizeof in, &len), GT_ERR_OK);
        assert_int_equal((rows[i].tcp ? modbus_tcp_probe : modbus_probe)(in, len, &claimed),
                         rows[i].want);
        assert_true(claimed <= len);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),
        cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_mapped),
        cmocka_unit_test(test_probe),
    };
    return cmocka_run_group_tests_name("codec/modbus/describe", tests, NULL, NULL);
}
