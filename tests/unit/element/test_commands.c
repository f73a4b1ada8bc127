/* The door of the element: what is no command, challenges, identity, reset, making and opening. */
#include "bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static bench b;

static const suite_kind kinds[] = {SUITE_TDES, SUITE_AES128, SUITE_SM4};
#define EACH_KIND(k) (size_t k = 0; k < SUITES; k++)

/* Before anything was proved or fetched. */
static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *command;
        uint16_t want;
    } rows[] = {
        {"nothing", "", ELEMENT_SW_LENGTH},
        {"four bytes", "00840000", ELEMENT_SW_LENGTH},
        {"class", "0184000004", ELEMENT_SW_CLASS},
        {"class FF", "FF84000004", ELEMENT_SW_CLASS},
        {"instruction", "00FF000004", ELEMENT_SW_INSTRUCTION},
        {"instruction of another class", "8084000004", ELEMENT_SW_INSTRUCTION},
        {"deduct in class 00", "0030000C04", ELEMENT_SW_INSTRUCTION},
        {"challenge with data", "008400000411223344", ELEMENT_SW_LENGTH},
        {"challenge of 3", "0084000003", ELEMENT_SW_LENGTH},
        {"challenge of 5", "0084000005", ELEMENT_SW_LENGTH},
        {"challenge of 256", "0084000000", ELEMENT_SW_LENGTH},
        {"select without data", "00A4000002", ELEMENT_SW_LENGTH},
        {"select one byte short", "00A40000023F", ELEMENT_SW_LENGTH},
        {"select one byte over", "00A40000023F0000", ELEMENT_SW_LENGTH},
        {"select by three bytes", "00A40000033F0000", ELEMENT_SW_LENGTH},
        {"select nothing known", "00A40000023F01", ELEMENT_SW_NO_FILE},
        {"select DF02", "00A4000002DF02", ELEMENT_SW_NO_FILE},
        {"derive P1", "80FA0103080011223344556677", ELEMENT_SW_PARAMETER},
        {"derive P2", "80FA0004080011223344556677", ELEMENT_SW_PARAMETER},
        {"derive by seven bytes", "80FA00030700112233445566", ELEMENT_SW_LENGTH},
        {"derive by nine bytes", "80FA000309001122334455667788", ELEMENT_SW_LENGTH},
        {"answer before a key", "80FA0000080011223344556677", ELEMENT_SW_CONDITION},
        {"card: P1", "0082010110000102030405060708090A0B0C0D0E0F", ELEMENT_SW_PARAMETER},
        {"card: P2", "0082000210000102030405060708090A0B0C0D0E0F", ELEMENT_SW_PARAMETER},
        {"card: length", "00820001080001020304050607", ELEMENT_SW_LENGTH},
        {"card: no challenge", "0082000110000102030405060708090A0B0C0D0E0F", ELEMENT_SW_CHALLENGE},
        {"increase: no challenge", "8432010C0C000102030405060708090A0B", ELEMENT_SW_CHALLENGE},
        {"write: no challenge", "04D682240A00000000000100000000", ELEMENT_SW_CHALLENGE},
        {"keys: no challenge",
         ("84D401FF2800010203000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F000000"
          "0"
          "0"),
         ELEMENT_SW_CHALLENGE},
        {"wallet set: no challenge", "04DC010C080000000000000000", ELEMENT_SW_CHALLENGE},
    };
    for
        EACH_KIND(k)
        {
            bench_make(&b, kinds[k]);
            const uint64_t writes = b.eeprom.writes;
            for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
                const uint16_t status = bench_send(&b, rows[i].command);
                if (status != rows[i].want || b.answer.len != 0) {
                    fail_msg("%s: %04X", rows[i].name, status);
                }
            }
            assert_int_equal(b.eeprom.writes, writes);
        }
}

static void test_challenge(void **state)
{
    (void)state;
    bench_make(&b, SUITE_AES128);
    uint8_t first[8];
    assert_int_equal(bench_send(&b, "0084000008"), GT_SW_OK);
    assert_int_equal(b.answer.len, 8);
    memcpy(first, b.answer.data, 8);
    assert_int_equal(bench_send(&b, "0084000004"), GT_SW_OK);
    assert_int_equal(b.answer.len, 4);
    assert_memory_not_equal(first, b.answer.data, 4);
    b.random_fails = true; /* no random number: no challenge, and the old one stands */
    assert_int_equal(bench_send(&b, "0084000004"), ELEMENT_SW_MEMORY);
    b.random_fails = false;
    element_host_challenged(&b.host, b.answer.data);
    assert_int_equal(bench_increase(&b, 1, 1), GT_SW_OK);
}

static void test_identity(void **state)
{
    (void)state;
    for
        EACH_KIND(k)
        {
            bench_make(&b, kinds[k]);
            const uint8_t asked[8] = {9, 8, 7, 6, 5, 4, 3, 2};
            uint8_t cipher[8];
            element_host_identify(&b.host, asked, cipher);
            assert_int_equal(bench_send(&b, "80FA0003080000202601000257"), GT_SW_OK);
            assert_int_equal(b.answer.len, 0);
            assert_int_equal(bench_send_parts(&b, "80FA0000", asked, sizeof asked), GT_SW_OK);
            assert_int_equal(b.answer.len, 8);
            assert_memory_equal(b.answer.data, cipher, 8);
            /* another meter's, another slot's */
            assert_int_equal(bench_send(&b, "80FA0003080000202601000258"), GT_SW_OK);
            assert_int_equal(bench_send_parts(&b, "80FA0000", asked, sizeof asked), GT_SW_OK);
            assert_memory_not_equal(b.answer.data, cipher, 8);
            assert_int_equal(bench_send(&b, "80FA0001080000202601000257"), GT_SW_OK);
            assert_int_equal(bench_send_parts(&b, "80FA0000", asked, sizeof asked), GT_SW_OK);
            assert_memory_not_equal(b.answer.data, cipher, 8);
            /* select and reset forget the key */
            assert_int_equal(bench_send(&b, "00A40000023F00"), GT_SW_OK);
            assert_int_equal(bench_send_parts(&b, "80FA0000", asked, sizeof asked),
                             ELEMENT_SW_CONDITION);
            assert_int_equal(bench_send(&b, "80FA0003080000202601000257"), GT_SW_OK);
            uint8_t atr[GT_ATR_MAX];
            element_reset(&b.element, atr);
            assert_int_equal(bench_send_parts(&b, "80FA0000", asked, sizeof asked),
                             ELEMENT_SW_CONDITION);
        }
}

