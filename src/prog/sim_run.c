/* One loop carries everything: twelve lines, each a TCP port or pseudo-terminal; the meters behind
 * them; two proxies; the control port. A line is pumped whenever bytes come or its next byte is
 * due. */
#include "prog/sim_run.h"

#include "adapter/loop/clock.h"
#include "adapter/loop/conn.h"
#include "prog/ready_file.h"
#include "prog/sim_proxy.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    CONNS_MAX = 64,
    TIMERS_MAX = 32,
    LINE_CONNS_MAX = 2,
    LINE_QUEUE_MAX = 4096,
    CONTROL_CONNS_MAX = 8,
    CONTROL_QUEUE_MAX = 65536,
    CONTROL_LINE_MAX = 128,
    READY_MAX = 2048,
};

typedef struct sim_program sim_program;

typedef struct line_port {
    sim_program *program;
    unsigned nth;
    uint32_t listener;
    loop_conn conn;
    loop_timer timer;
    char path[LOOP_PATH_MAX]; /* of the pseudo-terminal */
} line_port;

typedef struct control_conn {
    loop_conn conn;
    size_t len;
    char text[CONTROL_LINE_MAX];
} control_conn;

struct sim_program {
    const sim_options *options;
    gt_loop *loop;
    park *park;
    loop_timer plants;
    line_port line[PARK_LINES];
    sim_proxy proxy[PARK_BOXES];
    uint32_t control;
    control_conn control_conn[CONTROL_CONNS_MAX];
};

static gt_err complain(const char *what, gt_err err)
{
    (void)fprintf(stderr, "gridtill-sim: %s: %s\n", what, gt_err_text(err));
    return err;
}

static void timer_set(sim_program *p, loop_timer *timer, gt_mono due)
{
    const gt_err err = loop_timer_at(p->loop, timer, due);
    GT_ASSERT(err == GT_ERR_OK); /* TIMERS_MAX is above what this program has */
}

static void plants_fire(void *ctx, gt_mono now)
{
    sim_program *p = ctx;
    park_step(p->park, now);
    timer_set(p, &p->plants, park_deadline(p->park));
}

static void line_pump(line_port *l, gt_mono now)
{
    sim_program *p = l->program;
    uint8_t piece[SIM_LINE_CHUNK];
    for (size_t n = park_line_read(p->park, l->nth, now, piece); n > 0;
         n = park_line_read(p->park, l->nth, now, piece)) {
        if (loop_send(p->loop, l->conn, piece, n) != GT_ERR_OK) {
            loop_conn_close(p->loop, l->conn); /* nobody listens: bytes on a wire are lost */
        }
    }
    timer_set(p, &l->timer, park_line_deadline(p->park, l->nth));
    timer_set(p, &p->plants, park_deadline(p->park));
}

static void line_fire(void *ctx, gt_mono now)
{
    line_pump(ctx, now);
}

static void line_open(void *ctx, loop_conn conn)
{
    line_port *l = ctx;
    loop_conn_close(l->program->loop, l->conn); /* the newest master has the line */
    l->conn = conn;
}

static void line_bytes(void *ctx, loop_conn conn, const uint8_t *buf, size_t len)
{
    line_port *l = ctx;
    const gt_mono now = clock_mono();
    if (conn.id == l->conn.id) {
        park_line_write(l->program->park, l->nth, buf, len, now);
        line_pump(l, now);
    }
}

static void line_close(void *ctx, loop_conn conn, gt_err why)
{
    line_port *l = ctx;
    (void)why;
    if (conn.id == l->conn.id) {
        l->conn = (loop_conn){0};
    }
}

static const loop_conn_ops line_ops = {line_open, line_bytes, line_close};

static gt_err line_start_pty(line_port *l, const char *dir)
{
    char link[PATH_MAX];
    const loop_serial_cfg cfg = {.queue_max = LINE_QUEUE_MAX, .ops = &line_ops, .ctx = l};
    GT_TRY(loop_pty_open(l->program->loop, &cfg, &l->conn, l->path));
    (void)snprintf(link, sizeof link, "%s/line%02u", dir, l->nth + 1);
    (void)unlink(link); /* one that an earlier run left */
    return symlink(l->path, link) == 0 ? GT_ERR_OK : GT_ERR_IO;
}

