/* A meter on an M-Bus line: found by either address, read telegram by telegram, ordered, and all
 * that it does not answer. */
#include "mbus_rig.h"

#include "base/bytes.h"
#include "codec/cjt188/item.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static mbus_record maker_record(void)
{
    gt_rd records = gt_rd_of(mb_content.rest, mb_content.rest_len);
    mbus_record record = {.kind = MBUS_RECORD_VALUE};
    while (gt_rd_left(&records) > 0) {
        assert_int_equal(mbus_record_decode(&records, &record), GT_ERR_OK);
    }
    return record;
}

static void test_reads(void **state)
{
    (void)state;
    static const struct {
        uint8_t type;
        uint8_t medium;
        uint8_t vif;
    } rows[] = {{0x10, 0x16, 0x14}, {0x11, 0x06, 0x14}, {0x12, 0x07, 0x14}, {0x13, 0x28, 0x14},
                {0x20, 0x04, 0x04}, {0x21, 0x0A, 0x04}, {0x30, 0x03, 0x14}, {0x40, 0x02, 0x04},
                {0, 0x02, 0x04},    {0x45, 0x0F, 0x14}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        mb_power_on(rows[i].type);
        const meter_measurement measured = {.power_w = {500, -1500, 250}};
        meter_measure(&mb.meter, &measured, mb.now);
        rig_use(&mb, 3 * MB_PULSES_UNIT, 600);
        assert_int_equal(mb_ask(mbus_snd_nke(MB_OWN)), MB_ACKED);
        assert_int_equal(mb_ask(mbus_req_ud2(MB_OWN, true)), 0x72);
        assert_int_equal(mb_reply.address, MB_OWN);
        assert_int_equal(mb_content.header.device.id, mb_own.id);
        assert_int_equal(mb_content.header.device.manufacturer, MB_MAKER);
        assert_int_equal(mb_content.header.device.medium, rows[i].medium);
        assert_int_equal(mb_content.header.status, 0);
        assert_int_equal(mb_number("total", 0, 0, rows[i].vif, 0), 300);
        assert_int_equal(mb_number("balance", 0, 0, 0xFD, 0x01), 10000 - 180);
        assert_int_equal(mb_number("valve", 0, 0, 0xFD, 0x1A), 1);
        assert_int_equal(mb_number("faults", 0, 0, 0xFD, 0x17), 0);
        assert_false(mbus_records_more(mb_content.rest, mb_content.rest_len));
        if (rows[i].medium == 0x02) {
            assert_int_equal(mb_number("power", 0, 0, 0x2B, 0), -750);
            assert_int_equal(mb_number("rate 3", 0, 3, 0x04, 0), 300);
        }
    }
}

static void test_time_and_debt(void **state)
{
    (void)state;
    assert_int_equal(mb_ask(mbus_req_ud2(MB_OWN, true)), 0x72);
    gt_rd records = gt_rd_of(mb_content.rest, mb_content.rest_len);
    mbus_record record;
    mbus_value value;
    assert_int_equal(mbus_record_decode(&records, &record), GT_ERR_OK);
    mbus_value_decode(&record, false, &value);
    assert_int_equal(value.kind, MBUS_VALUE_TIME);
    assert_int_equal(value.time.year, 2026);
    assert_int_equal(value.time.month * 100 + value.time.day, 310);
    assert_int_equal(value.time.hour, 8);
    assert_int_equal(mb_ask(mbus_req_ud1(MB_OWN, true)), MB_ACKED);
    rig_use(&mb, 170 * MB_PULSES_UNIT, 600); /* 2.00 yuan below zero */
    assert_int_equal(mb_ask(mbus_req_ud2(MB_OWN, true)), 0x72);
    assert_int_equal(mb_ask(mbus_req_ud2(MB_OWN, false)), 0x72);
    assert_int_equal(mb_number("balance", 0, 0, 0xFD, 0x01), -200);
    assert_int_equal(mb_content.header.status, 0x60);
    assert_true((mb_reply.control & MBUS_C_FCB) != 0); /* ACD: class 1 data waits */
    assert_int_equal(mb_ask(mbus_req_ud1(MB_OWN, true)), 0x71);
    assert_int_equal(mb_reply.data[0], 0x60);
    rig_use(&mb, 20 * MB_PULSES_UNIT, 600); /* beyond the overdraft */
    rig_wait_s(&mb, 2);
    assert_int_equal(mb_ask(mbus_req_ud2(MB_OWN, true)), 0x72);
    assert_int_equal(mb_content.header.status, 0xE0);
    assert_int_equal(mb_number("valve", 0, 0, 0xFD, 0x1A), 0);
}

