/* Everything at once, at random moments, while customers pay, come back and change their minds:
 * crashes of the station with and without its disk, kills of boxes, messages lost, doubled and
 * held, lines cut, noise, meters without power. Then the sun comes out, and every fen must be where
 * the customers were told it is.
 *
 * CHAIN_SEED=n runs one storm, CHAIN_SEEDS=n as many from the first. */
#include "chain_priv.h"
#include "crash_disk.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    SALES = 40,
    METERS = 8,
    LINES = 4,
    WARM_MS = 120000,
    STEP_MS = 20000,
    SETTLE_MS = 900000,
    SEED_FIRST = 100,
    SEEDS = 24,
};

typedef struct storm {
    chain *chain;
    sim_random random;
    chain_sale sales[SALES];
    char keys[SALES][CHAIN_KEY_MAX];
    unsigned deaths;
    unsigned refused;
    unsigned reversed;
    unsigned controls;
} storm;

static int64_t draw(storm *s, int64_t min, int64_t max)
{
    return sim_random_range(&s->random, min, max);
}

static void station_up(storm *s)
{
    chain *c = s->chain;
    while (!chain_station_alive(c)) {
        s->deaths++;
        if (crash_disk_crashed() || draw(s, 0, 1) == 0) {
            chain_station_crash(c, (uint64_t)draw(s, 1, 1000000));
        }
        (void)chain_run(c, draw(s, 0, 3000), NULL, NULL);
        if (draw(s, 0, 3) == 0) { /* and again while it starts */
            crash_disk_crash_at(crash_disk_steps() + (uint64_t)draw(s, 1, 12));
        }
        if (chain_station_start(c) != GT_ERR_OK && !crash_disk_crashed()) {
            fail_msg("seed %" PRIu64 ": the station does not start", c->cfg.seed);
        }
    }
}

static void trouble(storm *s)
{
    chain *c = s->chain;
    chain_arm(c, (chain_fault)draw(s, 0, CHAIN_FAULTS - 1), (uint64_t)draw(s, 1, 8));
    chain_box *b = &c->box[draw(s, 0, c->cfg.boxes - 1)];
    switch (draw(s, 0, 6)) {
    case 0:
        c->station_acts = 0;
        c->station_kill_at = (uint64_t)draw(s, 1, 12);
        break;
    case 1:
        crash_disk_crash_at(crash_disk_steps() + (uint64_t)draw(s, 1, 150));
        break;
    case 2:
        b->acts = 0;
        b->kill_at = (uint64_t)draw(s, 1, 60);
        break;
    case 3:
        chain_line_cut(c, (unsigned)draw(s, 0, LINES - 1), true);
        break;
    case 4:
        c->garbage_at = c->world.now;
        break;
    case 5:
        if (c->power_back.us == GT_MONO_NEVER.us) {
            if (c->power_meter >= 0) {
                c->plant[c->power_meter].eeprom.cut_byte = SIM_EEPROM_NO_CUT;
            }
            c->power_meter = (int)draw(s, 0, METERS - 1);
            sim_eeprom_cut_after(&c->plant[c->power_meter].eeprom, (uint64_t)draw(s, 1, 900));
        }
        break;
    default:
        break;
    }
}

/* The weather between two sales: some of it ends, the power of a meter comes back by itself. */
static void calm(storm *s)
{
    chain *c = s->chain;
    c->garbage_at = GT_MONO_NEVER;
    for (unsigned i = 0; i < LINES; i++) {
        chain_line_cut(c, i, false);
    }
    if (c->power_back.us == GT_MONO_NEVER.us && c->power_meter >= 0) {
        c->plant[c->power_meter].eeprom.cut_byte = SIM_EEPROM_NO_CUT;
    }
}

/* The operator's hand is in it as well. */
static void one_control(storm *s)
{
    static const vending_act acts[] = {VENDING_ACT_CUT, VENDING_ACT_RESTORE, VENDING_ACT_PROTECT,
                                       VENDING_ACT_UNPROTECT, VENDING_ACT_READ};
    chain *c = s->chain;
    if (!chain_station_alive(c)) {
        return;
    }
    const unsigned nth = (unsigned)draw(s, 0, METERS - 1);
    const vending_act act = acts[draw(s, 0, 4)];
    supply_reason reason = SUPPLY_ALLOWED;
    vending_command command;
    const gt_err err = chain_command(c, nth, act, &reason, &command);
    s->controls += err == GT_ERR_OK ? 1 : 0; /* else refused, or nobody was told */
}

