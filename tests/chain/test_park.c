/* The park: 257 meters on 12 lines in 2 boxes, in virtual time. A round takes what the wire takes;
 * midnight's freeze reaches the station once for every meter; a station that was away for three
 * days gets what it missed. */
#include "chain_priv.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

enum {
    PARK = 257,
    WARM_MS = 120000,
    HALF_HOUR_MS = 1800000,
    DAY_MS = 86400000,
    FREEZES = 16,
    PEAK_W = 3000,
    OPENING_FEN = 500000,
};

static double seconds(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int32_t today(const chain *c)
{
    gt_civil civil;
    assert_int_equal(gt_civil_of_utc(world_utc(&c->world), GT_ZONE_CHINA_MIN, &civil), GT_ERR_OK);
    return gt_civil_day(&civil);
}

/* Every meter has the record of @p day exactly once, with the register it had at midnight. */
static void check_freeze(chain *c, int32_t day, int64_t reading_min)
{
    headend_freeze freezes[FREEZES];
    for (unsigned i = 0; i < c->cfg.meters; i++) {
        const size_t count = chain_freezes(c, i, freezes, FREEZES);
        unsigned found = 0;
        for (size_t k = 0; k < count; k++) {
            if (freezes[k].day == day) {
                found++;
                assert_true(reading_has(&freezes[k].values, ITEM_ENERGY));
                assert_true(reading_get(&freezes[k].values, ITEM_ENERGY) >= reading_min);
            }
        }
        if (found != 1) {
            fail_msg("meter %u: %u records of day %d (of %zu)", i, found, day, count);
        }
    }
}

static void half_an_hour(void **state)
{
    (void)state;
    chain_cfg cfg = chain_cfg_small(71);
    cfg.boxes = 2;
    cfg.lines = 6;
    cfg.meters = PARK;
    cfg.peak_w = PEAK_W;
    cfg.opening_fen = OPENING_FEN;
    cfg.start = (gt_civil){.year = 2026, .month = 3, .day = 10, .hour = 23, .minute = 45};
    chain *c = chain_open(&cfg);
    const int32_t day = today(c);
    const double from = seconds();
    assert_true(chain_all_read(c, WARM_MS));
    const double read_s = (double)c->world.now.us / 1e6;
    (void)chain_run(c, HALF_HOUR_MS, NULL, NULL);
    const double took = seconds() - from;
    /* the bound of the busiest line: what its bytes, silences and turnarounds took, a round */
    double worst = 0;
    for (unsigned i = 0; i < 12; i++) {
        const sim_line_stats wire = sim_line_stats_of(&c->line[i].wire);
        assert_int_equal(wire.spoiled, 0);
        const double used = (double)wire.bound_us / (double)(wire.last.us - wire.first.us);
        worst = worst == 0 || used < worst ? used : worst;
    }
    for (unsigned i = 0; i < cfg.boxes; i++) {
        const concentrator_stats box = concentrator_stats_of(c->box[i].core, c->world.now);
        print_message("box %u: %" PRIu64 " rounds, last %.3f s, %u meters read, %u dead\n", i + 1,
                      box.rounds, (double)box.round_us / 1e6, box.meters_read, box.meters_dead);
        assert_int_equal(box.meters_read, box.meters);
        assert_int_equal(box.meters_dead, 0);
    }
    print_message("park: all read at the station after %.2f s; wire in use %.4f of the time; "
                  "%.0f simulated seconds a second, seed 71\n",
                  read_s, worst, (double)c->world.now.us / 1e6 / took);
    assert_true(worst >= 0.98);
    check_freeze(c, day, 1000);
    chain_close(c);
}

/* From before midnight until after it somebody dies or a message is lost every few seconds. */
static void midnight_in_trouble(void **state)
{
    (void)state;
    enum { SEEDS = 6, TROUBLE_MS = 5400000, CALM_MS = 3600000, PAUSE_MS = 40000 };
    for (uint64_t seed = 73; seed < 73 + SEEDS; seed++) {
        chain_cfg cfg = chain_cfg_small(seed);
        cfg.boxes = 2;
        cfg.meters = 10;
        cfg.peak_w = PEAK_W;
        cfg.opening_fen = OPENING_FEN;
        cfg.round_s = 60;
        cfg.store_us = seed % 2 == 0 ? 0 : 50000;
        cfg.network = seed % 2 == 0 ? network_gprs() : network_ethernet();
        cfg.start = (gt_civil){.year = 2026, .month = 12, .day = 31, .hour = 23, .minute = 30};
        chain *c = chain_open(&cfg);
        const int32_t day = today(c);
        assert_true(chain_all_read(c, WARM_MS));
        sim_random r = sim_random_of(seed, 1);
        while (c->world.now.us < (int64_t)TROUBLE_MS * 1000) {
            chain_arm(c, (chain_fault)sim_random_range(&r, 1, CHAIN_FAULTS - 1),
                      (uint64_t)sim_random_range(&r, 1, 6));
            (void)chain_run(c, sim_random_range(&r, 1000, PAUSE_MS), NULL, NULL);
            if (!chain_station_alive(c)) {
                assert_int_equal(chain_station_start(c), GT_ERR_OK);
            }
        }
        chain_arm(c, CHAIN_FAULT_NONE, 0);
        (void)chain_run(c, CALM_MS, NULL, NULL);
        check_freeze(c, day, 1000);
        chain_close(c);
    }
}

static void three_days_away(void **state)
{
    (void)state;
    chain_cfg cfg = chain_cfg_small(72);
    cfg.boxes = 2;
    cfg.meters = 6;
    cfg.peak_w = PEAK_W;
    cfg.opening_fen = OPENING_FEN;
    cfg.round_s = 300;
    cfg.start = (gt_civil){.year = 2026, .month = 2, .day = 26, .hour = 22};
    chain *c = chain_open(&cfg);
    const int32_t day = today(c);
    const double from = seconds();
    assert_true(chain_all_read(c, WARM_MS));
    (void)chain_run(c, DAY_MS / 4, NULL, NULL);
    check_freeze(c, day, 1000);
    chain_station_kill(c);
    (void)chain_run(c, (int64_t)3 * DAY_MS, NULL, NULL);
    assert_int_equal(chain_station_start(c), GT_ERR_OK);
    const int64_t back_us = c->world.now.us;
    headend_freeze freezes[FREEZES];
    while (chain_freezes(c, 0, freezes, FREEZES) + chain_freezes(c, 5, freezes, FREEZES) < 8 &&
           c->world.now.us - back_us < (int64_t)HALF_HOUR_MS * 1000) {
        (void)chain_run(c, 1000, NULL, NULL);
    }
    print_message("three days away: caught up after %.0f s; %.0f simulated seconds a second\n",
                  (double)(c->world.now.us - back_us) / 1e6,
                  (double)c->world.now.us / 1e6 / (seconds() - from));
    (void)chain_run(c, WARM_MS, NULL, NULL);
    for (int32_t k = 0; k < 4; k++) {
        check_freeze(c, day + k, 1000);
    }
    for (unsigned i = 0; i < cfg.meters; i++) {
        assert_int_equal(chain_freezes(c, i, freezes, FREEZES), 4);
        assert_true(freezes[0].values.value[ITEM_ENERGY] > freezes[3].values.value[ITEM_ENERGY]);
    }
    chain_close(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(half_an_hour),
        cmocka_unit_test(midnight_in_trouble),
        cmocka_unit_test(three_days_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
