/* The meter loses its supply at every byte it writes while it takes a purchase, and at every byte
 * while it obeys a cut. When its power is back the order resolves; what it acknowledged it has
 * kept, and it has nothing twice. */
#include "chain_priv.h"

#include <inttypes.h>
#include <stdio.h>

enum { SALE_FEN = 5000, WARM_MS = 30000, SETTLE_MS = 600000 };

static chain *begin(uint64_t seed, int32_t opening_fen)
{
    chain_cfg cfg = chain_cfg_small(seed);
    cfg.meters = 1;
    cfg.round_s = 60;
    cfg.opening_fen = opening_fen;
    chain *c = chain_open(&cfg);
    assert_true(chain_all_read(c, WARM_MS));
    c->power_meter = 0;
    return c;
}

/* @return true: the power was cut on the way */
static bool purchase(uint64_t byte, uint64_t seed, int32_t opening_fen)
{
    static const chain_sale sale = {"the-one-sale", 0, SALE_FEN};
    char what[80];
    (void)snprintf(what, sizeof what, "power cut at byte %" PRIu64 ", opening %d", byte,
                   (int)opening_fen);
    chain *c = begin(seed, opening_fen);
    plant *p = &c->plant[0];
    vending_sale_result sold;
    assert_int_equal(chain_sell(c, &sale, &sold), GT_ERR_OK);
    sim_eeprom_cut_after(&p->eeprom, byte);
    (void)chain_light(c, sale.key, SETTLE_MS);
    const order_state state = chain_settle(c, sale.key, SETTLE_MS);
    if (state != ORDER_CONFIRMED) {
        fail_msg("%s (seed %" PRIu64 "): ended %s", what, seed, order_state_name(state));
    }
    const bool cut = p->eeprom.cut_byte == 0 || c->power_back.us != GT_MONO_NEVER.us || !p->on;
    (void)chain_run(c, 10000, NULL, NULL); /* the power is back in any case */
    chain_check_money(c, &sale, 1, what);
    /* once more off, without a warning, and on: what it shows it has also kept */
    sim_eeprom_cut(&p->eeprom);
    assert_int_equal(plant_power(p, false, c->world.now), GT_ERR_OK);
    assert_int_equal(plant_power(p, true, c->world.now), GT_ERR_OK);
    (void)chain_run(c, 2000, NULL, NULL);
    chain_check_money(c, &sale, 1, what);
    chain_close(c);
    return cut;
}

static void cut_at_every_byte_of_a_purchase(void **state)
{
    (void)state;
    const int32_t opening_fen[] = {-1000, 5000}; /* in debt and dark; with light */
    for (size_t i = 0; i < sizeof opening_fen / sizeof opening_fen[0]; i++) {
        unsigned cases = 0;
        for (uint64_t byte = 1; purchase(byte, 41 + byte % 3, opening_fen[i]); byte++) {
            cases++;
        }
        print_message("power cut of the meter: %u bytes of a purchase, opening %d fen\n", cases,
                      (int)opening_fen[i]);
        assert_true(cases > 100);
    }
}

/* @return true: the power was cut on the way */
static bool control(uint64_t byte)
{
    char what[80];
    (void)snprintf(what, sizeof what, "power cut at byte %" PRIu64 " of a control", byte);
    chain *c = begin(44, 5000);
    plant *p = &c->plant[0];
    supply_reason reason = SUPPLY_ALLOWED;
    vending_command cut = {0};
    assert_int_equal(chain_command(c, 0, VENDING_ACT_CUT, &reason, &cut), GT_ERR_OK);
    sim_eeprom_cut_after(&p->eeprom, byte);
    const vending_command_state end = chain_command_settle(c, cut.id, SETTLE_MS);
    const bool was_cut = p->eeprom.cut_byte == 0 || c->power_back.us != GT_MONO_NEVER.us;
    (void)chain_run(c, 10000, NULL, NULL);
    const meter_status status = chain_meter(c, 0);
    /* said to be done: it is dark; said to have failed: it is not, unless nobody could tell */
    if (end == VENDING_COMMAND_DONE && status.relay_closed) {
        fail_msg("%s: done, and not dark", what);
    }
    if (status.control_count > 1) {
        fail_msg("%s: taken %u times", what, status.control_count);
    }
    assert_int_equal(status.control_count, status.relay_closed ? 0 : 1);
    chain_close(c);
    return was_cut;
}

static void cut_at_every_byte_of_a_control(void **state)
{
    (void)state;
    unsigned cases = 0;
    for (uint64_t byte = 1; control(byte); byte++) {
        cases++;
    }
    print_message("power cut of the meter: %u bytes of a control\n", cases);
    assert_true(cases > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cut_at_every_byte_of_a_purchase),
        cmocka_unit_test(cut_at_every_byte_of_a_control),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
