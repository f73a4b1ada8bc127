/* Which table holds on which day, which set since when, and what a batch of energy costs that
 * crosses a tier: rules alone, then in a meter. */
#include "meter/service.h"
#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
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

static void test_year(void **state)
{
    (void)state;
    static const tariff_year year = {.count = 3, .zone = {{2, 29, 5}, {7, 1, 6}, {12, 31, 7}}};
    static const struct {
        uint8_t month;
        uint8_t day;
        uint8_t want;
    } rows[] = {{1, 1, 7},  {2, 28, 7}, {2, 29, 5},  {3, 1, 5},
                {6, 30, 5}, {7, 1, 6},  {12, 30, 6}, {12, 31, 7}};
    assert_int_equal(tariff_year_check(&year), GT_ERR_OK);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(tariff_zone_at(&year, rows[i].month, rows[i].day), rows[i].want);
    }
}

static void test_tables_refused(void **state)
{
    (void)state;
    static const tariff_year years[] = {
        {.count = 0},
        {.count = TARIFF_ZONES_MAX + 1},
        {.count = 1, .zone = {{0, 1, 1}}},
        {.count = 1, .zone = {{2, 30, 1}}},
        {.count = 1, .zone = {{13, 1, 1}}},
        {.count = 1, .zone = {{1, 0, 1}}},
        {.count = 1, .zone = {{1, 1, 0}}},
        {.count = 1, .zone = {{1, 1, TARIFF_TABLES + 1}}},
        {.count = 2, .zone = {{3, 1, 1}, {3, 1, 2}}},
        {.count = 2, .zone = {{3, 2, 1}, {3, 1, 2}}},
    };
    for (size_t i = 0; i < sizeof years / sizeof years[0]; i++) {
        assert_int_equal(tariff_year_check(&years[i]), GT_ERR_RANGE);
    }
    static const tariff_week weeks[] = {{0x80, 1}, {1, TARIFF_TABLES + 1}};
    for (size_t i = 0; i < sizeof weeks / sizeof weeks[0]; i++) {
        assert_int_equal(tariff_week_check(&weeks[i]), GT_ERR_RANGE);
    }
    static const tariff_holiday holidays[] = {
        {27, 2, 29, 1}, {28, 2, 30, 1}, {100, 1, 1, 1}, {28, 0, 1, 1}, {28, 1, 1, 9}};
    for (size_t i = 0; i < sizeof holidays / sizeof holidays[0]; i++) {
        assert_int_equal(tariff_holiday_check(&holidays[i]), GT_ERR_RANGE);
    }
    static const tariff_holiday leap = {28, 2, 29, 8};
    assert_int_equal(tariff_holiday_check(&leap), GT_ERR_OK);
    static const tariff_tiers tiers[] = {
        {.count = TARIFF_TIERS_MAX + 1},
        {.count = 1, .cycle = (tariff_cycle)2},
        {.count = 1, .cycle = TARIFF_CYCLE_YEAR},
        {.count = 1, .cycle = TARIFF_CYCLE_YEAR, .year_month = 2, .year_day = 29},
        {.count = 1, .price_e4 = {TARIFF_PRICE_MAX_E4 + 1}},
        {.count = 3, .upto_centikwh = {7, 7}},
        {.count = 7, .upto_centikwh = {1, 2, 3, 4, 6, 5}},
        {.count = 9, .cycle = TARIFF_CYCLE_YEAR, .year_month = 1, .year_day = 1},
        {.count = 3, .upto_centikwh = {1, 2}, .price_e4 = {1, TARIFF_PRICE_MAX_E4 + 1}},
    };
    for (size_t i = 0; i < sizeof tiers / sizeof tiers[0]; i++) {
        assert_int_equal(tariff_tiers_check(&tiers[i]), GT_ERR_RANGE);
    }
}

static const tariff_tiers three = {
    .count = 3, .upto_centikwh = {20000, 40000}, .price_e4 = {0, 500, 3000}};

