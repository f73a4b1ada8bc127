/* SQLite behind engine.h: WAL, synchronous=FULL, immediate write transactions. */
#include "adapter/store/engine.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUSY_TIMEOUT_MS = 5000, SQL_MAX = 4096 };

struct engine_conn {
    sqlite3 *db;
};

struct engine_stmt {
    sqlite3_stmt *stmt;
};

static gt_err err_of(int code)
{
    static const struct {
        int code;
        gt_err err;
    } rows[] = {
        {SQLITE_CONSTRAINT_UNIQUE, GT_ERR_EXISTS},
        {SQLITE_CONSTRAINT_PRIMARYKEY, GT_ERR_EXISTS},
        {SQLITE_CONSTRAINT_ROWID, GT_ERR_EXISTS},
        {SQLITE_CONSTRAINT, GT_ERR_CONFLICT},
        {SQLITE_FULL, GT_ERR_FULL},
        {SQLITE_BUSY, GT_ERR_BUSY},
        {SQLITE_LOCKED, GT_ERR_BUSY},
        {SQLITE_IOERR, GT_ERR_IO},
        {SQLITE_CANTOPEN, GT_ERR_IO},
        {SQLITE_READONLY, GT_ERR_IO},
        {SQLITE_CORRUPT, GT_ERR_CORRUPT},
        {SQLITE_NOTADB, GT_ERR_CORRUPT},
        {SQLITE_NOMEM, GT_ERR_MEMORY},
    };
    if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE) {
        return GT_ERR_OK;
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].code == code || rows[i].code == (code & 0xFF)) {
            return rows[i].err;
        }
    }
    return GT_ERR_INTERNAL;
}

static gt_err script(engine_conn *conn, const char *sql)
{
    return err_of(sqlite3_exec(conn->db, sql, NULL, NULL, NULL));
}

static void close_conn(engine_conn *conn)
{
    if (conn != NULL) {
        (void)sqlite3_close_v2(conn->db);
        free(conn);
    }
}

static gt_err open_conn(const char *target, const char *option, char *why, engine_conn **out)
{
    engine_conn *conn = calloc(1, sizeof *conn);
    if (conn == NULL) {
        return GT_ERR_MEMORY;
    }
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    gt_err err = err_of(sqlite3_open_v2(target, &conn->db, flags, option));
    if (err == GT_ERR_OK) {
        (void)sqlite3_extended_result_codes(conn->db, 1);
        (void)sqlite3_busy_timeout(conn->db, BUSY_TIMEOUT_MS);
        if (option != NULL) {
            err = script(conn, "PRAGMA locking_mode=EXCLUSIVE;");
        }
    }
    if (err == GT_ERR_OK) {
        err = script(conn, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                           "PRAGMA foreign_keys=ON; PRAGMA cache_size=-2048;"
                           "PRAGMA journal_size_limit=16777216;");
    }
    if (err != GT_ERR_OK) {
        if (why != NULL) {
            (void)snprintf(why, ENGINE_WHY_MAX, "%s", sqlite3_errmsg(conn->db));
        }
        close_conn(conn);
        return err;
    }
    *out = conn;
    return GT_ERR_OK;
}

static gt_err begin(engine_conn *conn, engine_begin kind)
{
    return script(conn, kind == ENGINE_WRITE ? "BEGIN IMMEDIATE" : "BEGIN");
}

static gt_err commit(engine_conn *conn)
{
    return script(conn, "COMMIT");
}

static void rollback(engine_conn *conn)
{
    if (sqlite3_get_autocommit(conn->db) == 0) {
        (void)script(conn, "ROLLBACK");
    }
}

static gt_err savepoint(engine_conn *conn)
{
    return script(conn, "SAVEPOINT item");
}

static gt_err release(engine_conn *conn)
{
    return script(conn, "RELEASE item");
}

/* A full disk or an input/output error makes SQLite roll the whole transaction back by itself. */
static bool undo(engine_conn *conn)
{
    return sqlite3_get_autocommit(conn->db) == 0 &&
           script(conn, "ROLLBACK TO item; RELEASE item") == GT_ERR_OK;
}

