/* Lines of the command mode: read, refused, written again, and found in a stream. */
#include "codec/dtu/line.h"
#include "codec/stream/stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static gt_err decode(const char *text, dtu_line *out)
{
    return dtu_line_decode((const uint8_t *)text, strlen(text), out);
}

static void part_equal(const char *at, size_t len, const char *want)
{
    assert_int_equal(len, strlen(want));
    assert_memory_equal(at, want, len);
}

static void test_lines(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        dtu_line_kind kind;
        const char *name;
        const char *sep;
        const char *value;
        const char *again; /* NULL: the same bytes */
    } rows[] = {
        {"+++", DTU_LINE_ESCAPE, "", "", "", NULL},
        {"+++\r\n", DTU_LINE_ESCAPE, "", "", "", "+++"},
        {"AT\r\n", DTU_LINE_TEST, "", "", "", NULL},
        {"AT\r", DTU_LINE_TEST, "", "", "", "AT\r\n"},
        {"AT\n", DTU_LINE_TEST, "", "", "", "AT\r\n"},
        {"ATE0\r\n", DTU_LINE_ACT, "E0", "", "", NULL},
        {"ATI\r\n", DTU_LINE_ACT, "I", "", "", NULL},
        {"AT+CSQ\r\n", DTU_LINE_ACT, "+CSQ", "", "", NULL},
        {"AT+CSQ?\r\n", DTU_LINE_QUERY, "+CSQ", "", "", NULL},
        {"AT+CSQ=?\r\n", DTU_LINE_SET, "+CSQ", "", "?", NULL},
        {"AT+HEARTTM=30\r\n", DTU_LINE_SET, "+HEARTTM", "", "30", NULL},
        {"AT+REGDT=\r\n", DTU_LINE_SET, "+REGDT", "", "", NULL},
        {"AT+SOCKA=TCP,a=b?,1\r\n", DTU_LINE_SET, "+SOCKA", "", "TCP,a=b?,1", NULL},
        {"AT+CSQ?1\r\n", DTU_LINE_ACT, "+CSQ?1", "", "", NULL},
        {"\r\nOK\r\n", DTU_LINE_OK, "OK", "", "", NULL},
        {"OK\r", DTU_LINE_OK, "OK", "", "", "\r\nOK\r\n"},
        {"\r\n+ok\r\n", DTU_LINE_OK, "+ok", "", "", NULL},
        {"\r\nERROR\r\n", DTU_LINE_ERROR, "ERROR", "", "", NULL},
        {"\r\n+ERR=-1\r\n", DTU_LINE_ERROR, "+ERR", "=", "-1", NULL},
        {"\r\n+CME ERROR: 3\r\n", DTU_LINE_ERROR, "+CME ERROR", ": ", "3", NULL},
        {"\r\n+ok=20\r\n", DTU_LINE_VALUE, "+ok", "=", "20", NULL},
        {"\r\n+CSQ: 20,99\r\n", DTU_LINE_VALUE, "+CSQ", ": ", "20,99", NULL},
        {"\r\n+CIPMUX:0\r\n", DTU_LINE_VALUE, "+CIPMUX", ":", "0", NULL},
        {"\r\n+CSQ:\r\n", DTU_LINE_VALUE, "+CSQ", ":", "", NULL},
        {"\r\n355837089512343\r\n", DTU_LINE_TEXT, "", "", "355837089512343", NULL},
        {"\r\nATTENTION\r\n", DTU_LINE_TEXT, "", "", "ATTENTION", NULL},
        {"\r\nAB\r\n", DTU_LINE_TEXT, "", "", "AB", NULL},
        {"\r\nATE/\r\n", DTU_LINE_TEXT, "", "", "ATE/", NULL},
        {"\r\nATE0:\r\n", DTU_LINE_TEXT, "", "", "ATE0:", NULL},
        {"\r\nAT=1\r\n", DTU_LINE_TEXT, "", "", "AT=1", NULL},
        {"\r\nATe0\r\n", DTU_LINE_TEXT, "", "", "ATe0", NULL},
        {"\r\nOKAY\r\n", DTU_LINE_TEXT, "", "", "OKAY", NULL},
        {"\r\n+\r\n", DTU_LINE_TEXT, "", "", "+", NULL},
        {"\r\n+:1\r\n", DTU_LINE_TEXT, "", "", "+:1", NULL},
        {"\r\na=b\r\n", DTU_LINE_TEXT, "", "", "a=b", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        dtu_line line;
        if (decode(rows[i].text, &line) != GT_ERR_OK || line.kind != rows[i].kind) {
            fail_msg("row %zu: %s", i, rows[i].text);
        }
        part_equal(line.name, line.name_len, rows[i].name);
        part_equal(line.sep, line.sep_len, rows[i].sep);
        part_equal(line.value, line.value_len, rows[i].value);
        const char *want = rows[i].again != NULL ? rows[i].again : rows[i].text;
        uint8_t buf[DTU_LINE_MAX];
        size_t len = 77;
        for (size_t cap = 0; cap < strlen(want); cap++) {
            assert_int_equal(dtu_line_encode(&line, buf, cap, &len), GT_ERR_SPACE);
        }
        assert_int_equal(len, 77);
        assert_int_equal(dtu_line_encode(&line, buf, strlen(want), &len), GT_ERR_OK);
        part_equal((const char *)buf, len, want);
    }
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        gt_err err;
    } rows[] = {
        {"", GT_ERR_TRUNCATED},           {"\r\n", GT_ERR_TRUNCATED},
        {"++", GT_ERR_TRUNCATED},         {"AT+CSQ", GT_ERR_TRUNCATED},
        {"\r\nOK", GT_ERR_TRUNCATED},     {"OK\r\n\r\n", GT_ERR_TRAILING},
        {"OK\r\rx", GT_ERR_TRAILING},     {"OK\n\r", GT_ERR_TRAILING},
        {"+++AT\r\n", GT_ERR_TRAILING},   {"O\tK\r\n", GT_ERR_MALFORMED},
        {"OK\x7f\r\n", GT_ERR_MALFORMED}, {"\xe5\r\n", GT_ERR_MALFORMED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        dtu_line line = {.name_len = 77};
        if (decode(rows[i].text, &line) != rows[i].err) {
            fail_msg("row %zu", i);
        }
        assert_int_equal(line.name_len, 77);
    }
    char text[DTU_LINE_MAX + 2];
    memset(text, 'x', sizeof text);
    dtu_line line;
    memcpy(text + DTU_LINE_MAX - 2, "\r\n", 3);
    assert_int_equal(decode(text, &line), GT_ERR_OK);
    memcpy(text + DTU_LINE_MAX - 2, "xx\r", 4);
    assert_int_equal(decode(text, &line), GT_ERR_RANGE);
}

