/* Stretches of bytes: whole frames of all protocols, damaged ones, bytes of none, no gaps. */
#include "codec/detect/detect.h"
#include "base/hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#define D645 "6812907856341268910833333433ab896745cc16"
#define D97 "6895320600000068810643c3483333330b16"
#define C188 "683003000000000000040417a00155b016"
#define GDW "6832003200680b0002341200006100000100b516"
#define MOD "0103000c00020408"
#define MBUS "68040468080170098216"
#define TCP "0001000000061103006b0003"
#define ANSWER "01030442c800006fb5"
#define D698 "68170043050000000000000072790501000050020100ba1216"

enum { STRETCHES_MAX = 6, BYTES_MAX = 512 };

static void test_stretches(void **state)
{
    (void)state;
    static const struct {
        codec_protocol wanted;
        const char *hex;
        const char *want; /* a letter each: L G D E B M frames, small ones damaged, ? none */
    } rows[] = {
        {CODEC_ANY, D645, "D"},
        {CODEC_ANY, GDW, "G"},
        {CODEC_ANY, MOD, "M"},
        {CODEC_ANY,
         "e5"
         "105b015c16" MBUS,
         "BBB"},
        {CODEC_ANY, "e5", "B"},
        {CODEC_ANY, "00e5", "?"},
        {CODEC_ANY, D645 MBUS, "DB"},
        {CODEC_ANY, "680404680801700982", "b"},
        {CODEC_ANY, "68040468080170098316" MBUS, "bB"},
        {CODEC_ANY, "105b015d16", "b"},
        {CODEC_MBUS, D645, "?"},
        {CODEC_ANY, D97, "E"},
        {CODEC_ANY, C188 D645 "feff" C188, "CDC"},
        {CODEC_ANY, "683003000000000000040417a001", "c"},
        {CODEC_CJT188, MOD, "?"},
        {CODEC_ANY, D97 D645 "fe" D97, "EDE"},
        {CODEC_ANY, "6895320600000068810643c34833", "e"},
        {CODEC_ANY, "6895320600000068c301379816", "E"}, /* read again, refused */
        {CODEC_DLT645_1997, D645, "E"},
        {CODEC_DLT645, D97, "D"},
        {CODEC_ANY, MOD ANSWER, "MM"},
        {CODEC_ANY, GDW D645 MOD, "GDM"},
        {CODEC_ANY, D698, "L"},
        {CODEC_ANY, "fefe" D698 D645 D698 GDW, "?LDLG"},
        {CODEC_ANY, "681700430500000000000000727905010000", "l"},
        {CODEC_ANY, "68170043050000000000000072790501000050020100ba1316" D698, "lL"},
        {CODEC_DLT698, D645 D698, "?L"},
        {CODEC_DLT645, D698, "?"},
        {CODEC_ANY, "fefe" D645 "fefefefe" D645, "DD"},
        {CODEC_ANY, "00ff" D645, "?D"},
        {CODEC_ANY, "6812907856341268910833333433ab8967", "d"},
        {CODEC_ANY, "6812907856341268910833333433ab896745cd16" D645, "dD"},
        {CODEC_ANY, "6832003200680b0002341200006100000100b616" GDW, "gG"},
        {CODEC_ANY, "6832003200680b00023412", "g"},
        {CODEC_ANY, "0103000c00020409", "m"},
        {CODEC_ANY, "ffffffff", "?"},
        {CODEC_ANY, "68", "?"},
        {CODEC_MODBUS, MOD, "M"},
        {CODEC_ANY, TCP TCP, "TT"},
        {CODEC_ANY, TCP D645 TCP, "TDT"},
        {CODEC_ANY, "ff" TCP, "?"},
        {CODEC_MODBUS_TCP, "ff" TCP, "?T"},
        {CODEC_ANY, "000100000006110300", "m"},
        {CODEC_MODBUS_TCP, "000100000006110300", "t"},
        {CODEC_MODBUS_TCP, D645, "?"},
        {CODEC_MODBUS, TCP, "m"},
        {CODEC_MODBUS, "ff" MOD, "?M"},
        {CODEC_DLT645, MOD, "?"},
        {CODEC_DLT645, GDW D645, "?D"},
        {CODEC_GDW1376, D645, "?"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t in[BYTES_MAX];
        size_t len = 0;
        assert_int_equal(gt_hex_parse(rows[i].hex, in, sizeof in, &len), GT_ERR_OK);
        char got[STRETCHES_MAX + 1] = "";
        size_t count = 0;
        for (size_t pos = 0; pos < len && count < STRETCHES_MAX; count++) {
            const codec_found found = codec_detect(rows[i].wanted, in, len, pos);
            static const char whole[] = {
                [CODEC_ANY] = '?',         [CODEC_GDW1376] = 'G',    [CODEC_DLT645] = 'D',
                [CODEC_DLT645_1997] = 'E', [CODEC_MBUS] = 'B',       [CODEC_CJT188] = 'C',
                [CODEC_MODBUS] = 'M',      [CODEC_MODBUS_TCP] = 'T', [CODEC_DLT698] = 'L',
            };
            const char letter = whole[found.protocol];
            got[count] = (char)(found.match == CODEC_MATCH_SHAPE ? letter | 0x20 : letter);
            assert_int_equal(found.offset, pos);
            assert_true(found.len > 0);
            pos += found.len;
        }
        assert_string_equal(got, rows[i].want);
    }
}

static void test_names(void **state)
{
    (void)state;
    codec_protocol protocol = CODEC_MODBUS;
    assert_true(codec_protocol_parse("auto", &protocol));
    assert_int_equal(protocol, CODEC_ANY);
    assert_true(codec_protocol_parse("dlt645-2007", &protocol));
    assert_int_equal(protocol, CODEC_DLT645);
    assert_true(codec_protocol_parse("dlt698.45", &protocol));
    assert_int_equal(protocol, CODEC_DLT698);
    assert_false(codec_protocol_parse("dlms", &protocol));
    assert_false(codec_protocol_parse("", &protocol));
}

/* Long junk comes in several stretches, and the frames behind it are still found. */
static void test_far(void **state)
{
    (void)state;
    static uint8_t in[4096];
    static const struct {
        const char *start; /* a damaged frame or junk at the very start */
        size_t frame_at;
    } rows[] = {
        {"ff", 600},
        {"ff", 3000},
        {"6812907856341268910833333433ab896745cd16", 1500},
        {"681290785634126891c9", 700},
        {"680220022068", 2000},
        {"68023f023f68", 2000},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        memset(in, 0xFF, sizeof in);
        size_t len = 0;
        assert_int_equal(gt_hex_parse(rows[i].start, in, sizeof in, &len), GT_ERR_OK);
        assert_int_equal(gt_hex_parse(D645, in + rows[i].frame_at, 20, &len), GT_ERR_OK);
        bool seen = false;
        for (size_t pos = 0; pos < sizeof in;) {
            const codec_found found = codec_detect(CODEC_ANY, in, sizeof in, pos);
            seen = seen || (found.match == CODEC_MATCH_FRAME && pos == rows[i].frame_at);
            pos += found.len;
        }
        assert_true(seen);
    }
}

/* No prefix and no flipped bit of a frame is taken for a frame without an error. */
static void test_damage(void **state)
{
    (void)state;
    static const char *const frames[] = {D645, D97, C188, GDW, MOD, ANSWER, D698};
    static codec_description told;
    for (size_t i = 0; i < sizeof frames / sizeof frames[0]; i++) {
        uint8_t in[BYTES_MAX];
        size_t len = 0;
        assert_int_equal(gt_hex_parse(frames[i], in, sizeof in, &len), GT_ERR_OK);
        for (size_t cut = 1; cut < len; cut++) {
            const codec_found found = codec_detect(CODEC_ANY, in, cut, 0);
            assert_int_not_equal(found.match, CODEC_MATCH_FRAME);
            codec_found_describe(&found, NULL, in, &told);
            assert_true(told.error_count > 0);
            assert_int_equal(told.item_count, 0);
        }
        for (size_t bit = 0; bit < 8 * len; bit++) {
            in[bit / 8] ^= (uint8_t)(1U << bit % 8);
            const codec_found found = codec_detect(CODEC_ANY, in, len, 0);
            assert_int_not_equal(found.match, CODEC_MATCH_FRAME);
            in[bit / 8] ^= (uint8_t)(1U << bit % 8);
        }
    }
}

/* A line that idles at FEH or FFH is a preamble without end: each stretch of it is told once, not
 * once for each byte before it, and the frame behind is found. */
static void test_idle(void **state)
{
    (void)state;
    enum { IDLE_BYTES = 1 << 16, TIME_MAX_S = 2 };
    static uint8_t in[IDLE_BYTES];
    static const uint8_t idle[] = {0xFE, 0xFF};
    for (size_t i = 0; i < sizeof idle; i++) {
        memset(in, idle[i], sizeof in);
        size_t len = 0;
        assert_int_equal(gt_hex_parse(C188, in + sizeof in - 32, 32, &len), GT_ERR_OK);
        const clock_t start = clock();
        size_t frames = 0;
        codec_found found = {CODEC_ANY, CODEC_MATCH_NONE, 0, 0};
        for (size_t pos = 0; pos < sizeof in; pos = found.offset + found.len) {
            found = codec_detect(CODEC_ANY, in, sizeof in, pos);
            frames += found.match == CODEC_MATCH_FRAME ? 1 : 0;
        }
        assert_int_equal(frames, 1);
        /* Behind its frame it idles on: without an end in sight. */
        memset(in, idle[i], sizeof in);
        for (size_t pos = 0; pos < sizeof in; pos = found.offset + found.len) {
            found = codec_detect(CODEC_ANY, in, sizeof in, pos);
            assert_int_equal(found.match, CODEC_MATCH_NONE);
        }
        assert_true((clock() - start) / CLOCKS_PER_SEC < TIME_MAX_S);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_stretches),
                                       cmocka_unit_test(test_idle), cmocka_unit_test(test_names),
                                       cmocka_unit_test(test_far), cmocka_unit_test(test_damage)};
    return cmocka_run_group_tests_name("codec/detect", tests, NULL, NULL);
}
