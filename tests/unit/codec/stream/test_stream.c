/* Frames out of a stream, for every protocol that has a framing table: however the bytes are cut
 * into reads, behind garbage, behind false starts, several in one read. */
#include "base/hex.h"
#include "codec/cjt188/frame.h"
#include "codec/dlt645/frame.h"
#include "codec/dlt698/frame.h"
#include "codec/gdw1376/frame.h"
#include "codec/gdw1376_2/frame.h"
#include "codec/mbus/frame.h"
#include "codec/modbus/tcp.h"
#include "codec/stream/stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

enum { BYTES_MAX = 1024, BUF_MAX = 4096 };

#define READ645 "6812907856341268910833333433ab896745cc16"
#define ERROR645 "6812000000102068d101351916"
#define STRANGE645 "681290785634126891001816"
#define WATER188 "683003000000000000040417a00155b016"
#define PRICE188 "6810880527101520008116901f01000000002c000000002c0620170901172000008e16"
#define VENDOR188 "6810900100012611130413bb1901010d006807076853fe510f010001b316a816"
#define ASK188 "6810aaaaaaaaaaaaaa0103901f01d216"
#define HEAT188 "6820aaaaaaaaaaaaaaa605aabb0000003e16"
#define ERR_MBUS "68040468080170098216"
#define REQ_MBUS "105b015c16"
#define E5_MBUS "6806066853fee5017a08b916"
#define LOGIN "683200320068c903440400000271000001008816"
#define GET698 "6817004345aaaaaaaaaaaa10da5f0501002000020000e5be16"
#define ASK_1376_2 "680f00410000000000000301004516"

#define ASK_MODBUS "0001000000061103006b0003"

#define ZERO16 "00000000000000000000000000000000"
#define ZERO80 ZERO16 ZERO16 ZERO16 ZERO16 ZERO16
#define ZERO272 ZERO80 ZERO80 ZERO80 ZERO16 ZERO16

typedef struct row {
    const char *name;
    const char *hex;
    const char *want; /* the frames, a space behind each */
    uint64_t garbage;
    uint64_t preambles;
} row;

static const row rows_645[] = {
    {"one", READ645, READ645 " ", 0, 0},
    {"preambles", "fefefefe" READ645, READ645 " ", 0, 4},
    {"three together", READ645 ERROR645 READ645, READ645 " " ERROR645 " " READ645 " ", 0, 0},
    {"preambles between", READ645 "fefe" ERROR645, READ645 " " ERROR645 " ", 0, 2},
    {"garbage before", "000102" READ645, READ645 " ", 3, 0},
    {"a mark before", "68" READ645, READ645 " ", 1, 0},
    {"two marks before", "6868" READ645, READ645 " ", 2, 0},
    {"an impossible length", "681290785634126891c9" READ645, READ645 " ", 10, 0},
    /* A length that promises more is believed until the bytes are there or the line is silent. */
    {"a false start", "681290785634126891" READ645, "", 0, 0},
    {"a wrong checksum", "6812907856341268910833333433ab896745cd16" READ645, READ645 " ", 20, 0},
    {"no end", "6812000000102068d1013519" READ645, READ645 " ", 12, 0},
    {"a part behind", READ645 "68129078", READ645 " ", 0, 0},
    {"noise", "ffffffffffff", "", 6, 0},
};

static const row rows_188[] = {
    {"all behind false starts", "0068fefeff6810" WATER188 PRICE188 VENDOR188 ASK188 HEAT188 ZERO272,
     WATER188 " " PRICE188 " " VENDOR188 " " ASK188 " " HEAT188 " ", 4 + 272, 3},
    {"preambles of both kinds", "fefeff" ASK188 "ff" ASK188, ASK188 " " ASK188 " ", 0, 4},
};

