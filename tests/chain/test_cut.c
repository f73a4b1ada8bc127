/* One sale, and every message of it between box and station meets trouble, one by one: the
 * connection breaks with it or behind it, one side does not hear of that, it comes twice, nothing
 * passes for a minute, or either side is killed by it. In the middle of collection, over both
 * networks. The same with the line of the meter cut at every moment, and the box killed at every
 * thing it does. */
#include "chain_priv.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    SALE_FEN = 5000,
    WARM_MS = 60000,
    SALE_MS = 20000,
    SETTLE_MS = 600000,
    AWAY_MS = 2000,
};

static const chain_sale sale = {"the-one-sale", 0, SALE_FEN};

static chain *begin(uint64_t seed, network_cfg uplink)
{
    chain_cfg cfg = chain_cfg_small(seed);
    cfg.network = uplink;
    cfg.meters = 4;
    cfg.poll_ms = 5000; /* polls are under way as well */
    chain *c = chain_open(&cfg);
    assert_true(chain_all_read(c, WARM_MS));
    return c;
}

/* Until the light is seen; a station that is killed on the way comes back. */
static void until_light(chain *c, int64_t ms)
{
    const int64_t until_us = c->world.now.us + ms * 1000;
    while (!chain_light(c, sale.key, (until_us - c->world.now.us) / 1000) &&
           c->world.now.us + 1000 < until_us) {
        if (!chain_station_alive(c)) {
            (void)chain_run(c, AWAY_MS, NULL, NULL);
            assert_int_equal(chain_station_start(c), GT_ERR_OK);
        }
    }
}

/* The trouble is over: the order must end in the meter, the light must have been seen. */
static void converge(chain *c, const char *what)
{
    vending_sale_result sold;
    assert_int_equal(chain_sell(c, &sale, &sold), GT_ERR_OK); /* the customer asks again */
    assert_true(sold.replayed);
    const order_state state = chain_settle(c, sale.key, SETTLE_MS);
    if (state != ORDER_CONFIRMED) {
        fail_msg("%s (seed %" PRIu64 "): ended %s", what, c->cfg.seed, order_state_name(state));
    }
    chain_check_money(c, &sale, 1, what);
}

static unsigned attack_messages(chain_fault fault, uint64_t seed, network_cfg uplink)
{
    unsigned cases = 0;
    bool more = true;
    for (uint64_t nth = 1; more; nth++) {
        char what[80];
        (void)snprintf(what, sizeof what, "message %" PRIu64 " %s", nth, chain_fault_name(fault));
        chain *c = begin(seed, uplink);
        vending_sale_result sold;
        assert_int_equal(chain_sell(c, &sale, &sold), GT_ERR_OK);
        chain_arm(c, fault, nth);
        until_light(c, SETTLE_MS);
        more = c->messages >= nth;
        cases += more ? 1 : 0;
        converge(c, what);
        chain_close(c);
    }
    return cases;
}

static void trouble_at_every_message(void **state)
{
    (void)state;
    for (int fault = CHAIN_FAULT_LOST; fault < CHAIN_FAULTS; fault++) {
        const unsigned wired = attack_messages((chain_fault)fault, 31, network_ethernet());
        const unsigned radio = attack_messages((chain_fault)fault, 32, network_gprs());
        print_message("%s: %u messages over Ethernet, %u over GPRS\n",
                      chain_fault_name((chain_fault)fault), wired, radio);
        assert_true(wired >= 4);
        assert_true(radio >= 4);
    }
}

static void box_killed_at_every_act(void **state)
{
    (void)state;
    unsigned cases = 0;
    bool more = true;
    for (uint64_t nth = 1; more; nth++) {
        char what[80];
        (void)snprintf(what, sizeof what, "box killed at act %" PRIu64, nth);
        chain *c = begin(33, network_ethernet());
        vending_sale_result sold;
        assert_int_equal(chain_sell(c, &sale, &sold), GT_ERR_OK);
        c->box[0].acts = 0;
        c->box[0].kill_at = nth;
        until_light(c, SALE_MS);
        more = c->box[0].kill_at == 0 || c->box[0].core == NULL; /* a new box has none */
        cases += more ? 1 : 0;
        converge(c, what);
        chain_close(c);
    }
    print_message("box killed: %u cases\n", cases);
    assert_true(cases >= 4);
}

