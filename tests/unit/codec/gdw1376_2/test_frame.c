/* Local module frames: published frames read as stated, every prefix and flipped bit refused. */
#include "base/hex.h"
#include "codec/gdw1376_2/frame.h"
#include "../vectors.h"

static gt_err decode(const uint8_t *in, size_t in_len)
{
    gdw1376_2_frame f;
    return gdw1376_2_frame_decode(in, in_len, &f);
}

static void comes_back(const gdw1376_2_frame *f, const uint8_t *in, size_t len)
{
    uint8_t out[GDW1376_2_FRAME_MAX];
    size_t out_len = 77;
    for (size_t cap = 0; cap < len; cap++) {
        assert_int_equal(gdw1376_2_frame_encode(f, out, cap, &out_len), GT_ERR_SPACE);
        assert_int_equal(out_len, 77);
    }
    assert_int_equal(gdw1376_2_frame_encode(f, out, len, &out_len), GT_ERR_OK);
    assert_int_equal(out_len, len);
    assert_memory_equal(out, in, len);
}

static const char *text_of(const json_t *expect, const char *key)
{
    return json_string_value(json_object_get(expect, key));
}

static void vector_holds(const json_t *vector)
{
    uint8_t in[256];
    size_t len = 0;
    assert_int_equal(gt_hex_parse(text_of(vector, "hex"), in, sizeof in, &len), GT_ERR_OK);
    const json_t *expect = json_object_get(vector, "expect");
    gdw1376_2_frame f;
    assert_int_equal(gdw1376_2_frame_decode(in, len, &f), GT_ERR_OK);
    assert_int_equal(len, json_integer_value(json_object_get(expect, "len")));
    char text[64];
    gt_hex_format(in + 3, 1, text, sizeof text);
    assert_string_equal(text, text_of(expect, "ctrl"));
    assert_int_equal(f.mode | (f.prm ? 0x40 : 0) | (f.up ? 0x80 : 0), in[3]);
    gt_hex_format(f.info, sizeof f.info, text, sizeof text);
    assert_string_equal(text, text_of(expect, "info"));
    assert_false(gdw1376_2_frame_has_addresses(&f));
    if (json_object_get(expect, "fn") != NULL) {
        assert_int_equal(f.fn, json_integer_value(json_object_get(expect, "fn")));
    }
    (void)snprintf(text, sizeof text, "%02x", f.afn);
    assert_memory_equal(text, text_of(expect, "tail"), 2);
    gt_hex_format(f.data, f.data_len, text, sizeof text);
    assert_string_equal(text, text_of(expect, "tail") + 6);
    comes_back(&f, in, len);
    damage_refused(decode, in, len);
}

static void test_published_frames(void **state)
{
    (void)state;
    vectors_check(GT_VECTORS "/qgdw1376.2.jsonl", 1, vector_holds);
}

static void test_addresses(void **state)
{
    (void)state;
    static const uint8_t data[] = {1, 2, 3};
    gdw1376_2_frame f = {.prm = true, .mode = 1, .afn = 0x13, .fn = 1, .data = data, .data_len = 3};
    f.source = 0x112233445566;
    f.relays[0] = 0xAABBCCDDEEFF;
    f.relays[1] = 1;
    f.destination = 0x000006605518;
    assert_int_equal(gdw1376_2_info_set(&f, GDW1376_2_INFO_MODULE, 1), GT_ERR_OK);
    assert_int_equal(gdw1376_2_info_set(&f, GDW1376_2_INFO_RELAYS, 2), GT_ERR_OK);
    uint8_t buf[256];
    size_t len = 0;
    assert_int_equal(gdw1376_2_frame_encode(&f, buf, sizeof buf, &len), GT_ERR_OK);
    assert_int_equal(len, GDW1376_2_FRAME_MIN + 4 * 6 + 3);
    assert_int_equal(buf[10], 0x66);
    gdw1376_2_frame back;
    assert_int_equal(gdw1376_2_frame_decode(buf, len, &back), GT_ERR_OK);
    assert_int_equal(gdw1376_2_frame_relays(&back), 2);
    assert_true(back.source == f.source && back.destination == f.destination &&
                back.relays[0] == f.relays[0] && back.relays[1] == 1);
    assert_int_equal(back.data_len, 3);
    comes_back(&back, buf, len);
    damage_refused(decode, buf, len);
    f.up = true; /* no relay addresses on the way up */
    assert_int_equal(gdw1376_2_frame_encode(&f, buf, sizeof buf, &len), GT_ERR_OK);
    assert_int_equal(len, GDW1376_2_FRAME_MIN + 2 * 6 + 3);
}

