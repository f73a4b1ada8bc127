/* Who may enter, what is refused, what is shown: every route with its errors. */
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static world w;

static int set_up(void **state)
{
    (void)state;
    world_open(&w);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    world_close(&w);
    return 0;
}

/* Every route against every role: the table of rights, seen from outside. */
static void the_matrix(void **state)
{
    (void)state;
    static const struct {
        http_method method;
        const char *path;
        const char *body;
        int want[ACCESS_ROLES]; /* administrator, cashier, technician, auditor */
    } rows[] = {
        {HTTP_GET, "/api/me", NULL, {200, 200, 200, 200}},
        {HTTP_GET, "/api/status", NULL, {200, 200, 200, 200}},
        {HTTP_GET, "/api/rooms", NULL, {200, 200, 200, 200}},
        {HTTP_GET, "/api/rooms/1", NULL, {200, 200, 200, 200}},
        {HTTP_GET, "/api/events", NULL, {200, 200, 200, 200}},
        {HTTP_GET, "/api/orders", NULL, {200, 200, 403, 200}},
        {HTTP_GET, "/api/orders/999", NULL, {404, 404, 403, 404}},
        {HTTP_POST, "/api/sales", "{}", {400, 400, 403, 403}},
        {HTTP_POST,
         "/api/rooms/1/commands",
         "{\"command\":\"read\",\"key\":\"\"}",
         {400, 400, 400, 403}},
        {HTTP_POST,
         "/api/rooms/1/commands",
         "{\"command\":\"restore\",\"key\":\"\"}",
         {400, 400, 400, 403}},
        {HTTP_POST,
         "/api/rooms/1/commands",
         "{\"command\":\"cut\",\"key\":\"\"}",
         {400, 403, 400, 403}},
        {HTTP_POST,
         "/api/rooms/1/commands",
         "{\"command\":\"protect\",\"key\":\"\"}",
         {400, 403, 403, 403}},
        {HTTP_POST,
         "/api/rooms/1/commands",
         "{\"command\":\"unprotect\",\"key\":\"\"}",
         {400, 403, 403, 403}},
        {HTTP_POST,
         "/api/rooms/1/commands",
         "{\"command\":\"credit\",\"key\":\"\"}",
         {400, 400, 400, 400}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (unsigned role = 0; role < ACCESS_ROLES; role++) {
            const ask a = {.method = rows[i].method,
                           .path = rows[i].path,
                           .body = rows[i].body,
                           .session = w.session[role].token};
            if (world_ask(&w, &a) != rows[i].want[role]) {
                fail_msg("%s as %u: %d %s", rows[i].path, role, w.status, w.body);
            }
        }
        const ask stranger = {.method = rows[i].method, .path = rows[i].path, .body = rows[i].body};
        assert_int_equal(world_ask(&w, &stranger), 401);
        assert_true(world_says(&w, "\"code\":\"no_session\""));
    }
}

static void the_door(void **state)
{
    (void)state;
    const char *token = w.session[0].token;
    const struct {
        ask ask;
        int want;
        const char *code;
    } rows[] = {
        {{HTTP_GET, "/api/nothing", .session = token}, 404, "not_found"},
        {{HTTP_GET, "/api/rooms/", .session = token}, 404, "not_found"},
        {{HTTP_GET, "/api/rooms/0", .session = token}, 404, "not_found"},
        {{HTTP_GET, "/api/rooms/-1", .session = token}, 404, "not_found"},
        {{HTTP_GET, "/api/rooms/1x", .session = token}, 404, "not_found"},
        {{HTTP_GET, "/api/rooms/9999999999999999999", .session = token}, 404, "not_found"},
        {{HTTP_GET, "/api/rooms/77", .session = token}, 404, "not_found"},
        {{HTTP_GET, "/api/rooms/1/commands", .session = token}, 405, "method"},
        {{HTTP_POST, "/api/rooms", .session = token, .body = "{}"}, 405, "method"},
        {{HTTP_GET, "/api/login"}, 405, "method"},
        {{HTTP_GET, "/api/me", .session = "zz"}, 401, "no_session"},
        {{HTTP_POST, "/api/logout", .body = "{}", .session = token, .no_csrf = true}, 403, "csrf"},
        {{HTTP_POST, "/api/logout", .body = "{}", .session = token, .content_type = "text/plain"},
         415,
         "media_type"},
        {{HTTP_POST, "/api/logout", .body = "", .session = token}, 400, "bad_json"},
        {{HTTP_POST, "/api/logout", .body = "{\"a\":1}", .session = token}, 400, "unknown_field"},
        {{HTTP_GET, "/api/rooms", .query = "colour=red", .session = token}, 400, "bad_query"},
        {{HTTP_GET, "/api/rooms", .query = "state=happy", .session = token}, 400, "bad_query"},
        {{HTTP_GET, "/api/rooms", .query = "meters=", .session = token}, 400, "bad_query"},
        {{HTTP_GET, "/api/rooms", .query = "meters=1,", .session = token}, 400, "bad_query"},
        {{HTTP_GET, "/api/rooms", .query = "meters=1;2", .session = token}, 400, "bad_query"},
        {{HTTP_GET, "/api/orders", .query = "limit=201", .session = token}, 400, "bad_query"},
        {{HTTP_GET, "/api/orders", .query = "limit=0", .session = token}, 400, "bad_query"},
        {{HTTP_GET, "/api/orders", .query = "before=1e3", .session = token}, 400, "bad_query"},
        {{HTTP_GET, "/api/rooms/1", .query = "meter_id=2", .session = token}, 404, "not_found"},
    };
    char code[64];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        (void)snprintf(code, sizeof code, "\"code\":\"%s\"", rows[i].code);
        if (world_ask(&w, &rows[i].ask) != rows[i].want || !world_says(&w, code)) {
            fail_msg("%s %s: %d %s", rows[i].ask.path, code, w.status, w.body);
        }
    }
}

