/* Key update: one or several, all or none, versions that rise; and what an old key can do then. */
#include "bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static bench b;

static const suite_kind kinds[] = {SUITE_TDES, SUITE_AES128, SUITE_SM4};

static uint16_t info(uint8_t out[4])
{
    const uint16_t status = bench_send(&b, "00B0860004");
    memcpy(out, b.answer.data, 4);
    return status;
}

static void test_each_slot(void **state)
{
    (void)state;
    for (size_t k = 0; k < SUITES; k++) {
        bench_make(&b, kinds[k]);
        bench_challenge(&b);
        for (unsigned slot = 0; slot < ELEMENT_SLOTS; slot++) {
            const element_host_key key = {.slot = (element_slot)slot,
                                          .version = (uint8_t)(slot + 1),
                                          .key = {(uint8_t)slot, 9}};
            assert_int_equal(bench_keys(&b, &key, 1), GT_SW_OK);
            element_host_updated(&b.host, &key, 1);
            uint8_t got[4];
            const uint8_t want[4] = {1, 1, (uint8_t)slot, (uint8_t)(slot + 1)};
            assert_int_equal(info(got), GT_SW_OK);
            assert_memory_equal(got, want, 4);
        }
        assert_int_equal(bench_power(&b), GT_ERR_OK);
        bench_challenge(&b);
        assert_int_equal(bench_increase(&b, 5, 1), GT_SW_OK); /* under the new key */
        const uint8_t asked[8] = {1};
        uint8_t cipher[8];
        element_host_identify(&b.host, asked, cipher);
        assert_int_equal(bench_send(&b, "80FA0003080000202601000257"), GT_SW_OK);
        assert_int_equal(bench_send_parts(&b, "80FA0000", asked, 8), GT_SW_OK);
        assert_memory_equal(b.answer.data, cipher, 8);
    }
}

static void test_bundle(void **state)
{
    (void)state;
    element_host_key keys[ELEMENT_KEY_ENTRIES_MAX];
    for (size_t k = 0; k < SUITES; k++) {
        bench_make(&b, kinds[k]);
        bench_challenge(&b);
        const element_host before = b.host;
        for (unsigned i = 0; i < ELEMENT_KEY_ENTRIES_MAX; i++) {
            keys[i] = (element_host_key){
                .slot = (element_slot)(i + 1), .version = 1, .key = {(uint8_t)(i + 1)}};
        }
        /* the last of six is wrong: none is taken */
        keys[5].version = 0;
        assert_int_equal(bench_keys(&b, keys, 6), ELEMENT_SW_CONDITION);
        assert_int_equal(bench_increase(&b, 1, 1), GT_SW_OK);
        keys[5].version = 1;
        assert_int_equal(bench_keys(&b, keys, 6), GT_SW_OK);
        element_host_updated(&b.host, keys, 6);
        assert_int_equal(bench_increase(&b, 1, 2), GT_SW_OK);
        b.host = before;
        bench_challenge(&b);
        assert_int_equal(bench_increase(&b, 1, 3), ELEMENT_SW_MAC);
        assert_int_equal(
            element_host_keys(&b.host, keys, 0, (uint8_t[GT_APDU_DATA_MAX]){0}, &(size_t){0}),
            GT_ERR_RANGE);
        assert_int_equal(
            element_host_keys(&b.host, keys, 7, (uint8_t[GT_APDU_DATA_MAX]){0}, &(size_t){0}),
            GT_ERR_RANGE);
    }
}

static void test_versions_rise(void **state)
{
    (void)state;
    static const struct {
        uint8_t version;
        uint16_t want;
    } rows[] = {{0, ELEMENT_SW_CONDITION},
                {3, GT_SW_OK},
                {3, ELEMENT_SW_CONDITION},
                {2, ELEMENT_SW_CONDITION},
                {4, GT_SW_OK},
                {255, GT_SW_OK},
                {255, ELEMENT_SW_CONDITION},
                {0, ELEMENT_SW_CONDITION}};
    bench_make(&b, SUITE_AES128);
    bench_challenge(&b);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const element_host_key key = {
            .slot = ELEMENT_KEY_CONTROL, .version = rows[i].version, .key = {(uint8_t)i}};
        assert_int_equal(bench_keys(&b, &key, 1), rows[i].want);
    }
    /* the same slot twice in one bundle: the second must be newer than the first */
    const element_host_key twice[2] = {{.slot = ELEMENT_KEY_IDENTITY, .version = 5},
                                       {.slot = ELEMENT_KEY_IDENTITY, .version = 5}};
    assert_int_equal(bench_keys(&b, twice, 2), ELEMENT_SW_CONDITION);
}

