/* Proof from zero. Entries stream out of the database book by book; each is put together again from
 * its rows, hashed, and compared with what was stored. The sums are left to the database, over the
 * postings, never over what is cached. */
#include "vending/proof.h"

#include "domain/ledger.h"

#include <stdio.h>
#include <string.h>

/* Columns of PROOF_ENTRIES. */
enum {
    COL_BOOK_ID,
    COL_BOOK_CODE,
    COL_BOOK_SEQ,
    COL_BOOK_HASH,
    COL_ENTRY_ID,
    COL_SEQ,
    COL_KIND,
    COL_AT,
    COL_KEY,
    COL_ORDER,
    COL_HASH,
    COL_ACCOUNT,
    COL_AMOUNT,
};

/* The entry being put together, and the book it is in. */
typedef struct walk {
    vending_proof *proof;
    int64_t book_id;
    uint64_t head_seq;
    uint8_t head_hash[LEDGER_HASH_LEN];
    ledger_chain chain;
    int64_t entry_id;
    ledger_entry entry;
    uint8_t hash[LEDGER_HASH_LEN];
    bool damaged; /* a row does not have the form of an entry */
} walk;

static void fault(vending_proof *proof, int64_t *counter, const char *words)
{
    (*counter)++;
    if (proof->first[0] == '\0') {
        (void)snprintf(proof->first, sizeof proof->first, "%s", words);
    }
}

static void hash_take(const store_value value, uint8_t out[LEDGER_HASH_LEN])
{
    memset(out, 0, LEDGER_HASH_LEN);
    if (value.type == STORE_BLOB && value.len == LEDGER_HASH_LEN) {
        memcpy(out, value.data, LEDGER_HASH_LEN);
    }
}

static void entry_end(walk *w)
{
    if (w->entry_id == 0) {
        return;
    }
    if (w->damaged || ledger_chain_verify(&w->chain, &w->entry, w->hash) != GT_ERR_OK) {
        char words[VENDING_PROOF_FIRST_MAX];
        (void)snprintf(words, sizeof words, "book %s: entry %llu does not verify", w->entry.book,
                       (unsigned long long)w->entry.seq);
        fault(w->proof, &w->proof->bad_entries, words);
        w->chain.seq = w->entry.seq; /* go on from what is stored: one fault is one fault */
        memcpy(w->chain.hash, w->hash, sizeof w->chain.hash);
    }
    w->entry_id = 0;
}

static void book_end(walk *w)
{
    entry_end(w);
    if (w->book_id != 0 && (w->chain.seq != w->head_seq ||
                            memcmp(w->chain.hash, w->head_hash, LEDGER_HASH_LEN) != 0)) {
        char words[VENDING_PROOF_FIRST_MAX];
        (void)snprintf(words, sizeof words, "book %s: its head is not its last entry",
                       w->entry.book);
        fault(w->proof, &w->proof->bad_books, words);
    }
    w->book_id = 0;
}

static void book_begin(walk *w, const store_rows *rows)
{
    w->book_id = store_rows_int(rows, COL_BOOK_ID);
    w->head_seq = (uint64_t)store_rows_int(rows, COL_BOOK_SEQ);
    hash_take(store_rows_value(rows, COL_BOOK_HASH), w->head_hash);
    w->chain = (ledger_chain){0};
}

static void entry_begin(walk *w, const store_rows *rows)
{
    const int64_t kind = store_rows_int(rows, COL_KIND);
    w->proof->entries++;
    w->entry_id = store_rows_int(rows, COL_ENTRY_ID);
    w->damaged = ledger_entry_text((int)kind) == NULL;
    w->entry = (ledger_entry){.seq = (uint64_t)store_rows_int(rows, COL_SEQ),
                              .kind = w->damaged ? LEDGER_ENTRY_SALE : (ledger_entry_kind)kind,
                              .at.ms = store_rows_int(rows, COL_AT),
                              .order_id = store_rows_int(rows, COL_ORDER)};
    (void)snprintf(w->entry.book, sizeof w->entry.book, "%s", store_rows_text(rows, COL_BOOK_CODE));
    (void)snprintf(w->entry.key, sizeof w->entry.key, "%s", store_rows_text(rows, COL_KEY));
    hash_take(store_rows_value(rows, COL_HASH), w->hash);
}

static void posting_take(walk *w, const store_rows *rows)
{
    ledger_code account = {0};
    if (store_rows_value(rows, COL_ACCOUNT).type != STORE_TEXT) {
        return; /* an entry without postings */
    }
    w->proof->postings++;
    (void)snprintf(account.text, sizeof account.text, "%s", store_rows_text(rows, COL_ACCOUNT));
    if (ledger_entry_post(&w->entry, account, store_rows_int(rows, COL_AMOUNT)) != GT_ERR_OK) {
        w->damaged = true;
    }
}