static void test_no_clock(void **state)
{
    (void)state;
    mb.rtc_good = false;
    assert_int_equal(rig_power_cycle(&mb, 1), GT_ERR_OK);
    assert_int_equal(mb_ask(mbus_req_ud2(MB_OWN, true)), 0x72);
    gt_rd records = gt_rd_of(mb_content.rest, mb_content.rest_len);
    mbus_record record;
    assert_int_equal(mbus_record_decode(&records, &record), GT_ERR_OK);
    assert_int_equal(record.vif, 0x14); /* the total, no time before it */
}

/* A readout of two telegrams: the next as the bit turns, the same again when it does not. */
static void test_telegrams(void **state)
{
    (void)state;
    rig_clock(&mb, 2026, 3, 31, 23 * 60);
    assert_int_equal(rig_power_cycle(&mb, 1), GT_ERR_OK);
    rig_use(&mb, 5 * MB_PULSES_UNIT, 1800);
    rig_wait_s(&mb, 7200);
    rig_use(&mb, MB_PULSES_UNIT, 600);
    static const struct {
        const char *name;
        mbus_frame frame;
        unsigned telegram; /* 2: an acknowledgement */
        int access;        /* more than before */
    } rows[] = {
        {"the first", {MBUS_SHORT, 0x7B, MB_OWN, 0, 0, NULL}, 0, 1},
        {"again", {MBUS_SHORT, 0x7B, MB_OWN, 0, 0, NULL}, 0, 0},
        {"the second", {MBUS_SHORT, 0x5B, MB_OWN, 0, 0, NULL}, 1, 1},
        {"again", {MBUS_SHORT, 0x5B, MB_OWN, 0, 0, NULL}, 1, 0},
        {"over", {MBUS_SHORT, 0x7B, MB_OWN, 0, 0, NULL}, 0, 1},
        {"the second", {MBUS_SHORT, 0x5B, MB_OWN, 0, 0, NULL}, 1, 1},
        {"anew", {MBUS_SHORT, 0x40, MB_OWN, 0, 0, NULL}, 2, 0},
        {"the first, either bit", {MBUS_SHORT, 0x5B, MB_OWN, 0, 0, NULL}, 0, 1},
        {"the second", {MBUS_SHORT, 0x7B, MB_OWN, 0, 0, NULL}, 1, 1},
        {"bit not counted", {MBUS_SHORT, 0x4B, MB_OWN, 0, 0, NULL}, 0, 1},
        {"nor again", {MBUS_SHORT, 0x4B, MB_OWN, 0, 0, NULL}, 0, 1},
        {"the first", {MBUS_SHORT, 0x7B, MB_OWN, 0, 0, NULL}, 0, 1},
        {"application reset", {MBUS_LONG, 0x53, MB_OWN, 0x50, 0, NULL}, 2, 0},
        {"the first", {MBUS_SHORT, 0x5B, MB_OWN, 0, 0, NULL}, 0, 1},
    };
    int access = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const int got = mb_ask(rows[i].frame);
        if (got != (rows[i].telegram == 2 ? MB_ACKED : 0x72)) {
            fail_msg("%zu %s: %02X", i, rows[i].name, (unsigned)got);
        }
        if (got == MB_ACKED) {
            continue;
        }
        const bool more = mbus_records_more(mb_content.rest, mb_content.rest_len);
        if (more != (rows[i].telegram == 0) ||
            mb_content.header.access != (uint8_t)(access + rows[i].access)) {
            fail_msg("%zu %s: telegram or access number", i, rows[i].name);
        }
        access = mb_content.header.access;
        if (!more) {
            assert_int_equal(mb_number("settled", 1, 0, 0x14, 0), 500);
        } else {
            assert_int_equal(mb_number("total", 0, 0, 0x14, 0), 600);
        }
    }
}

/* ---- addresses ---- */

