/* The counter: sales and commands as the api makes them, and the check that nothing was lost or
 * doubled, made from the meters and from what the customers were told. */
#include "chain_priv.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

typedef struct sale_job {
    vending_sale_request request;
    vending_sale_result result;
} sale_job;

static gt_err sale_work(const store_tx *tx, void *arg)
{
    sale_job *job = arg;
    return vending_sale(tx, &job->request, &job->result);
}

gt_err chain_sell(chain *c, const chain_sale *sale, vending_sale_result *out)
{
    if (!chain_station_alive(c)) {
        return GT_ERR_CLOSED;
    }
    sale_job job = {.request = {.key = sale->key,
                                .meter_id = c->meter_id[sale->meter],
                                .amount_fen = sale->amount_fen,
                                .operator_name = "ann",
                                .now = world_utc(&c->world),
                                .limits = vending_limits_default()}};
    const gt_err err = direct_store_write(c->till, sale_work, &job);
    if (chain_station_dying(c)) {
        chain_station_after(c);
        return GT_ERR_CLOSED; /* whatever happened, nobody told the customer */
    }
    headend_wake(c->headend);
    *out = job.result;
    return err;
}

typedef struct order_job {
    const char *key;
    int64_t id;
    vending_order order;
    vending_step step;
    int64_t at_ms;
} order_job;

static gt_err order_work(const store_tx *tx, void *arg)
{
    order_job *job = arg;
    return vending_order_find_key(tx, job->key, &job->order);
}

gt_err chain_order(chain *c, const char *key, vending_order *out)
{
    order_job job = {.key = key};
    if (c->till == NULL) {
        return GT_ERR_CLOSED;
    }
    GT_TRY(direct_store_read(c->till, order_work, &job));
    *out = job.order;
    return GT_ERR_OK;
}

static gt_err reverse_work(const store_tx *tx, void *arg)
{
    order_job *job = arg;
    GT_TRY(vending_order_find_key(tx, job->key, &job->order));
    return vending_order_reverse(tx, job->order.id, "ann", (gt_utc){job->at_ms}, &job->order);
}

gt_err chain_reverse(chain *c, const char *key)
{
    order_job job = {.key = key, .at_ms = world_utc(&c->world).ms};
    if (!chain_station_alive(c)) {
        return GT_ERR_CLOSED;
    }
    const gt_err err = direct_store_write(c->till, reverse_work, &job);
    c->till_writes++;
    if (chain_station_dying(c)) {
        chain_station_after(c);
        return GT_ERR_CLOSED;
    }
    return err;
}

typedef struct settle_job {
    chain *chain;
    const char *key;
    int64_t id;
    uint64_t writes;
    bool looked;
    bool settled;
} settle_job;

/* Databases are looked into only when something was written since the last look. */
static bool written(settle_job *job)
{
    if (job->looked && job->writes == job->chain->till_writes) {
        return false;
    }
    job->looked = true;
    job->writes = job->chain->till_writes;
    return true;
}

static bool order_settled(void *ctx)
{
    settle_job *job = ctx;
    if (!written(job)) {
        return job->settled;
    }
    vending_order order;
    job->settled = chain_station_alive(job->chain) &&
                   chain_order(job->chain, job->key, &order) == GT_ERR_OK &&
                   (!order_state_open(order.state) || order.state == ORDER_FROZEN);
    return job->settled;
}

order_state chain_settle(chain *c, const char *key, int64_t ms)
{
    settle_job job = {.chain = c, .key = key};
    vending_order order = {.state = ORDER_CREATED};
    (void)chain_run(c, ms, order_settled, &job);
    const gt_err err = chain_order(c, key, &order);
    return err == GT_ERR_OK ? order.state : ORDER_CREATED;
}

static gt_err step_work(const store_tx *tx, void *arg)
{
    enum { EVENTS_MAX = 64 };
    order_job *job = arg;
    vending_event events[EVENTS_MAX];
    size_t count = 0;
    GT_TRY(vending_order_timeline(tx, job->id, events, EVENTS_MAX, &count));
    job->at_ms = -1;
    for (size_t i = 0; i < count && job->at_ms < 0; i++) {
        job->at_ms = events[i].step == job->step ? events[i].at.ms : -1;
    }
    return GT_ERR_OK;
}

