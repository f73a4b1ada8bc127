/* The writer thread takes all that has queued (up to GROUP_MAX), runs each item under a savepoint,
 * commits once and reports. When the engine gives up the whole transaction because of one item (a
 * full disk does that, or a collision with another writer), the items are run again, each in a
 * transaction of its own: bodies are re-runnable, so the others lose nothing. */
#include "adapter/store/threaded_store.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { GROUP_MAX = 256 };

typedef struct item {
    store_work work;
    void *arg;
    store_done done;
    store_client *client; /* NULL: a waiting thread, see waiter */
    struct waiter *waiter;
    gt_err err;
} item;

typedef struct waiter {
    pthread_cond_t finished;
    bool over;
    gt_err err;
} waiter;

struct store_client {
    threaded_store *store;
    void (*wake)(void *ctx);
    void *wake_ctx;
    bool closing;     /* takes nothing more */
    unsigned pending; /* submitted, not yet drained */
    unsigned ended;   /* items in the ring */
    unsigned first;
    item *ring; /* THREADED_STORE_QUEUE_MAX outcomes */
};

struct threaded_store {
    const gt_log *log;
    connection *writer;
    connection *readers[THREADED_STORE_READERS_MAX];
    bool reader_taken[THREADED_STORE_READERS_MAX];
    unsigned reader_count;
    pthread_t thread;
    bool thread_started;
    pthread_mutex_t lock;
    pthread_cond_t arrived;
    pthread_cond_t drained; /* a client's item ended, or a reader came back */
    bool stopping;
    atomic_bool broken;
    item *queue; /* ring of THREADED_STORE_QUEUE_MAX */
    unsigned first;
    unsigned count;
    threaded_store_stats stats;
};

/* ---- the writer ---- */

static void run_singly(threaded_store *store, item *items, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        items[i].err = connection_write(store->writer, items[i].work, items[i].arg);
    }
}

static void run_group(threaded_store *store, item *items, unsigned count)
{
    gt_err err = connection_begin(store->writer);
    bool lost = false;
    for (unsigned i = 0; i < count && err == GT_ERR_OK && !lost; i++) {
        items[i].err = connection_item(store->writer, items[i].work, items[i].arg, &lost);
    }
    if (lost) {
        connection_rollback(store->writer);
        run_singly(store, items, count);
        return;
    }
    if (err == GT_ERR_OK) {
        err = connection_commit(store->writer);
    }
    if (err == GT_ERR_BUSY || (err == GT_ERR_FULL && count > 1)) {
        run_singly(store, items, count);
        return;
    }
    for (unsigned i = 0; i < count && err != GT_ERR_OK; i++) {
        items[i].err = err;
    }
}

static void note_failures(threaded_store *store, const item *items, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        const gt_err err = items[i].err;
        if (err == GT_ERR_IO || err == GT_ERR_CORRUPT) {
            atomic_store(&store->broken, true);
            gt_log_event(store->log, GT_LOG_ERROR, "store.broken",
                         gt_log_str("err", gt_err_name(err)),
                         gt_log_str("engine", connection_message(store->writer)));
            return;
        }
    }
}

/* Under the lock: hand each outcome to whoever waits for it. */
static void report(threaded_store *store, const item *items, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        const item *it = &items[i];
        store->stats.items += it->err == GT_ERR_OK ? 1U : 0U;
        store->stats.failed += it->err == GT_ERR_OK ? 0U : 1U;
        if (it->client != NULL) {
            store_client *client = it->client;
            client->ring[(client->first + client->ended) % THREADED_STORE_QUEUE_MAX] = *it;
            client->ended++;
            client->wake(client->wake_ctx);
        } else {
            it->waiter->err = it->err;
            it->waiter->over = true;
            (void)pthread_cond_signal(&it->waiter->finished);
        }
    }
    store->stats.groups++;
    (void)pthread_cond_broadcast(&store->drained);
}

static unsigned take_group(threaded_store *store, item *out)
{
    while (store->count == 0 && !store->stopping) {
        (void)pthread_cond_wait(&store->arrived, &store->lock);
    }
    unsigned n = 0;
    while (n < GROUP_MAX && store->count > 0) {
        out[n++] = store->queue[store->first];
        store->first = (store->first + 1) % THREADED_STORE_QUEUE_MAX;
        store->count--;
    }
    return n;
}

