/* A box in virtual time: rounds, frozen records, what is served, restarts, faults of lines and
 * store. */
#include "rig.h"

#include "codec/gdw1376/control.h"
#include "codec/gdw1376/realtime.h"
#include "codec/gdw1376/vendor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* The only datum of an answer. */
static gt_rd datum_of(const gdw1376_frame *frame, uint16_t point, uint16_t fn)
{
    gdw1376_units units = gdw1376_units_of(frame);
    gdw1376_unit unit;
    assert_int_equal(gdw1376_units_next(&units, &unit), GT_ERR_OK);
    assert_int_equal(unit.point, point);
    assert_int_equal(unit.fn, fn);
    assert_false(gdw1376_units_more(&units));
    return gdw1376_unit_reader(&unit);
}

static gdw1376_snapshot ask_daily(rig *r, uint16_t point, int32_t day)
{
    uint8_t body[3];
    gt_civil at;
    gt_wr w = gt_wr_of(body, sizeof body);
    assert_int_equal(gt_civil_of_day(day, &at), GT_ERR_OK);
    gdw1376_day_write(&w, &at);
    rig_ask(r, GDW1376_AFN_CLASS2, 3, point, GDW1376_FN_VENDOR_DAILY, body, sizeof body);
    const gdw1376_frame frame = rig_last(r);
    gt_rd rd = datum_of(&frame, point, GDW1376_FN_VENDOR_DAILY);
    gdw1376_snapshot snapshot;
    assert_int_equal(gdw1376_day_read(&rd, &at), GT_ERR_OK);
    assert_int_equal(gt_civil_day(&at), day);
    assert_int_equal(gdw1376_snapshot_read(&rd, &snapshot), GT_ERR_OK);
    return snapshot;
}

static void test_round_fills_the_latest_table(void **state)
{
    (void)state;
    rig *r = rig_open();
    rig_lines_open(r);
    rig_run_ms(r, 4900);
    concentrator_stats s = rig_stats(r);
    assert_int_equal(s.meters_read, RIG_METERS);
    assert_int_equal(s.rounds, 1);
    for (unsigned i = 0; i < RIG_METERS; i++) {
        assert_int_equal(r->meter[i].status_reads, 1);
    }
    rig_run_ms(r, 5000);
    assert_int_equal(r->meter[0].status_reads, 2);
    assert_true(s.online);
    rig_close(r);
}

static void test_items_served(void **state)
{
    (void)state;
    rig *r = rig_open();
    rig_run_ms(r, 100);
    /* never read: the item is there, and empty */
    rig_ask(r, GDW1376_AFN_CLASS1, 1, 2, GDW1376_FN_VENDOR_STATUS, NULL, 0);
    gdw1376_frame frame = rig_last(r);
    gt_rd rd = datum_of(&frame, 2, GDW1376_FN_VENDOR_STATUS);
    gdw1376_snapshot snapshot;
    assert_int_equal(gdw1376_snapshot_read(&rd, &snapshot), GT_ERR_OK);
    assert_false(snapshot.taken.present);
    assert_int_equal(snapshot.count, 0);
    rig_lines_open(r);
    rig_run_ms(r, 3000);
    rig_ask(r, GDW1376_AFN_CLASS1, 2, 2, GDW1376_FN_VENDOR_STATUS, NULL, 0);
    frame = rig_last(r);
    assert_int_equal(frame.head.seq, 2);
    rd = datum_of(&frame, 2, GDW1376_FN_VENDOR_STATUS);
    assert_int_equal(gdw1376_snapshot_read(&rd, &snapshot), GT_ERR_OK);
    assert_int_equal(snapshot.model, 7);
    assert_int_equal(snapshot.count, 48);
    assert_int_equal(snapshot.registers[0x0A], 1002);
    assert_int_equal(snapshot.taken.at.hour, 12);
    rig_ask(r, GDW1376_AFN_CLASS1, 3, 2, GDW1376_FN_ENERGY, NULL, 0);
    frame = rig_last(r);
    rd = datum_of(&frame, 2, GDW1376_FN_ENERGY);
    gdw1376_energy energy;
    assert_int_equal(gdw1376_energy_read(&rd, &energy), GT_ERR_OK);
    assert_int_equal(energy.rates, 4);
    assert_int_equal(energy.total.value, 500200); /* 50.02 kWh */
    rig_ask(r, GDW1376_AFN_CLASS1, 4, 2, GDW1376_FN_INSTANT, NULL, 0);
    frame = rig_last(r);
    rd = datum_of(&frame, 2, GDW1376_FN_INSTANT);
    gdw1376_instant instant;
    assert_int_equal(gdw1376_instant_read(&rd, &instant), GT_ERR_OK);
    assert_int_equal(instant.voltage[0].value, 2201);
    assert_int_equal(instant.power[0].value, 10020);
    rig_ask(r, GDW1376_AFN_CLASS1, 5, 2, GDW1376_FN_PURCHASE, NULL, 0);
    frame = rig_last(r);
    rd = datum_of(&frame, 2, GDW1376_FN_PURCHASE);
    gdw1376_purchase purchase;
    assert_int_equal(gdw1376_purchase_read(&rd, &purchase), GT_ERR_OK);
    assert_int_equal(purchase.amount_left.value, 1000200);
    rig_ask(r, GDW1376_AFN_CLASS1, 6, 2, GDW1376_FN_RELAY, NULL, 0);
    frame = rig_last(r);
    rd = datum_of(&frame, 2, GDW1376_FN_RELAY);
    gdw1376_relay relay;
    assert_int_equal(gdw1376_relay_read(&rd, &relay), GT_ERR_OK);
    assert_int_equal(relay.state, GDW1376_RELAY_CLOSED);
    rig_close(r);
}

