/* Templates: what they say, what is wrong with them, what fits them, and the way back. */
#include "codec/dtu/template.h"
#include "base/hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#define ID16 "{hex:1}{id:1}{hex:1}{id:1}{hex:1}{id:1}{hex:1}{id:1}"

static void test_parse(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t len;
        size_t parts;
        bool alone;
    } rows[] = {
        {"HEART", 5, 1, false},
        {"HB", 2, 1, true},
        {"HB\\r", 3, 1, false},
        {"\\x00", 1, 1, true},
        {"\\\\\\{\\}\\t\\n\\x7e\\x7E", 7, 1, false},
        {"{imei}", 15, 1, false},
        {"{imei:16}", 16, 1, false},
        {"LOGIN:{imei},{id:8}\\r\\n", 6 + 15 + 1 + 8 + 2, 5, false},
        {"{imei}{iccid}{imsi}{phone}{mac}", 15 + 20 + 15 + 11 + 12, 5, false},
        {"{id:23}", 23, 1, true},
        {"{text:24}", 24, 1, false},
        {"{bcd:6}", 6, 1, true},
        {"{digits:6}", 6, 1, false},
        {"{hex:4}HB{hex:4}", 10, 3, true},
        {"hex: FE FE {bcd:6} 16", 9, 3, false},
        {"hex:fefe16", 3, 1, false},
        {"hexa", 4, 1, false},
        {"{id:256}", 256, 1, false},
        {ID16 ID16, 16, 16, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        dtu_template t;
        size_t at = 77;
        if (dtu_template_parse(rows[i].text, &t, &at) != GT_ERR_OK) {
            fail_msg("%s: at %zu", rows[i].text, at);
        }
        assert_int_equal(t.len, rows[i].len);
        assert_int_equal(t.part_count, rows[i].parts);
        assert_int_equal(t.alone, rows[i].alone);
        assert_int_equal(at, 77);
    }
}

static void test_parse_refuses(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        gt_err err;
        size_t at;
    } rows[] = {
        {"", GT_ERR_RANGE, 0},
        {"hex:", GT_ERR_RANGE, 0},
        {"{hex:9}", GT_ERR_RANGE, 0},
        {"AB{", GT_ERR_UNKNOWN, 2},
        {"AB{}", GT_ERR_UNKNOWN, 2},
        {"AB{IMEI}", GT_ERR_UNKNOWN, 2},
        {"AB{ime}", GT_ERR_UNKNOWN, 2},
        {"AB{imei", GT_ERR_SYNTAX, 2},
        {"AB{imei:}", GT_ERR_RANGE, 2},
        {"AB{imei:0}", GT_ERR_RANGE, 2},
        {"AB{imei:x}", GT_ERR_SYNTAX, 2},
        {"AB{imei;9}", GT_ERR_SYNTAX, 2},
        {"AB{id}", GT_ERR_RANGE, 2},
        {"AB{id:255}", GT_ERR_SPACE, 2},
        {"AB{id:99999999999999999999999}", GT_ERR_SYNTAX, 2},
        {"AB}", GT_ERR_SYNTAX, 2},
        {"AB\\", GT_ERR_SYNTAX, 2},
        {"AB\\q", GT_ERR_SYNTAX, 2},
        {"AB\\x", GT_ERR_SYNTAX, 4},
        {"AB\\x1", GT_ERR_SYNTAX, 4},
        {"AB\\xg1", GT_ERR_SYNTAX, 4},
        {"hex:F", GT_ERR_SYNTAX, 4},
        {"hex:FE 1", GT_ERR_SYNTAX, 7},
        {"hex:FE\\r", GT_ERR_SYNTAX, 6},
        {ID16 ID16 "{id:1}", GT_ERR_SPACE, sizeof ID16 * 2 - 2},
        {"{id:256}x", GT_ERR_SPACE, 8},
        {"{id:256}\\r", GT_ERR_SPACE, 8},
        {"{id:256}\\x00", GT_ERR_SPACE, 12},
        {"AB{imei:/}", GT_ERR_SYNTAX, 2},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        dtu_template t = {.len = 77};
        size_t at = 99;
        const gt_err err = dtu_template_parse(rows[i].text, &t, &at);
        if (err != rows[i].err || at != rows[i].at) {
            fail_msg("%s: %s at %zu", rows[i].text, gt_err_name(err), at);
        }
        assert_int_equal(t.len, 77);
    }
}

