/* Recipes that no description makes: parts left out, parts too many, ids that fit nothing. */
#include "base/hex.h"
#include "codec/dlt698/compose.h"
#include "codec/dlt698/frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

enum { BYTES_MAX = 1024, FIELDS_MAX = 5, ITEMS_MAX = 16 };

#define ASK(head)   \
    {"APDU", head}, \
    {               \
        "PIID", "1" \
    }
#define SET(oad)   \
    ASK("0601"),   \
    {              \
        "OAD", oad \
    }
#define CELLS(columns, count)                                                 \
    ASK("8503"), {"OAD", "50040200"}, {"RCSD", columns}, {"OAD", "00100200"}, \
    {                                                                         \
        "rows", count                                                         \
    }

typedef struct row {
    const char *name;
    codec_value fields[FIELDS_MAX];
    codec_value items[ITEMS_MAX];
    gt_err want;
    const char *data; /* of the frame; with OK */
} row;

static const row rows[] = {
    {"server, no address",
     {{"server", "11"}},
     {ASK("0501"), {"OAD", "20000200"}},
     GT_ERR_OK,
     "0501012000020000"},
    {"no address at all",
     {{"control", "43"}},
     {ASK("0501"), {"OAD", "20000200"}},
     GT_ERR_NOT_FOUND,
     NULL},
    {"17 bytes of address",
     {{"server", "0102030405060708090a0b0c0d0e0f1011"}},
     {{NULL, NULL}},
     GT_ERR_RANGE,
     NULL},
    {"no data", {{"server", "11"}}, {{NULL, NULL}}, GT_ERR_OK, ""},
    {"answer",
     {{"server", "11"}},
     {ASK("8601"), {"OAD", "20000200"}, {"DAR", "0"}},
     GT_ERR_OK,
     "86010120000200000000"},
    {"login",
     {{"server", "11"}},
     {{"APDU", "01"},
      {"PIID", "0"},
      {"8-bit number", "0"},
      {"16-bit number", "60"},
      {"date_time", "2026-11-21 12:30:10.000"}},
     GT_ERR_OK,
     "010000003c07ea0b15060c1e0a0000"},
    {"its answer", {{"server", "11"}}, {{"APDU", "81"}}, GT_ERR_NOT_FOUND, NULL},
    {"head without a value", {{"server", "11"}}, {{"APDU", NULL}}, GT_ERR_SYNTAX, NULL},
    {"block",
     {{"server", "11"}, {"control", "63"}, {"block", "1"}, {"block_kind", "0"}},
     {{"block", "0501"}},
     GT_ERR_OK,
     "0501"},
    {"block confirmed",
     {{"server", "11"}, {"control", "63"}, {"block", "1"}, {"block_kind", "2"}},
     {{NULL, NULL}},
     GT_ERR_OK,
     ""},
    {"block of no kind",
     {{"server", "11"}, {"control", "63"}, {"block", "1"}},
     {{NULL, NULL}},
     GT_ERR_NOT_FOUND,
     NULL},
    {"block and an APDU",
     {{"server", "11"}, {"control", "63"}, {"block", "1"}, {"block_kind", "0"}},
     {ASK("0501")},
     GT_ERR_UNKNOWN,
     NULL},
    {"unknown field", {{"server", "11"}, {"serve", "1"}}, {{NULL, NULL}}, GT_ERR_UNKNOWN, NULL},
    {"more items",
     {{"server", "11"}},
     {ASK("0501"), {"OAD", "20000200"}, {"OAD", "20000200"}},
     GT_ERR_UNKNOWN,
     NULL},
    {"nothing behind an OAD",
     {{"server", "11"}},
     {ASK("8501"), {"OAD", "20000200"}},
     GT_ERR_NOT_FOUND,
     NULL},
    {"another value",
     {{"server", "11"}},
     {ASK("8501"), {"OAD", "20000200"}, {"20010200", "1"}},
     GT_ERR_NOT_FOUND,
     NULL},
    {"a longer id",
     {{"server", "11"}},
     {ASK("8501"), {"OAD", "20000200"}, {"200002001", "1"}},
     GT_ERR_NOT_FOUND,
     NULL},
    {"rows without columns",
     {{"server", "11"}},
     {ASK("8503"), {"OAD", "50040200"}, {"RCSD", "0"}, {"rows", "1"}},
     GT_ERR_RANGE,
     NULL},
    {"no rows without columns",
     {{"server", "11"}},
     {ASK("8503"), {"OAD", "50040200"}, {"RCSD", "0"}, {"rows", "0"}},
     GT_ERR_OK,
     "8503015004020000"
     "0100"
     "0000"},
    {"more cells than items",
     {{"server", "11"}},
     {ASK("8503"),
      {"OAD", "50040200"},
      {"RCSD", "2"},
      {"OAD", "00100200"},
      {"OAD", "00200200"},
      {"rows", "161"}},
     GT_ERR_RANGE,
     NULL},
    {"rows",
     {{"server", "11"}},
     {CELLS("1", "2"), {"00100200#1", "1.00"}, {"00100200#2.1", "2.00"}},
     GT_ERR_OK,
     "8503015004020001"
     "0000100200"
     "0102"
     "0600000064"
     "010106000000c8"
     "0000"},
    {"the same row",
     {{"server", "11"}},
     {CELLS("1", "2"), {"00100200#1", "1"}, {"00100200#1", "2"}},
     GT_ERR_NOT_FOUND,
     NULL},
    {"members out of order",
     {{"server", "11"}},
     {ASK("8501"), {"OAD", "00100200"}, {"00100200.1", "1"}, {"00100200.3", "1"}},
     GT_ERR_UNKNOWN,
     NULL},
    {"no member 1",
     {{"server", "11"}},
     {ASK("8501"), {"OAD", "00100200"}, {"00100200.2", "1"}},
     GT_ERR_UNKNOWN,
     NULL},
    {"a member of no number",
     {{"server", "11"}},
     {ASK("8501"), {"OAD", "00100200"}, {"00100200.x", "1"}},
     GT_ERR_UNKNOWN,
     NULL},
    {"a member too many",
     {{"server", "11"}},
     {ASK("8501"), {"OAD", "00100200"}, {"00100200.99999999999", "1"}},
     GT_ERR_UNKNOWN,
     NULL},
    {"eleven members",
     {{"server", "11"}},
     {SET("400D0200"),
      {"400D0200.1", "1"},
      {"400D0200.2", "1"},
      {"400D0200.3", "1"},
      {"400D0200.4", "1"},
      {"400D0200.5", "1"},
      {"400D0200.6", "1"},
      {"400D0200.7", "1"},
      {"400D0200.8", "1"},
      {"400D0200.9", "1"},
      {"400D0200.10", "1"},
      {"400D0200.11", "1"}},
     GT_ERR_OK,
     "060101400D0200010b"
     "1101110111011101110111011101110111011101"
     "1101"
     "00"},
    {"too deep",
     {{"server", "11"}},
     {SET("400D0200"), {"400D0200.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1", "1"}},
     GT_ERR_RANGE,
     NULL},
    {"method of no type",
     {{"server", "11"}},
     {ASK("0701"), {"OMD", "80008100"}, {"80008100", "1"}},
     GT_ERR_NOT_FOUND,
     NULL},
    {"method, null",
     {{"server", "11"}},
     {ASK("0701"), {"OMD", "80008100"}, {"80008100", NULL}},
     GT_ERR_OK,
     "070101800081000000"},
    {"method, empty",
     {{"server", "11"}, {"types", "02"}},
     {ASK("0701"), {"OMD", "80008100"}, {"80008100", "{}"}},
     GT_ERR_OK,
     "07010180008100020000"},
    {"object of no type",
     {{"server", "11"}},
     {SET("99990200"), {"99990200", "1"}},
     GT_ERR_NOT_FOUND,
     NULL},
    {"attribute of no type",
     {{"server", "11"}},
     {SET("00101F00"), {"00101F00", "1"}},
     GT_ERR_NOT_FOUND,
     NULL},
    {"attribute of its class's type",
     {{"server", "11"}},
     {SET("30110800"), {"30110800", "3"}},
     GT_ERR_OK,
     "06010130110800160300"},
    {"64 bits",
     {{"server", "11"}},
     {SET("00100400"), {"00100400", "0.0001"}},
     GT_ERR_OK,
     "060101001004001500000000000000010"
     "0"},
    {"member of no type",
     {{"server", "11"}},
     {SET("40000200"), {"40000200/1", "1"}},
     GT_ERR_NOT_FOUND,
     NULL},
    {"third of a demand",
     {{"server", "11"}},
     {SET("10100200"),
      {"10100200/1", "1"},
      {"10100200/2", "2026-11-21 00:00:00"},
      {"10100200/3", "1"}},
     GT_ERR_NOT_FOUND,
     NULL},
    {"half a tag",
     {{"server", "11"}, {"types", "0"}},
     {SET("40000200"), {"40000200", "1"}},
     GT_ERR_SYNTAX,
     NULL},
    {"16 bits in hex",
     {{"server", "11"}, {"types", "12"}},
     {SET("40000200"), {"40000200", "1H"}},
     GT_ERR_SYNTAX,
     NULL},
    {"64 bits too large",
     {{"server", "11"}, {"types", "14"}},
     {SET("40000200"), {"40000200", "9223372036854775808"}},
     GT_ERR_RANGE,
     NULL},
    {"number of no digits",
     {{"server", "11"}, {"types", "12"}},
     {SET("40000200"), {"40000200", ""}},
     GT_ERR_SYNTAX,
     NULL},
    {"number of no value",
     {{"server", "11"}, {"types", "12"}},
     {SET("40000200"), {"40000200", NULL}},
     GT_ERR_SYNTAX,
     NULL},
    {"interval of unit 6",
     {{"server", "11"}, {"types", "54"}},
     {SET("40000200"), {"40000200", "15 6"}},
     GT_ERR_OK,
     "060101400002005406000f00"},
    {"interval of two units",
     {{"server", "11"}, {"types", "54"}},
     {SET("40000200"), {"40000200", "15 6 7"}},
     GT_ERR_SYNTAX,
     NULL},
    {"interval of unit 256",
     {{"server", "11"}, {"types", "54"}},
     {SET("40000200"), {"40000200", "15 256"}},
     GT_ERR_SYNTAX,
     NULL},
    {"year above the civil ones",
     {{"server", "11"}, {"types", "1a"}},
     {SET("40000200"), {"40000200", "40000-01-01 (3)"}},
     GT_ERR_OK,
     "060101400002001a9c4001010300"},
    {"no weekday for it",
     {{"server", "11"}, {"types", "1a"}},
     {SET("40000200"), {"40000200", "40000-01-01"}},
     GT_ERR_SYNTAX,
     NULL},
    {"a letter in a time",
     {{"server", "11"}, {"types", "1b"}},
     {SET("40000200"), {"40000200", "1:2:x"}},
     GT_ERR_SYNTAX,
     NULL},
    {"vendor code of 3",
     {{"server", "11"}},
     {{"APDU", "82"}, {"PIID", "0"}, {"4 characters", "ABC"}},
     GT_ERR_RANGE,
     NULL},
    {"no vendor code",
     {{"server", "11"}},
     {{"APDU", "82"}, {"PIID", "0"}, {"4 characters", NULL}},
     GT_ERR_SYNTAX,
     NULL},
    {"vendor code missing",
     {{"server", "11"}},
     {{"APDU", "82"}, {"PIID", "0"}},
     GT_ERR_NOT_FOUND,
     NULL},
    {"second of five digits",
     {{"server", "11"}, {"types", "1b"}},
     {SET("40000200"), {"40000200", "1:2:10000"}},
     GT_ERR_SYNTAX,
     NULL},
    {"no selection, no null",
     {{"server", "11"}},
     {ASK("0503"), {"OAD", "50040200"}, {"RSD", "0"}, {"RCSD", "0"}},
     GT_ERR_OK,
     "05030150040200"
     "00"
     "00"
     "00"},
    {"tagged, nothing",
     {{"server", "11"}},
     {ASK("0503"), {"OAD", "50040200"}, {"RSD", "1"}, {"OAD", "40000200"}},
     GT_ERR_NOT_FOUND,
     NULL},
    {"tagged, no type",
     {{"server", "11"}},
     {ASK("0503"), {"OAD", "50040200"}, {"RSD", "1"}, {"OAD", "40000200"}, {"number", "1"}},
     GT_ERR_NOT_FOUND,
     NULL},
    {"tagged pieces",
     {{"server", "11"}},
     {ASK("0503"),
      {"OAD", "50040200"},
      {"RSD", "1"},
      {"OAD", "40000200"},
      {"Region", NULL},
      {"8-bit number", "0"},
      {"unsigned", "1"},
      {"structure", "1"},
      {"CSD", "0"},
      {"OAD", "00100200"},
      {"RCSD", "0"}},
     GT_ERR_OK,
     "05030150040200"
     "0140000200"
     "58001101"
     "0201"
     "5b0000100200"
     "00"
     "00"},
    {"plain APDU of nothing",
     {{"server", "11"}},
     {{"APDU", "10"}, {"wrapped APDU", "0"}},
     GT_ERR_NOT_FOUND,
     NULL},
    {"an APDU in place of its bytes",
     {{"server", "11"}},
     {{"APDU", "10"},
      {"wrapped APDU", "0"},
      ASK("0501"),
      {"OAD", "20000200"},
      {"time tag", "0"},
      {"proof", "1"},
      {"RN", "1122"}},
     GT_ERR_OK,
     "100008"
     "0501012000020000"
     "01021122"},
    {"an APDU in an APDU in an APDU",
     {{"server", "11"}},
     {{"APDU", "10"},
      {"wrapped APDU", "0"},
      {"APDU", "10"},
      {"wrapped APDU", "0"},
      {"octet-string", "0501"},
      {"proof", "1"},
      {"RN", "1122"},
      {"proof", "1"},
      {"RN", "3344"}},
     GT_ERR_OK,
     "100009"
     "1000020501"
     "01021122"
     "01023344"},
};

