/* Our own text vectors, then the shared captured frames: address, control code, data, values; none
 * of them is taken when it is cut or has one bit wrong. */
#include "codec/dlt645/describe.h"
#include "codec/dlt645/message.h"
#include "base/hex.h"
#include "../vectors.h"

enum { LINE_MAX_LEN = 4096 };

typedef struct suite {
    const char *own;
    unsigned own_min;
    const char *shared;
    unsigned shared_min;
    gt_err (*decode)(const dlt645_frame *frame, dlt645_message *out);
    void (*describe)(const items_set *own, const uint8_t *in, size_t in_len,
                     codec_description *out);
} suite;

static const suite suite_2007 = {SOURCE_ROOT "/tests/vectors/dlt645-2007.txt",
                                 16,
                                 SOURCE_ROOT "/../shared/data/vectors/dlt645-2007.jsonl",
                                 36,
                                 dlt645_message_decode,
                                 dlt645_describe};
static const suite suite_1997 = {SOURCE_ROOT "/tests/vectors/dlt645-1997.txt",
                                 30,
                                 SOURCE_ROOT "/../shared/data/vectors/dlt645-1997.jsonl",
                                 28,
                                 dlt645_1997_message_decode,
                                 dlt645_1997_describe};

static codec_description told;

static size_t bytes_of(const char *text, uint8_t out[DLT645_FRAME_MAX])
{
    size_t len = 0;
    for (const char *at = text; at[0] != '\0' && at[1] != '\0';) {
        if (gt_hex_digit(at[0]) < 0) {
            at++;
            continue;
        }
        out[len++] = (uint8_t)(gt_hex_digit(at[0]) << 4 | gt_hex_digit(at[1]));
        at += 2;
    }
    return len;
}

static const codec_field *field_of(const char *id)
{
    for (size_t i = 0; i < told.field_count; i++) {
        if (strcmp(told.fields[i].id, id) == 0) {
            return &told.fields[i];
        }
    }
    fail_msg("no field %s", id);
    return NULL;
}

/* "name=value" words; blanks inside values are written as '_'. */
static void expect_words(char *words)
{
    assert_int_equal(told.error_count, 0);
    size_t items = 0;
    for (char *word = strtok(words, " \n"); word != NULL; word = strtok(NULL, " \n")) {
        char *value = strchr(word, '=');
        assert_non_null(value);
        *value++ = '\0';
        if (strcmp(word, "addr") == 0) {
            assert_string_equal(told.address, value);
        } else if (strcmp(word, "ctrl") == 0) {
            assert_memory_equal(field_of("control")->value + 2, "H", 2);
            assert_int_equal(strtol(field_of("control")->value, NULL, 16), strtol(value, NULL, 16));
        } else {
            const codec_item *item = &told.items[items++];
            assert_string_equal(item->id, word);
            for (char *at = strchr(value, '_'); at != NULL; at = strchr(at, '_')) {
                *at = ' ';
            }
            assert_string_equal(item->value != NULL ? item->value : "-", value);
        }
    }
    assert_int_equal(items, told.item_count);
}

static void expect_error(const char *line, codec_match match)
{
    const bool data = strncmp(line, "data ", 5) == 0;
    const char *name = line + (data ? 5 : 0);
    assert_int_equal(match == CODEC_MATCH_FRAME, data);
    assert_int_equal(told.error_count, 1);
    assert_memory_equal(gt_err_name(told.errors[0].err), name, strcspn(name, "\n"));
    assert_int_equal(told.item_count, 0);
}

static void own_check(const suite *of)
{
    FILE *file = fopen(of->own, "r");
    assert_non_null(file);
    char line[LINE_MAX_LEN];
    uint8_t in[DLT645_FRAME_MAX + 16];
    codec_match match = CODEC_MATCH_NONE;
    unsigned checked = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "decode ", 7) == 0) {
            const size_t len = bytes_of(line + 7, in);
            size_t claimed = 0;
            match = dlt645_probe(in, len, &claimed);
            /* Bytes behind a whole frame are another stretch to the probe, an error to describe. */
            if (match == CODEC_MATCH_FRAME && claimed < len) {
                match = CODEC_MATCH_SHAPE;
            }
            of->describe(NULL, in, len, &told);
        } else if (strncmp(line, "expect ", 7) == 0) {
            assert_int_equal(match, CODEC_MATCH_FRAME);
            expect_words(line + 7);
            checked++;
        } else if (strncmp(line, "error ", 6) == 0) {
            expect_error(line + 6, match);
            checked++;
        }
    }
    (void)fclose(file);
    assert_true(checked >= of->own_min);
}

