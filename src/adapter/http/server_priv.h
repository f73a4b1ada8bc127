/* Inside of the HTTP server, shared by its own files only. */
#ifndef GT_ADAPTER_HTTP_SERVER_PRIV_H
#define GT_ADAPTER_HTTP_SERVER_PRIV_H

#include "adapter/http/server.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

typedef enum MHD_Result mhd_result;

/** One accepted connection, watched for requests that never become whole. */
typedef struct guard {
    http_server *server;
    struct guard *next; /* free list */
    bool used;
    bool busy;   /* a request is being answered, or a stream is live */
    bool served; /* at least one request was answered */
    int fd;
    int64_t since_ms; /* when the present wait for a request began */
} guard;

/** One live event stream. */
typedef struct stream {
    struct stream *prev;
    struct stream *next;
    http_server *server;
    struct MHD_Connection *conn;
    uint64_t seen; /* events of the ring already sent */
    int64_t born_ms;
    int64_t beat_ms; /* last time anything was sent */
    bool suspended;
    bool greeted;
    size_t len; /* text waiting to be sent */
    size_t sent;
    char text[8192];
} stream;

typedef struct ring_event {
    gt_event_kind kind;
    int64_t id;
} ring_event;

struct http_server {
    http_server_config cfg;
    struct MHD_Daemon *daemon;
    int fd;
    uint16_t port;

    pthread_mutex_t guard_lock;
    guard *guards; /* cfg.connections_max */
    guard *guard_free;

    pthread_mutex_t event_lock;
    pthread_cond_t event_cond;
    ring_event ring[HTTP_SERVER_EVENT_RING];
    uint64_t published; /* events ever */
    uint64_t pulsed;    /* of those, how many the streams were woken for */
    stream *streams;
    unsigned stream_count;
    bool stopping;
    pthread_t pulse; /* wakes streams, ends requests that take too long */

    atomic_uint_fast64_t requests;
    atomic_uint_fast64_t refused;
};

int64_t http_mono_ms(void);

/* guard.c */
GT_CHECKED gt_err guard_open(http_server *server);
void guard_close(http_server *server);
void guard_notify(void *cls, struct MHD_Connection *conn, void **socket_ctx,
                  enum MHD_ConnectionNotificationCode code);
/** The request of this connection is whole; until guard_wait it is not timed. */
void guard_busy(struct MHD_Connection *conn);
/** Its answer is out: the next request may come. */
void guard_wait(struct MHD_Connection *conn);
/** End what waits too long. */
void guard_sweep(http_server *server, int64_t now_ms);

/* stream.c */
GT_CHECKED gt_err stream_pulse_start(http_server *server);
/** Ends all streams and the pulse. No stream can start afterwards. */
void stream_stop_all(http_server *server);
/** @return NULL when there are as many streams as allowed, or no memory */
struct MHD_Response *stream_start(http_server *server, struct MHD_Connection *conn);
void stream_publish(void *ctx, gt_event_kind kind, int64_t id);

/* file.c */
/** @return NULL when there is no such page */
const http_file *file_find(const http_server *server, const char *path);
mhd_result file_answer(struct MHD_Connection *conn, const http_file *file);

/* exchange.c */
mhd_result exchange_step(void *cls, struct MHD_Connection *conn, const char *url,
                         const char *method, const char *version, const char *upload,
                         size_t *upload_len, void **ctx);
void exchange_end(void *cls, struct MHD_Connection *conn, void **ctx,
                  enum MHD_RequestTerminationCode code);
/** What every answer carries. */
void exchange_headers(struct MHD_Response *response);

#endif
