/* The room board: tiles, and the counts above them. */
#include "api/board_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { METERS_ASKED_MAX = 256 };

static gt_err with_readings(const store_tx *tx, void *arg)
{
    board_walk *walk = arg;
    walk->readings = tx;
    return walk->run(walk);
}

static gt_err with_till(const store_tx *tx, void *arg)
{
    board_walk *walk = arg;
    walk->till = tx;
    return call_read_readings(walk->c, with_readings, walk);
}

gt_err board_walk_run(board_walk *walk)
{
    return call_read_till(walk->c, with_till, walk);
}

static tile_facts facts_of(const board_tile *tile)
{
    const reading *r = &tile->latest.values;
    return (tile_facts){
        .account_open = tile->row.account_id != 0 && tile->row.meter_id != 0 && tile->row.opened,
        .read = tile->read,
        .taken = r->taken,
        .relay_closed = reading_relay_closed(r),
        .is_protected = tile->row.is_protected || reading_get(r, ITEM_PROTECTED) != 0,
        .in_debt = reading_get(r, ITEM_IN_DEBT) != 0,
        .alarm1 = reading_get(r, ITEM_ALARM1) != 0,
        .alarm2 = reading_get(r, ITEM_ALARM2) != 0,
    };
}

gt_err board_tile_load(const call *c, const store_rows *rows, const store_tx *readings,
                       board_tile *out)
{
    out->row = (board_row){
        .room_id = store_rows_int(rows, 0),
        .building = store_rows_text(rows, 1),
        .floor = store_rows_text(rows, 2),
        .name = store_rows_text(rows, 3),
        .account_id = store_rows_int(rows, 4),
        .account_name = store_rows_text(rows, 5),
        .account_phone = store_rows_text(rows, 6),
        .meter_id = store_rows_int(rows, 7),
        .meter_no = (uint64_t)store_rows_int(rows, 8),
        .opened = store_rows_int(rows, 9) == 1,
        .is_protected = store_rows_int(rows, 10) == 1,
        .order_state = store_rows_text(rows, 11),
    };
    out->latest = (headend_latest){0};
    out->read = false;
    if (out->row.meter_id != 0) {
        const gt_err err = headend_latest_find(readings, out->row.meter_id, &out->latest);
        if (err != GT_ERR_OK && err != GT_ERR_NOT_FOUND) {
            return err;
        }
        out->read = err == GT_ERR_OK;
    }
    const tile_facts facts = facts_of(out);
    out->state = tile_state_of(&facts, c->request->now, c->cfg->lost_after_ms);
    return GT_ERR_OK;
}

static void put_item(json_writer *j, const char *key, const board_tile *tile, item_id id)
{
    if (tile->read && reading_has(&tile->latest.values, id)) {
        json_writer_decimal(j, key, reading_get(&tile->latest.values, id), item_of(id)->decimals);
    } else {
        json_writer_null(j, key);
    }
}

static void put_meter_no(json_writer *j, uint64_t meter_no)
{
    char digits[24];
    (void)snprintf(digits, sizeof digits, "%012llu", (unsigned long long)meter_no);
    json_writer_text(j, "meter_no", digits);
}

void board_tile_put(json_writer *j, const char *key, const board_tile *tile)
{
    const board_row *row = &tile->row;
    json_writer_object(j, key);
    json_writer_int(j, "room_id", row->room_id);
    json_writer_text(j, "building", row->building);
    json_writer_text(j, "floor", row->floor);
    json_writer_text(j, "name", row->name);
    json_writer_text(j, "account_name", row->account_id != 0 ? row->account_name : NULL);
    if (row->meter_id != 0) {
        json_writer_int(j, "meter_id", row->meter_id);
        put_meter_no(j, row->meter_no);
    } else {
        json_writer_null(j, "meter_id");
        json_writer_null(j, "meter_no");
    }
    json_writer_text(j, "state", tile_state_name(tile->state));
    json_writer_bool(j, "protected", facts_of(tile).is_protected);
    json_writer_bool(j, "online", tile->read && tile->latest.online);
    put_item(j, "balance", tile, ITEM_BALANCE);
    put_item(j, "power", tile, ITEM_POWER);
    if (tile->read) {
        json_writer_text(j, "relay",
                         reading_relay_closed(&tile->latest.values) ? "closed" : "open");
        json_writer_int(j, "taken_ms", tile->latest.values.taken.ms);
    } else {
        json_writer_null(j, "relay");
        json_writer_null(j, "taken_ms");
    }
    json_writer_text(j, "order_state", row->order_state[0] != '\0' ? row->order_state : NULL);
    json_writer_object_end(j);
}

