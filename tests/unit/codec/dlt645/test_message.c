/* Every control code, request and answer: data in, struct, the same data out; wrong lengths
 * refused. */
#include "codec/dlt645/message.h"
#include "base/hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static const struct {
    uint8_t ctrl;
    const char *data;
    bool open; /* any longer data is right too */
} rows[] = {
    {0x11, "00000100", true},
    {0x91, "0000010078563412", true},
    {0xB1, "0000010078563412", true},
    {0xD1, "02", false},
    {0x12, "0000010001", false},
    {0x92, "000001007856341201", true},
    {0xB2, "000001007856341201", true},
    {0x13, "", false},
    {0x93, "129078563412", false},
    {0x14, "0101000402370602010000000511212604", true},
    {0x94, "", false},
    {0xD4, "04", false},
    {0x15, "129078563412", false},
    {0x95, "", false},
    {0x08, "595918211126", false},
    {0x16, "99999999", false},
    {0x96, "", false},
    {0x17, "08", false},
    {0x97, "08", false},
    {0x18,
     "040c0004"
     "02111111"
     "02222222",
     false},
    {0x98, "02222222", false},
    {0x19, "0237060201000000", false},
    {0x99, "", false},
    {0x1A, "0237060201000000", false},
    {0x9A, "", false},
    {0x1B, "0237060201000000ffffffff", false},
    {0x9B, "", false},
    {0x1C, "02370602010000001b00000000301299", false},
    {0x9C, "", false},
    {0xDC, "04", false},
    {0x1D, "01", false},
    {0x9D, "01", false},
    {0x03,
     "ff01010701000000"
     "aabbcc",
     true},
    {0x83,
     "ff010107"
     "aabbcc",
     true},
    {0xC3, "2000", false},
};

/* The 1997 edition. */
static const struct {
    uint8_t ctrl;
    const char *data;
    bool open;
} rows_1997[] = {
    {0x01, "1090", true},
    {0x81, "109001000000", true},
    {0xA1, "109001000000", true},
    {0xC1, "02", false},
    {0x02, "1090", false},
    {0x82, "109001000000", true},
    {0xC2, "02", false},
    {0x03, "", true},
    {0x83, "109001000000", true},
    {0xC3, "02", false},
    {0x04, "11c000111111", true},
    {0x84, "", false},
    {0xC4, "04", false},
    {0x08, "305909151126", false},
    {0x0A, "563412000000", false},
    {0x8A, "", false},
    {0xCA, "01", false},
    {0x0C, "04", false},
    {0x8C, "04", false},
    {0xCC, "01", false},
    {0x0F, "0011111100222222", false},
    {0x8F, "00222222", false},
    {0xCF, "04", false},
    {0x10, "", true},
    {0x90, "", false},
    {0xD0, "04", false},
};

static dlt645_frame frame_of(uint8_t ctrl, const char *data)
{
    dlt645_frame frame = {.addr = UINT64_C(0x123456789012), .ctrl = ctrl};
    size_t len = 0;
    assert_int_equal(gt_hex_parse(data, frame.data, sizeof frame.data, &len), GT_ERR_OK);
    frame.data_len = (uint8_t)len;
    return frame;
}

static void test_round_trip(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const dlt645_frame frame = frame_of(rows[i].ctrl, rows[i].data);
        dlt645_message m;
        dlt645_frame back;
        assert_int_equal(dlt645_message_decode(&frame, &m), GT_ERR_OK);
        assert_int_equal(dlt645_message_encode(&m, &back), GT_ERR_OK);
        assert_memory_equal(&frame, &back, sizeof frame);
    }
}

static void test_lengths(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        dlt645_frame frame = frame_of(rows[i].ctrl, rows[i].data);
        dlt645_message m;
        frame.data_len++;
        assert_int_equal(dlt645_message_decode(&frame, &m),
                         rows[i].open ? GT_ERR_OK : GT_ERR_TRAILING);
        frame.data_len--;
        if (!rows[i].open && frame.data_len > 0) {
            frame.data_len--;
            assert_int_equal(dlt645_message_decode(&frame, &m), GT_ERR_TRUNCATED);
        }
    }
}

