/* Login, heartbeat and confirmation: written, read back, and what is refused. */
#include "base/hex.h"
#include "codec/gdw1376/link.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void test_link(void **state)
{
    (void)state;
    static const gdw1376_addr addr = {.region = 0x4403, .terminal = 4};
    uint8_t buf[GDW1376_FRAME_MAX];
    size_t len = 0;
    for (uint16_t fn = GDW1376_FN_LOGIN; fn <= GDW1376_FN_HEARTBEAT; fn++) {
        assert_int_equal(gdw1376_link_encode(&addr, 2, fn, buf, sizeof buf, &len), GT_ERR_OK);
        gdw1376_frame f;
        uint16_t got = 0;
        assert_int_equal(gdw1376_frame_decode(buf, len, &f), GT_ERR_OK);
        assert_int_equal(gdw1376_link_decode(&f, &got), GT_ERR_OK);
        assert_int_equal(got, fn);
        gdw1376_confirm c = {.fn = GDW1376_FN_CONFIRM_EACH, .afn = 2, .count = 2};
        c.each[0] = (gdw1376_each){gdw1376_id_of(0, fn), GDW1376_EACH_OK};
        c.each[1] = (gdw1376_each){gdw1376_id_of(7, fn), 1};
        uint8_t ack[64];
        assert_int_equal(gdw1376_confirm_encode(&f.head, &c, ack, sizeof ack, &len), GT_ERR_OK);
        assert_int_equal(ack[6], 0x0B);
        gdw1376_confirm back = {0};
        assert_int_equal(gdw1376_frame_decode(ack, len, &f), GT_ERR_OK);
        assert_int_equal(gdw1376_link_decode(&f, &got), GT_ERR_MISMATCH);
        assert_int_equal(gdw1376_confirm_decode(&f, &back), GT_ERR_OK);
        assert_int_equal(back.count, 2);
        assert_int_equal(back.each[1].id.points.number[0], 7);
        assert_false(gdw1376_confirm_ok(&back));
        back.each[1].err = 0;
        assert_true(gdw1376_confirm_ok(&back));
        back.fn = GDW1376_FN_DENY_ALL;
        assert_false(gdw1376_confirm_ok(&back));
    }
    /* The station's answer to a login, as published. */
    static const gdw1376_addr published = {.region = 0x0200, .terminal = 0x1234};
    static const char want[] = "6832003200680b0002341200006100000100b516";
    const gdw1376_head request = gdw1376_head_link(&published, 1);
    const gdw1376_confirm all = {.fn = GDW1376_FN_CONFIRM_ALL};
    assert_int_equal(gdw1376_confirm_encode(&request, &all, buf, sizeof buf, &len), GT_ERR_OK);
    char text[64];
    gt_hex_format(buf, len, text, sizeof text);
    assert_string_equal(text, want);
}

static void test_link_refuses(void **state)
{
    (void)state;
    static const struct {
        uint8_t afn;
        bool up;
        uint8_t units[8];
        size_t len;
        gt_err want;
    } rows[] = {
        {0x02, false, {0, 0, 1, 0}, 4, GT_ERR_MISMATCH},
        {0x0C, true, {0, 0, 1, 0}, 4, GT_ERR_MISMATCH},
        {0x02, true, {1, 1, 1, 0}, 4, GT_ERR_MISMATCH},
        {0x02, true, {0, 0, 3, 0}, 4, GT_ERR_MISMATCH},
        {0x02, true, {0, 0, 1, 0, 0, 0, 1, 0}, 8, GT_ERR_MISMATCH},
        {0x02, true, {0, 0, 8, 0}, 4, GT_ERR_UNKNOWN},
        {0x02, true, {0}, 0, GT_ERR_TRUNCATED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const gdw1376_frame f = {.head = {.afn = rows[i].afn, .up = rows[i].up},
                                 .units = rows[i].units,
                                 .units_len = rows[i].len};
        uint16_t fn = 77;
        assert_int_equal(gdw1376_link_decode(&f, &fn), rows[i].want);
        assert_int_equal(fn, 77);
    }
    static const struct {
        uint8_t units[8];
        size_t len;
        gt_err want;
        bool ok;
    } confirms[] = {
        {{0, 0, 1, 0}, 4, GT_ERR_OK, true},
        {{0, 0, 2, 0}, 4, GT_ERR_OK, false},
        {{1, 1, 1, 0}, 4, GT_ERR_MALFORMED, false},
        {{0, 0, 1, 0, 0, 0, 1, 0}, 8, GT_ERR_MALFORMED, false},
        {{0, 0, 1}, 3, GT_ERR_TRUNCATED, false},
    };
    for (size_t i = 0; i < sizeof confirms / sizeof confirms[0]; i++) {
        const gdw1376_frame f = {.units = confirms[i].units, .units_len = confirms[i].len};
        gdw1376_confirm c = {.fn = 77};
        assert_int_equal(gdw1376_confirm_decode(&f, &c), confirms[i].want);
        assert_int_equal(c.fn == 77, confirms[i].want != GT_ERR_OK);
        assert_int_equal(c.fn != 77 && gdw1376_confirm_ok(&c), confirms[i].ok);
    }
    const gdw1376_confirm large = {.fn = GDW1376_FN_CONFIRM_EACH, .count = GDW1376_EACH_MAX + 1};
    uint8_t buf[64];
    size_t len = 77;
    assert_int_equal(gdw1376_confirm_encode(&(gdw1376_head){0}, &large, buf, sizeof buf, &len),
                     GT_ERR_RANGE);
    assert_int_equal(len, 77);
    uint8_t many[5 + 5 * (GDW1376_EACH_MAX + 1)] = {0, 0, 4, 0, 4};
    for (size_t i = 0; i <= GDW1376_EACH_MAX; i++) {
        many[5 + 5 * i + 2] = 1;
    }
    gdw1376_confirm c;
    gdw1376_frame f = {.head = {.up = true}, .units = many, .units_len = sizeof many};
    assert_int_equal(gdw1376_confirm_decode(&f, &c), GT_ERR_RANGE);
    f.units_len -= 5;
    assert_int_equal(gdw1376_confirm_decode(&f, &c), GT_ERR_OK);
    assert_int_equal(c.count, GDW1376_EACH_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_link),
        cmocka_unit_test(test_link_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
