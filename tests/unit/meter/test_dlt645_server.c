/* The DL/T 645-2007 server: requests and answers byte for byte, as the standard's tables lay them
 * out. Identifiers and values stand low byte first, as they travel. */
#include "rig645.h"

#include "meter/service.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#define NUMBER "202601000257"
#define ANY "AAAAAAAAAAAA"
#define ALL "999999999999"
#define OP " 78563412"  /* operator code */
#define PW2 " 02563412" /* level 02, password 123456 */
#define PW4 " 04111111" /* level 04 */
#define ROWS(rows) (rows), sizeof(rows) / sizeof((rows)[0])

static rig r;

static int setup(void **state)
{
    (void)state;
    rig_prepare(&r);
    r.cfg.protocol = METER_PROTOCOL_DLT645_2007;
    r.cfg.password[2] = 0x123456;
    r.cfg.password[4] = 0x111111;
    if (rig_power_on(&r) != GT_ERR_OK) {
        return -1;
    }
    rig_use(&r, 3600, RIG_HOUR_S); /* 3 kWh at 0.6 yuan; it is 09:00 of Tuesday 10 March 2026 */
    const meter_measurement measured = {.voltage_dv = {2301, 2299, 0},
                                        .current_ca = {1304, 2, 0},
                                        .power_w = {3000, -4, 0},
                                        .reactive_var = {-125, 6, 0},
                                        .factor_e3 = {999, -500, 1000},
                                        .factor_total_e3 = 998};
    meter_measure(&r.meter, &measured, r.now);
    return 0;
}

static const rig645_row reads[] = {
    {"forward total", 0x11, "00000100", 0x91, "00000100 00030000"},
    {"forward flat", 0x11, "00030100", 0x91, "00030100 00030000"},
    {"forward peak", 0x11, "00020100", 0x91, "00020100 00000000"},
    {"reverse total", 0x11, "00000200", 0x91, "00000200 00000000"},
    {"combined total", 0x11, "00000000", 0x91, "00000000 00030000"},
    {"all rates", 0x11, "00FF0100", 0x91,
     "00FF0100 00030000 00000000 00000000 00030000 00000000 00000000 00000000 00000000 00000000"},
    {"now and all settlements: none yet", 0x11, "FF000100", 0x91, "FF000100 00030000"},
    {"used in the cycle", 0x11, "00000B00", 0x91, "00000B00 00030000"},
    {"remaining money", 0x11, "00029000", 0x91, "00029000 20980000"},
    {"overdraft money", 0x11, "01029000", 0x91, "01029000 00000000"},
    {"demand", 0x11, "00000101", 0x91, "00000101 000003 1608100326"},
    {"demand of a rate without", 0x11, "00010101", 0x91, "00010101 000000 0000000000"},
    {"voltages", 0x11, "00FF0102", 0x91, "00FF0102 0123 9922 0000"},
    {"currents", 0x11, "00FF0202", 0x91, "00FF0202 403001 200000 000000"},
    {"powers", 0x11, "00FF0302", 0x91, "00FF0302 609902 000003 400080 000000"},
    {"reactive", 0x11, "00000402", 0x91, "00000402 901180"},
    {"apparent", 0x11, "00010502", 0x91, "00010502 050003"},
    {"factors", 0x11, "00FF0602", 0x91, "00FF0602 9809 9909 0085 0010"},
    {"demand now", 0x11, "04008002", 0x91, "04008002 000003"},
    {"price now", 0x11, "20008002", 0x91, "20008002 00600000"},
    {"date", 0x11, "01010004", 0x91, "01010004 02100326"},
    {"date and time", 0x11, "0C010004", 0x91, "0C010004 00000902100326"},
    {"demand period", 0x11, "03010004", 0x91, "03010004 15"},
    {"no switching", 0x11, "06010004", 0x91, "06010004 0000000000"},
    {"zones", 0x11, "01020004", 0x91, "01020004 01"},
    {"most periods of a day", 0x11, "03020004", 0x91, "03020004 04"},
    {"holidays", 0x11, "05020004", 0x91, "05020004 0000"},
    {"address", 0x11, "01040004", 0x91, "01040004 570200012620"},
    {"customer", 0x11, "0E040004", 0x91, "0E040004 000430000210"},
    {"constant", 0x11, "09040004", 0x91, "09040004 001200"},
    {"run status 3: closed, by money", 0x11, "03050004", 0x91, "03050004 0002"},
    {"run status 1: reactive backwards", 0x11, "01050004", 0x91, "01050004 2000"},
    {"run status 2", 0x11, "02050004", 0x91, "02050004 1200"},
    {"all status words", 0x11, "FF050004", 0x91, "FF050004 2000 1200 0002 0000 4000 0000 0000"},
    {"speed word", 0x11, "03070004", 0x91, "03070004 20"},
    {"work days", 0x11, "01080004", 0x91, "01080004 7F"},
    {"settlement day", 0x11, "010B0004", 0x91, "010B0004 0000"},
    {"limits", 0x11, "FF100004", 0x91, "FF100004 00200000 00050000 00100000 00000000 00000000"},
    {"zone table", 0x11, "00000104", 0x91, "00000104 010101"},
    {"day table", 0x11, "01000104", 0x91, "01000104 030007 010010 020012 040022"},
    {"holiday not set", 0x11, "FE000304", 0x91, "FE000304 00000000"},
    {"prices", 0x11, "FF010504", 0x91,
     "FF010504 00000100 00800000 00600000 00300000 00000000 00000000 00000000 00000000"},
    {"tier step", 0x11, "01000604", 0x91, "01000604 00000000"},
    {"tier price", 0x11, "07010604", 0x91, "07010604 00000000"},
    /* what there is not */
    {"no such identifier", 0x11, "00000088", 0xD1, "02"},
    {"rate 9", 0x11, "00090100", 0xD1, "02"},
    {"settlement 13", 0x11, "0D000100", 0xD1, "02"},
    {"settlement before the first", 0x11, "01000100", 0xD1, "02"},
    {"two wildcards", 0x11, "FFFF0100", 0xD1, "02"},
    {"reactive energy is not measured", 0x11, "00000300", 0xD1, "02"},
    {"phase energy is not measured", 0x11, "00001500", 0xD1, "02"},
    {"remaining energy, in a wallet of money", 0x11, "00019000", 0xD1, "02"},
    {"energy limits, in a wallet of money", 0x11, "010F0004", 0xD1, "02"},
    {"energy purchases, in a wallet of money", 0x11, "01013203", 0xD1, "02"},
    {"phase D", 0x11, "00040102", 0xD1, "02"},
    {"no purchase yet", 0x11, "01013303", 0xD1, "02"},
    {"no freeze yet", 0x11, "02000605", 0xD1, "02"},
    {"a block of tables", 0x11, "FF000104", 0xD1, "02"},
    {"password cannot be read", 0x11, "010C0004", 0xD1, "02"},
    {"security is not read", 0x11, "FF000007", 0xD1, "02"},
    {"identifier too short", 0x11, "000001", 0xD1, "01"},
    {"a count where none is asked", 0x11, "00000100 01", 0xD1, "02"},
    {"nothing", 0x11, "", 0xD1, "01"},
    {"following frame of nothing", 0x12, "00000100 01", 0xD2, "02"},
    {"following frame 0", 0x12, "00000100 00", 0xD2, "02"},
    {"following frame without number", 0x12, "00000100", 0xD2, "01"},
    {"an answer", 0x91, "00000100", 0, ""},
    {"a refusal", 0xD1, "02", 0, ""},
    {"following bit in a request", 0x31, "00000100", 0, ""},
    {"unknown control code", 0x01, "10 90", 0, ""},
    {"control code 00", 0x00, "", 0, ""},
};

