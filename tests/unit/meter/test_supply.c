/* Both machines cell by cell, then the whole way of a supply: alarms, overdraft, cut, payment,
 * button, the station's cut beside the debt, protection, a relay that sticks. And the one property
 * that lets a fleet be simulated: a meter called at its deadlines lives as one stepped every half
 * second. */
#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static rig r;

static int setup(void **state)
{
    (void)state;
    rig_prepare(&r);
    return rig_power_on(&r) == GT_ERR_OK ? 0 : -1;
}

static void test_credit_table(void **state)
{
    (void)state;
    enum { N = CREDIT_NORMAL, A = CREDIT_LOW1, B = CREDIT_LOW2, O = CREDIT_OVERDRAFT };
    enum { C = CREDIT_CUT, R = CREDIT_REARM };
    enum { W = CREDIT_WARNED };
    /* columns: OK LOW1 LOW2 ZERO LIMIT BUTTON AUTO CLOSE WARN EMERGENCY */
    static const uint8_t want[CREDIT_STATES][CREDIT_EVENTS] = {
        [CREDIT_NORMAL] = {N, A, B, O, C, N, N, N, W, N},
        [CREDIT_LOW1] = {N, A, B, O, C, A, A, A, W, A},
        [CREDIT_LOW2] = {N, A, B, O, C, B, B, B, B, B},
        [CREDIT_OVERDRAFT] = {N, A, B, O, C, O, O, O, B, O},
        [CREDIT_CUT] = {R, R, R, C, C, C, C, C, R, O},
        [CREDIT_REARM] = {R, R, R, C, C, N, N, N, R, R},
        [CREDIT_WARNED] = {N, A, B, W, C, B, W, B, W, W},
    };
    for (unsigned s = 0; s < CREDIT_STATES; s++) {
        for (unsigned e = 0; e < CREDIT_EVENTS; e++) {
            assert_int_equal(credit_next((credit_state)s, (credit_event)e), want[s][e]);
        }
        assert_int_equal(credit_wants_open((credit_state)s), s == C || s == R || s == W);
    }
}

static void test_remote_table(void **state)
{
    (void)state;
    enum { ON = REMOTE_CONNECTED, CUT = REMOTE_CUT, MAY = REMOTE_ALLOWED };
    /* columns: OPEN ALLOW CLOSE BUTTON */
    static const uint8_t want[REMOTE_STATES][REMOTE_EVENTS] = {
        [REMOTE_CONNECTED] = {CUT, ON, ON, ON},
        [REMOTE_CUT] = {CUT, MAY, ON, CUT},
        [REMOTE_ALLOWED] = {CUT, MAY, ON, ON},
    };
    for (unsigned s = 0; s < REMOTE_STATES; s++) {
        for (unsigned e = 0; e < REMOTE_EVENTS; e++) {
            assert_int_equal(remote_next((remote_state)s, (remote_event)e), want[s][e]);
        }
        assert_int_equal(remote_wants_open((remote_state)s), s != ON);
    }
}

static void test_levels(void **state)
{
    (void)state;
    static const struct {
        int64_t balance;
        int64_t overdraft;
        credit_event want;
    } rows[] = {
        {2001, 1000, CREDIT_EV_BALANCE_OK},   {2000, 1000, CREDIT_EV_BALANCE_LOW1},
        {501, 1000, CREDIT_EV_BALANCE_LOW1},  {500, 1000, CREDIT_EV_BALANCE_LOW2},
        {1, 1000, CREDIT_EV_BALANCE_LOW2},    {0, 1000, CREDIT_EV_BALANCE_ZERO},
        {-999, 1000, CREDIT_EV_BALANCE_ZERO}, {-1000, 1000, CREDIT_EV_LIMIT_HIT},
        {-5000, 1000, CREDIT_EV_LIMIT_HIT},   {0, 0, CREDIT_EV_LIMIT_HIT},
        {1, 0, CREDIT_EV_BALANCE_LOW2},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const credit_limits limits = {
            .alarm1.fen = 2000, .alarm2.fen = 500, .overdraft.fen = rows[i].overdraft};
        const gt_money balance = {.fen = rows[i].balance};
        assert_int_equal(credit_level(balance, &limits), rows[i].want);
    }
}

