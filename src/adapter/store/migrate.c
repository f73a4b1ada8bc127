/* Numbered migrations, each in one transaction, each with the checksum of its text kept. */
#include "adapter/store/connection_priv.h"
#include "base/sum.h"

#include <string.h>

static const char versions_table[] =
    "CREATE TABLE IF NOT EXISTS schema_version ("
    " number BIGINT NOT NULL PRIMARY KEY, checksum BIGINT NOT NULL, at_ms BIGINT NOT NULL)";

typedef struct applied {
    int64_t number;  /* highest number in the database, -1 when none */
    gt_err mismatch; /* CONFLICT when one differs from this program's */
    store_db db;
} applied;

static int64_t checksum(const migration *m)
{
    return gt_crc32((const uint8_t *)m->text, strlen(m->text));
}

static bool same_as_ours(store_db db, int64_t number, int64_t sum)
{
    size_t count = 0;
    const migration *list = migration_list(&count);
    for (size_t i = 0; i < count; i++) {
        if (list[i].db == db && list[i].number == number) {
            return checksum(&list[i]) == sum;
        }
    }
    return false; /* applied by a newer program */
}

static gt_err read_applied(const store_tx *tx, void *arg)
{
    applied *out = arg;
    store_rows rows = store_rows_open(tx, STMT_SCHEMA_VERSIONS, STORE_NO_PARAMS);
    while (store_rows_next(&rows)) {
        out->number = store_rows_int(&rows, 0);
        if (!same_as_ours(out->db, out->number, store_rows_int(&rows, 1))) {
            out->mismatch = GT_ERR_CONFLICT;
        }
    }
    return store_rows_close(&rows);
}

static gt_err apply(connection *conn, const migration *m, int64_t now_ms)
{
    GT_TRY(conn->engine->begin(conn->db, ENGINE_WRITE));
    gt_err err = store_run(
        &conn->tx, STMT_SCHEMA_ADD,
        STORE_PARAMS(store_int(m->number), store_int(checksum(m)), store_int(now_ms)), NULL);
    if (err == GT_ERR_OK) {
        err = conn->engine->script(conn->db, m->text);
    }
    if (err != GT_ERR_OK) {
        conn->engine->rollback(conn->db);
        return err;
    }
    return connection_commit(conn);
}

gt_err connection_migrate(connection *conn, store_db db, int64_t now_ms)
{
    applied have = {.number = -1, .db = db};
    GT_TRY(conn->engine->script(conn->db, versions_table));
    GT_TRY(connection_read(conn, read_applied, &have));
    GT_TRY(have.mismatch);
    size_t count = 0;
    const migration *list = migration_list(&count);
    for (size_t i = 0; i < count; i++) {
        if (list[i].db == db && list[i].number > have.number) {
            GT_TRY(apply(conn, &list[i], now_ms));
        }
    }
    return GT_ERR_OK;
}
