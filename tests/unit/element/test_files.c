/* Files: every file by every way in, offsets at their ends, MACs and seals that are wrong. */
#include "bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static bench b;

static const suite_kind kinds[] = {SUITE_TDES, SUITE_AES128, SUITE_SM4};

typedef enum way { NEVER, FREE, MAC, SEALED } way;

static const struct {
    uint8_t sfi;
    uint16_t size;
    uint16_t readable;
    way write;
} files[] = {
    {0x01, 8, 0, NEVER},      {0x02, 64, 64, MAC},      {0x03, 258, 258, MAC},
    {0x04, 258, 258, MAC},    {0x05, 64, 64, FREE},     {0x06, 130, 4, NEVER},
    {0x08, 64, 64, SEALED},   {0x09, 250, 250, SEALED}, {0x0B, 250, 250, SEALED},
    {0x10, 250, 250, SEALED}, {0x11, 250, 250, SEALED}, {0x12, 250, 250, SEALED},
    {0x13, 250, 250, SEALED}, {0x15, 250, 250, SEALED}, {0x18, 250, 250, MAC},
    {0x19, 16, 16, NEVER},    {0x1A, 250, 250, MAC},    {0x1B, 250, 250, MAC},
    {0x1C, 250, 250, MAC},
};

static uint16_t plain_read(uint8_t p1, unsigned offset, unsigned len)
{
    const uint8_t command[] = {0x00, 0xB0, p1, (uint8_t)offset, (uint8_t)len};
    element_apdu(&b.element, command, sizeof command, &b.answer);
    return b.answer.status;
}

static uint16_t plain_write(uint8_t p1, uint8_t offset, const uint8_t *data, size_t len)
{
    uint8_t command[GT_APDU_MAX] = {0x00, 0xD6, p1, offset, (uint8_t)len};
    memcpy(command + GT_APDU_HEAD_LEN, data, len);
    element_apdu(&b.element, command, GT_APDU_HEAD_LEN + len, &b.answer);
    return b.answer.status;
}

static uint16_t mac_write(uint8_t sfi, uint8_t offset, const uint8_t *text, size_t len)
{
    const element_host_text t = {.sfi = sfi, .offset = offset, .text = text, .len = len};
    return bench_write(&b, &t);
}

/* Every file number 0 .. 1FH, every way to write, on every suite. */
static void test_ways(void **state)
{
    (void)state;
    const uint8_t text[] = {0xA5, 0x5A, 0x3C};
    for (size_t k = 0; k < SUITES; k++) {
        bench_make(&b, kinds[k]);
        bench_challenge(&b);
        for (uint8_t sfi = 0; sfi < 0x20; sfi++) {
            size_t i = 0;
            while (i < sizeof files / sizeof files[0] && files[i].sfi != sfi) {
                i++;
            }
            const bool exists = i < sizeof files / sizeof files[0];
            const way w = exists ? files[i].write : NEVER;
            const uint8_t p1 = 0x80U | sfi;
            const uint16_t none = exists ? ELEMENT_SW_FORBIDDEN : ELEMENT_SW_NO_FILE;
            assert_int_equal(plain_write(p1, 1, text, 3), w == FREE ? GT_SW_OK : none);
            if (w == MAC || w == SEALED) {
                assert_int_equal(mac_write(sfi, 1, text, 3), GT_SW_OK);
            } else {
                const element_host_text t = {.sfi = sfi, .offset = 1, .text = text, .len = 3};
                uint8_t out[GT_APDU_DATA_MAX];
                size_t len = 0;
                assert_int_equal(element_host_write(&b.host, &t, out, &len), GT_ERR_NOT_FOUND);
                const uint8_t data[7] = {0};
                uint8_t command[12] = {0x04, 0xD6, p1, 1, 7};
                memcpy(command + 5, data, 7);
                element_apdu(&b.element, command, sizeof command, &b.answer);
                assert_int_equal(b.answer.status, none);
            }
            const bool readable = exists && files[i].readable > 0;
            assert_int_equal(plain_read(p1, 1, 3), readable ? GT_SW_OK : ELEMENT_SW_NO_FILE);
            if (readable && w != NEVER) {
                assert_memory_equal(b.answer.data, text, 3);
            }
            /* without the 80H it names no file */
            assert_int_equal(plain_read(sfi, 1, 3), ELEMENT_SW_NO_FILE);
            assert_int_equal(plain_read(0xA0U | sfi, 1, 3), ELEMENT_SW_NO_FILE);
        }
    }
}

