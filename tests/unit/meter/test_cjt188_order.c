/* Orders over CJ/T 188: money, the valve, prices and days, each with a MAC signed here by hand, and
 * all that is refused. */
#include "cjt188_rig.h"

#include "meter/service.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static unsigned buy(uint64_t amount_fen, uint32_t count, uint64_t customer_no)
{
    uint8_t data[CJT_DATA_MAX];
    gt_wr w = gt_wr_of(data, sizeof data);
    gt_wr_u8(&w, (uint8_t)count);
    gt_wr_bcd_le(&w, amount_fen, 4);
    gt_wr_u32le(&w, count);
    gt_wr_bcd_le(&w, customer_no, 6);
    return cjt_ask_own(CJT188_WRITE, CJT188_DI_PURCHASE_SET, data,
                       cjt_sign(METER_KEY_PURCHASE, CJT188_DI_PURCHASE_SET, data, w.len));
}

static unsigned turn(uint8_t valve, uint32_t count, int64_t valid_s)
{
    uint8_t data[CJT_DATA_MAX];
    gt_wr w = gt_wr_of(data, sizeof data);
    gt_wr_u8(&w, valve);
    gt_wr_u32le(&w, count);
    gt_wr_u32le(&w, (uint32_t)(rig_utc(&cjt).ms / 1000 + valid_s));
    const unsigned got = cjt_ask_own(CJT188_WRITE, CJT188_DI_VALVE_SET, data,
                                     cjt_sign(METER_KEY_CONTROL, CJT188_DI_VALVE_SET, data, w.len));
    rig_wait_s(&cjt, 1);
    return got;
}

static void test_purchase(void **state)
{
    (void)state;
    const uint64_t customer = cjt.cfg.customer_no;
    cjt.meter.state.account.parameter.hoarding_fen = 100000;
    const struct {
        const char *name;
        uint64_t amount_fen;
        uint32_t count;
        uint64_t customer_no;
        unsigned want;
        int64_t balance_fen;
    } rows[] = {
        {"count ahead", 5000, 2, customer, 0x2000, 10000},
        {"count never taken", 5000, 0, customer, 0x0200, 10000},
        {"another customer", 5000, 1, customer + 1, 0x1000, 10000},
        {"nothing", 0, 1, customer, 0x0100, 10000},
        {"too much", 90001, 1, customer, 0x4000, 10000},
        {"good", 5000, 1, customer, 0, 15000},
        {"the same again", 5000, 1, customer, 0, 15000},
        {"the count again", 5001, 1, customer, 0x0200, 15000},
        {"an old count", 5000, 0, customer, 0x2000, 15000},
        {"the next", 85000, 2, customer, 0, 100000},
        {"256 on", 1, 258, customer, 0x2000, 100000},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const unsigned got = buy(rows[i].amount_fen, rows[i].count, rows[i].customer_no);
        const int64_t balance_fen = rig_status(&cjt).balance.fen;
        if (got != rows[i].want || balance_fen != rows[i].balance_fen) {
            fail_msg("%s: %04X %lld", rows[i].name, got, (long long)balance_fen);
        }
    }
    assert_int_equal(cjt_ask_own(CJT188_READ, CJT188_DI_PURCHASE, NULL, 0), 0);
    cjt_data_is("purchases",
                (const uint8_t[]){2, 0, 0x50, 0x08, 0, 0, 0, 0x09, 0, 0, 0, 0x10, 0, 0, 0}, 15);
}