static void one_sale(storm *s, unsigned nth)
{
    chain *c = s->chain;
    const bool again = nth > 0 && draw(s, 0, 4) == 0;
    const unsigned which = again ? (unsigned)draw(s, 0, nth - 1) : nth;
    vending_sale_result sold;
    const gt_err err = chain_sell(c, &s->sales[which], &sold);
    s->refused += err != GT_ERR_OK ? 1 : 0;
    if (err == GT_ERR_OK && sold.order.amount_fen != s->sales[which].amount_fen) {
        fail_msg("seed %" PRIu64 ": sale %u sold as another", c->cfg.seed, which);
    }
    if (draw(s, 0, 2) == 0) {
        one_control(s);
    }
    (void)chain_run(c, draw(s, 0, STEP_MS), NULL, NULL);
    if (draw(s, 0, 5) == 0 && chain_reverse(c, s->keys[which]) == GT_ERR_OK) {
        s->reversed++;
    }
}

/* Bad weather may still be about, as a connection that one side believes in: ask until it is done.
 */
static void obey(storm *s, unsigned nth, vending_act act)
{
    enum { TRIES = 4 };
    chain *c = s->chain;
    vending_command_state end = VENDING_COMMAND_FAILED;
    for (unsigned i = 0; i < TRIES && end != VENDING_COMMAND_DONE; i++) {
        supply_reason reason = SUPPLY_ALLOWED;
        vending_command command = {0};
        assert_int_equal(chain_command(c, nth, act, &reason, &command), GT_ERR_OK);
        end = chain_command_settle(c, command.id, SETTLE_MS);
    }
    if (end != VENDING_COMMAND_DONE) {
        fail_msg("seed %" PRIu64 ": %s of meter %u in good weather: %s", c->cfg.seed,
                 vending_act_name(act), nth, vending_command_state_name(end));
    }
}

/* Give everybody the supply that is paid for; older commands must not come after it. */
static void restore_all(storm *s)
{
    chain *c = s->chain;
    for (unsigned i = 0; i < METERS; i++) {
        obey(s, i, VENDING_ACT_UNPROTECT);
        obey(s, i, VENDING_ACT_RESTORE);
        const meter_status status = chain_meter(c, i);
        /* Counts may skip: of 65536 frames that noise makes one has a good sum, and shows one. */
        if (status.control_count < 2 || status.protected_supply) {
            fail_msg("seed %" PRIu64 ": meter %u: %u controls, protected %d", c->cfg.seed, i,
                     status.control_count, status.protected_supply);
        }
    }
    (void)chain_run(c, STEP_MS, NULL, NULL);
}

static void settle_all(storm *s)
{
    chain *c = s->chain;
    calm(s);
    chain_arm(c, CHAIN_FAULT_NONE, 0);
    for (unsigned i = 0; i < c->cfg.boxes; i++) {
        c->box[i].kill_at = 0;
    }
    station_up(s);
    c->station_kill_at = 0;
    crash_disk_crash_at(0);
    for (unsigned i = 0; i < SALES; i++) {
        vending_order order;
        if (chain_order(c, s->keys[i], &order) == GT_ERR_OK) {
            (void)chain_settle(c, s->keys[i], SETTLE_MS);
        }
    }
    (void)chain_run(c, STEP_MS, NULL, NULL);
    restore_all(s);
}

static void run_storm(uint64_t seed)
{
    static storm s;
    chain_cfg cfg = chain_cfg_small(seed);
    cfg.boxes = 2;
    cfg.lines = LINES / 2;
    cfg.meters = METERS;
    cfg.network = seed % 2 == 0 ? network_gprs() : network_ethernet();
    cfg.poll_ms = 5000;
    cfg.crash_disk = true;
    cfg.store_us = seed % 3 == 0 ? 0 : 40000;
    s = (storm){.chain = chain_open(&cfg), .random = sim_random_of(seed, 4711)};
    assert_true(chain_all_read(s.chain, WARM_MS));
    for (unsigned i = 0; i < SALES; i++) {
        (void)snprintf(s.keys[i], sizeof s.keys[i], "storm-sale-%u", i);
        s.sales[i] = (chain_sale){s.keys[i], (unsigned)draw(&s, 0, METERS - 1), draw(&s, 1, 99999)};
    }
    for (unsigned i = 0; i < SALES; i++) {
        station_up(&s);
        trouble(&s);
        one_sale(&s, i);
        if (draw(&s, 0, 2) == 0) {
            calm(&s);
        }
    }
    settle_all(&s);
    chain_check_money(s.chain, s.sales, SALES, "storm");
    print_message("storm %" PRIu64 ": %.0f s, station died %u times, %u sales refused, %u taken "
                  "back, %u controls, hash %016" PRIx64 "\n",
                  seed, (double)s.chain->world.now.us / 1e6, s.deaths, s.refused, s.reversed,
                  s.controls, chain_hash(s.chain));
    chain_close(s.chain);
}

static void storms(void **state)
{
    (void)state;
    const char *one = getenv("CHAIN_SEED");
    const char *many = getenv("CHAIN_SEEDS");
    const uint64_t first = one != NULL ? strtoull(one, NULL, 10) : SEED_FIRST;
    const uint64_t count = one != NULL ? 1 : many != NULL ? strtoull(many, NULL, 10) : SEEDS;
    for (uint64_t seed = first; seed < first + count; seed++) {
        run_storm(seed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(storms)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