static void test_tier_at(void **state)
{
    (void)state;
    static const tariff_tiers none = {.count = 0};
    static const tariff_tiers one = {.count = 1, .price_e4 = {700}};
    static const struct {
        const tariff_tiers *tiers;
        int64_t used;
        unsigned tier;
        int64_t room;
    } rows[] = {{&none, 0, 0, INT64_MAX},      {&one, 99999999, 0, INT64_MAX},
                {&three, 0, 0, 20000},         {&three, 19999, 0, 1},
                {&three, 20000, 1, 20000},     {&three, 39999, 1, 1},
                {&three, 40000, 2, INT64_MAX}, {&three, 99999999, 2, INT64_MAX}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t room = 0;
        const gt_energy used = {.centikwh = rows[i].used};
        assert_int_equal(tariff_tier_at(rows[i].tiers, used, &room), rows[i].tier);
        assert_int_equal(room, rows[i].room);
    }
}

/* A batch costs what its 0.01 kWh cost one by one, wherever tiers and free energy end in it. */
static void test_cost_any_grouping(void **state)
{
    (void)state;
    uint64_t random = 5;
    for (unsigned round = 0; round < 300; round++) {
        random = random * 6364136223846793005U + 1442695040888963407U;
        tariff_tiers tiers = {.count = (uint8_t)(random >> 60U) % 5};
        for (unsigned i = 0; i + 1U < tiers.count; i++) {
            tiers.upto_centikwh[i] = 50 * (i + 1) + (uint32_t)(random >> (8 * i)) % 50;
        }
        for (unsigned i = 0; i < tiers.count; i++) {
            tiers.price_e4[i] = (uint32_t)(random >> (7 * i)) % 5000;
        }
        assert_int_equal(tariff_tiers_check(&tiers), GT_ERR_OK);
        const uint32_t price_e4 = (uint32_t)(random >> 30U) % 12000;
        const int64_t begin = (int64_t)(random >> 20U) % 200;
        const int64_t free_units = (int64_t)(random >> 25U) % 40;
        const int64_t units = (int64_t)(random >> 40U) % 300;
        int64_t worth_e6 = 777;
        for (int64_t i = free_units; i < units; i++) {
            unsigned tier = 0;
            while (tier + 1U < tiers.count && begin + i >= tiers.upto_centikwh[tier]) {
                tier++;
            }
            worth_e6 += price_e4 + (tiers.count > 0 ? tiers.price_e4[tier] : 0);
        }
        const tariff_meter at = {.tiers = &tiers,
                                 .price_e4 = price_e4,
                                 .tier_used.centikwh = begin,
                                 .free_left.centikwh = free_units};
        int32_t carry = 777;
        const gt_energy used = {.centikwh = units};
        const gt_money cost = tariff_cost(&at, used, &carry);
        assert_int_equal(cost.fen * GT_FEN_E6 + carry, worth_e6);
    }
}

/* One of eight day tables is one rate all day, so the rate tells the table. */
static void tables_write(unsigned set, unsigned shift)
{
    for (unsigned table = 1; table <= TARIFF_TABLES; table++) {
        const tariff_schedule day = {
            .count = 1, .period = {{0, (uint8_t)((table - 1 + shift) % METER_RATES + 1)}}};
        assert_int_equal(tariff_day_write(&r.meter, set, table, &day), GT_ERR_OK);
    }
}

static uint8_t rate(void)
{
    return r.meter.state.rate;
}

