/* A user card proves itself to the element; what it may then send, and what it may not. */
#include "bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static bench b;

static const suite_kind kinds[] = {SUITE_TDES, SUITE_AES128, SUITE_SM4};
static const uint8_t serial[8] = {0xC0, 1, 2, 3, 4, 5, 6, 7};

/* The card's own key: the child of the site's card key for its serial. */
static suite_key card_key(void)
{
    suite_key key = {.kind = b.host.kind};
    suite_factor factor = {.label = "card", .version = b.host.version[ELEMENT_KEY_CARD]};
    memcpy(key.bytes, b.host.key[ELEMENT_KEY_CARD], SUITE_KEY_LEN);
    memcpy(factor.device, serial, sizeof serial);
    suite_derive(&key, &factor, &key);
    return key;
}

static uint16_t prove(uint8_t spoil)
{
    uint8_t data[16];
    assert_int_equal(bench_send(&b, "0084000008"), GT_SW_OK);
    const suite_key key = card_key();
    suite_answer(&key, b.answer.data, data);
    data[7] ^= spoil;
    memcpy(data + 8, serial, sizeof serial);
    return bench_send_parts(&b, "00820001", data, sizeof data);
}

static uint16_t card_send(const char *head5, const char *text, size_t len)
{
    uint8_t command[GT_APDU_MAX];
    uint8_t seed[8] = {0};
    memcpy(command, head5, 5);
    memcpy(command + 5, text, len);
    memcpy(seed, b.host.seed, 4);
    const suite_key key = card_key();
    const suite_message message = {
        .seed = seed, .head = command, .head_len = 5, .body = command + 5, .body_len = len};
    suite_mac(&key, &message, command + 5 + len);
    element_apdu(&b.element, command, 5 + len + SUITE_MAC_LEN, &b.answer);
    return b.answer.status;
}

#define INCREASE "\x84\x32\x01\x0C\x0C"
#define BUY_1 "\0\0\1\0\0\0\0\1"

static void test_card(void **state)
{
    (void)state;
    for (size_t k = 0; k < SUITES; k++) {
        bench_make(&b, kinds[k]);
        bench_challenge(&b);
        assert_int_equal(card_send(INCREASE, BUY_1, 8), ELEMENT_SW_MAC); /* not proved yet */
        assert_int_equal(prove(1), ELEMENT_SW_AUTH);
        bench_challenge(&b);
        assert_int_equal(card_send(INCREASE, BUY_1, 8), ELEMENT_SW_MAC);
        assert_int_equal(prove(0), GT_SW_OK);
        bench_challenge(&b);
        assert_int_equal(card_send(INCREASE, BUY_1, 8), GT_SW_OK);
        assert_int_equal(card_send(INCREASE, BUY_1, 8), ELEMENT_SW_CONDITION);
        assert_int_equal(bench_amount(&b), 256);
        assert_int_equal(bench_increase(&b, 1, 2), ELEMENT_SW_MAC); /* the host must wait */
        /* parameters yes, relay and keys no */
        assert_int_equal(card_send("\x04\xD6\x82\x00\x05", "\1", 1), GT_SW_OK);
        assert_int_equal(card_send("\x04\xD6\x88\x00\x14", "0123456789ABCDEF", 16), ELEMENT_SW_MAC);
        assert_int_equal(
            card_send("\x84\xD4\x01\xFF\x28", "0123456789ABCDEF0123456789ABCDEF0123", 36),
            ELEMENT_SW_MAC);
        /* a reset, a select or a failure ends it */
        assert_int_equal(prove(0), GT_SW_OK);
        assert_int_equal(prove(1), ELEMENT_SW_AUTH);
        bench_challenge(&b);
        assert_int_equal(card_send("\x04\xD6\x82\x00\x05", "\1", 1), ELEMENT_SW_MAC);
        assert_int_equal(prove(0), GT_SW_OK);
        assert_int_equal(bench_send(&b, "00A4000002DF01"), GT_SW_OK);
        bench_challenge(&b);
        assert_int_equal(card_send("\x04\xD6\x82\x00\x05", "\1", 1), ELEMENT_SW_MAC);
        assert_int_equal(bench_increase(&b, 1, 2), GT_SW_OK);
    }
}