static gt_err line_start(sim_program *p, unsigned nth)
{
    const sim_site *site = &p->options->site;
    line_port *l = &p->line[nth];
    *l = (line_port){.program = p, .nth = nth};
    loop_timer_init(&l->timer, line_fire, l);
    if (p->options->pty_dir != NULL) {
        return line_start_pty(l, p->options->pty_dir);
    }
    const loop_listen_cfg cfg = {.host = site->host,
                                 .port =
                                     (uint16_t)(site->lines_port == 0 ? 0 : site->lines_port + nth),
                                 .conns_max = LINE_CONNS_MAX,
                                 .queue_max = LINE_QUEUE_MAX,
                                 .ops = &line_ops,
                                 .ctx = l};
    return loop_listen(p->loop, &cfg, &l->listener);
}

/* "partition BOX on|off", "drop BOX"; @return false: not for the network */
static bool network_command(sim_program *p, const char *words, char reply[PARK_REPLY_MAX])
{
    static const char partition[] = "partition ";
    static const char drop[] = "drop ";
    const bool parts = strncmp(words, partition, sizeof partition - 1) == 0;
    if (!parts && strncmp(words, drop, sizeof drop - 1) != 0) {
        return false;
    }
    char *end = NULL;
    const unsigned long box =
        strtoul(words + (parts ? sizeof partition : sizeof drop) - 1, &end, 10);
    const bool on = strcmp(end, " on") == 0;
    const bool known = parts ? on || strcmp(end, " off") == 0 : *end == '\0';
    if (box < 1 || box > PARK_BOXES || !known) {
        (void)snprintf(reply, PARK_REPLY_MAX, "{\"ok\":false,\"error\":\"%s\"}",
                       gt_err_text(GT_ERR_SYNTAX));
        return true;
    }
    if (parts) {
        sim_proxy_partition(&p->proxy[box - 1], on);
    } else {
        sim_proxy_drop(&p->proxy[box - 1]);
    }
    (void)snprintf(reply, PARK_REPLY_MAX, "{\"ok\":true}");
    return true;
}

static void control_run(sim_program *p, loop_conn conn, const char *words)
{
    char reply[PARK_REPLY_MAX + 1];
    const gt_mono now = clock_mono();
    if (!network_command(p, words, reply) &&
        park_command(p->park, words, now, reply) == GT_ERR_SYNTAX) {
        (void)fprintf(stderr, "gridtill-sim: not understood: %s\n", words);
    }
    const size_t len = strlen(reply);
    reply[len] = '\n';
    if (loop_send(p->loop, conn, (const uint8_t *)reply, len + 1) != GT_ERR_OK) {
        loop_conn_close(p->loop, conn); /* who left needs no answer */
    }
    plants_fire(p, now);
}

static void control_open(void *ctx, loop_conn conn)
{
    sim_program *p = ctx;
    for (size_t i = 0; i < CONTROL_CONNS_MAX; i++) {
        if (p->control_conn[i].conn.id == 0) {
            p->control_conn[i] = (control_conn){.conn = conn};
            return;
        }
    }
    loop_conn_close(p->loop, conn);
}

static void control_bytes(void *ctx, loop_conn conn, const uint8_t *buf, size_t len)
{
    sim_program *p = ctx;
    for (size_t i = 0; i < CONTROL_CONNS_MAX; i++) {
        control_conn *c = &p->control_conn[i];
        for (size_t k = 0; k < len && c->conn.id == conn.id; k++) {
            if (buf[k] != '\n') {
                c->text[c->len] = (char)buf[k];
                c->len += c->len < CONTROL_LINE_MAX - 1 ? 1 : 0; /* too long: no known word */
                continue;
            }
            c->text[c->len] = '\0';
            c->len = 0;
            control_run(p, conn, c->text);
        }
    }
}

static void control_close(void *ctx, loop_conn conn, gt_err why)
{
    sim_program *p = ctx;
    (void)why;
    for (size_t i = 0; i < CONTROL_CONNS_MAX; i++) {
        if (p->control_conn[i].conn.id == conn.id) {
            p->control_conn[i] = (control_conn){0};
        }
    }
}

static const loop_conn_ops control_ops = {control_open, control_bytes, control_close};

