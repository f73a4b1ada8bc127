/* Real sockets and a real pty on one loop: order of callbacks, limits, stale handles, timers. */
#include "adapter/loop/backoff.h"
#include "adapter/loop/clock.h"
#include "adapter/loop/conn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

enum { ROUNDS_MAX = 20000, TEXT_MAX = 256 };

typedef struct side {
    gt_loop *loop;
    loop_conn conn;
    unsigned opened;
    unsigned closed;
    gt_err why;
    size_t got_len;
    char got[TEXT_MAX];
    bool echo;
    bool close_on_bytes;
} side;

static void on_open(void *ctx, loop_conn conn)
{
    side *s = ctx;
    s->opened++;
    s->conn = conn;
}

static void on_bytes(void *ctx, loop_conn conn, const uint8_t *buf, size_t len)
{
    side *s = ctx;
    for (size_t i = 0; i < len && s->got_len < TEXT_MAX - 1; i++) {
        s->got[s->got_len++] = (char)buf[i];
    }
    if (s->echo) {
        assert_int_equal(loop_send(s->loop, conn, buf, len), GT_ERR_OK);
    }
    if (s->close_on_bytes) {
        loop_conn_close(s->loop, conn);
    }
}

static void on_close(void *ctx, loop_conn conn, gt_err why)
{
    side *s = ctx;
    assert_int_equal(loop_send(s->loop, conn, (const uint8_t *)"x", 1), GT_ERR_NOT_FOUND);
    s->closed++;
    s->why = why;
}

static const loop_conn_ops ops = {on_open, on_bytes, on_close};

typedef struct world {
    gt_loop *loop;
    side server;
    side client;
    uint32_t listener;
} world;

static void world_open(world *w, uint32_t server_max, size_t queue_max)
{
    *w = (world){0};
    const loop_cfg cfg = {.conns_max = 8, .timers_max = 8};
    assert_int_equal(loop_open(&cfg, &w->loop), GT_ERR_OK);
    w->server.loop = w->loop;
    w->client.loop = w->loop;
    const loop_listen_cfg listen_cfg = {.host = "127.0.0.1",
                                        .conns_max = server_max,
                                        .queue_max = queue_max,
                                        .ops = &ops,
                                        .ctx = &w->server};
    assert_int_equal(loop_listen(w->loop, &listen_cfg, &w->listener), GT_ERR_OK);
    assert_true(loop_listener_port(w->loop, w->listener) > 0);
}

static gt_err client_call(world *w, side *who, loop_conn *out)
{
    const loop_connect_cfg cfg = {.host = "127.0.0.1",
                                  .port = loop_listener_port(w->loop, w->listener),
                                  .timeout_ms = 2000,
                                  .queue_max = 1024,
                                  .ops = &ops,
                                  .ctx = who};
    return loop_connect(w->loop, &cfg, out);
}

/* Run the loop until *flag reaches want. */
static void until(world *w, const unsigned *flag, unsigned want)
{
    for (unsigned i = 0; i < ROUNDS_MAX && *flag < want; i++) {
        loop_run_once(w->loop, true);
    }
    assert_true(*flag >= want);
}

static void until_text(world *w, const side *s, size_t len)
{
    for (unsigned i = 0; i < ROUNDS_MAX && s->got_len < len; i++) {
        loop_run_once(w->loop, true);
    }
    assert_int_equal(s->got_len, len);
}

static void test_echo_and_stale_handle(void **state)
{
    (void)state;
    world w;
    world_open(&w, 4, 1024);
    w.server.echo = true;
    loop_conn conn;
    assert_int_equal(client_call(&w, &w.client, &conn), GT_ERR_OK);
    assert_int_equal(loop_send(w.loop, conn, (const uint8_t *)"early", 5), GT_ERR_CLOSED);
    until(&w, &w.client.opened, 1);
    assert_true(w.client.conn.id == conn.id);
    assert_int_equal(loop_send(w.loop, conn, (const uint8_t *)"hello", 5), GT_ERR_OK);
    until_text(&w, &w.client, 5);
    assert_string_equal(w.client.got, "hello");
    char peer[LOOP_PATH_MAX];
    loop_conn_peer(w.loop, w.server.conn, peer);
    assert_memory_equal(peer, "127.0.0.1:", 10);
    loop_conn_close(w.loop, conn);
    loop_conn_close(w.loop, conn);
    until(&w, &w.server.closed, 1);
    assert_int_equal(w.server.why, GT_ERR_CLOSED);
    assert_int_equal(w.client.closed, 0); /* who closes is not told */
    loop_conn again;
    assert_int_equal(client_call(&w, &w.client, &again), GT_ERR_OK);
    assert_true(again.id != conn.id);
    assert_int_equal(loop_send(w.loop, conn, (const uint8_t *)"x", 1), GT_ERR_NOT_FOUND);
    loop_conn_peer(w.loop, conn, peer);
    assert_string_equal(peer, "-");
    loop_close(w.loop);
}

