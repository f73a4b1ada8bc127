/* Bodies of each function: exact bytes, cut at every length, counts that lie, values out of range.
 */
#include "base/hex.h"
#include "body_again.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#define METER      \
    "0100"         \
    "0500"         \
    "c3"           \
    "1e"           \
    "785634120000" \
    "000000000000" \
    "04"           \
    "09"           \
    "000000000000" \
    "51"

static const struct {
    const char *name;
    body_again *again;
    const char *hex;
} bodies[] = {
    {"clock", clock_again, "003907174315"},
    {"no clock", clock_again, "eeeeeeeeeeee"},
    {"instant", instant_again,
     "4705211126"
     "563412"
     "100000"
     "200000"
     "300080"
     "000000"
     "000000"
     "000000"
     "eeeeee"
     "0010"
     "9009"
     "8009"
     "7089"
     "0522"
     "0622"
     "eeee"
     "230100"
     "240100"
     "250180"
     "eeeeee"
     "563412"
     "eeeeee"
     "eeeeee"
     "eeeeee"},
    {"energy, 4 rates", energy_again,
     "4705211126"
     "04"
     "0056341200"
     "0011000000"
     "0022000000"
     "0033000000"
     "eeeeeeeeee"},
    {"energy, no rates", energy_again,
     "4705211126"
     "00"
     "0056341200"},
    {"relay closed", relay_again,
     "4705211126"
     "11"
     "00470521d126"
     "eeeeeeeeeeee"},
    {"relay open", relay_again,
     "4705211126"
     "00"
     "eeeeeeeeeeee"
     "00470521d126"},
    {"purchase", purchase_again,
     "4705211126"
     "4200"
     "0050120000"
     "0000340000"
     "eeeeeeee"
     "eeeeeeee"
     "eeeeeeee"
     "00500000"
     "eeeeeeee"
     "eeeeeeee"},
    {"snapshot", snapshot_again,
     "034705211126"
     "0001"
     "0020"
     "02"
     "1234"
     "fffe"},
    {"never read", snapshot_again,
     "eeeeeeeeeeee"
     "0000"
     "0000"
     "00"},
    {"daily energy", daily_energy_again,
     "201126"
     "0000211126"
     "01"
     "0056341200"
     "0056341200"},
    {"curve", curve_again,
     "0000211126"
     "01"
     "03"
     "78563412"
     "eeeeeeee"
     "00000099"},
    {"curve of nothing", curve_again, "eeeeeeeeee0000"},
    {"forward down", forward_down_again, "1f6bbc0a0300010203"},
    {"forward down, ms", forward_down_again, "01c3320a0300010203"},
    {"forward up", forward_up_again, "1f0300010203"},
    {"forward up, silent", forward_up_again, "1f0000"},
    {"meter table", meter_table_again, "0200" METER METER},
    {"meter table, none", meter_table_again, "0000"},
    {"meter query", meter_query_again, "020001000500"},
    {"relay unknown", relay_again,
     "4705211126"
     "ee"
     "eeeeeeeeeeee"
     "eeeeeeeeeeee"},
};

static void test_bodies(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        uint8_t in[128];
        size_t len = 0;
        assert_int_equal(gt_hex_parse(bodies[i].hex, in, sizeof in, &len), GT_ERR_OK);
        for (size_t n = 0; n <= len; n++) {
            uint8_t out[128];
            gt_rd r = gt_rd_of(in, n);
            gt_wr w = gt_wr_of(out, sizeof out);
            const gt_err err = bodies[i].again(&r, &w);
            if (err != (n < len ? GT_ERR_TRUNCATED : GT_ERR_OK)) {
                print_error("%s, %zu bytes: %s\n", bodies[i].name, n, gt_err_name(err));
            }
            assert_int_equal(err, n < len ? GT_ERR_TRUNCATED : GT_ERR_OK);
            if (n == len) {
                assert_int_equal(gt_rd_done(&r), GT_ERR_OK);
                assert_int_equal(gt_wr_done(&w), GT_ERR_OK);
                assert_int_equal(w.len, len);
                assert_memory_equal(out, in, len);
            }
        }
    }
}