static void *write_loop(void *arg)
{
    threaded_store *store = arg;
    item group[GROUP_MAX];
    (void)pthread_mutex_lock(&store->lock);
    for (unsigned n = take_group(store, group); n > 0; n = take_group(store, group)) {
        (void)pthread_mutex_unlock(&store->lock);
        if (atomic_load(&store->broken)) {
            for (unsigned i = 0; i < n; i++) {
                group[i].err = GT_ERR_IO;
            }
        } else {
            run_group(store, group, n);
            note_failures(store, group, n);
        }
        (void)pthread_mutex_lock(&store->lock);
        report(store, group, n);
    }
    (void)pthread_mutex_unlock(&store->lock);
    return NULL;
}

/* Under the lock. */
static gt_err enqueue(threaded_store *store, const item *it)
{
    if (atomic_load(&store->broken)) {
        return GT_ERR_IO;
    }
    if (store->stopping || store->count == THREADED_STORE_QUEUE_MAX) {
        return GT_ERR_BUSY;
    }
    store->queue[(store->first + store->count) % THREADED_STORE_QUEUE_MAX] = *it;
    store->count++;
    (void)pthread_cond_signal(&store->arrived);
    return GT_ERR_OK;
}

/* ---- open and close ---- */

static gt_err open_connections(threaded_store *store, const threaded_store_config *cfg,
                               int64_t now_ms)
{
    GT_TRY(connection_open(&cfg->place, &store->writer));
    GT_TRY(connection_migrate(store->writer, cfg->place.db, now_ms));
    for (unsigned i = 0; i < cfg->readers; i++) {
        GT_TRY(connection_open(&cfg->place, &store->readers[i]));
        store->reader_count++;
    }
    return GT_ERR_OK;
}

gt_err threaded_store_open(const threaded_store_config *cfg, int64_t now_ms, threaded_store **out)
{
    GT_ASSERT(cfg->readers >= 1 && cfg->readers <= THREADED_STORE_READERS_MAX);
    threaded_store *store = calloc(1, sizeof *store);
    if (store == NULL) {
        return GT_ERR_MEMORY;
    }
    store->log = cfg->log;
    (void)pthread_mutex_init(&store->lock, NULL);
    (void)pthread_cond_init(&store->arrived, NULL);
    (void)pthread_cond_init(&store->drained, NULL);
    store->queue = calloc(THREADED_STORE_QUEUE_MAX, sizeof *store->queue);
    gt_err err = store->queue == NULL ? GT_ERR_MEMORY : open_connections(store, cfg, now_ms);
    if (err == GT_ERR_OK) {
        store->thread_started = pthread_create(&store->thread, NULL, write_loop, store) == 0;
        err = store->thread_started ? GT_ERR_OK : GT_ERR_MEMORY;
    }
    if (err != GT_ERR_OK) {
        threaded_store_close(store);
        return err;
    }
    *out = store;
    return GT_ERR_OK;
}

void threaded_store_close(threaded_store *store)
{
    if (store == NULL) {
        return;
    }
    if (store->thread_started) {
        (void)pthread_mutex_lock(&store->lock);
        store->stopping = true;
        (void)pthread_cond_signal(&store->arrived);
        (void)pthread_mutex_unlock(&store->lock);
        (void)pthread_join(store->thread, NULL);
    }
    for (unsigned i = 0; i < store->reader_count; i++) {
        connection_close(store->readers[i]);
    }
    connection_close(store->writer);
    (void)pthread_cond_destroy(&store->drained);
    (void)pthread_cond_destroy(&store->arrived);
    (void)pthread_mutex_destroy(&store->lock);
    free(store->queue);
    free(store);
}

bool threaded_store_broken(const threaded_store *store)
{
    return atomic_load(&store->broken);
}

threaded_store_stats threaded_store_counts(threaded_store *store)
{
    (void)pthread_mutex_lock(&store->lock);
    const threaded_store_stats stats = store->stats;
    (void)pthread_mutex_unlock(&store->lock);
    return stats;
}

/* ---- any thread ---- */

