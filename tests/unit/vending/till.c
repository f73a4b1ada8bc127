#include "till.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sqlite3.h>
#include <cmocka.h>

static const char meters_csv[] =
    "building,floor,room,meter_no,customer_no,model,terminal,line,unit,point\n"
    "A,1,101,1,11,prepaid-3p,4401-0001,1,1,1\n"
    "A,1,102,2,12,prepaid-3p,4401-0001,1,2,2\n"
    "A,2,201,3,13,prepaid-3p,4401-0001,2,1,3\n"
    "B,1,101,4,14,prepaid-3p,4401-0001,2,2,4\n"
    "B,1,102,5,15,prepaid-3p,4401-0001,3,1,5\n"
    "B,1,103,6,16,prepaid-3p,4401-0001,3,2,6\n";

gt_err till_reopen(till *t)
{
    return direct_store_open(&t->place, t->now.ms, &t->store);
}

void till_close(till *t)
{
    direct_store_close(t->store);
    t->store = NULL;
}

/* One call: which function, with what, and where its outcome goes. */
typedef struct call {
    till *t;
    int64_t id;
    const void *in;
    void *out;
    size_t cap;
    size_t count;
} call;

static gt_err seed_work(const store_tx *tx, void *arg)
{
    till *t = arg;
    meter_list_row rows[TILL_METERS];
    meter_list_index index[TILL_METERS];
    meter_list list = {.row = rows, .index = index, .cap = TILL_METERS};
    meter_list_errors errors;
    registry_import_result result;
    registry_meter meters[TILL_METERS];
    size_t count = 0;
    GT_TRY(meter_list_parse(meters_csv, sizeof meters_csv - 1, &list, &errors));
    GT_TRY(registry_import(tx, &list, t->now, &result));
    GT_TRY(registry_meter_list(tx, &(registry_meter_query){0}, meters, TILL_METERS, &count));
    for (size_t i = 0; i < count; i++) {
        const vending_seen seen = {.meter_id = meters[i].id, .taken = t->now, .count_bits = 16};
        bool changed = false;
        GT_TRY(vending_meter_seen(tx, &seen, &changed));
        t->meter[i] = meters[i].id;
        t->room[i] = meters[i].room_id;
        t->terminal = meters[i].terminal_id;
    }
    return GT_ERR_OK;
}

void till_open(till *t, store_place place)
{
    *t = (till){.place = place, .now.ms = 1795237200000};
    assert_int_equal(till_reopen(t), GT_ERR_OK);
    assert_int_equal(direct_store_write(t->store, seed_work, t), GT_ERR_OK);
}

static gt_err sale_work(const store_tx *tx, void *arg)
{
    const call *c = arg;
    return vending_sale(tx, c->in, c->out);
}

gt_err till_sale(till *t, const vending_sale_request *request, vending_sale_result *out)
{
    call c = {.in = request, .out = out};
    return direct_store_write(t->store, sale_work, &c);
}

gt_err till_sell(till *t, int index, int64_t amount_fen, const char *key, vending_sale_result *out)
{
    const vending_sale_request request = {.key = key,
                                          .meter_id = t->meter[index],
                                          .amount_fen = amount_fen,
                                          .operator_name = "ann",
                                          .now = t->now,
                                          .limits = vending_limits_default()};
    return till_sale(t, &request, out);
}

static gt_err sent_work(const store_tx *tx, void *arg)
{
    const call *c = arg;
    return vending_order_sent(tx, c->id, c->t->now, c->out);
}

gt_err till_sent(till *t, int64_t order, vending_order *out)
{
    call c = {.t = t, .id = order, .out = out};
    return direct_store_write(t->store, sent_work, &c);
}

static gt_err answered_work(const store_tx *tx, void *arg)
{
    const call *c = arg;
    return vending_order_answered(tx, c->id, c->in, c->t->now, c->out);
}

gt_err till_answered(till *t, int64_t order, vending_answer answer, vending_order *out)
{
    call c = {.t = t, .id = order, .in = &answer, .out = out};
    return direct_store_write(t->store, answered_work, &c);
}

static gt_err readback_work(const store_tx *tx, void *arg)
{
    const call *c = arg;
    return vending_order_readback(tx, c->id, c->in, c->t->now, c->out);
}

gt_err till_readback(till *t, int64_t order, order_readback seen, vending_readback_result *out)
{
    call c = {.t = t, .id = order, .in = &seen, .out = out};
    return direct_store_write(t->store, readback_work, &c);
}

