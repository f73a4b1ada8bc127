/* The DL/T 645-1997 server, byte for byte. */
#include "rig645.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define NUMBER "202601000257"
#define PW2 " 02563412"
#define PW4 " 04111111"
#define ROWS(rows) (rows), sizeof(rows) / sizeof((rows)[0])

static rig r;

static int setup(void **state)
{
    (void)state;
    rig_prepare(&r);
    r.cfg.protocol = METER_PROTOCOL_DLT645_1997;
    r.cfg.password[2] = 0x123456;
    r.cfg.password[4] = 0x111111;
    if (rig_power_on(&r) != GT_ERR_OK) {
        return -1;
    }
    rig_use(&r, 3600, RIG_HOUR_S); /* 3 kWh; it is 09:00 of Tuesday 10 March 2026 */
    const meter_measurement measured = {.voltage_dv = {2301, 2299, 0},
                                        .current_ca = {1304, 2, 0},
                                        .power_w = {3000, 4, 0},
                                        .reactive_var = {1250, 60, 0},
                                        .factor_e3 = {999, 500, 1000},
                                        .factor_total_e3 = 998};
    meter_measure(&r.meter, &measured, r.now);
    return 0;
}

static const rig645_row reads[] = {
    {"forward total", 0x01, "1090", 0x81, "1090 00030000"},
    {"forward flat", 0x01, "1390", 0x81, "1390 00030000"},
    {"forward of all rates", 0x01, "1F90", 0x81,
     "1F90 00030000 00000000 00000000 00030000 00000000 00000000 00000000 00000000 00000000 AA"},
    {"reverse total", 0x01, "2090", 0x81, "2090 00000000"},
    {"both directions", 0x01, "FF90", 0x81,
     "FF90 00030000 00000000 00000000 00030000 00000000 00000000 00000000 00000000 00000000 AA"
     "     00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 AA"},
    {"demand", 0x01, "10A0", 0x81, "10A0 000003"},
    {"when", 0x01, "10B0", 0x81, "10B0 16081003"},
    {"voltage", 0x01, "11B6", 0x81, "11B6 3002"},
    {"voltages", 0x01, "1FB6", 0x81, "1FB6 3002 2902 0000 AA"},
    {"current", 0x01, "21B6", 0x81, "21B6 0413"},
    {"powers, then a limit", 0x01, "3FB6", 0x81, "3FB6 400003 000003 400000 000000 0000 AA"},
    {"reactive", 0x01, "41B6", 0x81, "41B6 2501"},
    {"power factor", 0x01, "51B6", 0x81, "51B6 9909"},
    {"all variables", 0x01, "FFB6", 0x81,
     "FFB6 3002 2902 0000 AA 0413 0200 0000 AA 400003 000003 400000 000000 0000 AA"
     "     3101 2501 0600 0000 AA 9809 9909 0005 0010 AA"},
    {"date", 0x01, "10C0", 0x81, "10C0 02100326"},
    {"date and time", 0x01, "1FC0", 0x81, "1FC0 02100326 000009 AA"},
    {"run status", 0x01, "20C0", 0x81, "20C0 00"},
    {"work days", 0x01, "22C0", 0x81, "22C0 7F"},
    {"constant", 0x01, "30C0", 0x81, "30C0 001200"},
    {"number", 0x01, "32C0", 0x81, "32C0 570200012620"},
    {"user", 0x01, "33C0", 0x81, "33C0 000430000210"},
    {"demand period", 0x01, "11C1", 0x81, "11C1 15"},
    {"reading day", 0x01, "17C1", 0x81, "17C1 0000"},
    {"counts", 0x01, "1FC3", 0x81, "1FC3 01 08 04 08 00 AA"},
    {"zone 1", 0x01, "21C3", 0x81, "21C3 010101"},
    {"day table 1", 0x01, "3FC3", 0x81, "3FC3 030007 010010 020012 040022 AA"},
    {"day table 8, entry 4", 0x01, "A4C3", 0x81, "A4C3 040022"},
    {"holiday", 0x01, "11C4", 0x81, "11C4 000000"},
    {"again", 0x03, "", 0x83, "11C4 000000"},
    /* what there is not */
    {"last month: none yet", 0x01, "1094", 0xC1, "02"},
    {"three months back", 0x01, "109C", 0xC1, "02"},
    {"rate 9", 0x01, "1990", 0xC1, "02"},
    {"reactive energy", 0x01, "1091", 0xC1, "02"},
    {"reactive energies", 0x01, "FF91", 0xC1, "02"},
    {"zone 2", 0x01, "22C3", 0xC1, "02"},
    {"zone 0", 0x01, "20C3", 0xC1, "02"},
    {"phase loss", 0x01, "10B3", 0xC1, "02"},
    {"password", 0x01, "12C2", 0xC1, "02"},
    {"unknown", 0x01, "0000", 0xC1, "02"},
    {"unknown block", 0x01, "0F00", 0xC1, "02"},
    {"data where none is asked", 0x01, "1090 00", 0xC1, "02"},
    {"half an identifier", 0x01, "10", 0xC1, "01"},
    {"nothing", 0x01, "", 0xC1, "01"},
    {"nothing follows", 0x02, "1090", 0xC2, "02"},
    {"an answer", 0x81, "1090", 0, ""},
    {"a code of 2007", 0x11, "00000100", 0, ""},
    {"relay, of 2007", 0x1C, PW2 " 78563412 1A00 000010 100326", 0, ""},
};

