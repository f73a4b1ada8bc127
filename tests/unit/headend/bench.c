#include "bench.h"

#include "terminal.h"

#include "crypto/cmac.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LINK_NONE = 0, RECONNECT_US = 1000000, PRICE_E4 = 8000, MODEL_ARENA = 65536 };

static const uint8_t master_key[METER_KEY_LEN] = {1, 2, 3, 4, 5, 6, 7, 8};

gt_utc bench_utc(const bench *b)
{
    return (gt_utc){.ms = b->start.ms + b->now_us / 1000};
}

headend_now bench_now(const bench *b)
{
    return (headend_now){.mono = {.us = b->now_us}, .utc = bench_utc(b)};
}

/* ---- what the head-end is given ---- */

/* Count an event. @return the fault that strikes here */
static fault_kind event_count(bench *b)
{
    b->events++;
    if (b->struck || b->fault_at == 0 || b->events != b->fault_at) {
        return FAULT_NONE;
    }
    b->struck = true;
    return b->fault;
}

static void kill_if(bench *b, fault_kind now, fault_kind at)
{
    b->dead = b->dead || now == at;
}

static gt_err port_submit(void *ctx, store_work work, void *arg, store_done done)
{
    bench *b = ctx;
    if (b->dead) {
        return GT_ERR_OK; /* nobody is there any more */
    }
    const fault_kind fault = event_count(b);
    kill_if(b, fault, FAULT_KILL_BEFORE);
    if (b->dead) {
        return GT_ERR_OK;
    }
    const gt_err err = direct_store_write(b->till.store, work, arg);
    kill_if(b, fault, FAULT_KILL_AFTER);
    if (!b->dead) {
        done(arg, err);
    }
    return GT_ERR_OK;
}

static gt_err port_read(void *ctx, store_work work, void *arg)
{
    bench *b = ctx;
    return direct_store_read(b->till.store, work, arg);
}

static gt_err link_send(void *ctx, uint64_t link, const uint8_t *buf, size_t len)
{
    bench *b = ctx;
    if (b->dead) {
        return GT_ERR_OK;
    }
    const fault_kind fault = event_count(b);
    kill_if(b, fault, FAULT_KILL_BEFORE);
    if (link != b->link) {
        return GT_ERR_NOT_FOUND;
    }
    if (fault == FAULT_CUT_BEFORE) {
        terminal_hang_up(b);
    }
    if (!b->dead && fault != FAULT_LOSE && fault != FAULT_CUT_BEFORE) {
        terminal_bytes(b, buf, len);
    }
    if (fault == FAULT_CUT_AFTER) {
        terminal_hang_up(b);
    }
    kill_if(b, fault, FAULT_KILL_AFTER);
    return GT_ERR_OK;
}

static void link_close(void *ctx, uint64_t link)
{
    bench *b = ctx;
    if (!b->dead && link == b->link) {
        b->closed_by_station++;
        b->link = LINK_NONE;
        b->connect_us = b->now_us + RECONNECT_US;
    }
}

static gt_err key_mac(void *ctx, uint64_t meter_no, uint8_t key_version, const char *purpose,
                      const uint8_t *data, size_t len, uint8_t out[KEYSTORE_MAC_LEN])
{
    (void)ctx;
    const meter_key_purpose which =
        strcmp(purpose, "purchase") == 0 ? METER_KEY_PURCHASE : METER_KEY_CONTROL;
    const meter_key_info info = {which, meter_no, key_version};
    uint8_t key[METER_KEY_LEN];
    GT_TRY(meter_key_derive(master_key, &info, key));
    uint8_t mac[CMAC_LEN];
    cmac_of(key, data, len, mac);
    memcpy(out, mac, KEYSTORE_MAC_LEN);
    return GT_ERR_OK;
}

static void publish(void *ctx, gt_event_kind kind, int64_t id)
{
    bench *b = ctx;
    assert_true(id > 0);
    b->published[kind]++;
}

static void log_write(void *ctx, gt_log_level level, const char *event, const gt_log_field *fields,
                      size_t field_count)
{
    (void)level;
    (void)event;
    (void)fields;
    (void)field_count;
    bench *b = ctx;
    b->logged++;
}

static void station_start(bench *b)
{
    const size_t size = headend_size(&b->cfg);
    assert_true(size > 0);
    b->memory = malloc(size);
    assert_non_null(b->memory);
    memset(b->memory, 0xA5, size); /* whatever was there before */
    const headend_ports ports = {.link = {b, link_send, link_close},
                                 .till = {b, port_submit, port_read},
                                 .readings = direct_store_port(b->readings),
                                 .keys = {b, key_mac},
                                 .events = {b, publish},
                                 .log = {b, log_write},
                                 .models = &b->model,
                                 .model_count = 1};
    assert_int_equal(headend_open(b->memory, size, &b->cfg, &ports, bench_now(b), &b->h),
                     GT_ERR_OK);
}

