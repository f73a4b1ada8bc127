/* Databases of a station, opened by a command of the operator. */
#include "prog/station_db.h"

#include "adapter/loop/clock.h"
#include "base/quantity.h"

#include <pwd.h>
#include <string.h>
#include <unistd.h>

enum { METER_DIGITS_MAX = 12 };

#define TILL_SCHEMA "gridtill_till"
#define READINGS_SCHEMA "gridtill_readings"

store_place station_db_place(const station_config *cfg, store_db which, station_db_names *names)
{
    const bool till = which == STORE_DB_TILL;
    *names = (station_db_names){.path = ""};
    if (cfg->store_postgres[0] != '\0') {
        (void)snprintf(names->path, sizeof names->path, "PostgreSQL schema %s",
                       till ? TILL_SCHEMA : READINGS_SCHEMA);
        return (store_place){.engine = &postgres_engine,
                             .db = which,
                             .target = cfg->store_postgres,
                             .option = till ? TILL_SCHEMA : READINGS_SCHEMA,
                             .why = names->why};
    }
    (void)snprintf(names->path, sizeof names->path, "%s/%s", cfg->store_dir,
                   till ? "till.db" : "readings.db");
    return (store_place){
        .engine = &sqlite_engine, .db = which, .target = names->path, .why = names->why};
}

void station_db_complain(const char *program, const station_db_names *names, gt_err err)
{
    (void)fprintf(stderr, "%s: %s: %s%s%s\n", program, names->path, gt_err_text(err),
                  names->why[0] == '\0' ? "" : ": ", names->why);
}

/* A database that was never made must not look like an empty one. */
static gt_err look_for(const store_place *place)
{
    if (place->engine == &sqlite_engine && access(place->target, F_OK) != 0) {
        return GT_ERR_NOT_FOUND;
    }
    connection *conn = NULL;
    size_t count = 0;
    GT_TRY(connection_open(place, &conn));
    const gt_err err = connection_shape(conn, STMT_SCHEMA_VERSIONS, &count, &count);
    connection_close(conn);
    return err == GT_ERR_OK ? GT_ERR_OK : GT_ERR_NOT_FOUND;
}

static gt_err open_one(const station_config *cfg, store_db which, direct_store **out)
{
    station_db_names names;
    const store_place place = station_db_place(cfg, which, &names);
    gt_err err = look_for(&place);
    if (err == GT_ERR_NOT_FOUND) {
        (void)fprintf(stderr, "gridtill: %s is not there; start the station once\n", names.path);
        return err;
    }
    if (err == GT_ERR_OK) {
        err = direct_store_open(&place, clock_utc().ms, out);
    }
    if (err != GT_ERR_OK) {
        station_db_complain("gridtill", &names, err);
    }
    return err;
}

gt_err station_db_open(const char *config_path, station_db *out)
{
    station_db db = {.till = NULL};
    GT_TRY(station_config_read(config_path, stderr, &db.cfg));
    gt_err err = open_one(&db.cfg, STORE_DB_TILL, &db.till);
    if (err == GT_ERR_OK) {
        err = open_one(&db.cfg, STORE_DB_READINGS, &db.readings);
    }
    if (err != GT_ERR_OK) {
        station_db_close(&db);
        return err;
    }
    *out = db;
    return GT_ERR_OK;
}

void station_db_close(station_db *db)
{
    direct_store_close(db->readings);
    direct_store_close(db->till);
}

typedef struct meter_lookup {
    const char *room;
    uint64_t number;
    registry_meter found;
} meter_lookup;

static gt_err look_up(const store_tx *tx, void *arg)
{
    meter_lookup *lookup = arg;
    return lookup->room != NULL ? registry_meter_find_path(tx, lookup->room, &lookup->found)
                                : registry_meter_find_no(tx, lookup->number, &lookup->found);
}

gt_err station_db_meter(const station_db *db, const char *room, const char *meter_no,
                        registry_meter *out)
{
    meter_lookup lookup = {.room = room};
    int64_t number = 0;
    gt_err err = GT_ERR_OK;
    if (room == NULL) {
        err = strlen(meter_no) > METER_DIGITS_MAX ? GT_ERR_SYNTAX
                                                  : gt_decimal_parse(meter_no, 0, &number);
        err = err == GT_ERR_OK && number < 0 ? GT_ERR_SYNTAX : err;
        lookup.number = (uint64_t)number;
    }
    if (err == GT_ERR_OK) {
        err = direct_store_read(db->till, look_up, &lookup);
    }
    if (err != GT_ERR_OK) {
        (void)fprintf(stderr,
                      "gridtill: %s \"%s\": %s; name a room as building/floor/room or a meter by "
                      "its number\n",
                      room != NULL ? "room" : "meter", room != NULL ? room : meter_no,
                      gt_err_text(err));
        return err;
    }
    *out = lookup.found;
    return GT_ERR_OK;
}

static gt_err find_latest(const store_tx *tx, void *arg)
{
    headend_latest *latest = arg;
    return headend_latest_find(tx, latest->meter_id, latest);
}

gt_err station_db_latest(const station_db *db, int64_t meter_id, headend_latest *out)
{
    headend_latest latest = {.meter_id = meter_id};
    GT_TRY(direct_store_read(db->readings, find_latest, &latest));
    *out = latest;
    return GT_ERR_OK;
}

void station_db_operator(char *name, size_t cap)
{
    const struct passwd *user = getpwuid(getuid());
    (void)snprintf(name, cap, "os.%.24s", user != NULL ? user->pw_name : "unknown");
}
