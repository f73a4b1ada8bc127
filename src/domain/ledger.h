/**
 * @file ledger.h
 * @brief The ledger's rules: accounts, entries whose postings sum to zero, one hash chain a book.
 *
 * Layer:   domain. Pure: no storage, no clock, no allocation.
 * Units:   amounts in fen, signed, debit positive.
 * A book is one line of entries with its own sequence (1, 2, 3 ...) and its own chain:
 *     hash = SHA-256(hash of the entry before | canonical bytes of the entry)
 * and the first entry follows 32 zero bytes. Nothing is ever changed in a book; a correction is a
 * new entry.
 */
#ifndef GT_DOMAIN_LEDGER_H
#define GT_DOMAIN_LEDGER_H

#include "base/err.h"
#include "base/quantity.h"
#include "base/time.h"
#include "crypto/sha256.h"

#include <stddef.h>
#include <stdint.h>

enum {
    LEDGER_CODE_MAX = 64, /* an account code or a book's code, with terminator */
    LEDGER_KEY_MAX = 80,  /* an idempotency key, with terminator */
    LEDGER_POSTINGS_MAX = 8,
    LEDGER_HASH_LEN = SHA256_LEN,
    LEDGER_BYTES_MAX = 1024, /* canonical bytes of the largest entry */
};

typedef enum ledger_account_kind {
#define ACCOUNT(symbol, name, subject, normal, zh, en) LEDGER_ACCOUNT_##symbol,
#include "domain/account.def"
#undef ACCOUNT
} ledger_account_kind;

enum { LEDGER_ACCOUNT_KINDS = LEDGER_ACCOUNT_REFUNDABLE + 1 };

typedef enum ledger_entry_kind {
#define ENTRY(symbol, code, name, zh, en) LEDGER_ENTRY_##symbol = (code),
#include "domain/entry.def"
#undef ENTRY
} ledger_entry_kind;

enum { LEDGER_ENTRY_KIND_MIN = LEDGER_ENTRY_SALE, LEDGER_ENTRY_KIND_MAX = LEDGER_ENTRY_REVERSE };

typedef struct ledger_text {
    const char *name; /* as stored */
    const char *zh;
    const char *en;
} ledger_text;

const ledger_text *ledger_account_text(ledger_account_kind kind);
/** @return NULL when @p kind is no row of entry.def */
const ledger_text *ledger_entry_text(int kind);

/** An account's code, e.g. "customer:17". */
typedef struct ledger_code {
    char text[LEDGER_CODE_MAX];
} ledger_code;

/** "inflight". The kind must have no subject. */
ledger_code ledger_code_of(ledger_account_kind kind);
/** "customer:17", "refundable:17". */
ledger_code ledger_code_of_room(ledger_account_kind kind, int64_t room_id);
/**
 * "cash:ann".
 * @return SYNTAX an operator's name that is empty, too long (32 bytes), or holds a colon or a
 *         control character
 */
GT_CHECKED gt_err ledger_code_of_operator(ledger_account_kind kind, const char *operator_name,
                                          ledger_code *out);
/** Which kind a stored code is. @return UNKNOWN when it is none of the chart */
GT_CHECKED gt_err ledger_code_kind(const char *code, ledger_account_kind *out);

typedef struct ledger_posting {
    ledger_code account;
    int64_t amount_fen; /* debit > 0, credit < 0, never 0 */
} ledger_posting;

typedef struct ledger_entry {
    char book[LEDGER_CODE_MAX];
    uint64_t seq; /* place in the book, from 1 */
    ledger_entry_kind kind;
    gt_utc at;
    char key[LEDGER_KEY_MAX]; /* idempotency key: one key, one entry */
    int64_t order_id;         /* credit order it belongs to, 0 when none */
    uint8_t posting_count;
    ledger_posting posting[LEDGER_POSTINGS_MAX];
} ledger_entry;

/** Add one posting. @return SPACE when the entry is full */
GT_CHECKED gt_err ledger_entry_post(ledger_entry *entry, ledger_code account, int64_t amount_fen);

/**
 * @return MALFORMED  no book, no key, no sequence, an unknown kind, fewer than two postings, a zero
 *                    amount, or an account outside the chart
 *         MISMATCH   the postings do not sum to zero
 *         RANGE      their sum overflows
 */
GT_CHECKED gt_err ledger_entry_check(const ledger_entry *entry);

/** The bytes that are hashed; one encoding per entry. @return SPACE when @p cap is too small */
GT_CHECKED gt_err ledger_entry_bytes(const ledger_entry *entry, uint8_t *buf, size_t cap,
                                     size_t *out_len);

/** Where a book stands: its last sequence and hash. Zeroed for a new book. */
typedef struct ledger_chain {
    uint64_t seq;
    uint8_t hash[LEDGER_HASH_LEN];
} ledger_chain;

/**
 * Check the entry and move the chain over it. The entry's seq must be the next one.
 *
 * @return as ledger_entry_check; CONFLICT when seq is not chain->seq + 1. The chain moves only on
 *         success.
 */
GT_CHECKED gt_err ledger_chain_append(ledger_chain *chain, const ledger_entry *entry);

/**
 * The same over an entry read back from a store, with the hash stored beside it.
 *
 * @return CORRUPT whatever is wrong with it
 */
GT_CHECKED gt_err ledger_chain_verify(ledger_chain *chain, const ledger_entry *entry,
                                      const uint8_t stored_hash[LEDGER_HASH_LEN]);

#endif