void bench_station_restart(bench *b)
{
    b->dead = false;
    free(b->memory);
    if (b->link != LINK_NONE) {
        b->link = LINK_NONE;
        b->connect_us = b->now_us + RECONNECT_US;
    }
    b->queued = 0;
    station_start(b);
}

/* ---- building ---- */

static void model_load(bench *b)
{
    FILE *file = fopen(MAP_FILE, "rb");
    assert_non_null(file);
    const size_t len = fread(b->model_text, 1, sizeof b->model_text, file);
    (void)fclose(file);
    static uint8_t room[MODEL_ARENA];
    gt_arena arena = gt_arena_of(room, sizeof room);
    device_fault fault;
    assert_int_equal(device_model_load(&arena, (const char *)b->model_text, len, GT_ZONE_CHINA_MIN,
                                       &fault, &b->model),
                     GT_ERR_OK);
}

static void plant_start(bench *b, int index)
{
    plant_cfg cfg = {.meter = {.meter_no = (uint64_t)index + 1,
                               .customer_no = (uint64_t)index + 11,
                               .unit = (uint8_t)(index % 2 + 1),
                               .baud = 9600,
                               .constant = 1600,
                               .model_code = 3,
                               .pt_ratio = 1,
                               .ct_ratio = 1,
                               .zone_min = GT_ZONE_CHINA_MIN,
                               .rearm = METER_REARM_AUTO,
                               .key_version = 1,
                               .parameter = {.price_e4 = {PRICE_E4, PRICE_E4, PRICE_E4, PRICE_E4}},
                               .schedule = {.count = 1, .period = {{0, 3}}},
                               .opening_fen = index == 1 ? -500 : 10000},
                     .load = LOAD_OFFICE,
                     .peak_w = 0,
                     .seed = (uint64_t)index + 1,
                     .utc = bench_utc(b)};
    for (int purpose = 0; purpose < METER_KEY_PURPOSES; purpose++) {
        const meter_key_info info = {(meter_key_purpose)purpose, cfg.meter.meter_no, 1};
        assert_int_equal(meter_key_derive(master_key, &info, cfg.meter.key[purpose]), GT_ERR_OK);
    }
    assert_int_equal(plant_init(&b->plant[index], &cfg, (gt_mono){.us = b->now_us}), GT_ERR_OK);
}

bench *bench_open(uint32_t poll_ms)
{
    bench *b = calloc(1, sizeof *b);
    assert_non_null(b);
    till_open(&b->till, test_place(STORE_DB_TILL));
    b->start = b->till.now;
    const store_place place = test_place(STORE_DB_READINGS);
    assert_int_equal(direct_store_open(&place, b->start.ms, &b->readings), GT_ERR_OK);
    b->cfg = headend_cfg_default();
    b->cfg.sessions_max = 4;
    b->cfg.unlogged_max = 2;
    b->cfg.points_max = 16;
    b->cfg.poll_interval_ms = poll_ms;
    b->region = 0x4401;
    b->address = 1;
    b->delay_us = 50000;
    model_load(b);
    for (int i = 0; i < TILL_METERS; i++) {
        plant_start(b, i);
    }
    station_start(b);
    return b;
}

void bench_close(bench *b)
{
    free(b->memory);
    direct_store_close(b->readings);
    till_close(&b->till);
    free(b);
}

/* ---- time ---- */

void bench_connect(bench *b)
{
    b->wanted = true;
    b->connect_us = b->now_us;
}

void bench_cut(bench *b)
{
    terminal_hang_up(b);
}

static int64_t next_us(const bench *b)
{
    int64_t next = headend_deadline(b->h).us;
    for (unsigned i = 0; i < b->queued; i++) {
        next = b->queue[i].due_us < next ? b->queue[i].due_us : next;
    }
    const int64_t own = terminal_deadline(b);
    return own < next ? own : next;
}

/* One message that has arrived at the station. @return false: none was due */
static bool deliver(bench *b)
{
    for (unsigned i = 0; i < b->queued; i++) {
        if (b->queue[i].due_us > b->now_us) {
            continue;
        }
        const bench_message m = b->queue[i];
        b->queued--;
        memmove(&b->queue[i], &b->queue[i + 1], (b->queued - i) * sizeof b->queue[0]);
        if (m.link != b->link) {
            return true; /* of a connection that is gone */
        }
        const fault_kind fault = event_count(b);
        kill_if(b, fault, FAULT_KILL_BEFORE);
        if (fault == FAULT_CUT_BEFORE) {
            terminal_hang_up(b);
        } else if (fault != FAULT_LOSE && !b->dead) {
            headend_bytes(b->h, m.link, m.bytes, m.len, bench_now(b));
        }
        if (fault == FAULT_CUT_AFTER) {
            terminal_hang_up(b);
        }
        kill_if(b, fault, FAULT_KILL_AFTER);
        return true;
    }
    return false;
}

