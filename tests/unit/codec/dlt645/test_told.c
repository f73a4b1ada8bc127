/* Frames of both editions told in words and built again; what is wrong with a frame or a recipe. */
#include "codec/dlt645/compose.h"
#include "codec/dlt645/describe.h"
#include "codec/dlt645/frame.h"
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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_2007), cmocka_unit_test(test_1997)};
    return cmocka_run_group_tests_name("codec/dlt645/told", tests, NULL, NULL);
}
