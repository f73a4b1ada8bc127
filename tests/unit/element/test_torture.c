/* Every access of every command to the memory fails once; and memories that no element would write.
 */
#include "base/sum.h"
#include "bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static bench b;
static gt_nvm real;
static unsigned calls;
static unsigned fail_at; /* this access, counted from 1; 0: none */

static bool fails(void)
{
    calls++;
    return calls == fail_at;
}

static gt_err nvm_read(void *ctx, uint32_t at, uint8_t *buf, size_t len)
{
    return fails() ? GT_ERR_IO : real.read(ctx, at, buf, len);
}

static gt_err nvm_write(void *ctx, uint32_t at, const uint8_t *buf, size_t len)
{
    return fails() ? GT_ERR_IO : real.write(ctx, at, buf, len);
}

static gt_err nvm_sync(void *ctx)
{
    return fails() ? GT_ERR_IO : real.sync(ctx);
}

static void prepare(void)
{
    bench_make(&b, SUITE_AES128);
    bench_challenge(&b);
    assert_int_equal(bench_increase(&b, 100, 1), GT_SW_OK);
    real = b.element.ports.nvm;
    b.element.ports.nvm.read = nvm_read;
    b.element.ports.nvm.write = nvm_write;
    b.element.ports.nvm.sync = nvm_sync;
    calls = 0;
}

static uint16_t do_increase(void)
{
    return bench_increase(&b, 1, 2);
}

static uint16_t do_deduct(void)
{
    return bench_send(&b, "8030000C0400000001");
}

static uint16_t do_set(void)
{
    uint8_t data[8] = {0, 0, 0, 9};
    element_host_record(&b.host, 1, 9, data + 4);
    return bench_send_parts(&b, "04DC010C", data, sizeof data);
}

static uint16_t do_keys(void)
{
    const element_host_key key = {.slot = ELEMENT_KEY_PURCHASE, .version = 1, .key = {1}};
    return bench_keys(&b, &key, 1);
}

static uint16_t do_plain(void)
{
    const element_host_text text = {.sfi = 2, .text = (const uint8_t *)"x", .len = 1};
    return bench_write(&b, &text);
}

static uint16_t do_sealed(void)
{
    const element_host_text text = {.sfi = 8, .text = (const uint8_t *)"x", .len = 1};
    return bench_write(&b, &text);
}

static uint16_t do_free(void)
{
    return bench_send(&b, "00D68500021122");
}

static uint16_t do_read_mac(void)
{
    return bench_send(&b, "04B0821E091122334404D6821E0A");
}

static uint16_t do_record_mac(void)
{
    return bench_send(&b, "04B2010C091122334404D6820008");
}

static void test_each_access(void **state)
{
    (void)state;
    static uint16_t (*const acts[])(void) = {do_increase, do_deduct,   do_set,
                                             do_keys,     do_plain,    do_sealed,
                                             do_free,     do_read_mac, do_record_mac};
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
        unsigned accesses = 0;
        for (unsigned at = 1; accesses == 0; at++) {
            fail_at = 0;
            prepare();
            fail_at = at;
            const uint16_t status = acts[i]();
            if (calls < at) {
                assert_int_equal(status, GT_SW_OK);
                accesses = calls;
            } else {
                assert_int_equal(status, ELEMENT_SW_MEMORY);
                assert_int_equal(b.answer.len, 0);
                fail_at = 0; /* all is well: it is done, unless only the answer was lost */
                const uint16_t again = acts[i]();
                assert_true(again == GT_SW_OK || again == ELEMENT_SW_CONDITION);
            }
            fail_at = 0;
            assert_int_equal(bench_count(&b), acts[i] == do_increase ? 2 : 1);
        }
        assert_true(accesses >= 2);
    }
}

/* The CRC of a place whose content a test has changed. Layout: number 4, content, CRC 4. */
static void seal(uint32_t at, size_t size)
{
    const uint32_t crc = gt_crc32(b.eeprom.cells + at, 4 + size);
    gt_wr w = gt_wr_of(b.eeprom.cells + at + 4 + size, 4);
    gt_wr_u32le(&w, crc);
}

static void test_unknown_suite(void **state)
{
    (void)state;
    static const uint8_t serial[] = {1, 2, 3, 4, 5, 6, 7, 8};
    bench_make(&b, SUITE_SM4);
    uint32_t at = 5;
    while (memcmp(b.eeprom.cells + at, serial, sizeof serial) != 0) {
        at++;
    }
    b.eeprom.cells[at - 1] = SUITES;
    seal(at - 5, 16);
    assert_int_equal(bench_power(&b), GT_ERR_CORRUPT);
    b.eeprom.cells[at - 1] = SUITE_TDES;
    seal(at - 5, 16);
    assert_int_equal(bench_power(&b), GT_ERR_OK);
    /* both places ruined: damaged, not blank */
    memset(b.eeprom.cells + at + 40, 0, 1);
    for (uint32_t i = 0; i < 48; i++) {
        b.eeprom.cells[at - 5 + i] ^= 0x11;
    }
    assert_int_equal(bench_power(&b), GT_ERR_CORRUPT);
}

/* The wallet is the first file, its first place at 0. */
static void test_last_count(void **state)
{
    (void)state;
    bench_make(&b, SUITE_AES128);
    bench_challenge(&b);
    memset(b.eeprom.cells + 8, 0xFF, 4);
    seal(0, 8);
    assert_int_equal(bench_count(&b), UINT32_MAX);
    assert_int_equal(bench_increase(&b, 1, 0), ELEMENT_SW_CONDITION);
    assert_int_equal(bench_increase(&b, 1, UINT32_MAX), ELEMENT_SW_CONDITION);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_each_access),
                                       cmocka_unit_test(test_unknown_suite),
                                       cmocka_unit_test(test_last_count)};
    return cmocka_run_group_tests_name("element/torture", tests, NULL, NULL);
}
