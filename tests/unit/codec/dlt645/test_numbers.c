/* Numbers at once: the same values as the walk gives one by one, and the same refusals. */
#include "codec/dlt645/item.h"
#include "codec/dlt645/numbers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static dlt645_frame answer(uint8_t ctrl, uint32_t di, const uint8_t *data, size_t len)
{
    dlt645_frame f = {.addr = 1, .ctrl = ctrl, .data_len = (uint8_t)(4 + len)};
    for (unsigned i = 0; i < 4; i++) {
        f.data[i] = (uint8_t)(di >> 8 * i);
    }
    memcpy(f.data + 4, data, len);
    return f;
}

/* One byte of every value is 12H, the rest 0. */
static void test_as_the_walk(void **state)
{
    (void)state;
    static const uint32_t blocks[] = {0x0001FF00, 0x000100FF, 0x0000FF00, 0x0201FF00, 0x0202FF00,
                                      0x0203FF00, 0x00010000, 0x02020100, 0x05060101, 0x00900200};
    for (size_t b = 0; b < sizeof blocks / sizeof blocks[0]; b++) {
        uint8_t data[196] = {0};
        for (size_t i = 0; i < sizeof data; i += 3) {
            data[i] = 0x12;
        }
        data[3] = 0x81;
        for (size_t len = 0; len <= 40; len++) {
            const dlt645_frame f = answer(0x91, blocks[b], data, len);
            int64_t values[DLT645_NUMBERS_MAX];
            size_t count = 77;
            const gt_err err = dlt645_numbers_read(&f, values, &count);
            dlt645_walk walk = dlt645_walk_of(blocks[b], f.data + 4, len);
            dlt645_value v;
            size_t n = 0;
            gt_err walked = dlt645_walk_next(&walk, &v);
            for (; walked == GT_ERR_OK; walked = dlt645_walk_next(&walk, &v)) {
                if (err == GT_ERR_OK) {
                    assert_true(values[n] == v.raw);
                }
                n++;
            }
            assert_int_equal(err == GT_ERR_OK, walked == GT_ERR_NOT_FOUND);
            assert_int_equal(count, err == GT_ERR_OK ? n : 77);
        }
    }
}

static void test_absent_and_signs(void **state)
{
    (void)state;
    const uint8_t current[] = {0x34, 0x12, 0x80, 0xFF, 0xFF, 0xFF, 0x01, 0x00, 0x00};
    const dlt645_frame f = answer(0xB1, 0x0202FF00, current, sizeof current);
    int64_t values[DLT645_NUMBERS_MAX];
    size_t count = 0;
    assert_int_equal(dlt645_numbers_read(&f, values, &count), GT_ERR_OK);
    assert_int_equal(count, 3);
    assert_true(values[0] == -1234 && values[1] == DLT645_NUMBER_ABSENT && values[2] == 1);
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint8_t ctrl;
        uint32_t di;
        uint8_t data[8];
        size_t len;
        gt_err want;
    } rows[] = {
        {"a request", 0x11, 0x00010000, {0}, 4, GT_ERR_MISMATCH},
        {"a refusal", 0xD1, 0x00010000, {0}, 4, GT_ERR_MISMATCH},
        {"a write's answer", 0x94, 0x00010000, {0}, 4, GT_ERR_MISMATCH},
        {"no such item", 0x91, 0x0F000000, {0}, 4, GT_ERR_UNKNOWN},
        {"first row, a digit A", 0x91, 0x00000000, {0x1A}, 4, GT_ERR_MALFORMED},
        {"no such block", 0x91, 0x0F00FF00, {0}, 4, GT_ERR_UNKNOWN},
        {"three bytes of four", 0x91, 0x00010000, {0}, 3, GT_ERR_TRUNCATED},
        {"five bytes of four", 0x91, 0x00010000, {0}, 5, GT_ERR_TRAILING},
        {"half a second value", 0x91, 0x0001FF00, {0}, 6, GT_ERR_TRUNCATED},
        {"a digit A", 0x91, 0x00010000, {0, 0xA0}, 4, GT_ERR_MALFORMED},
        {"not a number", 0x91, 0x01010000, {0}, 8, GT_ERR_UNSUPPORTED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const dlt645_frame f = answer(rows[i].ctrl, rows[i].di, rows[i].data, rows[i].len);
        int64_t values[DLT645_NUMBERS_MAX];
        size_t count = 77;
        const gt_err err = dlt645_numbers_read(&f, values, &count);
        if (err != rows[i].want) {
            print_error("%s: %s\n", rows[i].name, gt_err_name(err));
        }
        assert_int_equal(err, rows[i].want);
        assert_int_equal(count, 77);
    }
    dlt645_frame cut = answer(0x91, 0x00010000, (const uint8_t[]){0}, 0);
    cut.data_len = 3;
    int64_t values[DLT645_NUMBERS_MAX];
    size_t count = 77;
    assert_int_equal(dlt645_numbers_read(&cut, values, &count), GT_ERR_TRUNCATED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_the_walk),
        cmocka_unit_test(test_absent_and_signs),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