static void test_all_points_and_what_is_refused(void **state)
{
    (void)state;
    rig *r = rig_open();
    rig_lines_open(r);
    rig_run_ms(r, 3000);
    rig_ask(r, GDW1376_AFN_CLASS1, 1, GDW1376_POINT_ALL, GDW1376_FN_VENDOR_STATUS, NULL, 0);
    unsigned data = 0;
    gdw1376_frame frame = rig_last(r);
    gdw1376_units units = gdw1376_units_of(&frame);
    gdw1376_unit unit;
    while (gdw1376_units_more(&units)) {
        assert_int_equal(gdw1376_units_next(&units, &unit), GT_ERR_OK);
        assert_int_equal(unit.point, ++data);
    }
    assert_int_equal(data, RIG_METERS);
    static const struct {
        uint8_t afn;
        uint16_t point;
        uint16_t fn;
    } refused[] = {
        {GDW1376_AFN_CLASS1, 99, GDW1376_FN_VENDOR_STATUS}, /* no such point */
        {GDW1376_AFN_CLASS1, 1, GDW1376_FN_CLOCK},          /* of the terminal only */
        {GDW1376_AFN_CLASS1, 0, GDW1376_FN_VENDOR_STATUS},  /* of a meter only */
        {GDW1376_AFN_CLASS1, 1, 33},                        /* known, not served */
        {GDW1376_AFN_CLASS1, 1, 200},                       /* unknown */
        {GDW1376_AFN_CLASS2, 1, 241},                       /* without its day */
        {GDW1376_AFN_CONTROL, 0, GDW1376_FN_ALLOW_CLOSE},
        {GDW1376_AFN_RESET, 0, 1},
        {GDW1376_AFN_SET, 0, 10},
        {0x0E, 0, 1},
        {0x77, 0, 1},
    };
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        const size_t before = r->inbox_count;
        rig_ask(r, refused[i].afn, 7, refused[i].point, refused[i].fn, NULL, 0);
        assert_int_equal(r->inbox_count, before + 1);
        frame = rig_last(r);
        assert_true(rig_is_deny(&frame));
        assert_int_equal(frame.head.seq, 7);
    }
    assert_int_equal(rig_stats(r).refused, sizeof refused / sizeof refused[0]);
    rig_close(r);
}

