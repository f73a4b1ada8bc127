/* A station that loses power at any write of a sale and of its delivery, comes up again and goes
 * on. The meter stands outside and remembers. Whatever happens: the cashier's money is in the
 * ledger once, the meter was credited once or not at all, and both agree. */
#include "till.h"

#include "crash_disk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { AMOUNT_FEN = 5000, PUMP_ROUNDS_MAX = 50 };

static const store_place crash_place = {.engine = &sqlite_engine,
                                        .db = STORE_DB_TILL,
                                        .target = "/crash/till.db",
                                        .option = CRASH_DISK_NAME};

/* How the line between station and meter behaves, for each sending in turn. */
typedef enum fate {
    FATE_OK,        /* credited, answer arrives */
    FATE_LOST,      /* the request does not arrive */
    FATE_NO_ANSWER, /* credited, the answer is lost */
    FATE_REFUSED,   /* the meter refuses */
} fate;

typedef struct meter {
    uint32_t count;
    int64_t last_fen;
    int64_t credited_fen;
    const fate *fates;
    size_t sendings;
    uint32_t taken; /* purchases credited */
} meter;

/* The order the meter took last, sent again, credits nothing and answers as the first time. */
static vending_answer meter_take(meter *m, const vending_order *order)
{
    const fate fate_now = m->fates[m->sendings < 2 ? m->sendings : 2];
    m->sendings++;
    if (fate_now == FATE_REFUSED) {
        return (vending_answer){.kind = VENDING_ANSWER_REFUSED, .reason_word = 0x40};
    }
    if (fate_now == FATE_LOST) {
        return (vending_answer){.kind = VENDING_ANSWER_NONE};
    }
    const bool again = order->count == m->count && order->amount_fen == m->last_fen;
    if (!again && order->count != m->count + 1) {
        return (vending_answer){.kind = VENDING_ANSWER_REFUSED, .reason_word = 0x20};
    }
    if (!again) {
        m->count++;
        m->last_fen = order->amount_fen;
        m->credited_fen += order->amount_fen;
        m->taken++;
    }
    return (vending_answer){.kind = fate_now == FATE_OK ? VENDING_ANSWER_OK : VENDING_ANSWER_NONE};
}

static gt_err send_order(till *t, meter *m, int64_t order_id)
{
    vending_order order = {0};
    GT_TRY(till_sent(t, order_id, &order)); /* durable, or nothing goes out */
    const vending_answer answer = meter_take(m, &order);
    t->now.ms += 500;
    return till_answered(t, order_id, answer, &order);
}

static gt_err read_back(till *t, meter *m, int64_t order_id)
{
    vending_readback_result back = {0};
    order_readback seen = {.count = m->count & 0xFFFF, .count_bits = 16};
    GT_TRY(till_readback(t, order_id, seen, &back));
    if (back.need_amount) {
        seen.amount_known = true;
        seen.amount_fen = m->last_fen;
        GT_TRY(till_readback(t, order_id, seen, &back));
    }
    if (!back.resend) {
        return GT_ERR_OK;
    }
    const vending_answer answer = meter_take(m, &back.order);
    return till_answered(t, order_id, answer, &back.order);
}

/* What a head-end does with whatever waits, until nothing does. */
static gt_err pump(till *t, meter *m)
{
    vending_command waiting[4];
    size_t count = 1;
    for (int round = 0; count > 0 && round < PUMP_ROUNDS_MAX; round++) {
        t->now.ms += 1000;
        GT_TRY(till_waiting(t, waiting, 4, &count));
        for (size_t i = 0; i < count; i++) {
            GT_TRY(waiting[i].order == ORDER_UNKNOWN ? read_back(t, m, waiting[i].order_id)
                                                     : send_order(t, m, waiting[i].order_id));
        }
    }
    return GT_ERR_OK;
}

