/**
 * @file order.h
 * @brief The credit order's state machine: (state, event) -> (state, effects).
 *
 * Layer:   domain. Pure.
 * A time-out is "unknown", not "failed": unknown is left only by reading the meter back.
 */
#ifndef GT_DOMAIN_ORDER_H
#define GT_DOMAIN_ORDER_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

typedef enum order_state {
#define STATE(symbol, name, open, zh, en) ORDER_##symbol,
#include "domain/order.def"
} order_state;

enum { ORDER_STATES = ORDER_REVERSED + 1 };

typedef enum order_event {
#define EVENT(symbol, name) ORDER_EV_##symbol,
#include "domain/order.def"
} order_event;

enum { ORDER_EVENTS = ORDER_EV_REVERSE + 1 };

/** How often one order may be sent before a person must look. */
enum { ORDER_SENDS_MAX = 16 };

/** Effects, for the caller to perform. */
enum {
    ORDER_DO_POST_SALE = 1,    /* cash to inflight */
    ORDER_DO_POST_CONFIRM = 2, /* inflight to the customer */
    ORDER_DO_POST_REFUND = 4,  /* inflight to refundable */
    ORDER_DO_RESEND = 8,       /* send the same order again */
    ORDER_DO_TICKET = 16,      /* a person must look; sales on the meter stop */
    ORDER_DO_READ_BACK = 32,   /* ask the meter for count and amount */
    ORDER_DO_FENCE = 64,       /* from now on no sending: reverse when read-back shows n */
};

typedef struct order_step {
    order_state next;
    uint8_t effects;
    bool legal; /* the machine has a row for it; otherwise next is the state as it was */
} order_step;

order_step order_next(order_state state, order_event event);

const char *order_state_name(order_state state);
const char *order_state_zh(order_state state);
const char *order_state_en(order_state state);
const char *order_event_name(order_event event);
/** Not yet confirmed, refused or reversed: no other order may be sold to the meter. */
bool order_state_open(order_state state);
/** @return NOT_FOUND when no state has that name */
GT_CHECKED gt_err order_state_find(const char *name, order_state *out);

/** What the meter showed when it was read back. */
typedef struct order_readback {
    uint32_t count;     /* purchase count, as many low bits as the meter shows */
    uint8_t count_bits; /* 16 or 32 */
    bool amount_known;
    int64_t amount_fen; /* last purchase */
} order_readback;

/** What is known of the order that is read back. */
typedef struct order_expected {
    uint32_t count; /* n+1: the count the order carries */
    int64_t amount_fen;
    uint16_t sends;
    bool fenced;
} order_expected;

/**
 * Which event a read-back is.
 *
 * @return NOT_FOUND  the count is n+1 and the amount is needed: read it too
 */
GT_CHECKED gt_err order_readback_event(const order_expected *want, const order_readback *seen,
                                       order_event *out);

/** Which event a meter's refusal is; @p reason_word has refusal.def bits, 0 counts as doubt. */
order_event order_refusal_event(uint16_t reason_word);
/** Name of the lowest known bit of a refusal word: "hoarding"; "other" when none is known. */
const char *order_refusal_name(uint16_t reason_word);
/** The same for people. */
const char *order_refusal_zh(uint16_t reason_word);
const char *order_refusal_en(uint16_t reason_word);

#endif
