/**
 * @file http.h
 * @brief One HTTP request and its answer, as routes see them: no library, no socket.
 *
 * Layer:   port.
 * Real:    adapter/http (libmicrohttpd), tests (structs filled by hand).
 * Limits:  a request beyond them never reaches a route: the adapter answers 413, 414 or 431.
 */
#ifndef GT_PORT_HTTP_H
#define GT_PORT_HTTP_H

#include "base/err.h"
#include "base/time.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    HTTP_BODY_MAX = 65536,       /* bytes of a request's body */
    HTTP_ANSWER_MAX = 8388608,   /* bytes of an answer's body */
    HTTP_PATH_MAX = 512,         /* with terminator */
    HTTP_QUERY_MAX = 16,         /* parameters */
    HTTP_PEER_MAX = 46,          /* textual address, with terminator */
    HTTP_COOKIE_MAX = 256,       /* one Set-Cookie value, with terminator */
    HTTP_SESSION_TEXT_MAX = 128, /* session cookie as sent, with terminator */
};

/** The cookie that carries a session, and the header that proves the page sent the request. */
#define HTTP_SESSION_COOKIE "gt_session"
#define HTTP_CSRF_HEADER "X-CSRF-Token"

typedef enum http_method { HTTP_GET, HTTP_POST } http_method;

typedef struct http_parameter {
    const char *name;
    const char *value; /* percent-decoded, "" when there was none */
} http_parameter;

typedef struct http_request {
    http_method method;
    const char *path; /* percent-decoded, without the query, starts with '/' */
    const http_parameter *query;
    size_t query_count;
    const char *session;      /* value of HTTP_SESSION_COOKIE, NULL when absent */
    const char *csrf;         /* value of HTTP_CSRF_HEADER, NULL when absent */
    const char *content_type; /* without parameters, NULL when absent */
    const char *body;         /* body_len bytes, not terminated */
    size_t body_len;
    const char *peer; /* address without port */
    gt_utc now;
} http_request;

/** Where an answer's body goes. A failure sticks: later writes do nothing. */
typedef struct http_sink {
    void *ctx;
    void (*write)(void *ctx, const void *buf, size_t len);
    void (*reset)(void *ctx);  /* forget what was written, and any failure */
    bool (*failed)(void *ctx); /* HTTP_ANSWER_MAX passed, or no memory */
} http_sink;

typedef struct http_answer {
    int status;               /* 200 and so on */
    const char *content_type; /* static text */
    http_sink body;
    char set_cookie[HTTP_COOKIE_MAX]; /* "" for none */
    uint32_t retry_after_s;           /* 0 for none */
    bool events;                      /* 200 only: the connection becomes a live event stream */
} http_answer;

/** What answers requests. Called on any thread of the HTTP pool; may wait for the database. */
typedef struct http_app {
    void *ctx;
    void (*handle)(void *ctx, const http_request *request, http_answer *answer);
} http_app;

/** A page, script or style built in. */
typedef struct http_file {
    const char *path;         /* "/assets/app-3f2a.js" */
    const char *content_type; /* with charset */
    const char *etag;         /* with its quotes */
    const void *data;
    size_t len;
    bool gzip;      /* data is gzip'd */
    bool immutable; /* the name changes with the content: cached for a year */
} http_file;

#endif