static void test_only_the_station_sells(void **state)
{
    (void)state;
    uint8_t data[CJT_DATA_MAX] = {1, 0x00, 0x50, 0,    0,    1,    0,   0,
                                  0, 0x00, 0x04, 0x30, 0x00, 0x02, 0x10};
    const size_t len = cjt_sign(METER_KEY_PURCHASE, CJT188_DI_PURCHASE_SET, data, 15);
    const struct {
        const char *name;
        size_t at;
        uint8_t to;
    } rows[] = {
        {"low count", 0, 2},
        {"amount", 2, 0x51},
        {"not BCD", 1, 0x0A},
        {"count", 5, 2},
        {"customer", 9, 0x01},
        {"mac", 15, (uint8_t)(data[15] + 1U)},
        {"mac's end", 22, (uint8_t)(data[22] + 1U)},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t changed[CJT_DATA_MAX];
        memcpy(changed, data, sizeof changed);
        changed[rows[i].at] = rows[i].to;
        const unsigned got = cjt_ask_own(CJT188_WRITE, CJT188_DI_PURCHASE_SET, changed, len);
        if (got == 0 || rig_status(&cjt).balance.fen != 10000) {
            fail_msg("%s: %04X", rows[i].name, got);
        }
    }
    /* the right bytes under another identifier, and what another key signed */
    assert_int_equal(cjt_sign(METER_KEY_CONTROL, CJT188_DI_PURCHASE_SET, data, 15), len);
    assert_int_equal(cjt_ask_own(CJT188_WRITE, CJT188_DI_PURCHASE_SET, data, len), 0x0400);
    assert_int_equal(cjt_sign(METER_KEY_PURCHASE, 0x0100, data, 15), len);
    assert_int_equal(cjt_ask_own(CJT188_WRITE, CJT188_DI_PURCHASE_SET, data, len), 0x0400);
    for (unsigned i = 0; i < METER_WRONG_MAX; i++) {
        (void)cjt_ask_own(CJT188_WRITE, CJT188_DI_PURCHASE_SET, data, len);
    }
    assert_int_equal(buy(5000, 1, cjt.cfg.customer_no), 0x0008); /* suspended: D3 of the low byte */
    rig_wait_s(&cjt, RIG_DAY_S);
    assert_int_equal(buy(5000, 1, cjt.cfg.customer_no), 0);
}

static void test_digits_that_are_none(void **state)
{
    (void)state;
    uint8_t data[CJT_DATA_MAX] = {1, 0x0A, 0x50, 0,    0,    1,    0,   0,
                                  0, 0x00, 0x04, 0x30, 0x00, 0x02, 0x10};
    assert_int_equal(cjt_ask_own(CJT188_WRITE, CJT188_DI_PURCHASE_SET, data,
                                 cjt_sign(METER_KEY_PURCHASE, CJT188_DI_PURCHASE_SET, data, 15)),
                     0x0100);
    data[1] = 0;
    data[0] = 2; /* not the low byte of its count */
    assert_int_equal(cjt_ask_own(CJT188_WRITE, CJT188_DI_PURCHASE_SET, data,
                                 cjt_sign(METER_KEY_PURCHASE, CJT188_DI_PURCHASE_SET, data, 15)),
                     0x0100);
    assert_int_equal(rig_status(&cjt).balance.fen, 10000);
}

static void test_memory_fails_and_nobody_is_told(void **state)
{
    (void)state;
    sim_eeprom_cut(&cjt.eeprom);
    assert_int_equal(buy(5000, 1, cjt.cfg.customer_no), CJT_SILENT);
    sim_eeprom_restore(&cjt.eeprom);
    assert_int_equal(rig_power_cycle(&cjt, 1), GT_ERR_OK);
    const unsigned again = buy(5000, 1, cjt.cfg.customer_no);
    assert_true(again == 0 || again == 0x0200);
    assert_int_equal(rig_status(&cjt).balance.fen, 15000);
}

static void test_valve(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint8_t valve;
        uint32_t count;
        int64_t valid_s;
        unsigned want;
        bool open; /* water flows */
    } rows[] = {
        {"no such order", 0x1A, 1, 60, 0x0100, true},
        {"expired", 0x99, 1, -1, 0x0010, true},
        {"close", 0x99, 1, 60, 0, false},
        {"open, count again", 0x55, 1, 60, 0x0200 + 1, false},
        {"open, old count", 0x55, 0, 60, 0x2000 + 1, false},
        {"open, expired", 0x55, 2, 0, 0x0010 + 1, false},
        {"open", 0x55, 2, 60, 0, true},
        {"close once more", 0x99, 9, 60, 0, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const unsigned got = turn(rows[i].valve, rows[i].count, rows[i].valid_s);
        if (got != rows[i].want || rig_status(&cjt).relay_closed != rows[i].open) {
            fail_msg("%s: %04X", rows[i].name, got);
        }
    }
    assert_int_equal(cjt_ask_own(CJT188_READ, CJT188_DI_CURRENT, NULL, 0), 0);
    assert_int_equal(cjt_reply.data[17], 0x01);
    cjt.stuck = true;
    (void)turn(0x55, 10, 60);
    rig_wait_s(&cjt, 5);
    assert_int_equal(cjt_ask_own(CJT188_READ, CJT188_DI_CURRENT, NULL, 0), 0);
    assert_int_equal(cjt_reply.data[17], CJT188_STATUS_VALVE_FAULT);
}

