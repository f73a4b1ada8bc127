/* Operators after the first: added, listed, given a new password, kept out and let in again. */
#include "access/access_priv.h"

#include <stdio.h>
#include <string.h>

typedef struct change {
    const char *name;
    access_role role;
    char hash[PASSWORD_HASH_MAX];
    bool enabled;
    gt_utc now;
} change;

/* One code for every fault of the password, so that SYNTAX is the name alone. */
static gt_err prepare(const access *a, const access_operator_form *form, change *out)
{
    GT_TRY(access_name_check(form->name));
    if (access_password_check(form->name, form->password) != GT_ERR_OK) {
        return GT_ERR_RANGE;
    }
    out->name = form->name;
    out->role = form->role;
    return a->password->hash(a->password->ctx, form->password, out->hash);
}

static gt_err add_work(const store_tx *tx, void *arg)
{
    const change *c = arg;
    int64_t id = 0;
    return store_find_int(tx, STMT_ACCESS_OPERATOR_ADD,
                          STORE_PARAMS(store_text(c->name), store_int(c->role), store_int(1),
                                       store_text(c->hash), store_int(c->now.ms)),
                          &id);
}

gt_err access_operator_add(const access *a, const access_operator_form *form, gt_utc now)
{
    change c = {.now = now};
    GT_TRY(prepare(a, form, &c));
    return store_write(a->store, add_work, &c);
}

typedef struct found {
    int64_t id;
    int64_t role;
    bool enabled;
} found;

static gt_err find(const store_tx *tx, const char *name, found *out)
{
    store_rows rows =
        store_rows_open(tx, STMT_ACCESS_OPERATOR_BY_NAME, STORE_PARAMS(store_text(name)));
    const bool there = store_rows_next(&rows);
    if (there) {
        *out = (found){.id = store_rows_int(&rows, 0),
                       .role = store_rows_int(&rows, 2),
                       .enabled = store_rows_int(&rows, 3) != 0};
    }
    GT_TRY(store_rows_close(&rows));
    return there ? GT_ERR_OK : GT_ERR_NOT_FOUND;
}

/* Whoever has the old password, or was let in, is out. */
static gt_err end_sessions(const store_tx *tx, int64_t operator_id)
{
    return store_run(tx, STMT_ACCESS_SESSION_TRIM,
                     STORE_PARAMS(store_int(operator_id), store_int(0)), NULL);
}

static gt_err password_work(const store_tx *tx, void *arg)
{
    const change *c = arg;
    found who = {0};
    GT_TRY(find(tx, c->name, &who));
    GT_TRY(store_run(tx, STMT_ACCESS_OPERATOR_PASSWORD,
                     STORE_PARAMS(store_int(who.id), store_text(c->hash), store_int(c->now.ms)),
                     NULL));
    return end_sessions(tx, who.id);
}

gt_err access_operator_password(const access *a, const access_operator_form *form, gt_utc now)
{
    change c = {.now = now};
    GT_TRY(prepare(a, form, &c));
    return store_write(a->store, password_work, &c);
}

static gt_err enable_work(const store_tx *tx, void *arg)
{
    const change *c = arg;
    found who = {0};
    int64_t administrators = 0;
    GT_TRY(find(tx, c->name, &who));
    GT_TRY(store_find_int(tx, STMT_ACCESS_OPERATOR_COUNT,
                          STORE_PARAMS(store_int(ACCESS_ROLE_ADMINISTRATOR)), &administrators));
    if (!c->enabled && who.enabled && who.role == ACCESS_ROLE_ADMINISTRATOR &&
        administrators == 1) {
        return GT_ERR_CONFLICT;
    }
    GT_TRY(store_run(
        tx, STMT_ACCESS_OPERATOR_ENABLE,
        STORE_PARAMS(store_int(who.id), store_int(c->enabled ? 1 : 0), store_int(c->now.ms)),
        NULL));
    return c->enabled ? GT_ERR_OK : end_sessions(tx, who.id);
}

gt_err access_operator_enable(const access *a, const char *name, bool enabled, gt_utc now)
{
    change c = {.name = name, .enabled = enabled, .now = now};
    return store_write(a->store, enable_work, &c);
}

typedef struct listing {
    access_operator *out;
    size_t cap;
    size_t count;
    const char *after;
} listing;

static gt_err list_work(const store_tx *tx, void *arg)
{
    listing *l = arg;
    store_rows rows =
        store_rows_open(tx, STMT_ACCESS_OPERATOR_LIST,
                        STORE_PARAMS(store_text(l->after), store_int((int64_t)l->cap)));
    l->count = 0;
    while (l->count < l->cap && store_rows_next(&rows)) {
        access_operator *o = &l->out[l->count++];
        *o = (access_operator){.id = store_rows_int(&rows, 0),
                               .role = (access_role)store_rows_int(&rows, 2),
                               .enabled = store_rows_int(&rows, 3) != 0};
        (void)snprintf(o->name, sizeof o->name, "%s", store_rows_text(&rows, 1));
    }
    return store_rows_close(&rows);
}

gt_err access_operator_list(const access *a, const char *after, access_operator *out, size_t cap,
                            size_t *out_count)
{
    listing l = {.out = out, .cap = cap, .after = after};
    GT_TRY(a->store->read(a->store->ctx, list_work, &l));
    *out_count = l.count;
    return GT_ERR_OK;
}
