/* One thread runs the loop: the uplink, up to twelve lines and one timer that follows the
 * concentrator's deadline. The store has its writer thread; its outcomes come back through a
 * wake-up. A line whose port is not there is tried again with a growing pause, for ever. */
#include "prog/box_run.h"

#include "adapter/log/log.h"
#include "adapter/loop/backoff.h"
#include "adapter/loop/clock.h"
#include "adapter/loop/conn.h"
#include "adapter/store/threaded_store.h"
#include "prog/ready_file.h"

#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>

enum {
    CONNECT_MS = 15000,
    QUEUE_MAX = 256 * 1024,
    RETRY_FIRST_MS = 500,
    RETRY_MAX_MS = 30000,
    CONNS_MAX = BOX_LINES_MAX + 4,
    TIMERS_MAX = BOX_LINES_MAX + 4,
};

typedef struct box_program box_program;

typedef struct line_port {
    box_program *program;
    unsigned number; /* 1 .. */
    const box_line_config *cfg;
    loop_conn conn;
    loop_timer retry;
    loop_backoff backoff;
    bool complained; /* the port was not there, and that was said */
} line_port;

struct box_program {
    const box_config *cfg;
    gt_loop *loop;
    loop_timer timer;
    loop_conn link;
    bool link_failed; /* the attempt could not even begin: to be told outside of the port's call */
    concentrator *box;
    line_port lines[BOX_LINES_MAX];
    log_stderr log_state;
    gt_log log;
    threaded_store *store;
    store_client *client;
    gt_store store_port;
    loop_wake *wake;
};

static concentrator_time now(void)
{
    return (concentrator_time){.mono = clock_mono(), .utc = clock_utc()};
}

/* After every call into the box: its deadline may have moved. */
static void follow_deadline(box_program *p)
{
    const gt_mono due = p->link_failed ? clock_mono() : concentrator_deadline(p->box);
    if (loop_timer_at(p->loop, &p->timer, due) != GT_ERR_OK) {
        gt_log_event(&p->log, GT_LOG_ERROR, "timer.failed", gt_log_num("timers", TIMERS_MAX));
    }
}

/* A stream that does not take bytes closes by itself, and that is handled there. */
static void note_unsent(box_program *p, gt_err err)
{
    if (err != GT_ERR_OK) {
        gt_log_event(&p->log, GT_LOG_DEBUG, "send.failed", gt_log_str("error", gt_err_name(err)));
    }
}

static void on_timer(void *ctx, gt_mono at)
{
    box_program *p = ctx;
    (void)at; /* both clocks are read at one moment below */
    if (p->link_failed) {
        p->link_failed = false;
        concentrator_link_closed(p->box, now());
    }
    concentrator_tick(p->box, now());
    follow_deadline(p);
}

/* ---- uplink ---- */

static void link_on_open(void *ctx, loop_conn conn)
{
    box_program *p = ctx;
    (void)conn; /* there is only the one asked for last */
    concentrator_link_opened(p->box, now());
    follow_deadline(p);
}

static void link_on_bytes(void *ctx, loop_conn conn, const uint8_t *buf, size_t len)
{
    box_program *p = ctx;
    (void)conn;
    concentrator_link_bytes(p->box, now(), buf, len);
    follow_deadline(p);
}

static void link_on_close(void *ctx, loop_conn conn, gt_err why)
{
    box_program *p = ctx;
    (void)conn;
    p->link.id = 0;
    gt_log_event(&p->log, GT_LOG_INFO, "link.closed", gt_log_str("why", gt_err_name(why)));
    concentrator_link_closed(p->box, now());
    follow_deadline(p);
}

static const loop_conn_ops link_ops = {
    .on_open = link_on_open, .on_bytes = link_on_bytes, .on_close = link_on_close};

static void link_open(void *ctx, unsigned host)
{
    box_program *p = ctx;
    const box_host_config *to = &p->cfg->host[host];
    const loop_connect_cfg cfg = {.host = to->host,
                                  .port = to->port,
                                  .timeout_ms = CONNECT_MS,
                                  .queue_max = QUEUE_MAX,
                                  .ops = &link_ops,
                                  .ctx = p};
    const gt_err err = loop_connect(p->loop, &cfg, &p->link);
    if (err != GT_ERR_OK) {
        gt_log_event(&p->log, GT_LOG_WARN, "link.failed", gt_log_str("error", gt_err_name(err)));
        p->link.id = 0;
        p->link_failed = true;
    }
}

static void link_send(void *ctx, const uint8_t *bytes, size_t len)
{
    box_program *p = ctx;
    note_unsent(p, loop_send(p->loop, p->link, bytes, len));
}

static void link_close(void *ctx)
{
    box_program *p = ctx;
    loop_conn_close(p->loop, p->link);
    p->link.id = 0;
}

