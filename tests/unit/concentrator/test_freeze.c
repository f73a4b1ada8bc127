/* Fetching frozen records: a meter with a table of records, a box that asks for what it lacks. */
#include "concentrator/freeze.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

enum { TODAY = 20000, RECORDS_MAX = 80 };

/* A meter's table: periods, newest first, 0 past the end. */
typedef struct table {
    int32_t period[RECORDS_MAX];
} table;

static gt_mono at_s(int64_t s)
{
    return (gt_mono){.us = s * 1000000};
}

/* Read until nothing is wanted; @return the reads it took. */
static unsigned settle(box_freeze *f, const table *t, gt_mono now, bool settled)
{
    unsigned reads = 0;
    uint8_t record = 0;
    while (box_freeze_next(f, now, settled, &record)) {
        box_freeze_begin(f);
        assert_true(record < f->span);
        box_freeze_took(f, now, t->period[record]);
        reads++;
        assert_true(reads <= 62);
    }
    return reads;
}

static table table_of(int32_t newest, int32_t count)
{
    table t = {{0}};
    for (int32_t i = 0; i < count; i++) {
        t.period[i] = newest - i;
    }
    return t;
}

static void test_first_walk_takes_everything(void **state)
{
    (void)state;
    box_freeze f = box_freeze_of(BOX_FREEZE_DAILY);
    box_freeze_roll(&f, TODAY);
    const table t = table_of(TODAY, 62);
    assert_int_equal(settle(&f, &t, at_s(0), true), 62);
    for (int32_t i = 0; i < 62; i++) {
        assert_true(box_freeze_has(&f, TODAY - i));
    }
    assert_false(box_freeze_has(&f, TODAY - 62));
    assert_false(box_freeze_has(&f, TODAY + 1));
}

static void test_daily_rhythm_is_one_read(void **state)
{
    (void)state;
    box_freeze f = box_freeze_of(BOX_FREEZE_DAILY);
    box_freeze_roll(&f, TODAY);
    table t = table_of(TODAY, 62);
    (void)settle(&f, &t, at_s(0), true);
    for (int32_t day = TODAY + 1; day < TODAY + 5; day++) {
        t = table_of(day, 62);
        box_freeze_roll(&f, day);
        assert_int_equal(settle(&f, &t, at_s(0), false), 0); /* 00:04 */
        assert_int_equal(settle(&f, &t, at_s(60), true), 1);
        assert_true(box_freeze_has(&f, day));
        assert_int_equal(settle(&f, &t, at_s(120), true), 0);
    }
}

static void test_empty_meter_is_asked_rarely(void **state)
{
    (void)state;
    box_freeze f = box_freeze_of(BOX_FREEZE_DAILY);
    box_freeze_roll(&f, TODAY);
    const table none = {{0}};
    assert_int_equal(settle(&f, &none, at_s(0), true), 1);
    assert_int_equal(settle(&f, &none, at_s(1799), true), 0);
    assert_int_equal(settle(&f, &none, at_s(1800), true), 1);
    const table one = table_of(TODAY, 1);
    assert_int_equal(settle(&f, &one, at_s(3600), true), 1);
    assert_true(box_freeze_has(&f, TODAY));
    assert_int_equal(settle(&f, &one, at_s(99999), true), 0);
}

/* Nights without power: records are not where their age says. */
static void test_holes_in_the_meter(void **state)
{
    (void)state;
    box_freeze f = box_freeze_of(BOX_FREEZE_DAILY);
    box_freeze_roll(&f, TODAY);
    const table t = {{TODAY, TODAY - 10, TODAY - 11, TODAY - 30}};
    assert_int_equal(settle(&f, &t, at_s(0), true), 5);
    assert_true(box_freeze_has(&f, TODAY - 10));
    assert_true(box_freeze_has(&f, TODAY - 30));
    assert_false(box_freeze_has(&f, TODAY - 5));
    assert_int_equal(settle(&f, &t, at_s(9999), true), 0);
}

