/**
 * @file access.h
 * @brief Operators, the first start, logins and sessions.
 *
 * Layer:   service. Any thread: an `access` is never changed after access_init.
 * State:   in the till database. Of tokens only digests are stored; a session survives a restart.
 * There is no default password: the first start makes an administrator without one, and a one-time
 * link to choose it.
 */
#ifndef GT_ACCESS_ACCESS_H
#define GT_ACCESS_ACCESS_H

#include "access/role.h"
#include "base/err.h"
#include "base/time.h"
#include "domain/token.h"
#include "port/log.h"
#include "port/password.h"
#include "port/random.h"
#include "port/store.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    ACCESS_NAME_MAX = 33,      /* login name with terminator: 2..32 of a-z 0-9 . _ - */
    ACCESS_PASSWORD_MIN = 10,  /* characters, not bytes */
    ACCESS_PASSWORD_MAX = 128, /* bytes without terminator */
    ACCESS_SETUP_LIFE_MS = 86400000,
    ACCESS_SESSION_LIFE_MS = 12 * 3600000,
    ACCESS_SESSION_IDLE_MS = 30 * 60000,
    ACCESS_SESSION_TOUCH_MS = 60000, /* "last seen" is written this often at most */
    ACCESS_ATTEMPT_WINDOW_MS = 15 * 60000,
    ACCESS_ATTEMPTS_NAME = 10, /* failed logins of one name within the window */
    ACCESS_ATTEMPTS_PEER = 30, /* and from one address */
};

typedef struct access {
    const gt_store *store; /* till; its submit calls done before it returns */
    const gt_password *password;
    const gt_random *random;
    const gt_log *log;
} access;

typedef struct access_operator {
    int64_t id;
    char name[ACCESS_NAME_MAX];
    access_role role;
    bool enabled; /* has chosen a password and may log in */
} access_operator;

typedef struct access_session {
    access_operator who;
    char token[TOKEN_TEXT_MAX]; /* goes into the cookie, nowhere else */
    gt_utc expires;
} access_session;

/**
 * At start: if nobody can log in yet, make the administrator (without password) and a new one-time
 * token, valid for ACCESS_SETUP_LIFE_MS; tokens made before stop working.
 *
 * @return EXISTS somebody can log in: nothing to set up, nothing changed
 */
GT_CHECKED gt_err access_setup_begin(const access *a, gt_utc now, char out_token[TOKEN_TEXT_MAX]);
/** Is a set-up still open? For the page. */
GT_CHECKED gt_err access_setup_pending(const access *a, bool *out);

typedef struct access_setup_form {
    const char *token;
    const char *name;
    const char *password;
    const char *peer;
} access_setup_form;

/**
 * Use the link: choose name and password, and be logged in.
 * @return AUTH the token is wrong, used or too old; SYNTAX name; RANGE password too short, too long
 *         or too common; BUSY try again; or a store error
 */
GT_CHECKED gt_err access_setup_finish(const access *a, const access_setup_form *form, gt_utc now,
                                      access_session *out);

typedef struct access_login_form {
    const char *name;
    const char *password;
    const char *peer;
} access_login_form;

/**
 * @return AUTH name or password wrong, or disabled (which of them is not told, nor by time taken);
 *         TIMEOUT too many failures, wait until the window has passed; BUSY too many logins now
 */
GT_CHECKED gt_err access_login(const access *a, const access_login_form *form, gt_utc now,
                               access_session *out);

/** Whose session is it? @p token may be NULL. @return AUTH none, ended, idle too long, disabled */
GT_CHECKED gt_err access_check(const access *a, const char *token, gt_utc now, access_session *out);
/** Ending a session that does not exist succeeds. */
GT_CHECKED gt_err access_logout(const access *a, const char *token);

typedef struct access_operator_form {
    const char *name;
    const char *password;
    access_role role;
} access_operator_form;

/* For the command line. Errors of name and password: SYNTAX, RANGE, BUSY as above. */

/** @return EXISTS that name is taken */
GT_CHECKED gt_err access_operator_add(const access *a, const access_operator_form *form,
                                      gt_utc now);
/** A new password (the form's role is not looked at); ends all sessions. @return NOT_FOUND */
GT_CHECKED gt_err access_operator_password(const access *a, const access_operator_form *form,
                                           gt_utc now);
/**
 * May log in, or not any more: then all sessions end.
 * @return NOT_FOUND; CONFLICT  nobody would be left to administer the station, or no password was
 *         ever chosen
 */
GT_CHECKED gt_err access_operator_enable(const access *a, const char *name, bool enabled,
                                         gt_utc now);
/** By name, those after @p after ("" from the first). */
GT_CHECKED gt_err access_operator_list(const access *a, const char *after, access_operator *out,
                                       size_t cap, size_t *out_count);

/** Pure rules. @return SYNTAX */
GT_CHECKED gt_err access_name_check(const char *name);
/** @return RANGE too short, too long, too common, or the name itself; SYNTAX not UTF-8 */
GT_CHECKED gt_err access_password_check(const char *name, const char *password);

#endif
