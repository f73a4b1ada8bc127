/* The store on a real SQLite file, at once and with the writer thread, and on a disk that crashes.
 * The statements used are those of the schema table, which every database has. */
#include "adapter/store/direct_store.h"
#include "adapter/store/threaded_store.h"
#include "crash_disk.h"
#include "test_place.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

enum { FIRST = 100000 }; /* above every migration's number */

typedef struct numbered {
    int64_t number;
    gt_err end_with; /* what the work returns after its write */
    gt_err outcome;
    unsigned calls;
} numbered;

static gt_err add(const store_tx *tx, void *arg)
{
    const numbered *n = arg;
    GT_TRY(store_run(tx, STMT_SCHEMA_ADD,
                     STORE_PARAMS(store_int(n->number), store_int(1), store_int(2)), NULL));
    return n->end_with;
}

static gt_err count_rows(const store_tx *tx, void *arg)
{
    int64_t *count = arg;
    store_rows rows = store_rows_open(tx, STMT_SCHEMA_VERSIONS, STORE_NO_PARAMS);
    *count = 0;
    while (store_rows_next(&rows)) {
        *count += store_rows_int(&rows, 0) >= FIRST ? 1 : 0;
    }
    return store_rows_close(&rows);
}

static void note(void *arg, gt_err err)
{
    numbered *n = arg;
    n->outcome = err;
    n->calls++;
}

static void ignore_log(void *ctx, gt_log_level level, const char *event, const gt_log_field *fields,
                       size_t count)
{
    (void)ctx;
    (void)level;
    (void)event;
    (void)fields;
    (void)count;
}

static const gt_log silent = {.write = ignore_log};

/* A database that outlives its connections: a file in a new folder, or a schema. */
static store_place temp_place(store_db db, char *path, size_t cap)
{
    store_place place = test_place(db);
    if (place.engine == &postgres_engine) {
        return place;
    }
    char folder[] = "/tmp/gt-store-XXXXXX";
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, cap, "%s/a.db", folder);
    place.target = path;
    return place;
}

static void remove_db(const store_place *place)
{
    if (place->engine == &postgres_engine) {
        return;
    }
    char name[128];
    static const char *const ends[] = {"", "-wal", "-shm"};
    for (int i = 0; i < 3; i++) {
        (void)snprintf(name, sizeof name, "%s%s", place->target, ends[i]);
        (void)unlink(name);
    }
    (void)snprintf(name, sizeof name, "%s", place->target);
    *strrchr(name, '/') = '\0';
    (void)rmdir(name);
}

static void test_direct(void **state)
{
    (void)state;
    char path[64];
    const store_place place = temp_place(STORE_DB_TILL, path, sizeof path);
    direct_store *store = NULL;
    assert_int_equal(direct_store_open(&place, 7, &store), GT_ERR_OK);
    const gt_store port = direct_store_port(store);
    numbered one = {.number = FIRST};
    assert_int_equal(port.submit(port.ctx, add, &one, note), GT_ERR_OK);
    assert_int_equal(one.outcome, GT_ERR_OK);
    assert_int_equal(port.submit(port.ctx, add, &one, note), GT_ERR_OK);
    assert_int_equal(one.outcome, GT_ERR_EXISTS);
    numbered undone = {.number = FIRST + 1, .end_with = GT_ERR_REFUSED};
    assert_int_equal(direct_store_write(store, add, &undone), GT_ERR_REFUSED);
    int64_t count = 0;
    assert_int_equal(port.read(port.ctx, count_rows, &count), GT_ERR_OK);
    assert_int_equal(count, 1);
    direct_store_close(store);
    assert_int_equal(direct_store_open(&place, 7, &store), GT_ERR_CONFLICT); /* unknown migration */
    remove_db(&place);
}

static void test_every_statement_compiles(void **state)
{
    (void)state;
    connection *conn[STORE_DB_COUNT];
    for (unsigned db = 0; db < STORE_DB_COUNT; db++) {
        const store_place place = test_place((store_db)db);
        assert_int_equal(connection_open(&place, &conn[db]), GT_ERR_OK);
        assert_int_equal(connection_migrate(conn[db], (store_db)db, 0), GT_ERR_OK);
    }
    static const uint8_t shapes[][2] = {
#define STMT(name, params, columns) {params, columns},
#include "port/statement.def"
#undef STMT
    };
    for (size_t s = 0; s < sql_count(); s++) {
        if (sql_text((store_stmt)s) == NULL) {
            fail_msg("a statement of statement.def has no SQL text (number %zu)", s);
        }
        bool compiled = false;
        for (unsigned db = 0; db < STORE_DB_COUNT; db++) {
            size_t params = 0;
            size_t columns = 0;
            if (connection_shape(conn[db], (store_stmt)s, &params, &columns) == GT_ERR_OK) {
                compiled = true;
                if (params != shapes[s][0] || columns != shapes[s][1]) {
                    fail_msg("%s: has %zu parameters and %zu columns, statement.def says %d and %d",
                             sql_name((store_stmt)s), params, columns, shapes[s][0], shapes[s][1]);
                }
            }
        }
        if (!compiled) {
            fail_msg("%s compiles on no database: %s", sql_name((store_stmt)s),
                     connection_message(conn[0]));
        }
    }
    for (unsigned db = 0; db < STORE_DB_COUNT; db++) {
        connection_close(conn[db]);
    }
}

enum { THREADS = 4, EACH = 200 };

