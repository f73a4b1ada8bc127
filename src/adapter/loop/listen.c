/* TCP: listening, accepting, calling. */
#include "adapter/loop/loop_priv.h"

#include "adapter/loop/clock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 128, ACCEPT_BATCH = 64 };

typedef struct endpoint {
    struct sockaddr_storage addr;
    socklen_t len;
} endpoint;

static gt_err endpoint_parse(const char *host, uint16_t port, endpoint *out)
{
    endpoint ep = {0};
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    if (inet_pton(AF_INET, host, &v4.sin_addr) == 1) {
        memcpy(&ep.addr, &v4, sizeof v4);
        ep.len = sizeof v4;
    } else if (inet_pton(AF_INET6, host, &v6.sin6_addr) == 1) {
        memcpy(&ep.addr, &v6, sizeof v6);
        ep.len = sizeof v6;
    } else {
        return GT_ERR_SYNTAX;
    }
    *out = ep;
    return GT_ERR_OK;
}

static uint16_t endpoint_text(const struct sockaddr_storage *addr, char out[LOOP_PATH_MAX])
{
    char host[INET6_ADDRSTRLEN] = "?";
    uint16_t port = 0;
    if (addr->ss_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, addr, sizeof v4);
        (void)inet_ntop(AF_INET, &v4.sin_addr, host, sizeof host); /* the size is enough */
        port = ntohs(v4.sin_port);
        (void)snprintf(out, LOOP_PATH_MAX, "%s:%u", host, port);
    } else {
        struct sockaddr_in6 v6;
        memcpy(&v6, addr, sizeof v6);
        (void)inet_ntop(AF_INET6, &v6.sin6_addr, host, sizeof host);
        port = ntohs(v6.sin6_port);
        (void)snprintf(out, LOOP_PATH_MAX, "[%s]:%u", host, port);
    }
    return port;
}

/* Requests and answers are small and must not wait for each other; and a peer that lost its power
 * without a word is noticed when it has acknowledged nothing for a minute, not after a quarter of
 * an hour. Refused only on a dead socket, which the next read tells. */
static void tune(int fd)
{
    const int on = 1;
    const unsigned silent_ms = 60000;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &silent_ms, sizeof silent_ms);
}

static void accepted(loop_listener *listener, int fd, const struct sockaddr_storage *addr)
{
    gt_loop *loop = listener->loop;
    loop->counts.accepted++;
    loop_slot *slot = listener->conns < listener->cfg.conns_max ? loop_slot_take(loop) : NULL;
    if (slot == NULL) {
        loop->counts.refused_full++;
        (void)close(fd);
        return;
    }
    tune(fd);
    slot->is_socket = true;
    slot->ops = listener->cfg.ops;
    slot->ctx = listener->cfg.ctx;
    slot->queue_max = listener->cfg.queue_max;
    (void)endpoint_text(addr, slot->peer);
    if (loop_slot_start(slot, fd, SLOT_OPEN) != GT_ERR_OK) {
        loop->counts.refused_full++;
        return;
    }
    slot->listener = (uint32_t)(listener - loop->listeners);
    listener->conns++;
    slot->ops->on_open(slot->ctx, loop_slot_handle(slot));
}

/* Out of descriptors: the waiting caller would be reported for ever. Take him with the spare one
 * and let him go. */
static void shed_one(gt_loop *loop, int listen_fd)
{
    if (loop->spare_fd < 0) {
        return;
    }
    (void)close(loop->spare_fd);
    const int fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC);
    if (fd >= 0) {
        (void)close(fd);
        loop->counts.accepted++;
        loop->counts.refused_full++;
    }
    loop->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void on_callers(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    loop_listener *listener = poll->data;
    for (unsigned i = 0; i < ACCEPT_BATCH && listener->listening; i++) {
        struct sockaddr_storage addr = {0};
        socklen_t len = sizeof addr;
        const int fd =
            accept4(listener->fd, (struct sockaddr *)&addr, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            accepted(listener, fd, &addr);
        } else if (errno == EMFILE || errno == ENFILE) {
            shed_one(listener->loop, listener->fd);
            return;
        } else if (errno != ECONNABORTED && errno != EINTR) {
            return;
        }
    }
}

static gt_err socket_listen(const loop_listen_cfg *cfg, int *out_fd, uint16_t *out_port)
{
    endpoint ep;
    GT_TRY(endpoint_parse(cfg->host, cfg->port, &ep));
    const int fd = socket(ep.addr.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return GT_ERR_IO;
    }
    const int on = 1;
    endpoint bound = {.len = sizeof bound.addr};
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(fd, (const struct sockaddr *)&ep.addr, ep.len) != 0 || listen(fd, BACKLOG) != 0 ||
        getsockname(fd, (struct sockaddr *)&bound.addr, &bound.len) != 0) {
        (void)close(fd);
        return GT_ERR_IO;
    }
    char text[LOOP_PATH_MAX];
    *out_port = endpoint_text(&bound.addr, text);
    *out_fd = fd;
    return GT_ERR_OK;
}

