/* Every reason a purchase is refused, what a good one does, and what a replayed one does not. */
#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static rig r;

static int setup(void **state)
{
    (void)state;
    rig_prepare(&r);
    return rig_power_on(&r) == GT_ERR_OK ? 0 : -1;
}

static void test_good(void **state)
{
    (void)state;
    assert_int_equal(rig_purchase(&r, 5000, 1), 0);
    const meter_status status = rig_status(&r);
    assert_int_equal(status.balance.fen, 15000);
    assert_int_equal(status.purchase_count, 1);
    assert_int_equal(status.last_result, 0);
    assert_int_equal(rig_purchase(&r, 1, 2), 0);
    assert_int_equal(rig_register_pair(&r, 0x001F), 15001);
    assert_int_equal(rig_register(&r, 0x0021), 2);
    assert_int_equal(rig_register_pair(&r, 0x0056), 5001);
    assert_int_equal(rig_register_pair(&r, 0x0058), 1);
    uint16_t records[32];
    assert_int_equal(rig_read(&r, 0x0700, 32, records), 0);
    const uint16_t newest[] = {0x2603, 0x1008, 0x0000, 0, 1, 0, 15000, 0, 15001, 2, 0, 5001};
    const uint16_t older[] = {0, 5000, 0, 10000, 0, 15000, 1, 0, 5000};
    assert_memory_equal(records, newest, sizeof newest);
    assert_memory_equal(records + 19, older, sizeof older);
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint32_t amount;
        uint32_t count;
        int customer; /* added to the right one */
        uint16_t mac; /* flipped in the last register */
        uint16_t want;
    } rows[] = {
        {"wrong MAC", 5000, 2, 0, 1, 1U << 2U},
        {"wrong MAC and count: says nothing of the count", 5000, 9, 0, 0x8000, 1U << 2U},
        {"another customer", 5000, 2, 1, 0, 1U << 4U},
        {"same count, other amount", 4999, 1, 0, 0, 1U << 1U},
        {"count skipped", 5000, 3, 0, 0, 1U << 5U},
        {"count from the past", 5000, 0, 0, 0, 1U << 5U},
        {"count wrapped", 5000, UINT32_MAX, 0, 0, 1U << 5U},
        {"over the hoarding limit by one fen", 35001, 2, 0, 0, 1U << 6U},
        {"amount as large as it goes", UINT32_MAX, 2, 0, 0, 1U << 6U},
        {"nothing", 0, 2, 0, 0, 1U << 0U},
    };
    const meter_parameter limits = {.alarm1_fen = 2000,
                                    .alarm2_fen = 500,
                                    .overdraft_fen = 1000,
                                    .hoarding_fen = 50000,
                                    .price_e4 = {1, 1, 1, 1}};
    assert_int_equal(rig_parameter(&r, &limits, 1), 0);
    assert_int_equal(rig_purchase(&r, 5000, 1), 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint16_t values[MAP_PURCHASE_COUNT];
        const uint64_t customer = r.cfg.customer_no;
        r.cfg.customer_no += (uint64_t)rows[i].customer;
        rig_purchase_fill(&r, rows[i].amount, rows[i].count, values);
        r.cfg.customer_no = customer;
        values[MAP_PURCHASE_COUNT - 1] ^= rows[i].mac;
        assert_int_equal(rig_write(&r, MAP_PURCHASE_FIRST, values, MAP_PURCHASE_COUNT), 4);
        if (rig_register(&r, 0x0025) != rows[i].want) {
            fail_msg("%s: %x", rows[i].name, rig_register(&r, 0x0025));
        }
        assert_int_equal(rig_status(&r).balance.fen, 15000);
        assert_int_equal(rig_status(&r).purchase_count, 1);
    }
    assert_int_equal(rig_purchase(&r, 35000, 2), 0); /* exactly the limit */
    assert_int_equal(rig_register(&r, 0x0025), 0);
}

static void test_digits_that_are_none(void **state)
{
    (void)state;
    uint16_t values[MAP_PURCHASE_COUNT];
    rig_purchase_fill(&r, 5000, 1, values);
    values[5] = 0xAAAA;
    rig_sign(&r, METER_KEY_PURCHASE, MAP_PURCHASE_FIRST, values, MAP_PURCHASE_COUNT);
    assert_int_equal(rig_write(&r, MAP_PURCHASE_FIRST, values, MAP_PURCHASE_COUNT), 4);
    assert_int_equal(rig_register(&r, 0x0025), 1U << 4U);
}

static void test_same_order_again(void **state)
{
    (void)state;
    uint16_t first[MAP_PURCHASE_COUNT];
    rig_purchase_fill(&r, 5000, 1, first);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(rig_write(&r, MAP_PURCHASE_FIRST, first, MAP_PURCHASE_COUNT), 0);
        assert_int_equal(rig_status(&r).balance.fen, 15000);
        assert_int_equal(rig_power_cycle(&r, 60), GT_ERR_OK);
    }
    assert_int_equal(rig_purchase(&r, 100, 2), 0);
    assert_int_equal(rig_write(&r, MAP_PURCHASE_FIRST, first, MAP_PURCHASE_COUNT), 4);
    assert_int_equal(rig_register(&r, 0x0025), 1U << 5U);
    assert_int_equal(rig_status(&r).balance.fen, 15100);
}

