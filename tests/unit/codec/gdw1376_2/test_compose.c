/* Frames from names: what may be left out, and what is refused with the right error. */
#include "codec/gdw1376_2/compose.h"
#include "codec/gdw1376_2/frame.h"
#include "base/hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

enum { FIELDS_MAX = 12, ITEMS_MAX = 6, BUF_MAX = 128 };

typedef struct row {
    const char *name;
    gt_err want;
    const char *hex; /* of a good frame; NULL: any */
    const char *address;
    codec_value fields[FIELDS_MAX];
    codec_value items[ITEMS_MAX];
} row;

static const row rows[] = {
    {"a query",
     GT_ERR_OK,
     "680f00430000000000000301004716",
     "",
     {{"afn", "03H"}, {"fn", "F1"}},
     {{0}}},
    {"mode and sequence",
     GT_ERR_OK,
     "680f00470000ff00000b0240019416",
     "",
     {{"afn", "02"}, {"fn", "F15"}, {"mode", "7"}, {"answer_len", "255"}, {"seq", "11"}},
     {{0}}},
    {"a report", GT_ERR_OK, NULL, "", {{"afn", "06"}, {"fn", "F3"}}, {{"F3", "1"}}},
    {"address", GT_ERR_OK, NULL, "000006605518", {{"afn", "03"}, {"fn", "F1"}}, {{0}}},
    {"address twice",
     GT_ERR_OK,
     NULL,
     "000006605518",
     {{"afn", "03"}, {"fn", "F1"}, {"destination", "000006605518"}},
     {{0}}},
    {"address of the module",
     GT_ERR_OK,
     NULL,
     "000006605518",
     {{"afn", "03"}, {"fn", "F200"}, {"dir", "1"}, {"prm", "0"}, {"source", "000006605518"}},
     {{0}}},
    {"relay",
     GT_ERR_OK,
     NULL,
     "",
     {{"afn", "03"},
      {"fn", "F1"},
      {"source", "1"},
      {"destination", "2"},
      {"relays", "1"},
      {"relay", "3"}},
     {{0}}},
    {"rate in kbit/s",
     GT_ERR_OK,
     NULL,
     "",
     {{"afn", "11"}, {"fn", "F4"}},
     {{"F4", "01"}, {"F4", "100k"}}},
    {"destination alone",
     GT_ERR_OK,
     NULL,
     "",
     {{"afn", "03"}, {"fn", "F1"}, {"destination", "2"}},
     {{0}}},
    {"no AFN", GT_ERR_NOT_FOUND, NULL, "", {{"fn", "F1"}}, {{0}}},
    {"no function", GT_ERR_NOT_FOUND, NULL, "", {{"afn", "03"}}, {{0}}},
    {"function without F", GT_ERR_SYNTAX, NULL, "", {{"afn", "03"}, {"fn", "1"}}, {{0}}},
    {"function without text", GT_ERR_SYNTAX, NULL, "", {{"afn", "03"}, {"fn", NULL}}, {{0}}},
    {"function 0", GT_ERR_RANGE, NULL, "", {{"afn", "03"}, {"fn", "F0"}}, {{0}}},
    {"function 249", GT_ERR_RANGE, NULL, "", {{"afn", "03"}, {"fn", "F249"}}, {{0}}},
    {"mode 64", GT_ERR_RANGE, NULL, "", {{"afn", "03"}, {"fn", "F1"}, {"mode", "64"}}, {{0}}},
    {"misspelt", GT_ERR_UNKNOWN, NULL, "", {{"afn", "03"}, {"fn", "F1"}, {"sequence", "1"}}, {{0}}},
    {"R too short", GT_ERR_RANGE, NULL, "", {{"afn", "03"}, {"fn", "F1"}, {"info", "0000"}}, {{0}}},
    {"R too long",
     GT_ERR_RANGE,
     NULL,
     "",
     {{"afn", "03"}, {"fn", "F1"}, {"info", "00000000000000"}},
     {{0}}},
    {"R no hex", GT_ERR_SYNTAX, NULL, "", {{"afn", "03"}, {"fn", "F1"}, {"info", "x"}}, {{0}}},
    {"part of R too large",
     GT_ERR_RANGE,
     NULL,
     "",
     {{"afn", "03"}, {"fn", "F1"}, {"seq", "256"}},
     {{0}}},
    {"part of the other way",
     GT_ERR_UNKNOWN,
     NULL,
     "",
     {{"afn", "03"}, {"fn", "F1"}, {"phase", "1"}},
     {{0}}},
    {"addresses differ",
     GT_ERR_MISMATCH,
     NULL,
     "000006605518",
     {{"afn", "03"}, {"fn", "F1"}, {"destination", "000006605519"}},
     {{0}}},
    {"no destination",
     GT_ERR_NOT_FOUND,
     NULL,
     "",
     {{"afn", "03"}, {"fn", "F1"}, {"source", "1"}},
     {{0}}},
    {"no relay",
     GT_ERR_NOT_FOUND,
     NULL,
     "1",
     {{"afn", "03"}, {"fn", "F1"}, {"relays", "1"}},
     {{0}}},
    {"address without addresses",
     GT_ERR_UNKNOWN,
     NULL,
     "",
     {{"afn", "03"}, {"fn", "F1"}, {"destination", "1"}, {"info", "000000000000"}},
     {{0}}},
    {"item missing", GT_ERR_NOT_FOUND, NULL, "", {{"afn", "05"}, {"fn", "F5"}}, {{"F5", "1"}}},
    {"item too many",
     GT_ERR_UNKNOWN,
     NULL,
     "",
     {{"afn", "05"}, {"fn", "F4"}},
     {{"F4", "1"}, {"F4", "1"}}},
    {"item of another function",
     GT_ERR_MISMATCH,
     NULL,
     "",
     {{"afn", "05"}, {"fn", "F4"}},
     {{"F5", "1"}}},
    {"item out of order",
     GT_ERR_MISMATCH,
     NULL,
     "",
     {{"afn", "11"}, {"fn", "F2"}},
     {{"F2", "2"}, {"F2 #2", "000000000001"}, {"F2", "000000000002"}}},
    {"number too large", GT_ERR_RANGE, NULL, "", {{"afn", "05"}, {"fn", "F4"}}, {{"F4", "256"}}},
    {"no number", GT_ERR_SYNTAX, NULL, "", {{"afn", "05"}, {"fn", "F4"}}, {{"F4", "x"}}},
    {"digits too many",
     GT_ERR_RANGE,
     NULL,
     "",
     {{"afn", "05"}, {"fn", "F1"}},
     {{"F1", "1000000000000"}}},
    {"rate too large",
     GT_ERR_RANGE,
     NULL,
     "",
     {{"afn", "11"}, {"fn", "F4"}},
     {{"F4", "1"}, {"F4", "32768"}}},
    {"rate too long",
     GT_ERR_SYNTAX,
     NULL,
     "",
     {{"afn", "11"}, {"fn", "F4"}},
     {{"F4", "1"}, {"F4", "123456789"}}},
    {"rate without text",
     GT_ERR_SYNTAX,
     NULL,
     "",
     {{"afn", "11"}, {"fn", "F4"}},
     {{"F4", "1"}, {"F4", NULL}}},
    {"frame shorter than its length",
     GT_ERR_MISMATCH,
     NULL,
     "",
     {{"afn", "02"}, {"fn", "F1"}},
     {{"F1", "2"}, {"F1", "2"}, {"F1", "AA"}}},
    {"frame no hex",
     GT_ERR_SYNTAX,
     NULL,
     "",
     {{"afn", "02"}, {"fn", "F1"}},
     {{"F1", "2"}, {"F1", "1"}, {"F1", "A"}}},
    {"text of one character",
     GT_ERR_SYNTAX,
     NULL,
     "",
     {{"afn", "03"}, {"fn", "F1"}, {"dir", "1"}},
     {{"F1", "1"}}},
    {"text missing",
     GT_ERR_SYNTAX,
     NULL,
     "",
     {{"afn", "03"}, {"fn", "F1"}, {"dir", "1"}},
     {{"F1", NULL}}},
    {"text in bad hex",
     GT_ERR_SYNTAX,
     NULL,
     "",
     {{"afn", "03"}, {"fn", "F1"}, {"dir", "1"}},
     {{"F1", "00xxH"}}},
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
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const codec_recipe recipe = {.address = rows[i].address,
                                     .fields = rows[i].fields,
                                     .field_count = count_of(rows[i].fields, FIELDS_MAX),
                                     .items = rows[i].items,
                                     .item_count = count_of(rows[i].items, ITEMS_MAX)};
        uint8_t buf[BUF_MAX];
        size_t len = 77;
        codec_composer c = codec_composer_of(&recipe);
        const gt_err err = gdw1376_2_compose(&c, buf, sizeof buf, &len);
        if (err != rows[i].want) {
            print_error("%s: %s: %s, %s\n", rows[i].name, gt_err_name(err), c.fault.id,
                        c.fault.expected);
        }
        assert_int_equal(err, rows[i].want);
        assert_int_equal(len == 77, err != GT_ERR_OK);
        if (rows[i].hex != NULL) {
            char text[2 * BUF_MAX + 1];
            gt_hex_format(buf, len, text, sizeof text);
            assert_string_equal(text, rows[i].hex);
        }
        for (size_t cap = 0; cap < (err == GT_ERR_OK ? len : GDW1376_2_FRAME_MIN - 2); cap++) {
            size_t none = 77;
            c = codec_composer_of(&recipe);
            const gt_err small = gdw1376_2_compose(&c, buf, cap, &none);
            assert_true(small == GT_ERR_SPACE || (small == err && err != GT_ERR_OK));
            assert_int_equal(none, 77);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
