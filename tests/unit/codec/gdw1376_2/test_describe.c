/* Frames in words, the tables in order, and data that do not fit their layout. */
#include "codec/gdw1376_2/describe.h"
#include "codec/gdw1376_2/frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static codec_description told;

static size_t frame_of(uint8_t afn, bool up, uint16_t fn, codec_bytes data, uint8_t *buf)
{
    const gdw1376_2_frame f = {
        .up = up, .mode = 3, .afn = afn, .fn = fn, .data = data.buf, .data_len = data.len};
    size_t len = 0;
    assert_int_equal(gdw1376_2_frame_encode(&f, buf, GDW1376_2_FRAME_MAX, &len), GT_ERR_OK);
    return len;
}

static void test_rows(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint8_t afn;
        bool up;
        uint16_t fn;
        uint8_t data[24];
        size_t len;
        size_t items; /* 0: an error, if there are data */
        const char *last;
    } rows[] = {
        {"vendor", 3, true, 1, {'1', 'Z', '2', 'H', 0x05, 0x03, 0x24, 0x12, 0x01}, 9, 4, "0112"},
        {"vendor, short", 3, true, 1, {'1'}, 8, 0, NULL},
        {"vendor, long", 3, true, 1, {'1'}, 10, 0, NULL},
        {"a query with data", 3, false, 1, {1}, 1, 0, NULL},
        {"node address", 3, true, 4, {0x18, 0x55, 0x60, 0x06}, 6, 1, "000006605518"},
        {"forward", 2, false, 1, {2, 3, 0xAA, 0xBB, 0xCC}, 5, 3, "AABBCC"},
        {"forward, length too large", 2, false, 1, {2, 4, 0xAA, 0xBB, 0xCC}, 5, 0, NULL},
        {"forward, length too small", 2, false, 1, {2, 2, 0xAA, 0xBB, 0xCC}, 5, 0, NULL},
        {"no nodes", 0x10, true, 2, {9, 0, 0}, 3, 2, "0"},
        {"two nodes", 0x10, true, 2, {9, 0, 2, 1, [9] = 7}, 19, 6, "0000"},
        {"two nodes promised", 0x10, true, 2, {9, 0, 2, 1, [9] = 7}, 18, 0, NULL},
        {"255 nodes promised", 0x10, true, 2, {9, 0, 255, 1}, 11, 0, NULL},
        {"subnodes and frame", 0x13, false, 1, {2, 0, 1, 1, 2, 3, 4, 5, 6, 1, 0x68}, 11, 6, "68"},
        {"concurrent", 0xF1, false, 1, {2, 0, 2, 0, 0x11, 0x22}, 6, 4, "1122"},
        {"concurrent, 65535", 0xF1, false, 1, {2, 0, 255, 255, 0x11, 0x22}, 6, 0, NULL},
        {"unknown function", 3, true, 200, {1, 2}, 2, 1, "0102"},
        {"unknown function, nothing", 3, true, 200, {0}, 0, 0, NULL},
        {"confirmation of nothing", 0, true, 1, {0}, 0, 0, NULL},
        {"confirmation, wait alone", 0, true, 1, {10, 0}, 2, 2, "10"},
        {"confirmation of 2009", 0, true, 1, {1, 0, 10, 0}, 4, 2, "10"},
        {"confirmation of 2013", 0, true, 1, {255, 255, 255, 255, 10, 0}, 6, 2, "10"},
        {"confirmation, too short", 0, true, 1, {1}, 1, 0, NULL},
        {"vendor without letters", 3, true, 1, {0, 0, '2', 'H', 5, 3, 0x24, 0x12, 1}, 9, 4, "0112"},
        {"rates", 3, true, 5, {0xC2, 1, 0x60, 0x09, 0x64, 0x80}, 6, 4, "100k"},
        {"rates promised", 3, true, 5, {0xC3, 1, 0x60, 0x09, 0x64, 0x80}, 6, 0, NULL},
        {"networks, none", 0x10, true, 111, {0, 1, 2, 3, 1, 2, 3, 4, 5, 6}, 10, 3, "060504030201"},
        {"subnodes",
         6,
         true,
         4,
         {1, 1, 2, 3, 4, 5, 6, 2, 1, 0, 0, 1, 1, 1, 2, 3, 4, 5, 6, 2},
         20,
         9,
         "2"},
        {"subnodes promised",
         6,
         true,
         4,
         {1, 1, 2, 3, 4, 5, 6, 2, 1, 0, 0, 2, 2, 1, 2, 3, 4, 5, 6, 2},
         20,
         0,
         NULL},
        {"identity promised",
         0x10,
         true,
         7,
         {1, 0, 1, 1, 2, 3, 4, 5, 6, 2, 'A', 'B', 9, 1, 1},
         15,
         0,
         NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t buf[GDW1376_2_FRAME_MAX];
        const size_t len = frame_of(rows[i].afn, rows[i].up, rows[i].fn,
                                    (codec_bytes){rows[i].data, rows[i].len}, buf);
        size_t claimed = 0;
        assert_int_equal(gdw1376_2_probe(buf, len, &claimed), CODEC_MATCH_FRAME);
        assert_int_equal(claimed, len);
        gdw1376_2_describe(buf, len, &told);
        if (told.item_count != rows[i].items) {
            print_error("%s: %zu items\n", rows[i].name, told.item_count);
        }
        assert_int_equal(told.item_count, rows[i].items);
        assert_int_equal(told.error_count, rows[i].items == 0 && rows[i].len > 0 ? 1 : 0);
        if (rows[i].last != NULL) {
            assert_string_equal(told.items[told.item_count - 1].value, rows[i].last);
        }
    }
}