static void test_which_day(void **state)
{
    (void)state;
    start(2026, 9, 29, 1430); /* a Tuesday */
    tables_write(0, 0);
    const tariff_year year = {.count = 2, .zone = {{1, 1, 1}, {10, 2, 2}}};
    const tariff_week week = {.rest_days = 0x41, .table = 3}; /* Saturday and Sunday */
    const tariff_holiday days[] = {{26, 10, 1, 4}, {26, 10, 4, 5}, {27, 10, 1, 6}};
    assert_int_equal(tariff_year_write(&r.meter, 0, &year), GT_ERR_OK);
    assert_int_equal(tariff_week_write(&r.meter, &week), GT_ERR_OK);
    assert_int_equal(tariff_holiday_write(&r.meter, 0, &days[0]), GT_ERR_OK);
    assert_int_equal(tariff_holiday_write(&r.meter, 31, &days[1]), GT_ERR_OK);
    assert_int_equal(tariff_holiday_write(&r.meter, 253, &days[2]), GT_ERR_OK);
    meter_tariff_reload(&r.meter, r.now);
    static const uint8_t want[] = {/* 29 Sep */ 1,       1,
                                   /* 1 Oct */ 4,        2,
                                   /* Sat */ 3,
                                   /* Sun, holiday */ 5, 2, 2, 2, 2, 2, 3, 3};
    for (size_t i = 0; i < sizeof want; i++) {
        assert_int_equal(rate(), want[i]);
        rig_wait_s(&r, RIG_DAY_S);
    }
    assert_int_equal(rig_power_cycle(&r, 354 * RIG_DAY_S), GT_ERR_OK);
    assert_int_equal(rate(), 6); /* 1 October 2027: its own year's holiday */
    const tariff_holiday gone = {0};
    assert_int_equal(tariff_holiday_write(&r.meter, 253, &gone), GT_ERR_OK);
    meter_tariff_reload(&r.meter, r.now);
    assert_int_equal(rate(), 1);
    tariff_holiday back = {1, 1, 1, 1};
    assert_int_equal(tariff_holiday_read(&r.meter, 31, &back), GT_ERR_OK);
    assert_int_equal(back.day, 4);
    assert_int_equal(tariff_holiday_write(&r.meter, 0, &(tariff_holiday){27, 2, 29, 1}),
                     GT_ERR_RANGE);
}

static uint32_t minute_of(int year, int month, int day, int minute)
{
    const gt_civil civil = {.year = (int16_t)year, .month = (uint8_t)month, .day = (uint8_t)day};
    return (uint32_t)(gt_civil_day(&civil) * 1440 + minute);
}

static void test_two_sets(void **state)
{
    (void)state;
    start(2026, 3, 10, 600);
    tables_write(0, 0); /* table 1: rate 1 */
    tables_write(1, 4); /* table 1: rate 5 */
    const tariff_year spare_year = {.count = 1, .zone = {{1, 1, 2}}};
    assert_int_equal(tariff_year_write(&r.meter, 1, &spare_year), GT_ERR_OK);
    uint32_t prices[METER_RATES] = {11, 22, 33, 44, 55, 66, 77, 88};
    assert_int_equal(tariff_spare_prices_write(&r.meter, prices), GT_ERR_OK);
    assert_int_equal(tariff_spare_tiers_write(&r.meter, &three), GT_ERR_OK);
    meter_tariff_reload(&r.meter, r.now);
    assert_int_equal(rate(), 1);
    static const struct {
        tariff_part part;
        int minute;
    } at[] = {{TARIFF_PART_DAY, 660},
              {TARIFF_PART_YEAR, 720},
              {TARIFF_PART_PRICES, 721},
              {TARIFF_PART_TIERS, 1439}};
    for (size_t i = 0; i < sizeof at / sizeof at[0]; i++) {
        assert_int_equal(
            meter_switch_set(&r.meter, at[i].part, minute_of(2026, 3, 10, at[i].minute), r.now),
            GT_ERR_OK);
    }
    rig_wait_s(&r, 3599);
    assert_int_equal(rate(), 1);
    rig_wait_s(&r, 1);
    assert_int_equal(rate(), 5); /* the other set's day tables */
    assert_int_equal(tariff_set(&r.meter, TARIFF_PART_DAY), 1);
    assert_int_equal(rig_power_cycle(&r, 3600), GT_ERR_OK); /* while it is off, zones switch */
    assert_int_equal(rate(), 6);
    assert_int_equal(tariff_set(&r.meter, TARIFF_PART_YEAR), 1);
    assert_int_equal(r.meter.state.account.parameter.price_e4[5], 0);
    rig_wait_s(&r, 60);
    assert_int_equal(r.meter.state.account.parameter.price_e4[5], 66);
    assert_int_equal(r.meter.state.account.tiers.count, 0);
    rig_wait_s(&r, 12 * RIG_HOUR_S);
    assert_memory_equal(&r.meter.state.account.tiers, &three, sizeof three);
    assert_int_equal(r.meter.state.account.switch_min[TARIFF_PART_TIERS], 0); /* once */
    assert_int_equal(rig_power_cycle(&r, 60), GT_ERR_OK);
    assert_int_equal(rate(), 6);
    assert_int_equal(r.meter.state.account.parameter.price_e4[0], 11);
    prices[0] = TARIFF_PRICE_MAX_E4 + 1;
    assert_int_equal(tariff_spare_prices_write(&r.meter, prices), GT_ERR_RANGE);
}