static void test_another_meters_order(void **state)
{
    (void)state;
    uint16_t values[MAP_PURCHASE_COUNT];
    rig other = {0};
    other.cfg = r.cfg;
    other.cfg.meter_no++;
    rig_purchase_fill(&other, 5000, 1, values); /* the same key, another number under the MAC */
    assert_int_equal(rig_write(&r, MAP_PURCHASE_FIRST, values, MAP_PURCHASE_COUNT), 4);
    assert_int_equal(rig_register(&r, 0x0025), 1U << 2U);
    rig_purchase_fill(&r, 5000, 1, values);
    for (unsigned part = 1; part < MAP_PURCHASE_COUNT; part++) {
        assert_int_equal(rig_write(&r, MAP_PURCHASE_FIRST, values, (uint16_t)part), 2);
    }
}

static void test_suspended_until_tomorrow(void **state)
{
    (void)state;
    uint16_t values[MAP_PURCHASE_COUNT];
    rig_purchase_fill(&r, 5000, 1, values);
    values[10] ^= 1;
    for (int i = 0; i < 15; i++) {
        assert_int_equal(rig_write(&r, MAP_PURCHASE_FIRST, values, MAP_PURCHASE_COUNT), 4);
        assert_int_equal(rig_register(&r, 0x0025), 1U << 2U);
    }
    const uint64_t writes = r.eeprom.writes;
    assert_int_equal(rig_purchase(&r, 5000, 1), 4);
    assert_int_equal(rig_register(&r, 0x0025), 1U << 8U);
    assert_int_equal(r.eeprom.writes, writes); /* an attacker wears nothing out */
    assert_int_equal(rig_power_cycle(&r, 3600), GT_ERR_OK);
    assert_int_equal(rig_purchase(&r, 5000, 1), 4);
    assert_int_equal(rig_control(&r, 0x1A, 1, 600), 0); /* another key, another door */
    rig_wait_s(&r, 14 * RIG_HOUR_S);
    assert_int_equal(rig_purchase(&r, 5000, 1), 4);
    rig_wait_s(&r, 2 * RIG_HOUR_S);
    assert_int_equal(rig_purchase(&r, 5000, 1), 0);
}

static void test_suspended_without_a_clock(void **state)
{
    (void)state;
    r.rtc_good = false;
    assert_int_equal(rig_power_cycle(&r, 60), GT_ERR_OK);
    uint16_t values[MAP_PURCHASE_COUNT];
    rig_purchase_fill(&r, 5000, 1, values);
    values[10] ^= 1;
    for (int i = 0; i < 15; i++) {
        assert_int_equal(rig_write(&r, MAP_PURCHASE_FIRST, values, MAP_PURCHASE_COUNT), 4);
    }
    rig_wait_s(&r, RIG_DAY_S - 60);
    assert_int_equal(rig_purchase(&r, 5000, 1), 4);
    rig_wait_s(&r, 120);
    assert_int_equal(rig_purchase(&r, 5000, 1), 0);
    uint16_t time[3] = {1, 1, 1};
    assert_int_equal(rig_read(&r, 0x0700, 3, time), 0);
    assert_int_equal(time[0] | time[1] | time[2], 0); /* nobody knows when */
}

/* 10,000 frames heard on the line, in any order, days later: not one fen. */
static void test_replayed_frames(void **state)
{
    (void)state;
    enum { ORDERS = 100, REPLAYS = 100 };
    static uint16_t heard[ORDERS][MAP_PURCHASE_COUNT];
    for (uint32_t i = 0; i < ORDERS; i++) {
        rig_purchase_fill(&r, 100 + i, i + 1, heard[i]);
        assert_int_equal(rig_write(&r, MAP_PURCHASE_FIRST, heard[i], MAP_PURCHASE_COUNT), 0);
    }
    const int64_t balance = rig_status(&r).balance.fen;
    rig_wait_s(&r, 2 * RIG_DAY_S);
    for (int n = 0; n < REPLAYS; n++) {
        for (uint32_t i = 0; i < ORDERS; i++) {
            const uint16_t *frame = heard[(i * 37U) % ORDERS];
            const int code = rig_write(&r, MAP_PURCHASE_FIRST, frame, MAP_PURCHASE_COUNT);
            assert_int_equal(code, frame == heard[ORDERS - 1] ? 0 : 4);
        }
    }
    assert_int_equal(rig_status(&r).balance.fen, balance);
    assert_int_equal(rig_status(&r).purchase_count, ORDERS);
}

/* A memory that fails while the order is written: no answer, no credit, and the order can come
 * again. */
static void test_memory_fails(void **state)
{
    (void)state;
    r.eeprom.dead = true;
    assert_int_equal(rig_purchase(&r, 5000, 1), -1);
    assert_int_equal(rig_status(&r).balance.fen, 10000);
    assert_true(rig_status(&r).fault);
    r.eeprom.dead = false;
    assert_int_equal(rig_purchase(&r, 5000, 1), 0);
    assert_int_equal(rig_status(&r).balance.fen, 15000);
    assert_false(rig_status(&r).fault);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_good, setup),
        cmocka_unit_test_setup(test_refused, setup),
        cmocka_unit_test_setup(test_digits_that_are_none, setup),
        cmocka_unit_test_setup(test_same_order_again, setup),
        cmocka_unit_test_setup(test_another_meters_order, setup),
        cmocka_unit_test_setup(test_suspended_until_tomorrow, setup),
        cmocka_unit_test_setup(test_suspended_without_a_clock, setup),
        cmocka_unit_test_setup(test_replayed_frames, setup),
        cmocka_unit_test_setup(test_memory_fails, setup),
    };
    return cmocka_run_group_tests_name("meter/purchase", tests, NULL, NULL);
}
