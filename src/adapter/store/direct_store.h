/**
 * @file direct_store.h
 * @brief A store run at once on the caller's thread: tests in virtual time, the command line.
 *
 * Layer:   adapter.
 */
#ifndef GT_ADAPTER_STORE_DIRECT_STORE_H
#define GT_ADAPTER_STORE_DIRECT_STORE_H

#include "adapter/store/connection.h"

typedef struct direct_store direct_store;

/** Open, create if absent, migrate. @return also CONFLICT, see connection_migrate */
GT_CHECKED gt_err direct_store_open(const store_place *place, int64_t now_ms, direct_store **out);
void direct_store_close(direct_store *store);
/** submit() runs the work in its own transaction and calls done before it returns. */
gt_store direct_store_port(direct_store *store);
/** Submit and return the outcome. */
GT_CHECKED gt_err direct_store_write(direct_store *store, store_work work, void *arg);
GT_CHECKED gt_err direct_store_read(direct_store *store, store_work work, void *arg);

#endif
