/* Sales on the real database: what is refused, what is repeated, what is listed. */
#include "till.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

static void test_same_key(void **state)
{
    (void)state;
    till t;
    till_open(&t, test_place(STORE_DB_TILL));
    vending_sale_result first = {0};
    vending_sale_result again = {0};
    assert_int_equal(till_sell(&t, 0, 5000, "key-00000001", &first), GT_ERR_OK);
    t.now.ms += 86400000;
    assert_int_equal(till_sell(&t, 0, 5000, "key-00000001", &again), GT_ERR_OK);
    assert_true(again.replayed);
    assert_int_equal(again.order.id, first.order.id);
    assert_int_equal(again.order.created.ms, first.order.created.ms);
    static const struct {
        int meter;
        int64_t amount_fen;
        const char *operator_name;
    } other[] = {{1, 5000, "ann"}, {0, 5001, "ann"}, {0, 5000, "bob"}};
    for (size_t i = 0; i < sizeof other / sizeof other[0]; i++) {
        const vending_sale_request request = {.key = "key-00000001",
                                              .meter_id = t.meter[other[i].meter],
                                              .amount_fen = other[i].amount_fen,
                                              .operator_name = other[i].operator_name,
                                              .now = t.now,
                                              .limits = vending_limits_default()};
        assert_int_equal(till_sale(&t, &request, &again), GT_ERR_CONFLICT);
        assert_int_equal(again.reason, VENDING_SALE_KEY_REUSED);
        assert_int_equal(again.order.id, first.order.id);
    }
    assert_int_equal(till_prove(&t).orders, 1);
    till_close(&t);
}

static void test_refused_sales(void **state)
{
    (void)state;
    till t;
    till_open(&t, test_place(STORE_DB_TILL));
    static const char long_key[] =
        "12345678901234567890123456789012345678901234567890123456789012345";
    const vending_limits limits = {
        .amount_min_fen = 100, .amount_max_fen = 100000, .hoarding_fen = 50000};
    const int64_t m = t.meter[0];
    const struct {
        vending_sale_request request;
        gt_err err;
        vending_sale_reason reason;
    } rows[] = {
        {{"key-1234", m, 0, "ann"}, GT_ERR_RANGE, VENDING_SALE_AMOUNT},
        {{"key-1234", m, -1, "ann"}, GT_ERR_RANGE, VENDING_SALE_AMOUNT},
        {{"key-1234", m, INT64_MIN, "ann"}, GT_ERR_RANGE, VENDING_SALE_AMOUNT},
        {{"key-1234", m, 99, "ann"}, GT_ERR_RANGE, VENDING_SALE_AMOUNT},
        {{"key-1234", m, 100001, "ann"}, GT_ERR_RANGE, VENDING_SALE_AMOUNT},
        {{"key-1234", m, INT64_MAX, "ann"}, GT_ERR_RANGE, VENDING_SALE_AMOUNT},
        {{"key-123", m, 5000, "ann"}, GT_ERR_SYNTAX, VENDING_SALE_KEY},
        {{"", m, 5000, "ann"}, GT_ERR_SYNTAX, VENDING_SALE_KEY},
        {{"key 1234", m, 5000, "ann"}, GT_ERR_SYNTAX, VENDING_SALE_KEY},
        {{long_key, m, 5000, "ann"}, GT_ERR_SYNTAX, VENDING_SALE_KEY},
        {{"key-1234", m, 5000, ""}, GT_ERR_SYNTAX, VENDING_SALE_OPERATOR},
        {{"key-1234", m, 5000, "ann:2026"}, GT_ERR_SYNTAX, VENDING_SALE_OPERATOR},
        {{"key-1234", 999, 5000, "ann"}, GT_ERR_NOT_FOUND, VENDING_SALE_NO_METER},
        {{"key-1234", 0, 5000, "ann"}, GT_ERR_NOT_FOUND, VENDING_SALE_NO_METER},
        {{"key-1234", m, 5000, "ann", true, 45001}, GT_ERR_RANGE, VENDING_SALE_HOARDING},
        {{"key-1234", m, 5000, "ann", true, INT64_MAX}, GT_ERR_RANGE, VENDING_SALE_HOARDING},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        vending_sale_request request = rows[i].request;
        vending_sale_result sale = {0};
        request.now = t.now;
        request.limits = limits;
        if (till_sale(&t, &request, &sale) != rows[i].err || sale.reason != rows[i].reason) {
            fail_msg("row %zu: %s", i, vending_sale_reason_name(sale.reason));
        }
        assert_true(vending_sale_reason_zh(sale.reason)[0] != '\0');
        assert_true(vending_sale_reason_en(sale.reason)[0] != '\0');
    }
    const vending_proof proof = till_prove(&t);
    assert_int_equal(proof.orders + proof.entries + proof.books, 0);
    vending_sale_request fits = {.key = "key-1234",
                                 .meter_id = m,
                                 .amount_fen = 5000,
                                 .operator_name = "ann",
                                 .balance_known = true,
                                 .balance_fen = 45000,
                                 .now = t.now,
                                 .limits = limits};
    vending_sale_result sale = {0};
    assert_int_equal(till_sale(&t, &fits, &sale), GT_ERR_OK);
    till_close(&t);
}

