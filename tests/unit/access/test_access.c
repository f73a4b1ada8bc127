/* Set-up, login and sessions over the real statements, with a cheap password hash and a clock that
 * is a number. */
#include "access/access.h"
#include "adapter/store/direct_store.h"
#include "test_place.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define PASSWORD "lamp over river"

typedef struct world {
    direct_store *db;
    gt_store store;
    gt_password password;
    gt_random random;
    gt_log log;
    access a;
    uint8_t next;     /* random */
    unsigned hashed;  /* password operations */
    gt_err hash_fail; /* what the next ones end with */
} world;

static gt_err fake_hash(void *ctx, const char *password, char out[PASSWORD_HASH_MAX])
{
    world *w = ctx;
    w->hashed++;
    GT_TRY(w->hash_fail);
    (void)snprintf(out, PASSWORD_HASH_MAX, "h:%.100s", password);
    return GT_ERR_OK;
}

static gt_err fake_verify(void *ctx, const char *password, const char *hash)
{
    world *w = ctx;
    w->hashed++;
    GT_TRY(w->hash_fail);
    return strcmp(hash + 2, password) == 0 ? GT_ERR_OK : GT_ERR_AUTH;
}

static gt_err counted(void *ctx, uint8_t *out, size_t len)
{
    world *w = ctx;
    memset(out, ++w->next, len);
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

static int set_up(void **state)
{
    static world w;
    const store_place place = test_place(STORE_DB_TILL);
    w = (world){0};
    assert_int_equal(direct_store_open(&place, 1, &w.db), GT_ERR_OK);
    w.store = direct_store_port(w.db);
    w.password = (gt_password){.ctx = &w, .hash = fake_hash, .verify = fake_verify};
    w.random = (gt_random){.ctx = &w, .fill = counted};
    w.log = (gt_log){.write = no_log};
    w.a = (access){.store = &w.store, .password = &w.password, .random = &w.random, .log = &w.log};
    *state = &w;
    return 0;
}

static int tear_down(void **state)
{
    world *w = *state;
    direct_store_close(w->db);
    return 0;
}

static gt_utc at(int64_t ms)
{
    return (gt_utc){.ms = 1700000000000 + ms};
}

static gt_err finish(world *w, const char *token, const char *name, const char *password,
                     gt_utc now, access_session *out)
{
    const access_setup_form form = {token, name, password, "10.0.0.1"};
    return access_setup_finish(&w->a, &form, now, out);
}

static gt_err login(world *w, const char *name, const char *password, gt_utc now,
                    access_session *out)
{
    const access_login_form form = {name, password, "10.0.0.1"};
    return access_login(&w->a, &form, now, out);
}

static access_session opened(world *w)
{
    char token[TOKEN_TEXT_MAX];
    access_session session;
    assert_int_equal(access_setup_begin(&w->a, at(0), token), GT_ERR_OK);
    assert_int_equal(finish(w, token, "boss", PASSWORD, at(1), &session), GT_ERR_OK);
    return session;
}

static void setup_link_works_once(void **state)
{
    world *w = *state;
    char first[TOKEN_TEXT_MAX];
    char second[TOKEN_TEXT_MAX];
    access_session session;
    bool pending = false;
    assert_int_equal(access_setup_begin(&w->a, at(0), first), GT_ERR_OK);
    assert_int_equal(access_setup_pending(&w->a, &pending), GT_ERR_OK);
    assert_true(pending);
    assert_int_equal(access_setup_begin(&w->a, at(5), second), GT_ERR_OK); /* started again */
    assert_int_equal(finish(w, first, "boss", PASSWORD, at(6), &session), GT_ERR_AUTH);
    assert_int_equal(finish(w, "", "boss", PASSWORD, at(6), &session), GT_ERR_AUTH);
    assert_int_equal(finish(w, second, "Boss", PASSWORD, at(6), &session), GT_ERR_SYNTAX);
    assert_int_equal(finish(w, second, "boss", "short", at(6), &session), GT_ERR_RANGE);
    assert_int_equal(finish(w, second, "boss", PASSWORD, at(5 + ACCESS_SETUP_LIFE_MS), &session),
                     GT_ERR_AUTH);
    assert_int_equal(finish(w, second, "boss", PASSWORD, at(6), &session), GT_ERR_OK);
    assert_string_equal(session.who.name, "boss");
    assert_int_equal(session.who.role, ACCESS_ROLE_ADMINISTRATOR);
    assert_int_equal(finish(w, second, "thief", PASSWORD, at(7), &session), GT_ERR_AUTH);
    assert_int_equal(access_setup_begin(&w->a, at(8), first), GT_ERR_EXISTS);
    assert_int_equal(access_setup_pending(&w->a, &pending), GT_ERR_OK);
    assert_false(pending);
}

static void nobody_logs_in_before_setup(void **state)
{
    world *w = *state;
    char token[TOKEN_TEXT_MAX];
    access_session session;
    assert_int_equal(access_setup_begin(&w->a, at(0), token), GT_ERR_OK);
    assert_int_equal(login(w, "admin", "", at(1), &session), GT_ERR_AUTH);
    assert_int_equal(login(w, "admin", "admin", at(1), &session), GT_ERR_AUTH);
}

static void login_tells_nothing(void **state)
{
    world *w = *state;
    access_session session;
    (void)opened(w);
    const unsigned before = w->hashed;
    assert_int_equal(login(w, "boss", "another password", at(2), &session), GT_ERR_AUTH);
    assert_int_equal(w->hashed, before + 1);
    assert_int_equal(login(w, "nobody", "another password", at(2), &session), GT_ERR_AUTH);
    assert_int_equal(w->hashed, before + 2); /* the same work */
    assert_int_equal(login(w, "boss", PASSWORD, at(3), &session), GT_ERR_OK);
    assert_string_equal(session.who.name, "boss");
}

static void guessing_is_limited_by_name(void **state)
{
    world *w = *state;
    access_session session;
    (void)opened(w);
    for (int i = 0; i < ACCESS_ATTEMPTS_NAME; i++) {
        assert_int_equal(login(w, "boss", "another password", at(10), &session), GT_ERR_AUTH);
    }
    const unsigned before = w->hashed;
    assert_int_equal(login(w, "boss", PASSWORD, at(11), &session), GT_ERR_TIMEOUT);
    assert_int_equal(w->hashed, before); /* costs no hash */
    assert_int_equal(login(w, "boss", PASSWORD, at(10 + ACCESS_ATTEMPT_WINDOW_MS), &session),
                     GT_ERR_OK);
}

static void guessing_is_limited_by_peer(void **state)
{
    world *w = *state;
    access_session session;
    (void)opened(w);
    char name[16];
    for (int i = 0; i < ACCESS_ATTEMPTS_PEER; i++) {
        (void)snprintf(name, sizeof name, "user%d", i);
        assert_int_equal(login(w, name, "another password", at(10), &session), GT_ERR_AUTH);
    }
    assert_int_equal(login(w, "boss", PASSWORD, at(11), &session), GT_ERR_TIMEOUT);
    const access_login_form elsewhere = {"boss", PASSWORD, "10.0.0.2"};
    assert_int_equal(access_login(&w->a, &elsewhere, at(11), &session), GT_ERR_OK);
}

static void success_clears_the_count(void **state)
{
    world *w = *state;
    access_session session;
    (void)opened(w);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < ACCESS_ATTEMPTS_NAME - 1; i++) {
            assert_int_equal(login(w, "boss", "another password", at(10), &session), GT_ERR_AUTH);
        }
        assert_int_equal(login(w, "boss", PASSWORD, at(11), &session), GT_ERR_OK);
    }
    for (int i = 0; i < ACCESS_ATTEMPTS_PEER - 27; i++) { /* the address is not forgiven */
        assert_int_equal(login(w, "nobody", "another password", at(10), &session), GT_ERR_AUTH);
    }
    assert_int_equal(login(w, "boss", PASSWORD, at(11), &session), GT_ERR_TIMEOUT);
}

