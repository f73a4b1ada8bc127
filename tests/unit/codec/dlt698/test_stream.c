/* Framing: many frames in one read, one in many, garbage of every kind between them. */
#include "codec/dlt698/stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static size_t frame_bytes(uint8_t *buf, size_t cap)
{
    static const uint8_t apdu[] = {0x05, 0x01, 0x00, 0x20, 0x00, 0x02, 0x00, 0x00};
    const dlt698_addr addr = dlt698_addr_any(0x10);
    const dlt698_frame f = dlt698_frame_request(&addr, apdu, sizeof apdu);
    size_t len = 0;
    assert_int_equal(dlt698_frame_encode(&f, buf, cap, &len), GT_ERR_OK);
    return len;
}

static unsigned frames_in(dlt698_stream *s, const uint8_t *data, size_t len, size_t piece)
{
    unsigned frames = 0;
    while (len > 0) {
        const size_t taken = dlt698_stream_feed(s, data, len < piece ? len : piece);
        const uint8_t *frame = NULL;
        size_t frame_len = 0;
        while (dlt698_stream_next(s, &frame, &frame_len)) {
            dlt698_frame f;
            assert_int_equal(dlt698_frame_decode(frame, frame_len, &f), GT_ERR_OK);
            frames++;
        }
        assert_true(taken > 0);
        data += taken;
        len -= taken;
    }
    return frames;
}

static void test_pieces(void **state)
{
    (void)state;
    uint8_t data[256];
    size_t len = 0;
    for (unsigned i = 0; i < 5; i++) {
        len += frame_bytes(data + len, sizeof data - len);
    }
    for (size_t piece = 1; piece <= len; piece++) {
        uint8_t buf[DLT698_STREAM_MIN];
        dlt698_stream s;
        dlt698_stream_init(&s, buf, sizeof buf);
        assert_int_equal(frames_in(&s, data, len, piece), 5);
        assert_int_equal(s.garbage, 0);
        assert_int_equal(dlt698_stream_pending(&s), 0);
    }
}

static void test_garbage(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint8_t junk[16];
        size_t len;
    } rows[] = {
        {"preamble", {0xFE, 0xFE, 0xFE, 0xFE}, 4},
        {"a byte", {0x00}, 1},
        {"marks", {0x68, 0x68, 0x68, 0x68}, 4},
        {"half a head", {0x68, 0x17, 0x00, 0x43, 0x05}, 5},
        {"too long for the buffer", {0x68, 0xFF, 0x3F, 0x43, 0x05}, 5},
        {"a 645 frame",
         {0x68, 0x12, 0x90, 0x78, 0x56, 0x34, 0x12, 0x68, 0x91, 0x00, 0x18, 0x16},
         12},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t data[128];
        memcpy(data, rows[i].junk, rows[i].len);
        size_t len = rows[i].len;
        len += frame_bytes(data + len, sizeof data - len);
        memcpy(data + len, rows[i].junk, rows[i].len);
        len += rows[i].len;
        len += frame_bytes(data + len, sizeof data - len);
        uint8_t buf[DLT698_STREAM_MIN];
        dlt698_stream s;
        dlt698_stream_init(&s, buf, sizeof buf);
        const unsigned got = frames_in(&s, data, len, 3);
        if (got != 2) {
            print_error("%s: %u\n", rows[i].name, got);
        }
        assert_int_equal(got, 2);
        assert_int_equal(s.garbage, 2 * rows[i].len);
    }
}

static void test_damaged_frame_costs_itself_only(void **state)
{
    (void)state;
    uint8_t data[128];
    const size_t one = frame_bytes(data, sizeof data);
    (void)frame_bytes(data + one, sizeof data - one);
    for (size_t bit = 0; bit < one * 8; bit++) {
        data[bit / 8] ^= (uint8_t)(1U << bit % 8);
        uint8_t buf[DLT698_STREAM_MIN];
        dlt698_stream s;
        dlt698_stream_init(&s, buf, sizeof buf);
        unsigned got = frames_in(&s, data, 2 * one, 7);
        while (got == 0 && dlt698_stream_pending(&s) > 0) {
            dlt698_stream_resync(&s);
            got += frames_in(&s, (const uint8_t *)"\x00", 1, 1);
        }
        assert_int_equal(got, 1);
        data[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_garbage),
        cmocka_unit_test(test_damaged_frame_costs_itself_only),
    };
    return cmocka_run_group_tests_name("codec/dlt698/stream", tests, NULL, NULL);
}
