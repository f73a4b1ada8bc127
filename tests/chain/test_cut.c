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

/* Opening balances: in debt; and so full that the meter refuses any more. */
enum { DEBT_FEN = -1000, FULL_FEN = 99999000 };

static chain *begin(uint64_t seed, network_cfg uplink, int32_t opening_fen)
{
    chain_cfg cfg = chain_cfg_small(seed);
    cfg.network = uplink;
    cfg.meters = 4;
    cfg.opening_fen = opening_fen;
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
        chain *c = begin(seed, uplink, DEBT_FEN);
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

/* The meter says no; the answer that says so meets trouble. */
static void refusal_with_trouble_at_every_message(void **state)
{
    (void)state;
    unsigned cases = 0;
    for (int fault = CHAIN_FAULT_NONE; fault < CHAIN_FAULTS; fault++) {
        bool more = true;
        for (uint64_t nth = 1; more; nth++) {
            char what[80];
            (void)snprintf(what, sizeof what, "refusal, message %" PRIu64 " %s", nth,
                           chain_fault_name((chain_fault)fault));
            chain *c = begin(35, network_ethernet(), FULL_FEN);
            vending_sale_result sold;
            assert_int_equal(chain_sell(c, &sale, &sold), GT_ERR_OK);
            chain_arm(c, (chain_fault)fault, nth);
            order_state end = chain_settle(c, sale.key, SETTLE_MS);
            more = c->messages >= nth && fault != CHAIN_FAULT_NONE;
            if (!chain_station_alive(c)) {
                assert_int_equal(chain_station_start(c), GT_ERR_OK);
                end = chain_settle(c, sale.key, SETTLE_MS);
            }
            if (end != ORDER_REFUSED) {
                fail_msg("%s (seed 35): ended %s", what, order_state_name(end));
            }
            chain_check_money(c, &sale, 1, what);
            cases++;
            chain_close(c);
        }
    }
    print_message("refused by the meter: %u cases\n", cases);
}

static void box_killed_at_every_act(void **state)
{
    (void)state;
    unsigned cases = 0;
    bool more = true;
    for (uint64_t nth = 1; more; nth++) {
        char what[80];
        (void)snprintf(what, sizeof what, "box killed at act %" PRIu64, nth);
        chain *c = begin(33, network_ethernet(), DEBT_FEN);
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
        chain *c = begin(34, network_ethernet(), DEBT_FEN);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trouble_at_every_message),
        cmocka_unit_test(refusal_with_trouble_at_every_message),
        cmocka_unit_test(box_killed_at_every_act),
        cmocka_unit_test(line_cut_at_every_moment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