static void test_information_parts(void **state)
{
    (void)state;
    gdw1376_2_frame f = {0};
    assert_int_equal(gdw1376_2_info_set(&f, GDW1376_2_INFO_RATE, 0x7FFF), GT_ERR_OK);
    assert_int_equal(gdw1376_2_info_get(&f, GDW1376_2_INFO_RATE_KILO), 0);
    assert_int_equal(gdw1376_2_info_set(&f, GDW1376_2_INFO_RATE_KILO, 1), GT_ERR_OK);
    assert_int_equal(gdw1376_2_info_set(&f, GDW1376_2_INFO_RATE, 9600), GT_ERR_OK);
    assert_int_equal(gdw1376_2_info_get(&f, GDW1376_2_INFO_RATE), 9600);
    assert_int_equal(gdw1376_2_info_get(&f, GDW1376_2_INFO_RATE_KILO), 1);
    assert_int_equal(gdw1376_2_info_set(&f, GDW1376_2_INFO_SEQ, 255), GT_ERR_OK);
    assert_int_equal(gdw1376_2_info_set(&f, GDW1376_2_INFO_SEQ, 256), GT_ERR_RANGE);
    assert_int_equal(gdw1376_2_info_set(&f, GDW1376_2_INFO_RELAYS, 16), GT_ERR_RANGE);
    assert_int_equal(gdw1376_2_info_get(&f, GDW1376_2_INFO_SEQ), 255);
    assert_int_equal(gdw1376_2_info_set(&f, GDW1376_2_INFO_RELAYS, 2), GT_ERR_OK);
    assert_int_equal(gdw1376_2_frame_relays(&f), 0); /* of a frame without addresses */
    assert_int_equal(gdw1376_2_info_set(&f, GDW1376_2_INFO_MODULE, 1), GT_ERR_OK);
    assert_int_equal(gdw1376_2_frame_relays(&f), 2);
    f.up = true;
    assert_int_equal(gdw1376_2_frame_relays(&f), 0);
    f.up = false;
    assert_int_equal(gdw1376_2_info_set(&f, GDW1376_2_INFO_MODULE, 0), GT_ERR_OK);
    assert_int_equal(gdw1376_2_info_set(&f, GDW1376_2_INFO_RELAYS, 0), GT_ERR_OK);
    const uint8_t want[6] = {0, 0, 0, 0x80, 0xA5, 0xFF};
    assert_memory_equal(f.info, want, 6);
}

static void test_bad_frames(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *hex;
        gt_err want;
    } rows[] = {
        {"nothing", "", GT_ERR_TRUNCATED},
        {"half a length", "680f", GT_ERR_TRUNCATED},
        {"wrong mark", "670f00410000000000000301004516", GT_ERR_MALFORMED},
        {"wrong end", "680f00410000000000000301004517", GT_ERR_MALFORMED},
        {"checksum", "680f00410000000000000301004616", GT_ERR_CHECKSUM},
        {"one byte more", "680f0041000000000000030100451600", GT_ERR_TRAILING},
        {"one byte less", "680f004100000000000003010045", GT_ERR_TRUNCATED},
        {"length 14", "680e00410000000000000301004516", GT_ERR_RANGE},
        {"length 2049", "680108", GT_ERR_RANGE},
        {"length 65535", "68ffff", GT_ERR_RANGE},
        {"no function", "680f00410000000000000300004416", GT_ERR_MALFORMED},
        {"two functions", "680f00410000000000000303004716", GT_ERR_MALFORMED},
        {"group 31",
         "680f00410000000000000301"
         "1f6416",
         GT_ERR_MALFORMED},
        {"addresses announced, absent", "680f00410400000000000301004916", GT_ERR_TRUNCATED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t in[64];
        size_t len = 0;
        assert_int_equal(gt_hex_parse(rows[i].hex, in, sizeof in, &len), GT_ERR_OK);
        gdw1376_2_frame f = {.fn = 77};
        const gt_err err = gdw1376_2_frame_decode(in, len, &f);
        if (err != rows[i].want) {
            print_error("%s: %s\n", rows[i].name, gt_err_name(err));
        }
        assert_int_equal(err, rows[i].want);
        assert_int_equal(f.fn, 77);
    }
}

static void test_encode_refuses(void **state)
{
    (void)state;
    static uint8_t data[GDW1376_2_FRAME_MAX];
    static uint8_t buf[GDW1376_2_FRAME_MAX + 64];
    const gdw1376_2_frame good = {.mode = 1, .afn = 3, .fn = 1, .data = data};
    size_t len = 77;
    gdw1376_2_frame f = good;
    f.mode = 64;
    assert_int_equal(gdw1376_2_frame_encode(&f, buf, sizeof buf, &len), GT_ERR_RANGE);
    f = good;
    f.fn = 0;
    assert_int_equal(gdw1376_2_frame_encode(&f, buf, sizeof buf, &len), GT_ERR_RANGE);
    f.fn = 249;
    assert_int_equal(gdw1376_2_frame_encode(&f, buf, sizeof buf, &len), GT_ERR_RANGE);
    f = good;
    f.data_len = GDW1376_2_FRAME_MAX - GDW1376_2_FRAME_MIN + 1;
    assert_int_equal(gdw1376_2_frame_encode(&f, buf, sizeof buf, &len), GT_ERR_RANGE);
    f.data_len = SIZE_MAX;
    assert_int_equal(gdw1376_2_frame_encode(&f, buf, sizeof buf, &len), GT_ERR_RANGE);
    f = good;
    f.info[0] = 4;
    f.source = UINT64_C(1) << 48;
    assert_int_equal(gdw1376_2_frame_encode(&f, buf, sizeof buf, &len), GT_ERR_RANGE);
    assert_int_equal(len, 77);
    f = good;
    f.data_len = GDW1376_2_FRAME_MAX - GDW1376_2_FRAME_MIN;
    assert_int_equal(gdw1376_2_frame_encode(&f, buf, sizeof buf, &len), GT_ERR_OK);
    assert_int_equal(len, GDW1376_2_FRAME_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_published_frames),  cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_information_parts), cmocka_unit_test(test_bad_frames),
        cmocka_unit_test(test_encode_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
