/* Cut, restore, protect: what the operator asks for happens to the room, once, whatever message of
 * it is lost; and noise on every line and link costs counters and nothing else. */
#include "chain_priv.h"

#include <inttypes.h>
#include <stdio.h>

enum { WARM_MS = 60000, SETTLE_MS = 700000, PEAK_W = 4000, HOURS = 1, POLL_MS = 5000 };

static chain *begin(uint64_t seed, network_cfg uplink)
{
    chain_cfg cfg = chain_cfg_small(seed);
    cfg.network = uplink;
    cfg.opening_fen = 50000;
    cfg.peak_w = PEAK_W;
    cfg.poll_ms = POLL_MS;
    chain *c = chain_open(&cfg);
    assert_true(chain_all_read(c, WARM_MS));
    return c;
}

static vending_command_state act_on(chain *c, vending_act act, gt_err want, vending_command *out)
{
    supply_reason reason = SUPPLY_ALLOWED;
    const gt_err err = chain_command(c, 0, act, &reason, out);
    if (err != want) {
        fail_msg("%s: %s, %s", vending_act_name(act), gt_err_name(err), supply_reason_name(reason));
    }
    return err == GT_ERR_OK ? chain_command_settle(c, out->id, SETTLE_MS) : VENDING_COMMAND_FAILED;
}

static void room_goes_dark_and_light(void **state)
{
    (void)state;
    chain *c = begin(51, network_ethernet());
    vending_command command;
    assert_true(plant_watt(&c->plant[0]) > 0);
    assert_int_equal(act_on(c, VENDING_ACT_CUT, GT_ERR_OK, &command), VENDING_COMMAND_DONE);
    assert_false(chain_meter(c, 0).relay_closed);
    assert_int_equal(plant_watt(&c->plant[0]), 0);
    assert_true(plant_watt(&c->plant[1]) > 0);
    assert_int_equal(act_on(c, VENDING_ACT_RESTORE, GT_ERR_OK, &command), VENDING_COMMAND_DONE);
    assert_true(chain_meter(c, 0).relay_closed);
    assert_true(plant_watt(&c->plant[0]) > 0);
    assert_int_equal(act_on(c, VENDING_ACT_PROTECT, GT_ERR_OK, &command), VENDING_COMMAND_DONE);
    assert_true(chain_meter(c, 0).protected_supply);
    (void)act_on(c, VENDING_ACT_CUT, GT_ERR_CONFLICT, &command);
    (void)chain_run(c, 10000, NULL, NULL);
    assert_true(chain_meter(c, 0).relay_closed);
    assert_int_equal(act_on(c, VENDING_ACT_UNPROTECT, GT_ERR_OK, &command), VENDING_COMMAND_DONE);
    (void)chain_run(c, 2 * POLL_MS, NULL, NULL); /* seen by a poll */
    assert_int_equal(act_on(c, VENDING_ACT_CUT, GT_ERR_OK, &command), VENDING_COMMAND_DONE);
    assert_false(chain_meter(c, 0).relay_closed);
    assert_int_equal(chain_meter(c, 0).control_count, 5);
    chain_close(c);
}

/* A cut whose message meets a fault: done and dark, or failed and not dark; taken at most once. */
static void message_of_a_cut_lost(void **state)
{
    (void)state;
    unsigned cases = 0;
    unsigned done = 0;
    for (int fault = CHAIN_FAULT_LOST; fault < CHAIN_FAULTS; fault++) {
        bool more = true;
        for (uint64_t nth = 1; more; nth++) {
            chain *c = begin(52, network_ethernet());
            supply_reason reason = SUPPLY_ALLOWED;
            vending_command cut = {0};
            assert_int_equal(chain_command(c, 0, VENDING_ACT_CUT, &reason, &cut), GT_ERR_OK);
            chain_arm(c, (chain_fault)fault, nth);
            vending_command_state end = chain_command_settle(c, cut.id, SETTLE_MS);
            more = c->messages >= nth;
            if (!chain_station_alive(c)) {
                assert_int_equal(chain_station_start(c), GT_ERR_OK);
                end = chain_command_settle(c, cut.id, SETTLE_MS);
            }
            cases += more ? 1 : 0;
            done += more && end == VENDING_COMMAND_DONE ? 1 : 0;
            const meter_status status = chain_meter(c, 0);
            const char *name = chain_fault_name((chain_fault)fault);
            if (end != VENDING_COMMAND_DONE && end != VENDING_COMMAND_FAILED) {
                fail_msg("%s at message %" PRIu64 ": never settled", name, nth);
            }
            if ((end == VENDING_COMMAND_DONE) == status.relay_closed) {
                fail_msg("%s at message %" PRIu64 ": %s, and relay closed: %d", name, nth,
                         vending_command_state_name(end), status.relay_closed);
            }
            if (status.control_count > 1 || (status.control_count == 1) == status.relay_closed) {
                fail_msg("%s at message %" PRIu64 ": count %u", name, nth, status.control_count);
            }
            chain_close(c);
        }
    }
    print_message("cut with trouble at a message: %u cases, %u done\n", cases, done);
    assert_true(cases >= 7 * 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(room_goes_dark_and_light),
        cmocka_unit_test(message_of_a_cut_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
