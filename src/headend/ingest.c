/* What goes into the databases besides commands: batches of rows for the readings file, and single
 * chores. Both come from fixed pools: when everything is under way, a batch is dropped and counted,
 * a chore is asked for again later. */
#include "headend/headend_priv.h"

headend_batch *ingest_take(headend *h, gt_utc received, uint32_t rows)
{
    for (uint32_t i = 0; i < h->batches_max; i++) {
        if (!h->batches[i].used) {
            headend_batch *batch = &h->batches[i];
            batch->h = h;
            batch->used = true;
            batch->received = received;
            batch->count = 0;
            return batch;
        }
    }
    h->stats.readings_lost += rows;
    return NULL;
}

void ingest_row(headend_batch *batch, const batch_row *row)
{
    GT_ASSERT(batch->count < HEADEND_BATCH_ROWS);
    batch->rows[batch->count] = *row;
    batch->count++;
}

void ingest_give_back(headend_batch *batch)
{
    batch->used = false;
}

static gt_err row_write(const store_tx *tx, const headend_batch *batch, batch_row *row)
{
    const headend_latest latest = {.meter_id = row->meter_id,
                                   .terminal_id = row->terminal_id,
                                   .received = batch->received,
                                   .values = row->values};
    const headend_freeze freeze = {.meter_id = row->meter_id,
                                   .terminal_id = row->terminal_id,
                                   .day = row->day,
                                   .values = row->values};
    switch (row->kind) {
    case BATCH_STATUS:
        GT_TRY(headend_reading_add(tx, row->meter_id, &row->values));
        return headend_latest_put(tx, &latest);
    case BATCH_LATEST:
        return headend_latest_put(tx, &latest);
    case BATCH_FREEZE:
        return headend_freeze_put(tx, &freeze, &row->is_new);
    case BATCH_OFFLINE:
        return headend_latest_offline(tx, row->terminal_id, row->meter_id);
    }
    return GT_ERR_INTERNAL;
}

static gt_err batch_work(const store_tx *tx, void *arg)
{
    headend_batch *batch = arg;
    for (uint32_t i = 0; i < batch->count; i++) {
        GT_TRY(row_write(tx, batch, &batch->rows[i]));
    }
    return GT_ERR_OK;
}

static void batch_failed(headend_batch *batch, gt_err err)
{
    headend *h = batch->h;
    h->stats.readings_lost += batch->count;
    gt_log_event(&h->ports.log, GT_LOG_ERROR, "readings.lost", gt_log_str("err", gt_err_name(err)),
                 gt_log_num("rows", batch->count));
    batch->used = false;
}

static void batch_done(void *arg, gt_err err)
{
    headend_batch *batch = arg;
    headend *h = batch->h;
    h->store_pending--;
    if (err != GT_ERR_OK) {
        batch_failed(batch, err);
        return;
    }
    for (uint32_t i = 0; i < batch->count; i++) {
        const batch_row *row = &batch->rows[i];
        if (row->kind == BATCH_FREEZE) {
            h->stats.freezes_stored += row->is_new ? 1 : 0;
        } else {
            h->ports.events.publish(h->ports.events.ctx, GT_EVENT_METER, row->meter_id);
        }
    }
    batch->used = false;
}

void ingest_submit(headend_batch *batch)
{
    headend *h = batch->h;
    if (batch->count == 0) {
        batch->used = false;
        return;
    }
    h->store_pending++;
    const gt_err err =
        h->ports.readings.submit(h->ports.readings.ctx, batch_work, batch, batch_done);
    if (err != GT_ERR_OK) {
        h->store_pending--;
        batch_failed(batch, err);
    }
}

/* ---- chores ---- */

static gt_err seen_work(const store_tx *tx, const headend_chore *chore)
{
    for (uint32_t i = 0; i < chore->count; i++) {
        bool changed = false;
        GT_TRY(vending_meter_seen(tx, &chore->seen[i], &changed));
    }
    return GT_ERR_OK;
}

static gt_err chore_work(const store_tx *tx, void *arg)
{
    headend_chore *chore = arg;
    switch (chore->kind) {
    case CHORE_NONE:
        break;
    case CHORE_RECOVER:
        return vending_recover(tx, chore->now, &chore->count);
    case CHORE_EXPIRE:
        return vending_command_expire(tx, chore->now, &chore->count);
    case CHORE_SEEN:
        return seen_work(tx, chore);
    case CHORE_OFFLINE:
        if (chore->terminal_id == 0) {
            return headend_latest_all_offline(tx);
        }
        return headend_latest_offline(tx, chore->terminal_id, 0);
    }
    return GT_ERR_INTERNAL;
}

static void chore_done(void *arg, gt_err err)
{
    headend_chore *chore = arg;
    headend *h = chore->h;
    const chore_kind kind = chore->kind;
    chore->kind = CHORE_NONE;
    h->store_pending--;
    if (kind == CHORE_RECOVER) {
        h->recovering = false;
        h->recovered = err == GT_ERR_OK;
        h->deadline = (gt_mono){.us = INT64_MIN};
        if (h->recovered) {
            gt_log_event(&h->ports.log, GT_LOG_INFO, "orders.recovered",
                         gt_log_num("unknown", chore->count));
        } else {
            h->expire_at.us += HEADEND_EXPIRE_MS * INT64_C(1000); /* again then */
        }
    }
    if (err != GT_ERR_OK) {
        gt_log_event(&h->ports.log, GT_LOG_ERROR, "headend.store_failed",
                     gt_log_str("err", gt_err_name(err)), gt_log_num("chore", (int64_t)kind));
    }
}

bool chore_submit(headend *h, const headend_chore *chore)
{
    headend_chore *slot = NULL;
    for (unsigned i = 0; i < HEADEND_CHORES && slot == NULL; i++) {
        slot = h->chores[i].kind == CHORE_NONE ? &h->chores[i] : NULL;
    }
    if (slot == NULL) {
        return false;
    }
    *slot = *chore;
    slot->h = h;
    const gt_store *store = chore->kind == CHORE_OFFLINE ? &h->ports.readings : &h->ports.till;
    h->store_pending++;
    const gt_err err = store->submit(store->ctx, chore_work, slot, chore_done);
    if (err != GT_ERR_OK) {
        chore_done(slot, err);
        return false;
    }
    return true;
}