static void test_primary(void **state)
{
    (void)state;
    for (unsigned address = 0; address <= 255; address++) {
        const int want =
            address == MB_OWN || address == MBUS_ADDR_ALL_ANSWER ? MB_ACKED : MB_SILENT;
        if (mb_ask(mbus_snd_nke((uint8_t)address)) != want) {
            fail_msg("address %u", address);
        }
    }
    static const struct {
        const char *name;
        uint8_t to;
        uint8_t data[4];
        size_t len;
        int want;
        int error; /* of the next answer, -1 none */
        uint8_t now;
    } rows[] = {
        {"of everybody", 255, {0x01, 0x7A, 5}, 3, MB_SILENT, -1, 17},
        {"0", 17, {0x01, 0x7A, 0}, 3, MB_ACKED, 0, 17},
        {"251", 17, {0x01, 0x7A, 251}, 3, MB_ACKED, 0, 17},
        {"253", 17, {0x01, 0x7A, 253}, 3, MB_ACKED, 0, 17},
        {"of another storage", 17, {0x41, 0x7A, 5}, 3, MB_ACKED, 0, 17},
        {"two bytes", 17, {0x02, 0x7A, 5, 0}, 4, MB_ACKED, 0, 17},
        {"cut short", 17, {0x01, 0x7A}, 2, MB_ACKED, 4, 17},
        {"5", 17, {0x01, 0x7A, 5}, 3, MB_ACKED, -1, 5},
        {"250", 254, {0x01, 0x7A, 250}, 3, MB_ACKED, -1, 250},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const int got = mb_send(rows[i].to, 0x51, rows[i].data, rows[i].len);
        assert_int_equal(rig_power_cycle(&mb, 1), GT_ERR_OK); /* it stays */
        if (got != rows[i].want || mb_ask(mbus_snd_nke(rows[i].now)) != MB_ACKED) {
            fail_msg("%s: %d", rows[i].name, got);
        }
    }
    for (size_t i = 1; i < 7; i++) { /* the error waits for the next request */
        mb_power_on(0x10);
        assert_int_equal(mb_send(rows[i].to, 0x51, rows[i].data, rows[i].len), MB_ACKED);
        assert_int_equal(mb_ask(mbus_req_ud2(17, true)), 0x70);
        assert_int_equal(mb_reply.data[0], rows[i].error);
        assert_int_equal(mb_ask(mbus_req_ud2(17, false)), 0x72);
    }
}

static void test_secondary(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint8_t data[14];
        size_t len;
        bool takes;
    } rows[] = {
        {"exact", {0x57, 0x02, 0x00, 0x01, 0x94, 0x1D, 3, 0x16}, 8, true},
        {"all wildcards", {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}, 8, true},
        {"some digits", {0xF7, 0x02, 0xF0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}, 8, true},
        {"maker and medium", {0xFF, 0xFF, 0xFF, 0xFF, 0x94, 0x1D, 0xFF, 0x16}, 8, true},
        {"fabrication number behind",
         {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x0C, 0x78, 0x57, 0xFF, 0xFF, 0xFF},
         14,
         true},
        {"other digit", {0x58, 0x02, 0x00, 0x01, 0xFF, 0xFF, 0xFF, 0xFF}, 8, false},
        {"other maker", {0x57, 0x02, 0x00, 0x01, 0x95, 0x1D, 3, 0x16}, 8, false},
        {"other version", {0x57, 0x02, 0x00, 0x01, 0x94, 0x1D, 4, 0x16}, 8, false},
        {"other medium", {0x57, 0x02, 0x00, 0x01, 0x94, 0x1D, 3, 0x07}, 8, false},
        {"other fabrication number",
         {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x0C, 0x78, 0x58, 0xFF, 0xFF, 0xFF},
         14,
         false},
        {"a record we do not have",
         {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x0C, 0x79, 0x57, 0xFF, 0xFF, 0xFF},
         14,
         false},
        {"a record cut short",
         {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x0C, 0x78, 0x57, 0xFF, 0xFF},
         13,
         false},
        {"too short", {0x57, 0x02, 0x00, 0x01, 0x94, 0x1D, 3}, 7, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        mb_power_on(0x10);
        const int got = mb_send(MBUS_ADDR_SELECTED, 0x52, rows[i].data, rows[i].len);
        if (got != (rows[i].takes ? MB_ACKED : MB_SILENT)) {
            fail_msg("%s: %d", rows[i].name, got);
        }
        if ((mb_ask(mbus_req_ud2(MBUS_ADDR_SELECTED, true)) == 0x72) != rows[i].takes) {
            fail_msg("%s: then", rows[i].name);
        }
        /* another is selected: this one is not any more */
        assert_int_equal(mb_send(MBUS_ADDR_SELECTED, 0x52, rows[5].data, rows[5].len), MB_SILENT);
        assert_int_equal(mb_ask(mbus_req_ud2(MBUS_ADDR_SELECTED, false)), MB_SILENT);
        assert_int_equal(mb_ask(mbus_snd_nke(MBUS_ADDR_SELECTED)), MB_SILENT);
    }
    assert_int_equal(mb_send(MBUS_ADDR_SELECTED, 0x52, rows[0].data, 8), MB_ACKED);
    assert_int_equal(mb_ask(mbus_snd_nke(MB_OWN)), MB_ACKED); /* does not deselect */
    assert_int_equal(mb_ask(mbus_snd_nke(MBUS_ADDR_SELECTED)), MB_ACKED);
    assert_int_equal(mb_ask(mbus_snd_nke(MBUS_ADDR_SELECTED)), MB_SILENT);
    assert_int_equal(mb_send(MBUS_ADDR_SELECTED, 0x56, rows[1].data, 8), MB_SILENT); /* mode 2 */
}