typedef struct writer_arg {
    threaded_store *store;
    int64_t first;
    unsigned ok;
} writer_arg;

static void *write_many(void *arg)
{
    writer_arg *w = arg;
    for (int i = 0; i < EACH; i++) {
        numbered n = {.number = w->first + i, .end_with = i % 10 == 9 ? GT_ERR_REFUSED : GT_ERR_OK};
        w->ok += threaded_store_write(w->store, add, &n) == GT_ERR_OK ? 1U : 0U;
    }
    return NULL;
}

static void wake_flag(void *ctx)
{
    __atomic_store_n((bool *)ctx, true, __ATOMIC_SEQ_CST);
}

static void test_threaded(void **state)
{
    (void)state;
    char path[64];
    const store_place place = temp_place(STORE_DB_READINGS, path, sizeof path);
    const threaded_store_config cfg = {.place = place, .readers = 2, .log = &silent};
    threaded_store *store = NULL;
    assert_int_equal(threaded_store_open(&cfg, 7, &store), GT_ERR_OK);
    pthread_t threads[THREADS];
    writer_arg args[THREADS];
    for (int i = 0; i < THREADS; i++) {
        args[i] = (writer_arg){.store = store, .first = FIRST + i * EACH};
        assert_int_equal(pthread_create(&threads[i], NULL, write_many, &args[i]), 0);
    }
    bool woken = false;
    store_client *client = NULL;
    assert_int_equal(store_client_open(store, wake_flag, &woken, &client), GT_ERR_OK);
    const gt_store loop = store_client_port(client);
    numbered late[3] = {{.number = FIRST * 2},
                        {.number = FIRST * 2},
                        {.number = FIRST * 2 + 1, .end_with = GT_ERR_AUTH}};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(loop.submit(loop.ctx, add, &late[i], note), GT_ERR_OK);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(args[i].ok, EACH * 9 / 10);
    }
    store_client_close(client);
    assert_true(woken);
    assert_int_equal(late[0].outcome, GT_ERR_OK);
    assert_int_equal(late[1].outcome, GT_ERR_EXISTS);
    assert_int_equal(late[2].outcome, GT_ERR_AUTH);
    assert_int_equal(late[0].calls + late[1].calls + late[2].calls, 3);
    int64_t count = 0;
    assert_int_equal(threaded_store_read(store, count_rows, &count), GT_ERR_OK);
    assert_int_equal(count, THREADS * EACH * 9 / 10 + 1);
    const threaded_store_stats stats = threaded_store_counts(store);
    assert_int_equal(stats.items, count);
    assert_true(stats.groups <= stats.items + stats.failed);
    assert_false(threaded_store_broken(store));
    threaded_store_close(store);
    remove_db(&place);
}

static const store_place crash_place = {.engine = &sqlite_engine,
                                        .db = STORE_DB_TILL,
                                        .target = "/crash/till.db",
                                        .option = CRASH_DISK_NAME};

/* Writes acknowledged before the crash must be there after it; at most one more may be. */
static void crash_once(uint64_t step, uint64_t seed, bool *out_crashed)
{
    crash_disk_reset();
    direct_store *store = NULL;
    assert_int_equal(direct_store_open(&crash_place, 7, &store), GT_ERR_OK);
    crash_disk_crash_at(crash_disk_steps() + step);
    int64_t acked = 0;
    for (int i = 0; i < 20; i++) {
        numbered n = {.number = FIRST + i};
        if (direct_store_write(store, add, &n) != GT_ERR_OK) {
            break;
        }
        acked++;
    }
    *out_crashed = crash_disk_crashed();
    direct_store_close(store);
    crash_disk_reboot(seed);
    connection *conn = NULL;
    assert_int_equal(connection_open(&crash_place, &conn), GT_ERR_OK);
    int64_t count = 0;
    assert_int_equal(connection_read(conn, count_rows, &count), GT_ERR_OK);
    connection_close(conn);
    if (count < acked || count > acked + 1) {
        fail_msg("crash at step %d seed %d: %d acknowledged, %d found", (int)step, (int)seed,
                 (int)acked, (int)count);
    }
}

static void test_crash_at_every_step(void **state)
{
    (void)state;
    bool crashed = true;
    uint64_t step = 1;
    for (; crashed; step++) {
        for (uint64_t seed = 0; seed < 3; seed++) {
            crash_once(step, seed, &crashed);
        }
    }
    assert_true(step > 40);
}

static void test_full_and_failed_sync(void **state)
{
    (void)state;
    crash_disk_reset();
    direct_store *store = NULL;
    assert_int_equal(direct_store_open(&crash_place, 7, &store), GT_ERR_OK);
    numbered one = {.number = FIRST};
    crash_disk_limit(crash_disk_used());
    assert_int_equal(direct_store_write(store, add, &one), GT_ERR_FULL);
    crash_disk_limit(0);
    assert_int_equal(direct_store_write(store, add, &one), GT_ERR_OK);
    crash_disk_fail_syncs_from(crash_disk_steps());
    numbered two = {.number = FIRST + 1};
    assert_int_equal(direct_store_write(store, add, &two), GT_ERR_IO);
    direct_store_close(store);
    crash_disk_reset();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_direct),
        cmocka_unit_test(test_every_statement_compiles),
        cmocka_unit_test(test_threaded),
        cmocka_unit_test(test_crash_at_every_step),
        cmocka_unit_test(test_full_and_failed_sync),
    };
    return cmocka_run_group_tests_name("adapter/store", tests, NULL, NULL);
}
