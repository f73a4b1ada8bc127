/* The head-end is a pure machine; this file gives it sockets, the two clocks, a timer and the
 * stores. A store's outcomes come back through a wake-up, so that every call into the head-end is
 * on the loop's thread. */
#include "prog/serve_field.h"

#include "adapter/loop/clock.h"
#include "adapter/loop/conn.h"

#include <pthread.h>
#include <stdlib.h>

enum { LINK_QUEUE_MAX = 256 * 1024, STATS_EVERY_US = 1000000 };

struct serve_field {
    gt_loop *loop;
    uint32_t listener;
    loop_timer timer;
    loop_wake *store_wake;
    loop_wake *outbox_wake;
    store_client *till;
    store_client *readings;
    headend *machine;
    void *memory;
    pthread_mutex_t stats_lock;
    headend_stats stats; /* under the lock */
    gt_mono stats_due;
};

static headend_now now_of(void)
{
    return (headend_now){.mono = clock_mono(), .utc = clock_utc()};
}

static gt_mono earlier(gt_mono a, gt_mono b)
{
    return a.us < b.us ? a : b;
}

static void copy_stats(serve_field *field, headend_now now)
{
    if (now.mono.us < field->stats_due.us) {
        return;
    }
    field->stats_due.us = now.mono.us + STATS_EVERY_US;
    (void)pthread_mutex_lock(&field->stats_lock);
    field->stats = headend_stats_of(field->machine);
    (void)pthread_mutex_unlock(&field->stats_lock);
}

/* After every batch of events: let the machine act, then ask when it wants to be called again. */
static void turn(serve_field *field)
{
    const headend_now now = now_of();
    headend_tick(field->machine, now);
    copy_stats(field, now);
    const gt_mono due = earlier(headend_deadline(field->machine), field->stats_due);
    const gt_err err = loop_timer_at(field->loop, &field->timer, due);
    GT_ASSERT(err == GT_ERR_OK); /* one timer; the loop was opened with room for it */
}

static void on_timer(void *ctx, gt_mono now)
{
    (void)now;
    turn(ctx);
}

static void on_open(void *ctx, loop_conn conn)
{
    serve_field *field = ctx;
    char peer[LOOP_PATH_MAX];
    loop_conn_peer(field->loop, conn, peer);
    headend_connected(field->machine, conn.id, peer, now_of());
    turn(field);
}

static void on_bytes(void *ctx, loop_conn conn, const uint8_t *buf, size_t len)
{
    serve_field *field = ctx;
    headend_bytes(field->machine, conn.id, buf, len, now_of());
    turn(field);
}

static void on_close(void *ctx, loop_conn conn, gt_err why)
{
    serve_field *field = ctx;
    (void)why;
    headend_closed(field->machine, conn.id, now_of());
    turn(field);
}

static const loop_conn_ops link_ops = {
    .on_open = on_open, .on_bytes = on_bytes, .on_close = on_close};

static gt_err link_send(void *ctx, uint64_t link, const uint8_t *buf, size_t len)
{
    const serve_field *field = ctx;
    return loop_send(field->loop, (loop_conn){.id = link}, buf, len);
}

static void link_close(void *ctx, uint64_t link)
{
    const serve_field *field = ctx;
    loop_conn_close(field->loop, (loop_conn){.id = link});
}

static void on_store(void *ctx)
{
    serve_field *field = ctx;
    store_client_drain(field->till);
    store_client_drain(field->readings);
    turn(field);
}

static void on_outbox(void *ctx)
{
    serve_field *field = ctx;
    headend_wake(field->machine);
    turn(field);
}

static void wake_store(void *ctx)
{
    const serve_field *field = ctx;
    loop_wake_send(field->store_wake);
}

static gt_err open_stores(serve_field *field, const serve_field_cfg *cfg)
{
    GT_TRY(loop_wake_open(field->loop, on_store, field, &field->store_wake));
    GT_TRY(loop_wake_open(field->loop, on_outbox, field, &field->outbox_wake));
    GT_TRY(store_client_open(cfg->till, wake_store, field, &field->till));
    return store_client_open(cfg->readings, wake_store, field, &field->readings);
}

static gt_err open_machine(serve_field *field, const serve_field_cfg *cfg)
{
    const size_t size = headend_size(&cfg->headend);
    field->memory = size > 0 ? calloc(1, size) : NULL;
    if (field->memory == NULL) {
        return size > 0 ? GT_ERR_MEMORY : GT_ERR_RANGE;
    }
    const headend_ports ports = {
        .link = {.ctx = field, .send = link_send, .close = link_close},
        .till = store_client_port(field->till),
        .readings = store_client_port(field->readings),
        .keys = cfg->keys,
        .events = cfg->events,
        .log = cfg->log,
        .models = cfg->models,
        .model_count = cfg->model_count,
    };
    return headend_open(field->memory, size, &cfg->headend, &ports, now_of(), &field->machine);
}

static gt_err open_listener(serve_field *field, const serve_field_cfg *cfg)
{
    const loop_listen_cfg listen = {
        .host = cfg->host,
        .port = cfg->port,
        .conns_max = cfg->headend.sessions_max + cfg->headend.unlogged_max,
        .queue_max = LINK_QUEUE_MAX,
        .ops = &link_ops,
        .ctx = field,
    };
    return loop_listen(field->loop, &listen, &field->listener);
}

gt_err serve_field_open(gt_loop *loop, const serve_field_cfg *cfg, serve_field **out)
{
    serve_field *field = calloc(1, sizeof *field);
    if (field == NULL) {
        return GT_ERR_MEMORY;
    }
    field->loop = loop;
    (void)pthread_mutex_init(&field->stats_lock, NULL);
    loop_timer_init(&field->timer, on_timer, field);
    gt_err err = open_stores(field, cfg);
    if (err == GT_ERR_OK) {
        err = open_machine(field, cfg);
    }
    if (err == GT_ERR_OK) {
        err = open_listener(field, cfg);
    }
    if (err != GT_ERR_OK) {
        serve_field_close(field);
        return err;
    }
    turn(field);
    *out = field;
    return GT_ERR_OK;
}

void serve_field_close(serve_field *field)
{
    if (field == NULL) {
        return;
    }
    loop_timer_stop(field->loop, &field->timer);
    store_client_close(field->till);
    store_client_close(field->readings);
    free(field->memory);
    (void)pthread_mutex_destroy(&field->stats_lock);
    free(field);
}

uint16_t serve_field_port(const serve_field *field)
{
    return loop_listener_port(field->loop, field->listener);
}

void serve_field_wake(serve_field *field)
{
    loop_wake_send(field->outbox_wake);
}

void serve_field_stats(serve_field *field, headend_stats *out)
{
    (void)pthread_mutex_lock(&field->stats_lock);
    *out = field->stats;
    (void)pthread_mutex_unlock(&field->stats_lock);
}
