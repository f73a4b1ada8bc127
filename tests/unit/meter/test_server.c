/* The line side: silence ends a frame, other units' frames and noise cost nothing, broadcasts get
 * no answer, and random bytes never change a fen. */
#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static rig r;

static int setup(void **state)
{
    (void)state;
    rig_prepare(&r);
    return rig_power_on(&r) == GT_ERR_OK ? 0 : -1;
}

static size_t status_request(uint8_t unit, uint8_t buf[MODBUS_ADU_MAX])
{
    const modbus_request request = {
        .unit = unit, .function = MODBUS_READ_HOLDING, .start = 0, .count = 48};
    size_t len = 0;
    assert_int_equal(modbus_request_encode(&request, buf, MODBUS_ADU_MAX, &len), GT_ERR_OK);
    return len;
}

static void test_silence_ends_a_frame(void **state)
{
    (void)state;
    uint8_t buf[MODBUS_ADU_MAX];
    uint8_t out[METER_FRAME_MAX];
    const size_t len = status_request(r.cfg.unit, buf);
    for (size_t i = 0; i < len; i++) { /* byte by byte, with the longest pauses allowed */
        rig_wait_us(&r, 1146 + 1718);  /* 1.5 characters, 2.5.1.1 */
        meter_rx(&r.meter, METER_LINE_RS485, buf + i, 1, r.now);
        assert_int_equal(meter_tx(&r.meter, METER_LINE_RS485, out, sizeof out), 0);
    }
    rig_wait_us(&r, 4000);
    assert_int_equal(meter_tx(&r.meter, METER_LINE_RS485, out, sizeof out), 0);
    rig_wait_us(&r, 20); /* 3.5 characters of 11 bits at 9600 baud are 4010 us */
    assert_int_equal(meter_tx(&r.meter, METER_LINE_RS485, out, METER_FRAME_MAX - 200),
                     0); /* no room: kept */
    assert_int_equal(meter_tx(&r.meter, METER_LINE_RS485, out, sizeof out), 3 + 96 + 2);
    assert_int_equal(meter_tx(&r.meter, METER_LINE_RS485, out, sizeof out), 0);
}

static void test_a_gap_breaks_a_frame(void **state)
{
    (void)state;
    uint8_t buf[MODBUS_ADU_MAX];
    const size_t len = status_request(r.cfg.unit, buf);
    for (size_t cut = 1; cut < len; cut++) {
        rig_send(&r, buf, cut);
        assert_int_equal(r.tx_len, 0);
        rig_send(&r, buf + cut, len - cut);
        assert_int_equal(r.tx_len, 0);
    }
    rig_send(&r, buf, len);
    assert_int_equal(r.tx_len, 101);
}

static void test_late_answer_is_dropped(void **state)
{
    (void)state;
    uint8_t buf[MODBUS_ADU_MAX];
    uint8_t out[METER_FRAME_MAX];
    const size_t len = status_request(r.cfg.unit, buf);
    meter_rx(&r.meter, METER_LINE_RS485, buf, len, r.now);
    rig_wait_us(&r, 5000);
    meter_rx(&r.meter, METER_LINE_RS485, buf, 3, r.now); /* the master has started again */
    assert_int_equal(meter_tx(&r.meter, METER_LINE_RS485, out, sizeof out), 0);
}

static void test_not_for_us(void **state)
{
    (void)state;
    uint8_t buf[MODBUS_ADU_MAX];
    for (unsigned unit = 1; unit <= 247; unit++) {
        rig_send(&r, buf, status_request((uint8_t)unit, buf));
        assert_int_equal(r.tx_len != 0, unit == r.cfg.unit);
    }
}