static void test_reads(void **state)
{
    (void)state;
    rig645_run(&r, NUMBER, ROWS(reads));
}

static void test_nothing_to_repeat(void **state)
{
    (void)state;
    rig645_run(&r, NUMBER, &(rig645_row){"again, of nothing", 0x03, "", 0xC3, "02"}, 1);
}

static const rig645_row writes[] = {
    {"work days", 0x04, "22C0" PW4 " 3E", 0x84, ""},
    {"work days read", 0x01, "22C0", 0x81, "22C0 3E"},
    {"power limit", 0x04, "34B6" PW4 " 5012", 0x84, ""},
    {"power limit read", 0x01, "34B6", 0x81, "34B6 5012"},
    {"demand period", 0x04, "11C1" PW4 " 30", 0x84, ""},
    {"reading day", 0x04, "17C1" PW4 " 1215", 0x84, ""},
    {"reading day read", 0x01, "17C1", 0x81, "17C1 1215"},
    {"date", 0x04, "10C0" PW4 " 03110326", 0x84, ""},
    {"time", 0x04, "11C0" PW4 " 003010", 0x84, ""},
    {"date and time read", 0x01, "1FC0", 0x81, "1FC0 03110326 003010 AA"},
    {"day table", 0x04, "4FC3" PW4 " 030000 020008 AA", 0x84, ""},
    {"day table read", 0x01, "4FC3", 0x81, "4FC3 030000 020008 AA"},
    {"zones", 0x04, "2FC3" PW4 " 010101 020107 AA", 0x84, ""},
    {"zones read", 0x01, "2FC3", 0x81, "2FC3 010101 020107 AA"},
    /* refused, and nothing is changed */
    {"wrong password", 0x04, "22C0 02000000 7F", 0xC4, "04"},
    {"level 9", 0x04, "22C0 09000000 7F", 0xC4, "04"},
    {"user of a running meter", 0x04, "33C0" PW2 " 010000000000", 0xC4, "04"},
    {"number of a running meter", 0x04, "32C0" PW2 " 010000000000", 0xC4, "04"},
    {"number at level 4", 0x04, "32C0" PW4 " 010000000000", 0xC4, "04"},
    {"energy", 0x04, "1090" PW2 " 00000000", 0xC4, "02"},
    {"one entry of a table", 0x04, "21C3" PW4 " 010101", 0xC4, "02"},
    {"a block that is no table", 0x04, "1FC0" PW4 " 03110326 003010 AA", 0xC4, "02"},
    {"unknown", 0x04, "0000" PW4 " 00", 0xC4, "02"},
    {"too short", 0x04, "34B6" PW4 " 50", 0xC4, "01"},
    {"too long", 0x04, "34B6" PW4 " 501200", 0xC4, "01"},
    {"no value", 0x04, "34B6" PW4, 0xC4, "01"},
    {"no password", 0x04, "34B6 04", 0xC4, "01"},
    {"not BCD", 0x04, "34B6" PW4 " 0A00", 0xC4, "01"},
    {"no such date", 0x04, "10C0" PW4 " 00310626", 0xC4, "01"},
    {"zones not rising", 0x04, "2FC3" PW4 " 010107 020101 AA", 0xC4, "01"},
    {"tariff 9", 0x04, "4FC3" PW4 " 090000 AA", 0xC4, "40"},
    {"work days are what they were", 0x01, "22C0", 0x81, "22C0 3E"},
};

