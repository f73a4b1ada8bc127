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

/* A frame around what is given: C, AFN, SEQ, then data units and what follows them. */
static size_t frame_around(const uint8_t head[3], const char *units, uint8_t *out)
{
    const uint8_t begin[] = {0x68, 0, 0, 0, 0, 0x68, head[0], 3, 0x44, 4, 0, 0, head[1], head[2]};
    memcpy(out, begin, sizeof begin);
    size_t len = 0;
    assert_int_equal(gt_hex_parse(units, out + sizeof begin, 128, &len), GT_ERR_OK);
    len += sizeof begin;
    const size_t length = (len - 6) << 2 | 2;
    out[1] = out[3] = (uint8_t)length;
    out[2] = out[4] = (uint8_t)(length >> 8);
    uint8_t cs = 0;
    for (size_t i = 6; i < len; i++) {
        cs = (uint8_t)(cs + out[i]);
    }
    out[len] = cs;
    out[len + 1] = 0x16;
    return len + 2;
}

/* The first thing wrong with an envelope, and what the bytes look like from outside. */
static void test_bad_envelopes(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        gt_err want;
        uint32_t offset;
        const char *expected;
        codec_match match;
    } rows[] = {
        {"680200020068", GT_ERR_RANGE, 1, "user data of 8 to 2048 bytes", CODEC_MATCH_NONE},
        {"681e001e0068", GT_ERR_RANGE, 1, "user data of 8 to 2048 bytes", CODEC_MATCH_NONE},
        {"680620062068", GT_ERR_RANGE, 1, "user data of 8 to 2048 bytes", CODEC_MATCH_SHAPE},
        {"683200320168", GT_ERR_MALFORMED, 4, "the same length again", CODEC_MATCH_NONE},
        {"683200330068", GT_ERR_MALFORMED, 3, "the same length again", CODEC_MATCH_NONE},
        {"683200320068c90344040000027100000100", GT_ERR_TRUNCATED, 18,
         "user data as long as L says", CODEC_MATCH_SHAPE},
        {"683200320068c903440400000271000001008817", GT_ERR_MALFORMED, 19, "end mark 16H",
         CODEC_MATCH_SHAPE},
        {"683200320068c9034404000002710000010088", GT_ERR_TRUNCATED, 19, "end mark 16H",
         CODEC_MATCH_SHAPE},
        {"683200320068c90344040000027100000100881600", GT_ERR_TRAILING, 20, "end of input",
         CODEC_MATCH_FRAME},
    };
    unsigned wrong = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t in[64];
        size_t len = 0;
        size_t claimed = 0;
        assert_int_equal(gt_hex_parse(rows[i].hex, in, sizeof in, &len), GT_ERR_OK);
        gdw1376_describe(in, len, &d);
        const codec_match match = gdw1376_probe(in, len, &claimed);
        const codec_error *e = &d.errors[0];
        assert_int_equal(d.error_count, 1);
        if (e->err != rows[i].want || e->offset != rows[i].offset ||
            strcmp(e->expected, rows[i].expected) != 0 || match != rows[i].match) {
            print_error("row %zu: %s at %u, expected %s, %d\n", i, gt_err_name(e->err), e->offset,
                        e->expected, (int)match);
            wrong++;
        }
        assert_int_equal(d.item_count, 0);
    }
    assert_int_equal(wrong, 0);
}

static const codec_field *field_of(const char *id)
{
    for (size_t i = 0; i < d.field_count; i++) {
        if (strcmp(d.fields[i].id, id) == 0) {
            return &d.fields[i];
        }
    }
    return NULL;
}

