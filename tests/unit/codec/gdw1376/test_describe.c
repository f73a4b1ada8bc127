/* A frame in words: every byte of every published frame is named, values read as people write them,
 * damage is located. */
#include "base/hex.h"
#include "codec/gdw1376/describe.h"
#include "codec/gdw1376/link.h"
#include "codec/gdw1376/realtime.h"
#include "../vectors.h"

static codec_description d;

static void mark(uint8_t *covered, uint32_t offset, uint32_t len)
{
    for (uint32_t i = 0; i < len; i++) {
        covered[offset + i] = 1;
    }
}

static void every_byte_named(size_t len)
{
    uint8_t covered[GDW1376_FRAME_MAX] = {0};
    for (size_t i = 0; i < d.field_count; i++) {
        assert_true(d.fields[i].offset + d.fields[i].len <= len);
        assert_non_null(d.fields[i].name.zh);
        assert_non_null(d.fields[i].name.en);
        mark(covered, d.fields[i].offset, d.fields[i].len);
    }
    for (size_t i = 0; i < d.item_count; i++) {
        assert_true(d.items[i].offset + d.items[i].len <= len);
        assert_non_null(d.items[i].name.zh);
        mark(covered, d.items[i].offset, d.items[i].len);
    }
    for (size_t i = 0; i < len; i++) {
        assert_int_equal(covered[i], 1);
    }
}

static void vector_told(const json_t *vector)
{
    uint8_t in[GDW1376_FRAME_MAX];
    size_t len = 0;
    const char *hex = json_string_value(json_object_get(vector, "hex"));
    assert_int_equal(gt_hex_parse(hex, in, sizeof in, &len), GT_ERR_OK);
    size_t claimed = 0;
    assert_int_equal(gdw1376_probe(in, len, &claimed), CODEC_MATCH_FRAME);
    assert_int_equal(claimed, len);
    gdw1376_describe(in, len, &d);
    assert_int_equal(d.error_count, 0);
    assert_true(d.item_count > 0);
    every_byte_named(len);
}

static void test_published_frames(void **state)
{
    (void)state;
    vectors_check(GT_VECTORS "/qgdw1376.1.jsonl", 1, vector_told);
}

static size_t energy_frame(uint8_t *buf, size_t cap)
{
    static const gdw1376_addr addr = {.region = 0x4403, .terminal = 4};
    const gdw1376_head request = gdw1376_head_request(&addr, GDW1376_AFN_CLASS1, 1);
    const gdw1376_head head = gdw1376_head_reply(&request, GDW1376_AFN_CLASS1);
    const gt_civil at = {2026, 11, 21, 5, 47, 0};
    gdw1376_energy energy = {.taken = gdw1376_when_of(&at), .rates = 2};
    energy.total = gdw1376_num_of(1234567);
    energy.rate[0] = gdw1376_num_of(1);
    gdw1376_message m = gdw1376_message_begin(buf, cap, &head);
    gdw1376_message_add(&m, 5, GDW1376_FN_ENERGY);
    gdw1376_energy_write(&m.w, &energy);
    size_t len = 0;
    assert_int_equal(gdw1376_message_end(&m, NULL, &len), GT_ERR_OK);
    return len;
}

static void test_values(void **state)
{
    (void)state;
    uint8_t buf[128];
    const size_t len = energy_frame(buf, sizeof buf);
    gdw1376_describe(buf, len, &d);
    assert_int_equal(d.error_count, 0);
    assert_string_equal(d.address, "4403-0004");
    assert_string_equal(d.title.en, "Class 1 data");
    static const struct {
        const char *id, *value, *unit;
    } want[] = {
        {"DA DT", "p5 F129", ""},
        {"F129 p5", "2026-11-21 05:47:00", ""},
        {"F129 p5", "2", ""},
        {"F129 p5", "123.4567", "kWh"},
        {"F129 p5 #1", "0.0001", "kWh"},
        {"F129 p5 #2", NULL, "kWh"},
    };
    assert_int_equal(d.item_count, 6);
    for (size_t i = 0; i < 6; i++) {
        assert_string_equal(d.items[i].id, want[i].id);
        assert_string_equal(d.items[i].unit, want[i].unit);
        if (want[i].value == NULL) {
            assert_null(d.items[i].value);
        } else {
            assert_string_equal(d.items[i].value, want[i].value);
        }
    }
    every_byte_named(len);
}

static void test_inner_frame(void **state)
{
    (void)state;
    static const char hex[] =
        "68ae00ae0068a8000234120410e0000001001f14006861100130121568910833333433"
        "ab39333349164f00000650232105ae16";
    uint8_t in[128];
    size_t len = 0;
    assert_int_equal(gt_hex_parse(hex, in, sizeof in, &len), GT_ERR_OK);
    gdw1376_describe(in, len, &d);
    assert_int_equal(d.inner_len, 20);
    assert_int_equal(d.inner_offset, 21);
    assert_int_equal(in[d.inner_offset], 0x68);
    assert_string_equal(d.items[3].value, "6861100130121568910833333433AB3933334916");
}

static void test_damage_is_located(void **state)
{
    (void)state;
    uint8_t good[128];
    const size_t len = energy_frame(good, sizeof good);
    static const struct {
        size_t at;
        uint8_t byte;
        gt_err want;
        uint32_t offset;
        codec_match match;
    } rows[] = {
        {0, 0x69, GT_ERR_MALFORMED, 0, CODEC_MATCH_NONE},
        {3, 0xFF, GT_ERR_MALFORMED, 3, CODEC_MATCH_NONE},
        {5, 0x69, GT_ERR_MALFORMED, 5, CODEC_MATCH_NONE},
        {20, 0x99, GT_ERR_CHECKSUM, 0, CODEC_MATCH_SHAPE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t bad[128];
        memcpy(bad, good, len);
        bad[rows[i].at] = rows[i].byte;
        gdw1376_describe(bad, len, &d);
        assert_int_equal(d.error_count, 1);
        assert_int_equal(d.errors[0].err, rows[i].want);
        assert_int_equal(d.errors[0].offset,
                         rows[i].offset == 0 && i == 3 ? len - 2 : rows[i].offset);
        assert_int_equal(d.item_count, 0);
        size_t claimed = 0;
        assert_int_equal(gdw1376_probe(bad, len, &claimed), rows[i].match);
    }
    for (size_t n = 0; n < len; n++) {
        gdw1376_describe(good, n, &d);
        assert_int_equal(d.error_count, 1);
        assert_int_equal(d.item_count, 0);
        size_t claimed = 0;
        assert_int_not_equal(gdw1376_probe(good, n, &claimed), CODEC_MATCH_FRAME);
    }
}

/* A right envelope around wrong data: the envelope is shown, the wrong value is named. */
static void test_bad_digit_is_located(void **state)
{
    (void)state;
    uint8_t buf[128];
    const size_t len = energy_frame(buf, sizeof buf);
    buf[24] = 0xAB;
    uint8_t cs = 0;
    for (size_t i = 6; i < len - 2; i++) {
        cs = (uint8_t)(cs + buf[i]);
    }
    buf[len - 2] = cs;
    gdw1376_describe(buf, len, &d);
    assert_int_equal(d.error_count, 1);
    assert_int_equal(d.errors[0].err, GT_ERR_MALFORMED);
    assert_int_equal(d.errors[0].offset, 24);
    assert_int_equal(d.item_count, 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_published_frames),     cmocka_unit_test(test_values),
        cmocka_unit_test(test_inner_frame),          cmocka_unit_test(test_damage_is_located),
        cmocka_unit_test(test_bad_digit_is_located),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
