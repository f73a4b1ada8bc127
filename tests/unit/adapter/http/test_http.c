/* The HTTP server over real sockets on loopback: limits, slow clients, pages, live events. */
#include "adapter/http/server.h"

#include <arpa/inet.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

enum { REPLY_MAX = 1 << 20, REQUEST_MS = 300, WAIT_MS = 5000 };

typedef struct world {
    http_server *server;
    char reply[REPLY_MAX];
    size_t reply_len;
} world;

static world w;

/* Answers with what it was asked, so that a test sees what arrived. */
static void echo(void *ctx, const http_request *request, http_answer *answer)
{
    char head[256];
    (void)ctx;
    if (strcmp(request->path, "/api/events") == 0) {
        answer->status = 200;
        answer->content_type = "text/event-stream";
        answer->events = true;
        return;
    }
    answer->status = 200;
    answer->content_type = "text/plain";
    (void)snprintf(answer->set_cookie, sizeof answer->set_cookie, "gt_session=1; HttpOnly");
    const int len =
        snprintf(head, sizeof head, "%d %s %s %s %s %s %s %zu|", request->method, request->path,
                 request->peer, request->session != NULL ? request->session : "-",
                 request->csrf != NULL ? request->csrf : "-",
                 request->content_type != NULL ? request->content_type : "-",
                 request->query_count > 0 ? request->query[0].value : "-", request->body_len);
    answer->body.write(answer->body.ctx, head, (size_t)len);
    answer->body.write(answer->body.ctx, request->body, request->body_len);
    if (strcmp(request->path, "/api/huge") == 0) {
        static char block[65536];
        while (!answer->body.failed(answer->body.ctx)) {
            answer->body.write(answer->body.ctx, block, sizeof block);
        }
        answer->body.reset(answer->body.ctx);
        answer->body.write(answer->body.ctx, "too much", 8);
    }
}

static void no_log(void *ctx, gt_log_level level, const char *event, const gt_log_field *fields,
                   size_t count)
{
    (void)ctx;
    (void)level;
    (void)event;
    (void)fields;
    (void)count;
}

static int set_up_listening(void **state)
{
    static const gt_log log = {.write = no_log};
    static const http_file files[] = {
        {"/index.html", "text/html; charset=utf-8", "\"one\"", "<p>hello", 8, false, false},
        {"/assets/a-1.js", "text/javascript", "\"two\"", "x=1", 3, false, true},
    };
    (void)state;
    http_server_config cfg = http_server_config_default();
    cfg.threads = 2;
    cfg.events_max = 2;
    cfg.request_ms = REQUEST_MS;
    cfg.app = (http_app){.handle = echo};
    cfg.files = files;
    cfg.file_count = 2;
    cfg.log = &log;
    assert_int_equal(http_server_open(&cfg, &w.server), GT_ERR_OK);
    return 0;
}

static int set_up(void **state)
{
    (void)set_up_listening(state);
    assert_int_equal(http_server_start(w.server), GT_ERR_OK);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    http_server_close(w.server);
    return 0;
}

static int dial(void)
{
    const struct sockaddr_in place = {.sin_family = AF_INET,
                                      .sin_port = htons(http_server_port(w.server)),
                                      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&place, sizeof place), 0);
    return fd;
}

static void say(int fd, const char *text, size_t len)
{
    while (len > 0) {
        const ssize_t sent = send(fd, text, len, MSG_NOSIGNAL);
        if (sent <= 0) {
            return; /* the server has closed: what it said before is what counts */
        }
        text += sent;
        len -= (size_t)sent;
    }
}

/* Reads until @p part arrives or the other side closes. */
static bool hear(int fd, const char *part)
{
    w.reply_len = 0;
    w.reply[0] = '\0';
    while (part == NULL || strstr(w.reply, part) == NULL) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        if (poll(&ready, 1, WAIT_MS) != 1) {
            fail_msg("nothing came; so far: %s", w.reply);
        }
        const ssize_t got = recv(fd, w.reply + w.reply_len, REPLY_MAX - 1 - w.reply_len, 0);
        if (got <= 0) {
            return false;
        }
        w.reply_len += (size_t)got;
        w.reply[w.reply_len] = '\0';
    }
    return true;
}

/* One request, one answer, read to the end of the connection. */
static const char *talk(const char *request)
{
    const int fd = dial();
    say(fd, request, strlen(request));
    (void)hear(fd, NULL);
    (void)close(fd);
    return w.reply;
}

#define LAST " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"