/* A right envelope: what its head means, its last item, and what is wrong with its data. */
static void test_right_envelopes(void **state)
{
    (void)state;
    static const struct {
        uint8_t head[3]; /* C, AFN, SEQ */
        const char *units;
        const char *field;
        const char *meaning;
        const char *id; /* of the last item; NULL: none */
        const char *value;
        gt_err err;
        uint32_t offset;
        const char *expected;
    } rows[] = {
        {{0x4A, 0x0C, 0x60}, "00000200", "fir_fin", "single frame", "F2 p0", "", 0, 0, ""},
        {{0x4A, 0x0C, 0x40},
         "00000200",
         "fir_fin",
         "first of several frames",
         "F2 p0",
         "",
         0,
         0,
         ""},
        {{0x4A, 0x0C, 0x20},
         "00000200",
         "fir_fin",
         "last of several frames",
         "F2 p0",
         "",
         0,
         0,
         ""},
        {{0x4A, 0x0C, 0x00},
         "00000200",
         "fir_fin",
         "middle of several frames",
         "F2 p0",
         "",
         0,
         0,
         ""},
        {{0x45, 0x0C, 0x60}, "00000200", "control", "reserved", "F2 p0", "", 0, 0, ""},
        {{0x4A, 0x0C, 0x60}, "ff000200", "afn", "Class 1 data", "F2 all", "", 0, 0, ""},
        {{0x4A, 0x0C, 0x60}, "00000100", "afn", "Class 1 data", "F1 p0", "", 0, 0, ""},
        {{0x4A, 0x07, 0x60}, "000001000102", "afn", "reserved", "F1 p0", "0102", 0, 0, ""},
        {{0x88, 0x0C, 0x60},
         "00000200010203",
         "afn",
         "Class 1 data",
         "DA DT",
         "p0 F2",
         GT_ERR_TRUNCATED,
         18,
         "all the data of the unit"},
        {{0x88, 0x0C, 0x60},
         "000002",
         "afn",
         "Class 1 data",
         NULL,
         NULL,
         GT_ERR_TRUNCATED,
         17,
         "a data unit identifier"},
        /* events: a known one, one of another length, one whose count is not its length's */
        {{0x88, 0x0E, 0x60},
         "0000010009090001030a47052111260100000200",
         "afn",
         "Class 3 data",
         "F1 p0 #1.1",
         "p0 F2",
         0,
         0,
         ""},
        {{0x88, 0x0E, 0x60},
         "00000100090900010e020102",
         "afn",
         "Class 3 data",
         "F1 p0 #1",
         "0102",
         0,
         0,
         ""},
        {{0x88, 0x0E, 0x60},
         "0000010009090001230847052111260100ff",
         "afn",
         "Class 3 data",
         "F1 p0 #1",
         "0",
         GT_ERR_MALFORMED,
         31,
         "an event as long as its length says"},
        /* a text that looks like hex is told in hex */
        {{0x88, 0x0A, 0x60},
         "00000400c0a80102e803c0a80103e90330780000000000000000000000000000",
         "afn",
         "Query parameters",
         "F3 p0",
         "0x30780000000000000000000000000000",
         0,
         0,
         ""},
        {{0x88, 0x0A, 0x60},
         "00000400c0a80102e803c0a80103e90330790000000000000000000000000000",
         "afn",
         "Query parameters",
         "F3 p0",
         "0y",
         0,
         0,
         ""},
        {{0x88, 0x0A, 0x60},
         "00000400c0a80102e803c0a80103e90331780000000000000000000000000000",
         "afn",
         "Query parameters",
         "F3 p0",
         "1x",
         0,
         0,
         ""},
        {{0x88, 0x0A, 0x60},
         "00000400c0a80102e803c0a80103e90330000000000000000000000000000000",
         "afn",
         "Query parameters",
         "F3 p0",
         "0",
         0,
         0,
         ""},
    };
    unsigned wrong = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t in[128];
        const size_t len = frame_around(rows[i].head, rows[i].units, in);
        gdw1376_describe(in, len, &d);
        const codec_item *last = d.item_count > 0 ? &d.items[d.item_count - 1] : NULL;
        const bool item = rows[i].id == NULL
                              ? last == NULL
                              : last != NULL && strcmp(last->id, rows[i].id) == 0 &&
                                    last->value != NULL && strcmp(last->value, rows[i].value) == 0;
        const codec_error *e = &d.errors[0];
        const bool error = rows[i].err == GT_ERR_OK
                               ? d.error_count == 0
                               : d.error_count == 1 && e->err == rows[i].err &&
                                     e->offset == rows[i].offset &&
                                     strcmp(e->expected, rows[i].expected) == 0;
        if (!item || !error || strcmp(field_of(rows[i].field)->meaning.en, rows[i].meaning) != 0) {
            print_error("row %zu: %s, %s = %s, %s at %u, expected %s\n", i,
                        field_of(rows[i].field)->meaning.en, last != NULL ? last->id : "-",
                        last != NULL && last->value != NULL ? last->value : "-",
                        d.error_count > 0 ? gt_err_name(e->err) : "OK",
                        d.error_count > 0 ? e->offset : 0, d.error_count > 0 ? e->expected : "");
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_published_frames),     cmocka_unit_test(test_values),
        cmocka_unit_test(test_inner_frame),          cmocka_unit_test(test_damage_is_located),
        cmocka_unit_test(test_bad_digit_is_located), cmocka_unit_test(test_right_envelopes),
        cmocka_unit_test(test_bad_envelopes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
