/* A connection keeps each named statement prepared after its first use. A statement that is still
 * being stepped when it is opened again (a loop inside a loop) gets a second, short-lived copy. */
#include "adapter/store/connection_priv.h"

#include <stdlib.h>

static gt_err bind_all(connection *conn, engine_stmt *stmt, const store_value *params, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        GT_TRY(conn->engine->bind(stmt, i, &params[i]));
    }
    return GT_ERR_OK;
}

static gt_err take_cursor(connection *conn, store_stmt stmt, cursor **out)
{
    slot *own = &conn->slots[stmt];
    if (!own->busy && own->cursor.stmt == NULL) {
        GT_TRY(conn->engine->prepare(conn->db, sql_text(stmt), &own->cursor.stmt));
    }
    if (!own->busy) {
        own->busy = true;
        own->cursor.conn = conn;
        own->cursor.cached = true;
        *out = &own->cursor;
        return GT_ERR_OK;
    }
    cursor *extra = calloc(1, sizeof *extra);
    if (extra == NULL) {
        return GT_ERR_MEMORY;
    }
    extra->conn = conn;
    const gt_err err = conn->engine->prepare(conn->db, sql_text(stmt), &extra->stmt);
    if (err != GT_ERR_OK) {
        free(extra);
        return err;
    }
    *out = extra;
    return GT_ERR_OK;
}

static void close_cursor(void *handle)
{
    cursor *c = handle;
    if (c->cached) {
        c->conn->engine->reset(c->stmt);
        slot *own = (slot *)(void *)c; /* the cursor is its slot's first member */
        own->busy = false;
        return;
    }
    c->conn->engine->finalize(c->stmt);
    free(c);
}

static gt_err open_cursor(void *ctx, store_stmt stmt, const store_value *params, size_t count,
                          void **out_cursor)
{
    cursor *c = NULL;
    GT_TRY(take_cursor(ctx, stmt, &c));
    const gt_err err = bind_all(ctx, c->stmt, params, count);
    if (err != GT_ERR_OK) {
        close_cursor(c);
        return err;
    }
    *out_cursor = c;
    return GT_ERR_OK;
}

static gt_err next_row(void *handle, bool *out_row)
{
    const cursor *c = handle;
    engine_step step = ENGINE_END;
    GT_TRY(c->conn->engine->step(c->stmt, &step));
    *out_row = step == ENGINE_ROW;
    return GT_ERR_OK;
}

static store_value column_of(void *handle, size_t index)
{
    const cursor *c = handle;
    return c->conn->engine->column(c->stmt, index);
}

static int64_t changes_of(void *ctx)
{
    const connection *conn = ctx;
    return conn->engine->changes(conn->db);
}

gt_err connection_open(const store_place *place, connection **out)
{
    connection *conn = calloc(1, sizeof *conn);
    slot *slots = calloc(sql_count(), sizeof *slots);
    gt_err err = conn == NULL || slots == NULL ? GT_ERR_MEMORY : GT_ERR_OK;
    engine_conn *db = NULL;
    if (err == GT_ERR_OK) {
        err = place->engine->open(place->target, place->option, place->why, &db);
    }
    if (err != GT_ERR_OK) {
        free(slots);
        free(conn);
        return err;
    }
    *conn = (connection){.engine = place->engine,
                         .db = db,
                         .slots = slots,
                         .tx = {.ctx = conn,
                                .open = open_cursor,
                                .next = next_row,
                                .column = column_of,
                                .close = close_cursor,
                                .changes = changes_of}};
    *out = conn;
    return GT_ERR_OK;
}

void connection_close(connection *conn)
{
    if (conn == NULL) {
        return;
    }
    for (size_t i = 0; i < sql_count(); i++) {
        conn->engine->finalize(conn->slots[i].cursor.stmt);
    }
    conn->engine->close(conn->db);
    free(conn->slots);
    free(conn);
}

gt_err connection_begin(connection *conn)
{
    return conn->engine->begin(conn->db, ENGINE_WRITE);
}

gt_err connection_commit(connection *conn)
{
    const gt_err err = conn->engine->commit(conn->db);
    if (err != GT_ERR_OK) {
        conn->engine->rollback(conn->db);
    }
    return err;
}

void connection_rollback(connection *conn)
{
    conn->engine->rollback(conn->db);
}

gt_err connection_item(connection *conn, store_work work, void *arg, bool *out_lost)
{
    *out_lost = false;
    gt_err err = conn->engine->savepoint(conn->db);
    if (err == GT_ERR_OK) {
        err = work(&conn->tx, arg);
    }
    if (err == GT_ERR_OK) {
        err = conn->engine->release(conn->db);
    }
    if (err != GT_ERR_OK) {
        *out_lost = !conn->engine->undo(conn->db);
    }
    return err;
}

static gt_err write_once(connection *conn, store_work work, void *arg)
{
    GT_TRY(connection_begin(conn));
    const gt_err err = work(&conn->tx, arg);
    if (err != GT_ERR_OK) {
        connection_rollback(conn);
        return err;
    }
    return connection_commit(conn);
}

gt_err connection_write(connection *conn, store_work work, void *arg)
{
    gt_err err = GT_ERR_BUSY;
    for (unsigned i = 0; err == GT_ERR_BUSY && i < conn->engine->write_tries; i++) {
        err = write_once(conn, work, arg);
    }
    return err;
}

gt_err connection_read(connection *conn, store_work work, void *arg)
{
    GT_TRY(conn->engine->begin(conn->db, ENGINE_READ));
    const gt_err err = work(&conn->tx, arg);
    conn->engine->rollback(conn->db);
    return err;
}

gt_err connection_shape(connection *conn, store_stmt stmt, size_t *out_params, size_t *out_columns)
{
    engine_stmt *prepared = NULL;
    GT_TRY(conn->engine->prepare(conn->db, sql_text(stmt), &prepared));
    *out_params = conn->engine->params(prepared);
    *out_columns = conn->engine->columns(prepared);
    conn->engine->finalize(prepared);
    return GT_ERR_OK;
}

const char *connection_message(connection *conn)
{
    return conn->engine->message(conn->db);
}