static void test_not_for_it(void **state)
{
    (void)state;
    static const mbus_frame rows[] = {
        {MBUS_SHORT, 0x08, MB_OWN, 0, 0, NULL},   /* from a meter */
        {MBUS_SHORT, 0x49, MB_OWN, 0, 0, NULL},   /* request status */
        {MBUS_SHORT, 0x53, MB_OWN, 0, 0, NULL},   /* data without data */
        {MBUS_LONG, 0x5B, MB_OWN, 0x51, 0, NULL}, /* a request with data */
        {MBUS_LONG, 0x08, MB_OWN, 0x72, 0, NULL}, /* an answer */
        {MBUS_LONG, 0x53, 18, 0x51, 0, NULL},     /* another's */
        {MBUS_LONG, 0x53, 253, 0x51, 0, NULL},    /* nobody is selected */
        {MBUS_SHORT, 0x7B, 255, 0, 0, NULL},      /* everybody's */
        {MBUS_SHORT, 0x40, 255, 0, 0, NULL},      {MBUS_ACK, 0, 0, 0, 0, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (mb_ask(rows[i]) != MB_SILENT) {
            fail_msg("row %zu", i);
        }
    }
}

static void test_speed(void **state)
{
    (void)state;
    static const struct {
        uint8_t ci;
        uint32_t baud;
    } rows[] = {{0xB9, 600},   {0xBA, 1200},  {0xBB, 2400},  {0xBC, 4800}, {0xBE, 19200},
                {0xB8, 19200}, {0xBF, 19200}, {0xB7, 19200}, {0xBD, 9600}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(mb_send(MB_OWN, rows[i].ci, NULL, 0), MB_ACKED);
        assert_int_equal(mb.meter.line[METER_LINE_RS485].baud, rows[i].baud);
    }
    assert_int_equal(mb_send(MB_OWN, 0x72, NULL, 0), MB_ACKED); /* a header cut short */
    assert_int_equal(mb_ask(mbus_req_ud2(MB_OWN, true)), 0x70);
    assert_int_equal(mb_reply.data[0], 4);
    assert_int_equal(mb_send(MBUS_ADDR_BROADCAST, 0xBA, NULL, 0), MB_SILENT);
    assert_int_equal(mb.meter.line[METER_LINE_RS485].baud, 9600);
}

static void test_clock(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint8_t to;
        mbus_time time;
        size_t cut;
        int minute;
    } rows[] = {
        {"an hour", MB_OWN, {MBUS_TIME_F, 2026, 3, 10, 9, 3, 0, false, false}, 0, 0},
        {"no such day", MB_OWN, {MBUS_TIME_F, 2026, 2, 30, 8, 3, 0, false, false}, 0, 0},
        {"not a time", MB_OWN, {MBUS_TIME_F, 2026, 3, 10, 8, 3, 0, false, true}, 0, 0},
        {"a date only", MB_OWN, {MBUS_TIME_G, 2026, 3, 10, 0, 0, 0, false, false}, 0, 0},
        {"cut short", MB_OWN, {MBUS_TIME_F, 2026, 3, 10, 8, 3, 0, false, false}, 1, 0},
        {"good", MBUS_ADDR_BROADCAST, {MBUS_TIME_F, 2026, 3, 10, 8, 3, 0, false, false}, 0, 3},
        {"twice a day", MB_OWN, {MBUS_TIME_F, 2026, 3, 10, 8, 1, 0, false, false}, 0, 3},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t data[MB_DATA_MAX] = {0x04, 0x6D};
        size_t len = 0;
        data[0] = rows[i].time.type == MBUS_TIME_G ? 0x02 : 0x04;
        assert_int_equal(mbus_time_encode(&rows[i].time, data + 2, &len), GT_ERR_OK);
        data[2] |= rows[i].time.invalid ? 0x80 : 0;
        const int got = mb_send(rows[i].to, 0x51, data, 2 + len - rows[i].cut);
        gt_civil civil = {0};
        assert_int_equal(gt_civil_of_utc(rig_status(&mb).clock, 480, &civil), GT_ERR_OK);
        if ((got == MB_SILENT) != (rows[i].to == MBUS_ADDR_BROADCAST) ||
            civil.minute != rows[i].minute || civil.hour != 8) {
            fail_msg("%s: %d %d", rows[i].name, got, civil.minute);
        }
    }
}

