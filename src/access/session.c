/* Sessions: made at login, checked at every request, ended by time, by idleness or by hand. */
#include "access/access_priv.h"

#include "port/store.h"

#include <stdio.h>
#include <string.h>

gt_err access_token_new(const access *a, char out_text[TOKEN_TEXT_MAX],
                        uint8_t out_digest[TOKEN_DIGEST_LEN])
{
    uint8_t random[TOKEN_LEN];
    GT_TRY(a->random->fill(a->random->ctx, random, sizeof random));
    token_text(random, out_text);
    return token_digest(out_text, out_digest);
}

gt_err access_session_make(const access *a, const char *peer, gt_utc now,
                           access_session_row *out_row, access_session *out)
{
    access_session session = {.expires = {.ms = now.ms + ACCESS_SESSION_LIFE_MS}};
    access_session_row row = {.peer = peer, .now = now, .expires = session.expires};
    GT_TRY(access_token_new(a, session.token, row.digest));
    *out_row = row;
    *out = session;
    return GT_ERR_OK;
}

gt_err access_session_add(const store_tx *tx, const access_session_row *row)
{
    GT_TRY(store_run(
        tx, STMT_ACCESS_SESSION_PURGE,
        STORE_PARAMS(store_int(row->now.ms), store_int(row->now.ms - ACCESS_SESSION_IDLE_MS)),
        NULL));
    GT_TRY(store_run(tx, STMT_ACCESS_SESSION_TRIM,
                     STORE_PARAMS(store_int(row->operator_id), store_int(ACCESS_SESSIONS_MAX - 1)),
                     NULL));
    return store_run(tx, STMT_ACCESS_SESSION_ADD,
                     STORE_PARAMS(store_blob(row->digest, sizeof row->digest),
                                  store_int(row->operator_id), store_text(row->peer),
                                  store_int(row->now.ms), store_int(row->expires.ms)),
                     NULL);
}

typedef struct lookup {
    uint8_t digest[TOKEN_DIGEST_LEN];
    gt_utc now;
    access_operator who;
    gt_utc seen;
    gt_utc expires;
} lookup;

static gt_err find(const store_tx *tx, void *arg)
{
    lookup *l = arg;
    store_rows rows = store_rows_open(tx, STMT_ACCESS_SESSION_FIND,
                                      STORE_PARAMS(store_blob(l->digest, sizeof l->digest)));
    const bool found = store_rows_next(&rows);
    gt_err verdict = GT_ERR_AUTH;
    if (found) {
        const int64_t role = store_rows_int(&rows, 2);
        l->who = (access_operator){.id = store_rows_int(&rows, 0),
                                   .enabled = store_rows_int(&rows, 3) == 1};
        (void)snprintf(l->who.name, sizeof l->who.name, "%s", store_rows_text(&rows, 1));
        verdict = role >= 0 && role < ACCESS_ROLES ? GT_ERR_OK : GT_ERR_CORRUPT;
        l->who.role = verdict == GT_ERR_OK ? (access_role)role : ACCESS_ROLE_AUDITOR;
        l->seen.ms = store_rows_int(&rows, 4);
        l->expires.ms = store_rows_int(&rows, 5);
    }
    GT_TRY(store_rows_close(&rows));
    return verdict;
}

static gt_err touch(const store_tx *tx, void *arg)
{
    const lookup *l = arg;
    return store_run(tx, STMT_ACCESS_SESSION_TOUCH,
                     STORE_PARAMS(store_blob(l->digest, sizeof l->digest), store_int(l->now.ms)),
                     NULL);
}

gt_err access_check(const access *a, const char *token, gt_utc now, access_session *out)
{
    lookup l = {.now = now};
    if (token == NULL || token_digest(token, l.digest) != GT_ERR_OK) {
        return GT_ERR_AUTH;
    }
    GT_TRY(a->store->read(a->store->ctx, find, &l));
    if (!l.who.enabled || now.ms >= l.expires.ms || now.ms - l.seen.ms >= ACCESS_SESSION_IDLE_MS) {
        return GT_ERR_AUTH;
    }
    if (now.ms - l.seen.ms >= ACCESS_SESSION_TOUCH_MS) {
        /* A session whose last use could not be noted ends a little early; no reason to refuse. */
        const gt_err noted = store_write(a->store, touch, &l);
        if (noted != GT_ERR_OK) {
            gt_log_event(a->log, GT_LOG_WARN, "session.touch_failed",
                         gt_log_str("err", gt_err_name(noted)));
        }
    }
    access_session session = {.who = l.who, .expires = l.expires};
    (void)snprintf(session.token, sizeof session.token, "%s", token);
    *out = session;
    return GT_ERR_OK;
}

static gt_err end(const store_tx *tx, void *arg)
{
    const lookup *l = arg;
    return store_run(tx, STMT_ACCESS_SESSION_END,
                     STORE_PARAMS(store_blob(l->digest, sizeof l->digest)), NULL);
}

gt_err access_logout(const access *a, const char *token)
{
    lookup l = {0};
    if (token == NULL || token_digest(token, l.digest) != GT_ERR_OK) {
        return GT_ERR_OK;
    }
    return store_write(a->store, end, &l);
}
