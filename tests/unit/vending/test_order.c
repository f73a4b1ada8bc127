/* Credit orders under way on the real database: every way an order can end. */
#include "till.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static const vending_answer answer_ok = {.kind = VENDING_ANSWER_OK};
static const vending_answer answer_none = {.kind = VENDING_ANSWER_NONE};

static vending_answer refused(uint16_t word)
{
    return (vending_answer){.kind = VENDING_ANSWER_REFUSED, .reason_word = word};
}

static order_readback seen(uint32_t count, int64_t amount_fen)
{
    return (order_readback){
        .count = count, .count_bits = 16, .amount_known = true, .amount_fen = amount_fen};
}

static void assert_timeline(till *t, int64_t order, const char *want)
{
    char line[512];
    till_timeline(t, order, line, sizeof line);
    assert_string_equal(line, want);
}

static void assert_command(till *t, const vending_order *order, const char *state,
                           const char *result)
{
    vending_command waiting[4];
    size_t count = 0;
    assert_int_equal(till_waiting(t, waiting, 4, &count), GT_ERR_OK);
    const bool waits = strcmp(state, "waiting") == 0;
    assert_int_equal(count, waits ? 1 : 0);
    if (waits) {
        assert_int_equal(waiting[0].id, order->command_id);
        assert_int_equal(waiting[0].order_id, order->id);
        assert_int_equal(waiting[0].order, order->state);
        assert_int_equal(waiting[0].amount_fen, order->amount_fen);
        assert_int_equal(waiting[0].purchase_count, order->count);
        assert_string_equal(waiting[0].result, result);
    }
}

/* A shop in which an order of 50 yuan is booked. @return the order */
static int64_t till_open_booked(till *t)
{
    vending_sale_result sale = {0};
    till_open(t, test_place(STORE_DB_TILL));
    assert_int_equal(till_sell(t, 0, 5000, "key-00000001", &sale), GT_ERR_OK);
    return sale.order.id;
}

/* The same, sent to its meter. */
static int64_t till_open_sent(till *t)
{
    vending_order order = {0};
    const int64_t id = till_open_booked(t);
    assert_int_equal(till_sent(t, id, &order), GT_ERR_OK);
    return id;
}

static void assert_purchase_count(till *t, uint32_t want)
{
    registry_meter meter = {0};
    assert_int_equal(till_meter(t, 0, &meter), GT_ERR_OK);
    assert_int_equal(meter.purchase_count, want);
}

static void test_delivered(void **state)
{
    (void)state;
    till t;
    till_open(&t, test_place(STORE_DB_TILL));
    vending_sale_result sale = {0};
    assert_int_equal(till_sell(&t, 0, 5000, "key-00000001", &sale), GT_ERR_OK);
    assert_false(sale.replayed);
    assert_int_equal(sale.order.state, ORDER_BOOKED);
    assert_int_equal(sale.order.count, 1);
    assert_int_equal(sale.order.receipt_no, 1);
    assert_string_equal(sale.order.book, "cashier:ann:2026-11-21");
    assert_command(&t, &sale.order, "waiting", "");
    vending_order order = {0};
    const int64_t id = sale.order.id;
    for (int twice = 0; twice < 2; twice++) {
        assert_int_equal(till_sent(&t, id, &order), GT_ERR_OK);
        assert_int_equal(order.state, ORDER_SENT);
        assert_int_equal(order.sends, 1);
    }
    assert_command(&t, &order, "sent", "");
    assert_int_equal(till_prove(&t).inflight_fen, 5000);
    for (int twice = 0; twice < 2; twice++) {
        t.now.ms += 300;
        assert_int_equal(till_answered(&t, id, answer_ok, &order), GT_ERR_OK);
        assert_int_equal(order.state, ORDER_CONFIRMED);
        assert_int_equal(till_milestone(&t, id, VENDING_STEP_RELAY_CLOSED), GT_ERR_OK);
        assert_int_equal(till_milestone(&t, id, VENDING_STEP_VOLTAGE_SEEN), GT_ERR_OK);
    }
    assert_timeline(&t, id, "paid booked sent meter_answered confirmed relay_closed voltage_seen");
    assert_purchase_count(&t, 1);
    const vending_proof proof = till_prove(&t);
    assert_int_equal(proof.delivered_fen, 5000);
    assert_int_equal(proof.entries, 2);
    assert_int_equal(proof.books, 2);
    assert_int_equal(till_sell(&t, 0, 5000, "key-00000002", &sale), GT_ERR_OK);
    assert_int_equal(sale.order.count, 2);
    assert_int_equal(sale.order.receipt_no, 2);
    assert_int_equal(till_sent(&t, id, &order), GT_ERR_CONFLICT);
    assert_int_equal(till_sent(&t, 99, &order), GT_ERR_NOT_FOUND);
    assert_int_equal(till_milestone(&t, 99, VENDING_STEP_RELAY_CLOSED), GT_ERR_NOT_FOUND);
    till_close(&t);
}

