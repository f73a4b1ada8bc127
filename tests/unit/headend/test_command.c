/* Sales and commands on their way to the meter, with every message and every write as the place
 * where something goes wrong. Whatever happens: the order ends, and the meter is credited once. */
#include "bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { AMOUNT_FEN = 5000, METER_OPEN = 1, METER_ON = 0, SETTLE_MS = 300000, EVENTS_MAX = 60 };

static int64_t sell(bench *b, int index)
{
    vending_sale_result sale;
    assert_int_equal(till_sell(&b->till, index, AMOUNT_FEN, "bench-sale-1", &sale), GT_ERR_OK);
    return sale.order.id;
}

static bool is_settled(bench *b, void *ctx)
{
    const order_state state = bench_order(b, *(const int64_t *)ctx);
    return !order_state_open(state) || state == ORDER_FROZEN;
}

static bench *online(uint32_t poll_ms)
{
    bench *b = bench_open(poll_ms);
    bench_connect(b);
    bench_run_ms(b, 1000);
    assert_int_equal(headend_stats_of(b->h).sessions, 1);
    return b;
}

static void test_sale_to_light(void **state)
{
    (void)state;
    bench *b = online(60000);
    const meter_status before = bench_meter(b, METER_OPEN);
    assert_false(before.relay_closed); /* in debt */
    int64_t order = sell(b, METER_OPEN);
    assert_true(bench_run_until(b, 1000, is_settled, &order));
    assert_int_equal(bench_order(b, order), ORDER_CONFIRMED);
    bench_run_ms(b, 3000);
    const meter_status after = bench_meter(b, METER_OPEN);
    assert_int_equal(after.balance.fen, before.balance.fen + AMOUNT_FEN);
    assert_int_equal(after.purchase_count, 1);
    assert_true(after.relay_closed);
    char timeline[512];
    till_timeline(&b->till, order, timeline, sizeof timeline);
    assert_string_equal(timeline,
                        "paid booked sent meter_answered confirmed relay_closed voltage_seen");
    headend_latest latest;
    assert_int_equal(bench_latest(b, METER_OPEN, &latest), GT_ERR_OK);
    assert_int_equal(reading_get(&latest.values, ITEM_BALANCE), after.balance.fen);
    assert_true(reading_relay_closed(&latest.values));
    (void)till_prove(&b->till);
    bench_close(b);
}

static void test_sale_waits_for_the_terminal(void **state)
{
    (void)state;
    bench *b = bench_open(0);
    int64_t order = sell(b, METER_ON);
    assert_false(bench_run_until(b, 60000, is_settled, &order));
    assert_int_equal(bench_order(b, order), ORDER_BOOKED);
    bench_connect(b);
    assert_true(bench_run_until(b, 1000, is_settled, &order));
    assert_int_equal(bench_order(b, order), ORDER_CONFIRMED);
    bench_close(b);
}

static void test_refusal_gives_the_money_back(void **state)
{
    (void)state;
    bench *b = online(0);
    b->plant[METER_ON].meter.state.account.customer_no =
        99; /* the meter belongs to somebody else */
    const meter_status before = bench_meter(b, METER_ON);
    int64_t order = sell(b, METER_ON);
    assert_true(bench_run_until(b, 5000, is_settled, &order));
    assert_int_equal(bench_order(b, order), ORDER_REFUSED);
    assert_int_equal(bench_meter(b, METER_ON).balance.fen, before.balance.fen);
    assert_true(till_prove(&b->till).refundable_fen == AMOUNT_FEN);
    bench_close(b);
}

static void test_dead_meter_stays_unknown_and_recovers(void **state)
{
    (void)state;
    bench *b = online(0);
    b->plant[METER_ON].dead = true;
    int64_t order = sell(b, METER_ON);
    assert_false(bench_run_until(b, 20 * 60000, is_settled, &order));
    assert_int_equal(bench_order(b, order), ORDER_UNKNOWN);
    assert_true(b->forwards < 60); /* asked again, but not all the time */
    /* Another meter is not held up. */
    vending_sale_result other;
    assert_int_equal(till_sell(&b->till, 2, 100, "bench-sale-2", &other), GT_ERR_OK);
    assert_true(bench_run_until(b, 1000, is_settled, &other.order.id));
    b->plant[METER_ON].dead = false;
    assert_true(bench_run_until(b, 120000, is_settled, &order));
    assert_int_equal(bench_order(b, order), ORDER_CONFIRMED);
    assert_int_equal(bench_meter(b, METER_ON).purchase_count, 1);
    bench_close(b);
}

