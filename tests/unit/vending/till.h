/**
 * @file till.h
 * @brief A small shop for tests: a real till database, three meters, and calls that return
 * outcomes.
 */
#ifndef GT_TESTS_VENDING_TILL_H
#define GT_TESTS_VENDING_TILL_H

#include "adapter/store/direct_store.h"
#include "registry/registry.h"
#include "test_place.h"
#include "vending/command.h"
#include "vending/order.h"
#include "vending/proof.h"

enum { TILL_METERS = 6 };

typedef struct till {
    store_place place;
    direct_store *store;
    int64_t meter[TILL_METERS];
    int64_t room[TILL_METERS];
    int64_t terminal;
    gt_utc now;
} till;

/** Open and migrate only. */
gt_err till_reopen(till *t);
/** Open, import six meters on one terminal, learn purchase counts 0. */
void till_open(till *t, store_place place);
void till_close(till *t);

/** amount_fen sold to meter @p index by "ann" at t->now. */
gt_err till_sell(till *t, int index, int64_t amount_fen, const char *key, vending_sale_result *out);
gt_err till_sale(till *t, const vending_sale_request *request, vending_sale_result *out);
gt_err till_sent(till *t, int64_t order, vending_order *out);
gt_err till_answered(till *t, int64_t order, vending_answer answer, vending_order *out);
gt_err till_readback(till *t, int64_t order, order_readback seen, vending_readback_result *out);
gt_err till_reverse(till *t, int64_t order, vending_order *out);
gt_err till_milestone(till *t, int64_t order, vending_step step);
gt_err till_recover(till *t, uint32_t *out_orders);
gt_err till_find(till *t, int64_t order, vending_order *out);
gt_err till_find_key(till *t, const char *key, vending_order *out);
gt_err till_seen(till *t, const vending_seen *seen, bool *out_changed);
/** "paid booked sent ..." */
void till_timeline(till *t, int64_t order, char *out, size_t cap);
gt_err till_waiting(till *t, vending_command *out, size_t cap, size_t *out_count);
gt_err till_meter(till *t, int index, registry_meter *out);
/** Fails the test when the ledger is not sound. */
vending_proof till_prove(till *t);
/** Runs SQL that no program has: for damaging a ledger. */
void till_damage(till *t, const char *sql);

#endif