static void test_reset(void **state)
{
    (void)state;
    static const uint8_t want[] = {0x3B, 0x69, 0, 2, SUITE_SM4, 1, 2, 3, 4, 5, 6, 7, 8};
    bench_make(&b, SUITE_SM4);
    const gt_apdu port = element_port(&b.element);
    uint8_t atr[GT_ATR_MAX];
    size_t len = 0;
    bench_challenge(&b);
    assert_int_equal(port.reset(port.ctx, atr, &len), GT_ERR_OK);
    assert_int_equal(len, sizeof want);
    assert_memory_equal(atr, want, sizeof want);
    assert_memory_equal(atr + GT_ATR_SERIAL_AT, want + 5, GT_ATR_SERIAL_LEN);
    assert_int_equal(bench_increase(&b, 1, 1), ELEMENT_SW_CHALLENGE);
    const uint8_t command[] = {0x00, 0xB0, 0x99, 0x01, 0x08}; /* the serial again */
    gt_apdu_answer answer;
    assert_int_equal(port.transmit(port.ctx, command, sizeof command, &answer), GT_ERR_OK);
    assert_int_equal(answer.status, GT_SW_OK);
    assert_int_equal(answer.len, 8);
    assert_memory_equal(answer.data, want + 5, 8);
}

static void test_make_refuses(void **state)
{
    (void)state;
    bench_make(&b, SUITE_TDES);
    const element_ports ports = bench_ports(&b);
    element_issue issue = {.kind = SUITE_AES128, .meter_no = 1};
    assert_int_equal(element_make(&ports.nvm, &issue), GT_ERR_EXISTS);
    sim_eeprom_init(&b.eeprom, 1);
    element_ports small = ports;
    small.nvm.size = ELEMENT_NVM_SIZE - 1;
    assert_int_equal(element_make(&small.nvm, &issue), GT_ERR_RANGE);
    assert_int_equal(element_open(&b.element, &small), GT_ERR_RANGE);
    issue.meter_no = 1000000000000;
    assert_int_equal(element_make(&ports.nvm, &issue), GT_ERR_RANGE);
    issue.meter_no = 1;
    issue.kind = (suite_kind)SUITES;
    assert_int_equal(element_make(&ports.nvm, &issue), GT_ERR_RANGE);
    assert_int_equal(element_open(&b.element, &ports), GT_ERR_NOT_FOUND);
    issue.kind = SUITE_TDES;
    small.nvm.size = ELEMENT_NVM_SIZE; /* exactly enough */
    assert_int_equal(element_make(&small.nvm, &issue), GT_ERR_OK);
    assert_int_equal(element_open(&b.element, &small), GT_ERR_OK);
    b.eeprom.dead = true;
    assert_int_equal(element_make(&ports.nvm, &issue), GT_ERR_IO);
    assert_int_equal(element_open(&b.element, &ports), GT_ERR_IO);
}

/* Any single byte of the identity file rots: the other place is older or blank, so it is no
 * element, or damaged; never an element of another suite. */
static void test_open_damaged(void **state)
{
    (void)state;
    static bench whole;
    bench_make(&b, SUITE_AES128);
    whole = b;
    for (uint32_t at = 0; at < ELEMENT_NVM_SIZE; at++) {
        bench_copy(&b, &whole);
        if (b.eeprom.cells[at] == 0xFF) {
            continue;
        }
        b.eeprom.cells[at] ^= 0x04;
        const gt_err err = bench_power(&b);
        assert_true(err == GT_ERR_OK || err == GT_ERR_NOT_FOUND);
        if (err == GT_ERR_OK) {
            assert_int_equal(b.element.kind, SUITE_AES128);
        }
    }
}

/* A dead memory: every command that needs it says so, and does nothing. */
static void test_memory_dead(void **state)
{
    (void)state;
    static const char *const commands[] = {
        "00B0820010",
        "00B2010C04",
        "04B08200090000000004D682000A",
        "04B2010C090000000004D6820008",
        "8030000C0400000000",
        "80FA0003080011223344556677",
        "8432010C0C000102030405060708090A0B",
        "04D682240A00000000000100000000",
        "00D68500021122",
        "04DC010C080000000000000000",
        ("84D401FF2800010203000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F0000000"
         "0"),
    };
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        bench_make(&b, SUITE_AES128);
        bench_challenge(&b);
        b.eeprom.dead = true;
        const uint16_t status = bench_send(&b, commands[i]);
        if (status != ELEMENT_SW_MEMORY || b.answer.len != 0) {
            fail_msg("%s: %04X", commands[i], status);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused),      cmocka_unit_test(test_challenge),
        cmocka_unit_test(test_identity),     cmocka_unit_test(test_reset),
        cmocka_unit_test(test_make_refuses), cmocka_unit_test(test_open_damaged),
        cmocka_unit_test(test_memory_dead)};
    return cmocka_run_group_tests_name("element/commands", tests, NULL, NULL);
}
