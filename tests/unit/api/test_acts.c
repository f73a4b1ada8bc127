/* Money and commands through the routes: each once, or a clear no and nothing done. */
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static world w;

static int set_up(void **state)
{
    (void)state;
    world_open(&w);
    for (int i = 0; i < TILL_METERS; i++) {
        world_read(&w, i, &(seen){1000, 12345, true, 0});
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    world_close(&w);
    return 0;
}

static int sell(const char *amount, const char *key)
{
    char body[256];
    (void)snprintf(body, sizeof body, "{\"room_id\":1,\"amount\":\"%s\",\"key\":\"%s\"}", amount,
                   key);
    return world_post(&w, ACCESS_ROLE_CASHIER, "/api/sales", body);
}

static void a_sale_happens_once(void **state)
{
    (void)state;
    assert_int_equal(sell("50.00", "key-00000001"), 201);
    assert_true(world_says(&w, "\"replayed\":false"));
    assert_true(world_says(&w, "\"amount\":\"50.00\",\"count\":1,\"state\":\"booked\""));
    assert_true(world_says(&w, "\"receipt_no\":1,\"operator\":\"cashier\""));
    assert_int_equal(w.woken, 1);
    assert_int_equal(sell("50.00", "key-00000001"), 200);
    assert_true(world_says(&w, "\"replayed\":true"));
    assert_int_equal(sell("60.00", "key-00000001"), 409);
    assert_true(world_says(&w, "\"code\":\"key_reused\""));
    assert_int_equal(sell("50.00", "key-00000002"), 409);
    assert_true(world_says(&w, "\"code\":\"order_open\""));
    assert_int_equal(till_prove(&w.till).paid_fen, 5000);
    assert_int_equal(world_get(&w, ACCESS_ROLE_AUDITOR, "/api/orders", NULL), 200);
    assert_true(world_says(&w, "\"building\":\"A\",\"floor\":\"1\",\"room\":\"101\""));
    assert_int_equal(world_get(&w, ACCESS_ROLE_AUDITOR, "/api/orders/1", NULL), 200);
    assert_true(world_says(&w, "\"step\":\"paid\""));
    assert_int_equal(world_get(&w, ACCESS_ROLE_CASHIER, "/api/rooms/1", NULL), 200);
    assert_true(world_says(&w, "\"order_state\":\"booked\""));
    assert_int_equal(world_get(&w, ACCESS_ROLE_CASHIER, "/api/status", NULL), 200);
    assert_true(world_says(&w, "\"sales_today\":1,\"money_today\":\"50.00\",\"orders_open\":1"));
}

static void a_receipt_is_counted(void **state)
{
    (void)state;
    static const char path[] = "/api/orders/1/receipt";
    static const char pdf[] = "{\"form\":\"pdf\"}";
    assert_int_equal(world_post(&w, ACCESS_ROLE_CASHIER, path, pdf), 404);
    assert_int_equal(sell("50.00", "key-00000001"), 201);
    assert_int_equal(world_post(&w, ACCESS_ROLE_CASHIER, path, pdf), 200);
    assert_true(world_says(&w, "存根 Stub/101/50.00/人民币伍拾元整/1/"));
    assert_true(world_says(&w, "记账 Accounts/101/"));
    assert_false(world_says(&w, "COPY"));
    const char *code = strstr(w.body, "整/1/") + strlen("整/1/");
    assert_true(strspn(code, "0123456789ABCDEF-") == 12 && code[12] == '/');
    assert_int_equal(world_post(&w, ACCESS_ROLE_CASHIER, path, pdf), 200);
    assert_true(world_says(&w, "/副本 COPY 1/"));
    assert_int_equal(world_post(&w, ACCESS_ROLE_CASHIER, path, "{\"form\":\"escpos\"}"), 200);
    assert_true(world_says(&w, "/副本 COPY 2/"));
    w.printer_fails = true;
    assert_int_equal(world_post(&w, ACCESS_ROLE_CASHIER, path, "{\"form\":\"escpos\"}"), 500);
    assert_true(world_says(&w, "\"code\":\"internal\""));
    assert_false(world_says(&w, "Stub"));
    assert_int_equal(world_post(&w, ACCESS_ROLE_CASHIER, path, "{}"), 400);
    assert_int_equal(world_post(&w, ACCESS_ROLE_CASHIER, path, "{\"form\":\"xps\"}"), 400);
    assert_true(world_says(&w, "\"field\":\"form\""));
    assert_int_equal(world_post(&w, ACCESS_ROLE_AUDITOR, path, pdf), 403);
    assert_int_equal(world_post(&w, ACCESS_ROLE_CASHIER, "/api/orders/9/receipt", pdf), 404);
}

static void bad_sales_post_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        int want;
        const char *code;
    } rows[] = {
        {"{\"room_id\":1,\"amount\":50,\"key\":\"key-00000001\"}", 400, "bad_field"},
        {"{\"room_id\":1,\"amount\":50.0,\"key\":\"key-00000001\"}", 400, "bad_field"},
        {"{\"room_id\":\"1\",\"amount\":\"50\",\"key\":\"key-00000001\"}", 400, "bad_field"},
        {"{\"room_id\":1.0,\"amount\":\"50\",\"key\":\"key-00000001\"}", 400, "bad_field"},
        {"{\"room_id\":0,\"amount\":\"50\",\"key\":\"key-00000001\"}", 400, "bad_field"},
        {"{\"room_id\":-1,\"amount\":\"50\",\"key\":\"key-00000001\"}", 400, "bad_field"},
        {"{\"room_id\":1,\"amount\":NaN,\"key\":\"key-00000001\"}", 400, "bad_json"},
        {"{\"room_id\":1,\"amount\":\"50\",\"key\":\"key-00000001\",\"price\":1}", 400,
         "unknown_field"},
        {"{\"room_id\":1,\"key\":\"key-00000001\"}", 400, "missing_field"},
        {"{\"room_id\":1,\"amount\":\"50.001\",\"key\":\"key-00000001\"}", 400, "bad_amount"},
        {"{\"room_id\":1,\"amount\":\"5e1\",\"key\":\"key-00000001\"}", 400, "bad_amount"},
        {"{\"room_id\":1,\"amount\":\"\",\"key\":\"key-00000001\"}", 400, "bad_amount"},
        {"{\"room_id\":1,\"amount\":\" 50\",\"key\":\"key-00000001\"}", 400, "bad_amount"},
        {"{\"room_id\":1,\"amount\":\"1,000\",\"key\":\"key-00000001\"}", 400, "bad_amount"},
        {"{\"room_id\":1,\"amount\":\"99999999999999999999\",\"key\":\"key-00000001\"}", 400,
         "bad_amount"},
        {"{\"room_id\":1,\"amount\":\"-50.00\",\"key\":\"key-00000001\"}", 400, "amount"},
        {"{\"room_id\":1,\"amount\":\"0.00\",\"key\":\"key-00000001\"}", 400, "amount"},
        {"{\"room_id\":1,\"amount\":\"100000.01\",\"key\":\"key-00000001\"}", 400, "amount"},
        {"{\"room_id\":1,\"amount\":\"50\",\"key\":\"short\"}", 400, "key"},
        {"{\"room_id\":77,\"amount\":\"50\",\"key\":\"key-00000001\"}", 404, "not_found"},
        {"{\"room_id\":1,\"meter_id\":2,\"amount\":\"50\",\"key\":\"key-00000001\"}", 404,
         "not_found"},
    };
    char code[64];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        (void)snprintf(code, sizeof code, "\"code\":\"%s\"", rows[i].code);
        world_post(&w, ACCESS_ROLE_CASHIER, "/api/sales", rows[i].body);
        if (w.status != rows[i].want || !world_says(&w, code)) {
            fail_msg("%s: %d %s", rows[i].body, w.status, w.body);
        }
    }
    assert_int_equal(till_prove(&w.till).paid_fen, 0);
    assert_int_equal(w.woken, 0);
}

