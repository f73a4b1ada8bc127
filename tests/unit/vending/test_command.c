/* The outbox: who goes first, what is refused, what is sent once, what runs out of time. */
#include "till.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

typedef struct ask {
    vending_command_request_args args;
    supply_reason reason;
    vending_command command;
} ask;

static gt_err ask_work(const store_tx *tx, void *arg)
{
    ask *a = arg;
    return vending_command_request(tx, &a->args, &a->reason, &a->command);
}

static ask fresh(const till *t, int meter, vending_act act)
{
    return (ask){.args = {.meter_id = t->meter[meter],
                          .act = act,
                          .operator_name = "ann",
                          .reading_known = true,
                          .reading_taken = t->now,
                          .clock_trusted = true,
                          .now = t->now}};
}

static int64_t request(till *t, int meter, vending_act act)
{
    ask a = fresh(t, meter, act);
    assert_int_equal(direct_store_write(t->store, ask_work, &a), GT_ERR_OK);
    assert_int_equal(a.command.state, VENDING_COMMAND_WAITING);
    return a.command.id;
}

typedef struct send {
    till *t;
    int64_t id;
    vending_command out;
    bool done;
    const char *result;
    uint32_t count;
} send;

static gt_err sent_work(const store_tx *tx, void *arg)
{
    send *s = arg;
    return vending_command_sent(tx, s->id, s->t->now, &s->out);
}

static gt_err settle_work(const store_tx *tx, void *arg)
{
    send *s = arg;
    GT_TRY(vending_command_settle(tx, s->id, s->done, s->result, s->t->now));
    return vending_command_find(tx, s->id, &s->out);
}

static gt_err expire_work(const store_tx *tx, void *arg)
{
    send *s = arg;
    GT_TRY(vending_command_expire(tx, s->t->now, &s->count));
    return vending_command_find(tx, s->id, &s->out);
}

static vending_command sent(till *t, int64_t id)
{
    send s = {.t = t, .id = id};
    assert_int_equal(direct_store_write(t->store, sent_work, &s), GT_ERR_OK);
    return s.out;
}

static vending_command settle(till *t, int64_t id, bool done, const char *result)
{
    send s = {.t = t, .id = id, .done = done, .result = result};
    assert_int_equal(direct_store_write(t->store, settle_work, &s), GT_ERR_OK);
    return s.out;
}

static void test_order_of_the_outbox(void **state)
{
    (void)state;
    till t;
    vending_sale_result sale = {0};
    vending_command waiting[16];
    size_t count = 0;
    till_open(&t, test_place(STORE_DB_TILL));
    const int64_t read = request(&t, 0, VENDING_ACT_READ);
    const int64_t cut = request(&t, 1, VENDING_ACT_CUT);
    const int64_t protect = request(&t, 2, VENDING_ACT_PROTECT);
    const int64_t restore = request(&t, 3, VENDING_ACT_RESTORE);
    assert_int_equal(till_sell(&t, 4, 100, "key-00000001", &sale), GT_ERR_OK);
    const int64_t gone = request(&t, 5, VENDING_ACT_CUT);
    const int64_t gone_read = request(&t, 5, VENDING_ACT_READ);
    (void)sent(&t, gone);
    (void)sent(&t, gone_read);
    const int64_t with_sent[] = {sale.order.command_id, gone, protect, restore, cut, read};
    assert_int_equal(till_waiting(&t, waiting, 16, &count), GT_ERR_OK);
    assert_int_equal(count, 6); /* a control that was sent is to be read back, a read is not */
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(waiting[i].id, with_sent[i]);
    }
    assert_int_equal(waiting[1].state, VENDING_COMMAND_SENT);
    assert_int_equal(waiting[1].control_count, 1);
    (void)settle(&t, gone, true, NULL);
    const int64_t want[] = {sale.order.command_id, protect, restore, cut, read};
    assert_int_equal(till_waiting(&t, waiting, 16, &count), GT_ERR_OK);
    assert_int_equal(count, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(waiting[i].id, want[i]);
        assert_int_equal(waiting[i].terminal_id, t.terminal);
    }
    assert_int_equal(waiting[0].kind, VENDING_KIND_CREDIT);
    assert_int_equal(waiting[3].act, VENDING_ACT_CUT);
    assert_int_equal(vending_act_code(waiting[3].act), 0x1A);
    assert_int_equal(till_waiting(&t, waiting, 2, &count), GT_ERR_OK);
    assert_int_equal(count, 2);
    t.terminal += 1; /* another terminal's head-end sees nothing of it */
    assert_int_equal(till_waiting(&t, waiting, 16, &count), GT_ERR_OK);
    assert_int_equal(count, 0);
    till_close(&t);
}

