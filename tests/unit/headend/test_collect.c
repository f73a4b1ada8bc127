/* Collection, freezes, clock: what the terminal knows ends up in the readings database. */
#include "bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_all_meters_are_read(void **state)
{
    (void)state;
    bench *b = bench_open(60000);
    bench_connect(b);
    bench_run_ms(b, 1000);
    for (int i = 0; i < TILL_METERS; i++) {
        headend_latest latest;
        assert_int_equal(bench_latest(b, i, &latest), GT_ERR_OK);
        assert_true(latest.online);
        assert_int_equal(latest.terminal_id, b->till.terminal);
        const meter_status shown = bench_meter(b, i);
        assert_int_equal(reading_get(&latest.values, ITEM_BALANCE), shown.balance.fen);
        assert_int_equal(reading_relay_closed(&latest.values), shown.relay_closed);
    }
    bench_run_ms(b, 10 * 60000);
    reading history[20];
    const size_t count = bench_history(b, 0, history, 20);
    assert_in_range(count, 10, 13); /* one a minute */
    assert_true(history[0].taken.ms > history[count - 1].taken.ms);
    assert_int_equal(headend_stats_of(b->h).polls_failed, 0);
    assert_int_equal(headend_stats_of(b->h).readings_lost, 0);
    bench_close(b);
}

static void test_dead_meter_goes_offline(void **state)
{
    (void)state;
    bench *b = bench_open(60000);
    bench_connect(b);
    bench_run_ms(b, 1000);
    b->plant[3].dead = true;
    bench_run_ms(b, 120000);
    headend_latest latest;
    assert_int_equal(bench_latest(b, 3, &latest), GT_ERR_OK);
    assert_false(latest.online);
    assert_int_equal(bench_latest(b, 2, &latest), GT_ERR_OK);
    assert_true(latest.online);
    b->plant[3].dead = false;
    bench_run_ms(b, 130000);
    assert_int_equal(bench_latest(b, 3, &latest), GT_ERR_OK);
    assert_true(latest.online);
    bench_close(b);
}

static void test_lost_terminal_goes_offline(void **state)
{
    (void)state;
    bench *b = bench_open(60000);
    bench_connect(b);
    bench_run_ms(b, 1000);
    b->wanted = false;
    bench_cut(b);
    headend_latest latest;
    assert_int_equal(bench_latest(b, 0, &latest), GT_ERR_OK);
    assert_false(latest.online);
    bench_connect(b);
    bench_run_ms(b, 1000);
    assert_int_equal(bench_latest(b, 0, &latest), GT_ERR_OK);
    assert_true(latest.online);
    bench_close(b);
}

/* Every message lost in turn: polls go on, nothing is read twice into history or gets stuck. */
static void test_polls_survive_loss(void **state)
{
    (void)state;
    bench *b = bench_open(60000);
    bench_connect(b);
    for (unsigned i = 1; i < 40; i++) {
        bench_fault(b, i % 4 == 0 ? FAULT_CUT_BEFORE : FAULT_LOSE, 1 + i % 3);
        bench_run_ms(b, 20000);
    }
    b->fault_at = 0;
    bench_run_ms(b, 90000);
    for (int i = 0; i < TILL_METERS; i++) {
        headend_latest latest;
        assert_int_equal(bench_latest(b, i, &latest), GT_ERR_OK);
        assert_true(latest.online);
        assert_true(bench_utc(b).ms - latest.values.taken.ms < 65000);
    }
    assert_int_equal(headend_stats_of(b->h).sessions, 1);
    bench_close(b);
}

/* The bench starts at 13:00; midnight freezes, and 00:10 makes the head-end ask. */
static void test_daily_freezes_are_fetched(void **state)
{
    (void)state;
    bench *b = bench_open(600000);
    bench_connect(b);
    bench_run_ms(b, 11 * INT64_C(3600000) + 5 * 60000);
    headend_freeze freezes[8];
    assert_int_equal(bench_freezes(b, 0, freezes, 8), 0);
    bench_run_ms(b, 10 * 60000);
    for (int i = 0; i < TILL_METERS; i++) {
        assert_int_equal(bench_freezes(b, i, freezes, 8), 1);
        gt_civil day;
        assert_int_equal(gt_civil_of_day(freezes[0].day, &day), GT_ERR_OK);
        assert_int_equal(day.day, 21); /* November: the day that ended */
        assert_int_equal(reading_get(&freezes[0].values, ITEM_BALANCE),
                         bench_meter(b, i).balance.fen);
    }
    assert_int_equal(headend_stats_of(b->h).freezes_stored, TILL_METERS);
    bench_close(b);
}

