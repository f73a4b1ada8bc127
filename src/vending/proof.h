/**
 * @file proof.h
 * @brief Prove the money: rebuild every balance from zero and verify every chain, sum and receipt.
 *
 * Layer:   service. Reads only: the body of gt_store.read on the till database.
 */
#ifndef GT_VENDING_PROOF_H
#define GT_VENDING_PROOF_H

#include "base/err.h"
#include "port/store.h"

#include <stdbool.h>
#include <stdint.h>

enum { VENDING_PROOF_FIRST_MAX = 160 };

typedef struct vending_proof {
    int64_t books;
    int64_t entries;
    int64_t postings;
    int64_t orders;
    int64_t paid_fen;       /* all sales */
    int64_t delivered_fen;  /* confirmed orders */
    int64_t inflight_fen;   /* open orders */
    int64_t refundable_fen; /* refused and reversed orders */
    /* faults; all 0 in a sound ledger */
    int64_t bad_entries;  /* hash, sequence, sum or form */
    int64_t bad_books;    /* head differs from its last entry; entries or postings in no book */
    int64_t bad_balances; /* cached balance differs from the sum of its postings */
    int64_t bad_receipts; /* books whose receipt numbers are not 1..n */
    int64_t bad_orders;   /* orders whose entries do not match their state and amount */
    int64_t bad_totals;   /* paid = delivered + in flight + refundable, in orders and in accounts */
    char first[VENDING_PROOF_FIRST_MAX]; /* the first fault in words; empty when none */
} vending_proof;

/** @return a store error; faults found are in @p out, not in the return */
GT_CHECKED gt_err vending_prove(const store_tx *tx, vending_proof *out);
bool vending_proof_sound(const vending_proof *proof);

#endif