/* Number of events of an undisturbed sale. */
static uint64_t events_of_sale(void)
{
    bench *b = online(0);
    const uint64_t before = b->events;
    int64_t order = sell(b, METER_OPEN);
    assert_true(bench_run_until(b, SETTLE_MS, is_settled, &order));
    bench_run_ms(b, 3000);
    const uint64_t count = b->events - before;
    bench_close(b);
    return count;
}

static void sale_with_fault(fault_kind kind, uint64_t at)
{
    bench *b = online(0);
    const meter_status before = bench_meter(b, METER_OPEN);
    bench_fault(b, kind, at);
    int64_t order = sell(b, METER_OPEN);
    const bool settled = bench_run_until(b, SETTLE_MS, is_settled, &order);
    bench_run_ms(b, 15000);
    const meter_status after = bench_meter(b, METER_OPEN);
    const order_state ended = bench_order(b, order);
    if (!settled || ended != ORDER_CONFIRMED || after.purchase_count != 1 ||
        after.balance.fen != before.balance.fen + AMOUNT_FEN) {
        char timeline[512];
        till_timeline(&b->till, order, timeline, sizeof timeline);
        print_error("fault %d at event %llu: %s, count %u, balance %lld; %s\n", (int)kind,
                    (unsigned long long)at, order_state_name(ended), after.purchase_count,
                    (long long)after.balance.fen, timeline);
        fail();
    }
    assert_true(b->struck || at > EVENTS_MAX / 2);
    (void)till_prove(&b->till);
    bench_close(b);
}

static void sweep(fault_kind kind)
{
    const uint64_t count = events_of_sale();
    assert_in_range(count, 8, EVENTS_MAX);
    for (uint64_t at = 1; at <= count; at++) {
        sale_with_fault(kind, at);
    }
}

static void test_each_message_lost(void **state)
{
    (void)state;
    sweep(FAULT_LOSE);
}

static void test_connection_cut_before_each(void **state)
{
    (void)state;
    sweep(FAULT_CUT_BEFORE);
}

static void test_connection_cut_after_each(void **state)
{
    (void)state;
    sweep(FAULT_CUT_AFTER);
}

static void test_station_killed_before_each(void **state)
{
    (void)state;
    sweep(FAULT_KILL_BEFORE);
}

static void test_station_killed_after_each(void **state)
{
    (void)state;
    sweep(FAULT_KILL_AFTER);
}

/* The answer of the write lost, then each event of the read-back disturbed as well. */
static void test_two_faults(void **state)
{
    (void)state;
    for (uint64_t second = 1; second <= 8; second++) {
        for (int kind = FAULT_LOSE; kind < FAULT_KINDS; kind++) {
            bench *b = online(0);
            bench_fault(b, FAULT_LOSE, 3); /* take, write, its answer */
            int64_t order = sell(b, METER_OPEN);
            while (!b->struck) {
                bench_run_ms(b, 10);
            }
            bench_fault(b, (fault_kind)kind, second);
            assert_true(bench_run_until(b, SETTLE_MS, is_settled, &order));
            assert_int_equal(bench_order(b, order), ORDER_CONFIRMED);
            assert_int_equal(bench_meter(b, METER_OPEN).purchase_count, 1);
            (void)till_prove(&b->till);
            bench_close(b);
        }
    }
}

/* ---- controls and reads ---- */

static bool command_over(bench *b, void *ctx)
{
    const vending_command c = bench_command_find(b, *(const int64_t *)ctx);
    return c.state != VENDING_COMMAND_WAITING && c.state != VENDING_COMMAND_SENT;
}

