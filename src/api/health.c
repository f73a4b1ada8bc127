/* For machines: is it alive, how is it doing, what happens. */
#include "api/status_priv.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static gt_err look(const store_tx *tx, void *arg)
{
    (void)arg;
    store_rows rows = store_rows_open(tx, STMT_SCHEMA_VERSIONS, STORE_NO_PARAMS);
    (void)store_rows_next(&rows); /* close tells */
    return store_rows_close(&rows);
}

void route_health(call *c)
{
    gt_err err = call_read_till(c, look, NULL);
    if (err == GT_ERR_OK) {
        err = call_read_readings(c, look, NULL);
    }
    if (err != GT_ERR_OK) {
        call_fail_err(c, err);
        c->answer->status = 503;
        return;
    }
    call_begin(c);
    json_writer_text(&c->json, "status", "ok");
    call_end(c);
}

static void put_line(call *c, const char *line, int len)
{
    c->answer->body.write(c->answer->body.ctx, line, (size_t)len);
}

typedef struct metric {
    const char *name;
    const char *type;
    const char *help;
    int64_t value;
} metric;

static void put_metrics(call *c, const metric *rows, size_t count)
{
    char line[256];
    for (size_t i = 0; i < count; i++) {
        put_line(c, line,
                 snprintf(line, sizeof line,
                          "# HELP gridtill_%s %s\n# TYPE gridtill_%s %s\ngridtill_%s %" PRId64 "\n",
                          rows[i].name, rows[i].help, rows[i].name, rows[i].type, rows[i].name,
                          rows[i].value));
    }
}

static void put_states(call *c, const status_counts *n)
{
    static const char head[] = "# HELP gridtill_rooms Rooms by the word of their tile\n"
                               "# TYPE gridtill_rooms gauge\n";
    char line[128];
    put_line(c, head, sizeof head - 1);
    for (unsigned i = 0; i < TILE_STATES; i++) {
        put_line(c, line,
                 snprintf(line, sizeof line, "gridtill_rooms{state=\"%s\"} %" PRId64 "\n",
                          tile_state_name((tile_state)i), n->rooms_in[i]));
    }
}

void route_metrics(call *c)
{
    status_counts n;
    headend_stats f = {0};
    const gt_err err = status_count(c, &n);
    if (err != GT_ERR_OK) {
        call_fail_err(c, err);
        return;
    }
    c->cfg->stats(c->cfg->ctx, &f);
    const metric rows[] = {
        {"terminals", "gauge", "Terminals in master data", n.terminals},
        {"terminals_online", "gauge", "Terminals logged in", f.sessions},
        {"links_unlogged", "gauge", "Connections that have not logged in", f.unlogged},
        {"meters", "gauge", "Meters in master data", n.meters},
        {"meters_online", "gauge", "Meters that answered their last poll", n.meters_online},
        {"relays_open", "gauge", "Meters whose relay is open", n.relays_open},
        {"orders_open", "gauge", "Credit orders not settled", n.orders_open},
        {"polls_ok_total", "counter", "Meters read", (int64_t)f.polls_ok},
        {"polls_failed_total", "counter", "Meters asked and silent", (int64_t)f.polls_failed},
        {"readings_lost_total", "counter", "Readings not stored", (int64_t)f.readings_lost},
        {"freezes_stored_total", "counter", "Daily freezes stored", (int64_t)f.freezes_stored},
        {"commands_done_total", "counter", "Commands done", (int64_t)f.commands_done},
        {"commands_failed_total", "counter", "Commands failed", (int64_t)f.commands_failed},
        {"readbacks_total", "counter", "Orders read back", (int64_t)f.readbacks},
        {"terminals_refused_total", "counter", "Logins of unknown terminals",
         (int64_t)f.refused_unknown},
        {"links_refused_total", "counter", "Connections beyond a limit", (int64_t)f.refused_full},
        {"garbage_bytes_total", "counter", "Bytes skipped on uplinks", (int64_t)f.garbage_bytes},
        {"bad_frames_total", "counter", "Frames that made no sense", (int64_t)f.bad_frames},
        {"heartbeat_lost_total", "counter", "Sessions closed for silence",
         (int64_t)f.heartbeat_lost},
    };
    c->answer->status = 200;
    c->answer->content_type = "text/plain; version=0.0.4; charset=utf-8";
    put_metrics(c, rows, sizeof rows / sizeof rows[0]);
    put_states(c, &n);
}

void route_events(call *c)
{
    c->answer->status = 200;
    c->answer->content_type = "text/event-stream";
    c->answer->events = true;
}
