/* Freezes on command, by the hour and at each switching of the tariff: what they hold, how deep
 * they go, and that no hour is written twice, with clocks set, power lost, and the power cut at any
 * byte. */
#include "meter/service.h"
#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static rig r;

enum { MINUTE_S = 60, EIGHT = 8 * 60 };

static int setup(void **state)
{
    (void)state;
    rig_prepare(&r);
    return rig_power_on(&r) == GT_ERR_OK ? 0 : -1;
}

static uint32_t civil_min(void)
{
    return (uint32_t)(rig_utc(&r).ms / 60000 + r.cfg.zone_min);
}

static meter_freeze get(record_class class, uint32_t back)
{
    meter_freeze f = {0};
    assert_int_equal(meter_freeze_get(&r.meter, class, back, &f), GT_ERR_OK);
    return f;
}

static void test_instant(void **state)
{
    (void)state;
    meter_measure(&r.meter,
                  &(meter_measurement){.power_w = {1, -2, 30000}, .reactive_var = {-4, 5, 6}},
                  r.now);
    for (int64_t n = 1; n <= 5; n++) {
        rig_use(&r, 1200, 60);
        meter_pulse_reverse(&r.meter, 12, r.now);
        assert_int_equal(meter_freeze_now(&r.meter, r.now), GT_ERR_OK);
        const meter_freeze f = get(RECORD_INSTANT, 0);
        assert_int_equal(f.at_min, civil_min());
        assert_int_equal(f.forward[0].centikwh, 100 * n);
        assert_int_equal(f.forward[3].centikwh, 100 * n);
        assert_int_equal(f.reverse[0].centikwh, n);
        assert_int_equal(f.reverse[3].centikwh, n);
        assert_int_equal(f.reverse[1].centikwh, 0);
        assert_int_equal(f.balance.fen, 10000 - 60 * n);
        assert_int_equal(f.power_w[1], -2);
        assert_int_equal(f.power_w[2], 30000);
        assert_int_equal(f.reactive_var[0], -4);
    }
    assert_int_equal(get(RECORD_INSTANT, 2).forward[0].centikwh, 300);
    meter_freeze f;
    assert_int_equal(meter_freeze_get(&r.meter, RECORD_INSTANT, 3, &f), GT_ERR_NOT_FOUND);
    r.eeprom.dead = true;
    assert_int_equal(meter_freeze_now(&r.meter, r.now), GT_ERR_IO);
    r.eeprom.dead = false;
    r.rtc_good = false;
    assert_int_equal(rig_power_cycle(&r, 1), GT_ERR_OK);
    assert_int_equal(meter_freeze_now(&r.meter, r.now), GT_ERR_OK);
    assert_int_equal(get(RECORD_INSTANT, 0).at_min, 0);
}

static void test_hours(void **state)
{
    (void)state;
    enum { HOURS = 300 };
    rig_prepare(&r);
    r.cfg.opening_fen = INT32_MAX;
    assert_int_equal(rig_power_on(&r), GT_ERR_OK);
    const uint32_t start_min = civil_min();
    for (unsigned h = 0; h < HOURS; h++) {
        rig_use(&r, 120, RIG_HOUR_S);
    }
    assert_int_equal(record_kept(&r.meter, RECORD_HOURLY), 254);
    assert_int_equal(record_count(&r.meter, RECORD_HOURLY), HOURS);
    for (uint32_t back = 0; back < 254; back++) {
        const meter_freeze f = get(RECORD_HOURLY, back);
        assert_int_equal(f.at_min, start_min + (HOURS - back) * 60);
        assert_in_range((HOURS - back) * 10 - f.forward[0].centikwh, 0, 1);
        assert_int_equal(f.forward[1].centikwh, 0); /* not kept */
    }
}

typedef struct clock_row {
    const char *name;
    int minute;    /* of the day at which the power comes */
    int wait_min;  /* then */
    int set_min;   /* then the clock is set to this minute of the day; -1: the power goes instead ..
                    */
    int off_min;   /* .. for so long */
    int after_min; /* then */
    uint32_t want; /* hours written */
} clock_row;

static const clock_row clock_rows[] = {
    {"no hour", EIGHT + 1, 50, -1, 0, 8, 0},
    {"one", EIGHT + 1, 50, -1, 0, 9, 1},
    {"on the hour counts once", EIGHT, 60, -1, 0, 59, 1},
    {"an hour without power", EIGHT + 30, 20, -1, 60, 0, 0},
    {"and the next", EIGHT + 30, 20, -1, 60, 10, 1},
    {"days without power", EIGHT + 30, 20, -1, 5000, 50, 1},
    {"back over the hour", EIGHT + 55, 7, EIGHT + 58, 0, 10, 1},
    {"back before the hour", EIGHT + 55, 4, EIGHT + 56, 0, 10, 1},
    {"on over the hour", EIGHT + 50, 8, 9 * 60 + 1, 0, 30, 0},
    {"on to the hour", EIGHT + 50, 8, 9 * 60, 0, 59, 0},
};

