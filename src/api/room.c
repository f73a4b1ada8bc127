/* One room: everything its panel shows. */
#include "api/board_priv.h"
#include "api/command_priv.h"
#include "api/order_priv.h"

#include "registry/registry.h"

#include <stdio.h>

enum { ORDERS_SHOWN = 10, COMMANDS_SHOWN = 15 };

typedef struct room_query {
    int64_t meter_id; /* 0: the room's first */
} room_query;

static void put_account(json_writer *j, const board_row *row)
{
    if (row->account_id == 0) {
        json_writer_null(j, "account");
        return;
    }
    json_writer_object(j, "account");
    json_writer_int(j, "id", row->account_id);
    json_writer_text(j, "name", row->account_name);
    json_writer_text(j, "phone", row->account_phone);
    json_writer_object_end(j);
}

static void put_meter(json_writer *j, const registry_meter *meter)
{
    char text[24];
    json_writer_object(j, "meter");
    json_writer_int(j, "id", meter->id);
    (void)snprintf(text, sizeof text, "%012llu", (unsigned long long)meter->meter_no);
    json_writer_text(j, "meter_no", text);
    (void)snprintf(text, sizeof text, "%012llu", (unsigned long long)meter->customer_no);
    json_writer_text(j, "customer_no", text);
    terminal_name_format(meter->region, meter->address, text);
    json_writer_text(j, "terminal", text);
    json_writer_int(j, "line", meter->line);
    json_writer_int(j, "unit", meter->unit);
    json_writer_int(j, "point", meter->point);
    json_writer_text(j, "model", meter->model);
    json_writer_bool(j, "opened", meter->opened);
    if (meter->count_known) {
        json_writer_int(j, "purchase_count", meter->purchase_count);
    } else {
        json_writer_null(j, "purchase_count");
    }
    json_writer_object_end(j);
}

static void put_latest(json_writer *j, const board_tile *tile)
{
    if (!tile->read) {
        json_writer_null(j, "latest");
        return;
    }
    const reading *r = &tile->latest.values;
    json_writer_object(j, "latest");
    json_writer_int(j, "taken_ms", r->taken.ms);
    json_writer_int(j, "received_ms", tile->latest.received.ms);
    json_writer_bool(j, "online", tile->latest.online);
    json_writer_array(j, "items");
    for (unsigned i = 0; i < ITEM_COUNT; i++) {
        const item_row *item = item_of((item_id)i);
        if (reading_has(r, (item_id)i)) {
            json_writer_object(j, NULL);
            json_writer_text(j, "name", item->name);
            json_writer_text(j, "zh", item->zh);
            json_writer_text(j, "en", item->en);
            json_writer_text(j, "unit", item->unit);
            json_writer_decimal(j, "value", reading_get(r, (item_id)i), item->decimals);
            json_writer_object_end(j);
        }
    }
    json_writer_array_end(j);
    json_writer_object_end(j);
}

static gt_err put_orders(json_writer *j, const store_tx *till, int64_t meter_id)
{
    vending_order orders[ORDERS_SHOWN];
    size_t count = 0;
    const vending_order_query query = {.meter_id = meter_id};
    GT_TRY(vending_order_list(till, &query, orders, ORDERS_SHOWN, &count));
    json_writer_array(j, "orders");
    for (size_t i = 0; i < count; i++) {
        order_put(j, NULL, &orders[i]);
    }
    json_writer_array_end(j);
    if (count > 0) {
        return order_timeline_put(j, till, orders[0].id);
    }
    json_writer_array(j, "timeline");
    json_writer_array_end(j);
    return GT_ERR_OK;
}

static gt_err put_room(board_walk *walk, const board_tile *tile)
{
    call *c = walk->c;
    json_writer *j = &c->json;
    registry_meter meter;
    call_begin(c);
    json_writer_int(j, "now_ms", c->request->now.ms);
    board_tile_put(j, "tile", tile);
    put_account(j, &tile->row);
    if (tile->row.meter_id == 0) {
        json_writer_null(j, "meter");
        call_end(c);
        return GT_ERR_OK;
    }
    GT_TRY(registry_meter_find(walk->till, tile->row.meter_id, &meter));
    put_meter(j, &meter);
    put_latest(j, tile);
    if (access_allows(c->session.who.role, ACCESS_RIGHT_SALES)) {
        GT_TRY(put_orders(j, walk->till, meter.id));
    }
    GT_TRY(command_list_put(j, walk->till, meter.id, COMMANDS_SHOWN));
    json_writer_decimal(j, "sale_min", c->cfg->limits.amount_min_fen, 2);
    json_writer_decimal(j, "sale_max", c->cfg->limits.amount_max_fen, 2);
    call_end(c);
    return GT_ERR_OK;
}

/* The asked meter of the room, or its first. Texts of the row live until it is closed. */
static gt_err room_run(board_walk *walk)
{
    const room_query *q = walk->arg;
    board_tile tile;
    bool found = false;
    gt_err err = GT_ERR_NOT_FOUND;
    store_rows rows =
        store_rows_open(walk->till, STMT_API_TILE_ROOM, STORE_PARAMS(store_int(walk->c->id)));
    while (!found && store_rows_next(&rows)) {
        found = q->meter_id == 0 || q->meter_id == store_rows_int(&rows, 7);
    }
    if (found) {
        err = board_tile_load(walk->c, &rows, walk->readings, &tile);
    }
    if (found && err == GT_ERR_OK) {
        err = put_room(walk, &tile);
    }
    const gt_err closed = store_rows_close(&rows);
    return closed != GT_ERR_OK ? closed : err;
}

void route_room(call *c)
{
    static const char *const names[] = {"meter_id", NULL};
    room_query q;
    board_walk walk = {.c = c, .run = room_run, .arg = &q};
    if (!call_query_known(c, names) || !call_query_number(c, "meter_id", 0, &q.meter_id)) {
        return;
    }
    const gt_err err = board_walk_run(&walk);
    if (err != GT_ERR_OK) {
        call_fail_err(c, err);
    }
}
