/**
 * @file world.h
 * @brief A station without sockets for tests of the routes: both databases, operators of each role,
 * and one call that sends a request and keeps the answer.
 */
#ifndef GT_TESTS_API_WORLD_H
#define GT_TESTS_API_WORLD_H

#include "api/api.h"
#include "headend/readings.h"
#include "till.h"

enum { WORLD_BODY_MAX = 1 << 18 };

typedef struct world {
    till till;
    direct_store *readings_db;
    gt_store till_store;
    gt_store readings_store;
    gt_password password;
    gt_random random;
    gt_log log;
    access access;
    api api;
    uint64_t randomness;
    gt_err hash_fail;
    bool clock_trusted;
    bool printer_fails; /* the one of ESC/POS */
    unsigned woken;
    headend_stats field;
    char setup_token[TOKEN_TEXT_MAX];
    access_session session[ACCESS_ROLES]; /* one logged in of each role */
    /* the last answer */
    int status;
    bool events;
    char cookie[HTTP_COOKIE_MAX];
    uint32_t retry_after_s;
    char body[WORLD_BODY_MAX];
    size_t body_len;
} world;

/** Set-up still pending, no sessions. */
void world_open_fresh(world *w);
/** "boss" has set the station up; boss, casher, techie and auditor are logged in. */
void world_open(world *w);
void world_close(world *w);

typedef struct ask {
    http_method method;
    const char *path;
    const char *query; /* one "name=value", or NULL */
    const char *body;
    const char *session; /* token */
    bool no_csrf;
    const char *content_type; /* NULL: application/json */
} ask;

/** @return the status; the answer is kept in @p w */
int world_ask(world *w, const ask *a);
int world_get(world *w, access_role role, const char *path, const char *query);
int world_post(world *w, access_role role, const char *path, const char *body);
bool world_says(const world *w, const char *part);

typedef struct seen {
    int64_t taken_ago_ms;
    int64_t balance_fen;
    bool relay_closed;
    uint64_t flags; /* bits of ITEM_x */
} seen;

/** Store a reading of a meter. */
void world_read(world *w, int index, const seen *s);

#endif
