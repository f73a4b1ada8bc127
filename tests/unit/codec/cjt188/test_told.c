/* Frames told in words and built again; what is wrong with a frame or a recipe. */
#include "codec/cjt188/compose.h"
#include "codec/cjt188/describe.h"
#include "codec/cjt188/frame.h"
#include "codec/items/items.h"
#include "../told.h"

/* The body: meter type, control code, data. */
static size_t frame_of(const uint8_t *body, size_t len, uint8_t *out, size_t cap)
{
    cjt188_frame f = {.type = body[0],
                      .addr = UINT64_C(0x11112233445566),
                      .ctrl = body[1],
                      .data_len = (uint8_t)(len - 2)};
    size_t out_len = 0;
    memcpy(f.data, body + 2, len - 2);
    assert_int_equal(cjt188_frame_encode(&f, out, cap, &out_len), GT_ERR_OK);
    return out_len;
}

static void test_told(void **state)
{
    (void)state;
    static const char text[] = "model m\nname en M\nname zh 表\nprotocol cjt188\n"
                               "item C120 answer all Own | 自有\nvalue v bcd2 0.1 V Volt | 伏\n"
                               "item 901F answer 40-40 Other | 其他\nvalue v hex1 1 - W | 字\n";
    static items_set own;
    items_fault fault;
    assert_int_equal(items_parse(text, strlen(text), &own, &fault), GT_ERR_OK);
    const told_suite suite = {SOURCE_ROOT "/tests/vectors/told-cjt188.txt",
                              frame_of,
                              cjt188_describe,
                              cjt188_compose,
                              &own,
                              100};
    told_check(&suite);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_told)};
    return cmocka_run_group_tests_name("codec/cjt188/told", tests, NULL, NULL);
}