static gt_err chains_prove(const store_tx *tx, vending_proof *proof)
{
    walk w = {.proof = proof};
    store_rows rows = store_rows_open(tx, STMT_PROOF_ENTRIES, STORE_NO_PARAMS);
    while (store_rows_next(&rows)) {
        if (store_rows_int(&rows, COL_BOOK_ID) != w.book_id) {
            book_end(&w);
            book_begin(&w, &rows);
        }
        if (store_rows_int(&rows, COL_ENTRY_ID) != w.entry_id) {
            entry_end(&w);
            entry_begin(&w, &rows);
        }
        posting_take(&w, &rows);
    }
    book_end(&w);
    return store_rows_close(&rows);
}

/* One row of numbers. */
static gt_err numbers(const store_tx *tx, store_stmt stmt, int64_t *out, size_t count)
{
    store_rows rows = store_rows_open(tx, stmt, STORE_NO_PARAMS);
    const bool found = store_rows_next(&rows);
    for (size_t i = 0; found && i < count; i++) {
        out[i] = store_rows_int(&rows, i);
    }
    GT_TRY(store_rows_close(&rows));
    return found ? GT_ERR_OK : GT_ERR_CORRUPT;
}

static void fault_rows(vending_proof *proof, int64_t found, int64_t *counter, const char *what)
{
    if (found > 0) {
        char words[VENDING_PROOF_FIRST_MAX];
        (void)snprintf(words, sizeof words, "%lld %s", (long long)found, what);
        fault(proof, counter, words);
        *counter = *counter - 1 + found;
    }
}

static gt_err counts_prove(const store_tx *tx, vending_proof *proof)
{
    int64_t books[4] = {0}; /* books, those without their entries, all entries, all postings */
    int64_t found = 0;
    GT_TRY(numbers(tx, STMT_PROOF_BOOKS, books, 4));
    proof->books = books[0];
    fault_rows(proof, books[1], &proof->bad_books, "books lost all their entries");
    if (books[2] != proof->entries || books[3] != proof->postings) {
        fault(proof, &proof->bad_books, "entries or postings stand in no book");
    }
    GT_TRY(numbers(tx, STMT_PROOF_BALANCES, &found, 1));
    fault_rows(proof, found, &proof->bad_balances, "balances differ from their postings");
    GT_TRY(numbers(tx, STMT_PROOF_RECEIPTS, &found, 1));
    fault_rows(proof, found, &proof->bad_receipts, "books have a gap in their receipt numbers");
    GT_TRY(numbers(tx, STMT_PROOF_ORDERS, &found, 1));
    fault_rows(proof, found, &proof->bad_orders, "orders do not match their entries");
    return GT_ERR_OK;
}

static gt_err totals_prove(const store_tx *tx, vending_proof *proof)
{
    int64_t orders[5] = {0};   /* count, paid, delivered, in flight, refundable */
    int64_t balances[5] = {0}; /* cash, customers, in flight, refundable, sum of all */
    GT_TRY(numbers(tx, STMT_PROOF_ORDER_TOTALS, orders, 5));
    GT_TRY(numbers(tx, STMT_PROOF_BALANCE_TOTALS, balances, 5));
    proof->orders = orders[0];
    proof->paid_fen = orders[1];
    proof->delivered_fen = orders[2];
    proof->inflight_fen = orders[3];
    proof->refundable_fen = orders[4];
    for (int i = 0; i < 4; i++) {
        if (orders[i + 1] != balances[i]) {
            fault(proof, &proof->bad_totals, "orders and accounts do not add up to the same");
        }
    }
    if (balances[4] != 0) {
        fault(proof, &proof->bad_totals, "all accounts together are not zero");
    }
    if (proof->paid_fen != proof->delivered_fen + proof->inflight_fen + proof->refundable_fen) {
        fault(proof, &proof->bad_totals, "paid is not delivered, in flight and refundable");
    }
    return GT_ERR_OK;
}

gt_err vending_prove(const store_tx *tx, vending_proof *out)
{
    vending_proof proof = {0};
    GT_TRY(chains_prove(tx, &proof));
    GT_TRY(counts_prove(tx, &proof));
    GT_TRY(totals_prove(tx, &proof));
    *out = proof;
    return GT_ERR_OK;
}

bool vending_proof_sound(const vending_proof *proof)
{
    return proof->bad_entries == 0 && proof->bad_books == 0 && proof->bad_balances == 0 &&
           proof->bad_receipts == 0 && proof->bad_orders == 0 && proof->bad_totals == 0;
}
