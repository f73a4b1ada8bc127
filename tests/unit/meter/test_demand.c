/* Demand against a model that keeps every pulse and looks at every window; peaks with their times;
 * settlement days, kept, missed, and read back. */
#include "meter/demand.h"
#include "meter/service.h"
#include "meter/settlement.h"
#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

enum { SLOTS = 600 };

static rig r;

static int setup(void **state)
{
    (void)state;
    rig_prepare(&r);
    return 0;
}

/* The highest mean of any window that ended at slot 1 .. last, at a rate or (0) at any. */
static demand_peak highest(const uint32_t *pulses, const uint8_t *rates, int last,
                           const demand_scale *scale, uint8_t rate)
{
    demand_peak best = {0};
    for (int end = 1; end <= last; end++) {
        if (rate != 0 && rates[end - 1] != rate) {
            continue;
        }
        uint64_t sum = 0;
        for (int i = end - scale->slots < 0 ? 0 : end - scale->slots; i < end; i++) {
            sum += pulses[i];
        }
        const uint32_t e4_kw =
            (uint32_t)(sum * 600000 /
                       ((uint64_t)scale->constant * scale->slots * scale->slide_min));
        if (e4_kw > best.e4_kw) {
            best = (demand_peak){e4_kw, (uint32_t)end * scale->slide_min};
        }
    }
    return best;
}

static void test_against_every_window(void **state)
{
    (void)state;
    static const demand_scale scales[] = {{1200, 15, 1}, {100, 1, 60}, {20000, 30, 2}, {3, 5, 3}};
    for (unsigned seed = 0; seed < 40; seed++) {
        const demand_scale *scale = &scales[seed % 4];
        static uint32_t pulses[SLOTS];
        static uint8_t rates[SLOTS];
        memset(pulses, 0, sizeof pulses);
        demand_window window;
        demand_peaks peaks = {0};
        demand_restart(&window, 0);
        uint64_t random = seed;
        uint8_t rate = 1;
        int slot = 0;
        while (slot < SLOTS - 50) {
            random = random * 6364136223846793005U + 1442695040888963407U;
            const int next =
                slot + (int)((random >> 60U) < 12 ? random >> 40U & 3U : random >> 40U & 31U);
            for (int i = slot; i < next; i++) {
                rates[i] = rate;
            }
            slot = next;
            demand_advance(&window, scale,
                           &(demand_turn){.slot = slot, .dated = true, .rate = rate}, &peaks);
            if (random >> 57U < 8) {
                rate = (uint8_t)(1 + (random >> 30U) % METER_RATES);
            }
            const uint32_t count = (uint32_t)(random >> 33U) % 500;
            demand_count(&window, scale, count);
            pulses[slot] += count;
        }
        for (uint8_t i = 0; i <= METER_RATES; i++) {
            const demand_peak want = highest(pulses, rates, slot, scale, i);
            assert_int_equal(peaks.at[i].e4_kw, want.e4_kw);
            assert_int_equal(peaks.at[i].at_min, want.at_min);
        }
    }
}

static void test_largest(void **state)
{
    (void)state;
    static const demand_scale scale = {1, 15, 1};
    demand_window window;
    demand_peaks peaks = {0};
    demand_restart(&window, 7);
    demand_count(&window, &scale, UINT32_MAX);
    demand_count(&window, &scale, UINT32_MAX); /* no meter counts so fast; nothing wraps */
    const demand_turn turn = {.slot = 8, .rate = 1};
    demand_advance(&window, &scale, &turn, &peaks);
    assert_int_equal(peaks.at[0].e4_kw, UINT32_MAX);
    assert_int_equal(peaks.at[0].at_min, 0); /* not dated */
    demand_advance(&window, &scale, &(demand_turn){.slot = 1000000000, .rate = 2}, &peaks);
    assert_int_equal(window.sum, 0);
    assert_int_equal(window.e4_kw, 0);
    assert_int_equal(peaks.at[2].e4_kw, UINT32_MAX);
}

/* 12 kW for a quarter of an hour from 8:05, half forward, half back; flat is rate 3. */
static void test_in_a_meter(void **state)
{
    (void)state;
    assert_int_equal(rig_power_on(&r), GT_ERR_OK);
    rig_wait_s(&r, 5 * 60);
    for (int i = 0; i < 15 * 60; i++) {
        rig_wait_us(&r, 1000000);
        meter_pulse(&r.meter, 4, r.now);
        meter_pulse_reverse(&r.meter, 2, r.now);
    }
    rig_wait_s(&r, 3600);
    meter_demand_advance(&r.meter, r.now);
    const meter_state *s = &r.meter.state;
    const gt_civil date = {.year = 2026, .month = 3, .day = 10};
    const uint32_t midnight = (uint32_t)gt_civil_day(&date) * 1440;
    /* the last second's pulses fall at 8:20:00, into the next slot */
    assert_in_range(s->demand_forward.at[0].e4_kw, 119800, 120000);
    assert_int_equal(s->demand_forward.at[0].at_min, midnight + 8 * 60 + 20);
    assert_int_equal(s->demand_forward.at[3].e4_kw, s->demand_forward.at[0].e4_kw);
    assert_int_equal(s->demand_forward.at[1].e4_kw, 0);
    assert_in_range(s->demand_reverse.at[0].e4_kw, 59900, 60000);
    assert_int_equal(s->reverse.total.centikwh, 150);
    assert_int_equal(s->reverse.rate[2].centikwh, 150);
    assert_int_equal(rig_status(&r).reverse.centikwh, 150);
    assert_int_equal(rig_status(&r).balance.fen, 10000 - 180); /* what is fed back earns nothing */
    const demand_peaks kept = s->demand_forward;
    assert_int_equal(rig_power_cycle(&r, 60), GT_ERR_OK);
    assert_memory_equal(&r.meter.state.demand_forward, &kept, sizeof kept);
}

