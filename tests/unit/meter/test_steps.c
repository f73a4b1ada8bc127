/* A meter that is called only when it asks to be, beside a twin that is stepped every half second
 * as well: terms, tables, demand, settlement, power limit and friendly hours all at work, the same
 * life to the byte. And clocks that jump: by seconds, by years, into 2099 and out of it, onto 29
 * February. */
#include "meter/service.h"
#include "meter/settlement.h"
#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static rig r;
static rig twin;

static uint64_t seed_now;

static uint32_t draw(uint32_t below)
{
    seed_now = seed_now * 6364136223846793005U + 1442695040888963407U;
    return (uint32_t)(seed_now >> 33U) % below;
}

static void prepare(uint64_t seed)
{
    seed_now = seed;
    rig_prepare(&r);
    r.cfg.rearm = draw(2) == 0 ? METER_REARM_AUTO : METER_REARM_BUTTON;
    r.cfg.alarm2 = draw(2) == 0 ? METER_ALARM2_CUT : METER_ALARM2_SHOW;
    r.cfg.opening_fen = 600;
    r.cfg.demand_min = 30;
    r.cfg.demand_slide_min = 3;
    r.cfg.settle[0] = (meter_settle_day){.day = 10, .hour = 15};
    r.cfg.settle[1] = (meter_settle_day){.day = 11, .hour = 3};
    meter_parameter *p = &r.cfg.parameter;
    p->emergency_fen = draw(3) * 300;
    p->permit_fen = draw(2) * 200;
    p->free_centikwh = draw(200);
    p->friendly_from = (uint16_t)draw(1440);
    p->friendly_to = (uint16_t)draw(1440);
    p->friendly_days = (uint8_t)draw(0x80);
    p->power = (meter_power_limit){.limit_w = 5000,
                                   .delay_s = (uint16_t)draw(100),
                                   .return_s = (uint16_t)draw(1000),
                                   .trips_max = (uint8_t)draw(5)};
}

/* Tables in the memory and spare sets with their times, from the same draws for both. */
static void tables_write(rig *to)
{
    for (unsigned set = 0; set < TARIFF_SETS; set++) {
        const tariff_schedule day = {.count = 3,
                                     .period = {{(uint16_t)(60 + 30 * set), 1},
                                                {(uint16_t)(700 + 77 * set), 5},
                                                {1111, (uint8_t)(2 + set)}}};
        assert_int_equal(tariff_day_write(&to->meter, set, 1, &day), GT_ERR_OK);
    }
    const tariff_tiers tiers = {.count = 2, .upto_centikwh = {500}, .price_e4 = {0, 3000}};
    assert_int_equal(tariff_spare_tiers_write(&to->meter, &tiers), GT_ERR_OK);
    const gt_civil date = {.year = 2026, .month = 3, .day = 10};
    const uint32_t midnight = (uint32_t)gt_civil_day(&date) * 1440;
    for (unsigned p = 0; p < TARIFF_PARTS; p++) {
        assert_int_equal(
            meter_switch_set(&to->meter, (tariff_part)p, midnight + 600 + 433 * p, to->now),
            GT_ERR_OK);
    }
}

typedef struct act {
    uint32_t kind;
    uint32_t value;
    uint32_t count;
} act;

static void carry_out(rig *on, const act *a)
{
    const meter_measurement measured = {.power_w = {(int32_t)(a->value % 9000), 0, 0}};
    meter_pulse(&on->meter, a->value % 900, on->now);
    switch (a->kind) {
    case 0:
        meter_button(&on->meter, on->now);
        break;
    case 1:
        assert_int_equal(rig_purchase(on, 900, a->count), 0);
        break;
    case 2:
        meter_card(&on->meter, on->now);
        break;
    case 3:
        meter_pulse_reverse(&on->meter, a->value % 50, on->now);
        break;
    case 4: {
        const gt_err err = meter_emergency(&on->meter, on->now);
        assert_true(err == GT_ERR_OK || err == GT_ERR_REFUSED || err == GT_ERR_CONFLICT);
        break;
    }
    default:
        meter_measure(&on->meter, &measured, on->now);
    }
}