static void test_recipes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const row *r = &rows[i];
        uint8_t out[BYTES_MAX];
        uint8_t want[BYTES_MAX];
        size_t out_len = SIZE_MAX;
        size_t want_len = 0;
        codec_recipe recipe = {"", r->fields, 0, r->items, 0, NULL};
        while (recipe.field_count < FIELDS_MAX && r->fields[recipe.field_count].id != NULL) {
            recipe.field_count++;
        }
        while (recipe.item_count < ITEMS_MAX && r->items[recipe.item_count].id != NULL) {
            recipe.item_count++;
        }
        codec_composer c = codec_composer_of(&recipe);
        const gt_err err = dlt698_compose(&c, out, sizeof out, &out_len);
        if (err != r->want) {
            fail_msg("%s: %s (%s: expected %s, found %s)", r->name, gt_err_name(err), c.fault.id,
                     c.fault.expected, c.fault.found);
        }
        if (err != GT_ERR_OK) {
            assert_int_equal(out_len, SIZE_MAX);
            continue;
        }
        dlt698_frame f;
        assert_int_equal(dlt698_frame_decode(out, out_len, &f), GT_ERR_OK);
        assert_int_equal(gt_hex_parse(r->data, want, sizeof want, &want_len), GT_ERR_OK);
        if (f.data_len != want_len || memcmp(f.data, want, want_len) != 0) {
            char hex[2 * BYTES_MAX + 1];
            gt_hex_format(f.data, f.data_len, hex, sizeof hex);
            fail_msg("%s: %s", r->name, hex);
        }
    }
}

