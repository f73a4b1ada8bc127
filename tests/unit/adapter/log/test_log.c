/* The log line: every field readable by a logfmt parser, whatever a peer put into it. */
#include "adapter/log/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

typedef struct row {
    const char *value;
    const char *want;
} row;

static void test_values_are_escaped(void **state)
{
    (void)state;
    static const row rows[] = {
        {"plain", "k=plain"},
        {"", "k=\"\""},
        {"two words", "k=\"two words\""},
        {"a\"b", "k=\"a\\\"b\""},
        {"a\nb", "k=\"a\\x0ab\""},
        {"a=b", "k=\"a=b\""},
        {"\x7F", "k=\"\\x7f\""},
        {"水表", "k=水表"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char line[LOG_LINE_MAX + 1] = {0};
        const gt_log_field field = gt_log_str("k", rows[i].value);
        const size_t len = log_line_format((gt_utc){.ms = 1}, GT_LOG_WARN, "e", &field, 1, line);
        assert_int_equal(len, strlen(line));
        const char *prefix = "1970-01-01T00:00:00.001Z level=warn event=e ";
        assert_memory_equal(line, prefix, strlen(prefix));
        assert_int_equal(line[len - 1], '\n');
        line[len - 1] = '\0';
        assert_string_equal(line + strlen(prefix), rows[i].want);
    }
}

static void test_long_line_is_cut(void **state)
{
    (void)state;
    char text[2 * LOG_LINE_MAX];
    memset(text, 'a', sizeof text);
    text[sizeof text - 1] = '\0';
    const gt_log_field fields[2] = {gt_log_num("n", -7), gt_log_str("k", text)};
    char line[LOG_LINE_MAX];
    const size_t len = log_line_format((gt_utc){.ms = 0}, GT_LOG_INFO, "e", fields, 2, line);
    assert_int_equal(len, LOG_LINE_MAX);
    assert_memory_equal(line + len - 5, "a...\n", 5);
    assert_non_null(strstr(line, " n=-7 "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_are_escaped),
        cmocka_unit_test(test_long_line_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