/* More than one frame holds: FIR, middle, FIN, and the sequence counts on. */
static void test_long_answer_is_cut(void **state)
{
    (void)state;
    rig *r = rig_open();
    rig_lines_open(r);
    rig_run_ms(r, 3000);
    uint8_t buf[GDW1376_FRAME_MAX];
    size_t len = 0;
    const gdw1376_head head = gdw1376_head_request(&r->cfg.addr, GDW1376_AFN_CLASS1, 14);
    gdw1376_message m = gdw1376_message_begin(buf, sizeof buf, &head);
    for (int i = 0; i < 6; i++) {
        const gdw1376_id id = {.points = {.count = 8, .number = {1, 2, 3, 4, 5, 6, 7, 8}},
                               .fns = {.count = 1, .number = {GDW1376_FN_VENDOR_STATUS}}};
        gdw1376_message_add_set(&m, &id);
    }
    assert_int_equal(gdw1376_message_end(&m, NULL, &len), GT_ERR_OK);
    rig_link_bytes(r, buf, len);
    assert_int_equal(r->inbox_count, 3); /* 48 x 111 bytes */
    gdw1376_series series = gdw1376_series_of(&head);
    unsigned data = 0;
    bool last = false;
    for (size_t i = 0; i < r->inbox_count; i++) {
        const gdw1376_frame frame = rig_frame_at(r, i);
        assert_false(last);
        assert_int_equal(gdw1376_series_step(&series, &frame.head, &last), GT_ERR_OK);
        gdw1376_units units = gdw1376_units_of(&frame);
        gdw1376_unit unit;
        for (; gdw1376_units_more(&units); data++) {
            assert_int_equal(gdw1376_units_next(&units, &unit), GT_ERR_OK);
        }
    }
    assert_true(last);
    assert_int_equal(data, 48);
    rig_close(r);
}

static void meters_freeze(rig *r, int32_t day)
{
    for (unsigned i = 0; i < RIG_METERS; i++) {
        r->meter[i].newest = day;
        r->meter[i].records++;
    }
}

static uint32_t record_reads(const rig *r)
{
    uint32_t sum = 0;
    for (unsigned i = 0; i < RIG_METERS; i++) {
        sum += r->meter[i].record_reads;
    }
    return sum;
}

static void test_freeze_once_a_day(void **state)
{
    (void)state;
    rig *r = rig_open();
    rig_lines_open(r);
    rig_run_ms(r, 60000);
    const uint64_t first = rig_stats(r).freezes;
    assert_int_equal(first, RIG_METERS * 3);
    assert_int_equal(ask_daily(r, 1, RIG_START_DAY - 2).registers[3], RIG_START_DAY - 2);
    assert_int_equal(ask_daily(r, 1, RIG_START_DAY - 3).count, 0);
    rig_clock(r, RIG_START_DAY, 23, 59);
    meters_freeze(r, RIG_START_DAY + 1);
    rig_run_ms(r, 5 * 60000); /* 00:04 */
    assert_int_equal(rig_stats(r).freezes, first);
    rig_run_ms(r, 2 * 60000); /* 00:06 */
    assert_int_equal(rig_stats(r).freezes, first + RIG_METERS);
    assert_int_equal(ask_daily(r, 8, RIG_START_DAY + 1).registers[3], RIG_START_DAY + 1);
    /* the standard's item calls it the day that ended */
    uint8_t body[3];
    gt_civil at;
    gt_wr w = gt_wr_of(body, sizeof body);
    assert_int_equal(gt_civil_of_day(RIG_START_DAY, &at), GT_ERR_OK);
    gdw1376_day_write(&w, &at);
    rig_ask(r, GDW1376_AFN_CLASS2, 3, 8, GDW1376_FN_DAILY_ENERGY, body, sizeof body);
    const gdw1376_frame frame = rig_last(r);
    gt_rd rd = datum_of(&frame, 8, GDW1376_FN_DAILY_ENERGY);
    gdw1376_energy energy;
    assert_int_equal(gdw1376_day_read(&rd, &at), GT_ERR_OK);
    assert_int_equal(gdw1376_energy_read(&rd, &energy), GT_ERR_OK);
    assert_int_equal(energy.total.value, (RIG_START_DAY + 1) * 100);
    /* the clock goes back over midnight and forward again: nothing is stored twice */
    for (int i = 0; i < 3; i++) {
        rig_clock(r, RIG_START_DAY, 23, 30);
        rig_run_ms(r, 60000);
        rig_clock(r, RIG_START_DAY + 1, 0, 30);
        rig_run_ms(r, 60000);
    }
    uint32_t reads = record_reads(r);
    rig_run_ms(r, 600000);
    assert_int_equal(record_reads(r), reads);
    assert_int_equal(ask_daily(r, 8, RIG_START_DAY + 1).registers[3], RIG_START_DAY + 1);
    rig_close(r);
}

