/* A stream is a descriptor watched by uv_poll, not a uv_tcp: so sockets, serial lines and ptys are
 * one kind of thing, reads land in one buffer, and a write queue exists only while a peer is slow.
 */
#include "adapter/loop/loop_priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { QUEUE_FIRST = 1024 };

loop_conn loop_slot_handle(const loop_slot *slot)
{
    const uint64_t index = (uint64_t)(slot - slot->loop->slots) + 1;
    return (loop_conn){.id = index << 32 | slot->gen};
}

static loop_slot *find(const gt_loop *loop, loop_conn conn)
{
    const uint64_t index = conn.id >> 32;
    if (index == 0 || index > loop->cfg.conns_max) {
        return NULL;
    }
    loop_slot *slot = &loop->slots[index - 1];
    const bool live = slot->state != SLOT_FREE && slot->state != SLOT_CLOSING;
    return live && slot->gen == (uint32_t)conn.id ? slot : NULL;
}

loop_slot *loop_slot_take(gt_loop *loop)
{
    if (loop->free_first == SLOT_NONE) {
        return NULL;
    }
    loop_slot *slot = &loop->slots[loop->free_first];
    loop->free_first = slot->next;
    *slot = (loop_slot){.loop = loop,
                        .fd = -1,
                        .keep_fd = -1,
                        .gen = slot->gen + 1,
                        .next = SLOT_NONE,
                        .listener = SLOT_NONE};
    return slot;
}

void loop_slot_give_back(loop_slot *slot)
{
    slot->state = SLOT_FREE;
    slot->next = slot->loop->free_first;
    slot->loop->free_first = (uint32_t)(slot - slot->loop->slots);
}

static void on_poll_closed(uv_handle_t *handle)
{
    loop_slot_give_back(handle->data);
}

void loop_slot_drop(loop_slot *slot)
{
    gt_loop *loop = slot->loop;
    loop_timer_stop(loop, &slot->attempt);
    if (slot->listener != SLOT_NONE) {
        loop_listener_left(loop, slot->listener);
    }
    slot->state = SLOT_CLOSING;
    free(slot->queue);
    slot->queue = NULL;
    uv_close((uv_handle_t *)&slot->poll, on_poll_closed);
    (void)close(slot->fd); /* nothing can be done about a failing close */
    if (slot->keep_fd >= 0) {
        (void)close(slot->keep_fd);
    }
    loop->counts.open--;
}

void loop_slot_fail(loop_slot *slot, gt_err why)
{
    const loop_conn conn = loop_slot_handle(slot);
    const loop_conn_ops *ops = slot->ops;
    void *ctx = slot->ctx;
    loop_slot_drop(slot);
    ops->on_close(ctx, conn, why);
}

void loop_slot_doom(loop_slot *slot, gt_err why)
{
    gt_loop *loop = slot->loop;
    slot->state = SLOT_DOOMED;
    slot->why = why;
    slot->next = loop->doomed_first;
    loop->doomed_first = (uint32_t)(slot - loop->slots);
    (void)uv_poll_stop(&slot->poll);                 /* cannot fail for a live handle */
    (void)uv_idle_start(&loop->doom, loop_doom_run); /* fails only without a callback */
}

void loop_doom_run(uv_idle_t *idle)
{
    gt_loop *loop = idle->data;
    while (loop->doomed_first != SLOT_NONE) {
        loop_slot *slot = &loop->slots[loop->doomed_first];
        loop->doomed_first = slot->next;
        loop_slot_fail(slot, slot->why);
    }
    (void)uv_idle_stop(idle); /* always succeeds */
}

/* Hand queued bytes to the system. @return false when the stream is broken */
static bool queue_flush(loop_slot *slot)
{
    while (slot->queue_pos < slot->queue_len) {
        const uint8_t *at = slot->queue + slot->queue_pos;
        const size_t left = slot->queue_len - slot->queue_pos;
        const ssize_t done =
            slot->is_socket ? send(slot->fd, at, left, MSG_NOSIGNAL) : write(slot->fd, at, left);
        if (done < 0) {
            return errno == EAGAIN || errno == EINTR;
        }
        slot->queue_pos += (size_t)done;
        slot->loop->counts.bytes_out += (uint64_t)done;
    }
    free(slot->queue);
    slot->queue = NULL;
    slot->queue_pos = 0;
    slot->queue_len = 0;
    slot->queue_cap = 0;
    return true;
}

static void on_ready(uv_poll_t *poll, int status, int events);

static void watch(loop_slot *slot)
{
    int events = slot->paused ? 0 : UV_READABLE;
    if (slot->state == SLOT_CONNECTING || slot->queue != NULL) {
        events |= UV_WRITABLE;
    }
    (void)uv_poll_start(&slot->poll, events, on_ready); /* cannot fail for a live handle */
}

static void read_once(loop_slot *slot)
{
    gt_loop *loop = slot->loop;
    const ssize_t got = read(slot->fd, loop->read_buf, sizeof loop->read_buf);
    if (got > 0) {
        loop->counts.bytes_in += (uint64_t)got;
        slot->ops->on_bytes(slot->ctx, loop_slot_handle(slot), loop->read_buf, (size_t)got);
    } else if (got == 0) {
        loop_slot_fail(slot, GT_ERR_CLOSED);
    } else if (errno != EAGAIN && errno != EINTR) {
        /* A reset is the other side's way of closing; a tty says EIO when its other end is gone. */
        loop_slot_fail(slot, errno == ECONNRESET ? GT_ERR_CLOSED : GT_ERR_IO);
    }
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
    loop_slot *slot = poll->data;
    if (slot->state == SLOT_CONNECTING) {
        loop_connect_ready(slot);
        return;
    }
    if (slot->state != SLOT_OPEN) {
        return;
    }
    if (status < 0) {
        loop_slot_fail(slot, GT_ERR_IO);
        return;
    }
    if ((events & UV_WRITABLE) != 0 && slot->queue != NULL) {
        if (!queue_flush(slot)) {
            loop_slot_fail(slot, GT_ERR_IO);
            return;
        }
        watch(slot);
    }
    if ((events & UV_READABLE) != 0 && !slot->paused) {
        read_once(slot);
    }
}