/* All items there may be, in one array: lengths of two bytes. */
static void test_many(void **state)
{
    (void)state;
    enum { MEMBERS = 200, HEAD = 3, ID_LEN = 16 };
    static char ids[MEMBERS][ID_LEN];
    codec_value items[HEAD + MEMBERS] = {{"APDU", "0601"}, {"PIID", "1"}, {"OAD", "400D0200"}};
    uint8_t out[BYTES_MAX];
    size_t out_len = 0;
    for (unsigned i = 0; i < MEMBERS; i++) {
        const unsigned n = i + 1;
        (void)memcpy(ids[i], "400D0200.000", ID_LEN - 3);
        char *at = ids[i] + 9;
        if (n >= 100) {
            *at++ = (char)('0' + n / 100);
        }
        if (n >= 10) {
            *at++ = (char)('0' + n / 10 % 10);
        }
        *at++ = (char)('0' + n % 10);
        *at = '\0';
        items[HEAD + i] = (codec_value){ids[i], "7"};
    }
    const codec_recipe recipe = {"11", NULL, 0, items, HEAD + MEMBERS, NULL};
    codec_composer c = codec_composer_of(&recipe);
    assert_int_equal(dlt698_compose(&c, out, sizeof out, &out_len), GT_ERR_OK);
    dlt698_frame f;
    assert_int_equal(dlt698_frame_decode(out, out_len, &f), GT_ERR_OK);
    assert_int_equal(f.data_len, 7 + 3 + 2 * MEMBERS + 1);
    assert_memory_equal(f.data + 7, "\x01\x81\xC8\x11\x07", 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_recipes), cmocka_unit_test(test_many)};
    return cmocka_run_group_tests_name("codec/dlt698/recipes", tests, NULL, NULL);
}
