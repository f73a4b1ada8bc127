/* Live events (server-sent events). Publishers put identities into a ring and go on; one thread
 * wakes the streams a few times a second, and each writes what it has not sent yet, many changes of
 * one thing as one. A stream that falls behind the ring is told to start over. */
#include "adapter/http/server_priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    PULSE_GAP_MS = 100, /* events of this long go out together */
    SWEEP_MS = 500,     /* how often beats and slow requests are looked at */
    TAKE_MAX = 256,     /* events looked at for one piece of text */
    KINDS = GT_EVENT_TERMINAL + 1,
};

static const char *const kind_names[KINDS] = {
    [GT_EVENT_METER] = "meter",
    [GT_EVENT_ORDER] = "order",
    [GT_EVENT_COMMAND] = "command",
    [GT_EVENT_TERMINAL] = "terminal",
};

void stream_publish(void *ctx, gt_event_kind kind, int64_t id)
{
    http_server *server = ctx;
    (void)pthread_mutex_lock(&server->event_lock);
    server->ring[server->published % HTTP_SERVER_EVENT_RING] = (ring_event){.kind = kind, .id = id};
    server->published++;
    if (server->published - server->pulsed == 1) {
        (void)pthread_cond_signal(&server->event_cond);
    }
    (void)pthread_mutex_unlock(&server->event_lock);
}

/* Appends; the sizes of TAKE_MAX and text make sure that it fits. */
__attribute__((format(printf, 2, 3))) static void put(stream *s, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const int wrote = vsnprintf(s->text + s->len, sizeof s->text - s->len, format, args);
    va_end(args);
    if (wrote > 0 && (size_t)wrote < sizeof s->text - s->len) {
        s->len += (size_t)wrote;
    }
}

static bool holds(const int64_t *ids, size_t count, int64_t id)
{
    for (size_t i = 0; i < count; i++) {
        if (ids[i] == id) {
            return true;
        }
    }
    return false;
}

/* One line of text for each kind that has news. */
static void put_events(stream *s)
{
    const http_server *server = s->server;
    uint64_t until = server->published;
    if (until - s->seen > TAKE_MAX) {
        until = s->seen + TAKE_MAX;
    }
    for (unsigned kind = 0; kind < KINDS; kind++) {
        int64_t ids[TAKE_MAX];
        size_t count = 0;
        for (uint64_t at = s->seen; at < until; at++) {
            const ring_event *event = &server->ring[at % HTTP_SERVER_EVENT_RING];
            if (event->kind == kind && !holds(ids, count, event->id)) {
                ids[count++] = event->id;
            }
        }
        if (count > 0) {
            put(s, "event: %s\ndata: {\"ids\":[", kind_names[kind]);
            for (size_t i = 0; i < count; i++) {
                put(s, i == 0 ? "%lld" : ",%lld", (long long)ids[i]);
            }
            put(s, "]}\n\n");
        }
    }
    s->seen = until;
}

static void fill(stream *s, int64_t now_ms)
{
    s->len = 0;
    s->sent = 0;
    if (!s->greeted) {
        s->greeted = true;
        put(s, "retry: 2000\nevent: hello\ndata: {}\n\n");
    } else if (s->server->published - s->seen > HTTP_SERVER_EVENT_RING) {
        s->seen = s->server->published;
        put(s, "event: reset\ndata: {}\n\n");
    } else if (s->server->published != s->seen) {
        put_events(s);
    } else if (now_ms - s->beat_ms >= HTTP_SERVER_EVENT_BEAT_MS) {
        put(s, ": beat\n\n");
    }
    if (s->len > 0) {
        s->beat_ms = now_ms;
    }
}