static void test_refused_by_meter(void **state)
{
    (void)state;
    till t;
    const int64_t id = till_open_sent(&t);
    vending_sale_result sale = {0};
    vending_order order = {0};
    assert_int_equal(till_answered(&t, id, refused(0x40), &order), GT_ERR_OK);
    assert_int_equal(order.state, ORDER_REFUSED);
    assert_int_equal(order.reason_word, 0x40);
    assert_timeline(&t, order.id, "paid booked sent meter_answered refused");
    assert_int_equal(till_prove(&t).refundable_fen, 5000);
    assert_purchase_count(&t, 0);
    assert_int_equal(till_answered(&t, id, answer_ok, &order), GT_ERR_OK);
    assert_int_equal(order.state, ORDER_REFUSED); /* settled is settled */
    assert_int_equal(till_prove(&t).refundable_fen, 5000);
    assert_int_equal(till_sell(&t, 0, 5000, "key-00000002", &sale), GT_ERR_OK);
    assert_int_equal(sale.order.count, 1);
    till_close(&t);
}

/* One unknown order and everything that its read-back can show. */
static void test_readback_branches(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        order_readback seen;
        bool need_amount;
        bool resend;
        order_state state;
        const char *timeline;
    } rows[] = {
        {"n+1, amount missing",
         {1, 16, false, 0},
         true,
         false,
         ORDER_UNKNOWN,
         "paid booked sent unknown"},
        {"n+1 same",
         {1, 16, true, 5000},
         false,
         false,
         ORDER_CONFIRMED,
         "paid booked sent unknown readback confirmed"},
        {"n+1 other amount",
         {1, 16, true, 4000},
         false,
         false,
         ORDER_FROZEN,
         "paid booked sent unknown readback frozen"},
        {"n",
         {0, 16, false, 0},
         false,
         true,
         ORDER_SENT,
         "paid booked sent unknown readback resent"},
        {"n+2",
         {2, 16, true, 5000},
         false,
         false,
         ORDER_FROZEN,
         "paid booked sent unknown readback frozen"},
        {"n-1",
         {65535, 16, true, 5000},
         false,
         false,
         ORDER_FROZEN,
         "paid booked sent unknown readback frozen"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        till t;
        const int64_t id = till_open_booked(&t);
        vending_sale_result sale = {0};
        vending_order order = {0};
        vending_readback_result back = {0};
        assert_int_equal(till_readback(&t, id, seen(1, 5000), &back), GT_ERR_OK);
        assert_int_equal(back.order.state, ORDER_BOOKED); /* nothing was sent: nothing to prove */
        assert_int_equal(till_sent(&t, id, &order), GT_ERR_OK);
        assert_int_equal(till_answered(&t, id, answer_none, &order), GT_ERR_OK);
        assert_int_equal(order.state, ORDER_UNKNOWN);
        assert_command(&t, &order, "waiting", "unknown");
        assert_int_equal(till_sent(&t, id, &order), GT_ERR_CONFLICT);
        assert_int_equal(till_answered(&t, id, answer_ok, &order), GT_ERR_OK);
        assert_int_equal(order.state, ORDER_UNKNOWN); /* a late answer proves nothing */
        assert_int_equal(till_readback(&t, id, rows[i].seen, &back), GT_ERR_OK);
        assert_int_equal(back.need_amount, rows[i].need_amount);
        assert_int_equal(back.resend, rows[i].resend);
        assert_int_equal(back.order.state, rows[i].state);
        assert_int_equal(back.order.sends, rows[i].resend ? 2 : 1);
        assert_timeline(&t, id, rows[i].timeline);
        (void)till_prove(&t);
        const gt_err next = till_sell(&t, 0, 5000, "key-00000002", &sale);
        assert_int_equal(next, rows[i].state == ORDER_CONFIRMED ? GT_ERR_OK : GT_ERR_CONFLICT);
        till_close(&t);
    }
}

