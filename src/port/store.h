/**
 * @file store.h
 * @brief The database as services see it: named statements, transactions as re-runnable functions.
 *
 * Layer:   port. SQL text lives in adapter/store only; a statement is called by its name.
 * Real:    adapter/store: SQLite with a writer thread (station, concentrator); SQLite run at once
 *          on the caller's thread (tests in virtual time, command line).
 * Writes go through one door: submit() queues a function; the writer groups what has queued, gives
 * each a savepoint, commits once, syncs once and only then reports.
 */
#ifndef GT_PORT_STORE_H
#define GT_PORT_STORE_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Every statement of every service; statement.def has STMT(NAME, parameters, columns) rows. */
typedef enum store_stmt {
#define STMT(name, params, columns) STMT_##name,
#include "port/statement.def"
#undef STMT
} store_stmt;

enum { STORE_PARAMS_MAX = 24, STORE_COLUMNS_MAX = 32 };

typedef enum store_type { STORE_NULL, STORE_INT, STORE_TEXT, STORE_BLOB } store_type;

typedef struct store_value {
    store_type type;
    int64_t number;
    const void *data; /* TEXT is terminated; owned by whoever made the value */
    size_t len;       /* without the terminator */
} store_value;

store_value store_null(void);
store_value store_int(int64_t number);
/** NULL text is a NULL value. */
store_value store_text(const char *text);
store_value store_blob(const void *data, size_t len);

/** One transaction or read snapshot. Opaque to services; filled by the adapter. */
typedef struct store_tx {
    void *ctx;
    gt_err (*open)(void *ctx, store_stmt stmt, const store_value *params, size_t count,
                   void **out_cursor);
    gt_err (*next)(void *cursor, bool *out_row);
    store_value (*column)(void *cursor, size_t index);
    void (*close)(void *cursor);
    int64_t (*changes)(void *ctx); /* rows that the last finished write touched */
} store_tx;

/** A statement being stepped. Close it on every path; close accepts one that failed to open. */
typedef struct store_rows {
    const store_tx *tx;
    void *cursor;
    gt_err err; /* first failure, sticky; checked by store_rows_close */
} store_rows;

/**
 * Start a statement. @p params must be as many as statement.def says (asserted).
 * Errors stick in the rows: a loop `while (store_rows_next(&rows))` then `store_rows_close`.
 */
store_rows store_rows_open(const store_tx *tx, store_stmt stmt, const store_value *params,
                           size_t count);
bool store_rows_next(store_rows *rows);
/** Column of the current row; 0 / "" / empty for NULL. Texts and blobs live until next or close. */
int64_t store_rows_int(const store_rows *rows, size_t column);
const char *store_rows_text(const store_rows *rows, size_t column);
store_value store_rows_value(const store_rows *rows, size_t column);
/**
 * @return EXISTS    a unique rule refused a write        CONFLICT  a check or foreign key refused
 * it FULL      no space on the disk                  IO, CORRUPT, BUSY, INTERNAL
 */
GT_CHECKED gt_err store_rows_close(store_rows *rows);

/** Run a write to its end. @param out_changes rows touched, may be NULL */
GT_CHECKED gt_err store_run(const store_tx *tx, store_stmt stmt, const store_value *params,
                            size_t count, int64_t *out_changes);
/** One integer of one row: column 0. @return NOT_FOUND when there is no row */
GT_CHECKED gt_err store_find_int(const store_tx *tx, store_stmt stmt, const store_value *params,
                                 size_t count, int64_t *out);

#define STORE_PARAMS(...)               \
    (const store_value[]){__VA_ARGS__}, \
        sizeof((const store_value[]){__VA_ARGS__}) / sizeof(store_value)
#define STORE_NO_PARAMS NULL, 0

/** A transaction's body. May run again after a busy or serialisation failure: no effects outside.
 */
typedef gt_err (*store_work)(const store_tx *tx, void *arg);
/** Called once, on the submitter's own thread, after the outcome is durable. */
typedef void (*store_done)(void *arg, gt_err err);

typedef struct gt_store {
    void *ctx;
    /**
     * Queue a write. @p arg must live until done is called. done may be NULL only where nobody
     * needs the outcome.
     * @return BUSY the queue is full, FULL the disk has no room (refused before anything is taken)
     */
    gt_err (*submit)(void *ctx, store_work work, void *arg, store_done done);
    /** Run a read at once in its own snapshot. Writes inside are a defect. */
    gt_err (*read)(void *ctx, store_work work, void *arg);
} gt_store;

/**
 * Submit and return the outcome. Only for a store whose submit calls done before it returns
 * (asserted).
 */
GT_CHECKED gt_err store_write(const gt_store *store, store_work work, void *arg);

#endif
