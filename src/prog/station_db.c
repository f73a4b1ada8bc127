/* Databases of a station, opened by a command of the operator. */
#include "prog/station_db.h"

#include "adapter/loop/clock.h"
#include "base/quantity.h"

#include <pwd.h>
#include <string.h>
#include <unistd.h>

enum { METER_DIGITS_MAX = 12 };

void station_db_path(const station_config *cfg, store_db which, char *path, size_t cap)
{
    (void)snprintf(path, cap, "%s/%s", cfg->store_dir,
                   which == STORE_DB_TILL ? "till.db" : "readings.db");
}

static gt_err open_one(const station_config *cfg, store_db which, direct_store **out)
{
    char path[PATH_MAX + 16];
    station_db_path(cfg, which, path, sizeof path);
    if (access(path, F_OK) != 0) {
        (void)fprintf(stderr, "gridtill: %s is not there; start the station once\n", path);
        return GT_ERR_NOT_FOUND;
    }
    const store_place place = {.engine = &sqlite_engine, .db = which, .target = path};
    const gt_err err = direct_store_open(&place, clock_utc().ms, out);
    if (err != GT_ERR_OK) {
        (void)fprintf(stderr, "gridtill: %s: %s\n", path, gt_err_text(err));
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
