/* The first start: an administrator without a password, and a link that is good once. */
#include "access/access_priv.h"

#include "port/store.h"

#include <stdio.h>

/* Until its owner renames it in the set-up page. */
static const char first_name[] = "admin";

typedef struct begin {
    uint8_t digest[TOKEN_DIGEST_LEN];
    gt_utc now;
} begin;

static gt_err unset_operator(const store_tx *tx, gt_utc now, int64_t *out_id)
{
    const gt_err err = store_find_int(tx, STMT_ACCESS_OPERATOR_UNSET,
                                      STORE_PARAMS(store_int(ACCESS_ROLE_ADMINISTRATOR)), out_id);
    if (err != GT_ERR_NOT_FOUND) {
        return err;
    }
    return store_find_int(tx, STMT_ACCESS_OPERATOR_ADD,
                          STORE_PARAMS(store_text(first_name), store_int(ACCESS_ROLE_ADMINISTRATOR),
                                       store_int(0), store_text(""), store_int(now.ms)),
                          out_id);
}

static gt_err begin_work(const store_tx *tx, void *arg)
{
    const begin *b = arg;
    int64_t enabled = 0;
    int64_t id = 0;
    GT_TRY(store_find_int(tx, STMT_ACCESS_OPERATOR_ENABLED, STORE_NO_PARAMS, &enabled));
    if (enabled > 0) {
        return GT_ERR_EXISTS;
    }
    GT_TRY(unset_operator(tx, b->now, &id));
    GT_TRY(store_run(tx, STMT_ACCESS_SETUP_CLEAR, STORE_NO_PARAMS, NULL));
    return store_run(tx, STMT_ACCESS_SETUP_ADD,
                     STORE_PARAMS(store_blob(b->digest, sizeof b->digest), store_int(id),
                                  store_int(b->now.ms + ACCESS_SETUP_LIFE_MS)),
                     NULL);
}

gt_err access_setup_begin(const access *a, gt_utc now, char out_token[TOKEN_TEXT_MAX])
{
    begin b = {.now = now};
    char token[TOKEN_TEXT_MAX];
    GT_TRY(access_token_new(a, token, b.digest));
    GT_TRY(store_write(a->store, begin_work, &b));
    (void)snprintf(out_token, TOKEN_TEXT_MAX, "%s", token);
    return GT_ERR_OK;
}

static gt_err pending_work(const store_tx *tx, void *arg)
{
    return store_find_int(tx, STMT_ACCESS_OPERATOR_ENABLED, STORE_NO_PARAMS, arg);
}

gt_err access_setup_pending(const access *a, bool *out)
{
    int64_t enabled = 0;
    GT_TRY(a->store->read(a->store->ctx, pending_work, &enabled));
    *out = enabled == 0;
    return GT_ERR_OK;
}

typedef struct finish {
    uint8_t digest[TOKEN_DIGEST_LEN];
    gt_utc now;
    int64_t operator_id;
    const char *name;
    char hash[PASSWORD_HASH_MAX];
    access_session_row session;
} finish;

static gt_err token_owner(const store_tx *tx, void *arg)
{
    finish *f = arg;
    store_rows rows = store_rows_open(tx, STMT_ACCESS_SETUP_FIND,
                                      STORE_PARAMS(store_blob(f->digest, sizeof f->digest)));
    const bool good = store_rows_next(&rows) && f->now.ms < store_rows_int(&rows, 1);
    f->operator_id = good ? store_rows_int(&rows, 0) : 0;
    GT_TRY(store_rows_close(&rows));
    return good ? GT_ERR_OK : GT_ERR_AUTH;
}

/* The token is looked up again in here: two pages with one link, one of them wins. */
static gt_err finish_work(const store_tx *tx, void *arg)
{
    finish *f = arg;
    GT_TRY(token_owner(tx, f));
    GT_TRY(store_run(tx, STMT_ACCESS_OPERATOR_SET,
                     STORE_PARAMS(store_int(f->operator_id), store_text(f->name),
                                  store_text(f->hash), store_int(f->now.ms)),
                     NULL));
    GT_TRY(store_run(tx, STMT_ACCESS_SETUP_CLEAR, STORE_NO_PARAMS, NULL));
    f->session.operator_id = f->operator_id;
    return access_session_add(tx, &f->session);
}

gt_err access_setup_finish(const access *a, const access_setup_form *form, gt_utc now,
                           access_session *out)
{
    finish f = {.now = now, .name = form->name};
    access_session session;
    if (token_digest(form->token, f.digest) != GT_ERR_OK) {
        return GT_ERR_AUTH;
    }
    GT_TRY(a->store->read(a->store->ctx, token_owner, &f));
    GT_TRY(access_name_check(form->name));
    /* one code for every fault of the password, so that SYNTAX is the name alone */
    if (access_password_check(form->name, form->password) != GT_ERR_OK) {
        return GT_ERR_RANGE;
    }
    GT_TRY(a->password->hash(a->password->ctx, form->password, f.hash));
    GT_TRY(access_session_make(a, form->peer, now, &f.session, &session));
    GT_TRY(store_write(a->store, finish_work, &f));
    session.who =
        (access_operator){.id = f.operator_id, .role = ACCESS_ROLE_ADMINISTRATOR, .enabled = true};
    (void)snprintf(session.who.name, sizeof session.who.name, "%s", form->name);
    gt_log_event(a->log, GT_LOG_INFO, "access.setup_done", gt_log_str("operator", form->name),
                 gt_log_str("peer", form->peer));
    *out = session;
    return GT_ERR_OK;
}