/* Every half second of the meter's own grid the balance is judged, asked for or not. */
static void step_through(rig *on, int64_t us)
{
    const int64_t end_us = on->now.us + us;
    const int64_t since = on->now.us - on->meter.start.us;
    int64_t at = on->meter.start.us + (since / METER_GRID_US + 1) * METER_GRID_US;
    for (; at <= end_us; at += METER_GRID_US) {
        rig_wait_us(on, at - on->now.us);
        supply_update(&on->meter, on->now);
    }
    rig_wait_us(on, end_us - on->now.us);
}

static void test_deadlines_equal_steps(void **state)
{
    (void)state;
    unsigned cuts = 0;
    for (uint64_t seed = 1; seed <= 24; seed++) {
        prepare(seed);
        twin = r;
        assert_int_equal(rig_power_on(&r), GT_ERR_OK);
        assert_int_equal(rig_power_on(&twin), GT_ERR_OK);
        tables_write(&r);
        tables_write(&twin);
        uint32_t bought = 0;
        for (int i = 0; i < 120; i++) {
            const int64_t gap_us = (int64_t)draw(3000) * 1000 * (1 + draw(400));
            act a = {.kind = draw(9), .value = draw(1U << 30U)};
            bought += a.kind == 1 ? 1 : 0;
            a.count = bought;
            rig_wait_us(&r, gap_us);
            step_through(&twin, gap_us);
            carry_out(&r, &a);
            carry_out(&twin, &a);
            meter_demand_advance(&r.meter, r.now);
            meter_demand_advance(&twin.meter, twin.now);
            assert_memory_equal(&r.meter.state, &twin.meter.state, sizeof r.meter.state);
            assert_int_equal(r.contacts, twin.contacts);
            cuts += r.contacts == 0 ? 1 : 0;
        }
        assert_int_equal(r.drives, twin.drives);
        assert_memory_equal(r.eeprom.cells, twin.eeprom.cells, sizeof r.eeprom.cells);
    }
    assert_true(cuts > 200); /* it was not a quiet life */
}

/* What must hold however wrong the clock is. */
typedef struct watch {
    bool closed;
    uint32_t daily;
    int64_t bought_fen;
} watch;

static void judge(watch *w)
{
    const meter_status s = rig_status(&r);
    int64_t sum = 0;
    for (unsigned i = 1; i <= METER_RATES; i++) {
        sum += s.energy[i].centikwh;
    }
    assert_int_equal(s.energy[0].centikwh, sum);
    const int64_t cost_fen = s.energy[0].centikwh * 6000 / GT_FEN_E6;
    assert_int_equal(s.balance.fen, r.cfg.opening_fen + w->bought_fen - cost_fen);
    if (w->closed && !s.relay_closed) {
        assert_true(s.clock_known); /* no cut while nobody knows the time */
        assert_true(s.balance.fen <= -(int64_t)r.cfg.parameter.overdraft_fen);
    }
    w->closed = s.relay_closed;
    const uint32_t daily = record_count(&r.meter, RECORD_DAILY);
    uint16_t record[16];
    if (daily != w->daily) {
        assert_true(s.clock_known);
        assert_int_equal(rig_read(&r, 0x0200, 16, record), 0);
        gt_civil civil = {0};
        assert_int_equal(clock_civil(&r.meter, r.now, &civil), GT_ERR_OK);
        /* a freeze bears the date of the day that has begun, and no other */
        const unsigned day = (unsigned)(civil.day / 10 * 16 + civil.day % 10);
        assert_int_equal(record[1] >> 8U, day);
        w->daily = daily;
    }
}

static gt_civil date_draw(void)
{
    static const gt_civil special[] = {
        {2028, 2, 28, 23, 59, 50},  {2028, 2, 29, 12, 0, 0}, {2096, 2, 29, 23, 59, 55},
        {2099, 12, 31, 23, 59, 50}, {2099, 12, 31, 0, 0, 0}, {2038, 1, 19, 11, 14, 0},
        {2026, 12, 31, 23, 59, 58}, {2000, 2, 29, 0, 0, 0},  {1970, 1, 2, 0, 0, 0},
    };
    enum { SPECIALS = sizeof special / sizeof special[0] };
    const uint32_t kind = draw(3);
    if (kind == 0) {
        return special[draw(SPECIALS)];
    }
    gt_civil near = {2026, 3, 10, 0, 0, 0};
    gt_utc utc = rig_utc(&r);
    const int64_t scale_ms = kind == 1 ? 1000 : 3600000;
    utc.ms += ((int64_t)draw(20000) - 10000) * scale_ms;
    const gt_err err = gt_civil_of_utc(utc, r.cfg.zone_min, &near);
    return err == GT_ERR_OK ? near : special[0];
}

