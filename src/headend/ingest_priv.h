/* What goes into the databases besides commands: batches of readings, single chores. Internal. */
#ifndef GT_HEADEND_INGEST_PRIV_H
#define GT_HEADEND_INGEST_PRIV_H

#include "headend/headend.h"
#include "headend/limits_priv.h"
#include "headend/readings.h"
#include "vending/order.h"

typedef enum chore_kind {
    CHORE_NONE,
    CHORE_RECOVER, /* till */
    CHORE_EXPIRE,  /* till */
    CHORE_SEEN,    /* till: counts that differ from master data */
    CHORE_OFFLINE, /* readings: terminal_id, 0 all */
} chore_kind;

typedef struct headend_chore {
    headend *h;
    chore_kind kind;
    int64_t terminal_id;
    vending_seen seen[HEADEND_POINTS];
    gt_utc now;
    uint32_t count; /* of seen; of orders recovered, commands expired */
} headend_chore;

typedef enum batch_kind { BATCH_STATUS, BATCH_LATEST, BATCH_FREEZE, BATCH_OFFLINE } batch_kind;

typedef struct batch_row {
    batch_kind kind;
    int64_t meter_id;
    int64_t terminal_id;
    int32_t day;
    bool is_new;
    reading values;
} batch_row;

typedef struct headend_batch headend_batch;

/** Rows for the readings database, written together. */
struct headend_batch {
    headend *h;
    bool used;
    gt_utc received;
    uint32_t count;
    batch_row rows[HEADEND_BATCH_ROWS];
};

/* ingest.c */
/* A batch to fill, or NULL (readings_lost counts @p rows). */
headend_batch *ingest_take(headend *h, gt_utc received, uint32_t rows);
void ingest_submit(headend_batch *batch);
void ingest_give_back(headend_batch *batch);
/* A row of a batch. */
void ingest_row(headend_batch *batch, const batch_row *row);
/* @return false: too much is under way; ask again later */
bool chore_submit(headend *h, const headend_chore *chore);

#endif
