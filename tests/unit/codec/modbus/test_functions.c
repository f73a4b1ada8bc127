/* Every function as request, answer and exception, on a serial line and on TCP: known bytes both
 * ways, every prefix, every flipped bit, limits, and what a server answers to what it cannot do. */
#include "base/hex.h"
#include "base/sum.h"
#include "codec/modbus/tcp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

enum { UNIT = 0x11, TRANSACTION = 0x1234 };

typedef struct bytes {
    uint8_t at[MODBUS_TCP_MAX + 4];
    size_t len;
} bytes;

static const uint8_t names[] = {0, 4, 'E', 'x', 'a', 'm', 2, 2, '1', '0'};

/* Bodies as the specification's examples have them, where it has one. */
static const struct {
    const char *ask; /* function and body */
    const char *tell;
    modbus_request request;
    modbus_reply reply;
} rows[] = {
    {"0100130013",
     "0103cd6b05",
     {UNIT, MODBUS_READ_COILS, 0x13, 19, {0}, 0, 0},
     {UNIT, MODBUS_READ_COILS, 0, 0x13, 19, {0x6BCD, 5}, {0}}},
    {"0200c40016",
     "0203acdb35",
     {UNIT, MODBUS_READ_DISCRETE, 0xC4, 22, {0}, 0, 0},
     {UNIT, MODBUS_READ_DISCRETE, 0, 0xC4, 22, {0xDBAC, 0x35}, {0}}},
    {"03006b0003",
     "0306022b00000064",
     {UNIT, MODBUS_READ_HOLDING, 0x6B, 3, {0}, 0, 0},
     {UNIT, MODBUS_READ_HOLDING, 0, 0x6B, 3, {0x22B, 0, 0x64}, {0}}},
    {"0400080001",
     "0402000a",
     {UNIT, MODBUS_READ_INPUT, 8, 1, {0}, 0, 0},
     {UNIT, MODBUS_READ_INPUT, 0, 8, 1, {10}, {0}}},
    {"0500acff00",
     "0500acff00",
     {UNIT, MODBUS_WRITE_COIL, 0xAC, 1, {1}, 0, 0},
     {UNIT, MODBUS_WRITE_COIL, 0, 0xAC, 1, {1}, {0}}},
    {"0500ac0000",
     "0500ac0000",
     {UNIT, MODBUS_WRITE_COIL, 0xAC, 1, {0}, 0, 0},
     {UNIT, MODBUS_WRITE_COIL, 0, 0xAC, 1, {0}, {0}}},
    {"0600010003",
     "0600010003",
     {UNIT, MODBUS_WRITE_SINGLE, 1, 1, {3}, 0, 0},
     {UNIT, MODBUS_WRITE_SINGLE, 0, 1, 1, {3}, {0}}},
    {"0f0013000a02cd01",
     "0f0013000a",
     {UNIT, MODBUS_WRITE_COILS, 0x13, 10, {0x01CD}, 0, 0},
     {UNIT, MODBUS_WRITE_COILS, 0, 0x13, 10, {0}, {0}}},
    {"100001000204000a0102",
     "1000010002",
     {UNIT, MODBUS_WRITE_MULTIPLE, 1, 2, {10, 0x102}, 0, 0},
     {UNIT, MODBUS_WRITE_MULTIPLE, 0, 1, 2, {0}, {0}}},
    {"1700030006000e00030600ff00ff00ff",
     "170c00fe0acd00010003000d00ff",
     {UNIT, MODBUS_READ_WRITE, 3, 6, {0xFF, 0xFF, 0xFF}, 0x0E, 3},
     {UNIT, MODBUS_READ_WRITE, 0, 3, 6, {0xFE, 0xACD, 1, 3, 0xD, 0xFF}, {0}}},
    {"2b0e0100",
     "2b0e0181000002"
     "00044578616d"
     "02023130",
     {UNIT, MODBUS_IDENTIFY, 0, MODBUS_BASIC, {0}, 0, 0},
     {UNIT, MODBUS_IDENTIFY, 0, 0, MODBUS_BASIC, {0}, {0x81, false, 0, 2, sizeof names, names}}},
    {"2b0e0200",
     "2b0e0202ff0300",
     {UNIT, MODBUS_IDENTIFY, 0, MODBUS_REGULAR, {0}, 0, 0},
     {UNIT, MODBUS_IDENTIFY, 0, 0, MODBUS_REGULAR, {0}, {2, true, 3, 0, 0, NULL}}},
};
enum { ROWS = sizeof rows / sizeof rows[0] };

