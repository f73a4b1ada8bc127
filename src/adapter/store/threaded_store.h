/**
 * @file threaded_store.h
 * @brief A store with one writer thread: group commit without a timer, readers of their own.
 *
 * Layer:   adapter. The next group starts as soon as the last one is synced; what arrived meanwhile
 *          is the next group. Nothing is acknowledged before its sync.
 */
#ifndef GT_ADAPTER_STORE_THREADED_STORE_H
#define GT_ADAPTER_STORE_THREADED_STORE_H

#include "adapter/store/connection.h"
#include "port/log.h"

typedef struct threaded_store threaded_store;
typedef struct store_client store_client;

enum { THREADED_STORE_QUEUE_MAX = 4096, THREADED_STORE_READERS_MAX = 16 };

typedef struct threaded_store_config {
    store_place place;
    unsigned readers; /* read connections, 1 .. THREADED_STORE_READERS_MAX */
    const gt_log *log;
} threaded_store_config;

/** Open, migrate, start the writer. */
GT_CHECKED gt_err threaded_store_open(const threaded_store_config *cfg, int64_t now_ms,
                                      threaded_store **out);
/** Finishes what has queued, then stops. Clients must be closed before. */
void threaded_store_close(threaded_store *store);

/**
 * True after a failure that leaves the file in doubt (I/O error at commit, damage): nothing more is
 * acknowledged; the program should stop and start again from the file.
 */
bool threaded_store_broken(const threaded_store *store);

/**
 * A store for any thread: submit() waits until the outcome is durable and calls done before it
 * returns; read() borrows a read connection, waiting while all are taken.
 */
gt_store threaded_store_port(threaded_store *store);
/** Submit, wait, return the outcome. Any thread. */
GT_CHECKED gt_err threaded_store_write(threaded_store *store, store_work work, void *arg);
GT_CHECKED gt_err threaded_store_read(threaded_store *store, store_work work, void *arg);

/**
 * A store for one thread with an event loop: submit() returns at once; after a commit @p wake is
 * called on the writer thread (it must only wake the loop), and the loop then calls
 * store_client_drain, which calls each done on the loop's thread.
 */
GT_CHECKED gt_err store_client_open(threaded_store *store, void (*wake)(void *ctx), void *wake_ctx,
                                    store_client **out);
/** Waits for what is under way; its done callbacks are called, and can submit nothing more. */
void store_client_close(store_client *client);
gt_store store_client_port(store_client *client);
void store_client_drain(store_client *client);

typedef struct threaded_store_stats {
    uint64_t items;  /* writes committed */
    uint64_t groups; /* commits */
    uint64_t failed; /* writes that ended with an error */
} threaded_store_stats;

threaded_store_stats threaded_store_counts(threaded_store *store);

#endif