/* ---- orders ---- */

static size_t order(uint8_t *data, uint16_t id, meter_key_purpose purpose, size_t len)
{
    const meter_command command = {
        .first_register = id, .meter_no = mb.cfg.meter_no, .block = data + 3, .block_len = len};
    data[0] = 0x0F;
    data[1] = (uint8_t)id;
    data[2] = (uint8_t)(id >> 8);
    assert_int_equal(meter_command_mac(mb.cfg.key[purpose], &command, data + 3 + len), GT_ERR_OK);
    return 3 + len + METER_MAC_LEN;
}

static void test_orders(void **state)
{
    (void)state;
    uint8_t money[MB_DATA_MAX] = {0, 0, 0, 1,    0x00, 0x50, 0,    0,    1,
                                  0, 0, 0, 0x00, 0x04, 0x30, 0x00, 0x02, 0x10};
    const size_t money_len = order(money, CJT188_DI_PURCHASE_SET, METER_KEY_PURCHASE, 15);
    uint8_t valve[MB_DATA_MAX] = {0, 0, 0, 0x99, 1, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF};
    const size_t valve_len = order(valve, CJT188_DI_VALVE_SET, METER_KEY_CONTROL, 9);
    uint8_t wrong[MB_DATA_MAX];
    memcpy(wrong, money, sizeof wrong);
    wrong[5] = 0x51;
    static const uint8_t unknown[] = {0x0F, 0x99, 0xA0, 1, 2};
    const struct {
        const char *name;
        uint8_t to;
        const uint8_t *data;
        size_t len;
        int want;
        bool error;
        uint16_t result;
        int64_t balance_fen;
        bool open;
    } rows[] = {
        {"to everybody", 255, money, money_len, MB_SILENT, false, 0, 10000, true},
        {"wrong amount", MB_OWN, wrong, money_len, MB_ACKED, true, METER_RESULT_MAC, 10000, true},
        {"no MAC", MB_OWN, money, 8, MB_ACKED, true, METER_RESULT_AUTH, 10000, true},
        {"no identifier", MB_OWN, money, 2, MB_ACKED, true, METER_RESULT_AUTH, 10000, true},
        {"nothing", MB_OWN, money, 1, MB_ACKED, true, METER_RESULT_AUTH, 10000, true},
        {"no such order", MB_OWN, unknown, sizeof unknown, MB_ACKED, true, METER_RESULT_AUTH, 10000,
         true},
        {"good", MB_OWN, money, money_len, MB_ACKED, false, METER_RESULT_OK, 15000, true},
        {"the same again", MB_OWN, money, money_len, MB_ACKED, false, METER_RESULT_OK, 15000, true},
        {"valve to everybody", 255, valve, valve_len, MB_SILENT, false, METER_RESULT_OK, 15000,
         true},
        {"valve", MB_OWN, valve, valve_len, MB_ACKED, false, METER_RESULT_OK, 15000, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const int got = mb_send(rows[i].to, 0x51, rows[i].data, rows[i].len);
        rig_wait_s(&mb, 1);
        const int then = mb_ask(mbus_req_ud2(MB_OWN, i % 2 == 0));
        if (got != rows[i].want || (then == 0x70) != (rows[i].error || got == MB_SILENT)) {
            fail_msg("%s: %d %02X %04X", rows[i].name, got, (unsigned)then,
                     rig_status(&mb).last_result);
        }
        (void)(then == 0x70 ? mb_ask(mbus_snd_nke(MB_OWN)) : 0);
        assert_int_equal(mb_ask(mbus_req_ud2(MB_OWN, true)), 0x72);
        const mbus_record counted = maker_record();
        assert_int_equal(counted.data_len, 22);
        if (mb_number("balance", 0, 0, 0xFD, 0x01) != rows[i].balance_fen ||
            (mb_number("valve", 0, 0, 0xFD, 0x1A) != 0) != rows[i].open ||
            counted.data[20] != rows[i].result) {
            fail_msg("%s: result %02X", rows[i].name, counted.data[20]);
        }
        assert_int_equal(mb_ask(mbus_snd_nke(MB_OWN)), MB_ACKED);
    }
    assert_int_equal(rig_status(&mb).purchase_count, 1);
    assert_int_equal(rig_status(&mb).control_count, 1);
}

static void test_memory_fails_and_nobody_is_told(void **state)
{
    (void)state;
    static const uint8_t address[] = {0x01, 0x7A, 5};
    sim_eeprom_cut(&mb.eeprom);
    assert_int_equal(mb_send(MB_OWN, 0x51, address, sizeof address), MB_SILENT);
    assert_int_equal(mb_send(MB_OWN, 0xBA, NULL, 0), MB_SILENT);
}

static void test_frames_are_found(void **state)
{
    (void)state;
    uint8_t good[MBUS_FRAME_MAX];
    uint8_t buf[MBUS_FRAME_MAX];
    size_t len = 0;
    const mbus_frame select =
        mbus_snd_ud(MBUS_ADDR_SELECTED, false, 0x52,
                    (const uint8_t[]){255, 255, 255, 255, 255, 255, 255, 255}, 8);
    assert_int_equal(mbus_frame_encode(&select, good, sizeof good, &len), GT_ERR_OK);
    for (size_t cut = 1; cut < len; cut++) {
        rig_send(&mb, good, cut);
        assert_int_equal(mb.tx_len, 0);
        rig_send(&mb, good + cut, len - cut);
        assert_int_equal(mb.tx_len, 1);
        rig_send(&mb, good, cut);
        rig_wait_s(&mb, 1);
        rig_send(&mb, good, len);
        assert_int_equal(mb.tx_len, 1);
    }
    for (size_t bit = 0; bit < 8 * len; bit++) {
        memcpy(buf, good, len);
        buf[bit / 8] ^= (uint8_t)(1U << bit % 8);
        rig_send(&mb, buf, len);
        assert_int_equal(mb.tx_len, 0);
        rig_wait_s(&mb, 1);
    }
    memset(buf, 0, sizeof buf); /* no protocol's idle line */
    for (size_t n = 1; n < 200; n++) {
        rig_send(&mb, buf, n);
        assert_int_equal(mb.tx_len, 0);
    }
    static const uint8_t noise[] = {0x00, 0xE5, 0x68, 0x68, 0x10, 0x16, 0x68, 0x03};
    memcpy(buf, noise, sizeof noise);
    memcpy(buf + sizeof noise, good, len);
    rig_send(&mb, buf, sizeof noise + len);
    rig_wait_s(&mb, 1);
    rig_send(&mb, good, len);
    assert_int_equal(mb.tx_len, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_reads, mb_setup),
        cmocka_unit_test_setup(test_time_and_debt, mb_setup),
        cmocka_unit_test_setup(test_no_clock, mb_setup),
        cmocka_unit_test_setup(test_telegrams, mb_setup),
        cmocka_unit_test_setup(test_primary, mb_setup),
        cmocka_unit_test_setup(test_secondary, mb_setup),
        cmocka_unit_test_setup(test_not_for_it, mb_setup),
        cmocka_unit_test_setup(test_speed, mb_setup),
        cmocka_unit_test_setup(test_clock, mb_setup),
        cmocka_unit_test_setup(test_orders, mb_setup),
        cmocka_unit_test_setup(test_memory_fails_and_nobody_is_told, mb_setup),
        cmocka_unit_test_setup(test_frames_are_found, mb_setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
