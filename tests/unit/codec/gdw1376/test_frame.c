/* Link frames: published frames read as stated, every prefix and every flipped bit refused. */
#include "base/hex.h"
#include "codec/gdw1376/frame.h"
#include "../vectors.h"

static size_t bytes_of(const char *hex, uint8_t *buf, size_t cap)
{
    size_t len = 0;
    assert_int_equal(gt_hex_parse(hex, buf, cap, &len), GT_ERR_OK);
    return len;
}

static int64_t whole(const json_t *expect, const char *key)
{
    const json_t *value = json_object_get(expect, key);
    assert_true(json_is_integer(value));
    return json_integer_value(value);
}

static void hex_equal(const json_t *expect, const char *key, uint32_t value, int digits)
{
    char text[16];
    (void)snprintf(text, sizeof text, "%0*x", digits, value);
    assert_string_equal(json_string_value(json_object_get(expect, key)), text);
}

static uint32_t control_of(const gdw1376_head *h)
{
    return (h->up ? 0x80U : 0) | (h->prm ? 0x40U : 0) | (h->fcb_acd ? 0x20U : 0) |
           (h->fcv ? 0x10U : 0) | h->function;
}

static uint32_t seq_of(const gdw1376_head *h)
{
    return (h->tpv ? 0x80U : 0) | (h->fir ? 0x40U : 0) | (h->fin ? 0x20U : 0) |
           (h->con ? 0x10U : 0) | h->seq;
}

static void head_matches(const json_t *expect, const gdw1376_head *h)
{
    assert_int_equal(h->protocol, whole(expect, "proto_bits"));
    hex_equal(expect, "ctrl", control_of(h), 2);
    assert_int_equal(h->up, whole(expect, "dir"));
    assert_int_equal(h->prm, whole(expect, "prm"));
    assert_int_equal(h->fcb_acd, whole(expect, "fcb_or_acd"));
    assert_int_equal(h->function, whole(expect, "func"));
    hex_equal(expect, "a1", h->addr.region, 4);
    hex_equal(expect, "a2", h->addr.terminal, 4);
    hex_equal(expect, "a3", (uint32_t)h->addr.msa << 1 | h->addr.group, 2);
    hex_equal(expect, "afn", h->afn, 2);
    hex_equal(expect, "seq", seq_of(h), 2);
    assert_int_equal(h->tpv, whole(expect, "tpv"));
    assert_int_equal(h->fir, whole(expect, "fir"));
    assert_int_equal(h->fin, whole(expect, "fin"));
    assert_int_equal(h->con, whole(expect, "con"));
    assert_int_equal(h->seq, whole(expect, "pseq"));
}

static gt_err decode(const uint8_t *in, size_t in_len)
{
    gdw1376_frame f;
    return gdw1376_frame_decode(in, in_len, &f);
}

static void vector_holds(const json_t *vector)
{
    uint8_t in[GDW1376_FRAME_MAX];
    const size_t len = bytes_of(json_string_value(json_object_get(vector, "hex")), in, sizeof in);
    const json_t *expect = json_object_get(vector, "expect");
    gdw1376_frame f;
    if (json_is_object(expect) == 0) { /* stated to be bad */
        assert_int_not_equal(gdw1376_frame_decode(in, len, &f), GT_ERR_OK);
        return;
    }
    assert_int_equal(gdw1376_frame_decode(in, len, &f), GT_ERR_OK);
    assert_int_equal(len - GDW1376_FRAME_EXTRA, whole(expect, "user_len"));
    head_matches(expect, &f.head);
    char after[2 * GDW1376_FRAME_MAX + 1];
    const size_t after_at = (size_t)(f.units - in) + 4;
    gt_hex_format(in + after_at, len - 2 - after_at, after, sizeof after);
    assert_string_equal(json_string_value(json_object_get(expect, "after_did")), after);
    uint8_t out[GDW1376_FRAME_MAX];
    size_t out_len = 0;
    assert_int_equal(gdw1376_frame_encode(&f, out, sizeof out, &out_len), GT_ERR_OK);
    assert_int_equal(out_len, len);
    assert_memory_equal(out, in, len);
    damage_refused(decode, in, len);
}

static void test_published_frames(void **state)
{
    (void)state;
    vectors_check(GT_VECTORS "/qgdw1376.1.jsonl", 1, vector_holds);
}

