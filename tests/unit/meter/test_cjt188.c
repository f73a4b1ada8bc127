/* A water, gas or heat meter on a CJ/T 188 line: what it shows, whom it answers, and what is not a
 * frame for it. */
#include "cjt188_rig.h"

#include "meter/service.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

/* What is read, byte for byte: 3.00 units used at 8 o'clock, 2.60 yuan gone. */
static void test_reads(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint8_t type;
        uint8_t function;
        uint16_t di;
        size_t len;
        uint8_t want[48];
    } rows[] = {
        {"water",
         0x10,
         0x01,
         0x901F,
         19,
         {0x00, 0x03, 0x00, 0x00, 0x2C, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, 0x10, 0x08, 0x10, 0x03,
          0x26, 0x20, 0x00, 0x00}},
        {"gas",
         0x30,
         0x01,
         0x901F,
         19,
         {0x00, 0x03, 0x00, 0x00, 0x2C, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, 0x10, 0x08, 0x10, 0x03,
          0x26, 0x20, 0x00, 0x00}},
        {"electricity",
         0x40,
         0x01,
         0x901F,
         19,
         {0x00, 0x03, 0x00, 0x00, 0x05, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, 0x10, 0x08, 0x10, 0x03,
          0x26, 0x20, 0x00, 0x00}},
        {"not configured",
         0,
         0x01,
         0x901F,
         19,
         {0x00, 0x03, 0x00, 0x00, 0x05, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, 0x10, 0x08, 0x10, 0x03,
          0x26, 0x20, 0x00, 0x00}},
        {"heat", 0x20, 0x01, 0x901F, 43, {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x03, 0x00, 0x00,
                                          0x05, 0x25, 0x01, 0x00, 0x00, 0x17, 0xFF, 0xFF, 0xFF,
                                          0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
                                          0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, 0x10,
                                          0x08, 0x10, 0x03, 0x26, 0x20, 0x00, 0x00}},
        {"history", 0x10, 0x01, 0xD120, 5, {0xFF, 0xFF, 0xFF, 0xFF, 0xFF}},
        {"history 12", 0x10, 0x01, 0xD12B, 5, {0xFF, 0xFF, 0xFF, 0xFF, 0xFF}},
        {"purchase",
         0x10,
         0x01,
         0x8105,
         15,
         {0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x20, 0x98, 0x00, 0x00, 0x00,
          0x00}},
        {"prices",
         0x10,
         0x01,
         0x8102,
         15,
         {0x60, 0x00, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
          0xFF}},
        {"settlement day", 0x10, 0x01, 0x8103, 1, {0x01}},
        {"key version", 0x10, 0x09, 0x8106, 1, {0x01}},
        {"address", 0x10, 0x03, 0x810A, 0, {0}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cjt_power_on(rows[i].type);
        const meter_measurement measured = {.power_w = {500, 500, 250}};
        meter_measure(&cjt.meter, &measured, cjt.now);
        rig_use(&cjt, 3 * CJT_PULSES, 600);
        const cjt_request q = {rows[i].type != 0 ? rows[i].type : 0x40,
                               cjt_own,
                               rows[i].function,
                               rows[i].di,
                               NULL,
                               0,
                               i % 2 != 0};
        if (cjt_ask(&q) != 0) {
            fail_msg("%s: refused", rows[i].name);
        }
        assert_int_equal(cjt_reply.di_high_first, q.high_first); /* as the master does */
        uint8_t want[48];
        memcpy(want, rows[i].want, sizeof want);
        if (rows[i].di == 0x901F) { /* the seconds that the frames take */
            want[rows[i].len - 9] = cjt_reply.data[rows[i].len - 9];
        }
        cjt_data_is(rows[i].name, want, rows[i].len);
        cjt188_walk walk = cjt188_walk_of(&cjt_reply);
        cjt188_value values[16];
        size_t count = 0;
        const gt_err err = cjt188_walk_take(&walk, values, 16, &count);
        assert_true(err == GT_ERR_OK || (err == GT_ERR_NOT_FOUND && rows[i].len == 0));
    }
}

static void test_history_after_a_settlement(void **state)
{
    (void)state;
    cjt_power_on(CJT188_TYPE_GAS);
    rig_clock(&cjt, 2026, 3, 31, 23 * 60);
    assert_int_equal(rig_power_cycle(&cjt, 1), GT_ERR_OK);
    rig_use(&cjt, 5 * CJT_PULSES, 1800);
    rig_wait_s(&cjt, 7200);
    assert_int_equal(cjt_ask_own(CJT188_READ, CJT188_DI_HISTORY, NULL, 0), 0);
    cjt_data_is("one month back", (const uint8_t[]){0x00, 0x05, 0x00, 0x00, 0x2C}, 5);
    assert_int_equal(cjt_ask_own(CJT188_READ, CJT188_DI_HISTORY + 1, NULL, 0), 0);
    cjt_data_is("two months back", (const uint8_t[]){0xFF, 0xFF, 0xFF, 0xFF, 0xFF}, 5);
}