static void test_exceptions(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint8_t bytes[12]; /* unit, function, ...; CRC is added */
        size_t len;
        uint8_t want; /* 0: silence */
    } rows[] = {
        {"function 01", {17, 0x01, 0, 0, 0, 1}, 6, 1},
        {"function 04", {17, 0x04, 0, 0, 0, 1}, 6, 1},
        {"function 06", {17, 0x06, 1, 0, 0, 1}, 6, 1},
        {"function 2B", {17, 0x2B, 0x0E, 1, 0}, 5, 1},
        {"no register", {17, 0x03, 0, 0, 0, 0}, 6, 3},
        {"126 registers", {17, 0x03, 0, 0, 0, 126}, 6, 3},
        {"past the blocks", {17, 0x03, 0, 48, 0, 1}, 6, 2},
        {"write to status", {17, 0x10, 0, 0, 0, 1, 2, 0, 0}, 9, 2},
        {"part of a block", {17, 0x10, 1, 0, 0, 1, 2, 0, 0}, 9, 2},
        {"broadcast read", {0, 0x03, 0, 0, 0, 1}, 6, 0},
        {"broadcast to a signed block", {0, 0x10, 1, 0, 0, 1, 2, 0, 0}, 9, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t buf[16];
        memcpy(buf, rows[i].bytes, rows[i].len);
        uint16_t crc = 0xFFFF;
        for (size_t k = 0; k < rows[i].len; k++) {
            crc ^= buf[k];
            for (int bit = 0; bit < 8; bit++) {
                crc = (uint16_t)(crc >> 1 ^ ((crc & 1) != 0 ? 0xA001 : 0));
            }
        }
        buf[rows[i].len] = (uint8_t)crc;
        buf[rows[i].len + 1] = (uint8_t)(crc >> 8);
        rig_send(&r, buf, rows[i].len + 2);
        const uint8_t got = r.tx_len == 5 ? r.tx[2] : 0;
        if (got != rows[i].want || (rows[i].want == 0 && r.tx_len != 0)) {
            fail_msg("%s: %u", rows[i].name, got);
        }
    }
}

static void test_broadcast_clock(void **state)
{
    (void)state;
    modbus_request request = {.unit = 0,
                              .function = MODBUS_WRITE_MULTIPLE,
                              .start = 0x0160,
                              .count = 7,
                              .values = {26, 3, 10, 2, 8, 3, 0}};
    modbus_reply reply = {0};
    assert_int_equal(rig_request(&r, &request, &reply), -1);
    assert_int_equal(rig_register(&r, 0x2D), 3);
    request.values[5] = 4;
    assert_int_equal(rig_request(&r, &request, &reply), -1);
    assert_int_equal(rig_register(&r, 0x2D), 3); /* once a day */
}

static void test_broadcast_money_is_ignored(void **state)
{
    (void)state;
    modbus_request request = {.unit = 0, .function = MODBUS_WRITE_MULTIPLE, .start = 0x0100};
    request.count = MAP_PURCHASE_COUNT;
    rig_purchase_fill(&r, 5000, 1, request.values);
    modbus_reply reply = {0};
    assert_int_equal(rig_request(&r, &request, &reply), -1);
    assert_int_equal(rig_status(&r).balance.fen, 10000);
}

static void test_noise(void **state)
{
    (void)state;
    uint64_t random = 7;
    for (int i = 0; i < 20000; i++) {
        uint8_t noise[300];
        random = random * 6364136223846793005U + 1442695040888963407U;
        const size_t len = (random >> 40U) % sizeof noise;
        for (size_t k = 0; k < len; k++) {
            random = random * 6364136223846793005U + 1442695040888963407U;
            noise[k] = (uint8_t)(random >> 56U);
        }
        if (len > 0) {
            noise[0] = r.cfg.unit;
        }
        rig_send(&r, noise, len);
        assert_int_equal(r.tx_len, 0);
    }
    assert_int_equal(rig_status(&r).balance.fen, 10000);
    uint8_t buf[MODBUS_ADU_MAX];
    rig_send(&r, buf, status_request(r.cfg.unit, buf));
    assert_int_equal(r.tx_len, 101);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_silence_ends_a_frame, setup),
        cmocka_unit_test_setup(test_a_gap_breaks_a_frame, setup),
        cmocka_unit_test_setup(test_late_answer_is_dropped, setup),
        cmocka_unit_test_setup(test_not_for_us, setup),
        cmocka_unit_test_setup(test_exceptions, setup),
        cmocka_unit_test_setup(test_broadcast_clock, setup),
        cmocka_unit_test_setup(test_broadcast_money_is_ignored, setup),
        cmocka_unit_test_setup(test_noise, setup),
    };
    return cmocka_run_group_tests_name("meter/server", tests, NULL, NULL);
}