/* Login of 4403-0004; the rows below are this frame with one thing wrong. */
#define LOGIN "683200320068c903440400000271000001008816"

static void test_bad_frames(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *hex;
        gt_err want;
    } rows[] = {
        {"nothing", "", GT_ERR_TRUNCATED},
        {"only the mark", "68", GT_ERR_TRUNCATED},
        {"wrong mark",
         "67"
         "3200320068c903440400000271000001008816",
         GT_ERR_MALFORMED},
        {"wrong second mark", "683200320067c903440400000271000001008816", GT_ERR_MALFORMED},
        {"lengths differ", "683200360068c903440400000271000001008816", GT_ERR_MALFORMED},
        {"no end mark", "683200320068c903440400000271000001008817", GT_ERR_MALFORMED},
        {"checksum", "683200320068c903440400000271000001008916", GT_ERR_CHECKSUM},
        {"one byte more", LOGIN "00", GT_ERR_TRAILING},
        {"one byte less", "683200320068c9034404000002710000010088", GT_ERR_TRUNCATED},
        {"user data of 7", "681e001e0068c9034404000002a016", GT_ERR_RANGE},
        {"user data of 0",
         "68020002006800"
         "16",
         GT_ERR_RANGE},
        {"user data of 2049",
         "6806200620"
         "68",
         GT_ERR_RANGE},
        {"user data of 16383", "68fffffffF68", GT_ERR_RANGE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t in[64];
        const size_t len = bytes_of(rows[i].hex, in, sizeof in);
        gdw1376_frame f = {.units_len = 77};
        const gt_err err = gdw1376_frame_decode(in, len, &f);
        if (err != rows[i].want) {
            print_error("%s: %s\n", rows[i].name, gt_err_name(err));
        }
        assert_int_equal(err, rows[i].want);
        assert_int_equal(f.units_len, 77);
    }
}

/* Write the head by hand, so that what the encoder refuses to write can be read. */
static gt_err decode_user(const uint8_t *user, size_t user_len)
{
    uint8_t in[128] = {0x68, 0, 0, 0, 0, 0x68};
    in[1] = in[3] = (uint8_t)(user_len << 2 | 2);
    uint8_t cs = 0;
    for (size_t i = 0; i < user_len; i++) {
        in[6 + i] = user[i];
        cs = (uint8_t)(cs + user[i]);
    }
    in[6 + user_len] = cs;
    in[7 + user_len] = 0x16;
    gdw1376_frame f;
    return gdw1376_frame_decode(in, user_len + 8, &f);
}

static void test_what_follows_the_units(void **state)
{
    (void)state;
    const uint8_t up_acd[] = {0xA8, 0, 0, 1, 0, 0, 0x0C, 0x60, 7, 9};
    const uint8_t down_pw[22] = {0x4A, 0, 0, 1, 0, 0, 0x05, 0x60};
    const uint8_t tp_bad[] = {0x4A, 0, 0, 1, 0, 0, 0x0C, 0xE0, 0, 0x5A, 0, 0, 1, 0};
    const uint8_t tp_good[] = {0x4A, 0, 0, 1, 0, 0, 0x0C, 0xE0, 0, 0x59, 0, 0, 1, 0};
    assert_int_equal(decode_user(up_acd, 10), GT_ERR_OK);
    assert_int_equal(decode_user(up_acd, 9), GT_ERR_TRUNCATED);
    assert_int_equal(decode_user(down_pw, 22), GT_ERR_TRUNCATED);
    assert_int_equal(decode_user(tp_bad, 14), GT_ERR_MALFORMED);
    assert_int_equal(decode_user(tp_good, 14), GT_ERR_OK);
    assert_int_equal(decode_user(tp_good, 13), GT_ERR_TRUNCATED);
}