static unsigned parameter(uint16_t di, const uint8_t *fields, size_t len, uint32_t count)
{
    uint8_t data[CJT_DATA_MAX];
    gt_wr w = gt_wr_of(data, sizeof data);
    gt_wr_bytes(&w, fields, len);
    gt_wr_u32le(&w, count);
    return cjt_ask_own(CJT188_WRITE, di, data, cjt_sign(METER_KEY_PARAMETER, di, data, w.len));
}

static void test_prices_and_days(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint16_t di;
        size_t len;
        uint8_t fields[16];
        uint32_t count;
        unsigned want;
    } rows[] = {
        {"day 0", 0xA011, 1, {0}, 1, 0x0100},
        {"day 29", 0xA011, 1, {0x29}, 1, 0x0100},
        {"day not BCD", 0xA011, 1, {0x1A}, 1, 0x0100},
        {"count 0", 0xA011, 1, {0x15}, 0, 0x0200},
        {"day 15", 0xA011, 1, {0x15}, 1, 0},
        {"day 15 again", 0xA011, 1, {0x15}, 1, 0},
        {"day 16, count again", 0xA011, 1, {0x16}, 1, 0x0200},
        {"volumes fall",
         0xA010,
         16,
         {0, 3, 0, 0x20, 0, 0, 0, 4, 0, 0x10, 0, 0, 0, 5, 0, 0x12},
         2,
         0x0100},
        {"price not BCD",
         0xA010,
         16,
         {0xA, 3, 0, 0x10, 0, 0, 0, 4, 0, 0x20, 0, 0, 0, 5, 0, 0x12},
         2,
         0x0100},
        {"too dear",
         0xA010,
         16,
         {0, 3, 0, 0x10, 0, 0, 0, 4, 0, 0x20, 0, 0, 0, 5, 2, 0x12},
         2,
         0x0100},
        {"begins on no day",
         0xA010,
         16,
         {0, 3, 0, 0x10, 0, 0, 0, 4, 0, 0x20, 0, 0, 0, 5, 0, 0},
         2,
         0x0100},
        {"begins on day 31",
         0xA010,
         16,
         {0, 3, 0, 0x10, 0, 0, 0, 4, 0, 0x20, 0, 0, 0, 5, 0, 0x31},
         2,
         0x0100},
        {"old count",
         0xA010,
         16,
         {0, 3, 0, 0x10, 0, 0, 0, 4, 0, 0x20, 0, 0, 0, 5, 0, 0x12},
         0,
         0x2000},
        {"good", 0xA010, 16, {0, 3, 0, 0x10, 0, 0, 0, 4, 0, 0x20, 0, 0, 0, 5, 0, 0x12}, 2, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const unsigned got = parameter(rows[i].di, rows[i].fields, rows[i].len, rows[i].count);
        if (got != rows[i].want) {
            fail_msg("%s: %04X", rows[i].name, got);
        }
    }
    assert_int_equal(rig_status(&cjt).parameter_count, 2);
    assert_int_equal(cjt_ask_own(CJT188_READ, CJT188_DI_SETTLE_DAY, NULL, 0), 0);
    cjt_data_is("day", (const uint8_t[]){0x15}, 1);
    assert_int_equal(cjt_ask_own(CJT188_READ, CJT188_DI_PRICES, NULL, 0), 0);
    assert_int_equal(cjt_reply.data[0], 0x60); /* not before the 12th */
    rig_wait_s(&cjt, 40 * RIG_HOUR_S - 60);
    rig_wait_s(&cjt, 120);
    assert_int_equal(cjt_ask_own(CJT188_READ, CJT188_DI_PRICES, NULL, 0), 0);
    cjt_data_is("prices", (const uint8_t[]){0, 3, 0, 0x10, 0, 0, 0, 4, 0, 0x20, 0, 0, 0, 5, 0}, 15);
    const int64_t before_fen = rig_status(&cjt).balance.fen;
    rig_use(&cjt, 12 * CJT_PULSES, 600);
    assert_int_equal(before_fen - rig_status(&cjt).balance.fen, 10 * 300 + 2 * 400);
}

static void test_life_refuses(void **state)
{
    (void)state;
    assert_int_equal(meter_clear(&cjt.meter, cjt.now), GT_ERR_OK);
    assert_int_equal(buy(5000, 1, 0), 0x00A0); /* D5; D7: nothing is left */
    assert_int_equal(turn(0x99, 1, 60), 0);    /* the valve may be turned */
    assert_int_equal(rig_status(&cjt).purchase_count, 0);
}

