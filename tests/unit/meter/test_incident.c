/* The logs of incidents: what is sensed, measured and done, each against its delays, through power
 * cuts at any byte, and after clearing. */
#include "meter/service.h"
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

static uint32_t kept(record_class class)
{
    return record_kept(&r.meter, class);
}

static uint32_t now_s(void)
{
    return (uint32_t)(rig_utc(&r).ms / 1000);
}

static meter_incident newest(record_class class)
{
    meter_incident got = {0};
    assert_int_equal(meter_incident_get(&r.meter, class, 0, &got), GT_ERR_OK);
    return got;
}

static const meter_measurement quiet = {.voltage_dv = {2200, 2200, 2200},
                                        .power_w = {100, 100, 100}};

static const struct {
    meter_sense_kind what;
    record_class class;
    int64_t begin_s;
} senses[] = {
    {METER_SENSE_COVER, RECORD_COVER, 0},
    {METER_SENSE_TERMINAL, RECORD_TERMINAL, 0},
    {METER_SENSE_MAGNET, RECORD_MAGNET, 5},
    {METER_SENSE_BYPASS, RECORD_BYPASS, 60},
    {METER_SENSE_NEUTRAL_EARTH, RECORD_NEUTRAL_EARTH, 60},
};

static void test_sensed(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof senses / sizeof senses[0]; i++) {
        (void)setup(NULL);
        const record_class class = senses[i].class;
        meter_sense(&r.meter, senses[i].what, false, r.now);
        rig_wait_s(&r, 100);
        assert_int_equal(kept(class), 0);
        meter_sense(&r.meter, senses[i].what, true, r.now);
        const uint32_t begun_s = now_s() + (uint32_t)senses[i].begin_s;
        if (senses[i].begin_s != 0) {
            rig_wait_s(&r, senses[i].begin_s - 1);
            assert_int_equal(kept(class), 0);
            meter_sense(&r.meter, senses[i].what, true, r.now); /* again is no news */
            rig_wait_s(&r, 1);
        }
        assert_int_equal(kept(class), 1);
        assert_int_equal(newest(class).begin_s, begun_s);
        assert_false(newest(class).ended);
        rig_use(&r, 2400, 100);
        meter_sense(&r.meter, senses[i].what, false, r.now);
        rig_wait_s(&r, 59);
        assert_false(newest(class).ended);
        rig_wait_s(&r, 1);
        assert_true(newest(class).ended);
        assert_int_equal(newest(class).end_s, now_s());
        assert_int_equal(newest(class).total_s, now_s() - begun_s);
        assert_int_equal(newest(class).end_forward.centikwh - newest(class).forward.centikwh, 200);
        assert_int_equal(meter_incident_total_s(&r.meter, class), now_s() - begun_s);
        for (unsigned c = RECORD_POWER_OFF; c < RECORD_CLASSES; c++) {
            assert_int_equal(kept((record_class)c), c == (unsigned)class ? 1 : 0);
        }
    }
}

typedef struct measured_row {
    const char *name;
    uint8_t phases;
    meter_measurement shown;
    int class; /* -1: none */
} measured_row;