static bytes rtu_of(uint8_t unit, const char *body)
{
    bytes b = {{unit}, 0};
    assert_int_equal(gt_hex_parse(body, b.at + 1, sizeof b.at - 3, &b.len), GT_ERR_OK);
    const uint16_t crc = gt_crc16_modbus(b.at, b.len + 1);
    b.at[b.len + 1] = (uint8_t)crc;
    b.at[b.len + 2] = (uint8_t)(crc >> 8);
    b.len += 3;
    return b;
}

static bytes tcp_of(uint8_t unit, const char *body)
{
    bytes b = {{TRANSACTION >> 8, TRANSACTION & 0xFF}, 0};
    assert_int_equal(gt_hex_parse(body, b.at + 7, sizeof b.at - 7, &b.len), GT_ERR_OK);
    b.at[5] = (uint8_t)(b.len + 1);
    b.at[6] = unit;
    b.len += 7;
    return b;
}

static void reply_same(const modbus_reply *got, const modbus_reply *want)
{
    assert_int_equal(got->unit, want->unit);
    assert_int_equal(got->function, want->function);
    assert_int_equal(got->exception, want->exception);
    assert_int_equal(got->start, want->start);
    assert_int_equal(got->count, want->count);
    assert_memory_equal(got->values, want->values, sizeof got->values);
    assert_int_equal(got->identity.conformity, want->identity.conformity);
    assert_int_equal(got->identity.more, want->identity.more);
    assert_int_equal(got->identity.next, want->identity.next);
    assert_int_equal(got->identity.count, want->identity.count);
    assert_int_equal(got->identity.objects_len, want->identity.objects_len);
    if (want->identity.objects_len > 0) {
        assert_memory_equal(got->identity.objects, want->identity.objects,
                            want->identity.objects_len);
    }
}

static void test_rtu(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        bytes ask = rtu_of(UNIT, rows[i].ask);
        modbus_request q;
        memset(&q, 0xA5, sizeof q);
        assert_int_equal(modbus_request_decode(ask.at, ask.len, &q), GT_ERR_OK);
        assert_memory_equal(&q, &rows[i].request, sizeof q);
        uint8_t out[MODBUS_ADU_MAX];
        size_t len = 0;
        assert_int_equal(modbus_request_encode(&q, out, sizeof out, &len), GT_ERR_OK);
        assert_int_equal(len, ask.len);
        assert_memory_equal(out, ask.at, len);
        assert_int_equal(modbus_request_len(ask.at, ask.len, &len), GT_ERR_OK);
        assert_int_equal(len, ask.len);
        const bytes tell = rtu_of(UNIT, rows[i].tell);
        modbus_reply a;
        memset(&a, 0xA5, sizeof a);
        assert_int_equal(modbus_reply_decode(&q, tell.at, tell.len, &a), GT_ERR_OK);
        reply_same(&a, &rows[i].reply);
        assert_int_equal(modbus_reply_encode(&a, out, sizeof out, &len), GT_ERR_OK);
        assert_int_equal(len, tell.len);
        assert_memory_equal(out, tell.at, len);
        for (size_t cap = 0; cap < tell.len; cap++) {
            assert_int_equal(modbus_reply_encode(&a, out, cap, &len), GT_ERR_SPACE);
        }
        const modbus_exchange x = {ask.at, ask.len, tell.at, tell.len};
        assert_int_equal(modbus_reply_len(&x, &len), GT_ERR_OK);
        assert_int_equal(len, tell.len);
    }
}

