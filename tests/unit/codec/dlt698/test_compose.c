/* Frames from their names: what describe tells of any canonical frame gives its bytes again; short
 * recipes as people write them; what is missing, misspelt, of another form or too large is refused.
 */
#include "base/hex.h"
#include "codec/dlt698/compose.h"
#include "codec/dlt698/describe.h"
#include "codec/dlt698/frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { BYTES_MAX = 1024, ITEMS_MAX = 24 };

static codec_description told;
static codec_value fields[CODEC_FIELDS_MAX];
static codec_value items[CODEC_ITEMS_MAX];

static codec_recipe recipe_of(const codec_description *d)
{
    for (size_t i = 0; i < d->field_count; i++) {
        fields[i] = (codec_value){d->fields[i].id, d->fields[i].value};
    }
    for (size_t i = 0; i < d->item_count; i++) {
        items[i] = (codec_value){d->items[i].id, d->items[i].value};
    }
    return (codec_recipe){d->address, fields, d->field_count, items, d->item_count, NULL};
}

static size_t frame_build(const char *apdu_hex, bool scrambled, uint8_t *out)
{
    uint8_t apdu[BYTES_MAX];
    size_t len = 0;
    size_t out_len = 0;
    dlt698_addr addr;
    assert_int_equal(gt_hex_parse(apdu_hex, apdu, sizeof apdu, &len), GT_ERR_OK);
    assert_int_equal(dlt698_addr_of_number(202311000001U, 0x10, &addr), GT_ERR_OK);
    dlt698_frame f = dlt698_frame_request(&addr, apdu, len);
    f.scrambled = scrambled;
    assert_int_equal(dlt698_frame_encode(&f, out, BYTES_MAX, &out_len), GT_ERR_OK);
    return out_len;
}

static void test_round_trip(void **state)
{
    (void)state;
    static const char *const apdus[] = {
#define APDU(hex) hex,
#include "apdus.def"
#undef APDU
    };
    for (size_t i = 0; i < sizeof apdus / sizeof apdus[0]; i++) {
        uint8_t in[BYTES_MAX];
        uint8_t out[BYTES_MAX];
        uint8_t covered[BYTES_MAX] = {0};
        size_t out_len = 0;
        const size_t len = frame_build(apdus[i], i % 2 != 0, in);
        dlt698_describe(in, len, &told);
        assert_false(told.cut);
        if (told.error_count > 0) {
            fail_msg("%s: expected %s, found %s at %u", apdus[i], told.errors[0].expected,
                     told.errors[0].found, (unsigned)told.errors[0].offset);
        }
        for (size_t n = 0; n < told.field_count; n++) {
            memset(covered + told.fields[n].offset, 1, told.fields[n].len);
        }
        for (size_t n = 0; n < told.item_count; n++) {
            for (size_t at = 0; at < told.items[n].len; at++) {
                assert_int_equal(covered[told.items[n].offset + at]++, 0);
            }
        }
        assert_null(memchr(covered, 0, len));
        const codec_recipe recipe = recipe_of(&told);
        codec_composer c = codec_composer_of(&recipe);
        if (dlt698_compose(&c, out, sizeof out, &out_len) != GT_ERR_OK) {
            fail_msg("%s: %s: expected %s, found %s", apdus[i], c.fault.id, c.fault.expected,
                     c.fault.found);
        }
        assert_int_equal(out_len, len);
        assert_memory_equal(out, in, len);
        for (size_t cap = 0; cap < len; cap++) { /* no room: told so, nothing past the end */
            c = codec_composer_of(&recipe);
            assert_int_equal(dlt698_compose(&c, out, cap, &out_len), GT_ERR_SPACE);
        }
    }
}

typedef struct pair {
    const char *id;
    const char *value;
} pair;