static const char *text_of(const json_t *expect, const char *name)
{
    return json_string_value(json_object_get(expect, name));
}

/* A stated value against ours: numbers as numbers, texts as the start of ours. */
static void value_check(const json_t *want, const codec_item *item)
{
    if (json_is_null(want)) {
        assert_null(item->value);
    } else if (json_is_number(want)) {
        assert_true(strtod(item->value, NULL) == json_number_value(want));
    } else {
        assert_memory_equal(item->value, json_string_value(want), json_string_length(want));
    }
}

static gt_err frame_check(const uint8_t *in, size_t in_len)
{
    dlt645_frame frame;
    return dlt645_frame_decode(in, in_len, &frame);
}

static void vector_check(const suite *of, const json_t *vector)
{
    const json_t *expect = json_object_get(vector, "expect");
    uint8_t in[DLT645_FRAME_MAX + 16];
    const size_t len = bytes_of(text_of(vector, "hex"), in);
    const size_t preamble = (size_t)json_integer_value(json_object_get(expect, "preamble_fe"));
    dlt645_frame frame = {0}; /* what lies behind the data stays as it is */
    assert_int_equal(dlt645_frame_decode(in + preamble, len - preamble, &frame), GT_ERR_OK);
    damage_refused(frame_check, in + preamble, len - preamble);
    assert_true(frame.addr == strtoull(text_of(expect, "addr"), NULL, 16));
    assert_int_equal(frame.ctrl, strtoul(text_of(expect, "ctrl"), NULL, 16));
    assert_int_equal(frame.data_len, json_integer_value(json_object_get(expect, "len")));
    char data[2 * DLT645_DATA_MAX + 1];
    gt_hex_format(frame.data, frame.data_len, data, sizeof data);
    assert_string_equal(data, text_of(expect, "data_minus33"));

    dlt645_message m;
    dlt645_frame back;
    assert_int_equal(of->decode(&frame, &m), GT_ERR_OK);
    assert_int_equal(dlt645_message_encode(&m, &back), GT_ERR_OK);
    assert_memory_equal(&frame, &back, sizeof frame);
    if (text_of(expect, "di") != NULL) {
        assert_int_equal(m.di, strtoul(text_of(expect, "di"), NULL, 16));
    }
    if (text_of(expect, "err") != NULL) {
        assert_int_equal(m.error, strtoul(text_of(expect, "err"), NULL, 16));
    }
    if (text_of(expect, "cmd") != NULL) {
        assert_int_equal(m.code, strtoul(text_of(expect, "cmd"), NULL, 16));
    }
    of->describe(NULL, in, len, &told);
    const char *ascii = text_of(expect, "ascii");
    if (ascii != NULL) {
        assert_string_equal(told.items[0].value, ascii);
    }
    if (json_object_get(expect, "value") != NULL) {
        value_check(json_object_get(expect, "value"), &told.items[0]);
    }
    const json_t *values = json_object_get(expect, "values");
    for (size_t i = 0; i < json_array_size(values); i++) {
        value_check(json_array_get(values, i), &told.items[i]);
    }
}

static void vector_check_2007(const json_t *vector)
{
    vector_check(&suite_2007, vector);
}

static void vector_check_1997(const json_t *vector)
{
    vector_check(&suite_1997, vector);
}

static void test_own_2007(void **state)
{
    (void)state;
    own_check(&suite_2007);
}

static void test_own_1997(void **state)
{
    (void)state;
    own_check(&suite_1997);
}

static void test_shared_2007(void **state)
{
    (void)state;
    vectors_check(suite_2007.shared, suite_2007.shared_min, vector_check_2007);
}

static void test_shared_1997(void **state)
{
    (void)state;
    vectors_check(suite_1997.shared, suite_1997.shared_min, vector_check_1997);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_own_2007), cmocka_unit_test(test_own_1997),
        cmocka_unit_test(test_shared_2007), cmocka_unit_test(test_shared_1997)};
    return cmocka_run_group_tests_name("codec/dlt645/vectors", tests, NULL, NULL);
}
