/* Frames out of a stream: garbage, cuts anywhere, and no E5H out of broken bytes. */
#include "codec/mbus/stream.h"
#include "base/hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { BYTES_MAX = 512 };

#define ERR "68040468080170098216"
#define REQ "105b015c16"

/* A letter a frame: a acknowledge, s short, l long. */
static void feed(mbus_stream *stream, const uint8_t *in, size_t len, char *got)
{
    size_t at = 0;
    bool more = true;
    while (more || at < len) {
        mbus_frame frame;
        at += mbus_stream_feed(stream, in + at, len - at, &frame, &more);
        if (more) {
            const size_t n = strlen(got);
            got[n] = "asl"[frame.kind];
            got[n + 1] = '\0';
        }
    }
}

static void test_streams(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        const char *want;
        uint32_t skipped;
    } rows[] = {
        {"e5", "a", 0},
        {"e5e5", "aa", 0},
        {REQ ERR, "sl", 0},
        {"e5" REQ "e5" ERR "e5", "asala", 0},
        {"00" REQ, "s", 1},
        {"00e5", "", 2},                       /* noise, then an E5: not believed */
        {"00e5" REQ "e5", "sa", 2},            /* a whole frame makes it good again */
        {"68040468080170e50916" REQ, "s", 10}, /* broken long frame with an E5 inside */
        {"68" ERR, "l", 1},
        {"6804" ERR, "l", 2},
        {"10" REQ, "s", 1},
        {"680404" REQ, "s", 3},
        {"68030468" ERR, "l", 4},
        {"68ffff68", "", 0}, /* waits */
        {"", "", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t in[BYTES_MAX];
        size_t len = 0;
        assert_int_equal(gt_hex_parse(rows[i].hex, in, sizeof in, &len), GT_ERR_OK);
        for (size_t step = 1; step <= len + 1; step++) {
            mbus_stream stream;
            mbus_stream_reset(&stream);
            char got[32] = "";
            for (size_t at = 0; at < len; at += step) {
                feed(&stream, in + at, len - at < step ? len - at : step, got);
            }
            assert_string_equal(got, rows[i].want);
            assert_int_equal(stream.skipped, rows[i].skipped);
        }
    }
}

/* Any one bit wrong in a telegram: nothing comes out of it. */
static void test_flips(void **state)
{
    (void)state;
    uint8_t in[BYTES_MAX];
    size_t len = 0;
    assert_int_equal(gt_hex_parse("6806066853fee5017a08b916", in, sizeof in, &len), GT_ERR_OK);
    for (size_t bit = 0; bit < 8 * len; bit++) {
        in[bit / 8] ^= (uint8_t)(1 << bit % 8);
        mbus_stream stream;
        mbus_stream_reset(&stream);
        char got[32] = "";
        feed(&stream, in, len, got);
        assert_string_equal(got, "");
        in[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    mbus_stream stream;
    mbus_stream_reset(&stream);
    char got[32] = "";
    feed(&stream, in, len, got);
    assert_string_equal(got, "l");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_streams),
                                       cmocka_unit_test(test_flips)};
    return cmocka_run_group_tests_name("codec/mbus/stream", tests, NULL, NULL);
}
