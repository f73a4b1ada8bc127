/* Books: appending an entry writes the entry, its postings, the cached balances and the book's new
 * head in the caller's transaction, so none of them can be there without the others. */
#include "vending/vending_priv.h"

#include <stdio.h>
#include <string.h>

gt_err vending_date(gt_utc now, char out[VENDING_DATE_MAX])
{
    gt_civil civil = {0};
    GT_TRY(gt_civil_of_utc(now, GT_ZONE_CHINA_MIN, &civil));
    (void)snprintf(out, VENDING_DATE_MAX, "%04u-%02u-%02u", (unsigned)civil.year % 10000U,
                   civil.month % 100U, civil.day % 100U);
    return GT_ERR_OK;
}

gt_err vending_book_open(const store_tx *tx, const char *code, gt_utc now, vending_book *out)
{
    vending_book book = {0};
    (void)snprintf(book.code, sizeof book.code, "%s", code);
    store_rows rows =
        store_rows_open(tx, STMT_VENDING_BOOK_FIND, STORE_PARAMS(store_text(book.code)));
    bool corrupt = false;
    if (store_rows_next(&rows)) {
        const store_value hash = store_rows_value(&rows, 2);
        corrupt = hash.type != STORE_BLOB || hash.len != LEDGER_HASH_LEN;
        book.id = store_rows_int(&rows, 0);
        book.chain.seq = (uint64_t)store_rows_int(&rows, 1);
        book.receipt_no = (uint32_t)store_rows_int(&rows, 3);
        if (!corrupt) {
            memcpy(book.chain.hash, hash.data, LEDGER_HASH_LEN);
        }
    }
    GT_TRY(store_rows_close(&rows));
    if (corrupt) {
        return GT_ERR_CORRUPT;
    }
    if (book.id == 0) {
        GT_TRY(store_find_int(tx, STMT_VENDING_BOOK_ADD,
                              STORE_PARAMS(store_text(book.code), store_int(now.ms),
                                           store_blob(book.chain.hash, LEDGER_HASH_LEN)),
                              &book.id));
    }
    *out = book;
    return GT_ERR_OK;
}

static gt_err postings_add(const store_tx *tx, int64_t entry_id, const ledger_entry *entry)
{
    for (size_t i = 0; i < entry->posting_count; i++) {
        const store_value account = store_text(entry->posting[i].account.text);
        const store_value amount = store_int(entry->posting[i].amount_fen);
        GT_TRY(store_run(
            tx, STMT_VENDING_POSTING_ADD,
            STORE_PARAMS(store_int(entry_id), store_int((int64_t)i + 1), account, amount), NULL));
        GT_TRY(store_run(tx, STMT_VENDING_BALANCE_MOVE, STORE_PARAMS(account, amount), NULL));
    }
    return GT_ERR_OK;
}

gt_err vending_book_append(const store_tx *tx, vending_book *book, ledger_entry *entry)
{
    (void)snprintf(entry->book, sizeof entry->book, "%s", book->code);
    entry->seq = book->chain.seq + 1;
    GT_TRY(ledger_chain_append(&book->chain, entry));
    const store_value hash = store_blob(book->chain.hash, LEDGER_HASH_LEN);
    const store_value seq = store_int((int64_t)book->chain.seq);
    int64_t entry_id = 0;
    GT_TRY(store_find_int(tx, STMT_VENDING_ENTRY_ADD,
                          STORE_PARAMS(store_int(book->id), seq, store_int((int64_t)entry->kind),
                                       store_int(entry->at.ms), store_text(entry->key),
                                       store_int(entry->order_id), hash),
                          &entry_id));
    GT_TRY(postings_add(tx, entry_id, entry));
    return store_run(tx, STMT_VENDING_BOOK_MOVE,
                     STORE_PARAMS(store_int(book->id), seq, hash, store_int(book->receipt_no)),
                     NULL);
}
