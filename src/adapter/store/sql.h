/**
 * @file sql.h
 * @brief The text of every named statement, and the migrations of every database.
 *
 * Layer:   adapter. Texts are rows of sql_<owner>.def; migrations are files built in.
 */
#ifndef GT_ADAPTER_STORE_SQL_H
#define GT_ADAPTER_STORE_SQL_H

#include "port/store.h"

/** The three kinds of database file. */
typedef enum store_db { STORE_DB_TILL, STORE_DB_READINGS, STORE_DB_BOX } store_db;
enum { STORE_DB_COUNT = STORE_DB_BOX + 1 };

size_t sql_count(void);
/** Name as in statement.def, for logs and tests. */
const char *sql_name(store_stmt stmt);
const char *sql_text(store_stmt stmt);

typedef struct migration {
    store_db db;
    int number;
    const char *name;
    const char *text;
} migration;

/** All migrations of all databases, ascending within each. */
const migration *migration_list(size_t *out_count);

#endif