static ssize_t read_text(void *cls, uint64_t pos, char *buf, size_t max)
{
    stream *s = cls;
    http_server *server = s->server;
    const int64_t now_ms = http_mono_ms();
    ssize_t given = 0;
    (void)pos;
    (void)pthread_mutex_lock(&server->event_lock);
    if (s->sent == s->len) {
        fill(s, now_ms);
    }
    if (server->stopping || now_ms - s->born_ms >= HTTP_SERVER_EVENT_LIFE_MS) {
        given = MHD_CONTENT_READER_END_OF_STREAM;
    } else if (s->sent < s->len) {
        const size_t left = s->len - s->sent;
        const size_t take = left < max ? left : max;
        memcpy(buf, s->text + s->sent, take);
        s->sent += take;
        given = (ssize_t)take;
    } else {
        s->suspended = true;
        MHD_suspend_connection(s->conn);
    }
    (void)pthread_mutex_unlock(&server->event_lock);
    return given;
}

static void end(void *cls)
{
    stream *s = cls;
    http_server *server = s->server;
    (void)pthread_mutex_lock(&server->event_lock);
    if (s->prev != NULL) {
        s->prev->next = s->next;
    } else {
        server->streams = s->next;
    }
    if (s->next != NULL) {
        s->next->prev = s->prev;
    }
    server->stream_count--;
    (void)pthread_mutex_unlock(&server->event_lock);
    free(s);
}

struct MHD_Response *stream_start(http_server *server, struct MHD_Connection *conn)
{
    stream *s = calloc(1, sizeof *s);
    if (s == NULL) {
        return NULL;
    }
    s->server = server;
    s->conn = conn;
    s->born_ms = http_mono_ms();
    s->beat_ms = s->born_ms;
    (void)pthread_mutex_lock(&server->event_lock);
    const bool room = !server->stopping && server->stream_count < server->cfg.events_max;
    if (room) {
        s->seen = server->published;
        s->next = server->streams;
        if (s->next != NULL) {
            s->next->prev = s;
        }
        server->streams = s;
        server->stream_count++;
    }
    (void)pthread_mutex_unlock(&server->event_lock);
    if (!room) {
        free(s);
        return NULL;
    }
    struct MHD_Response *response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 4096, read_text, s, end);
    if (response == NULL) {
        end(s);
    }
    return response;
}

static void resume_due(http_server *server, int64_t now_ms)
{
    for (stream *s = server->streams; s != NULL; s = s->next) {
        const bool news = s->seen != server->published;
        const bool beat = now_ms - s->beat_ms >= HTTP_SERVER_EVENT_BEAT_MS;
        const bool old = now_ms - s->born_ms >= HTTP_SERVER_EVENT_LIFE_MS;
        if (s->suspended && (news || beat || old || server->stopping)) {
            s->suspended = false;
            MHD_resume_connection(s->conn);
        }
    }
}

static void wait_ms(http_server *server, int64_t ms)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += (long)(ms % 1000) * 1000000;
    until.tv_sec += (time_t)(ms / 1000) + until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    (void)pthread_cond_timedwait(&server->event_cond, &server->event_lock, &until);
}

static void *pulse(void *arg)
{
    http_server *server = arg;
    (void)pthread_mutex_lock(&server->event_lock);
    while (!server->stopping) {
        if (server->published == server->pulsed) {
            wait_ms(server, SWEEP_MS);
        }
        server->pulsed = server->published;
        const int64_t now_ms = http_mono_ms();
        resume_due(server, now_ms);
        (void)pthread_mutex_unlock(&server->event_lock);
        guard_sweep(server, now_ms);
        (void)pthread_mutex_lock(&server->event_lock);
        if (!server->stopping) {
            /* so that many events are one piece of text; stop ends the wait early */
            wait_ms(server, PULSE_GAP_MS);
        }
    }
    (void)pthread_mutex_unlock(&server->event_lock);
    return NULL;
}

gt_err stream_pulse_start(http_server *server)
{
    return pthread_create(&server->pulse, NULL, pulse, server) == 0 ? GT_ERR_OK : GT_ERR_MEMORY;
}

void stream_stop_all(http_server *server)
{
    (void)pthread_mutex_lock(&server->event_lock);
    server->stopping = true;
    resume_due(server, http_mono_ms());
    (void)pthread_cond_broadcast(&server->event_cond);
    (void)pthread_mutex_unlock(&server->event_lock);
    (void)pthread_join(server->pulse, NULL);
}
