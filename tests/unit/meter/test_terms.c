/* Terms of supply beyond a plain overdraft: the warning cut, emergency credit, friendly hours, the
 * amount that permits closing, and a clock nobody can trust. Each row is a day in a meter's life.
 */
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

static void start(void)
{
    assert_int_equal(rig_power_on(&r), GT_ERR_OK);
}

/* Use until the balance is at that many fen or just below; the flat rate is 0.6 yuan. */
static void spend_to(int64_t fen)
{
    while (rig_status(&r).balance.fen > fen) {
        rig_wait_us(&r, 2000);
        meter_pulse(&r.meter, 2, r.now);
    }
    rig_wait_s(&r, 1);
}

static void expect(credit_state credit, bool closed)
{
    const meter_status s = rig_status(&r);
    assert_int_equal(s.credit, credit);
    assert_int_equal(s.relay_closed, closed);
}

static void test_warning_cut(void **state)
{
    (void)state;
    r.cfg.alarm2 = METER_ALARM2_CUT;
    start();
    spend_to(2000);
    expect(CREDIT_LOW1, true);
    spend_to(500);
    expect(CREDIT_WARNED, false);
    rig_wait_s(&r, RIG_HOUR_S);
    expect(CREDIT_WARNED, false);
    assert_int_equal(rig_register(&r, 0x24) & 0x0400, 0x0400); /* waits for the button */
    assert_int_equal(rig_power_cycle(&r, 60), GT_ERR_OK);
    rig_wait_s(&r, 1);
    expect(CREDIT_WARNED, false);
    meter_button(&r.meter, r.now);
    expect(CREDIT_LOW2, true);
    spend_to(400); /* warned once; not again at every half second */
    expect(CREDIT_LOW2, true);
    assert_int_equal(rig_purchase(&r, 5000, 1), 0);
    expect(CREDIT_NORMAL, true);
    spend_to(500);
    expect(CREDIT_WARNED, false);
    meter_card(&r.meter, r.now); /* a card does as well */
    expect(CREDIT_LOW2, true);
    assert_int_equal(rig_purchase(&r, 5000, 2), 0);
    spend_to(500);
    assert_int_equal(rig_control(&r, CONTROL_CLOSE, 1, 60), 0);
    expect(CREDIT_LOW2, true);
    assert_int_equal(rig_purchase(&r, 1000, 3), 0);
    spend_to(500);
    expect(CREDIT_WARNED, false);
    assert_int_equal(rig_purchase(&r, 1000, 4), 0); /* paid: no button needed */
    expect(CREDIT_LOW1, true);
}

static void test_warning_straight_to_debt(void **state)
{
    (void)state;
    r.cfg.alarm2 = METER_ALARM2_CUT;
    start();
    meter_pulse(&r.meter, 1200 * 170, r.now); /* 102 yuan in one batch */
    rig_wait_s(&r, 1);
    expect(CREDIT_OVERDRAFT, true); /* the warning comes before nothing is left, not after */
    assert_int_equal(rig_purchase(&r, 300, 1), 0);
    expect(CREDIT_LOW2, true);
    meter_pulse(&r.meter, 1200 * 30, r.now);
    rig_wait_s(&r, 1);
    expect(CREDIT_CUT, false);
    meter_card(&r.meter, r.now);
    expect(CREDIT_CUT, false);
    assert_int_equal(rig_purchase(&r, 1900, 2), 0); /* to within alarm 2: no second cut */
    rig_wait_s(&r, 1);
    expect(CREDIT_LOW2, true);
}

static void test_warning_from_plenty(void **state)
{
    (void)state;
    r.cfg.alarm2 = METER_ALARM2_CUT;
    r.cfg.parameter.friendly_from = 720;
    r.cfg.parameter.friendly_to = 780;
    rig_clock(&r, 2026, 3, 10, 719);
    start();
    rig_wait_s(&r, 120);
    meter_pulse(&r.meter, 1200U * 120, r.now); /* 4 yuan left: both alarms in one batch */
    rig_wait_s(&r, 1);
    expect(CREDIT_LOW1, true);
    rig_wait_s(&r, 3600);
    expect(CREDIT_WARNED, false);
}

