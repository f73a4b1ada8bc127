/* The load profile: every interval that passed with power and clock is there, exactly, as deep as
 * the profile says; every other one is missing; and so it stays with the power cut at any byte. */
#include "meter/layout.h"
#include "meter/service.h"
#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static rig r;
static uint8_t large[LAYOUT_FULL_SIZE];

enum { MINUTE_S = 60, QUARTER = 15, WEEK = 672 };

static int setup(void **state)
{
    (void)state;
    rig_prepare(&r);
    r.cfg.opening_fen = INT32_MAX;
    return rig_power_on(&r) == GT_ERR_OK ? 0 : -1;
}

static void start_full(void)
{
    rig_prepare(&r);
    r.cfg.profile = METER_PROFILE_FULL;
    memset(large, 0xFF, sizeof large);
    sim_eeprom_init_large(&r.eeprom, 1, large, sizeof large);
    assert_int_equal(rig_power_on(&r), GT_ERR_OK);
}

static uint32_t last(meter_profile_class class)
{
    return meter_profile_last(&r.meter, class, r.now);
}

static gt_err get(meter_profile_class class, uint32_t at_min, int64_t out[METER_PROFILE_VALUES])
{
    return meter_profile_get(&r.meter, class, at_min, out);
}

static bool there(meter_profile_class class, uint32_t at_min)
{
    int64_t v[METER_PROFILE_VALUES];
    const gt_err err = get(class, at_min, v);
    assert_true(err == GT_ERR_OK || err == GT_ERR_NOT_FOUND);
    return err == GT_ERR_OK;
}

static void test_week(void **state)
{
    (void)state;
    enum { INTERVALS = WEEK + 100 };
    static int64_t truth[INTERVALS];
    int64_t v[METER_PROFILE_VALUES];
    const uint32_t first = last(METER_PROFILE_ENERGY);
    assert_false(there(METER_PROFILE_ENERGY, first)); /* its end was before the power came */
    for (unsigned i = 0; i < INTERVALS; i++) {
        meter_pulse(&r.meter, 13 * (i % 50), r.now);
        meter_pulse_reverse(&r.meter, 12, r.now);
        truth[i] = rig_status(&r).energy[0].centikwh;
        rig_wait_s(&r, QUARTER * MINUTE_S);
    }
    assert_int_equal(meter_profile_depth(&r.meter, METER_PROFILE_ENERGY), WEEK);
    assert_int_equal(last(METER_PROFILE_ENERGY), first + INTERVALS * QUARTER);
    for (uint32_t i = 0; i < INTERVALS; i++) {
        const uint32_t at_min = first + (i + 1) * QUARTER;
        assert_int_equal(there(METER_PROFILE_ENERGY, at_min), i >= INTERVALS - WEEK);
        assert_false(there(METER_PROFILE_ENERGY, at_min + 1));
        assert_false(there(METER_PROFILE_POWER, at_min)); /* this meter has no room for it */
        if (i >= INTERVALS - WEEK) {
            assert_int_equal(get(METER_PROFILE_ENERGY, at_min, v), GT_ERR_OK);
            assert_int_equal(v[0], truth[i]);
            assert_int_equal(v[1], i + 1);
        }
    }
}

static void test_missed(void **state)
{
    (void)state;
    rig_wait_s(&r, RIG_HOUR_S);
    const uint32_t before = last(METER_PROFILE_ENERGY);
    rig_wait_s(&r, 5 * MINUTE_S);
    assert_int_equal(rig_power_cycle(&r, 2 * RIG_HOUR_S), GT_ERR_OK);
    assert_true(there(METER_PROFILE_ENERGY, before));
    rig_wait_s(&r, QUARTER * MINUTE_S);
    for (uint32_t i = 1; i <= 8; i++) {
        assert_false(there(METER_PROFILE_ENERGY, before + i * QUARTER));
    }
    assert_true(there(METER_PROFILE_ENERGY, before + 9 * QUARTER));
    const uint16_t set[] = {26, 3, 10, 2, 12, 16, 0}; /* on over 12:15 .. */
    rig_wait_s(&r, 52 * MINUTE_S);
    assert_int_equal(rig_write(&r, MAP_CLOCK_SET_FIRST, set, 7), 0);
    rig_wait_s(&r, QUARTER * MINUTE_S);
    assert_false(there(METER_PROFILE_ENERGY, last(METER_PROFILE_ENERGY) - QUARTER));
    assert_true(there(METER_PROFILE_ENERGY, last(METER_PROFILE_ENERGY)));
}

static void test_no_clock(void **state)
{
    (void)state;
    rig_prepare(&r);
    r.rtc_good = false;
    assert_int_equal(rig_power_on(&r), GT_ERR_OK);
    assert_int_equal(last(METER_PROFILE_ENERGY), 0);
    rig_wait_s(&r, RIG_DAY_S);
    for (unsigned at = LAYOUT_SMALL_PROFILE_ENERGY_AT; at < LAYOUT_SMALL_SIZE; at++) {
        assert_int_equal(r.eeprom.cells[at], 0xFF);
    }
}

/* All classes, each with its own interval, and nothing measured is recorded before a measurement.
 */
