/* `gridtill export-ledger`: the whole ledger as lines of JSON, for somebody else's eyes. What is
 * written is what is stored, right or wrong: tools/verify-ledger judges it without a line of ours.
 */
#include "adapter/loop/clock.h"
#include "api/json_writer.h"
#include "base/hex.h"
#include "prog/arguments.h"
#include "prog/command.h"
#include "prog/station_db.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

enum { FORMAT = 1, COLUMNS_MAX = 10, BLOB_MAX = 64 };

/* One line a row: its type, and the names of the statement's columns. */
static const struct {
    const char *type;
    store_stmt stmt;
    const char *column[COLUMNS_MAX];
} tables[] = {
    {"book", STMT_EXPORT_BOOKS, {"id", "code", "entries", "hash", "receipts"}},
    {"entry", STMT_EXPORT_ENTRIES, {"id", "book", "seq", "kind", "at_ms", "key", "order", "hash"}},
    {"posting", STMT_EXPORT_POSTINGS, {"entry", "line", "account", "fen"}},
    {"balance", STMT_EXPORT_BALANCES, {"account", "fen"}},
    {"order",
     STMT_EXPORT_ORDERS,
     {"id", "key", "meter", "room", "fen", "count", "state", "book", "receipt", "operator"}},
};

typedef struct export
{
    FILE *to;
    http_sink sink;
    json_writer json;
    int64_t lines;
}
export;

static void write_file(void *ctx, const void *buf, size_t len)
{
    (void)fwrite(buf, 1, len, ctx); /* a failure sticks in the file: see finish */
}

static void line_begin(export *e, const char *type)
{
    json_writer_init(&e->json, &e->sink);
    json_writer_object(&e->json, NULL);
    json_writer_text(&e->json, "type", type);
}

static void line_end(export *e)
{
    json_writer_object_end(&e->json);
    json_writer_flush(&e->json);
    (void)fputc('\n', e->to);
    e->lines++;
}

static void write_value(export *e, const char *key, store_value value)
{
    char hex[2 * BLOB_MAX + 1] = "";
    switch (value.type) {
    case STORE_NULL:
        json_writer_null(&e->json, key);
        return;
    case STORE_INT:
        json_writer_int(&e->json, key, value.number);
        return;
    case STORE_TEXT:
        json_writer_text(&e->json, key, value.data);
        return;
    case STORE_BLOB:
        if (value.len <= BLOB_MAX) {
            gt_hex_format(value.data, value.len, hex, sizeof hex);
        }
        json_writer_text(&e->json, key, hex);
        return;
    }
}

static gt_err write_table(export *e, const store_tx *tx, size_t table)
{
    store_rows rows = store_rows_open(tx, tables[table].stmt, STORE_NO_PARAMS);
    while (store_rows_next(&rows)) {
        line_begin(e, tables[table].type);
        for (size_t i = 0; i < COLUMNS_MAX && tables[table].column[i] != NULL; i++) {
            write_value(e, tables[table].column[i], store_rows_value(&rows, i));
        }
        line_end(e);
    }
    return store_rows_close(&rows);
}

/* One read transaction: the lines are of one moment. */
static gt_err write_all(const store_tx *tx, void *arg)
{
    export *e = arg;
    char now[GT_ISO_MAX];
    gt_utc_iso(clock_utc(), now);
    line_begin(e, "gridtill-ledger");
    json_writer_int(&e->json, "format", FORMAT);
    json_writer_text(&e->json, "at", now);
    line_end(e);
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        GT_TRY(write_table(e, tx, i));
    }
    const int64_t lines = e->lines;
    line_begin(e, "end"); /* a file without it was cut off */
    json_writer_int(&e->json, "lines", lines);
    line_end(e);
    return GT_ERR_OK;
}

/* The name appears when the whole file is on the disk under another one. */
static bool finish(export *e, const char *part, const char *path)
{
    bool ok = fflush(e->to) == 0 && ferror(e->to) == 0;
    if (path != NULL) {
        ok = ok && fsync(fileno(e->to)) == 0;
        ok = fclose(e->to) == 0 && ok;
        ok = ok && rename(part, path) == 0;
    }
    if (!ok) {
        (void)fprintf(stderr, "gridtill export-ledger: %s: %s\n",
                      path == NULL ? "standard output" : path, strerror(errno));
    }
    return ok;
}

int export_ledger_main(int argc, char **argv)
{
    const char *config = NULL;
    const char *path = NULL;
    const argument list[] = {{"config", &config}, {"out", &path}};
    if (!arguments_read(argc, argv, list, sizeof list / sizeof list[0]) || config == NULL) {
        (void)fputs("usage: gridtill export-ledger --config FILE [--out FILE]\n", stderr);
        return EXIT_USAGE;
    }
    char part[PATH_MAX + 8];
    (void)snprintf(part, sizeof part, "%s.part", path == NULL ? "" : path);
    station_db db;
    if (station_db_open(config, &db) != GT_ERR_OK) {
        return EXIT_FAILED;
    }
    export e = {.to = path == NULL ? stdout : fopen(part, "w")};
    e.sink = (http_sink){.ctx = e.to, .write = write_file};
    gt_err err = GT_ERR_OK;
    bool written = false;
    if (e.to == NULL) {
        (void)fprintf(stderr, "gridtill export-ledger: %s: %s\n", part, strerror(errno));
    } else {
        err = direct_store_read(db.till, write_all, &e);
        written = finish(&e, part, path);
    }
    station_db_close(&db);
    if (err != GT_ERR_OK) {
        (void)fprintf(stderr, "gridtill export-ledger: %s\n", gt_err_text(err));
    }
    return written && err == GT_ERR_OK ? EXIT_DONE : EXIT_FAILED;
}
