/* Sessions: who may log in, what a stranger costs, how silence, garbage and half frames end. */
#include "terminal.h"

#include "codec/gdw1376/link.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_login_and_heartbeat(void **state)
{
    (void)state;
    bench *b = bench_open(0);
    bench_connect(b);
    bench_run_ms(b, 10 * 60000);
    assert_int_equal(b->links, 1);
    assert_true(b->logins >= 10); /* the login and each heartbeat were confirmed */
    const headend_stats stats = headend_stats_of(b->h);
    assert_int_equal(stats.sessions, 1);
    assert_int_equal(stats.unlogged, 0);
    assert_int_equal(stats.garbage_bytes, 0);
    assert_int_equal(stats.bad_frames, 0);
    assert_true(b->published[GT_EVENT_TERMINAL] == 1);
    bench_close(b);
}

static void test_unknown_terminal_is_refused(void **state)
{
    (void)state;
    bench *b = bench_open(0);
    b->address = 9;
    bench_connect(b);
    bench_run_ms(b, 60000);
    const headend_stats stats = headend_stats_of(b->h);
    assert_int_equal(stats.sessions, 0);
    assert_true(stats.refused_unknown > 10); /* it came back every second */
    assert_int_equal(b->denied, stats.refused_unknown);
    assert_true(b->logged < 12); /* but not a line each */
    /* Once it is known, it is let in. */
    b->address = 1;
    bench_run_ms(b, 3000);
    assert_int_equal(headend_stats_of(b->h).sessions, 1);
    bench_close(b);
}

static void test_silent_terminal_is_left(void **state)
{
    (void)state;
    bench *b = bench_open(0);
    bench_connect(b);
    bench_run_ms(b, 1000);
    b->mute = true;
    bench_run_ms(b, 180000);
    assert_int_equal(headend_stats_of(b->h).sessions, 1);
    bench_run_ms(b, 10000);
    assert_int_equal(headend_stats_of(b->h).heartbeat_lost, 1);
    assert_int_equal(headend_stats_of(b->h).sessions, 0);
    bench_close(b);
}

static void test_caller_without_login_is_closed(void **state)
{
    (void)state;
    bench *b = bench_open(0);
    b->mute = true;
    bench_connect(b);
    bench_run_ms(b, 9900);
    assert_int_equal(headend_stats_of(b->h).unlogged, 1);
    assert_int_equal(b->closed_by_station, 0);
    bench_run_ms(b, 200);
    assert_int_equal(b->closed_by_station, 1);
    bench_close(b);
}

static void test_callers_are_limited(void **state)
{
    (void)state;
    bench *b = bench_open(0);
    for (uint64_t link = 1000; link < 1010; link++) {
        headend_connected(b->h, link, "crowd", bench_now(b));
    }
    assert_int_equal(headend_stats_of(b->h).unlogged, 2);
    assert_int_equal(headend_stats_of(b->h).refused_full, 8);
    bench_close(b);
}

static size_t login_frame(uint16_t terminal, uint8_t *buf, size_t cap)
{
    const gdw1376_addr addr = {.region = 0x4401, .terminal = terminal};
    size_t len = 0;
    assert_int_equal(gdw1376_link_encode(&addr, 0, GDW1376_FN_LOGIN, buf, cap, &len), GT_ERR_OK);
    return len;
}

/* One byte at a time, garbage before and a second frame behind: the login still counts. */
static void test_login_in_pieces(void **state)
{
    (void)state;
    bench *b = bench_open(0);
    uint8_t bytes[200] = {0xFF, 0x68, 0x32, 0x00, 0x68};
    size_t len = 5;
    len += login_frame(1, bytes + len, sizeof bytes - len);
    len += login_frame(1, bytes + len, sizeof bytes - len);
    b->link = 77; /* by hand: it answers nothing, but takes what it is sent */
    b->mute = true;
    codec_stream_init(&b->stream, &gdw1376_framing, b->buf, sizeof b->buf);
    headend_connected(b->h, 77, "slow", bench_now(b));
    for (size_t i = 0; i < len; i++) {
        headend_bytes(b->h, 77, &bytes[i], 1, bench_now(b));
    }
    headend_tick(b->h, bench_now(b));
    assert_int_equal(headend_stats_of(b->h).sessions, 1);
    assert_int_equal(headend_stats_of(b->h).unlogged, 0);
    assert_int_equal(headend_stats_of(b->h).garbage_bytes, 5);
    bench_close(b);
}

