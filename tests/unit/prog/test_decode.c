/* `gridtill decode`: hex in every common form, text and JSON out, exit codes. */
#include "prog/decode.h"
#include "prog/hex_text.h"
#include "base/hex.h"
#include "console.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#define FRAME "6812907856341268910833333433ab896745cc16"

enum { BYTES_MAX = 256 };

static void test_hex_text(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        gt_err want;
        const char *hex;
    } rows[] = {
        {"68 12 90", GT_ERR_OK, "681290"},
        {"68,12,90", GT_ERR_OK, "681290"},
        {"0x68, 0x12, 0X90", GT_ERR_OK, "681290"},
        {"0x6 0x12", GT_ERR_OK, "0612"},
        {"\\x68\\x12", GT_ERR_OK, "6812"},
        {"68-12-90", GT_ERR_OK, "681290"},
        {"68:12:90:78", GT_ERR_OK, "68129078"},
        {"681290\n78", GT_ERR_OK, "68129078"},
        {"\"681290\"", GT_ERR_OK, "681290"},
        {"2026-11-21 05:18:59.123 TX: 68 12 90 78", GT_ERR_OK, "68129078"},
        {"[05:18:59] RX 4 bytes: 68129078", GT_ERR_OK, "68129078"},
        {"21/11/2026 05:18 meter 12 -> 68 12 90 78 ok", GT_ERR_OK, "68129078"},
        {"0000: 68 12 90 78  |h..x|", GT_ERR_OK, "68129078"},
        {"start of log\n68 12\n", GT_ERR_OK, "6812"},
        {"TX:68 12 90 78", GT_ERR_OK, "68129078"},
        {"RX:68129078", GT_ERR_OK, "68129078"},
        {"len=4 data=68129078", GT_ERR_OK, "68129078"},
        {"AB:CD:12:34", GT_ERR_OK, "abcd1234"},
        {"\xE5\x8F\x91:68129078", GT_ERR_OK, "68129078"}, /* a Chinese label */
        {"\xE5\x8F\x91"
         "68129078",
         GT_ERR_OK, "68129078"},
        {"\xB7\xA2\xCB\xCD\xA3\xBA"
         "68129078\xA3\xAC",
         GT_ERR_OK, "68129078"}, /* in GBK */
        {"12\xE5\x8F\xB7:68129078", GT_ERR_OK, "68129078"},
        {"68129078\xE5\x8F\xB7", GT_ERR_OK, "68129078"},
        {"TX 68129078\rRX 16161616\r\n", GT_ERR_OK, "6812907816161616"},
        {"\xE5\x8F\x91"
         "12 ok",
         GT_ERR_SYNTAX, ""},
        {"\xE5\x8F\x91\xE9\x80\x81\xEF\xBC\x9A"
         "68 12 90 78",
         GT_ERR_OK, "68129078"},
        {"\xEF\xBB\xBF"
         "68\xEF\xBC\x8C"
         "12\xE3\x80\x80"
         "90",
         GT_ERR_OK, "681290"},
        {"68H 12H,ABH,90h", GT_ERR_OK, "6812ab90"},
        {"68_12_90_78", GT_ERR_OK, "68129078"},
        {"05:18:59:123 68 12 90 78", GT_ERR_OK, "68129078"},
        {"05:18:59:12", GT_ERR_OK, "05185912"},
        {"1763702339 68 12 90 78", GT_ERR_OK, "68129078"},
        {"1763702339123 68 12 90 78", GT_ERR_OK, "68129078"},
        {"1763702339 6812907856", GT_ERR_OK, "17637023396812907856"}, /* groups of one width */
        {"20261121051859 68 12 90 78", GT_ERR_OK, "68129078"},
        {"20261121 051859 68 12 90 78", GT_ERR_OK, "68129078"},
        {"20261321 051859 6812", GT_ERR_OK, "202613210518596812"}, /* no such month */
        {"20261121 68129078", GT_ERR_OK, "2026112168129078"},
        {"00000000  68 12 90 78  |h..x|\n00000004  16\n00000005\n", GT_ERR_OK, "6812907816"},
        {"0000000 68 12 90 78 56 34 12 68\n0000010 16", GT_ERR_OK, "681290785634126816"},
        {"00000000 68129078", GT_ERR_OK, "0000000068129078"},
        {"0000 68 12\n0004 90 78", GT_ERR_OK, "681200049078"}, /* counts nothing */
        {"12:00:01 e5", GT_ERR_OK, "e5"},
        {"RX: E5", GT_ERR_OK, "e5"},
        {"RX: E6", GT_ERR_SYNTAX, ""},
        {"e5 or e5", GT_ERR_SYNTAX, ""},
        {"68 1", GT_ERR_SYNTAX, ""},
        {"68H1 2", GT_ERR_SYNTAX, ""},
        {"68 12345678901234567", GT_ERR_SYNTAX, ""},
        {"681", GT_ERR_SYNTAX, ""},
        {"", GT_ERR_SYNTAX, ""},
        {"hello there", GT_ERR_SYNTAX, ""},
        {"68 1G", GT_ERR_SYNTAX, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t buf[BYTES_MAX];
        hex_text_bytes out = {buf, sizeof buf, 0};
        hex_text_fault fault;
        const gt_err err = hex_text_parse(rows[i].text, strlen(rows[i].text), &out, &fault);
        if (err != rows[i].want) {
            print_message("row %zu: %s\n", i, rows[i].text);
        }
        assert_int_equal(err, rows[i].want);
        char hex[2 * BYTES_MAX + 1];
        gt_hex_format(buf, out.len, hex, sizeof hex);
        assert_string_equal(hex, rows[i].hex);
    }
    uint8_t two[2];
    hex_text_bytes small = {two, sizeof two, 0};
    hex_text_fault fault;
    assert_int_equal(hex_text_parse("681290", 6, &small, &fault), GT_ERR_SPACE);
}

