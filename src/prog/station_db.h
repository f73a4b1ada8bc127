/**
 * @file station_db.h
 * @brief The station's two databases for a command that runs beside the station or without it.
 *
 * Layer:   prog. Each write is a transaction of its own; the station sees it at its next poll.
 */
#ifndef GT_PROG_STATION_DB_H
#define GT_PROG_STATION_DB_H

#include "adapter/store/direct_store.h"
#include "headend/readings.h"
#include "prog/station_config.h"
#include "registry/registry.h"

typedef struct station_db {
    station_config cfg;
    direct_store *till;
    direct_store *readings;
} station_db;

/** Both databases must be there. Complains to standard error. @return NOT_FOUND, or of the store */
GT_CHECKED gt_err station_db_open(const char *config_path, station_db *out);
void station_db_close(station_db *db);

/** What a place of the configuration is called, and why it did not open. */
typedef struct station_db_names {
    char path[PATH_MAX + 16]; /* "DIR/till.db", "PostgreSQL schema ..." */
    char why[ENGINE_WHY_MAX];
} station_db_names;

/** The place lives as long as @p cfg and @p names, which stay where they are. */
store_place station_db_place(const station_config *cfg, store_db which, station_db_names *names);
/** One line to standard error, with the engine's own words. */
void station_db_complain(const char *program, const station_db_names *names, gt_err err);

/** A meter named by its number or its room's path (the other is NULL). Complains when not found. */
GT_CHECKED gt_err station_db_meter(const station_db *db, const char *room, const char *meter_no,
                                   registry_meter *out);
/** Its latest values; NOT_FOUND when never read. */
GT_CHECKED gt_err station_db_latest(const station_db *db, int64_t meter_id, headend_latest *out);

/** Who runs the command, as the ledger will name him: "os.<user>". */
void station_db_operator(char *name, size_t cap);

#endif