/* The length of an answer is told as soon as it can be, and the same from then on. */
static void test_rtu_lengths(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        const bytes ask = rtu_of(UNIT, rows[i].ask);
        const bytes tell = rtu_of(UNIT, rows[i].tell);
        bool told = false;
        for (size_t have = 0; have <= tell.len; have++) {
            const modbus_exchange x = {ask.at, ask.len, tell.at, have};
            size_t len = 0;
            const gt_err err = modbus_reply_len(&x, &len);
            assert_true(err == GT_ERR_OK || (err == GT_ERR_TRUNCATED && !told));
            told = err == GT_ERR_OK;
            assert_true(!told || len == tell.len);
        }
        assert_true(told);
        told = false;
        for (size_t have = 0; have <= ask.len; have++) {
            size_t len = 0;
            const gt_err err = modbus_request_len(ask.at, have, &len);
            assert_true(err == GT_ERR_OK || (err == GT_ERR_TRUNCATED && !told));
            told = err == GT_ERR_OK;
            assert_true(!told || len == ask.len);
        }
        assert_true(told);
    }
}

static void test_rtu_damaged(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        bytes tell = rtu_of(UNIT, rows[i].tell);
        bytes ask = rtu_of(UNIT, rows[i].ask);
        modbus_reply a;
        modbus_request q;
        for (size_t len = 0; len < tell.len; len++) {
            assert_int_not_equal(modbus_reply_decode(&rows[i].request, tell.at, len, &a),
                                 GT_ERR_OK);
        }
        for (size_t len = 0; len < ask.len; len++) {
            assert_int_not_equal(modbus_request_decode(ask.at, len, &q), GT_ERR_OK);
        }
        for (size_t bit = 0; bit < 8 * tell.len; bit++) {
            tell.at[bit / 8] ^= (uint8_t)(1U << bit % 8);
            assert_int_equal(modbus_reply_decode(&rows[i].request, tell.at, tell.len, &a),
                             GT_ERR_CHECKSUM);
            tell.at[bit / 8] ^= (uint8_t)(1U << bit % 8);
        }
        for (size_t bit = 0; bit < 8 * ask.len; bit++) {
            ask.at[bit / 8] ^= (uint8_t)(1U << bit % 8);
            assert_int_equal(modbus_request_decode(ask.at, ask.len, &q), GT_ERR_CHECKSUM);
            ask.at[bit / 8] ^= (uint8_t)(1U << bit % 8);
        }
    }
}

static void test_tcp(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        const bytes ask = tcp_of(UNIT, rows[i].ask);
        const bytes tell = tcp_of(UNIT, rows[i].tell);
        modbus_request q;
        modbus_reply a;
        uint16_t transaction = 0;
        uint8_t out[MODBUS_TCP_MAX];
        size_t len = 0;
        assert_int_equal(modbus_tcp_request_decode(ask.at, ask.len, &transaction, &q), GT_ERR_OK);
        assert_int_equal(transaction, TRANSACTION);
        assert_memory_equal(&q, &rows[i].request, sizeof q);
        assert_int_equal(modbus_tcp_request_encode(&q, TRANSACTION, out, sizeof out, &len),
                         GT_ERR_OK);
        assert_int_equal(len, ask.len);
        assert_memory_equal(out, ask.at, len);
        assert_int_equal(modbus_tcp_reply_decode(&q, tell.at, tell.len, &a), GT_ERR_OK);
        reply_same(&a, &rows[i].reply);
        assert_int_equal(modbus_tcp_reply_encode(&a, TRANSACTION, out, sizeof out, &len),
                         GT_ERR_OK);
        assert_int_equal(len, tell.len);
        assert_memory_equal(out, tell.at, len);
        for (len = 0; len < tell.len; len++) {
            assert_int_equal(modbus_tcp_reply_decode(&q, tell.at, len, &a), GT_ERR_TRUNCATED);
        }
        for (len = 0; len < ask.len; len++) {
            assert_int_equal(modbus_tcp_request_decode(ask.at, len, &transaction, &q),
                             GT_ERR_TRUNCATED);
            assert_int_equal(modbus_tcp_request_encode(&rows[i].request, 1, out, len, &(size_t){0}),
                             GT_ERR_SPACE);
        }
        assert_int_equal(modbus_tcp_reply_decode(&q, tell.at, tell.len + 1, &a), GT_ERR_TRAILING);
    }
}

