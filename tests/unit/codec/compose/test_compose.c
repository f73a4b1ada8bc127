/* Reading recipes strictly, and what was described composed again to the same bytes. */
#include "base/hex.h"
#include "codec/detect/compose.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

typedef enum text_form {
    HEX_2,
    HEX_16,
    NUMBER_200,
    DECIMAL_2,
    DIGITS_4,
    BYTES,
    PARTS,
    SCALED,
    COUNT_1,
    COUNT_2
} text_form;

static int64_t read_as(codec_composer *c, const codec_value *v, text_form form)
{
    uint8_t bytes[4] = {0};
    gt_wr w = gt_wr_of(bytes, sizeof bytes);
    unsigned parts[3] = {0};
    int exponent = 0;
    switch (form) {
    case HEX_2:
        return (int64_t)codec_value_hex(c, v, 2);
    case HEX_16:
        return (int64_t)codec_value_hex(c, v, 16);
    case NUMBER_200:
        return (int64_t)codec_value_number(c, v, 200);
    case DECIMAL_2:
        return codec_value_decimal(c, v, 2);
    case DIGITS_4:
        return (int64_t)codec_value_digits(c, v, 4);
    case BYTES:
        codec_value_bytes(c, v, &w);
        return (int64_t)(bytes[0] << 16 | bytes[1] << 8) + (int64_t)w.len;
    case SCALED:
        return codec_value_scaled(c, v, &exponent) * 100 - exponent;
    case COUNT_1:
        return codec_value_count(c, v, 1);
    case COUNT_2:
        return codec_value_count(c, v, -2);
    case PARTS:
        (void)codec_value_parts(c, v, "dd-dd d", parts);
        return (int64_t)parts[0] * 1000 + parts[1] * 10 + parts[2];
    }
    return 0;
}

