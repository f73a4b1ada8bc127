/* What every service does with rows, written once over the port's function pointers. */
#include "port/store.h"

#include <string.h>

static const struct {
    uint8_t params;
    uint8_t columns;
} shapes[] = {
#define STMT(name, params_, columns_) [STMT_##name] = {.params = (params_), .columns = (columns_)},
#include "port/statement.def"
#undef STMT
};

store_value store_null(void)
{
    return (store_value){.type = STORE_NULL};
}

store_value store_int(int64_t number)
{
    return (store_value){.type = STORE_INT, .number = number};
}

store_value store_text(const char *text)
{
    if (text == NULL) {
        return store_null();
    }
    return (store_value){.type = STORE_TEXT, .data = text, .len = strlen(text)};
}

store_value store_blob(const void *data, size_t len)
{
    return (store_value){.type = STORE_BLOB, .data = data, .len = len};
}

store_rows store_rows_open(const store_tx *tx, store_stmt stmt, const store_value *params,
                           size_t count)
{
    GT_ASSERT(count == shapes[stmt].params);
    store_rows rows = {.tx = tx};
    rows.err = tx->open(tx->ctx, stmt, params, count, &rows.cursor);
    return rows;
}

bool store_rows_next(store_rows *rows)
{
    bool row = false;
    if (rows->err == GT_ERR_OK) {
        rows->err = rows->tx->next(rows->cursor, &row);
    }
    return rows->err == GT_ERR_OK && row;
}

store_value store_rows_value(const store_rows *rows, size_t column)
{
    return rows->tx->column(rows->cursor, column);
}

int64_t store_rows_int(const store_rows *rows, size_t column)
{
    return store_rows_value(rows, column).number;
}

const char *store_rows_text(const store_rows *rows, size_t column)
{
    const store_value value = store_rows_value(rows, column);
    return value.type == STORE_TEXT ? value.data : "";
}

gt_err store_rows_close(store_rows *rows)
{
    if (rows->cursor != NULL) {
        rows->tx->close(rows->cursor);
        rows->cursor = NULL;
    }
    return rows->err;
}

gt_err store_run(const store_tx *tx, store_stmt stmt, const store_value *params, size_t count,
                 int64_t *out_changes)
{
    store_rows rows = store_rows_open(tx, stmt, params, count);
    while (store_rows_next(&rows)) {
    }
    GT_TRY(store_rows_close(&rows));
    if (out_changes != NULL) {
        *out_changes = tx->changes(tx->ctx);
    }
    return GT_ERR_OK;
}

gt_err store_find_int(const store_tx *tx, store_stmt stmt, const store_value *params, size_t count,
                      int64_t *out)
{
    GT_ASSERT(shapes[stmt].columns >= 1);
    store_rows rows = store_rows_open(tx, stmt, params, count);
    const bool found = store_rows_next(&rows);
    const int64_t number = found ? store_rows_int(&rows, 0) : 0;
    GT_TRY(store_rows_close(&rows));
    if (!found) {
        return GT_ERR_NOT_FOUND;
    }
    *out = number;
    return GT_ERR_OK;
}

typedef struct waited {
    store_work work;
    void *arg;
    gt_err outcome;
    bool settled;
} waited;

static gt_err waited_run(const store_tx *tx, void *arg)
{
    const waited *w = arg;
    return w->work(tx, w->arg);
}

static void waited_done(void *arg, gt_err err)
{
    waited *w = arg;
    w->outcome = err;
    w->settled = true;
}

gt_err store_write(const gt_store *store, store_work work, void *arg)
{
    waited w = {.work = work, .arg = arg};
    GT_TRY(store->submit(store->ctx, waited_run, &w, waited_done));
    GT_ASSERT(w.settled);
    return w.outcome;
}
