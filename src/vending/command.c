/* The outbox. The web or the command line puts commands in; the head-end takes out what waits for
 * the terminals it talks to and brings the outcome back. */
#include "vending/vending_priv.h"

#include "registry/registry.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    const char *zh;
    const char *en;
    vending_command_kind kind;
    uint8_t priority;
    uint8_t code;
} acts[] = {
#define ACT(symbol, name_, kind_, priority_, code_, zh_, en_) \
    [VENDING_ACT_##symbol] = {.name = name_,                  \
                              .zh = zh_,                      \
                              .en = en_,                      \
                              .kind = VENDING_KIND_##kind_,   \
                              .priority = (priority_),        \
                              .code = (code_)},
#include "vending/act.def"
#undef ACT
};

enum { ACTS = sizeof acts / sizeof acts[0] };

static const char *const kinds[] = {
    [VENDING_KIND_CREDIT] = "credit",
    [VENDING_KIND_CONTROL] = "control",
    [VENDING_KIND_READ] = "read",
};

static const char *const states[] = {
    [VENDING_COMMAND_WAITING] = "waiting", [VENDING_COMMAND_SENT] = "sent",
    [VENDING_COMMAND_DONE] = "done",       [VENDING_COMMAND_FAILED] = "failed",
    [VENDING_COMMAND_EXPIRED] = "expired",
};

enum { STATES = sizeof states / sizeof states[0] };

const char *vending_act_name(vending_act act)
{
    return acts[act].name;
}

const char *vending_act_zh(vending_act act)
{
    return acts[act].zh;
}

const char *vending_act_en(vending_act act)
{
    return acts[act].en;
}

gt_err vending_act_find(const char *name, vending_act *out)
{
    for (size_t act = 0; act < ACTS; act++) {
        if (strcmp(acts[act].name, name) == 0) {
            *out = (vending_act)act;
            return GT_ERR_OK;
        }
    }
    return GT_ERR_NOT_FOUND;
}

uint8_t vending_act_code(vending_act act)
{
    return acts[act].code;
}

const char *vending_command_state_name(vending_command_state state)
{
    return states[state];
}

static gt_err state_find(const char *name, vending_command_state *out)
{
    for (size_t state = 0; state < STATES; state++) {
        if (strcmp(states[state], name) == 0) {
            *out = (vending_command_state)state;
            return GT_ERR_OK;
        }
    }
    return GT_ERR_NOT_FOUND;
}

/* @param out_reading_ms what was known of the reading when a cut was asked for */
static gt_err command_of(const store_rows *rows, vending_command *out, store_value *out_reading)
{
    vending_command c = {
        .id = store_rows_int(rows, 0),
        .meter_id = store_rows_int(rows, 1),
        .terminal_id = store_rows_int(rows, 2),
        .created.ms = store_rows_int(rows, 5),
        .expires.ms = store_rows_int(rows, 6),
        .control_count = (uint32_t)store_rows_int(rows, 7),
        .order_id = store_rows_int(rows, 11),
        .amount_fen = store_rows_int(rows, 13),
        .purchase_count = (uint32_t)store_rows_int(rows, 14),
    };
    (void)snprintf(c.operator_name, sizeof c.operator_name, "%s", store_rows_text(rows, 8));
    (void)snprintf(c.result, sizeof c.result, "%s", store_rows_text(rows, 9));
    if (vending_act_find(store_rows_text(rows, 3), &c.act) != GT_ERR_OK ||
        state_find(store_rows_text(rows, 4), &c.state) != GT_ERR_OK ||
        (c.order_id != 0 && order_state_find(store_rows_text(rows, 12), &c.order) != GT_ERR_OK)) {
        return GT_ERR_CORRUPT;
    }
    c.kind = acts[c.act].kind;
    *out_reading = store_rows_value(rows, 10);
    *out = c;
    return GT_ERR_OK;
}