static void test_restart_keeps_and_back_fills(void **state)
{
    (void)state;
    rig *r = rig_open();
    rig_lines_open(r);
    rig_run_ms(r, 60000);
    concentrator_flush(r->box);
    /* off for four days, while the meters went on */
    r->utc_ms += 4 * (int64_t)86400000;
    for (unsigned i = 0; i < RIG_METERS; i++) {
        r->meter[i].newest += 4;
        r->meter[i].records += 4;
        r->meter[i].record_reads = 0;
    }
    rig_restart(r);
    assert_int_equal(rig_stats(r).meters_read, RIG_METERS);
    rig_run_ms(r, 100);
    rig_ask(r, GDW1376_AFN_CLASS1, 1, 5, GDW1376_FN_VENDOR_STATUS, NULL, 0);
    gdw1376_frame frame = rig_last(r);
    gt_rd rd = datum_of(&frame, 5, GDW1376_FN_VENDOR_STATUS);
    gdw1376_snapshot snapshot;
    assert_int_equal(gdw1376_snapshot_read(&rd, &snapshot), GT_ERR_OK);
    assert_int_equal(snapshot.taken.at.day, 21);
    assert_int_equal(snapshot.registers[0x0A], 1001);
    assert_int_equal(ask_daily(r, 5, RIG_START_DAY).count, 16);
    rig_lines_open(r);
    rig_run_ms(r, 60000);
    assert_int_equal(rig_stats(r).freezes, RIG_METERS * 4);
    for (int32_t day = RIG_START_DAY - 2; day <= RIG_START_DAY + 4; day++) {
        assert_int_equal(ask_daily(r, 5, day).registers[3], day);
    }
    rig_close(r);
}

static void test_dead_meters_and_noise_cost_counters(void **state)
{
    (void)state;
    rig *r = rig_open();
    r->meter[1].dead = true;
    r->meter[6].dead = true;
    rig_lines_open(r);
    srand(7);
    for (int i = 0; i < 600; i++) {
        uint8_t noise[16];
        for (size_t n = 0; n < sizeof noise; n++) {
            noise[n] = (uint8_t)rand();
        }
        rig_line_bytes(r, 2, noise, (size_t)(i % 16));
        rig_link_bytes(r, noise, (size_t)(i % 16));
        rig_run_ms(r, 1000);
    }
    const concentrator_stats s = rig_stats(r);
    assert_int_equal(s.meters_dead, 2);
    assert_int_equal(s.meters_read, RIG_METERS - 2);
    assert_true(s.garbage_bytes > 1000);
    assert_true(s.online);
    assert_true(r->meter[0].status_reads >= 115);
    assert_true(r->meter[7].status_reads >= 60);
    r->meter[1].dead = false;
    rig_run_ms(r, 130000);
    assert_int_equal(rig_stats(r).meters_dead, 1);
    rig_close(r);
}

/* Rounds without a pause: frozen records still get their turn, and a line on which nobody answers
 * does not spin (the rig fails on a deadline that stands still). */
static void test_rounds_without_pause(void **state)
{
    (void)state;
    rig *r = rig_open();
    r->cfg.round_s = 0;
    rig_restart(r);
    for (unsigned i = 0; i < RIG_UNITS; i++) {
        r->meter[i].dead = true;
    }
    rig_lines_open(r);
    rig_run_ms(r, 60000);
    assert_int_equal(rig_stats(r).meters_dead, RIG_UNITS);
    assert_int_equal(rig_stats(r).freezes, RIG_UNITS * 3);
    assert_in_range(r->meter[RIG_UNITS].status_reads, 60, 110); /* of 4 meters, 0.16 s each */
    rig_close(r);
}