static void test_clock_jumps(void **state)
{
    (void)state;
    unsigned lost = 0;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        prepare(seed);
        r.cfg.parameter = (meter_parameter){.overdraft_fen = 300};
        for (unsigned i = 0; i < METER_RATES; i++) {
            r.cfg.parameter.price_e4[i] = 6000;
        }
        assert_int_equal(rig_power_on(&r), GT_ERR_OK);
        watch w = {.closed = true};
        uint32_t bought = 0;
        for (int i = 0; i < 60; i++) {
            const gt_civil date = date_draw();
            const uint32_t what = draw(6);
            if (what == 0) {
                assert_int_equal(clock_force(&r.meter, &date, r.now), GT_ERR_OK);
            } else if (what == 1) {
                r.rtc_good = draw(3) != 0;
                assert_int_equal(rig_power_cycle(&r, (int64_t)draw(100000)), GT_ERR_OK);
            } else if (what == 2) {
                const gt_err err = gt_utc_of_civil(&date, r.cfg.zone_min, &r.rtc_base);
                assert_int_equal(err, GT_ERR_OK); /* the chip shows something else */
                r.rtc_since = r.now;
                r.rtc_good = true;
                assert_int_equal(rig_power_cycle(&r, (int64_t)draw(100)), GT_ERR_OK);
            } else if (what == 3) {
                bought++;
                assert_int_equal(rig_purchase(&r, 500, bought), 0);
                w.bought_fen += 500;
            } else {
                rig_use(&r, draw(2000), 1 + draw(20000));
            }
            judge(&w);
            lost += rig_status(&r).clock_known ? 0 : 1;
            rig_wait_s(&r, 30);
            judge(&w);
        }
        assert_int_equal(rig_power_cycle(&r, 60), GT_ERR_OK); /* and all of it was kept */
        judge(&w);
    }
    assert_true(lost > 50);
}

static void test_end_of_the_calendar(void **state)
{
    (void)state;
    rig_prepare(&r);
    rig_clock(&r, 2099, 12, 30, 1439);
    assert_int_equal(rig_power_on(&r), GT_ERR_OK);
    rig_wait_s(&r, 120);
    assert_true(rig_status(&r).clock_known);
    const uint32_t daily = record_count(&r.meter, RECORD_DAILY);
    assert_int_equal(daily, 1);
    rig_use(&r, 1200, RIG_DAY_S);
    rig_wait_s(&r, 300);
    assert_false(rig_status(&r).clock_known); /* 2100 is none of this meter's years */
    assert_int_equal(r.meter.state.rate, TARIFF_RATE_FALLBACK);
    rig_wait_s(&r, 40 * RIG_DAY_S);
    meter_pulse(&r.meter, 1200 * 500, r.now);
    rig_wait_s(&r, 10);
    assert_true(rig_status(&r).relay_closed);
    assert_int_equal(record_count(&r.meter, RECORD_DAILY), daily);
    const gt_civil past = {2100, 1, 1, 0, 0, 0};
    assert_int_equal(clock_force(&r.meter, &past, r.now), GT_ERR_RANGE);
    const gt_civil good = {2030, 5, 5, 12, 0, 0};
    assert_int_equal(clock_force(&r.meter, &good, r.now), GT_ERR_OK);
    rig_wait_s(&r, RIG_DAY_S);
    assert_int_equal(record_count(&r.meter, RECORD_DAILY), daily + 1);
    assert_false(rig_status(&r).relay_closed);
}

/* A midnight is not frozen twice when the clock goes back over it, and not at all when it is
 * jumped. */