static void test_ends(void **state)
{
    (void)state;
    bench_make(&b, SUITE_AES128);
    bench_challenge(&b);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        const uint8_t p1 = 0x80U | files[i].sfi;
        const unsigned end = files[i].readable;
        if (end == 0) {
            continue;
        }
        const unsigned last = end > 256 ? 255 : end - 1;
        assert_int_equal(plain_read(p1, last, 1), GT_SW_OK);
        assert_int_equal(plain_read(p1, last, end - last), GT_SW_OK);
        assert_int_equal(plain_read(p1, last, end - last + 1), ELEMENT_SW_OFFSET);
        assert_int_equal(plain_read(p1, 0, end < 255 ? end : 255), GT_SW_OK);
        if (end < 255) {
            assert_int_equal(plain_read(p1, 0, end + 1), ELEMENT_SW_OFFSET);
        }
        const uint8_t text[4] = {1, 2, 3, 4};
        if (files[i].write == MAC || files[i].write == SEALED) {
            assert_int_equal(mac_write(files[i].sfi, (uint8_t)last, text, end - last), GT_SW_OK);
            assert_int_equal(mac_write(files[i].sfi, (uint8_t)last, text, end - last + 1),
                             ELEMENT_SW_OFFSET);
        }
        if (files[i].write == FREE) {
            assert_int_equal(plain_write(p1, (uint8_t)last, text, 1), GT_SW_OK);
            assert_int_equal(plain_write(p1, (uint8_t)last, text, 2), ELEMENT_SW_OFFSET);
        }
    }
}

/* A tariff file of 258 bytes moves in 240 and 18. */
static void test_long_file(void **state)
{
    (void)state;
    for (size_t k = 0; k < SUITES; k++) {
        bench_make(&b, kinds[k]);
        bench_challenge(&b);
        uint8_t text[258];
        for (size_t i = 0; i < sizeof text; i++) {
            text[i] = (uint8_t)(i * 7 + 1);
        }
        assert_int_equal(mac_write(3, 0, text, 240), GT_SW_OK);
        assert_int_equal(mac_write(3, 240, text + 240, 18), GT_SW_OK);
        assert_int_equal(bench_power(&b), GT_ERR_OK);
        assert_int_equal(plain_read(0x83, 0, 240), GT_SW_OK);
        assert_memory_equal(b.answer.data, text, 240);
        assert_int_equal(plain_read(0x83, 240, 18), GT_SW_OK);
        assert_memory_equal(b.answer.data, text + 240, 18);
    }
}

/* Each bit of a good command turned: no write, and the file as it was. */
static void test_every_bit(void **state)
{
    (void)state;
    static const uint8_t sfis[] = {0x02, 0x08, 0x10};
    const uint8_t text[] = {0x1A, 0, 0x30, 0x59, 0x23, 0x21, 0x11, 0x26};
    for (size_t k = 0; k < SUITES; k++) {
        for (size_t f = 0; f < sizeof sfis; f++) {
            bench_make(&b, kinds[k]);
            bench_challenge(&b);
            uint8_t command[GT_APDU_MAX] = {0x04, 0xD6, 0x80U | sfis[f], 0};
            const element_host_text t = {.sfi = sfis[f], .text = text, .len = sizeof text};
            size_t len = 0;
            assert_int_equal(element_host_write(&b.host, &t, command + 5, &len), GT_ERR_OK);
            command[4] = (uint8_t)len;
            const uint64_t writes = b.eeprom.writes;
            for (size_t bit = 0; bit < (5 + len) * 8; bit++) {
                command[bit / 8] ^= (uint8_t)(1U << bit % 8);
                element_apdu(&b.element, command, 5 + len, &b.answer);
                const bool head = bit < 40;
                if (head ? b.answer.status == GT_SW_OK && (command[1] == 0xD6)
                         : b.answer.status != ELEMENT_SW_MAC) {
                    fail_msg("bit %zu: %04X", bit, b.answer.status);
                }
                command[bit / 8] ^= (uint8_t)(1U << bit % 8);
            }
            assert_int_equal(b.eeprom.writes, writes);
            element_apdu(&b.element, command, 5 + len, &b.answer);
            assert_int_equal(b.answer.status, GT_SW_OK);
        }
    }
}