static gt_err find_work(const store_tx *tx, void *arg)
{
    send *s = arg;
    return vending_command_find(tx, s->id, &s->out);
}

/* Restore goes before cut, so an older cut that still waits must not come after it. */
static void test_the_last_word_holds(void **state)
{
    (void)state;
    static const struct {
        vending_act act;
        bool sent; /* the cut is on its way already: it is read back instead */
        vending_command_state want;
    } rows[] = {
        {VENDING_ACT_RESTORE, false, VENDING_COMMAND_FAILED},
        {VENDING_ACT_PROTECT, false, VENDING_COMMAND_FAILED},
        {VENDING_ACT_RESTORE, true, VENDING_COMMAND_SENT},
        {VENDING_ACT_READ, false, VENDING_COMMAND_WAITING},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        till t;
        till_open(&t, test_place(STORE_DB_TILL));
        const int64_t other = request(&t, 1, VENDING_ACT_CUT);
        send s = {.t = &t, .id = request(&t, 0, VENDING_ACT_CUT)};
        if (rows[i].sent) {
            (void)sent(&t, s.id);
        }
        (void)request(&t, 0, rows[i].act);
        assert_int_equal(direct_store_read(t.store, find_work, &s), GT_ERR_OK);
        assert_int_equal(s.out.state, rows[i].want);
        assert_string_equal(s.out.result,
                            rows[i].want == VENDING_COMMAND_FAILED ? "superseded" : "");
        s.id = other; /* another room's is none of its business */
        assert_int_equal(direct_store_read(t.store, find_work, &s), GT_ERR_OK);
        assert_int_equal(s.out.state, VENDING_COMMAND_WAITING);
        till_close(&t);
    }
}

static void test_cut_refused(void **state)
{
    (void)state;
    till t;
    vending_sale_result sale = {0};
    till_open(&t, test_place(STORE_DB_TILL));
    assert_int_equal(till_sell(&t, 5, 100, "key-00000001", &sale), GT_ERR_OK);
    static const struct {
        supply_reason want;
    } rows[] = {{SUPPLY_PROTECTED},   {SUPPLY_ORDER_OPEN},    {SUPPLY_READING_MISSING},
                {SUPPLY_READING_OLD}, {SUPPLY_READING_AHEAD}, {SUPPLY_CLOCK_UNTRUSTED}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (int act = 0; act < 2; act++) {
            ask a = fresh(&t, rows[i].want == SUPPLY_ORDER_OPEN ? 5 : 0,
                          act == 0 ? VENDING_ACT_CUT : VENDING_ACT_RESTORE);
            a.args.meter_protected = rows[i].want == SUPPLY_PROTECTED;
            a.args.reading_known = rows[i].want != SUPPLY_READING_MISSING;
            a.args.clock_trusted = rows[i].want != SUPPLY_CLOCK_UNTRUSTED;
            a.args.reading_taken.ms += rows[i].want == SUPPLY_READING_OLD     ? -86400001
                                       : rows[i].want == SUPPLY_READING_AHEAD ? 3600000
                                                                              : 0;
            const gt_err err = direct_store_write(t.store, ask_work, &a);
            assert_int_equal(err, act == 0 ? GT_ERR_CONFLICT : GT_ERR_OK); /* lights go on */
            assert_int_equal(a.reason, act == 0 ? rows[i].want : SUPPLY_ALLOWED);
        }
    }
    ask bad = fresh(&t, 0, VENDING_ACT_CREDIT);
    assert_int_equal(direct_store_write(t.store, ask_work, &bad), GT_ERR_FORBIDDEN);
    bad = fresh(&t, 0, VENDING_ACT_READ);
    bad.args.operator_name = "";
    assert_int_equal(direct_store_write(t.store, ask_work, &bad), GT_ERR_SYNTAX);
    bad = fresh(&t, 0, VENDING_ACT_READ);
    bad.args.meter_id = 999;
    assert_int_equal(direct_store_write(t.store, ask_work, &bad), GT_ERR_NOT_FOUND);
    till_close(&t);
}