static gt_err control_start(sim_program *p)
{
    const loop_listen_cfg cfg = {.host = p->options->site.host,
                                 .port = p->options->site.control_port,
                                 .conns_max = CONTROL_CONNS_MAX,
                                 .queue_max = CONTROL_QUEUE_MAX,
                                 .ops = &control_ops,
                                 .ctx = p};
    return loop_listen(p->loop, &cfg, &p->control);
}

static gt_err proxies_start(sim_program *p)
{
    const sim_site *site = &p->options->site;
    for (unsigned i = 0; i < PARK_BOXES; i++) {
        const sim_proxy_cfg cfg = {
            .host = site->host,
            .port = (uint16_t)(site->uplinks_port == 0 ? 0 : site->uplinks_port + i),
            .station_host = site->station_host,
            .station_port = site->station_port,
            .network = p->options->network,
            .seed = site->seed + i};
        GT_TRY(sim_proxy_open(&p->proxy[i], p->loop, &cfg));
    }
    return GT_ERR_OK;
}

static gt_err ready_write(const sim_program *p)
{
    char text[READY_MAX];
    const char *host = p->options->site.host;
    size_t at = 0;
    for (unsigned i = 0; i < PARK_LINES; i++) {
        const line_port *l = &p->line[i];
        const int n = l->path[0] != '\0'
                          ? snprintf(text + at, sizeof text - at, "line%u=%s\n", i + 1, l->path)
                          : snprintf(text + at, sizeof text - at, "line%u=%s:%u\n", i + 1, host,
                                     (unsigned)loop_listener_port(p->loop, l->listener));
        at += (size_t)n;
    }
    for (unsigned i = 0; i < PARK_BOXES; i++) {
        at += (size_t)snprintf(text + at, sizeof text - at, "uplink%u=%s:%u\n", i + 1, host,
                               (unsigned)sim_proxy_port(&p->proxy[i]));
    }
    (void)snprintf(text + at, sizeof text - at, "control=%s:%u\n", host,
                   (unsigned)loop_listener_port(p->loop, p->control));
    return ready_file_write(p->options->ready_path, text);
}

static gt_err faults_apply(sim_program *p)
{
    for (size_t i = 0; i < p->options->fault_count; i++) {
        char reply[PARK_REPLY_MAX];
        const gt_err err = park_command(p->park, p->options->fault[i], clock_mono(), reply);
        if (err != GT_ERR_OK) {
            return complain(p->options->fault[i], err);
        }
    }
    return GT_ERR_OK;
}

static void on_signal(void *ctx, int signum)
{
    (void)signum;
    loop_stop(ctx);
}

static gt_err start(sim_program *p, gt_arena *arena)
{
    const sim_site *site = &p->options->site;
    park_cfg cfg = {.seed = site->seed, .utc = clock_utc(), .speed = p->options->speed};
    memcpy(cfg.master, site->master, sizeof cfg.master);
    const gt_mono now = clock_mono();
    GT_TRY(park_create(arena, &cfg, now, &p->park));
    loop_timer_init(&p->plants, plants_fire, p);
    for (unsigned i = 0; i < PARK_LINES; i++) {
        const gt_err err = line_start(p, i);
        if (err != GT_ERR_OK) {
            return complain("a line cannot be opened", err);
        }
    }
    gt_err err = proxies_start(p);
    if (err != GT_ERR_OK) {
        return complain("a network port cannot be opened", err);
    }
    err = control_start(p);
    if (err != GT_ERR_OK) {
        return complain("the control port cannot be opened", err);
    }
    GT_TRY(faults_apply(p));
    GT_TRY(loop_signals_catch(p->loop, on_signal, p->loop));
    plants_fire(p, now);
    return ready_write(p);
}

gt_err sim_run(const sim_options *options)
{
    static const loop_cfg limits = {.conns_max = CONNS_MAX, .timers_max = TIMERS_MAX};
    const size_t size = park_memory();
    void *memory = malloc(size);
    sim_program *p = calloc(1, sizeof *p);
    gt_err err = memory == NULL || p == NULL ? GT_ERR_MEMORY : GT_ERR_OK;
    if (err == GT_ERR_OK) {
        p->options = options;
        err = loop_open(&limits, &p->loop);
    }
    if (err == GT_ERR_OK) {
        gt_arena arena = gt_arena_of(memory, size);
        err = start(p, &arena);
        if (err == GT_ERR_OK) {
            loop_run(p->loop);
        }
        loop_close(p->loop);
    }
    free(p);
    free(memory);
    return err;
}
