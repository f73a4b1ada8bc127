/* The loop's life: one uv_loop, one array of streams, one timer descriptor. Everything that can run
 * out is allocated here, once. */
#include "adapter/loop/loop_priv.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { LIMIT_MAX = 65536 };

static void forget(uv_handle_t *handle)
{
    (void)handle;
}

static void close_if_open(uv_handle_t *handle, void *arg)
{
    (void)arg;
    if (!uv_is_closing(handle)) {
        uv_close(handle, forget);
    }
}

static void descriptor_close(int fd)
{
    if (fd >= 0) {
        (void)close(fd); /* nothing can be done about a failing close */
    }
}

static void memory_free(gt_loop *loop)
{
    while (loop->wakes != NULL) {
        loop_wake *wake = loop->wakes;
        loop->wakes = wake->next;
        free(wake);
    }
    free(loop->slots);
    free(loop->heap);
    free(loop);
}

void loop_close(gt_loop *loop)
{
    if (loop == NULL) {
        return;
    }
    for (uint32_t i = 0; i < loop->cfg.conns_max; i++) {
        if (loop->slots[i].state != SLOT_FREE && loop->slots[i].state != SLOT_CLOSING) {
            loop_slot_drop(&loop->slots[i]);
        }
    }
    for (uint32_t i = 0; i < LOOP_LISTENERS_MAX; i++) {
        loop_listener_close(loop, i);
    }
    uv_walk(&loop->uv, close_if_open, NULL);
    (void)uv_run(&loop->uv, UV_RUN_DEFAULT); /* runs the close callbacks; nothing else is left */
    GT_ASSERT(uv_loop_close(&loop->uv) == 0);
    descriptor_close(loop->timer_fd);
    descriptor_close(loop->spare_fd);
    memory_free(loop);
}

static gt_err parts_open(gt_loop *loop)
{
    loop->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    GT_TRY(loop_timers_open(loop));
    return uv_idle_init(&loop->uv, &loop->doom) == 0 ? GT_ERR_OK : GT_ERR_IO;
}

gt_err loop_open(const loop_cfg *cfg, gt_loop **out)
{
    if (cfg->conns_max == 0 || cfg->conns_max > LIMIT_MAX || cfg->timers_max == 0 ||
        cfg->timers_max > LIMIT_MAX) {
        return GT_ERR_RANGE;
    }
    gt_loop *loop = calloc(1, sizeof *loop);
    if (loop == NULL) {
        return GT_ERR_MEMORY;
    }
    loop->cfg = *cfg;
    loop->heap_max = cfg->timers_max + cfg->conns_max; /* each stream has one of its own */
    loop->heap = calloc(loop->heap_max, sizeof(loop_timer *));
    loop->slots = calloc(cfg->conns_max, sizeof *loop->slots);
    loop->timer_fd = -1;
    if (loop->heap == NULL || loop->slots == NULL || uv_loop_init(&loop->uv) != 0) {
        memory_free(loop);
        return GT_ERR_MEMORY;
    }
    loop->doomed_first = SLOT_NONE;
    for (uint32_t i = 0; i < cfg->conns_max; i++) {
        loop->slots[i].loop = loop;
        loop->slots[i].next = i + 1 < cfg->conns_max ? i + 1 : SLOT_NONE;
    }
    const gt_err err = parts_open(loop);
    if (err != GT_ERR_OK) {
        loop_close(loop);
        return err;
    }
    loop->doom.data = loop;
    *out = loop;
    return GT_ERR_OK;
}

void loop_run(gt_loop *loop)
{
    (void)uv_run(&loop->uv, UV_RUN_DEFAULT); /* tells only whether handles are left */
}

void loop_run_once(gt_loop *loop, bool wait)
{
    (void)uv_run(&loop->uv, wait ? UV_RUN_ONCE : UV_RUN_NOWAIT);
}

void loop_stop(gt_loop *loop)
{
    uv_stop(&loop->uv);
}

loop_counts loop_counts_of(const gt_loop *loop)
{
    return loop->counts;
}
