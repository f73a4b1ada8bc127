/* The box and its store: status blocks in batches, frozen records one by one, old ones cleared
 * once a day. A transaction's body may run on another thread, so it sees a copy that is not touched
 * until the outcome is known; what the store did not take stays owed. */
#include "concentrator/concentrator_priv.h"

static void store_outcome(concentrator *c, const char *what, gt_err err)
{
    if (err != GT_ERR_OK) {
        c->stats.store_failures++;
    }
    if (err != GT_ERR_OK && !c->store_failing) {
        gt_log_event(c->ports.log, GT_LOG_ERROR, "store.failed", gt_log_str("what", what),
                     gt_log_str("error", gt_err_name(err)));
    }
    if (err == GT_ERR_OK && c->store_failing) {
        gt_log_event(c->ports.log, GT_LOG_INFO, "store.works", gt_log_str("what", what));
    }
    c->store_failing = err != GT_ERR_OK;
}

static box_point *point_of_meter(concentrator *c, int64_t meter_no)
{
    for (size_t i = 0; i < c->point_count; i++) {
        if (c->points[i].meter.meter_no == (uint64_t)meter_no) {
            return &c->points[i];
        }
    }
    return NULL;
}

/* Bytes of the store -> registers of that block; false when they are another model's. */
static bool registers_of(const box_point *p, device_block block, store_value blob,
                         device_registers *out)
{
    const uint8_t count = device_block_count(p->model, block);
    if (blob.type != STORE_BLOB || blob.len != (size_t)count * 2) {
        return false;
    }
    gt_rd r = gt_rd_of(blob.data, blob.len);
    *out = (device_registers){.first = device_block_first(p->model, block), .count = count};
    for (size_t i = 0; i < count; i++) {
        out->value[i] = gt_rd_u16be(&r);
    }
    return gt_rd_done(&r) == GT_ERR_OK;
}

static gt_err load_latest(const store_tx *tx, concentrator *c)
{
    store_rows rows = store_rows_open(tx, STMT_BOX_LATEST_LIST, STORE_NO_PARAMS);
    while (store_rows_next(&rows)) {
        box_point *p = point_of_meter(c, store_rows_int(&rows, 0));
        device_registers block;
        if (p != NULL && registers_of(p, DEVICE_STATUS, store_rows_value(&rows, 2), &block)) {
            p->taken.ms = store_rows_int(&rows, 1);
            p->block = block;
            p->read = true;
        }
    }
    return store_rows_close(&rows);
}

/* Periods are found by the store alone: what is newest is not known before the clock is good. */
static gt_err load_freezes(const store_tx *tx, concentrator *c, box_freeze_kind kind)
{
    store_rows rows =
        store_rows_open(tx, STMT_BOX_FREEZE_LIST, STORE_PARAMS(store_int(kind), store_int(0)));
    box_point *p = NULL;
    while (store_rows_next(&rows)) {
        const int64_t meter_no = store_rows_int(&rows, 0);
        if (p == NULL || p->meter.meter_no != (uint64_t)meter_no) {
            p = point_of_meter(c, meter_no);
        }
        if (p != NULL) {
            box_freeze *f = kind == BOX_FREEZE_DAILY ? &p->daily : &p->monthly;
            const int64_t period = store_rows_int(&rows, 1);
            if (period > f->newest && period < INT32_MAX) {
                box_freeze_roll(f, (int32_t)period); /* rows come oldest first */
            }
            box_freeze_mark(f, (int32_t)period);
        }
    }
    return store_rows_close(&rows);
}

static gt_err load_work(const store_tx *tx, void *arg)
{
    concentrator *c = arg;
    GT_TRY(load_latest(tx, c));
    GT_TRY(load_freezes(tx, c, BOX_FREEZE_DAILY));
    return load_freezes(tx, c, BOX_FREEZE_MONTHLY);
}

gt_err box_archive_load(concentrator *c)
{
    return c->ports.store->read(c->ports.store->ctx, load_work, c);
}

static gt_err keep_work(const store_tx *tx, void *arg)
{
    const box_batch *batch = arg;
    for (size_t i = 0; i < batch->count; i++) {
        const box_row *row = &batch->rows[i];
        GT_TRY(store_run(tx, STMT_BOX_LATEST_PUT,
                         STORE_PARAMS(store_int((int64_t)row->meter_no), store_int(row->taken.ms),
                                      store_blob(row->bytes, row->len)),
                         NULL));
    }
    return GT_ERR_OK;
}

static void keep_done(void *arg, gt_err err);

/* Copy what is newer than the store's into the batch. */
static void fill_batch(concentrator *c)
{
    box_batch *batch = &c->batch;
    batch->count = 0;
    for (size_t i = 0; i < c->point_count; i++) {
        box_point *p = &c->points[i];
        if (!p->dirty) {
            continue;
        }
        box_row *row = &batch->rows[batch->count++];
        row->point_idx = (uint16_t)i;
        row->meter_no = p->meter.meter_no;
        row->taken = p->taken;
        gt_wr w = gt_wr_of(row->bytes, sizeof row->bytes);
        for (size_t n = 0; n < p->block.count; n++) {
            gt_wr_u16be(&w, p->block.value[n]);
        }
        row->len = w.len;
        p->dirty = false;
    }
}