static void test_reads(void **state)
{
    (void)state;
    rig645_run(&r, NUMBER, ROWS(reads));
}

static const struct {
    const char *address;
    uint8_t ctrl;
    const char *data;
    uint8_t want;
} addressed[] = {
    {NUMBER, 0x11, "00000100", 0x91},
    {ANY, 0x11, "00000100", 0x91},
    {"AAAAAAAAA257", 0x11, "00000100", 0x91},
    {"AAAAAAAAAA57", 0x11, "00000100", 0x91},
    {"2026AAAAAA57", 0x11, "00000100", 0x91},
    {"AAAAAAAAAA58", 0x11, "00000100", 0},
    {"202601000258", 0x11, "00000100", 0},
    {"102601000257", 0x11, "00000100", 0},
    {"000000000000", 0x11, "00000100", 0},
    {ALL, 0x11, "00000100", 0},
    {ALL, 0x14, "01100004" PW2 OP " 00000000", 0},
    {ALL, 0x1A, PW2 OP, 0},
    {ALL, 0x1C, PW2 OP " 1A00 000000100327", 0},
    {ALL, 0x13, "", 0},
    {ANY, 0x13, "", 0x93},
    {NUMBER, 0x13, "", 0x93},
    {"AAAAAAAAAA58", 0x13, "", 0},
    {"BAAAAAAAAAAA", 0x11, "00000100", 0},
};

static void test_addresses(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof addressed / sizeof addressed[0]; i++) {
        uint8_t data[RIG645_DATA_MAX];
        size_t len = 0;
        const int64_t before = rig_status(&r).balance.fen;
        rig645_send(&r, addressed[i].address, addressed[i].ctrl, addressed[i].data);
        assert_int_equal(rig645_answer(&r, NUMBER, data, &len), addressed[i].want);
        assert_int_equal(rig_status(&r).balance.fen, before);
        assert_int_equal(r.contacts, GT_RELAY_ALL);
    }
}