/* ---- lines ---- */

static void line_retry_later(line_port *l, gt_err err)
{
    box_program *p = l->program;
    l->conn.id = 0;
    if (!l->complained) {
        l->complained = true;
        gt_log_event(&p->log, GT_LOG_WARN, "line.failed", gt_log_num("line", l->number),
                     gt_log_str("error", gt_err_name(err)));
    }
    uint32_t random = 0;
    (void)getrandom(&random, sizeof random, 0); /* a zero is as good */
    const gt_mono due = {.us = clock_mono().us +
                               (int64_t)loop_backoff_wait_ms(&l->backoff, random) * 1000};
    if (loop_timer_at(p->loop, &l->retry, due) != GT_ERR_OK) {
        gt_log_event(&p->log, GT_LOG_ERROR, "timer.failed", gt_log_num("timers", TIMERS_MAX));
    }
}

static void line_is_there(line_port *l)
{
    l->complained = false;
    loop_backoff_reset(&l->backoff);
    concentrator_line_opened(l->program->box, now(), l->number);
    follow_deadline(l->program);
}

static void line_on_open(void *ctx, loop_conn conn)
{
    (void)conn;
    line_is_there(ctx);
}

static void line_on_bytes(void *ctx, loop_conn conn, const uint8_t *buf, size_t len)
{
    const line_port *l = ctx;
    (void)conn;
    concentrator_line_bytes(l->program->box, now(), l->number, buf, len);
    follow_deadline(l->program);
}

static void line_on_close(void *ctx, loop_conn conn, gt_err why)
{
    line_port *l = ctx;
    (void)conn;
    concentrator_line_closed(l->program->box, now(), l->number);
    line_retry_later(l, why);
    follow_deadline(l->program);
}

static const loop_conn_ops line_ops = {
    .on_open = line_on_open, .on_bytes = line_on_bytes, .on_close = line_on_close};

static void line_try(line_port *l)
{
    box_program *p = l->program;
    gt_err err = GT_ERR_OK;
    if (l->cfg->device == BOX_DEVICE_TCP) {
        const loop_connect_cfg cfg = {.host = l->cfg->host,
                                      .port = l->cfg->port,
                                      .timeout_ms = CONNECT_MS,
                                      .queue_max = QUEUE_MAX,
                                      .ops = &line_ops,
                                      .ctx = l};
        err = loop_connect(p->loop, &cfg, &l->conn);
    } else {
        const loop_serial_cfg cfg = {.path = l->cfg->path,
                                     .baud = l->cfg->baud,
                                     .parity = (loop_parity)l->cfg->parity,
                                     .stop_bits = l->cfg->stop_bits,
                                     .queue_max = QUEUE_MAX,
                                     .ops = &line_ops,
                                     .ctx = l};
        err = loop_serial_open(p->loop, &cfg, &l->conn);
        if (err == GT_ERR_OK) {
            line_is_there(l);
        }
    }
    if (err != GT_ERR_OK) {
        line_retry_later(l, err);
    }
}

static void line_on_retry(void *ctx, gt_mono at)
{
    (void)at;
    line_try(ctx);
}

static void line_send(void *ctx, unsigned line_no, const uint8_t *bytes, size_t len)
{
    box_program *p = ctx;
    note_unsent(p, loop_send(p->loop, p->lines[line_no - 1].conn, bytes, len));
}

/* ---- store ---- */

static void on_store_wake(void *ctx)
{
    loop_wake_send(ctx);
}

static void on_store_done(void *ctx)
{
    box_program *p = ctx;
    store_client_drain(p->client);
    follow_deadline(p);
}

static gt_err open_store(box_program *p)
{
    char path[PATH_MAX + 16];
    (void)mkdir(p->cfg->store_dir, S_IRWXU); /* it may be there */
    (void)snprintf(path, sizeof path, "%s/box.db", p->cfg->store_dir);
    const threaded_store_config cfg = {
        .place = {.engine = &sqlite_engine, .db = STORE_DB_BOX, .target = path},
        .readers = 1,
        .log = &p->log};
    GT_TRY(loop_wake_open(p->loop, on_store_done, p, &p->wake));
    const gt_err err = threaded_store_open(&cfg, clock_utc().ms, &p->store);
    if (err != GT_ERR_OK) {
        (void)fprintf(stderr, "gridtill-concentrator: %s: %s\n", path, gt_err_text(err));
        return err;
    }
    GT_TRY(store_client_open(p->store, on_store_wake, p->wake, &p->client));
    p->store_port = store_client_port(p->client);
    return GT_ERR_OK;
}

/* ---- the whole ---- */

