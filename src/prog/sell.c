/* `gridtill sell`: one sale from the command line, through the same transaction as the page's. The
 * command waits in the outbox; a running station sends it within 100 ms, and one that is started
 * later sends it then. */
#include "adapter/loop/clock.h"
#include "base/hex.h"
#include "base/quantity.h"
#include "prog/arguments.h"
#include "prog/command.h"
#include "prog/station_db.h"
#include "vending/order.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

enum { WAIT_DEFAULT_S = 30, POLL_MS = 100, KEY_RANDOM_LEN = 12, EVENTS_MAX = 64 };

typedef struct sell_options {
    const char *config;
    const char *room;
    const char *meter_no;
    const char *amount;
    const char *key;
    const char *wait;
    int64_t amount_fen;
    int64_t wait_s;
    char made_key[2 * KEY_RANDOM_LEN + 1];
} sell_options;

static int usage(const char *problem)
{
    (void)fprintf(
        stderr,
        "gridtill sell: %s\nusage: gridtill sell --config FILE (--room BUILDING/FLOOR/ROOM "
        "| --meter NO) --amount YUAN [--key TEXT] [--wait SECONDS]\n",
        problem);
    return EXIT_USAGE;
}

static int parse_options(int argc, char **argv, sell_options *o)
{
    const argument list[] = {{"config", &o->config}, {"room", &o->room}, {"meter", &o->meter_no},
                             {"amount", &o->amount}, {"key", &o->key},   {"wait", &o->wait}};
    if (!arguments_read(argc, argv, list, sizeof list / sizeof list[0])) {
        return usage("an option is not known or lacks its value");
    }
    if (o->config == NULL || o->amount == NULL || (o->room == NULL) == (o->meter_no == NULL)) {
        return usage("give --config, --amount and either --room or --meter");
    }
    if (gt_decimal_parse(o->amount, 2, &o->amount_fen) != GT_ERR_OK) {
        return usage("--amount is yuan with at most two decimals, such as 50.00");
    }
    o->wait_s = WAIT_DEFAULT_S;
    if (o->wait != NULL && gt_decimal_parse(o->wait, 0, &o->wait_s) != GT_ERR_OK) {
        return usage("--wait is a number of seconds");
    }
    return EXIT_DONE;
}

/* Without --key each call is a sale of its own; with it, the same call again is the same sale. */
static gt_err make_key(sell_options *o)
{
    uint8_t random[KEY_RANDOM_LEN];
    if (o->key != NULL) {
        return GT_ERR_OK;
    }
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random) {
        return GT_ERR_IO;
    }
    gt_hex_format(random, sizeof random, o->made_key, sizeof o->made_key);
    o->key = o->made_key;
    return GT_ERR_OK;
}

typedef struct sale {
    vending_sale_request request;
    vending_sale_result result;
} sale;

static gt_err book(const store_tx *tx, void *arg)
{
    sale *s = arg;
    return vending_sale(tx, &s->request, &s->result);
}

static gt_err sell(const station_db *db, const registry_meter *meter, const sell_options *o,
                   vending_order *out)
{
    char operator_name[VENDING_OPERATOR_MAX];
    station_db_operator(operator_name, sizeof operator_name);
    sale s = {.request = {.key = o->key,
                          .meter_id = meter->id,
                          .amount_fen = o->amount_fen,
                          .operator_name = operator_name,
                          .now = clock_utc(),
                          .limits = db->cfg.limits}};
    headend_latest latest;
    if (station_db_latest(db, meter->id, &latest) == GT_ERR_OK &&
        reading_has(&latest.values, ITEM_BALANCE)) {
        s.request.balance_known = true;
        s.request.balance_fen = reading_get(&latest.values, ITEM_BALANCE);
    }
    const gt_err err = direct_store_write(db->till, book, &s);
    if (err != GT_ERR_OK) {
        const bool refused = s.result.reason != VENDING_SALE_NONE;
        (void)fprintf(stderr, "gridtill sell: no money was taken: %s\n",
                      refused ? vending_sale_reason_en(s.result.reason) : gt_err_text(err));
        return err;
    }
    *out = s.result.order;
    return GT_ERR_OK;
}

typedef struct watch {
    vending_order order;
    vending_event events[EVENTS_MAX];
    size_t count;
} watch;

static gt_err look(const store_tx *tx, void *arg)
{
    watch *w = arg;
    GT_TRY(vending_order_find(tx, w->order.id, &w->order));
    return vending_order_timeline(tx, w->order.id, w->events, EVENTS_MAX, &w->count);
}

static bool light_is_on(const watch *w)
{
    for (size_t i = 0; i < w->count; i++) {
        if (w->events[i].step == VENDING_STEP_RELAY_CLOSED) {
            return true;
        }
    }
    return false;
}

static bool settled(order_state state)
{
    return state == ORDER_CONFIRMED || state == ORDER_REFUSED || state == ORDER_REVERSED ||
           state == ORDER_FROZEN;
}

/* Prints each step of the timeline as it comes. */
static int follow(const station_db *db, const vending_order *order, int64_t wait_s)
{
    watch w = {.order = *order};
    size_t shown = 0;
    const int64_t end_ms = clock_utc().ms + wait_s * 1000;
    bool over = false;
    while (!over) {
        if (direct_store_read(db->till, look, &w) != GT_ERR_OK) {
            return EXIT_FAILED;
        }
        for (; shown < w.count; shown++) {
            const vending_event *event = &w.events[shown];
            (void)printf("%+8" PRId64 " ms  %s%s%s\n", event->at.ms - order->created.ms,
                         vending_step_en(event->step), event->detail[0] != '\0' ? ": " : "",
                         event->detail);
        }
        (void)fflush(stdout);
        over = (settled(w.order.state) && (w.order.state != ORDER_CONFIRMED || light_is_on(&w))) ||
               clock_utc().ms >= end_ms;
        if (!over) {
            (void)nanosleep(&(struct timespec){.tv_nsec = POLL_MS * 1000000L}, NULL);
        }
    }
    (void)printf("order %" PRId64 " is %s\n", w.order.id, order_state_name(w.order.state));
    return w.order.state == ORDER_CONFIRMED ? EXIT_DONE : EXIT_FAILED;
}

int sell_main(int argc, char **argv)
{
    sell_options options = {.config = NULL};
    const int bad = parse_options(argc, argv, &options);
    if (bad != EXIT_DONE) {
        return bad;
    }
    station_db db;
    if (make_key(&options) != GT_ERR_OK || station_db_open(options.config, &db) != GT_ERR_OK) {
        return EXIT_FAILED;
    }
    registry_meter meter;
    vending_order order;
    int code = EXIT_FAILED;
    if (station_db_meter(&db, options.room, options.meter_no, &meter) == GT_ERR_OK &&
        sell(&db, &meter, &options, &order) == GT_ERR_OK) {
        (void)printf("order %" PRId64 ", receipt %s-%04u, %s/%s/%s, %s yuan\n", order.id,
                     order.book, (unsigned)order.receipt_no, meter.building, meter.floor,
                     meter.room, options.amount);
        code = options.wait_s > 0 ? follow(&db, &order, options.wait_s) : EXIT_DONE;
    }
    station_db_close(&db);
    return code;
}