/* As people write them. The address is 202311000001. */
static void test_short(void **state)
{
    (void)state;
    static const struct {
        const char *control; /* NULL: left out */
        pair items[ITEMS_MAX];
        const char *apdu;
    } rows[] = {
        {"43H", {{"APDU", "0501"}, {"PIID", "01"}, {"OAD", "00100200"}}, "0501010010020000"},
        {"43", {{"APDU", "07"}}, NULL},
        {"43",
         {{"APDU", "0502"},
          {"PIID", "2"},
          {"attributes", "2"},
          {"OAD", "20000200"},
          {"OAD", "20010200"}},
         "050202022000020020010200"
         "00"},
        {"43",
         {{"APDU", "0503"},
          {"PIID", "3"},
          {"OAD", "50040200"},
          {"RSD", "9"},
          {"8-bit number", "1"},
          {"RCSD", "1"},
          {"OAD", "00100200"}},
         "05030350040200"
         "0901"
         "0100"
         "00100200"
         "00"},
        {"C3",
         {{"APDU", "8501"},
          {"PIID", "1"},
          {"OAD", "00100200"},
          {"00100200.1", "1234.56"},
          {"00100200.2", "0.5"}},
         "850101001002000101020600"
         "01e2400600000032"
         "0000"},
        {"C3",
         {{"APDU", "8501"}, {"PIID", "1"}, {"OAD", "00000400"}, {"00000400.1", "-1.2345"}},
         "85010100000400010101"
         "14ffffffffffffcfc7"
         "0000"},
        {"C3",
         {{"APDU", "8501"},
          {"PIID", "1"},
          {"OAD", "10100200"},
          {"10100200.1/1", "1.5"},
          {"10100200.1/2", "2026-11-21 09:30:00"}},
         "850101101002000101010202"
         "0600003a98"
         "1c07ea0b15091e00"
         "0000"},
        {"C3",
         {{"APDU", "8501"},
          {"PIID", "1"},
          {"OAD", "202C0200"},
          {"202C0200/1", "88.00"},
          {"202C0200/2", "7"}},
         "850101202C0200010202"
         "0600002260"
         "0600000007"
         "0000"},
        {"C3",
         {{"APDU", "8501"}, {"PIID", "1"}, {"OAD", "20000200"}, {"DAR", "3"}},
         "8501012000020000030000"},
        {NULL, {{"APDU", "0501"}, {"PIID", "1"}, {"OAD", "40010200"}}, "0501014001020000"},
        {NULL, {{"APDU", "030"}, {"PIID", "0"}}, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t out[BYTES_MAX];
        size_t out_len = 0;
        size_t count = 0;
        for (; rows[i].items[count].id != NULL; count++) {
            items[count] = (codec_value){rows[i].items[count].id, rows[i].items[count].value};
        }
        fields[0] = (codec_value){"control", rows[i].control};
        const codec_recipe recipe = {"202311000001", fields, rows[i].control != NULL ? 1U : 0U,
                                     items,          count,  NULL};
        codec_composer c = codec_composer_of(&recipe);
        const gt_err err = dlt698_compose(&c, out, sizeof out, &out_len);
        if (rows[i].apdu == NULL) {
            assert_int_not_equal(err, GT_ERR_OK);
            continue;
        }
        if (err != GT_ERR_OK) {
            fail_msg("%zu: %s: expected %s, found %s", i, c.fault.id, c.fault.expected,
                     c.fault.found);
        }
        dlt698_frame f;
        char hex[2 * BYTES_MAX + 1];
        char want[2 * BYTES_MAX + 1];
        uint8_t apdu[BYTES_MAX];
        size_t len = 0;
        assert_int_equal(dlt698_frame_decode(out, out_len, &f), GT_ERR_OK);
        assert_int_equal(f.addr.ca, 0);
        assert_int_equal(out[3],
                         strtoul(rows[i].control != NULL ? rows[i].control : "43", NULL, 16));
        gt_hex_format(f.data, f.data_len, hex, sizeof hex);
        assert_int_equal(gt_hex_parse(rows[i].apdu, apdu, sizeof apdu, &len), GT_ERR_OK);
        gt_hex_format(apdu, len, want, sizeof want);
        assert_string_equal(hex, want);
    }
}

/* One thing wrong in an otherwise right recipe: a field or an item changed, or dropped. */
static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *apdu;
        const char *id;
        const char *value; /* NULL: dropped */
        gt_err want;
    } rows[] = {
        {"0501010010020000", "control", "53H", GT_ERR_RANGE},
        {"0501010010020000", "control", "1433", GT_ERR_RANGE},
        {"0501010010020000", "server", "0123", GT_ERR_MISMATCH},
        {"0501010010020000", "address_type", "03H", GT_ERR_MISMATCH},
        {"0501010010020000", "client", "xx", GT_ERR_SYNTAX},
        {"0501010010020000", "APDU", "05", GT_ERR_SYNTAX},
        {"0501010010020000", "APDU", "0507", GT_ERR_RANGE},
        {"0501010010020000", "APDU", "04", GT_ERR_RANGE},
        {"0501010010020000", "APDU", "050101", GT_ERR_RANGE},
        {"0501010010020000", "APDU", NULL, GT_ERR_NOT_FOUND},
        {"0501010010020000", "PIID", NULL, GT_ERR_NOT_FOUND},
        {"0501010010020000", "PIID", "100", GT_ERR_RANGE},
        {"0501010010020000", "OAD", "001002", GT_ERR_RANGE},
        {"0501010010020000", "OAD", "0010020g", GT_ERR_SYNTAX},
        {"0501010010020000", "time tag", "2", GT_ERR_RANGE},
        {"0501010010020000", "time tag", "1", GT_ERR_NOT_FOUND},
        {"0502010220000200200102"
         "0000",
         "attributes", "3", GT_ERR_NOT_FOUND},
        {"0502010220000200200102"
         "0000",
         "attributes", "1", GT_ERR_UNKNOWN},
        {"0502010220000200200102"
         "0000",
         "attributes", "321", GT_ERR_RANGE},
        {"050301500402000901010020210200"
         "00",
         "RSD", "11", GT_ERR_RANGE},
        {"050301500402000901010020210200"
         "00",
         "RSD", NULL, GT_ERR_NOT_FOUND},
        {"850101001002000106000013880000", "00100200", "-1", GT_ERR_RANGE},
        {"850101001002000106000013880000", "00100200", "42949672.96", GT_ERR_RANGE},
        {"850101001002000106000013880000", "00100200", "1.234", GT_ERR_SYNTAX},
        {"850101001002000106000013880000", "00100200", NULL, GT_ERR_NOT_FOUND},
        {"850101001002000106000013880000", "types", "", GT_ERR_SYNTAX},
        {"850101001002000106000013880000", "types", "07", GT_ERR_SYNTAX},
        {"850101001002000106000013880000", "types", "0606", GT_ERR_UNKNOWN},
        {"850101001002000106000013880000", "types", "01", GT_ERR_SYNTAX},
        {"850101001002000106000013880000", "types", "5b", GT_ERR_SYNTAX},
        {"06010140000200"
         "1c07ea0b150c1e0a"
         "00",
         "40000200", "2026-11-21", GT_ERR_SYNTAX},
        {"06010140000200"
         "1c07ea0b150c1e0a"
         "00",
         "40000200", "2026-11-21 12:30:1000", GT_ERR_SYNTAX},
        {"06010140000200"
         "1c07ea0b150c1e0a"
         "00",
         "40000200", "2026-11-21 12:30:10 ", GT_ERR_SYNTAX},
        {"06010140000200"
         "1907ea0b15060c1e0a007b"
         "00",
         "40000200", "2026-13-21 12:30:10.000", GT_ERR_SYNTAX},
        {"06010140000200"
         "040c5a50"
         "00",
         "40000200", "0120", GT_ERR_SYNTAX},
        {"06010140000200"
         "040c5a50"
         "00",
         "40000200", "A5:12", GT_ERR_SYNTAX},
        {"06010140000200"
         "040c5a50"
         "00",
         "40000200", "A5F0:x", GT_ERR_SYNTAX},
        {"06010140000200"
         "59fe21"
         "00",
         "40000200", "-129, 33", GT_ERR_RANGE},
        {"06010140000200"
         "59fe21"
         "00",
         "40000200", "-2", GT_ERR_SYNTAX},
        {"06010140000200"
         "59fe21"
         "00",
         "40000200", "-2, 33, 1", GT_ERR_SYNTAX},
        {"06010140000200"
         "59fe21"
         "00",
         "40000200", "10000, 1", GT_ERR_SYNTAX},
        {"06010140000200"
         "5f0603020800"
         "00",
         "40000200", "6, 3, 2, 8, 256", GT_ERR_RANGE},
        {"06010140000200"
         "5401000f"
         "00",
         "40000200", "15", GT_ERR_SYNTAX},
        {"06010140000200"
         "5401000f"
         "00",
         "40000200", "15 months", GT_ERR_SYNTAX},
        {"06010140000200"
         "5401000f"
         "00",
         "40000200", "65536 min", GT_ERR_SYNTAX},
        {"06010140000200"
         "550705123456789012"
         "00",
         "40000200", "", GT_ERR_RANGE},
        {"06010140000200"
         "550705123456789012"
         "00",
         "40000200", "0102030405060708090a0b0c0d0e0f1011", GT_ERR_RANGE},
        {"06010140000200"
         "550705123456789012"
         "00",
         "40000200", "1g", GT_ERR_SYNTAX},
        {"06010140000200"
         "0100"
         "00",
         "40000200", "{}", GT_ERR_SYNTAX},
        {"06010140000200"
         "00"
         "00",
         "40000200", "1", GT_ERR_SYNTAX},
        {"06010140000200"
         "15ffffffffffffffff"
         "00",
         "40000200", "1FFFFFFFFFFFFFFFFH", GT_ERR_SYNTAX},
        {"06010140000200"
         "5c01"
         "00",
         "40000200", "8", GT_ERR_RANGE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t in[BYTES_MAX];
        uint8_t out[BYTES_MAX];
        size_t out_len = 0;
        const size_t len = frame_build(rows[i].apdu, false, in);
        dlt698_describe(in, len, &told);
        assert_int_equal(told.error_count, 0);
        codec_recipe recipe = recipe_of(&told);
        size_t kept = 0;
        bool found = false;
        for (size_t n = 0; n < recipe.item_count; n++) {
            const bool this_one = strcmp(items[n].id, rows[i].id) == 0 && !found;
            found = found || this_one;
            if (this_one && rows[i].value == NULL) {
                continue;
            }
            items[kept++] = this_one ? (codec_value){items[n].id, rows[i].value} : items[n];
        }
        recipe.item_count = kept;
        for (size_t n = 0; n < recipe.field_count; n++) {
            if (strcmp(fields[n].id, rows[i].id) == 0) {
                found = true;
                fields[n].value = rows[i].value;
            }
        }
        assert_true(found);
        codec_composer c = codec_composer_of(&recipe);
        const gt_err err = dlt698_compose(&c, out, sizeof out, &out_len);
        if (err != rows[i].want) {
            fail_msg("%s %s: %s, not %s", rows[i].id, rows[i].value, gt_err_name(err),
                     gt_err_name(rows[i].want));
        }
        assert_int_equal(out_len, 0);
        assert_true(c.fault.expected != NULL && c.fault.expected[0] != '\0');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_round_trip),
                                       cmocka_unit_test(test_short),
                                       cmocka_unit_test(test_refused)};
    return cmocka_run_group_tests_name("codec/dlt698/compose", tests, NULL, NULL);
}
