/* Argon2id, a bounded number at once. The text of a hash carries its own parameters, so that they
 * can be raised later without touching old rows. */
#include "adapter/password/password.h"

#include <argon2.h>
#include <string.h>
#include <sys/random.h>

enum { SALT_LEN = 16, HASH_LEN = 32 };

gt_err password_pool_init(password_pool *pool)
{
    *pool = (password_pool){0};
    if (pthread_mutex_init(&pool->lock, NULL) != 0) {
        return GT_ERR_MEMORY;
    }
    if (pthread_cond_init(&pool->freed, NULL) != 0) {
        (void)pthread_mutex_destroy(&pool->lock);
        return GT_ERR_MEMORY;
    }
    return GT_ERR_OK;
}

void password_pool_fini(password_pool *pool)
{
    if (pool != NULL) {
        (void)pthread_cond_destroy(&pool->freed);
        (void)pthread_mutex_destroy(&pool->lock);
    }
}

static gt_err enter(password_pool *pool)
{
    gt_err err = GT_ERR_OK;
    (void)pthread_mutex_lock(&pool->lock);
    if (pool->running >= PASSWORD_RUNNING_MAX && pool->waiting >= PASSWORD_WAITING_MAX) {
        err = GT_ERR_BUSY;
    } else {
        pool->waiting++;
        while (pool->running >= PASSWORD_RUNNING_MAX) {
            (void)pthread_cond_wait(&pool->freed, &pool->lock);
        }
        pool->waiting--;
        pool->running++;
    }
    (void)pthread_mutex_unlock(&pool->lock);
    return err;
}

static void leave(password_pool *pool)
{
    (void)pthread_mutex_lock(&pool->lock);
    pool->running--;
    (void)pthread_cond_signal(&pool->freed);
    (void)pthread_mutex_unlock(&pool->lock);
}

static gt_err system_random(void *ctx, uint8_t *out, size_t len)
{
    (void)ctx;
    size_t have = 0;
    while (have < len) {
        const ssize_t got = getrandom(out + have, len - have, 0);
        if (got <= 0) {
            return GT_ERR_IO;
        }
        have += (size_t)got;
    }
    return GT_ERR_OK;
}

static gt_err argon2_to_err(int code)
{
    switch (code) {
    case ARGON2_OK:
        return GT_ERR_OK;
    case ARGON2_VERIFY_MISMATCH:
        return GT_ERR_AUTH;
    case ARGON2_MEMORY_ALLOCATION_ERROR:
        return GT_ERR_MEMORY;
    case ARGON2_DECODING_FAIL:
    case ARGON2_DECODING_LENGTH_FAIL:
    case ARGON2_INCORRECT_TYPE:
        return GT_ERR_CORRUPT;
    default:
        return GT_ERR_INTERNAL;
    }
}

static gt_err hash(void *ctx, const char *password, char out[PASSWORD_HASH_MAX])
{
    password_pool *pool = ctx;
    uint8_t salt[SALT_LEN];
    char text[PASSWORD_HASH_MAX];
    GT_TRY(system_random(NULL, salt, sizeof salt));
    GT_TRY(enter(pool));
    const int code =
        argon2id_hash_encoded(PASSWORD_PASSES, PASSWORD_MEMORY_KIB, 1, password, strlen(password),
                              salt, sizeof salt, HASH_LEN, text, sizeof text);
    leave(pool);
    GT_TRY(argon2_to_err(code));
    memcpy(out, text, sizeof text);
    return GT_ERR_OK;
}

static gt_err verify(void *ctx, const char *password, const char *text)
{
    password_pool *pool = ctx;
    GT_TRY(enter(pool));
    const int code = argon2id_verify(text, password, strlen(password));
    leave(pool);
    return argon2_to_err(code);
}

gt_password password_argon2(password_pool *pool)
{
    return (gt_password){.ctx = pool, .hash = hash, .verify = verify};
}

gt_random random_system(void)
{
    return (gt_random){.fill = system_random};
}