/* Away over two midnights: both days are there soon after login, once. */
static void test_missed_freezes_are_back_filled(void **state)
{
    (void)state;
    bench *b = bench_open(600000);
    for (int hours = 0; hours < 40; hours++) {
        bench_run_ms(b, 3600000);
    }
    bench_connect(b);
    bench_run_ms(b, 60000);
    headend_freeze freezes[8];
    for (int i = 0; i < TILL_METERS; i++) {
        assert_int_equal(bench_freezes(b, i, freezes, 8), 2);
        assert_int_equal(freezes[0].day, freezes[1].day + 1);
    }
    const uint64_t stored = headend_stats_of(b->h).freezes_stored;
    bench_cut(b);
    bench_run_ms(b, 60000);
    assert_int_equal(headend_stats_of(b->h).freezes_stored, stored);
    bench_close(b);
}

static void test_clock_is_set_away_from_the_hour(void **state)
{
    (void)state;
    bench *b = bench_open(60000);
    b->clock_off_ms = -30000;
    bench_connect(b);
    bench_run_ms(b, 4 * 60000); /* 13:00 .. 13:04: too near the hour */
    assert_int_equal(b->clock_sets, 0);
    bench_run_ms(b, 3 * 60000);
    assert_int_equal(b->clock_sets, 1);
    assert_in_range(b->clock_off_ms + 2000, 0, 4000);
    bench_run_ms(b, 3 * 3600000);
    assert_int_equal(b->clock_sets, 1);
    bench_close(b);
}

static void test_small_clock_error_is_left(void **state)
{
    (void)state;
    bench *b = bench_open(60000);
    b->clock_off_ms = 3000;
    bench_connect(b);
    bench_run_ms(b, 2 * 3600000);
    assert_int_equal(b->clock_sets, 0);
    bench_close(b);
}

static void test_pack_and_unpack(void **state)
{
    (void)state;
    static const int64_t values[] = {0, 1, -1, 63, 64, -65, 1000000, INT64_MAX, INT64_MIN};
    reading r = {.taken = {.ms = 5}};
    for (unsigned i = 0; i < sizeof values / sizeof values[0]; i++) {
        reading_set(&r, (item_id)(i * 3), values[i]);
    }
    uint8_t packed[READING_PACK_MAX];
    const size_t len = reading_pack(&r, packed);
    reading back;
    assert_int_equal(reading_unpack(packed, len, r.taken, &back), GT_ERR_OK);
    assert_true(back.present == r.present && back.taken.ms == 5);
    for (unsigned i = 0; i < sizeof values / sizeof values[0]; i++) {
        assert_true(reading_get(&back, (item_id)(i * 3)) == values[i]);
    }
    for (size_t cut = 0; cut < len; cut++) {
        assert_int_equal(reading_unpack(packed, cut, r.taken, &back), GT_ERR_TRUNCATED);
    }
    packed[len] = 0;
    assert_int_equal(reading_unpack(packed, len + 1, r.taken, &back), GT_ERR_TRAILING);
    static const uint8_t endless[] = {1,    0,    0,    0,    0,    0,    0,    0,    0xFF, 0xFF,
                                      0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01};
    assert_int_equal(reading_unpack(endless, sizeof endless, r.taken, &back), GT_ERR_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_meters_are_read),
        cmocka_unit_test(test_dead_meter_goes_offline),
        cmocka_unit_test(test_lost_terminal_goes_offline),
        cmocka_unit_test(test_polls_survive_loss),
        cmocka_unit_test(test_daily_freezes_are_fetched),
        cmocka_unit_test(test_missed_freezes_are_back_filled),
        cmocka_unit_test(test_clock_is_set_away_from_the_hour),
        cmocka_unit_test(test_small_clock_error_is_left),
        cmocka_unit_test(test_pack_and_unpack),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
