/* One meter that any client can talk to: options, then a loop that carries its line. */
#include "prog/sim_meter.h"

#include "adapter/loop/clock.h"
#include "adapter/loop/conn.h"
#include "prog/arguments.h"
#include "prog/ready_file.h"
#include "sim/solo.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    EXIT_USAGE = 2,
    CONNS_MAX = 4,
    TIMERS_MAX = 2,
    QUEUE_MAX = 4096,
    PORT_MAX = 65535,
    BAUD = 9600,
    CONSTANT = 1200,
    ZONE_MIN = 480,
    PEAK_W = 3000,
    WATT_MAX = 99999,
    OPENING_FEN = 10000,
    BALANCE_MAX_FEN = 99999999,
};

typedef struct protocol_row {
    const char *name;
    meter_protocol protocol;
    uint64_t address_max; /* a unit's number, or twelve digits */
} protocol_row;

static const uint64_t digits_max = 999999999999U;

static const protocol_row protocols[] = {
    {"modbus-rtu", METER_PROTOCOL_MODBUS_RTU, 247}, {"dlt645-2007", METER_PROTOCOL_DLT645_2007, 0},
    {"dlt645-1997", METER_PROTOCOL_DLT645_1997, 0}, {"dlt698", METER_PROTOCOL_DLT698, 0},
    {"cjt188", METER_PROTOCOL_CJT188, 0},           {"mbus", METER_PROTOCOL_MBUS, 247},
};

static const char *const shapes[LOAD_KINDS] = {
#define LOAD(symbol, ...) [LOAD_##symbol] = #symbol,
#include "sim/load.def"
#undef LOAD
};

typedef struct sim_meter {
    solo solo;
    gt_loop *loop;
    loop_timer timer;
    uint32_t listener;
    loop_conn conn;
    char host[LOOP_HOST_MAX];
    uint16_t port;
    const char *link; /* of the pseudo-terminal; NULL: TCP */
    char device[LOOP_PATH_MAX];
    const char *ready_path;
    plant_cfg cfg;
    uint32_t speed;
} sim_meter;

static int usage(const char *problem)
{
    (void)fprintf(stderr,
                  "gridtill-sim: %s\n"
                  "usage: gridtill-sim meter --protocol modbus-rtu|dlt645-2007|dlt645-1997|...\n"
                  "           --listen tcp:HOST:PORT|pty:LINK --address A [--load KW]\n"
                  "           [--shape household|warehouse|office|steady] [--balance YUAN]\n"
                  "           [--speed X] [--ready-file FILE]\n",
                  problem);
    return EXIT_USAGE;
}

static gt_err complain(const char *what, gt_err err)
{
    (void)fprintf(stderr, "gridtill-sim: %s: %s\n", what, gt_err_text(err));
    return err;
}

static void pump(sim_meter *p, gt_mono now)
{
    uint8_t answer[SIM_LINE_FRAME_MAX];
    const size_t len = solo_read(&p->solo, now, answer);
    if (len > 0 && loop_send(p->loop, p->conn, answer, len) != GT_ERR_OK) {
        loop_conn_close(p->loop, p->conn); /* nobody listens: bytes on a wire are lost */
    }
    const gt_err err = loop_timer_at(p->loop, &p->timer, solo_deadline(&p->solo));
    GT_ASSERT(err == GT_ERR_OK); /* TIMERS_MAX is above what this program has */
}

static void timer_fire(void *ctx, gt_mono now)
{
    pump(ctx, now);
}

static void client_open(void *ctx, loop_conn conn)
{
    sim_meter *p = ctx;
    loop_conn_close(p->loop, p->conn); /* the newest client has the line */
    p->conn = conn;
}

static void client_bytes(void *ctx, loop_conn conn, const uint8_t *buf, size_t len)
{
    sim_meter *p = ctx;
    const gt_mono now = clock_mono();
    if (conn.id == p->conn.id) {
        solo_write(&p->solo, buf, len, now);
        pump(p, now);
    }
}

static void client_close(void *ctx, loop_conn conn, gt_err why)
{
    sim_meter *p = ctx;
    (void)why;
    if (conn.id == p->conn.id) {
        p->conn = (loop_conn){0};
    }
}

static const loop_conn_ops client_ops = {client_open, client_bytes, client_close};

static gt_err listen_pty(sim_meter *p)
{
    const loop_serial_cfg cfg = {.queue_max = QUEUE_MAX, .ops = &client_ops, .ctx = p};
    GT_TRY(loop_pty_open(p->loop, &cfg, &p->conn, p->device));
    (void)unlink(p->link); /* one that an earlier run left */
    return symlink(p->device, p->link) == 0 ? GT_ERR_OK : GT_ERR_IO;
}