static void what_arrives(void **state)
{
    (void)state;
    const char *reply =
        talk("POST /api/a%20b?q=1%262" LAST "Cookie: other=2; gt_session=abc\r\nX-CSRF-Token: t\r\n"
             "Content-Type: application/json; charset=utf-8\r\nContent-Length: 2\r\n\r\n{}");
    assert_non_null(strstr(reply, "HTTP/1.1 200"));
    assert_non_null(strstr(reply, "1 /api/a b 127.0.0.1 abc t application/json 1&2 2|{}"));
    assert_non_null(strstr(reply, "Set-Cookie: gt_session=1; HttpOnly"));
    assert_non_null(strstr(reply, "Cache-Control: no-store"));
    assert_non_null(strstr(reply, "default-src 'none'; script-src 'self'"));
    assert_null(strstr(reply, "unsafe-inline"));
}

static void limits(void **state)
{
    (void)state;
    static const struct {
        const char *request;
        const char *want;
    } rows[] = {
        {"PUT /api/a" LAST "\r\n", "HTTP/1.1 405"},
        {"DELETE /" LAST "\r\n", "HTTP/1.1 405"},
        {"POST /api/a" LAST "Content-Length: 65537\r\n\r\n", "HTTP/1.1 413"},
        {"POST /api/a" LAST "Content-Length: 99999999999\r\n\r\n", "HTTP/1.1 413"},
        {"GET /api/a?a&b&c&d&e&f&g&h&i&j&k&l&m&n&o&p&q" LAST "\r\n", "HTTP/1.1 414"},
        {"GET /nothing.js" LAST "\r\n", "HTTP/1.1 404"},
        {"POST /index.html" LAST "Content-Length: 0\r\n\r\n", "HTTP/1.1 404"},
        {"GET /../etc/passwd.txt" LAST "\r\n", "HTTP/1.1 404"},
        {"GET /api/huge" LAST "\r\n", "too much"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strstr(talk(rows[i].request), rows[i].want) == NULL) {
            fail_msg("%s: %s", rows[i].request, w.reply);
        }
    }
}

static void a_chunked_body_has_the_same_limit(void **state)
{
    (void)state;
    static char chunk[8192];
    const int fd = dial();
    memset(chunk, 'x', sizeof chunk);
    static const char head[] = "POST /api/a" LAST "Transfer-Encoding: chunked\r\n\r\n";
    say(fd, head, sizeof head - 1);
    for (int i = 0; i < 9; i++) {
        say(fd, "2000\r\n", 6);
        say(fd, chunk, sizeof chunk);
        say(fd, "\r\n", 2);
    }
    say(fd, "0\r\n\r\n", 5);
    (void)hear(fd, NULL);
    (void)close(fd);
    assert_non_null(strstr(w.reply, "HTTP/1.1 413"));
}

static void long_path(void **state)
{
    (void)state;
    char request[1024] = "GET /api/";
    memset(request + 9, 'a', 600);
    (void)snprintf(request + 609, sizeof request - 609, "%s\r\n", LAST);
    assert_non_null(strstr(talk(request), "HTTP/1.1 414"));
}

static void pages(void **state)
{
    (void)state;
    const char *reply = talk("GET /rooms/12" LAST "\r\n");
    assert_non_null(strstr(reply, "<p>hello"));
    assert_non_null(strstr(reply, "ETag: \"one\""));
    assert_non_null(strstr(reply, "Cache-Control: no-cache"));
    reply = talk("GET /" LAST "If-None-Match: \"one\"\r\n\r\n");
    assert_non_null(strstr(reply, "HTTP/1.1 304"));
    assert_null(strstr(reply, "hello"));
    reply = talk("GET /assets/a-1.js" LAST "\r\n");
    assert_non_null(strstr(reply, "immutable"));
    reply = talk("HEAD /" LAST "\r\n");
    assert_non_null(strstr(reply, "HTTP/1.1 200"));
    assert_null(strstr(reply, "hello"));
}

static int64_t mono_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* A byte now and then does not keep a connection alive. */
static void a_trickling_request_is_ended(void **state)
{
    (void)state;
    const int64_t start = mono_ms(); /* before the server's own clock starts */
    const int fd = dial();
    bool open = true;
    say(fd, "GET /api/a HTTP/1.1\r\nX: ", 24);
    while (open && mono_ms() - start < WAIT_MS) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        char byte;
        say(fd, "y", 1);
        open = poll(&ready, 1, 50) == 0 || recv(fd, &byte, 1, 0) > 0;
    }
    (void)close(fd);
    assert_false(open);
    assert_true(mono_ms() - start >= REQUEST_MS);
    assert_true(http_server_counts(w.server).refused >= 1);
}

static int stream(void)
{
    static const char request[] = "GET /api/events HTTP/1.1\r\nHost: x\r\n\r\n";
    const int fd = dial();
    say(fd, request, sizeof request - 1);
    return fd;
}