gt_err threaded_store_write(threaded_store *store, store_work work, void *arg)
{
    waiter w = {.over = false};
    (void)pthread_cond_init(&w.finished, NULL);
    (void)pthread_mutex_lock(&store->lock);
    gt_err err = enqueue(store, &(item){.work = work, .arg = arg, .waiter = &w});
    while (err == GT_ERR_OK && !w.over) {
        (void)pthread_cond_wait(&w.finished, &store->lock);
    }
    (void)pthread_mutex_unlock(&store->lock);
    (void)pthread_cond_destroy(&w.finished);
    return err != GT_ERR_OK ? err : w.err;
}

static unsigned borrow_reader(threaded_store *store)
{
    (void)pthread_mutex_lock(&store->lock);
    unsigned i = 0;
    while (store->reader_taken[i]) {
        i++;
        if (i == store->reader_count) {
            (void)pthread_cond_wait(&store->drained, &store->lock);
            i = 0;
        }
    }
    store->reader_taken[i] = true;
    (void)pthread_mutex_unlock(&store->lock);
    return i;
}

gt_err threaded_store_read(threaded_store *store, store_work work, void *arg)
{
    const unsigned i = borrow_reader(store);
    const gt_err err = connection_read(store->readers[i], work, arg);
    (void)pthread_mutex_lock(&store->lock);
    store->reader_taken[i] = false;
    (void)pthread_cond_broadcast(&store->drained);
    (void)pthread_mutex_unlock(&store->lock);
    return err;
}

static gt_err submit_and_wait(void *ctx, store_work work, void *arg, store_done done)
{
    const gt_err err = threaded_store_write(ctx, work, arg);
    if (done != NULL) {
        done(arg, err);
    }
    return GT_ERR_OK;
}

static gt_err read_any(void *ctx, store_work work, void *arg)
{
    return threaded_store_read(ctx, work, arg);
}

gt_store threaded_store_port(threaded_store *store)
{
    return (gt_store){.ctx = store, .submit = submit_and_wait, .read = read_any};
}

/* ---- a thread with a loop ---- */

gt_err store_client_open(threaded_store *store, void (*wake)(void *ctx), void *wake_ctx,
                         store_client **out)
{
    store_client *client = calloc(1, sizeof *client);
    item *ring = calloc(THREADED_STORE_QUEUE_MAX, sizeof *ring);
    if (client == NULL || ring == NULL) {
        free(client);
        free(ring);
        return GT_ERR_MEMORY;
    }
    *client = (store_client){.store = store, .wake = wake, .wake_ctx = wake_ctx, .ring = ring};
    *out = client;
    return GT_ERR_OK;
}

static gt_err submit_for_loop(void *ctx, store_work work, void *arg, store_done done)
{
    store_client *client = ctx;
    threaded_store *store = client->store;
    (void)pthread_mutex_lock(&store->lock);
    gt_err err = GT_ERR_BUSY;
    if (!client->closing && client->pending < THREADED_STORE_QUEUE_MAX) {
        err = enqueue(store, &(item){.work = work, .arg = arg, .done = done, .client = client});
    }
    client->pending += err == GT_ERR_OK ? 1U : 0U;
    (void)pthread_mutex_unlock(&store->lock);
    return err;
}

static gt_err read_for_loop(void *ctx, store_work work, void *arg)
{
    const store_client *client = ctx;
    return threaded_store_read(client->store, work, arg);
}

gt_store store_client_port(store_client *client)
{
    return (gt_store){.ctx = client, .submit = submit_for_loop, .read = read_for_loop};
}

void store_client_drain(store_client *client)
{
    threaded_store *store = client->store;
    (void)pthread_mutex_lock(&store->lock);
    while (client->ended > 0) {
        const item it = client->ring[client->first];
        client->first = (client->first + 1) % THREADED_STORE_QUEUE_MAX;
        client->ended--;
        client->pending--;
        (void)pthread_mutex_unlock(&store->lock);
        if (it.done != NULL) {
            it.done(it.arg, it.err);
        }
        (void)pthread_mutex_lock(&store->lock);
    }
    (void)pthread_mutex_unlock(&store->lock);
}

void store_client_close(store_client *client)
{
    if (client == NULL) {
        return;
    }
    threaded_store *store = client->store;
    (void)pthread_mutex_lock(&store->lock);
    client->closing = true;
    while (client->pending > client->ended) {
        (void)pthread_cond_wait(&store->drained, &store->lock);
    }
    (void)pthread_mutex_unlock(&store->lock);
    store_client_drain(client);
    free(client->ring);
    free(client);
}