/* "$1" as both engines write it -> "?1" as SQLite numbers it; texts in quotes stay. */
static bool question_marks(const char *sql, char out[SQL_MAX])
{
    bool quoted = false;
    size_t n = 0;
    for (; sql[n] != '\0' && n < SQL_MAX - 1; n++) {
        quoted ^= sql[n] == '\'';
        out[n] = !quoted && sql[n] == '$' ? '?' : sql[n];
    }
    out[n] = '\0';
    return sql[n] == '\0';
}

static gt_err prepare(engine_conn *conn, const char *sql, engine_stmt **out)
{
    char text[SQL_MAX];
    if (!question_marks(sql, text)) {
        return GT_ERR_SPACE;
    }
    engine_stmt *stmt = calloc(1, sizeof *stmt);
    if (stmt == NULL) {
        return GT_ERR_MEMORY;
    }
    const int code =
        sqlite3_prepare_v3(conn->db, text, -1, SQLITE_PREPARE_PERSISTENT, &stmt->stmt, NULL);
    if (code != SQLITE_OK) {
        free(stmt);
        return err_of(code);
    }
    *out = stmt;
    return GT_ERR_OK;
}

static gt_err bind(engine_stmt *stmt, size_t index, const store_value *value)
{
    const int at = (int)index + 1;
    switch (value->type) {
    case STORE_NULL:
        return err_of(sqlite3_bind_null(stmt->stmt, at));
    case STORE_INT:
        return err_of(sqlite3_bind_int64(stmt->stmt, at, value->number));
    case STORE_TEXT:
        return err_of(sqlite3_bind_text64(stmt->stmt, at, value->data, value->len, SQLITE_TRANSIENT,
                                          SQLITE_UTF8));
    case STORE_BLOB:
        return err_of(
            sqlite3_bind_blob64(stmt->stmt, at, value->data, value->len, SQLITE_TRANSIENT));
    }
    return GT_ERR_INTERNAL;
}

static gt_err step(engine_stmt *stmt, engine_step *out)
{
    const int code = sqlite3_step(stmt->stmt);
    *out = code == SQLITE_ROW ? ENGINE_ROW : ENGINE_END;
    return err_of(code);
}

static store_value column(engine_stmt *stmt, size_t index)
{
    const int at = (int)index;
    switch (sqlite3_column_type(stmt->stmt, at)) {
    case SQLITE_INTEGER:
        return store_int(sqlite3_column_int64(stmt->stmt, at));
    case SQLITE_TEXT:
        return (store_value){.type = STORE_TEXT,
                             .data = sqlite3_column_text(stmt->stmt, at),
                             .len = (size_t)sqlite3_column_bytes(stmt->stmt, at)};
    case SQLITE_BLOB:
        return store_blob(sqlite3_column_blob(stmt->stmt, at),
                          (size_t)sqlite3_column_bytes(stmt->stmt, at));
    default:
        return store_null();
    }
}

static size_t params(engine_stmt *stmt)
{
    return (size_t)sqlite3_bind_parameter_count(stmt->stmt);
}

static size_t columns(engine_stmt *stmt)
{
    return (size_t)sqlite3_column_count(stmt->stmt);
}

static void reset(engine_stmt *stmt)
{
    (void)sqlite3_reset(stmt->stmt);
    (void)sqlite3_clear_bindings(stmt->stmt);
}

static void finalize(engine_stmt *stmt)
{
    if (stmt != NULL) {
        (void)sqlite3_finalize(stmt->stmt);
        free(stmt);
    }
}

static int64_t changes(engine_conn *conn)
{
    return sqlite3_changes64(conn->db);
}

static const char *message(engine_conn *conn)
{
    return sqlite3_errmsg(conn->db);
}

const engine sqlite_engine = {
    .write_tries = 1, /* the library has waited BUSY_TIMEOUT_MS by then */
    .open = open_conn,
    .close = close_conn,
    .script = script,
    .begin = begin,
    .commit = commit,
    .rollback = rollback,
    .savepoint = savepoint,
    .release = release,
    .undo = undo,
    .prepare = prepare,
    .bind = bind,
    .step = step,
    .column = column,
    .params = params,
    .columns = columns,
    .reset = reset,
    .finalize = finalize,
    .changes = changes,
    .message = message,
};
