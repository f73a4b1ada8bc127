/* Pulses, rates and the cost of a day: nothing is lost however the pulses are grouped. */
#include "meter/register.h"
#include "meter/tariff.h"
#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void test_any_grouping(void **state)
{
    (void)state;
    static const uint16_t constants[] = {1, 3, 100, 101, 1200, 1600, 6400, 20000};
    for (size_t i = 0; i < sizeof constants / sizeof constants[0]; i++) {
        meter_register one = {0};
        meter_register many = {0};
        uint32_t left = 100003;
        for (uint32_t step = 1; left > 0; step = step % 977 + 1) {
            const uint32_t pulses = step < left ? step : left;
            (void)meter_register_count(&many, pulses, constants[i], (uint8_t)(1 + step % 4));
            left -= pulses;
        }
        (void)meter_register_count(&one, 100003, constants[i], 2);
        assert_int_equal(one.total.centikwh, 100003LL * 100 / constants[i]);
        assert_int_equal(many.total.centikwh, one.total.centikwh);
        assert_int_equal(many.carry, one.carry);
        assert_int_equal(many.rate[0].centikwh + many.rate[1].centikwh + many.rate[2].centikwh +
                             many.rate[3].centikwh,
                         many.total.centikwh);
    }
    meter_register full = {0};
    assert_int_equal(meter_register_count(&full, UINT32_MAX, 1, 1).centikwh, 429496729500);
}

static void test_schedule(void **state)
{
    (void)state;
    static const tariff_schedule day = {.count = 4,
                                        .period = {{420, 3}, {600, 1}, {720, 2}, {1320, 4}}};
    static const struct {
        unsigned minute;
        uint8_t rate;
    } rows[] = {{0, 4},   {419, 4}, {420, 3},  {599, 3},  {600, 1},
                {719, 1}, {720, 2}, {1319, 2}, {1320, 4}, {1439, 4}};
    assert_int_equal(tariff_schedule_check(&day), GT_ERR_OK);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(tariff_rate_at(&day, rows[i].minute), rows[i].rate);
    }
}

static void test_schedule_refused(void **state)
{
    (void)state;
    static const tariff_schedule bad[] = {
        {.count = 0},
        {.count = METER_PERIODS_MAX + 1},
        {.count = 1, .period = {{1440, 1}}},
        {.count = 1, .period = {{0, 0}}},
        {.count = 1, .period = {{0, METER_RATES + 1}}},
        {.count = 2, .period = {{60, 1}, {60, 2}}},
        {.count = 2, .period = {{60, 1}, {59, 2}}},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(tariff_schedule_check(&bad[i]), GT_ERR_RANGE);
    }
}

static void test_config_refused(void **state)
{
    (void)state;
    static rig r;
    rig_prepare(&r);
    const meter_config good = r.cfg;
    assert_int_equal(meter_config_check(&good), GT_ERR_OK);
    meter_config bad[9];
    for (size_t i = 0; i < 9; i++) {
        bad[i] = good;
    }
    bad[0].meter_no = 1000000000000;
    bad[1].customer_no = 1000000000000;
    bad[2].unit = 0;
    bad[3].unit = 248;
    bad[4].baud = 0;
    bad[5].constant = 0;
    bad[6].zone_min = 900;
    bad[7].parameter.alarm2_fen = 9999;
    bad[8].schedule.count = 0;
    for (size_t i = 0; i < 9; i++) {
        r.cfg = bad[i];
        assert_int_equal(rig_power_on(&r), GT_ERR_RANGE);
    }
}

/* The worst a host can ask for: no overflow, no assertion, and still the right fen. */
static void test_largest_step(void **state)
{
    (void)state;
    static rig r;
    rig_prepare(&r);
    r.cfg.constant = 1;
    r.cfg.opening_fen = 0;
    r.cfg.parameter.price_e4[2] = 1000000;
    assert_int_equal(rig_power_on(&r), GT_ERR_OK);
    meter_pulse(&r.meter, UINT32_MAX, r.now);
    assert_int_equal(rig_status(&r).balance.fen, -42949672950000);
    rig_wait_s(&r, 1);
    assert_int_equal(rig_register_pair(&r, 0x001F), 0x80000000); /* the wire stops at its end */
    assert_false(rig_status(&r).relay_closed);
}

/* A steady 1.2 kW from 06:00 to 06:00: hours of each rate, and the money to the fen. */
static void test_day_of_rates(void **state)
{
    (void)state;
    static rig r;
    rig_prepare(&r);
    r.cfg.opening_fen = 10000;
    rig_clock(&r, 2026, 3, 10, 6 * 60);
    assert_int_equal(rig_power_on(&r), GT_ERR_OK);
    rig_use(&r, 1440 * 24, RIG_DAY_S);
    const meter_status s = rig_status(&r);
    static const int64_t hours[] = {2, 10, 3, 9};
    int64_t cost = 0;
    for (unsigned i = 0; i < sizeof hours / sizeof hours[0]; i++) {
        assert_in_range(s.energy[1 + i].centikwh, hours[i] * 120 - 1, hours[i] * 120 + 1);
        cost += s.energy[1 + i].centikwh * r.cfg.parameter.price_e4[i];
    }
    assert_int_equal(s.energy[0].centikwh, 2880);
    assert_int_equal(s.balance.fen, 10000 - cost / GT_FEN_E6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_grouping),     cmocka_unit_test(test_schedule),
        cmocka_unit_test(test_schedule_refused), cmocka_unit_test(test_config_refused),
        cmocka_unit_test(test_largest_step),     cmocka_unit_test(test_day_of_rates)};
    return cmocka_run_group_tests_name("meter/register", tests, NULL, NULL);
}
