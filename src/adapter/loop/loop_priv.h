/* What the files of this folder share: the loop's inside. Included from nowhere else. */
#ifndef GT_ADAPTER_LOOP_LOOP_PRIV_H
#define GT_ADAPTER_LOOP_LOOP_PRIV_H

#include "adapter/loop/conn.h"

#include <uv.h>

#define SLOT_NONE UINT32_MAX

typedef enum slot_state {
    SLOT_FREE,
    SLOT_CONNECTING,
    SLOT_OPEN,
    SLOT_DOOMED,  /* failed inside a call; on_close comes from the loop */
    SLOT_CLOSING, /* the handle is stale; waiting for libuv to let go */
} slot_state;

typedef struct loop_slot {
    gt_loop *loop;
    uv_poll_t poll;
    int fd;
    int keep_fd; /* a pty's own slave, so that it never hangs up; -1 else */
    slot_state state;
    gt_err why; /* of DOOMED */
    uint32_t gen;
    uint32_t next;     /* free list or doomed list */
    uint32_t listener; /* that accepted it, SLOT_NONE else */
    bool paused;
    bool is_socket;
    uint8_t *queue; /* unsent bytes queue[queue_pos .. queue_len); NULL when there are none */
    size_t queue_pos;
    size_t queue_len;
    size_t queue_cap;
    size_t queue_max;
    loop_timer attempt; /* limit of a connection attempt */
    const loop_conn_ops *ops;
    void *ctx;
    char peer[LOOP_PATH_MAX];
} loop_slot;

typedef struct loop_listener {
    gt_loop *loop;
    uv_poll_t poll;
    bool listening;
    bool closing; /* libuv has not let go yet */
    int fd;
    uint16_t port;
    uint32_t conns; /* now */
    loop_listen_cfg cfg;
} loop_listener;

struct loop_wake {
    uv_async_t async;
    void (*woken)(void *ctx);
    void *ctx;
    struct loop_wake *next;
};

struct gt_loop {
    uv_loop_t uv;
    loop_cfg cfg;
    loop_slot *slots;
    uint32_t free_first;
    uint32_t doomed_first;
    uv_idle_t doom; /* runs while a doomed slot waits */
    loop_listener listeners[LOOP_LISTENERS_MAX];
    int spare_fd;      /* given up for a moment when descriptors run out */
    loop_timer **heap; /* earliest first */
    uint32_t heap_len;
    uint32_t heap_max;
    int timer_fd;
    uv_poll_t timer_poll;
    gt_mono timer_set; /* what timer_fd is armed for */
    bool timer_firing;
    loop_wake *wakes;
    uv_signal_t signals[2];
    bool signals_used;
    void (*signal_caught)(void *ctx, int signum);
    void *signal_ctx;
    loop_counts counts;
    uint8_t read_buf[LOOP_READ_MAX];
};

/* timer.c */
gt_err loop_timers_open(gt_loop *loop);

/* conn.c */
loop_slot *loop_slot_take(gt_loop *loop);  /* NULL when full; state FREE until started */
void loop_slot_give_back(loop_slot *slot); /* one that was taken and not started */
/* From here on the slot owns the descriptor. On error the descriptor is closed, the slot free. */
gt_err loop_slot_start(loop_slot *slot, int fd, slot_state state);
loop_conn loop_slot_handle(const loop_slot *slot);
void loop_slot_fail(loop_slot *slot, gt_err why); /* from the loop: close and tell the owner */
void loop_slot_doom(loop_slot *slot, gt_err why); /* from a call: the same, later */
void loop_doom_run(uv_idle_t *idle);
void loop_slot_drop(loop_slot *slot); /* close without telling */

/* listen.c */
void loop_listener_left(gt_loop *loop, uint32_t listener);
void loop_connect_ready(loop_slot *slot);

#endif
