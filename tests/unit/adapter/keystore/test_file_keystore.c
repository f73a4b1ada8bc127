/* The file's rules, and that station and meter come to the same MAC. */
#include "adapter/keystore/file_keystore.h"
#include "crypto/meter_key.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static gt_err open_text(const char *text, mode_t mode, file_keystore **out)
{
    char path[] = "/tmp/gt-key-XXXXXX";
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    assert_int_equal(fchmod(fd, mode), 0);
    (void)close(fd);
    const gt_err err = file_keystore_open(path, out);
    (void)unlink(path);
    return err;
}

static void test_file_rules(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        mode_t mode;
        gt_err want;
    } rows[] = {
        {"000102030405060708090a0b0c0d0e0f\n", 0640, GT_ERR_FORBIDDEN},
        {"000102030405060708090a0b0c0d0e0f\n", 0604, GT_ERR_FORBIDDEN},
        {"000102030405060708090a0b0c0d0e0\n", 0600, GT_ERR_SYNTAX},
        {"000102030405060708090a0b0c0d0e0g\n", 0600, GT_ERR_SYNTAX},
        {"000102030405060708090a0b0c0d0e0f0", 0600, GT_ERR_SYNTAX},
        {"", 0600, GT_ERR_SYNTAX},
    };
    file_keystore *keystore = NULL;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(open_text(rows[i].text, rows[i].mode, &keystore), rows[i].want);
    }
    assert_int_equal(file_keystore_open("/nonexistent/key", &keystore), GT_ERR_NOT_FOUND);
    assert_null(keystore);
    file_keystore_close(NULL);
}

static void test_same_mac_as_the_meter(void **state)
{
    (void)state;
    file_keystore *keystore = NULL;
    assert_int_equal(open_text("000102030405060708090a0b0c0d0e0f\n", 0600, &keystore), GT_ERR_OK);
    const gt_keystore port = file_keystore_port(keystore);
    uint8_t master[METER_KEY_LEN];
    for (uint8_t i = 0; i < METER_KEY_LEN; i++) {
        master[i] = i;
    }
    const uint8_t block[] = {1, 2, 3};
    const meter_key_info info = {
        .purpose = METER_KEY_CONTROL, .meter_no = 202611210042, .version = 1};
    uint8_t key[METER_KEY_LEN];
    assert_int_equal(meter_key_derive(master, &info, key), GT_ERR_OK);
    const meter_command command = {.first_register = 0x0120,
                                   .meter_no = info.meter_no,
                                   .block = block,
                                   .block_len = sizeof block};
    uint8_t want[METER_MAC_LEN];
    assert_int_equal(meter_command_mac(key, &command, want), GT_ERR_OK);

    const uint8_t data[] = {0x01, 0x20, 0x20, 0x26, 0x11, 0x21, 0x00, 0x42, 1, 2, 3};
    uint8_t got[KEYSTORE_MAC_LEN];
    assert_int_equal(port.mac(port.ctx, info.meter_no, 1, "control", data, sizeof data, got),
                     GT_ERR_OK);
    assert_memory_equal(got, want, sizeof got);
    assert_int_equal(port.mac(port.ctx, info.meter_no, 2, "control", data, sizeof data, got),
                     GT_ERR_NOT_FOUND);
    assert_int_equal(port.mac(port.ctx, info.meter_no, 1, "wallet", data, sizeof data, got),
                     GT_ERR_NOT_FOUND);
    assert_int_equal(port.mac(port.ctx, 1000000000000, 1, "control", data, sizeof data, got),
                     GT_ERR_RANGE);
    file_keystore_close(keystore);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_file_rules),
                                       cmocka_unit_test(test_same_mac_as_the_meter)};
    return cmocka_run_group_tests_name("adapter/keystore", tests, NULL, NULL);
}