static gt_err listen_tcp(sim_meter *p)
{
    const loop_listen_cfg cfg = {.host = p->host,
                                 .port = p->port,
                                 .conns_max = CONNS_MAX - 1,
                                 .queue_max = QUEUE_MAX,
                                 .ops = &client_ops,
                                 .ctx = p};
    return loop_listen(p->loop, &cfg, &p->listener);
}

static gt_err told(const sim_meter *p)
{
    char where[PATH_MAX];
    char line[PATH_MAX + sizeof "meter=\n"];
    if (p->link != NULL) {
        (void)snprintf(where, sizeof where, "%s", p->link);
    } else {
        (void)snprintf(where, sizeof where, "%s:%u", p->host,
                       (unsigned)loop_listener_port(p->loop, p->listener));
    }
    (void)printf("listening on %s\n", where);
    (void)fflush(stdout);
    (void)snprintf(line, sizeof line, "meter=%s\n", where);
    return ready_file_write(p->ready_path, line);
}

static void on_signal(void *ctx, int signum)
{
    (void)signum;
    loop_stop(ctx);
}

static gt_err start(sim_meter *p)
{
    const gt_mono now = clock_mono();
    p->cfg.utc = clock_utc();
    gt_err err = solo_init(&p->solo, &p->cfg, p->speed, now);
    if (err != GT_ERR_OK) {
        return complain("the meter does not start", err);
    }
    loop_timer_init(&p->timer, timer_fire, p);
    err = p->link != NULL ? listen_pty(p) : listen_tcp(p);
    if (err != GT_ERR_OK) {
        return complain(p->link != NULL ? p->link : p->host, err);
    }
    GT_TRY(loop_signals_catch(p->loop, on_signal, p->loop));
    pump(p, now);
    return told(p);
}

static gt_err run(sim_meter *p)
{
    static const loop_cfg limits = {.conns_max = CONNS_MAX, .timers_max = TIMERS_MAX};
    GT_TRY(loop_open(&limits, &p->loop));
    const gt_err err = start(p);
    if (err == GT_ERR_OK) {
        loop_run(p->loop);
    }
    if (p->device[0] != '\0') {
        (void)unlink(p->link);
    }
    loop_close(p->loop);
    return err;
}

static bool whole_parse(const char *text, uint64_t max, uint64_t *out)
{
    int64_t value = 0;
    if (gt_decimal_parse(text, 0, &value) != GT_ERR_OK || value < 0 || (uint64_t)value > max) {
        return false;
    }
    *out = (uint64_t)value;
    return true;
}

static bool listen_parse(sim_meter *p, const char *text)
{
    uint64_t port = 0;
    const char *colon = strrchr(text, ':');
    if (strncmp(text, "pty:", 4) == 0 && text[4] != '\0') {
        p->link = text + 4;
        return true;
    }
    if (strncmp(text, "tcp:", 4) != 0 || colon < text + 4 || colon == text + 4 ||
        (size_t)(colon - text - 4) >= sizeof p->host || !whole_parse(colon + 1, PORT_MAX, &port)) {
        return false;
    }
    memcpy(p->host, text + 4, (size_t)(colon - text - 4));
    p->port = (uint16_t)port;
    return true;
}

/* @return NULL, or what is wrong */
static const char *address_fill(sim_meter *p, const char *protocol, const char *address)
{
    uint64_t number = 0;
    for (size_t i = 0; i < sizeof protocols / sizeof protocols[0]; i++) {
        const protocol_row *row = &protocols[i];
        if (strcmp(row->name, protocol) != 0) {
            continue;
        }
        if (!meter_protocol_built(row->protocol)) {
            return "the meter does not speak that protocol yet";
        }
        const uint64_t max = row->address_max != 0 ? row->address_max : digits_max;
        if (!whole_parse(address, max, &number) || number == 0) {
            return row->address_max != 0 ? "--address is 1 .. 247"
                                         : "--address is up to twelve digits, not 0";
        }
        p->cfg.meter.protocol = row->protocol;
        p->cfg.meter.meter_no = number;
        p->cfg.meter.unit = row->address_max != 0 ? (uint8_t)number : 1;
        return NULL;
    }
    return "--protocol is modbus-rtu, dlt645-2007, dlt645-1997, dlt698, cjt188 or mbus";
}