typedef struct rooms_query {
    const char *building; /* NULL: all */
    const char *text;
    bool by_state;
    tile_state state;
    int64_t meter_id[METERS_ASKED_MAX]; /* a live page asks for what changed */
    size_t meter_count;
} rooms_query;

static bool holds(const char *where, const char *what)
{
    return strcasestr(where, what) != NULL;
}

static bool wanted(const rooms_query *q, const board_tile *tile)
{
    char digits[24];
    if (q->building != NULL && strcmp(q->building, tile->row.building) != 0) {
        return false;
    }
    if (q->by_state && q->state != tile->state) {
        return false;
    }
    if (q->text == NULL) {
        return true;
    }
    (void)snprintf(digits, sizeof digits, "%012llu", (unsigned long long)tile->row.meter_no);
    return holds(tile->row.name, q->text) || holds(tile->row.account_name, q->text) ||
           holds(tile->row.account_phone, q->text) || holds(digits, q->text);
}

static gt_err put_tiles(board_walk *walk, store_rows rows)
{
    board_tile tile;
    gt_err err = GT_ERR_OK;
    while (err == GT_ERR_OK && store_rows_next(&rows)) {
        err = board_tile_load(walk->c, &rows, walk->readings, &tile);
        if (err == GT_ERR_OK && wanted(walk->arg, &tile)) {
            board_tile_put(&walk->c->json, NULL, &tile);
        }
    }
    const gt_err closed = store_rows_close(&rows);
    return err != GT_ERR_OK ? err : closed;
}

static gt_err rooms_run(board_walk *walk)
{
    const rooms_query *q = walk->arg;
    if (q->meter_count == 0) {
        return put_tiles(walk, store_rows_open(walk->till, STMT_API_TILES, STORE_NO_PARAMS));
    }
    for (size_t i = 0; i < q->meter_count; i++) {
        GT_TRY(put_tiles(walk, store_rows_open(walk->till, STMT_API_TILE_METER,
                                               STORE_PARAMS(store_int(q->meter_id[i])))));
    }
    return GT_ERR_OK;
}

/* "12,7,90" */
static bool take_meters(const char *text, rooms_query *q)
{
    while (q->meter_count < METERS_ASKED_MAX) {
        const size_t digits = strspn(text, "0123456789");
        if (digits < 1 || digits > 18) {
            return false;
        }
        q->meter_id[q->meter_count++] = strtoll(text, NULL, 10);
        text += digits;
        if (*text == '\0') {
            return true;
        }
        if (*text++ != ',') {
            return false;
        }
    }
    return false;
}

static bool take_query(call *c, rooms_query *q)
{
    static const char *const names[] = {"building", "state", "text", "meters", NULL};
    if (!call_query_known(c, names)) {
        return false;
    }
    const char *state = call_query(c, "state");
    const char *meters = call_query(c, "meters");
    *q = (rooms_query){.building = call_query(c, "building"), .text = call_query(c, "text")};
    if (state != NULL) {
        q->by_state = true;
        if (tile_state_find(state, &q->state) != GT_ERR_OK) {
            call_fail(c, API_ERROR_BAD_QUERY, "state");
            return false;
        }
    }
    if (meters != NULL && !take_meters(meters, q)) {
        call_fail(c, API_ERROR_BAD_QUERY, "meters");
        return false;
    }
    return true;
}

void route_rooms(call *c)
{
    rooms_query q;
    board_walk walk = {.c = c, .run = rooms_run, .arg = &q};
    if (!take_query(c, &q)) {
        return;
    }
    call_begin(c);
    json_writer_int(&c->json, "now_ms", c->request->now.ms);
    json_writer_array(&c->json, "rooms");
    const gt_err err = board_walk_run(&walk);
    if (err != GT_ERR_OK) {
        call_fail_err(c, err);
        return;
    }
    json_writer_array_end(&c->json);
    call_end(c);
}