static void test_refused_reads_and_writes(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint8_t function;
        uint16_t di;
        size_t len;
        uint8_t data[24];
        unsigned want;
    } rows[] = {
        {"no such item", 0x01, 0x9999, 0, {0}, 0x0100},
        {"reading day", 0x01, 0x8104, 0, {0}, 0x0100},
        {"13 months back", 0x01, 0xD12C, 0, {0}, 0x0100},
        {"data in a read", 0x01, 0x901F, 1, {0}, 0x0100},
        {"address by the wrong function", 0x01, 0x810A, 0, {0}, 0x0100},
        {"readings by the function of addresses", 0x03, 0x901F, 0, {0}, 0x0100},
        {"readings written", 0x04, 0x901F, 0, {0}, 0x0100},
        {"reading day written", 0x04, 0xA012, 1, {1}, 0x0100},
        {"key without the element", 0x04, 0xA014, 9, {2}, 0x0100},
        {"base reading", 0x16, 0xA016, 5, {0, 0, 0, 0, 0x2C}, 0x0100},
        {"address written", 0x15, 0xA018, 7, {1, 2, 3, 4, 5, 6, 7}, 0x0020},
        {"factory enable", 0x04, 0xA019, 0, {0}, 0x0100},
        {"money as in the standard", 0x04, 0xA013, 5, {1, 0, 0x50, 0, 0}, 0x0800},
        {"money, cut short", 0x04, 0xA013, 22, {1, 0, 0x50}, 0x0800},
        {"money, a byte too many", 0x04, 0xA013, 24, {1, 0, 0x50}, 0x0800},
        {"valve as in the standard", 0x04, 0xA017, 1, {0x99}, 0x0800},
        {"prices as in the standard", 0x04, 0xA010, 16, {1}, 0x0800},
        {"settlement day as in the standard", 0x04, 0xA011, 1, {5}, 0x0800},
        {"no clock", 0x04, 0xA015, 0, {0}, 0x0100},
        {"clock, cut short", 0x04, 0xA015, 6, {0, 0, 8, 0x10, 3, 0x26}, 0x0100},
        {"clock, a byte too many", 0x04, 0xA015, 8, {0, 2, 8, 0x10, 3, 0x26, 0x20}, 0x0100},
        {"clock, not BCD", 0x04, 0xA015, 7, {0x0A, 2, 8, 0x10, 3, 0x26, 0x20}, 0x0100},
        {"clock, no such day", 0x04, 0xA015, 7, {0, 2, 8, 0x30, 2, 0x26, 0x20}, 0x0100},
        {"clock, far away", 0x04, 0xA015, 7, {0, 2, 9, 0x10, 3, 0x26, 0x20}, 0x0100},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const unsigned got = cjt_ask_own(rows[i].function, rows[i].di, rows[i].data, rows[i].len);
        if (got != rows[i].want) {
            fail_msg("%s: %04X", rows[i].name, got);
        }
    }
    const meter_status s = rig_status(&cjt);
    assert_int_equal(s.balance.fen, cjt.cfg.opening_fen);
    assert_int_equal(s.purchase_count + s.control_count + s.parameter_count, 0);
    assert_true(s.relay_closed);
}