bool bench_run_until(bench *b, int64_t ms, bool (*done)(bench *b, void *ctx), void *ctx)
{
    const int64_t until = b->now_us + ms * 1000;
    for (;;) {
        if (b->dead) {
            bench_station_restart(b);
        }
        if (done != NULL && done(b, ctx)) {
            return true;
        }
        const int64_t next = next_us(b);
        if (next > until) {
            b->now_us = until;
            return false;
        }
        b->now_us = next > b->now_us ? next : b->now_us;
        b->till.now = bench_utc(b);
        for (int i = 0; i < TILL_METERS; i++) {
            plant_step(&b->plant[i], (gt_mono){.us = b->now_us});
        }
        terminal_step(b);
        while (!b->dead && deliver(b)) {
        }
        if (!b->dead) {
            headend_tick(b->h, bench_now(b));
        }
    }
}

void bench_run_ms(bench *b, int64_t ms)
{
    (void)bench_run_until(b, ms, NULL, NULL);
}

void bench_fault(bench *b, fault_kind kind, uint64_t events_from_now)
{
    b->fault = kind;
    b->struck = false;
    b->fault_at = b->events + events_from_now;
}

/* ---- looking ---- */

meter_status bench_meter(bench *b, int index)
{
    plant_step(&b->plant[index], (gt_mono){.us = b->now_us});
    return meter_status_get(&b->plant[index].meter, (gt_mono){.us = b->now_us});
}

order_state bench_order(bench *b, int64_t order)
{
    vending_order found;
    assert_int_equal(till_find(&b->till, order, &found), GT_ERR_OK);
    return found.state;
}

typedef struct look {
    int64_t id;
    void *out;
    size_t cap;
    size_t count;
} look;

static gt_err latest_work(const store_tx *tx, void *arg)
{
    const look *l = arg;
    return headend_latest_find(tx, l->id, l->out);
}

gt_err bench_latest(bench *b, int index, headend_latest *out)
{
    look l = {.id = b->till.meter[index], .out = out};
    return direct_store_read(b->readings, latest_work, &l);
}

static gt_err freezes_work(const store_tx *tx, void *arg)
{
    look *l = arg;
    return headend_freeze_list(tx, l->id, INT32_MAX, l->out, l->cap, &l->count);
}

size_t bench_freezes(bench *b, int index, headend_freeze *out, size_t cap)
{
    look l = {.id = b->till.meter[index], .out = out, .cap = cap};
    assert_int_equal(direct_store_read(b->readings, freezes_work, &l), GT_ERR_OK);
    return l.count;
}

static gt_err history_work(const store_tx *tx, void *arg)
{
    look *l = arg;
    const headend_reading_query query = {.meter_id = l->id, .before = {.ms = INT64_MAX}};
    return headend_reading_list(tx, &query, l->out, l->cap, &l->count);
}

size_t bench_history(bench *b, int index, reading *out, size_t cap)
{
    look l = {.id = b->till.meter[index], .out = out, .cap = cap};
    assert_int_equal(direct_store_read(b->readings, history_work, &l), GT_ERR_OK);
    return l.count;
}

typedef struct asked {
    vending_command_request_args args;
    supply_reason reason;
    vending_command out;
    int64_t id;
} asked;

static gt_err command_work(const store_tx *tx, void *arg)
{
    asked *a = arg;
    return vending_command_request(tx, &a->args, &a->reason, &a->out);
}

gt_err bench_command(bench *b, int index, vending_act act, vending_command *out)
{
    asked a = {.args = {.meter_id = b->till.meter[index],
                        .act = act,
                        .operator_name = "ann",
                        .reading_known = true,
                        .reading_taken = bench_utc(b),
                        .clock_trusted = true,
                        .now = bench_utc(b)}};
    GT_TRY(direct_store_write(b->till.store, command_work, &a));
    *out = a.out;
    return GT_ERR_OK;
}

static gt_err find_work(const store_tx *tx, void *arg)
{
    asked *a = arg;
    return vending_command_find(tx, a->id, &a->out);
}

vending_command bench_command_find(bench *b, int64_t id)
{
    asked a = {.id = id};
    assert_int_equal(direct_store_read(b->till.store, find_work, &a), GT_ERR_OK);
    return a.out;
}