/* Its streams still count down in it after it has closed. */
static bool listener_busy(const loop_listener *listener)
{
    return listener->listening || listener->closing || listener->conns > 0;
}

gt_err loop_listen(gt_loop *loop, const loop_listen_cfg *cfg, uint32_t *out_listener)
{
    uint32_t at = 0;
    while (at < LOOP_LISTENERS_MAX && listener_busy(&loop->listeners[at])) {
        at++;
    }
    if (at == LOOP_LISTENERS_MAX) {
        return GT_ERR_SPACE;
    }
    loop_listener *listener = &loop->listeners[at];
    int fd = -1;
    uint16_t port = 0;
    GT_TRY(socket_listen(cfg, &fd, &port));
    *listener = (loop_listener){.loop = loop, .fd = fd, .port = port, .cfg = *cfg};
    if (uv_poll_init(&loop->uv, &listener->poll, fd) != 0) {
        (void)close(fd);
        return GT_ERR_IO;
    }
    listener->listening = true;
    listener->poll.data = listener;
    (void)uv_poll_start(&listener->poll, UV_READABLE,
                        on_callers); /* cannot fail once initialised */
    *out_listener = at;
    return GT_ERR_OK;
}

uint16_t loop_listener_port(const gt_loop *loop, uint32_t listener)
{
    GT_ASSERT(listener < LOOP_LISTENERS_MAX);
    return loop->listeners[listener].port;
}

static void on_listener_closed(uv_handle_t *handle)
{
    loop_listener *listener = handle->data;
    listener->closing = false;
}

void loop_listener_close(gt_loop *loop, uint32_t listener)
{
    GT_ASSERT(listener < LOOP_LISTENERS_MAX);
    loop_listener *at = &loop->listeners[listener];
    if (!at->listening) {
        return;
    }
    at->listening = false;
    at->closing = true;
    uv_close((uv_handle_t *)&at->poll, on_listener_closed);
    (void)close(at->fd); /* nothing can be done about a failing close */
}

void loop_listener_left(gt_loop *loop, uint32_t listener)
{
    loop->listeners[listener].conns--;
}

static void on_attempt_over(void *ctx, gt_mono now)
{
    (void)now;
    loop_slot_fail(ctx, GT_ERR_TIMEOUT);
}

void loop_connect_ready(loop_slot *slot)
{
    int failed = 0;
    socklen_t len = sizeof failed;
    if (getsockopt(slot->fd, SOL_SOCKET, SO_ERROR, &failed, &len) != 0 || failed != 0) {
        loop_slot_fail(slot, GT_ERR_IO);
        return;
    }
    loop_timer_stop(slot->loop, &slot->attempt);
    slot->state = SLOT_OPEN;
    const loop_conn conn = loop_slot_handle(slot);
    loop_conn_pause(slot->loop, conn, slot->paused); /* from waiting to write to reading */
    slot->ops->on_open(slot->ctx, conn);
}

gt_err loop_connect(gt_loop *loop, const loop_connect_cfg *cfg, loop_conn *out)
{
    endpoint ep;
    GT_TRY(endpoint_parse(cfg->host, cfg->port, &ep));
    loop_slot *slot = loop_slot_take(loop);
    if (slot == NULL) {
        return GT_ERR_SPACE;
    }
    const int fd = socket(ep.addr.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        loop_slot_give_back(slot);
        return GT_ERR_IO;
    }
    tune(fd);
    slot->is_socket = true;
    slot->ops = cfg->ops;
    slot->ctx = cfg->ctx;
    slot->queue_max = cfg->queue_max;
    (void)endpoint_text(&ep.addr, slot->peer);
    if (connect(fd, (const struct sockaddr *)&ep.addr, ep.len) != 0 && errno != EINPROGRESS) {
        (void)close(fd);
        loop_slot_give_back(slot);
        return GT_ERR_IO;
    }
    GT_TRY(loop_slot_start(slot, fd, SLOT_CONNECTING));
    loop_timer_init(&slot->attempt, on_attempt_over, slot);
    const gt_mono due = {.us = clock_mono().us + (int64_t)cfg->timeout_ms * 1000};
    /* Every stream has its place in the heap. */
    GT_ASSERT(loop_timer_at(loop, &slot->attempt, due) == GT_ERR_OK);
    *out = loop_slot_handle(slot);
    return GT_ERR_OK;
}