static void events_arrive_gathered(void **state)
{
    (void)state;
    const gt_event_sink sink = http_server_events(w.server);
    const int fd = stream();
    assert_true(hear(fd, "event: hello"));
    assert_non_null(strstr(w.reply, "text/event-stream"));
    for (int round = 0; round < 3; round++) {
        for (int64_t id = 1; id <= 3; id++) {
            sink.publish(sink.ctx, GT_EVENT_METER, id);
        }
        sink.publish(sink.ctx, GT_EVENT_ORDER, 9);
    }
    assert_true(hear(fd, "event: order\ndata: {\"ids\":[9"));
    (void)close(fd);
}

/* Takes what comes until nothing has come for three pulses. */
static void drain(int fd)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    while (poll(&ready, 1, 300) == 1 && recv(fd, w.reply, REPLY_MAX, 0) > 0) {
    }
}

static void a_slow_stream_starts_over(void **state)
{
    (void)state;
    const gt_event_sink sink = http_server_events(w.server);
    const int fd = stream();
    assert_true(hear(fd, "event: hello"));
    for (int64_t id = 0; id < 40 * HTTP_SERVER_EVENT_RING; id++) { /* faster than it can send */
        sink.publish(sink.ctx, GT_EVENT_METER, id);
    }
    assert_true(hear(fd, "event: reset"));
    drain(fd); /* another reset may follow, and would cover the next event too */
    sink.publish(sink.ctx, GT_EVENT_COMMAND, 5);
    assert_true(hear(fd, "event: command\ndata: {\"ids\":[5]}"));
    (void)close(fd);
}

static void one_stream_too_many(void **state)
{
    (void)state;
    const int one = stream();
    assert_true(hear(one, "event: hello"));
    const int two = stream();
    assert_true(hear(two, "event: hello"));
    const int three = stream();
    assert_true(hear(three, "HTTP/1.1 503"));
    assert_int_equal(http_server_counts(w.server).streams, 2);
    (void)close(three);
    (void)close(two);
    (void)close(one);
    /* tear_down closes the server while two streams of clients that have gone are suspended */
}

/* Who comes before the application is ready waits for it. */
static void a_request_before_the_start_is_answered_after_it(void **state)
{
    static const char request[] = "GET /api/a" LAST "\r\n";
    (void)state;
    const int fd = dial();
    say(fd, request, sizeof request - 1);
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    assert_int_equal(poll(&ready, 1, 50), 0);
    assert_int_equal(http_server_counts(w.server).requests, 0);
    assert_int_equal(http_server_start(w.server), GT_ERR_OK);
    (void)hear(fd, NULL);
    (void)close(fd);
    assert_non_null(strstr(w.reply, "HTTP/1.1 200"));
}

/* Whoever publishes may end after the requests have. */
static void events_after_the_stop_do_no_harm(void **state)
{
    (void)state;
    const gt_event_sink sink = http_server_events(w.server);
    const int fd = stream();
    assert_true(hear(fd, "event: hello"));
    http_server_stop(w.server);
    sink.publish(sink.ctx, GT_EVENT_METER, 1);
    assert_false(hear(fd, NULL)); /* closed */
    assert_int_equal(http_server_counts(w.server).streams, 0);
    http_server_stop(w.server);
    (void)close(fd);
}

static void a_wrong_configuration(void **state)
{
    (void)state;
    http_server *server = NULL;
    http_server_config cfg = http_server_config_default();
    cfg.threads = 0;
    assert_int_equal(http_server_open(&cfg, &server), GT_ERR_RANGE);
    cfg = http_server_config_default();
    cfg.host = "localhost";
    assert_int_equal(http_server_open(&cfg, &server), GT_ERR_SYNTAX);
    cfg = http_server_config_default();
    cfg.host = "203.0.113.1"; /* not of this machine */
    assert_int_equal(http_server_open(&cfg, &server), GT_ERR_IO);
    http_server_close(NULL);
}

int main(void)
{
#define SERVED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        SERVED(what_arrives),
        SERVED(limits),
        SERVED(a_chunked_body_has_the_same_limit),
        SERVED(long_path),
        SERVED(pages),
        SERVED(a_trickling_request_is_ended),
        SERVED(events_arrive_gathered),
        SERVED(a_slow_stream_starts_over),
        SERVED(one_stream_too_many),
        SERVED(events_after_the_stop_do_no_harm),
        cmocka_unit_test_setup_teardown(a_request_before_the_start_is_answered_after_it,
                                        set_up_listening, tear_down),
        cmocka_unit_test(a_wrong_configuration),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
