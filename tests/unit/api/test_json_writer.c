/* JSON out: escapes, damaged text, commas, decimals. */
#include "api/json_writer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static char kept[8192];
static size_t kept_len;

static void keep(void *ctx, const void *buf, size_t len)
{
    (void)ctx;
    memcpy(kept + kept_len, buf, len);
    kept_len += len;
    kept[kept_len] = '\0';
}

static json_writer writer(void)
{
    static const http_sink sink = {.write = keep};
    json_writer j;
    kept_len = 0;
    kept[0] = '\0';
    json_writer_init(&j, &sink);
    return j;
}

static void shapes(void **state)
{
    (void)state;
    json_writer j = writer();
    json_writer_object(&j, NULL);
    json_writer_array(&j, "a");
    json_writer_array_end(&j);
    json_writer_array(&j, "b");
    json_writer_int(&j, NULL, INT64_MIN);
    json_writer_null(&j, NULL);
    json_writer_object(&j, NULL);
    json_writer_object_end(&j);
    json_writer_array_end(&j);
    json_writer_bool(&j, "c", true);
    json_writer_decimal(&j, "d", -5, 2);
    json_writer_text(&j, "e", NULL);
    json_writer_object_end(&j);
    json_writer_flush(&j);
    assert_string_equal(kept, "{\"a\":[],\"b\":[-9223372036854775808,null,{}],\"c\":true,"
                              "\"d\":\"-0.05\",\"e\":null}");
}

static void texts(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *want;
    } rows[] = {
        {"", "\"\""},
        {"电掌柜", "\"电掌柜\""},
        {"a\"b\\c", "\"a\\\"b\\\\c\""},
        {"\n\x01", "\"\\u000a\\u0001\""},
        {"</script>", "\"</script>\""},
        {"\xFF", "\"\xEF\xBF\xBD\""},
        {"x\xE7\x94", "\"x\xEF\xBF\xBD\xEF\xBF\xBD\""},
        {"\xC0\xAF", "\"\xEF\xBF\xBD\xEF\xBF\xBD\""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        json_writer j = writer();
        json_writer_text(&j, NULL, rows[i].text);
        json_writer_flush(&j);
        assert_string_equal(kept, rows[i].want);
    }
}

static void longer_than_the_buffer(void **state)
{
    (void)state;
    char text[3000];
    json_writer j = writer();
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    json_writer_text(&j, NULL, text);
    json_writer_flush(&j);
    assert_int_equal(kept_len, sizeof text - 1 + 2);
    assert_int_equal(strspn(kept + 1, "x"), sizeof text - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(shapes), cmocka_unit_test(texts),
                                       cmocka_unit_test(longer_than_the_buffer)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