static uint32_t any_number(void *ctx)
{
    uint32_t number = 0;
    (void)ctx;
    (void)getrandom(&number, sizeof number, 0); /* it only spreads reconnects: zero will do */
    return number;
}

static gt_err make_box(box_program *p, const box_site *site, gt_arena *arena)
{
    concentrator_cfg cfg = {.addr = p->cfg->addr,
                            .hosts = p->cfg->hosts,
                            .heartbeat_s = p->cfg->heartbeat_s,
                            .round_s = p->cfg->round_s,
                            .zone_min = p->cfg->zone_min,
                            .meters = site->meters,
                            .meter_count = site->meter_count,
                            .models = site->models.models,
                            .model_count = site->models.count};
    for (unsigned i = 0; i < BOX_LINES_MAX; i++) {
        const box_line_config *l = &p->cfg->lines[i];
        const unsigned parity_bits = l->parity == BOX_PARITY_NONE ? 0 : 1;
        if (l->device != BOX_DEVICE_NONE) {
            cfg.lines[i] = (line_cfg){.baud = l->baud,
                                      .char_bits = (uint8_t)(9U + parity_bits + l->stop_bits)};
        }
    }
    const concentrator_ports ports = {.ctx = p,
                                      .link_open = link_open,
                                      .link_send = link_send,
                                      .link_close = link_close,
                                      .line_send = line_send,
                                      .random = any_number,
                                      .store = &p->store_port,
                                      .log = &p->log};
    char fault[CONCENTRATOR_FAULT_MAX] = "";
    const gt_err err = concentrator_create(arena, &cfg, &ports, now(), fault, &p->box);
    if (err != GT_ERR_OK) {
        (void)fprintf(stderr, "gridtill-concentrator: %s %s\n", gt_err_text(err), fault);
    }
    return err;
}

static void on_signal(void *ctx, int signum)
{
    (void)signum;
    loop_stop(ctx);
}

static gt_err start(box_program *p, const char *ready_path)
{
    char text[BOX_HOST_MAX + 32];
    loop_timer_init(&p->timer, on_timer, p);
    GT_TRY(loop_signals_catch(p->loop, on_signal, p->loop));
    for (unsigned i = 0; i < BOX_LINES_MAX; i++) {
        line_port *l = &p->lines[i];
        *l = (line_port){.program = p,
                         .number = i + 1,
                         .cfg = &p->cfg->lines[i],
                         .backoff = {.first_ms = RETRY_FIRST_MS, .max_ms = RETRY_MAX_MS}};
        loop_timer_init(&l->retry, line_on_retry, l);
        if (l->cfg->device != BOX_DEVICE_NONE) {
            line_try(l);
        }
    }
    follow_deadline(p);
    (void)snprintf(text, sizeof text, "uplink=%s:%u\n", p->cfg->host[0].host, p->cfg->host[0].port);
    return ready_file_write(ready_path, text);
}

static gt_err run_with(box_program *p, const box_site *site, void *memory, size_t size,
                       const char *ready_path)
{
    gt_arena arena = gt_arena_of(memory, size);
    GT_TRY(open_store(p));
    GT_TRY(make_box(p, site, &arena));
    GT_TRY(start(p, ready_path));
    gt_log_event(&p->log, GT_LOG_INFO, "box.start", gt_log_str("terminal", p->cfg->name),
                 gt_log_num("meters", (int64_t)site->meter_count));
    loop_run(p->loop);
    concentrator_flush(p->box);
    gt_log_event(&p->log, GT_LOG_INFO, "box.stop", gt_log_str("terminal", p->cfg->name));
    return GT_ERR_OK;
}

gt_err box_run(const box_config *cfg, const box_site *site, const char *ready_path)
{
    const concentrator_cfg sizes = {.meter_count = site->meter_count};
    const size_t size = concentrator_memory(&sizes);
    const loop_cfg limits = {.conns_max = CONNS_MAX, .timers_max = TIMERS_MAX};
    box_program *p = calloc(1, sizeof *p);
    void *memory = malloc(size);
    gt_err err = p == NULL || memory == NULL ? GT_ERR_MEMORY : GT_ERR_OK;
    if (err == GT_ERR_OK) {
        p->cfg = cfg;
        p->log_state = (log_stderr){.fd = 2, .lowest = GT_LOG_INFO};
        p->log = log_stderr_of(&p->log_state);
        err = loop_open(&limits, &p->loop);
    }
    if (err == GT_ERR_OK) {
        err = run_with(p, site, memory, size, ready_path);
        if (p->client != NULL) {
            store_client_close(p->client); /* the last writes are waited for */
        }
        if (p->store != NULL) {
            threaded_store_close(p->store);
        }
        loop_close(p->loop);
    }
    free(memory);
    free(p);
    return err;
}
