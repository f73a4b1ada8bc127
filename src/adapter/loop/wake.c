/* Wake-ups from other threads and from the system: uv_async and uv_signal. */
#include "adapter/loop/loop_priv.h"

#include <signal.h>
#include <stdlib.h>

static void on_async(uv_async_t *async)
{
    const loop_wake *wake = async->data;
    wake->woken(wake->ctx);
}

gt_err loop_wake_open(gt_loop *loop, void (*woken)(void *ctx), void *ctx, loop_wake **out)
{
    loop_wake *wake = calloc(1, sizeof *wake);
    if (wake == NULL) {
        return GT_ERR_MEMORY;
    }
    wake->woken = woken;
    wake->ctx = ctx;
    if (uv_async_init(&loop->uv, &wake->async, on_async) != 0) {
        free(wake);
        return GT_ERR_IO;
    }
    wake->async.data = wake;
    wake->next = loop->wakes;
    loop->wakes = wake;
    *out = wake;
    return GT_ERR_OK;
}

void loop_wake_send(loop_wake *wake)
{
    (void)uv_async_send(
        &wake->async); /* fails only on a closed handle, which the contract forbids */
}

static void on_signal(uv_signal_t *handle, int signum)
{
    const gt_loop *loop = handle->data;
    loop->signal_caught(loop->signal_ctx, signum);
}

gt_err loop_signals_catch(gt_loop *loop, void (*caught)(void *ctx, int signum), void *ctx)
{
    GT_ASSERT(!loop->signals_used);
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR) {
        return GT_ERR_IO;
    }
    loop->signal_caught = caught;
    loop->signal_ctx = ctx;
    loop->signals_used = true;
    static const int numbers[2] = {SIGTERM, SIGINT};
    for (size_t i = 0; i < 2; i++) {
        if (uv_signal_init(&loop->uv, &loop->signals[i]) != 0) {
            return GT_ERR_IO;
        }
        loop->signals[i].data = loop;
        if (uv_signal_start(&loop->signals[i], on_signal, numbers[i]) != 0) {
            return GT_ERR_IO;
        }
    }
    return GT_ERR_OK;
}