static int32_t hour_of(int year, int month, int day, int hour)
{
    const gt_civil civil = {.year = (int16_t)year, .month = (uint8_t)month, .day = (uint8_t)day};
    return gt_civil_day(&civil) * 24 + hour;
}

static void test_settlement_after(void **state)
{
    (void)state;
    static const meter_settle_day first[METER_SETTLE_DAYS] = {{0, 0}};
    static const meter_settle_day three[METER_SETTLE_DAYS] = {{20, 6}, {1, 0}, {20, 18}};
    static const struct {
        const meter_settle_day *settle;
        int from[4];
        int want[4];
    } rows[] = {
        {first, {2026, 3, 10, 5}, {2026, 4, 1, 0}},  {first, {2026, 12, 1, 0}, {2027, 1, 1, 0}},
        {first, {2026, 2, 28, 23}, {2026, 3, 1, 0}}, {three, {2026, 3, 1, 0}, {2026, 3, 20, 6}},
        {three, {2026, 3, 20, 5}, {2026, 3, 20, 6}}, {three, {2026, 3, 20, 6}, {2026, 3, 20, 18}},
        {three, {2026, 3, 20, 18}, {2026, 4, 1, 0}}, {three, {2028, 2, 29, 1}, {2028, 3, 1, 0}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const int *f = rows[i].from;
        const int *w = rows[i].want;
        assert_int_equal(settlement_after(rows[i].settle, hour_of(f[0], f[1], f[2], f[3])),
                         hour_of(w[0], w[1], w[2], w[3]));
    }
    assert_int_equal(settlement_after(first, hour_of(2099, 12, 31, 5)), INT32_MAX);
}

static void test_settlement(void **state)
{
    (void)state;
    r.cfg.settle[0] = (meter_settle_day){.day = 11, .hour = 6};
    r.cfg.settle[1] = (meter_settle_day){.day = 11, .hour = 9};
    assert_int_equal(rig_power_on(&r), GT_ERR_OK); /* 10 March, 8:00 */
    rig_use(&r, 1200, RIG_HOUR_S);
    rig_wait_s(&r, 20 * RIG_HOUR_S);
    meter_settlement s;
    assert_int_equal(meter_settlement_get(&r.meter, 0, &s), GT_ERR_NOT_FOUND);
    rig_wait_s(&r, RIG_HOUR_S); /* 6:00 */
    assert_int_equal(meter_settlement_get(&r.meter, 0, &s), GT_ERR_OK);
    assert_int_equal(s.hour, hour_of(2026, 3, 11, 6));
    assert_int_equal(s.forward[0].centikwh, 100);
    assert_int_equal(s.forward[3].centikwh, 100);
    assert_int_equal(s.balance.fen, rig_status(&r).balance.fen);
    assert_in_range(s.demand_forward.at[0].e4_kw, 9900, 10700);
    assert_int_equal(r.meter.state.demand_forward.at[0].e4_kw, 0); /* a new round */
    assert_int_equal(rig_power_cycle(&r, 2 * RIG_HOUR_S), GT_ERR_OK);
    assert_int_equal(record_kept(&r.meter, RECORD_SETTLEMENT), 1);
    assert_int_equal(rig_power_cycle(&r, 2 * RIG_HOUR_S),
                     GT_ERR_OK); /* 9:00 passed without power */
    assert_int_equal(record_kept(&r.meter, RECORD_SETTLEMENT), 2);
    assert_int_equal(rig_power_cycle(&r, 400 * RIG_DAY_S), GT_ERR_OK);
    assert_int_equal(record_kept(&r.meter, RECORD_SETTLEMENT), 12);
    assert_int_equal(meter_settlement_get(&r.meter, 0, &s), GT_ERR_OK);
    assert_int_equal(s.hour, hour_of(2027, 4, 11, 9));
    assert_int_equal(meter_settlement_get(&r.meter, 11, &s), GT_ERR_OK);
    assert_int_equal(s.hour, hour_of(2026, 11, 11, 6));
    assert_int_equal(s.forward[0].centikwh, 100);
    assert_int_equal(meter_settlement_get(&r.meter, 12, &s), GT_ERR_NOT_FOUND);
}

static void test_settlement_when_memory_fails(void **state)
{
    (void)state;
    r.cfg.settle[0] = (meter_settle_day){.day = 10, .hour = 9};
    assert_int_equal(rig_power_on(&r), GT_ERR_OK);
    rig_use(&r, 1200, RIG_HOUR_S - 10);
    r.eeprom.dead = true;
    rig_wait_s(&r, 100);
    assert_int_equal(record_kept(&r.meter, RECORD_SETTLEMENT), 0);
    assert_true(r.meter.state.demand_forward.at[0].e4_kw > 0);
    r.eeprom.dead = false;
    rig_wait_s(&r, 100);
    assert_int_equal(record_kept(&r.meter, RECORD_SETTLEMENT), 1);
    assert_int_equal(rig_power_cycle(&r, 10), GT_ERR_OK);
    assert_int_equal(record_kept(&r.meter, RECORD_SETTLEMENT), 1);
}

/* New days take hold at once; nothing behind them is settled late, and no month of tiers is cut
 * short. */
static void test_new_settlement_days(void **state)
{
    (void)state;
    assert_int_equal(rig_power_on(&r), GT_ERR_OK); /* 10 March, 8:00 */
    rig_use(&r, 1200, 60);
    const meter_settle_day days[METER_SETTLE_DAYS] = {{5, 0}, {12, 3}};
    assert_int_equal(meter_settle_set(&r.meter, days, r.now), GT_ERR_OK);
    assert_int_equal(record_kept(&r.meter, RECORD_SETTLEMENT), 0);
    assert_int_equal(r.meter.state.tier_used.centikwh, 100);
    assert_int_equal(rig_power_cycle(&r, 44 * RIG_HOUR_S), GT_ERR_OK);
    assert_int_equal(record_kept(&r.meter, RECORD_SETTLEMENT), 1); /* the 12th */
    assert_int_equal(r.meter.state.tier_used.centikwh, 100);
    assert_int_equal(rig_power_cycle(&r, 24 * RIG_DAY_S), GT_ERR_OK);
    meter_settlement s;
    assert_int_equal(meter_settlement_get(&r.meter, 0, &s), GT_ERR_OK);
    assert_int_equal(s.hour, hour_of(2026, 4, 5, 0));
    assert_int_equal(r.meter.state.tier_used.centikwh, 0);
    const meter_settle_day bad[METER_SETTLE_DAYS] = {{29, 0}};
    assert_int_equal(meter_settle_set(&r.meter, bad, r.now), GT_ERR_RANGE);
    assert_int_equal(rig_power_cycle(&r, 60), GT_ERR_OK);
    assert_memory_equal(r.meter.state.account.settle, days, sizeof days);
}

static void test_new_interval(void **state)
{
    (void)state;
    assert_int_equal(rig_power_on(&r), GT_ERR_OK);
    rig_use(&r, 1200, RIG_HOUR_S / 2);
    const uint32_t peak = r.meter.state.demand_forward.at[0].e4_kw;
    assert_in_range(peak, 19000, 21000);
    assert_int_equal(meter_demand_set(&r.meter, 5, 2, r.now), GT_ERR_RANGE);
    assert_int_equal(meter_demand_set(&r.meter, 60, 60, r.now), GT_ERR_OK);
    rig_use(&r, 1200U * 5, 2 * RIG_HOUR_S);
    meter_demand_advance(&r.meter, r.now);
    assert_in_range(r.meter.state.demand_forward.at[0].e4_kw, 24000, 25200);
    assert_int_equal(rig_power_cycle(&r, 60), GT_ERR_OK);
    assert_int_equal(r.meter.state.account.demand_min, 60);
}

static void test_config_refused(void **state)
{
    (void)state;
    static const struct {
        uint8_t demand;
        uint8_t slide;
        meter_settle_day settle;
        gt_err want;
    } rows[] = {
        {15, 1, {28, 23}, GT_ERR_OK},  {60, 2, {0, 0}, GT_ERR_OK},
        {60, 60, {0, 0}, GT_ERR_OK},   {60, 1, {0, 0}, GT_ERR_RANGE},
        {15, 2, {0, 0}, GT_ERR_RANGE}, {0, 1, {0, 0}, GT_ERR_RANGE},
        {15, 0, {0, 0}, GT_ERR_RANGE}, {61, 61, {0, 0}, GT_ERR_RANGE},
        {0, 0, {29, 0}, GT_ERR_RANGE}, {0, 0, {1, 24}, GT_ERR_RANGE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        rig_prepare(&r);
        r.cfg.demand_min = rows[i].demand;
        r.cfg.demand_slide_min = rows[i].slide;
        r.cfg.settle[2] = rows[i].settle;
        assert_int_equal(meter_config_check(&r.cfg), rows[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_every_window),
        cmocka_unit_test(test_largest),
        cmocka_unit_test_setup(test_in_a_meter, setup),
        cmocka_unit_test(test_settlement_after),
        cmocka_unit_test_setup(test_settlement, setup),
        cmocka_unit_test_setup(test_settlement_when_memory_fails, setup),
        cmocka_unit_test_setup(test_new_settlement_days, setup),
        cmocka_unit_test_setup(test_new_interval, setup),
        cmocka_unit_test(test_config_refused),
    };
    return cmocka_run_group_tests_name("meter/demand", tests, NULL, NULL);
}