static gt_err sell_and_deliver(till *t, meter *m)
{
    vending_sale_result sale = {0};
    GT_TRY(till_sell(t, 0, AMOUNT_FEN, "key-of-the-sale", &sale));
    return pump(t, m);
}

/* The money and the meter agree: I1, I3, I4, I5 and I6 of the ledger's promises. */
static void assert_settled(till *t, const meter *m, bool want_delivered)
{
    vending_order order = {0};
    registry_meter row = {0};
    const vending_proof proof = till_prove(t);
    assert_int_equal(proof.orders, 1);
    assert_int_equal(proof.paid_fen, AMOUNT_FEN);
    assert_int_equal(proof.inflight_fen, 0);
    assert_int_equal(proof.delivered_fen, want_delivered ? AMOUNT_FEN : 0);
    assert_int_equal(m->credited_fen, proof.delivered_fen);
    assert_int_equal(m->taken, want_delivered ? 1 : 0);
    assert_int_equal(till_find_key(t, "key-of-the-sale", &order), GT_ERR_OK);
    assert_int_equal(order.state, want_delivered ? ORDER_CONFIRMED : ORDER_REFUSED);
    assert_int_equal(order.receipt_no, 1);
    assert_int_equal(till_meter(t, 0, &row), GT_ERR_OK);
    assert_int_equal(row.purchase_count, m->count);
}

static const struct {
    const char *name;
    fate fates[3];
    bool delivered;
} lines[] = {
    {"straight", {FATE_OK, FATE_OK, FATE_OK}, true},
    {"answer lost", {FATE_NO_ANSWER, FATE_OK, FATE_OK}, true},
    {"request lost", {FATE_LOST, FATE_OK, FATE_OK}, true},
    {"both lost, then answer lost", {FATE_LOST, FATE_NO_ANSWER, FATE_OK}, true},
    {"refused", {FATE_REFUSED, FATE_REFUSED, FATE_REFUSED}, false},
};

enum { LINES = sizeof lines / sizeof lines[0] };

/* A disk as it is after opening the shop, and what is acknowledged there. */
static void shop_open(till *t)
{
    crash_disk_reset();
    till_open(t, crash_place);
}

static void crash_once(size_t line, uint64_t step, uint64_t seed, bool *out_crashed)
{
    till t;
    meter m = {.fates = lines[line].fates};
    uint32_t recovered = 0;
    shop_open(&t);
    crash_disk_crash_at(crash_disk_steps() + step);
    const gt_err err = sell_and_deliver(&t, &m);
    *out_crashed = crash_disk_crashed();
    assert_true(*out_crashed || err == GT_ERR_OK);
    till_close(&t);
    crash_disk_reboot(seed);
    assert_int_equal(till_reopen(&t), GT_ERR_OK);
    (void)till_prove(&t); /* sound at once, before anything is repaired */
    assert_int_equal(till_recover(&t, &recovered), GT_ERR_OK);
    assert_true(recovered <= 1);
    /* the cashier's page asks again with the key it kept; the head-end goes on */
    assert_int_equal(sell_and_deliver(&t, &m), GT_ERR_OK);
    assert_settled(&t, &m, lines[line].delivered);
    till_close(&t);
}

static void test_crash_at_every_step(void **state)
{
    const unsigned seeds = *(const unsigned *)*state;
    for (size_t line = 0; line < LINES; line++) {
        bool crashed = true;
        uint64_t step = 1;
        for (; crashed; step++) {
            for (uint64_t seed = 0; seed < seeds; seed++) {
                crash_once(line, step, step + seed * 1000, &crashed);
            }
        }
        print_message("%s: %u steps, each crashed\n", lines[line].name, (unsigned)step - 2);
        assert_true(step > 10);
    }
}