static void test_sent_and_settled(void **state)
{
    (void)state;
    till t;
    till_open(&t, test_place(STORE_DB_TILL));
    const int64_t first = request(&t, 0, VENDING_ACT_RESTORE);
    t.now.ms += 1000;
    vending_command c = sent(&t, first);
    assert_int_equal(c.state, VENDING_COMMAND_SENT);
    assert_int_equal(c.control_count, 1);
    assert_int_equal(c.expires.ms, t.now.ms + VENDING_COMMAND_LIFE_MS);
    send again = {.t = &t, .id = first};
    assert_int_equal(direct_store_write(t.store, sent_work, &again), GT_ERR_CONFLICT);
    c = settle(&t, first, true, NULL);
    assert_int_equal(c.state, VENDING_COMMAND_DONE);
    c = settle(&t, first, false, "late");
    assert_int_equal(c.state, VENDING_COMMAND_DONE); /* settled is settled */
    const int64_t second = request(&t, 0, VENDING_ACT_PROTECT);
    assert_int_equal(sent(&t, second).control_count, 2); /* never a count twice */
    c = settle(&t, second, true, NULL);
    registry_meter meter = {0};
    assert_int_equal(till_meter(&t, 0, &meter), GT_ERR_OK);
    assert_true(meter.is_protected);
    assert_int_equal(meter.control_count, 2);
    ask cut = fresh(&t, 0, VENDING_ACT_CUT);
    assert_int_equal(direct_store_write(t.store, ask_work, &cut), GT_ERR_CONFLICT);
    assert_int_equal(cut.reason, SUPPLY_PROTECTED);
    const int64_t third = request(&t, 0, VENDING_ACT_UNPROTECT);
    assert_int_equal(sent(&t, third).state, VENDING_COMMAND_SENT);
    c = settle(&t, third, false, "mac");
    assert_int_equal(c.state, VENDING_COMMAND_FAILED);
    assert_string_equal(c.result, "mac");
    assert_int_equal(till_meter(&t, 0, &meter), GT_ERR_OK);
    assert_true(meter.is_protected);
    const int64_t read = request(&t, 1, VENDING_ACT_READ);
    assert_int_equal(sent(&t, read).control_count, 0);
    till_close(&t);
}

/* Between asking for a cut and sending it, somebody pays, or protects the meter. */
static void test_cut_checked_again(void **state)
{
    (void)state;
    till t;
    vending_sale_result sale = {0};
    till_open(&t, test_place(STORE_DB_TILL));
    const int64_t paid = request(&t, 0, VENDING_ACT_CUT);
    const int64_t protect = request(&t, 1, VENDING_ACT_PROTECT);
    const int64_t guarded = request(&t, 1, VENDING_ACT_CUT);
    assert_int_equal(till_sell(&t, 0, 100, "key-00000001", &sale), GT_ERR_OK);
    vending_command c = sent(&t, paid);
    assert_int_equal(c.state, VENDING_COMMAND_FAILED);
    assert_string_equal(c.result, "order_open");
    (void)sent(&t, protect);
    (void)settle(&t, protect, true, NULL);
    c = sent(&t, guarded);
    assert_int_equal(c.state, VENDING_COMMAND_FAILED);
    assert_string_equal(c.result, "protected");
    till_close(&t);
}