/* A stream has taken the endings away before it asks how long a line is. */
static void test_no_line(void **state)
{
    (void)state;
    size_t len = 77;
    assert_int_equal(dtu_line_framing.frame_len((const uint8_t *)"\r\nOK", 4, &len),
                     GT_ERR_MALFORMED);
    assert_int_equal(len, 77);
}

static void test_encode_refuses(void **state)
{
    (void)state;
    static const dtu_line rows[] = {
        {DTU_LINE_OK, "FINE", 4, "", 0, "", 0},       /* would be a text */
        {DTU_LINE_TEST, "+X", 2, "", 0, "", 0},       /* would be an act */
        {DTU_LINE_ACT, "+X=1", 4, "", 0, "", 0},      /* would be set */
        {DTU_LINE_ACT, "NAME", 4, "", 0, "", 0},      /* no command */
        {DTU_LINE_QUERY, "+X", 2, "", 0, "1", 1},     /* asks with a value */
        {DTU_LINE_VALUE, "+X", 2, "", 0, "1", 1},     /* no separator */
        {DTU_LINE_VALUE, "X", 1, "=", 1, "1", 1},     /* no name of an answer */
        {DTU_LINE_TEXT, "", 0, "", 0, "OK", 2},       /* would be done */
        {DTU_LINE_TEXT, "", 0, "", 0, "a\rb", 3},     /* two lines */
        {DTU_LINE_SET, "+X", 2, "", 0, "\x01", 1},    /* not printable */
        {DTU_LINE_SET, "+X", 2, "", 0, "a\r", 2},     /* an ending in the value */
        {DTU_LINE_ESCAPE, "x", 1, "", 0, "", 0},      /* more than the escape */
        {DTU_LINE_TEXT, "", 0, "", 0, "", 0},         /* nothing */
        {DTU_LINE_VALUE, "+A:B", 4, "=", 1, "1", 1},  /* a shorter name */
        {DTU_LINE_VALUE, "\r+A", 3, "", 0, "B=1", 3}, /* another name as long */
        {DTU_LINE_VALUE, "+X", 2, "=x", 2, "1", 1},   /* a longer value */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t buf[DTU_LINE_MAX];
        size_t len = 77;
        if (dtu_line_encode(&rows[i], buf, sizeof buf, &len) == GT_ERR_OK) {
            fail_msg("row %zu", i);
        }
        assert_int_equal(len, 77);
    }
}

