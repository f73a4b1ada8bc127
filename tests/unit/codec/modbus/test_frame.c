/* Requests and replies against known bytes; then every prefix and every flipped bit is refused. */
#include "base/hex.h"
#include "codec/modbus/tcp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

typedef struct bytes {
    uint8_t at[MODBUS_ADU_MAX + 2];
    size_t len;
} bytes;

static bytes unhex(const char *text)
{
    bytes b = {.len = 0};
    assert_int_equal(gt_hex_parse(text, b.at, sizeof b.at, &b.len), GT_ERR_OK);
    return b;
}

static const struct {
    const char *hex;
    modbus_request want;
} requests[] = {
    {"0104015600029027", {1, MODBUS_READ_INPUT, 342, 2, {0}, 0, 0}},
    {"0103000c00020408", {1, MODBUS_READ_HOLDING, 12, 2, {0}, 0, 0}},
    {"011000160002043f8000007f75", {1, MODBUS_WRITE_MULTIPLE, 22, 2, {0x3F80, 0}, 0, 0}},
    {"110600010003 9a9b", {0x11, MODBUS_WRITE_SINGLE, 1, 1, {3}, 0, 0}},
    {"f7037fff0001b978", {247, MODBUS_READ_HOLDING, 0x7FFF, 1, {0}, 0, 0}},
};

static bytes spaceless(const char *text)
{
    char copy[64];
    size_t len = 0;
    for (const char *at = text; *at != '\0'; at++) {
        if (*at != ' ') {
            copy[len++] = *at;
        }
    }
    copy[len] = '\0';
    return unhex(copy);
}

static void test_requests(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        const bytes in = spaceless(requests[i].hex);
        modbus_request got;
        memset(&got, 0xA5, sizeof got);
        assert_int_equal(modbus_request_decode(in.at, in.len, &got), GT_ERR_OK);
        assert_memory_equal(&got, &requests[i].want, sizeof got);
        uint8_t out[MODBUS_ADU_MAX];
        size_t len = 0;
        assert_int_equal(modbus_request_encode(&got, out, sizeof out, &len), GT_ERR_OK);
        assert_int_equal(len, in.len);
        assert_memory_equal(out, in.at, len);
        size_t told = 0;
        assert_int_equal(modbus_request_len(in.at, in.len, &told), GT_ERR_OK);
        assert_int_equal(told, in.len);
        assert_int_equal(modbus_request_encode(&got, out, len - 1, &told), GT_ERR_SPACE);
    }
}

static void test_requests_damaged(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        bytes in = spaceless(requests[i].hex);
        modbus_request out;
        for (size_t len = 0; len < in.len; len++) {
            assert_int_not_equal(modbus_request_decode(in.at, len, &out), GT_ERR_OK);
        }
        for (size_t bit = 0; bit < 8 * in.len; bit++) {
            in.at[bit / 8] ^= (uint8_t)(1U << bit % 8);
            assert_int_equal(modbus_request_decode(in.at, in.len, &out), GT_ERR_CHECKSUM);
            in.at[bit / 8] ^= (uint8_t)(1U << bit % 8);
        }
        assert_int_not_equal(modbus_request_decode(in.at, in.len + 1, &out), GT_ERR_OK);
    }
}