static gt_err reverse_work(const store_tx *tx, void *arg)
{
    const call *c = arg;
    return vending_order_reverse(tx, c->id, "ann", c->t->now, c->out);
}

gt_err till_reverse(till *t, int64_t order, vending_order *out)
{
    call c = {.t = t, .id = order, .out = out};
    return direct_store_write(t->store, reverse_work, &c);
}

static gt_err milestone_work(const store_tx *tx, void *arg)
{
    const call *c = arg;
    return vending_order_milestone(tx, c->id, *(const vending_step *)c->in, c->t->now);
}

gt_err till_milestone(till *t, int64_t order, vending_step step)
{
    call c = {.t = t, .id = order, .in = &step};
    return direct_store_write(t->store, milestone_work, &c);
}

static gt_err recover_work(const store_tx *tx, void *arg)
{
    const call *c = arg;
    return vending_recover(tx, c->t->now, c->out);
}

gt_err till_recover(till *t, uint32_t *out_orders)
{
    call c = {.t = t, .out = out_orders};
    return direct_store_write(t->store, recover_work, &c);
}

static gt_err find_work(const store_tx *tx, void *arg)
{
    const call *c = arg;
    return c->in != NULL ? vending_order_find_key(tx, c->in, c->out)
                         : vending_order_find(tx, c->id, c->out);
}

gt_err till_find(till *t, int64_t order, vending_order *out)
{
    call c = {.id = order, .out = out};
    return direct_store_read(t->store, find_work, &c);
}

gt_err till_find_key(till *t, const char *key, vending_order *out)
{
    call c = {.in = key, .out = out};
    return direct_store_read(t->store, find_work, &c);
}

static gt_err seen_work(const store_tx *tx, void *arg)
{
    const call *c = arg;
    return vending_meter_seen(tx, c->in, c->out);
}

gt_err till_seen(till *t, const vending_seen *seen, bool *out_changed)
{
    call c = {.in = seen, .out = out_changed};
    return direct_store_write(t->store, seen_work, &c);
}

enum { EVENTS_MAX = 64 };

static gt_err timeline_work(const store_tx *tx, void *arg)
{
    call *c = arg;
    return vending_order_timeline(tx, c->id, c->out, c->cap, &c->count);
}

void till_timeline(till *t, int64_t order, char *out, size_t cap)
{
    vending_event events[EVENTS_MAX];
    call c = {.id = order, .out = events, .cap = EVENTS_MAX};
    assert_int_equal(direct_store_read(t->store, timeline_work, &c), GT_ERR_OK);
    size_t len = 0;
    out[0] = '\0';
    for (size_t i = 0; i < c.count && len < cap; i++) {
        len += (size_t)snprintf(out + len, cap - len, i == 0 ? "%s" : " %s",
                                vending_step_name(events[i].step));
    }
}

static gt_err waiting_work(const store_tx *tx, void *arg)
{
    call *c = arg;
    const vending_waiting_query query = {
        .terminal_id = &c->t->terminal, .terminal_count = 1, .now = c->t->now};
    return vending_command_waiting(tx, &query, c->out, c->cap, &c->count);
}

gt_err till_waiting(till *t, vending_command *out, size_t cap, size_t *out_count)
{
    call c = {.t = t, .out = out, .cap = cap};
    GT_TRY(direct_store_read(t->store, waiting_work, &c));
    *out_count = c.count;
    return GT_ERR_OK;
}

static gt_err meter_work(const store_tx *tx, void *arg)
{
    const call *c = arg;
    return registry_meter_find(tx, c->id, c->out);
}

gt_err till_meter(till *t, int index, registry_meter *out)
{
    call c = {.id = t->meter[index], .out = out};
    return direct_store_read(t->store, meter_work, &c);
}

static gt_err prove_work(const store_tx *tx, void *arg)
{
    const call *c = arg;
    return vending_prove(tx, c->out);
}

vending_proof till_prove(till *t)
{
    vending_proof proof = {0};
    call c = {.out = &proof};
    assert_int_equal(direct_store_read(t->store, prove_work, &c), GT_ERR_OK);
    if (!vending_proof_sound(&proof)) {
        fail_msg("ledger: %s", proof.first);
    }
    return proof;
}

void till_damage(till *t, const char *sql)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(t->place.target, &db), SQLITE_OK);
    char *message = NULL;
    (void)sqlite3_exec(db, "PRAGMA synchronous=OFF", NULL, NULL, NULL);
    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK) {
        fail_msg("%s: %s", sql, message);
    }
    (void)sqlite3_close(db);
}
