/* Link frames: the three shapes, every prefix, every flipped bit, and what a master sends. */
#include "codec/mbus/frame.h"
#include "base/hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { BYTES_MAX = 512 };

static size_t bytes_of(const char *hex, uint8_t out[BYTES_MAX])
{
    size_t len = 0;
    assert_int_equal(gt_hex_parse(hex, out, BYTES_MAX, &len), GT_ERR_OK);
    return len;
}

static const char *const good[] = {
    "e5",
    "1040004016",
    "105b015c16",
    "107bfe7916",
    "68030368080072"
    "7a16",
    "68040468080170098216",
    "68060668"
    "53fe51017a08"
    "2516",
    "680d0d6853fe51077904030201244001049516",
    "68131368080573785634120a00e97e01000000350100003c16",
};

static void test_good(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        uint8_t in[BYTES_MAX];
        const size_t len = bytes_of(good[i], in);
        mbus_frame frame;
        assert_int_equal(mbus_frame_decode(in, len, &frame), GT_ERR_OK);
        size_t told = 0;
        assert_int_equal(mbus_frame_len(in, len, &told), GT_ERR_OK);
        assert_int_equal(told, len);
        uint8_t back[MBUS_FRAME_MAX];
        size_t back_len = 0;
        assert_int_equal(mbus_frame_encode(&frame, back, sizeof back, &back_len), GT_ERR_OK);
        assert_int_equal(back_len, len);
        assert_memory_equal(back, in, len);
        for (size_t cap = 0; cap < len; cap++) {
            assert_int_equal(mbus_frame_encode(&frame, back, cap, &back_len), GT_ERR_SPACE);
        }
    }
}

static void test_prefixes_and_flips(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        uint8_t in[BYTES_MAX];
        const size_t len = bytes_of(good[i], in);
        mbus_frame frame;
        for (size_t cut = 0; cut < len; cut++) {
            assert_int_equal(mbus_frame_decode(in, cut, &frame), GT_ERR_TRUNCATED);
        }
        in[len] = 0;
        assert_int_equal(mbus_frame_decode(in, len + 1, &frame), GT_ERR_TRAILING);
        for (size_t bit = 0; bit < 8 * len; bit++) {
            in[bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_int_not_equal(mbus_frame_decode(in, len, &frame), GT_ERR_OK);
            in[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
    }
}

static void test_bad(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        gt_err decode;
        gt_err len;
    } rows[] = {
        {"", GT_ERR_TRUNCATED, GT_ERR_TRUNCATED},
        {"00", GT_ERR_MALFORMED, GT_ERR_MALFORMED},
        {"16", GT_ERR_MALFORMED, GT_ERR_MALFORMED},
        {"e5e5", GT_ERR_TRAILING, GT_ERR_OK},
        {"1040004116", GT_ERR_CHECKSUM, GT_ERR_OK},
        {"1040004017", GT_ERR_MALFORMED, GT_ERR_OK},
        {"68030468080072"
         "7a16",
         GT_ERR_MALFORMED, GT_ERR_MALFORMED},
        {"68030369080072"
         "7a16",
         GT_ERR_MALFORMED, GT_ERR_MALFORMED},
        {"6802026808000816", GT_ERR_RANGE, GT_ERR_RANGE},
        {"6800006800"
         "16",
         GT_ERR_RANGE, GT_ERR_RANGE},
        {"68030368080072"
         "7b16",
         GT_ERR_CHECKSUM, GT_ERR_OK},
        {"68030368080072"
         "7a15",
         GT_ERR_MALFORMED, GT_ERR_OK},
        {"6803", GT_ERR_TRUNCATED, GT_ERR_TRUNCATED},
        {"68ffff68", GT_ERR_TRUNCATED, GT_ERR_OK},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t in[BYTES_MAX];
        const size_t len = bytes_of(rows[i].hex, in);
        mbus_frame frame = {.data_len = 77};
        size_t told = 77;
        assert_int_equal(mbus_frame_decode(in, len, &frame), rows[i].decode);
        assert_int_equal(frame.data_len, 77);
        assert_int_equal(mbus_frame_len(in, len, &told), rows[i].len);
        assert_int_equal(told == 77, rows[i].len != GT_ERR_OK);
    }
}

static void test_longest(void **state)
{
    (void)state;
    uint8_t data[MBUS_DATA_MAX + 1];
    uint8_t buf[MBUS_FRAME_MAX];
    memset(data, 0x2F, sizeof data);
    size_t len = 0;
    mbus_frame frame = mbus_rsp_ud(1, 0x78, data, MBUS_DATA_MAX);
    assert_int_equal(mbus_frame_encode(&frame, buf, sizeof buf, &len), GT_ERR_OK);
    assert_int_equal(len, MBUS_FRAME_MAX);
    assert_int_equal(mbus_frame_decode(buf, len, &frame), GT_ERR_OK);
    assert_int_equal(frame.data_len, MBUS_DATA_MAX);
    frame.data_len = MBUS_DATA_MAX + 1;
    assert_int_equal(mbus_frame_encode(&frame, buf, sizeof buf, &len), GT_ERR_RANGE);
}

static void test_master(void **state)
{
    (void)state;
    static const uint8_t address[] = {0x01, 0x7A, 0x08};
    const struct {
        mbus_frame frame;
        const char *hex;
    } rows[] = {
        {mbus_snd_nke(0), "1040004016"},
        {mbus_snd_nke(MBUS_ADDR_SELECTED), "1040fd3d16"},
        {mbus_req_ud2(1, false), "105b015c16"},
        {mbus_req_ud2(MBUS_ADDR_ALL_ANSWER, true), "107bfe7916"},
        {mbus_req_ud1(1, true), "107a017b16"},
        {mbus_snd_ud(0xFE, false, 0x51, address, sizeof address), "6806066853fe51017a082516"},
        {mbus_ack(), "e5"},
        {mbus_rsp_ud(0, 0x72, NULL, 0), "680303680800727a16"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t want[BYTES_MAX];
        uint8_t buf[MBUS_FRAME_MAX];
        const size_t want_len = bytes_of(rows[i].hex, want);
        size_t len = 0;
        assert_int_equal(mbus_frame_encode(&rows[i].frame, buf, sizeof buf, &len), GT_ERR_OK);
        assert_int_equal(len, want_len);
        assert_memory_equal(buf, want, len);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),   cmocka_unit_test(test_prefixes_and_flips),
        cmocka_unit_test(test_bad),    cmocka_unit_test(test_longest),
        cmocka_unit_test(test_master),
    };
    return cmocka_run_group_tests_name("codec/mbus/frame", tests, NULL, NULL);
}
