/* The power limit: its table cell by cell, the delay, the trips of a day, the return, and what ends
 * it. */
#include "meter/service.h"
#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static rig r;

static int setup(void **state)
{
    (void)state;
    rig_prepare(&r);
    r.cfg.parameter.power =
        (meter_power_limit){.limit_w = 6000, .delay_s = 30, .return_s = 300, .trips_max = 3};
    return rig_power_on(&r) == GT_ERR_OK ? 0 : -1;
}

static void test_table(void **state)
{
    (void)state;
    enum { I = OVERLOAD_IDLE, C = OVERLOAD_COUNTING, T = OVERLOAD_TRIPPED, L = OVERLOAD_LOCKED };
    /* columns: OVER UNDER TRIP LAST RETURN BUTTON CLOSE OFF */
    static const uint8_t want[OVERLOAD_STATES][OVERLOAD_EVENTS] = {
        [OVERLOAD_IDLE] = {C, I, I, I, I, I, I, I},
        [OVERLOAD_COUNTING] = {C, I, T, L, C, C, C, I},
        [OVERLOAD_TRIPPED] = {T, T, T, T, I, I, I, I},
        [OVERLOAD_LOCKED] = {L, L, L, L, L, I, I, I},
    };
    for (unsigned s = 0; s < OVERLOAD_STATES; s++) {
        for (unsigned e = 0; e < OVERLOAD_EVENTS; e++) {
            assert_int_equal(overload_next((overload_state)s, (overload_event)e), want[s][e]);
        }
        assert_int_equal(overload_wants_open((overload_state)s), s == T || s == L);
    }
}

static void draw(int32_t watt)
{
    const meter_measurement measured = {.power_w = {watt / 2, watt - watt / 2, 0}};
    meter_measure(&r.meter, &measured, r.now);
}

static void expect(overload_state overload, bool closed)
{
    const meter_status s = rig_status(&r);
    assert_int_equal(s.overload, overload);
    assert_int_equal(s.relay_closed, closed);
}

static void trip(void)
{
    draw(6001);
    rig_wait_us(&r, 30 * INT64_C(1000000));
    draw(0);
}

static void test_delay(void **state)
{
    (void)state;
    draw(6000);
    expect(OVERLOAD_IDLE, true);
    draw(6001);
    expect(OVERLOAD_COUNTING, true);
    assert_int_equal(rig_register(&r, 0x24) & 0x10, 0x10);
    rig_wait_us(&r, 20 * INT64_C(1000000));
    draw(7000); /* still above: the delay goes on, it does not begin again */
    rig_wait_us(&r, 9 * INT64_C(1000000) + 900000);
    expect(OVERLOAD_COUNTING, true);
    rig_wait_us(&r, 100000);
    expect(OVERLOAD_TRIPPED, false);
    draw(0); /* nothing flows now; it waits for its time */
    expect(OVERLOAD_TRIPPED, false);
    assert_int_equal(rig_register(&r, 0x22), 1);
    assert_int_equal(rig_register(&r, 0x23), 3);
}

static void test_short_peak(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++) {
        draw(20000);
        rig_wait_us(&r, 29 * INT64_C(1000000));
        draw(6000);
        rig_wait_us(&r, 1000000);
        expect(OVERLOAD_IDLE, true);
    }
    draw(-20000); /* fed back */
    rig_wait_s(&r, 100);
    expect(OVERLOAD_IDLE, true);
}

static void test_return_and_lock(void **state)
{
    (void)state;
    for (unsigned n = 1; n <= 2; n++) {
        trip();
        expect(OVERLOAD_TRIPPED, false);
        rig_wait_us(&r, 299 * INT64_C(1000000));
        expect(OVERLOAD_TRIPPED, false);
        rig_wait_us(&r, 1000000);
        expect(OVERLOAD_IDLE, true);
        assert_int_equal(rig_register(&r, 0x22), n);
    }
    trip();
    expect(OVERLOAD_LOCKED, false);
    assert_int_equal(rig_register(&r, 0x24) & 0x0400, 0x0400);
    rig_wait_s(&r, RIG_HOUR_S);
    expect(OVERLOAD_LOCKED, false);
    meter_button(&r.meter, r.now);
    expect(OVERLOAD_IDLE, true);
    trip(); /* the day's trips are used up: each more by hand */
    expect(OVERLOAD_LOCKED, false);
    assert_int_equal(rig_control(&r, CONTROL_CLOSE, 1, 60), 0);
    expect(OVERLOAD_IDLE, true);
    rig_wait_s(&r, RIG_DAY_S);
    assert_int_equal(rig_register(&r, 0x22), 0);
    trip();
    expect(OVERLOAD_TRIPPED, false);
}