static void test_store_full_and_back(void **state)
{
    (void)state;
    rig *r = rig_open();
    r->store_full = true;
    rig_lines_open(r);
    rig_run_ms(r, 120000);
    assert_true(rig_stats(r).store_failures > 0);
    assert_int_equal(rig_stats(r).meters_read, RIG_METERS);
    assert_true(r->logged < 20);
    assert_int_equal(ask_daily(r, 1, RIG_START_DAY).count, 0);
    r->store_full = false;
    rig_run_ms(r, 400000);
    assert_int_equal(ask_daily(r, 1, RIG_START_DAY).count, 16);
    rig_restart(r);
    assert_int_equal(rig_stats(r).meters_read, RIG_METERS);
    rig_close(r);
}

static void ask_clock(rig *r, const gt_civil *at, const char *hex_instead)
{
    uint8_t body[6];
    gt_wr w = gt_wr_of(body, sizeof body);
    const gdw1376_when when = gdw1376_when_of(at);
    gdw1376_clock_write(&w, &when);
    if (hex_instead != NULL) {
        memset(body, 0x99, sizeof body);
    }
    rig_ask(r, GDW1376_AFN_CONTROL, 4, 0, GDW1376_FN_CLOCK_SET, body, sizeof body);
}

static void test_clock_and_daily_broadcast(void **state)
{
    (void)state;
    rig *r = rig_open();
    r->cfg.round_s = 600; /* two days pass */
    rig_restart(r);
    rig_lines_open(r);
    rig_run_ms(r, 100);
    rig_clock(r, RIG_START_DAY, 3, 0);
    rig_run_ms(r, 3600000);
    assert_int_equal(r->broadcasts, 0); /* nobody vouches for the clock */
    gt_civil at = {.year = 2026, .month = 11, .day = 22, .hour = 3, .minute = 20, .second = 30};
    ask_clock(r, &at, "99");
    gdw1376_frame frame = rig_last(r);
    assert_true(rig_is_deny(&frame));
    at.year = 2003;
    ask_clock(r, &at, NULL);
    frame = rig_last(r);
    assert_true(rig_is_deny(&frame));
    at.year = 2026;
    ask_clock(r, &at, NULL);
    frame = rig_last(r);
    assert_int_equal(frame.head.afn, GDW1376_AFN_CONFIRM);
    assert_false(rig_is_deny(&frame));
    rig_run_ms(r, 2000);
    rig_ask(r, GDW1376_AFN_CLASS1, 5, 0, GDW1376_FN_CLOCK, NULL, 0);
    frame = rig_last(r);
    gt_rd rd = datum_of(&frame, 0, GDW1376_FN_CLOCK);
    gdw1376_when now;
    assert_int_equal(gdw1376_clock_read(&rd, &now), GT_ERR_OK);
    assert_int_equal(now.at.day, 22);
    assert_int_equal(now.at.second, 32);
    rig_run_ms(r, 9 * 60000);
    assert_int_equal(r->broadcasts, 0);
    rig_run_ms(r, 20 * 3600000);
    assert_int_equal(r->broadcasts, RIG_LINES);
    assert_int_equal(rig_stats(r).broadcasts, RIG_LINES);
    rig_run_ms(r, 12 * 3600000);
    assert_int_equal(r->broadcasts, RIG_LINES * 2);
    rig_close(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_fills_the_latest_table),
        cmocka_unit_test(test_items_served),
        cmocka_unit_test(test_all_points_and_what_is_refused),
        cmocka_unit_test(test_long_answer_is_cut),
        cmocka_unit_test(test_freeze_once_a_day),
        cmocka_unit_test(test_restart_keeps_and_back_fills),
        cmocka_unit_test(test_dead_meters_and_noise_cost_counters),
        cmocka_unit_test(test_rounds_without_pause),
        cmocka_unit_test(test_store_full_and_back),
        cmocka_unit_test(test_clock_and_daily_broadcast),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
