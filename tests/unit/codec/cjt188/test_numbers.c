/* The numbers of an answer in one call are those of the walk, and so are the errors: of every
 * identifier and type of meter, with good, absent and damaged bytes, at every length, and of every
 * frame that is known. */
#include "numbers_same.h"
#include "base/hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

enum { LINE_MAX_LEN = 4096, DATA_MAX = 64, CTRL_READ = 0x81 };

static uint32_t seed = 20231117;

static uint32_t chance(uint32_t below)
{
    seed = seed * 1664525U + 1013904223U;
    return (seed >> 8) % below;
}

static size_t frame_of(uint8_t type, uint8_t ctrl, uint16_t di, const uint8_t *data, size_t len,
                       uint8_t *out)
{
    cjt188_frame frame = {.type = type, .addr = 0x11223344550001U, .ctrl = ctrl};
    const bool high_first = chance(4) == 0;
    frame.data[high_first] = (uint8_t)di;
    frame.data[!high_first] = (uint8_t)(di >> 8);
    memcpy(frame.data + 3, data, len);
    frame.data_len = (uint8_t)(3 + len);
    size_t frame_len = 0;
    assert_int_equal(cjt188_frame_encode(&frame, out, CJT188_FRAME_MAX, &frame_len), GT_ERR_OK);
    return frame_len;
}

/* Small digits are numbers and times too. */
static void data_fill(uint8_t *data, size_t len, unsigned damage)
{
    for (size_t i = 0; i < len; i++) {
        data[i] = (uint8_t)(chance(2) << 4 | chance(3));
    }
    for (unsigned i = 0; i < damage && len > 0; i++) {
        data[chance((uint32_t)len)] = (uint8_t)(chance(10) << 4 | chance(12));
    }
    if (damage > 0 && chance(3) == 0) {
        const size_t at = chance((uint32_t)len + 1);
        memset(data + at, 0xFF, len - at < 8 ? len - at : 8);
    }
}

static void frames_check(const cjt188_item *item, uint8_t type, size_t len, unsigned damage)
{
    static const uint8_t ctrls[] = {0x81, 0x81, 0x81, 0x01, 0xC1, 0x84, 0xBF};
    uint8_t data[DATA_MAX];
    uint8_t in[CJT188_FRAME_MAX + 1];
    data_fill(data, len, damage);
    size_t in_len = frame_of(type, CTRL_READ, item->id, data, len, in);
    assert_true(numbers_same(in, in_len));
    in_len = frame_of(type, ctrls[chance(sizeof ctrls)], (uint16_t)(item->id + chance(3)), data,
                      len, in);
    assert_true(numbers_same(in, in_len));
    in[chance((uint32_t)in_len)] ^= (uint8_t)(1 << chance(8));
    assert_true(numbers_same(in, in_len));
    assert_true(numbers_same(in, in_len - 1));
    in[in_len] = CJT188_END;
    assert_true(numbers_same(in, in_len + 1));
    assert_true(numbers_same(in, chance((uint32_t)in_len)));
}

static void test_every_item(void **state)
{
    (void)state;
    static const uint8_t types[] = {0x10, 0x11, 0x19, 0x20, 0x21, 0x29, 0x30, 0x40, 0xAA};
    size_t i = 0;
    for (const cjt188_item *item = cjt188_item_at(0); item != NULL; item = cjt188_item_at(++i)) {
        for (size_t t = 0; t < sizeof types; t++) {
            for (size_t len = 0; len < DATA_MAX; len++) {
                for (unsigned damage = 0; damage < 4; damage++) {
                    frames_check(item, types[t], len, damage);
                }
            }
        }
    }
}

