/* Frames of both editions told in words and built again; what is wrong with a frame or a recipe. */
#include "codec/dlt645/compose.h"
#include "codec/dlt645/describe.h"
#include "codec/dlt645/frame.h"
#include "codec/dlt645/item.h"
#include "codec/items/items.h"
#include "../told.h"

/* The body: control code, then data without the offset. */
static size_t frame_of(const uint8_t *body, size_t len, uint8_t *out, size_t cap)
{
    dlt645_frame f = {.addr = 0x123456789012, .ctrl = body[0], .data_len = (uint8_t)(len - 1)};
    size_t out_len = 0;
    memcpy(f.data, body + 1, len - 1);
    assert_int_equal(dlt645_frame_encode(&f, out, cap, &out_len), GT_ERR_OK);
    return out_len;
}

/* A model with an item of each way. */
static const char *own_text(bool edition_1997)
{
    return edition_1997 ? "model m\nname en M\nname zh 表\nprotocol dlt645-1997\n"
                          "item FFF1 answer all Own | 自有\nvalue v bcd2 0.1 V Volt | 伏\n"
                        : "model m\nname en M\nname zh 表\nprotocol dlt645-2007\n"
                          "item 0F010203 answer all Own | 自有\nvalue v bcd2 0.1 V Volt | 伏\n"
                          "item 0F010203 request all Own | 自有\nvalue w hex1 1 - Word | 字\n";
}

static void edition_check(const char *path, bool edition_1997, unsigned lines_min)
{
    static items_set own;
    const char *text = own_text(edition_1997);
    items_fault fault;
    assert_int_equal(items_parse(text, strlen(text), &own, &fault), GT_ERR_OK);
    const told_suite suite = {path,
                              frame_of,
                              edition_1997 ? dlt645_1997_describe : dlt645_describe,
                              edition_1997 ? dlt645_1997_compose : dlt645_compose,
                              &own,
                              lines_min};
    told_check(&suite);
}

static void test_2007(void **state)
{
    (void)state;
    edition_check(SOURCE_ROOT "/tests/vectors/told-dlt645-2007.txt", false, 100);
}

static void test_1997(void **state)
{
    (void)state;
    edition_check(SOURCE_ROOT "/tests/vectors/told-dlt645-1997.txt", true, 50);
}

/* Every identifier of the tables has a name, and a value of zeros is told and built again. */
static void test_names(void **state)
{
    (void)state;
    static codec_description told;
    static told_parts parts;
    unsigned count = 0;
    for (uint32_t high = 0; high <= 0x2003; high++) {
        for (uint32_t low = 0; low <= UINT16_MAX; low = (low & 0xFF) == 1 ? low + 0xFF : low + 1) {
            const uint32_t di = high << 16 | low;
            const dlt645_item *item = dlt645_item_find(di);
            const size_t bytes = item != NULL ? dlt645_item_format(item)->bytes : 0;
            if (bytes == 0) {
                continue;
            }
            uint8_t body[1 + 4 + 32] = {0x91};
            for (size_t i = 0; i < 4; i++) {
                body[1 + i] = (uint8_t)(di >> (8 * i));
            }
            uint8_t in[DLT645_FRAME_MAX];
            uint8_t out[DLT645_FRAME_MAX];
            size_t out_len = 0;
            const size_t in_len = frame_of(body, 5 + bytes, in, sizeof in);
            dlt645_describe(NULL, in, in_len, &told);
            assert_int_equal(told.error_count, 0);
            assert_string_not_equal(told.items[0].name.en, "");
            assert_string_not_equal(told.items[0].name.zh, "");
            const codec_recipe recipe = told_read(told_recipe(&told), &parts);
            codec_composer c = codec_composer_of(&recipe);
            assert_int_equal(dlt645_compose(&c, out, sizeof out, &out_len), GT_ERR_OK);
            assert_int_equal(out_len, in_len);
            assert_memory_equal(out, in, in_len);
            count++;
        }
    }
    assert_true(count > 1000);
}

/* 03H is security in 2007 and read again in 1997. */
/* A time that is none is an error at its place. */
static void test_no_time(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        uint32_t offset; /* 0: right */
        const char *found;
    } rows[] = {
        {"1c02370602010000001b00000000301299", 0, NULL},
        {"1c02370602010000001b000000003012ca", 20, "CA-12-30 00:00:00"},
        {"1c02370602010000001b00b40000301299", 20, "99-12-30 00:00:B4"},
        {"08000a01010126", 10, "26-01-01 01:0A:00"},
        {"1699999999", 0, NULL},
        {"169999ff99", 10, "99-FF 99:99"},
        {"169a999999", 10, "99-99 99:9A"},
    };
    static codec_description d;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t body[32];
        uint8_t frame[64];
        size_t len = 0;
        assert_int_equal(gt_hex_parse(rows[i].body, body, sizeof body, &len), GT_ERR_OK);
        len = frame_of(body, len, frame, sizeof frame);
        dlt645_describe(NULL, frame, len, &d);
        assert_int_equal(d.error_count, rows[i].offset > 0 ? 1 : 0);
        if (rows[i].offset > 0) {
            assert_int_equal(d.errors[0].err, GT_ERR_MALFORMED);
            assert_int_equal(d.errors[0].offset, rows[i].offset);
            assert_string_equal(d.errors[0].found, rows[i].found);
        }
    }
}

static void test_likely(void **state)
{
    (void)state;
    static const struct {
        const char *hex; /* from the control code on */
        bool want;
    } rows[] = {
        {"", false},          {"03", true},
        {"0307", true},       {"0308", false},
        {"8304", true},       {"8303000000", true},
        {"83", true},         {"830433333333", true},
        {"830433333a", true}, {"83043333333a", false},
        {"c301", true},       {"c302", false},
        {"01", true},         {"11", false},
        {"1f", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t in[32] = {0x68, 0x12, 0x90, 0x78, 0x56, 0x34, 0x12, 0x68};
        size_t len = 0;
        assert_int_equal(gt_hex_parse(rows[i].hex, in + 8, sizeof in - 8, &len), GT_ERR_OK);
        if (dlt645_1997_likely(in, 8 + len) != rows[i].want) {
            fail_msg("%s", rows[i].hex);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_2007), cmocka_unit_test(test_1997),
                                       cmocka_unit_test(test_names), cmocka_unit_test(test_likely),
                                       cmocka_unit_test(test_no_time)};
    return cmocka_run_group_tests_name("codec/dlt645/told", tests, NULL, NULL);
}