static vending_command run_command(bench *b, int index, vending_act act, int64_t ms)
{
    vending_command c;
    assert_int_equal(bench_command(b, index, act, &c), GT_ERR_OK);
    headend_wake(b->h);
    assert_true(bench_run_until(b, ms, command_over, &c.id));
    return bench_command_find(b, c.id);
}

static void test_controls(void **state)
{
    (void)state;
    static const struct {
        vending_act act;
        const char *result;
        bool closed;
    } rows[] = {
        {VENDING_ACT_CUT, "relay_open", false},
        {VENDING_ACT_RESTORE, "relay_closed", true},
        {VENDING_ACT_PROTECT, "relay_closed", true},
        {VENDING_ACT_UNPROTECT, "relay_closed", true},
    };
    bench *b = online(0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const vending_command c = run_command(b, METER_ON, rows[i].act, 5000);
        assert_int_equal(c.state, VENDING_COMMAND_DONE);
        assert_string_equal(c.result, rows[i].result);
        const meter_status shown = bench_meter(b, METER_ON);
        assert_int_equal(shown.relay_closed, rows[i].closed);
        assert_int_equal(shown.control_count, i + 1);
    }
    bench_close(b);
}

static void test_read_now(void **state)
{
    (void)state;
    bench *b = online(0);
    const vending_command c = run_command(b, 4, VENDING_ACT_READ, 2000);
    assert_int_equal(c.state, VENDING_COMMAND_DONE);
    headend_latest latest;
    assert_int_equal(bench_latest(b, 4, &latest), GT_ERR_OK);
    assert_int_equal(reading_get(&latest.values, ITEM_METER_NO), 5);
    assert_true(reading_has(&latest.values, ITEM_BALANCE));
    b->plant[4].dead = true;
    const vending_command dead = run_command(b, 4, VENDING_ACT_READ, 60000);
    assert_int_equal(dead.state, VENDING_COMMAND_FAILED);
    assert_string_equal(dead.result, "no_answer");
    bench_close(b);
}

/* A cut whose every event is disturbed: settled one way or the other, and the relay agrees. */
static void test_cut_with_faults(void **state)
{
    (void)state;
    for (int kind = FAULT_LOSE; kind < FAULT_KINDS; kind++) {
        for (uint64_t at = 1; at <= 8; at++) {
            bench *b = online(0);
            bench_fault(b, (fault_kind)kind, at);
            vending_command c;
            assert_int_equal(bench_command(b, METER_ON, VENDING_ACT_CUT, &c), GT_ERR_OK);
            assert_true(bench_run_until(b, 20 * 60000, command_over, &c.id));
            c = bench_command_find(b, c.id);
            if (c.state == VENDING_COMMAND_DONE) {
                assert_false(bench_meter(b, METER_ON).relay_closed);
            }
            bench_close(b);
        }
    }
}

static void test_old_command_expires(void **state)
{
    (void)state;
    bench *b = bench_open(0);
    vending_command c;
    assert_int_equal(bench_command(b, METER_ON, VENDING_ACT_RESTORE, &c), GT_ERR_OK);
    assert_true(bench_run_until(b, 11 * 60000, command_over, &c.id));
    assert_int_equal(bench_command_find(b, c.id).state, VENDING_COMMAND_EXPIRED);
    bench_connect(b);
    bench_run_ms(b, 5000);
    assert_int_equal(b->forwards, 0);
    bench_close(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sale_to_light),
        cmocka_unit_test(test_sale_waits_for_the_terminal),
        cmocka_unit_test(test_refusal_gives_the_money_back),
        cmocka_unit_test(test_dead_meter_stays_unknown_and_recovers),
        cmocka_unit_test(test_each_message_lost),
        cmocka_unit_test(test_connection_cut_before_each),
        cmocka_unit_test(test_connection_cut_after_each),
        cmocka_unit_test(test_station_killed_before_each),
        cmocka_unit_test(test_station_killed_after_each),
        cmocka_unit_test(test_two_faults),
        cmocka_unit_test(test_controls),
        cmocka_unit_test(test_read_now),
        cmocka_unit_test(test_cut_with_faults),
        cmocka_unit_test(test_old_command_expires),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
