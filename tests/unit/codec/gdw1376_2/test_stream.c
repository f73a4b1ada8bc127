/* The framing machine: garbage, false starts, frames cut anywhere, several in one read. */
#include "base/hex.h"
#include "codec/gdw1376_2/stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define ASK "680f00410000000000000301004516"

static void test_pieces(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *hex;
        unsigned frames;
        uint32_t skipped;
    } rows[] = {
        {"one", ASK, 1, 0},
        {"two together", ASK ASK, 2, 0},
        {"garbage before and between", "00ff" ASK "16" ASK, 2, 3},
        {"a false start", "680f00" ASK, 1, 3},
        {"two marks", "6868" ASK, 1, 2},
        {"an impossible length", "68ffff" ASK, 1, 3},
        {"a wrong checksum", "680f00410000000000000301004616" ASK, 1, 15},
        {"only a part", "680f0041", 0, 0},
        {"nothing but noise", "00112233", 0, 4},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t in[128];
        size_t len = 0;
        assert_int_equal(gt_hex_parse(rows[i].hex, in, sizeof in, &len), GT_ERR_OK);
        for (size_t step = 1; step <= len; step++) {
            gdw1376_2_stream s;
            gdw1376_2_stream_reset(&s);
            unsigned frames = 0;
            for (size_t pos = 0; pos < len; pos += step) {
                const size_t end = len - pos < step ? len : pos + step;
                bool got = true;
                for (size_t at = pos; got || at < end;) {
                    gdw1376_2_frame f;
                    at += gdw1376_2_stream_feed(&s, in + at, end - at, &f, &got);
                    if (got) {
                        assert_int_equal(f.afn, 3);
                        frames++;
                    }
                }
            }
            if (frames != rows[i].frames || s.skipped != rows[i].skipped) {
                print_error("%s in pieces of %zu\n", rows[i].name, step);
            }
            assert_int_equal(frames, rows[i].frames);
            assert_int_equal(s.skipped, rows[i].skipped);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_pieces)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