static void test_match(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *hex;
        gt_err err;
    } rows[] = {
        {"HB{digits:2}", "48423132", GT_ERR_OK},
        {"HB{digits:2}", "48423132ffff", GT_ERR_OK},
        {"HB{digits:2}", "", GT_ERR_TRUNCATED},
        {"HB{digits:2}", "48", GT_ERR_TRUNCATED},
        {"HB{digits:2}", "484231", GT_ERR_TRUNCATED},
        {"HB{digits:2}", "49", GT_ERR_MALFORMED},
        {"HB{digits:2}", "48423141", GT_ERR_MALFORMED},
        {"HB{digits:2}", "48423a", GT_ERR_MALFORMED},
        {"HB{digits:2}", "48422f", GT_ERR_MALFORMED},
        {"{iccid:4}", "38394166", GT_ERR_OK},
        {"{iccid:4}", "38394767", GT_ERR_MALFORMED},
        {"{iccid:4}", "383941c1", GT_ERR_MALFORMED},
        {"{id:2}", "207e", GT_ERR_OK},
        {"{id:2}", "207f", GT_ERR_MALFORMED},
        {"{id:2}", "1f7e", GT_ERR_MALFORMED},
        {"{bcd:2}", "9909", GT_ERR_OK},
        {"{bcd:2}", "9a09", GT_ERR_MALFORMED},
        {"{bcd:2}", "99a0", GT_ERR_MALFORMED},
        {"hex:7E{hex:2}7E", "7e00ff7e", GT_ERR_OK},
        {"hex:7E{hex:2}7E", "7e00ff7f", GT_ERR_MALFORMED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        dtu_template t;
        uint8_t in[32];
        size_t len = 0;
        assert_int_equal(dtu_template_parse(rows[i].text, &t, &len), GT_ERR_OK);
        assert_int_equal(gt_hex_parse(rows[i].hex, in, sizeof in, &len), GT_ERR_OK);
        if (dtu_template_match(&t, in, len) != rows[i].err) {
            fail_msg("%s, %s", rows[i].text, rows[i].hex);
        }
    }
}

static void test_write(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *value;
        const char *want; /* NULL: refused */
    } rows[] = {
        {"{id:4}", "A 01", "41203031"},     {"{id:4}", "A01", NULL},
        {"{id:4}", "A0123", NULL},          {"{id:4}", "A\t01", NULL},
        {"{digits:4}", "0123", "30313233"}, {"{digits:4}", "012a", NULL},
        {"{mac:2}", "aF", "6146"},          {"{mac:2}", "aG", NULL},
        {"{bcd:2}", "0129", "0129"},        {"{bcd:2}", "012a", NULL},
        {"{bcd:2}", "01x9", NULL},          {"{bcd:2}", "01", NULL},
        {"A{hex:2}", "0aFf", "410aff"},     {"A{hex:2}", "0aF", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        dtu_template t;
        size_t at = 0;
        assert_int_equal(dtu_template_parse(rows[i].text, &t, &at), GT_ERR_OK);
        uint8_t packet[DTU_PACKET_MAX];
        memcpy(packet, t.bytes, t.len);
        const dtu_part *part = &t.parts[t.part_count - 1];
        const gt_err err = dtu_part_write(part, rows[i].value, packet);
        assert_int_equal(err, rows[i].want != NULL ? GT_ERR_OK : GT_ERR_SYNTAX);
        if (rows[i].want == NULL) {
            assert_memory_equal(packet, t.bytes, t.len);
            continue;
        }
        char hex[64];
        gt_hex_format(packet, t.len, hex, sizeof hex);
        assert_string_equal(hex, rows[i].want);
        assert_int_equal(dtu_template_match(&t, packet, t.len), GT_ERR_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_parse_refuses),
        cmocka_unit_test(test_match),
        cmocka_unit_test(test_write),
    };
    return cmocka_run_group_tests_name("codec/dtu/template", tests, NULL, NULL);
}