static void test_clocks(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof clock_rows / sizeof clock_rows[0]; i++) {
        const clock_row *row = &clock_rows[i];
        rig_prepare(&r);
        rig_clock(&r, 2026, 3, 10, row->minute);
        assert_int_equal(rig_power_on(&r), GT_ERR_OK);
        rig_wait_s(&r, (int64_t)row->wait_min * MINUTE_S);
        if (row->set_min >= 0) {
            const uint16_t set[] = {
                26, 3, 10, 2, (uint16_t)(row->set_min / 60), (uint16_t)(row->set_min % 60), 0};
            assert_int_equal(rig_write(&r, MAP_CLOCK_SET_FIRST, set, 7), 0);
        } else if (row->off_min > 0) {
            assert_int_equal(rig_power_cycle(&r, (int64_t)row->off_min * MINUTE_S), GT_ERR_OK);
        }
        rig_wait_s(&r, (int64_t)row->after_min * MINUTE_S);
        if (record_kept(&r.meter, RECORD_HOURLY) != row->want) {
            fail_msg("%s: %u", row->name, record_kept(&r.meter, RECORD_HOURLY));
        }
    }
}

/* A clock that was years ahead does not stop the freezes of the right time. */
static void test_absurd(void **state)
{
    (void)state;
    rig_prepare(&r);
    rig_clock(&r, 2036, 3, 10, EIGHT);
    assert_int_equal(rig_power_on(&r), GT_ERR_OK);
    rig_wait_s(&r, RIG_HOUR_S);
    assert_int_equal(record_kept(&r.meter, RECORD_HOURLY), 1);
    rig_clock(&r, 2026, 3, 10, EIGHT);
    assert_int_equal(rig_power_on(&r), GT_ERR_OK);
    rig_wait_s(&r, RIG_HOUR_S);
    assert_int_equal(record_kept(&r.meter, RECORD_HOURLY), 1); /* the clock is not believed */
    const uint16_t set[] = {26, 3, 10, 2, 8, 30, 0};
    assert_int_equal(rig_write(&r, MAP_CLOCK_SET_FIRST, set, 7), 0);
    rig_wait_s(&r, RIG_HOUR_S);
    assert_int_equal(record_kept(&r.meter, RECORD_HOURLY), 2);
}

static void test_switches(void **state)
{
    (void)state;
    for (unsigned part = 0; part < TARIFF_PARTS; part++) {
        (void)setup(NULL);
        const record_class class = (record_class)((unsigned)RECORD_SWITCH_YEAR + part);
        for (uint32_t n = 1; n <= 3; n++) {
            const uint32_t at_min = civil_min() + 5;
            assert_int_equal(meter_switch_set(&r.meter, (tariff_part)part, at_min, r.now),
                             GT_ERR_OK);
            rig_use(&r, 1200, 300 - (int64_t)(rig_utc(&r).ms / 1000 % 60));
            rig_wait_s(&r, 60);
            assert_int_equal(record_kept(&r.meter, class), n < 2 ? n : 2);
            assert_int_equal(get(class, 0).at_min, at_min);
            assert_in_range(100 * n - (uint32_t)get(class, 0).forward[0].centikwh, 0, 1);
        }
        for (unsigned other = 0; other < TARIFF_PARTS; other++) {
            const record_class c = (record_class)((unsigned)RECORD_SWITCH_YEAR + other);
            assert_int_equal(record_kept(&r.meter, c), other == part ? 2 : 0);
        }
    }
}

static void test_cut_at_every_byte(void **state)
{
    (void)state;
    unsigned cuts = 0;
    for (uint64_t byte = 1; byte < 5000; byte += 5) {
        rig_prepare(&r);
        sim_eeprom_init(&r.eeprom, byte);
        assert_int_equal(rig_power_on(&r), GT_ERR_OK);
        sim_eeprom_cut_after(&r.eeprom, byte);
        for (unsigned h = 0; h < 12 && !r.eeprom.dead; h++) {
            rig_use(&r, 12, RIG_HOUR_S);
            const uint32_t count = record_count(&r.meter, RECORD_HOURLY);
            const gt_err err = meter_freeze_now(&r.meter, r.now);
            assert_int_equal(err, r.eeprom.dead ? GT_ERR_IO : GT_ERR_OK);
            assert_true(r.eeprom.dead || count == h + 1);
        }
        cuts += r.eeprom.dead ? 1 : 0;
        sim_eeprom_restore(&r.eeprom);
        assert_int_equal(rig_power_on(&r), GT_ERR_OK);
        rig_wait_s(&r, 2 * RIG_HOUR_S);
        uint32_t later_min = UINT32_MAX;
        assert_true(record_kept(&r.meter, RECORD_HOURLY) >= 2);
        for (uint32_t back = 0; back < record_kept(&r.meter, RECORD_HOURLY); back++) {
            assert_true(get(RECORD_HOURLY, back).at_min < later_min);
            later_min = get(RECORD_HOURLY, back).at_min;
            assert_int_equal(later_min % 60, 0);
        }
        for (uint32_t back = 0; back < record_kept(&r.meter, RECORD_INSTANT); back++) {
            (void)get(RECORD_INSTANT, back);
        }
    }
    assert_true(cuts > 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_instant, setup),
        cmocka_unit_test(test_hours),
        cmocka_unit_test(test_clocks),
        cmocka_unit_test(test_absurd),
        cmocka_unit_test(test_switches),
        cmocka_unit_test(test_cut_at_every_byte),
    };
    return cmocka_run_group_tests_name("meter/freeze_log", tests, NULL, NULL);
}
