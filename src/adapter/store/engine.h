/**
 * @file engine.h
 * @brief What a database library must be able to do: the small layer that both engines stand
 * behind.
 *
 * Layer:   adapter. SQLite (sqlite_engine.c) and PostgreSQL 15 (postgres_engine.c).
 * One engine connection belongs to one thread at a time. SQL arrives with $1 placeholders.
 */
#ifndef GT_ADAPTER_STORE_ENGINE_H
#define GT_ADAPTER_STORE_ENGINE_H

#include "port/store.h"

typedef struct engine_conn engine_conn;
typedef struct engine_stmt engine_stmt;

enum { ENGINE_WHY_MAX = 256 };

typedef enum engine_step { ENGINE_ROW, ENGINE_END } engine_step;

/** How a transaction starts. */
typedef enum engine_begin { ENGINE_READ, ENGINE_WRITE } engine_begin;

typedef struct engine {
    /** How often a write that ended BUSY is run: an engine that lets writers collide needs more. */
    unsigned write_tries;
    /** @param why  NULL, or room for ENGINE_WHY_MAX bytes: the library's words on failure */
    gt_err (*open)(const char *target, const char *option, char *why, engine_conn **out);
    void (*close)(engine_conn *conn);
    /** Run a text of one or more statements without parameters (migrations). */
    gt_err (*script)(engine_conn *conn, const char *sql);
    gt_err (*begin)(engine_conn *conn, engine_begin kind);
    gt_err (*commit)(engine_conn *conn);
    void (*rollback)(engine_conn *conn);
    gt_err (*savepoint)(engine_conn *conn);
    gt_err (*release)(engine_conn *conn);
    /** Undo to the savepoint. @return false when the whole transaction is gone with it */
    bool (*undo)(engine_conn *conn);
    gt_err (*prepare)(engine_conn *conn, const char *sql, engine_stmt **out);
    gt_err (*bind)(engine_stmt *stmt, size_t index, const store_value *value);
    gt_err (*step)(engine_stmt *stmt, engine_step *out);
    store_value (*column)(engine_stmt *stmt, size_t index);
    size_t (*params)(engine_stmt *stmt);
    size_t (*columns)(engine_stmt *stmt);
    void (*reset)(engine_stmt *stmt);
    void (*finalize)(engine_stmt *stmt);
    int64_t (*changes)(engine_conn *conn);
    /** The library's own words for the last failure; for logs. */
    const char *(*message)(engine_conn *conn);
} engine;

/**
 * target: path of the file (":memory:" for none).
 * option: NULL, or the name of a registered SQLite file system, which is then used with exclusive
 * locking (tests of crashes).
 */
extern const engine sqlite_engine;
/**
 * target: what libpq connects to, "host=/run/postgresql dbname=gridtill". option: the schema, made
 * by the first script.
 */
extern const engine postgres_engine;

#endif
