/* Credit orders after the sale: every answer, read-back and crash becomes one event of the order
 * machine, and the machine's effects are carried out here, in the caller's transaction. */
#include "vending/vending_priv.h"

#include <stdio.h>
#include <string.h>

enum { RECOVER_BATCH = 64 };

static gt_err order_of(const store_rows *rows, vending_order *out)
{
    vending_order order = {
        .id = store_rows_int(rows, 0),
        .meter_id = store_rows_int(rows, 2),
        .room_id = store_rows_int(rows, 3),
        .amount_fen = store_rows_int(rows, 4),
        .count = (uint32_t)store_rows_int(rows, 5),
        .sends = (uint16_t)store_rows_int(rows, 7),
        .fenced = store_rows_int(rows, 8) != 0,
        .receipt_no = (uint32_t)store_rows_int(rows, 10),
        .created.ms = store_rows_int(rows, 12),
        .updated.ms = store_rows_int(rows, 13),
        .reason_word = (uint16_t)store_rows_int(rows, 14),
        .command_id = store_rows_int(rows, 15),
    };
    (void)snprintf(order.key, sizeof order.key, "%s", store_rows_text(rows, 1));
    (void)snprintf(order.book, sizeof order.book, "%s", store_rows_text(rows, 9));
    (void)snprintf(order.operator_name, sizeof order.operator_name, "%s",
                   store_rows_text(rows, 11));
    if (order_state_find(store_rows_text(rows, 6), &order.state) != GT_ERR_OK) {
        return GT_ERR_CORRUPT;
    }
    *out = order;
    return GT_ERR_OK;
}

static gt_err order_only(store_rows *rows, vending_order *out)
{
    vending_order order = {0};
    gt_err err = GT_ERR_NOT_FOUND;
    if (store_rows_next(rows)) {
        err = order_of(rows, &order);
    }
    GT_TRY(store_rows_close(rows));
    GT_TRY(err);
    *out = order;
    return GT_ERR_OK;
}

gt_err vending_order_find(const store_tx *tx, int64_t order_id, vending_order *out)
{
    store_rows rows =
        store_rows_open(tx, STMT_VENDING_ORDER_FIND, STORE_PARAMS(store_int(order_id)));
    return order_only(&rows, out);
}

gt_err vending_order_find_key(const store_tx *tx, const char *key, vending_order *out)
{
    store_rows rows =
        store_rows_open(tx, STMT_VENDING_ORDER_FIND_KEY, STORE_PARAMS(store_text(key)));
    return order_only(&rows, out);
}

gt_err vending_order_open_of(const store_tx *tx, int64_t meter_id, vending_order *out)
{
    store_rows rows =
        store_rows_open(tx, STMT_VENDING_ORDER_FIND_OPEN, STORE_PARAMS(store_int(meter_id)));
    return order_only(&rows, out);
}

gt_err vending_order_list(const store_tx *tx, const vending_order_query *query, vending_order *out,
                          size_t cap, size_t *out_count)
{
    const store_value before = store_int(query->before_id == 0 ? INT64_MAX : query->before_id);
    const store_value limit = store_int((int64_t)cap);
    store_rows rows =
        query->meter_id == 0
            ? store_rows_open(tx, STMT_VENDING_ORDER_LIST, STORE_PARAMS(before, limit))
            : store_rows_open(tx, STMT_VENDING_ORDER_LIST_METER,
                              STORE_PARAMS(store_int(query->meter_id), before, limit));
    size_t count = 0;
    gt_err err = GT_ERR_OK;
    while (err == GT_ERR_OK && store_rows_next(&rows)) {
        err = order_of(&rows, &out[count++]);
    }
    GT_TRY(store_rows_close(&rows));
    GT_TRY(err);
    *out_count = count;
    return GT_ERR_OK;
}

/* Out of flight: to the customer when delivered, else owed back. */
static gt_err settle_post(const store_tx *tx, const vending_order *order, ledger_entry_kind kind,
                          gt_utc now)
{
    ledger_entry entry = {.kind = kind, .at = now, .order_id = order->id};
    vending_book book = {0};
    char date[VENDING_DATE_MAX];
    char code[LEDGER_CODE_MAX];
    const ledger_account_kind account =
        kind == LEDGER_ENTRY_CONFIRM ? LEDGER_ACCOUNT_CUSTOMER : LEDGER_ACCOUNT_REFUNDABLE;
    GT_TRY(vending_date(now, date));
    (void)snprintf(code, sizeof code, "delivery:%s", date);
    (void)snprintf(entry.key, sizeof entry.key, "order:%lld:%s", (long long)order->id,
                   ledger_entry_text((int)kind)->name);
    GT_TRY(vending_book_open(tx, code, now, &book));
    GT_TRY(ledger_entry_post(&entry, ledger_code_of(LEDGER_ACCOUNT_INFLIGHT), order->amount_fen));
    GT_TRY(ledger_entry_post(&entry, ledger_code_of_room(account, order->room_id),
                             -order->amount_fen));
    return vending_book_append(tx, &book, &entry);
}

