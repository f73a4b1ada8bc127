/* Every kind of damage to a ledger is found, each by the counter that is meant for it. */
#include "till.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

typedef enum counter { ENTRIES, BOOKS, BALANCES, RECEIPTS, ORDERS, TOTALS } counter;

static int64_t counted(const vending_proof *proof, counter which)
{
    switch (which) {
    case ENTRIES:
        return proof->bad_entries;
    case BOOKS:
        return proof->bad_books;
    case BALANCES:
        return proof->bad_balances;
    case RECEIPTS:
        return proof->bad_receipts;
    case ORDERS:
        return proof->bad_orders;
    case TOTALS:
        return proof->bad_totals;
    }
    return 0;
}

static gt_err prove_work(const store_tx *tx, void *arg)
{
    return vending_prove(tx, arg);
}

/* Three sales: delivered, refused, on its way. */
static void shop_fill(till *t)
{
    vending_sale_result sale = {0};
    vending_order order = {0};
    static const vending_answer answers[2] = {
        {.kind = VENDING_ANSWER_OK}, {.kind = VENDING_ANSWER_REFUSED, .reason_word = 0x40}};
    for (int i = 0; i < 3; i++) {
        char key[16];
        (void)snprintf(key, sizeof key, "key-fill-%d", i);
        assert_int_equal(till_sell(t, i, 1000 * (i + 1), key, &sale), GT_ERR_OK);
        assert_int_equal(till_sent(t, sale.order.id, &order), GT_ERR_OK);
        if (i < 2) {
            assert_int_equal(till_answered(t, sale.order.id, answers[i], &order), GT_ERR_OK);
        }
    }
}

/* A database that was closed is one file. */
static void copy_file(const char *from, const char *to)
{
    static char bytes[1 << 20];
    FILE *in = fopen(from, "rb");
    FILE *out = fopen(to, "wb");
    assert_true(in != NULL && out != NULL);
    const size_t len = fread(bytes, 1, sizeof bytes, in);
    assert_true(len > 0 && len < sizeof bytes);
    assert_int_equal(fwrite(bytes, 1, len, out), len);
    assert_int_equal(fclose(in) | fclose(out), 0);
}

static void test_every_damage_is_found(void **state)
{
    (void)state;
    static const struct {
        const char *sql;
        counter found_by;
    } rows[] = {
        {"UPDATE posting SET amount_fen = amount_fen + 1 WHERE entry_id = 1 AND line = 1", ENTRIES},
        {"UPDATE posting SET amount_fen = amount_fen * 2 WHERE entry_id = 1", ENTRIES},
        {"UPDATE posting SET account = 'customer:2' WHERE account = 'customer:1'", ENTRIES},
        {"UPDATE posting SET account = 'pocket:1' WHERE account = 'customer:1'", ENTRIES},
        {"DELETE FROM posting WHERE entry_id = 2 AND line = 2", ENTRIES},
        {"DELETE FROM posting WHERE entry_id = 1", ENTRIES},
        {"INSERT INTO posting VALUES (1, 3, 'inflight', 5)", ENTRIES},
        {"UPDATE entry SET at_ms = at_ms - 86400000 WHERE id = 1", ENTRIES},
        {"UPDATE entry SET kind = 4 WHERE kind = 3", ENTRIES},
        {"UPDATE entry SET kind = 77 WHERE kind = 3", ENTRIES},
        {"UPDATE entry SET idem_key = 'sale:other' WHERE id = 1", ENTRIES},
        {"UPDATE entry SET hash = zeroblob(32) WHERE id = 1", ENTRIES},
        {"DELETE FROM entry WHERE id = 1", ENTRIES},
        {"DELETE FROM entry WHERE id = (SELECT MAX(id) FROM entry)", BOOKS}, /* the tail cut off */
        {"UPDATE book SET last_hash = zeroblob(32) WHERE id = 1", BOOKS},
        {"UPDATE book SET last_seq = last_seq + 1 WHERE id = 2", BOOKS},
        {"DELETE FROM entry WHERE book_id = 2", BOOKS},
        {"DELETE FROM book WHERE id = 2", BOOKS}, /* its entries stand in no book */
        {"INSERT INTO entry SELECT 99, 77, 1, 2, 0, 'x', 3, zeroblob(32)", BOOKS},
        {"INSERT INTO posting VALUES (99, 1, 'customer:1', 9), (99, 2, 'customer:3', -9);"
         "UPDATE balance SET fen = fen + 9 WHERE account = 'customer:1';"
         "INSERT INTO balance VALUES ('customer:3', -9)",
         BOOKS}, /* from one customer to another, behind the chains' back */
        {"UPDATE balance SET fen = fen - 1 WHERE account = 'inflight'", BALANCES},
        {"DELETE FROM balance WHERE account = 'customer:1'", BALANCES},
        {"INSERT INTO balance VALUES ('customer:99', -100)", BALANCES},
        {"UPDATE book SET last_receipt = 4 WHERE id = 1", RECEIPTS},
        {"UPDATE credit_order SET receipt_no = 9 WHERE receipt_no = 3", RECEIPTS},
        {"DELETE FROM credit_order WHERE receipt_no = 1", RECEIPTS},
        {"UPDATE credit_order SET amount_fen = 999 WHERE id = 1", ORDERS},
        {"UPDATE credit_order SET state = 'refused' WHERE id = 1", ORDERS},
        {"UPDATE credit_order SET state = 'confirmed' WHERE id = 3", ORDERS},
        {"UPDATE credit_order SET room_id = 2 WHERE id = 1", ORDERS},
        {"UPDATE credit_order SET operator = 'bob' WHERE id = 2", ORDERS},
        {"UPDATE credit_order SET amount_fen = 999 WHERE id = 3", TOTALS},
        {"UPDATE balance SET fen = fen - 1 WHERE account = 'cash:ann'", TOTALS},
    };
    char folder[] = "/tmp/gt-proof-XXXXXX";
    char sound[64];
    char damaged[64];
    till t;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(sound, sizeof sound, "%s/sound.db", folder);
    (void)snprintf(damaged, sizeof damaged, "%s/damaged.db", folder);
    till_open(&t, (store_place){.engine = &sqlite_engine, .db = STORE_DB_TILL, .target = sound});
    shop_fill(&t);
    (void)till_prove(&t);
    till_close(&t);
    t.place.target = damaged;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        vending_proof proof = {0};
        copy_file(sound, damaged);
        till_damage(&t, rows[i].sql);
        assert_int_equal(till_reopen(&t), GT_ERR_OK);
        assert_int_equal(direct_store_read(t.store, prove_work, &proof), GT_ERR_OK);
        if (vending_proof_sound(&proof) || counted(&proof, rows[i].found_by) == 0 ||
            proof.first[0] == '\0') {
            fail_msg("not found: %s (first: %s)", rows[i].sql, proof.first);
        }
        till_close(&t);
        assert_int_equal(unlink(damaged), 0);
    }
    assert_int_equal(unlink(sound), 0);
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_damage_is_found)};
    return cmocka_run_group_tests_name("vending/proof", tests, NULL, NULL);
}