/* What is shown of the text is its first line, and nothing that a terminal would obey. */
static void test_hex_fault(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t len;
        unsigned line;
        const char *expected;
        const char *found;
    } rows[] = {
        {"none\nhere\n", 10, 1, "hexadecimal bytes", "none"},
        {"none\r\nhere\r\n", 12, 1, "hexadecimal bytes", "none"},
        {"\x1b[2Jgone\x9b", 9, 1, "hexadecimal bytes", ".[2Jgone."},
        {"6812\r\n681\r\n", 11, 2, "an even number of hex digits in each word", "681"},
        {"6812\r681\r", 9, 2, "an even number of hex digits in each word", "681"},
        {"\xFF\xFE"
         "6\0"
         "8\0",
         6, 1, "text in ASCII or UTF-8", "UTF-16"},
        {"\xFE\xFF\0"
         "6\0"
         "8",
         6, 1, "text in ASCII or UTF-8", "UTF-16"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t buf[BYTES_MAX];
        hex_text_bytes out = {buf, sizeof buf, 0};
        hex_text_fault fault;
        assert_int_equal(hex_text_parse(rows[i].text, rows[i].len, &out, &fault), GT_ERR_SYNTAX);
        assert_int_equal(fault.line, rows[i].line);
        assert_string_equal(fault.expected, rows[i].expected);
        assert_string_equal(fault.found, rows[i].found);
    }
}

static outcome run(const char *const *args, const char *input)
{
    return console_run(decode_run, args, input);
}