static gt_err money_move(const store_tx *tx, const vending_order *order, uint8_t effects,
                         gt_utc now)
{
    if ((effects & ORDER_DO_POST_CONFIRM) != 0) {
        GT_TRY(settle_post(tx, order, LEDGER_ENTRY_CONFIRM, now));
        return store_run(tx, STMT_VENDING_COUNT_PURCHASE,
                         STORE_PARAMS(store_int(order->meter_id), store_int(order->count)), NULL);
    }
    if ((effects & ORDER_DO_POST_REFUND) != 0) {
        return settle_post(
            tx, order, order->state == ORDER_REFUSED ? LEDGER_ENTRY_REFUSE : LEDGER_ENTRY_REVERSE,
            now);
    }
    return GT_ERR_OK;
}

/* Which step of the timeline an order's move is. */
static vending_step step_of(const vending_order *order, uint8_t effects)
{
    if ((effects & ORDER_DO_FENCE) != 0) {
        return VENDING_STEP_FENCED;
    }
    switch (order->state) {
    case ORDER_CREATED:
    case ORDER_BOOKED:
        return VENDING_STEP_BOOKED;
    case ORDER_SENT:
        return (effects & ORDER_DO_RESEND) != 0 ? VENDING_STEP_RESENT : VENDING_STEP_SENT;
    case ORDER_UNKNOWN:
        return VENDING_STEP_UNKNOWN;
    case ORDER_FROZEN:
        return VENDING_STEP_FROZEN;
    case ORDER_CONFIRMED:
        return VENDING_STEP_CONFIRMED;
    case ORDER_REFUSED:
        return VENDING_STEP_REFUSED;
    case ORDER_REVERSED:
        return VENDING_STEP_REVERSED;
    }
    return VENDING_STEP_UNKNOWN;
}

gt_err vending_order_apply(const store_tx *tx, vending_order *order, order_event event, gt_utc now,
                           const char *detail)
{
    const order_step step = order_next(order->state, event);
    if (!step.legal) {
        return GT_ERR_OK;
    }
    const bool sends = event == ORDER_EV_SEND || (step.effects & ORDER_DO_RESEND) != 0;
    order->state = step.next;
    order->sends = (uint16_t)(order->sends + (sends ? 1 : 0));
    order->fenced = order->fenced || (step.effects & ORDER_DO_FENCE) != 0;
    order->updated = now;
    GT_TRY(store_run(tx, STMT_VENDING_ORDER_MOVE,
                     STORE_PARAMS(store_int(order->id), store_text(order_state_name(order->state)),
                                  store_int(order->sends), store_int(order->fenced ? 1 : 0),
                                  store_int(order->reason_word), store_int(now.ms)),
                     NULL));
    GT_TRY(money_move(tx, order, step.effects, now));
    GT_TRY(vending_command_follow(tx, order));
    GT_TRY(vending_step_add(tx, order->id, step_of(order, step.effects), now, detail));
    if ((step.effects & ORDER_DO_TICKET) != 0) {
        const vending_ticket ticket = {.meter_id = order->meter_id,
                                       .order_id = order->id,
                                       .kind = "order_frozen",
                                       .detail = detail};
        return vending_ticket_add(tx, &ticket, now);
    }
    return GT_ERR_OK;
}

gt_err vending_order_sent(const store_tx *tx, int64_t order_id, gt_utc now, vending_order *out)
{
    vending_order order = {0};
    GT_TRY(vending_order_find(tx, order_id, &order));
    GT_TRY(vending_order_apply(tx, &order, ORDER_EV_SEND, now, ""));
    if (order.state != ORDER_SENT) {
        return GT_ERR_CONFLICT;
    }
    *out = order;
    return GT_ERR_OK;
}

static order_event answer_event(const vending_answer *answer)
{
    switch (answer->kind) {
    case VENDING_ANSWER_OK:
        return ORDER_EV_ANSWER_OK;
    case VENDING_ANSWER_REFUSED:
        return order_refusal_event(answer->reason_word);
    case VENDING_ANSWER_NONE:
        return ORDER_EV_NO_ANSWER;
    }
    return ORDER_EV_NO_ANSWER;
}