/* Use until the balance is at that many fen or just below; the flat rate is 0.6 yuan. */
static void spend_to(int64_t fen)
{
    while (rig_status(&r).balance.fen > fen) {
        rig_wait_us(&r, 20000);
        meter_pulse(&r.meter, 2, r.now);
    }
    rig_wait_s(&r, 1);
}

static void test_down_and_up(void **state)
{
    (void)state;
    static const struct {
        int64_t balance;
        credit_state credit;
        uint16_t bits; /* of the status word, without the relay */
        bool closed;
    } rows[] = {
        {2001, CREDIT_NORMAL, 0x0008, true},  {2000, CREDIT_LOW1, 0x0048, true},
        {500, CREDIT_LOW2, 0x00C8, true},     {0, CREDIT_OVERDRAFT, 0x00C8, true},
        {-1, CREDIT_OVERDRAFT, 0x00E8, true}, {-999, CREDIT_OVERDRAFT, 0x00E8, true},
        {-1000, CREDIT_CUT, 0x00E8, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        spend_to(rows[i].balance);
        const meter_status s = rig_status(&r);
        assert_int_equal(s.balance.fen, rows[i].balance);
        assert_int_equal(s.credit, rows[i].credit);
        assert_int_equal(s.relay_closed, rows[i].closed);
        assert_int_equal(rig_register(&r, 0x24), rows[i].bits | (rows[i].closed ? 0xE000 : 0));
    }
    assert_int_equal(rig_purchase(&r, 1000, 1), 0); /* the debt exactly: not yet light */
    rig_wait_s(&r, 2);
    assert_int_equal(rig_status(&r).credit, CREDIT_CUT);
    assert_int_equal(rig_register(&r, 0x24), 0x00E8);
    const int64_t asked = r.now.us;
    assert_int_equal(rig_purchase(&r, 1, 2), 0);
    assert_true(rig_status(&r).relay_closed);
    assert_in_range(r.now.us - asked, 0, 100000); /* light does not wait for the half second */
    assert_int_equal(rig_status(&r).credit, CREDIT_LOW2);
}

static void test_button(void **state)
{
    (void)state;
    r.cfg.rearm = METER_REARM_BUTTON;
    meter_button(&r.meter, r.now);
    assert_true(rig_status(&r).relay_closed);
    spend_to(-1000);
    meter_button(&r.meter, r.now); /* not paid: nothing */
    assert_false(rig_status(&r).relay_closed);
    assert_int_equal(rig_purchase(&r, 5000, 1), 0);
    rig_wait_s(&r, 5);
    assert_false(rig_status(&r).relay_closed);
    assert_int_equal(rig_register(&r, 0x24), 0x0408);
    assert_int_equal(rig_power_cycle(&r, 60), GT_ERR_OK);
    assert_int_equal(rig_status(&r).credit, CREDIT_REARM);
    meter_button(&r.meter, r.now);
    assert_true(rig_status(&r).relay_closed);
    rig_wait_s(&r, 1);
    assert_int_equal(rig_register(&r, 0x24), 0xE008);
}

/* Two causes, and both must be gone. */
static void test_station_and_debt(void **state)
{
    (void)state;
    assert_int_equal(rig_control(&r, 0x1A, 1, 60), 0);
    assert_false(rig_status(&r).relay_closed);
    assert_int_equal(rig_purchase(&r, 5000, 1), 0);
    assert_false(rig_status(&r).relay_closed);
    spend_to(-1000); /* through a by-pass */
    assert_int_equal(rig_control(&r, 0x1C, 2, 60), 0);
    assert_false(rig_status(&r).relay_closed);
    assert_int_equal(rig_purchase(&r, 5000, 2), 0);
    assert_true(rig_status(&r).relay_closed);
    assert_int_equal(rig_control(&r, 0x1A, 3, 60), 0);
    meter_button(&r.meter, r.now);
    assert_false(rig_status(&r).relay_closed);
    assert_int_equal(rig_control(&r, 0x1B, 4, 60), 0);
    assert_false(rig_status(&r).relay_closed);
    assert_int_equal(rig_register(&r, 0x24) & 0x0400, 0x0400);
    meter_button(&r.meter, r.now);
    assert_true(rig_status(&r).relay_closed);
}

static void test_close_at_once_rearms(void **state)
{
    (void)state;
    r.cfg.rearm = METER_REARM_BUTTON;
    spend_to(-1000);
    assert_int_equal(rig_control(&r, 0x1C, 1, 60), 0); /* in debt: the station cannot lend */
    assert_false(rig_status(&r).relay_closed);
    assert_int_equal(rig_purchase(&r, 5000, 1), 0);
    assert_false(rig_status(&r).relay_closed);
    assert_int_equal(rig_control(&r, 0x1C, 2, 60), 0);
    assert_true(rig_status(&r).relay_closed);
}

static void test_protection(void **state)
{
    (void)state;
    assert_int_equal(rig_control(&r, 0x1A, 1, 60), 0);
    assert_int_equal(rig_control(&r, 0x3A, 2, 60), 0);
    assert_true(rig_status(&r).relay_closed); /* protection beats the cut before it */
    assert_int_equal(rig_control(&r, 0x1A, 3, 60), 0);
    spend_to(-3000); /* and a debt far over the limit */
    assert_true(rig_status(&r).relay_closed);
    assert_int_equal(rig_power_cycle(&r, 60), GT_ERR_OK);
    rig_wait_s(&r, 1);
    assert_true(rig_status(&r).relay_closed);
    assert_int_equal(rig_control(&r, 0x3B, 4, 60), 0);
    assert_false(rig_status(&r).relay_closed); /* nothing was forgotten meanwhile */
    assert_int_equal(rig_purchase(&r, 5000, 1), 0);
    assert_false(rig_status(&r).relay_closed);
    assert_int_equal(rig_control(&r, 0x1C, 5, 60), 0);
    assert_true(rig_status(&r).relay_closed);
}

static void test_stuck_relay(void **state)
{
    (void)state;
    r.stuck = true;
    assert_int_equal(rig_control(&r, 0x1A, 1, 60), 0);
    rig_wait_s(&r, 2);
    assert_true(rig_status(&r).fault);
    assert_int_equal(r.drives, 4); /* three, a fault, and the first of the minute's */
    meter_event event = {0};
    assert_int_equal(meter_event_get(&r.meter, 0, &event), GT_ERR_OK);
    assert_int_equal(event.kind, METER_EVENT_RELAY_FAULT);
    assert_int_equal(event.detail, GT_RELAY_ALL);
    r.stuck = false;
    rig_wait_s(&r, 61);
    rig_wait_s(&r, 1);
    assert_false(rig_status(&r).relay_closed);
    assert_false(rig_status(&r).fault);
}

static void test_control_refused(void **state)
{
    (void)state;
    static const struct {
        uint16_t command;
        uint32_t count;
        int64_t valid_s;
        uint16_t want;
    } rows[] = {
        {0x1A, 5, 0, 1U << 9U},  {0x1A, 5, -60, 1U << 9U},  {0x1C, 5, -60, 1U << 9U},
        {0x1A, 4, 60, 1U << 1U}, {0x1A, 3, 60, 1U << 5U},   {0x1A, 0, 60, 1U << 5U},
        {0x1D, 5, 60, 1U << 0U}, {0x0000, 5, 60, 1U << 0U}, {0xFF1A, 5, 60, 1U << 0U},
    };
    assert_int_equal(rig_control(&r, 0x3A, 4, 60), 0);
    assert_int_equal(rig_control(&r, 0x3B, 4, 60), 4);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(rig_control(&r, rows[i].command, rows[i].count, rows[i].valid_s), 4);
        assert_int_equal(rig_register(&r, 0x25), rows[i].want);
        assert_true(rig_status(&r).relay_closed);
        assert_int_equal(rig_status(&r).control_count, 4);
    }
}