static void test_what_ends_it(void **state)
{
    (void)state;
    trip();
    meter_button(&r.meter, r.now);
    expect(OVERLOAD_IDLE, true);
    rig_wait_s(&r, 400);
    expect(OVERLOAD_IDLE, true);
    trip();
    meter_card(&r.meter, r.now); /* a card is no button */
    expect(OVERLOAD_TRIPPED, false);
    meter_parameter p = r.meter.state.account.parameter;
    p.power.limit_w = 0;
    assert_int_equal(meter_terms_set(&r.meter, &p, r.now), GT_ERR_OK);
    rig_wait_s(&r, 1);
    expect(OVERLOAD_IDLE, true);
    trip(); /* no limit, no trip */
    expect(OVERLOAD_IDLE, true);
}

static void test_never_returns(void **state)
{
    (void)state;
    meter_parameter p = r.meter.state.account.parameter;
    p.power.return_s = 0;
    p.power.trips_max = 0;
    p.power.delay_s = 0;
    assert_int_equal(meter_terms_set(&r.meter, &p, r.now), GT_ERR_OK);
    for (int i = 0; i < 300; i++) { /* any number of trips, and the count stops at its end */
        draw(6001);
        rig_wait_us(&r, 1);
        expect(OVERLOAD_TRIPPED, false);
        meter_button(&r.meter, r.now);
        expect(OVERLOAD_IDLE, true);
        draw(0);
    }
    assert_int_equal(rig_register(&r, 0x22), UINT8_MAX);
    draw(6001);
    rig_wait_s(&r, 2 * RIG_HOUR_S);
    expect(OVERLOAD_TRIPPED, false);
}

static void test_power_cut(void **state)
{
    (void)state;
    draw(6001);
    rig_wait_us(&r, 10 * INT64_C(1000000));
    assert_int_equal(rig_purchase(&r, 100, 1), 0); /* an image in the middle of the delay */
    assert_int_equal(rig_power_cycle(&r, 5), GT_ERR_OK);
    expect(OVERLOAD_IDLE, true); /* the delay begins anew when power flows again */
    rig_wait_s(&r, 60);
    expect(OVERLOAD_IDLE, true);
    trip();
    rig_wait_us(&r, 200 * INT64_C(1000000));
    assert_int_equal(rig_power_cycle(&r, 5), GT_ERR_OK);
    expect(OVERLOAD_TRIPPED, false); /* the wait begins anew, but it is not forgotten */
    rig_wait_us(&r, 299 * INT64_C(1000000));
    expect(OVERLOAD_TRIPPED, false);
    rig_wait_us(&r, 1000000);
    expect(OVERLOAD_IDLE, true);
    assert_int_equal(rig_register(&r, 0x22), 1);
}

/* Protection keeps the supply on through all of it, and the limit is not forgotten. */
static void test_protection(void **state)
{
    (void)state;
    assert_int_equal(rig_control(&r, CONTROL_PROTECT, 1, 60), 0);
    trip();
    expect(OVERLOAD_TRIPPED, true);
    assert_int_equal(rig_control(&r, CONTROL_UNPROTECT, 2, 60), 0);
    expect(OVERLOAD_TRIPPED, false);
}

/* The clock is lost while the delay runs: nothing is cut. */
static void test_clock_ends(void **state)
{
    (void)state;
    rig_prepare(&r);
    r.cfg.parameter.power = (meter_power_limit){.limit_w = 6000, .delay_s = 30};
    rig_clock(&r, 2099, 12, 31, 1439);
    assert_int_equal(rig_power_on(&r), GT_ERR_OK);
    rig_wait_s(&r, 50);
    draw(6001);
    rig_wait_s(&r, 100);
    assert_false(rig_status(&r).clock_known);
    expect(OVERLOAD_IDLE, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test_setup(test_delay, setup),
        cmocka_unit_test_setup(test_short_peak, setup),
        cmocka_unit_test_setup(test_return_and_lock, setup),
        cmocka_unit_test_setup(test_what_ends_it, setup),
        cmocka_unit_test_setup(test_never_returns, setup),
        cmocka_unit_test_setup(test_power_cut, setup),
        cmocka_unit_test_setup(test_protection, setup),
        cmocka_unit_test(test_clock_ends),
    };
    return cmocka_run_group_tests_name("meter/overload", tests, NULL, NULL);
}