static void test_command(void **state)
{
    (void)state;
    static const struct {
        const char *args[CONSOLE_ARGS_MAX];
        const char *input;
        int code;
        const char *out; /* found in it */
        const char *err;
    } rows[] = {
        {{FRAME}, "", 0, "Forward active energy: 123456.78 kWh", ""},
        {{"--lang", "zh", FRAME}, "", 0, "正向有功总电能: 123456.78 kWh", ""},
        {{NULL}, "TX " FRAME "\n", 0, "123456789012", ""},
        {{"68 12 90 78 56 34 12 68", "91 08 33 33 34 33 ab 89 67 45 cc 16"},
         "",
         0,
         "123456.78",
         ""},
        {{"--proto", "modbus", "0103000c00020408"}, "", 0, "read holding registers", ""},
        {{"--proto", "dtu", "--heartbeat", "HB{id:4}", "484230303031" FRAME},
         "",
         0,
         "device number: 0001",
         ""},
        {{"--proto", "dtu", "--heartbeat", "HB{id:4}", "484230303031" FRAME},
         "",
         0,
         "123456.78",
         ""},
        {{"--proto", "dtu", "--registration", "REG{imei}", "41540d"}, "", 0, "test", ""},
        {{"--proto", "dtu", "--heartbeat", "HB{id}", FRAME}, "", 1, "", "HB{id}: character 3"},
        {{"--proto", "dtu", "--registration", "", FRAME}, "", 1, "", ": character 1"},
        {{"6812907856341268910833333433ab896745cd16"},
         "",
         1,
         "dlt645-2007",
         "byte offset 18: expected checksum CCH, found CDH"},
        {{"6812907856341268910833"}, "", 1, "", "offset 11: expected as many data bytes"},
        {{"ff ff ff ff"}, "", 1, "", "offset 0: expected 68H"},
        {{"zz"}, "", 1, "", "line 1: expected hexadecimal bytes, found zz"},
        {{NULL}, "", 1, "", "expected hexadecimal bytes"},
        {{"--file", "/nonexistent"}, "", 1, "", "/nonexistent: No such file"},
        {{"--model", "/nonexistent", FRAME}, "", 1, "", "/nonexistent: No such file"},
        {{"--proto", "dlms", FRAME}, "", 2, "", "usage:"},
        {{"--lang", "fr", FRAME}, "", 2, "", "usage:"},
        {{"--start", "0x10000", FRAME}, "", 2, "", "usage:"},
        {{"--start", "x", FRAME}, "", 2, "", "usage:"},
        {{"--file", "a", FRAME}, "", 2, "", "usage:"},
        {{"--nothing"}, "", 2, "", "usage:"},
        {{"--help"}, "", 0, "usage:", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        outcome o = run(rows[i].args, rows[i].input);
        if (o.code != rows[i].code || strstr(o.out, rows[i].out) == NULL ||
            strstr(o.err, rows[i].err) == NULL) {
            print_message("row %zu: %d\n%s%s", i, o.code, o.out, o.err);
        }
        assert_int_equal(o.code, rows[i].code);
        assert_non_null(strstr(o.out, rows[i].out));
        assert_non_null(strstr(o.err, rows[i].err));
        console_done(&o);
    }
}

/* Names from the map: by the request before, or by --start. */
static void test_model(void **state)
{
    (void)state;
    static const char map[] = SOURCE_ROOT "/models/prepaid-3p.map";
    static const char *const by_request[] = {"--model", map, "01030015000855c8",
                                             "01031000bc614e0000000100000001000000012157", NULL};
    static const char *const by_start[] = {
        "--model", map, "--start", "0x15", "01031000bc614e0000000100000001000000012157", NULL};
    static const char *const *const both[] = {by_request, by_start};
    for (size_t i = 0; i < 2; i++) {
        outcome o = run(both[i], "");
        assert_int_equal(o.code, 0);
        assert_non_null(strstr(o.out, "Forward active energy: 123456.78 kWh  [0x0015]"));
        assert_non_null(strstr(o.out, "Energy, flat: 0.01 kWh"));
        console_done(&o);
    }
}

static void test_json(void **state)
{
    (void)state;
    static const char *const args[] = {"--json", FRAME "6812000000102068d101351916",
                                       "6812907856341268910833333433ab896745cd16", NULL};
    outcome o = run(args, "");
    assert_int_equal(o.code, 1);
    json_t *list = json_loads(o.out, 0, NULL);
    assert_int_equal(json_array_size(list), 3);
    const json_t *first = json_array_get(list, 0);
    assert_string_equal(json_string_value(json_object_get(first, "protocol")), "dlt645-2007");
    assert_string_equal(json_string_value(json_object_get(first, "address")), "123456789012");
    const json_t *item = json_array_get(json_object_get(first, "items"), 0);
    assert_string_equal(json_string_value(json_object_get(item, "id")), "00010000");
    assert_string_equal(json_string_value(json_object_get(item, "value")), "123456.78");
    assert_string_equal(json_string_value(json_object_get(item, "unit")), "kWh");
    assert_int_equal(json_array_size(json_object_get(first, "errors")), 0);
    const json_t *error = json_array_get(json_object_get(json_array_get(list, 2), "errors"), 0);
    assert_string_equal(json_string_value(json_object_get(error, "error")), "CHECKSUM");
    assert_int_equal(json_integer_value(json_object_get(error, "offset")), 18);
    assert_string_equal(json_string_value(json_object_get(error, "found")), "CDH");
    json_decref(list);
    console_done(&o);
}

/* A 645 frame inside a transparent forward is told as well. */
static void test_inner(void **state)
{
    (void)state;
    static const char *const args[] = {
        "--json",
        "6812011201684b000234120410e7000001001f6bbc0a1c0068611001301215681c10356a3935343333334e3333"
        "33336345cc2d1600000000000000000000000000000000071507002205b516",
        NULL};
    outcome o = run(args, "");
    assert_int_equal(o.code, 0);
    json_t *list = json_loads(o.out, 0, NULL);
    assert_int_equal(json_array_size(list), 1);
    const json_t *inner = json_object_get(json_array_get(list, 0), "inner");
    assert_string_equal(json_string_value(json_object_get(inner, "protocol")), "dlt645-2007");
    assert_string_equal(json_string_value(json_object_get(inner, "address")), "151230011061");
    json_decref(list);
    console_done(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hex_text), cmocka_unit_test(test_hex_fault),
        cmocka_unit_test(test_command),  cmocka_unit_test(test_model),
        cmocka_unit_test(test_json),     cmocka_unit_test(test_inner),
    };
    return cmocka_run_group_tests_name("prog/decode", tests, NULL, NULL);
}
