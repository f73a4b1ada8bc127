/* One connection, one thread, each submit a transaction of its own. */
#include "adapter/store/direct_store.h"

#include <stdlib.h>

struct direct_store {
    connection *conn;
};

gt_err direct_store_open(const store_place *place, int64_t now_ms, direct_store **out)
{
    direct_store *store = calloc(1, sizeof *store);
    if (store == NULL) {
        return GT_ERR_MEMORY;
    }
    gt_err err = connection_open(place, &store->conn);
    if (err == GT_ERR_OK) {
        err = connection_migrate(store->conn, place->db, now_ms);
    }
    if (err != GT_ERR_OK) {
        direct_store_close(store);
        return err;
    }
    *out = store;
    return GT_ERR_OK;
}

void direct_store_close(direct_store *store)
{
    if (store != NULL) {
        connection_close(store->conn);
        free(store);
    }
}

gt_err direct_store_write(direct_store *store, store_work work, void *arg)
{
    return connection_write(store->conn, work, arg);
}

gt_err direct_store_read(direct_store *store, store_work work, void *arg)
{
    return connection_read(store->conn, work, arg);
}

static gt_err submit(void *ctx, store_work work, void *arg, store_done done)
{
    const gt_err err = direct_store_write(ctx, work, arg);
    if (done != NULL) {
        done(arg, err);
    }
    return GT_ERR_OK;
}

static gt_err read_now(void *ctx, store_work work, void *arg)
{
    return direct_store_read(ctx, work, arg);
}

gt_store direct_store_port(direct_store *store)
{
    return (gt_store){.ctx = store, .submit = submit, .read = read_now};
}
