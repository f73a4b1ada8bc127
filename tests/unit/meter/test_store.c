/* A scripted day of life, with the power cut at every write of the memory, at several bytes of
 * each, and then thousands of random cuts. After each cut the meter must come back knowing
 * everything it has acknowledged, and its money must agree with its energy to the fen. */
#include "meter/layout.h"
#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* One kWh unsaved at most, and the pulses of the one call in which the power went. */
enum { PRICE_E4 = 6000, OPENING_FEN = 3000, BURST_CENTIKWH = 375 };
enum { LOST_MAX_CENTIKWH = 101 + BURST_CENTIKWH };

static rig r;
static rig reference;

typedef enum act {
    USE,     /* value pulses within ten minutes */
    WAIT,    /* value minutes */
    BUY,     /* value fen */
    CONTROL, /* command */
    LIMITS,  /* overdraft */
    BUTTON,
    POWER, /* value minutes without it, with the power-fail input working */
} act;

static const struct {
    act what;
    uint32_t value;
} day[] = {
    {USE, 700},      {BUY, 5000},   {USE, 1300},   {CONTROL, 0x1A}, {WAIT, 5},
    {CONTROL, 0x1B}, {BUTTON, 0},   {LIMITS, 500}, {USE, 40000},    {WAIT, 30},
    {USE, 90000},    {WAIT, 1},     {BUY, 60000},  {WAIT, 300},     {POWER, 30},
    {CONTROL, 0x3A}, {USE, 500},    {BUY, 1},      {WAIT, 600},     {USE, 999},
    {CONTROL, 0x3B}, {POWER, 4000}, {BUY, 250},    {CONTROL, 0x1A}, {CONTROL, 0x1C},
    {WAIT, 24 * 60}, {USE, 1200},
};

enum { STEPS = sizeof day / sizeof day[0] };

/* What the world outside knows for certain. */
typedef struct witness {
    uint32_t bought;     /* orders acknowledged */
    int64_t bought_fen;  /* their sum */
    uint32_t controlled; /* commands acknowledged */
    uint32_t parameters;
    uint64_t pulses; /* given to the meter since it was made, at most */
    unsigned cuts;
} witness;

static uint16_t reg_at(uint16_t at)
{
    return rig_register(&r, at);
}

static void freezes_check(void)
{
    uint32_t last = UINT32_MAX;
    for (uint16_t i = 0; i < 62; i++) {
        uint16_t record[16];
        assert_int_equal(rig_read(&r, (uint16_t)(0x0200 + 16 * i), 16, record), 0);
        const uint32_t stamp = (uint32_t)record[0] << 16U | record[1];
        if (stamp == 0) {
            break;
        }
        assert_true(stamp < last); /* never twice, never out of order */
        last = stamp;
    }
}

static void check(const witness *w, uint32_t in_flight_fen)
{
    const meter_status s = rig_status(&r);
    assert_true(s.purchase_count == w->bought || s.purchase_count == w->bought + 1);
    const int64_t credited =
        w->bought_fen + (s.purchase_count > w->bought ? (int64_t)in_flight_fen : 0);
    const int64_t cost_fen = s.energy[0].centikwh * PRICE_E4 / GT_FEN_E6;
    assert_int_equal(s.balance.fen, OPENING_FEN + credited - cost_fen);
    assert_true(s.control_count >= w->controlled && s.control_count <= w->controlled + 1);
    assert_true(s.parameter_count >= w->parameters && s.parameter_count <= w->parameters + 1);
    const int64_t fed = (int64_t)(w->pulses * 100 / r.cfg.constant);
    assert_true(s.energy[0].centikwh <= fed);
    assert_true(fed - s.energy[0].centikwh <= (int64_t)LOST_MAX_CENTIKWH * (1 + w->cuts));
    assert_int_equal(s.energy[0].centikwh, s.energy[1].centikwh + s.energy[2].centikwh +
                                               s.energy[3].centikwh + s.energy[4].centikwh);
}

static void recover(witness *w, uint32_t in_flight_fen)
{
    w->cuts++;
    sim_eeprom_restore(&r.eeprom);
    r.now.us += 7000000;
    assert_int_equal(rig_power_on(&r), GT_ERR_OK);
    check(w, in_flight_fen);
}