static void test_card_is_not_the_button(void **state)
{
    (void)state;
    r.cfg.rearm = METER_REARM_BUTTON;
    start();
    assert_int_equal(rig_control(&r, CONTROL_OPEN, 1, 60), 0);
    assert_int_equal(rig_control(&r, CONTROL_ALLOW, 2, 60), 0);
    meter_card(&r.meter, r.now);
    assert_false(rig_status(&r).relay_closed); /* the station asked for the button */
    meter_button(&r.meter, r.now);
    assert_true(rig_status(&r).relay_closed);
}

static void test_emergency(void **state)
{
    (void)state;
    r.cfg.parameter.emergency_fen = 700;
    start();
    assert_int_equal(meter_emergency(&r.meter, r.now), GT_ERR_CONFLICT); /* there is money */
    spend_to(-1000);
    expect(CREDIT_CUT, false);
    assert_int_equal(meter_emergency(&r.meter, r.now), GT_ERR_OK);
    expect(CREDIT_OVERDRAFT, true);
    assert_int_equal(meter_emergency(&r.meter, r.now), GT_ERR_REFUSED); /* once */
    spend_to(-1699);
    expect(CREDIT_OVERDRAFT, true);
    assert_int_equal(rig_power_cycle(&r, 60), GT_ERR_OK);
    spend_to(-1700);
    expect(CREDIT_CUT, false);
    assert_int_equal(rig_purchase(&r, 1700, 1), 0); /* repaid first: nothing is left */
    expect(CREDIT_CUT, false);
    assert_int_equal(meter_emergency(&r.meter, r.now), GT_ERR_REFUSED);
    assert_int_equal(rig_purchase(&r, 100, 2), 0);
    expect(CREDIT_LOW2, true);
    spend_to(-999); /* the old limit holds again */
    expect(CREDIT_OVERDRAFT, true);
    assert_int_equal(meter_emergency(&r.meter, r.now), GT_ERR_OK); /* before the cut, too */
    spend_to(-1690);
    expect(CREDIT_OVERDRAFT, true);
}

static void test_emergency_refused(void **state)
{
    (void)state;
    start();
    spend_to(-1000);
    assert_int_equal(meter_emergency(&r.meter, r.now), GT_ERR_REFUSED); /* none agreed */
    rig_prepare(&r);
    r.cfg.parameter.emergency_fen = 100;
    start();
    meter_pulse(&r.meter, 1200 * 200, r.now); /* far beyond it */
    rig_wait_s(&r, 1);
    assert_int_equal(meter_emergency(&r.meter, r.now), GT_ERR_CONFLICT);
    expect(CREDIT_CUT, false);
    rig_prepare(&r);
    r.cfg.parameter.emergency_fen = 700;
    r.cfg.life = METER_LIFE_ISSUED;
    start();
    spend_to(-1000);
    assert_int_equal(meter_emergency(&r.meter, r.now), GT_ERR_CONFLICT); /* no account yet */
    rig_prepare(&r);
    r.cfg.parameter.emergency_fen = 700;
    start();
    spend_to(-1000);
    r.eeprom.dead = true;
    assert_int_equal(meter_emergency(&r.meter, r.now), GT_ERR_IO);
    expect(CREDIT_CUT, false);
    r.eeprom.dead = false;
    rig_wait_s(&r, 20);
    expect(CREDIT_CUT, false);
    assert_int_equal(meter_emergency(&r.meter, r.now), GT_ERR_OK);
}

static void test_permit(void **state)
{
    (void)state;
    r.cfg.parameter.permit_fen = 300;
    start();
    spend_to(-1000);
    expect(CREDIT_CUT, false);
    assert_int_equal(rig_purchase(&r, 1300, 1), 0);
    expect(CREDIT_CUT, false);
    assert_int_equal(rig_purchase(&r, 1, 2), 0);
    expect(CREDIT_LOW2, true);
    spend_to(100); /* it is about closing, not about cutting */
    expect(CREDIT_LOW2, true);
}