static void test_close_inside_callback(void **state)
{
    (void)state;
    world w;
    world_open(&w, 4, 1024);
    w.server.close_on_bytes = true;
    loop_conn conn;
    assert_int_equal(client_call(&w, &w.client, &conn), GT_ERR_OK);
    until(&w, &w.client.opened, 1);
    assert_int_equal(loop_send(w.loop, conn, (const uint8_t *)"bye", 3), GT_ERR_OK);
    until(&w, &w.client.closed, 1);
    assert_int_equal(w.client.why, GT_ERR_CLOSED);
    assert_int_equal(w.server.closed, 0);
    loop_close(w.loop);
}

static void test_listener_limit(void **state)
{
    (void)state;
    world w;
    world_open(&w, 1, 1024);
    side second = {.loop = w.loop};
    loop_conn conn;
    assert_int_equal(client_call(&w, &w.client, &conn), GT_ERR_OK);
    until(&w, &w.server.opened, 1);
    loop_conn other;
    assert_int_equal(client_call(&w, &second, &other), GT_ERR_OK);
    until(&w, &second.closed, 1);
    assert_int_equal(second.why, GT_ERR_CLOSED);
    assert_int_equal(loop_counts_of(w.loop).refused_full, 1);
    assert_int_equal(w.server.opened, 1);
    loop_conn_close(w.loop, conn);
    until(&w, &w.server.closed, 1);
    assert_int_equal(client_call(&w, &w.client, &conn), GT_ERR_OK);
    until(&w, &w.server.opened, 2); /* the place is free again */
    loop_close(w.loop);
}

static void test_slow_reader_is_closed(void **state)
{
    (void)state;
    world w;
    world_open(&w, 4, 4096);
    loop_conn conn;
    assert_int_equal(client_call(&w, &w.client, &conn), GT_ERR_OK);
    until(&w, &w.server.opened, 1);
    until(&w, &w.client.opened, 1);
    loop_conn_pause(w.loop, conn, true);
    static uint8_t block[4000];
    gt_err err = GT_ERR_OK;
    for (unsigned i = 0; i < ROUNDS_MAX && err == GT_ERR_OK; i++) {
        err = loop_send(w.loop, w.server.conn, block, sizeof block);
    }
    assert_int_equal(err, GT_ERR_SPACE);
    assert_int_equal(w.server.closed, 0); /* not inside the call */
    assert_int_equal(loop_send(w.loop, w.server.conn, block, 1), GT_ERR_CLOSED);
    until(&w, &w.server.closed, 1);
    assert_int_equal(w.server.why, GT_ERR_SPACE);
    assert_int_equal(loop_counts_of(w.loop).slow_closed, 1);
    loop_close(w.loop);
}

static void test_queue_drains(void **state)
{
    (void)state;
    world w;
    world_open(&w, 4, (size_t)8 << 20);
    loop_conn conn;
    assert_int_equal(client_call(&w, &w.client, &conn), GT_ERR_OK);
    until(&w, &w.server.opened, 1);
    until(&w, &w.client.opened, 1);
    loop_conn_pause(w.loop, conn, true);
    static uint8_t block[65536];
    size_t sent = 0;
    while (loop_conn_queued(w.loop, w.server.conn) < sizeof block) {
        assert_int_equal(loop_send(w.loop, w.server.conn, block, sizeof block), GT_ERR_OK);
        sent += sizeof block;
    }
    loop_conn_pause(w.loop, conn, false);
    for (unsigned i = 0; i < ROUNDS_MAX && loop_counts_of(w.loop).bytes_in < sent; i++) {
        loop_run_once(w.loop, true);
    }
    assert_int_equal(loop_counts_of(w.loop).bytes_in, sent);
    assert_int_equal(loop_conn_queued(w.loop, w.server.conn), 0);
    loop_close(w.loop);
}