/* Right to the checksum, wrong inside: the error, and the exception a server answers with. */
static void test_requests_refused(void **state)
{
    (void)state;
    static const struct {
        uint8_t unit;
        const char *body;
        gt_err want;
        modbus_exception answer;
    } refused[] = {
        {1, "01001307d1", GT_ERR_RANGE, MODBUS_ILLEGAL_VALUE}, /* 2001 coils */
        {1, "0100130000", GT_ERR_RANGE, MODBUS_ILLEGAL_VALUE}, /* none */
        {1, "01fff00011", GT_ERR_RANGE, MODBUS_ILLEGAL_VALUE}, /* past the end */
        {1, "05000a0001", GT_ERR_MALFORMED, MODBUS_ILLEGAL_VALUE},
        {1, "05000aff00ff", GT_ERR_TRAILING, MODBUS_NO_EXCEPTION},
        {1, "0f0000000901ff", GT_ERR_MALFORMED, MODBUS_ILLEGAL_VALUE},
        {1, "0f000007b1f7", GT_ERR_RANGE, MODBUS_ILLEGAL_VALUE}, /* 1969 */
        {1, "0f0000000901", GT_ERR_MALFORMED, MODBUS_ILLEGAL_VALUE},
        {1, "0f00000008", GT_ERR_TRUNCATED, MODBUS_NO_EXCEPTION},
        {1, "1000000001020102ff", GT_ERR_TRAILING, MODBUS_NO_EXCEPTION},
        {1, "17000000010000007af4", GT_ERR_RANGE, MODBUS_ILLEGAL_VALUE}, /* writes 122 */
        {1, "170000000100000000", GT_ERR_RANGE, MODBUS_ILLEGAL_VALUE},
        {1, "1700000001ffff0002040000", GT_ERR_RANGE, MODBUS_ILLEGAL_VALUE},
        {1, "170000000000000001020000", GT_ERR_RANGE, MODBUS_ILLEGAL_VALUE},
        {1, "1700000001000000010100", GT_ERR_MALFORMED, MODBUS_ILLEGAL_VALUE},
        {1, "17000000010000", GT_ERR_TRUNCATED, MODBUS_NO_EXCEPTION},
        {1, "2b0e0000", GT_ERR_RANGE, MODBUS_ILLEGAL_VALUE},
        {1, "2b0e0500", GT_ERR_RANGE, MODBUS_ILLEGAL_VALUE},
        {1, "2b0d0100", GT_ERR_UNSUPPORTED, MODBUS_ILLEGAL_FUNCTION},
        {1, "2b", GT_ERR_TRUNCATED, MODBUS_NO_EXCEPTION},
        {1, "2b0e010000", GT_ERR_TRAILING, MODBUS_NO_EXCEPTION},
        {1, "03006b00", GT_ERR_TRUNCATED, MODBUS_NO_EXCEPTION},
        {1, "07", GT_ERR_UNSUPPORTED, MODBUS_ILLEGAL_FUNCTION},
        {1, "83006b0001", GT_ERR_UNSUPPORTED, MODBUS_ILLEGAL_FUNCTION},
        {248, "0300000001", GT_ERR_RANGE, MODBUS_ILLEGAL_VALUE},
    };
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        const bytes rtu = rtu_of(refused[i].unit, refused[i].body);
        const bytes tcp = tcp_of(refused[i].unit, refused[i].body);
        modbus_request q;
        uint16_t transaction = 0;
        assert_int_equal(modbus_request_decode(rtu.at, rtu.len, &q), refused[i].want);
        assert_int_equal(modbus_tcp_request_decode(tcp.at, tcp.len, &transaction, &q),
                         refused[i].want);
        assert_int_equal(modbus_exception_of(refused[i].want), refused[i].answer);
    }
}

