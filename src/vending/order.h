/**
 * @file order.h
 * @brief Sales and credit orders: money in, order out, every step once, whatever crashes.
 *
 * Layer:   service. Every function is the body of a transaction on the till database: call it
 *          inside gt_store.submit, tell the outcome only from done. All may run again.
 * Money:   sale     cash:<operator> -> inflight          book cashier:<operator>:<yyyy-mm-dd>
 *          confirm  inflight -> customer:<room>          book delivery:<yyyy-mm-dd>
 *          refuse   inflight -> refundable:<room>        the same
 * Who sends: `sent` is durable before the first byte goes out; `unknown` is only ever read back.
 */
#ifndef GT_VENDING_ORDER_H
#define GT_VENDING_ORDER_H

#include "base/err.h"
#include "base/time.h"
#include "domain/ledger.h"
#include "domain/order.h"
#include "port/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    VENDING_KEY_MAX = 65,      /* a caller's idempotency key, with terminator; at least 8 chars */
    VENDING_OPERATOR_MAX = 33, /* with terminator */
    VENDING_DETAIL_MAX = 96,
};

typedef enum vending_sale_reason {
#define SALE(symbol, name, zh, en) VENDING_SALE_##symbol,
#include "vending/sale_reason.def"
#undef SALE
} vending_sale_reason;

const char *vending_sale_reason_name(vending_sale_reason reason);
const char *vending_sale_reason_zh(vending_sale_reason reason);
const char *vending_sale_reason_en(vending_sale_reason reason);

typedef enum vending_step {
#define STEP(symbol, name, once, zh, en) VENDING_STEP_##symbol,
#include "vending/order_step.def"
#undef STEP
} vending_step;

const char *vending_step_name(vending_step step);
const char *vending_step_zh(vending_step step);
const char *vending_step_en(vending_step step);

typedef struct vending_order {
    int64_t id;
    char key[VENDING_KEY_MAX];
    int64_t meter_id;
    int64_t room_id;
    int64_t amount_fen;
    uint32_t count; /* n+1: the purchase count the meter must show afterwards */
    order_state state;
    uint16_t sends;
    bool fenced; /* a reversal was asked for */
    char book[LEDGER_CODE_MAX];
    uint32_t receipt_no; /* 1, 2, 3 ... within the book */
    char operator_name[VENDING_OPERATOR_MAX];
    gt_utc created;
    gt_utc updated;
    uint16_t reason_word; /* of a refusal */
    int64_t command_id;   /* its row in the outbox */
} vending_order;

typedef struct vending_limits {
    int64_t amount_min_fen;
    int64_t amount_max_fen;
    int64_t hoarding_fen; /* balance after the sale must not pass it; 0: no limit */
} vending_limits;

/** 0.01 to 100,000.00 yuan, no hoarding limit, China. */
vending_limits vending_limits_default(void);

typedef struct vending_sale_request {
    const char *key; /* made and kept by whoever starts the sale: same key, same sale */
    int64_t meter_id;
    int64_t amount_fen;
    const char *operator_name;
    bool balance_known; /* last balance read from the meter */
    int64_t balance_fen;
    gt_utc now;
    vending_limits limits;
} vending_sale_request;

typedef struct vending_sale_result {
    bool replayed;              /* this key was sold before: order is that sale */
    vending_order order;        /* on CONFLICT by ORDER_OPEN or KEY_REUSED: the order in the way */
    vending_sale_reason reason; /* why not; NONE on success */
} vending_sale_result;

/**
 * Take money and book the order with its outbox command, all or nothing.
 *
 * @return RANGE AMOUNT, HOARDING; SYNTAX KEY, OPERATOR; NOT_FOUND NO_METER;
 *         CONFLICT KEY_REUSED, NOT_OPEN, ORDER_OPEN, COUNT_UNKNOWN; or a store error
 * @param out written on success and on those refusals
 */
GT_CHECKED gt_err vending_sale(const store_tx *tx, const vending_sale_request *request,
                               vending_sale_result *out);