static const measured_row measured_rows[] = {
    {"all is well", 3, {.voltage_dv = {2200, 2200, 2200}}, -1},
    {"A lost", 3, {.voltage_dv = {1319, 2200, 2200}}, RECORD_PHASE_LOSS_A},
    {"A low, not lost", 3, {.voltage_dv = {1320, 2200, 2200}}, -1},
    {"B lost", 3, {.voltage_dv = {2200, 0, 2200}}, RECORD_PHASE_LOSS_B},
    {"C lost", 3, {.voltage_dv = {2200, 2200, 9}}, RECORD_PHASE_LOSS_C},
    {"all lost is no supply", 3, {.voltage_dv = {0, 0, 0}}, -1},
    {"one phase has no others", 1, {.voltage_dv = {2200, 0, 0}}, -1},
    {"nor loses itself", 1, {.voltage_dv = {100, 0, 0}}, -1},
    {"A reversed", 3, {.voltage_dv = {2200, 2200, 2200}, .power_w = {-67}}, RECORD_REVERSE_A},
    {"A hardly", 3, {.voltage_dv = {2200, 2200, 2200}, .power_w = {-66}}, -1},
    {"B", 3, {.voltage_dv = {2200, 2200, 2200}, .power_w = {9, -900}}, RECORD_REVERSE_B},
    {"C", 3, {.voltage_dv = {2200, 2200, 2200}, .power_w = {9, 9, -900}}, RECORD_REVERSE_C},
    {"A over", 3, {.voltage_dv = {2200, 2200, 2200}, .power_w = {15841}}, RECORD_OVERLOAD_A},
    {"A full", 3, {.voltage_dv = {2200, 2200, 2200}, .power_w = {15840}}, -1},
    {"B over", 3, {.voltage_dv = {2200, 2200, 2200}, .power_w = {0, 20000}}, RECORD_OVERLOAD_B},
    {"C over", 3, {.voltage_dv = {2200, 2200, 2200}, .power_w = {0, 0, 20000}}, RECORD_OVERLOAD_C},
    {"past the meter",
     1,
     {.voltage_dv = {2200}, .current_ca = {500}, .neutral_ca = 1000, .neutral_measured = true},
     RECORD_BYPASS},
    {"through the earth",
     1,
     {.voltage_dv = {2200}, .current_ca = {1000}, .neutral_ca = 500, .neutral_measured = true},
     RECORD_NEUTRAL_EARTH},
    {"within a fifth",
     1,
     {.voltage_dv = {2200}, .current_ca = {800}, .neutral_ca = 1000, .neutral_measured = true},
     -1},
    {"too little to tell",
     1,
     {.voltage_dv = {2200}, .current_ca = {0}, .neutral_ca = 50, .neutral_measured = true},
     -1},
    {"not measured", 1, {.voltage_dv = {2200}, .current_ca = {1000}}, -1},
    {"three phases have sums",
     3,
     {.voltage_dv = {2200, 2200, 2200}, .current_ca = {1000}, .neutral_measured = true},
     -1},
};

static void test_measured(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof measured_rows / sizeof measured_rows[0]; i++) {
        const measured_row *row = &measured_rows[i];
        rig_prepare(&r);
        r.cfg.phases = row->phases;
        assert_int_equal(rig_power_on(&r), GT_ERR_OK);
        meter_measure(&r.meter, &row->shown, r.now);
        rig_wait_s(&r, 59);
        meter_measure(&r.meter, &row->shown, r.now);
        for (unsigned c = RECORD_POWER_OFF; c < RECORD_CLASSES; c++) {
            assert_int_equal(kept((record_class)c), 0);
        }
        rig_wait_s(&r, 1);
        for (unsigned c = RECORD_POWER_OFF; c < RECORD_CLASSES; c++) {
            if (kept((record_class)c) != ((int)c == row->class ? 1 : 0)) {
                fail_msg("%s: class %u", row->name, c);
            }
        }
        meter_measure(&r.meter, &quiet, r.now);
        rig_wait_s(&r, 60);
        if (row->class >= 0) {
            assert_true(newest((record_class)row->class).ended);
            assert_int_equal(newest((record_class)row->class).total_s, 60);
        }
    }
}

/* A condition that comes and goes within its delay is nothing. */
static void test_short(void **state)
{
    (void)state;
    meter_measurement lost = quiet;
    lost.voltage_dv[1] = 0;
    for (unsigned i = 0; i < 20; i++) {
        meter_measure(&r.meter, &lost, r.now);
        rig_wait_s(&r, 59);
        meter_measure(&r.meter, &quiet, r.now);
        rig_wait_s(&r, 1);
    }
    assert_int_equal(kept(RECORD_PHASE_LOSS_B), 0);
    rig_wait_s(&r, 1000);
    assert_int_equal(kept(RECORD_PHASE_LOSS_B), 0);
}