/* To a broadcast nobody answers, so only writes make sense; on TCP unit 0 is the device itself. */
static void test_broadcast(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        const modbus_function f = rows[i].request.function;
        const bool writes = f == MODBUS_WRITE_COIL || f == MODBUS_WRITE_SINGLE ||
                            f == MODBUS_WRITE_COILS || f == MODBUS_WRITE_MULTIPLE;
        const bytes rtu = rtu_of(0, rows[i].ask);
        const bytes tcp = tcp_of(0, rows[i].ask);
        modbus_request q;
        uint16_t transaction = 0;
        assert_int_equal(modbus_request_decode(rtu.at, rtu.len, &q),
                         writes ? GT_ERR_OK : GT_ERR_RANGE);
        assert_int_equal(modbus_tcp_request_decode(tcp.at, tcp.len, &transaction, &q), GT_ERR_OK);
        modbus_reply a = rows[i].reply;
        uint8_t out[MODBUS_TCP_MAX];
        size_t len = 0;
        a.unit = 0;
        assert_int_equal(modbus_reply_encode(&a, out, sizeof out, &len), GT_ERR_RANGE);
        assert_int_equal(modbus_tcp_reply_encode(&a, 1, out, sizeof out, &len), GT_ERR_OK);
        a.unit = 248;
        assert_int_equal(modbus_reply_encode(&a, out, sizeof out, &len), GT_ERR_RANGE);
        assert_int_equal(modbus_tcp_reply_encode(&a, 1, out, sizeof out, &len), GT_ERR_RANGE);
        a.unit = MODBUS_TCP_DEVICE;
        assert_int_equal(modbus_tcp_reply_encode(&a, 1, out, sizeof out, &len), GT_ERR_OK);
    }
}

static void test_exceptions(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        for (unsigned code = 1; code <= 0x0B; code++) {
            const bytes ask = rtu_of(UNIT, rows[i].ask);
            const bytes ask_tcp = tcp_of(UNIT, rows[i].ask);
            uint8_t out[MODBUS_TCP_MAX];
            modbus_reply a;
            const modbus_exception e = (modbus_exception)code;
            assert_int_equal(modbus_exception_encode(ask.at, ask.len, e, out, sizeof out),
                             GT_ERR_OK);
            assert_int_equal(modbus_reply_decode(&rows[i].request, out, MODBUS_EXCEPTION_LEN, &a),
                             GT_ERR_OK);
            assert_int_equal(a.exception, code);
            assert_int_equal(a.function, rows[i].request.function);
            const modbus_exchange x = {ask.at, ask.len, out, 2};
            size_t len = 0;
            assert_int_equal(modbus_reply_len(&x, &len), GT_ERR_OK);
            assert_int_equal(len, MODBUS_EXCEPTION_LEN);
            assert_int_equal(
                modbus_tcp_exception_encode(ask_tcp.at, ask_tcp.len, e, out, sizeof out),
                GT_ERR_OK);
            assert_int_equal(
                modbus_tcp_reply_decode(&rows[i].request, out, MODBUS_TCP_EXCEPTION_LEN, &a),
                GT_ERR_OK);
            assert_int_equal(a.exception, code);
            a.unit = UNIT;
            assert_int_equal(modbus_tcp_reply_encode(&a, TRANSACTION, out, sizeof out, &len),
                             GT_ERR_OK);
            assert_int_equal(len, MODBUS_TCP_EXCEPTION_LEN);
        }
    }
    uint8_t out[MODBUS_TCP_MAX];
    const bytes ask = tcp_of(UNIT, rows[0].ask);
    assert_int_equal(modbus_tcp_exception_encode(ask.at, 7, MODBUS_DEVICE_BUSY, out, sizeof out),
                     GT_ERR_TRUNCATED);
    assert_int_equal(modbus_tcp_exception_encode(ask.at, ask.len, MODBUS_DEVICE_BUSY, out, 8),
                     GT_ERR_SPACE);
}

