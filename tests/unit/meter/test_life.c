/* What each state of a meter's life refuses, cell by cell; and the acts that move it: set up,
 * issued, opened, exchanged, cleared, stripped. */
#include "meter/service.h"
#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static rig r;
static rig other;

static const meter_preset preset = {
    .meter_no = 77,
    .parameter = {.alarm1_fen = 300, .alarm2_fen = 100, .price_e4 = {5000, 5000, 5000, 5000}},
    .opening.fen = 400};

static void start(meter_life life)
{
    rig_prepare(&r);
    r.cfg.life = life;
    assert_int_equal(rig_power_on(&r), GT_ERR_OK);
}

static void test_table(void **state)
{
    (void)state;
    enum { B = METER_LIFE_BARE, O = METER_LIFE_ORIGINAL, I = METER_LIFE_ISSUED };
    enum { R = METER_LIFE_RUNNING, NO = 99 };
    /* columns: PRESET PARAMETER CLOCK CONTROL KEYS ISSUE OPEN CREDIT EMERGENCY CONVERT EXPORT
     * IMPORT CLEAR STRIP */
    static const uint8_t want[METER_LIVES][METER_ACTS] = {
        [METER_LIFE_BARE] = {O, NO, B, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO},
        [METER_LIFE_ORIGINAL] = {O, O, O, O, O, I, NO, NO, NO, NO, NO, NO, O, B},
        [METER_LIFE_ISSUED] = {NO, I, I, I, I, I, R, NO, NO, NO, NO, R, O, NO},
        [METER_LIFE_RUNNING] = {NO, R, R, R, R, NO, NO, R, R, R, O, NO, O, NO},
    };
    for (unsigned s = 0; s < METER_LIVES; s++) {
        for (unsigned a = 0; a < METER_ACTS; a++) {
            meter_life next = (meter_life)NO;
            const gt_err err = meter_life_next((meter_life)s, (meter_act)a, &next);
            assert_int_equal(next, want[s][a]);
            assert_int_equal(err, want[s][a] == NO ? GT_ERR_CONFLICT : GT_ERR_OK);
        }
        assert_int_equal(meter_life_charges((meter_life)s), s == R || s == I);
    }
}

static gt_err do_preset(void)
{
    return meter_preset_take(&r.meter, &preset, r.now);
}

static gt_err do_parameter(void)
{
    return meter_terms_set(&r.meter, &preset.parameter, r.now);
}

static gt_err do_tiers(void)
{
    return meter_tiers_set(&r.meter, &preset.tiers, r.now);
}

static gt_err do_settle(void)
{
    return meter_settle_set(&r.meter, r.cfg.settle, r.now);
}

static gt_err do_demand(void)
{
    return meter_demand_set(&r.meter, 30, 2, r.now);
}

static gt_err do_switch(void)
{
    return meter_switch_set(&r.meter, TARIFF_PART_DAY, 1, r.now);
}

static gt_err do_clock(void)
{
    const gt_civil civil = {.year = 2026, .month = 3, .day = 10, .hour = 9};
    return clock_force(&r.meter, &civil, r.now);
}

static gt_err do_control(void)
{
    const uint16_t result = control_check(&r.meter, CONTROL_OPEN, INT64_MAX, r.now);
    return result == METER_RESULT_STATE ? GT_ERR_CONFLICT : GT_ERR_OK;
}

static gt_err do_issue(void)
{
    return meter_issue(&r.meter, 100200300400, r.now);
}

static gt_err buy(bool opens)
{
    const purchase_order order = {.amount_fen = 100,
                                  .count = rig_status(&r).purchase_count + 1,
                                  .customer_no = 100200300400,
                                  .opens = opens};
    uint16_t result = 0;
    const gt_err err = meter_purchase(&r.meter, &order, r.now, &result);
    assert_int_equal(err, GT_ERR_OK);
    return result == METER_RESULT_STATE ? GT_ERR_CONFLICT : GT_ERR_OK;
}

static gt_err do_open(void)
{
    return buy(true);
}

static gt_err do_credit(void)
{
    return buy(false);
}

static gt_err do_emergency(void)
{
    r.meter.state.account.parameter.emergency_fen = 100000;
    r.meter.state.account.balance.fen = -1;
    return meter_emergency(&r.meter, r.now);
}

