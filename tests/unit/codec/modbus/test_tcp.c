/* The header of Modbus TCP, and answers that find their request in whatever order they come. */
#include "base/hex.h"
#include "codec/modbus/tcp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static void test_len(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        gt_err want;
        size_t len;
    } rows[] = {
        {"", GT_ERR_TRUNCATED, 0},
        {"0001000000", GT_ERR_TRUNCATED, 0},
        {"000100000006", GT_ERR_OK, 12},
        {"ffff0000000211", GT_ERR_OK, 8},
        {"0001000000fe", GT_ERR_OK, 260},
        {"0001000000ff", GT_ERR_RANGE, 0},
        {"000100000001", GT_ERR_RANGE, 0},
        {"00010000ffff", GT_ERR_RANGE, 0},
        {"000100010006", GT_ERR_MALFORMED, 0},
        {"00010100", GT_ERR_MALFORMED, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t in[16];
        size_t in_len = 0;
        size_t len = 0;
        assert_int_equal(gt_hex_parse(rows[i].hex, in, sizeof in, &in_len), GT_ERR_OK);
        assert_int_equal(modbus_tcp_len(in, in_len, &len), rows[i].want);
        assert_int_equal(len, rows[i].len);
    }
}

static const modbus_request question = {
    .unit = 1, .function = MODBUS_READ_HOLDING, .start = 0, .count = 2};

static size_t answer_of(uint16_t transaction, uint16_t value, uint8_t out[MODBUS_TCP_MAX])
{
    const modbus_reply a = {.unit = 1,
                            .function = MODBUS_READ_HOLDING,
                            .start = 0,
                            .count = 2,
                            .values = {value, transaction}};
    size_t len = 0;
    assert_int_equal(modbus_tcp_reply_encode(&a, transaction, out, MODBUS_TCP_MAX, &len),
                     GT_ERR_OK);
    return len;
}

static void test_client(void **state)
{
    (void)state;
    modbus_tcp_client client = {.last = 0xFFFA}; /* the numbers go round */
    uint16_t given[MODBUS_TCP_PENDING_MAX];
    uint8_t buf[MODBUS_TCP_MAX];
    size_t len = 0;
    for (size_t i = 0; i < MODBUS_TCP_PENDING_MAX; i++) {
        assert_int_equal(modbus_tcp_client_ask(&client, &question, buf, &len, &given[i]),
                         GT_ERR_OK);
        assert_int_equal(given[i], (uint16_t)(0xFFFB + i));
    }
    uint16_t transaction = 0;
    assert_int_equal(modbus_tcp_client_ask(&client, &question, buf, &len, &transaction),
                     GT_ERR_BUSY);
    modbus_reply a;
    for (size_t i = MODBUS_TCP_PENDING_MAX; i > 0; i--) { /* the last first */
        len = answer_of(given[i - 1], (uint16_t)(100 + i), buf);
        assert_int_equal(modbus_tcp_client_answer(&client, buf, len, &transaction, &a), GT_ERR_OK);
        assert_int_equal(transaction, given[i - 1]);
        assert_int_equal(a.values[0], 100 + i);
        assert_int_equal(modbus_tcp_client_answer(&client, buf, len, &transaction, &a),
                         GT_ERR_NOT_FOUND);
    }
}

static void test_client_refused(void **state)
{
    (void)state;
    modbus_tcp_client client = {.last = 0};
    uint8_t buf[MODBUS_TCP_MAX];
    size_t len = 0;
    uint16_t given = 0;
    uint16_t transaction = 0;
    modbus_reply a;
    modbus_request q = question;
    q.count = 126;
    assert_int_equal(modbus_tcp_client_ask(&client, &q, buf, &len, &given), GT_ERR_RANGE);
    assert_int_equal(client.last, 0);
    q.count = 3;
    assert_int_equal(modbus_tcp_client_ask(&client, &q, buf, &len, &given), GT_ERR_OK);
    len = answer_of(given, 7, buf);
    assert_int_equal(modbus_tcp_client_answer(&client, buf, len - 1, &transaction, &a),
                     GT_ERR_TRUNCATED);
    assert_int_equal(modbus_tcp_client_answer(&client, buf, len, &transaction, &a),
                     GT_ERR_MISMATCH); /* two registers for three */
    assert_int_equal(transaction, given);
    assert_false(modbus_tcp_client_forget(&client, given));
    assert_int_equal(modbus_tcp_client_ask(&client, &question, buf, &len, &given), GT_ERR_OK);
    assert_true(modbus_tcp_client_forget(&client, given));
    len = answer_of(given, 7, buf);
    assert_int_equal(modbus_tcp_client_answer(&client, buf, len, &transaction, &a),
                     GT_ERR_NOT_FOUND);
    /* A number that still waits is not given out again. */
    client.last = 0;
    assert_int_equal(modbus_tcp_client_ask(&client, &question, buf, &len, &given), GT_ERR_OK);
    client.last = 0;
    assert_int_equal(modbus_tcp_client_ask(&client, &question, buf, &len, &given), GT_ERR_OK);
    assert_int_equal(given, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_len),
        cmocka_unit_test(test_client),
        cmocka_unit_test(test_client_refused),
    };
    return cmocka_run_group_tests_name("codec/modbus/tcp", tests, NULL, NULL);
}