/* Answers that are right in themselves but not to this request, or not right inside. */
static void test_replies_refused(void **state)
{
    (void)state;
    static const struct {
        unsigned row; /* the request */
        const char *body;
        gt_err want;
    } refused[] = {
        {0, "0102cd6b", GT_ERR_MISMATCH},
        {0, "0203cd6b05", GT_ERR_MISMATCH},
        {0, "0103cd6b", GT_ERR_TRUNCATED},
        {0, "0103cd6b0500", GT_ERR_TRAILING},
        {0, "01", GT_ERR_TRUNCATED},
        {0, "8100", GT_ERR_MALFORMED},
        {0, "81", GT_ERR_TRUNCATED},
        {0, "810101", GT_ERR_TRAILING},
        {4, "0500acff01", GT_ERR_MISMATCH},
        {4, "0500adff00", GT_ERR_MISMATCH},
        {4, "0500ac0000", GT_ERR_MISMATCH},
        {4, "0500acff", GT_ERR_TRUNCATED},
        {7, "0f0013000b", GT_ERR_MISMATCH},
        {8, "100001000200", GT_ERR_TRAILING},
        {9, "170a00fe0acd00010003000d", GT_ERR_MISMATCH},
        {10, "2b0d0181000000", GT_ERR_MISMATCH},
        {10, "2b0e0281000000", GT_ERR_MISMATCH},
        {10, "2b0e0181010000", GT_ERR_MALFORMED},
        {10, "2b0e0181000001", GT_ERR_TRUNCATED},
        {10, "2b0e01810000010004", GT_ERR_TRUNCATED},
        {10, "2b0e0181000000ff", GT_ERR_TRAILING},
        {10, "2b0e0181", GT_ERR_TRUNCATED},
    };
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        const bytes rtu = rtu_of(UNIT, refused[i].body);
        const bytes tcp = tcp_of(UNIT, refused[i].body);
        const modbus_request *q = &rows[refused[i].row].request;
        modbus_reply a;
        memset(&a, 0xA5, sizeof a);
        const modbus_reply before = a;
        assert_int_equal(modbus_reply_decode(q, rtu.at, rtu.len, &a), refused[i].want);
        assert_int_equal(modbus_tcp_reply_decode(q, tcp.at, tcp.len, &a), refused[i].want);
        assert_memory_equal(&a, &before, sizeof a);
    }
    const bytes other = tcp_of(UNIT + 1, rows[0].tell);
    modbus_reply a;
    assert_int_equal(modbus_tcp_reply_decode(&rows[0].request, other.at, other.len, &a),
                     GT_ERR_MISMATCH);
    modbus_request q = rows[0].request;
    q.unit = 250;
    assert_int_equal(modbus_tcp_reply_decode(&q, other.at, other.len, &a), GT_ERR_RANGE);
    assert_int_equal(modbus_tcp_request_encode(&q, 1, (uint8_t[260]){0}, 260, &(size_t){0}),
                     GT_ERR_RANGE);
    q.unit = UNIT;
    q.count = 0;
    assert_int_equal(modbus_tcp_reply_decode(&q, other.at, other.len, &a), GT_ERR_RANGE);
    q.function = (modbus_function)7;
    assert_int_equal(modbus_reply_decode(&q, other.at, other.len, &a), GT_ERR_UNSUPPORTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rtu),
        cmocka_unit_test(test_rtu_lengths),
        cmocka_unit_test(test_rtu_damaged),
        cmocka_unit_test(test_tcp),
        cmocka_unit_test(test_requests_refused),
        cmocka_unit_test(test_broadcast),
        cmocka_unit_test(test_exceptions),
        cmocka_unit_test(test_replies_refused),
    };
    return cmocka_run_group_tests_name("codec/modbus/functions", tests, NULL, NULL);
}
