/* The numbers of an answer in one call are those of the walk, and so are the errors: of every row
 * and block with good, absent, signed and damaged digits, cut at every length, and of every frame
 * that is known. */
#include "numbers_same.h"
#include "base/hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

enum { LINE_MAX_LEN = 4096, VALUES = 7, FRAMES = 20000 };

static uint32_t seed = 20231117;

static uint32_t chance(uint32_t below)
{
    seed = seed * 1664525U + 1013904223U;
    return (seed >> 8) % below;
}

static size_t frame_of(uint8_t ctrl, uint32_t di, const uint8_t *data, size_t len, uint8_t *out)
{
    dlt645_frame frame = {.addr = 0x202311000042U, .ctrl = ctrl, .data_len = (uint8_t)(4 + len)};
    for (unsigned i = 0; i < 4; i++) {
        frame.data[i] = (uint8_t)(di >> (8 * i));
    }
    memcpy(frame.data + 4, data, len);
    size_t frame_len = 0;
    assert_int_equal(dlt645_frame_encode(&frame, out, DLT645_FRAME_MAX, &frame_len), GT_ERR_OK);
    return frame_len;
}

static void digits_fill(uint8_t *data, size_t len, unsigned damage)
{
    for (size_t i = 0; i < len; i++) {
        data[i] = (uint8_t)(chance(10) << 4 | chance(10));
    }
    for (unsigned i = 0; i < damage && len > 0; i++) {
        const size_t at = chance((uint32_t)len);
        data[at] = (uint8_t)(chance(2) != 0 ? 0xFF : chance(256));
    }
    if (chance(4) == 0 && len >= 4) { /* four bytes without a value */
        memset(data + chance((uint32_t)(len - 3)) / 4 * 4, 0xFF, 4);
    }
}

static void same_check(uint8_t ctrl, uint32_t di, const uint8_t *data, size_t len)
{
    uint8_t in[DLT645_FRAME_MAX];
    const size_t in_len = frame_of(ctrl, di, data, len, in);
    if (!numbers_same(in, in_len)) {
        fail_msg("%08X with %zu bytes, control %02X", (unsigned)di, len, ctrl);
    }
}

static void test_every_row(void **state)
{
    (void)state;
    static const uint32_t wild[] = {0, 0xFF, 0xFF00};
    size_t i = 0;
    for (const dlt645_item *item = dlt645_item_at(0); item != NULL; item = dlt645_item_at(++i)) {
        const size_t bytes = dlt645_item_format(item)->bytes;
        for (size_t w = 0; w < sizeof wild / sizeof wild[0]; w++) {
            for (size_t len = 0; len <= VALUES * bytes && len < DLT645_DATA_MAX - 4; len++) {
                uint8_t data[DLT645_DATA_MAX];
                digits_fill(data, len, 0);
                same_check(0x91, item->id | wild[w], data, len);
                digits_fill(data, len, 1 + chance(2));
                same_check(0x91, item->id | wild[w], data, len);
            }
        }
    }
}

static void test_values(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint32_t di;
        const char *data;
        gt_err err;
        unsigned count;
        int32_t value[5];
        uint32_t step;
    } rows[] = {
        {"one", 0x00010000, "78563412", GT_ERR_OK, 1, {12345678}, 0},
        {"block",
         0x0001FF00,
         "05000000"
         "01000000"
         "FFFFFFFF"
         "03000000"
         "99999999",
         GT_ERR_OK,
         5,
         {5, 1, DLT645_NUMBER_ABSENT, 3, 99999999},
         0x100},
        {"signed", 0x00000000, "05000080", GT_ERR_OK, 1, {-5}, 0},
        {"signed block",
         0x0000FF00,
         "05000080"
         "06000000"
         "07000080",
         GT_ERR_OK,
         3,
         {-5, 6, -7},
         0x100},
        {"phases",
         0x0201FF00,
         "0022"
         "0122"
         "FFFF",
         GT_ERR_OK,
         3,
         {2200, 2201, DLT645_NUMBER_ABSENT},
         0x100},
        {"nothing", 0x00010000, "", GT_ERR_NOT_FOUND, 0, {0}, 0},
        {"no such row", 0x00FE0000, "78563412", GT_ERR_UNKNOWN, 0, {0}, 0},
        {"short", 0x00010000, "785634", GT_ERR_TRUNCATED, 0, {0}, 0},
        {"long", 0x00010000, "7856341200", GT_ERR_TRAILING, 0, {0}, 0},
        {"digit", 0x00010000, "7A563412", GT_ERR_MALFORMED, 0, {0}, 0},
        {"sign that is none", 0x00010000, "05000080", GT_ERR_OK, 1, {80000005}, 0},
        {"digit of the second",
         0x0001FF00,
         "05000000"
         "0100000A",
         GT_ERR_MALFORMED,
         0,
         {0},
         0},
        {"a borrow of the mask",
         0x0001FF00,
         "05000000"
         "D0000000"
         "03000000",
         GT_ERR_MALFORMED,
         0,
         {0},
         0},
        {"a time", 0x04000102, "563412", GT_ERR_UNSUPPORTED, 0, {0}, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t data[DLT645_DATA_MAX];
        uint8_t in[DLT645_FRAME_MAX];
        const size_t len = strlen(rows[i].data) / 2;
        for (size_t k = 0; k < len; k++) {
            data[k] = (uint8_t)(gt_hex_digit(rows[i].data[2 * k]) << 4 |
                                gt_hex_digit(rows[i].data[2 * k + 1]));
        }
        dlt645_numbers got;
        const size_t in_len = frame_of(0x91, rows[i].di, data, len, in);
        const gt_err err = dlt645_numbers_read(in, in_len, &got);
        if (err != rows[i].err) {
            fail_msg("%s: %s", rows[i].name, gt_err_name(err));
        }
        assert_true(numbers_same(in, in_len));
        if (err == GT_ERR_OK) {
            assert_int_equal(got.count, rows[i].count);
            assert_int_equal(got.step, rows[i].step);
            assert_memory_equal(got.value, rows[i].value, rows[i].count * sizeof got.value[0]);
        }
    }
}

