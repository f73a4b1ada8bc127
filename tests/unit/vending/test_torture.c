/* Every call to the database fails once, one after another, in every transaction of a sale's life.
 * The call's error comes out unchanged, nothing of the transaction stays, and the same call then
 * works as if nothing had happened. */
#include "till.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

/* A transaction whose n-th call fails. */
typedef struct faulty {
    const store_tx *inner;
    unsigned left; /* calls until the fault; 0 never again */
    bool hit;
} faulty;

typedef struct faulty_cursor {
    faulty *owner;
    void *inner;
} faulty_cursor;

enum { CURSORS = 8 };

static faulty fault;
static faulty_cursor cursors[CURSORS];

static bool fails(faulty *f)
{
    if (f->left > 0 && --f->left == 0) {
        f->hit = true;
        return true;
    }
    return false;
}

static gt_err faulty_open(void *ctx, store_stmt stmt, const store_value *params, size_t count,
                          void **out_cursor)
{
    faulty *f = ctx;
    size_t slot = 0;
    if (fails(f)) {
        return GT_ERR_IO;
    }
    while (cursors[slot].owner != NULL) {
        slot++;
        assert_true(slot < CURSORS);
    }
    GT_TRY(f->inner->open(f->inner->ctx, stmt, params, count, &cursors[slot].inner));
    cursors[slot].owner = f;
    *out_cursor = &cursors[slot];
    return GT_ERR_OK;
}

static gt_err faulty_next(void *cursor, bool *out_row)
{
    const faulty_cursor *c = cursor;
    return fails(c->owner) ? GT_ERR_FULL : c->owner->inner->next(c->inner, out_row);
}

static store_value faulty_column(void *cursor, size_t index)
{
    const faulty_cursor *c = cursor;
    return c->owner->inner->column(c->inner, index);
}

static void faulty_close(void *cursor)
{
    faulty_cursor *c = cursor;
    c->owner->inner->close(c->inner);
    c->owner = NULL;
}

static int64_t faulty_changes(void *ctx)
{
    const faulty *f = ctx;
    return f->inner->changes(f->inner->ctx);
}

/* One transaction of the story. */
typedef struct act {
    const char *name;
    gt_err (*run)(const store_tx *tx, till *t);
} act;

typedef struct run_arg {
    const act *act;
    till *t;
} run_arg;

static gt_err run_work(const store_tx *tx, void *arg)
{
    const run_arg *r = arg;
    const store_tx faulty_tx = {.ctx = &fault,
                                .open = faulty_open,
                                .next = faulty_next,
                                .column = faulty_column,
                                .close = faulty_close,
                                .changes = faulty_changes};
    fault.inner = tx;
    return r->act->run(&faulty_tx, r->t);
}

static gt_err do_sale(const store_tx *tx, till *t)
{
    vending_sale_result sale = {0};
    const vending_sale_request request = {.key = "key-torture",
                                          .meter_id = t->meter[0],
                                          .amount_fen = 5000,
                                          .operator_name = "ann",
                                          .now = t->now,
                                          .limits = vending_limits_default()};
    return vending_sale(tx, &request, &sale);
}

static gt_err order_id(const store_tx *tx, int64_t *out)
{
    vending_order order = {0};
    GT_TRY(vending_order_find_key(tx, "key-torture", &order));
    *out = order.id;
    return GT_ERR_OK;
}

static gt_err do_sent(const store_tx *tx, till *t)
{
    int64_t id = 0;
    vending_order order = {0};
    GT_TRY(order_id(tx, &id));
    return vending_order_sent(tx, id, t->now, &order);
}

static gt_err do_no_answer(const store_tx *tx, till *t)
{
    int64_t id = 0;
    vending_order order = {0};
    const vending_answer answer = {.kind = VENDING_ANSWER_NONE};
    GT_TRY(order_id(tx, &id));
    return vending_order_answered(tx, id, &answer, t->now, &order);
}

