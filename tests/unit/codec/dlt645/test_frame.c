/* The link frame: every prefix and every flipped bit of valid frames is refused. */
#include "codec/dlt645/frame.h"
#include "base/hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static const char *const frames[] = {
    "6812907856341268910833333433ab896745cc16",
    "68aaaaaaaaaaaa681300df16",
    "68999999999999680806333333333333a616",
    "68611001301215681c10356a3935343333334e333333336345cc2d16",
};

static size_t unhex(const char *text, uint8_t *out)
{
    size_t len = 0;
    assert_int_equal(gt_hex_parse(text, out, DLT645_FRAME_MAX, &len), GT_ERR_OK);
    return len;
}

static void test_round_trip(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof frames / sizeof frames[0]; i++) {
        uint8_t in[DLT645_FRAME_MAX];
        uint8_t out[DLT645_FRAME_MAX];
        const size_t len = unhex(frames[i], in);
        dlt645_frame frame;
        size_t out_len = 0;
        assert_int_equal(dlt645_frame_decode(in, len, &frame), GT_ERR_OK);
        assert_int_equal(dlt645_frame_encode(&frame, out, len - 1, &out_len), GT_ERR_SPACE);
        assert_int_equal(dlt645_frame_encode(&frame, out, sizeof out, &out_len), GT_ERR_OK);
        assert_int_equal(out_len, len);
        assert_memory_equal(in, out, len);
    }
}

static void test_damaged(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof frames / sizeof frames[0]; i++) {
        uint8_t in[DLT645_FRAME_MAX];
        const size_t len = unhex(frames[i], in);
        dlt645_frame frame;
        for (size_t cut = 0; cut < len; cut++) {
            assert_int_equal(dlt645_frame_decode(in, cut, &frame), GT_ERR_TRUNCATED);
        }
        for (size_t bit = 0; bit < 8 * len; bit++) {
            in[bit / 8] ^= (uint8_t)(1U << bit % 8);
            assert_int_not_equal(dlt645_frame_decode(in, len, &frame), GT_ERR_OK);
            in[bit / 8] ^= (uint8_t)(1U << bit % 8);
        }
    }
}

static void test_encode_refused(void **state)
{
    (void)state;
    static const struct {
        uint64_t addr;
        uint8_t data_len;
    } rows[] = {
        {UINT64_C(0x00000000000B), 0},
        {UINT64_C(0x1000000000000), 0},
        {UINT64_C(0x000000000001), DLT645_DATA_MAX + 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const dlt645_frame frame = {.addr = rows[i].addr, .data_len = rows[i].data_len};
        uint8_t out[DLT645_FRAME_MAX];
        size_t len = 0;
        assert_int_equal(dlt645_frame_encode(&frame, out, sizeof out, &len), GT_ERR_RANGE);
    }
}

static void test_len(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        gt_err want;
        size_t len;
    } rows[] = {
        {"", GT_ERR_TRUNCATED, 0},
        {"fefe", GT_ERR_TRUNCATED, 0},
        {"68129078563412689108", GT_ERR_OK, 20},
        {"fefe68129078563412689108", GT_ERR_OK, 22},
        {"681290785634126891", GT_ERR_TRUNCATED, 0},
        {"69", GT_ERR_MALFORMED, 0},
        {"681290785634ff68", GT_ERR_MALFORMED, 0},
        {"681290785634126991", GT_ERR_MALFORMED, 0},
        {"681290785634126891c9", GT_ERR_RANGE, 0},
    };
    uint8_t long_one[DLT645_FRAME_MAX + 1] = {0x68, 0x12, 0x90, 0x78, 0x56,
                                              0x34, 0x12, 0x68, 0x91, DLT645_DATA_MAX + 1};
    dlt645_frame frame;
    long_one[DLT645_FRAME_MAX] = 0x16;
    assert_int_equal(dlt645_frame_decode(long_one, sizeof long_one, &frame), GT_ERR_RANGE);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t in[DLT645_FRAME_MAX];
        const size_t in_len = unhex(rows[i].hex, in);
        size_t len = 0;
        assert_int_equal(dlt645_frame_len(in, in_len, &len), rows[i].want);
        assert_int_equal(len, rows[i].len);
    }
}

static void test_match(void **state)
{
    (void)state;
    const uint64_t own = UINT64_C(0x123456789012);
    assert_true(dlt645_addr_match(own, own));
    assert_true(dlt645_addr_match(DLT645_ADDR_ANY, own));
    assert_true(dlt645_addr_match(UINT64_C(0xAAAAAAAA9012), own));
    assert_false(dlt645_addr_match(UINT64_C(0xAAAAAAAA9013), own));
    assert_false(dlt645_addr_match(DLT645_ADDR_BROADCAST, own));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),     cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_encode_refused), cmocka_unit_test(test_len),
        cmocka_unit_test(test_match),
    };
    return cmocka_run_group_tests_name("codec/dlt645/frame", tests, NULL, NULL);
}
