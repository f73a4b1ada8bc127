/* Import into the real database, again and again; lists, look-ups, places taken and exchanged. */
#include "adapter/store/direct_store.h"
#include "registry/registry.h"
#include "test_place.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

enum { CAP = 300, TEXT_MAX = 32768 };

#define HEADER "building,floor,room,meter_no,customer_no,model,terminal,line,unit,point\n"

static const gt_utc now = {.ms = 1795237200000};

typedef struct work {
    const char *text;
    registry_import_result result;
    registry_meter_query query;
    registry_meter meter[CAP];
    size_t count;
} work;

static meter_list_row rows[CAP];
static meter_list_index indexes[CAP];

static direct_store *open_store(void)
{
    const store_place place = test_place(STORE_DB_TILL);
    direct_store *store = NULL;
    assert_int_equal(direct_store_open(&place, now.ms, &store), GT_ERR_OK);
    return store;
}

static gt_err import_work(const store_tx *tx, void *arg)
{
    work *w = arg;
    meter_list list = {.row = rows, .index = indexes, .cap = CAP};
    meter_list_errors errors;
    GT_TRY(meter_list_parse(w->text, strlen(w->text), &list, &errors));
    return registry_import(tx, &list, now, &w->result);
}

static gt_err list_work(const store_tx *tx, void *arg)
{
    work *w = arg;
    return registry_meter_list(tx, &w->query, w->meter, CAP, &w->count);
}

static gt_err import(direct_store *store, const char *text, registry_import_result *out)
{
    static work w;
    w = (work){.text = text};
    const gt_err err = direct_store_write(store, import_work, &w);
    *out = w.result;
    return err;
}

static const registry_meter *list(direct_store *store, int64_t terminal, size_t want)
{
    static work w;
    w = (work){.query.terminal_id = terminal};
    assert_int_equal(direct_store_read(store, list_work, &w), GT_ERR_OK);
    assert_int_equal(w.count, want);
    return w.meter;
}

/* 257 meters in 6 buildings, on 12 lines of 2 terminals. */
static void park_text(char *text)
{
    size_t len = (size_t)sprintf(text, "%s", HEADER);
    for (int i = 0; i < 257; i++) {
        const int box = i / 129;
        const int n = i - box * 129;
        len += (size_t)sprintf(text + len, "%c,%d,%03d,%012d,%d,prepaid-3p,4401-%04d,%d,%d,%d\n",
                               'A' + i / 43, i % 43 / 10 + 1, i % 43 + 1, 202600001 + i, 1000 + i,
                               box + 1, n / 22 + 1, n % 22 + 1, n + 1);
    }
    assert_true(len < TEXT_MAX);
}

static void test_park(void **state)
{
    (void)state;
    static char text[TEXT_MAX];
    direct_store *store = open_store();
    registry_import_result result;
    park_text(text);
    assert_int_equal(import(store, text, &result), GT_ERR_OK);
    assert_int_equal(result.meters_new, 257);
    assert_int_equal(result.rooms_new, 257);
    assert_int_equal(result.terminals_new, 2);
    const registry_meter *m = list(store, 0, 257);
    assert_true(m[0].meter_no == 202600001);
    assert_string_equal(m[0].building, "A");
    assert_string_equal(m[0].room, "001");
    assert_int_equal(m[0].region, 4401);
    assert_int_equal(m[0].key_version, 1);
    assert_false(m[0].count_known);
    assert_true(m[0].opened);
    assert_true(m[0].account_id != 0);
    m = list(store, m[200].terminal_id, 128);
    assert_int_equal(m[0].point, 1);
    assert_int_equal(m[127].point, 128);
    assert_int_equal(import(store, text, &result), GT_ERR_OK); /* the same list again */
    assert_int_equal(result.meters_new + result.meters_changed + result.rooms_new, 0);
    direct_store_close(store);
}