static void test_request_limits(void **state)
{
    (void)state;
    static const struct {
        modbus_request request;
        gt_err want;
    } rows[] = {
        {{1, MODBUS_READ_HOLDING, 0, 125, {0}, 0, 0}, GT_ERR_OK},
        {{1, MODBUS_READ_HOLDING, 0, 126, {0}, 0, 0}, GT_ERR_RANGE},
        {{1, MODBUS_READ_HOLDING, 0, 0, {0}, 0, 0}, GT_ERR_RANGE},
        {{1, MODBUS_READ_HOLDING, 0xFFFF, 1, {0}, 0, 0}, GT_ERR_OK},
        {{1, MODBUS_READ_HOLDING, 0xFFFF, 2, {0}, 0, 0}, GT_ERR_RANGE},
        {{0, MODBUS_READ_HOLDING, 0, 1, {0}, 0, 0}, GT_ERR_RANGE},
        {{248, MODBUS_READ_HOLDING, 0, 1, {0}, 0, 0}, GT_ERR_RANGE},
        {{0, MODBUS_WRITE_MULTIPLE, 0, 123, {0}, 0, 0}, GT_ERR_OK},
        {{0, MODBUS_WRITE_MULTIPLE, 0, 124, {0}, 0, 0}, GT_ERR_RANGE},
        {{1, MODBUS_WRITE_SINGLE, 0, 2, {0}, 0, 0}, GT_ERR_RANGE},
        {{1, MODBUS_WRITE_COIL, 0, 1, {1}, 0, 0}, GT_ERR_OK},
        {{1, MODBUS_WRITE_COIL, 0, 1, {2}, 0, 0}, GT_ERR_RANGE},
        {{1, (modbus_function)0x07, 0, 1, {0}, 0, 0}, GT_ERR_UNSUPPORTED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t out[MODBUS_ADU_MAX];
        size_t len = 0;
        assert_int_equal(modbus_request_encode(&rows[i].request, out, sizeof out, &len),
                         rows[i].want);
        modbus_reply reply; /* nor is there an answer to what cannot be asked */
        assert_int_equal(modbus_reply_decode(&rows[i].request, out, 0, &reply),
                         rows[i].want != GT_ERR_OK ? rows[i].want : GT_ERR_TRUNCATED);
    }
}

/* CRC right, content not: what a server is to answer. */
static void test_request_refused(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        gt_err want;
        modbus_exception answer;
    } rows[] = {
        {"01030000007e c5ea", GT_ERR_RANGE, MODBUS_ILLEGAL_VALUE},
        {"0107 41e2", GT_ERR_UNSUPPORTED, MODBUS_ILLEGAL_FUNCTION},
        {"010500 0aff01 6df8", GT_ERR_MALFORMED, MODBUS_ILLEGAL_VALUE},
        {"0110001600020300000000 0000", GT_ERR_CHECKSUM, MODBUS_NO_EXCEPTION},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const bytes in = spaceless(rows[i].hex);
        modbus_request out;
        const gt_err got = modbus_request_decode(in.at, in.len, &out);
        assert_int_equal(got, rows[i].want);
        assert_int_equal(modbus_exception_of(got), rows[i].answer);
    }
}

static const struct {
    const char *hex;
    modbus_request request;
    modbus_reply want;
} replies[] = {
    {"01030442c800006fb5",
     {1, MODBUS_READ_HOLDING, 12, 2, {0}, 0, 0},
     {1, MODBUS_READ_HOLDING, 0, 12, 2, {0x42C8, 0}, {0}}},
    {"1106000100039a9b",
     {0x11, MODBUS_WRITE_SINGLE, 1, 1, {3}, 0, 0},
     {0x11, MODBUS_WRITE_SINGLE, 0, 1, 1, {3}, {0}}},
    {"018302c0f1",
     {1, MODBUS_READ_HOLDING, 12, 2, {0}, 0, 0},
     {1, MODBUS_READ_HOLDING, 2, 12, 2, {0}, {0}}},
    {"011000160002 a00c",
     {1, MODBUS_WRITE_MULTIPLE, 22, 2, {1, 2}, 0, 0},
     {1, MODBUS_WRITE_MULTIPLE, 0, 22, 2, {0}, {0}}},
};

static void test_replies(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof replies / sizeof replies[0]; i++) {
        bytes in = spaceless(replies[i].hex);
        modbus_reply got;
        memset(&got, 0xA5, sizeof got);
        assert_int_equal(modbus_reply_decode(&replies[i].request, in.at, in.len, &got), GT_ERR_OK);
        assert_memory_equal(&got, &replies[i].want, sizeof got);
        uint8_t out[MODBUS_ADU_MAX];
        size_t len = 0;
        assert_int_equal(modbus_reply_encode(&got, out, sizeof out, &len), GT_ERR_OK);
        assert_int_equal(len, in.len);
        assert_memory_equal(out, in.at, len);
        for (len = 0; len < in.len; len++) {
            assert_int_not_equal(modbus_reply_decode(&replies[i].request, in.at, len, &got),
                                 GT_ERR_OK);
        }
        for (size_t bit = 0; bit < 8 * in.len; bit++) {
            in.at[bit / 8] ^= (uint8_t)(1U << bit % 8);
            assert_int_equal(modbus_reply_decode(&replies[i].request, in.at, in.len, &got),
                             GT_ERR_CHECKSUM);
            in.at[bit / 8] ^= (uint8_t)(1U << bit % 8);
        }
    }
}

