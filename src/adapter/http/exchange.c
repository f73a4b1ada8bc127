/* One request: gather it within its limits, hand it to the application or to the built-in pages,
 * send the answer. */
#include "adapter/http/server_priv.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct exchange {
    http_server *server;
    unsigned refuse; /* status to answer instead of asking the application; 0 for none */
    char *body;
    size_t body_len;
    http_parameter query[HTTP_QUERY_MAX];
    size_t query_count;
    char peer[HTTP_PEER_MAX];
    char content_type[64];
    char *answer;
    size_t answer_len;
    size_t answer_cap;
    bool answer_failed;
} exchange;

void exchange_headers(struct MHD_Response *response)
{
    static const char *const rows[][2] = {
        {"Content-Security-Policy",
         "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
         "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
         "frame-ancestors 'none'"},
        {"X-Content-Type-Options", "nosniff"},
        {"X-Frame-Options", "DENY"},
        {"Referrer-Policy", "no-referrer"},
        {"Cross-Origin-Opener-Policy", "same-origin"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
        {"Permissions-Policy", "camera=(), microphone=(), geolocation=()"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        (void)MHD_add_response_header(response, rows[i][0], rows[i][1]);
    }
}

static void body_write(void *ctx, const void *buf, size_t len)
{
    exchange *x = ctx;
    if (x->answer_failed || len > HTTP_ANSWER_MAX - x->answer_len) {
        x->answer_failed = true;
        return;
    }
    if (x->answer_len + len > x->answer_cap) {
        size_t cap = x->answer_cap == 0 ? 4096 : x->answer_cap;
        while (cap < x->answer_len + len) {
            cap *= 2;
        }
        char *grown = realloc(x->answer, cap);
        if (grown == NULL) {
            x->answer_failed = true;
            return;
        }
        x->answer = grown;
        x->answer_cap = cap;
    }
    memcpy(x->answer + x->answer_len, buf, len);
    x->answer_len += len;
}

static void body_reset(void *ctx)
{
    exchange *x = ctx;
    x->answer_len = 0;
    x->answer_failed = false;
}

static bool body_failed(void *ctx)
{
    const exchange *x = ctx;
    return x->answer_failed;
}

static mhd_result refuse(exchange *x, struct MHD_Connection *conn, unsigned status)
{
    (void)atomic_fetch_add(&x->server->refused, 1);
    struct MHD_Response *response =
        MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    if (response == NULL) {
        return MHD_NO;
    }
    exchange_headers(response);
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED) {
        (void)MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD, POST");
    }
    const mhd_result queued = MHD_queue_response(conn, status, response);
    MHD_destroy_response(response);
    return queued;
}

static mhd_result send_answer(exchange *x, struct MHD_Connection *conn, const http_answer *answer)
{
    struct MHD_Response *response = NULL;
    if (answer->events) {
        response = stream_start(x->server, conn);
        if (response == NULL) {
            return refuse(x, conn, MHD_HTTP_SERVICE_UNAVAILABLE);
        }
        (void)MHD_add_response_header(response, "X-Accel-Buffering", "no");
    } else {
        response = MHD_create_response_from_buffer(x->answer_len, x->answer, MHD_RESPMEM_MUST_FREE);
        if (response == NULL) {
            return MHD_NO;
        }
        x->answer = NULL;
    }
    exchange_headers(response);
    (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, answer->content_type);
    (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    if (answer->set_cookie[0] != '\0') {
        (void)MHD_add_response_header(response, MHD_HTTP_HEADER_SET_COOKIE, answer->set_cookie);
    }
    if (answer->retry_after_s != 0) {
        char seconds[16];
        (void)snprintf(seconds, sizeof seconds, "%u", answer->retry_after_s);
        (void)MHD_add_response_header(response, MHD_HTTP_HEADER_RETRY_AFTER, seconds);
    }
    const mhd_result queued = MHD_queue_response(conn, (unsigned)answer->status, response);
    MHD_destroy_response(response);
    return queued;
}

static bool for_application(const char *path)
{
    return strncmp(path, "/api/", 5) == 0 || strcmp(path, "/healthz") == 0 ||
           strcmp(path, "/metrics") == 0;
}

static mhd_result answer(exchange *x, struct MHD_Connection *conn, const char *url, bool post)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    const http_request request = {
        .method = post ? HTTP_POST : HTTP_GET,
        .path = url,
        .query = x->query,
        .query_count = x->query_count,
        .session = MHD_lookup_connection_value(conn, MHD_COOKIE_KIND, HTTP_SESSION_COOKIE),
        .csrf = MHD_lookup_connection_value(conn, MHD_HEADER_KIND, HTTP_CSRF_HEADER),
        .content_type = x->content_type[0] != '\0' ? x->content_type : NULL,
        .body = x->body != NULL ? x->body : "",
        .body_len = x->body_len,
        .peer = x->peer,
        .now = {.ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000},
    };
    http_answer out = {
        .status = MHD_HTTP_INTERNAL_SERVER_ERROR,
        .content_type = "application/json; charset=utf-8",
        .body = {.ctx = x, .write = body_write, .reset = body_reset, .failed = body_failed}};
    x->server->cfg.app.handle(x->server->cfg.app.ctx, &request, &out);
    return send_answer(x, conn, &out);
}

static void peer_of(struct MHD_Connection *conn, char out[HTTP_PEER_MAX])
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(conn, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    (void)snprintf(out, HTTP_PEER_MAX, "-");
    if (info != NULL && info->client_addr->sa_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, info->client_addr, sizeof v4);
        (void)inet_ntop(AF_INET, &v4.sin_addr, out, HTTP_PEER_MAX);
    } else if (info != NULL && info->client_addr->sa_family == AF_INET6) {
        struct sockaddr_in6 v6;
        memcpy(&v6, info->client_addr, sizeof v6);
        (void)inet_ntop(AF_INET6, &v6.sin6_addr, out, HTTP_PEER_MAX);
    }
}