static void test_garbage_caller_is_closed(void **state)
{
    (void)state;
    bench *b = bench_open(0);
    uint8_t noise[700];
    memset(noise, 0x55, sizeof noise);
    headend_connected(b->h, 77, "noise", bench_now(b));
    headend_bytes(b->h, 77, noise, sizeof noise, bench_now(b));
    assert_int_equal(headend_stats_of(b->h).unlogged, 0);
    assert_true(headend_stats_of(b->h).garbage_bytes > 500);
    headend_bytes(b->h, 77, noise, sizeof noise, bench_now(b)); /* nobody any more */
    headend_closed(b->h, 77, bench_now(b));
    bench_close(b);
}

/* A session is fed noise and torn frames between its heartbeats; nothing but counters moves. */
static void test_garbage_in_session(void **state)
{
    (void)state;
    bench *b = bench_open(0);
    bench_connect(b);
    bench_run_ms(b, 1000);
    uint8_t torn[64];
    const size_t len = login_frame(1, torn, sizeof torn);
    for (unsigned i = 0; i < 50; i++) {
        terminal_say(b, torn, len / 2);
        bench_run_ms(b, 500);
    }
    bench_run_ms(b, 60000);
    assert_int_equal(b->links, 1);
    assert_int_equal(headend_stats_of(b->h).sessions, 1);
    assert_true(headend_stats_of(b->h).garbage_bytes > 0);
    bench_close(b);
}

static void test_second_session_takes_over(void **state)
{
    (void)state;
    bench *b = bench_open(0);
    bench_connect(b);
    bench_run_ms(b, 1000);
    /* A stranger's connection alone changes nothing. */
    headend_connected(b->h, 500, "other", bench_now(b));
    assert_int_equal(b->closed_by_station, 0);
    uint8_t bytes[64];
    const size_t len = login_frame(1, bytes, sizeof bytes);
    headend_bytes(b->h, 500, bytes, len, bench_now(b));
    assert_int_equal(b->closed_by_station, 1);
    assert_int_equal(headend_stats_of(b->h).sessions, 1);
    bench_close(b);
}

static void test_limits_of_memory(void **state)
{
    (void)state;
    headend_cfg cfg = headend_cfg_default();
    const size_t size = headend_size(&cfg);
    assert_true(size > 0 && size < (size_t)32 << 20);
    cfg.points_max = 2041;
    assert_int_equal(headend_size(&cfg), 0);
    cfg = headend_cfg_default();
    cfg.sessions_max = 0;
    assert_int_equal(headend_size(&cfg), 0);
    static uint8_t little[4096];
    bench *b = bench_open(0);
    const headend_ports ports = {0};
    headend *h = NULL;
    assert_int_equal(headend_open(little, sizeof little, &b->cfg, &ports, bench_now(b), &h),
                     GT_ERR_SPACE);
    assert_null(h);
    bench_close(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_login_and_heartbeat),
        cmocka_unit_test(test_unknown_terminal_is_refused),
        cmocka_unit_test(test_silent_terminal_is_left),
        cmocka_unit_test(test_caller_without_login_is_closed),
        cmocka_unit_test(test_callers_are_limited),
        cmocka_unit_test(test_login_in_pieces),
        cmocka_unit_test(test_garbage_caller_is_closed),
        cmocka_unit_test(test_garbage_in_session),
        cmocka_unit_test(test_second_session_takes_over),
        cmocka_unit_test(test_limits_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
