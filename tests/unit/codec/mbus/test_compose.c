/* What is told of a canonical frame builds it again: every kind of frame, field and value; recipes
 * that cannot be followed are refused by the name that is wrong. */
#include "base/hex.h"
#include "base/sum.h"
#include "codec/mbus/compose.h"
#include "codec/mbus/describe.h"
#include "codec/mbus/frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static codec_description told;

static void again(const uint8_t *in, size_t len, const char *name)
{
    codec_value fields[CODEC_FIELDS_MAX];
    codec_value items[CODEC_ITEMS_MAX];
    mbus_describe(in, len, &told);
    if (told.error_count > 0) {
        print_message("%s: wrong at %u\n", name, told.errors[0].offset);
    }
    assert_int_equal(told.error_count, 0);
    for (size_t i = 0; i < told.field_count; i++) {
        fields[i] = (codec_value){told.fields[i].id, told.fields[i].value};
    }
    for (size_t i = 0; i < told.item_count; i++) {
        items[i] = (codec_value){told.items[i].id, told.items[i].value};
    }
    const codec_recipe recipe = {told.address, fields,          told.field_count,
                                 items,        told.item_count, NULL};
    codec_composer c = codec_composer_of(&recipe);
    uint8_t out[MBUS_FRAME_MAX];
    size_t out_len = 0;
    const gt_err err = mbus_compose(&c, out, sizeof out, &out_len);
    if (err != GT_ERR_OK || out_len != len || memcmp(out, in, len) != 0) {
        print_message("%s: %s, %s expected %s, found %s\n", name, gt_err_name(err), c.fault.id,
                      c.fault.expected, c.fault.found);
    }
    assert_int_equal(err, GT_ERR_OK);
    assert_int_equal(out_len, len);
    assert_memory_equal(out, in, len);
}

#define LONG   \
    "78563412" \
    "2440"     \
    "01"       \
    "07"       \
    "05"       \
    "00"       \
    "0000"