static gt_err command_load(const store_tx *tx, int64_t command_id, vending_command *out,
                           store_value *out_reading)
{
    store_rows rows =
        store_rows_open(tx, STMT_VENDING_COMMAND_FIND, STORE_PARAMS(store_int(command_id)));
    gt_err err = GT_ERR_NOT_FOUND;
    vending_command found = {0};
    store_value reading = store_null();
    if (store_rows_next(&rows)) {
        err = command_of(&rows, &found, &reading);
    }
    GT_TRY(store_rows_close(&rows));
    GT_TRY(err);
    *out = found;
    *out_reading = reading;
    return GT_ERR_OK;
}

gt_err vending_command_find(const store_tx *tx, int64_t command_id, vending_command *out)
{
    store_value reading = store_null();
    return command_load(tx, command_id, out, &reading);
}

static bool terminal_wanted(const vending_waiting_query *query, int64_t terminal_id)
{
    size_t low = 0;
    size_t high = query->terminal_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (query->terminal_id[middle] < terminal_id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < query->terminal_count && query->terminal_id[low] == terminal_id;
}

gt_err vending_command_list(const store_tx *tx, const vending_command_query *query,
                            vending_command *out, size_t cap, size_t *out_count)
{
    const store_value before = store_int(query->before_id == 0 ? INT64_MAX : query->before_id);
    store_rows rows =
        store_rows_open(tx, STMT_VENDING_COMMAND_LIST,
                        STORE_PARAMS(store_int(query->meter_id), before, store_int((int64_t)cap)));
    size_t count = 0;
    gt_err err = GT_ERR_OK;
    while (err == GT_ERR_OK && store_rows_next(&rows)) {
        store_value reading = store_null();
        err = command_of(&rows, &out[count++], &reading);
    }
    GT_TRY(store_rows_close(&rows));
    GT_TRY(err);
    *out_count = count;
    return GT_ERR_OK;
}

gt_err vending_command_waiting(const store_tx *tx, const vending_waiting_query *query,
                               vending_command *out, size_t cap, size_t *out_count)
{
    store_rows rows =
        store_rows_open(tx, STMT_VENDING_COMMAND_WAITING, STORE_PARAMS(store_int(query->now.ms)));
    size_t count = 0;
    gt_err err = GT_ERR_OK;
    while (err == GT_ERR_OK && count < cap && store_rows_next(&rows)) {
        store_value reading = store_null();
        err = command_of(&rows, &out[count], &reading);
        count += terminal_wanted(query, out[count].terminal_id) ? 1 : 0;
    }
    GT_TRY(store_rows_close(&rows));
    GT_TRY(err);
    *out_count = count;
    return GT_ERR_OK;
}

static gt_err command_add(const store_tx *tx, const vending_command *c, store_value reading,
                          int64_t *out_id)
{
    const store_value order = c->order_id == 0 ? store_null() : store_int(c->order_id);
    return store_find_int(tx, STMT_VENDING_COMMAND_ADD,
                          STORE_PARAMS(store_int(c->meter_id), store_text(kinds[c->kind]),
                                       store_text(acts[c->act].name),
                                       store_int(acts[c->act].priority), order,
                                       store_int(c->created.ms), store_int(c->expires.ms),
                                       store_text(c->operator_name), reading),
                          out_id);
}

gt_err vending_command_credit(const store_tx *tx, vending_order *order)
{
    vending_command c = {.meter_id = order->meter_id,
                         .kind = VENDING_KIND_CREDIT,
                         .act = VENDING_ACT_CREDIT,
                         .created = order->created,
                         .order_id = order->id};
    (void)snprintf(c.operator_name, sizeof c.operator_name, "%s", order->operator_name);
    return command_add(tx, &c, store_null(), &order->command_id);
}

/* A credit command waits while there is something to do for it: send, or read back. */
static vending_command_state credit_state(order_state state)
{
    switch (state) {
    case ORDER_CREATED:
    case ORDER_BOOKED:
    case ORDER_UNKNOWN:
        return VENDING_COMMAND_WAITING;
    case ORDER_SENT:
        return VENDING_COMMAND_SENT;
    case ORDER_CONFIRMED:
        return VENDING_COMMAND_DONE;
    case ORDER_FROZEN:
    case ORDER_REFUSED:
    case ORDER_REVERSED:
        return VENDING_COMMAND_FAILED;
    }
    return VENDING_COMMAND_FAILED;
}

static gt_err command_end(const store_tx *tx, int64_t id, vending_command_state state,
                          const char *result)
{
    return store_run(tx, STMT_VENDING_COMMAND_END,
                     STORE_PARAMS(store_int(id), store_text(states[state]), store_text(result)),
                     NULL);
}

gt_err vending_command_follow(const store_tx *tx, const vending_order *order)
{
    const char *result = "";
    if (order->state == ORDER_REFUSED) {
        result = order_refusal_name(order->reason_word);
    } else if (order->state != ORDER_BOOKED && order->state != ORDER_SENT) {
        result = order_state_name(order->state);
    }
    return command_end(tx, order->command_id, credit_state(order->state), result);
}

/* The facts that master data and orders hold. */
static gt_err facts_load(const store_tx *tx, int64_t meter_id, supply_facts *facts)
{
    registry_meter meter = {0};
    vending_order order = {0};
    GT_TRY(registry_meter_find(tx, meter_id, &meter));
    const gt_err open = vending_order_open_of(tx, meter_id, &order);
    if (open != GT_ERR_NOT_FOUND) {
        GT_TRY(open);
    }
    facts->order_open = open == GT_ERR_OK;
    facts->is_protected = facts->is_protected || meter.is_protected;
    return GT_ERR_OK;
}

static gt_err request_record(const store_tx *tx, const vending_command *c, const char *detail)
{
    char object[32];
    (void)snprintf(object, sizeof object, "meter:%lld", (long long)c->meter_id);
    const vending_act_row act = {
        .actor = c->operator_name, .act = acts[c->act].name, .object = object, .detail = detail};
    return vending_audit_add(tx, &act, c->created);
}

gt_err vending_command_request(const store_tx *tx, const vending_command_request_args *args,
                               supply_reason *out_reason, vending_command *out)
{
    vending_command c = {.meter_id = args->meter_id,
                         .act = args->act,
                         .kind = acts[args->act].kind,
                         .created = args->now,
                         .expires.ms = args->now.ms + VENDING_COMMAND_LIFE_MS};
    supply_facts facts = {.is_protected = args->meter_protected,
                          .reading_known = args->reading_known,
                          .reading_taken = args->reading_taken,
                          .clock_trusted = args->clock_trusted};
    ledger_code code = {0};
    char detail[32];
    *out_reason = SUPPLY_ALLOWED;
    if (c.kind == VENDING_KIND_CREDIT) {
        return GT_ERR_FORBIDDEN;
    }
    GT_TRY(ledger_code_of_operator(LEDGER_ACCOUNT_CASH, args->operator_name, &code));
    (void)snprintf(c.operator_name, sizeof c.operator_name, "%s", args->operator_name);
    GT_TRY(facts_load(tx, args->meter_id, &facts));
    if (args->act == VENDING_ACT_CUT) {
        *out_reason = supply_cut_check(&facts, args->now);
    }
    if (*out_reason != SUPPLY_ALLOWED) {
        return GT_ERR_CONFLICT;
    }
    if (args->act == VENDING_ACT_RESTORE || args->act == VENDING_ACT_PROTECT) {
        GT_TRY(store_run(tx, STMT_VENDING_COMMAND_SUPERSEDE,
                         STORE_PARAMS(store_int(args->meter_id)), NULL));
    }
    const store_value reading =
        args->reading_known ? store_int(args->reading_taken.ms) : store_null();
    GT_TRY(command_add(tx, &c, reading, &c.id));
    (void)snprintf(detail, sizeof detail, "command:%lld", (long long)c.id);
    GT_TRY(request_record(tx, &c, detail));
    return vending_command_find(tx, c.id, out);
}

/* A cut is checked once more when it is about to go out: a sale or a protection may have come. */
static gt_err cut_recheck(const store_tx *tx, const vending_command *c, store_value reading,
                          gt_utc now, supply_reason *out)
{
    supply_facts facts = {.reading_known = reading.type == STORE_INT,
                          .reading_taken.ms = reading.number,
                          .clock_trusted = true}; /* as it was when the cut was asked for */
    GT_TRY(facts_load(tx, c->meter_id, &facts));
    *out = supply_cut_check(&facts, now);
    return GT_ERR_OK;
}

static gt_err control_count_take(const store_tx *tx, int64_t meter_id, uint32_t *out)
{
    registry_meter meter = {0};
    GT_TRY(registry_meter_find(tx, meter_id, &meter));
    if (meter.control_count == UINT32_MAX) {
        return GT_ERR_RANGE;
    }
    const uint32_t count = meter.control_count + 1;
    GT_TRY(store_run(tx, STMT_VENDING_COUNT_CONTROL,
                     STORE_PARAMS(store_int(meter_id), store_int(count)), NULL));
    *out = count;
    return GT_ERR_OK;
}

gt_err vending_command_sent(const store_tx *tx, int64_t command_id, gt_utc now,
                            vending_command *out)
{
    vending_command c = {0};
    store_value reading = store_null();
    supply_reason reason = SUPPLY_ALLOWED;
    GT_TRY(command_load(tx, command_id, &c, &reading));
    if (c.kind == VENDING_KIND_CREDIT || c.state != VENDING_COMMAND_WAITING) {
        return GT_ERR_CONFLICT;
    }
    if (c.act == VENDING_ACT_CUT) {
        GT_TRY(cut_recheck(tx, &c, reading, now, &reason));
    }
    if (c.expires.ms <= now.ms) {
        GT_TRY(command_end(tx, c.id, VENDING_COMMAND_EXPIRED, "not_sent"));
    } else if (reason != SUPPLY_ALLOWED) {
        GT_TRY(command_end(tx, c.id, VENDING_COMMAND_FAILED, supply_reason_name(reason)));
    } else {
        if (c.kind == VENDING_KIND_CONTROL) {
            GT_TRY(control_count_take(tx, c.meter_id, &c.control_count));
        }
        GT_TRY(store_run(tx, STMT_VENDING_COMMAND_SEND,
                         STORE_PARAMS(store_int(c.id), store_int(now.ms + VENDING_COMMAND_LIFE_MS),
                                      store_int(c.control_count)),
                         NULL));
    }
    return vending_command_find(tx, c.id, out);
}

gt_err vending_command_settle(const store_tx *tx, int64_t command_id, bool done, const char *result,
                              gt_utc now)
{
    vending_command c = {0};
    GT_TRY(vending_command_find(tx, command_id, &c));
    if (c.state != VENDING_COMMAND_SENT || c.kind == VENDING_KIND_CREDIT) {
        return GT_ERR_OK;
    }
    const char *words = result == NULL ? "" : result;
    GT_TRY(command_end(tx, c.id, done ? VENDING_COMMAND_DONE : VENDING_COMMAND_FAILED, words));
    if (done && (c.act == VENDING_ACT_PROTECT || c.act == VENDING_ACT_UNPROTECT)) {
        GT_TRY(store_run(
            tx, STMT_VENDING_METER_PROTECT,
            STORE_PARAMS(store_int(c.meter_id), store_int(c.act == VENDING_ACT_PROTECT ? 1 : 0)),
            NULL));
    }
    c.created = now;
    char detail[VENDING_DETAIL_MAX];
    (void)snprintf(detail, sizeof detail, "command:%lld %s %s", (long long)c.id,
                   done ? "done" : "failed", words);
    return request_record(tx, &c, detail);
}

gt_err vending_command_expire(const store_tx *tx, gt_utc now, uint32_t *out_count)
{
    int64_t changes = 0;
    GT_TRY(store_run(tx, STMT_VENDING_COMMAND_EXPIRE, STORE_PARAMS(store_int(now.ms)), &changes));
    *out_count = (uint32_t)changes;
    return GT_ERR_OK;
}