/* The insides of an entry, each spoilt before it is wrapped or after, under a right MAC. */
static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        unsigned at; /* byte of the entry, outside */
        uint8_t value;
        uint16_t want;
    } rows[] = {
        {"as it is", 0, 1, GT_SW_OK},
        {"state outside says public", 0, 0, ELEMENT_SW_DATA},
        {"method outside", 1, 2, ELEMENT_SW_DATA},
        {"slot outside", 2, 3, ELEMENT_SW_DATA},
        {"version outside", 3, 9, ELEMENT_SW_DATA},
        {"wrapped byte", 4, 0x77, ELEMENT_SW_DATA},
        {"last wrapped byte", 35, 0x77, ELEMENT_SW_DATA},
    };
    for (size_t k = 0; k < SUITES; k++) {
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            bench_make(&b, kinds[k]);
            bench_challenge(&b);
            const element_host_key key = {.slot = ELEMENT_KEY_CONTROL, .version = 1, .key = {1}};
            uint8_t command[GT_APDU_MAX] = {0x84, 0xD4, 0x01, 0xFF, 0x28};
            size_t len = 0;
            assert_int_equal(element_host_keys(&b.host, &key, 1, command + 5, &len), GT_ERR_OK);
            assert_int_equal(len, 0x28);
            command[5 + rows[i].at] = rows[i].value;
            element_host_mac(&b.host, ELEMENT_KEY_UPDATE, command, command + 5, 36, command + 41);
            element_apdu(&b.element, command, 45, &b.answer);
            if (b.answer.status != rows[i].want) {
                fail_msg("%s: %04X", rows[i].name, b.answer.status);
            }
            command[44] ^= 1;
            element_apdu(&b.element, command, 45, &b.answer);
            assert_int_equal(b.answer.status, ELEMENT_SW_MAC);
        }
    }
}

/* Right inside and outside alike, but not what an element takes. */
static void test_info_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint8_t info[4];
        uint16_t want;
    } rows[] = {
        {"own key", {1, 1, 2, 1}, GT_SW_OK},           {"public key", {0, 1, 2, 1}, GT_SW_OK},
        {"state 2", {2, 1, 2, 1}, ELEMENT_SW_DATA},    {"method 0", {1, 0, 2, 1}, ELEMENT_SW_DATA},
        {"method 2", {1, 2, 2, 1}, ELEMENT_SW_DATA},   {"slot 7", {1, 1, 7, 1}, ELEMENT_SW_DATA},
        {"slot 255", {1, 1, 255, 1}, ELEMENT_SW_DATA},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bench_make(&b, SUITE_AES128);
        bench_challenge(&b);
        uint8_t command[5 + 40] = {0x84, 0xD4, 0x01, 0xFF, 0x28};
        suite_key wrapping = {.kind = SUITE_AES128};
        memcpy(wrapping.bytes, b.host.key[ELEMENT_KEY_UPDATE], SUITE_KEY_LEN);
        memcpy(command + 5, rows[i].info, 4);
        memcpy(command + 9, rows[i].info, 4);
        assert_int_equal(suite_seal(&wrapping, b.host.seed, command + 9, 24), GT_ERR_OK);
        element_host_mac(&b.host, ELEMENT_KEY_UPDATE, command, command + 5, 36, command + 41);
        element_apdu(&b.element, command, sizeof command, &b.answer);
        if (b.answer.status != rows[i].want) {
            fail_msg("%s: %04X", rows[i].name, b.answer.status);
        }
        /* a wrapped text of another length */
        memset(command + 9, 0, 32);
        assert_int_equal(suite_seal(&wrapping, b.host.seed, command + 9, 25), GT_ERR_OK);
        element_host_mac(&b.host, ELEMENT_KEY_UPDATE, command, command + 5, 36, command + 41);
        element_apdu(&b.element, command, sizeof command, &b.answer);
        assert_int_equal(b.answer.status, ELEMENT_SW_DATA);
    }
    assert_int_equal(bench_send(&b, "84D402FF0400000000"), ELEMENT_SW_PARAMETER);
    assert_int_equal(bench_send(&b, "84D401010400000000"), ELEMENT_SW_PARAMETER);
    assert_int_equal(bench_send(&b, "84D401FF0400000000"), ELEMENT_SW_LENGTH);
    assert_int_equal(bench_send(&b, "84D401FF050000000000"), ELEMENT_SW_LENGTH);
    assert_int_equal(bench_send(&b, "84D401FF03000000"), ELEMENT_SW_LENGTH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_slot), cmocka_unit_test(test_bundle),
        cmocka_unit_test(test_versions_rise), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_info_refused)};
    return cmocka_run_group_tests_name("element/keys", tests, NULL, NULL);
}
