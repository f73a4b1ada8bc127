/* Descriptions: texts one after the other, and what happens when rows or texts do not fit. */
#include "codec/describe/describe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static codec_description d;

static int begin(void **state)
{
    (void)state;
    codec_description_begin(&d, "test");
    return 0;
}

static void test_texts(void **state)
{
    (void)state;
    codec_text_add_number(&d, 0, 1);
    const char *zero = codec_text_end(&d);
    codec_text_add_number(&d, 7, 3);
    const char *padded = codec_text_end(&d);
    codec_text_add_number(&d, UINT64_MAX, 99); /* as many digits as a number can have */
    const char *most = codec_text_end(&d);
    codec_text_add_bytes(&d, (const uint8_t *)"a\x1F\x20~\x7F", 5);
    const char *shown = codec_text_end(&d);
    codec_text_add_decimal(&d, -12345, 2);
    const char *decimal = codec_text_end(&d);
    codec_text_add_hex_bytes(&d, (const uint8_t *)"\x00\xAB", 2);
    const char *bytes = codec_text_end(&d);
    assert_string_equal(zero, "0");
    assert_string_equal(padded, "007");
    assert_string_equal(most, "18446744073709551615");
    assert_string_equal(shown, "a. ~.");
    assert_string_equal(decimal, "-123.45");
    assert_string_equal(bytes, "00AB");
    assert_string_equal(codec_text_hex(&d, 0x91, 2), "91H");
    assert_string_equal(codec_text_end(&d), "");
    assert_false(d.cut);
}

/* Each table holds what it has room for, and says that more was left out. */
static void test_rows_cut(void **state)
{
    (void)state;
    for (int i = 0; i < CODEC_FIELDS_MAX; i++) {
        codec_field_add(&d, &(codec_field){.id = "f"});
    }
    assert_false(d.cut);
    codec_field_add(&d, &(codec_field){.id = "one more"});
    assert_true(d.cut);
    assert_int_equal(d.field_count, CODEC_FIELDS_MAX);
    codec_description_begin(&d, "test");
    for (int i = 0; i < CODEC_ITEMS_MAX; i++) {
        codec_item_add(&d, &(codec_item){.id = "i"});
    }
    assert_false(d.cut);
    codec_item_add(&d, &(codec_item){.id = "one more"});
    assert_true(d.cut);
    assert_int_equal(d.item_count, CODEC_ITEMS_MAX);
    codec_description_begin(&d, "test");
    for (int i = 0; i < CODEC_ERRORS_MAX; i++) {
        codec_error_add_at(&d, GT_ERR_RANGE, (uint32_t)i % 2, "e",
                           (codec_bytes){(const uint8_t *)"\x17", 1});
    }
    assert_false(d.cut);
    assert_string_equal(d.errors[0].found, "17H");
    assert_string_equal(d.errors[1].found, "end of input");
    codec_error_add(&d, &(codec_error){GT_ERR_RANGE, 0, "one more", ""});
    assert_true(d.cut);
    assert_int_equal(d.error_count, CODEC_ERRORS_MAX);
}

/* The last text is cut short, later ones are empty; all stay terminated and apart. */
static void test_texts_cut(void **state)
{
    (void)state;
    codec_text_add(&d, "first");
    const char *first = codec_text_end(&d);
    for (int i = 0; i < CODEC_TEXT_MAX; i++) {
        codec_text_add(&d, "x");
    }
    const char *cut = codec_text_end(&d);
    assert_true(d.cut);
    assert_string_equal(first, "first");
    assert_int_equal(strlen(cut), CODEC_TEXT_MAX - 1 - sizeof "first");
    assert_string_equal(codec_text_hex(&d, 0x91, 2), "");
    assert_string_equal(codec_text_end(&d), "");
    assert_string_equal(first, "first");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_texts, begin),
        cmocka_unit_test_setup(test_rows_cut, begin),
        cmocka_unit_test_setup(test_texts_cut, begin),
    };
    return cmocka_run_group_tests_name("codec/describe", tests, NULL, NULL);
}