static void test_sent_as_often_as_allowed(void **state)
{
    (void)state;
    till t;
    const int64_t id = till_open_sent(&t);
    vending_order order = {0};
    vending_readback_result back = {0};
    for (int i = 1; i <= ORDER_SENDS_MAX; i++) {
        assert_int_equal(till_answered(&t, id, refused(0x20), &order), GT_ERR_OK);
        assert_int_equal(order.state, ORDER_UNKNOWN); /* count wrong: perhaps it was taken */
        assert_int_equal(till_readback(&t, id, seen(0, 0), &back), GT_ERR_OK);
        assert_int_equal(back.resend, i < ORDER_SENDS_MAX);
    }
    assert_int_equal(back.order.state, ORDER_FROZEN);
    assert_int_equal(till_prove(&t).inflight_fen, 5000);
    till_close(&t);
}

static void test_reverse(void **state)
{
    (void)state;
    till t;
    const int64_t booked = till_open_booked(&t);
    vending_sale_result sale = {0};
    vending_order order = {0};
    vending_readback_result back = {0};
    for (int twice = 0; twice < 2; twice++) { /* never sent: at once; then it is settled */
        assert_int_equal(till_reverse(&t, booked, &order),
                         twice == 0 ? GT_ERR_OK : GT_ERR_CONFLICT);
    }
    assert_int_equal(order.state, ORDER_REVERSED);
    assert_int_equal(till_sent(&t, order.id, &order), GT_ERR_CONFLICT);
    static const struct {
        uint32_t count;
        order_state state;
        int64_t delivered_fen;
    } rows[] = {{0, ORDER_REVERSED, 0}, {1, ORDER_CONFIRMED, 7000}};
    for (size_t i = 0; i < 2; i++) { /* sent: what the meter shows decides */
        char key[16];
        (void)snprintf(key, sizeof key, "key-fence-%zu", i);
        assert_int_equal(till_sell(&t, 0, 7000, key, &sale), GT_ERR_OK);
        assert_int_equal(till_sent(&t, sale.order.id, &order), GT_ERR_OK);
        assert_int_equal(till_reverse(&t, order.id, &order), GT_ERR_OK);
        assert_int_equal(till_reverse(&t, order.id, &order), GT_ERR_OK);
        assert_true(order.fenced);
        assert_int_equal(order.state, ORDER_SENT);
        assert_int_equal(till_answered(&t, order.id, answer_none, &order), GT_ERR_OK);
        assert_int_equal(till_readback(&t, order.id, seen(rows[i].count, 7000), &back), GT_ERR_OK);
        assert_int_equal(back.order.state, rows[i].state);
        assert_false(back.resend);
        assert_int_equal(till_prove(&t).delivered_fen, rows[i].delivered_fen);
    }
    assert_int_equal(till_prove(&t).refundable_fen, 12000);
    till_close(&t);
}

