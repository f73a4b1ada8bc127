/* Money through the security element: the order of the checks, replays, and power cuts at every
 * byte that meter or element write. */
#include "secure.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static secure s;

enum { OTHER = 1, REPEATED = 2, MAC = 4, AUTH = 8, CUSTOMER = 16, COUNT = 32, HOARDING = 64 };
enum { AMOUNT_RECORD = 1, COUNT_RECORD = 3 };
/* bytes of the payload on the wire that are wrong: count low, MAC1, customer, MAC2 */
enum { AT_MAC1 = 8, AT_CUSTOMER = 12, AT_MAC2 = 18 };

static const suite_kind kinds[] = {SUITE_TDES, SUITE_AES128, SUITE_SM4};

static int setup(void **state)
{
    (void)state;
    secure_prepare(&s, SUITE_AES128, METER_SECURITY_2013);
    return 0;
}

static void test_buy(void **state)
{
    (void)state;
    for (size_t k = 0; k < SUITES; k++) {
        secure_prepare(&s, kinds[k], METER_SECURITY_2009);
        assert_int_equal(secure_auth(&s), 0);
        int64_t sum = 0;
        for (uint32_t i = 1; i <= 5; i++) {
            assert_int_equal(secure_buy(&s, 1000 * i, i), 0);
            assert_int_equal(s.answer.len, 0);
            sum += 1000 * i;
            assert_int_equal(secure_balance(&s), sum);
            assert_int_equal(secure_count(&s), i);
            assert_int_equal(secure_wallet(&s, COUNT_RECORD), i);
        }
        assert_int_equal(secure_wallet(&s, AMOUNT_RECORD), sum);
        assert_int_equal(secure_power_cycle(&s, 60), GT_ERR_OK);
        assert_int_equal(secure_balance(&s), sum);
    }
}

/* Several things wrong at once: the first check in the order of the standard speaks. The columns
 * are that order. */
static void test_order_of_checks(void **state)
{
    (void)state;
    for (unsigned bits = 0; bits < 64; bits++) {
        const bool not_open = (bits & 1) != 0;
        const bool customer = (bits & 2) != 0;
        const bool mac2 = (bits & 4) != 0;
        const unsigned count_kind = bits >> 3 & 1; /* 1: repeated */
        const bool hoard = (bits & 16) != 0;
        const bool mac1 = (bits & 32) != 0;
        for (uint32_t skipped = 0; skipped < 2; skipped++) {
            secure_prepare(&s, SUITE_AES128, METER_SECURITY_2013);
            s.r.cfg.parameter.hoarding_fen = 50000;
            sim_eeprom_init(&s.r.eeprom, 1);
            s.r.cfg.life = not_open ? METER_LIFE_ISSUED : METER_LIFE_RUNNING;
            assert_int_equal(secure_power_on(&s), GT_ERR_OK);
            assert_int_equal(secure_auth(&s), 0);
            const uint32_t count = count_kind == 1 ? 0 : 1 + skipped;
            const uint64_t own = s.r.cfg.customer_no;
            s.r.cfg.customer_no += customer ? 1 : 0;
            secure_payload p;
            secure_buy_fill(&s, &p, DLT645_SECURITY_PURCHASE, hoard ? 50001 : 50000, count);
            s.r.cfg.customer_no = own;
            p.bytes[AT_MAC1] ^= mac1 ? 1 : 0;
            p.bytes[AT_MAC2] ^= mac2 ? 1 : 0;
            const uint16_t want = not_open          ? OTHER
                                  : customer        ? CUSTOMER
                                  : mac2            ? MAC
                                  : count_kind == 1 ? REPEATED
                                  : skipped == 1    ? COUNT
                                  : hoard           ? HOARDING
                                  : mac1            ? MAC
                                                    : 0;
            const uint16_t got = secure_send(&s, &p);
            if (got != want) {
                fail_msg("bits %x skipped %u: %x, expected %x", bits, skipped, got, want);
            }
            assert_int_equal(secure_balance(&s), want == 0 ? 50000 : 0);
            assert_int_equal(secure_count(&s), want == 0 ? 1 : 0);
            assert_int_equal(secure_wallet(&s, COUNT_RECORD), want == 0 ? 1 : 0);
        }
    }
}

static void test_amounts(void **state)
{
    (void)state;
    assert_int_equal(secure_auth(&s), 0);
    assert_int_equal(secure_buy(&s, 0, 1), OTHER);
    assert_int_equal(secure_buy(&s, UINT32_MAX, 1), HOARDING);
    assert_int_equal(secure_buy(&s, 100000000, 1), HOARDING); /* limit 0 means 999999.99 */
    assert_int_equal(secure_buy(&s, 99999999, 1), 0);
    assert_int_equal(secure_buy(&s, 1, 2), HOARDING);
}

