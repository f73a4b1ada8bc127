/* The HTTP server: its own listening socket, libmicrohttpd's pool of epoll threads on it, and one
 * thread that wakes streams and ends slow requests. */
#include "adapter/http/server_priv.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

http_server_config http_server_config_default(void)
{
    return (http_server_config){.host = "127.0.0.1",
                                .threads = 4,
                                .connections_max = 512,
                                .per_peer_max = 64,
                                .events_max = 256,
                                .timeout_s = 30,
                                .request_ms = 10000};
}

static void library_log(void *cls, const char *format, va_list args)
{
    const http_server *server = cls;
    char text[256];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    (void)vsnprintf(text, sizeof text, format, args);
#pragma GCC diagnostic pop
    text[strcspn(text, "\r\n")] = '\0';
    gt_log_event(server->cfg.log, GT_LOG_WARN, "http.daemon", gt_log_str("text", text));
}

static gt_err place_of(const char *host, uint16_t port, struct sockaddr_storage *out,
                       socklen_t *out_len)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    memset(out, 0, sizeof *out);
    if (inet_pton(AF_INET, host, &v4.sin_addr) == 1) {
        memcpy(out, &v4, sizeof v4);
        *out_len = sizeof v4;
        return GT_ERR_OK;
    }
    if (inet_pton(AF_INET6, host, &v6.sin6_addr) == 1) {
        memcpy(out, &v6, sizeof v6);
        *out_len = sizeof v6;
        return GT_ERR_OK;
    }
    return GT_ERR_SYNTAX;
}

static gt_err port_of(int fd, uint16_t *out)
{
    struct sockaddr_storage place = {0};
    socklen_t len = sizeof place;
    if (getsockname(fd, (struct sockaddr *)&place, &len) != 0) {
        return GT_ERR_IO;
    }
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    memcpy(&v4, &place, sizeof v4);
    memcpy(&v6, &place, sizeof v6);
    *out = ntohs(place.ss_family == AF_INET ? v4.sin_port : v6.sin6_port);
    return GT_ERR_OK;
}

static gt_err listen_on(http_server *server)
{
    struct sockaddr_storage place;
    socklen_t len = 0;
    const int on = 1;
    GT_TRY(place_of(server->cfg.host, server->cfg.port, &place, &len));
    server->fd = socket(place.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (server->fd < 0 || setsockopt(server->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(server->fd, (struct sockaddr *)&place, len) != 0 || listen(server->fd, 511) != 0) {
        return GT_ERR_IO;
    }
    return port_of(server->fd, &server->port);
}

static gt_err start_library(http_server *server)
{
    const http_server_config *cfg = &server->cfg;
    const struct MHD_OptionItem options[] = {
        {MHD_OPTION_EXTERNAL_LOGGER, (intptr_t)library_log, server},
        {MHD_OPTION_LISTEN_SOCKET, server->fd, NULL},
        {MHD_OPTION_CONNECTION_LIMIT, (intptr_t)cfg->connections_max, NULL},
        {MHD_OPTION_PER_IP_CONNECTION_LIMIT, (intptr_t)cfg->per_peer_max, NULL},
        {MHD_OPTION_CONNECTION_TIMEOUT, (intptr_t)cfg->timeout_s, NULL},
        {MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)guard_notify, server},
        {MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)exchange_end, server},
        {MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL},
        {cfg->threads > 1 ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END, (intptr_t)cfg->threads,
         NULL},
        {MHD_OPTION_END, 0, NULL},
    };
    server->daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ERROR_LOG | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL,
        exchange_step, server, MHD_OPTION_ARRAY, options, MHD_OPTION_END);
    return server->daemon != NULL ? GT_ERR_OK : GT_ERR_IO;
}

static gt_err locks_init(http_server *server)
{
    pthread_condattr_t attr;
    if (pthread_condattr_init(&attr) != 0) {
        return GT_ERR_MEMORY;
    }
    const bool ok = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0 &&
                    pthread_cond_init(&server->event_cond, &attr) == 0 &&
                    pthread_mutex_init(&server->guard_lock, NULL) == 0 &&
                    pthread_mutex_init(&server->event_lock, NULL) == 0;
    (void)pthread_condattr_destroy(&attr);
    return ok ? GT_ERR_OK : GT_ERR_MEMORY;
}

static bool limits_good(const http_server_config *cfg)
{
    return cfg->threads >= 1 && cfg->threads <= HTTP_SERVER_THREADS_MAX &&
           cfg->connections_max >= cfg->threads && cfg->connections_max <= 65536 &&
           cfg->per_peer_max >= 1 && cfg->events_max >= 1 &&
           cfg->events_max <= HTTP_SERVER_EVENTS_MAX && cfg->timeout_s >= 1 &&
           cfg->timeout_s <= 3600 && cfg->request_ms >= 1;
}

static void release(http_server *server)
{
    if (server->fd >= 0) {
        (void)close(server->fd);
    }
    guard_close(server);
    (void)pthread_cond_destroy(&server->event_cond);
    (void)pthread_mutex_destroy(&server->event_lock);
    (void)pthread_mutex_destroy(&server->guard_lock);
    free(server);
}

static gt_err prepare(http_server *server)
{
    GT_TRY(guard_open(server));
    return listen_on(server);
}

gt_err http_server_open(const http_server_config *cfg, http_server **out)
{
    if (!limits_good(cfg)) {
        return GT_ERR_RANGE;
    }
    http_server *server = calloc(1, sizeof *server);
    if (server == NULL) {
        return GT_ERR_MEMORY;
    }
    server->cfg = *cfg;
    server->fd = -1;
    if (locks_init(server) != GT_ERR_OK) {
        free(server);
        return GT_ERR_MEMORY;
    }
    const gt_err err = prepare(server);
    if (err != GT_ERR_OK) {
        release(server);
        return err;
    }
    *out = server;
    return GT_ERR_OK;
}

/* Ends with either everything running or nothing. */
gt_err http_server_start(http_server *server)
{
    GT_TRY(stream_pulse_start(server));
    const gt_err err = start_library(server);
    if (err != GT_ERR_OK) {
        stream_stop_all(server);
        return err;
    }
    server->fd = -1; /* the library closes it */
    return GT_ERR_OK;
}

void http_server_stop(http_server *server)
{
    if (server != NULL && server->daemon != NULL) {
        stream_stop_all(server);
        MHD_stop_daemon(server->daemon);
        server->daemon = NULL;
    }
}

void http_server_close(http_server *server)
{
    if (server != NULL) {
        http_server_stop(server);
        release(server);
    }
}

uint16_t http_server_port(const http_server *server)
{
    return server->port;
}

gt_event_sink http_server_events(http_server *server)
{
    return (gt_event_sink){.ctx = server, .publish = stream_publish};
}

http_server_stats http_server_counts(http_server *server)
{
    (void)pthread_mutex_lock(&server->event_lock);
    const uint32_t streams = server->stream_count;
    (void)pthread_mutex_unlock(&server->event_lock);
    return (http_server_stats){.requests = atomic_load(&server->requests),
                               .refused = atomic_load(&server->refused),
                               .streams = streams};
}