/* As the station does: send, and when no answer comes, read the count back before sending again. */
static void buy(witness *w, uint32_t fen)
{
    while (rig_status(&r).purchase_count == w->bought) {
        if (rig_purchase(&r, fen, w->bought + 1) == 0) {
            w->bought++;
            w->bought_fen += fen;
            return;
        }
        assert_true(r.eeprom.dead);
        recover(w, fen);
    }
    w->bought++;
    w->bought_fen += fen;
}

static void control(witness *w, uint16_t command)
{
    while (rig_status(&r).control_count == w->controlled &&
           rig_control(&r, command, w->controlled + 1, 600) != 0) {
        assert_true(r.eeprom.dead);
        recover(w, 0);
    }
    w->controlled++;
}

static void limits(witness *w, uint32_t overdraft)
{
    meter_parameter p = r.cfg.parameter;
    p.overdraft_fen = overdraft;
    while (rig_status(&r).parameter_count == w->parameters &&
           rig_parameter(&r, &p, w->parameters + 1) != 0) {
        assert_true(r.eeprom.dead);
        recover(w, 0);
    }
    w->parameters++;
}

static void use(witness *w, uint32_t pulses)
{
    enum { BURSTS = 20 };
    for (uint32_t i = 0; i < BURSTS; i++) {
        rig_wait_s(&r, 30);
        meter_pulse(&r.meter, pulses / BURSTS, r.now);
        w->pulses += pulses / BURSTS;
        if (r.eeprom.dead) {
            recover(w, 0);
        }
    }
}

static void step(witness *w, act what, uint32_t value)
{
    switch (what) {
    case USE:
        use(w, value);
        break;
    case WAIT:
        rig_wait_s(&r, (int64_t)value * 60);
        break;
    case BUY:
        buy(w, value);
        break;
    case CONTROL:
        control(w, (uint16_t)value);
        break;
    case LIMITS:
        limits(w, value);
        break;
    case BUTTON:
        meter_button(&r.meter, r.now);
        break;
    case POWER:
        meter_power_fail(&r.meter, r.now);
        r.now.us += (int64_t)value * 60 * 1000000;
        if (r.eeprom.dead || rig_power_on(&r) != GT_ERR_OK) {
            recover(w, 0);
        }
        break;
    }
    if (r.eeprom.dead) {
        recover(w, 0);
    }
}

/* @param cut_every 0: cut once, at byte @p cut; else again at random within that many bytes */
static witness live(uint64_t seed, uint64_t cut, uint64_t cut_every)
{
    rig_prepare(&r);
    r.cfg.opening_fen = OPENING_FEN;
    for (unsigned i = 0; i < METER_RATES; i++) {
        r.cfg.parameter.price_e4[i] = PRICE_E4;
    }
    sim_eeprom_init(&r.eeprom, seed);
    sim_eeprom_cut_after(&r.eeprom, cut);
    witness w = {0};
    if (rig_power_on(&r) != GT_ERR_OK || r.eeprom.dead) {
        recover(&w, 0);
    }
    for (size_t i = 0; i < STEPS; i++) {
        if (cut_every != 0 && r.eeprom.cut_byte == SIM_EEPROM_NO_CUT) {
            seed = seed * 6364136223846793005U + 1442695040888963407U;
            sim_eeprom_cut_after(&r.eeprom, 1 + (seed >> 33U) % cut_every);
        }
        step(&w, day[i].what, day[i].value);
    }
    check(&w, 0);
    return w;
}

static void final_check(const witness *w)
{
    const witness want = {.bought = 4, .bought_fen = 65251, .controlled = 6, .parameters = 1};
    assert_int_equal(w->bought, want.bought);
    assert_int_equal(w->bought_fen, want.bought_fen);
    assert_int_equal(w->controlled, want.controlled);
    assert_int_equal(w->parameters, want.parameters);
}

static void test_uncut(void **state)
{
    (void)state;
    const witness w = live(1, 0, 0);
    final_check(&w);
    freezes_check();
    assert_int_equal(w.cuts, 0);
    assert_true(rig_status(&r).relay_closed);
    assert_int_equal(rig_status(&r).energy[0].centikwh, w.pulses * 100 / r.cfg.constant);
    assert_int_equal(reg_at(0x0200), 0x2603); /* a freeze of the 15th, and of every day before */
    assert_int_equal(reg_at(0x0201), 0x1400);
}

