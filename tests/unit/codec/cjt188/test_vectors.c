/* The shared captured frames: type, address, control code, data, identifier, values; none of them
 * is taken when it is cut or has one bit wrong. */
#include "codec/cjt188/describe.h"
#include "base/hex.h"
#include "../vectors.h"

static codec_description told;

static const char *text_of(const json_t *expect, const char *name)
{
    return json_string_value(json_object_get(expect, name));
}

/* The value whose identifier ends like that. */
static const char *value_of(const char *tail)
{
    for (size_t i = 0; i < told.item_count; i++) {
        const char *dot = strchr(told.items[i].id, '.');
        if (dot != NULL && strcmp(dot + 1, tail) == 0) {
            return told.items[i].value;
        }
    }
    fail_msg("no value %s", tail);
    return "";
}

static void values_check(const json_t *expect)
{
    static const char *const names[] = {"valve", "time", "current", "settle"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const json_t *want = json_object_get(expect, names[i]);
        if (json_is_string(want)) {
            assert_string_equal(value_of(names[i]), json_string_value(want));
        } else if (want != NULL) {
            assert_true(strtod(value_of(names[i]), NULL) == json_number_value(want));
        }
    }
}

static gt_err frame_check(const uint8_t *in, size_t in_len)
{
    cjt188_frame frame;
    return cjt188_frame_decode(in, in_len, &frame);
}

static void vector_check(const json_t *vector)
{
    const json_t *expect = json_object_get(vector, "expect");
    uint8_t in[CJT188_FRAME_MAX + 16];
    size_t len = 0;
    assert_int_equal(gt_hex_parse(text_of(vector, "hex"), in, sizeof in, &len), GT_ERR_OK);
    const size_t preamble = cjt188_preambles(in, len);
    assert_int_equal(preamble, json_integer_value(json_object_get(expect, "preamble")));
    cjt188_frame frame = {0};
    assert_int_equal(cjt188_frame_decode(in + preamble, len - preamble, &frame), GT_ERR_OK);
    damage_refused(frame_check, in + preamble, len - preamble);
    assert_int_equal(frame.type, strtoul(text_of(expect, "type"), NULL, 16));
    assert_true(frame.addr == strtoull(text_of(expect, "addr"), NULL, 16));
    assert_int_equal(frame.ctrl, strtoul(text_of(expect, "ctrl"), NULL, 16));
    char data[2 * CJT188_DATA_MAX + 1];
    gt_hex_format(frame.data, frame.data_len, data, sizeof data);
    assert_string_equal(data, text_of(expect, "data"));
    cjt188_message m;
    cjt188_frame back;
    assert_int_equal(cjt188_message_decode(&frame, &m), GT_ERR_OK);
    assert_int_equal(cjt188_message_encode(&m, &back), GT_ERR_OK);
    assert_int_equal(back.data_len, frame.data_len);
    assert_memory_equal(frame.data, back.data, frame.data_len);
    if (text_of(expect, "di") != NULL) {
        assert_int_equal(m.di, strtoul(text_of(expect, "di"), NULL, 16));
    }
    cjt188_describe(NULL, in, len, &told);
    assert_int_equal(told.error_count, 0);
    values_check(expect);
}

static void test_shared(void **state)
{
    (void)state;
    vectors_check(SOURCE_ROOT "/../shared/data/vectors/cjt188.jsonl", 18, vector_check);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_shared)};
    return cmocka_run_group_tests_name("codec/cjt188/vectors", tests, NULL, NULL);
}