/* Too short and too long for a data unit, whatever stands there. */
static void test_size(void **state)
{
    (void)state;
    static const struct {
        size_t len;
        gt_err want;
    } rows[] = {
        {0, GT_ERR_TRUNCATED},
        {MODBUS_ADU_MIN - 1, GT_ERR_TRUNCATED},
        {MODBUS_ADU_MIN, GT_ERR_CHECKSUM},
        {MODBUS_ADU_MAX, GT_ERR_CHECKSUM},
        {MODBUS_ADU_MAX + 1, GT_ERR_TRAILING},
    };
    static const bytes zeros;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        modbus_request q;
        assert_int_equal(modbus_request_decode(zeros.at, rows[i].len, &q), rows[i].want);
        assert_false(modbus_adu_valid(zeros.at, rows[i].len));
    }
}

static void test_replies_not_encoded(void **state)
{
    (void)state;
    static const struct {
        modbus_reply reply;
        gt_err want;
    } rows[] = {
        {{.unit = 1, .function = (modbus_function)7, .count = 1}, GT_ERR_UNSUPPORTED},
        {{.unit = 1, .function = MODBUS_READ_HOLDING, .count = 0}, GT_ERR_RANGE},
        {{.unit = 1, .function = MODBUS_READ_HOLDING, .count = 126}, GT_ERR_RANGE},
        {{.unit = 1, .function = MODBUS_WRITE_MULTIPLE, .start = 0xFFFF, .count = 2}, GT_ERR_RANGE},
        {{.unit = 1, .function = MODBUS_IDENTIFY, .count = 5}, GT_ERR_RANGE},
        {{.unit = 1,
          .function = MODBUS_IDENTIFY,
          .count = 1,
          .identity = {.objects_len = MODBUS_OBJECTS_MAX + 1}},
         GT_ERR_RANGE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t out[MODBUS_TCP_MAX];
        size_t len = 77;
        assert_int_equal(modbus_reply_encode(&rows[i].reply, out, sizeof out, &len), rows[i].want);
        assert_int_equal(modbus_tcp_reply_encode(&rows[i].reply, 1, out, sizeof out, &len),
                         rows[i].want);
        assert_int_equal(len, 77);
    }
}

/* An identification may end where a data unit may, not behind it. */
static void test_identity_len(void **state)
{
    (void)state;
    const bytes request = unhex("112b0e0100b054");
    static const struct {
        uint8_t text_len;
        gt_err want;
        size_t len;
    } rows[] = {{244, GT_ERR_OK, MODBUS_ADU_MAX}, {245, GT_ERR_MISMATCH, 77}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const uint8_t got[MODBUS_ADU_MAX] = {0x11, 0x2B, 0x0E, 1, 1, 0, 0, 1, 0, rows[i].text_len};
        const modbus_exchange x = {request.at, request.len, got, sizeof got};
        size_t len = 77;
        assert_int_equal(modbus_reply_len(&x, &len), rows[i].want);
        assert_int_equal(len, rows[i].len);
    }
}

/* An answer that is right in itself but belongs to another request. */
static void test_reply_mismatch(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        modbus_request request;
    } rows[] = {
        {"01030442c800006fb5", {2, MODBUS_READ_HOLDING, 12, 2, {0}, 0, 0}},
        {"01030442c800006fb5", {1, MODBUS_READ_INPUT, 12, 2, {0}, 0, 0}},
        {"01030442c800006fb5", {1, MODBUS_READ_HOLDING, 12, 1, {0}, 0, 0}},
        {"1106000100039a9b", {0x11, MODBUS_WRITE_SINGLE, 2, 1, {3}, 0, 0}},
        {"1106000100039a9b", {0x11, MODBUS_WRITE_SINGLE, 1, 1, {4}, 0, 0}},
        {"018302c0f1", {1, MODBUS_READ_INPUT, 12, 2, {0}, 0, 0}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const bytes in = unhex(rows[i].hex);
        modbus_reply out;
        assert_int_equal(modbus_reply_decode(&rows[i].request, in.at, in.len, &out),
                         GT_ERR_MISMATCH);
    }
}

static void test_reply_len(void **state)
{
    (void)state;
    static const struct {
        const char *request;
        const char *got;
        gt_err want;
        size_t len;
    } rows[] = {
        {"0103000c00020408", "", GT_ERR_TRUNCATED, 0},
        {"0103000c00020408", "01", GT_ERR_TRUNCATED, 0},
        {"0103000c00020408", "0103", GT_ERR_TRUNCATED, 0},
        {"0103000c00020408", "010304", GT_ERR_OK, 9},
        {"0103000c00020408", "010304aabbccddeeff0011", GT_ERR_OK, 9},
        {"0103000c00020408", "010306", GT_ERR_MISMATCH, 0},
        {"0103000c00020408", "0183", GT_ERR_OK, 5},
        {"0103000c00020408", "02", GT_ERR_MISMATCH, 0},
        {"0103000c00020408", "0104", GT_ERR_MISMATCH, 0},
        {"011000160002043f8000007f75", "0110", GT_ERR_OK, 8},
        {"0107000aff00d5f8", "0107", GT_ERR_UNSUPPORTED, 0},
        {"0103", "0103", GT_ERR_UNSUPPORTED, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const bytes request = unhex(rows[i].request);
        const bytes got = unhex(rows[i].got);
        const modbus_exchange x = {request.at, request.len, got.at, got.len};
        size_t len = 0;
        assert_int_equal(modbus_reply_len(&x, &len), rows[i].want);
        assert_int_equal(len, rows[i].len);
    }
}

static void test_request_len(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        gt_err want;
        size_t len;
    } rows[] = {
        {"01", GT_ERR_TRUNCATED, 0},
        {"0103", GT_ERR_OK, 8},
        {"0110", GT_ERR_TRUNCATED, 0},
        {"01100000000204", GT_ERR_OK, 13},
        {"01100000000203", GT_ERR_MALFORMED, 0},
        {"01100000000200", GT_ERR_MALFORMED, 0},
        {"011000000002f8", GT_ERR_MALFORMED, 0},
        {"0107", GT_ERR_UNSUPPORTED, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const bytes in = unhex(rows[i].hex);
        size_t len = 0;
        assert_int_equal(modbus_request_len(in.at, in.len, &len), rows[i].want);
        assert_int_equal(len, rows[i].len);
    }
}

static void test_exception(void **state)
{
    (void)state;
    const bytes request = unhex("0103000c00020408");
    uint8_t out[MODBUS_EXCEPTION_LEN];
    assert_int_equal(
        modbus_exception_encode(request.at, request.len, MODBUS_ILLEGAL_ADDRESS, out, sizeof out),
        GT_ERR_OK);
    assert_memory_equal(out, unhex("018302c0f1").at, sizeof out);
    assert_int_equal(modbus_exception_encode(request.at, 1, MODBUS_ILLEGAL_ADDRESS, out, 5),
                     GT_ERR_TRUNCATED);
    assert_int_equal(modbus_exception_encode(request.at, 8, MODBUS_ILLEGAL_ADDRESS, out, 4),
                     GT_ERR_SPACE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests),       cmocka_unit_test(test_requests_damaged),
        cmocka_unit_test(test_request_limits), cmocka_unit_test(test_request_refused),
        cmocka_unit_test(test_replies),        cmocka_unit_test(test_reply_mismatch),
        cmocka_unit_test(test_reply_len),      cmocka_unit_test(test_request_len),
        cmocka_unit_test(test_exception),      cmocka_unit_test(test_size),
        cmocka_unit_test(test_identity_len),   cmocka_unit_test(test_replies_not_encoded),
    };
    return cmocka_run_group_tests_name("codec/modbus/frame", tests, NULL, NULL);
}
