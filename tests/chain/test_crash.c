/* One sale, and the station's machine loses power at every write, sync, truncation and deletion of
 * it, from the customer's request until the relay is seen closed; then again with the process
 * killed at everything it tells the outside. The customer, who was told nothing, pays again with
 * the same key. Also: the disk is full at every step. */
#include "chain_priv.h"
#include "crash_disk.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    SALE_FEN = 5000,
    WARM_MS = 30000,
    SALE_MS = 20000,
    SETTLE_MS = 240000,
    AWAY_MS = 2000,
    STORE_US = 30000
};

static const chain_sale sale = {"the-one-sale", 0, SALE_FEN};

static chain *begin(uint64_t seed, int64_t store_us)
{
    chain_cfg cfg = chain_cfg_small(seed);
    cfg.meters = 2;
    cfg.crash_disk = true;
    cfg.store_us = store_us;
    chain *c = chain_open(&cfg);
    assert_true(chain_all_read(c, WARM_MS));
    return c;
}

/* The customer comes back until somebody says how it ended. */
static void converge(chain *c, const char *what)
{
    for (int tries = 0; tries < 3; tries++) {
        vending_sale_result sold;
        const gt_err err = chain_sell(c, &sale, &sold);
        if (err != GT_ERR_OK) {
            fail_msg("%s (seed %" PRIu64 "): paying again: %s", what, c->cfg.seed,
                     gt_err_name(err));
        }
        const order_state state = chain_settle(c, sale.key, SETTLE_MS);
        if (state != ORDER_CONFIRMED) {
            fail_msg("%s (seed %" PRIu64 "): ended %s", what, c->cfg.seed, order_state_name(state));
        }
    }
    chain_check_money(c, &sale, 1, what);
}

static void power_cuts(int64_t store_us)
{
    enum { REBOOTS = 2 };
    unsigned cases = 0;
    bool more = true;
    for (uint64_t step = 1; more; step++) {
        for (uint64_t reboot = 1; reboot <= REBOOTS && more; reboot++) {
            char what[80];
            (void)snprintf(what, sizeof what, "disk step %" PRIu64 ", reboot seed %" PRIu64, step,
                           reboot);
            chain *c = begin(21, store_us);
            vending_sale_result sold;
            crash_disk_crash_at(crash_disk_steps() + step);
            (void)chain_sell(c, &sale, &sold); /* the crash may come here */
            more = !chain_light(c, sale.key, SALE_MS);
            if (more) {
                assert_true(crash_disk_crashed());
                chain_station_crash(c, reboot);
                (void)chain_run(c, AWAY_MS, NULL, NULL);
                assert_int_equal(chain_station_start(c), GT_ERR_OK);
                cases++;
            }
            converge(c, what);
            chain_close(c);
        }
    }
    print_message("power cut of the station: %u cases, store answers within %" PRId64 " us\n",
                  cases, store_us);
    assert_true(cases > 50);
}

static void power_cut_at_every_disk_step(void **state)
{
    (void)state;
    power_cuts(0);
    power_cuts(STORE_US);
}

static void crash_again_while_recovering(void **state)
{
    (void)state;
    unsigned cases = 0;
    for (uint64_t step = 2; step < 200; step += 7) {
        char what[80];
        (void)snprintf(what, sizeof what, "disk step %" PRIu64 " then every third", step);
        chain *c = begin(22, 0);
        vending_sale_result sold;
        crash_disk_crash_at(crash_disk_steps() + step);
        (void)chain_sell(c, &sale, &sold);
        (void)chain_light(c, sale.key, SALE_MS);
        for (uint64_t again = 1; again < 20; again += 3) {
            chain_station_crash(c, step + again);
            crash_disk_crash_at(crash_disk_steps() + again);
            if (chain_station_start(c) == GT_ERR_OK) {
                (void)chain_sell(c, &sale, &sold);
                (void)chain_run(c, AWAY_MS, NULL, NULL);
            }
            cases++;
        }
        chain_station_crash(c, step);
        assert_int_equal(chain_station_start(c), GT_ERR_OK);
        converge(c, what);
        chain_close(c);
    }
    print_message("crashes while recovering: %u\n", cases);
}

static void kills(int64_t store_us)
{
    unsigned cases = 0;
    bool more = true;
    for (uint64_t nth = 1; more; nth++) {
        char what[80];
        (void)snprintf(what, sizeof what, "station killed at act %" PRIu64, nth);
        chain *c = begin(23, store_us);
        vending_sale_result sold;
        assert_int_equal(chain_sell(c, &sale, &sold), GT_ERR_OK);
        c->station_acts = 0;
        c->station_kill_at = nth;
        more = !chain_light(c, sale.key, SALE_MS);
        if (more) {
            assert_false(chain_station_alive(c));
            assert_int_equal(chain_station_start(c), GT_ERR_OK);
            cases++;
        }
        converge(c, what);
        chain_close(c);
    }
    print_message("station killed: %u cases, store answers within %" PRId64 " us\n", cases,
                  store_us);
    assert_true(cases > 5);
}

static void process_killed_at_every_act(void **state)
{
    (void)state;
    kills(0);
    kills(STORE_US);
}

/* No room for one more byte from some step on: the sale is refused before money is taken, or it is
 * completed when there is room again. */
static void disk_full(void **state)
{
    (void)state;
    unsigned refused = 0;
    unsigned late = 0;
    bool more = true;
    for (size_t room = 0; more; room += 2048) {
        char what[80];
        (void)snprintf(what, sizeof what, "disk full after %zu bytes", room);
        chain *c = begin(24, 0);
        vending_sale_result sold;
        crash_disk_limit(crash_disk_used() + room);
        const gt_err err = chain_sell(c, &sale, &sold);
        more = err != GT_ERR_OK || !chain_light(c, sale.key, SALE_MS);
        vending_order order;
        if (err != GT_ERR_OK) {
            assert_int_equal(chain_order(c, sale.key, &order), GT_ERR_NOT_FOUND);
            refused++;
        }
        late += err == GT_ERR_OK && more ? 1 : 0;
        crash_disk_limit(0);
        (void)chain_run(c, AWAY_MS, NULL, NULL);
        converge(c, what);
        chain_close(c);
    }
    print_message("disk full: %u refused before money was taken, %u completed later\n", refused,
                  late);
    assert_true(refused > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(power_cut_at_every_disk_step),
        cmocka_unit_test(crash_again_while_recovering),
        cmocka_unit_test(process_killed_at_every_act),
        cmocka_unit_test(disk_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
