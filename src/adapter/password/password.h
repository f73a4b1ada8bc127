/**
 * @file password.h
 * @brief Argon2id behind port/password.h, and the system's random numbers behind port/random.h.
 *
 * Layer:   adapter. Any thread.
 * Cost:    19 MiB, 2 passes, 1 lane (OWASP's minimum) for PASSWORD_RUNNING_MAX at once; one more
 *          waits; beyond that BUSY. So logins never take more than 38 MiB, and of a pool of four
 *          threads one always stays free for everything else.
 */
#ifndef GT_ADAPTER_PASSWORD_PASSWORD_H
#define GT_ADAPTER_PASSWORD_PASSWORD_H

#include "port/password.h"
#include "port/random.h"

#include <pthread.h>

enum {
    PASSWORD_MEMORY_KIB = 19456,
    PASSWORD_PASSES = 2,
    PASSWORD_RUNNING_MAX = 2,
    PASSWORD_WAITING_MAX = 1,
};

typedef struct password_pool {
    pthread_mutex_t lock;
    pthread_cond_t freed;
    unsigned running;
    unsigned waiting;
} password_pool;

GT_CHECKED gt_err password_pool_init(password_pool *pool);
void password_pool_fini(password_pool *pool);
/** @p pool must outlive the port. */
gt_password password_argon2(password_pool *pool);

gt_random random_system(void);

#endif