static void test_bad_bodies(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        body_again *again;
        const char *hex;
        gt_err want;
    } rows[] = {
        {"clock digit", clock_again, "0a3907174315", GT_ERR_MALFORMED},
        {"13 rates", energy_again,
         "4705211126"
         "0d"
         "0056341200",
         GT_ERR_RANGE},
        {"2 rates, room for 1", energy_again,
         "4705211126"
         "02"
         "0056341200"
         "0056341200",
         GT_ERR_TRUNCATED},
        {"energy digit", energy_again,
         "4705211126"
         "00"
         "00563412a0",
         GT_ERR_MALFORMED},
        {"relay state", relay_again,
         "4705211126"
         "12"
         "00470521d126"
         "eeeeeeeeeeee",
         GT_ERR_MALFORMED},
        {"65 registers", snapshot_again,
         "034705211126"
         "0001"
         "0020"
         "41"
         "1234",
         GT_ERR_RANGE},
        {"2 registers, room for 1", snapshot_again,
         "034705211126"
         "0001"
         "0020"
         "02"
         "1234",
         GT_ERR_TRUNCATED},
        {"point with a letter", curve_again, "00002111260101780a3412", GT_ERR_MALFORMED},
        {"curve from a 13th month", curve_again, "00002113260100", GT_ERR_MALFORMED},
        {"no day", daily_energy_again, "eeeeee", GT_ERR_RANGE},
        {"day 32", daily_energy_again, "321126", GT_ERR_MALFORMED},
        {"65535 meters", meter_table_again, "ffff" METER, GT_ERR_TRUNCATED},
        {"meter address", meter_table_again,
         "0100"
         "01000500c31e"
         "7f5634120000"
         "000000000000"
         "0409"
         "000000000000"
         "51",
         GT_ERR_MALFORMED},
        {"collector address", meter_table_again,
         "0100"
         "01000500c31e"
         "785634120000"
         "000000000000"
         "0409"
         "7f0000000000"
         "51",
         GT_ERR_MALFORMED},
        {"65535 indices", meter_query_again, "ffff0100", GT_ERR_TRUNCATED},
        {"inner frame of 513", forward_up_again, "1f0102", GT_ERR_RANGE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t in[128];
        size_t len = 0;
        assert_int_equal(gt_hex_parse(rows[i].hex, in, sizeof in, &len), GT_ERR_OK);
        uint8_t out[128];
        gt_rd r = gt_rd_of(in, len);
        gt_wr w = gt_wr_of(out, sizeof out);
        const gt_err err = rows[i].again(&r, &w);
        if (err != rows[i].want) {
            print_error("%s: %s\n", rows[i].name, gt_err_name(err));
        }
        assert_int_equal(err, rows[i].want);
    }
}

static void test_values_mean_what_they_say(void **state)
{
    (void)state;
    uint8_t in[128];
    size_t len = 0;
    assert_int_equal(gt_hex_parse(bodies[2].hex, in, sizeof in, &len), GT_ERR_OK);
    assert_int_equal(len, 67);
    gt_rd r = gt_rd_of(in, len);
    gdw1376_instant v;
    assert_int_equal(gdw1376_instant_read(&r, &v), GT_ERR_OK);
    assert_int_equal(v.taken.at.minute, 47);
    assert_int_equal(v.power[0].value, 123456);
    assert_int_equal(v.power[3].value, -30);
    assert_false(v.reactive[3].present);
    assert_int_equal(v.factor[0].value, 1000);
    assert_int_equal(v.factor[3].value, -970);
    assert_int_equal(v.voltage[0].value, 2205);
    assert_false(v.voltage[2].present);
    assert_int_equal(v.current[0].value, 123);
    assert_int_equal(v.current[2].value, -125);
    assert_false(v.current_zero.present);
    assert_int_equal(v.apparent[0].value, 123456);

    assert_int_equal(gt_hex_parse(bodies[7].hex, in, sizeof in, &len), GT_ERR_OK);
    assert_int_equal(len, 41);
    r = gt_rd_of(in, len);
    gdw1376_purchase p;
    assert_int_equal(gdw1376_purchase_read(&r, &p), GT_ERR_OK);
    assert_int_equal(p.count.value, 42);
    assert_int_equal(p.amount_left.value, 125000);
    assert_int_equal(p.overdraft_limit.value, 5000);
    assert_false(p.energy_left.present);
}