static void test_1997(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows_1997 / sizeof rows_1997[0]; i++) {
        dlt645_frame frame = frame_of(rows_1997[i].ctrl, rows_1997[i].data);
        dlt645_message m;
        dlt645_frame back;
        assert_int_equal(dlt645_1997_message_decode(&frame, &m), GT_ERR_OK);
        assert_true(((unsigned)m.function & DLT645_1997) != 0);
        assert_int_equal(dlt645_message_encode(&m, &back), GT_ERR_OK);
        assert_memory_equal(&frame, &back, sizeof frame);
        frame.data_len++;
        assert_int_equal(dlt645_1997_message_decode(&frame, &m),
                         rows_1997[i].open ? GT_ERR_OK : GT_ERR_TRAILING);
        frame.data_len--;
        if (!rows_1997[i].open && frame.data_len > 0) {
            frame.data_len--;
            assert_int_equal(dlt645_1997_message_decode(&frame, &m), GT_ERR_TRUNCATED);
        }
    }
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        uint8_t ctrl;
        gt_err want;
    } bad[] = {
        {0x01, GT_ERR_UNSUPPORTED}, {0x00, GT_ERR_UNSUPPORTED}, {0x1F, GT_ERR_UNSUPPORTED},
        {0x88, GT_ERR_UNSUPPORTED}, {0x04, GT_ERR_UNSUPPORTED}, {0x51, GT_ERR_MALFORMED},
        {0x31, GT_ERR_MALFORMED},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const dlt645_frame frame = frame_of(bad[i].ctrl, "00000100");
        dlt645_message m;
        assert_int_equal(dlt645_message_decode(&frame, &m), bad[i].want);
    }
    static const struct {
        uint8_t ctrl;
        gt_err want;
    } bad_1997[] = {
        {0x11, GT_ERR_UNSUPPORTED}, {0x00, GT_ERR_UNSUPPORTED}, {0x88, GT_ERR_UNSUPPORTED},
        {0x41, GT_ERR_MALFORMED},   {0x21, GT_ERR_MALFORMED},
    };
    for (size_t i = 0; i < sizeof bad_1997 / sizeof bad_1997[0]; i++) {
        const dlt645_frame frame = frame_of(bad_1997[i].ctrl, "00000100");
        dlt645_message m;
        assert_int_equal(dlt645_1997_message_decode(&frame, &m), bad_1997[i].want);
    }
}

static void test_members(void **state)
{
    (void)state;
    const dlt645_frame frame = frame_of(0x1C, "02370602010000001b00000000301299");
    dlt645_message m;
    assert_int_equal(dlt645_message_decode(&frame, &m), GT_ERR_OK);
    assert_int_equal(m.function, DLT645_CONTROL);
    assert_int_equal(m.code, DLT645_COMMAND_CLOSE_ALLOW);
    assert_int_equal(m.password.level, 2);
    assert_int_equal(m.password.digits, 0x020637);
    assert_int_equal(m.operator_code, 1);
    assert_int_equal(m.time.day, 0x30);
    assert_int_equal(m.time.year, 0x99);

    const dlt645_frame security = frame_of(0xC3, "2000");
    assert_int_equal(dlt645_message_decode(&security, &m), GT_ERR_OK);
    assert_int_equal(m.error, 0x0020);
}

static void test_encode_refused(void **state)
{
    (void)state;
    dlt645_frame frame;
    dlt645_message m = {.addr = 1, .function = DLT645_DEMAND_CLEAR};
    m.password.digits = 0x1000000;
    assert_int_equal(dlt645_message_encode(&m, &frame), GT_ERR_RANGE);
    m = (dlt645_message){.addr = UINT64_C(0xF), .function = DLT645_READ};
    assert_int_equal(dlt645_message_encode(&m, &frame), GT_ERR_RANGE);
    m = (dlt645_message){.addr = 1, .function = DLT645_READ, .data_len = 200};
    assert_int_equal(dlt645_message_encode(&m, &frame), GT_ERR_SPACE);
    m = (dlt645_message){.addr = 1, .function = DLT645_TIME_BROADCAST, .reply = true};
    assert_int_equal(dlt645_message_encode(&m, &frame), GT_ERR_UNSUPPORTED);
    m = (dlt645_message){.addr = 1, .function = DLT645_1997_TIME_BROADCAST, .reply = true};
    assert_int_equal(dlt645_message_encode(&m, &frame), GT_ERR_UNSUPPORTED);
    m = (dlt645_message){.addr = 1, .function = DLT645_1997_READ, .di = 0x10000};
    assert_int_equal(dlt645_message_encode(&m, &frame), GT_ERR_RANGE);
    static const unsigned functions[] = {0x01, 0x20, 0xFF, 0x10B, 0x120, 0x200};
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
        m = (dlt645_message){.addr = 1, .function = (dlt645_function)functions[i]};
        assert_int_equal(dlt645_message_encode(&m, &frame), GT_ERR_UNSUPPORTED);
    }
    static const dlt645_message wrong[] = {
        {.addr = 1, .function = DLT645_ADDR_WRITE, .new_addr = 0xB},
        {.addr = 1, .function = DLT645_READ, .data_len = 201},
        {.addr = 1, .function = DLT645_READ, .abnormal = true},
        {.addr = 1, .function = DLT645_READ, .following = true},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(dlt645_message_encode(&wrong[i], &frame), GT_ERR_RANGE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip), cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_1997),       cmocka_unit_test(test_refused),
        cmocka_unit_test(test_members),    cmocka_unit_test(test_encode_refused),
    };
    return cmocka_run_group_tests_name("codec/dlt645/message", tests, NULL, NULL);
}
