/* Lists and look-ups of master data: rows of the database to structs. */
#include "registry/registry.h"

#include <stdio.h>
#include <string.h>

static void text_take(const store_rows *rows, size_t column, char *out, size_t cap)
{
    (void)snprintf(out, cap, "%s", store_rows_text(rows, column));
}

static registry_terminal terminal_of(const store_rows *rows)
{
    registry_terminal t = {
        .id = store_rows_int(rows, 0),
        .region = (uint16_t)store_rows_int(rows, 1),
        .address = (uint16_t)store_rows_int(rows, 2),
        .enabled = store_rows_int(rows, 4) != 0,
    };
    text_take(rows, 3, t.name, sizeof t.name);
    return t;
}

static registry_meter meter_of(const store_rows *rows)
{
    registry_meter m = {
        .id = store_rows_int(rows, 0),
        .meter_no = (uint64_t)store_rows_int(rows, 1),
        .customer_no = (uint64_t)store_rows_int(rows, 2),
        .room_id = store_rows_int(rows, 3),
        .account_id = store_rows_int(rows, 7),
        .terminal_id = store_rows_int(rows, 8),
        .region = (uint16_t)store_rows_int(rows, 9),
        .address = (uint16_t)store_rows_int(rows, 10),
        .line = (uint8_t)store_rows_int(rows, 11),
        .unit = (uint8_t)store_rows_int(rows, 12),
        .point = (uint16_t)store_rows_int(rows, 13),
        .key_version = (uint8_t)store_rows_int(rows, 15),
        .count_known = store_rows_value(rows, 16).type == STORE_INT,
        .purchase_count = (uint32_t)store_rows_int(rows, 16),
        .control_count = (uint32_t)store_rows_int(rows, 17),
        .opened = store_rows_int(rows, 18) != 0,
        .is_protected = store_rows_int(rows, 19) != 0,
    };
    text_take(rows, 4, m.building, sizeof m.building);
    text_take(rows, 5, m.floor, sizeof m.floor);
    text_take(rows, 6, m.room, sizeof m.room);
    text_take(rows, 14, m.model, sizeof m.model);
    return m;
}

gt_err registry_terminal_list(const store_tx *tx, int64_t after_id, registry_terminal *out,
                              size_t cap, size_t *out_count)
{
    store_rows rows = store_rows_open(tx, STMT_REGISTRY_TERMINAL_LIST,
                                      STORE_PARAMS(store_int(after_id), store_int((int64_t)cap)));
    size_t count = 0;
    while (store_rows_next(&rows)) {
        out[count++] = terminal_of(&rows);
    }
    GT_TRY(store_rows_close(&rows));
    *out_count = count;
    return GT_ERR_OK;
}

gt_err registry_terminal_find(const store_tx *tx, uint16_t region, uint16_t address,
                              registry_terminal *out)
{
    store_rows rows = store_rows_open(tx, STMT_REGISTRY_TERMINAL_FIND,
                                      STORE_PARAMS(store_int(region), store_int(address)));
    registry_terminal found = {0};
    if (store_rows_next(&rows)) {
        found = terminal_of(&rows);
    }
    GT_TRY(store_rows_close(&rows));
    if (found.id == 0) {
        return GT_ERR_NOT_FOUND;
    }
    *out = found;
    return GT_ERR_OK;
}

gt_err registry_room_list(const store_tx *tx, int64_t after_id, registry_room *out, size_t cap,
                          size_t *out_count)
{
    store_rows rows = store_rows_open(tx, STMT_REGISTRY_ROOM_LIST,
                                      STORE_PARAMS(store_int(after_id), store_int((int64_t)cap)));
    size_t count = 0;
    while (store_rows_next(&rows)) {
        registry_room *room = &out[count++];
        *room = (registry_room){.id = store_rows_int(&rows, 0)};
        text_take(&rows, 1, room->building, sizeof room->building);
        text_take(&rows, 2, room->floor, sizeof room->floor);
        text_take(&rows, 3, room->name, sizeof room->name);
    }
    GT_TRY(store_rows_close(&rows));
    *out_count = count;
    return GT_ERR_OK;
}

