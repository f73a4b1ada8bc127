/* Sales over a working chain: every one arrives, fast, over Ethernet and over GPRS, while rounds of
 * collection run and one meter of the line is dead. And one seed is one run. */
#include "chain_priv.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SALES = 200, SALE_FEN = 5000, SETTLE_MS = 180000 };

typedef struct speed {
    const char *name;
    network_cfg network;
    int64_t median_ms;
    int64_t p99_ms;
} speed;

static int by_size(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a;
    const int64_t y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static void sell_many(const speed *row, uint64_t seed)
{
    chain_cfg cfg = chain_cfg_small(seed);
    cfg.boxes = 2;
    cfg.lines = 2;
    cfg.meters = 84; /* lines of 21 */
    cfg.network = row->network;
    cfg.poll_ms = 30000;
    chain *c = chain_open(&cfg);
    assert_true(chain_all_read(c, 300000));
    c->plant[0].dead = true;
    static chain_sale sales[SALES];
    static char keys[SALES][CHAIN_KEY_MAX];
    static int64_t took[SALES];
    for (unsigned i = 0; i < SALES; i++) {
        (void)snprintf(keys[i], sizeof keys[i], "sale-%s-%u", row->name, i);
        sales[i] = (chain_sale){keys[i], 1 + i % (cfg.meters - 1), SALE_FEN + i};
        vending_sale_result sold;
        assert_int_equal(chain_sell(c, &sales[i], &sold), GT_ERR_OK);
        assert_int_equal(chain_settle(c, keys[i], SETTLE_MS), ORDER_CONFIRMED);
        (void)chain_run(c, 6000 + i * 7 % 500, NULL, NULL);
        const int64_t light = chain_step_ms(c, sold.order.id, VENDING_STEP_RELAY_CLOSED);
        if (light < 0) {
            fail_msg("%s seed %" PRIu64 ": sale %u: relay never seen closed", row->name, seed, i);
        }
        took[i] = light - sold.order.created.ms;
    }
    chain_check_money(c, sales, SALES, row->name);
    qsort(took, SALES, sizeof took[0], by_size);
    const int64_t median = took[SALES / 2];
    const int64_t p99 = took[SALES * 99 / 100];
    print_message("pay to light, %s: median %" PRId64 " ms, p99 %" PRId64 " ms, worst %" PRId64
                  " ms, %d sales, seed %" PRIu64 "\n",
                  row->name, median, p99, took[SALES - 1], SALES, seed);
    assert_true(median <= row->median_ms);
    assert_true(p99 <= row->p99_ms);
    chain_close(c);
}

static void pay_to_light(void **state)
{
    (void)state;
    const speed rows[] = {{"ethernet", network_ethernet(), 1000, 3000},
                          {"gprs", network_gprs(), 5000, 15000}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sell_many(&rows[i], 11 + i);
    }
}

/* Pay day: every meter of the park is sold to in the same second. */
static void all_at_once(void **state)
{
    (void)state;
    enum { PARK = 257, EVERY_MS = 1000, WITHIN_MS = 240000 };
    const network_cfg networks[] = {network_ethernet(), network_gprs()};
    for (size_t n = 0; n < sizeof networks / sizeof networks[0]; n++) {
        chain_cfg cfg = chain_cfg_small(13 + n);
        cfg.boxes = 2;
        cfg.lines = 6;
        cfg.meters = PARK;
        cfg.network = networks[n];
        chain *c = chain_open(&cfg);
        assert_true(chain_all_read(c, 300000));
        static chain_sale sales[PARK];
        static char keys[PARK][CHAIN_KEY_MAX];
        for (unsigned i = 0; i < PARK; i++) {
            (void)snprintf(keys[i], sizeof keys[i], "pay-day-%u", i);
            sales[i] = (chain_sale){keys[i], i, SALE_FEN + i};
            vending_sale_result sold;
            assert_int_equal(chain_sell(c, &sales[i], &sold), GT_ERR_OK);
        }
        const int64_t from_us = c->world.now.us;
        for (unsigned i = 0; i < PARK; i++) {
            const int64_t left_ms = WITHIN_MS - (c->world.now.us - from_us) / 1000;
            assert_true(chain_light(c, keys[i], left_ms > 1 ? left_ms : 1));
        }
        print_message("%d sales in one second, network %zu: all light after %.1f s\n", PARK, n,
                      (double)(c->world.now.us - from_us) / 1e6);
        (void)chain_run(c, EVERY_MS, NULL, NULL);
        chain_check_money(c, sales, PARK, "all at once");
        chain_close(c);
    }
}

static uint64_t run_hash(uint64_t seed)
{
    chain_cfg cfg = chain_cfg_small(seed);
    cfg.network = network_gprs();
    chain *c = chain_open(&cfg);
    assert_true(chain_all_read(c, 60000));
    vending_sale_result sold;
    assert_int_equal(chain_sell(c, &(chain_sale){"the-one-sale", 0, SALE_FEN}, &sold), GT_ERR_OK);
    assert_int_equal(chain_settle(c, "the-one-sale", SETTLE_MS), ORDER_CONFIRMED);
    const uint64_t hash = chain_hash(c);
    chain_close(c);
    return hash;
}

static void one_seed_one_run(void **state)
{
    (void)state;
    const uint64_t hash = run_hash(5);
    assert_true(run_hash(5) == hash);
    assert_true(run_hash(6) != hash);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_seed_one_run),
        cmocka_unit_test(pay_to_light),
        cmocka_unit_test(all_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
