/* The supply goes at any moment, announced or not, thousands of times. Announced, nothing is lost
 * but what the metering chip had not yet handed over; unannounced, at most the use since the last
 * save: a minute, or one kWh, whichever was less. METER_CUTS says how often in each way. Never is
 * there more energy or less money than was used. */
#include "meter/service.h"
#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { STEP_US = 500000, KEPT_STEPS = 121, SAVE_UNITS = 100 };

static rig r;
static uint64_t seed;
static unsigned long rounds = 3000;

static uint32_t draw(uint32_t below)
{
    seed = seed * 6364136223846793005U + 1442695040888963407U;
    return (uint32_t)(seed >> 33U) % below;
}

typedef struct truth {
    int64_t forward; /* pulses given */
    int64_t reverse;
    int64_t
        recent[KEPT_STEPS]; /* forward pulses of the newest half seconds, a minute and one more */
    unsigned at;
} truth;

static void live(truth *t, unsigned steps, uint32_t most)
{
    for (unsigned i = 0; i < steps; i++) {
        rig_wait_us(&r, STEP_US);
        const uint32_t forward = draw(most + 1);
        meter_pulse(&r.meter, forward, r.now);
        meter_pulse_reverse(&r.meter, forward / 3, r.now);
        t->forward += forward;
        t->reverse += forward / 3;
        t->at = (t->at + 1) % KEPT_STEPS;
        t->recent[t->at] = forward;
    }
}

static int64_t units_of(int64_t pulses)
{
    return pulses * 100 / r.cfg.constant;
}

/* @param lost_max units of 0.01 kWh. @return lost now */
static int64_t judge(truth *t, int64_t lost_max)
{
    const meter_status s = rig_status(&r);
    const int64_t lost = units_of(t->forward) - s.energy[0].centikwh;
    assert_in_range(lost, 0, lost_max);
    assert_in_range(units_of(t->reverse) - s.reverse.centikwh, 0, lost_max);
    int64_t sum = 0;
    for (unsigned i = 1; i <= METER_RATES; i++) {
        sum += s.energy[i].centikwh;
    }
    assert_int_equal(sum, s.energy[0].centikwh);
    assert_int_equal(s.balance.fen, INT32_MAX - s.energy[0].centikwh * 6000 / GT_FEN_E6);
    /* from here on the meter's own count is the truth, remainder included */
    t->forward = s.energy[0].centikwh * r.cfg.constant;
    t->forward = (t->forward + r.meter.state.forward.carry) / 100;
    t->reverse = s.reverse.centikwh * r.cfg.constant;
    t->reverse = (t->reverse + r.meter.state.reverse.carry) / 100;
    memset(t->recent, 0, sizeof t->recent);
    return lost;
}

static void start(void)
{
    rig_prepare(&r);
    r.cfg.opening_fen = INT32_MAX;
    for (unsigned i = 0; i < METER_RATES; i++) {
        r.cfg.parameter.price_e4[i] = 6000;
    }
    assert_int_equal(rig_power_on(&r), GT_ERR_OK);
}

static void test_announced(void **state)
{
    (void)state;
    seed = 1;
    start();
    truth t = {0};
    for (unsigned long round = 0; round < rounds; round++) {
        live(&t, draw(200), draw(3) == 0 ? 40 : 1);
        meter_power_fail(&r.meter, r.now);
        sim_eeprom_cut(&r.eeprom);
        sim_eeprom_restore(&r.eeprom);
        r.now.us += draw(100000) * INT64_C(1000);
        assert_int_equal(rig_power_on(&r), GT_ERR_OK);
        assert_int_equal(judge(&t, 0), 0);
    }
}

static void test_unannounced(void **state)
{
    (void)state;
    seed = 2;
    start();
    truth t = {0};
    int64_t lost = 0;
    for (unsigned long round = 0; round < rounds; round++) {
        const uint32_t most = draw(3) == 0 ? 40 : 1;
        live(&t, draw(400), most);
        int64_t minute = 0;
        for (unsigned i = 0; i < KEPT_STEPS; i++) {
            minute += t.recent[i];
        }
        const int64_t by_time = units_of(minute) + 1;
        const int64_t by_energy = SAVE_UNITS + units_of(most) + 1;
        sim_eeprom_cut(&r.eeprom);
        sim_eeprom_restore(&r.eeprom);
        r.now.us += draw(100000) * INT64_C(1000);
        assert_int_equal(rig_power_on(&r), GT_ERR_OK);
        lost += judge(&t, by_time < by_energy ? by_time : by_energy);
    }
    assert_true(lost > 0);
}

/* And in the middle of a write, with bytes torn: the save before it counts, so at most two
 * intervals. */
static void test_torn(void **state)
{
    (void)state;
    seed = 3;
    start();
    truth t = {0};
    unsigned cuts = 0;
    for (unsigned long round = 0; round < rounds; round++) {
        const uint32_t most = draw(3) == 0 ? 40 : 1;
        sim_eeprom_cut_after(&r.eeprom, 1 + draw(200));
        for (unsigned i = 0; i < 200 && !r.eeprom.dead; i++) {
            live(&t, 1, most);
        }
        if (draw(2) == 0) {
            meter_power_fail(&r.meter, r.now); /* too late, or in time */
        }
        cuts += r.eeprom.dead ? 1 : 0;
        sim_eeprom_cut(&r.eeprom);
        sim_eeprom_restore(&r.eeprom);
        r.now.us += draw(100000) * INT64_C(1000);
        while (rig_power_on(&r) != GT_ERR_OK) {
            sim_eeprom_restore(&r.eeprom);
        }
        (void)judge(&t, 2 * (SAVE_UNITS + units_of(most) + 1));
    }
    assert_true(cuts > rounds / 4);
}

int main(void)
{
    const char *asked = getenv("METER_CUTS");
    rounds = asked != NULL ? strtoul(asked, NULL, 10) : rounds;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_announced),
        cmocka_unit_test(test_unannounced),
        cmocka_unit_test(test_torn),
    };
    return cmocka_run_group_tests_name("meter/power_fail", tests, NULL, NULL);
}