static void a_busy_pool_is_no_failed_attempt(void **state)
{
    world *w = *state;
    access_session session;
    (void)opened(w);
    w->hash_fail = GT_ERR_BUSY;
    for (int i = 0; i < ACCESS_ATTEMPTS_PEER + 1; i++) {
        assert_int_equal(login(w, "boss", PASSWORD, at(10), &session), GT_ERR_BUSY);
    }
    w->hash_fail = GT_ERR_OK;
    assert_int_equal(login(w, "boss", PASSWORD, at(10), &session), GT_ERR_OK);
}

static void sessions_end(void **state)
{
    world *w = *state;
    access_session session = opened(w);
    access_session seen;
    char token[TOKEN_TEXT_MAX];
    (void)snprintf(token, sizeof token, "%s", session.token);
    assert_int_equal(access_check(&w->a, NULL, at(2), &seen), GT_ERR_AUTH);
    assert_int_equal(access_check(&w->a, "", at(2), &seen), GT_ERR_AUTH);
    assert_int_equal(access_check(&w->a, "00", at(2), &seen), GT_ERR_AUTH);
    assert_int_equal(access_check(&w->a, token, at(2), &seen), GT_ERR_OK);
    assert_string_equal(seen.who.name, "boss");
    /* idle */
    assert_int_equal(access_check(&w->a, token, at(1 + ACCESS_SESSION_IDLE_MS), &seen),
                     GT_ERR_AUTH);
    /* kept awake, until its whole life is over */
    int64_t ms = 1;
    while (ms + ACCESS_SESSION_IDLE_MS / 2 < 1 + ACCESS_SESSION_LIFE_MS) {
        ms += ACCESS_SESSION_IDLE_MS / 2;
        assert_int_equal(access_check(&w->a, token, at(ms), &seen),
                         ms < 1 + ACCESS_SESSION_LIFE_MS ? GT_ERR_OK : GT_ERR_AUTH);
    }
    assert_int_equal(access_check(&w->a, token, at(1 + ACCESS_SESSION_LIFE_MS), &seen),
                     GT_ERR_AUTH);
    /* by hand */
    assert_int_equal(login(w, "boss", PASSWORD, at(ms), &session), GT_ERR_OK);
    assert_int_equal(access_check(&w->a, session.token, at(ms), &seen), GT_ERR_OK);
    assert_int_equal(access_logout(&w->a, session.token), GT_ERR_OK);
    assert_int_equal(access_check(&w->a, session.token, at(ms), &seen), GT_ERR_AUTH);
    assert_int_equal(access_logout(&w->a, session.token), GT_ERR_OK);
    assert_int_equal(access_logout(&w->a, "rubbish"), GT_ERR_OK);
}

