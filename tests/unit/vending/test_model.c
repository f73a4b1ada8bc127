/* Ten thousand random acts of cashiers, lines, meters and restarts against a model that is a few
 * integers a meter. After every act the order in question is where the model says; every so often
 * the whole ledger is rebuilt and must agree with the model to the fen. A failure prints its seed.
 */
#include "till.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

enum { OPS = 10000, PROVE_EVERY = 500 };

/* What the world outside the database knows of a meter. */
typedef struct meter {
    uint32_t count;       /* its own purchase count */
    int64_t last_fen;     /* its last purchase */
    int64_t credited_fen; /* all it ever took */
    int64_t order;        /* order we believe open, 0 when none */
    order_state state;
    int64_t amount_fen;
    uint32_t order_count;
    bool fenced;
    unsigned sends;
    int64_t confirmed_fen; /* the model's own books */
    int64_t refundable_fen;
} meter;

typedef struct world {
    till t;
    uint64_t rng;
    meter meter[TILL_METERS];
    int64_t paid_fen;
    unsigned sales;
} world;

static uint32_t pick(world *w, uint32_t below)
{
    w->rng = w->rng * 6364136223846793005ULL + 1442695040888963407ULL;
    return (uint32_t)(w->rng >> 33) % below;
}

static bool open_order(const meter *m)
{
    return m->order != 0 && order_state_open(m->state);
}

static void do_sale(world *w, int index)
{
    meter *m = &w->meter[index];
    char key[24];
    vending_sale_result sale = {0};
    const int64_t amount = 1 + pick(w, 20) * 500;
    (void)snprintf(key, sizeof key, "key-%08u", w->sales);
    const gt_err err = till_sell(&w->t, index, amount, key, &sale);
    if (open_order(m)) {
        assert_int_equal(err, GT_ERR_CONFLICT);
        assert_int_equal(sale.order.id, m->order);
        return;
    }
    assert_int_equal(err, GT_ERR_OK);
    assert_int_equal(sale.order.count, m->count + 1); /* I4 */
    w->sales++;
    w->paid_fen += amount;
    m->order = sale.order.id;
    m->state = ORDER_BOOKED;
    m->amount_fen = amount;
    m->order_count = sale.order.count;
    m->fenced = false;
    m->sends = 0;
}

/* A double click, or a page that asks again after a restart. */
static void do_same_sale(world *w)
{
    char key[24];
    vending_order order = {0};
    vending_sale_result sale = {0};
    if (w->sales == 0) {
        return;
    }
    (void)snprintf(key, sizeof key, "key-%08u", pick(w, w->sales));
    assert_int_equal(till_find_key(&w->t, key, &order), GT_ERR_OK);
    for (int i = 0; i < TILL_METERS; i++) {
        const bool same = w->t.meter[i] == order.meter_id;
        assert_int_equal(till_sell(&w->t, i, order.amount_fen, key, &sale),
                         same ? GT_ERR_OK : GT_ERR_CONFLICT);
        assert_int_equal(sale.order.id, order.id); /* I3 */
    }
}

static void meter_credit(meter *m)
{
    if (m->order_count == m->count + 1) {
        m->count++;
        m->last_fen = m->amount_fen;
        m->credited_fen += m->amount_fen;
    }
}

static void settle(meter *m, order_state to)
{
    m->state = to;
    if (to == ORDER_CONFIRMED) {
        m->confirmed_fen += m->amount_fen;
    } else if (to == ORDER_REFUSED || to == ORDER_REVERSED) {
        m->refundable_fen += m->amount_fen;
    }
}

/* The request goes out, or not; the meter takes it, or not; the answer comes, or not. */
static void transmit(world *w, meter *m)
{
    vending_order order = {0};
    vending_answer answer = {.kind = VENDING_ANSWER_NONE};
    order_state want = ORDER_UNKNOWN;
    switch (pick(w, 6)) {
    case 0:
        break; /* lost on the way */
    case 1:
        meter_credit(m); /* the answer is lost */
        break;
    case 2:
        answer = (vending_answer){.kind = VENDING_ANSWER_REFUSED, .reason_word = 0x04};
        want = ORDER_REFUSED;
        break;
    case 3:
        meter_credit(m);
        answer = (vending_answer){.kind = VENDING_ANSWER_REFUSED, .reason_word = 0x02};
        break;
    default:
        meter_credit(m);
        answer.kind = VENDING_ANSWER_OK;
        want = ORDER_CONFIRMED;
        break;
    }
    if (pick(w, 10) == 0) {
        return; /* the station dies before it can write the outcome: restart finds it sent */
    }
    /* a meter that already took it does not refuse for good */
    if (want == ORDER_REFUSED && m->count == m->order_count) {
        answer = (vending_answer){.kind = VENDING_ANSWER_OK};
        want = ORDER_CONFIRMED;
    }
    assert_int_equal(till_answered(&w->t, m->order, answer, &order), GT_ERR_OK);
    assert_int_equal(order.state, want);
    settle(m, want);
}

