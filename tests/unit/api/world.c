#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static gt_err cheap_hash(void *ctx, const char *password, char out[PASSWORD_HASH_MAX])
{
    const world *w = ctx;
    GT_TRY(w->hash_fail);
    (void)snprintf(out, PASSWORD_HASH_MAX, "h:%.100s", password);
    return GT_ERR_OK;
}

static gt_err cheap_verify(void *ctx, const char *password, const char *hash)
{
    const world *w = ctx;
    GT_TRY(w->hash_fail);
    return strcmp(hash + 2, password) == 0 ? GT_ERR_OK : GT_ERR_AUTH;
}

static gt_err counted(void *ctx, uint8_t *out, size_t len)
{
    world *w = ctx;
    w->randomness++;
    memset(out, 0, len);
    memcpy(out, &w->randomness, sizeof w->randomness);
    return GT_ERR_OK;
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

static void wake(void *ctx)
{
    world *w = ctx;
    w->woken++;
}

static void stats(void *ctx, headend_stats *out)
{
    const world *w = ctx;
    *out = w->field;
}

static bool trusted(void *ctx)
{
    const world *w = ctx;
    return w->clock_trusted;
}

/* Receipts in plain text; a printer with a context does not print while w->printer_fails. */
static const receipt_template receipt_form = {
    .count = 1,
    .line = {
        {.kind = RECEIPT_LINE_TEXT,
         .text = "{part}/{room}/{amount}/{capitals}/{number}/{code}/{copy}/{customer}/{time};"}}};

static gt_err print_plain(void *ctx, const receipt_template *form, const receipt_values *parts,
                          size_t count, const receipt_sink *to)
{
    const world *w = ctx;
    for (size_t i = 0; i < count; i++) {
        char shown[RECEIPT_SHOWN_MAX];
        receipt_show(form->line[0].text, &parts[i], shown);
        to->write(to->ctx, shown, strlen(shown));
    }
    return w != NULL && w->printer_fails ? GT_ERR_IO : GT_ERR_OK;
}

void world_open_fresh(world *w)
{
    const store_place readings = test_place(STORE_DB_READINGS);
    *w = (world){.clock_trusted = true};
    till_open(&w->till, test_place(STORE_DB_TILL));
    assert_int_equal(direct_store_open(&readings, w->till.now.ms, &w->readings_db), GT_ERR_OK);
    w->till_store = direct_store_port(w->till.store);
    w->readings_store = direct_store_port(w->readings_db);
    w->password = (gt_password){.ctx = w, .hash = cheap_hash, .verify = cheap_verify};
    w->random = (gt_random){.ctx = w, .fill = counted};
    w->log = (gt_log){.write = no_log};
    w->access = (access){
        .store = &w->till_store, .password = &w->password, .random = &w->random, .log = &w->log};
    const api_config cfg = {
        .till = &w->till_store,
        .readings = &w->readings_store,
        .access = &w->access,
        .log = &w->log,
        .limits = vending_limits_default(),
        .station = "Shop",
        .receipt = &receipt_form,
        .receipt_pdf = {.content_type = "application/pdf", .print = print_plain},
        .receipt_escpos = {.ctx = w, .content_type = "escpos", .print = print_plain},
        .zone_min = GT_ZONE_CHINA_MIN,
        .lost_after_ms = API_LOST_AFTER_MS,
        .ctx = w,
        .wake = wake,
        .stats = stats,
        .clock_trusted = trusted};
    api_init(&w->api, &cfg);
    assert_int_equal(access_setup_begin(&w->access, w->till.now, w->setup_token), GT_ERR_OK);
}

void world_open(world *w)
{
    static const char *const names[ACCESS_ROLES] = {"boss", "cashier", "techie", "auditor"};
    world_open_fresh(w);
    const access_setup_form form = {w->setup_token, names[0], "lamp over river", "10.0.0.1"};
    assert_int_equal(
        access_setup_finish(&w->access, &form, w->till.now, &w->session[ACCESS_ROLE_ADMINISTRATOR]),
        GT_ERR_OK);
    for (unsigned i = 1; i < ACCESS_ROLES; i++) {
        const access_operator_form add = {names[i], "lamp over river", (access_role)i};
        const access_login_form login = {names[i], "lamp over river", "10.0.0.1"};
        assert_int_equal(access_operator_add(&w->access, &add, w->till.now), GT_ERR_OK);
        assert_int_equal(access_login(&w->access, &login, w->till.now, &w->session[i]), GT_ERR_OK);
    }
}

void world_close(world *w)
{
    direct_store_close(w->readings_db);
    till_close(&w->till);
}

static void body_write(void *ctx, const void *buf, size_t len)
{
    world *w = ctx;
    assert_true(len < sizeof w->body - w->body_len);
    memcpy(w->body + w->body_len, buf, len);
    w->body_len += len;
    w->body[w->body_len] = '\0';
}

static void body_reset(void *ctx)
{
    world *w = ctx;
    w->body_len = 0;
    w->body[0] = '\0';
}

static bool body_failed(void *ctx)
{
    (void)ctx;
    return false;
}

int world_ask(world *w, const ask *a)
{
    char csrf[TOKEN_CSRF_MAX] = "";
    char name[64] = "";
    http_parameter query = {.name = name, .value = ""};
    if (a->session != NULL && !a->no_csrf) {
        (void)(token_csrf(a->session, csrf) == GT_ERR_OK); /* a bad token has none */
    }
    if (a->query != NULL) {
        const size_t len = strcspn(a->query, "=");
        (void)snprintf(name, sizeof name, "%.*s", (int)len, a->query);
        query.value = a->query + len + (a->query[len] == '=');
    }
    const char *body = a->body != NULL ? a->body : "";
    const http_request request = {.method = a->method,
                                  .path = a->path,
                                  .query = &query,
                                  .query_count = a->query != NULL,
                                  .session = a->session,
                                  .csrf = csrf[0] != '\0' ? csrf : NULL,
                                  .content_type = a->content_type != NULL ? a->content_type
                                                                          : "application/json",
                                  .body = body,
                                  .body_len = strlen(body),
                                  .peer = "10.0.0.1",
                                  .now = w->till.now};
    http_answer answer = {
        .status = 500,
        .body = {.ctx = w, .write = body_write, .reset = body_reset, .failed = body_failed}};
    const http_app app = api_app(&w->api);
    body_reset(w);
    app.handle(app.ctx, &request, &answer);
    w->status = answer.status;
    w->events = answer.events;
    w->retry_after_s = answer.retry_after_s;
    (void)snprintf(w->cookie, sizeof w->cookie, "%s", answer.set_cookie);
    return answer.status;
}

int world_get(world *w, access_role role, const char *path, const char *query)
{
    const ask a = {
        .method = HTTP_GET, .path = path, .query = query, .session = w->session[role].token};
    return world_ask(w, &a);
}

int world_post(world *w, access_role role, const char *path, const char *body)
{
    const ask a = {
        .method = HTTP_POST, .path = path, .body = body, .session = w->session[role].token};
    return world_ask(w, &a);
}

bool world_says(const world *w, const char *part)
{
    return strstr(w->body, part) != NULL;
}

static gt_err read_work(const store_tx *tx, void *arg)
{
    return headend_latest_put(tx, arg);
}

void world_read(world *w, int index, const seen *s)
{
    headend_latest latest = {.meter_id = w->till.meter[index],
                             .terminal_id = w->till.terminal,
                             .online = true,
                             .received = w->till.now};
    reading *r = &latest.values;
    r->taken.ms = w->till.now.ms - s->taken_ago_ms;
    reading_set(r, ITEM_BALANCE, s->balance_fen);
    reading_set(r, ITEM_POWER, 12345);
    for (unsigned id = ITEM_RELAY_A; id <= ITEM_RELAY_C; id++) {
        reading_set(r, (item_id)id, s->relay_closed);
    }
    for (unsigned id = ITEM_IN_DEBT; id <= ITEM_PROTECTED; id++) {
        reading_set(r, (item_id)id, (s->flags >> id & 1U) != 0);
    }
    assert_int_equal(direct_store_write(w->readings_db, read_work, &latest), GT_ERR_OK);
}
