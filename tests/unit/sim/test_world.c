/* Virtual time: earliest first, ties in the order of adding, early end, limits. */
#include "sim/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

typedef struct ticker {
    gt_mono due;
    int64_t every_us;
    char name;
    char *log;
} ticker;

static gt_mono ticker_deadline(void *ctx)
{
    const ticker *t = ctx;
    return t->due;
}

static void ticker_step(void *ctx, gt_mono now)
{
    ticker *t = ctx;
    t->due.us = now.us + t->every_us;
    t->log[strlen(t->log)] = t->name;
}

static bool long_enough(void *ctx)
{
    const char *log = ctx;
    return strlen(log) >= 3;
}

static void test_order(void **state)
{
    (void)state;
    static world w;
    char log[32] = "";
    ticker a = {{30}, 30, 'a', log};
    ticker b = {{20}, 20, 'b', log};
    world_init(&w, (gt_utc){1000});
    assert_int_equal(world_add(&w, &(world_node){&a, ticker_deadline, ticker_step}), GT_ERR_OK);
    assert_int_equal(world_add(&w, &(world_node){&b, ticker_deadline, ticker_step}), GT_ERR_OK);
    assert_false(world_run(&w, (gt_mono){61}, NULL, NULL));
    assert_string_equal(log, "babab");
    assert_int_equal(w.now.us, 61);
    memset(log, 0, sizeof log);
    assert_true(world_run(&w, (gt_mono){1000000}, long_enough, log));
    assert_int_equal(strlen(log), 3);
    assert_int_equal(world_utc(&w).ms, 1000 + w.now.us / 1000);
}

static void test_limits(void **state)
{
    (void)state;
    static world w;
    ticker a = {{0}, 1, 'a', NULL};
    world_init(&w, (gt_utc){0});
    for (int i = 0; i < WORLD_NODES_MAX; i++) {
        assert_int_equal(world_add(&w, &(world_node){&a, ticker_deadline, ticker_step}), GT_ERR_OK);
    }
    assert_int_equal(world_add(&w, &(world_node){&a, ticker_deadline, ticker_step}), GT_ERR_SPACE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_order), cmocka_unit_test(test_limits)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