static gt_err do_read(const store_tx *tx, till *t, uint32_t count)
{
    int64_t id = 0;
    vending_readback_result back = {0};
    const order_readback seen = {
        .count = count, .count_bits = 16, .amount_known = true, .amount_fen = 5000};
    GT_TRY(order_id(tx, &id));
    return vending_order_readback(tx, id, &seen, t->now, &back);
}

static gt_err do_read_n(const store_tx *tx, till *t)
{
    return do_read(tx, t, 0);
}

static gt_err do_recover(const store_tx *tx, till *t)
{
    uint32_t orders = 0;
    return vending_recover(tx, t->now, &orders);
}

static gt_err do_read_n1(const store_tx *tx, till *t)
{
    return do_read(tx, t, 1);
}

static gt_err do_milestone(const store_tx *tx, till *t)
{
    int64_t id = 0;
    GT_TRY(order_id(tx, &id));
    return vending_order_milestone(tx, id, VENDING_STEP_RELAY_CLOSED, t->now);
}

static gt_err do_cut(const store_tx *tx, till *t)
{
    supply_reason reason = SUPPLY_ALLOWED;
    vending_command command = {0};
    const vending_command_request_args args = {.meter_id = t->meter[0],
                                               .act = VENDING_ACT_CUT,
                                               .operator_name = "ann",
                                               .reading_known = true,
                                               .reading_taken = t->now,
                                               .clock_trusted = true,
                                               .now = t->now};
    return vending_command_request(tx, &args, &reason, &command);
}

static gt_err do_cut_sent(const store_tx *tx, till *t)
{
    vending_command command = {0};
    size_t count = 0;
    const vending_waiting_query query = {
        .terminal_id = &t->terminal, .terminal_count = 1, .now = t->now};
    GT_TRY(vending_command_waiting(tx, &query, &command, 1, &count));
    if (count == 1) {
        GT_TRY(vending_command_sent(tx, command.id, t->now, &command));
        return vending_command_settle(tx, command.id, true, NULL, t->now);
    }
    return GT_ERR_OK;
}

static gt_err do_prove(const store_tx *tx, till *t)
{
    (void)t;
    vending_proof proof = {0};
    GT_TRY(vending_prove(tx, &proof));
    return vending_proof_sound(&proof) ? GT_ERR_OK : GT_ERR_CORRUPT;
}

static const act story[] = {
    {"sale", do_sale},           {"sent", do_sent},       {"no answer", do_no_answer},
    {"read back n", do_read_n},  {"recover", do_recover}, {"read back n+1", do_read_n1},
    {"milestone", do_milestone}, {"cut", do_cut},         {"cut sent", do_cut_sent},
    {"prove", do_prove},
};

static void test_every_call_fails_once(void **state)
{
    (void)state;
    till t;
    char line[256];
    unsigned faults = 0;
    till_open(&t, test_place(STORE_DB_TILL));
    for (size_t i = 0; i < sizeof story / sizeof story[0]; i++) {
        run_arg r = {.act = &story[i], .t = &t};
        gt_err err = GT_ERR_IO;
        for (unsigned call = 1; err != GT_ERR_OK; call++) {
            fault = (faulty){.left = call};
            err = direct_store_write(t.store, run_work, &r);
            if (fault.hit != (err == GT_ERR_IO || err == GT_ERR_FULL)) {
                fail_msg("%s, call %u: %s", story[i].name, call, gt_err_name(err));
            }
            for (size_t c = 0; c < CURSORS; c++) {
                assert_null(cursors[c].owner); /* nothing is left open */
            }
            faults += fault.hit ? 1 : 0;
            (void)till_prove(&t);
        }
    }
    vending_order order = {0};
    assert_int_equal(till_find_key(&t, "key-torture", &order), GT_ERR_OK);
    till_timeline(&t, order.id, line, sizeof line);
    assert_string_equal(line, "paid booked sent unknown readback resent unknown readback confirmed "
                              "relay_closed");
    assert_int_equal(till_prove(&t).delivered_fen, 5000);
    print_message("%u calls failed\n", faults);
    till_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_call_fails_once)};
    return cmocka_run_group_tests_name("vending/torture", tests, NULL, NULL);
}
