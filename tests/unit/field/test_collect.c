/* The collection engine: who is read next, when a dead meter is asked again, what goes first. */
#include "field/collect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { MEMBERS = 5, SECOND = 1000000, MEMORY = 4096 };

static uint8_t memory[MEMORY];
static collect *c;
static gt_mono now;

static int setup(void **state)
{
    (void)state;
    gt_arena arena = gt_arena_of(memory, sizeof memory);
    const collect_cfg cfg = {MEMBERS, 10000, 60000, 3};
    assert_int_equal(collect_create(&arena, &cfg, &c), GT_ERR_OK);
    now = (gt_mono){SECOND};
    for (uint32_t i = 0; i < MEMBERS; i++) {
        collect_member_enable(c, i, true);
    }
    return 0;
}

/* Run every job that is due; members of @p dead (bits) do not answer. @return jobs run */
static unsigned run(unsigned dead, uint32_t *members)
{
    unsigned jobs = 0;
    collect_job job;
    while (collect_next(c, now, &job)) {
        const bool silent = (dead >> job.member & 1) != 0;
        if (members != NULL) {
            members[jobs] = job.member;
        }
        jobs++;
        now.us += 1000;
        collect_done(c, &job, silent ? GT_ERR_TIMEOUT : GT_ERR_OK, now);
        assert_true(jobs < 100);
    }
    return jobs;
}

static void test_rounds(void **state)
{
    (void)state;
    collect_job job;
    assert_false(collect_next(c, now, &job)); /* not started */
    collect_start(c, now);
    assert_true(run(0, NULL) >= MEMBERS);
    const collect_stats s = collect_stats_of(c, now);
    assert_int_equal(s.members, MEMBERS);
    assert_int_equal(s.unread, 0);
    assert_true(s.rounds >= 1);
    const gt_mono due = collect_deadline(c, now);
    assert_in_range(due.us, 10 * SECOND, 12 * SECOND);
    now = due;
    uint32_t members[100];
    assert_int_equal(run(0, members), MEMBERS);
    for (uint32_t i = 0; i < MEMBERS; i++) {
        assert_int_equal(members[i], i);
    }
}

static void test_a_dead_member_costs_one_probe_a_period(void **state)
{
    (void)state;
    collect_start(c, now);
    const gt_mono begin = now;
    while (now.us < begin.us + 60 * SECOND) {
        (void)run(1U << 2, NULL);
        now = collect_deadline(c, now);
    }
    assert_true(collect_member_of(c, 2).dead);
    const uint32_t failed = collect_member_of(c, 2).reads_failed;
    const gt_mono from = now;
    while (now.us < from.us + 600 * (int64_t)SECOND) {
        (void)run(1U << 2, NULL);
        now = collect_deadline(c, now);
    }
    assert_in_range(collect_member_of(c, 2).reads_failed - failed, 9, 11);
    assert_int_equal(collect_stats_of(c, now).dead, 1);
    while (collect_member_of(c, 2).dead) { /* it answers again */
        (void)run(0, NULL);
        now = collect_deadline(c, now);
    }
    assert_int_equal(collect_member_of(c, 2).failures, 0);
}

/* Rounds follow each other without a pause, but not when there is nobody to read. */
static void test_rounds_of_nobody_pause(void **state)
{
    (void)state;
    gt_arena arena = gt_arena_of(memory, sizeof memory);
    const collect_cfg cfg = {MEMBERS, 0, 60000, 3};
    assert_int_equal(collect_create(&arena, &cfg, &c), GT_ERR_OK);
    for (uint32_t i = 0; i < MEMBERS; i++) {
        collect_member_enable(c, i, true);
    }
    collect_start(c, now);
    unsigned turns = 0;
    const int64_t until_us = now.us + INT64_C(600) * SECOND;
    while (now.us < until_us) {
        (void)run(0x1F, NULL);
        const gt_mono due = collect_deadline(c, now);
        assert_true(due.us > now.us);
        now = due;
        turns++;
        assert_true(turns < 2000);
    }
    assert_int_equal(collect_stats_of(c, now).dead, MEMBERS);
    while (collect_stats_of(c, now).dead > 0) { /* they answer again */
        (void)run(0, NULL);
        now = collect_deadline(c, now);
    }
}

static void test_asked_goes_first_and_once(void **state)
{
    (void)state;
    collect_start(c, now);
    (void)run(0, NULL);
    now = collect_deadline(c, now);
    collect_ask(c, 4, COLLECT_SETTINGS);
    collect_ask(c, 4, COLLECT_SETTINGS);
    collect_ask(c, 99, COLLECT_STATUS); /* nobody */
    collect_job job;
    assert_true(collect_next(c, now, &job));
    assert_int_equal(job.member, 4);
    assert_int_equal(job.kind, COLLECT_SETTINGS);
    assert_true(job.asked);
    collect_job other;
    assert_true(collect_next(c, now, &other)); /* a second one before the first is done */
    assert_int_not_equal(other.member, 4);
    collect_done(c, &job, GT_ERR_OK, now);
    collect_done(c, &other, GT_ERR_OK, now);
    assert_int_equal(run(0, NULL), MEMBERS - 1);
}

static void test_freezes_end(void **state)
{
    (void)state;
    collect_start(c, now);
    (void)run(0, NULL);
    collect_freeze_all(c);
    assert_int_equal(collect_stats_of(c, now).freezes_wanted, MEMBERS);
    (void)run(1U << 1, NULL);
    assert_int_equal(collect_stats_of(c, now).freezes_wanted, 0);
    assert_int_equal(collect_member_of(c, 1).reads_failed, COLLECT_FREEZE_TRIES);
}

static void test_a_broken_way_is_not_the_members_fault(void **state)
{
    (void)state;
    collect_job job;
    collect_start(c, now);
    for (int i = 0; i < 50 && collect_next(c, now, &job); i++) {
        collect_done(c, &job, GT_ERR_CLOSED, now);
    }
    const collect_stats s = collect_stats_of(c, now);
    assert_int_equal(s.dead, 0);
    assert_int_equal(s.reads_failed, 0);
}

static void test_refusals(void **state)
{
    (void)state;
    gt_arena arena = gt_arena_of(memory, sizeof memory);
    collect *none = NULL;
    collect_cfg cfg = collect_cfg_default(0);
    assert_int_equal(collect_create(&arena, &cfg, &none), GT_ERR_RANGE);
    cfg = collect_cfg_default(COLLECT_MEMBERS_MAX + 1);
    assert_int_equal(collect_create(&arena, &cfg, &none), GT_ERR_RANGE);
    cfg = collect_cfg_default(COLLECT_MEMBERS_MAX);
    assert_int_equal(collect_create(&arena, &cfg, &none), GT_ERR_MEMORY);
    assert_null(none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_rounds, setup),
        cmocka_unit_test_setup(test_rounds_of_nobody_pause, setup),
        cmocka_unit_test_setup(test_a_dead_member_costs_one_probe_a_period, setup),
        cmocka_unit_test_setup(test_asked_goes_first_and_once, setup),
        cmocka_unit_test_setup(test_freezes_end, setup),
        cmocka_unit_test_setup(test_a_broken_way_is_not_the_members_fault, setup),
        cmocka_unit_test_setup(test_refusals, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