static void sessions_of_one_operator_are_bounded(void **state)
{
    world *w = *state;
    const access_session first = opened(w);
    access_session session;
    access_session seen;
    for (int i = 0; i < 32; i++) {
        assert_int_equal(login(w, "boss", PASSWORD, at(10 + i), &session), GT_ERR_OK);
    }
    assert_int_equal(access_check(&w->a, first.token, at(50), &seen), GT_ERR_AUTH);
    assert_int_equal(access_check(&w->a, session.token, at(50), &seen), GT_ERR_OK);
}

static void operators_are_added(void **state)
{
    world *w = *state;
    access_session session;
    (void)opened(w);
    const struct {
        access_operator_form form;
        gt_err want;
    } rows[] = {
        {{"ann", "a long enough one", ACCESS_ROLE_CASHIER}, GT_ERR_OK},
        {{"ann", "a long enough one", ACCESS_ROLE_CASHIER}, GT_ERR_EXISTS},
        {{"Bob", "a long enough one", ACCESS_ROLE_CASHIER}, GT_ERR_SYNTAX},
        {{"bob", "tooshort", ACCESS_ROLE_CASHIER}, GT_ERR_RANGE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(access_operator_add(&w->a, &rows[i].form, at(5)), rows[i].want);
    }
    assert_int_equal(login(w, "ann", "a long enough one", at(6), &session), GT_ERR_OK);
    assert_int_equal(session.who.role, ACCESS_ROLE_CASHIER);
}

static gt_err log_in(world *w, const char *name, const char *password, access_session *out)
{
    const access_login_form form = {name, password, "10.0.0.9"};
    return access_login(&w->a, &form, (gt_utc){.ms = 5000}, out);
}

static void operators_come_and_go(void **state)
{
    world *w = *state;
    const gt_utc now = {.ms = 5000};
    const access_operator_form boss = {"boss", "lamp over river", ACCESS_ROLE_ADMINISTRATOR};
    const access_operator_form ann = {"ann", "river over lamp", ACCESS_ROLE_CASHIER};
    const access_operator_form anew = {"ann", "another long one", ACCESS_ROLE_CASHIER};
    const access_operator_form weak = {"ann", "short", ACCESS_ROLE_CASHIER};
    const access_operator_form nobody = {"nobody", "river over lamp", ACCESS_ROLE_CASHIER};
    access_operator list[4];
    access_session session;
    access_session seen;
    size_t count = 0;
    assert_int_equal(access_operator_add(&w->a, &boss, now), GT_ERR_OK);
    assert_int_equal(access_operator_add(&w->a, &ann, now), GT_ERR_OK);
    assert_int_equal(access_operator_add(&w->a, &ann, now), GT_ERR_EXISTS);
    assert_int_equal(access_operator_list(&w->a, "", list, 4, &count), GT_ERR_OK);
    assert_int_equal(count, 2);
    assert_string_equal(list[0].name, "ann");
    assert_int_equal(list[0].role, ACCESS_ROLE_CASHIER);
    assert_int_equal(access_operator_list(&w->a, "ann", list, 4, &count), GT_ERR_OK);
    assert_int_equal(count, 1);
    assert_string_equal(list[0].name, "boss");
    /* a new password ends what the old one opened */
    assert_int_equal(log_in(w, "ann", ann.password, &session), GT_ERR_OK);
    assert_int_equal(access_operator_password(&w->a, &weak, now), GT_ERR_RANGE);
    assert_int_equal(access_operator_password(&w->a, &nobody, now), GT_ERR_NOT_FOUND);
    assert_int_equal(access_check(&w->a, session.token, now, &seen), GT_ERR_OK);
    assert_int_equal(access_operator_password(&w->a, &anew, now), GT_ERR_OK);
    assert_int_equal(access_check(&w->a, session.token, now, &seen), GT_ERR_AUTH);
    assert_int_equal(log_in(w, "ann", ann.password, &session), GT_ERR_AUTH);
    assert_int_equal(log_in(w, "ann", anew.password, &session), GT_ERR_OK);
    /* kept out, and let in again: with a new session only */
    assert_int_equal(access_operator_enable(&w->a, "ann", false, now), GT_ERR_OK);
    assert_int_equal(access_check(&w->a, session.token, now, &seen), GT_ERR_AUTH);
    assert_int_equal(log_in(w, "ann", anew.password, &session), GT_ERR_AUTH);
    assert_int_equal(access_operator_enable(&w->a, "ann", true, now), GT_ERR_OK);
    assert_int_equal(access_check(&w->a, session.token, now, &seen), GT_ERR_AUTH);
    assert_int_equal(log_in(w, "ann", anew.password, &session), GT_ERR_OK);
    /* somebody must be left to administer */
    assert_int_equal(access_operator_enable(&w->a, "nobody", false, now), GT_ERR_NOT_FOUND);
    assert_int_equal(access_operator_enable(&w->a, "boss", false, now), GT_ERR_CONFLICT);
    assert_int_equal(access_operator_enable(&w->a, "boss", true, now), GT_ERR_OK);
    assert_int_equal(log_in(w, "boss", boss.password, &session), GT_ERR_OK);
}

/* Who was made by the first start and never chose a password cannot be let in by hand. */
static void nobody_is_let_in_without_a_password(void **state)
{
    world *w = *state;
    char token[TOKEN_TEXT_MAX];
    assert_int_equal(access_setup_begin(&w->a, (gt_utc){.ms = 1}, token), GT_ERR_OK);
    assert_int_equal(access_operator_enable(&w->a, "admin", true, (gt_utc){.ms = 2}),
                     GT_ERR_CONFLICT);
}

int main(void)
{
#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        IN_WORLD(setup_link_works_once),
        IN_WORLD(nobody_logs_in_before_setup),
        IN_WORLD(login_tells_nothing),
        IN_WORLD(guessing_is_limited_by_name),
        IN_WORLD(guessing_is_limited_by_peer),
        IN_WORLD(success_clears_the_count),
        IN_WORLD(a_busy_pool_is_no_failed_attempt),
        IN_WORLD(sessions_end),
        IN_WORLD(sessions_of_one_operator_are_bounded),
        IN_WORLD(operators_are_added),
        IN_WORLD(operators_come_and_go),
        IN_WORLD(nobody_is_let_in_without_a_password),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