static void test_jump_over_midnight(void **state)
{
    (void)state;
    static const struct {
        gt_civil to;
        uint32_t daily; /* at once */
        uint32_t monthly;
        uint32_t later; /* a day after */
    } rows[] = {
        {{2026, 4, 1, 0, 5, 0}, 1, 1, 2},    /* back ten minutes */
        {{2026, 3, 31, 23, 55, 0}, 1, 1, 1}, /* back over midnight: it comes again, unfrozen */
        {{2026, 3, 1, 12, 0, 0}, 1, 1, 1},   /* back a month: nothing until it is passed */
        {{2025, 12, 1, 12, 0, 0}, 1, 1, 2},  /* back too far to have been right before */
        {{2026, 4, 2, 0, 0, 5}, 1, 1, 2},    /* over a midnight */
        {{2027, 5, 1, 0, 0, 0}, 1, 1, 2},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        rig_prepare(&r);
        rig_clock(&r, 2026, 3, 31, 1439);
        assert_int_equal(rig_power_on(&r), GT_ERR_OK);
        rig_wait_s(&r, 15 * 60);
        assert_int_equal(record_count(&r.meter, RECORD_DAILY), 1);
        assert_int_equal(clock_force(&r.meter, &rows[i].to, r.now), GT_ERR_OK);
        rig_wait_s(&r, 1);
        assert_int_equal(record_count(&r.meter, RECORD_DAILY), rows[i].daily);
        assert_int_equal(record_count(&r.meter, RECORD_MONTHLY), rows[i].monthly);
        rig_wait_s(&r, RIG_DAY_S);
        assert_int_equal(record_count(&r.meter, RECORD_DAILY), rows[i].later);
    }
}

/* Midnight of a first of the month at which everything happens at once, with the power gone at
 * every third byte of it: each freeze, settlement and change of sets once, and none missing. */
static void test_power_at_midnight(void **state)
{
    (void)state;
    static const gt_civil date = {.year = 2026, .month = 4, .day = 1};
    const uint32_t midnight = (uint32_t)gt_civil_day(&date) * 1440;
    bool cut = true;
    unsigned cuts = 0;
    for (uint64_t byte = 1; cut; byte += 3) {
        rig_prepare(&r);
        sim_eeprom_init(&r.eeprom, byte);
        rig_clock(&r, 2026, 3, 31, 1438);
        assert_int_equal(rig_power_on(&r), GT_ERR_OK);
        const tariff_tiers tiers = {.count = 2, .upto_centikwh = {500}, .price_e4 = {0, 3000}};
        const uint32_t prices[METER_RATES] = {1, 2, 3, 4, 5, 6, 7, 8};
        assert_int_equal(tariff_spare_tiers_write(&r.meter, &tiers), GT_ERR_OK);
        assert_int_equal(tariff_spare_prices_write(&r.meter, prices), GT_ERR_OK);
        for (unsigned p = 0; p < TARIFF_PARTS; p++) {
            assert_int_equal(meter_switch_set(&r.meter, (tariff_part)p, midnight, r.now),
                             GT_ERR_OK);
        }
        meter_pulse(&r.meter, 1200U * 3, r.now);
        rig_wait_s(&r, 90);
        sim_eeprom_cut_after(&r.eeprom, byte);
        rig_wait_s(&r, 40);
        cut = r.eeprom.dead;
        cuts += cut ? 1 : 0;
        sim_eeprom_restore(&r.eeprom);
        assert_int_equal(rig_power_on(&r), GT_ERR_OK);
        rig_wait_s(&r, 600);
        assert_int_equal(record_count(&r.meter, RECORD_DAILY), 1);
        assert_int_equal(record_count(&r.meter, RECORD_MONTHLY), 1);
        assert_int_equal(record_count(&r.meter, RECORD_SETTLEMENT), 1);
        meter_settlement s;
        assert_int_equal(meter_settlement_get(&r.meter, 0, &s), GT_ERR_OK);
        assert_int_equal(s.forward[0].centikwh, 300);
        const meter_account *a = &r.meter.state.account;
        assert_int_equal(a->tiers.count, 2);
        assert_int_equal(a->parameter.price_e4[7], 8);
        assert_int_equal(a->second_sets,
                         1U << (unsigned)TARIFF_PART_YEAR | 1U << (unsigned)TARIFF_PART_DAY);
        assert_int_equal(a->switch_min[TARIFF_PART_YEAR], 0);
        assert_int_equal(r.meter.state.tier_used.centikwh, 0); /* April's have begun */
    }
    assert_true(cuts > 300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_deadlines_equal_steps), cmocka_unit_test(test_clock_jumps),
        cmocka_unit_test(test_end_of_the_calendar),   cmocka_unit_test(test_jump_over_midnight),
        cmocka_unit_test(test_power_at_midnight),
    };
    return cmocka_run_group_tests_name("meter/steps", tests, NULL, NULL);
}