static void test_frames(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        /* CI and data */
        "5278563412ffffffff",
        "5278563412"
        "2440"
        "01"
        "07",
        "52ffffff12ffffffff"
        "0c7878563412",
        "73"
        "78563412"
        "0a00"
        "e93e"
        "03000000"
        "ab000000", /* fixed, BCD, a letter in one */
        "73"
        "78563412"
        "0a01"
        "0538"
        "ff7f0000"
        "00000080", /* fixed, binary */
        "7008",
        "70",
        "71aabb",
        "50",
        "bb",
        "54",
        "5017",
        "99aabb",
        "51"
        "7f",
        "51"
        "0c13"
        "78563412",
        "78"
        "0413"
        "2a000000",
        "7a"
        "05000000"
        "0413"
        "2a000000",
        "7a"
        "05001005"
        "aabbccdd",
        "72" LONG "01fd1b03"
        "0213d6ff"
        "0313feffff"
        "0413ffffffff"
        "0613ffffffffff7f"
        "0713ffffffffffffff7f",
        "72" LONG "09130a"
        "0a13340f"
        "0b135634f2"
        "0c1300000080"
        "0e13785634129078"
        "00fd17"
        "08fd17",
        "72" LONG "055b1f85b741"
        "055b0000c07f"
        "055b00000000"
        "055b000000c2",
        "72" LONG "426cbf1c"
        "426cffff"
        "046d0b0bcd13"
        "066d3b1e09d51500"
        "036d3b1e09"
        "036dffffff",
        "72" LONG "0dfd0e03434241"
        "0dfd0e00"
        "0d13c2"
        "3412"
        "0d13d2"
        "3412"
        "0d13e3"
        "ffffff"
        "0d13f0"
        "00112233445566778899aabbccddeeff"
        "0d13c0"
        "0d13c1"
        "fa",
        "72" LONG "027c0357576b"
        "2a00"
        "0dfc03"
        "414243"
        "74"
        "0141",
        "72" LONG "849503"
        "2b"
        "01000000"
        "04ab7501000000"
        "0493fc0200000000"
        "02fdfd020700"
        "0217"
        "0500",
        "72" LONG "04931500000000"
        "043f00000000"
        "0f"
        "010203",
        "72" LONG "1f",
        "72" LONG "2f2f2f"
        "0113ff"
        "2f",
        "78"
        "2f"
        "016d05", /* a day in a field that no time has: a number */
        "72" LONG "0f",
    };
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        uint8_t body[MBUS_FRAME_MAX];
        size_t len = 0;
        assert_int_equal(gt_hex_parse(bodies[i], body, sizeof body, &len), GT_ERR_OK);
        const mbus_frame f = {MBUS_LONG, 0x08, 1, body[0], (uint8_t)(len - 1), body + 1};
        uint8_t in[MBUS_FRAME_MAX];
        assert_int_equal(mbus_frame_encode(&f, in, sizeof in, &len), GT_ERR_OK);
        again(in, len, bodies[i]);
    }
    again((const uint8_t[]){0xE5}, 1, "acknowledge");
    again((const uint8_t[]){0x10, 0x7B, 0xFD, 0x78, 0x16}, 5, "short");
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        codec_value fields[4];
        codec_value item;
        gt_err want;
        const char *id;
    } rows[] = {
        {{{"control", "08H"}}, {NULL, NULL}, GT_ERR_NOT_FOUND, "address"},
        {{{"control", "108H"}, {"address", "1"}}, {NULL, NULL}, GT_ERR_RANGE, "control"},
        {{{"control", "5BH"}, {"address", "1"}}, {"0413", "1"}, GT_ERR_UNKNOWN, "0413"},
        {{{"control", "08H"}, {"address", "1"}, {"ci", "76H"}},
         {NULL, NULL},
         GT_ERR_UNSUPPORTED,
         ""},
        {{{"control", "08H"}, {"address", "1"}, {"ci", "72H"}},
         {NULL, NULL},
         GT_ERR_NOT_FOUND,
         "id"},
        {{{"control", "08H"}, {"address", "1"}, {"ci", "78H"}}, {"04", "1"}, GT_ERR_SYNTAX, "04"},
        {{{"control", "08H"}, {"address", "1"}, {"ci", "78H"}},
         {"0413x", "1"},
         GT_ERR_SYNTAX,
         "0413x"},
        {{{"control", "08H"}, {"address", "1"}, {"ci", "78H"}},
         {"0413:x", "1"},
         GT_ERR_SYNTAX,
         "0413:x"},
        {{{"control", "08H"}, {"address", "1"}, {"ci", "78H"}},
         {"0413.C1", "1"},
         GT_ERR_SYNTAX,
         "0413.C1"},
        {{{"control", "08H"}, {"address", "1"}, {"ci", "78H"}},
         {"0D13.11", "1"},
         GT_ERR_SYNTAX,
         "0D13.11"},
        {{{"control", "08H"}, {"address", "1"}, {"ci", "78H"}},
         {"0D13.FF", "1"},
         GT_ERR_RANGE,
         "0D13.FF"},
        {{{"control", "08H"}, {"address", "1"}, {"ci", "78H"}},
         {"0D13.C1", "0.100"},
         GT_ERR_RANGE,
         "0D13.C1"},
        {{{"control", "08H"}, {"address", "1"}, {"ci", "78H"}},
         {"0D13.D1", "0.001"},
         GT_ERR_RANGE,
         "0D13.D1"},
        {{{"control", "08H"}, {"address", "1"}, {"ci", "78H"}},
         {"0493", "1"},
         GT_ERR_MALFORMED,
         "0493"},
        {{{"control", "08H"}, {"address", "1"}, {"ci", "78H"}},
         {"8493", "1"},
         GT_ERR_SYNTAX,
         "8493"},
        {{{"control", "08H"}, {"address", "1"}, {"ci", "78H"}},
         {"0113", "0.128"},
         GT_ERR_RANGE,
         "0113"},
        {{{"control", "08H"}, {"address", "1"}, {"ci", "78H"}},
         {"0113", "0.0001"},
         GT_ERR_RANGE,
         "0113"},
        {{{"control", "08H"}, {"address", "1"}, {"ci", "78H"}},
         {"0113", "9223372036854775807"},
         GT_ERR_RANGE,
         "0113"},
        {{{"control", "08H"}, {"address", "1"}, {"ci", "78H"}},
         {"0113", "9223372036854775808"},
         GT_ERR_RANGE,
         "0113"},
        {{{"control", "08H"}, {"address", "1"}, {"ci", "78H"}},
         {"0113", "1."},
         GT_ERR_SYNTAX,
         "0113"},
        {{{"control", "08H"}, {"address", "1"}, {"ci", "78H"}},
         {"0113", "1.2.3"},
         GT_ERR_SYNTAX,
         "0113"},
        {{{"control", "08H"}, {"address", "1"}, {"ci", "78H"}},
         {"0113", "-"},
         GT_ERR_SYNTAX,
         "0113"},
        {{{"control", "08H"}, {"address", "1"}, {"ci", "78H"}},
         {"055B", "1000000000000000000000000000000000000000"},
         GT_ERR_RANGE,
         "055B"},
        {{{"control", "08H"}, {"address", "1"}, {"ci", "78H"}},
         {"046D", "2026-13"},
         GT_ERR_SYNTAX,
         "046D"},
        {{{"control", "08H"}, {"address", "1"}, {"ci", "78H"}},
         {"426C", "2081-01-01"},
         GT_ERR_RANGE,
         "426C"},
        {{{"control", "08H"}, {"address", "1"}, {"ci", "78H"}}, {"0F", "0"}, GT_ERR_SYNTAX, "0F"},
        {{{"control", "08H"}, {"address", "1"}, {"ci", "70H"}, {"error", "xx"}},
         {NULL, NULL},
         GT_ERR_SYNTAX,
         "error"},
        {{{"ci", "78H"}, {"address", "1"}}, {NULL, NULL}, GT_ERR_OK, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t count = 0;
        while (count < 4 && rows[i].fields[count].id != NULL) {
            count++;
        }
        const codec_recipe recipe = {
            "", rows[i].fields, count, &rows[i].item, rows[i].item.id != NULL, NULL};
        codec_composer c = codec_composer_of(&recipe);
        uint8_t out[MBUS_FRAME_MAX];
        size_t len = 0;
        const gt_err err = mbus_compose(&c, out, sizeof out, &len);
        if (err != rows[i].want) {
            print_message("row %zu: %s, %s\n", i, gt_err_name(err), c.fault.id);
        }
        assert_int_equal(err, rows[i].want);
        assert_true(err == GT_ERR_OK || strcmp(c.fault.id, rows[i].id) == 0);
    }
}