gt_err vending_order_answered(const store_tx *tx, int64_t order_id, const vending_answer *answer,
                              gt_utc now, vending_order *out)
{
    vending_order order = {0};
    GT_TRY(vending_order_find(tx, order_id, &order));
    const bool refused = answer->kind == VENDING_ANSWER_REFUSED;
    const char *detail = refused ? order_refusal_name(answer->reason_word) : "";
    if (order.state == ORDER_SENT) {
        order.reason_word = refused ? answer->reason_word : 0;
        if (answer->kind != VENDING_ANSWER_NONE) {
            GT_TRY(vending_step_add(tx, order_id, VENDING_STEP_METER_ANSWERED, now, detail));
        }
        GT_TRY(vending_order_apply(tx, &order, answer_event(answer), now, detail));
    }
    *out = order;
    return GT_ERR_OK;
}

static void readback_words(const order_readback *seen, char *buf, size_t cap)
{
    char amount[GT_DECIMAL_MAX] = "-";
    if (seen->amount_known) {
        gt_decimal_format(seen->amount_fen, 2, amount);
    }
    (void)snprintf(buf, cap, "count:%u amount:%s", seen->count, amount);
}

gt_err vending_order_readback(const store_tx *tx, int64_t order_id, const order_readback *seen,
                              gt_utc now, vending_readback_result *out)
{
    vending_readback_result result = {0};
    vending_order *order = &result.order;
    char detail[VENDING_DETAIL_MAX];
    GT_TRY(vending_order_find(tx, order_id, order));
    if (order->state == ORDER_UNKNOWN) {
        const order_expected want = {.count = order->count,
                                     .amount_fen = order->amount_fen,
                                     .sends = order->sends,
                                     .fenced = order->fenced};
        order_event event = ORDER_EV_READ_OTHER;
        if (order_readback_event(&want, seen, &event) == GT_ERR_NOT_FOUND) {
            result.need_amount = true;
        } else {
            readback_words(seen, detail, sizeof detail);
            GT_TRY(vending_step_add(tx, order_id, VENDING_STEP_READBACK, now, detail));
            GT_TRY(vending_order_apply(tx, order, event, now, detail));
            result.resend = order->state == ORDER_SENT;
        }
    }
    *out = result;
    return GT_ERR_OK;
}

gt_err vending_order_milestone(const store_tx *tx, int64_t order_id, vending_step step, gt_utc now)
{
    GT_ASSERT(step == VENDING_STEP_RELAY_CLOSED || step == VENDING_STEP_VOLTAGE_SEEN);
    vending_order order = {0};
    GT_TRY(vending_order_find(tx, order_id, &order));
    return vending_step_add(tx, order_id, step, now, "");
}

gt_err vending_order_reverse(const store_tx *tx, int64_t order_id, const char *operator_name,
                             gt_utc now, vending_order *out)
{
    vending_order order = {0};
    char object[32];
    GT_TRY(vending_order_find(tx, order_id, &order));
    if (!order_next(order.state, ORDER_EV_REVERSE).legal) {
        return GT_ERR_CONFLICT;
    }
    if (!order.fenced) {
        (void)snprintf(object, sizeof object, "order:%lld", (long long)order_id);
        const vending_act_row act = {
            .actor = operator_name, .act = "reverse", .object = object, .detail = ""};
        GT_TRY(vending_audit_add(tx, &act, now));
        GT_TRY(vending_order_apply(tx, &order, ORDER_EV_REVERSE, now, operator_name));
    }
    *out = order;
    return GT_ERR_OK;
}

/* The ids come first: the loop below changes what the statement would still be reading. */
static gt_err sent_ids(const store_tx *tx, int64_t ids[RECOVER_BATCH], size_t *out_count)
{
    store_rows rows =
        store_rows_open(tx, STMT_VENDING_ORDER_SENT_IDS, STORE_PARAMS(store_int(RECOVER_BATCH)));
    size_t count = 0;
    while (store_rows_next(&rows)) {
        ids[count++] = store_rows_int(&rows, 0);
    }
    GT_TRY(store_rows_close(&rows));
    *out_count = count;
    return GT_ERR_OK;
}

gt_err vending_recover(const store_tx *tx, gt_utc now, uint32_t *out_orders)
{
    int64_t ids[RECOVER_BATCH];
    size_t count = 0;
    uint32_t orders = 0;
    GT_TRY(sent_ids(tx, ids, &count));
    while (count > 0) {
        for (size_t i = 0; i < count; i++) {
            vending_order order = {0};
            GT_TRY(vending_order_find(tx, ids[i], &order));
            GT_TRY(vending_order_apply(tx, &order, ORDER_EV_NO_ANSWER, now, "station restarted"));
            orders++;
        }
        GT_TRY(sent_ids(tx, ids, &count));
    }
    GT_TRY(store_run(tx, STMT_VENDING_COMMAND_DROP_SENT, STORE_NO_PARAMS, NULL));
    *out_orders = orders;
    return GT_ERR_OK;
}