/* The memory fails when a spare set should take over: it does so when the memory answers again. */
static void test_switch_when_memory_fails(void **state)
{
    (void)state;
    start(2026, 3, 10, 600);
    assert_int_equal(tariff_spare_tiers_write(&r.meter, &three), GT_ERR_OK);
    assert_int_equal(
        meter_switch_set(&r.meter, TARIFF_PART_TIERS, minute_of(2026, 3, 10, 601), r.now),
        GT_ERR_OK);
    assert_int_equal(
        meter_switch_set(&r.meter, TARIFF_PART_PRICES, minute_of(2026, 3, 10, 601), r.now),
        GT_ERR_OK);
    r.eeprom.dead = true;
    rig_wait_s(&r, 100);
    assert_int_equal(r.meter.state.account.tiers.count, 0);
    assert_true(rig_status(&r).fault);
    meter_tariff_reload(&r.meter, r.now);
    r.eeprom.dead = false;
    rig_wait_s(&r, 100);
    assert_int_equal(r.meter.state.account.tiers.count, 3);
    assert_false(rig_status(&r).fault);
}

/* The supply goes without a warning after each change of rate: what was used before it is not
 * counted to the rate after it. On the second day no demand is a new peak, so only the rate asks
 * for an image. */
static void test_rates_kept_apart(void **state)
{
    (void)state;
    static const int turn_min[] = {420, 600, 720, 1320};
    rig_prepare(&r);
    start(2026, 3, 10, 410);
    int64_t used[1 + METER_RATES] = {0};
    for (int i = 0; i < 12; i++) {
        const int minute = i / 4 * 1440 + turn_min[i % 4];
        const unsigned units = i < 4 ? 90 : 20;
        rig_wait_us(&r, ((int64_t)minute - 1) * 60000000 - (r.now.us + 410 * INT64_C(60000000)));
        for (int half = 0; half < 2; half++) { /* a minute before the change, and a minute after */
            used[rate()] += units;
            meter_pulse(&r.meter, units * 12, r.now);
            rig_wait_s(&r, 125);
        }
        sim_eeprom_cut(&r.eeprom);
        sim_eeprom_restore(&r.eeprom);
        assert_int_equal(rig_power_on(&r), GT_ERR_OK);
        const meter_status s = rig_status(&r);
        for (unsigned k = 1; k <= METER_RATES; k++) {
            assert_int_equal(s.energy[k].centikwh, used[k]);
        }
    }
}

/* Tables out of their bounds are not stored, and a memory that fails says so. */
static void test_store_refuses(void **state)
{
    (void)state;
    start(2026, 3, 10, 600);
    const tariff_year year = {.count = 0};
    const tariff_schedule day = {.count = 0};
    const tariff_week week = {.rest_days = 0x80};
    const tariff_tiers tiers = {.count = TARIFF_TIERS_MAX + 1};
    assert_int_equal(tariff_year_write(&r.meter, 0, &year), GT_ERR_RANGE);
    assert_int_equal(tariff_day_write(&r.meter, 0, 1, &day), GT_ERR_RANGE);
    assert_int_equal(tariff_week_write(&r.meter, &week), GT_ERR_RANGE);
    assert_int_equal(tariff_spare_tiers_write(&r.meter, &tiers), GT_ERR_RANGE);
    r.eeprom.dead = true;
    tariff_year year_read;
    tariff_schedule day_read;
    tariff_week week_read;
    tariff_holiday holiday_read = {0};
    tariff_tiers tiers_read;
    uint32_t prices[METER_RATES] = {0};
    assert_int_equal(tariff_year_read(&r.meter, 0, &year_read), GT_ERR_IO);
    assert_int_equal(tariff_day_read(&r.meter, 0, 1, &day_read), GT_ERR_IO);
    assert_int_equal(tariff_week_read(&r.meter, &week_read), GT_ERR_IO);
    assert_int_equal(tariff_holiday_read(&r.meter, 0, &holiday_read), GT_ERR_IO);
    assert_int_equal(tariff_holiday_write(&r.meter, 0, &holiday_read), GT_ERR_IO);
    assert_int_equal(tariff_spare_prices_read(&r.meter, prices), GT_ERR_IO);
    assert_int_equal(tariff_spare_prices_write(&r.meter, prices), GT_ERR_IO);
    assert_int_equal(tariff_spare_tiers_read(&r.meter, &tiers_read), GT_ERR_IO);
}