gt_err registry_meter_list(const store_tx *tx, const registry_meter_query *query,
                           registry_meter *out, size_t cap, size_t *out_count)
{
    store_rows rows =
        query->terminal_id == 0
            ? store_rows_open(tx, STMT_REGISTRY_METER_LIST,
                              STORE_PARAMS(store_int(query->after), store_int((int64_t)cap)))
            : store_rows_open(tx, STMT_REGISTRY_METER_LIST_TERMINAL,
                              STORE_PARAMS(store_int(query->terminal_id), store_int(query->after),
                                           store_int((int64_t)cap)));
    size_t count = 0;
    while (store_rows_next(&rows)) {
        out[count++] = meter_of(&rows);
    }
    GT_TRY(store_rows_close(&rows));
    *out_count = count;
    return GT_ERR_OK;
}

/* Takes over an opened statement: none is NOT_FOUND, more than one is CONFLICT. */
static gt_err meter_only(store_rows *rows, registry_meter *out)
{
    registry_meter found = {0};
    unsigned count = 0;
    while (store_rows_next(rows)) {
        found = meter_of(rows);
        count++;
    }
    GT_TRY(store_rows_close(rows));
    if (count != 1) {
        return count == 0 ? GT_ERR_NOT_FOUND : GT_ERR_CONFLICT;
    }
    *out = found;
    return GT_ERR_OK;
}

gt_err registry_meter_find(const store_tx *tx, int64_t meter_id, registry_meter *out)
{
    store_rows rows =
        store_rows_open(tx, STMT_REGISTRY_METER_FIND, STORE_PARAMS(store_int(meter_id)));
    return meter_only(&rows, out);
}

gt_err registry_meter_find_no(const store_tx *tx, uint64_t meter_no, registry_meter *out)
{
    store_rows rows = store_rows_open(tx, STMT_REGISTRY_METER_FIND_NO,
                                      STORE_PARAMS(store_int((int64_t)meter_no)));
    return meter_only(&rows, out);
}

gt_err registry_meter_find_path(const store_tx *tx, const char *path, registry_meter *out)
{
    enum { PARTS = 3 };
    char part[PARTS][REGISTRY_NAME_MAX] = {{0}};
    const char *at = path;
    for (int i = 0; i < PARTS; i++) {
        const size_t len = strcspn(at, "/");
        if (len == 0 || len >= REGISTRY_NAME_MAX || (at[len] == '/') != (i < PARTS - 1)) {
            return GT_ERR_SYNTAX;
        }
        memcpy(part[i], at, len);
        at += len + 1;
    }
    store_rows rows = store_rows_open(
        tx, STMT_REGISTRY_METER_FIND_PATH,
        STORE_PARAMS(store_text(part[0]), store_text(part[1]), store_text(part[2])));
    return meter_only(&rows, out);
}

gt_err registry_account_find(const store_tx *tx, int64_t room_id, registry_account *out)
{
    store_rows rows =
        store_rows_open(tx, STMT_REGISTRY_ACCOUNT_FIND, STORE_PARAMS(store_int(room_id)));
    registry_account found = {0};
    if (store_rows_next(&rows)) {
        found.id = store_rows_int(&rows, 0);
        found.room_id = store_rows_int(&rows, 1);
        text_take(&rows, 2, found.name, sizeof found.name);
        text_take(&rows, 3, found.phone, sizeof found.phone);
        found.state = strcmp(store_rows_text(&rows, 4), "open") == 0 ? REGISTRY_ACCOUNT_OPEN
                                                                     : REGISTRY_ACCOUNT_CLOSED;
    }
    GT_TRY(store_rows_close(&rows));
    if (found.id == 0) {
        return GT_ERR_NOT_FOUND;
    }
    *out = found;
    return GT_ERR_OK;
}

gt_err registry_account_close(const store_tx *tx, int64_t room_id, gt_utc now)
{
    int64_t orders = 0;
    GT_TRY(store_find_int(tx, STMT_REGISTRY_ROOM_ORDERS_OPEN, STORE_PARAMS(store_int(room_id)),
                          &orders));
    if (orders > 0) {
        return GT_ERR_CONFLICT;
    }
    int64_t changes = 0;
    GT_TRY(store_run(tx, STMT_REGISTRY_ACCOUNT_CLOSE,
                     STORE_PARAMS(store_int(room_id), store_int(now.ms)), &changes));
    return changes == 0 ? GT_ERR_NOT_FOUND : GT_ERR_OK;
}