static void test_values(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *data;
        gt_err err;
        uint64_t raw[4];
    } rows[] = {
        {"water",
         "78563412"
         "2C"
         "05000000"
         "2C"
         "59592331121320"
         "8000",
         GT_ERR_OK,
         {12345678, 5, UINT64_C(20131231235959), 0x80}},
        {"absent",
         "FFFFFFFF"
         "2C"
         "05000000"
         "2C"
         "FFFFFFFFFFFFFF"
         "0000",
         GT_ERR_OK,
         {0, 5, 0, 0}},
        {"nothing", "", GT_ERR_NOT_FOUND, {0}},
        {"digit",
         "7A563412"
         "2C"
         "05000000"
         "2C"
         "00000001010000"
         "0000",
         GT_ERR_MALFORMED,
         {0}},
        {"second",
         "00000000"
         "2C"
         "05000000"
         "2C"
         "60000001010000"
         "0000",
         GT_ERR_RANGE,
         {0}},
        {"minute",
         "00000000"
         "2C"
         "05000000"
         "2C"
         "00600001010000"
         "0000",
         GT_ERR_RANGE,
         {0}},
        {"hour",
         "00000000"
         "2C"
         "05000000"
         "2C"
         "00002401010000"
         "0000",
         GT_ERR_RANGE,
         {0}},
        {"day",
         "00000000"
         "2C"
         "05000000"
         "2C"
         "00000032010000"
         "0000",
         GT_ERR_RANGE,
         {0}},
        {"month",
         "00000000"
         "2C"
         "05000000"
         "2C"
         "00000001130000"
         "0000",
         GT_ERR_RANGE,
         {0}},
        {"month 99",
         "00000000"
         "2C"
         "05000000"
         "2C"
         "00000001990000"
         "0000",
         GT_ERR_RANGE,
         {0}},
        {"time digit",
         "00000000"
         "2C"
         "05000000"
         "2C"
         "000000010100A0"
         "0000",
         GT_ERR_MALFORMED,
         {0}},
        {"short",
         "00000000"
         "2C"
         "05000000"
         "2C"
         "00000001010000"
         "00",
         GT_ERR_TRUNCATED,
         {0}},
        {"a row short",
         "00000000"
         "2C"
         "05000000"
         "2C"
         "00000001010000",
         GT_ERR_TRUNCATED,
         {0}},
        {"long",
         "00000000"
         "2C"
         "05000000"
         "2C"
         "00000001010000"
         "000000",
         GT_ERR_TRAILING,
         {0}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t data[DATA_MAX];
        uint8_t in[CJT188_FRAME_MAX];
        const size_t len = strlen(rows[i].data) / 2;
        for (size_t k = 0; k < len; k++) {
            data[k] = (uint8_t)(gt_hex_digit(rows[i].data[2 * k]) << 4 |
                                gt_hex_digit(rows[i].data[2 * k + 1]));
        }
        const size_t in_len = frame_of(0x10, CTRL_READ, CJT188_DI_CURRENT, data, len, in);
        cjt188_numbers got;
        const gt_err err = cjt188_numbers_read(in, in_len, &got);
        if (err != rows[i].err) {
            fail_msg("%s: %s", rows[i].name, gt_err_name(err));
        }
        assert_true(numbers_same(in, in_len));
        for (size_t k = 0; err == GT_ERR_OK && k < 4; k++) {
            assert_int_equal(got.count, 4);
            assert_true(got.value[k].raw == rows[i].raw[k]);
            assert_int_equal(got.value[k].unit, k < 2 ? 0x2C : 0);
            assert_int_equal(got.value[k].absent, i == 1 && (k == 0 || k == 2));
        }
    }
}

static void frame_check(const uint8_t *at, size_t len)
{
    uint8_t in[CJT188_FRAME_MAX];
    if (len > sizeof in) {
        return;
    }
    memcpy(in, at, len);
    assert_true(numbers_same(in, len));
    for (size_t bit = 0; bit < 8 * len; bit++) {
        in[bit / 8] ^= (uint8_t)(1U << bit % 8);
        assert_true(numbers_same(in, len));
        in[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
}

/* Every stretch of hex on a line that starts as a frame does. */
static unsigned line_check(const char *line)
{
    uint8_t bytes[LINE_MAX_LEN / 2];
    unsigned frames = 0;
    size_t len = 0;
    for (const char *at = line; *at != '\0'; at++) {
        if (gt_hex_digit(at[0]) >= 0 && gt_hex_digit(at[1]) >= 0) {
            bytes[len++] = (uint8_t)(gt_hex_digit(at[0]) << 4 | gt_hex_digit(at[1]));
            at++;
        } else if (*at != ' ') {
            const size_t skip = cjt188_preambles(bytes, len);
            if (len - skip >= CJT188_FRAME_MIN && bytes[skip] == CJT188_START) {
                frame_check(bytes + skip, len - skip);
                frames++;
            }
            len = 0;
        }
    }
    return frames;
}

static void test_shared_vectors(void **state)
{
    (void)state;
    FILE *file = fopen(SOURCE_ROOT "/../shared/data/vectors/cjt188.jsonl", "r");
    if (file == NULL) {
        skip();
    }
    char line[LINE_MAX_LEN];
    unsigned frames = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        frames += line_check(line);
    }
    (void)fclose(file);
    assert_true(frames >= 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_every_item),
        cmocka_unit_test(test_shared_vectors),
    };
    return cmocka_run_group_tests_name("codec/cjt188/numbers", tests, NULL, NULL);
}