static void test_encode_refuses(void **state)
{
    (void)state;
    static uint8_t units[GDW1376_USER_FORMAT_MAX];
    static uint8_t buf[sizeof units + 64];
    const gdw1376_addr addr = {.region = 0x4403, .terminal = 4};
    gdw1376_frame f = {.head = gdw1376_head_request(&addr, GDW1376_AFN_CLASS1, 3), .units = units};
    size_t len = 77;
    f.units_len = GDW1376_USER_MAX - GDW1376_USER_MIN + 1;
    assert_int_equal(gdw1376_frame_encode(&f, buf, sizeof buf, &len), GT_ERR_RANGE);
    f.units_len--;
    assert_int_equal(gdw1376_frame_encode(&f, buf, GDW1376_FRAME_MAX - 1, &len), GT_ERR_SPACE);
    assert_int_equal(len, 77);
    assert_int_equal(gdw1376_frame_encode(&f, buf, GDW1376_FRAME_MAX, &len), GT_ERR_OK);
    assert_int_equal(len, GDW1376_FRAME_MAX);
    f.units_len = 0;
    gdw1376_frame bad = f;
    bad.head.addr.msa = 128;
    assert_int_equal(gdw1376_frame_encode(&bad, buf, sizeof buf, &len), GT_ERR_RANGE);
    bad = f;
    bad.head.seq = 16;
    assert_int_equal(gdw1376_frame_encode(&bad, buf, sizeof buf, &len), GT_ERR_RANGE);
    bad = f;
    bad.head.function = 16;
    assert_int_equal(gdw1376_frame_encode(&bad, buf, sizeof buf, &len), GT_ERR_RANGE);
    bad = f;
    bad.head.protocol = 4;
    assert_int_equal(gdw1376_frame_encode(&bad, buf, sizeof buf, &len), GT_ERR_RANGE);
    bad = f;
    bad.head.tpv = true;
    bad.aux.tp.second = 100;
    assert_int_equal(gdw1376_frame_encode(&bad, buf, sizeof buf, &len), GT_ERR_RANGE);
    for (size_t cap = 0; cap < GDW1376_FRAME_MIN; cap++) {
        assert_int_equal(gdw1376_frame_encode(&f, buf, cap, &len), GT_ERR_SPACE);
    }
}

/* Every bit of the control byte on its own, there and back. */
static void test_control(void **state)
{
    (void)state;
    for (unsigned c = 0; c < 256; c++) {
        gdw1376_frame f = {.head = {.afn = GDW1376_AFN_CLASS1}};
        f.head.up = (c & 0x80) != 0;
        f.head.prm = (c & 0x40) != 0;
        f.head.fcb_acd = (c & 0x20) != 0;
        f.head.fcv = (c & 0x10) != 0;
        f.head.function = c & 0x0F;
        uint8_t buf[32];
        size_t len = 0;
        assert_int_equal(gdw1376_frame_encode(&f, buf, sizeof buf, &len), GT_ERR_OK);
        assert_int_equal(buf[6], c);
        assert_int_equal(gdw1376_frame_decode(buf, len, &f), GT_ERR_OK);
        assert_int_equal(control_of(&f.head), c);
    }
}

static void test_addresses(void **state)
{
    (void)state;
    static const gdw1376_addr own = {.region = 0x4403, .terminal = 4, .msa = 1};
    static const struct {
        gdw1376_addr other;
        bool equal;
    } rows[] = {
        {{.region = 0x4403, .terminal = 4, .msa = 1}, true},
        {{.region = 0x4403, .terminal = 4, .msa = 2}, true}, /* whoever asks */
        {{.region = 0x4404, .terminal = 4, .msa = 1}, false},
        {{.region = 0x4403, .terminal = 5, .msa = 1}, false},
        {{.region = 0x4403, .terminal = 4, .msa = 1, .group = true}, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(gdw1376_addr_equal(&own, &rows[i].other), rows[i].equal);
    }
}

static void test_regions(void **state)
{
    (void)state;
    uint16_t v = 77;
    assert_int_equal(gdw1376_region_of_number(4403, &v), GT_ERR_OK);
    assert_int_equal(v, 0x4403);
    assert_int_equal(gdw1376_region_of_number(10000, &v), GT_ERR_RANGE);
    assert_int_equal(gdw1376_region_number(0x4403, &v), GT_ERR_OK);
    assert_int_equal(v, 4403);
    assert_int_equal(gdw1376_region_number(0x7A12, &v), GT_ERR_MALFORMED);
    assert_int_equal(v, 4403);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_published_frames),
        cmocka_unit_test(test_bad_frames),
        cmocka_unit_test(test_what_follows_the_units),
        cmocka_unit_test(test_encode_refuses),
        cmocka_unit_test(test_control),
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_regions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
