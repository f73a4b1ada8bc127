/* The link to the station: login, heartbeats, silence, refusal, back-off, spare address. */
#include "rig.h"

#include "codec/gdw1376/link.h"
#include "concentrator/uplink.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static void test_login_and_heartbeats(void **state)
{
    (void)state;
    rig *r = rig_open();
    rig_run_ms(r, 100);
    assert_int_equal(r->connects, 1);
    assert_int_equal(r->logins, 1);
    assert_true(rig_stats(r).online);
    rig_run_ms(r, 59000);
    assert_int_equal(r->heartbeats, 0);
    rig_run_ms(r, 10 * 60000);
    assert_int_equal(r->heartbeats, 10);
    assert_int_equal(r->connects, 1);
    rig_close(r);
}

static void test_three_silent_heartbeats_end_the_link(void **state)
{
    (void)state;
    rig *r = rig_open();
    rig_run_ms(r, 1000);
    r->answers_links = false;
    rig_run_ms(r, 60000 + 2 * 20000);
    assert_int_equal(r->heartbeats, 3);
    assert_int_equal(r->closes, 0);
    rig_run_ms(r, 20000);
    assert_int_equal(r->closes, 1);
    assert_int_equal(rig_stats(r).link_lost, 1);
    assert_false(rig_stats(r).online);
    r->answers_links = true;
    rig_run_ms(r, 21000); /* the login under way is said again */
    assert_true(rig_stats(r).online);
    assert_int_equal(rig_stats(r).logins, 2);
    rig_close(r);
}

/* A request proves the station alive as well as a confirmation does. */
static void test_requests_keep_the_link(void **state)
{
    (void)state;
    rig *r = rig_open();
    rig_run_ms(r, 1000);
    r->answers_links = false;
    for (int i = 0; i < 30; i++) {
        rig_run_ms(r, 30000);
        r->inbox_count = 0;
        rig_ask(r, GDW1376_AFN_CLASS1, 1, 0, 2, NULL, 0);
        assert_int_equal(r->inbox_count, 1);
    }
    assert_int_equal(r->closes, 0);
    rig_close(r);
}

static void test_lost_login_is_said_again(void **state)
{
    (void)state;
    rig *r = rig_open();
    r->answers_links = false;
    rig_run_ms(r, 45000);
    assert_int_equal(r->logins, 3);
    r->answers_links = true;
    rig_run_ms(r, 25000); /* the third was not answered either: a new connection */
    assert_int_equal(r->connects, 2);
    assert_true(rig_stats(r).online);
    rig_close(r);
}

static void test_denied_comes_back_rarely(void **state)
{
    (void)state;
    rig *r = rig_open();
    r->denies = true;
    rig_run_ms(r, 600000);
    assert_in_range(r->logins, 10, 21); /* 30 .. 60 s apart */
    assert_int_equal(r->logins, r->closes);
    assert_int_equal(rig_stats(r).logins, 0);
    /* and nothing is served to whoever does not let us in */
    rig_close(r);
}

static void test_not_served_before_the_login_stands(void **state)
{
    (void)state;
    rig *r = rig_open();
    r->answers_links = false;
    rig_run_ms(r, 100);
    assert_true(r->connected);
    rig_ask(r, GDW1376_AFN_CLASS1, 1, 0, 2, NULL, 0);
    rig_run_ms(r, 1000);
    assert_int_equal(r->inbox_count, 0);
    rig_close(r);
}

static void test_back_off_and_spare(void **state)
{
    (void)state;
    rig *r = rig_open();
    r->cfg.hosts = 2;
    r->accepts = false;
    rig_restart(r);
    r->connects = 0;
    rig_run_ms(r, 1000);
    assert_int_equal(r->connects, 2);
    assert_int_equal(r->last_host, 1);
    rig_run_ms(r, 3600000);
    assert_in_range(r->connects, 60, 130); /* 30 .. 60 s apart in the end */
    r->accepts = true;
    rig_run_ms(r, 61000);
    assert_true(rig_stats(r).online);
    rig_link_drop(r);
    rig_run_ms(r, 1500); /* a login that stood starts the waits over, at the main address */
    assert_true(rig_stats(r).online);
    assert_int_equal(r->last_host, 0);
    rig_close(r);
}

static void test_frames_for_others_and_pieces(void **state)
{
    (void)state;
    rig *r = rig_open();
    uint8_t buf[64];
    size_t len = 0;
    rig_run_ms(r, 1000);
    static const struct {
        uint16_t region;
        uint16_t terminal;
        bool group;
        unsigned answers;
    } rows[] = {
        {0x4401, 1, false, 1},      {0x4401, 2, false, 0}, {0x4402, 1, false, 0},
        {0x4401, 0xFFFF, false, 0}, {0x4401, 1, true, 0},  {0x4401, 0xFFFF, true, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const gdw1376_addr addr = {
            .region = rows[i].region, .terminal = rows[i].terminal, .group = rows[i].group};
        const gdw1376_head head = gdw1376_head_request(&addr, GDW1376_AFN_CLASS1, 1);
        gdw1376_message m = gdw1376_message_begin(buf, sizeof buf, &head);
        gdw1376_message_add(&m, 0, 2);
        assert_int_equal(gdw1376_message_end(&m, NULL, &len), GT_ERR_OK);
        r->inbox_count = 0;
        for (size_t n = 0; n < len; n++) {
            rig_link_bytes(r, buf + n, 1);
        }
        assert_int_equal(r->inbox_count, rows[i].answers);
    }
    /* a frame that never ends is given up, and the next one is seen */
    rig_link_bytes(r, buf, len - 3);
    rig_run_ms(r, 21000);
    r->inbox_count = 0;
    rig_ask(r, GDW1376_AFN_CLASS1, 1, 0, 2, NULL, 0);
    assert_int_equal(r->inbox_count, 1);
    rig_close(r);
}

/* An attempt that was given up and stands after all is closed again. */
static void test_late_open(void **state)
{
    (void)state;
    box_uplink u;
    box_uplink_do todo;
    const box_uplink_cfg cfg = {
        .addr = {.region = 0x4401, .terminal = 1}, .hosts = 1, .heartbeat_ms = 60000};
    box_uplink_init(&u, &cfg, (gt_mono){.us = 0});
    box_uplink_tick(&u, (gt_mono){.us = 0}, 0, &todo);
    assert_true(todo.connect);
    box_uplink_tick(&u, box_uplink_deadline(&u), 0, &todo);
    assert_true(todo.close);
    box_uplink_opened(&u, (gt_mono){.us = 31000000}, &todo);
    assert_true(todo.close);
    assert_int_equal(todo.len, 0);
    box_uplink_closed(&u, (gt_mono){.us = 31000000}, 0, &todo);
    assert_false(todo.close);
    assert_int_equal(u.state, BOX_UPLINK_WAITING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_login_and_heartbeats),
        cmocka_unit_test(test_three_silent_heartbeats_end_the_link),
        cmocka_unit_test(test_requests_keep_the_link),
        cmocka_unit_test(test_lost_login_is_said_again),
        cmocka_unit_test(test_denied_comes_back_rarely),
        cmocka_unit_test(test_not_served_before_the_login_stands),
        cmocka_unit_test(test_back_off_and_spare),
        cmocka_unit_test(test_frames_for_others_and_pieces),
        cmocka_unit_test(test_late_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
