/* Slow clients. The library drops a connection that moves no byte; one that moves a byte now and
 * then is ended here: a request must be whole by a fixed time after the connection was made (or
 * after the answer before it). The socket is shut down, the library notices and cleans up. */
#include "adapter/http/server_priv.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

int64_t http_mono_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

gt_err guard_open(http_server *server)
{
    server->guards = calloc(server->cfg.connections_max, sizeof(guard));
    if (server->guards == NULL) {
        return GT_ERR_MEMORY;
    }
    for (unsigned i = 0; i < server->cfg.connections_max; i++) {
        server->guards[i].server = server;
        server->guards[i].next = server->guard_free;
        server->guard_free = &server->guards[i];
    }
    return GT_ERR_OK;
}

void guard_close(http_server *server)
{
    free(server->guards);
    server->guards = NULL;
}

void guard_notify(void *cls, struct MHD_Connection *conn, void **socket_ctx,
                  enum MHD_ConnectionNotificationCode code)
{
    http_server *server = cls;
    (void)pthread_mutex_lock(&server->guard_lock);
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        const union MHD_ConnectionInfo *info =
            MHD_get_connection_info(conn, MHD_CONNECTION_INFO_CONNECTION_FD);
        guard *g = server->guard_free;
        if (g != NULL && info != NULL) {
            server->guard_free = g->next;
            *g = (guard){
                .server = server, .used = true, .fd = info->connect_fd, .since_ms = http_mono_ms()};
            *socket_ctx = g;
        }
    } else if (*socket_ctx != NULL) {
        guard *g = *socket_ctx;
        g->used = false;
        g->next = server->guard_free;
        server->guard_free = g;
        *socket_ctx = NULL;
    }
    (void)pthread_mutex_unlock(&server->guard_lock);
}

static void mark(struct MHD_Connection *conn, bool busy)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(conn, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    guard *g = info != NULL ? info->socket_context : NULL;
    if (g == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&g->server->guard_lock);
    g->busy = busy;
    g->served = g->served || !busy;
    g->since_ms = http_mono_ms();
    (void)pthread_mutex_unlock(&g->server->guard_lock);
}

void guard_busy(struct MHD_Connection *conn)
{
    mark(conn, true);
}

void guard_wait(struct MHD_Connection *conn)
{
    mark(conn, false);
}

void guard_sweep(http_server *server, int64_t now_ms)
{
    const int64_t first_ms = server->cfg.request_ms;
    const int64_t later_ms = first_ms + (int64_t)server->cfg.timeout_s * 1000;
    (void)pthread_mutex_lock(&server->guard_lock);
    for (unsigned i = 0; i < server->cfg.connections_max; i++) {
        guard *g = &server->guards[i];
        if (g->used && !g->busy && now_ms - g->since_ms >= (g->served ? later_ms : first_ms)) {
            /* The slot is given back, and the descriptor closed, only after the library's notice,
             * which waits for this lock: the number cannot be somebody else's yet. */
            (void)atomic_fetch_add(&server->refused, 1);
            g->since_ms = now_ms;
            (void)shutdown(g->fd, SHUT_RDWR);
        }
    }
    (void)pthread_mutex_unlock(&server->guard_lock);
}
