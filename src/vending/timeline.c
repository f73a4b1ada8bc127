/* What happened to an order, step by step; what people did; what people must look at. */
#include "vending/vending_priv.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    const char *zh;
    const char *en;
    bool once;
} steps[] = {
#define STEP(symbol, name_, once_, zh_, en_) \
    [VENDING_STEP_##symbol] = {.name = name_, .zh = zh_, .en = en_, .once = once_},
#include "vending/order_step.def"
#undef STEP
};

enum { STEPS = sizeof steps / sizeof steps[0] };

const char *vending_step_name(vending_step step)
{
    return steps[step].name;
}

const char *vending_step_zh(vending_step step)
{
    return steps[step].zh;
}

const char *vending_step_en(vending_step step)
{
    return steps[step].en;
}

gt_err vending_step_add(const store_tx *tx, int64_t order_id, vending_step step, gt_utc now,
                        const char *detail)
{
    const store_value order = store_int(order_id);
    const store_value name = store_text(steps[step].name);
    int64_t there = 0;
    if (steps[step].once) {
        GT_TRY(store_find_int(tx, STMT_VENDING_EVENT_COUNT, STORE_PARAMS(order, name), &there));
    }
    if (there > 0) {
        return GT_ERR_OK;
    }
    return store_run(tx, STMT_VENDING_EVENT_ADD,
                     STORE_PARAMS(order, store_int(now.ms), name, store_text(detail)), NULL);
}

static gt_err step_find(const char *name, vending_step *out)
{
    for (size_t step = 0; step < STEPS; step++) {
        if (strcmp(steps[step].name, name) == 0) {
            *out = (vending_step)step;
            return GT_ERR_OK;
        }
    }
    return GT_ERR_CORRUPT;
}

gt_err vending_order_timeline(const store_tx *tx, int64_t order_id, vending_event *out, size_t cap,
                              size_t *out_count)
{
    store_rows rows = store_rows_open(tx, STMT_VENDING_EVENT_LIST,
                                      STORE_PARAMS(store_int(order_id), store_int((int64_t)cap)));
    size_t count = 0;
    gt_err err = GT_ERR_OK;
    while (err == GT_ERR_OK && store_rows_next(&rows)) {
        vending_event *event = &out[count++];
        *event = (vending_event){.id = store_rows_int(&rows, 0), .at.ms = store_rows_int(&rows, 1)};
        err = step_find(store_rows_text(&rows, 2), &event->step);
        (void)snprintf(event->detail, sizeof event->detail, "%s", store_rows_text(&rows, 3));
    }
    GT_TRY(store_rows_close(&rows));
    GT_TRY(err);
    *out_count = count;
    return GT_ERR_OK;
}

gt_err vending_ticket_add(const store_tx *tx, const vending_ticket *ticket, gt_utc now)
{
    const store_value order = ticket->order_id == 0 ? store_null() : store_int(ticket->order_id);
    return store_run(tx, STMT_VENDING_TICKET_ADD,
                     STORE_PARAMS(store_int(now.ms), store_int(ticket->meter_id), order,
                                  store_text(ticket->kind), store_text(ticket->detail)),
                     NULL);
}

gt_err vending_audit_add(const store_tx *tx, const vending_act_row *row, gt_utc now)
{
    return store_run(tx, STMT_VENDING_AUDIT_ADD,
                     STORE_PARAMS(store_int(now.ms), store_text(row->actor), store_text(row->act),
                                  store_text(row->object), store_text(row->detail)),
                     NULL);
}
