/* Limits that the other tests of this folder do not come to: each at its last good value and one
 * beyond it. */
#include "codec/gdw1376/describe.h"
#include "codec/gdw1376/link.h"
#include "codec/gdw1376/message.h"
#include "codec/gdw1376/meter_table.h"
#include "codec/gdw1376/realtime.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static const gdw1376_addr addr = {.region = 0x4403, .terminal = 4};

static void test_addresses(void **state)
{
    (void)state;
    static const struct {
        gdw1376_addr other;
        bool want;
    } rows[] = {
        {{.region = 0x4403, .terminal = 4}, true},
        {{.region = 0x4403, .terminal = 4, .msa = 7}, true}, /* who asks is no part of it */
        {{.region = 0x4404, .terminal = 4}, false},
        {{.region = 0x4403, .terminal = 5}, false},
        {{.region = 0x4403, .terminal = 4, .group = true}, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(gdw1376_addr_equal(&addr, &rows[i].other), rows[i].want);
    }
}

static void test_numbers(void **state)
{
    (void)state;
    static const struct {
        gdw1376_format format;
        int64_t value;
        bool present;
    } rows[] = {
        {GDW1376_A9, 799999, true},    {GDW1376_A9, 800000, false},
        {GDW1376_A9, -799999, true},   {GDW1376_A9, -800000, false},
        {GDW1376_A13, 99999999, true}, {GDW1376_A13, 100000000, false},
        {GDW1376_A13, 0, true},        {GDW1376_A13, -1, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const gdw1376_num num = gdw1376_num_fit(rows[i].format, rows[i].value);
        assert_int_equal(num.present, rows[i].present);
        assert_true(!num.present || num.value == rows[i].value);
    }
}

static void test_times(void **state)
{
    (void)state;
    static const struct {
        gdw1376_when when;
        gt_err want;
    } rows[] = {
        {{.present = true, .at = {2000, 1, 1, 0, 0, 0}, .weekday = 0}, GT_ERR_OK},
        {{.present = true, .at = {2099, 12, 31, 23, 59, 59}, .weekday = 7}, GT_ERR_OK},
        {{.present = true, .at = {1999, 12, 31, 0, 0, 0}, .weekday = 0}, GT_ERR_RANGE},
        {{.present = true, .at = {2100, 1, 1, 0, 0, 0}, .weekday = 0}, GT_ERR_RANGE},
        {{.present = true, .at = {2026, 2, 29, 0, 0, 0}, .weekday = 0}, GT_ERR_RANGE},
        {{.present = true, .at = {2026, 11, 21, 0, 0, 0}, .weekday = 8}, GT_ERR_RANGE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t buf[8];
        gt_wr w = gt_wr_of(buf, sizeof buf);
        gdw1376_when_write(&w, GDW1376_A1, &rows[i].when);
        assert_int_equal(gt_wr_done(&w), rows[i].want);
        assert_int_equal(w.len, 6);
    }
}

static void test_confirm(void **state)
{
    (void)state;
    const gdw1376_head request = gdw1376_head_request(&addr, GDW1376_AFN_CLASS1, 1);
    static gdw1376_confirm c = {.fn = GDW1376_FN_CONFIRM_EACH, .count = GDW1376_EACH_MAX};
    for (size_t i = 0; i < GDW1376_EACH_MAX; i++) {
        c.each[i].id = gdw1376_id_of(0, 1);
    }
    uint8_t buf[512];
    size_t len = 77;
    assert_int_equal(gdw1376_confirm_encode(&request, &c, buf, sizeof buf, &len), GT_ERR_OK);
    len = 77;
    c.count++;
    assert_int_equal(gdw1376_confirm_encode(&request, &c, buf, sizeof buf, &len), GT_ERR_RANGE);
    assert_int_equal(len, 77);
    static const struct {
        uint8_t units[8];
        size_t len;
        gt_err want;
    } rows[] = {
        {{0, 0, 1, 0}, 4, GT_ERR_OK},
        {{0, 0, 2, 0}, 4, GT_ERR_OK},
        {{1, 1, 1, 0}, 4, GT_ERR_MALFORMED},
        {{0, 0, 3, 0}, 4, GT_ERR_MALFORMED},
        {{0, 0, 1, 0, 0, 0, 2, 0}, 8, GT_ERR_MALFORMED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const gdw1376_frame f = {
            .head = {.up = true}, .units = rows[i].units, .units_len = rows[i].len};
        assert_int_equal(gdw1376_confirm_decode(&f, &c), rows[i].want);
    }
}

static void test_message(void **state)
{
    (void)state;
    const gdw1376_head head = gdw1376_head_request(&addr, GDW1376_AFN_CLASS1, 1);
    uint8_t buf[GDW1376_FRAME_MAX + 8] = {0};
    size_t len = 0;
    for (size_t cap = 0; cap < 24; cap++) {
        gdw1376_message m = gdw1376_message_begin(buf, cap, &head);
        gdw1376_message_add(&m, 0, 2);
        gdw1376_message_part(&m, true, false);
        assert_int_equal(gdw1376_message_fits(&m), cap >= 20);
        assert_int_equal(gdw1376_message_end(&m, NULL, &len), cap < 20 ? GT_ERR_SPACE : GT_ERR_OK);
    }
    gdw1376_message m = gdw1376_message_begin(buf, sizeof buf, &head);
    gdw1376_message_add(&m, 0, 2);
    gt_wr_fill(&m.w, 0, GDW1376_USER_MAX - 12);
    assert_true(gdw1376_message_fits(&m));
    gt_wr_u8(&m.w, 0);
    assert_false(gdw1376_message_fits(&m));
}

static void test_series(void **state)
{
    (void)state;
    gdw1376_head head = gdw1376_head_request(&addr, GDW1376_AFN_CLASS1, 15);
    gdw1376_series s = gdw1376_series_of(&head);
    static const struct {
        uint8_t seq;
        bool fir;
        bool fin;
        gt_err want;
    } rows[] = {
        {15, false, false, GT_ERR_MISMATCH}, {14, true, false, GT_ERR_MISMATCH},
        {15, true, false, GT_ERR_OK},        {15, false, false, GT_ERR_MISMATCH},
        {0, true, false, GT_ERR_MISMATCH},   {0, false, false, GT_ERR_OK},
        {1, false, true, GT_ERR_OK},         {2, false, true, GT_ERR_MISMATCH},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bool last = false;
        head.seq = rows[i].seq;
        head.fir = rows[i].fir;
        head.fin = rows[i].fin;
        assert_int_equal(gdw1376_series_step(&s, &head, &last), rows[i].want);
        assert_int_equal(last, rows[i].want == GT_ERR_OK && rows[i].fin);
    }
    assert_int_equal(s.frames, 3);
}

static void test_meter(void **state)
{
    (void)state;
    const gdw1376_meter good = {.index = 1,
                                .int_digits = 7,
                                .dec_digits = 4,
                                .rates = 63,
                                .class_big = 15,
                                .class_small = 15,
                                .port = 31,
                                .speed = 7};
    gdw1376_meter bad[8];
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        bad[i] = good;
    }
    bad[0].class_big = 16;
    bad[1].class_small = 16;
    bad[2].int_digits = 8;
    bad[3].int_digits = 3;
    bad[4].dec_digits = 5;
    bad[5].dec_digits = 0;
    bad[6].rates = 64;
    bad[7].port = 32;
    uint8_t buf[GDW1376_METER_LEN];
    gt_wr w = gt_wr_of(buf, sizeof buf);
    gdw1376_meter_write(&w, &good);
    assert_int_equal(gt_wr_done(&w), GT_ERR_OK);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        w = gt_wr_of(buf, sizeof buf);
        gdw1376_meter_write(&w, &bad[i]);
        assert_int_equal(gt_wr_done(&w), GT_ERR_RANGE);
    }
}

static void test_relay(void **state)
{
    (void)state;
    static const gdw1376_relay_state states[] = {GDW1376_RELAY_OPEN, GDW1376_RELAY_CLOSED,
                                                 GDW1376_RELAY_UNKNOWN};
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        const gdw1376_relay relay = {.state = states[i]};
        uint8_t buf[32];
        gt_wr w = gt_wr_of(buf, sizeof buf);
        gdw1376_relay_write(&w, &relay);
        assert_int_equal(gt_wr_done(&w), GT_ERR_OK);
        gdw1376_relay back;
        gt_rd r = gt_rd_of(buf, w.len);
        assert_int_equal(gdw1376_relay_read(&r, &back), GT_ERR_OK);
        assert_int_equal(back.state, states[i]);
        buf[5] = 0x33;
        r = gt_rd_of(buf, w.len);
        assert_int_equal(gdw1376_relay_read(&r, &back), GT_ERR_MALFORMED);
    }
    uint8_t buf[8];
    gt_wr w = gt_wr_of(buf, sizeof buf);
    const gdw1376_curve none = {.density = 1};
    gdw1376_curve_write(&w, GDW1376_A11, &none, NULL); /* the head alone */
    assert_int_equal(gt_wr_done(&w), GT_ERR_OK);
    assert_int_equal(w.len, 7);
}

static void test_points(void **state)
{
    (void)state;
    static const uint16_t points[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    assert_int_equal(gdw1376_points_together(points, 9), 8);
    assert_int_equal(gdw1376_points_together(points, 3), 3);
    assert_int_equal(gdw1376_points_together(points + 7, 2), 1);
    assert_int_equal(gdw1376_points_together(points, 0), 0);
}

static void test_probe(void **state)
{
    (void)state;
    static const struct {
        uint8_t low; /* of the length of the user data, times four */
        codec_match want;
    } rows[] = {{0x02, CODEC_MATCH_NONE}, {0x1E, CODEC_MATCH_NONE}, {0x22, CODEC_MATCH_SHAPE}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const uint8_t in[] = {0x68, rows[i].low, 0, rows[i].low, 0, 0x68};
        size_t len = 77;
        assert_int_equal(gdw1376_probe(in, sizeof in, &len), rows[i].want);
        assert_int_equal(len, rows[i].want == CODEC_MATCH_NONE ? 77 : sizeof in);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses), cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_times),     cmocka_unit_test(test_confirm),
        cmocka_unit_test(test_message),   cmocka_unit_test(test_series),
        cmocka_unit_test(test_meter),     cmocka_unit_test(test_relay),
        cmocka_unit_test(test_points),    cmocka_unit_test(test_probe),
    };
    return cmocka_run_group_tests_name("codec/gdw1376/edges", tests, NULL, NULL);
}
