/* Power goes at every byte that an element writes: each command is done or not done, never half,
 * and what was answered stands. */
#include "bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static bench b;

/* A command under test, and whether its whole effect can be seen. */
typedef struct act {
    const char *name;
    uint16_t (*run)(void);
    bool (*done)(void);
    bool (*undone)(void);
} act;

static uint16_t increase_run(void)
{
    return bench_increase(&b, 300, 2);
}
static bool increase_done(void)
{
    return bench_amount(&b) == 400 && bench_count(&b) == 2;
}
static bool increase_undone(void)
{
    return bench_amount(&b) == 100 && bench_count(&b) == 1;
}

static uint16_t deduct_run(void)
{
    return bench_send(&b, "8030000C0400000001");
}
static bool deduct_done(void)
{
    return bench_amount(&b) == 99 && bench_count(&b) == 1;
}
static bool deduct_undone(void)
{
    return increase_undone();
}

static const element_host_key new_keys[2] = {
    {.slot = ELEMENT_KEY_PURCHASE, .version = 1, .key = {1}},
    {.slot = ELEMENT_KEY_UPDATE, .version = 1, .key = {2}},
};

static uint16_t keys_run(void)
{
    return bench_keys(&b, new_keys, 2);
}
static bool keys_undone(void)
{
    bench_challenge(&b);
    return bench_increase(&b, 1, 2) == GT_SW_OK;
}
static bool keys_done(void)
{
    element_host_updated(&b.host, new_keys, 2);
    const element_host_key more = {.slot = ELEMENT_KEY_CONTROL, .version = 1};
    bench_challenge(&b);
    return bench_increase(&b, 1, 2) == GT_SW_OK && bench_keys(&b, &more, 1) == GT_SW_OK;
}

static const uint8_t old_text[250] = {1, 2, 3};
static uint8_t new_text[200];

static uint16_t file_run(void)
{
    const element_host_text text = {.sfi = 0x10, .text = new_text, .len = sizeof new_text};
    return bench_write(&b, &text);
}
static bool file_is(const uint8_t *want)
{
    return bench_send(&b, "00B09000C8") == GT_SW_OK &&
           memcmp(b.answer.data, want, sizeof new_text) == 0;
}
static bool file_done(void)
{
    return file_is(new_text);
}
static bool file_undone(void)
{
    return file_is(old_text);
}

static const act acts[] = {
    {"increase", increase_run, increase_done, increase_undone},
    {"deduct", deduct_run, deduct_done, deduct_undone},
    {"keys", keys_run, keys_done, keys_undone},
    {"file", file_run, file_done, file_undone},
};

static void prepare(void)
{
    bench_make(&b, SUITE_AES128);
    memset(new_text, 0x5A, sizeof new_text);
    bench_challenge(&b);
    const element_host_text text = {.sfi = 0x10, .text = old_text, .len = 230};
    assert_int_equal(bench_write(&b, &text), GT_SW_OK);
    assert_int_equal(bench_increase(&b, 100, 1), GT_SW_OK);
}

static void test_every_byte(void **state)
{
    (void)state;
    static bench ready;
    prepare();
    ready = b;
    for (size_t a = 0; a < sizeof acts / sizeof acts[0]; a++) {
        unsigned cuts = 0;
        for (uint64_t byte = 1;; byte++) {
            bool whole = false;
            for (uint64_t seed = 0; seed < 2; seed++) {
                bench_copy(&b, &ready);
                b.eeprom.seed = byte * 100 + seed;
                sim_eeprom_cut_after(&b.eeprom, byte);
                const uint16_t status = acts[a].run();
                whole = !b.eeprom.dead;
                assert_int_equal(status, whole ? GT_SW_OK : ELEMENT_SW_MEMORY);
                sim_eeprom_restore(&b.eeprom);
                assert_int_equal(bench_power(&b), GT_ERR_OK);
                const bool undone = !whole && acts[a].undone();
                if (!undone && !acts[a].done()) {
                    fail_msg("%s, byte %u, seed %u: half done", acts[a].name, (unsigned)byte,
                             (unsigned)seed);
                }
                cuts++;
            }
            if (whole) {
                break;
            }
        }
        assert_true(cuts > 2 * 16);
    }
}

/* Cut again and again at the same command until it goes through: nothing is lost on the way. */
static void test_cut_again_and_again(void **state)
{
    (void)state;
    prepare();
    uint64_t byte = 1;
    uint32_t count = 1;
    while (count < 40) {
        b.eeprom.seed = byte;
        sim_eeprom_cut_after(&b.eeprom, 1 + byte * 7 % 23);
        byte++;
        bench_challenge(&b);
        const uint16_t status = bench_increase(&b, 10, count + 1);
        sim_eeprom_restore(&b.eeprom);
        assert_int_equal(bench_power(&b), GT_ERR_OK);
        const uint32_t now = bench_count(&b);
        assert_true(now == count || now == count + 1);
        if (status == GT_SW_OK) {
            assert_int_equal(now, count + 1);
        }
        count = now;
        assert_int_equal(bench_amount(&b), 100 + 10 * (count - 1));
    }
}

/* In the factory: cut at every byte of making one, make it again. */
static void test_make(void **state)
{
    (void)state;
    const element_issue issue = {.kind = SUITE_SM4, .serial = {1}, .key = {{7}}, .meter_no = 5};
    for (uint64_t byte = 1;; byte++) {
        memset(&b, 0, sizeof b);
        sim_eeprom_init(&b.eeprom, byte);
        const element_ports ports = bench_ports(&b);
        sim_eeprom_cut_after(&b.eeprom, byte);
        const gt_err first = element_make(&ports.nvm, &issue);
        const bool whole = !b.eeprom.dead;
        assert_int_equal(first, whole ? GT_ERR_OK : GT_ERR_IO);
        sim_eeprom_restore(&b.eeprom);
        const gt_err open = bench_power(&b);
        if (open != GT_ERR_OK) {
            assert_false(whole);
            assert_int_equal(open, GT_ERR_NOT_FOUND);
            assert_int_equal(element_make(&ports.nvm, &issue), GT_ERR_OK);
            assert_int_equal(bench_power(&b), GT_ERR_OK);
        }
        assert_int_equal(bench_amount(&b), 0);
        assert_int_equal(bench_send(&b, "80FA0003080011223344556677"), GT_SW_OK);
        if (whole) {
            break;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_byte),
                                       cmocka_unit_test(test_cut_again_and_again),
                                       cmocka_unit_test(test_make)};
    return cmocka_run_group_tests_name("element/power", tests, NULL, NULL);
}