static void login_and_out(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        int want;
        const char *code;
    } rows[] = {
        {"{\"name\":\"boss\",\"password\":\"wrong wrong\"}", 401, "login_wrong"},
        {"{\"name\":\"nobody\",\"password\":\"wrong wrong\"}", 401, "login_wrong"},
        {"{\"name\":\"boss\"}", 400, "missing_field"},
        {"{\"name\":\"boss\",\"password\":7}", 400, "bad_field"},
        {"{\"name\":\"boss\",\"password\":null}", 400, "bad_field"},
        {"{\"name\":\"boss\",\"password\":\"x\",\"name\":\"boss\"}", 400, "bad_json"},
        {"{\"name\":\"bo\\u0000ss\",\"password\":\"x\"}", 400, "bad_json"},
        {"[]", 400, "bad_json"},
        {"{\"name\":NaN}", 400, "bad_json"},
        {"{", 400, "bad_json"},
    };
    char code[64];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const ask a = {.method = HTTP_POST, .path = "/api/login", .body = rows[i].body};
        (void)snprintf(code, sizeof code, "\"code\":\"%s\"", rows[i].code);
        if (world_ask(&w, &a) != rows[i].want || !world_says(&w, code)) {
            fail_msg("%s: %d %s", rows[i].body, w.status, w.body);
        }
        assert_string_equal(w.cookie, "");
    }
    const ask good = {.method = HTTP_POST,
                      .path = "/api/login",
                      .body = "{\"name\":\"boss\",\"password\":\"lamp over river\"}"};
    w.hash_fail = GT_ERR_BUSY;
    assert_int_equal(world_ask(&w, &good), 503);
    assert_int_equal(w.retry_after_s, 1);
    w.hash_fail = GT_ERR_OK;
    assert_int_equal(world_ask(&w, &good), 200);
    assert_non_null(strstr(w.cookie, "HttpOnly; SameSite=Strict"));
    assert_null(strstr(w.body, "lamp"));
    char token[TOKEN_TEXT_MAX];
    (void)snprintf(token, sizeof token, "%.64s", strchr(w.cookie, '=') + 1);
    const ask me = {.method = HTTP_GET, .path = "/api/me", .session = token};
    assert_int_equal(world_ask(&w, &me), 200);
    const ask out = {.method = HTTP_POST, .path = "/api/logout", .body = "{}", .session = token};
    assert_int_equal(world_ask(&w, &out), 200);
    assert_non_null(strstr(w.cookie, "gt_session=; "));
    assert_int_equal(world_ask(&w, &me), 401);
}

static void guessing_ends_in_429(void **state)
{
    (void)state;
    const ask a = {.method = HTTP_POST,
                   .path = "/api/login",
                   .body = "{\"name\":\"boss\",\"password\":\"wrong wrong\"}"};
    for (int i = 0; i < ACCESS_ATTEMPTS_NAME; i++) {
        assert_int_equal(world_ask(&w, &a), 401);
    }
    assert_int_equal(world_ask(&w, &a), 429);
    assert_int_equal(w.retry_after_s, 900);
}

static void setup_once(void **state)
{
    (void)state;
    char body[256];
    world_close(&w);
    world_open_fresh(&w);
    const ask start = {.method = HTTP_GET, .path = "/api/start"};
    ask use = {.method = HTTP_POST, .path = "/api/setup", .body = body};
    const struct {
        const char *token;
        const char *name;
        const char *password;
        int want;
        const char *code;
    } rows[] = {
        {"00", "boss", "lamp over river", 401, "setup_link"},
        {w.setup_token, "Big Boss", "lamp over river", 400, "bad_name"},
        {w.setup_token, "boss", "short", 400, "weak_password"},
        {w.setup_token, "boss", "lamp over river", 200, "me"},
        {w.setup_token, "boss", "lamp over river", 401, "setup_link"},
    };
    assert_int_equal(world_ask(&w, &start), 200);
    assert_true(world_says(&w, "\"setup_pending\":true"));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        (void)snprintf(body, sizeof body, "{\"token\":\"%s\",\"name\":\"%s\",\"password\":\"%s\"}",
                       rows[i].token, rows[i].name, rows[i].password);
        assert_int_equal(world_ask(&w, &use), rows[i].want);
        assert_true(rows[i].want == 200 || world_says(&w, rows[i].code));
        assert_int_equal(rows[i].want == 200, w.cookie[0] != '\0');
    }
    assert_int_equal(world_ask(&w, &start), 200);
    assert_true(world_says(&w, "\"setup_pending\":false"));
}

