/* Entries that must not pass, the canonical bytes, and a chain that notices every change. */
#include "domain/ledger.h"

#include "base/hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static ledger_entry sale(uint64_t seq)
{
    ledger_entry e = {.book = "cashier:ann:2026-11-21",
                      .seq = seq,
                      .kind = LEDGER_ENTRY_SALE,
                      .at.ms = 1795237200000,
                      .order_id = 7};
    ledger_code cash = {0};
    (void)snprintf(e.key, sizeof e.key, "sale:key-%u", (unsigned)seq);
    assert_int_equal(ledger_code_of_operator(LEDGER_ACCOUNT_CASH, "ann", &cash), GT_ERR_OK);
    assert_int_equal(ledger_entry_post(&e, cash, 5000), GT_ERR_OK);
    assert_int_equal(ledger_entry_post(&e, ledger_code_of(LEDGER_ACCOUNT_INFLIGHT), -5000),
                     GT_ERR_OK);
    return e;
}

static void test_codes(void **state)
{
    (void)state;
    static const struct {
        const char *code;
        gt_err err;
        ledger_account_kind kind;
    } rows[] = {
        {"cash:ann", GT_ERR_OK, LEDGER_ACCOUNT_CASH},
        {"inflight", GT_ERR_OK, LEDGER_ACCOUNT_INFLIGHT},
        {"customer:17", GT_ERR_OK, LEDGER_ACCOUNT_CUSTOMER},
        {"refundable:17", GT_ERR_OK, LEDGER_ACCOUNT_REFUNDABLE},
        {"", GT_ERR_UNKNOWN, 0},
        {"cash", GT_ERR_UNKNOWN, 0},
        {"cash:", GT_ERR_UNKNOWN, 0},
        {":ann", GT_ERR_UNKNOWN, 0},
        {"inflight:", GT_ERR_UNKNOWN, 0},
        {"inflight:3", GT_ERR_UNKNOWN, 0},
        {"cashier:ann", GT_ERR_UNKNOWN, 0},
        {"Customer:17", GT_ERR_UNKNOWN, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ledger_account_kind kind = 0;
        assert_int_equal(ledger_code_kind(rows[i].code, &kind), rows[i].err);
        assert_int_equal(kind, rows[i].kind);
    }
    assert_string_equal(ledger_code_of_room(LEDGER_ACCOUNT_REFUNDABLE, 17).text, "refundable:17");
    for (int kind = 0; kind < LEDGER_ACCOUNT_KINDS; kind++) {
        assert_true(ledger_account_text((ledger_account_kind)kind)->zh[0] != '\0');
    }
}

static void test_operator_names(void **state)
{
    (void)state;
    static const char *const bad[] = {"",    "a:b",  "a b",
                                      "a\n", "\x7f", "123456789012345678901234567890123"};
    ledger_code code = {.text = "untouched"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(ledger_code_of_operator(LEDGER_ACCOUNT_CASH, bad[i], &code),
                         GT_ERR_SYNTAX);
    }
    assert_string_equal(code.text, "untouched");
    assert_int_equal(
        ledger_code_of_operator(LEDGER_ACCOUNT_CASH, "\xE5\xBC\xA0\xE4\xB8\x89", &code), GT_ERR_OK);
}

static void break_book(ledger_entry *e)
{
    e->book[0] = '\0';
}
static void break_key(ledger_entry *e)
{
    e->key[0] = '\0';
}
static void break_seq(ledger_entry *e)
{
    e->seq = 0;
}
static void break_kind(ledger_entry *e)
{
    e->kind = (ledger_entry_kind)99;
}
static void break_one(ledger_entry *e)
{
    e->posting_count = 1;
}
static void break_many(ledger_entry *e)
{
    e->posting_count = LEDGER_POSTINGS_MAX + 1;
}
static void break_zero(ledger_entry *e)
{
    e->posting[0].amount_fen = 0;
    e->posting[1].amount_fen = 0;
}
static void break_account(ledger_entry *e)
{
    e->posting[0].account.text[0] = 'x';
}
static void break_sum(ledger_entry *e)
{
    e->posting[0].amount_fen++;
}
static void break_overflow(ledger_entry *e)
{
    e->posting[0].amount_fen = INT64_MAX;
    e->posting[1].amount_fen = 1;
}

static void test_bad_entries(void **state)
{
    (void)state;
    static const struct {
        void (*change)(ledger_entry *e);
        gt_err want;
    } rows[] = {
        {break_book, GT_ERR_MALFORMED}, {break_key, GT_ERR_MALFORMED},
        {break_seq, GT_ERR_MALFORMED},  {break_kind, GT_ERR_MALFORMED},
        {break_one, GT_ERR_MALFORMED},  {break_many, GT_ERR_MALFORMED},
        {break_zero, GT_ERR_MALFORMED}, {break_account, GT_ERR_MALFORMED},
        {break_sum, GT_ERR_MISMATCH},   {break_overflow, GT_ERR_RANGE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ledger_entry e = sale(1);
        ledger_chain chain = {0};
        rows[i].change(&e);
        assert_int_equal(ledger_chain_append(&chain, &e), rows[i].want);
        assert_int_equal(chain.seq, 0);
    }
    ledger_entry full = sale(1);
    while (full.posting_count < LEDGER_POSTINGS_MAX) {
        assert_int_equal(ledger_entry_post(&full, full.posting[0].account, 1), GT_ERR_OK);
    }
    assert_int_equal(ledger_entry_post(&full, full.posting[0].account, 1), GT_ERR_SPACE);
}

/* The bytes are a promise: a ledger written today must verify with every later program. */
static void test_bytes_and_hash(void **state)
{
    (void)state;
    uint8_t bytes[LEDGER_BYTES_MAX];
    size_t len = 0;
    char hex[2 * LEDGER_BYTES_MAX + 1];
    const ledger_entry e = sale(1);
    assert_int_equal(ledger_entry_bytes(&e, bytes, sizeof bytes, &len), GT_ERR_OK);
    gt_hex_format(bytes, len, hex, sizeof hex);
    assert_string_equal(hex, "01"
                             "16636173686965723a616e6e3a323032362d31312d3231" /* book */
                             "0000000000000001"                               /* sequence */
                             "01"                                             /* sale */
                             "000001a1fc79c080"                               /* at */
                             "0a73616c653a6b65792d31"                         /* key */
                             "0000000000000007"                               /* order */
                             "02"
                             "08636173683a616e6e"
                             "0000000000001388"
                             "08696e666c69676874"
                             "ffffffffffffec78");
    uint8_t chained[LEDGER_HASH_LEN + LEDGER_BYTES_MAX] = {0};
    uint8_t hash[LEDGER_HASH_LEN];
    ledger_chain chain = {0};
    memcpy(chained + LEDGER_HASH_LEN, bytes, len);
    sha256_of(chained, LEDGER_HASH_LEN + len, hash);
    assert_int_equal(ledger_chain_append(&chain, &e), GT_ERR_OK);
    assert_memory_equal(chain.hash, hash, LEDGER_HASH_LEN);
    assert_int_equal(ledger_entry_bytes(&e, bytes, len - 1, &len), GT_ERR_SPACE);
}

enum { CHAIN_LEN = 6 };

static void chain_of(ledger_entry entries[CHAIN_LEN], uint8_t hashes[CHAIN_LEN][LEDGER_HASH_LEN])
{
    ledger_chain chain = {0};
    for (uint64_t i = 0; i < CHAIN_LEN; i++) {
        entries[i] = sale(i + 1);
        assert_int_equal(ledger_chain_append(&chain, &entries[i]), GT_ERR_OK);
        memcpy(hashes[i], chain.hash, LEDGER_HASH_LEN);
    }
}

static bool verifies(const ledger_entry entries[CHAIN_LEN],
                     uint8_t hashes[CHAIN_LEN][LEDGER_HASH_LEN])
{
    ledger_chain chain = {0};
    bool ok = true;
    for (size_t i = 0; ok && i < CHAIN_LEN; i++) {
        ok = ledger_chain_verify(&chain, &entries[i], hashes[i]) == GT_ERR_OK;
    }
    return ok;
}

static void test_chain_notices_every_change(void **state)
{
    (void)state;
    ledger_entry entries[CHAIN_LEN];
    uint8_t hashes[CHAIN_LEN][LEDGER_HASH_LEN];
    for (size_t i = 0; i < CHAIN_LEN; i++) {
        for (int what = 0; what < 8; what++) {
            chain_of(entries, hashes);
            assert_true(verifies(entries, hashes));
            ledger_entry *e = &entries[i];
            switch (what) {
            case 0:
                e->posting[0].amount_fen++;
                e->posting[1].amount_fen--;
                break;
            case 1:
                e->at.ms++;
                break;
            case 2:
                e->order_id++;
                break;
            case 3:
                e->key[5]++;
                break;
            case 4:
                e->kind = LEDGER_ENTRY_CONFIRM;
                break;
            case 5:
                e->posting[0].account.text[5]++;
                break;
            case 6:
                hashes[i][31] ^= 1;
                break;
            default: /* an entry taken out and the next one renumbered */
                *e = entries[(i + 1) % CHAIN_LEN];
                e->seq = i + 1;
                break;
            }
            assert_false(verifies(entries, hashes));
        }
    }
    ledger_chain chain = {0};
    const ledger_entry second = sale(2);
    assert_int_equal(ledger_chain_append(&chain, &second), GT_ERR_CONFLICT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_codes),
        cmocka_unit_test(test_operator_names),
        cmocka_unit_test(test_bad_entries),
        cmocka_unit_test(test_bytes_and_hash),
        cmocka_unit_test(test_chain_notices_every_change),
    };
    return cmocka_run_group_tests_name("domain/ledger", tests, NULL, NULL);
}