static const rig645_row writes[] = {
    {"alarm 1", 0x14, "01100004" PW2 OP " 00300000", 0x94, ""},
    {"alarm 1 read", 0x11, "01100004", 0x91, "01100004 00300000"},
    {"alarm 2", 0x14, "02100004" PW2 OP " 00020000", 0x94, ""},
    {"overdraft", 0x14, "03100004" PW2 OP " 50000000", 0x94, ""},
    {"hoarding", 0x14, "04100004" PW2 OP " 00005000", 0x94, ""},
    {"permit", 0x14, "05100004" PW2 OP " 01000000", 0x94, ""},
    {"limits read", 0x11, "FF100004", 0x91,
     "FF100004 00300000 00020000 50000000 00005000 01000000"},
    {"price 4", 0x14, "04010504" PW2 OP " 00400000", 0x94, ""},
    {"spare price 1", 0x14, "01020504" PW2 OP " 00500100", 0x94, ""},
    {"spare prices read", 0x11, "01020504", 0x91, "01020504 00500100"},
    {"prices switch", 0x14, "08010004" PW2 OP " 0000010127", 0x94, ""},
    {"prices switch read", 0x11, "08010004", 0x91, "08010004 0000010127"},
    {"prices switch never", 0x14, "08010004" PW2 OP " 0000000000", 0x94, ""},
    {"tier step", 0x14, "01000604" PW2 OP " 00002000", 0x94, ""},
    {"tier price 2", 0x14, "02010604" PW2 OP " 00100000", 0x94, ""},
    {"one step", 0x14, "07020004" PW2 OP " 01", 0x94, ""},
    {"one step read", 0x11, "07020004", 0x91, "07020004 01"},
    {"spare tier step", 0x14, "01020604" PW2 OP " 00003000", 0x94, ""},
    {"spare tier price", 0x14, "01030604" PW2 OP " 00010000", 0x94, ""},
    {"spare tier step read", 0x11, "01020604", 0x91, "01020604 00003000"},
    {"day table", 0x14, "02000204" PW4 OP " 030000 020008 020008", 0x94, ""},
    {"day table read", 0x11, "02000204", 0x91, "02000204 030000 020008"},
    {"zones", 0x14, "00000204" PW4 OP " 010101 020107", 0x94, ""},
    {"zones read", 0x11, "00000204", 0x91, "00000204 010101 020107"},
    {"zones switch", 0x14, "06010004" PW4 OP " 0000010426", 0x94, ""},
    {"holiday 1", 0x14, "01000304" PW4 OP " 02011026", 0x94, ""},
    {"holidays", 0x11, "05020004", 0x91, "05020004 0100"},
    {"rest days", 0x14, "01080004" PW4 OP " 3E", 0x94, ""},
    {"rest table", 0x14, "02080004" PW4 OP " 01", 0x94, ""},
    {"week read", 0x11, "FF080004", 0x91, "FF080004 3E 01"},
    {"settlement day 2", 0x14, "020B0004" PW4 OP " 1215", 0x94, ""},
    {"settlement day 2 read", 0x11, "020B0004", 0x91, "020B0004 1215"},
    {"demand period", 0x14, "03010004" PW4 OP " 30", 0x94, ""},
    {"power limit", 0x14, "010E0004" PW4 OP " 000005", 0x94, ""},
    {"time", 0x14, "02010004" PW4 OP " 003009", 0x94, ""},
    {"date", 0x14, "01010004" PW4 OP " 03110326", 0x94, ""},
    {"date read", 0x11, "01010004", 0x91, "01010004 03110326"},
    {"date and time", 0x14, "0C010004" PW4 OP " 00001202 100326", 0x94, ""},
    {"infrared speed word", 0x14, "02070004" PW4 OP " 04", 0x94, ""},
    {"customer of a running meter", 0x14, "0E040004" PW2 OP " 010000000000", 0xD4, "04"},
    {"number of a running meter", 0x14, "02040004" PW2 OP " 010000000000", 0xD4, "04"},
    /* refused, and nothing is changed */
    {"wrong password", 0x14, "01100004 02000000" OP " 00990000", 0xD4, "04"},
    {"password of another level", 0x14, "01100004 02111111" OP " 00990000", 0xD4, "04"},
    {"money at level 4", 0x14, "01100004" PW4 OP " 00990000", 0xD4, "04"},
    {"level 0", 0x14, "01080004 00000000" OP " 7F", 0xD4, "04"},
    {"level 3", 0x14, "01080004 03000000" OP " 7F", 0xD4, "04"},
    {"level 9", 0x14, "01080004 09000000" OP " 7F", 0xD4, "04"},
    {"level 98 without an element", 0x14, "01100004 98000000" OP " 00990000 00000000", 0xD4, "01"},
    {"level 99 without an element", 0x14, "01100004 99000000" OP " 00990000 00000000", 0xD4, "01"},
    {"read only", 0x14, "00000100" PW4 OP " 00000000", 0xD4, "02"},
    {"balance", 0x14, "00029000" PW2 OP " 00009900", 0xD4, "02"},
    {"unknown identifier", 0x14, "00000088" PW2 OP " 00", 0xD4, "02"},
    {"block", 0x14, "FF100004" PW2 OP " 00000000 00000000", 0xD4, "02"},
    {"too short", 0x14, "01100004" PW2 OP " 009900", 0xD4, "01"},
    {"too long", 0x14, "01100004" PW2 OP " 0099000000", 0xD4, "01"},
    {"no value", 0x14, "01100004" PW2 OP, 0xD4, "01"},
    {"no operator", 0x14, "01100004" PW2, 0xD4, "01"},
    {"not BCD", 0x14, "01100004" PW2 OP " 0A000000", 0xD4, "01"},
    {"absent", 0x14, "01100004" PW2 OP " FFFFFFFF", 0xD4, "01"},
    {"alarm 2 above alarm 1", 0x14, "02100004" PW2 OP " 00990000", 0xD4, "01"},
    {"price above the highest", 0x14, "01010504" PW2 OP " 01000001", 0xD4, "01"},
    {"no such time", 0x14, "02010004" PW4 OP " 000025", 0xD4, "01"},
    {"no such date", 0x14, "01010004" PW4 OP " 00310626", 0xD4, "01"},
    {"switch at no date", 0x14, "08010004" PW2 OP " 0000310626", 0xD4, "01"},
    {"month 13", 0x14, "00000204" PW4 OP " 010113", 0xD4, "01"},
    {"zones not rising", 0x14, "00000204" PW4 OP " 010107 010101", 0xD4, "01"},
    {"table 9", 0x14, "00000204" PW4 OP " 090101", 0xD4, "01"},
    {"no zone", 0x14, "00000204" PW4 OP, 0xD4, "01"},
    {"15 zones", 0x14,
     "00000204" PW4 OP " 010101 020201 010301 020401 010501 020601 010701 020801 010901 021001 "
     "011101 021201 011301 021401 011501",
     0xD4, "10"},
    {"15 periods", 0x14,
     "01000104" PW4 OP " 010001 020002 010003 020004 010005 020006 010007 020008 010009 020010 "
     "010011 020012 010013 020014 010015",
     0xD4, "20"},
    {"tariff 9", 0x14, "01000104" PW4 OP " 090000", 0xD4, "40"},
    {"periods not rising", 0x14, "01000104" PW4 OP " 010008 020007", 0xD4, "01"},
    {"holiday on no date", 0x14, "02000304" PW4 OP " 02310626", 0xD4, "01"},
    {"settlement day 29", 0x14, "010B0004" PW4 OP " 0029", 0xD4, "01"},
    {"settlement day 4", 0x14, "040B0004" PW4 OP " 0001", 0xD4, "02"},
    {"demand period 61", 0x14, "03010004" PW4 OP " 61", 0xD4, "01"},
    {"energy limits, in a wallet of money", 0x14, "010F0004" PW2 OP " 00010000", 0xD4, "01"},
    {"seven steps", 0x14, "07020004" PW2 OP " 07", 0xD4, "01"},
    {"two steps that do not rise", 0x14, "07020004" PW2 OP " 02", 0xD4, "01"},
    {"a speed that is none", 0x14, "03070004" PW4 OP " 00", 0xD4, "01"},
    {"everybody's address", 0x14, "01040004" PW4 OP " 999999999999", 0xD4, "01"},
    {"address 0", 0x14, "01040004" PW4 OP " 000000000000", 0xD4, "01"},
    {"alarm 1 is what it was", 0x11, "01100004", 0x91, "01100004 00300000"},
};

static void test_writes(void **state)
{
    (void)state;
    rig645_run(&r, NUMBER, ROWS(writes));
    assert_int_equal(rig_power_cycle(&r, 60), GT_ERR_OK);
    const rig645_row after[] = {
        {"alarm 1", 0x11, "01100004", 0x91, "01100004 00300000"},
        {"zones switch", 0x11, "06010004", 0x91, "06010004 0000010426"},
        {"demand period", 0x11, "03010004", 0x91, "03010004 30"},
    };
    rig645_run(&r, NUMBER, ROWS(after));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_reads, setup),
        cmocka_unit_test_setup(test_addresses, setup),
        cmocka_unit_test_setup(test_writes, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