static void the_board(void **state)
{
    (void)state;
    world_read(&w, 0, &(seen){1000, 12345, true, 0});
    world_read(&w, 1, &(seen){1000, -250, false, UINT64_C(1) << ITEM_IN_DEBT});
    world_read(&w, 2, &(seen){API_LOST_AFTER_MS + 1, 100, true, 0});
    assert_int_equal(world_get(&w, ACCESS_ROLE_AUDITOR, "/api/rooms", NULL), 200);
    assert_true(world_says(&w, "\"state\":\"open\",\"protected\":false,\"online\":true,"
                               "\"balance\":\"123.45\",\"power\":\"1.2345\",\"relay\":\"closed\""));
    assert_true(world_says(&w, "\"state\":\"in_debt\""));
    assert_true(world_says(&w, "\"balance\":\"-2.50\""));
    assert_true(world_says(&w, "\"state\":\"lost\",\"protected\":false,\"online\":false,"
                               "\"balance\":null") ||
                world_says(&w, "\"state\":\"lost\""));
    assert_int_equal(world_get(&w, ACCESS_ROLE_AUDITOR, "/api/rooms", "state=in_debt"), 200);
    assert_true(world_says(&w, "\"name\":\"102\""));
    assert_false(world_says(&w, "\"name\":\"201\""));
    assert_int_equal(world_get(&w, ACCESS_ROLE_AUDITOR, "/api/rooms", "building=B"), 200);
    assert_false(world_says(&w, "\"building\":\"A\""));
    assert_int_equal(world_get(&w, ACCESS_ROLE_AUDITOR, "/api/rooms", "text=000000000003"), 200);
    assert_true(world_says(&w, "\"name\":\"201\""));
    assert_false(world_says(&w, "\"name\":\"101\""));
    assert_int_equal(world_get(&w, ACCESS_ROLE_AUDITOR, "/api/rooms", "meters=2,77"), 200);
    assert_true(world_says(&w, "\"name\":\"102\""));
    assert_false(world_says(&w, "\"name\":\"101\""));
    w.field.sessions = 1;
    assert_int_equal(world_get(&w, ACCESS_ROLE_AUDITOR, "/api/status", NULL), 200);
    assert_true(world_says(&w, "\"terminals\":1,\"terminals_online\":1,\"meters\":6,"
                               "\"meters_online\":3,\"relays_open\":1"));
    assert_true(world_says(&w, "\"money_today\":\"0.00\""));
    assert_int_equal(world_get(&w, ACCESS_ROLE_TECHNICIAN, "/api/status", NULL), 200);
    assert_false(world_says(&w, "money_today"));
    assert_int_equal(world_get(&w, ACCESS_ROLE_TECHNICIAN, "/api/rooms/1", NULL), 200);
    assert_true(world_says(&w, "\"zh\":\"剩余金额\",\"en\":\"Remaining amount\",\"unit\":\"yuan\","
                               "\"value\":\"123.45\""));
    assert_false(world_says(&w, "\"orders\""));
}

static void machines(void **state)
{
    (void)state;
    const ask health = {.method = HTTP_GET, .path = "/healthz"};
    const ask metrics = {.method = HTTP_GET, .path = "/metrics"};
    const ask openapi = {.method = HTTP_GET, .path = "/api/openapi.json"};
    assert_int_equal(world_ask(&w, &health), 200);
    w.field.polls_ok = 7;
    assert_int_equal(world_ask(&w, &metrics), 200);
    assert_true(world_says(&w, "\ngridtill_polls_ok_total 7\n"));
    assert_true(world_says(&w, "\ngridtill_rooms{state=\"lost\"} 6\n"));
    assert_int_equal(world_ask(&w, &openapi), 200);
    assert_true(world_says(&w, "\"/api/rooms/{id}/commands\":{\"post\""));
    assert_int_equal(world_get(&w, ACCESS_ROLE_AUDITOR, "/api/events", NULL), 200);
    assert_true(w.events);
}

int main(void)
{
#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        IN_WORLD(the_matrix),    IN_WORLD(the_door),
        IN_WORLD(login_and_out), IN_WORLD(guessing_ends_in_429),
        IN_WORLD(setup_once),    IN_WORLD(the_board),
        IN_WORLD(machines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