static void test_customer_no_digits(void **state)
{
    (void)state;
    assert_int_equal(secure_auth(&s), 0);
    secure_payload p;
    secure_buy_fill(&s, &p, DLT645_SECURITY_PURCHASE, 1, 1);
    p.bytes[AT_CUSTOMER] = 0xAA;
    assert_int_equal(secure_send(&s, &p), CUSTOMER);
    secure_prepare(&s, SUITE_AES128, METER_SECURITY_2013);
}

static void start_as(meter_life life)
{
    secure_prepare(&s, SUITE_TDES, METER_SECURITY_2013);
    assert_int_equal(secure_life(&s, life), GT_ERR_OK);
    assert_int_equal(secure_auth(&s), 0);
}

static void test_open(void **state)
{
    (void)state;
    static const struct {
        meter_life life;
        uint32_t count;
        size_t spoil_at;
        uint16_t want;
    } rows[] = {
        {METER_LIFE_ISSUED, 1, 0, 0},           {METER_LIFE_ORIGINAL, 1, 0, 0},
        {METER_LIFE_BARE, 1, 0, OTHER},         {METER_LIFE_RUNNING, 1, 0, OTHER},
        {METER_LIFE_ISSUED, 0, 0, REPEATED},    {METER_LIFE_ISSUED, 2, 0, COUNT},
        {METER_LIFE_ISSUED, 1, AT_MAC1, MAC},   {METER_LIFE_ISSUED, 1, AT_MAC2, MAC},
        {METER_LIFE_ISSUED, 2, AT_MAC2, MAC},   {METER_LIFE_ORIGINAL, 1, AT_MAC1, MAC},
        {METER_LIFE_ORIGINAL, 1, AT_MAC2, MAC},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        start_as(rows[i].life);
        assert_int_equal(secure_open(&s, 555555555555, rows[i].count, rows[i].spoil_at),
                         rows[i].want);
        const bool good = rows[i].want == 0;
        assert_int_equal(rig_status(&s.r).life, good ? METER_LIFE_RUNNING : rows[i].life);
        assert_int_equal(secure_balance(&s), good ? 700 : 0);
        if (good) { /* the meter is that customer's now, and stays his */
            assert_int_equal(secure_buy(&s, 1, 2), CUSTOMER);
            s.r.cfg.customer_no = 555555555555;
            assert_int_equal(secure_buy(&s, 1, 2), 0);
            assert_int_equal(secure_open(&s, 555555555555, 3, 0), OTHER);
        }
    }
    start_as(METER_LIFE_ISSUED);
    secure_payload p;
    secure_buy_fill(&s, &p, DLT645_SECURITY_OPEN, 700, 1);
    p.bytes[AT_CUSTOMER] = 0x0F;
    assert_int_equal(secure_send(&s, &p), CUSTOMER);
}

static void test_wallet_init(void **state)
{
    (void)state;
    assert_int_equal(secure_auth(&s), 0);
    assert_int_equal(secure_buy(&s, 300, 1), 0);
    assert_int_equal(secure_wallet_init(&s, 900, 1, 0), OTHER);
    assert_int_equal(secure_wallet_init(&s, 0x80000000, 0, 0), OTHER);
    assert_int_equal(secure_wallet_init(&s, 900, 0, 7), MAC);
    assert_int_equal(secure_balance(&s), 300);
    assert_int_equal(secure_wallet_init(&s, 900, 0, 15),
                     MAC); /* the amount was right; the meter waits */
    assert_int_equal(secure_balance(&s), 300);
    assert_int_equal(secure_count(&s), 1);
    assert_int_equal(secure_wallet_init(&s, 900, 0, 0), 0);
    assert_int_equal(s.answer.len, 14);
    assert_int_equal(secure_balance(&s), 900);
    assert_int_equal(secure_count(&s), 0);
    assert_int_equal(secure_wallet(&s, AMOUNT_RECORD), 900);
    assert_int_equal(secure_buy(&s, 1, 1), AUTH); /* the session ended with the old counts */
    assert_int_equal(secure_auth(&s), 0);
    assert_int_equal(secure_buy(&s, 1, 1), 0);
    const element_host_key own = {.slot = ELEMENT_KEY_PURCHASE, .version = 1, .key = {1}};
    assert_int_equal(secure_keys(&s, &own, 1), 0);
    element_host_updated(&s.host, &own, 1);
    assert_int_equal(secure_wallet_init(&s, 900, 0, 0), MAC); /* the element refuses: own key */
    assert_int_equal(secure_balance(&s), 901);
}

/* What is used leaves the wallet every hour and before the wallet is looked at; a debt leaves it
 * empty and is repaid first. */
