/* Login: count first, hash second. A guesser is stopped by name and by address before he costs a
 * hash, and cannot tell a wrong name from a wrong password, nor by how long the answer takes. */
#include "access/access_priv.h"

#include "port/store.h"

#include <stdio.h>
#include <string.h>

enum { SUBJECT_MAX = 64 };

typedef struct login {
    const access_login_form *form;
    gt_utc now;
    char by_name[SUBJECT_MAX];
    char by_peer[SUBJECT_MAX];
    bool limited;
    bool found;
    access_operator who;
    char hash[PASSWORD_HASH_MAX];
    access_session_row session;
} login;

static gt_err failures_of(const store_tx *tx, const char *subject, gt_utc now, int64_t *out)
{
    store_rows rows =
        store_rows_open(tx, STMT_ACCESS_ATTEMPT_FIND, STORE_PARAMS(store_text(subject)));
    const bool counts =
        store_rows_next(&rows) && now.ms - store_rows_int(&rows, 1) < ACCESS_ATTEMPT_WINDOW_MS;
    const int64_t failures = counts ? store_rows_int(&rows, 0) : 0;
    GT_TRY(store_rows_close(&rows));
    *out = failures;
    return GT_ERR_OK;
}

static gt_err look_work(const store_tx *tx, void *arg)
{
    login *l = arg;
    int64_t name = 0;
    int64_t peer = 0;
    GT_TRY(failures_of(tx, l->by_name, l->now, &name));
    GT_TRY(failures_of(tx, l->by_peer, l->now, &peer));
    l->limited = name >= ACCESS_ATTEMPTS_NAME || peer >= ACCESS_ATTEMPTS_PEER;
    return GT_ERR_OK;
}

/* Counts the attempt as failed before it is tried, so that many at once cannot slip through. */
static gt_err count_work(const store_tx *tx, void *arg)
{
    login *l = arg;
    GT_TRY(store_run(tx, STMT_ACCESS_ATTEMPT_PURGE,
                     STORE_PARAMS(store_int(l->now.ms - ACCESS_ATTEMPT_WINDOW_MS)), NULL));
    GT_TRY(look_work(tx, l));
    if (l->limited) {
        return GT_ERR_OK;
    }
    GT_TRY(store_run(tx, STMT_ACCESS_ATTEMPT_ADD,
                     STORE_PARAMS(store_text(l->by_name), store_int(l->now.ms)), NULL));
    return store_run(tx, STMT_ACCESS_ATTEMPT_ADD,
                     STORE_PARAMS(store_text(l->by_peer), store_int(l->now.ms)), NULL);
}

/* Nothing was tried: the attempt does not count. */
static gt_err uncount_work(const store_tx *tx, void *arg)
{
    const login *l = arg;
    GT_TRY(store_run(tx, STMT_ACCESS_ATTEMPT_BACK, STORE_PARAMS(store_text(l->by_name)), NULL));
    return store_run(tx, STMT_ACCESS_ATTEMPT_BACK, STORE_PARAMS(store_text(l->by_peer)), NULL);
}

static gt_err find_work(const store_tx *tx, void *arg)
{
    login *l = arg;
    store_rows rows =
        store_rows_open(tx, STMT_ACCESS_OPERATOR_BY_NAME, STORE_PARAMS(store_text(l->form->name)));
    l->found = store_rows_next(&rows) && store_rows_int(&rows, 3) == 1;
    if (l->found) {
        l->who = (access_operator){.id = store_rows_int(&rows, 0), .enabled = true};
        const int64_t role = store_rows_int(&rows, 2);
        l->found = role >= 0 && role < ACCESS_ROLES;
        l->who.role = l->found ? (access_role)role : ACCESS_ROLE_AUDITOR;
        (void)snprintf(l->who.name, sizeof l->who.name, "%s", store_rows_text(&rows, 1));
        (void)snprintf(l->hash, sizeof l->hash, "%s", store_rows_text(&rows, 4));
    }
    return store_rows_close(&rows);
}

static gt_err open_work(const store_tx *tx, void *arg)
{
    const login *l = arg;
    GT_TRY(store_run(tx, STMT_ACCESS_ATTEMPT_CLEAR, STORE_PARAMS(store_text(l->by_name)), NULL));
    GT_TRY(store_run(tx, STMT_ACCESS_ATTEMPT_BACK, STORE_PARAMS(store_text(l->by_peer)), NULL));
    return access_session_add(tx, &l->session);
}

static gt_err limit_check(const access *a, login *l)
{
    GT_TRY(a->store->read(a->store->ctx, look_work, l));
    if (!l->limited) { /* a flood of refused attempts costs reads only */
        GT_TRY(store_write(a->store, count_work, l));
    }
    if (l->limited) {
        gt_log_event(a->log, GT_LOG_WARN, "login.limited", gt_log_str("operator", l->form->name),
                     gt_log_str("peer", l->form->peer));
        return GT_ERR_TIMEOUT;
    }
    return GT_ERR_OK;
}

static gt_err password_check(const access *a, login *l)
{
    GT_TRY(a->store->read(a->store->ctx, find_work, l));
    if (l->found) {
        return a->password->verify(a->password->ctx, l->form->password, l->hash);
    }
    /* The same work as for a name that exists. */
    GT_TRY(a->password->hash(a->password->ctx, l->form->password, l->hash));
    return GT_ERR_AUTH;
}

gt_err access_login(const access *a, const access_login_form *form, gt_utc now, access_session *out)
{
    login l = {.form = form, .now = now};
    access_session session;
    if (access_name_check(form->name) != GT_ERR_OK ||
        strlen(form->password) > ACCESS_PASSWORD_MAX) {
        return GT_ERR_AUTH;
    }
    (void)snprintf(l.by_name, sizeof l.by_name, "name:%s", form->name);
    (void)snprintf(l.by_peer, sizeof l.by_peer, "peer:%s", form->peer);
    GT_TRY(limit_check(a, &l));
    const gt_err verdict = password_check(a, &l);
    if (verdict == GT_ERR_AUTH) {
        gt_log_event(a->log, GT_LOG_WARN, "login.failed", gt_log_str("operator", form->name),
                     gt_log_str("peer", form->peer));
        return GT_ERR_AUTH;
    }
    if (verdict != GT_ERR_OK) {
        const gt_err uncounted = store_write(a->store, uncount_work, &l);
        gt_log_event(a->log, GT_LOG_ERROR, "login.not_tried",
                     gt_log_str("err", gt_err_name(verdict)),
                     gt_log_str("uncounted", gt_err_name(uncounted)));
        return verdict;
    }
    GT_TRY(access_session_make(a, form->peer, now, &l.session, &session));
    l.session.operator_id = l.who.id;
    GT_TRY(store_write(a->store, open_work, &l));
    session.who = l.who;
    gt_log_event(a->log, GT_LOG_INFO, "login.done", gt_log_str("operator", form->name),
                 gt_log_str("peer", form->peer));
    *out = session;
    return GT_ERR_OK;
}
