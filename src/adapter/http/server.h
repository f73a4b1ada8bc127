/**
 * @file server.h
 * @brief HTTP over libmicrohttpd: a small pool of threads, static files, live events.
 *
 * Layer:   adapter.
 * Threads: requests run on the pool; publish() of the event sink may be called from any thread and
 *          never waits for a client.
 * Limits:  every one has a name below or in port/http.h. A body above HTTP_BODY_MAX is refused with
 *          413 before the rest of it is read; a request that is not whole within the time-out is
 *          dropped; one event stream more than events_max is refused with 503.
 */
#ifndef GT_ADAPTER_HTTP_SERVER_H
#define GT_ADAPTER_HTTP_SERVER_H

#include "port/event.h"
#include "port/http.h"
#include "port/log.h"

typedef struct http_server http_server;

enum {
    HTTP_SERVER_THREADS_MAX = 8,
    HTTP_SERVER_EVENTS_MAX = 1024,      /* event streams at once */
    HTTP_SERVER_EVENT_RING = 8192,      /* events a slow stream may fall behind */
    HTTP_SERVER_EVENT_LIFE_MS = 600000, /* then the page connects again, and is checked again */
    HTTP_SERVER_EVENT_BEAT_MS = 15000,  /* a comment this often finds clients that left */
};

typedef struct http_server_config {
    const char *host; /* numeric IPv4 or IPv6 */
    uint16_t port;    /* 0: any free one */
    unsigned threads; /* 1 .. HTTP_SERVER_THREADS_MAX */
    unsigned connections_max;
    unsigned per_peer_max;
    unsigned events_max;    /* 1 .. HTTP_SERVER_EVENTS_MAX */
    unsigned timeout_s;     /* a connection that moves no byte */
    unsigned request_ms;    /* a request must be whole by then, however slowly it trickles */
    http_app app;           /* paths under /api/, /healthz, /metrics */
    const http_file *files; /* everything else; "/" is "/index.html", so is any path without dot */
    size_t file_count;
    const gt_log *log;
} http_server_config;

/** Loopback, any port, 4 threads, 512 connections, 64 a peer, 256 streams, 30 s, 10 s. */
http_server_config http_server_config_default(void);

/**
 * Listens; who connects already waits for http_server_start.
 * @return RANGE a limit, SYNTAX host, IO address in use or not permitted, MEMORY
 */
GT_CHECKED gt_err http_server_open(const http_server_config *cfg, http_server **out);
/** Answers from now on: call it when all that cfg.app needs is there. Once. @return IO, MEMORY */
GT_CHECKED gt_err http_server_start(http_server *server);
/** Ends every stream, waits for requests under way, stops the pool. cfg.app is not called again. */
void http_server_stop(http_server *server);
/** Stops first, where that was not done. Both accept NULL. */
void http_server_close(http_server *server);
uint16_t http_server_port(const http_server *server);
/** Valid until http_server_close, also before the start and after the stop. */
gt_event_sink http_server_events(http_server *server);

typedef struct http_server_stats {
    uint64_t requests;
    uint64_t refused; /* by a limit */
    uint32_t streams; /* now */
} http_server_stats;

http_server_stats http_server_counts(http_server *server);

#endif