/* Rows: the debt comes at that minute of a Tuesday (10 March 2026), and when is the cut? */
static void test_friendly(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint16_t from;
        uint16_t to;
        uint8_t days;
        int debt_minute;
        int cut_minute; /* since that midnight; -1 never within four days */
    } rows[] = {
        {"no such hours", 0, 0, 0, 600, 600},
        {"before them", 720, 780, 0, 600, 600},
        {"in them", 720, 780, 0, 730, 780},
        {"at their first minute", 720, 780, 0, 720, 780},
        {"at their last", 720, 780, 0, 779, 780},
        {"just after", 720, 780, 0, 780, 780},
        {"over midnight, evening", 1320, 420, 0, 1400, 1440 + 420},
        {"over midnight, morning", 1320, 420, 0, 100, 420},
        {"over midnight, day", 1320, 420, 0, 500, 500},
        {"until midnight", 1200, 0, 0, 1210, 1440},
        {"a day", 0, 0, 1U << 2U, 600, 1440},
        {"a day and the night after", 1320, 420, 1U << 2U, 600, 1440 + 420},
        {"two days", 0, 0, 3U << 2U, 600, 2880},
        {"another day", 0, 0, 1U << 3U, 600, 600},
        {"always", 0, 0, METER_FRIENDLY_ALWAYS, 600, -1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        rig_prepare(&r);
        r.cfg.parameter.friendly_from = rows[i].from;
        r.cfg.parameter.friendly_to = rows[i].to;
        r.cfg.parameter.friendly_days = rows[i].days;
        rig_clock(&r, 2026, 3, 10, 0);
        start();
        const int64_t midnight_us = r.now.us;
        rig_wait_s(&r, (int64_t)rows[i].debt_minute * 60);
        meter_pulse(&r.meter, 1200 * 400, r.now);
        int64_t cut_us = -1;
        while (cut_us < 0 && r.now.us - midnight_us < 4 * INT64_C(86400000000)) {
            rig_wait_us(&r, 500000);
            cut_us = rig_status(&r).relay_closed ? -1 : r.now.us - midnight_us;
        }
        if (cut_us < 0 ? rows[i].cut_minute >= 0
                       : rows[i].cut_minute * INT64_C(60000000) > cut_us ||
                             rows[i].cut_minute * INT64_C(60000000) + 600000 < cut_us) {
            fail_msg("%s: cut at %lld us", rows[i].name, (long long)cut_us);
        }
    }
}

static void test_friendly_holiday(void **state)
{
    (void)state;
    r.cfg.parameter.friendly_holidays = true;
    rig_clock(&r, 2026, 3, 9, 1430);
    start();
    const tariff_holiday holiday = {26, 3, 10, 1};
    assert_int_equal(tariff_holiday_write(&r.meter, 253, &holiday), GT_ERR_OK);
    rig_wait_s(&r, 3600);
    meter_pulse(&r.meter, 1200 * 400, r.now);
    rig_wait_s(&r, 3600);
    expect(CREDIT_OVERDRAFT, true);
    rig_wait_s(&r, RIG_DAY_S);
    expect(CREDIT_CUT, false);
    assert_int_equal(rig_purchase(&r, 90000, 1), 0);
    expect(CREDIT_NORMAL, true);
}

/* What was cut stays cut in friendly hours; the warning waits for their end. */
static void test_friendly_gives_nothing_back(void **state)
{
    (void)state;
    r.cfg.alarm2 = METER_ALARM2_CUT;
    r.cfg.parameter.friendly_from = 720;
    r.cfg.parameter.friendly_to = 780;
    rig_clock(&r, 2026, 3, 10, 700);
    start();
    spend_to(500);
    expect(CREDIT_WARNED, false);
    rig_wait_s(&r, 30 * 60);
    expect(CREDIT_WARNED, false);
    assert_int_equal(rig_purchase(&r, 300, 1), 0);
    expect(CREDIT_LOW1, true);
    spend_to(500); /* 12:30 */
    expect(CREDIT_LOW1, true);
    rig_wait_s(&r, 60 * 60);
    expect(CREDIT_WARNED, false);
    meter_button(&r.meter, r.now);
    spend_to(-1000);
    expect(CREDIT_CUT, false);
    rig_wait_s(&r, RIG_DAY_S - RIG_HOUR_S);
    expect(CREDIT_CUT, false);
}

static void test_suspect_clock_cuts_nothing(void **state)
{
    (void)state;
    r.cfg.alarm2 = METER_ALARM2_CUT;
    r.cfg.parameter.power = (meter_power_limit){.limit_w = 1000, .delay_s = 1};
    r.rtc_good = false;
    start();
    const meter_measurement much = {.power_w = {5000, 0, 0}};
    meter_measure(&r.meter, &much, r.now);
    rig_wait_s(&r, 60);
    assert_true(rig_status(&r).relay_closed);
    spend_to(400);
    expect(CREDIT_LOW1, true);
    spend_to(-5000);
    expect(CREDIT_OVERDRAFT, true);
    assert_int_equal(rig_control(&r, CONTROL_OPEN, 1, 60), 4);
    rig_wait_s(&r, 3 * RIG_DAY_S);
    expect(CREDIT_OVERDRAFT, true);
    const gt_civil noon = {.year = 2026, .month = 3, .day = 10, .hour = 12};
    assert_int_equal(clock_force(&r.meter, &noon, r.now), GT_ERR_OK);
    rig_wait_s(&r, 1);
    expect(CREDIT_CUT, false);
    r.rtc_good = false; /* what is open stays open */
    assert_int_equal(rig_power_cycle(&r, 60), GT_ERR_OK);
    rig_wait_s(&r, 60);
    expect(CREDIT_CUT, false);
    assert_int_equal(rig_purchase(&r, 9000, 1), 0);
    expect(CREDIT_NORMAL, true);
}

