/* The site at a glance. */
#include "api/status_priv.h"

#include "api/board_priv.h"

static gt_err count_tiles(board_walk *walk, status_counts *n)
{
    board_tile tile;
    gt_err err = GT_ERR_OK;
    store_rows rows = store_rows_open(walk->till, STMT_API_TILES, STORE_NO_PARAMS);
    while (err == GT_ERR_OK && store_rows_next(&rows)) {
        err = board_tile_load(walk->c, &rows, walk->readings, &tile);
        if (err == GT_ERR_OK) {
            n->rooms_in[tile.state]++;
            n->meters += tile.row.meter_id != 0;
            n->meters_online += tile.read && tile.latest.online;
            n->relays_open += tile.read && !reading_relay_closed(&tile.latest.values);
        }
    }
    const gt_err closed = store_rows_close(&rows);
    return err != GT_ERR_OK ? err : closed;
}

/* Midnight of the day that `now` is in, in the station's zone. */
static gt_utc day_start(gt_utc now, int zone_min)
{
    const int64_t day_ms = 86400000;
    const int64_t zone_ms = (int64_t)zone_min * 60000;
    return (gt_utc){.ms = (now.ms + zone_ms) / day_ms * day_ms - zone_ms};
}

static gt_err count_run(board_walk *walk)
{
    status_counts *n = walk->arg;
    const gt_utc from = day_start(walk->c->request->now, walk->c->cfg->zone_min);
    *n = (status_counts){0};
    GT_TRY(count_tiles(walk, n));
    GT_TRY(store_find_int(walk->till, STMT_API_TERMINALS, STORE_NO_PARAMS, &n->terminals));
    GT_TRY(store_find_int(walk->till, STMT_API_ORDERS_OPEN, STORE_NO_PARAMS, &n->orders_open));
    store_rows rows =
        store_rows_open(walk->till, STMT_API_SALES_SINCE, STORE_PARAMS(store_int(from.ms)));
    if (store_rows_next(&rows)) {
        n->sales_today = store_rows_int(&rows, 0);
        n->money_today_fen = store_rows_int(&rows, 1);
    }
    return store_rows_close(&rows);
}

gt_err status_count(call *c, status_counts *out)
{
    board_walk walk = {.c = c, .run = count_run, .arg = out};
    return board_walk_run(&walk);
}

void route_status(call *c)
{
    status_counts n;
    headend_stats field = {0};
    const gt_err err = status_count(c, &n);
    if (err != GT_ERR_OK) {
        call_fail_err(c, err);
        return;
    }
    c->cfg->stats(c->cfg->ctx, &field);
    call_begin(c);
    json_writer_int(&c->json, "now_ms", c->request->now.ms);
    json_writer_int(&c->json, "terminals", n.terminals);
    json_writer_int(&c->json, "terminals_online", field.sessions);
    json_writer_int(&c->json, "meters", n.meters);
    json_writer_int(&c->json, "meters_online", n.meters_online);
    json_writer_int(&c->json, "relays_open", n.relays_open);
    json_writer_object(&c->json, "states");
    for (unsigned i = 0; i < TILE_STATES; i++) {
        json_writer_int(&c->json, tile_state_name((tile_state)i), n.rooms_in[i]);
    }
    json_writer_object_end(&c->json);
    if (access_allows(c->session.who.role, ACCESS_RIGHT_SALES)) {
        json_writer_int(&c->json, "sales_today", n.sales_today);
        json_writer_decimal(&c->json, "money_today", n.money_today_fen, 2);
        json_writer_int(&c->json, "orders_open", n.orders_open);
    }
    call_end(c);
}
