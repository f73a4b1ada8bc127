/**
 * @file password.h
 * @brief Slow password hashing behind a bounded pool: a service asks, and may be told to wait.
 *
 * Layer:   port.
 * Real:    adapter/password (Argon2id), tests (cheap and counted).
 */
#ifndef GT_PORT_PASSWORD_H
#define GT_PORT_PASSWORD_H

#include "base/err.h"

enum { PASSWORD_HASH_MAX = 128 }; /* text of a hash with its parameters and salt, terminated */

typedef struct gt_password {
    void *ctx;
    /** @return BUSY as many hashings as allowed are under way; MEMORY, IO, INTERNAL */
    gt_err (*hash)(void *ctx, const char *password, char out[PASSWORD_HASH_MAX]);
    /** @return AUTH it is another password; BUSY as above; CORRUPT @p hash is no such text */
    gt_err (*verify)(void *ctx, const char *password, const char *hash);
} gt_password;

#endif