gt_err loop_slot_start(loop_slot *slot, int fd, slot_state state)
{
    if (uv_poll_init(&slot->loop->uv, &slot->poll, fd) != 0) {
        (void)close(fd);
        loop_slot_give_back(slot);
        return GT_ERR_IO;
    }
    slot->poll.data = slot;
    slot->fd = fd;
    slot->state = state;
    slot->loop->counts.open++;
    watch(slot);
    return GT_ERR_OK;
}

/* Room for len more bytes behind those queued. */
static gt_err queue_grow(loop_slot *slot, size_t len)
{
    const size_t held = slot->queue_len - slot->queue_pos;
    if (len > slot->queue_max || held > slot->queue_max - len) {
        slot->loop->counts.slow_closed++;
        return GT_ERR_SPACE;
    }
    if (slot->queue != NULL && slot->queue_pos > 0) {
        memmove(slot->queue, slot->queue + slot->queue_pos, held);
        slot->queue_pos = 0;
        slot->queue_len = held;
    }
    size_t cap = slot->queue_cap == 0 ? QUEUE_FIRST : slot->queue_cap;
    while (cap < held + len) {
        cap *= 2;
    }
    if (cap == slot->queue_cap) {
        return GT_ERR_OK;
    }
    uint8_t *grown = realloc(slot->queue, cap);
    if (grown == NULL) {
        return GT_ERR_SPACE;
    }
    slot->queue = grown;
    slot->queue_cap = cap;
    return GT_ERR_OK;
}

/* What the system takes at once, without a queue. @return bytes taken, -1 when broken */
static ssize_t write_direct(const loop_slot *slot, const uint8_t *buf, size_t len)
{
    const ssize_t done =
        slot->is_socket ? send(slot->fd, buf, len, MSG_NOSIGNAL) : write(slot->fd, buf, len);
    if (done < 0 && (errno == EAGAIN || errno == EINTR)) {
        return 0;
    }
    return done;
}

gt_err loop_send(gt_loop *loop, loop_conn conn, const uint8_t *buf, size_t len)
{
    loop_slot *slot = find(loop, conn);
    if (slot == NULL) {
        return GT_ERR_NOT_FOUND;
    }
    if (slot->state != SLOT_OPEN) {
        return GT_ERR_CLOSED;
    }
    if (slot->queue == NULL) {
        const ssize_t done = write_direct(slot, buf, len);
        if (done < 0) {
            loop_slot_doom(slot, GT_ERR_IO);
            return GT_ERR_CLOSED;
        }
        loop->counts.bytes_out += (uint64_t)done;
        buf += done;
        len -= (size_t)done;
    }
    if (len == 0) {
        return GT_ERR_OK;
    }
    if (queue_grow(slot, len) != GT_ERR_OK) {
        loop_slot_doom(slot, GT_ERR_SPACE);
        return GT_ERR_SPACE;
    }
    GT_ASSERT(slot->queue != NULL); /* queue_grow made it */
    memcpy(slot->queue + slot->queue_len, buf, len);
    slot->queue_len += len;
    watch(slot);
    return GT_ERR_OK;
}

/* Take a doomed slot out of the waiting list: its owner closed it before the loop told him. */
static void undoom(loop_slot *slot)
{
    gt_loop *loop = slot->loop;
    const uint32_t own = (uint32_t)(slot - loop->slots);
    uint32_t *at = &loop->doomed_first;
    while (*at != own) {
        GT_ASSERT(*at != SLOT_NONE);
        at = &loop->slots[*at].next;
    }
    *at = slot->next;
}

void loop_conn_close(gt_loop *loop, loop_conn conn)
{
    loop_slot *slot = find(loop, conn);
    if (slot == NULL) {
        return;
    }
    if (slot->state == SLOT_DOOMED) {
        undoom(slot);
    } else if (slot->state == SLOT_OPEN && slot->queue != NULL) {
        (void)queue_flush(slot); /* last chance; a broken stream is being closed anyway */
    }
    loop_slot_drop(slot);
}

void loop_conn_pause(gt_loop *loop, loop_conn conn, bool paused)
{
    loop_slot *slot = find(loop, conn);
    if (slot == NULL) {
        return;
    }
    slot->paused = paused;
    if (slot->state == SLOT_OPEN) {
        watch(slot);
    }
}

size_t loop_conn_queued(const gt_loop *loop, loop_conn conn)
{
    const loop_slot *slot = find(loop, conn);
    return slot == NULL ? 0 : slot->queue_len - slot->queue_pos;
}

void loop_conn_peer(const gt_loop *loop, loop_conn conn, char out[LOOP_PATH_MAX])
{
    const loop_slot *slot = find(loop, conn);
    (void)snprintf(out, LOOP_PATH_MAX, "%s", slot == NULL ? "-" : slot->peer); /* same size */
}