static void test_full(void **state)
{
    (void)state;
    start_full();
    const uint8_t minutes[METER_PROFILE_CLASSES] = {1, 5, 60, 30, 0};
    assert_int_equal(meter_profile_set(&r.meter, minutes, r.now), GT_ERR_OK);
    rig_wait_s(&r, RIG_HOUR_S);
    assert_false(there(METER_PROFILE_ELECTRIC, last(METER_PROFILE_ELECTRIC)));
    assert_false(there(METER_PROFILE_POWER, last(METER_PROFILE_POWER)));
    assert_true(there(METER_PROFILE_ENERGY, last(METER_PROFILE_ENERGY)));
    const meter_measurement shown = {.voltage_dv = {2201, 40000, 2203},
                                     .current_ca = {1, 50000, 3},
                                     .power_w = {-1, 2000000, 3},
                                     .reactive_var = {4, -5, 6},
                                     .factor_e3 = {1000, -999, 998},
                                     .factor_total_e3 = -997,
                                     .frequency_ch = 5002};
    meter_measure(&r.meter, &shown, r.now);
    rig_wait_s(&r, RIG_HOUR_S);
    static const struct {
        meter_profile_class class;
        uint32_t want;
        int64_t values[METER_PROFILE_VALUES];
    } rows[] = {
        {METER_PROFILE_ELECTRIC, 60, {2201, 40000, 2203, 1, 50000, 3, 5002}},
        {METER_PROFILE_POWER, 12, {-1, 2000000, 3, 4, -5, 6}},
        {METER_PROFILE_FACTOR, 1, {-997, 1000, -999, 998}},
        {METER_PROFILE_ENERGY, 4, {0, 0}}, /* also of the hour before */
        {METER_PROFILE_DEMAND, 0, {0}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t v[METER_PROFILE_VALUES] = {0};
        uint32_t found = 0;
        for (uint32_t at = last(METER_PROFILE_ELECTRIC) - 180; at <= last(METER_PROFILE_ELECTRIC);
             at++) {
            found += get(rows[i].class, at, v) == GT_ERR_OK ? 1 : 0;
        }
        assert_int_equal(found, rows[i].want);
        assert_memory_equal(v, rows[i].values, sizeof v);
    }
    assert_int_equal(rig_power_cycle(&r, 10), GT_ERR_OK);
    assert_int_equal(meter_profile_interval(&r.meter, METER_PROFILE_POWER), 5);
    assert_int_equal(meter_profile_interval(&r.meter, METER_PROFILE_DEMAND), 0);
}

static void test_demand(void **state)
{
    (void)state;
    start_full();
    rig_use(&r, 2400, 2 * RIG_HOUR_S); /* 1 kW */
    int64_t v[METER_PROFILE_VALUES];
    assert_int_equal(get(METER_PROFILE_DEMAND, last(METER_PROFILE_DEMAND), v), GT_ERR_OK);
    assert_in_range(v[0], 9900, 10100);
    assert_int_equal(v[1], 0);
}

static void test_refused(void **state)
{
    (void)state;
    for (unsigned i = 0; i < METER_PROFILE_CLASSES; i++) {
        uint8_t minutes[METER_PROFILE_CLASSES] = {1, 1, 1, 1, 1};
        minutes[i] = 61;
        assert_int_equal(meter_profile_set(&r.meter, minutes, r.now), GT_ERR_RANGE);
        assert_int_equal(meter_profile_interval(&r.meter, METER_PROFILE_ENERGY), QUARTER);
    }
    const uint8_t minutes[METER_PROFILE_CLASSES] = {60, 60, 60, 60, 60};
    r.eeprom.dead = true;
    assert_int_equal(meter_profile_set(&r.meter, minutes, r.now), GT_ERR_IO);
    int64_t v[METER_PROFILE_VALUES];
    assert_int_equal(get(METER_PROFILE_ENERGY, last(METER_PROFILE_ENERGY), v), GT_ERR_IO);
    rig_prepare(&r);
    r.cfg.life = METER_LIFE_BARE;
    assert_int_equal(rig_power_on(&r), GT_ERR_OK);
    assert_int_equal(meter_profile_set(&r.meter, minutes, r.now), GT_ERR_CONFLICT);
}

static void test_cut_at_every_byte(void **state)
{
    (void)state;
    unsigned cuts = 0;
    for (uint64_t byte = 1; byte < 1500; byte += 2) {
        rig_prepare(&r);
        sim_eeprom_init(&r.eeprom, byte);
        assert_int_equal(rig_power_on(&r), GT_ERR_OK);
        const uint32_t first = last(METER_PROFILE_ENERGY);
        sim_eeprom_cut_after(&r.eeprom, byte);
        uint32_t done = 0;
        for (unsigned i = 0; i < 40 && !r.eeprom.dead; i++) {
            meter_pulse_reverse(&r.meter, 12, r.now);
            rig_wait_s(&r, QUARTER * MINUTE_S);
            done = r.eeprom.dead ? done : i + 1;
        }
        cuts += r.eeprom.dead ? 1 : 0;
        sim_eeprom_restore(&r.eeprom);
        assert_int_equal(rig_power_on(&r), GT_ERR_OK);
        for (uint32_t i = 1; i <= 41; i++) {
            int64_t v[METER_PROFILE_VALUES];
            const gt_err err = get(METER_PROFILE_ENERGY, first + i * QUARTER, v);
            assert_true(err == GT_ERR_OK || (err == GT_ERR_NOT_FOUND && i > done));
            assert_true(err != GT_ERR_OK || (i <= done + 1 && v[0] == 0 && v[1] == i));
        }
    }
    assert_true(cuts > 300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_week, setup),
        cmocka_unit_test_setup(test_missed, setup),
        cmocka_unit_test(test_no_clock),
        cmocka_unit_test(test_full),
        cmocka_unit_test(test_demand),
        cmocka_unit_test_setup(test_refused, setup),
        cmocka_unit_test(test_cut_at_every_byte),
    };
    return cmocka_run_group_tests_name("meter/profile", tests, NULL, NULL);
}