/* A right MAC over bytes that were never sealed. */
static void test_unsealed(void **state)
{
    (void)state;
    for (size_t k = 0; k < SUITES; k++) {
        bench_make(&b, kinds[k]);
        bench_challenge(&b);
        uint8_t command[5 + 20] = {0x04, 0xD6, 0x88, 0x00, 0x14, 1, 2, 3};
        element_host_mac(&b.host, ELEMENT_KEY_CONTROL, command, command + 5, 16, command + 21);
        element_apdu(&b.element, command, sizeof command, &b.answer);
        assert_int_equal(b.answer.status, ELEMENT_SW_DATA);
        /* and under the key of another file */
        element_host_mac(&b.host, ELEMENT_KEY_PARAMETER, command, command + 5, 16, command + 21);
        element_apdu(&b.element, command, sizeof command, &b.answer);
        assert_int_equal(b.answer.status, ELEMENT_SW_MAC);
        uint8_t short_one[5 + 4] = {0x04, 0xD6, 0x88, 0x00, 0x04};
        element_host_mac(&b.host, ELEMENT_KEY_CONTROL, short_one, short_one, 0, short_one + 5);
        element_apdu(&b.element, short_one, sizeof short_one, &b.answer);
        assert_int_equal(b.answer.status, ELEMENT_SW_LENGTH);
    }
}

static void test_read_with_mac(void **state)
{
    (void)state;
    static const struct {
        const char *command;
        uint16_t want;
    } rows[] = {
        {"04B0822409112233440482000008", GT_SW_OK},
        {"04B08224081122334404820000", ELEMENT_SW_LENGTH},
        {"04B082240A112233440482000008AA", ELEMENT_SW_LENGTH},
        {"04B0822409112233440482000004", ELEMENT_SW_LENGTH},
        {"04B0822409112233440482000000", ELEMENT_SW_LENGTH},
        {"04B0823E09112233440482000007", ELEMENT_SW_OFFSET},
        {"04B0812409112233440482000008", ELEMENT_SW_NO_FILE},
        {"04B0872409112233440482000008", ELEMENT_SW_NO_FILE},
        {"04B0860109112233440482000008", ELEMENT_SW_OFFSET},
    };
    for (size_t k = 0; k < SUITES; k++) {
        bench_make(&b, kinds[k]);
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            if (bench_send(&b, rows[i].command) != rows[i].want) {
                fail_msg("%s: %04X", rows[i].command, b.answer.status);
            }
        }
        const uint8_t asked[8] = {0x11, 0x22, 0x33, 0x44};
        uint8_t cipher[8];
        const uint8_t head[] = {0x04, 0xD6, 0x82, 0x1E, 0x0A};
        element_host_identify(&b.host, asked, cipher);
        assert_int_equal(bench_send(&b, "04B0821E091122334404D6821E0A"), GT_SW_OK);
        assert_int_equal(b.answer.len, 10);
        const uint8_t number[] = {0x20, 0x26, 0x01, 0x00, 0x02, 0x57};
        assert_memory_equal(b.answer.data, number, 6);
        assert_true(element_host_verify(&b.host, ELEMENT_KEY_PARAMETER, head, number, 6,
                                        b.answer.data + 6));
    }
}

static void test_host_refuses(void **state)
{
    (void)state;
    uint8_t text[GT_APDU_DATA_MAX + 1] = {0};
    uint8_t out[GT_APDU_DATA_MAX];
    size_t len = 99;
    bench_make(&b, SUITE_AES128);
    element_host_text t = {.sfi = 2, .text = text, .len = 0};
    assert_int_equal(element_host_write(&b.host, &t, out, &len), GT_ERR_RANGE);
    t.len = GT_APDU_DATA_MAX - 3;
    assert_int_equal(element_host_write(&b.host, &t, out, &len), GT_ERR_RANGE);
    t.sfi = 8;
    t.len = 239;
    assert_int_equal(element_host_write(&b.host, &t, out, &len), GT_ERR_RANGE);
    assert_int_equal(len, 99);
    t.len = 238;
    assert_int_equal(element_host_write(&b.host, &t, out, &len), GT_ERR_OK);
    bench_make(&b, SUITE_TDES); /* shorter blocks: the seal's own limit comes first */
    t.len = 239;
    assert_int_equal(element_host_write(&b.host, &t, out, &len), GT_ERR_RANGE);
    element_host other;
    assert_int_equal(element_host_derive(&b.host, 1000000000000, &other), GT_ERR_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ways),        cmocka_unit_test(test_ends),
        cmocka_unit_test(test_long_file),   cmocka_unit_test(test_every_bit),
        cmocka_unit_test(test_unsealed),    cmocka_unit_test(test_read_with_mac),
        cmocka_unit_test(test_host_refuses)};
    return cmocka_run_group_tests_name("element/files", tests, NULL, NULL);
}
