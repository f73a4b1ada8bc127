/* Inside of a connection, shared by connection.c and migrate.c only. */
#ifndef GT_ADAPTER_STORE_CONNECTION_PRIV_H
#define GT_ADAPTER_STORE_CONNECTION_PRIV_H

#include "adapter/store/connection.h"

typedef struct cursor {
    connection *conn;
    engine_stmt *stmt;
    bool cached; /* belongs to the slot; reset on close, not finalized */
} cursor;

typedef struct slot {
    cursor cursor; /* first: a cached cursor leads back to its slot */
    bool busy;
} slot;

struct connection {
    const engine *engine;
    engine_conn *db;
    store_tx tx;
    slot *slots; /* one a statement */
};

#endif