/* What went on when the power went goes on until somebody says otherwise. */
static void test_power_between(void **state)
{
    (void)state;
    meter_sense(&r.meter, METER_SENSE_COVER, true, r.now);
    const uint32_t begun_s = now_s();
    rig_wait_s(&r, 10);
    const uint32_t off_s = now_s();
    assert_int_equal(rig_power_cycle(&r, 500), GT_ERR_OK);
    rig_wait_s(&r, 500);
    assert_int_equal(kept(RECORD_COVER), 1);
    assert_false(newest(RECORD_COVER).ended);
    meter_sense(&r.meter, METER_SENSE_COVER, false, r.now);
    rig_wait_s(&r, 60);
    assert_int_equal(kept(RECORD_COVER), 1);
    assert_true(newest(RECORD_COVER).ended);
    assert_int_equal(newest(RECORD_COVER).begin_s, begun_s);
    assert_int_equal(newest(RECORD_COVER).end_s, now_s());
    const meter_incident off = newest(RECORD_POWER_OFF);
    assert_true(off.ended);
    assert_in_range(off_s - off.begin_s, 0, 60);
    assert_int_equal(off.end_s, off_s + 500);
    assert_int_equal(off.total_s, off.end_s - off.begin_s);
}

static void test_times_add_up(void **state)
{
    (void)state;
    for (uint32_t n = 1; n <= 30; n++) {
        meter_sense(&r.meter, METER_SENSE_COVER, true, r.now);
        rig_wait_s(&r, 40);
        meter_sense(&r.meter, METER_SENSE_COVER, false, r.now);
        rig_wait_s(&r, 60);
        assert_int_equal(newest(RECORD_COVER).total_s, n * 100);
        assert_int_equal(record_shown(&r.meter, RECORD_COVER), n);
    }
    assert_int_equal(kept(RECORD_COVER), record_depth(&r.meter, RECORD_COVER));
    meter_incident got;
    assert_int_equal(meter_incident_get(&r.meter, RECORD_COVER, kept(RECORD_COVER), &got),
                     GT_ERR_NOT_FOUND);
}

/* What is done leaves its line, with who did it. */
static void test_done(void **state)
{
    (void)state;
    meter_operator(&r.meter, 0x12345678, 0x04001001);
    meter_parameter terms = r.cfg.parameter;
    terms.alarm1_fen = 2500;
    assert_int_equal(meter_terms_set(&r.meter, &terms, r.now), GT_ERR_OK);
    assert_int_equal(newest(RECORD_PROGRAM).operator_code, 0x12345678);
    assert_int_equal(newest(RECORD_PROGRAM).detail, 0x04001001);
    meter_operator(&r.meter, 0, 0);
    meter_programmed(&r.meter, r.now);
    assert_int_equal(kept(RECORD_PROGRAM), 2);
    assert_int_equal(newest(RECORD_PROGRAM).operator_code, 0);
    assert_int_equal(rig_control(&r, 0x1A, 1, 600), 0);
    rig_wait_s(&r, 1);
    rig_use(&r, 1200, 10);
    assert_int_equal(newest(RECORD_RELAY_OPEN).forward.centikwh, 0);
    assert_int_equal(rig_control(&r, 0x1C, 2, 600), 0);
    rig_wait_s(&r, 2);
    assert_int_equal(newest(RECORD_RELAY_CLOSE).forward.centikwh, 100);
    const uint16_t clock[] = {26, 3, 10, 2, 8, 2, 0};
    const uint32_t before_s = now_s();
    assert_int_equal(rig_write(&r, MAP_CLOCK_SET_FIRST, clock, 7), 0);
    assert_in_range(newest(RECORD_TIME_SET).begin_s - before_s, 0, 1);
    assert_int_equal(newest(RECORD_TIME_SET).detail % 60, 0);
    uint16_t wrong[MAP_PURCHASE_COUNT] = {0, 1, 0, 1};
    assert_int_not_equal(rig_write(&r, MAP_PURCHASE_FIRST, wrong, MAP_PURCHASE_COUNT), 0);
    assert_int_equal(kept(RECORD_BAD_AUTH), 1);
    assert_int_equal(newest(RECORD_BAD_AUTH).detail, METER_KEY_PURCHASE);
    assert_int_equal(kept(RECORD_BAD_CARD), 0);
}