/** By id, or by the key it was sold with. @return NOT_FOUND */
GT_CHECKED gt_err vending_order_find(const store_tx *tx, int64_t order_id, vending_order *out);
GT_CHECKED gt_err vending_order_find_key(const store_tx *tx, const char *key, vending_order *out);
/** The meter's order that is not settled yet. @return NOT_FOUND when there is none */
GT_CHECKED gt_err vending_order_open_of(const store_tx *tx, int64_t meter_id, vending_order *out);
typedef struct vending_order_query {
    int64_t meter_id;  /* 0: of all meters */
    int64_t before_id; /* 0: from the newest */
} vending_order_query;
/** Newest first. */
/** Newest first, of one meter (0: all), below before_id (0: from the newest). */
GT_CHECKED gt_err vending_order_list(const store_tx *tx, const vending_order_query *query,
                                     vending_order *out, size_t cap, size_t *out_count);

/* All of the following load the order, move it by domain/order.def, and give it back as it is now.
 * A call that says what is already so changes nothing and succeeds. NOT_FOUND: no such order. */

/**
 * About to send. Send only when this is durable and out->state is sent.
 * @return CONFLICT the order must not be sent now: read it back (unknown), or it is settled
 */
GT_CHECKED gt_err vending_order_sent(const store_tx *tx, int64_t order_id, gt_utc now,
                                     vending_order *out);

typedef enum vending_answer_kind {
    VENDING_ANSWER_OK,      /* the meter accepted the write */
    VENDING_ANSWER_REFUSED, /* the meter refused it; reason_word says why */
    VENDING_ANSWER_NONE,    /* time-out, broken link, box refused, answer made no sense */
} vending_answer_kind;

typedef struct vending_answer {
    vending_answer_kind kind;
    uint16_t reason_word; /* last_result of the meter, domain/refusal.def; 0 when it gave none */
} vending_answer;

/** An answer that comes when the order is no longer `sent` is ignored: read-back decides. */
GT_CHECKED gt_err vending_order_answered(const store_tx *tx, int64_t order_id,
                                         const vending_answer *answer, gt_utc now,
                                         vending_order *out);

typedef struct vending_readback_result {
    vending_order order;
    bool resend;      /* order is `sent` again, durably: send the same bytes (same count) now */
    bool need_amount; /* count is n+1: read the last purchase amount and call again */
} vending_readback_result;

/** What the meter shows, for an order in `unknown`; on any other state nothing changes. */
GT_CHECKED gt_err vending_order_readback(const store_tx *tx, int64_t order_id,
                                         const order_readback *seen, gt_utc now,
                                         vending_readback_result *out);

/** A step seen on the meter: VENDING_STEP_RELAY_CLOSED, VENDING_STEP_VOLTAGE_SEEN. Once each. */
GT_CHECKED gt_err vending_order_milestone(const store_tx *tx, int64_t order_id, vending_step step,
                                          gt_utc now);

/**
 * Take a sale back: at once when never sent; else fenced, and reversed when read-back shows n.
 * @return CONFLICT it is settled or frozen
 */
GT_CHECKED gt_err vending_order_reverse(const store_tx *tx, int64_t order_id,
                                        const char *operator_name, gt_utc now, vending_order *out);

typedef struct vending_event {
    int64_t id;
    gt_utc at;
    vending_step step;
    char detail[VENDING_DETAIL_MAX];
} vending_event;

/** The timeline, oldest first. */
GT_CHECKED gt_err vending_order_timeline(const store_tx *tx, int64_t order_id, vending_event *out,
                                         size_t cap, size_t *out_count);

typedef struct vending_seen {
    int64_t meter_id;
    gt_utc taken;
    uint32_t purchase_count;
    uint32_t control_count;
    uint8_t count_bits; /* as many low bits as the meter shows: 16 or 32 */
} vending_seen;

/**
 * Counts from an ordinary status reading; call it when they differ from registry_meter. The first
 * is taken over; a later purchase count that differs while no order is open, in a reading taken
 * clearly after the last order, is taken over with a ticket. Else only read-back counts.
 * @param out_changed the meter's row was written
 */
GT_CHECKED gt_err vending_meter_seen(const store_tx *tx, const vending_seen *seen,
                                     bool *out_changed);

/** At start: orders in `sent` become `unknown`, reads in `sent` end; controls stay, to be read. */
GT_CHECKED gt_err vending_recover(const store_tx *tx, gt_utc now, uint32_t *out_orders);

#endif