int64_t chain_step_ms(chain *c, int64_t order_id, vending_step step)
{
    order_job job = {.id = order_id, .step = step, .at_ms = -1};
    if (c->till != NULL) {
        assert_int_equal(direct_store_read(c->till, step_work, &job), GT_ERR_OK);
    }
    return job.at_ms;
}

static bool light(void *ctx)
{
    settle_job *job = ctx;
    if (!written(job)) {
        return job->settled;
    }
    vending_order order;
    job->settled = chain_station_alive(job->chain) &&
                   chain_order(job->chain, job->key, &order) == GT_ERR_OK &&
                   order.state == ORDER_CONFIRMED &&
                   chain_step_ms(job->chain, order.id, VENDING_STEP_RELAY_CLOSED) >= 0;
    return job->settled;
}

bool chain_light(chain *c, const char *key, int64_t ms)
{
    settle_job job = {.chain = c, .key = key};
    return chain_run(c, ms, light, &job) && job.settled;
}

/* ---- commands ---- */

typedef struct command_job {
    vending_command_request_args args;
    supply_reason reason;
    vending_command command;
    int64_t id;
} command_job;

static gt_err command_work(const store_tx *tx, void *arg)
{
    command_job *job = arg;
    return vending_command_request(tx, &job->args, &job->reason, &job->command);
}

gt_err chain_command(chain *c, unsigned nth, vending_act act, supply_reason *out_reason,
                     vending_command *out)
{
    const int64_t taken = chain_latest_ms(c, nth);
    command_job job = {.args = {.meter_id = c->meter_id[nth],
                                .act = act,
                                .operator_name = "ann",
                                .reading_known = taken >= 0,
                                .reading_taken = {taken},
                                .clock_trusted = true,
                                .now = world_utc(&c->world)}};
    const gt_err err = direct_store_write(c->till, command_work, &job);
    if (chain_station_dying(c)) {
        chain_station_after(c);
        return GT_ERR_CLOSED;
    }
    headend_wake(c->headend);
    *out_reason = job.reason;
    *out = job.command;
    return err;
}

static gt_err command_find_work(const store_tx *tx, void *arg)
{
    command_job *job = arg;
    return vending_command_find(tx, job->id, &job->command);
}

gt_err chain_command_find(chain *c, int64_t id, vending_command *out)
{
    command_job job = {.id = id};
    if (c->till == NULL) {
        return GT_ERR_CLOSED;
    }
    GT_TRY(direct_store_read(c->till, command_find_work, &job));
    *out = job.command;
    return GT_ERR_OK;
}

static bool command_over(void *ctx)
{
    settle_job *job = ctx;
    if (!written(job)) {
        return job->settled;
    }
    vending_command command;
    job->settled = chain_command_find(job->chain, job->id, &command) == GT_ERR_OK &&
                   command.state != VENDING_COMMAND_WAITING &&
                   command.state != VENDING_COMMAND_SENT;
    return job->settled;
}

vending_command_state chain_command_settle(chain *c, int64_t id, int64_t ms)
{
    settle_job job = {.chain = c, .id = id};
    vending_command command = {0};
    (void)chain_run(c, ms, command_over, &job);
    assert_int_equal(chain_command_find(c, id, &command), GT_ERR_OK);
    return command.state;
}

/* ---- readings ---- */

typedef struct latest_job {
    int64_t meter_id;
    headend_latest latest;
    headend_freeze *freezes;
    size_t cap;
    size_t count;
} latest_job;

static gt_err latest_work(const store_tx *tx, void *arg)
{
    latest_job *job = arg;
    return headend_latest_find(tx, job->meter_id, &job->latest);
}

int64_t chain_latest_ms(chain *c, unsigned nth)
{
    latest_job job = {.meter_id = c->meter_id[nth]};
    const bool found = c->readings != NULL && job.meter_id != 0 &&
                       direct_store_read(c->readings, latest_work, &job) == GT_ERR_OK;
    return found ? job.latest.values.taken.ms : -1;
}

static unsigned unread(chain *c)
{
    unsigned left = 0;
    for (unsigned i = 0; i < c->cfg.meters; i++) {
        left += c->meter_id[i] != 0 && chain_latest_ms(c, i) < 0 ? 1 : 0;
    }
    return left;
}