static const row rows_mbus[] = {
    {"acknowledge", "e5", "e5 ", 0, 0},
    {"two of them", "e5e5", "e5 e5 ", 0, 0},
    {"short and long", REQ_MBUS ERR_MBUS, REQ_MBUS " " ERR_MBUS " ", 0, 0},
    {"all kinds", "e5" REQ_MBUS "e5" ERR_MBUS "e5", "e5 " REQ_MBUS " e5 " ERR_MBUS " e5 ", 0, 0},
    {"noise", "00" REQ_MBUS, REQ_MBUS " ", 1, 0},
    {"noise, then an E5: not believed", "00e5", "", 2, 0},
    {"a whole frame makes it good again", "00e5" REQ_MBUS "e5", REQ_MBUS " e5 ", 2, 0},
    {"an E5 inside a broken frame", "68040468080170e50916" REQ_MBUS, REQ_MBUS " ", 10, 0},
    {"a mark before", "68" ERR_MBUS, ERR_MBUS " ", 1, 0},
    {"a mark and a length before", "6804" ERR_MBUS, ERR_MBUS " ", 2, 0},
    {"a short mark before", "10" REQ_MBUS, REQ_MBUS " ", 1, 0},
    {"half a head", "680404" REQ_MBUS, REQ_MBUS " ", 3, 0},
    {"an impossible length", "68030468" ERR_MBUS, ERR_MBUS " ", 4, 0},
    {"waits", "68ffff68", "", 0, 0},
};

/* The same junk before and between two frames. */
#define AROUND(junk, frame) junk frame junk frame, frame " " frame " "

static const row rows_1376[] = {
    {"five together", LOGIN LOGIN LOGIN LOGIN LOGIN,
     LOGIN " " LOGIN " " LOGIN " " LOGIN " " LOGIN " ", 0, 0},
    {"a byte", AROUND("00", LOGIN), 2 * 1, 0},
    {"marks", AROUND("68686868", LOGIN), 2 * 4, 0},
    {"ends", AROUND("1616", LOGIN), 2 * 2, 0},
    {"half a head", AROUND("6832003200", LOGIN), 2 * 5, 0},
    {"lengths differ", AROUND("683200330068", LOGIN), 2 * 6, 0},
    {"too short", AROUND("680600060068", LOGIN), 2 * 6, 0},
    {"too long", AROUND("68ffffffff68", LOGIN), 2 * 6, 0},
    {"a 645 frame", AROUND(STRANGE645, LOGIN), 2 * 12, 0},
};

static const row rows_698[] = {
    {"five together", GET698 GET698 GET698 GET698 GET698,
     GET698 " " GET698 " " GET698 " " GET698 " " GET698 " ", 0, 0},
    {"preamble", AROUND("fefefefe", GET698), 2 * 4, 0},
    {"a byte", AROUND("00", GET698), 2 * 1, 0},
    {"marks", AROUND("68686868", GET698), 2 * 4, 0},
    {"half a head", AROUND("6817004305", GET698), 2 * 5, 0},
    {"too long for the buffer", AROUND("68ff3f4305", GET698), 2 * 5, 0},
    {"a 645 frame", AROUND(STRANGE645, GET698), 2 * 12, 0},
};

static const row rows_1376_2[] = {
    {"one", ASK_1376_2, ASK_1376_2 " ", 0, 0},
    {"two together", ASK_1376_2 ASK_1376_2, ASK_1376_2 " " ASK_1376_2 " ", 0, 0},
    {"garbage before and between", "00ff" ASK_1376_2 "16" ASK_1376_2, ASK_1376_2 " " ASK_1376_2 " ",
     3, 0},
    {"a false start", "680f00" ASK_1376_2, ASK_1376_2 " ", 3, 0},
    {"two marks", "6868" ASK_1376_2, ASK_1376_2 " ", 2, 0},
    {"an impossible length", "68ffff" ASK_1376_2, ASK_1376_2 " ", 3, 0},
    {"a wrong checksum", "680f00410000000000000301004616" ASK_1376_2, ASK_1376_2 " ", 15, 0},
    {"only a part", "680f0041", "", 0, 0},
    {"nothing but noise", "00112233", "", 4, 0},
};

