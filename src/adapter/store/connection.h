/**
 * @file connection.h
 * @brief One database connection with its prepared statements: what a store_tx is made of.
 *
 * Layer:   adapter. One thread at a time.
 */
#ifndef GT_ADAPTER_STORE_CONNECTION_H
#define GT_ADAPTER_STORE_CONNECTION_H

#include "adapter/store/engine.h"
#include "adapter/store/sql.h"

typedef struct connection connection;

/** Where a database is and how it is opened. */
typedef struct store_place {
    const engine *engine;
    store_db db;
    const char *target; /* see engine.h */
    const char *option;
    char *why;
} store_place;

GT_CHECKED gt_err connection_open(const store_place *place, connection **out);
void connection_close(connection *conn);

/**
 * Bring the schema up to date, each migration in one transaction.
 *
 * @param now_ms time to record
 * @return CONFLICT a migration already applied has another checksum, or the database is newer than
 *         this program
 */
GT_CHECKED gt_err connection_migrate(connection *conn, store_db db, int64_t now_ms);

/** Run @p work in one transaction of its own, again after a collision with another writer. */
GT_CHECKED gt_err connection_write(connection *conn, store_work work, void *arg);
GT_CHECKED gt_err connection_read(connection *conn, store_work work, void *arg);

GT_CHECKED gt_err connection_begin(connection *conn);
GT_CHECKED gt_err connection_commit(connection *conn);
void connection_rollback(connection *conn);
/**
 * Run @p work inside the open transaction under a savepoint.
 * @param[out] out_lost the engine gave up the whole transaction, earlier work included
 */
GT_CHECKED gt_err connection_item(connection *conn, store_work work, void *arg, bool *out_lost);

/** For tests: does the statement compile here, and with which counts. */
GT_CHECKED gt_err connection_shape(connection *conn, store_stmt stmt, size_t *out_params,
                                   size_t *out_columns);
/** The engine's own words for the last failure. */
const char *connection_message(connection *conn);

#endif