static void do_send(world *w, meter *m)
{
    vending_order order = {0};
    const gt_err err = m->order == 0 ? GT_ERR_OK : till_sent(&w->t, m->order, &order);
    if (m->order == 0) {
        return;
    }
    if (m->state != ORDER_BOOKED && m->state != ORDER_SENT) {
        assert_int_equal(err, GT_ERR_CONFLICT);
        return;
    }
    assert_int_equal(err, GT_ERR_OK);
    if (m->state == ORDER_BOOKED) {
        m->state = ORDER_SENT;
        m->sends++;
        transmit(w, m);
    }
}

static void do_readback(world *w, meter *m)
{
    vending_readback_result back = {0};
    if (m->order == 0) {
        return;
    }
    const bool strange = pick(w, 1500) == 0; /* somebody else credited the meter */
    const uint32_t count = m->count + (strange ? 2 : 0);
    const order_readback seen = {
        .count = count & 0xFFFF, .count_bits = 16, .amount_known = true, .amount_fen = m->last_fen};
    assert_int_equal(till_readback(&w->t, m->order, seen, &back), GT_ERR_OK);
    if (m->state != ORDER_UNKNOWN) {
        assert_int_equal(back.order.state, m->state);
        return;
    }
    if (strange) {
        settle(m, ORDER_FROZEN);
    } else if (m->count == m->order_count) {
        settle(m, ORDER_CONFIRMED);
    } else if (m->fenced) {
        settle(m, ORDER_REVERSED);
    } else {
        settle(m, m->sends < ORDER_SENDS_MAX ? ORDER_SENT : ORDER_FROZEN);
    }
    assert_int_equal(back.order.state, m->state);
    assert_int_equal(back.resend, m->state == ORDER_SENT);
    if (back.resend) {
        m->sends++;
        transmit(w, m);
    }
}

static void do_reverse(world *w, meter *m)
{
    vending_order order = {0};
    if (!open_order(m)) {
        return;
    }
    const gt_err err = till_reverse(&w->t, m->order, &order);
    assert_int_equal(err, m->state == ORDER_FROZEN ? GT_ERR_CONFLICT : GT_ERR_OK);
    if (m->state == ORDER_BOOKED) {
        settle(m, ORDER_REVERSED);
    }
    m->fenced = m->fenced || m->state == ORDER_SENT || m->state == ORDER_UNKNOWN;
}

static void do_restart(world *w)
{
    uint32_t orders = 0;
    uint32_t want = 0;
    for (int i = 0; i < TILL_METERS; i++) {
        if (w->meter[i].order != 0 && w->meter[i].state == ORDER_SENT) {
            w->meter[i].state = ORDER_UNKNOWN;
            want++;
        }
    }
    assert_int_equal(till_recover(&w->t, &orders), GT_ERR_OK);
    assert_int_equal(orders, want);
}

static void prove(world *w)
{
    const vending_proof proof = till_prove(&w->t); /* I1, I6, chains, receipts */
    int64_t delivered = 0;
    int64_t refundable = 0;
    int64_t inflight = 0;
    for (int i = 0; i < TILL_METERS; i++) {
        const meter *m = &w->meter[i];
        registry_meter row = {0};
        const int64_t open_fen = open_order(m) ? m->amount_fen : 0;
        assert_int_equal(till_meter(&w->t, i, &row), GT_ERR_OK);
        /* I4 and I5 per meter: what it took is what was confirmed, but for the open order */
        assert_true(m->count - row.purchase_count <= 1);
        assert_int_equal(m->credited_fen - m->confirmed_fen,
                         m->count == row.purchase_count ? 0 : open_fen);
        delivered += m->confirmed_fen;
        refundable += m->refundable_fen;
        inflight += open_fen;
    }
    assert_int_equal(proof.paid_fen, w->paid_fen);
    assert_int_equal(proof.delivered_fen, delivered);
    assert_int_equal(proof.refundable_fen, refundable);
    assert_int_equal(proof.inflight_fen, inflight);
}

static void test_random_acts(void **state)
{
    const uint64_t seed = *(const uint64_t *)*state;
    world w = {.rng = seed};
    print_message("seed %llu\n", (unsigned long long)seed);
    till_open(&w.t, test_place(STORE_DB_TILL));
    for (unsigned op = 0; op < OPS; op++) {
        const int index = (int)pick(&w, TILL_METERS);
        meter *m = &w.meter[index];
        const uint32_t what = pick(&w, 100);
        w.t.now.ms += pick(&w, 120000);
        if (what < 30) {
            do_sale(&w, index);
        } else if (what < 33) {
            do_same_sale(&w);
        } else if (what < 65) {
            do_send(&w, m);
        } else if (what < 94) {
            do_readback(&w, m);
        } else if (what < 97) {
            do_reverse(&w, m);
        } else {
            do_restart(&w);
        }
        if (op % PROVE_EVERY == PROVE_EVERY - 1) {
            prove(&w);
        }
    }
    prove(&w);
    print_message("%u sales, %lld fen\n", w.sales, (long long)w.paid_fen);
    till_close(&w.t);
}

int main(int argc, char **argv)
{
    uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
    const struct CMUnitTest tests[] = {cmocka_unit_test_prestate(test_random_acts, &seed)};
    return cmocka_run_group_tests_name("vending/model", tests, NULL, NULL);
}
