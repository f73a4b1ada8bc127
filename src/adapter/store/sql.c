/* Statement texts and migrations, gathered from the owners' files. */
#include "adapter/store/sql.h"

#include "migrations_embedded.h"

static const struct {
    const char *name;
    const char *text;
} rows[] = {
#define SQL(name_, text_) [STMT_##name_] = {.name = #name_, .text = (text_)},
#include "adapter/store/sql_registry.def"
#include "adapter/store/sql_schema.def"
#include "adapter/store/sql_concentrator.def"
#include "adapter/store/sql_vending.def"
#include "adapter/store/sql_headend.def"
#include "adapter/store/sql_access.def"
#include "adapter/store/sql_api.def"
#undef SQL
};

static const migration migrations[] = {
#define MIGRATION(db_, number_, name_) \
    {.db = STORE_DB_##db_, .number = (number_), .name = #name_, .text = embedded_##name_},
#include "adapter/store/migrations.def"
#undef MIGRATION
    {.name = NULL}, /* so that the list may be empty */
};

size_t sql_count(void)
{
    return sizeof rows / sizeof rows[0];
}

const char *sql_name(store_stmt stmt)
{
    return rows[stmt].name;
}

const char *sql_text(store_stmt stmt)
{
    return rows[stmt].text;
}

const migration *migration_list(size_t *out_count)
{
    *out_count = sizeof migrations / sizeof migrations[0] - 1;
    return migrations;
}