/* Spare sets that were never written take over as what is in force already. */
static void test_switch_to_nothing(void **state)
{
    (void)state;
    start(2026, 3, 10, 600);
    const meter_parameter before = r.meter.state.account.parameter;
    for (unsigned p = 0; p < TARIFF_PARTS; p++) {
        assert_int_equal(meter_switch_set(&r.meter, (tariff_part)p, 1, r.now), GT_ERR_OK);
    }
    assert_true(rig_terms_equal(&r.meter.state.account.parameter, &before));
    assert_int_equal(r.meter.state.account.tiers.count, 0);
    assert_int_equal(rate(), 1);
}

static void pulses_kwh(unsigned kwh)
{
    for (unsigned i = 0; i < kwh; i++) {
        rig_wait_s(&r, 1);
        meter_pulse(&r.meter, r.cfg.constant, r.now);
    }
}

/* 0.6 yuan flat, then 0.65, then 0.90: 200 + 200 + 50 kWh; and anew from the settlement day. */
static void test_month_tiers(void **state)
{
    (void)state;
    r.cfg.schedule = (tariff_schedule){.count = 1, .period = {{0, 3}}};
    r.cfg.settle[0] = (meter_settle_day){.day = 15, .hour = 6};
    r.cfg.opening_fen = 100000;
    start(2026, 3, 10, 600);
    assert_int_equal(meter_tiers_set(&r.meter, &three, r.now), GT_ERR_OK);
    pulses_kwh(450);
    assert_int_equal(rig_status(&r).balance.fen, 100000 - 200 * 60 - 200 * 65 - 50 * 90);
    assert_int_equal(rig_power_cycle(&r, 60), GT_ERR_OK);
    pulses_kwh(1);
    assert_int_equal(rig_status(&r).balance.fen, 70500 - 90);
    rig_wait_s(&r, 4 * RIG_DAY_S + 19 * RIG_HOUR_S); /* 15 March, before 6 */
    pulses_kwh(1);
    assert_int_equal(rig_status(&r).balance.fen, 70500 - 180);
    rig_wait_s(&r, RIG_HOUR_S);
    pulses_kwh(1);
    assert_int_equal(rig_status(&r).balance.fen, 70500 - 240);
    assert_int_equal(rig_power_cycle(&r, 31 * RIG_DAY_S), GT_ERR_OK); /* a cycle passes dark */
    assert_int_equal(r.meter.state.tier_used.centikwh, 0);
}

static void test_year_tiers(void **state)
{
    (void)state;
    tariff_tiers tiers = three;
    tiers.cycle = TARIFF_CYCLE_YEAR;
    tiers.year_month = 7;
    tiers.year_day = 1;
    start(2026, 3, 10, 600);
    assert_int_equal(meter_tiers_set(&r.meter, &tiers, r.now), GT_ERR_OK);
    pulses_kwh(300);
    rig_wait_s(&r, 112 * RIG_DAY_S); /* 30 June */
    assert_int_equal(r.meter.state.tier_used.centikwh, 30000);
    rig_wait_s(&r, RIG_DAY_S);
    assert_int_equal(r.meter.state.tier_used.centikwh, 0);
    pulses_kwh(1);
    rig_wait_s(&r, 300 * RIG_DAY_S);
    assert_int_equal(r.meter.state.tier_used.centikwh, 100);
    rig_wait_s(&r, 65 * RIG_DAY_S);
    assert_int_equal(r.meter.state.tier_used.centikwh, 0);
}