static void test_one_guess(void **state)
{
    (void)state;
    bench_make(&b, SUITE_TDES);
    uint8_t data[16] = {0};
    memcpy(data + 8, serial, sizeof serial);
    assert_int_equal(bench_send(&b, "0084000004"), GT_SW_OK);
    assert_int_equal(bench_send_parts(&b, "00820001", data, 16), ELEMENT_SW_CHALLENGE);
    assert_int_equal(bench_send(&b, "0084000008"), GT_SW_OK);
    assert_int_equal(bench_send_parts(&b, "00820001", data, 16), ELEMENT_SW_AUTH);
    assert_int_equal(bench_send_parts(&b, "00820001", data, 16), ELEMENT_SW_CHALLENGE);
    assert_int_equal(bench_send(&b, "0084000008"), GT_SW_OK);
    b.eeprom.dead = true;
    assert_int_equal(bench_send_parts(&b, "00820001", data, 16), ELEMENT_SW_MEMORY);
}

/* Both proofs of a card flow from the meter's side: 80 FA 00 01 and 02, then 80 FA 00 00. */
static void test_keys_for_a_card(void **state)
{
    (void)state;
    for (size_t k = 0; k < SUITES; k++) {
        bench_make(&b, kinds[k]);
        const uint8_t asked[8] = {7, 7, 7};
        uint8_t want[8];
        const suite_key key = card_key();
        suite_answer(&key, asked, want);
        assert_int_equal(bench_send_parts(&b, "80FA0001", serial, 8), GT_SW_OK);
        assert_int_equal(bench_send_parts(&b, "80FA0000", asked, 8), GT_SW_OK);
        assert_memory_equal(b.answer.data, want, 8);
        assert_int_equal(bench_send_parts(&b, "80FA0002", serial, 8), GT_SW_OK);
        assert_int_equal(bench_send_parts(&b, "80FA0000", asked, 8), GT_SW_OK);
        assert_memory_not_equal(b.answer.data, want, 8);
    }
}

/* Text for a card: MAC under the card's key over the command that the card will execute. */
static void test_give_to_card(void **state)
{
    (void)state;
    for (size_t k = 0; k < SUITES; k++) {
        bench_make(&b, kinds[k]);
        uint8_t data[17] = {0xAA, 0xBB, 0xCC, 0xDD, 0x04, 0xD6, 0x85, 0x00, 0x0A};
        memcpy(data + 9, serial, sizeof serial);
        assert_int_equal(bench_send_parts(&b, "04B0821E", data, sizeof data), GT_SW_OK);
        assert_int_equal(b.answer.len, 10);
        const uint8_t seed[8] = {0xAA, 0xBB, 0xCC, 0xDD};
        const suite_key key = card_key();
        uint8_t mac[SUITE_MAC_LEN];
        const suite_message message = {
            .seed = seed, .head = data + 4, .head_len = 5, .body = b.answer.data, .body_len = 6};
        suite_mac(&key, &message, mac);
        assert_memory_equal(mac, b.answer.data + 6, sizeof mac);
        b.eeprom.dead = true;
        assert_int_equal(bench_send_parts(&b, "04B2010C", data, sizeof data), ELEMENT_SW_LENGTH);
        data[8] = 8;
        assert_int_equal(bench_send_parts(&b, "04B2010C", data, sizeof data), ELEMENT_SW_MEMORY);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_card), cmocka_unit_test(test_one_guess),
        cmocka_unit_test(test_keys_for_a_card), cmocka_unit_test(test_give_to_card)};
    return cmocka_run_group_tests_name("element/card", tests, NULL, NULL);
}
