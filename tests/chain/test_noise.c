/* Random bytes into every line and every connection all the time, frames hit on the wire: counters
 * go up, sales still end right. A terminal that master data does not know is refused before it
 * costs anything. */
#include "chain_priv.h"

#include <inttypes.h>
#include <stdio.h>

enum { WARM_MS = 300000, SETTLE_MS = 1200000, SALES = 12, METERS = 8 };

static void sales_in_noise(uint64_t seed, uint32_t wire_permille)
{
    chain_cfg cfg = chain_cfg_small(seed);
    cfg.boxes = 2;
    cfg.lines = 2;
    cfg.meters = METERS;
    cfg.poll_ms = 5000;
    chain *c = chain_open(&cfg);
    for (unsigned i = 0; i < cfg.boxes * cfg.lines; i++) {
        sim_line_noise(&c->line[i].wire, wire_permille);
    }
    c->garbage_at = c->world.now;
    if (!chain_all_read(c, WARM_MS)) {
        fail_msg("seed %" PRIu64 ": not all meters read in %d ms", seed, WARM_MS);
    }
    static chain_sale sales[SALES];
    static char keys[SALES][CHAIN_KEY_MAX];
    for (unsigned i = 0; i < SALES; i++) {
        (void)snprintf(keys[i], sizeof keys[i], "noisy-sale-%u", i);
        sales[i] = (chain_sale){keys[i], i % METERS, 1000 + i};
        vending_sale_result sold;
        assert_int_equal(chain_sell(c, &sales[i], &sold), GT_ERR_OK);
        const order_state end = chain_settle(c, keys[i], SETTLE_MS);
        if (end != ORDER_CONFIRMED) {
            fail_msg("seed %" PRIu64 ": sale %u ended %s", seed, i, order_state_name(end));
        }
    }
    chain_check_money(c, sales, SALES, "noise");
    const headend_stats station = headend_stats_of(c->headend);
    for (unsigned i = 0; i < cfg.boxes; i++) {
        const concentrator_stats box = concentrator_stats_of(c->box[i].core, c->world.now);
        assert_true(box.garbage_bytes > 0);
        print_message("seed %" PRIu64 ": box %u: %" PRIu64 " bytes of garbage made, %" PRIu64
                      " counted, %" PRIu64 " logins\n",
                      seed, i + 1, c->box[i].garbage, box.garbage_bytes, box.logins);
    }
    print_message("seed %" PRIu64 ": station counted %" PRIu64 ", bad frames %" PRIu64 "\n", seed,
                  station.garbage_bytes, station.bad_frames);
    assert_true(station.garbage_bytes > 0);
    chain_close(c);
}

static void noise_everywhere(void **state)
{
    (void)state;
    for (uint64_t seed = 61; seed <= 63; seed++) {
        sales_in_noise(seed, (uint32_t)(seed - 60) * 40);
    }
}

static void stranger_is_refused(void **state)
{
    (void)state;
    enum { HOUR_MS = 3600000 };
    chain_cfg cfg = chain_cfg_small(64);
    cfg.boxes = 2;
    cfg.meters = 4;
    cfg.unlisted = true;
    cfg.round_s = 60;
    chain *c = chain_open(&cfg);
    assert_true(chain_all_read(c, 60000));
    const uint64_t warnings = c->log_warnings;
    (void)chain_run(c, HOUR_MS, NULL, NULL);
    const headend_stats s = headend_stats_of(c->headend);
    assert_int_equal(s.sessions, 1);
    assert_true(s.refused_unknown > 10);
    assert_true(s.refused_unknown < 200); /* it comes back ever more seldom */
    assert_true(c->log_warnings > warnings);
    assert_int_equal(concentrator_stats_of(c->box[1].core, c->world.now).logins, 0);
    print_message("stranger: refused %" PRIu64 " times in an hour\n", s.refused_unknown);
    const chain_sale sale = {"beside-it", 0, 2000};
    vending_sale_result sold;
    assert_int_equal(chain_sell(c, &sale, &sold), GT_ERR_OK);
    assert_int_equal(chain_settle(c, sale.key, 60000), ORDER_CONFIRMED);
    chain_close(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(noise_everywhere),
        cmocka_unit_test(stranger_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
