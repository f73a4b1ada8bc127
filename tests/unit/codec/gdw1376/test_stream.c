/* Framing: many frames in one read, one frame in many, and garbage of every kind between them. */
#include "codec/gdw1376/link.h"
#include "codec/gdw1376/stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static const gdw1376_addr terminal = {.region = 0x4403, .terminal = 4};

static size_t login(uint8_t *buf, size_t cap)
{
    size_t len = 0;
    assert_int_equal(gdw1376_link_encode(&terminal, 1, GDW1376_FN_LOGIN, buf, cap, &len),
                     GT_ERR_OK);
    return len;
}

/* Feeds in pieces of @p piece bytes; counts whole frames. */
static unsigned frames_in(gdw1376_stream *s, const uint8_t *data, size_t len, size_t piece)
{
    unsigned frames = 0;
    while (len > 0) {
        const size_t taken = gdw1376_stream_feed(s, data, len < piece ? len : piece);
        const uint8_t *frame = NULL;
        size_t frame_len = 0;
        while (gdw1376_stream_next(s, &frame, &frame_len)) {
            gdw1376_frame f;
            assert_int_equal(gdw1376_frame_decode(frame, frame_len, &f), GT_ERR_OK);
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
    uint8_t data[512];
    size_t len = 0;
    for (unsigned i = 0; i < 5; i++) {
        len += login(data + len, sizeof data - len);
    }
    for (size_t piece = 1; piece <= len; piece++) {
        uint8_t buf[GDW1376_STREAM_LOGIN];
        gdw1376_stream s;
        gdw1376_stream_init(&s, buf, sizeof buf);
        assert_int_equal(frames_in(&s, data, len, piece), 5);
        assert_int_equal(s.garbage, 0);
        assert_int_equal(s.frames, 5);
        assert_int_equal(gdw1376_stream_pending(&s), 0);
    }
}

static void test_garbage(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint8_t junk[12];
        size_t len;
    } rows[] = {
        {"a byte", {0x00}, 1},
        {"marks", {0x68, 0x68, 0x68, 0x68}, 4},
        {"ends", {0x16, 0x16}, 2},
        {"half a head", {0x68, 0x32, 0x00, 0x32, 0x00}, 5},
        {"lengths differ", {0x68, 0x32, 0x00, 0x33, 0x00, 0x68}, 6},
        {"too short", {0x68, 0x06, 0x00, 0x06, 0x00, 0x68}, 6},
        {"too long", {0x68, 0xFF, 0xFF, 0xFF, 0xFF, 0x68}, 6},
        {"a 645 frame",
         {0x68, 0x12, 0x90, 0x78, 0x56, 0x34, 0x12, 0x68, 0x91, 0x00, 0x18, 0x16},
         12},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t data[128];
        memcpy(data, rows[i].junk, rows[i].len);
        size_t len = rows[i].len;
        len += login(data + len, sizeof data - len);
        memcpy(data + len, rows[i].junk, rows[i].len);
        len += rows[i].len;
        len += login(data + len, sizeof data - len);
        uint8_t buf[GDW1376_STREAM_LOGIN];
        gdw1376_stream s;
        gdw1376_stream_init(&s, buf, sizeof buf);
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
    const size_t one = login(data, sizeof data);
    (void)login(data + one, sizeof data - one);
    for (size_t bit = 0; bit < one * 8; bit++) {
        data[bit / 8] ^= (uint8_t)(1U << bit % 8);
        uint8_t buf[GDW1376_STREAM_LOGIN];
        gdw1376_stream s;
        gdw1376_stream_init(&s, buf, sizeof buf);
        unsigned got = frames_in(&s, data, 2 * one, 7);
        while (got == 0 && gdw1376_stream_pending(&s) > 0) {
            gdw1376_stream_resync(&s); /* a longer length was believed until its time was over */
            got += frames_in(&s, (const uint8_t *)"\x00", 1, 1);
        }
        assert_int_equal(got, 1);
        data[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
}

/* A small buffer refuses frames that do not fit it, yet keeps finding those that do. */
static void test_bounded(void **state)
{
    (void)state;
    uint8_t data[256] = {0};
    const gdw1376_frame big = {
        .head = gdw1376_head_link(&terminal, 1), .units = data + 128, .units_len = 60};
    size_t len = 0;
    assert_int_equal(gdw1376_frame_encode(&big, data, 128, &len), GT_ERR_OK);
    len += login(data + len, sizeof data - len);
    uint8_t small[GDW1376_STREAM_LOGIN];
    gdw1376_stream s;
    gdw1376_stream_init(&s, small, sizeof small);
    assert_int_equal(frames_in(&s, data, len, sizeof data), 1);
    assert_int_equal(s.garbage, 76);

    uint8_t large[GDW1376_FRAME_MAX];
    assert_int_equal(gdw1376_stream_feed(&s, data, 10),
                     10); /* begins, then the terminal is known */
    gdw1376_stream_grow(&s, large, sizeof large);
    const uint8_t *frame = NULL;
    size_t frame_len = 0;
    assert_false(gdw1376_stream_next(&s, &frame, &frame_len));
    assert_int_equal(gdw1376_stream_feed(&s, data + 10, 66), 66);
    assert_true(gdw1376_stream_next(&s, &frame, &frame_len));
    assert_int_equal(frame_len, 76);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_garbage),
        cmocka_unit_test(test_damaged_frame_costs_itself_only),
        cmocka_unit_test(test_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
