/* A sale: money taken, entry written, order and outbox command made, in one transaction or not at
 * all. The cashier's idempotency key makes a repeated click the same sale. */
#include "vending/vending_priv.h"

#include "registry/registry.h"

#include <stdio.h>
#include <string.h>

enum { KEY_LEN_MIN = 8, AMOUNT_MAX_FEN = 10000000 };

static const struct {
    const char *name;
    const char *zh;
    const char *en;
} reasons[] = {
#define SALE(symbol, name_, zh_, en_) \
    [VENDING_SALE_##symbol] = {.name = name_, .zh = zh_, .en = en_},
#include "vending/sale_reason.def"
#undef SALE
};

const char *vending_sale_reason_name(vending_sale_reason reason)
{
    return reasons[reason].name;
}

const char *vending_sale_reason_zh(vending_sale_reason reason)
{
    return reasons[reason].zh;
}

const char *vending_sale_reason_en(vending_sale_reason reason)
{
    return reasons[reason].en;
}

vending_limits vending_limits_default(void)
{
    return (vending_limits){.amount_min_fen = 1, .amount_max_fen = AMOUNT_MAX_FEN};
}

/* What an error is called for each reason; one place, so that both always agree. */
static gt_err reason_err(vending_sale_reason reason)
{
    switch (reason) {
    case VENDING_SALE_NONE:
        return GT_ERR_OK;
    case VENDING_SALE_AMOUNT:
    case VENDING_SALE_HOARDING:
        return GT_ERR_RANGE;
    case VENDING_SALE_OPERATOR:
    case VENDING_SALE_KEY:
        return GT_ERR_SYNTAX;
    case VENDING_SALE_NO_METER:
        return GT_ERR_NOT_FOUND;
    case VENDING_SALE_KEY_REUSED:
    case VENDING_SALE_NOT_OPEN:
    case VENDING_SALE_ORDER_OPEN:
    case VENDING_SALE_COUNT_UNKNOWN:
        return GT_ERR_CONFLICT;
    }
    return GT_ERR_INTERNAL;
}

static bool key_ok(const char *key)
{
    const size_t len = strnlen(key, VENDING_KEY_MAX);
    bool ok = len >= KEY_LEN_MIN && len < VENDING_KEY_MAX;
    for (size_t i = 0; ok && i < len; i++) {
        ok = key[i] > ' ' && key[i] < 0x7F;
    }
    return ok;
}

static bool above_hoarding(const vending_sale_request *request)
{
    int64_t after = 0;
    return request->limits.hoarding_fen > 0 && request->balance_known &&
           (gt_i64_add(request->balance_fen, request->amount_fen, &after) != GT_ERR_OK ||
            after > request->limits.hoarding_fen);
}

/* What can be said without the database. */
static vending_sale_reason form_check(const vending_sale_request *request)
{
    ledger_code cash = {0};
    if (!key_ok(request->key)) {
        return VENDING_SALE_KEY;
    }
    if (ledger_code_of_operator(LEDGER_ACCOUNT_CASH, request->operator_name, &cash) != GT_ERR_OK) {
        return VENDING_SALE_OPERATOR;
    }
    if (request->amount_fen <= 0 || request->amount_fen < request->limits.amount_min_fen ||
        request->amount_fen > request->limits.amount_max_fen) {
        return VENDING_SALE_AMOUNT;
    }
    return VENDING_SALE_NONE;
}

/* What the database says against it. @param out_meter filled when nothing does */
static gt_err state_check(const store_tx *tx, const vending_sale_request *request,
                          registry_meter *out_meter, vending_sale_result *result)
{
    const gt_err err = registry_meter_find(tx, request->meter_id, out_meter);
    if (err == GT_ERR_NOT_FOUND) {
        result->reason = VENDING_SALE_NO_METER;
        return GT_ERR_OK;
    }
    GT_TRY(err);
    if (!out_meter->opened || out_meter->account_id == 0) {
        result->reason = VENDING_SALE_NOT_OPEN;
        return GT_ERR_OK;
    }
    const gt_err open = vending_order_open_of(tx, request->meter_id, &result->order);
    if (open != GT_ERR_NOT_FOUND) {
        result->reason = VENDING_SALE_ORDER_OPEN;
        return open;
    }
    if (!out_meter->count_known || out_meter->purchase_count == UINT32_MAX) {
        result->reason = VENDING_SALE_COUNT_UNKNOWN;
    } else if (above_hoarding(request)) {
        result->reason = VENDING_SALE_HOARDING;
    }
    return GT_ERR_OK;
}

static gt_err order_add(const store_tx *tx, vending_order *order, int64_t book_id)
{
    return store_find_int(
        tx, STMT_VENDING_ORDER_ADD,
        STORE_PARAMS(store_text(order->key), store_int(order->meter_id), store_int(order->room_id),
                     store_int(order->amount_fen), store_int(order->count),
                     store_text(order_state_name(order->state)), store_int(book_id),
                     store_int(order->receipt_no), store_text(order->operator_name),
                     store_int(order->created.ms)),
        &order->id);
}

static gt_err entry_add(const store_tx *tx, const vending_order *order, vending_book *book)
{
    ledger_entry entry = {.kind = LEDGER_ENTRY_SALE, .at = order->created, .order_id = order->id};
    ledger_code cash = {0};
    (void)snprintf(entry.key, sizeof entry.key, "sale:%s", order->key);
    GT_TRY(ledger_code_of_operator(LEDGER_ACCOUNT_CASH, order->operator_name, &cash));
    GT_TRY(ledger_entry_post(&entry, cash, order->amount_fen));
    GT_TRY(ledger_entry_post(&entry, ledger_code_of(LEDGER_ACCOUNT_INFLIGHT), -order->amount_fen));
    return vending_book_append(tx, book, &entry);
}

static gt_err order_record(const store_tx *tx, const vending_order *order)
{
    char object[32];
    char detail[VENDING_DETAIL_MAX];
    char amount[GT_DECIMAL_MAX];
    gt_decimal_format(order->amount_fen, 2, amount);
    (void)snprintf(object, sizeof object, "order:%lld", (long long)order->id);
    (void)snprintf(detail, sizeof detail, "%s no. %u", order->book, order->receipt_no);
    GT_TRY(vending_step_add(tx, order->id, VENDING_STEP_PAID, order->created, amount));
    GT_TRY(vending_step_add(tx, order->id, VENDING_STEP_BOOKED, order->created, detail));
    (void)snprintf(detail, sizeof detail, "meter:%lld amount:%s count:%u",
                   (long long)order->meter_id, amount, order->count);
    const vending_act_row act = {
        .actor = order->operator_name, .act = "sale", .object = object, .detail = detail};
    return vending_audit_add(tx, &act, order->created);
}

static gt_err sell(const store_tx *tx, const vending_sale_request *request,
                   const registry_meter *meter, vending_order *out)
{
    vending_book book = {0};
    char date[VENDING_DATE_MAX];
    const order_step step = order_next(ORDER_CREATED, ORDER_EV_BOOK);
    vending_order order = {.meter_id = request->meter_id,
                           .room_id = meter->room_id,
                           .amount_fen = request->amount_fen,
                           .count = meter->purchase_count + 1,
                           .state = step.next,
                           .created = request->now,
                           .updated = request->now};
    GT_ASSERT(step.effects == ORDER_DO_POST_SALE);
    (void)snprintf(order.key, sizeof order.key, "%s", request->key);
    (void)snprintf(order.operator_name, sizeof order.operator_name, "%s", request->operator_name);
    GT_TRY(vending_date(request->now, date));
    (void)snprintf(order.book, sizeof order.book, "cashier:%s:%s", order.operator_name, date);
    GT_TRY(vending_book_open(tx, order.book, request->now, &book));
    order.receipt_no = ++book.receipt_no;
    GT_TRY(order_add(tx, &order, book.id));
    GT_TRY(entry_add(tx, &order, &book));
    GT_TRY(vending_command_credit(tx, &order));
    GT_TRY(order_record(tx, &order));
    *out = order;
    return GT_ERR_OK;
}

/* @return NOT_FOUND the key is new */
static gt_err replay(const store_tx *tx, const vending_sale_request *request,
                     vending_sale_result *result)
{
    GT_TRY(vending_order_find_key(tx, request->key, &result->order));
    const vending_order *order = &result->order;
    if (order->meter_id != request->meter_id || order->amount_fen != request->amount_fen ||
        strcmp(order->operator_name, request->operator_name) != 0) {
        result->reason = VENDING_SALE_KEY_REUSED;
    }
    result->replayed = result->reason == VENDING_SALE_NONE;
    return GT_ERR_OK;
}

gt_err vending_sale(const store_tx *tx, const vending_sale_request *request,
                    vending_sale_result *out)
{
    vending_sale_result result = {.reason = form_check(request)};
    registry_meter meter = {0};
    if (result.reason == VENDING_SALE_NONE) {
        const gt_err err = replay(tx, request, &result);
        if (err == GT_ERR_NOT_FOUND) {
            GT_TRY(state_check(tx, request, &meter, &result));
        } else {
            GT_TRY(err);
        }
    }
    if (result.reason == VENDING_SALE_NONE && !result.replayed) {
        GT_TRY(sell(tx, request, &meter, &result.order));
    }
    *out = result;
    return reason_err(result.reason);
}
