/**
 * @file headend.h
 * @brief The station's field side: terminal sessions, collection, freezes, clock, command outbox.
 *
 * Layer:   service. No socket, timer, thread or clock: events and `now` come in; bytes, closes and
 *          store work go out. One thread (the field loop); store `done` callbacks come on it too.
 * Source:  Q/GDW 1376.1 over TCP; register map models/prepaid-3p.map.
 * State:   sessions live here; orders, commands, readings and freezes in the database. A head-end
 *          that is dropped at any moment and opened again resumes every order from the database.
 * Limits:  all memory is the caller's, sized once by headend_size. Before login a connection costs
 *          one slot of unlogged_max and 10 s; bytes of one frame (HEADEND_FRAME_MAX).
 */
#ifndef GT_HEADEND_HEADEND_H
#define GT_HEADEND_HEADEND_H

#include "base/err.h"
#include "base/time.h"
#include "field/device.h"
#include "port/event.h"
#include "port/keystore.h"
#include "port/log.h"
#include "port/store.h"

#include <stddef.h>
#include <stdint.h>

typedef struct headend headend;

typedef struct headend_now {
    gt_mono mono;
    gt_utc utc;
} headend_now;

typedef struct headend_cfg {
    uint32_t sessions_max;     /* terminals online at once, 1 .. 4096 */
    uint32_t unlogged_max;     /* connections that have not logged in yet, 1 .. 1024 */
    uint32_t points_max;       /* meters behind one terminal, 1 .. 2040 */
    uint32_t heartbeat_s;      /* what terminals are set to; three missed close the session */
    uint32_t login_wait_ms;    /* from connect to login */
    uint32_t poll_interval_ms; /* every meter's status; 0 switches polling off (tests) */
    uint32_t answer_wait_ms;   /* a terminal's answer to a request */
    uint32_t outbox_poll_ms;   /* how often the database is asked for commands */
    int zone_min;              /* civil time of terminals and meters */
} headend_cfg;

/** Documented defaults: 64 sessions, 64 unlogged, 512 points, 60 s, 10 s, 60 s, 20 s, 100 ms,
 * China. */
headend_cfg headend_cfg_default(void);

typedef struct headend_link {
    void *ctx;
    /** Copies the bytes. On error the head-end closes the link. */
    gt_err (*send)(void *ctx, uint64_t link, const uint8_t *buf, size_t len);
    /** No headend_closed follows. */
    void (*close)(void *ctx, uint64_t link);
} headend_link;

typedef struct headend_ports {
    headend_link link;
    gt_store till;     /* money, orders, commands, master data */
    gt_store readings; /* latest values, readings, freezes */
    gt_keystore keys;
    gt_event_sink events;
    gt_log log;
    const device_model *const *models; /* known by their name in the meter list */
    size_t model_count;
} headend_ports;

/** Bytes of memory that headend_open wants. 0 when a limit is outside its range. */
size_t headend_size(const headend_cfg *cfg);

/**
 * Build the head-end in @p memory (aligned for any type) and queue the recovery of orders and
 * commands that an earlier process left (vending_recover). Sends nothing yet.
 *
 * @return RANGE a limit outside its range, SPACE memory too small
 */
GT_CHECKED gt_err headend_open(void *memory, size_t size, const headend_cfg *cfg,
                               const headend_ports *ports, headend_now now, headend **out);

/** A link was accepted. @p peer is for the log. A link beyond the limits is closed at once. */
void headend_connected(headend *h, uint64_t link, const char *peer, headend_now now);
void headend_bytes(headend *h, uint64_t link, const uint8_t *buf, size_t len, headend_now now);
/** The peer closed, or the link failed. */
void headend_closed(headend *h, uint64_t link, headend_now now);
/** Call at headend_deadline or earlier, and after every batch of the events above. */
void headend_tick(headend *h, headend_now now);
/** A command may wait in the outbox: look at the next tick instead of after outbox_poll_ms. */
void headend_wake(headend *h);
/** When headend_tick must be called next. */
gt_mono headend_deadline(const headend *h);
/** Store work in flight. The memory may be freed only when this is 0 or the stores are closed. */
uint32_t headend_store_pending(const headend *h);

typedef struct headend_stats {
    uint32_t sessions;        /* terminals logged in now */
    uint32_t unlogged;        /* connections not logged in now */
    uint64_t refused_unknown; /* logins of terminals that master data does not hold */
    uint64_t refused_full;    /* connections beyond a limit */
    uint64_t garbage_bytes;   /* skipped while looking for a frame */
    uint64_t bad_frames;      /* whole frames that made no sense here */
    uint64_t heartbeat_lost;  /* sessions closed for silence */
    uint64_t polls_ok;        /* meters read */
    uint64_t polls_failed;    /* meters asked for and not answered */
    uint64_t readings_lost;   /* readings the store did not take */
    uint64_t freezes_stored;
    uint64_t commands_done;
    uint64_t commands_failed;
    uint64_t readbacks;
} headend_stats;

headend_stats headend_stats_of(const headend *h);

#endif