static void test_writes(void **state)
{
    (void)state;
    rig645_run(&r, NUMBER, ROWS(writes));
}

static const rig645_row commands[] = {
    {"address of a running meter", 0x0A, "010000000000", 0xCA, "04"},
    {"2400", 0x0C, "08", 0x8C, "08"},
    {"no speed", 0x0C, "00", 0xCC, "01"},
    {"password", 0x0F, PW2 " 02332211", 0x8F, "02332211"},
    {"the old password", 0x0F, PW2 " 02332211", 0xCF, "04"},
    {"half a password", 0x0F, PW2, 0xCF, "01"},
    {"demand without password", 0x10, "", 0xD0, "04"},
    {"demand, wrong password", 0x10, PW2, 0xD0, "04"},
    {"demand, too long", 0x10, PW4 " 00", 0xD0, "04"},
    {"demand", 0x10, PW4, 0x90, ""},
    {"none", 0x01, "10A0", 0x81, "10A0 000000"},
    {"time is never answered", 0x08, "000209 100326", 0, ""},
};

static void test_commands(void **state)
{
    (void)state;
    rig645_run(&r, NUMBER, ROWS(commands));
    assert_int_equal(r.meter.line[METER_LINE_RS485].baud, 2400);
}

/* Settlements shift the months. */
static void test_months(void **state)
{
    (void)state;
    rig_wait_s(&r, 22 * (int64_t)RIG_DAY_S); /* past the first of April */
    rig_use(&r, 1200, 600);
    static const rig645_row rows[] = {
        {"now", 0x01, "1090", 0x81, "1090 00040000"},
        {"last month", 0x01, "1094", 0x81, "1094 00030000"},
        {"last month's flat", 0x01, "1394", 0x81, "1394 00030000"},
        {"last month's demand", 0x01, "10A4", 0x81, "10A4 000003"},
        {"last month's, when", 0x01, "10B4", 0x81, "10B4 16081003"},
        {"the month before", 0x01, "1098", 0xC1, "02"},
    };
    rig645_run(&r, NUMBER, ROWS(rows));
}

/* All tables at once take several frames. */
static void test_following_frames(void **state)
{
    (void)state;
    static const char fourteen[] =
        " 010000 020001 030002 010003 020004 030005 010006 020007 030008 010009 020010 030011"
        " 010012 020013 AA";
    static const char *const tables[] = {"3FC3", "4FC3", "5FC3", "6FC3",
                                         "7FC3", "8FC3", "9FC3", "AFC3"};
    uint8_t data[RIG645_DATA_MAX];
    size_t len = 0;
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        char words[160];
        (void)snprintf(words, sizeof words, "%s" PW4 "%s", tables[i], fourteen);
        rig645_send(&r, NUMBER, 0x04, words);
        assert_int_equal(rig645_answer(&r, NUMBER, data, &len), 0x84);
    }
    rig645_send(&r, NUMBER, 0x01, "FFC3");
    assert_int_equal(rig645_answer(&r, NUMBER, data, &len), 0xA1);
    size_t total = len - 2;
    for (uint8_t ctrl = 0xA2; ctrl == 0xA2;) {
        rig645_send(&r, NUMBER, 0x02, "FFC3");
        ctrl = rig645_answer(&r, NUMBER, data, &len);
        assert_true(ctrl == 0xA2 || ctrl == 0x82);
        total += len - 2;
        uint8_t again[RIG645_DATA_MAX];
        size_t again_len = 0;
        rig645_send(&r, NUMBER, 0x03, "");
        assert_int_equal(rig645_answer(&r, NUMBER, again, &again_len), ctrl + 1);
        assert_int_equal(again_len, len);
        assert_memory_equal(again, data, len);
    }
    assert_int_equal(total, 5 + 1 + 3 + 1 + 8 * (14 * 3 + 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_reads, setup),
        cmocka_unit_test_setup(test_nothing_to_repeat, setup),
        cmocka_unit_test_setup(test_writes, setup),
        cmocka_unit_test_setup(test_commands, setup),
        cmocka_unit_test_setup(test_months, setup),
        cmocka_unit_test_setup(test_following_frames, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