static void test_stuck(void **state)
{
    (void)state;
    r.stuck = true;
    assert_int_equal(rig_control(&r, 0x1A, 1, 600), 0);
    rig_wait_s(&r, 10);
    assert_int_equal(newest(RECORD_RELAY_STUCK).detail, GT_RELAY_ALL);
    assert_false(newest(RECORD_RELAY_STUCK).ended);
    assert_int_equal(rig_power_cycle(&r, 10), GT_ERR_OK);
    rig_wait_s(&r, 10);
    assert_int_equal(kept(RECORD_RELAY_STUCK), 1);
    r.stuck = false;
    rig_wait_s(&r, 120);
    assert_int_equal(kept(RECORD_RELAY_STUCK), 1);
    assert_true(newest(RECORD_RELAY_STUCK).ended);
    assert_int_equal(kept(RECORD_RELAY_OPEN), 1);
}

static void test_overdraft(void **state)
{
    (void)state;
    rig_use(&r, 1200 * 102, 3600); /* the first 120 minutes at 0.6 yuan */
    rig_use(&r, 1200 * 70, 3600);
    const meter_incident begun = newest(RECORD_OVERDRAFT);
    assert_false(begun.ended);
    assert_in_range(-begun.balance.fen, 0, 2);
    assert_int_equal(rig_purchase(&r, 50000, 1), 0);
    const meter_incident over = newest(RECORD_OVERDRAFT);
    assert_true(over.ended);
    assert_true(over.end_balance.fen > 0);
    assert_int_equal(kept(RECORD_OVERDRAFT), 1);
    purchase_record bought = {0};
    assert_int_equal(meter_purchase_get(&r.meter, 0, &bought), GT_ERR_OK);
    assert_int_equal(bought.amount_fen, 50000);
    assert_int_equal(bought.after.fen - bought.before.fen, 50000);
    assert_true(bought.before.fen < 0);
    assert_int_equal(bought.time.year, 2026);
    assert_int_equal(bought.time.month, 3);
    assert_int_equal(bought.time.day, 10);
    assert_int_equal(bought.count, 1);
    assert_int_equal(meter_purchase_get(&r.meter, 1, &bought), GT_ERR_NOT_FOUND);
}

static void test_clearing(void **state)
{
    (void)state;
    meter_sense(&r.meter, METER_SENSE_COVER, true, r.now);
    meter_sense(&r.meter, METER_SENSE_TERMINAL, true, r.now);
    rig_use(&r, 1200, 3600);
    assert_int_equal(meter_demand_clear(&r.meter, r.now), GT_ERR_OK);
    assert_in_range(newest(RECORD_CLEAR_DEMAND).detail, 9000, 11000);
    assert_int_equal(r.meter.state.demand_forward.at[0].e4_kw, 0);
    assert_int_equal(meter_events_clear(&r.meter, 0xFFFFFFFF, r.now), GT_ERR_OK);
    assert_int_equal(newest(RECORD_CLEAR_EVENTS).detail, 0xFFFFFFFF);
    assert_int_equal(kept(RECORD_COVER), 0);
    assert_int_equal(kept(RECORD_EVENT), 0);
    assert_int_equal(kept(RECORD_CLEAR_DEMAND), 1);
    meter_sense(&r.meter, METER_SENSE_COVER, false, r.now);
    rig_wait_s(&r, 60); /* an end without a beginning */
    assert_int_equal(kept(RECORD_COVER), 0);
    meter_sense(&r.meter, METER_SENSE_COVER, true, r.now);
    assert_int_equal(kept(RECORD_COVER), 1);
    assert_int_equal(newest(RECORD_COVER).total_s, 0);
    assert_int_equal(meter_clear(&r.meter, r.now), GT_ERR_OK);
    assert_int_equal(newest(RECORD_CLEAR).forward.centikwh, 100);
    assert_int_equal(kept(RECORD_COVER), 0);
    assert_int_equal(kept(RECORD_CLEAR_EVENTS), 1);
}