/* Random identifiers among the rows, control codes, lengths, and frames with a byte changed. */
static void test_random(void **state)
{
    (void)state;
    static const uint8_t ctrls[] = {0x91, 0x91, 0x91, 0xB1, 0x11, 0xD1, 0x92, 0x94, 0x9F, 0x31};
    size_t rows = 0;
    while (dlt645_item_at(rows) != NULL) {
        rows++;
    }
    for (unsigned i = 0; i < FRAMES; i++) {
        uint8_t data[DLT645_DATA_MAX];
        uint8_t in[DLT645_FRAME_MAX + 1];
        const size_t len = chance(chance(8) == 0 ? DLT645_DATA_MAX - 3 : 33);
        uint32_t di = dlt645_item_at(chance((uint32_t)rows))->id + chance(3) + 0x100 * chance(3);
        di |= chance(2) == 0 ? 0xFF00U : 0;
        digits_fill(data, len, chance(3));
        const uint8_t ctrl = ctrls[chance(sizeof ctrls)];
        same_check(ctrl, di, data, len);
        const size_t in_len = frame_of(ctrl, di, data, len, in);
        in[chance((uint32_t)in_len)] ^= (uint8_t)(1 << chance(8));
        assert_true(numbers_same(in, in_len));
        assert_true(numbers_same(in, in_len - 1));
        in[in_len] = 0x16;
        assert_true(numbers_same(in, in_len + 1));
        assert_true(numbers_same(in, chance((uint32_t)in_len)));
    }
}

/* Every stretch of hex on a line of the vectors is tried, and every frame's flipped bits. */
static void frame_check(const uint8_t *at, size_t len)
{
    uint8_t in[DLT645_FRAME_MAX];
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
            size_t skip = 0;
            while (skip < len && bytes[skip] == DLT645_PREAMBLE) {
                skip++;
            }
            if (len - skip >= DLT645_FRAME_MIN && bytes[skip] == DLT645_START) {
                frame_check(bytes + skip, len - skip);
                frames++;
            }
            len = 0;
        }
    }
    return frames;
}

static void vectors_check(const char *path, unsigned frames_min)
{
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        skip();
    }
    char line[LINE_MAX_LEN];
    unsigned frames = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        static const char word[] =
            "decode"; /* of the text vectors; its letters are hex digits too */
        const bool worded = strncmp(line, word, strlen(word)) == 0;
        frames += line_check(worded ? line + strlen(word) : line);
    }
    (void)fclose(file);
    assert_true(frames >= frames_min);
}

static void test_own_vectors(void **state)
{
    (void)state;
    vectors_check(SOURCE_ROOT "/tests/vectors/dlt645-2007.txt", 10);
}

static void test_shared_vectors(void **state)
{
    (void)state;
    vectors_check(SOURCE_ROOT "/../shared/data/vectors/dlt645-2007.jsonl", 36);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),         cmocka_unit_test(test_every_row),
        cmocka_unit_test(test_random),         cmocka_unit_test(test_own_vectors),
        cmocka_unit_test(test_shared_vectors),
    };
    return cmocka_run_group_tests_name("codec/dlt645/numbers", tests, NULL, NULL);
}