static void test_who_answers(void **state)
{
    (void)state;
    static const uint8_t clock[] = {0, 3, 8, 0x10, 3, 0x26, 0x20};
    static const uint8_t valve[17] = {0x99};
    static const struct {
        const char *name;
        cjt_request q;
        bool answers;
    } rows[] = {
        {"own", {0x10, UINT64_C(0x12342601000257), 1, 0x901F, NULL, 0, false}, true},
        {"any type", {0xAA, UINT64_C(0x12342601000257), 1, 0x901F, NULL, 0, false}, true},
        {"any address", {0x10, CJT188_ADDR_ANY, 1, 0x901F, NULL, 0, false}, true},
        {"any address, for the address", {0xAA, CJT188_ADDR_ANY, 3, 0x810A, NULL, 0, false}, true},
        {"any maker", {0x10, UINT64_C(0xAAAA2601000257), 1, 0x901F, NULL, 0, false}, true},
        {"other type", {0x30, UINT64_C(0x12342601000257), 1, 0x901F, NULL, 0, false}, false},
        {"other number", {0x10, UINT64_C(0x12342601000258), 1, 0x901F, NULL, 0, false}, false},
        {"other maker", {0x10, UINT64_C(0x12352601000257), 1, 0x901F, NULL, 0, false}, false},
        {"everybody, no such item", {0x10, CJT188_ADDR_ANY, 1, 0x9999, NULL, 0, false}, false},
        {"everybody's clock", {0xAA, CJT188_ADDR_ANY, 4, 0xA015, clock, 7, false}, false},
        {"everybody's valve", {0xAA, CJT188_ADDR_ANY, 4, 0xA017, valve, 17, false}, false},
        {"everybody's money", {0xAA, CJT188_ADDR_ANY, 4, 0xA013, valve, 5, false}, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if ((cjt_ask(&rows[i].q) != CJT_SILENT) != rows[i].answers) {
            fail_msg("%s", rows[i].name);
        }
    }
    assert_int_equal(cjt_ask_own(1, 0x901F, NULL, 0), 0);
    assert_int_equal(cjt_reply.data[11], 0x03);                 /* everybody's clock was taken */
    assert_int_equal(cjt_ask_own(4, 0xA015, clock, 7), 0x0100); /* once a day */
}

static void test_not_a_request(void **state)
{
    (void)state;
    uint8_t buf[CJT188_FRAME_MAX];
    const cjt_request q = {0x10, cjt_own, 1, 0x901F, NULL, 0, false};
    size_t len = cjt_frame(&q, buf);
    static const struct {
        const char *name;
        size_t at;
        uint8_t value;
    } rows[] = {
        {"an answer", 9, 0x81},     {"a refusal", 9, 0xC1}, {"a refusal of a request", 9, 0x41},
        {"a maker's own", 9, 0x2A}, {"no CJT_SER", 10, 2},  {"no data", 10, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        len = cjt_frame(&q, buf);
        buf[rows[i].at] = rows[i].value;
        len = 13U + buf[10];
        uint8_t sum = 0;
        for (size_t k = 0; k < len - 2; k++) {
            sum = (uint8_t)(sum + buf[k]);
        }
        buf[len - 2] = sum;
        buf[len - 1] = CJT188_END;
        rig_send(&cjt, buf, len);
        if (cjt.tx_len != 0) {
            fail_msg("%s: answered", rows[i].name);
        }
    }
}

static void test_frames_are_found(void **state)
{
    (void)state;
    uint8_t good[CJT188_FRAME_MAX];
    uint8_t buf[METER_FRAME_MAX];
    const cjt_request q = {0x10, cjt_own, 1, 0x901F, NULL, 0, false};
    const size_t len = cjt_frame(&q, good);
    static const uint8_t before[][6] = {{0xFE, 0xFE, 0xFE, 0xFE, 0xFE, 0xFE},
                                        {0xFF, 0xFF, 0xFE, 0xFE, 0xFE, 0xFE},
                                        {0x00, 0x16, 0x01, 0x68, 0x33, 0xFE},
                                        {0x68, 0x10, 0x68, 0x10, 0x68, 0xFE}};
    for (size_t i = 0; i < sizeof before / sizeof before[0]; i++) {
        memcpy(buf, before[i], sizeof before[i]);
        memcpy(buf + sizeof before[i], good, len);
        rig_send(&cjt, buf, sizeof before[i] + len);
        assert_true(cjt.tx_len != 0);
    }
    for (size_t cut = 1; cut < len; cut++) { /* in two pieces, and only its beginning */
        rig_send(&cjt, good, cut);
        assert_int_equal(cjt.tx_len, 0);
        rig_send(&cjt, good + cut, len - cut);
        assert_true(cjt.tx_len != 0);
        rig_send(&cjt, good, cut);
        rig_wait_s(&cjt, 1);
        rig_send(&cjt, good, len);
        assert_true(cjt.tx_len != 0);
    }
    for (size_t bit = 0; bit < 8 * len; bit++) {
        memcpy(buf, good, len);
        buf[bit / 8] ^= (uint8_t)(1U << bit % 8);
        rig_send(&cjt, buf, len);
        assert_int_equal(cjt.tx_len, 0);
        rig_wait_s(&cjt, 1);
    }
    memset(buf, CJT188_START, sizeof buf); /* more than the buffer holds, then a frame */
    rig_send(&cjt, buf, sizeof buf);
    rig_send(&cjt, buf, sizeof buf);
    rig_wait_s(&cjt, 1);
    rig_send(&cjt, good, len);
    assert_true(cjt.tx_len != 0);
}

static void test_bad_configuration(void **state)
{
    (void)state;
    static const struct {
        uint8_t type;
        uint16_t maker;
    } rows[] = {{0x0F, 0},      {0x50, 0},     {0x1A, 0}, {CJT188_TYPE_ANY, 0},
                {0x10, 0x000A}, {0x10, 0xF000}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        rig_prepare(&cjt);
        cjt.cfg.protocol = METER_PROTOCOL_CJT188;
        cjt.cfg.cjt188_type = rows[i].type;
        cjt.cfg.cjt188_maker = rows[i].maker;
        assert_int_equal(rig_power_on(&cjt), GT_ERR_RANGE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_reads, cjt_setup),
        cmocka_unit_test_setup(test_history_after_a_settlement, cjt_setup),
        cmocka_unit_test_setup(test_refused_reads_and_writes, cjt_setup),
        cmocka_unit_test_setup(test_who_answers, cjt_setup),
        cmocka_unit_test_setup(test_not_a_request, cjt_setup),
        cmocka_unit_test_setup(test_frames_are_found, cjt_setup),
        cmocka_unit_test_setup(test_bad_configuration, cjt_setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
