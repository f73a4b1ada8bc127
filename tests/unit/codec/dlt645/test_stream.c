/* Frames out of a stream: however it is cut, behind garbage, several in one read. */
#include "codec/dlt645/stream.h"
#include "base/hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define READ "6812907856341268910833333433ab896745cc16"
#define ERROR "6812000000102068d101351916"

enum { BYTES_MAX = 512 };

static unsigned count_frames(const uint8_t *in, size_t len, size_t step, uint32_t *out_skipped)
{
    dlt645_stream stream;
    dlt645_stream_reset(&stream);
    unsigned frames = 0;
    for (size_t pos = 0; pos < len; pos += step) {
        const size_t end = len - pos < step ? len : pos + step;
        bool got = true;
        for (size_t at = pos; got || at < end;) {
            dlt645_frame frame;
            at += dlt645_stream_feed(&stream, in + at, end - at, &frame, &got);
            frames += got;
        }
    }
    *out_skipped = stream.skipped;
    return frames;
}

static void test_streams(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        unsigned frames;
        uint32_t skipped;
    } rows[] = {
        {READ, 1, 0},
        {"fefefefe" READ, 1, 0},
        {READ ERROR READ, 3, 0},
        {READ "fefe" ERROR, 2, 0},
        {"000102" READ, 1, 3},
        {"68" READ, 1, 1},
        {"6868" READ, 1, 2},
        {"681290785634126891c9" READ, 1, 10},
        /* A length that promises more is believed until the bytes are there or the line is silent.
         */
        {"681290785634126891" READ, 0, 0},
        {"6812907856341268910833333433ab896745cd16" READ, 1, 20},
        {"6812000000102068d1013519" READ, 1, 12},
        {READ "68129078", 1, 0},
        {"", 0, 0},
        {"ffffffffffff", 0, 6},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t in[BYTES_MAX];
        size_t len = 0;
        assert_int_equal(gt_hex_parse(rows[i].hex, in, sizeof in, &len), GT_ERR_OK);
        for (size_t step = 1; step <= len; step++) {
            uint32_t skipped = 0;
            assert_int_equal(count_frames(in, len, step, &skipped), rows[i].frames);
            assert_int_equal(skipped, rows[i].skipped);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_streams)};
    return cmocka_run_group_tests_name("codec/dlt645/stream", tests, NULL, NULL);
}
