/* The wallet: counts rise by one, under a MAC, and nothing is taken twice. */
#include "bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static bench b;

static const suite_kind kinds[] = {SUITE_TDES, SUITE_AES128, SUITE_SM4};

static void test_increase(void **state)
{
    (void)state;
    for (size_t k = 0; k < SUITES; k++) {
        bench_make(&b, kinds[k]);
        bench_challenge(&b);
        for (uint32_t i = 1; i <= 5; i++) {
            assert_int_equal(bench_increase(&b, 100 * i, i), GT_SW_OK);
            assert_int_equal(bench_count(&b), i);
        }
        assert_int_equal(bench_amount(&b), 1500);
        assert_int_equal(bench_power(&b), GT_ERR_OK);
        assert_int_equal(bench_amount(&b), 1500);
        assert_int_equal(bench_count(&b), 5);
    }
}

static void test_increase_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint32_t amount;
        uint32_t count;
        uint8_t spoil; /* this byte of the data */
        uint8_t by;
        uint16_t want;
    } rows[] = {
        {"count again", 1, 1, 0, 0, ELEMENT_SW_CONDITION},
        {"count skipped", 1, 3, 0, 0, ELEMENT_SW_CONDITION},
        {"count 0", 1, 0, 0, 0, ELEMENT_SW_CONDITION},
        {"count at the top", 1, UINT32_MAX, 0, 0, ELEMENT_SW_CONDITION},
        {"more than fits", UINT32_MAX - 99, 2, 0, 0, ELEMENT_SW_CONDITION},
        {"amount touched", 1, 2, 3, 1, ELEMENT_SW_MAC},
        {"count touched", 1, 2, 7, 1, ELEMENT_SW_MAC},
        {"MAC touched, first byte", 1, 2, 8, 0x80, ELEMENT_SW_MAC},
        {"MAC touched, last byte", 1, 2, 11, 1, ELEMENT_SW_MAC},
        {"wrong MAC says nothing of the count", 1, 9, 11, 1, ELEMENT_SW_MAC},
    };
    for (size_t k = 0; k < SUITES; k++) {
        bench_make(&b, kinds[k]);
        bench_challenge(&b);
        assert_int_equal(bench_increase(&b, 100, 1), GT_SW_OK);
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            uint8_t data[12];
            gt_wr w = gt_wr_of(data, sizeof data);
            gt_wr_u32be(&w, rows[i].amount);
            gt_wr_u32be(&w, rows[i].count);
            element_host_increase(&b.host, rows[i].amount, rows[i].count, data + 8);
            data[rows[i].spoil] ^= rows[i].by;
            const uint16_t status = bench_send_parts(&b, "8432010C", data, sizeof data);
            if (status != rows[i].want) {
                fail_msg("%s: %04X", rows[i].name, status);
            }
            assert_int_equal(bench_amount(&b), 100);
            assert_int_equal(bench_count(&b), 1);
        }
        assert_int_equal(bench_increase(&b, UINT32_MAX - 100, 2), GT_SW_OK);
        assert_int_equal(bench_amount(&b), UINT32_MAX);
    }
    assert_int_equal(bench_send(&b, "8432020C0C000102030405060708090A0B"), ELEMENT_SW_PARAMETER);
    assert_int_equal(bench_send(&b, "8432010D0C000102030405060708090A0B"), ELEMENT_SW_PARAMETER);
    assert_int_equal(bench_send(&b, "8432010C0B000102030405060708090A"), ELEMENT_SW_LENGTH);
    assert_int_equal(bench_send(&b, "8432010C0D000102030405060708090A0B0C"), ELEMENT_SW_LENGTH);
}

/* What was heard under one challenge is worth nothing under the next. */
static void test_challenge_passes(void **state)
{
    (void)state;
    for (size_t k = 0; k < SUITES; k++) {
        bench_make(&b, kinds[k]);
        bench_challenge(&b);
        const element_host old = b.host;
        bench_challenge(&b);
        const element_host fresh = b.host;
        b.host = old;
        assert_int_equal(bench_increase(&b, 100, 1), ELEMENT_SW_MAC);
        b.host = fresh;
        assert_int_equal(bench_increase(&b, 100, 1), GT_SW_OK);
    }
}

static void test_deduct(void **state)
{
    (void)state;
    bench_make(&b, SUITE_AES128);
    bench_challenge(&b);
    assert_int_equal(bench_increase(&b, 0x300, 1), GT_SW_OK);
    assert_int_equal(bench_send(&b, "8030000C0400000100"), GT_SW_OK);
    assert_int_equal(bench_amount(&b), 0x200);
    assert_int_equal(bench_send(&b, "8030000C0400000201"), ELEMENT_SW_FUNDS);
    assert_int_equal(bench_send(&b, "8030000C04FFFFFFFF"), ELEMENT_SW_FUNDS);
    assert_int_equal(bench_send(&b, "8030010C0400000001"), ELEMENT_SW_PARAMETER);
    assert_int_equal(bench_send(&b, "8030000D0400000001"), ELEMENT_SW_PARAMETER);
    assert_int_equal(bench_send(&b, "8030000C03000001"), ELEMENT_SW_LENGTH);
    assert_int_equal(bench_amount(&b), 0x200);
    assert_int_equal(bench_send(&b, "8030000C0400000200"), GT_SW_OK);
    assert_int_equal(bench_amount(&b), 0);
    assert_int_equal(bench_count(&b), 1);
}

