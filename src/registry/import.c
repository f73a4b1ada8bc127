/* A parsed meter list into master data. Two passes, because meters may exchange places: the first
 * makes terminals and rooms and takes meters that move off their places, the second puts every
 * meter where the list says, unless a meter outside the list stands there. */
#include "registry/registry.h"

#include <stdio.h>
#include <string.h>

static gt_err terminal_ensure(const store_tx *tx, const meter_list_row *row,
                              registry_import_result *result, int64_t *out_id)
{
    registry_terminal terminal = {0};
    const gt_err err = registry_terminal_find(tx, row->region, row->address, &terminal);
    if (err != GT_ERR_NOT_FOUND) {
        GT_TRY(err);
        *out_id = terminal.id;
        return GT_ERR_OK;
    }
    char name[TERMINAL_NAME_MAX];
    terminal_name_format(row->region, row->address, name);
    GT_TRY(store_find_int(
        tx, STMT_REGISTRY_TERMINAL_ADD,
        STORE_PARAMS(store_int(row->region), store_int(row->address), store_text(name)), out_id));
    result->terminals_new++;
    return GT_ERR_OK;
}

/* A new room gets an open account: whoever lists a room sells to it. */
static gt_err room_ensure(const store_tx *tx, const meter_list_row *row, gt_utc now,
                          registry_import_result *result, int64_t *out_id)
{
    const store_value names[] = {store_text(row->building), store_text(row->floor),
                                 store_text(row->room)};
    const gt_err err = store_find_int(tx, STMT_REGISTRY_ROOM_FIND, names, 3, out_id);
    if (err != GT_ERR_NOT_FOUND) {
        return err;
    }
    GT_TRY(store_find_int(tx, STMT_REGISTRY_ROOM_ADD, names, 3, out_id));
    result->rooms_new++;
    return store_run(tx, STMT_REGISTRY_ACCOUNT_ADD,
                     STORE_PARAMS(store_int(*out_id), store_text(row->room), store_int(now.ms)),
                     NULL);
}

static bool same(const registry_meter *have, const meter_list_row *row)
{
    return have->customer_no == row->customer_no && have->region == row->region &&
           have->address == row->address && have->line == row->line && have->unit == row->unit &&
           have->point == row->point && strcmp(have->model, row->model) == 0 &&
           strcmp(have->building, row->building) == 0 && strcmp(have->floor, row->floor) == 0 &&
           strcmp(have->room, row->room) == 0;
}

/* @param out_moves the row differs from what is there, so the second pass must put it */
static gt_err prepare(const store_tx *tx, const meter_list_row *row, gt_utc now,
                      registry_import_result *result, bool *out_moves)
{
    int64_t id = 0;
    registry_meter have = {0};
    GT_TRY(terminal_ensure(tx, row, result, &id));
    GT_TRY(room_ensure(tx, row, now, result, &id));
    const gt_err err = registry_meter_find_no(tx, row->meter_no, &have);
    *out_moves = err == GT_ERR_NOT_FOUND || (err == GT_ERR_OK && !same(&have, row));
    if (err == GT_ERR_NOT_FOUND) {
        result->meters_new++;
        return GT_ERR_OK;
    }
    GT_TRY(err);
    if (!*out_moves) {
        return GT_ERR_OK;
    }
    result->meters_changed++;
    return store_run(tx, STMT_REGISTRY_METER_PARK, STORE_PARAMS(store_int(have.id)), NULL);
}

/* What the statement finds is a meter outside the list: those within have left their places. */
static gt_err taken_check(const store_tx *tx, store_stmt stmt, const store_value *params,
                          size_t count, bool *out_free, char expected[64])
{
    int64_t other = 0;
    const gt_err err = store_find_int(tx, stmt, params, count, &other);
    *out_free = err == GT_ERR_NOT_FOUND;
    (void)snprintf(expected, 64, "a free place; meter %012lld is there", (long long)other);
    return *out_free ? GT_ERR_OK : err;
}

static void report(registry_import_result *result, unsigned line_no, const char *column,
                   const char *expected, unsigned got)
{
    if (result->errors.count < METER_LIST_ERRORS_MAX) {
        meter_list_error *e = &result->errors.row[result->errors.count];
        e->line_no = line_no;
        (void)snprintf(e->column, sizeof e->column, "%s", column);
        (void)snprintf(e->expected, sizeof e->expected, "%s", expected);
        (void)snprintf(e->got, sizeof e->got, "%u", got);
    }
    result->errors.count++;
}

static gt_err place(const store_tx *tx, const meter_list_row *row, gt_utc now,
                    registry_import_result *result)
{
    registry_import_result ignored = {0};
    int64_t terminal = 0;
    int64_t room = 0;
    bool unit_free = false;
    bool point_free = false;
    char unit_words[64];
    char point_words[64];
    const store_value meter_no = store_int((int64_t)row->meter_no);
    GT_TRY(terminal_ensure(tx, row, &ignored, &terminal));
    GT_TRY(room_ensure(tx, row, now, &ignored, &room));
    GT_TRY(taken_check(
        tx, STMT_REGISTRY_METER_AT_UNIT,
        STORE_PARAMS(store_int(terminal), store_int(row->line), store_int(row->unit), meter_no),
        &unit_free, unit_words));
    GT_TRY(taken_check(tx, STMT_REGISTRY_METER_AT_POINT,
                       STORE_PARAMS(store_int(terminal), store_int(row->point), meter_no),
                       &point_free, point_words));
    if (!unit_free) {
        report(result, row->line_no, "unit", unit_words, row->unit);
    }
    if (!point_free) {
        report(result, row->line_no, "point", point_words, row->point);
    }
    if (!unit_free || !point_free) {
        return GT_ERR_OK;
    }
    return store_run(tx, STMT_REGISTRY_METER_PUT,
                     STORE_PARAMS(meter_no, store_int((int64_t)row->customer_no), store_int(room),
                                  store_int(terminal), store_int(row->line), store_int(row->unit),
                                  store_int(row->point), store_text(row->model)),
                     NULL);
}

gt_err registry_import(const store_tx *tx, const meter_list *list, gt_utc now,
                       registry_import_result *out)
{
    *out = (registry_import_result){0};
    for (size_t i = 0; i < list->count; i++) {
        bool moves = false;
        GT_TRY(prepare(tx, &list->row[i], now, out, &moves));
        list->index[i] = moves ? 1 : 0;
    }
    for (size_t i = 0; i < list->count; i++) {
        if (list->index[i] != 0) {
            GT_TRY(place(tx, &list->row[i], now, out));
        }
    }
    return out->errors.count == 0 ? GT_ERR_OK : GT_ERR_SYNTAX;
}
