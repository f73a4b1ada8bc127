/* `gridtill read`: asks the station for a fresh reading of one meter and prints it. */
#include "adapter/loop/clock.h"
#include "base/quantity.h"
#include "prog/arguments.h"
#include "prog/command.h"
#include "prog/station_db.h"
#include "vending/command.h"

#include <inttypes.h>
#include <time.h>

enum { WAIT_DEFAULT_S = 30, POLL_MS = 100 };

typedef struct read_options {
    const char *config;
    const char *room;
    const char *meter_no;
    const char *wait;
    int64_t wait_s;
} read_options;

static int usage(const char *problem)
{
    (void)fprintf(
        stderr,
        "gridtill read: %s\nusage: gridtill read --config FILE (--room BUILDING/FLOOR/ROOM "
        "| --meter NO) [--wait SECONDS]\n",
        problem);
    return EXIT_USAGE;
}

static int parse_options(int argc, char **argv, read_options *o)
{
    const argument list[] = {
        {"config", &o->config}, {"room", &o->room}, {"meter", &o->meter_no}, {"wait", &o->wait}};
    if (!arguments_read(argc, argv, list, sizeof list / sizeof list[0])) {
        return usage("an option is not known or lacks its value");
    }
    if (o->config == NULL || (o->room == NULL) == (o->meter_no == NULL)) {
        return usage("give --config and either --room or --meter");
    }
    o->wait_s = WAIT_DEFAULT_S;
    if (o->wait != NULL && gt_decimal_parse(o->wait, 0, &o->wait_s) != GT_ERR_OK) {
        return usage("--wait is a number of seconds");
    }
    return EXIT_DONE;
}

typedef struct read_request {
    vending_command_request_args args;
    supply_reason reason;
    vending_command command;
} read_request;

static gt_err ask(const store_tx *tx, void *arg)
{
    read_request *r = arg;
    return vending_command_request(tx, &r->args, &r->reason, &r->command);
}

static gt_err look(const store_tx *tx, void *arg)
{
    vending_command *command = arg;
    return vending_command_find(tx, command->id, command);
}

static void print_latest(const headend_latest *latest)
{
    char taken[GT_ISO_MAX];
    gt_utc_iso(latest->values.taken, taken);
    (void)printf("taken %s\n", taken);
    for (unsigned i = 0; i < ITEM_COUNT; i++) {
        if (reading_has(&latest->values, (item_id)i)) {
            char value[GT_DECIMAL_MAX];
            const item_row *item = item_of((item_id)i);
            gt_decimal_format(latest->values.value[i], item->decimals, value);
            (void)printf("%-18s %14s %-8s %s\n", item->name, value, item->unit, item->en);
        }
    }
}

/* Waits until the head-end has settled the command, then shows what it stored. */
static int await_reading(const station_db *db, vending_command *command, int64_t wait_s)
{
    const int64_t end_ms = clock_utc().ms + wait_s * 1000;
    while (command->state == VENDING_COMMAND_WAITING || command->state == VENDING_COMMAND_SENT) {
        if (clock_utc().ms >= end_ms) {
            (void)fprintf(stderr,
                          "gridtill read: no answer within %" PRId64
                          " s; is the station running and the terminal online?\n",
                          wait_s);
            return EXIT_FAILED;
        }
        (void)nanosleep(&(struct timespec){.tv_nsec = POLL_MS * 1000000L}, NULL);
        if (direct_store_read(db->till, look, command) != GT_ERR_OK) {
            return EXIT_FAILED;
        }
    }
    headend_latest latest;
    if (command->state != VENDING_COMMAND_DONE ||
        station_db_latest(db, command->meter_id, &latest) != GT_ERR_OK) {
        (void)fprintf(stderr, "gridtill read: the meter was not read: %s\n", command->result);
        return EXIT_FAILED;
    }
    print_latest(&latest);
    return EXIT_DONE;
}

int read_main(int argc, char **argv)
{
    read_options options = {.config = NULL};
    const int bad = parse_options(argc, argv, &options);
    if (bad != EXIT_DONE) {
        return bad;
    }
    station_db db;
    if (station_db_open(options.config, &db) != GT_ERR_OK) {
        return EXIT_FAILED;
    }
    char operator_name[VENDING_OPERATOR_MAX];
    station_db_operator(operator_name, sizeof operator_name);
    registry_meter meter;
    int code = EXIT_FAILED;
    if (station_db_meter(&db, options.room, options.meter_no, &meter) == GT_ERR_OK) {
        read_request request = {.args = {.meter_id = meter.id,
                                         .act = VENDING_ACT_READ,
                                         .operator_name = operator_name,
                                         .now = clock_utc()}};
        const gt_err err = direct_store_write(db.till, ask, &request);
        if (err != GT_ERR_OK) {
            (void)fprintf(stderr, "gridtill read: %s\n", gt_err_text(err));
        } else {
            code = await_reading(&db, &request.command, options.wait_s);
        }
    }
    station_db_close(&db);
    return code;
}