/* The order to cut, sent again after the supply was given back: answered, not done. */
static void test_control_replayed(void **state)
{
    (void)state;
    uint16_t cut[MAP_CONTROL_COUNT] = {0x1A, 0, 1, 0x7FFF, 0xFFFF};
    rig_sign(&r, METER_KEY_CONTROL, MAP_CONTROL_FIRST, cut, MAP_CONTROL_COUNT);
    assert_int_equal(rig_write(&r, MAP_CONTROL_FIRST, cut, MAP_CONTROL_COUNT), 0);
    assert_int_equal(rig_write(&r, MAP_CONTROL_FIRST, cut, MAP_CONTROL_COUNT), 0);
    assert_false(rig_status(&r).relay_closed);
    assert_int_equal(rig_control(&r, 0x1C, 2, 60), 0);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(rig_write(&r, MAP_CONTROL_FIRST, cut, MAP_CONTROL_COUNT), 4);
        assert_true(rig_status(&r).relay_closed);
    }
}

static void test_parameter_refused(void **state)
{
    (void)state;
    const meter_parameter good = {.alarm1_fen = 9000, .alarm2_fen = 9000, .price_e4 = {7, 7, 7, 7}};
    meter_parameter bad[4] = {good, good, good, good};
    bad[0].alarm2_fen++;
    bad[1].price_e4[3] = 1000001;
    bad[2].overdraft_fen = UINT32_MAX;
    bad[3].hoarding_fen = UINT32_MAX;
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(rig_parameter(&r, &bad[i], 1), 4);
        assert_int_equal(rig_register(&r, 0x25), 1);
    }
    assert_int_equal(rig_parameter(&r, &good, 1), 0);
    assert_int_equal(rig_parameter(&r, &good, 1), 0); /* the same bytes */
    assert_int_equal(rig_parameter(&r, &bad[0], 1), 4);
    assert_int_equal(rig_register(&r, 0x25), 2);
    assert_int_equal(rig_parameter(&r, &good, 0), 4);
    assert_int_equal(rig_register(&r, 0x25), 32);
    rig_wait_s(&r, 1);
    assert_int_equal(rig_status(&r).credit, CREDIT_NORMAL); /* 100 yuan, alarm at 90 */
    assert_int_equal(rig_register_pair(&r, 0x0054), 7);
}