static gt_err do_convert(void)
{
    const meter_conversion conversion = {.count = 9, .old_e4 = 1, .new_e4 = 1};
    return meter_convert(&r.meter, &conversion, r.now);
}

static gt_err do_export(void)
{
    return meter_export(&r.meter, r.now);
}

static gt_err do_import(void)
{
    const meter_exchange exchange = {.meter_no = 5, .customer_no = 100200300400};
    return meter_import(&r.meter, &exchange, r.now);
}

static gt_err do_clear(void)
{
    return meter_clear(&r.meter, r.now);
}

static gt_err do_strip(void)
{
    return meter_strip(&r.meter, r.now);
}

/* The table again, through the door everybody uses: refused, nothing changed and nothing written.
 */
static void test_every_act_in_every_state(void **state)
{
    (void)state;
    static const struct {
        gt_err (*act)(void);
        meter_act kind;
    } acts[] = {
        {do_preset, METER_ACT_PRESET},    {do_parameter, METER_ACT_PARAMETER},
        {do_tiers, METER_ACT_PARAMETER},  {do_switch, METER_ACT_PARAMETER},
        {do_settle, METER_ACT_PARAMETER}, {do_demand, METER_ACT_PARAMETER},
        {do_clock, METER_ACT_CLOCK},      {do_control, METER_ACT_CONTROL},
        {do_issue, METER_ACT_ISSUE},      {do_open, METER_ACT_OPEN},
        {do_credit, METER_ACT_CREDIT},    {do_emergency, METER_ACT_EMERGENCY},
        {do_convert, METER_ACT_CONVERT},  {do_export, METER_ACT_EXPORT},
        {do_import, METER_ACT_IMPORT},    {do_clear, METER_ACT_CLEAR},
        {do_strip, METER_ACT_STRIP},
    };
    for (unsigned s = 0; s < METER_LIVES; s++) {
        for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
            rig_prepare(&r);
            r.cfg.life = (meter_life)s;
            r.cfg.wallet = METER_WALLET_ENERGY;
            assert_int_equal(rig_power_on(&r), GT_ERR_OK);
            meter_life want = (meter_life)s;
            const gt_err err = meter_life_next((meter_life)s, acts[i].kind, &want);
            const uint64_t writes = r.eeprom.writes;
            assert_int_equal(acts[i].act(), err);
            assert_int_equal(rig_status(&r).life, want);
            if (err != GT_ERR_OK) {
                assert_int_equal(r.eeprom.writes, writes);
            }
            assert_int_equal(rig_power_on(&r), GT_ERR_OK);
            assert_int_equal(rig_status(&r).life, want);
        }
    }
}