/* New terms while nobody knows the time: they hold from when somebody does. */
static void test_new_terms_without_clock(void **state)
{
    (void)state;
    r.rtc_good = false;
    start();
    meter_parameter p = r.cfg.parameter;
    p.friendly_from = 720;
    p.friendly_to = 780;
    assert_int_equal(meter_terms_set(&r.meter, &p, r.now), GT_ERR_OK);
    spend_to(-1000);
    expect(CREDIT_OVERDRAFT, true);
    const gt_civil noon = {.year = 2026, .month = 3, .day = 10, .hour = 12};
    assert_int_equal(clock_force(&r.meter, &noon, r.now), GT_ERR_OK);
    rig_wait_s(&r, 3599);
    expect(CREDIT_OVERDRAFT, true);
    rig_wait_s(&r, 2);
    expect(CREDIT_CUT, false);
}

/* A book that nobody checked is refused all the same. */
static void test_book_unchecked(void **state)
{
    (void)state;
    r.cfg.life = METER_LIFE_ORIGINAL;
    start();
    const purchase_order order = {.amount_fen = 1, .count = 1};
    assert_int_equal(meter_purchase_book(&r.meter, &order, r.now), GT_ERR_CONFLICT);
    assert_int_equal(rig_status(&r).purchase_count, 0);
}

static void test_new_terms_hold_at_once(void **state)
{
    (void)state;
    start();
    meter_parameter p = r.cfg.parameter;
    p.alarm1_fen = 20000;
    assert_int_equal(meter_terms_set(&r.meter, &p, r.now), GT_ERR_OK);
    rig_wait_s(&r, 1);
    expect(CREDIT_LOW1, true);
    p.friendly_from = 1440;
    assert_int_equal(meter_terms_set(&r.meter, &p, r.now), GT_ERR_RANGE);
    p.friendly_from = 0;
    p.friendly_days = 0x80;
    assert_int_equal(meter_terms_set(&r.meter, &p, r.now), GT_ERR_RANGE);
    p.friendly_days = METER_FRIENDLY_ALWAYS;
    p.overdraft_fen = 0;
    assert_int_equal(meter_terms_set(&r.meter, &p, r.now), GT_ERR_OK);
    spend_to(-500);
    expect(CREDIT_OVERDRAFT, true);
    p.friendly_days = 0;
    assert_int_equal(meter_terms_set(&r.meter, &p, r.now), GT_ERR_OK);
    rig_wait_s(&r, 1);
    expect(CREDIT_CUT, false);
    assert_int_equal(rig_power_cycle(&r, 60), GT_ERR_OK);
    assert_true(rig_terms_equal(&r.meter.state.account.parameter, &p));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_warning_cut, setup),
        cmocka_unit_test_setup(test_warning_straight_to_debt, setup),
        cmocka_unit_test_setup(test_warning_from_plenty, setup),
        cmocka_unit_test_setup(test_card_is_not_the_button, setup),
        cmocka_unit_test_setup(test_emergency, setup),
        cmocka_unit_test_setup(test_emergency_refused, setup),
        cmocka_unit_test_setup(test_permit, setup),
        cmocka_unit_test_setup(test_friendly, setup),
        cmocka_unit_test_setup(test_friendly_holiday, setup),
        cmocka_unit_test_setup(test_friendly_gives_nothing_back, setup),
        cmocka_unit_test_setup(test_suspect_clock_cuts_nothing, setup),
        cmocka_unit_test_setup(test_new_terms_hold_at_once, setup),
        cmocka_unit_test_setup(test_new_terms_without_clock, setup),
        cmocka_unit_test_setup(test_book_unchecked, setup),
    };
    return cmocka_run_group_tests_name("meter/terms", tests, NULL, NULL);
}
