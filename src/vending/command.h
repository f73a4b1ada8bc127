/**
 * @file command.h
 * @brief The outbox: commands that wait for the head-end, and their results.
 *
 * Layer:   service. Transaction bodies on the till database, as in vending/order.h.
 * States:  waiting -> sent -> done | failed; waiting or sent -> expired.
 *          A credit command follows its order: `waiting` with the order booked (send it) or
 *          unknown (read it back); `sent`; `done` confirmed; `failed` refused, reversed or frozen.
 */
#ifndef GT_VENDING_COMMAND_H
#define GT_VENDING_COMMAND_H

#include "base/err.h"
#include "base/time.h"
#include "domain/order.h"
#include "domain/supply.h"
#include "port/store.h"
#include "vending/order.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    VENDING_COMMAND_LIFE_MS = 600000, /* a control that was not sent by then is not sent */
    VENDING_RESULT_MAX = 64,
};

typedef enum vending_act {
#define ACT(symbol, name, kind, priority, code, zh, en) VENDING_ACT_##symbol,
#include "vending/act.def"
#undef ACT
} vending_act;

const char *vending_act_name(vending_act act);
const char *vending_act_zh(vending_act act);
const char *vending_act_en(vending_act act);
/** @return NOT_FOUND */
GT_CHECKED gt_err vending_act_find(const char *name, vending_act *out);
/** 1AH and so on; 0 when the act is no control. */
uint8_t vending_act_code(vending_act act);

typedef enum vending_command_kind {
    VENDING_KIND_CREDIT,
    VENDING_KIND_CONTROL,
    VENDING_KIND_READ,
} vending_command_kind;

typedef enum vending_command_state {
    VENDING_COMMAND_WAITING,
    VENDING_COMMAND_SENT,
    VENDING_COMMAND_DONE,
    VENDING_COMMAND_FAILED,
    VENDING_COMMAND_EXPIRED,
} vending_command_state;

const char *vending_command_state_name(vending_command_state state);

typedef struct vending_command {
    int64_t id;
    int64_t meter_id;
    int64_t terminal_id;
    vending_command_kind kind;
    vending_act act;
    vending_command_state state;
    gt_utc created;
    gt_utc expires;         /* controls: also what the control block carries */
    uint32_t control_count; /* controls, once sent: what the control block carries */
    char operator_name[VENDING_OPERATOR_MAX];
    char result[VENDING_RESULT_MAX];
    /* credit only */
    int64_t order_id;
    order_state order;
    int64_t amount_fen;
    uint32_t purchase_count;
} vending_command;

typedef struct vending_command_request_args {
    int64_t meter_id;
    vending_act act; /* any but CREDIT */
    const char *operator_name;
    bool reading_known; /* of the latest reading, for a cut */
    gt_utc reading_taken;
    bool meter_protected; /* as the meter itself shows it */
    bool clock_trusted;   /* station's clock */
    gt_utc now;
} vending_command_request_args;

/**
 * Put a command into the outbox, with an audit row. A cut must pass domain/supply.h. A restore or
 * protect ends cuts that still wait: it goes before them, and the last word must hold.
 *
 * @return CONFLICT the cut is refused: @p out_reason says why (and is SUPPLY_ALLOWED otherwise);
 *         NOT_FOUND meter; SYNTAX operator; FORBIDDEN the act is CREDIT
 */
GT_CHECKED gt_err vending_command_request(const store_tx *tx,
                                          const vending_command_request_args *args,
                                          supply_reason *out_reason, vending_command *out);

/** @return NOT_FOUND */
GT_CHECKED gt_err vending_command_find(const store_tx *tx, int64_t command_id,
                                       vending_command *out);

typedef struct vending_command_query {
    int64_t meter_id;
    int64_t before_id; /* 0: from the newest */
} vending_command_query;

/** A meter's commands, newest first. */
GT_CHECKED gt_err vending_command_list(const store_tx *tx, const vending_command_query *query,
                                       vending_command *out, size_t cap, size_t *out_count);

typedef struct vending_waiting_query {
    const int64_t *terminal_id; /* ascending */
    size_t terminal_count;
    gt_utc now;
} vending_waiting_query;

/**
 * What waits for these terminals, and is not expired: credit first, then controls that were sent
 * and not settled, then by act.def's priority, then oldest first. A credit command comes with its
 * order's state: booked - vending_order_sent and send; unknown - read back. A control in `sent` is
 * either under way or lost its link or its station: read its count back.
 */
GT_CHECKED gt_err vending_command_waiting(const store_tx *tx, const vending_waiting_query *query,
                                          vending_command *out, size_t cap, size_t *out_count);

/**
 * About to send a control or read. Gives a control its count (above every count used before) and
 * its expiry (now + VENDING_COMMAND_LIFE_MS). A cut is checked once more.
 * Send only when this is durable and out->state is SENT; FAILED means the cut is no longer
 * allowed, EXPIRED that it came too late.
 *
 * @return NOT_FOUND; CONFLICT it is not waiting (any more), or is a credit command
 */
GT_CHECKED gt_err vending_command_sent(const store_tx *tx, int64_t command_id, gt_utc now,
                                       vending_command *out);

/**
 * The outcome of a control or read that was sent. A done PROTECT or UNPROTECT is kept in master
 * data. A command already settled stays as it is.
 *
 * @param result short words kept with the row, e.g. refusal name or "no_answer"; NULL for none
 */
GT_CHECKED gt_err vending_command_settle(const store_tx *tx, int64_t command_id, bool done,
                                         const char *result, gt_utc now);

/** End what waits longer than its life, and what was sent and not settled by then. */
GT_CHECKED gt_err vending_command_expire(const store_tx *tx, gt_utc now, uint32_t *out_count);

#endif