/* Without a clock there are no times, but the log goes on. */
static void test_timeless(void **state)
{
    (void)state;
    rig_prepare(&r);
    r.rtc_good = false;
    assert_int_equal(rig_power_on(&r), GT_ERR_OK);
    meter_sense(&r.meter, METER_SENSE_COVER, true, r.now);
    rig_wait_s(&r, 10);
    meter_sense(&r.meter, METER_SENSE_COVER, false, r.now);
    rig_wait_s(&r, 60);
    assert_int_equal(newest(RECORD_COVER).begin_s, 0);
    assert_int_equal(newest(RECORD_COVER).end_s, 0);
    assert_int_equal(newest(RECORD_COVER).total_s, 0);
    assert_true(newest(RECORD_COVER).ended);
}

/* The cover opens and closes, and the power goes at every byte of it: each line is whole, none is
 * lost that was there before, and an end never comes to another beginning. */
static void test_cut_at_every_byte(void **state)
{
    (void)state;
    unsigned cuts = 0;
    for (uint64_t byte = 1; byte < 4000; byte += 3) {
        rig_prepare(&r);
        sim_eeprom_init(&r.eeprom, byte);
        assert_int_equal(rig_power_on(&r), GT_ERR_OK);
        sim_eeprom_cut_after(&r.eeprom, byte);
        uint32_t seen = 0;
        for (unsigned i = 0; i < 12 && !r.eeprom.dead; i++) {
            meter_sense(&r.meter, METER_SENSE_COVER, i % 2 == 0, r.now);
            rig_wait_s(&r, 61);
            seen = r.eeprom.dead ? seen : record_count(&r.meter, RECORD_COVER);
        }
        cuts += r.eeprom.dead ? 1 : 0;
        sim_eeprom_restore(&r.eeprom);
        assert_int_equal(rig_power_on(&r), GT_ERR_OK);
        const uint32_t count = record_count(&r.meter, RECORD_COVER);
        assert_in_range(count, seen, seen + 1);
        uint32_t later_s = UINT32_MAX;
        for (uint32_t back = 0; back < kept(RECORD_COVER); back++) {
            meter_incident got;
            assert_int_equal(meter_incident_get(&r.meter, RECORD_COVER, back, &got), GT_ERR_OK);
            assert_true(back == 0 || got.ended);
            assert_true(got.begin_s < later_s);
            if (got.ended) {
                assert_in_range(got.end_s - got.begin_s, 61, 122);
            }
            later_s = got.begin_s;
        }
    }
    assert_true(cuts > 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sensed),
        cmocka_unit_test(test_measured),
        cmocka_unit_test_setup(test_short, setup),
        cmocka_unit_test_setup(test_power_between, setup),
        cmocka_unit_test_setup(test_times_add_up, setup),
        cmocka_unit_test_setup(test_done, setup),
        cmocka_unit_test_setup(test_stuck, setup),
        cmocka_unit_test_setup(test_overdraft, setup),
        cmocka_unit_test_setup(test_clearing, setup),
        cmocka_unit_test(test_timeless),
        cmocka_unit_test(test_cut_at_every_byte),
    };
    return cmocka_run_group_tests_name("meter/incident", tests, NULL, NULL);
}