static void test_settle(void **state)
{
    (void)state;
    assert_int_equal(secure_auth(&s), 0);
    assert_int_equal(secure_buy(&s, 1000, 1), 0);
    rig_use(&s.r, 1200, 60); /* one kWh */
    const int64_t used = 1000 - secure_balance(&s);
    assert_true(used > 0);
    assert_int_equal(secure_wallet(&s, AMOUNT_RECORD), 1000);
    rig_wait_s(&s.r, RIG_HOUR_S);
    assert_int_equal(secure_wallet(&s, AMOUNT_RECORD), 1000 - used);
    rig_use(&s.r, 1200, 60);
    assert_int_equal(secure_auth(&s), 0);
    assert_int_equal(secure_command(&s, DLT645_SECURITY_STATUS, NULL, 0), 0);
    assert_int_equal(secure_wallet(&s, AMOUNT_RECORD), secure_balance(&s));
    rig_use(&s.r, 24000, 600);
    assert_true(secure_balance(&s) < 0);
    const int64_t debt = -secure_balance(&s);
    assert_int_equal(secure_auth(&s), 0);
    assert_int_equal(secure_buy(&s, 5000, 2), 0);
    assert_int_equal(secure_balance(&s), 5000 - debt);
    assert_int_equal(secure_command(&s, DLT645_SECURITY_END, NULL, 0), 0);
    assert_int_equal(secure_wallet(&s, AMOUNT_RECORD), 5000 - debt);
}

static void test_keys(void **state)
{
    (void)state;
    assert_int_equal(secure_auth(&s), 0);
    const element_host_key bundle[2] = {
        {.slot = ELEMENT_KEY_PURCHASE, .version = 1, .key = {1}},
        {.slot = ELEMENT_KEY_CONTROL, .version = 1, .key = {2}},
    };
    assert_int_equal(secure_keys(&s, bundle, 2), 0);
    assert_int_equal(secure_buy(&s, 1, 1), MAC);
    assert_int_equal(secure_keys(&s, bundle, 2), MAC); /* versions must rise */
    element_host_updated(&s.host, bundle, 2);
    assert_int_equal(secure_buy(&s, 1, 1), 0);
    assert_int_equal(secure_control(&s, 0x1A, 60), 0);
    const uint8_t single[40] = {1, 1, 1, 9};
    assert_int_equal(secure_command(&s, DLT645_SECURITY_KEY_FIRST, single, 40), OTHER);
}

/* The edition of 2009: one key a command, its number in the info. */
static void test_single_keys(void **state)
{
    (void)state;
    static const struct {
        uint32_t di;
        bool swapped;
        element_slot slot;
    } rows[] = {
        {DLT645_SECURITY_KEY_FIRST, false, ELEMENT_KEY_PARAMETER},
        {DLT645_SECURITY_KEY_SECOND, false, ELEMENT_KEY_CONTROL},
        {DLT645_SECURITY_KEY_THIRD, false, ELEMENT_KEY_IDENTITY},
        {DLT645_SECURITY_KEY_FIRST, true, ELEMENT_KEY_CONTROL},
        {DLT645_SECURITY_KEY_SECOND, true, ELEMENT_KEY_PARAMETER},
        {DLT645_SECURITY_KEY_THIRD, true, ELEMENT_KEY_IDENTITY},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (unsigned slot = 0; slot < ELEMENT_SLOTS; slot++) {
            secure_prepare(&s, SUITE_TDES, METER_SECURITY_2009);
            s.r.cfg.security_keys_swapped = rows[i].swapped;
            assert_int_equal(secure_auth(&s), 0);
            const element_host_key key = {.slot = (element_slot)slot, .version = 3, .key = {5}};
            uint8_t data[GT_APDU_DATA_MAX];
            uint8_t payload[40];
            size_t len = 0;
            assert_int_equal(element_host_keys(&s.host, &key, 1, data, &len), GT_ERR_OK);
            memcpy(payload, data, 4);
            memcpy(payload + 4, data + 36, 4);
            memcpy(payload + 8, data + 4, 32);
            const bool right = slot == rows[i].slot;
            assert_int_equal(secure_command(&s, rows[i].di, payload, 40), right ? 0 : OTHER);
            payload[1] = 2; /* not by network */
            assert_int_equal(secure_command(&s, rows[i].di, payload, 40), OTHER);
            assert_int_equal(secure_keys(&s, &key, 1), OTHER); /* no bundles in 2009 */
        }
    }
}

static void test_keys_in_life(void **state)
{
    (void)state;
    const element_host_key key = {.slot = ELEMENT_KEY_CONTROL, .version = 1};
    start_as(METER_LIFE_BARE);
    assert_int_equal(secure_keys(&s, &key, 1), OTHER);
    start_as(METER_LIFE_ORIGINAL);
    assert_int_equal(secure_keys(&s, &key, 1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_buy, setup),
        cmocka_unit_test_setup(test_order_of_checks, setup),
        cmocka_unit_test_setup(test_amounts, setup),
        cmocka_unit_test_setup(test_customer_no_digits, setup),
        cmocka_unit_test_setup(test_open, setup),
        cmocka_unit_test_setup(test_wallet_init, setup),
        cmocka_unit_test_setup(test_settle, setup),
        cmocka_unit_test_setup(test_keys, setup),
        cmocka_unit_test_setup(test_single_keys, setup),
        cmocka_unit_test_setup(test_keys_in_life, setup),
    };
    return cmocka_run_group_tests_name("meter/security_credit", tests, NULL, NULL);
}