static int command(access_role role, const char *act, const char *key)
{
    char body[128];
    (void)snprintf(body, sizeof body, "{\"command\":\"%s\",\"key\":\"%s\"}", act, key);
    return world_post(&w, role, "/api/rooms/2/commands", body);
}

static void a_command_is_asked_once(void **state)
{
    (void)state;
    assert_int_equal(command(ACCESS_ROLE_TECHNICIAN, "cut", "key-00000001"), 201);
    assert_true(world_says(&w, "\"act\":\"cut\",\"act_zh\":\"拉闸\",\"act_en\":\"cut\","
                               "\"state\":\"waiting\""));
    assert_int_equal(command(ACCESS_ROLE_TECHNICIAN, "cut", "key-00000001"), 200);
    assert_true(world_says(&w, "\"replayed\":true"));
    assert_int_equal(command(ACCESS_ROLE_TECHNICIAN, "restore", "key-00000001"), 409);
    assert_true(world_says(&w, "\"code\":\"key_reused\""));
    assert_int_equal(command(ACCESS_ROLE_TECHNICIAN, "restore", "key-00000002"), 201);
    assert_int_equal(world_get(&w, ACCESS_ROLE_AUDITOR, "/api/rooms/2", NULL), 200);
    assert_true(world_says(&w, "\"commands\":[{\"id\":2,\"act\":\"restore\""));
    assert_int_equal(command(ACCESS_ROLE_TECHNICIAN, "explode", "key-00000003"), 400);
    assert_int_equal(command(ACCESS_ROLE_TECHNICIAN, "read", "short"), 400);
    assert_true(world_says(&w, "\"field\":\"key\""));
}

static void a_cut_needs_its_reasons(void **state)
{
    (void)state;
    w.clock_trusted = false;
    assert_int_equal(command(ACCESS_ROLE_TECHNICIAN, "cut", "key-00000001"), 409);
    assert_true(world_says(&w, "\"code\":\"clock_untrusted\""));
    assert_int_equal(command(ACCESS_ROLE_TECHNICIAN, "restore", "key-00000002"), 201);
    w.clock_trusted = true;
    world_read(&w, 1, &(seen){1000, 1, true, UINT64_C(1) << ITEM_PROTECTED});
    assert_int_equal(command(ACCESS_ROLE_TECHNICIAN, "cut", "key-00000003"), 409);
    assert_true(world_says(&w, "\"code\":\"protected\""));
    world_read(&w, 1, &(seen){1000, 1, true, 0});
    w.till.now.ms += 25 * 3600000LL;
    const access_login_form again = {"techie", "lamp over river", "10.0.0.1"};
    assert_int_equal(
        access_login(&w.access, &again, w.till.now, &w.session[ACCESS_ROLE_TECHNICIAN]), GT_ERR_OK);
    assert_int_equal(command(ACCESS_ROLE_TECHNICIAN, "cut", "key-00000004"), 409);
    assert_true(world_says(&w, "\"code\":\"reading_old\""));
}

int main(void)
{
#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        IN_WORLD(a_sale_happens_once),     IN_WORLD(a_receipt_is_counted),
        IN_WORLD(bad_sales_post_nothing),  IN_WORLD(a_command_is_asked_once),
        IN_WORLD(a_cut_needs_its_reasons),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
