/* Argon2id behind its port: right and wrong passwords, damaged hashes, a bounded number at once. */
#include "adapter/password/password.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

enum { CALLERS = 8 };

static void right_and_wrong(void **state)
{
    (void)state;
    password_pool pool;
    char one[PASSWORD_HASH_MAX];
    char two[PASSWORD_HASH_MAX];
    assert_int_equal(password_pool_init(&pool), GT_ERR_OK);
    const gt_password p = password_argon2(&pool);
    assert_int_equal(p.hash(p.ctx, "lamp over river", one), GT_ERR_OK);
    assert_int_equal(p.hash(p.ctx, "lamp over river", two), GT_ERR_OK);
    assert_string_not_equal(one, two); /* salted */
    assert_memory_equal(one, "$argon2id$v=19$m=19456,t=2,p=1$", 31);
    assert_int_equal(p.verify(p.ctx, "lamp over river", one), GT_ERR_OK);
    assert_int_equal(p.verify(p.ctx, "lamp over rivers", one), GT_ERR_AUTH);
    assert_int_equal(p.verify(p.ctx, "", one), GT_ERR_AUTH);
    assert_int_equal(p.verify(p.ctx, "lamp over river", ""), GT_ERR_CORRUPT);
    assert_int_equal(p.verify(p.ctx, "lamp over river", "$argon2id$v=19$m=1"), GT_ERR_CORRUPT);
    password_pool_fini(&pool);
}

typedef struct caller {
    const gt_password *port;
    pthread_barrier_t *start;
    gt_err outcome;
} caller;

static void *call(void *arg)
{
    caller *c = arg;
    char hash[PASSWORD_HASH_MAX];
    (void)pthread_barrier_wait(c->start);
    c->outcome = c->port->hash(c->port->ctx, "lamp over river", hash);
    return NULL;
}

static void too_many_are_refused(void **state)
{
    (void)state;
    password_pool pool;
    pthread_barrier_t start;
    pthread_t thread[CALLERS];
    caller callers[CALLERS];
    unsigned busy = 0;
    unsigned done = 0;
    assert_int_equal(password_pool_init(&pool), GT_ERR_OK);
    const gt_password p = password_argon2(&pool);
    assert_int_equal(pthread_barrier_init(&start, NULL, CALLERS), 0);
    for (int i = 0; i < CALLERS; i++) {
        callers[i] = (caller){.port = &p, .start = &start};
        assert_int_equal(pthread_create(&thread[i], NULL, call, &callers[i]), 0);
    }
    for (int i = 0; i < CALLERS; i++) {
        assert_int_equal(pthread_join(thread[i], NULL), 0);
        busy += callers[i].outcome == GT_ERR_BUSY;
        done += callers[i].outcome == GT_ERR_OK;
    }
    assert_int_equal(busy + done, CALLERS);
    assert_true(done >= PASSWORD_RUNNING_MAX);
    assert_int_equal(pool.running, 0);
    assert_int_equal(pool.waiting, 0);
    (void)pthread_barrier_destroy(&start);
    password_pool_fini(&pool);
}

static void random_bytes_differ(void **state)
{
    (void)state;
    uint8_t one[32] = {0};
    uint8_t two[32] = {0};
    const gt_random r = random_system();
    assert_int_equal(r.fill(r.ctx, one, sizeof one), GT_ERR_OK);
    assert_int_equal(r.fill(r.ctx, two, sizeof two), GT_ERR_OK);
    assert_memory_not_equal(one, two, sizeof one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(right_and_wrong),
        cmocka_unit_test(too_many_are_refused),
        cmocka_unit_test(random_bytes_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