static void test_recover(void **state)
{
    (void)state;
    till t;
    vending_sale_result sale = {0};
    vending_order order = {0};
    uint32_t orders = 9;
    till_open(&t, test_place(STORE_DB_TILL));
    assert_int_equal(till_recover(&t, &orders), GT_ERR_OK);
    assert_int_equal(orders, 0);
    for (int i = 0; i < 3; i++) {
        char key[16];
        (void)snprintf(key, sizeof key, "key-reco-%d", i);
        assert_int_equal(till_sell(&t, i, 5000, key, &sale), GT_ERR_OK);
        if (i > 0) {
            assert_int_equal(till_sent(&t, sale.order.id, &order), GT_ERR_OK);
        }
    }
    for (int twice = 0; twice < 2; twice++) {
        assert_int_equal(till_recover(&t, &orders), GT_ERR_OK);
        assert_int_equal(orders, twice == 0 ? 2 : 0);
    }
    vending_command waiting[8];
    size_t count = 0;
    assert_int_equal(till_waiting(&t, waiting, 8, &count), GT_ERR_OK);
    assert_int_equal(count, 3);
    assert_int_equal(waiting[0].order, ORDER_BOOKED);
    assert_int_equal(waiting[1].order, ORDER_UNKNOWN);
    assert_int_equal(waiting[2].order, ORDER_UNKNOWN);
    (void)till_prove(&t);
    till_close(&t);
}

static void test_counts_seen(void **state)
{
    (void)state;
    till t;
    const int64_t id = till_open_sent(&t);
    vending_order order = {0};
    registry_meter meter = {0};
    bool changed = false;
    vending_seen s = {.meter_id = t.meter[0],
                      .taken = t.now,
                      .purchase_count = 1,
                      .control_count = 7,
                      .count_bits = 16};
    s.taken.ms += 3600000;
    assert_int_equal(till_seen(&t, &s, &changed), GT_ERR_OK); /* an order is open */
    assert_int_equal(till_meter(&t, 0, &meter), GT_ERR_OK);
    assert_int_equal(meter.purchase_count, 0);
    assert_int_equal(meter.control_count, 7);
    assert_int_equal(till_answered(&t, id, answer_ok, &order), GT_ERR_OK);
    static const struct {
        int64_t later_ms;
        uint32_t seen;
        uint32_t want;
        bool changed;
    } rows[] = {
        {-60000, 0, 1, false}, /* an old reading must not take the count back */
        {0, 0, 1, false},
        {599999, 0, 1, false},
        {600000, 0, 0, true}, /* clearly later: the meter was reset or changed */
        {600000, 65535, 65535, true},
        {600000, 2, 65538, true}, /* the shown 16 bits rolled over */
        {600000, 2, 65538, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        s.taken.ms = t.now.ms + rows[i].later_ms;
        s.purchase_count = rows[i].seen;
        assert_int_equal(till_seen(&t, &s, &changed), GT_ERR_OK);
        assert_int_equal(till_meter(&t, 0, &meter), GT_ERR_OK);
        if (meter.purchase_count != rows[i].want || changed != rows[i].changed) {
            fail_msg("row %zu: count %u", i, meter.purchase_count);
        }
    }
    s.control_count = 3; /* never back */
    assert_int_equal(till_seen(&t, &s, &changed), GT_ERR_OK);
    assert_int_equal(till_meter(&t, 0, &meter), GT_ERR_OK);
    assert_int_equal(meter.control_count, 7);
    s.meter_id = 999;
    assert_int_equal(till_seen(&t, &s, &changed), GT_ERR_NOT_FOUND);
    till_close(&t);
}

static void test_words_in_both_languages(void **state)
{
    (void)state;
    for (int step = 0; step <= VENDING_STEP_VOLTAGE_SEEN; step++) {
        assert_true(vending_step_zh((vending_step)step)[0] != '\0');
        assert_true(vending_step_en((vending_step)step)[0] != '\0');
    }
    for (int act = 0; act <= VENDING_ACT_READ; act++) {
        assert_true(vending_act_zh((vending_act)act)[0] != '\0');
        assert_true(vending_act_en((vending_act)act)[0] != '\0');
    }
    for (int s = 0; s <= VENDING_COMMAND_EXPIRED; s++) {
        assert_true(vending_command_state_name((vending_command_state)s)[0] != '\0');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_delivered),         cmocka_unit_test(test_refused_by_meter),
        cmocka_unit_test(test_readback_branches), cmocka_unit_test(test_sent_as_often_as_allowed),
        cmocka_unit_test(test_reverse),           cmocka_unit_test(test_recover),
        cmocka_unit_test(test_counts_seen),       cmocka_unit_test(test_words_in_both_languages),
    };
    return cmocka_run_group_tests_name("vending/order", tests, NULL, NULL);
}
