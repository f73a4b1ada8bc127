/* Midnights: plain, month end, leap day, missed while the power was off, around clock settings,
 * with a clock that is lost or lies. And the rules by which a clock may be set. */
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
    return 0;
}

static void start(int year, int month, int day, int minute)
{
    rig_clock(&r, year, month, day, minute);
    assert_int_equal(rig_power_on(&r), GT_ERR_OK);
}

/* Stamp of a record as YYMMDDhh in hexadecimal digits. */
static uint32_t daily(uint16_t back)
{
    return rig_register_pair(&r, (uint16_t)(0x0200 + 16 * back));
}

static uint32_t monthly(uint16_t back)
{
    return rig_register_pair(&r, (uint16_t)(0x0600 + 16 * back));
}

static void test_one_midnight(void **state)
{
    (void)state;
    start(2026, 3, 10, 23 * 60 + 50);
    rig_use(&r, 1200, 540); /* 1 kWh at 23:59, then 2 kWh after midnight */
    rig_wait_s(&r, 60);
    rig_use(&r, 2400, 600);
    assert_int_equal(daily(0), 0x26031100);
    assert_int_equal(daily(1), 0);
    assert_int_equal(rig_register_pair(&r, 0x0202), 100);
    assert_int_equal(rig_register_pair(&r, 0x020A), 100); /* valley */
    assert_int_equal(rig_register_pair(&r, 0x020C), 10000 - 30);
    assert_int_equal(monthly(0), 0);
    assert_int_equal(rig_status(&r).energy[0].centikwh, 300);
}

static void test_calendar(void **state)
{
    (void)state;
    static const struct {
        int year;
        int month;
        int day;
        uint32_t daily;
        uint32_t monthly;
    } rows[] = {
        {2026, 1, 31, 0x26020100, 0x26020100},  {2028, 2, 28, 0x28022900, 0},
        {2028, 2, 29, 0x28030100, 0x28030100},  {2027, 2, 28, 0x27030100, 0x27030100},
        {2026, 12, 31, 0x27010100, 0x27010100}, {2026, 12, 30, 0x26123100, 0},
        {2038, 1, 18, 0x38011900, 0},           {2098, 12, 31, 0x99010100, 0x99010100},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        rig_prepare(&r);
        start(rows[i].year, rows[i].month, rows[i].day, 1439);
        rig_wait_s(&r, 120);
        assert_int_equal(daily(0), rows[i].daily);
        assert_int_equal(daily(1), 0);
        assert_int_equal(monthly(0), rows[i].monthly);
    }
}

static void test_rings_turn(void **state)
{
    (void)state;
    start(2026, 1, 1, 600);
    for (int day = 0; day < 430; day++) {
        meter_pulse(&r.meter, 1200, r.now);
        rig_wait_s(&r, RIG_DAY_S);
    }
    uint16_t last[16];
    assert_int_equal(rig_read(&r, 0x0200 + 61 * 16, 16, last), 0);
    assert_int_equal(daily(0), 0x27030700);
    assert_int_equal(last[0], 0x2701);
    assert_int_equal(last[1], 0x0500);
    assert_int_equal(last[3], 43000 - 6100);
    assert_int_equal(monthly(0), 0x27030100);
    assert_int_equal(monthly(11), 0x26040100);
}

/* Nothing flows without power: the midnights missed get the registers as they stood. */
static void test_power_off(void **state)
{
    (void)state;
    start(2026, 3, 10, 600);
    rig_use(&r, 1200, 60);
    assert_int_equal(rig_power_cycle(&r, 3 * RIG_DAY_S), GT_ERR_OK);
    assert_int_equal(daily(0), 0x26031300);
    assert_int_equal(daily(1), 0x26031200);
    assert_int_equal(daily(2), 0x26031100);
    assert_int_equal(daily(3), 0);
    assert_int_equal(rig_register_pair(&r, 0x0222), 100);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(rig_power_cycle(&r, 60), GT_ERR_OK); /* never twice */
    }
    assert_int_equal(daily(3), 0);
    assert_int_equal(rig_power_cycle(&r, 400 * RIG_DAY_S), GT_ERR_OK);
    assert_int_equal(daily(0), 0x27041700);
    assert_int_equal(daily(61), 0x27021500);
    assert_int_equal(monthly(0), 0x27040100);
    assert_int_equal(monthly(11), 0x26050100);
}

static int set_clock(int month, int day, int hour, int minute, int second)
{
    const uint16_t values[7] = {
        26, (uint16_t)month, (uint16_t)day, 0, (uint16_t)hour, (uint16_t)minute, (uint16_t)second};
    return rig_write(&r, 0x0160, values, 7);
}