static void line_cut_at_every_moment(void **state)
{
    (void)state;
    enum { STEP_MS = 7, CUT_MS = 90000, SPAN_MS = 700 };
    unsigned unknown = 0;
    for (int64_t after_ms = 0; after_ms < SPAN_MS; after_ms += STEP_MS) {
        char what[80];
        (void)snprintf(what, sizeof what, "line cut after %" PRId64 " ms", after_ms);
        chain *c = begin(34, network_ethernet());
        vending_sale_result sold;
        assert_int_equal(chain_sell(c, &sale, &sold), GT_ERR_OK);
        (void)chain_run(c, after_ms, NULL, NULL);
        chain_line_cut(c, 0, true);
        (void)chain_run(c, CUT_MS, NULL, NULL);
        vending_order order;
        assert_int_equal(chain_order(c, sale.key, &order), GT_ERR_OK);
        if (order.state != ORDER_CONFIRMED && order.state != ORDER_UNKNOWN) {
            fail_msg("%s: %s meanwhile", what, order_state_name(order.state));
        }
        unknown += order.state == ORDER_UNKNOWN ? 1 : 0;
        chain_line_cut(c, 0, false);
        converge(c, what);
        chain_close(c);
    }
    print_message("line cut: %u of %d unknown meanwhile\n", unknown, SPAN_MS / STEP_MS);
    assert_true(unknown > 0);
}

/* Everything at once, at random moments, while customers keep paying. */
static void storm(uint64_t seed)
{
    enum { SALES = 60, METERS = 12 };
    chain_cfg cfg = chain_cfg_small(seed);
    cfg.boxes = 2;
    cfg.lines = 2;
    cfg.meters = METERS;
    cfg.network = seed % 2 == 0 ? network_gprs() : network_ethernet();
    cfg.poll_ms = 5000;
    chain *c = chain_open(&cfg);
    assert_true(chain_all_read(c, WARM_MS));
    static chain_sale sales[SALES];
    static char keys[SALES][CHAIN_KEY_MAX];
    sim_random r = sim_random_of(seed, 4711);
    for (unsigned i = 0; i < SALES; i++) {
        (void)snprintf(keys[i], sizeof keys[i], "storm-sale-%u", i);
        sales[i] = (chain_sale){keys[i], (unsigned)sim_random_range(&r, 0, METERS - 1),
                                sim_random_range(&r, 1, 9999)};
        vending_sale_result sold;
        (void)chain_sell(c, &sales[i], &sold); /* may be refused: another is open */
        chain_arm(c, (chain_fault)sim_random_range(&r, 0, CHAIN_FAULTS - 1),
                  (uint64_t)sim_random_range(&r, 1, 6));
        c->station_acts = 0;
        c->station_kill_at = (uint64_t)sim_random_range(&r, 0, 12);
        chain_box *b = &c->box[sim_random_range(&r, 0, 1)];
        b->acts = 0;
        b->kill_at = (uint64_t)sim_random_range(&r, 0, 60);
        const unsigned cut = (unsigned)sim_random_range(&r, 0, 3);
        chain_line_cut(c, cut, sim_random_permille(&r, 300));
        (void)chain_run(c, sim_random_range(&r, 0, 20000), NULL, NULL);
        chain_line_cut(c, cut, false);
        if (!chain_station_alive(c)) {
            (void)chain_run(c, sim_random_range(&r, 0, 3000), NULL, NULL);
            assert_int_equal(chain_station_start(c), GT_ERR_OK);
        }
    }
    chain_arm(c, CHAIN_FAULT_NONE, 0);
    c->station_kill_at = 0;
    for (unsigned i = 0; i < SALES; i++) {
        if (!chain_station_alive(c)) {
            assert_int_equal(chain_station_start(c), GT_ERR_OK);
        }
        vending_order order;
        if (chain_order(c, keys[i], &order) == GT_ERR_OK) {
            (void)chain_settle(c, keys[i], SETTLE_MS);
        }
    }
    chain_check_money(c, sales, SALES, "storm");
    chain_close(c);
}

static void storms(void **state)
{
    (void)state;
    enum { FIRST = 100, LAST = 109 };
    for (uint64_t seed = FIRST; seed <= LAST; seed++) {
        storm(seed);
    }
    print_message("storms: seeds %d to %d\n", FIRST, LAST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trouble_at_every_message),
        cmocka_unit_test(box_killed_at_every_act),
        cmocka_unit_test(line_cut_at_every_moment),
        cmocka_unit_test(storms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