static void test_free_allowance(void **state)
{
    (void)state;
    r.cfg.schedule = (tariff_schedule){.count = 1, .period = {{0, 3}}};
    r.cfg.parameter.free_centikwh = 1500;
    start(2026, 3, 10, 600);
    meter_pulse(&r.meter, 1200U * 10, r.now);
    assert_int_equal(rig_status(&r).balance.fen, 10000);
    meter_pulse(&r.meter, 1200U * 10, r.now); /* half of it free */
    assert_int_equal(rig_status(&r).balance.fen, 10000 - 300);
    assert_int_equal(rig_power_cycle(&r, 60), GT_ERR_OK);
    meter_pulse(&r.meter, 1200, r.now);
    assert_int_equal(rig_status(&r).balance.fen, 10000 - 360);
    rig_wait_s(&r, 22 * RIG_DAY_S);
    meter_pulse(&r.meter, 1200U * 15, r.now); /* April */
    assert_int_equal(rig_status(&r).balance.fen, 10000 - 360);
}

/* A wallet of energy: prices and tiers mean nothing, and a new price changes nothing. */
static void test_energy_wallet(void **state)
{
    (void)state;
    r.cfg.wallet = METER_WALLET_ENERGY;
    start(2026, 3, 10, 600);
    assert_int_equal(meter_tiers_set(&r.meter, &three, r.now), GT_ERR_OK);
    meter_pulse(&r.meter, 1200U * 30, r.now);
    assert_int_equal(rig_status(&r).balance.fen, 10000 - 3000);
    meter_parameter p = r.meter.state.account.parameter;
    p.price_e4[2] *= 2;
    assert_int_equal(meter_terms_set(&r.meter, &p, r.now), GT_ERR_OK);
    assert_int_equal(rig_status(&r).balance.fen, 7000);
    assert_int_equal(rig_purchase(&r, 500, 1), 0);
    meter_pulse(&r.meter, 1200U * 74, r.now);
    assert_int_equal(rig_status(&r).balance.fen, 100);
}

static void test_price_change_converts_nothing(void **state)
{
    (void)state;
    start(2026, 3, 10, 600);
    meter_pulse(&r.meter, 1200U * 10, r.now);
    const int64_t before = rig_status(&r).balance.fen;
    meter_parameter p = r.meter.state.account.parameter;
    for (unsigned i = 0; i < METER_RATES; i++) {
        p.price_e4[i] = 20000;
    }
    assert_int_equal(meter_terms_set(&r.meter, &p, r.now), GT_ERR_OK);
    assert_int_equal(rig_status(&r).balance.fen, before);
    meter_pulse(&r.meter, 1200, r.now);
    assert_int_equal(rig_status(&r).balance.fen, before - 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_year),
        cmocka_unit_test(test_tables_refused),
        cmocka_unit_test(test_tier_at),
        cmocka_unit_test(test_cost_any_grouping),
        cmocka_unit_test_setup(test_which_day, setup),
        cmocka_unit_test_setup(test_two_sets, setup),
        cmocka_unit_test_setup(test_switch_when_memory_fails, setup),
        cmocka_unit_test_setup(test_rates_kept_apart, setup),
        cmocka_unit_test_setup(test_store_refuses, setup),
        cmocka_unit_test_setup(test_switch_to_nothing, setup),
        cmocka_unit_test_setup(test_month_tiers, setup),
        cmocka_unit_test_setup(test_year_tiers, setup),
        cmocka_unit_test_setup(test_free_allowance, setup),
        cmocka_unit_test_setup(test_energy_wallet, setup),
        cmocka_unit_test_setup(test_price_change_converts_nothing, setup),
    };
    return cmocka_run_group_tests_name("meter/tariff", tests, NULL, NULL);
}
