/**
 * @file bench.h
 * @brief A station's field side on the bench: the real head-end over real databases, a small
 *        terminal that speaks the protocol, meters with the real firmware core, virtual time.
 *
 * Everything that happens between station and terminal is counted as one event: a message either
 * way, and a write to the till. A fault strikes at the event with a given number.
 */
#ifndef GT_TESTS_HEADEND_BENCH_H
#define GT_TESTS_HEADEND_BENCH_H

#include "till.h"

#include "codec/gdw1376/frame.h"
#include "codec/stream/stream.h"
#include "crypto/meter_key.h"
#include "headend/headend.h"
#include "headend/readings.h"
#include "sim/plant.h"

enum { BENCH_QUEUE = 64, BENCH_MODEL_BYTES = 65536 };

typedef enum fault_kind {
    FAULT_NONE,
    FAULT_LOSE,        /* the message vanishes */
    FAULT_CUT_BEFORE,  /* the connection breaks, the message with it */
    FAULT_CUT_AFTER,   /* the message arrives, then the connection breaks */
    FAULT_KILL_BEFORE, /* the station dies before the event */
    FAULT_KILL_AFTER,  /* the station dies just after it */
} fault_kind;

enum { FAULT_KINDS = FAULT_KILL_AFTER + 1 };

typedef struct bench_message {
    int64_t due_us;
    uint64_t link;
    size_t len;
    uint8_t bytes[GDW1376_FRAME_MAX];
} bench_message;

typedef struct bench {
    till till;
    direct_store *readings;
    headend_cfg cfg;
    void *memory;
    headend *h;
    int64_t now_us;
    gt_utc start;
    gt_store till_port; /* the real one behind the counted one */
    uint8_t model_text[BENCH_MODEL_BYTES];
    const device_model *model;
    /* the terminal */
    bool wanted; /* it wants to be connected */
    uint64_t link;
    uint64_t links; /* ever */
    int64_t connect_us;
    int64_t delay_us; /* of its answers */
    codec_stream stream;
    uint8_t buf[GDW1376_FRAME_MAX];
    uint16_t region; /* BCD */
    uint16_t address;
    unsigned logins;
    unsigned denied;
    unsigned closed_by_station;
    bool mute; /* answers nothing, not even heartbeats are sent */
    int64_t heartbeat_us;
    int64_t clock_off_ms;
    unsigned clock_sets;
    unsigned forwards;
    unsigned polls;
    bench_message queue[BENCH_QUEUE];
    unsigned queued;
    plant plant[TILL_METERS];
    /* faults */
    uint64_t events;
    uint64_t fault_at; /* 0 never */
    fault_kind fault;
    bool struck;
    bool dead; /* the station is, until bench_run brings it back */
    unsigned published[GT_EVENT_TERMINAL + 1];
    unsigned logged;
} bench;

/** Six meters on terminal 4401-0001, polls every @p poll_ms (0: none). Nothing is connected yet. */
bench *bench_open(uint32_t poll_ms);
void bench_close(bench *b);
gt_utc bench_utc(const bench *b);
headend_now bench_now(const bench *b);
/** The terminal starts connecting. */
void bench_connect(bench *b);
/** Let time pass. */
void bench_run_ms(bench *b, int64_t ms);
/** @return true as soon as @p done; false after @p ms */
bool bench_run_until(bench *b, int64_t ms, bool (*done)(bench *b, void *ctx), void *ctx);
/** The station's process ends and starts again over the same databases. */
void bench_station_restart(bench *b);
/** The connection breaks; the terminal comes back after a second. */
void bench_cut(bench *b);
void bench_fault(bench *b, fault_kind kind, uint64_t events_from_now);

meter_status bench_meter(bench *b, int index);
order_state bench_order(bench *b, int64_t order);
gt_err bench_latest(bench *b, int index, headend_latest *out);
size_t bench_freezes(bench *b, int index, headend_freeze *out, size_t cap);
size_t bench_history(bench *b, int index, reading *out, size_t cap);
gt_err bench_command(bench *b, int index, vending_act act, vending_command *out);
vending_command bench_command_find(bench *b, int64_t id);

#endif
