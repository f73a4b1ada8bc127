/**
 * @file vending_priv.h
 * @brief What the files of vending share: books, timeline, log of acts, moving an order.
 *
 * Layer:   service, internal to vending.
 */
#ifndef GT_VENDING_VENDING_PRIV_H
#define GT_VENDING_VENDING_PRIV_H

#include "domain/ledger.h"
#include "vending/command.h"
#include "vending/order.h"

/* book.c */

typedef struct vending_book {
    int64_t id;
    char code[LEDGER_CODE_MAX];
    ledger_chain chain;
    uint32_t receipt_no; /* last one given out */
} vending_book;

/** The book of that code; made when absent. */
GT_CHECKED gt_err vending_book_open(const store_tx *tx, const char *code, gt_utc now,
                                    vending_book *out);
/**
 * Append an entry (kind, at, key, order_id and postings given; book and sequence are set here) with
 * its postings, move the cached balances, keep the book's head and receipt number.
 */
GT_CHECKED gt_err vending_book_append(const store_tx *tx, vending_book *book, ledger_entry *entry);

enum { VENDING_DATE_MAX = 11 };
/** "2026-11-21": the civil day in China that stands in books' names. @return RANGE outside
 * 1970..2099 */
GT_CHECKED gt_err vending_date(gt_utc now, char out[VENDING_DATE_MAX]);

/* timeline.c */

/** Add a step; one that may be there once only and is there already stays as it is. */
GT_CHECKED gt_err vending_step_add(const store_tx *tx, int64_t order_id, vending_step step,
                                   gt_utc now, const char *detail);

typedef struct vending_ticket {
    int64_t meter_id;
    int64_t order_id; /* 0: none */
    const char *kind;
    const char *detail;
} vending_ticket;

GT_CHECKED gt_err vending_ticket_add(const store_tx *tx, const vending_ticket *ticket, gt_utc now);

typedef struct vending_act_row {
    const char *actor;
    const char *act;
    const char *object; /* "order:12", "meter:3" */
    const char *detail;
} vending_act_row;

GT_CHECKED gt_err vending_audit_add(const store_tx *tx, const vending_act_row *row, gt_utc now);

/** The actor of what the station does by itself. */
#define VENDING_ACTOR_SYSTEM "system"

/* order.c */

/**
 * Apply one event to an order: state, postings, timeline, outbox, ticket. An event that the
 * machine has no row for changes nothing.
 *
 * @param detail words for the timeline
 */
GT_CHECKED gt_err vending_order_apply(const store_tx *tx, vending_order *order, order_event event,
                                      gt_utc now, const char *detail);

/* command.c */

/** Put the credit command of a new order into the outbox. */
GT_CHECKED gt_err vending_command_credit(const store_tx *tx, vending_order *order);
/** Let the credit command follow its order's state. */
GT_CHECKED gt_err vending_command_follow(const store_tx *tx, const vending_order *order);

#endif