/* And with a memory that fails: undone. */
static void test_every_act_undone(void **state)
{
    (void)state;
    static const struct {
        gt_err (*act)(void);
        meter_life life;
    } rows[] = {
        {do_preset, METER_LIFE_BARE},     {do_parameter, METER_LIFE_RUNNING},
        {do_tiers, METER_LIFE_RUNNING},   {do_switch, METER_LIFE_RUNNING},
        {do_settle, METER_LIFE_RUNNING},  {do_demand, METER_LIFE_RUNNING},
        {do_clock, METER_LIFE_RUNNING},   {do_issue, METER_LIFE_ORIGINAL},
        {do_convert, METER_LIFE_RUNNING}, {do_export, METER_LIFE_RUNNING},
        {do_import, METER_LIFE_ISSUED},   {do_clear, METER_LIFE_RUNNING},
        {do_strip, METER_LIFE_ORIGINAL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        rig_prepare(&r);
        r.cfg.life = rows[i].life;
        r.cfg.wallet = METER_WALLET_ENERGY;
        assert_int_equal(rig_power_on(&r), GT_ERR_OK);
        const meter_account before = r.meter.state.account;
        r.eeprom.dead = true;
        assert_int_equal(rows[i].act(), GT_ERR_IO);
        assert_memory_equal(&r.meter.state.account, &before, sizeof before);
        assert_true(rig_status(&r).fault);
        r.eeprom.dead = false;
        rig_wait_s(&r, 20);
        assert_false(rig_status(&r).fault);
        assert_int_equal(rows[i].act(), GT_ERR_OK);
    }
}

/* And with the power gone at any byte of an act: after it the meter is what it was, or what it
 * should become, and the act can be done again or is refused as done. */
static void test_acts_and_power(void **state)
{
    (void)state;
    static const struct {
        gt_err (*act)(void);
        meter_life life;
        meter_life then;
    } rows[] = {
        {do_preset, METER_LIFE_BARE, METER_LIFE_ORIGINAL},
        {do_export, METER_LIFE_RUNNING, METER_LIFE_ORIGINAL},
        {do_import, METER_LIFE_ISSUED, METER_LIFE_RUNNING},
        {do_open, METER_LIFE_ISSUED, METER_LIFE_RUNNING},
        {do_clear, METER_LIFE_RUNNING, METER_LIFE_ORIGINAL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bool cut = true;
        for (uint64_t byte = 1; cut; byte += 3) {
            rig_prepare(&r);
            sim_eeprom_init(&r.eeprom, byte);
            r.cfg.life = rows[i].life;
            assert_int_equal(rig_power_on(&r), GT_ERR_OK);
            meter_pulse(&r.meter, 1200, r.now);
            sim_eeprom_cut_after(&r.eeprom, byte);
            gt_err err = GT_ERR_IO;
            if (rows[i].act != do_open) {
                err = rows[i].act();
            } else {
                const purchase_order order = {
                    .amount_fen = 100, .count = 1, .customer_no = 100200300400, .opens = true};
                uint16_t result = 0;
                err = meter_purchase(&r.meter, &order, r.now, &result);
            }
            cut = r.eeprom.dead;
            sim_eeprom_restore(&r.eeprom);
            assert_int_equal(rig_power_on(&r), GT_ERR_OK);
            const meter_status s = rig_status(&r);
            assert_true(s.life == rows[i].then || (s.life == rows[i].life && err != GT_ERR_OK));
            meter_exchange x;
            if (rows[i].act == do_export && s.life == METER_LIFE_ORIGINAL) {
                assert_int_equal(meter_exported(&r.meter, &x), GT_ERR_OK);
                assert_int_equal(x.balance.fen, 10000 - 60); /* nowhere lost, nowhere twice */
                assert_int_equal(s.balance.fen, 0);
            } else if (rows[i].act == do_export) {
                assert_int_equal(meter_exported(&r.meter, &x), GT_ERR_NOT_FOUND);
                assert_int_equal(s.balance.fen, 10000 - 60);
            }
        }
    }
}

static void test_whole_life(void **state)
{
    (void)state;
    rig_prepare(&r);
    r.cfg.life = METER_LIFE_BARE;
    r.cfg.meter_no = 0;
    r.cfg.customer_no = 0;
    r.cfg.opening_fen = 0;
    assert_int_equal(rig_power_on(&r), GT_ERR_OK);
    rig_use(&r, 1200, 60);
    assert_int_equal(rig_status(&r).balance.fen, 0); /* counts, charges nobody, cuts nobody */
    assert_int_equal(rig_status(&r).energy[0].centikwh, 100);
    assert_true(rig_status(&r).relay_closed);
    assert_int_equal(do_preset(), GT_ERR_OK);
    assert_int_equal(r.meter.state.account.meter_no, 77);
    assert_int_equal(meter_clear(&r.meter, r.now), GT_ERR_OK);
    assert_int_equal(rig_status(&r).energy[0].centikwh, 0);
    assert_int_equal(do_preset(), GT_ERR_OK);
    assert_int_equal(do_issue(), GT_ERR_OK);
    rig_use(&r, 1200, 60); /* now it is somebody's */
    assert_int_equal(rig_status(&r).balance.fen, 350);
    assert_int_equal(do_credit(), GT_ERR_CONFLICT);
    assert_int_equal(do_open(), GT_ERR_OK);
    assert_int_equal(rig_status(&r).balance.fen, 450);
    assert_int_equal(do_open(), GT_ERR_CONFLICT);
    assert_int_equal(do_credit(), GT_ERR_OK);
    assert_int_equal(rig_status(&r).purchase_count, 2);
    assert_int_equal(do_clear(), GT_ERR_OK);
    const meter_status s = rig_status(&r);
    assert_int_equal(s.balance.fen, 0);
    assert_int_equal(s.energy[0].centikwh, 0);
    assert_int_equal(s.energy[3].centikwh, 0);
    assert_int_equal(s.purchase_count, 2); /* an order once taken is never taken again */
    assert_int_equal(r.meter.state.account.customer_no, 0);
    assert_int_equal(record_kept(&r.meter, RECORD_PURCHASE), 0);
    assert_true(s.relay_closed);
    assert_int_equal(do_strip(), GT_ERR_OK);
    assert_int_equal(rig_power_cycle(&r, 60), GT_ERR_OK);
    assert_int_equal(rig_status(&r).life, METER_LIFE_BARE);
}

static void test_values_refused(void **state)
{
    (void)state;
    start(METER_LIFE_ORIGINAL);
    meter_preset bad[6] = {preset, preset, preset, preset, preset, preset};
    bad[0].meter_no = 0;
    bad[1].meter_no = 1000000000000;
    bad[2].opening.fen = -1;
    bad[3].parameter.alarm2_fen = 301;
    bad[4].tiers.count = TARIFF_TIERS_MAX + 1;
    bad[5].opening.fen = (int64_t)INT32_MAX + 1;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(meter_preset_take(&r.meter, &bad[i], r.now), GT_ERR_RANGE);
    }
    assert_int_equal(meter_issue(&r.meter, 0, r.now), GT_ERR_RANGE);
    assert_int_equal(meter_issue(&r.meter, 1000000000000, r.now), GT_ERR_RANGE);
    const tariff_tiers tiers = {.count = 3, .upto_centikwh = {5, 5}};
    assert_int_equal(meter_tiers_set(&r.meter, &tiers, r.now), GT_ERR_RANGE);
}

/* From a meter in debt, with a replaced meter issued to the same customer. */
static void test_exchange(void **state)
{
    (void)state;
    start(METER_LIFE_RUNNING);
    assert_int_equal(rig_purchase(&r, 1234, 1), 0);
    rig_use(&r, 1200 * 200, RIG_HOUR_S);
    const meter_status old = rig_status(&r);
    assert_true(old.balance.fen < 0);
    const meter_parameter terms = r.meter.state.account.parameter;
    assert_int_equal(meter_export(&r.meter, r.now), GT_ERR_OK);
    assert_int_equal(rig_status(&r).balance.fen, 0);
    assert_int_equal(rig_status(&r).purchase_count, 1);
    assert_int_equal(meter_export(&r.meter, r.now), GT_ERR_CONFLICT); /* not twice */
    assert_int_equal(rig_power_cycle(&r, 60), GT_ERR_OK);
    meter_exchange x;
    assert_int_equal(meter_exported(&r.meter, &x), GT_ERR_OK); /* but readable as often as asked */
    assert_int_equal(x.balance.fen, old.balance.fen);
    assert_int_equal(x.forward[0].centikwh, old.energy[0].centikwh);
    assert_int_equal(x.forward[3].centikwh, old.energy[3].centikwh);
    assert_int_equal(x.meter_no, r.cfg.meter_no);
    other = r;
    rig_prepare(&r);
    r.cfg.life = METER_LIFE_ISSUED;
    r.cfg.meter_no = 88;
    r.cfg.opening_fen = 0;
    assert_int_equal(rig_power_on(&r), GT_ERR_OK);
    meter_exchange wrong = x;
    wrong.customer_no++;
    assert_int_equal(meter_import(&r.meter, &wrong, r.now), GT_ERR_MISMATCH);
    wrong = x;
    wrong.parameter.alarm2_fen = UINT32_MAX;
    assert_int_equal(meter_import(&r.meter, &wrong, r.now), GT_ERR_RANGE);
    wrong = x;
    wrong.tiers.count = TARIFF_TIERS_MAX + 1;
    assert_int_equal(meter_import(&r.meter, &wrong, r.now), GT_ERR_RANGE);
    assert_int_equal(meter_import(&r.meter, &x, r.now), GT_ERR_OK);
    const meter_status now = rig_status(&r);
    assert_int_equal(now.life, METER_LIFE_RUNNING);
    assert_int_equal(now.balance.fen, old.balance.fen);
    assert_int_equal(now.purchase_count, 1);
    assert_int_equal(r.meter.state.account.carry_e6, x.carry_e6);
    assert_true(rig_terms_equal(&r.meter.state.account.parameter, &terms));
    assert_int_equal(meter_clear(&r.meter, r.now), GT_ERR_OK);
    assert_int_equal(do_issue(), GT_ERR_OK);
    assert_int_equal(meter_import(&r.meter, &x, r.now), GT_ERR_REPLAY); /* money is not made */
    assert_int_equal(rig_status(&r).balance.fen, 0);
    x.count = 0; /* a count never goes back */
    assert_int_equal(meter_import(&r.meter, &x, r.now), GT_ERR_OK);
    assert_int_equal(rig_status(&r).purchase_count, 1);
}

static void test_exchange_bytes(void **state)
{
    (void)state;
    start(METER_LIFE_RUNNING);
    meter_exchange x;
    assert_int_equal(meter_exported(&r.meter, &x), GT_ERR_NOT_FOUND);
    assert_int_equal(meter_export(&r.meter, r.now), GT_ERR_OK);
    assert_int_equal(meter_exported(&r.meter, &x), GT_ERR_OK);
    uint8_t bytes[METER_EXCHANGE_LEN];
    static const struct {
        unsigned at;
        uint8_t value;
    } bad[] = {{7, 1}, {15, 1}, {23, 0x40}, {23, 0x80}, {27, 0x80}, {25, 0x28}, {160, 8}, {161, 2}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        meter_exchange_encode(&x, bytes);
        bytes[bad[i].at] = bad[i].value;
        assert_int_equal(meter_exchange_decode(bytes, &x), GT_ERR_RANGE);
    }
    x.parameter.alarm1_fen = 0;
    x.parameter.alarm2_fen = 1;
    meter_exchange_encode(&x, bytes);
    assert_int_equal(meter_exchange_decode(bytes, &x), GT_ERR_RANGE);
    x.parameter.alarm2_fen = 0;
    x.meter_no = 0;
    meter_exchange_encode(&x, bytes);
    assert_int_equal(meter_exchange_decode(bytes, &x), GT_ERR_RANGE);
    x.meter_no = 1;
    x.customer_no = 0;
    meter_exchange_encode(&x, bytes);
    assert_int_equal(meter_exchange_decode(bytes, &x), GT_ERR_RANGE);
}

/* 100 kWh at 0.5 yuan are 62.50 kWh at 0.8; a debt of energy grows by as little as it must. */
static void test_convert(void **state)
{
    (void)state;
    static const struct {
        int64_t balance;
        uint32_t old_e4;
        uint32_t new_e4;
        int64_t want;
    } rows[] = {{10000, 5000, 8000, 6250}, {10000, 3, 3, 10000}, {100, 1, 3, 33},
                {-100, 1, 3, -34},         {-99, 1, 3, -33},     {0, 1, 1000000, 0},
                {1, 999999, 1000000, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        rig_prepare(&r);
        r.cfg.wallet = METER_WALLET_ENERGY;
        r.cfg.opening_fen = (int32_t)rows[i].balance;
        assert_int_equal(rig_power_on(&r), GT_ERR_OK);
        const meter_conversion once = {1, rows[i].old_e4, rows[i].new_e4};
        assert_int_equal(meter_convert(&r.meter, &once, r.now), GT_ERR_OK);
        assert_int_equal(rig_status(&r).balance.fen, rows[i].want);
        assert_int_equal(meter_convert(&r.meter, &once, r.now), GT_ERR_REPLAY);
        assert_int_equal(rig_status(&r).balance.fen, rows[i].want);
    }
    static const meter_conversion bad[] = {{2, 0, 1}, {2, 1, 0}, {2, 1000001, 1}, {2, 1, 1000001}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(meter_convert(&r.meter, &bad[i], r.now), GT_ERR_RANGE);
    }
    start(METER_LIFE_RUNNING);
    const meter_conversion money = {1, 1, 2};
    assert_int_equal(meter_convert(&r.meter, &money, r.now), GT_ERR_CONFLICT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_every_act_in_every_state),
        cmocka_unit_test(test_every_act_undone),
        cmocka_unit_test(test_whole_life),
        cmocka_unit_test(test_values_refused),
        cmocka_unit_test(test_exchange),
        cmocka_unit_test(test_acts_and_power),
        cmocka_unit_test(test_exchange_bytes),
        cmocka_unit_test(test_convert),
    };
    return cmocka_run_group_tests_name("meter/life", tests, NULL, NULL);
}