static bool shape_find(const char *name, load_kind *out)
{
    for (size_t i = 0; i < LOAD_KINDS; i++) {
        size_t k = 0;
        while (name[k] != '\0' && name[k] == tolower((unsigned char)shapes[i][k])) {
            k++;
        }
        if (name[k] == '\0' && shapes[i][k] == '\0') {
            *out = (load_kind)i;
            return true;
        }
    }
    return false;
}

typedef struct texts {
    const char *protocol;
    const char *listen;
    const char *address;
    const char *load;
    const char *shape;
    const char *balance;
    const char *speed;
    const char *ready_file;
} texts;

/* @return NULL, or what is wrong */
static const char *options_fill(sim_meter *p, const texts *t)
{
    int64_t number = 0;
    uint64_t speed = 0;
    if (t->protocol == NULL || t->listen == NULL || t->address == NULL) {
        return "--protocol, --listen and --address are needed";
    }
    const char *problem = address_fill(p, t->protocol, t->address);
    if (problem != NULL) {
        return problem;
    }
    if (!listen_parse(p, t->listen)) {
        return "--listen is tcp:HOST:PORT or pty:LINK";
    }
    if (t->load != NULL) {
        if (gt_decimal_parse(t->load, 3, &number) != GT_ERR_OK || number < 0 || number > WATT_MAX) {
            return "--load is 0 .. 99.999 kW";
        }
        p->cfg.peak_w = (uint32_t)number;
        p->cfg.load = LOAD_STEADY;
    }
    if (t->shape != NULL && !shape_find(t->shape, &p->cfg.load)) {
        return "--shape is household, warehouse, office or steady";
    }
    if (t->balance != NULL) {
        if (gt_decimal_parse(t->balance, 2, &number) != GT_ERR_OK || number < 0 ||
            number > BALANCE_MAX_FEN) {
            return "--balance is 0 .. 999999.99 yuan";
        }
        p->cfg.meter.opening_fen = (int32_t)number;
    }
    if (!whole_parse(t->speed, SOLO_SPEED_MAX, &speed) || speed == 0) {
        return "--speed is 1 .. 3600";
    }
    p->speed = (uint32_t)speed;
    p->ready_path = t->ready_file;
    return NULL;
}

/* Keys are children of a master key of zeros, passwords zero: nobody's meter. */
static gt_err keys_fill(meter_config *cfg)
{
    static const uint8_t master[METER_KEY_LEN] = {0};
    for (unsigned i = 0; i < METER_KEY_PURPOSES; i++) {
        const meter_key_info info = {(meter_key_purpose)i, cfg->meter_no, cfg->key_version};
        GT_TRY(meter_key_derive(master, &info, cfg->key[i]));
    }
    return GT_ERR_OK;
}

static const plant_cfg usual = {
    .meter = {.customer_no = 1,
              .unit = 1,
              .baud = BAUD,
              .constant = CONSTANT,
              .model_code = 3,
              .pt_ratio = 1,
              .ct_ratio = 1,
              .zone_min = ZONE_MIN,
              .rearm = METER_REARM_AUTO,
              .key_version = 1,
              .parameter = {.alarm1_fen = 2000,
                            .alarm2_fen = 500,
                            .price_e4 = {12000, 10000, 7000, 3500}},
              .schedule = {.count = 4, .period = {{0, 4}, {480, 3}, {600, 2}, {1320, 4}}},
              .opening_fen = OPENING_FEN},
    .load = LOAD_HOUSEHOLD,
    .peak_w = PEAK_W,
    .seed = 1,
};

int sim_meter_main(int argc, char **argv)
{
    texts t = {.speed = "1"};
    const argument list[] = {{"protocol", &t.protocol}, {"listen", &t.listen},
                             {"address", &t.address},   {"load", &t.load},
                             {"shape", &t.shape},       {"balance", &t.balance},
                             {"speed", &t.speed},       {"ready-file", &t.ready_file}};
    if (!arguments_read(argc, argv, list, sizeof list / sizeof list[0])) {
        return usage("an option is not known or lacks its value");
    }
    sim_meter *p = calloc(1, sizeof *p);
    if (p == NULL) {
        return EXIT_FAILURE;
    }
    p->cfg = usual;
    const char *problem = options_fill(p, &t);
    int code = EXIT_USAGE;
    if (problem != NULL) {
        (void)usage(problem);
    } else {
        gt_err err = keys_fill(&p->cfg.meter);
        err = err == GT_ERR_OK ? run(p) : err;
        code = err == GT_ERR_OK ? EXIT_SUCCESS : EXIT_FAILURE;
    }
    free(p);
    return code;
}