/* A second crash during the recovery from the first. */
static void test_crash_twice(void **state)
{
    (void)state;
    till t;
    for (uint64_t first = 3; first < 40; first += 12) {
        bool crashed = true;
        for (uint64_t second = 1; crashed; second += 3) {
            meter m = {.fates = lines[1].fates};
            uint32_t recovered = 0;
            shop_open(&t);
            crash_disk_crash_at(crash_disk_steps() + first);
            (void)sell_and_deliver(&t, &m); /* ends in the crash */
            till_close(&t);
            crash_disk_reboot(first);
            crash_disk_crash_at(crash_disk_steps() + second);
            if (till_reopen(&t) == GT_ERR_OK) {
                if (till_recover(&t, &recovered) == GT_ERR_OK) {
                    (void)sell_and_deliver(&t, &m); /* may end in the second crash */
                }
                till_close(&t);
            }
            crashed = crash_disk_crashed();
            crash_disk_reboot(second);
            assert_int_equal(till_reopen(&t), GT_ERR_OK);
            assert_int_equal(till_recover(&t, &recovered), GT_ERR_OK);
            assert_int_equal(sell_and_deliver(&t, &m), GT_ERR_OK);
            assert_settled(&t, &m, true);
            till_close(&t);
        }
    }
}

/* The disk has room for this many bytes more: a sale is made or refused, never half; what is open
 * waits, and goes on when there is room again. */
static void test_disk_full_at_every_size(void **state)
{
    (void)state;
    bool refused = true;
    unsigned refusals = 0;
    for (size_t room = 1; refused; room += 4096) {
        till t;
        meter m = {.fates = lines[1].fates};
        vending_sale_result sale = {0};
        shop_open(&t);
        crash_disk_limit(crash_disk_used() + room);
        const gt_err err = till_sell(&t, 0, AMOUNT_FEN, "key-of-the-sale", &sale);
        assert_true(err == GT_ERR_OK || err == GT_ERR_FULL);
        if (err == GT_ERR_FULL) {
            assert_int_equal(till_prove(&t).orders, 0); /* no money was taken */
        }
        const gt_err end = err == GT_ERR_OK ? pump(&t, &m) : err;
        assert_true(end == GT_ERR_OK || end == GT_ERR_FULL);
        (void)till_prove(&t);
        refused = end != GT_ERR_OK;
        refusals += refused ? 1 : 0;
        crash_disk_limit(0);
        uint32_t recovered = 0; /* an order whose outcome could not be written is read back */
        assert_int_equal(till_recover(&t, &recovered), GT_ERR_OK);
        assert_int_equal(sell_and_deliver(&t, &m), GT_ERR_OK);
        assert_settled(&t, &m, true);
        till_close(&t);
    }
    assert_true(refusals > 3);
}

/* A sync that fails is not an acknowledgement, now or after the restart. */
static void test_failed_sync(void **state)
{
    (void)state;
    bool failed = true;
    for (uint64_t step = 0; failed; step++) {
        till t;
        meter m = {.fates = lines[0].fates};
        uint32_t recovered = 0;
        shop_open(&t);
        crash_disk_fail_syncs_from(crash_disk_steps() + step);
        failed = sell_and_deliver(&t, &m) != GT_ERR_OK;
        till_close(&t);
        crash_disk_reboot(step);
        assert_int_equal(till_reopen(&t), GT_ERR_OK);
        assert_int_equal(till_recover(&t, &recovered), GT_ERR_OK);
        assert_int_equal(sell_and_deliver(&t, &m), GT_ERR_OK);
        assert_settled(&t, &m, true);
        till_close(&t);
    }
}

/* An argument asks for more ways of losing unsynced sectors at each step (nightly). */
int main(int argc, char **argv)
{
    unsigned seeds = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(test_crash_at_every_step, &seeds),
        cmocka_unit_test(test_crash_twice),
        cmocka_unit_test(test_disk_full_at_every_size),
        cmocka_unit_test(test_failed_sync),
    };
    return cmocka_run_group_tests_name("vending/crash", tests, NULL, NULL);
}