static gt_err close_account(const store_tx *tx, void *arg)
{
    const till *t = arg;
    return registry_account_close(tx, t->room[0], t->now);
}

static void test_closed_and_unresolved(void **state)
{
    (void)state;
    till t;
    till_open(&t, test_place(STORE_DB_TILL));
    vending_sale_result first = {0};
    vending_sale_result second = {0};
    vending_order order = {0};
    assert_int_equal(till_sell(&t, 0, 5000, "key-00000001", &first), GT_ERR_OK);
    assert_int_equal(till_sell(&t, 0, 100, "key-00000002", &second), GT_ERR_CONFLICT);
    assert_int_equal(second.reason, VENDING_SALE_ORDER_OPEN);
    assert_int_equal(second.order.id, first.order.id); /* the order in the way is named */
    assert_int_equal(direct_store_write(t.store, close_account, &t), GT_ERR_CONFLICT);
    assert_int_equal(till_sell(&t, 1, 100, "key-00000003", &second), GT_ERR_OK);
    assert_int_equal(till_sent(&t, first.order.id, &order), GT_ERR_OK);
    assert_int_equal(till_sell(&t, 0, 100, "key-00000004", &second), GT_ERR_CONFLICT);
    assert_int_equal(
        till_answered(&t, first.order.id, (vending_answer){.kind = VENDING_ANSWER_OK}, &order),
        GT_ERR_OK);
    assert_int_equal(direct_store_write(t.store, close_account, &t), GT_ERR_OK);
    assert_int_equal(direct_store_write(t.store, close_account, &t), GT_ERR_NOT_FOUND);
    assert_int_equal(till_sell(&t, 0, 100, "key-00000005", &second), GT_ERR_CONFLICT);
    assert_int_equal(second.reason, VENDING_SALE_NOT_OPEN);
    assert_int_equal(till_prove(&t).orders, 2);
    till_close(&t);
}

typedef struct page {
    vending_order_query query;
    vending_order order[2];
    size_t count;
} page;

static gt_err list_work(const store_tx *tx, void *arg)
{
    page *p = arg;
    return vending_order_list(tx, &p->query, p->order, 2, &p->count);
}

static void test_list(void **state)
{
    (void)state;
    till t;
    vending_sale_result sale = {0};
    vending_order order = {0};
    till_open(&t, test_place(STORE_DB_TILL));
    for (int i = 0; i < 3; i++) {
        char key[16];
        (void)snprintf(key, sizeof key, "key-list-%d", i);
        assert_int_equal(till_sell(&t, i % 2, 100 + i, key, &sale), GT_ERR_OK);
        assert_int_equal(till_sent(&t, sale.order.id, &order), GT_ERR_OK);
        assert_int_equal(
            till_answered(&t, order.id, (vending_answer){.kind = VENDING_ANSWER_OK}, &order),
            GT_ERR_OK);
    }
    page p = {.query.meter_id = 0};
    assert_int_equal(direct_store_read(t.store, list_work, &p), GT_ERR_OK);
    assert_int_equal(p.count, 2);
    assert_int_equal(p.order[0].amount_fen, 102); /* newest first */
    p.query.before_id = p.order[1].id;
    assert_int_equal(direct_store_read(t.store, list_work, &p), GT_ERR_OK);
    assert_int_equal(p.count, 1);
    assert_int_equal(p.order[0].amount_fen, 100);
    p.query = (vending_order_query){.meter_id = t.meter[1]};
    assert_int_equal(direct_store_read(t.store, list_work, &p), GT_ERR_OK);
    assert_int_equal(p.count, 1);
    assert_int_equal(p.order[0].amount_fen, 101);
    till_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_key),
        cmocka_unit_test(test_refused_sales),
        cmocka_unit_test(test_closed_and_unresolved),
        cmocka_unit_test(test_list),
    };
    return cmocka_run_group_tests_name("vending/sale", tests, NULL, NULL);
}