static void test_places(void **state)
{
    (void)state;
    direct_store *store = open_store();
    registry_import_result result;
    assert_int_equal(import(store,
                            HEADER "A,1,101,1,11,m,4401-0001,1,1,1\n"
                                   "A,1,102,2,12,m,4401-0001,1,2,2\n"
                                   "A,1,103,3,13,m,4401-0001,1,3,3\n",
                            &result),
                     GT_ERR_OK);
    const int64_t first_id = list(store, 0, 3)[0].id;
    /* 1 and 2 exchange places; 3 is not in the list and stays */
    assert_int_equal(import(store,
                            HEADER "A,1,101,1,11,m,4401-0001,1,2,2\n"
                                   "A,1,102,2,12,m,4401-0001,1,1,1\n",
                            &result),
                     GT_ERR_OK);
    assert_int_equal(result.meters_changed, 2);
    const registry_meter *m = list(store, 0, 3);
    assert_int_equal(m[0].id, first_id);
    assert_int_equal(m[0].unit, 2);
    assert_int_equal(m[1].unit, 1);
    assert_int_equal(m[2].unit, 3);
    /* places of a meter outside the list */
    assert_int_equal(import(store,
                            HEADER "A,1,101,1,11,m,4401-0001,1,2,3\n"
                                   "A,1,104,4,14,m,4401-0001,1,3,4\n",
                            &result),
                     GT_ERR_SYNTAX);
    assert_int_equal(result.errors.count, 2);
    assert_string_equal(result.errors.row[0].column, "point");
    assert_int_equal(result.errors.row[0].line_no, 2);
    assert_string_equal(result.errors.row[1].column, "unit");
    assert_string_equal(result.errors.row[1].expected, "a free place; meter 000000000003 is there");
    m = list(store, 0, 3); /* nothing of it was taken */
    assert_int_equal(m[0].point, 2);
    direct_store_close(store);
}

static gt_err find_work(const store_tx *tx, void *arg)
{
    (void)arg;
    static const struct {
        const char *path;
        gt_err err;
        uint64_t meter_no;
    } paths[] = {
        {"A/1/101", GT_ERR_OK, 1},        {"A/1/102", GT_ERR_CONFLICT, 0},
        {"A/1/999", GT_ERR_NOT_FOUND, 0}, {"", GT_ERR_SYNTAX, 0},
        {"A/1", GT_ERR_SYNTAX, 0},        {"A/1/101/2", GT_ERR_SYNTAX, 0},
        {"A//101", GT_ERR_SYNTAX, 0},     {"/1/101", GT_ERR_SYNTAX, 0},
        {"A/1/", GT_ERR_SYNTAX, 0},
    };
    registry_meter m = {0};
    registry_terminal terminals[4];
    registry_room rooms[4];
    registry_account account = {0};
    size_t count = 0;
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        m.meter_no = 0;
        assert_int_equal(registry_meter_find_path(tx, paths[i].path, &m), paths[i].err);
        assert_true(m.meter_no == paths[i].meter_no);
    }
    assert_int_equal(registry_meter_find_no(tx, 3, &m), GT_ERR_OK);
    assert_string_equal(m.room, "102");
    assert_int_equal(registry_meter_find_no(tx, 4, &m), GT_ERR_NOT_FOUND);
    assert_int_equal(registry_meter_find(tx, 999, &m), GT_ERR_NOT_FOUND);
    assert_int_equal(registry_terminal_find(tx, 4401, 2, &terminals[0]), GT_ERR_NOT_FOUND);
    assert_int_equal(registry_terminal_find(tx, 4401, 1, &terminals[0]), GT_ERR_OK);
    assert_true(terminals[0].enabled);
    assert_int_equal(registry_terminal_list(tx, 0, terminals, 4, &count), GT_ERR_OK);
    assert_int_equal(count, 1);
    assert_string_equal(terminals[0].name, "4401-0001");
    assert_int_equal(registry_room_list(tx, 0, rooms, 1, &count), GT_ERR_OK);
    assert_int_equal(count, 1);
    assert_int_equal(registry_room_list(tx, rooms[0].id, rooms, 4, &count), GT_ERR_OK);
    assert_int_equal(count, 1);
    assert_string_equal(rooms[0].name, "102");
    assert_int_equal(registry_account_find(tx, rooms[0].id, &account), GT_ERR_OK);
    assert_int_equal(account.state, REGISTRY_ACCOUNT_OPEN);
    assert_int_equal(registry_account_close(tx, rooms[0].id, now), GT_ERR_OK);
    assert_int_equal(registry_account_find(tx, rooms[0].id, &account), GT_ERR_OK);
    assert_int_equal(account.state, REGISTRY_ACCOUNT_CLOSED);
    assert_int_equal(registry_account_find(tx, 999, &account), GT_ERR_NOT_FOUND);
    return GT_ERR_OK;
}

static void test_find(void **state)
{
    (void)state;
    direct_store *store = open_store();
    registry_import_result result;
    assert_int_equal(import(store,
                            HEADER "A,1,101,1,11,m,4401-0001,1,1,1\n"
                                   "A,1,102,2,12,m,4401-0001,1,2,2\n"
                                   "A,1,102,3,13,m,4401-0001,1,3,3\n",
                            &result),
                     GT_ERR_OK);
    assert_int_equal(result.rooms_new, 2);
    assert_int_equal(direct_store_write(store, find_work, NULL), GT_ERR_OK);
    direct_store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_park), cmocka_unit_test(test_places),
                                       cmocka_unit_test(test_find)};
    return cmocka_run_group_tests_name("registry/registry", tests, NULL, NULL);
}