static void test_bare_and_without_a_clock(void **state)
{
    (void)state;
    static const uint8_t prices[] = {0, 3, 0, 0x10, 0, 0, 0, 4, 0, 0x20, 0, 0, 0, 5, 0, 0x12};
    static const uint8_t day[] = {0x15};
    cjt.rtc_good = false;
    assert_int_equal(rig_power_cycle(&cjt, 1), GT_ERR_OK);
    assert_int_equal(parameter(0xA010, prices, sizeof prices, 1), 0x0100); /* begins when? */
    assert_int_equal(turn(0x99, 1, 60), 0x0010); /* expired, as far as it knows */
    assert_int_equal(cjt_ask_own(CJT188_READ, CJT188_DI_CURRENT, NULL, 0), 0);
    cjt_data_is("no clock",
                (const uint8_t[]){0, 0, 0, 0, 0x2C, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0,
                                  0, 0, 0},
                19);
    rig_prepare(&cjt);
    cjt.cfg.protocol = METER_PROTOCOL_CJT188;
    cjt.cfg.cjt188_type = CJT188_TYPE_WATER_COLD;
    cjt.cfg.cjt188_maker = CJT_MAKER;
    cjt.cfg.life = METER_LIFE_BARE;
    assert_int_equal(rig_power_on(&cjt), GT_ERR_OK);
    assert_int_equal(parameter(0xA010, prices, sizeof prices, 1), 0x0020);
    assert_int_equal(parameter(0xA011, day, sizeof day, 1), 0x0020);
    assert_int_equal(turn(0x99, 1, 60), 0x0020);
    assert_int_equal(buy(5000, 1, cjt.cfg.customer_no), 0x0020);
    assert_int_equal(rig_status(&cjt).parameter_count, 0);
}

static void test_address(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint8_t addr[8];
        size_t len;
        unsigned want;
    } rows[] = {
        {"other maker", {1, 0, 0, 0, 0, 0x35, 0x12}, 7, 0x0180},
        {"no number", {0, 0, 0, 0, 0, 0x34, 0x12}, 7, 0x0180},
        {"wildcard", {0xAA, 0, 0, 0, 0, 0x34, 0x12}, 7, 0x0180},
        {"short", {1, 0, 0, 0, 0, 0x34}, 6, 0x0180},
        {"long", {1, 0, 0, 0, 0, 0x34, 0x12, 0}, 8, 0x0180},
    };
    assert_int_equal(meter_clear(&cjt.meter, cjt.now), GT_ERR_OK);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const unsigned got =
            cjt_ask_own(CJT188_WRITE_ADDR, CJT188_DI_ADDR_SET, rows[i].addr, rows[i].len);
        if (got != rows[i].want) {
            fail_msg("%s: %04X", rows[i].name, got);
        }
    }
    static const uint8_t addr[] = {0x58, 0x02, 0, 0x01, 0x26, 0x34, 0x12};
    uint8_t buf[CJT188_FRAME_MAX];
    const cjt_request write = {0x10, cjt_own, 0x15, 0xA018, addr, sizeof addr, false};
    const cjt_request to_old = {0x10, cjt_own, 1, 0x901F, NULL, 0, false};
    const cjt_request to_new = {0x10, cjt_own + 1, 1, 0x901F, NULL, 0, false};
    rig_send(&cjt, buf, cjt_frame(&write, buf));
    assert_true(cjt.tx_len != 0);
    assert_int_equal(rig_power_cycle(&cjt, 1), GT_ERR_OK);
    rig_send(&cjt, buf, cjt_frame(&to_old, buf));
    assert_int_equal(cjt.tx_len, 0);
    rig_send(&cjt, buf, cjt_frame(&to_new, buf));
    assert_true(cjt.tx_len != 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_purchase, cjt_setup),
        cmocka_unit_test_setup(test_only_the_station_sells, cjt_setup),
        cmocka_unit_test_setup(test_digits_that_are_none, cjt_setup),
        cmocka_unit_test_setup(test_memory_fails_and_nobody_is_told, cjt_setup),
        cmocka_unit_test_setup(test_valve, cjt_setup),
        cmocka_unit_test_setup(test_prices_and_days, cjt_setup),
        cmocka_unit_test_setup(test_life_refuses, cjt_setup),
        cmocka_unit_test_setup(test_bare_and_without_a_clock, cjt_setup),
        cmocka_unit_test_setup(test_address, cjt_setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