static void test_clock_rules(void **state)
{
    (void)state;
    start(2026, 3, 10, 600);
    assert_int_equal(set_clock(3, 10, 10, 5, 5), 4); /* more than five minutes */
    assert_int_equal(rig_register(&r, 0x25), 1);
    assert_int_equal(set_clock(3, 10, 9, 54, 55), 4);
    assert_int_equal(set_clock(3, 11, 10, 0, 0), 4);
    assert_int_equal(set_clock(2, 30, 10, 0, 0), 4); /* no such day */
    assert_int_equal(set_clock(13, 1, 10, 0, 0), 4);
    assert_int_equal(set_clock(3, 10, 10, 4, 30), 0);
    assert_int_equal(rig_register(&r, 0x2C), 10);
    assert_int_equal(rig_register(&r, 0x2D), 4);
    assert_int_equal(set_clock(3, 10, 10, 4, 40), 4); /* once a day */
    assert_int_equal(rig_power_cycle(&r, 60), GT_ERR_OK);
    assert_int_equal(set_clock(3, 10, 10, 5, 40), 4);
    rig_wait_s(&r, RIG_DAY_S);
    assert_int_equal(set_clock(3, 11, 10, 5, 50), 0);
}

static void test_clock_near_midnight(void **state)
{
    (void)state;
    static const struct {
        int minute;
        int to_hour;
        int to_minute;
        int want;
    } rows[] = {
        {1436, 23, 52, 4}, {1436, 23, 58, 4}, {1433, 23, 56, 4}, {4, 0, 8, 4},
        {7, 0, 4, 4},      {1430, 23, 54, 0}, {7, 0, 6, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        rig_prepare(&r);
        start(2026, 3, 10, rows[i].minute);
        assert_int_equal(set_clock(3, 10, rows[i].to_hour, rows[i].to_minute, 0), rows[i].want);
    }
}

static void test_clock_lost(void **state)
{
    (void)state;
    r.rtc_good = false;
    assert_int_equal(rig_power_on(&r), GT_ERR_OK);
    rig_use(&r, 1200, 60);
    assert_int_equal(rig_status(&r).energy[3].centikwh, 100); /* flat while nobody knows */
    rig_wait_s(&r, 2 * RIG_DAY_S);
    assert_int_equal(daily(0), 0);
    assert_int_equal(rig_register(&r, 0x29), 0);        /* month 0: no clock */
    assert_int_equal(rig_control(&r, 0x1A, 1, 600), 4); /* its time cannot be judged */
    assert_int_equal(rig_register(&r, 0x25), 1U << 9U);
    assert_true(rig_status(&r).relay_closed);
    assert_int_equal(rig_control(&r, 0x3A, 1, -600), 0); /* to give is allowed */
    assert_int_equal(rig_control(&r, 0x3B, 2, 600), 4);
    assert_int_equal(set_clock(5, 1, 23, 59, 0), 0); /* any time */
    rig_wait_s(&r, 120);
    assert_int_equal(daily(0), 0x26050200);
    assert_int_equal(monthly(0), 0);
    assert_int_equal(rig_control(&r, 0x1A, 2, -86400 * 365), 4);
    r.rtc_good = true;
    assert_int_equal(rig_power_cycle(&r, 60), GT_ERR_OK);
    assert_true(rig_status(&r).clock_known);
}

/* The chip's battery died: it reads 2000, or some year to come. */
static void test_clock_lies(void **state)
{
    (void)state;
    start(2026, 3, 10, 600);
    rig_wait_s(&r, RIG_DAY_S);
    static const int years[] = {2000, 2025, 2037, 2090};
    for (size_t i = 0; i < sizeof years / sizeof years[0]; i++) {
        rig_clock(&r, years[i], 1, 1, 0);
        assert_int_equal(rig_power_on(&r), GT_ERR_OK);
        assert_false(rig_status(&r).clock_known);
        assert_int_equal(daily(0), 0x26031100);
        assert_int_equal(daily(1), 0);
    }
    assert_int_equal(set_clock(3, 11, 0, 1, 0), 0); /* back on the day already frozen */
    rig_wait_s(&r, 120);
    assert_int_equal(daily(1), 0);
    rig_wait_s(&r, RIG_DAY_S);
    assert_int_equal(daily(0), 0x26031200);
    assert_int_equal(daily(1), 0x26031100);
    assert_int_equal(daily(2), 0);
}

static void test_memory_fails_at_midnight(void **state)
{
    (void)state;
    start(2026, 3, 10, 1439);
    r.eeprom.dead = true;
    rig_wait_s(&r, 300);
    r.eeprom.dead = false;
    rig_wait_s(&r, 120);
    assert_int_equal(daily(0), 0x26031100);
    assert_int_equal(daily(1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_one_midnight, setup),
        cmocka_unit_test_setup(test_calendar, setup),
        cmocka_unit_test_setup(test_rings_turn, setup),
        cmocka_unit_test_setup(test_power_off, setup),
        cmocka_unit_test_setup(test_clock_rules, setup),
        cmocka_unit_test_setup(test_clock_near_midnight, setup),
        cmocka_unit_test_setup(test_clock_lost, setup),
        cmocka_unit_test_setup(test_clock_lies, setup),
        cmocka_unit_test_setup(test_memory_fails_at_midnight, setup),
    };
    return cmocka_run_group_tests_name("meter/freeze", tests, NULL, NULL);
}
