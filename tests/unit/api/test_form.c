/* JSON in: exactly the fields that are listed, of exactly their types. */
#include "api/form.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static const form_field fields[] = {
    {.name = "name", .text_max = 4},
    {.name = "id", .type = FORM_ID},
    {.name = "note", .text_max = 4, .optional = true},
};

static void bodies(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        form_fault want;
        const char *field;
    } rows[] = {
        {"{\"name\":\"ann\",\"id\":7}", FORM_OK, ""},
        {"{\"id\":7,\"note\":\"x\",\"name\":\"ann\"}", FORM_OK, ""},
        {"{\"name\":\"annie\",\"id\":7}", FORM_BAD_FIELD, "name"},
        {"{\"name\":7,\"id\":7}", FORM_BAD_FIELD, "name"},
        {"{\"name\":\"ann\",\"id\":\"7\"}", FORM_BAD_FIELD, "id"},
        {"{\"name\":\"ann\",\"id\":7.0}", FORM_BAD_FIELD, "id"},
        {"{\"name\":\"ann\",\"id\":0}", FORM_BAD_FIELD, "id"},
        {"{\"name\":\"ann\",\"id\":null}", FORM_BAD_FIELD, "id"},
        {"{\"name\":\"ann\",\"id\":9223372036854775808}", FORM_NO_JSON, ""},
        {"{\"name\":\"ann\",\"id\":7,\"note\":null}", FORM_BAD_FIELD, "note"},
        {"{\"name\":\"ann\"}", FORM_MISSING_FIELD, "id"},
        {"{}", FORM_MISSING_FIELD, "name"},
        {"{\"name\":\"ann\",\"id\":7,\"x\":1}", FORM_UNKNOWN_FIELD, "x"},
        {"{\"name\":\"ann\",\"id\":7,\"id\":8}", FORM_NO_JSON, ""},
        {"{\"name\":\"ann\",\"id\":7} x", FORM_NO_JSON, ""},
        {"{\"name\":\"\xFF\",\"id\":7}", FORM_NO_JSON, ""},
        {"[]", FORM_NO_JSON, ""},
        {"\"x\"", FORM_NO_JSON, ""},
        {"", FORM_NO_JSON, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        form f;
        assert_int_equal(form_open(&f, rows[i].body, strlen(rows[i].body), fields, 3),
                         rows[i].want);
        assert_string_equal(f.field, rows[i].field);
        form_close(&f);
    }
}

static void every_prefix_is_refused(void **state)
{
    (void)state;
    static const char body[] = "{\"name\":\"ann\",\"id\":7,\"note\":\"x\"}";
    for (size_t len = 0; len < sizeof body - 1; len++) {
        form f;
        assert_int_equal(form_open(&f, body, len, fields, 3), FORM_NO_JSON);
        form_close(&f);
    }
}

static void values(void **state)
{
    (void)state;
    static const char body[] = "{\"id\":7,\"name\":\"ann\"}";
    form f;
    assert_int_equal(form_open(&f, body, sizeof body - 1, fields, 3), FORM_OK);
    assert_string_equal(f.value[0].text, "ann");
    assert_int_equal(f.value[1].id, 7);
    assert_null(f.value[2].text);
    form_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(bodies),
                                       cmocka_unit_test(every_prefix_is_refused),
                                       cmocka_unit_test(values)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