static const row rows_modbus[] = {
    {"one", ASK_MODBUS, ASK_MODBUS " ", 0, 0},
    {"two", ASK_MODBUS ASK_MODBUS, ASK_MODBUS " " ASK_MODBUS " ", 0, 0},
    {"noise before", "fefefe" ASK_MODBUS, ASK_MODBUS " ", 3, 0},
    {"another protocol", "000100010006" ASK_MODBUS, ASK_MODBUS " ", 6, 0},
    {"an impossible length", "000100000400" ASK_MODBUS, ASK_MODBUS " ", 6, 0},
    {"no such unit", "000100000006fa03006b0003" ASK_MODBUS, ASK_MODBUS " ", 12, 0},
    {"a part", "00010000000611", "", 0, 0},
};

static const struct protocol {
    const char *name;
    const codec_framing *framing;
    size_t cap;        /* of the buffer */
    const char *frame; /* one whose bits are flipped; NULL: it has no checksum to tell */
    const row *rows;
    size_t count;
} protocols[] = {
#define ROWS(rows) rows, sizeof rows / sizeof rows[0]
    {"dlt645", &dlt645_framing, DLT645_FRAME_MAX, READ645, ROWS(rows_645)},
    {"cjt188", &cjt188_framing, CJT188_FRAME_MAX, PRICE188, ROWS(rows_188)},
    {"mbus", &mbus_framing, MBUS_FRAME_MAX, E5_MBUS, ROWS(rows_mbus)},
    {"gdw1376", &gdw1376_framing, GDW1376_STREAM_LOGIN, LOGIN, ROWS(rows_1376)},
    {"dlt698", &dlt698_framing, DLT698_STREAM_MIN, GET698, ROWS(rows_698)},
    {"modbus_tcp", &modbus_tcp_framing, MODBUS_TCP_MAX, NULL, ROWS(rows_modbus)},
    {"gdw1376_2", &gdw1376_2_framing, GDW1376_2_FRAME_MAX, ASK_1376_2, ROWS(rows_1376_2)},
#undef ROWS
};
enum { PROTOCOLS = sizeof protocols / sizeof protocols[0] };

static size_t unhex(const char *text, uint8_t *out)
{
    size_t len = 0;
    assert_int_equal(gt_hex_parse(text, out, BYTES_MAX, &len), GT_ERR_OK);
    return len;
}

/* Feeds in pieces and writes what comes out as hex. @return bytes of the frames */
static size_t run(codec_stream *s, const uint8_t *in, size_t len, size_t piece, char *got)
{
    size_t in_frames = 0;
    *got = '\0';
    do {
        const size_t taken = codec_stream_feed(s, in, len < piece ? len : piece);
        const uint8_t *frame = NULL;
        size_t frame_len = 0;
        while (codec_stream_next(s, &frame, &frame_len)) {
            assert_int_equal(s->framing->frame_check(frame, frame_len), GT_ERR_OK);
            gt_hex_format(frame, frame_len, got, 2 * frame_len + 1);
            got += 2 * frame_len;
            memcpy(got, " ", sizeof " ");
            got++;
            in_frames += frame_len;
        }
        assert_true(taken > 0 || len == 0);
        if (taken > 0) { /* with nothing to feed there need not be a place */
            in += taken;
            len -= taken;
        }
    } while (len > 0);
    return in_frames;
}

static void row_check(const struct protocol *p, const row *r)
{
    uint8_t in[BYTES_MAX];
    const size_t len = unhex(r->hex, in);
    for (size_t piece = 1; piece <= len + 1; piece++) {
        uint8_t buf[BUF_MAX];
        char got[3 * BYTES_MAX];
        codec_stream s;
        codec_stream_init(&s, p->framing, buf, p->cap);
        const size_t in_frames = run(&s, in, len, piece, got);
        if (strcmp(got, r->want) != 0 || s.garbage != r->garbage || s.preambles != r->preambles) {
            print_error("%s: %s, in pieces of %zu\n", p->name, r->name, piece);
        }
        assert_string_equal(got, r->want);
        assert_int_equal(s.garbage, r->garbage);
        assert_int_equal(s.preambles, r->preambles);
        size_t frames = 0;
        for (const char *space = strchr(got, ' '); space != NULL; space = strchr(space + 1, ' ')) {
            frames++;
        }
        assert_int_equal(s.frames, frames);
        assert_int_equal(in_frames + s.garbage + s.preambles + codec_stream_pending(&s), len);
    }
}

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROTOCOLS; i++) {
        row_check(&protocols[i], &(row){"nothing", "", "", 0, 0});
        for (size_t k = 0; k < protocols[i].count; k++) {
            row_check(&protocols[i], &protocols[i].rows[k]);
        }
    }
}