/* One record of a frame without a header. */
static void test_records_refused(void **state)
{
    (void)state;
    static char wide[2 * 300 + 1];
    memset(wide, '0', sizeof wide - 1);
    const struct {
        codec_value item;
        gt_err want;
        const char *expected;
    } rows[] = {
        {{"041", "1"}, GT_ERR_SYNTAX, "an id of DIF, DIFEs, VIF and VIFEs in hex"},
        {{"2F13", "1"}, GT_ERR_SYNTAX, "an id of DIF, DIFEs, VIF and VIFEs in hex"},
        {{"84808080808080808080800013", "1"},
         GT_ERR_SYNTAX,
         "an id of DIF, DIFEs, VIF and VIFEs in hex"},
        {{"0D13.xx", "1"}, GT_ERR_SYNTAX, "an id of DIF, DIFEs, VIF and VIFEs in hex"},
        {{"0493FC", "1"}, GT_ERR_MALFORMED, "an id whose DIFs and VIFs say how many they are"},
        {{"04FDFD", "1"}, GT_ERR_MALFORMED, "an id whose DIFs and VIFs say how many they are"},
        {{"0D13.F0", wide}, GT_ERR_MALFORMED, "an id whose DIFs and VIFs say how many they are"},
        {{"0D13.C2", NULL}, GT_ERR_SYNTAX, "a decimal number"},
        {{"0D13.C2", "12345"}, GT_ERR_RANGE, "a number that the length byte allows"},
        {{"0D13.C2", "-0.001"}, GT_ERR_RANGE, "a number that the length byte allows"},
        {{"0593F0F0F0F0F0F0F070", "1"}, GT_ERR_RANGE, "a number that a real can hold"},
        {{"2F", NULL}, GT_ERR_SYNTAX, "a whole number in decimal digits"},
        {{"2F", "x"}, GT_ERR_SYNTAX, "a whole number in decimal digits"},
        {{"2F", "256"}, GT_ERR_RANGE, "a smaller number: its field is shorter"},
    };
    static const codec_value fields[] = {{"control", "08H"}, {"address", "1"}, {"ci", "78H"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const codec_recipe recipe = {"", fields, 3, &rows[i].item, 1, NULL};
        codec_composer c = codec_composer_of(&recipe);
        uint8_t out[MBUS_FRAME_MAX];
        size_t len = 77;
        if (mbus_compose(&c, out, sizeof out, &len) != rows[i].want ||
            strcmp(c.fault.expected, rows[i].expected) != 0) {
            fail_msg("%s: %s, expected %s", rows[i].item.id, gt_err_name(c.fault.err),
                     c.fault.expected);
        }
        assert_string_equal(c.fault.id, rows[i].item.id);
        assert_int_equal(len, 77);
    }
    const codec_value empty = {"0DFD0E", NULL}; /* a text without letters */
    const codec_recipe recipe = {"", fields, 3, &empty, 1, NULL};
    codec_composer c = codec_composer_of(&recipe);
    uint8_t out[MBUS_FRAME_MAX];
    size_t len = 0;
    assert_int_equal(mbus_compose(&c, out, sizeof out, &len), GT_ERR_OK);
    static const uint8_t want[] = {0x68, 7, 7, 0x68, 8, 1, 0x78, 0x0D, 0xFD, 0x0E, 0, 0x99, 0x16};
    assert_int_equal(len, sizeof want);
    assert_memory_equal(out, want, len);
}

/* The fixed structure and the header, one field wrong: overrides that of the same name. */
static void test_heads_refused(void **state)
{
    (void)state;
    static const codec_value fixed[] = {{"control", "08H"}, {"address", "1"}, {"ci", "73H"},
                                        {"id", "12345678"}, {"access", "10"}, {"status", "00H"},
                                        {"medium", "7H"},   {"unit1", "29H"}, {"unit2", "3EH"}};
    static const codec_value header[] = {
        {"control", "08H"},      {"address", "1"},      {"ci", "72H"},     {"id", "12345678"},
        {"manufacturer", "PAD"}, {"version", "1"},      {"medium", "07H"}, {"access", "10"},
        {"status", "00H"},       {"signature", "0000H"}};
    static const struct {
        codec_value field; /* of the header when it is the manufacturer */
        codec_value items[2];
        gt_err want;
        const char *id;
    } rows[] = {
        {{"unit1", "29H"}, {{"C1", "1.00"}, {"C2", "0.135"}}, GT_ERR_OK, ""},
        {{"unit1", "29H"}, {{"C1", "1.000"}, {"C2", "0000000AH"}}, GT_ERR_OK, ""},
        {{"unit1", "00H"}, {{"C1", "1"}, {"C2", "2"}}, GT_ERR_OK, ""}, /* a reserved unit */
        {{"unit1", "29H"}, {{"C1", "1"}}, GT_ERR_NOT_FOUND, "C2"},
        {{"unit1", "29H"}, {{"C1", NULL}, {"C2", "1"}}, GT_ERR_SYNTAX, "C1"},
        {{"unit1", "29H"}, {{"C1", "00000000X"}, {"C2", "1"}}, GT_ERR_SYNTAX, "C1"},
        {{"unit1", "29H"}, {{"C1", "100000.000"}, {"C2", "1"}}, GT_ERR_RANGE, "C1"},
        {{"status", "01H"}, {{"C1", "1"}, {"C2", "2147483.648"}}, GT_ERR_RANGE, "C2"},
        {{"unit1", "40H"}, {{"C1", "1"}, {"C2", "1"}}, GT_ERR_RANGE, ""},
        {{"unit2", "40H"}, {{"C1", "1"}, {"C2", "1"}}, GT_ERR_RANGE, ""},
        {{"medium", "10H"}, {{"C1", "1"}, {"C2", "1"}}, GT_ERR_RANGE, ""},
        {{"manufacturer", "PAD"}, {{NULL, NULL}}, GT_ERR_OK, ""},
        {{"manufacturer", "4024H"}, {{NULL, NULL}}, GT_ERR_OK, ""},
        {{"manufacturer", NULL}, {{NULL, NULL}}, GT_ERR_SYNTAX, "manufacturer"},
        {{"manufacturer", "P1D"}, {{NULL, NULL}}, GT_ERR_SYNTAX, "manufacturer"},
        {{"manufacturer", "PAd"}, {{NULL, NULL}}, GT_ERR_SYNTAX, "manufacturer"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const bool headed = strcmp(rows[i].field.id, "manufacturer") == 0;
        const size_t count =
            headed ? sizeof header / sizeof header[0] : sizeof fixed / sizeof fixed[0];
        codec_value fields[sizeof header / sizeof header[0]];
        for (size_t k = 0; k < count; k++) {
            fields[k] = headed ? header[k] : fixed[k];
            fields[k] = strcmp(fields[k].id, rows[i].field.id) == 0 ? rows[i].field : fields[k];
        }
        size_t items = 0;
        while (items < 2 && rows[i].items[items].id != NULL) {
            items++;
        }
        const codec_recipe recipe = {"", fields, count, rows[i].items, items, NULL};
        codec_composer c = codec_composer_of(&recipe);
        uint8_t out[MBUS_FRAME_MAX];
        size_t len = 0;
        const gt_err err = mbus_compose(&c, out, sizeof out, &len);
        if (err != rows[i].want || (err != GT_ERR_OK && strcmp(c.fault.id, rows[i].id) != 0)) {
            fail_msg("row %zu: %s, %s expected %s", i, gt_err_name(err), c.fault.id,
                     c.fault.expected);
        }
        assert_int_equal(len > 0, err == GT_ERR_OK);
    }
}

/* More than fits a frame. */
static void test_full(void **state)
{
    (void)state;
    static char text[200];
    memset(text, 'a', sizeof text - 1);
    const codec_value fields[] = {{"control", "08H"}, {"address", "1"}, {"ci", "78H"}};
    const codec_value items[] = {{"0DFD0E", text + 8}, {"0DFD0E", text + 100}};
    const codec_recipe recipe = {"", fields, 3, items, 2, NULL};
    codec_composer c = codec_composer_of(&recipe);
    uint8_t out[MBUS_FRAME_MAX];
    size_t len = 0;
    assert_int_equal(mbus_compose(&c, out, sizeof out, &len), GT_ERR_SPACE);
    const codec_value one[] = {{"0DFD0E", text}};
    const codec_recipe large = {"", fields, 3, one, 1, NULL};
    c = codec_composer_of(&large);
    assert_int_equal(mbus_compose(&c, out, sizeof out, &len), GT_ERR_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frames),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_records_refused),
        cmocka_unit_test(test_heads_refused),
        cmocka_unit_test(test_full),
    };
    return cmocka_run_group_tests_name("codec/mbus/compose", tests, NULL, NULL);
}
