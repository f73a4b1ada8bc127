/* All timers of a loop share one timerfd: libuv's own timers count milliseconds, and Modbus
 * silences need less. The armed timers are a binary heap, earliest first; the descriptor is set to
 * the earliest. It is not moved back when that one is stopped: one early wake-up is cheaper than a
 * system call at every stop. */
#include "adapter/loop/loop_priv.h"

#include "adapter/loop/clock.h"

#include <sys/timerfd.h>
#include <unistd.h>

static void place(gt_loop *loop, uint32_t at, loop_timer *timer)
{
    loop->heap[at] = timer;
    timer->slot = at + 1;
}

static void sift_up(gt_loop *loop, uint32_t at)
{
    loop_timer *timer = loop->heap[at];
    while (at > 0 && loop->heap[(at - 1) / 2]->due.us > timer->due.us) {
        place(loop, at, loop->heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    place(loop, at, timer);
}

static void sift_down(gt_loop *loop, uint32_t at)
{
    loop_timer *timer = loop->heap[at];
    for (;;) {
        uint32_t child = 2 * at + 1;
        if (child >= loop->heap_len) {
            break;
        }
        if (child + 1 < loop->heap_len &&
            loop->heap[child + 1]->due.us < loop->heap[child]->due.us) {
            child++;
        }
        if (loop->heap[child]->due.us >= timer->due.us) {
            break;
        }
        place(loop, at, loop->heap[child]);
        at = child;
    }
    place(loop, at, timer);
}

static void descriptor_set(gt_loop *loop)
{
    if (loop->timer_firing || loop->heap_len == 0) {
        return;
    }
    const gt_mono first = loop->heap[0]->due;
    if (first.us >= loop->timer_set.us) {
        return;
    }
    const int64_t us = first.us > 0 ? first.us : 1; /* all zero would disarm */
    const struct itimerspec spec = {
        .it_value = {.tv_sec = (time_t)(us / 1000000), .tv_nsec = (long)(us % 1000000) * 1000}};
    /* Fails only for a bad descriptor or an invalid time, and neither can be here. */
    GT_ASSERT(timerfd_settime(loop->timer_fd, TFD_TIMER_ABSTIME, &spec, NULL) == 0);
    loop->timer_set = first;
}

void loop_timer_init(loop_timer *timer, void (*fire)(void *ctx, gt_mono now), void *ctx)
{
    *timer = (loop_timer){.fire = fire, .ctx = ctx, .due = GT_MONO_NEVER};
}

void loop_timer_stop(gt_loop *loop, loop_timer *timer)
{
    if (timer->slot == 0) {
        return;
    }
    const uint32_t at = timer->slot - 1;
    GT_ASSERT(at < loop->heap_len && loop->heap[at] == timer);
    timer->slot = 0;
    loop->heap_len--;
    if (at == loop->heap_len) {
        return;
    }
    loop_timer *moved = loop->heap[loop->heap_len];
    place(loop, at, moved);
    sift_up(loop, at);
    sift_down(loop, moved->slot - 1);
}

gt_err loop_timer_at(gt_loop *loop, loop_timer *timer, gt_mono due)
{
    if (due.us == GT_MONO_NEVER.us) {
        loop_timer_stop(loop, timer);
        return GT_ERR_OK;
    }
    if (timer->slot == 0) {
        if (loop->heap_len == loop->heap_max) {
            return GT_ERR_SPACE;
        }
        timer->due = due;
        place(loop, loop->heap_len, timer);
        loop->heap_len++;
    }
    timer->due = due;
    sift_up(loop, timer->slot - 1);
    sift_down(loop, timer->slot - 1);
    descriptor_set(loop);
    return GT_ERR_OK;
}

static void on_expired(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    gt_loop *loop = poll->data;
    uint64_t expirations = 0;
    if (read(loop->timer_fd, &expirations, sizeof expirations) < 0) {
        return; /* re-armed meanwhile: not expired after all */
    }
    const gt_mono now = clock_mono();
    loop->timer_firing = true;
    /* A timer that re-arms itself into the past must not keep the loop here. */
    for (uint32_t left = loop->heap_len; left > 0 && loop->heap_len > 0; left--) {
        loop_timer *timer = loop->heap[0];
        if (timer->due.us > now.us) {
            break;
        }
        loop_timer_stop(loop, timer);
        timer->fire(timer->ctx, now);
    }
    loop->timer_firing = false;
    loop->timer_set = GT_MONO_NEVER;
    descriptor_set(loop);
}

gt_err loop_timers_open(gt_loop *loop)
{
    loop->timer_set = GT_MONO_NEVER;
    loop->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (loop->timer_fd < 0) {
        return GT_ERR_IO;
    }
    if (uv_poll_init(&loop->uv, &loop->timer_poll, loop->timer_fd) != 0) {
        return GT_ERR_IO;
    }
    loop->timer_poll.data = loop;
    return uv_poll_start(&loop->timer_poll, UV_READABLE, on_expired) == 0 ? GT_ERR_OK : GT_ERR_IO;
}