static void test_records(void **state)
{
    (void)state;
    static const struct {
        const char *command;
        uint16_t want;
    } rows[] = {
        {"00B2010C04", GT_SW_OK},
        {"00B2030C04", GT_SW_OK},
        {"00B2020C04", ELEMENT_SW_NO_FILE},
        {"00B2000C04", ELEMENT_SW_NO_FILE},
        {"00B2040C04", ELEMENT_SW_NO_FILE},
        {"00B2011404", ELEMENT_SW_NO_FILE},
        {"00B2010C05", ELEMENT_SW_LENGTH},
        {"00B2010C03", ELEMENT_SW_LENGTH},
        {"04B2020C091122334404D6820008", ELEMENT_SW_NO_FILE},
        {"04B2010C091122334404D6820009", ELEMENT_SW_LENGTH},
        {"04B2010C081122334404D68200", ELEMENT_SW_LENGTH},
        {"04B2010C091122334404D6820004", ELEMENT_SW_LENGTH},
    };
    bench_make(&b, SUITE_SM4);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (bench_send(&b, rows[i].command) != rows[i].want) {
            fail_msg("%s: %04X", rows[i].command, b.answer.status);
        }
    }
}

static void test_record_with_mac(void **state)
{
    (void)state;
    static const uint8_t head[] = {0x04, 0xD6, 0x82, 0x00, 0x08};
    for (size_t k = 0; k < SUITES; k++) {
        bench_make(&b, kinds[k]);
        bench_challenge(&b);
        assert_int_equal(bench_increase(&b, 0x01020304, 1), GT_SW_OK);
        const uint8_t asked[8] = {0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88};
        uint8_t cipher[8];
        element_host_identify(&b.host, asked, cipher);
        assert_int_equal(bench_send(&b, "04B2010C091122334404D6820008"), GT_SW_OK);
        assert_int_equal(b.answer.len, 8);
        assert_true(element_host_verify(&b.host, ELEMENT_KEY_PURCHASE, head, b.answer.data, 4,
                                        b.answer.data + 4));
        b.answer.data[3] ^= 1;
        assert_false(element_host_verify(&b.host, ELEMENT_KEY_PURCHASE, head, b.answer.data, 4,
                                         b.answer.data + 4));
        assert_int_equal(bench_send(&b, "04B2010C091122334504D6820008"), GT_SW_OK);
        assert_false(element_host_verify(&b.host, ELEMENT_KEY_PURCHASE, head, b.answer.data, 4,
                                         b.answer.data + 4));
    }
}

static uint16_t set(uint8_t number, uint32_t value, uint8_t spoil)
{
    uint8_t data[8];
    gt_wr w = gt_wr_of(data, sizeof data);
    gt_wr_u32be(&w, value);
    element_host_record(&b.host, number, value, data + 4);
    data[7] ^= spoil;
    return bench_send_parts(&b, number == 1 ? "04DC010C" : "04DC030C", data, sizeof data);
}

static void test_set(void **state)
{
    (void)state;
    bench_make(&b, SUITE_TDES);
    bench_challenge(&b);
    assert_int_equal(bench_increase(&b, 500, 1), GT_SW_OK);
    assert_int_equal(set(1, 777, 1), ELEMENT_SW_MAC);
    assert_int_equal(set(1, 777, 0), GT_SW_OK);
    assert_int_equal(set(3, 1, 0), ELEMENT_SW_DATA);
    assert_int_equal(bench_count(&b), 1);
    assert_int_equal(set(3, 0, 0), GT_SW_OK);
    assert_int_equal(bench_count(&b), 0);
    assert_int_equal(bench_amount(&b), 777);
    assert_int_equal(bench_send(&b, "04DC020C080000000000000000"), ELEMENT_SW_NO_FILE);
    assert_int_equal(bench_send(&b, "04DC010C0700000000000000"), ELEMENT_SW_LENGTH);
    /* under the meter's own key the wallet is not set any more */
    const element_host_key own = {.slot = ELEMENT_KEY_PURCHASE, .version = 1, .key = {1}};
    assert_int_equal(bench_keys(&b, &own, 1), GT_SW_OK);
    element_host_updated(&b.host, &own, 1);
    assert_int_equal(set(1, 1, 0), ELEMENT_SW_CONDITION);
    assert_int_equal(bench_amount(&b), 777);
    assert_int_equal(bench_increase(&b, 1, 1), GT_SW_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_increase),
                                       cmocka_unit_test(test_increase_refused),
                                       cmocka_unit_test(test_challenge_passes),
                                       cmocka_unit_test(test_deduct),
                                       cmocka_unit_test(test_records),
                                       cmocka_unit_test(test_record_with_mac),
                                       cmocka_unit_test(test_set)};
    return cmocka_run_group_tests_name("element/wallet", tests, NULL, NULL);
}