static void test_values(void **state)
{
    (void)state;
    static const struct {
        text_form form;
        const char *text;
        gt_err err;
        int64_t want;
    } rows[] = {
        {HEX_2, "91H", GT_ERR_OK, 0x91},
        {HEX_2, "0x91", GT_ERR_OK, 0x91},
        {HEX_2, "0X9f", GT_ERR_OK, 0x9F},
        {HEX_2, "1", GT_ERR_OK, 1},
        {HEX_2, "00A1", GT_ERR_OK, 0xA1},
        {HEX_16, "7FFFFFFFFFFFFFFF", GT_ERR_OK, INT64_MAX},
        {HEX_16, "07FFFFFFFFFFFFFFF", GT_ERR_SYNTAX, 0},
        {HEX_2, "191H", GT_ERR_RANGE, 0},
        {HEX_2, "", GT_ERR_SYNTAX, 0},
        {HEX_2, "H", GT_ERR_SYNTAX, 0},
        {HEX_2, "0x", GT_ERR_SYNTAX, 0},
        {HEX_2, "91HH", GT_ERR_SYNTAX, 0},
        {HEX_2, " 91", GT_ERR_SYNTAX, 0},
        {HEX_2, "91h", GT_ERR_SYNTAX, 0},
        {HEX_2, "9G", GT_ERR_SYNTAX, 0},
        {HEX_2, NULL, GT_ERR_SYNTAX, 0},
        {NUMBER_200, "0", GT_ERR_OK, 0},
        {NUMBER_200, "0200", GT_ERR_OK, 200},
        {NUMBER_200, "201", GT_ERR_RANGE, 0},
        {NUMBER_200, "18446744073709551616", GT_ERR_RANGE, 0},
        {NUMBER_200, "184467440737095516160", GT_ERR_RANGE, 0},
        {NUMBER_200, "-1", GT_ERR_SYNTAX, 0},
        {NUMBER_200, "1 ", GT_ERR_SYNTAX, 0},
        {NUMBER_200, "", GT_ERR_SYNTAX, 0},
        {NUMBER_200, NULL, GT_ERR_SYNTAX, 0},
        {DECIMAL_2, "123.45", GT_ERR_OK, 12345},
        {DECIMAL_2, "-0.5", GT_ERR_OK, -50},
        {DECIMAL_2, "1.234", GT_ERR_SYNTAX, 0},
        {DECIMAL_2, "1e3", GT_ERR_SYNTAX, 0},
        {DECIMAL_2, "99999999999999999999", GT_ERR_RANGE, 0},
        {DECIMAL_2, NULL, GT_ERR_SYNTAX, 0},
        {DIGITS_4, "0012", GT_ERR_OK, 0x0012},
        {DIGITS_4, "012", GT_ERR_SYNTAX, 0},
        {DIGITS_4, "00123", GT_ERR_SYNTAX, 0},
        {DIGITS_4, "00A2", GT_ERR_SYNTAX, 0},
        {DIGITS_4, NULL, GT_ERR_SYNTAX, 0},
        {BYTES, "12aB", GT_ERR_OK, 0x12AB02},
        {BYTES, "", GT_ERR_OK, 0},
        {BYTES, "123", GT_ERR_SYNTAX, 0x120001},
        {BYTES, "12 34", GT_ERR_SYNTAX, 0x120001},
        {BYTES, NULL, GT_ERR_SYNTAX, 0},
        {SCALED, "-12.50", GT_ERR_OK, -125000 + 2},
        {SCALED, "9223372036854775808", GT_ERR_RANGE, 0},
        {SCALED, "1.", GT_ERR_SYNTAX, 0},
        {SCALED, "1.2.3", GT_ERR_SYNTAX, 0},
        {SCALED, "/", GT_ERR_SYNTAX, 0},
        {SCALED, ":", GT_ERR_SYNTAX, 0},
        {SCALED, "1:", GT_ERR_SYNTAX, 0},
        {SCALED, "-", GT_ERR_SYNTAX, 0},
        {SCALED, NULL, GT_ERR_SYNTAX, 0},
        {COUNT_1, "120", GT_ERR_OK, 12},
        {COUNT_1, "125", GT_ERR_RANGE, 0},
        {COUNT_1, "0", GT_ERR_OK, 0},
        {COUNT_2, "1.5", GT_ERR_OK, 150},
        {COUNT_2, "-1.5", GT_ERR_OK, -150},
        {COUNT_2, "0", GT_ERR_OK, 0},
        {COUNT_2, "0.125", GT_ERR_RANGE, 0},
        {COUNT_2, "922337203685477580", GT_ERR_RANGE, 0},
        {COUNT_2, "-922337203685477581", GT_ERR_RANGE, 0},
        {PARTS, "12-34 5", GT_ERR_OK, 12345},
        {PARTS, "12-34 55", GT_ERR_SYNTAX, 0},
        {PARTS, "12-34 ", GT_ERR_SYNTAX, 0},
        {PARTS, "12-3", GT_ERR_SYNTAX, 0},
        {PARTS, "12/34 5", GT_ERR_SYNTAX, 0},
        {PARTS, "1:-34 5", GT_ERR_SYNTAX, 0},
        {PARTS, "", GT_ERR_SYNTAX, 0},
        {PARTS, NULL, GT_ERR_SYNTAX, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const codec_value v = {"control", rows[i].text};
        const codec_recipe recipe = {.address = "", .fields = &v, .field_count = 1};
        codec_composer c = codec_composer_of(&recipe);
        const int64_t got = read_as(&c, codec_field_get(&c, "control"), rows[i].form);
        if (c.fault.err != rows[i].err || got != rows[i].want) {
            print_message("row %zu: %s\n", i, rows[i].text != NULL ? rows[i].text : "(none)");
        }
        assert_int_equal(codec_compose_done(&c), rows[i].err);
        assert_int_equal(got, rows[i].want);
        if (rows[i].err != GT_ERR_OK) {
            assert_string_equal(c.fault.id, "control");
            assert_string_equal(c.fault.found, rows[i].text != NULL ? rows[i].text : "nothing");
            assert_int_equal(read_as(&c, &v, rows[i].form), 0); /* the fault stays */
        }
    }
}

/* Next, find and peek agree on what was read; the one left over is named. */
static void test_reading_once(void **state)
{
    (void)state;
    static const codec_value fields[] = {{"seq", "1"}, {"seq", "2"}, {"end", "16H"}};
    static const codec_value items[] = {{"A", "1"}, {"B", "2"}, {"A", "3"}};
    const codec_recipe recipe = {"", fields, 3, items, 3, NULL};
    codec_composer c = codec_composer_of(&recipe);
    assert_ptr_equal(codec_field_find(&c, "seq"), &fields[0]);
    assert_ptr_equal(codec_field_get(&c, "seq"), &fields[1]);
    assert_null(codec_field_find(&c, "seq"));
    static const char *const derived[] = {"start", "end"};
    codec_fields_derived(&c, derived, 2);
    assert_ptr_equal(codec_item_find(&c, "B"), &items[1]);
    assert_ptr_equal(codec_item_peek(&c), &items[0]);
    assert_ptr_equal(codec_item_next(&c), &items[0]);
    codec_composer other = c;
    assert_int_equal(codec_compose_done(&other), GT_ERR_UNKNOWN);
    assert_string_equal(other.fault.id, "A");
    assert_string_equal(other.fault.found, "3");
    assert_ptr_equal(codec_item_next(&c), &items[2]);
    assert_null(codec_item_next(&c));
    assert_null(codec_item_peek(&c));
    assert_int_equal(codec_compose_done(&c), GT_ERR_OK);
    assert_null(codec_field_get(&c, "afn"));
    assert_int_equal(codec_compose_done(&c), GT_ERR_NOT_FOUND);
    assert_string_equal(c.fault.id, "afn");
    c = codec_composer_of(&recipe);
    assert_int_equal(codec_compose_done(&c), GT_ERR_UNKNOWN);
    assert_string_equal(c.fault.id, "seq");
}

static void test_address(void **state)
{
    (void)state;
    static const struct {
        const char *address;
        const char *field; /* "": no such field */
        gt_err err;
        const char *want;
    } rows[] = {
        {"12", "", GT_ERR_OK, "12"},       {"", "34", GT_ERR_OK, "34"},
        {"12", "12", GT_ERR_OK, "12"},     {"", "", GT_ERR_NOT_FOUND, NULL},
        {"12", "34", GT_ERR_MISMATCH, ""}, {"12", NULL, GT_ERR_MISMATCH, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const codec_value field = {"address", rows[i].field};
        const bool given = rows[i].field == NULL || rows[i].field[0] != '\0';
        const codec_recipe recipe = {
            .address = rows[i].address, .fields = &field, .field_count = given ? 1 : 0};
        codec_composer c = codec_composer_of(&recipe);
        codec_value storage;
        const codec_value *v = codec_address_get(&c, &storage);
        assert_int_equal(codec_compose_done(&c), rows[i].err);
        if (rows[i].err == GT_ERR_OK) {
            assert_string_equal(v->value, rows[i].want);
        } else {
            assert_string_equal(c.fault.id, "address");
        }
    }
}

static void test_too_much(void **state)
{
    (void)state;
    static const codec_value one = {"A", "1"};
    const codec_recipe rows[] = {{"", &one, CODEC_FIELDS_MAX + 1, NULL, 0, NULL},
                                 {"", NULL, 0, &one, CODEC_ITEMS_MAX + 1, NULL}};
    for (size_t i = 0; i < 2; i++) {
        codec_composer c = codec_composer_of(&rows[i]);
        assert_null(codec_field_find(&c, "A"));
        assert_null(codec_item_next(&c));
        assert_int_equal(codec_compose_done(&c), GT_ERR_SPACE);
    }
}

/* A description as the recipe for itself. */
static gt_err compose_again(const codec_description *d, codec_protocol protocol, gt_wr *out,
                            codec_recipe_fault *fault)
{
    codec_value fields[CODEC_FIELDS_MAX];
    codec_value items[CODEC_ITEMS_MAX];
    for (size_t i = 0; i < d->field_count; i++) {
        fields[i] = (codec_value){d->fields[i].id, d->fields[i].value};
    }
    for (size_t i = 0; i < d->item_count; i++) {
        items[i] = (codec_value){d->items[i].id, d->items[i].value};
    }
    const codec_recipe recipe = {d->address, fields, d->field_count, items, d->item_count, NULL};
    return codec_compose(protocol, &recipe, out, fault);
}

static void test_round_trip(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "6812907856341268110433333433df16",
        "6812907856341268910833333433ab896745cc16",
        "fefefefe68120000001020681104333234330016", /* sum repaired below */
        "6812907856341268910a333234355b56333332320016",
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t in[64];
        size_t in_len = 0;
        assert_int_equal(gt_hex_parse(rows[i], in, sizeof in, &in_len), GT_ERR_OK);
        const size_t start = in[0] == 0xFE ? 4 : 0;
        in[in_len - 2] = 0;
        for (size_t k = start; k < in_len - 2; k++) {
            in[in_len - 2] = (uint8_t)(in[in_len - 2] + in[k]);
        }
        codec_description d;
        const codec_found found = codec_detect(CODEC_ANY, in, in_len, 0);
        codec_found_describe(&found, NULL, in, &d);
        assert_int_equal(d.error_count, 0);
        uint8_t out[64];
        gt_wr w = gt_wr_of(out, sizeof out);
        codec_recipe_fault fault;
        const gt_err err = compose_again(&d, found.protocol, &w, &fault);
        if (err != GT_ERR_OK) {
            print_message("row %zu: %s: expected %s, found %s\n", i, fault.id, fault.expected,
                          fault.found);
        }
        assert_int_equal(err, GT_ERR_OK);
        assert_int_equal(w.len, in_len);
        assert_memory_equal(out, in, in_len);
        gt_wr small = gt_wr_of(out, in_len - 1);
        assert_int_equal(compose_again(&d, found.protocol, &small, &fault), GT_ERR_SPACE);
        assert_int_equal(small.len, 0);
    }
}

static void test_no_composer(void **state)
{
    (void)state;
    const codec_recipe recipe = {.address = ""};
    uint8_t out[16];
    gt_wr w = gt_wr_of(out, sizeof out);
    codec_recipe_fault fault;
    assert_int_equal(codec_compose(CODEC_ANY, &recipe, &w, &fault), GT_ERR_UNSUPPORTED);
    assert_int_equal(fault.err, GT_ERR_UNSUPPORTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),     cmocka_unit_test(test_reading_once),
        cmocka_unit_test(test_address),    cmocka_unit_test(test_too_much),
        cmocka_unit_test(test_round_trip), cmocka_unit_test(test_no_composer),
    };
    return cmocka_run_group_tests_name("codec/compose", tests, NULL, NULL);
}