static void test_call_refused(void **state)
{
    (void)state;
    world w;
    world_open(&w, 4, 1024);
    const uint16_t port = loop_listener_port(w.loop, w.listener);
    loop_listener_close(w.loop, w.listener);
    loop_run_once(w.loop, false);
    const loop_connect_cfg cfg = {.host = "127.0.0.1",
                                  .port = port,
                                  .timeout_ms = 2000,
                                  .queue_max = 1024,
                                  .ops = &ops,
                                  .ctx = &w.client};
    loop_conn conn;
    const gt_err err = loop_connect(w.loop, &cfg, &conn);
    if (err == GT_ERR_OK) {
        until(&w, &w.client.closed, 1);
        assert_int_equal(w.client.why, GT_ERR_IO);
    }
    assert_int_equal(w.client.opened, 0);
    loop_connect_cfg bad = cfg;
    bad.host = "not-numeric";
    assert_int_equal(loop_connect(w.loop, &bad, &conn), GT_ERR_SYNTAX);
    loop_close(w.loop);
}

static void test_pty_carries_raw_bytes(void **state)
{
    (void)state;
    world w;
    world_open(&w, 1, 1024);
    side line = {.loop = w.loop, .echo = true};
    const loop_serial_cfg pty_cfg = {.queue_max = 1024, .ops = &ops, .ctx = &line};
    char path[LOOP_PATH_MAX];
    assert_int_equal(loop_pty_open(w.loop, &pty_cfg, &line.conn, path), GT_ERR_OK);
    side master = {.loop = w.loop};
    loop_serial_cfg cfg = {.path = path,
                           .baud = 9600,
                           .parity = LOOP_PARITY_EVEN,
                           .stop_bits = 1,
                           .queue_max = 1024,
                           .ops = &ops,
                           .ctx = &master};
    assert_int_equal(loop_serial_open(w.loop, &cfg, &master.conn), GT_ERR_OK);
    /* Bytes that a terminal in text mode would change or act on. */
    static const uint8_t raw[] = {0x0A, 0x0D, 0x03, 0x04, 0x11, 0x13, 0x1A, 0x7F, 0xFF, 0x00};
    assert_int_equal(loop_send(w.loop, master.conn, raw, sizeof raw), GT_ERR_OK);
    until_text(&w, &master, sizeof raw);
    assert_memory_equal(master.got, raw, sizeof raw);
    /* The far device may close and open again; the pty stays. */
    loop_conn_close(w.loop, master.conn);
    assert_int_equal(loop_serial_open(w.loop, &cfg, &master.conn), GT_ERR_OK);
    master.got_len = 0;
    assert_int_equal(loop_send(w.loop, master.conn, raw, 3), GT_ERR_OK);
    until_text(&w, &master, 3);
    assert_int_equal(line.closed, 0);
    cfg.baud = 9601;
    assert_int_equal(loop_serial_open(w.loop, &cfg, &master.conn), GT_ERR_RANGE);
    cfg.baud = 9600;
    cfg.path = "/dev/no-such-line";
    assert_int_equal(loop_serial_open(w.loop, &cfg, &master.conn), GT_ERR_NOT_FOUND);
    loop_close(w.loop);
}

typedef struct tick {
    unsigned order;
    unsigned *next;
    unsigned fired;
    gt_mono at;
} tick;

static void on_tick(void *ctx, gt_mono now)
{
    tick *t = ctx;
    t->fired++;
    t->order = (*t->next)++;
    t->at = now;
}

