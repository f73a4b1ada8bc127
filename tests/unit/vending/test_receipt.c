/* The receipt of a sale: what it says is what the ledger says, and each print is counted. */
#include "till.h"

#include "vending/receipt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

typedef struct print {
    int64_t order_id;
    gt_utc now;
    vending_receipt out;
    char code[VENDING_CHECK_CODE_MAX]; /* from the ledger */
} print;

static gt_err print_work(const store_tx *tx, void *arg)
{
    print *p = arg;
    return vending_receipt_print(tx, p->order_id, "ann", p->now, &p->out);
}

static gt_err hash_work(const store_tx *tx, void *arg)
{
    print *p = arg;
    store_rows rows = store_rows_open(tx, STMT_EXPORT_ENTRIES, STORE_NO_PARAMS);
    while (store_rows_next(&rows)) {
        if (store_rows_int(&rows, 3) == 1 && store_rows_int(&rows, 6) == p->order_id) {
            const uint8_t *hash = store_rows_value(&rows, 7).data;
            (void)snprintf(p->code, sizeof p->code, "%02X%02X-%02X%02X-%02X", hash[0], hash[1],
                           hash[2], hash[3], hash[4]);
        }
    }
    return store_rows_close(&rows);
}

static void test_prints_are_counted(void **state)
{
    (void)state;
    till t;
    vending_sale_result sale = {0};
    till_open(&t, test_place(STORE_DB_TILL));
    print p = {.order_id = 1, .now = t.now};
    assert_int_equal(direct_store_write(t.store, print_work, &p), GT_ERR_NOT_FOUND);
    assert_int_equal(till_sell(&t, 1, 140950, "key-receipt", &sale), GT_ERR_OK);
    p.order_id = sale.order.id;
    assert_int_equal(direct_store_read(t.store, hash_work, &p), GT_ERR_OK);
    for (uint32_t no = 1; no <= 3; no++) {
        assert_int_equal(direct_store_write(t.store, print_work, &p), GT_ERR_OK);
        assert_int_equal(p.out.print_no, no);
        assert_string_equal(p.out.code, p.code);
        assert_string_equal(p.out.room, "102");
        assert_int_equal(p.out.meter_no, 2);
        assert_int_equal(p.out.order.amount_fen, 140950);
    }
    (void)till_prove(&t);
    till_close(&t);
}

static void test_what_a_template_can_show(void **state)
{
    (void)state;
    const vending_receipt_shop shop = {.station = "Shop", .zone_min = GT_ZONE_CHINA_MIN};
    vending_receipt r = {.order = {.amount_fen = 140950,
                                   .book = "cashier:ann:2026-11-21",
                                   .receipt_no = 7,
                                   .count = 3,
                                   .operator_name = "ann",
                                   .created.ms = 1795237200000},
                         .building = "A",
                         .floor = "1",
                         .room = "102",
                         .customer = "王",
                         .meter_no = 12,
                         .code = "A1B2-C3D4-E5",
                         .print_no = 1,
                         .printed.ms = 1795237260000};
    receipt_values parts[VENDING_RECEIPT_PARTS];
    static const struct {
        receipt_field field;
        const char *text;
    } rows[] = {
        {RECEIPT_FIELD_STATION, "Shop"},
        {RECEIPT_FIELD_PART, "客户 Customer"},
        {RECEIPT_FIELD_COPY, ""},
        {RECEIPT_FIELD_BOOK, "cashier:ann:2026-11-21"},
        {RECEIPT_FIELD_NUMBER, "7"},
        {RECEIPT_FIELD_CODE, "A1B2-C3D4-E5"},
        {RECEIPT_FIELD_TIME, "2026-11-21 13:00:00"},
        {RECEIPT_FIELD_PRINTED, "2026-11-21 13:01:00"},
        {RECEIPT_FIELD_BUILDING, "A"},
        {RECEIPT_FIELD_FLOOR, "1"},
        {RECEIPT_FIELD_ROOM, "102"},
        {RECEIPT_FIELD_CUSTOMER, "王"},
        {RECEIPT_FIELD_METER, "000000000012"},
        {RECEIPT_FIELD_COUNT, "3"},
        {RECEIPT_FIELD_AMOUNT, "1409.50"},
        {RECEIPT_FIELD_CAPITALS, "人民币壹仟肆佰零玖元伍角整"},
        {RECEIPT_FIELD_OPERATOR, "ann"},
    };
    vending_receipt_fill(&r, &shop, parts);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_string_equal(parts[1].field[rows[i].field], rows[i].text);
    }
    assert_string_equal(parts[0].field[RECEIPT_FIELD_PART], "存根 Stub");
    assert_true(strlen(parts[2].field[RECEIPT_FIELD_STATE_ZH]) > 0);
    r.print_no = 3;
    vending_receipt_fill(&r, &shop, parts);
    assert_string_equal(parts[2].field[RECEIPT_FIELD_COPY], "副本 COPY 2");
}

/* A sale whose entry is gone cannot be proven on paper. */
static void test_no_receipt_without_the_ledger(void **state)
{
    (void)state;
    char folder[] = "/tmp/gt-receipt-XXXXXX";
    char path[64];
    till t;
    vending_sale_result sale = {0};
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/till.db", folder);
    till_open(&t, (store_place){.engine = &sqlite_engine, .db = STORE_DB_TILL, .target = path});
    assert_int_equal(till_sell(&t, 0, 5000, "key-receipt", &sale), GT_ERR_OK);
    till_close(&t);
    till_damage(&t, "PRAGMA foreign_keys=OFF; DELETE FROM entry");
    assert_int_equal(till_reopen(&t), GT_ERR_OK);
    print p = {.order_id = sale.order.id, .now = t.now};
    assert_int_equal(direct_store_write(t.store, print_work, &p), GT_ERR_CORRUPT);
    till_close(&t);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_prints_are_counted),
        cmocka_unit_test(test_what_a_template_can_show),
        cmocka_unit_test(test_no_receipt_without_the_ledger),
    };
    return cmocka_run_group_tests_name("vending/receipt", tests, NULL, NULL);
}