static void test_waits_round_up(void **state)
{
    (void)state;
    static const struct {
        uint32_t wait_ms, silence_ms;
        gt_err want;
        uint8_t wait, silence;
    } rows[] = {
        {0, 0, GT_ERR_OK, 0, 0},
        {1, 1, GT_ERR_OK, 1, 1},
        {1270, 2550, GT_ERR_OK, 127, 255},
        {1271, 2541, GT_ERR_OK, 0x82, 255},
        {60000, 100, GT_ERR_OK, 0xBC, 10},
        {127000, 0, GT_ERR_OK, 0xFF, 0},
        {127001, 0, GT_ERR_RANGE, 0, 0},
        {0, 2551, GT_ERR_RANGE, 0, 0},
        {UINT32_MAX, 0, GT_ERR_RANGE, 0, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const gdw1376_forward v = {.wait_ms = rows[i].wait_ms, .silence_ms = rows[i].silence_ms};
        uint8_t out[8];
        gt_wr w = gt_wr_of(out, sizeof out);
        gdw1376_forward_request_write(&w, &v);
        assert_int_equal(gt_wr_done(&w), rows[i].want);
        if (rows[i].want == GT_ERR_OK) {
            assert_int_equal(out[2], rows[i].wait);
            assert_int_equal(out[3], rows[i].silence);
        }
    }
}

static void test_writers_refuse(void **state)
{
    (void)state;
    static uint8_t out[4096];
    static const uint8_t inner[GDW1376_FORWARD_MAX + 1];
    gt_wr w = gt_wr_of(out, sizeof out);
    gdw1376_energy_write(&w, &(gdw1376_energy){.rates = GDW1376_RATES_MAX + 1});
    assert_int_equal(gt_wr_done(&w), GT_ERR_RANGE);
    w = gt_wr_of(out, sizeof out);
    gdw1376_snapshot_write(&w, &(gdw1376_snapshot){.count = GDW1376_REGISTERS_MAX + 1});
    assert_int_equal(gt_wr_done(&w), GT_ERR_RANGE);
    w = gt_wr_of(out, sizeof out);
    gdw1376_forward_reply_write(
        &w, &(gdw1376_forward){.frame = inner, .frame_len = GDW1376_FORWARD_MAX + 1});
    assert_int_equal(gt_wr_done(&w), GT_ERR_RANGE);
    w = gt_wr_of(out, sizeof out);
    gdw1376_meter_query_write(&w, NULL, GDW1376_METER_INDEX_MAX + 1);
    assert_int_equal(gt_wr_done(&w), GT_ERR_RANGE);
    w = gt_wr_of(out, sizeof out);
    gdw1376_meter_table_write(&w, NULL, GDW1376_METER_MAX + 1);
    assert_int_equal(gt_wr_done(&w), GT_ERR_RANGE);
    w = gt_wr_of(out, sizeof out);
    gdw1376_curve_write(&w, GDW1376_A11, &(gdw1376_curve){.density = 1, .count = 24}, NULL);
    assert_int_equal(gt_wr_done(&w), GT_ERR_OK); /* the points are written by someone else */
    assert_int_equal(w.len, 7);
    const gdw1376_meter good = {.int_digits = 6, .dec_digits = 2};
    const gdw1376_meter bad[] = {
        {.int_digits = 3, .dec_digits = 2},
        {.int_digits = 8, .dec_digits = 2},
        {.int_digits = 6, .dec_digits = 0},
        {.int_digits = 6, .dec_digits = 5},
        {.int_digits = 6, .dec_digits = 2, .port = 32},
        {.int_digits = 6, .dec_digits = 2, .speed = 8},
        {.int_digits = 6, .dec_digits = 2, .addr = 1000000000000},
        {.int_digits = 6, .dec_digits = 2, .rates = 64},
        {.int_digits = 6, .dec_digits = 2, .class_big = 16},
        {.int_digits = 6, .dec_digits = 2, .class_small = 16},
    };
    w = gt_wr_of(out, sizeof out);
    gdw1376_meter_write(&w, &good);
    assert_int_equal(gt_wr_done(&w), GT_ERR_OK);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        w = gt_wr_of(out, sizeof out);
        gdw1376_meter_write(&w, &bad[i]);
        assert_int_equal(gt_wr_done(&w), GT_ERR_RANGE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bodies),
        cmocka_unit_test(test_bad_bodies),
        cmocka_unit_test(test_values_mean_what_they_say),
        cmocka_unit_test(test_waits_round_up),
        cmocka_unit_test(test_writers_refuse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