static void test_time_runs_out(void **state)
{
    (void)state;
    till t;
    vending_sale_result sale = {0};
    vending_command waiting[4];
    size_t count = 0;
    till_open(&t, test_place(STORE_DB_TILL));
    const int64_t never_sent = request(&t, 0, VENDING_ACT_CUT);
    const int64_t never_answered = request(&t, 1, VENDING_ACT_RESTORE);
    const int64_t too_late = request(&t, 2, VENDING_ACT_CUT);
    assert_int_equal(till_sell(&t, 3, 100, "key-00000001", &sale), GT_ERR_OK);
    (void)sent(&t, never_answered);
    t.now.ms += VENDING_COMMAND_LIFE_MS - 1;
    send s = {.t = &t, .id = never_sent};
    assert_int_equal(direct_store_write(t.store, expire_work, &s), GT_ERR_OK);
    assert_int_equal(s.count, 0);
    t.now.ms += 1;
    assert_int_equal(sent(&t, too_late).state, VENDING_COMMAND_EXPIRED);
    assert_int_equal(till_waiting(&t, waiting, 4, &count), GT_ERR_OK);
    assert_int_equal(count, 1); /* a paid order never runs out */
    assert_int_equal(waiting[0].order_id, sale.order.id);
    assert_int_equal(direct_store_write(t.store, expire_work, &s), GT_ERR_OK);
    assert_int_equal(s.count, 2);
    assert_int_equal(s.out.state, VENDING_COMMAND_EXPIRED);
    assert_string_equal(s.out.result, "not_sent");
    s.id = never_answered;
    assert_int_equal(direct_store_write(t.store, expire_work, &s), GT_ERR_OK);
    assert_string_equal(s.out.result, "no_answer");
    till_close(&t);
}

static gt_err list_work(const store_tx *tx, void *arg)
{
    send *s = arg;
    vending_command found[4];
    size_t count = 0;
    const vending_command_query query = {.meter_id = s->t->meter[0]};
    GT_TRY(vending_command_list(tx, &query, found, 4, &count));
    s->count = (uint32_t)count;
    s->out = found[0];
    return GT_ERR_OK;
}

static void test_restart_and_list(void **state)
{
    (void)state;
    till t;
    uint32_t orders = 0;
    till_open(&t, test_place(STORE_DB_TILL));
    const int64_t going = request(&t, 0, VENDING_ACT_RESTORE);
    const int64_t reads = request(&t, 0, VENDING_ACT_READ);
    const int64_t waits = request(&t, 0, VENDING_ACT_READ);
    (void)sent(&t, going);
    (void)sent(&t, reads);
    assert_int_equal(till_recover(&t, &orders), GT_ERR_OK);
    send s = {.t = &t, .id = reads};
    assert_int_equal(direct_store_write(t.store, settle_work, &s), GT_ERR_OK);
    assert_int_equal(s.out.state, VENDING_COMMAND_EXPIRED);
    assert_string_equal(s.out.result, "restarted");
    s.done = true;
    s.id = going; /* a control may have been obeyed: it is still to be settled */
    assert_int_equal(direct_store_write(t.store, settle_work, &s), GT_ERR_OK);
    assert_int_equal(s.out.state, VENDING_COMMAND_DONE);
    assert_int_equal(direct_store_read(t.store, list_work, &s), GT_ERR_OK);
    assert_int_equal(s.count, 3);
    assert_int_equal(s.out.id, waits);
    vending_act act = VENDING_ACT_CREDIT;
    assert_int_equal(vending_act_find("unprotect", &act), GT_ERR_OK);
    assert_int_equal(act, VENDING_ACT_UNPROTECT);
    assert_int_equal(vending_act_find("explode", &act), GT_ERR_NOT_FOUND);
    till_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order_of_the_outbox), cmocka_unit_test(test_cut_refused),
        cmocka_unit_test(test_sent_and_settled),    cmocka_unit_test(test_cut_checked_again),
        cmocka_unit_test(test_the_last_word_holds), cmocka_unit_test(test_time_runs_out),
        cmocka_unit_test(test_restart_and_list),
    };
    return cmocka_run_group_tests_name("vending/command", tests, NULL, NULL);
}