/* The bytes at which writes of the uncut day begin, found by living it once more. */
static void test_cut_at_every_write(void **state)
{
    (void)state;
    (void)live(1, 0, 0);
    reference = r;
    const uint64_t bytes = r.eeprom.bytes;
    const uint64_t writes = r.eeprom.writes;
    assert_true(writes > 100);
    const uint64_t stride =
        12; /* the shortest write, a record of the load profile, has 20 bytes: each is cut */
    for (uint64_t cut = 1; cut <= bytes; cut += stride) {
        const witness w = live(cut, cut, 0);
        final_check(&w);
        assert_int_equal(w.cuts, 1);
        assert_int_equal(rig_status(&r).credit, rig_status(&reference).credit);
        assert_int_equal(rig_status(&r).relay_closed, rig_status(&reference).relay_closed);
    }
    print_message("%llu writes, %llu bytes, %llu cuts\n", (unsigned long long)writes,
                  (unsigned long long)bytes, (unsigned long long)(bytes / stride));
}

/* METER_CUTS says how many at least. */
static void test_random_cuts(void **state)
{
    (void)state;
    const char *asked = getenv("METER_CUTS");
    const unsigned long total = asked != NULL ? strtoul(asked, NULL, 10) : 0;
    unsigned cuts = 0;
    for (uint64_t seed = 1; seed <= 400 || cuts < total; seed++) {
        const witness w = live(seed, 1 + seed * 7 % 300, 4000);
        final_check(&w);
        cuts += w.cuts;
        if (seed % 40 == 0) {
            sim_eeprom_cut_after(&r.eeprom, 0);
            freezes_check();
        }
    }
    print_message("%u cuts\n", cuts);
    assert_true(cuts > 2000);
}

/* Memory full of something else is not taken for a new meter, and money is not invented. */
static void test_foreign_memory(void **state)
{
    (void)state;
    rig_prepare(&r);
    memset(r.eeprom.cells, 0x5A, sizeof r.eeprom.cells);
    assert_int_equal(rig_power_on(&r), GT_ERR_CORRUPT);
    rig_prepare(&r);
    assert_int_equal(rig_power_on(&r), GT_ERR_OK);
    for (uint32_t i = 0; i < 40; i++) {
        assert_int_equal(rig_purchase(&r, 100, i + 1), 0);
    }
    for (uint32_t slot = 0; slot < LAYOUT_IMAGE_SLOTS; slot++) {
        r.eeprom.cells[slot * LAYOUT_IMAGE_LEN + 50] ^= 1;
    }
    assert_int_equal(rig_power_on(&r), GT_ERR_CORRUPT);
    rig_prepare(&r);
    r.eeprom.dead = true;
    assert_int_equal(rig_power_on(&r), GT_ERR_IO);
}

/* One byte of the newest image rots: the meter still knows the purchase. */
static void test_rotten_slot(void **state)
{
    (void)state;
    for (uint32_t byte = 0; byte < 200; byte += 7) {
        rig_prepare(&r);
        assert_int_equal(rig_power_on(&r), GT_ERR_OK);
        assert_int_equal(rig_purchase(&r, 5000, 1), 0);
        r.eeprom.cells[r.meter.store.seq % LAYOUT_IMAGE_SLOTS * LAYOUT_IMAGE_LEN + byte] ^= 0x10;
        assert_int_equal(rig_power_on(&r), GT_ERR_OK);
        assert_int_equal(rig_status(&r).purchase_count, 1);
        assert_int_equal(rig_status(&r).balance.fen, 15000);
    }
}

static void test_wear_is_level(void **state)
{
    (void)state;
    rig_prepare(&r);
    assert_int_equal(rig_power_on(&r), GT_ERR_OK);
    const uint64_t before = r.eeprom.writes;
    rig_use(&r, 5000, RIG_HOUR_S); /* 4 kW for an hour */
    assert_in_range(r.eeprom.writes - before, 55, 70);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_uncut),       cmocka_unit_test(test_cut_at_every_write),
        cmocka_unit_test(test_random_cuts), cmocka_unit_test(test_foreign_memory),
        cmocka_unit_test(test_rotten_slot), cmocka_unit_test(test_wear_is_level),
    };
    return cmocka_run_group_tests_name("meter/store", tests, NULL, NULL);
}
