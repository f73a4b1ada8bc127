/* The link frame and the message: every prefix and every flipped bit of valid frames is refused. */
#include "codec/cjt188/item.h"
#include "codec/cjt188/message.h"
#include "base/hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static const char *const frames[] = {
    "683003000000000000040417a00155b016",
    "6810880527101520008116901f01000000002c000000002c0620170901172000008e16",
    "6810900100012611130413bb1901010d006807076853fe510f010001b316a816",
    "6810aaaaaaaaaaaaaa0103901f01d216",
    "6820aaaaaaaaaaaaaaa605aabb0000003e16",
};

static size_t unhex(const char *text, uint8_t *out, size_t cap)
{
    size_t len = 0;
    assert_int_equal(gt_hex_parse(text, out, cap, &len), GT_ERR_OK);
    return len;
}

static void test_round_trip(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof frames / sizeof frames[0]; i++) {
        uint8_t in[CJT188_FRAME_MAX];
        uint8_t out[CJT188_FRAME_MAX];
        const size_t len = unhex(frames[i], in, sizeof in);
        cjt188_frame frame = {0};
        cjt188_frame again;
        cjt188_message m;
        size_t out_len = 0;
        assert_int_equal(cjt188_frame_decode(in, len, &frame), GT_ERR_OK);
        assert_int_equal(cjt188_frame_encode(&frame, out, len - 1, &out_len), GT_ERR_SPACE);
        assert_int_equal(cjt188_message_decode(&frame, &m), GT_ERR_OK);
        assert_int_equal(cjt188_message_encode(&m, &again), GT_ERR_OK);
        assert_int_equal(cjt188_frame_encode(&again, out, sizeof out, &out_len), GT_ERR_OK);
        assert_int_equal(out_len, len);
        assert_memory_equal(in, out, len);
        for (size_t cut = 0; cut < len; cut++) {
            assert_int_equal(cjt188_frame_decode(in, cut, &frame), GT_ERR_TRUNCATED);
        }
        for (size_t bit = 0; bit < 8 * len; bit++) {
            in[bit / 8] ^= (uint8_t)(1U << bit % 8);
            assert_int_not_equal(cjt188_frame_decode(in, len, &frame), GT_ERR_OK);
            in[bit / 8] ^= (uint8_t)(1U << bit % 8);
        }
    }
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        uint8_t ctrl;
        const char *data;
        gt_err want;
    } rows[] = {
        {0xC1, "010400", GT_ERR_OK},
        {0xC1, "0104", GT_ERR_TRUNCATED},
        {0xC1, "01040000", GT_ERR_TRAILING},
        {0x41, "010400", GT_ERR_MALFORMED},
        {0x01, "1f90", GT_ERR_TRUNCATED},
        {0x01, "", GT_ERR_TRUNCATED},
        {0x2A, "", GT_ERR_OK},
        {0xEA, "01", GT_ERR_OK},
    };
    cjt188_message m;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cjt188_frame frame = {.type = 0x10, .ctrl = rows[i].ctrl};
        frame.data_len = (uint8_t)unhex(rows[i].data, frame.data, sizeof frame.data);
        assert_int_equal(cjt188_message_decode(&frame, &m), rows[i].want);
    }
    cjt188_frame frame = {.type = 0x0F};
    uint8_t out[CJT188_FRAME_MAX];
    size_t len = 0;
    assert_int_equal(cjt188_frame_encode(&frame, out, sizeof out, &len), GT_ERR_RANGE);
    frame = (cjt188_frame){.type = 0x10, .addr = 0xB};
    assert_int_equal(cjt188_frame_encode(&frame, out, sizeof out, &len), GT_ERR_RANGE);
    m = (cjt188_message){.type = 0x10, .function = CJT188_READ, .abnormal = true};
    assert_int_equal(cjt188_message_encode(&m, &frame), GT_ERR_RANGE);
    m = (cjt188_message){.type = 0x10, .function = CJT188_READ, .data_len = 253};
    assert_int_equal(cjt188_message_encode(&m, &frame), GT_ERR_SPACE);
    assert_true(cjt188_addr_valid(CJT188_ADDR_ANY));
    assert_false(cjt188_addr_valid(UINT64_C(0x100000000000000)));
    static const cjt188_message wrong[] = {
        {.type = 0x1A, .function = CJT188_READ},
        {.type = 0x10, .addr = 0xB, .function = CJT188_READ},
        {.type = 0x10, .function = 0x40, .vendor = true},
        {.type = 0x10, .function = 0x2A},
        {.type = 0x10, .function = CJT188_READ, .vendor = true},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(cjt188_message_encode(&wrong[i], &frame), GT_ERR_RANGE);
    }
    assert_false(cjt188_function_known(0x40));
    const cjt188_frame cut = {.type = 0x10, .ctrl = 0x81, .data_len = 2};
    cjt188_numbers numbers;
    assert_int_equal(cjt188_frame_encode(&cut, out, sizeof out, &len), GT_ERR_OK);
    assert_int_equal(cjt188_numbers_read(out, len, &numbers), GT_ERR_UNSUPPORTED);
}

static void test_match(void **state)
{
    (void)state;
    static const struct {
        uint8_t type;
        uint64_t addr;
        bool want;
    } rows[] = {
        {0x10, UINT64_C(0x11112233445566), true},
        {0xAA, UINT64_C(0x11112233445566), true},
        {0x10, CJT188_ADDR_ANY, true},
        {0x10, UINT64_C(0x111122334455AA), true},
        {0x19, UINT64_C(0x11112233445566), false},
        {0x10, UINT64_C(0x11112233445567), false},
        {0x10, UINT64_C(0x21112233445566), false},
        {0xAA, UINT64_C(0xAAAA2233445567), false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const cjt188_frame to = {.type = rows[i].type, .addr = rows[i].addr};
        assert_int_equal(cjt188_addr_match(&to, 0x10, UINT64_C(0x11112233445566)), rows[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_round_trip),
                                       cmocka_unit_test(test_refused),
                                       cmocka_unit_test(test_match)};
    return cmocka_run_group_tests_name("codec/cjt188/frame", tests, NULL, NULL);
}