static mhd_result take_parameter(void *cls, enum MHD_ValueKind kind, const char *key,
                                 const char *value)
{
    exchange *x = cls;
    (void)kind;
    if (x->query_count == HTTP_QUERY_MAX) {
        x->refuse = MHD_HTTP_URI_TOO_LONG;
        return MHD_NO;
    }
    x->query[x->query_count++] = (http_parameter){.name = key, .value = value != NULL ? value : ""};
    return MHD_YES;
}

static unsigned limits_broken(struct MHD_Connection *conn, const char *url, const char *method)
{
    if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0 &&
        strcmp(method, MHD_HTTP_METHOD_POST) != 0) {
        return MHD_HTTP_METHOD_NOT_ALLOWED;
    }
    if (strlen(url) >= HTTP_PATH_MAX) {
        return MHD_HTTP_URI_TOO_LONG;
    }
    const char *length =
        MHD_lookup_connection_value(conn, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
    if (length != NULL && strtoull(length, NULL, 10) > HTTP_BODY_MAX) {
        return MHD_HTTP_CONTENT_TOO_LARGE;
    }
    return 0;
}

static mhd_result begin(http_server *server, struct MHD_Connection *conn, const char *url,
                        const char *method, void **ctx)
{
    exchange *x = calloc(1, sizeof *x);
    if (x == NULL) {
        return MHD_NO;
    }
    *ctx = x;
    x->server = server;
    (void)atomic_fetch_add(&server->requests, 1);
    const unsigned broken = limits_broken(conn, url, method);
    if (broken != 0) {
        /* Answered now: the library does not read the rest, and closes. */
        guard_busy(conn);
        return refuse(x, conn, broken);
    }
    return MHD_YES;
}

/* Past the limit the rest is read and dropped: an answer is possible only after it, and the guard
 * bounds how long that takes. */
static void take_body(exchange *x, const char *upload, size_t len)
{
    if (x->refuse != 0) {
        return;
    }
    if (len > HTTP_BODY_MAX - x->body_len) {
        x->refuse = MHD_HTTP_CONTENT_TOO_LARGE;
        return;
    }
    char *grown = realloc(x->body, x->body_len + len);
    if (grown == NULL) {
        x->refuse = MHD_HTTP_SERVICE_UNAVAILABLE;
        return;
    }
    x->body = grown;
    memcpy(x->body + x->body_len, upload, len);
    x->body_len += len;
}

static mhd_result whole(exchange *x, struct MHD_Connection *conn, const char *url,
                        const char *method)
{
    const bool post = strcmp(method, MHD_HTTP_METHOD_POST) == 0;
    guard_busy(conn);
    if (x->refuse == 0 && !for_application(url)) {
        const http_file *file = post ? NULL : file_find(x->server, url);
        return file != NULL ? file_answer(conn, file) : refuse(x, conn, MHD_HTTP_NOT_FOUND);
    }
    (void)MHD_get_connection_values(conn, MHD_GET_ARGUMENT_KIND, take_parameter, x);
    if (x->refuse != 0) {
        return refuse(x, conn, x->refuse);
    }
    const char *type =
        MHD_lookup_connection_value(conn, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_TYPE);
    if (type != NULL) {
        (void)snprintf(x->content_type, sizeof x->content_type, "%.*s", (int)strcspn(type, "; "),
                       type);
    }
    peer_of(conn, x->peer);
    return answer(x, conn, url, post);
}

mhd_result exchange_step(void *cls, struct MHD_Connection *conn, const char *url,
                         const char *method, const char *version, const char *upload,
                         size_t *upload_len, void **ctx)
{
    (void)version;
    if (*ctx == NULL) {
        return begin(cls, conn, url, method, ctx);
    }
    exchange *x = *ctx;
    if (*upload_len > 0) {
        take_body(x, upload, *upload_len);
        *upload_len = 0;
        return MHD_YES;
    }
    return whole(x, conn, url, method);
}

void exchange_end(void *cls, struct MHD_Connection *conn, void **ctx,
                  enum MHD_RequestTerminationCode code)
{
    (void)cls;
    (void)code;
    exchange *x = *ctx;
    if (x != NULL) {
        free(x->body);
        free(x->answer);
        free(x);
        *ctx = NULL;
    }
    guard_wait(conn);
}
