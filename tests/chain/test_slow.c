/* Lines and meters at their worst: answers that come late, frames that noise hits one time in
 * three, a network that swallows everything for longer than anybody waits. Sales end right all the
 * same. */
#include "chain_priv.h"

#include <inttypes.h>
#include <stdio.h>

enum { WARM_MS = 600000, SETTLE_MS = 7200000, SALE_FEN = 5000, PATIENCE_MS = 900 };

static void sells(chain *c, unsigned count, const char *what)
{
    enum { SALES_MAX = 16 };
    static chain_sale sales[SALES_MAX];
    static char keys[SALES_MAX][CHAIN_KEY_MAX];
    assert_in_range(count, 1, SALES_MAX);
    for (unsigned i = 0; i < count; i++) {
        (void)snprintf(keys[i], sizeof keys[i], "slow-sale-%u", i);
        sales[i] = (chain_sale){keys[i], i % c->cfg.meters, SALE_FEN + i};
        vending_sale_result sold;
        assert_int_equal(chain_sell(c, &sales[i], &sold), GT_ERR_OK);
        const order_state end = chain_settle(c, keys[i], SETTLE_MS);
        if (end != ORDER_CONFIRMED) {
            fail_msg("%s (seed %" PRIu64 "): sale %u ended %s", what, c->cfg.seed, i,
                     order_state_name(end));
        }
    }
    (void)chain_run(c, 60000, NULL, NULL);
    chain_check_money(c, sales, count, what);
}

static void slow_meters(void **state)
{
    (void)state;
    for (int64_t slow_ms = 50; slow_ms <= 4000; slow_ms += slow_ms < 800 ? 50 : 400) {
        char what[80];
        (void)snprintf(what, sizeof what, "answers %" PRId64 " ms late", slow_ms);
        chain_cfg cfg = chain_cfg_small(81);
        cfg.meters = 4;
        cfg.poll_ms = 5000;
        chain *c = chain_open(&cfg);
        assert_true(chain_all_read(c, WARM_MS));
        for (unsigned i = 0; i < 2; i++) {
            c->plant[i].slow_us = slow_ms * 1000;
        }
        if (slow_ms > PATIENCE_MS) { /* later than a line waits: it must not end wrong */
            const chain_sale sale = {"too-slow", 0, SALE_FEN};
            vending_sale_result sold;
            assert_int_equal(chain_sell(c, &sale, &sold), GT_ERR_OK);
            (void)chain_run(c, 120000, NULL, NULL);
            c->plant[0].slow_us = 0;
            assert_int_equal(chain_settle(c, sale.key, SETTLE_MS), ORDER_CONFIRMED);
            chain_check_money(c, &sale, 1, what);
        } else {
            sells(c, 4, what);
        }
        chain_close(c);
    }
}

static void heavy_noise(void **state)
{
    (void)state;
    for (uint32_t permille = 100; permille <= 300; permille += 100) {
        chain_cfg cfg = chain_cfg_small(82 + permille);
        cfg.meters = 4;
        cfg.poll_ms = 5000;
        chain *c = chain_open(&cfg);
        sim_line_noise(&c->line[0].wire, permille);
        assert_true(chain_all_read(c, WARM_MS));
        sells(c, 12, "heavy noise");
        chain_close(c);
    }
}

static void long_partition(void **state)
{
    (void)state;
    enum { AWAY_MS = 600000 };
    for (int64_t after_ms = 0; after_ms <= 400; after_ms += 20) {
        char what[80];
        (void)snprintf(what, sizeof what, "partition after %" PRId64 " ms", after_ms);
        chain_cfg cfg = chain_cfg_small(83);
        cfg.round_s = 60;
        chain *c = chain_open(&cfg);
        assert_true(chain_all_read(c, WARM_MS));
        const chain_sale sale = {"gone-silent", 0, SALE_FEN};
        vending_sale_result sold;
        assert_int_equal(chain_sell(c, &sale, &sold), GT_ERR_OK);
        (void)chain_run(c, after_ms, NULL, NULL);
        chain_partition(c, 0, true);
        (void)chain_run(c, AWAY_MS, NULL, NULL);
        chain_partition(c, 0, false);
        assert_int_equal(chain_settle(c, sale.key, SETTLE_MS), ORDER_CONFIRMED);
        (void)chain_run(c, 120000, NULL, NULL); /* longer than a box waits to come back */
        chain_check_money(c, &sale, 1, what);
        assert_int_equal(headend_stats_of(c->headend).sessions, 1);
        chain_close(c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slow_meters),
        cmocka_unit_test(heavy_noise),
        cmocka_unit_test(long_partition),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
