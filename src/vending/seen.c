/* Counts that ordinary status readings show. The station must know n before it can sell n+1, and
 * must not be led astray by a reading older than its last order: taking n back would make a later
 * order of the same amount look delivered when it was not. */
#include "vending/vending_priv.h"

#include "registry/registry.h"

#include <stdio.h>

/* A reading this much later than the last order cannot have been taken before it. */
enum { CLEARLY_LATER_MS = 10 * 60 * 1000 };

/* The count nearest to @p known that has these low bits. */
static uint32_t widen(uint32_t known, uint32_t seen, uint8_t bits)
{
    if (bits >= 32) {
        return seen;
    }
    const uint32_t span = 1U << bits;
    const uint32_t base = (known & ~(span - 1)) | (seen & (span - 1));
    if (base > known && base - known > span / 2 && base >= span) {
        return base - span;
    }
    return known > base && known - base > span / 2 && base <= UINT32_MAX - span ? base + span
                                                                                : base;
}

static gt_err purchase_put(const store_tx *tx, int64_t meter_id, uint32_t count)
{
    return store_run(tx, STMT_VENDING_COUNT_PURCHASE,
                     STORE_PARAMS(store_int(meter_id), store_int(count)), NULL);
}

/* A count that moved without an order of ours: somebody else credited the meter, or it was changed
 * or reset. Selling goes on from what it shows; a person is told. */
static gt_err purchase_jumped(const store_tx *tx, const registry_meter *meter,
                              const vending_seen *seen, uint32_t count)
{
    char object[32];
    char detail[VENDING_DETAIL_MAX];
    (void)snprintf(object, sizeof object, "meter:%lld", (long long)meter->id);
    (void)snprintf(detail, sizeof detail, "purchase count %u, expected %u", count,
                   meter->purchase_count);
    const vending_ticket ticket = {.meter_id = meter->id, .kind = "count_jumped", .detail = detail};
    const vending_act_row act = {
        .actor = VENDING_ACTOR_SYSTEM, .act = "count_jumped", .object = object, .detail = detail};
    GT_TRY(vending_ticket_add(tx, &ticket, seen->taken));
    GT_TRY(vending_audit_add(tx, &act, seen->taken));
    return purchase_put(tx, meter->id, count);
}

static gt_err purchase_seen(const store_tx *tx, const registry_meter *meter,
                            const vending_seen *seen, bool *out_changed)
{
    if (!meter->count_known) {
        *out_changed = true;
        return purchase_put(tx, meter->id, seen->purchase_count);
    }
    const uint32_t count = widen(meter->purchase_count, seen->purchase_count, seen->count_bits);
    if (count == meter->purchase_count) {
        return GT_ERR_OK;
    }
    store_rows rows =
        store_rows_open(tx, STMT_VENDING_COUNT_LAST, STORE_PARAMS(store_int(meter->id)));
    int64_t last_ms = INT64_MAX;
    int64_t open = 1;
    if (store_rows_next(&rows)) {
        last_ms = store_rows_int(&rows, 0);
        open = store_rows_int(&rows, 1);
    }
    GT_TRY(store_rows_close(&rows));
    if (open > 0 || seen->taken.ms - CLEARLY_LATER_MS < last_ms) {
        return GT_ERR_OK;
    }
    *out_changed = true;
    return purchase_jumped(tx, meter, seen, count);
}

gt_err vending_meter_seen(const store_tx *tx, const vending_seen *seen, bool *out_changed)
{
    registry_meter meter = {0};
    bool changed = false;
    GT_TRY(registry_meter_find(tx, seen->meter_id, &meter));
    GT_TRY(purchase_seen(tx, &meter, seen, &changed));
    const uint32_t control = widen(meter.control_count, seen->control_count, seen->count_bits);
    if (control > meter.control_count) { /* never back: a count used once is used up */
        GT_TRY(store_run(tx, STMT_VENDING_COUNT_CONTROL,
                         STORE_PARAMS(store_int(meter.id), store_int(control)), NULL));
        changed = true;
    }
    *out_changed = changed;
    return GT_ERR_OK;
}