/* One meter is called only when it asks to be, its twin every half second too. */
static void test_deadlines_equal_steps(void **state)
{
    (void)state;
    static rig twin;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        rig_prepare(&r);
        r.cfg.rearm = seed % 2 == 0 ? METER_REARM_AUTO : METER_REARM_BUTTON;
        r.cfg.opening_fen = 600;
        twin = r;
        assert_int_equal(rig_power_on(&r), GT_ERR_OK);
        assert_int_equal(rig_power_on(&twin), GT_ERR_OK);
        uint64_t random = seed;
        uint32_t bought = 0;
        for (int i = 0; i < 300; i++) {
            random = random * 6364136223846793005U + 1442695040888963407U;
            const int64_t gap_us = (int64_t)(random >> 44U);
            rig_wait_us(&r, gap_us);
            for (int64_t left = gap_us; left > 0; left -= METER_GRID_US) {
                rig_wait_us(&twin, left < METER_GRID_US ? left : METER_GRID_US);
                meter_tick(&twin.meter, twin.now);
            }
            const uint32_t pulses = (uint32_t)(random >> 20U) % 60;
            meter_pulse(&r.meter, pulses, r.now);
            meter_pulse(&twin.meter, pulses, twin.now);
            if (random % 31 == 0) {
                meter_button(&r.meter, r.now);
                meter_button(&twin.meter, twin.now);
            }
            if (random % 29 == 0) {
                bought++;
                assert_int_equal(rig_purchase(&r, 1100, bought), 0);
                assert_int_equal(rig_purchase(&twin, 1100, bought), 0);
            }
            assert_memory_equal(&r.meter.state, &twin.meter.state, sizeof r.meter.state);
            assert_int_equal(r.contacts, twin.contacts);
            assert_int_equal(r.drives, twin.drives);
        }
        assert_memory_equal(r.eeprom.cells, twin.eeprom.cells, sizeof r.eeprom.cells);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_credit_table),
        cmocka_unit_test(test_remote_table),
        cmocka_unit_test(test_levels),
        cmocka_unit_test_setup(test_down_and_up, setup),
        cmocka_unit_test_setup(test_button, setup),
        cmocka_unit_test_setup(test_station_and_debt, setup),
        cmocka_unit_test_setup(test_close_at_once_rearms, setup),
        cmocka_unit_test_setup(test_protection, setup),
        cmocka_unit_test_setup(test_stuck_relay, setup),
        cmocka_unit_test_setup(test_control_refused, setup),
        cmocka_unit_test_setup(test_control_replayed, setup),
        cmocka_unit_test_setup(test_parameter_refused, setup),
        cmocka_unit_test(test_deadlines_equal_steps),
    };
    return cmocka_run_group_tests_name("meter/supply", tests, NULL, NULL);
}
