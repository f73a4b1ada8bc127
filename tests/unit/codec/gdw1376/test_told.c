/* Frames told in words and built again; what is wrong with a frame or a recipe. */
#include "base/sum.h"
#include "codec/gdw1376/compose.h"
#include "codec/gdw1376/describe.h"
#include "../told.h"

/* The body: user data. */
static size_t frame_of(const uint8_t *body, size_t len, uint8_t *out, size_t cap)
{
    const uint8_t low = (uint8_t)(len << 2 | 2);
    const uint8_t high = (uint8_t)(len >> 6);
    const uint8_t start[] = {0x68, low, high, low, high, 0x68};
    assert_true(sizeof start + len + 2 <= cap);
    memcpy(out, start, sizeof start);
    memcpy(out + sizeof start, body, len);
    out[sizeof start + len] = gt_sum8(body, len);
    out[sizeof start + len + 1] = 0x16;
    return sizeof start + len + 2;
}

static void describe(const struct items_set *own, const uint8_t *in, size_t in_len,
                     codec_description *out)
{
    assert_null(own);
    gdw1376_describe(in, in_len, out);
}

static void test_told(void **state)
{
    (void)state;
    const told_suite suite = {.path = GT_ROOT "/tests/vectors/told-qgdw1376.1.txt",
                              .frame = frame_of,
                              .describe = describe,
                              .compose = gdw1376_compose,
                              .lines_min = 60};
    told_check(&suite);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_told)};
    return cmocka_run_group_tests_name("codec/gdw1376/told", tests, NULL, NULL);
}