/* The box was off for five days; the rest is in its store. */
static void test_only_the_gap_is_walked(void **state)
{
    (void)state;
    box_freeze f = box_freeze_of(BOX_FREEZE_DAILY);
    box_freeze_roll(&f, TODAY);
    for (int32_t i = 5; i < 62; i++) {
        box_freeze_mark(&f, TODAY - i);
    }
    const table t = table_of(TODAY, 62);
    assert_int_equal(settle(&f, &t, at_s(0), true), 5);
    assert_true(box_freeze_has(&f, TODAY - 4));
}

static void test_silence_and_lost_records(void **state)
{
    (void)state;
    box_freeze f = box_freeze_of(BOX_FREEZE_MONTHLY);
    box_freeze_roll(&f, TODAY);
    uint8_t record = 0;
    assert_true(box_freeze_next(&f, at_s(0), true, &record));
    box_freeze_begin(&f);
    box_freeze_failed(&f, at_s(0));
    assert_false(box_freeze_next(&f, at_s(299), true, &record));
    const table t = table_of(TODAY, 12);
    assert_int_equal(settle(&f, &t, at_s(300), true), 12);
    box_freeze_forget(&f, TODAY - 3);
    box_freeze_forget(&f, TODAY - 300);
    assert_false(box_freeze_has(&f, TODAY - 3));
    assert_int_equal(settle(&f, &t, at_s(400), true), 4);
    assert_true(box_freeze_has(&f, TODAY - 3));
}

/* The clock goes back over midnight and forward again; the walk under way starts over. */
static void test_clock_steps(void **state)
{
    (void)state;
    box_freeze f = box_freeze_of(BOX_FREEZE_DAILY);
    box_freeze_roll(&f, TODAY);
    const table t = table_of(TODAY, 62);
    (void)settle(&f, &t, at_s(0), true);
    box_freeze_roll(&f, TODAY - 1);
    assert_true(box_freeze_has(&f, TODAY - 1));
    assert_int_equal(settle(&f, &t, at_s(1), true), 62); /* one older day came into view */
    box_freeze_roll(&f, TODAY);
    uint8_t record = 0;
    assert_true(box_freeze_next(&f, at_s(2), true, &record));
    box_freeze_begin(&f);
    box_freeze_roll(&f, TODAY + 1);
    box_freeze_took(&f, at_s(2), TODAY); /* late answer: kept, and no walk moves */
    assert_true(box_freeze_has(&f, TODAY));
    assert_false(f.walking);
    box_freeze_roll(&f, TODAY + 1000);
    assert_false(box_freeze_has(&f, TODAY));
    box_freeze_roll(&f, TODAY - 1000);
    assert_int_equal(f.have, 0);
}

/* Records from the future or from long ago do no harm, and every walk ends. */
static void test_absurd_records(void **state)
{
    (void)state;
    static const int32_t odd[] = {TODAY + 400, 1, -5, TODAY, INT32_MIN, BOX_FREEZE_UNREADABLE};
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        table t = {{0}};
        for (size_t n = 0; n < 62; n++) {
            t.period[n] = odd[i];
        }
        box_freeze f = box_freeze_of(BOX_FREEZE_DAILY);
        box_freeze_roll(&f, TODAY);
        assert_in_range(settle(&f, &t, at_s(0), true), 1, 62);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_walk_takes_everything),
        cmocka_unit_test(test_daily_rhythm_is_one_read),
        cmocka_unit_test(test_empty_meter_is_asked_rarely),
        cmocka_unit_test(test_holes_in_the_meter),
        cmocka_unit_test(test_only_the_gap_is_walked),
        cmocka_unit_test(test_silence_and_lost_records),
        cmocka_unit_test(test_clock_steps),
        cmocka_unit_test(test_absurd_records),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