bool chain_all_read(chain *c, int64_t ms)
{
    enum { LOOK_MS = 200 };
    const int64_t until_us = c->world.now.us + ms * 1000;
    while (unread(c) > 0 && c->world.now.us < until_us) {
        (void)chain_run(c, LOOK_MS, NULL, NULL);
    }
    return unread(c) == 0;
}

static gt_err freezes_work(const store_tx *tx, void *arg)
{
    latest_job *job = arg;
    return headend_freeze_list(tx, job->meter_id, INT32_MAX, job->freezes, job->cap, &job->count);
}

size_t chain_freezes(chain *c, unsigned nth, headend_freeze *out, size_t cap)
{
    latest_job job = {.meter_id = c->meter_id[nth], .freezes = out, .cap = cap};
    assert_int_equal(direct_store_read(c->readings, freezes_work, &job), GT_ERR_OK);
    return job.count;
}

/* ---- the check ---- */

static gt_err prove_work(const store_tx *tx, void *arg)
{
    return vending_prove(tx, arg);
}

#define CHECK(what, cond)                                                            \
    do {                                                                             \
        if (!(cond)) {                                                               \
            fail_msg("%s (seed %" PRIu64 "): not so: %s", what, c->cfg.seed, #cond); \
        }                                                                            \
    } while (0)

static void check_meters(chain *c, const int64_t *fen, const uint32_t *counts, const char *what)
{
    for (unsigned i = 0; i < c->cfg.meters; i++) {
        const meter_status status = chain_meter(c, i);
        const int64_t purchased_fen = chain_meter_purchased_fen(c, i);
        if (status.purchase_count != counts[i] || purchased_fen != fen[i]) {
            fail_msg("%s (seed %" PRIu64 "): meter %u: %u purchases of %" PRId64
                     " fen, want %u of %" PRId64,
                     what, c->cfg.seed, i, status.purchase_count, purchased_fen, counts[i], fen[i]);
        }
        if (c->cfg.peak_w == 0) {
            CHECK(what, status.balance.fen == c->cfg.opening_fen + fen[i]);
            if (status.relay_closed != (status.balance.fen > 0)) {
                fail_msg("%s (seed %" PRIu64 "): meter %u: balance %" PRId64
                         " fen, relay closed: %d, credit state %d, remote state %d",
                         what, c->cfg.seed, i, status.balance.fen, status.relay_closed,
                         (int)status.credit, (int)status.remote);
            }
        }
    }
}

void chain_check_money(chain *c, const chain_sale *sales, size_t count, const char *what)
{
    int64_t fen[CHAIN_METERS_MAX] = {0};
    uint32_t counts[CHAIN_METERS_MAX] = {0};
    int64_t paid = 0;
    int64_t delivered = 0;
    for (size_t i = 0; i < count; i++) {
        vending_order order;
        const gt_err err = chain_order(c, sales[i].key, &order);
        if (err == GT_ERR_NOT_FOUND) {
            continue; /* nobody was told that it was sold, and no money was booked */
        }
        CHECK(what, err == GT_ERR_OK);
        CHECK(what, order.amount_fen == sales[i].amount_fen);
        CHECK(what, order.meter_id == c->meter_id[sales[i].meter]);
        if (order_state_open(order.state)) {
            fail_msg("%s (seed %" PRIu64 "): sale %s is still %s", what, c->cfg.seed, sales[i].key,
                     order_state_name(order.state));
        }
        paid += order.amount_fen;
        if (order.state == ORDER_CONFIRMED) {
            counts[sales[i].meter]++;
            fen[sales[i].meter] += order.amount_fen;
            delivered += order.amount_fen;
        }
    }
    check_meters(c, fen, counts, what);
    vending_proof proof = {0};
    CHECK(what, direct_store_read(c->till, prove_work, &proof) == GT_ERR_OK);
    if (!vending_proof_sound(&proof)) {
        fail_msg("%s (seed %" PRIu64 "): ledger: %s", what, c->cfg.seed, proof.first);
    }
    CHECK(what, proof.paid_fen == paid);
    CHECK(what, proof.delivered_fen == delivered);
    CHECK(what, proof.inflight_fen == 0);
    CHECK(what, proof.refundable_fen == paid - delivered);
}
