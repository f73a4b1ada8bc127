/* Steps of a price count over a month or a year, and demand over intervals: what holds when the
 * steps change their cycle, and when the supply goes between two looks at the window. */
#include "meter/service.h"
#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

enum { KWH = 1200 };

static rig r;

static int setup(void **state)
{
    (void)state;
    rig_prepare(&r);
    for (unsigned i = 0; i < METER_RATES; i++) {
        r.cfg.parameter.price_e4[i] = 0;
    }
    r.cfg.opening_fen = 1000000;
    rig_clock(&r, 2026, 6, 30, 720);
    return 0;
}

/* 10 kWh free of the step's price, each further kWh one yuan. */
static tariff_tiers steps(tariff_cycle cycle)
{
    return (tariff_tiers){.count = 2,
                          .cycle = cycle,
                          .year_month = 1,
                          .year_day = 1,
                          .upto_centikwh = {1000},
                          .price_e4 = {0, 10000}};
}

static int64_t spent_fen(void)
{
    return r.cfg.opening_fen - rig_status(&r).balance.fen;
}

/* On 1 July a month of its own begins with the new steps, not on the midnight after. */
static void test_spare_tiers_of_another_cycle(void **state)
{
    (void)state;
    const tariff_tiers spare = steps(TARIFF_CYCLE_MONTH);
    const tariff_tiers first = steps(TARIFF_CYCLE_YEAR);
    const gt_civil july = {.year = 2026, .month = 7, .day = 1};
    assert_int_equal(rig_power_on(&r), GT_ERR_OK);
    r.meter.state.tier_hour = 0; /* the year's cycle has long begun */
    assert_int_equal(meter_tiers_set(&r.meter, &first, r.now), GT_ERR_OK);
    assert_int_equal(tariff_spare_tiers_write(&r.meter, &spare), GT_ERR_OK);
    assert_int_equal(
        meter_switch_set(&r.meter, TARIFF_PART_TIERS, (uint32_t)gt_civil_day(&july) * 1440, r.now),
        GT_ERR_OK);
    meter_pulse(&r.meter, 30 * KWH, r.now);
    assert_int_equal(spent_fen(), 2000);
    rig_wait_s(&r, RIG_DAY_S);
    meter_pulse(&r.meter, 10 * KWH, r.now);
    assert_int_equal(spent_fen(), 2000);
    rig_wait_s(&r, RIG_DAY_S);
    meter_pulse(&r.meter, 1 * KWH, r.now);
    assert_int_equal(spent_fen(), 2100);
}

static void test_set_tiers_of_another_cycle(void **state)
{
    (void)state;
    const tariff_tiers year = steps(TARIFF_CYCLE_YEAR);
    const tariff_tiers month = steps(TARIFF_CYCLE_MONTH);
    assert_int_equal(rig_power_on(&r), GT_ERR_OK);
    r.meter.state.tier_hour = 0;
    assert_int_equal(meter_tiers_set(&r.meter, &year, r.now), GT_ERR_OK);
    meter_pulse(&r.meter, 30 * KWH, r.now);
    assert_int_equal(meter_tiers_set(&r.meter, &month, r.now), GT_ERR_OK);
    meter_pulse(&r.meter, 10 * KWH, r.now);
    assert_int_equal(spent_fen(), 2000);
    rig_wait_s(&r, RIG_HOUR_S); /* and the new cycle is not begun twice */
    meter_pulse(&r.meter, 1 * KWH, r.now);
    assert_int_equal(spent_fen(), 2100);
    assert_int_equal(rig_power_cycle(&r, 10), GT_ERR_OK);
    meter_pulse(&r.meter, 1 * KWH, r.now);
    assert_int_equal(spent_fen(), 2200);
}

/* An interval that ended is demand, though nobody looked before the supply went. */
static void test_demand_before_power_fail(void **state)
{
    (void)state;
    assert_int_equal(rig_power_on(&r), GT_ERR_OK);
    meter_pulse(&r.meter, 1 * KWH, r.now);
    rig_wait_s(&r, 16 * 60);
    assert_int_equal(rig_power_cycle(&r, 60), GT_ERR_OK);
    assert_int_equal(r.meter.state.demand_forward.at[0].e4_kw, 40000);
}

/* Nor is it lost at the end of the calendar. */
static void test_demand_before_the_end(void **state)
{
    (void)state;
    rig_clock(&r, 2099, 12, 31, 1400);
    assert_int_equal(rig_power_on(&r), GT_ERR_OK);
    meter_pulse(&r.meter, 1 * KWH, r.now);
    rig_wait_s(&r, RIG_HOUR_S);
    assert_false(rig_status(&r).clock_known);
    assert_int_equal(r.meter.state.demand_forward.at[0].e4_kw, 40000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_spare_tiers_of_another_cycle, setup),
        cmocka_unit_test_setup(test_set_tiers_of_another_cycle, setup),
        cmocka_unit_test_setup(test_demand_before_power_fail, setup),
        cmocka_unit_test_setup(test_demand_before_the_end, setup),
    };
    return cmocka_run_group_tests_name("meter/cycles", tests, NULL, NULL);
}