void box_archive_keep(concentrator *c)
{
    if (c->batch.busy) {
        return;
    }
    fill_batch(c);
    if (c->batch.count == 0) {
        return;
    }
    c->batch.busy = true;
    const gt_err err = c->ports.store->submit(c->ports.store->ctx, keep_work, &c->batch, keep_done);
    if (err != GT_ERR_OK) {
        keep_done(&c->batch, err);
    }
}

static void keep_done(void *arg, gt_err err)
{
    box_batch *batch = arg;
    concentrator *c = batch->box;
    batch->busy = false;
    store_outcome(c, "latest", err);
    for (size_t i = 0; err != GT_ERR_OK && i < batch->count; i++) {
        c->points[batch->rows[i].point_idx].dirty = true; /* again with the next round */
    }
}

static gt_err record_work(const store_tx *tx, void *arg)
{
    const box_record *record = arg;
    return store_run(tx, STMT_BOX_FREEZE_PUT,
                     STORE_PARAMS(store_int(record->kind), store_int((int64_t)record->meter_no),
                                  store_int(record->period), store_int(record->taken.ms),
                                  store_blob(record->bytes, record->len)),
                     NULL);
}

static void record_done(void *arg, gt_err err)
{
    box_record *record = arg;
    concentrator *c = record->box;
    record->busy = false;
    store_outcome(c, "freeze", err);
    if (err != GT_ERR_OK) {
        box_point *p = &c->points[record->point_idx];
        box_freeze *f = record->kind == BOX_FREEZE_DAILY ? &p->daily : &p->monthly;
        box_freeze_forget(f, record->period);
        box_freeze_failed(f, c->now);
    }
}

void box_archive_record(concentrator *c, box_line *l)
{
    box_record *record = &l->record;
    record->busy = true;
    const gt_err err =
        c->ports.store->submit(c->ports.store->ctx, record_work, record, record_done);
    if (err != GT_ERR_OK) {
        record_done(record, err);
    }
}

static gt_err purge_work(const store_tx *tx, void *arg)
{
    const box_purge *purge = arg;
    GT_TRY(store_run(tx, STMT_BOX_FREEZE_PURGE,
                     STORE_PARAMS(store_int(BOX_FREEZE_DAILY), store_int(purge->first_day)), NULL));
    return store_run(tx, STMT_BOX_FREEZE_PURGE,
                     STORE_PARAMS(store_int(BOX_FREEZE_MONTHLY), store_int(purge->first_month)),
                     NULL);
}

static void purge_done(void *arg, gt_err err)
{
    box_purge *purge = arg;
    purge->busy = false;
    store_outcome(purge->box, "purge", err);
}

void box_archive_purge(concentrator *c, const gt_civil *local)
{
    box_purge *purge = &c->purge;
    const int32_t today = gt_civil_day(local);
    /* Only a clock that the station vouches for may clear anything: a wrong year would clear all.
     */
    if (purge->busy || purge->day == today || !c->clock.trusted) {
        return;
    }
    purge->day = today;
    purge->first_day = today - BOX_FREEZE_DAYS + 1;
    purge->first_month = box_freeze_period(BOX_FREEZE_MONTHLY, local) - BOX_FREEZE_MONTHS + 1;
    purge->busy = true;
    const gt_err err = c->ports.store->submit(c->ports.store->ctx, purge_work, purge, purge_done);
    if (err != GT_ERR_OK) {
        purge_done(purge, err);
    }
}

typedef struct find_args {
    const box_point *point;
    box_freeze_kind kind;
    int32_t period;
    box_found *out;
} find_args;

static gt_err find_work(const store_tx *tx, void *arg)
{
    const find_args *args = arg;
    const box_point *p = args->point;
    store_rows rows =
        store_rows_open(tx, STMT_BOX_FREEZE_FIND,
                        STORE_PARAMS(store_int(args->kind), store_int((int64_t)p->meter.meter_no),
                                     store_int(args->period)));
    bool found = false;
    if (store_rows_next(&rows)) {
        const device_block block = args->kind == BOX_FREEZE_DAILY ? DEVICE_DAILY : DEVICE_MONTHLY;
        args->out->taken.ms = store_rows_int(&rows, 0);
        found = registers_of(p, block, store_rows_value(&rows, 1), &args->out->registers);
    }
    GT_TRY(store_rows_close(&rows));
    return found ? GT_ERR_OK : GT_ERR_NOT_FOUND;
}

gt_err box_archive_find(concentrator *c, const box_point *p, box_freeze_kind kind, int32_t period,
                        box_found *out)
{
    find_args args = {.point = p, .kind = kind, .period = period, .out = out};
    return c->ports.store->read(c->ports.store->ctx, find_work, &args);
}
