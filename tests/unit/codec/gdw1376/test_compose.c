/* Frames from names: what may be left out, and what is refused with the right error. */
#include "codec/gdw1376/compose.h"
#include "codec/gdw1376/frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

enum { FIELDS_MAX = 10, ITEMS_MAX = 8, BUF_MAX = 256 };

typedef struct row {
    const char *name;
    gt_err want;
    const char *address;
    codec_value fields[FIELDS_MAX];
    codec_value items[ITEMS_MAX];
} row;

static const row rows[] = {
    {"a query", GT_ERR_OK, "4403-0004", {{"afn", "0C"}}, {{"DA DT", "all F2"}}},
    {"region and terminal",
     GT_ERR_OK,
     "",
     {{"afn", "0C"}, {"region", "4403"}, {"terminal", "4"}},
     {{"DA DT", "all F2"}}},
    {"both, the same",
     GT_ERR_OK,
     "4403-0004",
     {{"afn", "0C"}, {"region", "4403"}, {"terminal", "4"}},
     {{"DA DT", "all F2"}}},
    {"login", GT_ERR_OK, "4403-0004", {{"afn", "02"}}, {{"DA DT", "all F1"}}},
    {"answer", GT_ERR_OK, "4403-0004", {{"afn", "00"}, {"dir", "1"}}, {{"DA DT", "all F1"}}},
    {"password",
     GT_ERR_OK,
     "4403-0004",
     {{"afn", "01"}, {"pw", "00112233445566778899AABBCCDDEEFF"}},
     {{"DA DT", "all F1"}}},
    {"time of sending",
     GT_ERR_OK,
     "4403-0004",
     {{"afn", "0C"}, {"tpv", "1"}, {"pfc", "1"}, {"tp", "21 09:30:00"}, {"delay", "5"}},
     {{"DA DT", "all F2"}}},
    {"no AFN", GT_ERR_NOT_FOUND, "4403-0004", {{"seq", "1"}}, {{"DA DT", "all F2"}}},
    {"no address", GT_ERR_NOT_FOUND, "", {{"afn", "0C"}}, {{"DA DT", "all F2"}}},
    {"address without dash", GT_ERR_SYNTAX, "44030004", {{"afn", "0C"}}, {{"DA DT", "all F2"}}},
    {"address too long", GT_ERR_SYNTAX, "440300000-4", {{"afn", "0C"}}, {{"DA DT", "all F2"}}},
    {"terminal too large", GT_ERR_RANGE, "4403-65536", {{"afn", "0C"}}, {{"DA DT", "all F2"}}},
    {"addresses differ",
     GT_ERR_MISMATCH,
     "4403-0004",
     {{"afn", "0C"}, {"terminal", "5"}},
     {{"DA DT", "all F2"}}},
    {"regions differ",
     GT_ERR_MISMATCH,
     "4403-0004",
     {{"afn", "0C"}, {"region", "4404"}},
     {{"DA DT", "all F2"}}},
    {"misspelt",
     GT_ERR_UNKNOWN,
     "4403-0004",
     {{"afn", "0C"}, {"sequence", "1"}},
     {{"DA DT", "all F2"}}},
    {"single frame flags no digits",
     GT_ERR_SYNTAX,
     "4403-0004",
     {{"afn", "0C"}, {"fir_fin", "x"}},
     {{"DA DT", "all F2"}}},
    {"first flag too large",
     GT_ERR_RANGE,
     "4403-0004",
     {{"afn", "0C"}, {"fir_fin", "21"}},
     {{"DA DT", "all F2"}}},
    {"last flag too large",
     GT_ERR_RANGE,
     "4403-0004",
     {{"afn", "0C"}, {"fir_fin", "12"}},
     {{"DA DT", "all F2"}}},
    {"password too short",
     GT_ERR_RANGE,
     "4403-0004",
     {{"afn", "01"}, {"pw", "00"}},
     {{"DA DT", "all F1"}}},
    {"no time of sending",
     GT_ERR_NOT_FOUND,
     "4403-0004",
     {{"afn", "0C"}, {"tpv", "1"}},
     {{"DA DT", "all F2"}}},
    {"item without its unit", GT_ERR_UNKNOWN, "4403-0004", {{"afn", "0C"}}, {{"F2 all", "1"}}},
    {"unit of nothing", GT_ERR_SYNTAX, "4403-0004", {{"afn", "0C"}}, {{"DA DT", ""}}},
    {"clock no time",
     GT_ERR_SYNTAX,
     "4403-0004",
     {{"afn", "05"}},
     {{"DA DT", "all F31"}, {"F31 all", "noon"}}},
    {"purchase: not a number",
     GT_ERR_SYNTAX,
     "4403-0004",
     {{"afn", "0C"}, {"dir", "1"}},
     {{"DA DT", "p1 F129"}, {"F129 p1", "2026-11-21 09:30"}, {"F129 p1", "x"}}},
    {"item of another function",
     GT_ERR_MISMATCH,
     "4403-0004",
     {{"afn", "05"}},
     {{"DA DT", "all F31"}, {"F32 all", "1"}}},
    {"item of another point",
     GT_ERR_MISMATCH,
     "4403-0004",
     {{"afn", "05"}},
     {{"DA DT", "all F31"}, {"F31 p1", "1"}}},
    {"id of nothing",
     GT_ERR_MISMATCH,
     "4403-0004",
     {{"afn", "05"}},
     {{"DA DT", "all F31"}, {"x", "1"}}},
    {"unit out of range", GT_ERR_RANGE, "4403-0004", {{"afn", "0C"}}, {{"DA DT", "all F249"}}},
    {"value missing", GT_ERR_NOT_FOUND, "4403-0004", {{"afn", "04"}}, {{"DA DT", "all F1"}}},
};

static size_t count_of(const codec_value *values, size_t max)
{
    size_t n = 0;
    while (n < max && values[n].id != NULL) {
        n++;
    }
    return n;
}

static void test_rows(void **state)
{
    (void)state;
    size_t failed = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const codec_recipe recipe = {.address = rows[i].address,
                                     .fields = rows[i].fields,
                                     .field_count = count_of(rows[i].fields, FIELDS_MAX),
                                     .items = rows[i].items,
                                     .item_count = count_of(rows[i].items, ITEMS_MAX)};
        uint8_t buf[BUF_MAX];
        size_t len = 77;
        codec_composer c = codec_composer_of(&recipe);
        const gt_err err = gdw1376_compose(&c, buf, sizeof buf, &len);
        if (err != rows[i].want) {
            print_error("%s: %s: %s, %s, %s\n", rows[i].name, gt_err_name(err), c.fault.id,
                        c.fault.expected, c.fault.found);
            failed++;
        }
        assert_int_equal(len == 77, err != GT_ERR_OK);
        if (err == GT_ERR_OK) {
            gdw1376_frame f;
            assert_int_equal(gdw1376_frame_decode(buf, len, &f), GT_ERR_OK);
        }
    }
    assert_int_equal(failed, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
