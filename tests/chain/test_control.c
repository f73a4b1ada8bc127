/* Cut, restore, protect: what the operator asks for happens to the room, once, whatever message
 * of it is lost and whoever dies on the way. */
#include "chain_priv.h"

#include <inttypes.h>
#include <stdio.h>

enum { WARM_MS = 60000, SETTLE_MS = 700000, PEAK_W = 4000, POLL_MS = 5000 };

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

typedef struct trouble {
    const char *name;
    void (*begin)(chain *c, uint64_t nth);
    bool (*met)(const chain *c, uint64_t nth); /* was there an nth at all? */
    chain_fault fault;
} trouble;

static void arm_message(chain *c, const trouble *row, uint64_t nth)
{
    if (row->begin == NULL) {
        chain_arm(c, row->fault, nth);
        return;
    }
    row->begin(c, nth);
}

static void kill_station(chain *c, uint64_t nth)
{
    c->station_acts = 0;
    c->station_kill_at = nth;
}

static bool station_was_killed(const chain *c, uint64_t nth)
{
    (void)nth;
    return !chain_station_alive(c);
}

static void kill_box(chain *c, uint64_t nth)
{
    c->box[0].acts = 0;
    c->box[0].kill_at = nth;
}

static bool box_was_killed(const chain *c, uint64_t nth)
{
    (void)nth;
    return c->box[0].core == NULL || c->box[0].kill_at == 0; /* a new box has none */
}

static bool message_came(const chain *c, uint64_t nth)
{
    return c->messages >= nth;
}

/* One control that meets one trouble: done and so it is, or failed and so it is not; never twice.
 */
static bool meets(const trouble *row, vending_act act, uint64_t nth, unsigned *out_done)
{
    chain *c = begin(52, network_ethernet());
    supply_reason reason = SUPPLY_ALLOWED;
    vending_command command = {0};
    uint32_t controls = 1;
    if (act == VENDING_ACT_RESTORE) {
        assert_int_equal(act_on(c, VENDING_ACT_CUT, GT_ERR_OK, &command), VENDING_COMMAND_DONE);
        controls = 2;
    }
    assert_int_equal(chain_command(c, 0, act, &reason, &command), GT_ERR_OK);
    arm_message(c, row, nth);
    vending_command_state end = chain_command_settle(c, command.id, SETTLE_MS);
    const bool met = row->met(c, nth);
    if (!chain_station_alive(c)) {
        assert_int_equal(chain_station_start(c), GT_ERR_OK);
        end = chain_command_settle(c, command.id, SETTLE_MS);
    }
    const meter_status status = chain_meter(c, 0);
    const bool obeyed = act == VENDING_ACT_CUT       ? !status.relay_closed
                        : act == VENDING_ACT_RESTORE ? status.relay_closed
                                                     : status.protected_supply;
    if (end != (obeyed ? VENDING_COMMAND_DONE : VENDING_COMMAND_FAILED) ||
        status.control_count != (obeyed ? controls : controls - 1)) {
        fail_msg("%s, %s at %" PRIu64 " (seed %" PRIu64 "): %s; obeyed %d, count %u",
                 vending_act_name(act), row->name, nth, c->cfg.seed,
                 vending_command_state_name(end), obeyed, status.control_count);
    }
    if (act != VENDING_ACT_CUT && !obeyed) {
        fail_msg("%s, %s at %" PRIu64 ": not obeyed in the end", vending_act_name(act), row->name,
                 nth);
    }
    *out_done += met && obeyed ? 1 : 0;
    chain_close(c);
    return met;
}

static void trouble_at_every_step_of_a_control(void **state)
{
    (void)state;
    const trouble rows[] = {
        {"lost", NULL, message_came, CHAIN_FAULT_LOST},
        {"last", NULL, message_came, CHAIN_FAULT_LAST},
        {"stale", NULL, message_came, CHAIN_FAULT_STALE},
        {"double", NULL, message_came, CHAIN_FAULT_DOUBLE},
        {"held", NULL, message_came, CHAIN_FAULT_HELD},
        {"box killed", kill_box, box_was_killed, CHAIN_FAULT_NONE},
        {"station killed", kill_station, station_was_killed, CHAIN_FAULT_NONE},
    };
    const vending_act acts[] = {VENDING_ACT_CUT, VENDING_ACT_RESTORE, VENDING_ACT_PROTECT};
    for (size_t a = 0; a < sizeof acts / sizeof acts[0]; a++) {
        unsigned cases = 0;
        unsigned done = 0;
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            uint64_t nth = 1;
            while (meets(&rows[i], acts[a], nth, &done)) {
                nth++;
            }
            cases += (unsigned)nth - 1;
            assert_true(nth > 3);
        }
        print_message("%s with trouble: %u cases, %u done\n", vending_act_name(acts[a]), cases,
                      done);
    }
}

/* A cut that nobody answered; before the line is back the operator restores. The last word holds.
 */
static void the_last_word_holds(void **state)
{
    (void)state;
    for (int64_t after_ms = 0; after_ms < 400; after_ms += 10) {
        chain *c = begin(53, network_ethernet());
        supply_reason reason = SUPPLY_ALLOWED;
        vending_command cut = {0};
        vending_command restore = {0};
        assert_int_equal(chain_command(c, 0, VENDING_ACT_CUT, &reason, &cut), GT_ERR_OK);
        (void)chain_run(c, after_ms, NULL, NULL);
        chain_line_cut(c, 0, true);
        (void)chain_run(c, 30000, NULL, NULL);
        assert_int_equal(chain_command(c, 0, VENDING_ACT_RESTORE, &reason, &restore), GT_ERR_OK);
        (void)chain_run(c, 30000, NULL, NULL);
        chain_line_cut(c, 0, false);
        const vending_command_state end = chain_command_settle(c, restore.id, SETTLE_MS);
        (void)chain_command_settle(c, cut.id, SETTLE_MS);
        (void)chain_run(c, 60000, NULL, NULL);
        if (end != VENDING_COMMAND_DONE || !chain_meter(c, 0).relay_closed) {
            fail_msg("line cut after %" PRId64 " ms: restore %s, relay closed %d", after_ms,
                     vending_command_state_name(end), chain_meter(c, 0).relay_closed);
        }
        chain_close(c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(room_goes_dark_and_light),
        cmocka_unit_test(trouble_at_every_step_of_a_control),
        cmocka_unit_test(the_last_word_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
