/**
 * @file loop.h
 * @brief The event loop of a program's field side: timers, wake-ups, signals. One thread.
 *
 * Layer:   adapter, over libuv. conn.h has the connections.
 * Threads: everything here and in conn.h belongs to the thread that runs the loop, except
 *          loop_wake_send. Callbacks run on that thread, never inside the call that caused them.
 * Limits:  set once in loop_cfg; reaching one is GT_ERR_SPACE and changes nothing.
 */
#ifndef GT_ADAPTER_LOOP_LOOP_H
#define GT_ADAPTER_LOOP_LOOP_H

#include "base/err.h"
#include "base/time.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct gt_loop gt_loop;

typedef struct loop_cfg {
    uint32_t conns_max;  /* sockets, serial lines and ptys together, 1 .. 65536 */
    uint32_t timers_max; /* armed at once, 1 .. 65536 */
} loop_cfg;

/** @return RANGE a limit outside its range, MEMORY, IO */
GT_CHECKED gt_err loop_open(const loop_cfg *cfg, gt_loop **out);
/** Closes every connection and listener without callbacks. Accepts NULL. Not from a callback. */
void loop_close(gt_loop *loop);
/** Runs until loop_stop. May be called again afterwards. */
void loop_run(gt_loop *loop);
/** Handle what is ready now, waiting at most until the first event when @p wait. For tests. */
void loop_run_once(gt_loop *loop, bool wait);
/** From a callback or before loop_run: loop_run returns after the current callbacks. */
void loop_stop(gt_loop *loop);

/** A one-shot timer with microseconds. Caller's storage; must stay put while armed. */
typedef struct loop_timer {
    void (*fire)(void *ctx, gt_mono now);
    void *ctx;
    gt_mono due;   /* private */
    uint32_t slot; /* private: place in the heap + 1, 0 when not armed */
} loop_timer;

void loop_timer_init(loop_timer *timer, void (*fire)(void *ctx, gt_mono now), void *ctx);
/**
 * Arm or move. A time already past fires at once (from the loop). GT_MONO_NEVER disarms.
 * @return SPACE timers_max are armed
 */
GT_CHECKED gt_err loop_timer_at(gt_loop *loop, loop_timer *timer, gt_mono due);
void loop_timer_stop(gt_loop *loop, loop_timer *timer);

/** A wake-up from any thread: many sends before the loop gets there are one call. */
typedef struct loop_wake loop_wake;

/** @return MEMORY, IO. Lives until loop_close. */
GT_CHECKED gt_err loop_wake_open(gt_loop *loop, void (*woken)(void *ctx), void *ctx,
                                 loop_wake **out);
/** Any thread, also a signal handler. Must not be called after loop_close. */
void loop_wake_send(loop_wake *wake);

/**
 * SIGTERM and SIGINT call @p caught on the loop's thread (usually loop_stop). SIGPIPE never reaches
 * the program. One call per loop.
 */
GT_CHECKED gt_err loop_signals_catch(gt_loop *loop, void (*caught)(void *ctx, int signum),
                                     void *ctx);

#endif