static void test_damage(void **state)
{
    (void)state;
    uint8_t good[GDW1376_2_FRAME_MAX];
    const size_t len = frame_of(3, false, 1, (codec_bytes){good, 0}, good);
    for (size_t n = 0; n < len; n++) {
        gdw1376_2_describe(good, n, &told);
        assert_true(told.error_count == 1 && told.item_count == 0);
    }
    for (size_t at = 0; at < len; at++) {
        good[at] ^= 0x01;
        gdw1376_2_describe(good, len, &told);
        assert_true(told.error_count == 1 && told.errors[0].offset <= len);
        size_t claimed = 0;
        assert_int_not_equal(gdw1376_2_probe(good, len, &claimed), CODEC_MATCH_FRAME);
        good[at] ^= 0x01;
    }
}

/* What the probe and the description say of bytes that are no frame. */
static void test_other_bytes(void **state)
{
    (void)state;
    static const struct {
        uint8_t in[32];
        size_t len;
        codec_match want;
    } cases[] = {
        {{0x68, 15, 0, 3, 0, 0, 0, 0, 0, 0}, 10, CODEC_MATCH_NONE}, /* cut off before AFN */
        {{0x68, 27, 0, 3, 4, 0, 0, 0, 0, 0, 1, 1, 1}, 13, CODEC_MATCH_NONE}, /* in the addresses */
        {{0x68, 27, 0, 0x83, 0x14, [22] = 3, 1}, 25, CODEC_MATCH_SHAPE},
        {{0x68, 27, 0, 3, 4, [22] = 3, 1}, 25, CODEC_MATCH_SHAPE},
        {{0x68, 15, 0, 0, 0, 0, 0, 0, 0, 0, 3}, 11, CODEC_MATCH_NONE}, /* no such mode */
        {{0x68, 15, 0, 3, 0, 0, 0, 0, 0, 0, 7}, 11, CODEC_MATCH_NONE}, /* no such AFN */
        {{0x68, 15, 0, 3, 0, 0, 0, 0, 0, 0, 3, 3, 0, 9, 0x16}, 15, CODEC_MATCH_SHAPE}, /* two Fn */
        {{0x68, 15, 0, 3, 0, 0, 0, 0, 0, 0, 3, 1, 0, 7, 0x17}, 15, CODEC_MATCH_SHAPE},
        {{0x68, 15, 0, 3, 0, 0, 0, 0, 0, 0, 3, 1, 0, 7, 0x16, 0x68}, 16, CODEC_MATCH_FRAME},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t claimed = 0;
        assert_int_equal(gdw1376_2_probe(cases[i].in, cases[i].len, &claimed), cases[i].want);
        gdw1376_2_describe(cases[i].in, cases[i].len, &told);
        assert_int_equal(told.error_count, 1);
        assert_int_equal(told.item_count, 0);
    }
    uint8_t buf[64];
    const gdw1376_2_frame f = {.mode = 0, .afn = 0x77, .fn = 9};
    size_t len = 0;
    assert_int_equal(gdw1376_2_frame_encode(&f, buf, sizeof buf, &len), GT_ERR_OK);
    gdw1376_2_describe(buf, len, &told);
    assert_int_equal(told.error_count, 0);
    assert_string_equal(told.title.en, "reserved");
    const gdw1376_2_frame known = {.mode = 1, .afn = 0x03, .fn = 240};
    assert_int_equal(gdw1376_2_frame_encode(&known, buf, sizeof buf, &len), GT_ERR_OK);
    gdw1376_2_describe(buf, len, &told);
    assert_string_equal(told.title.en, "Query");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_other_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