static void test_timers_fire_in_order(void **state)
{
    (void)state;
    world w;
    world_open(&w, 1, 1024);
    unsigned next = 0;
    tick ticks[5];
    loop_timer timers[5];
    static const int delay_us[5] = {3000, 1000, -5, 2000, 900};
    const gt_mono start = clock_mono();
    for (unsigned i = 0; i < 5; i++) {
        ticks[i] = (tick){.next = &next};
        loop_timer_init(&timers[i], on_tick, &ticks[i]);
        const gt_mono due = {.us = start.us + delay_us[i]};
        assert_int_equal(loop_timer_at(w.loop, &timers[i], due), GT_ERR_OK);
    }
    loop_timer_stop(w.loop, &timers[1]);
    assert_int_equal(loop_timer_at(w.loop, &timers[4], (gt_mono){.us = start.us + 2500}),
                     GT_ERR_OK);
    until(&w, &next, 4);
    assert_int_equal(ticks[1].fired, 0);
    assert_int_equal(ticks[2].order, 0);
    assert_int_equal(ticks[3].order, 1);
    assert_int_equal(ticks[4].order, 2);
    assert_int_equal(ticks[0].order, 3);
    for (unsigned i = 0; i < 5; i++) {
        assert_true(ticks[i].fired == 0 || ticks[i].at.us >= timers[i].due.us);
    }
    assert_int_equal(loop_timer_at(w.loop, &timers[0], GT_MONO_NEVER), GT_ERR_OK);
    loop_timer_stop(w.loop, &timers[0]);
    loop_close(w.loop);
}

static void on_wake(void *ctx)
{
    (*(unsigned *)ctx)++;
}

static void *wake_from_thread(void *arg)
{
    loop_wake_send(arg);
    return NULL;
}

static void test_wake_from_another_thread(void **state)
{
    (void)state;
    world w;
    world_open(&w, 1, 1024);
    unsigned woken = 0;
    loop_wake *wake = NULL;
    assert_int_equal(loop_wake_open(w.loop, on_wake, &woken, &wake), GT_ERR_OK);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, wake_from_thread, wake), 0);
    until(&w, &woken, 1);
    assert_int_equal(pthread_join(thread, NULL), 0);
    loop_close(w.loop);
}

static void test_limits_are_refused(void **state)
{
    (void)state;
    gt_loop *loop = NULL;
    static const loop_cfg bad[] = {{0, 1}, {1, 0}, {65537, 1}, {1, 65537}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(loop_open(&bad[i], &loop), GT_ERR_RANGE);
    }
    assert_null(loop);
    loop_close(NULL);
    world w;
    world_open(&w, 1, 1024);
    const loop_listen_cfg taken = {.host = "127.0.0.1",
                                   .port = loop_listener_port(w.loop, w.listener),
                                   .conns_max = 1,
                                   .queue_max = 1,
                                   .ops = &ops,
                                   .ctx = &w.server};
    uint32_t listener = 0;
    assert_int_equal(loop_listen(w.loop, &taken, &listener), GT_ERR_IO);
    loop_conn conn;
    for (unsigned i = 0; i < 8; i++) {
        assert_int_equal(client_call(&w, &w.client, &conn), GT_ERR_OK);
    }
    assert_int_equal(client_call(&w, &w.client, &conn), GT_ERR_SPACE);
    loop_close(w.loop);
}

static void test_backoff_doubles_to_its_limit(void **state)
{
    (void)state;
    loop_backoff b = {.first_ms = 1000, .max_ms = 5000};
    static const uint32_t most[] = {1000, 2000, 4000, 5000, 5000};
    for (size_t i = 0; i < sizeof most / sizeof most[0]; i++) {
        const uint32_t wait = loop_backoff_wait_ms(&b, (uint32_t)(i * 7919));
        assert_in_range(wait, most[i] / 2, most[i]);
    }
    loop_backoff_reset(&b);
    assert_in_range(loop_backoff_wait_ms(&b, 12345), 500, 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_echo_and_stale_handle),
        cmocka_unit_test(test_close_inside_callback),
        cmocka_unit_test(test_listener_limit),
        cmocka_unit_test(test_slow_reader_is_closed),
        cmocka_unit_test(test_queue_drains),
        cmocka_unit_test(test_call_refused),
        cmocka_unit_test(test_pty_carries_raw_bytes),
        cmocka_unit_test(test_timers_fire_in_order),
        cmocka_unit_test(test_wake_from_another_thread),
        cmocka_unit_test(test_limits_are_refused),
        cmocka_unit_test(test_backoff_doubles_to_its_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