static void test_stream(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        const char *want;
        uint64_t garbage;
    } rows[] = {
        {"AT+CSQ\r\n\r\n+CSQ: 20,99\r\n\r\nOK\r\n", "AT+CSQ\r;+CSQ: 20,99\r;OK\r;", 0},
        {"+++AT\r\n", "+++;AT\r;", 0},
        {"+++\r\nAT\n", "+++;AT\n;", 0},
        {"++\r\n", "++\r;", 0},
        {"\x01\x02OK\r\n", "OK\r;", 2},
        {"ab\x80OK\r\n", "OK\r;", 3},
        {"AT+CSQ", "", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const size_t len = strlen(rows[i].in);
        for (size_t piece = 1; piece <= len; piece++) {
            uint8_t buf[DTU_LINE_MAX];
            char got[128] = "";
            codec_stream s;
            codec_stream_init(&s, &dtu_line_framing, buf, sizeof buf);
            for (size_t at = 0; at < len;) {
                const size_t n = len - at < piece ? len - at : piece;
                at += codec_stream_feed(&s, (const uint8_t *)rows[i].in + at, n);
                const uint8_t *line = NULL;
                size_t line_len = 0;
                while (codec_stream_next(&s, &line, &line_len)) {
                    (void)strncat(got, (const char *)line, line_len);
                    (void)strcat(got, ";");
                }
            }
            assert_string_equal(got, rows[i].want);
            assert_int_equal(s.garbage, rows[i].garbage);
        }
    }
}

/* Names are unique and ascending, and each is what a command line reads as its name. */
static void test_commands(void **state)
{
    (void)state;
    static const dtu_command rows[] = {
#define COMMAND(name, unit, zh, en) {name, unit, zh, en},
#include "codec/dtu/command.def"
#undef COMMAND
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_true(i == 0 || strcmp(rows[i - 1].name, rows[i].name) < 0);
        char text[64] = "AT";
        (void)strcat(strcat(text, rows[i].name), "\r\n");
        dtu_line line;
        assert_int_equal(decode(text, &line), GT_ERR_OK);
        assert_int_equal(line.kind, DTU_LINE_ACT);
        assert_string_equal(dtu_command_of(line.name, line.name_len)->en, rows[i].en);
        assert_true(rows[i].zh[0] != '\0' && rows[i].en[0] != '\0');
    }
    assert_null(dtu_command_of("+CS", 3));
    assert_null(dtu_command_of("+CSQQ", 5));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),          cmocka_unit_test(test_refused),
        cmocka_unit_test(test_encode_refuses), cmocka_unit_test(test_stream),
        cmocka_unit_test(test_commands),       cmocka_unit_test(test_no_line),
    };
    return cmocka_run_group_tests_name("codec/dtu/line", tests, NULL, NULL);
}