/* Any one bit wrong: nothing comes out of that frame, and the next one is still found, at the
 * latest when the time of the longer length that the bit promises is over. */
static void damage_check(const struct protocol *p)
{
    uint8_t in[BYTES_MAX];
    const size_t one = unhex(p->frame, in);
    memcpy(in + one, in, one);
    for (size_t bit = 0; bit < one * 8; bit++) {
        in[bit / 8] ^= (uint8_t)(1U << bit % 8);
        uint8_t buf[BUF_MAX];
        char got[3 * BYTES_MAX];
        codec_stream s;
        codec_stream_init(&s, p->framing, buf, p->cap);
        assert_int_equal(run(&s, in, one, one, got), 0);
        size_t in_frames = run(&s, in + one, one, 7, got);
        while (in_frames == 0 && codec_stream_pending(&s) > 0) {
            codec_stream_resync(&s);
            in_frames = run(&s, NULL, 0, 1, got);
        }
        assert_int_equal(s.frames, 1);
        assert_int_equal(in_frames, one);
        in[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
}

static void test_damaged_frame_costs_itself_only(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROTOCOLS; i++) {
        if (protocols[i].frame != NULL) {
            damage_check(&protocols[i]);
        }
    }
}

/* A small buffer refuses frames that do not fit it, yet keeps finding those that do. */
static void test_bounded(void **state)
{
    (void)state;
    uint8_t data[256] = {0};
    const gdw1376_addr terminal = {.region = 0x4403, .terminal = 4};
    const gdw1376_frame big = {
        .head = gdw1376_head_link(&terminal, 1), .units = data + 128, .units_len = 60};
    size_t len = 0;
    assert_int_equal(gdw1376_frame_encode(&big, data, 128, &len), GT_ERR_OK);
    len += unhex(LOGIN, data + len);
    uint8_t small[GDW1376_STREAM_LOGIN];
    char got[3 * BYTES_MAX];
    codec_stream s;
    codec_stream_init(&s, &gdw1376_framing, small, sizeof small);
    (void)run(&s, data, len, sizeof data, got);
    assert_string_equal(got, LOGIN " ");
    assert_int_equal(s.garbage, 76);

    /* begins, then the terminal is known */
    uint8_t large[GDW1376_FRAME_MAX];
    assert_int_equal(codec_stream_feed(&s, data, 10), 10);
    codec_stream_grow(&s, large, sizeof large);
    const uint8_t *frame = NULL;
    size_t frame_len = 0;
    assert_false(codec_stream_next(&s, &frame, &frame_len));
    assert_int_equal(codec_stream_feed(&s, data + 10, 66), 66);
    assert_true(codec_stream_next(&s, &frame, &frame_len));
    assert_int_equal(frame_len, 76);
}

/* A stream that holds nothing can be moved and told to look on. */
static void test_empty(void **state)
{
    (void)state;
    uint8_t small[DLT645_FRAME_MIN] = {0};
    uint8_t large[DLT645_FRAME_MAX];
    codec_stream s;
    codec_stream_init(&s, &dlt645_framing, small, sizeof small);
    codec_stream_resync(&s);
    codec_stream_grow(&s, large, sizeof large);
    assert_int_equal(codec_stream_pending(&s), 0);
    assert_int_equal(s.garbage, 0);
    assert_int_equal(codec_stream_feed(&s, small, sizeof small), sizeof small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_damaged_frame_costs_itself_only),
        cmocka_unit_test(test_bounded),
        cmocka_unit_test(test_empty),
    };
    return cmocka_run_group_tests_name("codec/stream", tests, NULL, NULL);
}
