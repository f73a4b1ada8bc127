/* The commands of the DL/T 645-2007 server that are no plain read or write: following frames,
 * addresses, passwords, clears, the relay; and what happens between them. */
#include "rig645.h"

#include "meter/comm.h"
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
#define OP " 78563412"
#define PW2 " 02563412"
#define PW4 " 04111111"
#define ROWS(rows) (rows), sizeof(rows) / sizeof((rows)[0])

static rig r;

static void prepare(meter_life life)
{
    rig_prepare(&r);
    r.cfg.protocol = METER_PROTOCOL_DLT645_2007;
    r.cfg.life = life;
    r.cfg.password[2] = 0x123456;
    r.cfg.password[4] = 0x111111;
    assert_int_equal(rig_power_on(&r), GT_ERR_OK);
    rig_use(&r, 3600, RIG_HOUR_S); /* it is 09:00 of Tuesday 10 March 2026 */
}

static int setup(void **state)
{
    (void)state;
    prepare(METER_LIFE_RUNNING);
    return 0;
}

static uint8_t exchange(uint8_t ctrl, const char *data, uint8_t out[RIG645_DATA_MAX], size_t *len)
{
    rig645_send(&r, NUMBER, ctrl, data);
    return rig645_answer(&r, NUMBER, out, len);
}

/* 254 holidays of four bytes: five frames that are followed, and a last one. */
static void test_following_frames(void **state)
{
    (void)state;
    static const char *const next[] = {"FF000304 01", "FF000304 02", "FF000304 03", "FF000304 04",
                                       "FF000304 05"};
    uint8_t data[RIG645_DATA_MAX];
    uint8_t again[RIG645_DATA_MAX];
    size_t len = 0;
    rig645_run(&r, NUMBER,
               &(rig645_row){"the last holiday", 0x14, "FE000304" PW4 OP " 02011026", 0x94, ""}, 1);
    assert_int_equal(exchange(0x11, "FF000304", data, &len), 0xB1);
    size_t total = len - 4;
    for (size_t i = 0; i < 5; i++) {
        const uint8_t want = i < 4 ? 0xB2 : 0x92;
        assert_int_equal(exchange(0x12, next[i], data, &len), want);
        assert_int_equal(data[len - 1], i + 1);
        total += len - 5;
        if (i < 4) { /* the answer was lost on the way */
            size_t again_len = 0;
            assert_int_equal(exchange(0x12, next[i], again, &again_len), want);
            assert_int_equal(again_len, len);
            assert_memory_equal(again, data, len);
        }
        if (i == 0) {
            static const rig645_row wrong[] = {
                {"a number left out", 0x12, "FF000304 03", 0xD2, "02"},
                {"a number long gone", 0x12, "FF000304 00", 0xD2, "02"},
                {"another identifier", 0x12, "FF010504 02", 0xD2, "02"},
            };
            rig645_run(&r, NUMBER, ROWS(wrong));
        }
    }
    assert_int_equal(total, 254 * 4);
    assert_memory_equal(data + len - 5, "\x02\x01\x10\x26", 4);
    rig645_run(&r, NUMBER, &(rig645_row){"nothing follows", 0x12, "FF000304 06", 0xD2, "02"}, 1);
}

static void test_address(void **state)
{
    (void)state;
    static const rig645_row running[] = {
        {"address", 0x13, "", 0x93, "570200012620"},
        {"read address with data", 0x13, "00", 0xD3, "01"},
        {"a running meter keeps its address", 0x15, "010000000000", 0xD5, "04"},
    };
    rig645_run(&r, NUMBER, ROWS(running));
    prepare(METER_LIFE_ORIGINAL);
    static const rig645_row original[] = {
        {"a wildcard is no address", 0x15, "AAAAAAAAAAAA", 0xD5, "01"},
        {"everybody is no address", 0x15, "999999999999", 0xD5, "01"},
        {"zero is no address", 0x15, "000000000000", 0xD5, "01"},
        {"too short", 0x15, "0100000000", 0xD5, "01"},
    };
    rig645_run(&r, NUMBER, ROWS(original));
    uint8_t data[RIG645_DATA_MAX];
    size_t len = 0;
    rig645_send(&r, ANY, 0x15, "010000000000");
    assert_int_equal(rig645_answer(&r, "000000000001", data, &len), 0x95);
    assert_int_equal(rig_power_cycle(&r, 60), GT_ERR_OK);
    static const rig645_row renamed[] = {
        {"its number is what it was", 0x11, "02040004", 0x91, "02040004 570200012620"},
        {"its address is not", 0x13, "", 0x93, "010000000000"},
        {"written with a password", 0x14, "01040004" PW4 OP " 570200012620", 0x94, ""},
    };
    rig645_run(&r, "000000000001", renamed, 2);
    rig645_send(&r, NUMBER, 0x11, "00000100");
    assert_int_equal(r.tx_len, 0);
    rig645_send(&r, "000000000001", renamed[2].ctrl, renamed[2].data);
    assert_int_equal(rig645_answer(&r, NUMBER, data, &len), 0x94);
}

static void test_identity(void **state)
{
    (void)state;
    prepare(METER_LIFE_ORIGINAL);
    static const rig645_row rows[] = {
        {"number 0", 0x14, "02040004" PW2 OP " 000000000000", 0xD4, "01"},
        {"number at level 4", 0x14, "02040004" PW4 OP " 010000000000", 0xD4, "04"},
        {"customer 0", 0x14, "0E040004" PW2 OP " 000000000000", 0xD4, "01"},
        {"customer: issued", 0x14, "0E040004" PW2 OP " 010000000000", 0x94, ""},
        {"number of an issued meter", 0x14, "02040004" PW2 OP " 010000000000", 0xD4, "04"},
    };
    rig645_run(&r, NUMBER, ROWS(rows));
    assert_int_equal(rig_status(&r).life, METER_LIFE_ISSUED);
    prepare(METER_LIFE_BARE);
    static const rig645_row bare[] = {
        {"a bare meter takes a clock", 0x14, "0C010004" PW4 OP " 00000902 100326", 0x94, ""},
        {"and no terms", 0x14, "01100004" PW2 OP " 00300000", 0xD4, "04"},
        {"nor orders", 0x1C, PW2 OP " 1A00 000010 100326", 0xDC, "04"},
        {"nor a clear", 0x1A, PW2 OP, 0xDA, "04"},
        {"nor a demand clear", 0x19, PW2 OP, 0xD9, "04"},
    };
    rig645_run(&r, NUMBER, ROWS(bare));
}

static void test_speed(void **state)
{
    (void)state;
    static const rig645_row rows[] = {
        {"2400", 0x17, "08", 0x97, "08"},
        {"19200", 0x17, "40", 0x97, "40"},
        {"none", 0x17, "00", 0xD7, "08"},
        {"two at once", 0x17, "0C", 0xD7, "08"},
        {"reserved", 0x17, "01", 0xD7, "08"},
        {"reserved", 0x17, "80", 0xD7, "08"},
        {"no word", 0x17, "", 0xD7, "01"},
        {"two words", 0x17, "0808", 0xD7, "01"},
        {"read", 0x11, "03070004", 0x91, "03070004 40"},
    };
    rig645_run(&r, NUMBER, ROWS(rows));
    assert_int_equal(r.meter.line[METER_LINE_RS485].baud, 19200);
    assert_int_equal(rig_power_cycle(&r, 60), GT_ERR_OK);
    assert_int_equal(r.meter.line[METER_LINE_RS485].baud, 19200);
}

static void test_password(void **state)
{
    (void)state;
    static const rig645_row rows[] = {
        {"of another level than named", 0x18, "040C0004" PW2 " 02332211", 0xD8, "01"},
        {"wrong old one", 0x18, "030C0004 02000000 02332211", 0xD8, "04"},
        {"level 4 may not set level 2", 0x18, "030C0004" PW4 " 02332211", 0xD8, "04"},
        {"level 10", 0x18, "0B0C0004" PW2 " 0A332211", 0xD8, "04"},
        {"too short", 0x18, "030C0004" PW2, 0xD8, "01"},
        {"level 2", 0x18, "030C0004" PW2 " 02332211", 0x98, "02332211"},
        {"the old one is gone", 0x14, "01080004" PW2 OP " 7E", 0xD4, "04"},
        {"the new one is good", 0x14, "01080004 02332211" OP " 7E", 0x94, ""},
        {"level 2 sets level 4", 0x18, "050C0004 02332211 04998877", 0x98, "04998877"},
        {"so that is good", 0x14, "01080004 04998877" OP " 7F", 0x94, ""},
    };
    rig645_run(&r, NUMBER, ROWS(rows));
    assert_int_equal(rig_power_cycle(&r, 60), GT_ERR_OK);
    rig645_run(&r, NUMBER,
               &(rig645_row){"also tomorrow", 0x14, "01080004 04998877" OP " 7F", 0x94, ""}, 1);
}

static void test_guessing(void **state)
{
    (void)state;
    static const rig645_row guess = {"guess", 0x14, "01080004 02000000" OP " 7E", 0xD4, "04"};
    static const rig645_row right = {"right", 0x14, "01080004" PW2 OP " 7F", 0x94, ""};
    static const rig645_row closed = {"closed", 0x14, "01080004" PW2 OP " 7F", 0xD4, "04"};
    for (unsigned i = 0; i < COMM_WRONG_MAX - 1; i++) {
        rig645_run(&r, NUMBER, &guess, 1);
    }
    rig645_run(&r, NUMBER, &right, 1); /* and the count starts anew */
    for (unsigned i = 0; i < COMM_WRONG_MAX; i++) {
        rig645_run(&r, NUMBER, &guess, 1);
    }
    rig645_run(&r, NUMBER, &closed, 1);
    const uint64_t writes = r.eeprom.writes;
    rig645_run(&r, NUMBER, &guess, 1);
    assert_int_equal(r.eeprom.writes, writes); /* nor does it wear */
    assert_int_equal(rig_power_cycle(&r, 60), GT_ERR_OK);
    rig645_run(&r, NUMBER, &closed, 1);
    rig_wait_s(&r, RIG_DAY_S);
    rig645_run(&r, NUMBER, &right, 1);
}

static void test_clears(void **state)
{
    (void)state;
    static const rig645_row refused[] = {
        {"demand: wrong password", 0x19, "02000000" OP, 0xD9, "04"},
        {"demand: level 3", 0x19, "03000000" OP, 0xD9, "04"},
        {"demand: no operator", 0x19, PW2, 0xD9, "01"},
        {"meter: wrong password", 0x1A, "02000000" OP, 0xDA, "04"},
        {"meter: level 4", 0x1A, PW4 OP, 0xDA, "04"},
        {"events: level 4", 0x1B, PW4 OP " FFFFFFFF", 0xDB, "04"},
        {"events: of a kind that is not kept", 0x1B, PW2 OP " FF000010", 0xDB, "02"},
        {"events: none named", 0x1B, PW2 OP, 0xDB, "01"},
        {"and nothing is cleared", 0x11, "00000100", 0x91, "00000100 00030000"},
    };
    meter_event event;
    rig645_run(&r, NUMBER, ROWS(refused));
    assert_int_equal(meter_event_get(&r.meter, 0, &event), GT_ERR_OK);
    static const rig645_row done[] = {
        {"demand", 0x19, PW4 OP, 0x99, ""},
        {"none", 0x11, "00000101", 0x91, "00000101 000000 0000000000"},
        {"events", 0x1B, PW2 OP " FFFFFFFF", 0x9B, ""},
    };
    rig645_run(&r, NUMBER, ROWS(done));
    assert_int_equal(meter_event_get(&r.meter, 0, &event), GT_ERR_NOT_FOUND);
    static const rig645_row cleared[] = {
        {"meter", 0x1A, PW2 OP, 0x9A, ""},
        {"no energy", 0x11, "00000100", 0x91, "00000100 00000000"},
        {"no money", 0x11, "00029000", 0x91, "00029000 00000000"},
        {"no customer", 0x11, "0E040004", 0x91, "0E040004 000000000000"},
    };
    rig645_run(&r, NUMBER, ROWS(cleared));
    assert_int_equal(rig_status(&r).life, METER_LIFE_ORIGINAL);
}

static void test_relay(void **state)
{
    (void)state;
    static const rig645_row refused[] = {
        {"wrong password", 0x1C, "02000000" OP " 1A00 000010 100326", 0xDC, "04"},
        {"level 4", 0x1C, PW4 OP " 1A00 000010 100326", 0xDC, "04"},
        {"too late", 0x1C, PW2 OP " 1A00 000009 100326", 0xDC, "01"},
        {"no such time", 0x1C, PW2 OP " 1A00 000025 100326", 0xDC, "01"},
        {"not digits", 0x1C, PW2 OP " 1A00 00000A 100326", 0xDC, "01"},
        {"no such order", 0x1C, PW2 OP " 2900 000010 100326", 0xDC, "01"},
        {"alarm is not built in", 0x1C, PW2 OP " 2A00 000010 100326", 0xDC, "01"},
        {"too short", 0x1C, PW2 OP " 1A00 000010 1003", 0xDC, "01"},
        {"with a MAC, and no element", 0x1C,
         "98000000" OP " 0000000000000000000000000000000000000000", 0xDC, "04"},
        {"with a MAC where a password stands", 0x1C,
         PW2 OP " 0000000000000000000000000000000000000000", 0xDC, "04"},
        {"closed", 0x11, "03050004", 0x91, "03050004 0002"},
    };
    rig645_run(&r, NUMBER, ROWS(refused));
    assert_int_equal(r.contacts, GT_RELAY_ALL);
    rig645_run(&r, NUMBER, &(rig645_row){"open", 0x1C, PW2 OP " 1A00 000010 100326", 0x9C, ""}, 1);
    rig_wait_s(&r, 1);
    assert_int_equal(r.contacts, 0);
    static const rig645_row close[] = {
        {"open and meant so", 0x11, "03050004", 0x91, "03050004 5002"},
        {"may close", 0x1C, PW2 OP " 1B00 000010 100326", 0x9C, ""},
        {"still open", 0x11, "03050004", 0x91, "03050004 5002"},
        {"close", 0x1C, PW2 OP " 1C00 000010 100326", 0x9C, ""},
        {"protect", 0x1C, PW2 OP " 3A00 000010 100326", 0x9C, ""},
        {"protected", 0x11, "03050004", 0x91, "03050004 0012"},
        {"open all the same: kept on", 0x1C, PW2 OP " 1A00 000010 100326", 0x9C, ""},
    };
    rig645_run(&r, NUMBER, ROWS(close));
    rig_wait_s(&r, 1);
    assert_int_equal(r.contacts, GT_RELAY_ALL);
    rig645_run(&r, NUMBER, &(rig645_row){"unprotect", 0x1C, PW2 OP " 3B00 000010 100326", 0x9C, ""},
               1);
    rig_wait_s(&r, 1);
    assert_int_equal(r.contacts, 0);
}

static void test_output_and_security(void **state)
{
    (void)state;
    static const rig645_row rows[] = {
        {"tariff switch", 0x1D, "02", 0x9D, "02"},
        {"no such signal", 0x1D, "03", 0xDD, "01"},
        {"none", 0x1D, "", 0xDD, "01"},
        {"identity without an element", 0x03,
         "FF000007" OP " 0000000000000000 0000000000000000 0000000000000000", 0xC3, "0100"},
        {"nothing", 0x03, "", 0xC3, "0100"},
    };
    rig645_run(&r, NUMBER, ROWS(rows));
    assert_int_equal(r.meter.comm.output, 2);
}

static void test_freezes(void **state)
{
    (void)state;
    static const rig645_row none[] = {
        {"no freeze yet", 0x11, "01000105", 0xD1, "02"},
        {"daily at noon", 0x16, "00129999", 0xD6, "01"},
        {"too short", 0x16, "999999", 0xD6, "01"},
        {"no hour before the first", 0x11, "02000405", 0xD1, "02"},
        {"number 0", 0x11, "00000105", 0xD1, "02"},
        {"demand is not frozen", 0x11, "01090105", 0xD1, "02"},
        {"freeze", 0x16, "99999999", 0x96, ""},
        {"when", 0x11, "01000105", 0x91, "01000105 0009100326"},
        {"forward", 0x11, "01010105", 0x91,
         "01010105 00030000 00000000 00000000 00030000 00000000 00000000 00000000 00000000 "
         "00000000"},
        {"reverse", 0x11, "01020105", 0x91,
         "01020105 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 "
         "00000000"},
        {"powers", 0x11, "01100105", 0x91,
         "01100105 000000 000000 000000 000000 000000 000000 000000 000000"},
        {"the hour", 0x11, "01000405", 0x91, "01000405 0009100326"},
        {"its register", 0x11, "01010405", 0x91, "01010405 99020000"},
        {"no switching", 0x11, "01000205", 0xD1, "02"},
    };
    rig645_run(&r, NUMBER, ROWS(none));
    rig_wait_s(&r, 600);
    rig645_send(&r, ALL, 0x16, "99999999");
    assert_int_equal(r.tx_len, 0);
    static const rig645_row two[] = {
        {"the last", 0x11, "01000105", 0x91, "01000105 1009100326"},
        {"the one before", 0x11, "02000105", 0x91, "02000105 0009100326"},
        {"both", 0x11, "FF000105", 0x91, "FF000105 1009100326 0009100326"},
    };
    rig645_run(&r, NUMBER, ROWS(two));
}

static void test_logs(void **state)
{
    (void)state;
    static const rig645_row rows[] = {
        {"never cut", 0x11, "0100001D", 0x91, "0100001D 000000"},
        {"never cut, when", 0x11, "0101001D", 0xD1, "02"},
        {"open", 0x1C, PW2 OP " 1A00 000010 100326", 0x9C, ""},
        {"cut once", 0x11, "0100001D", 0x91, "0100001D 010000"},
        {"by whom is not kept until the contacts tell", 0x11, "0102001D", 0x91,
         "0102001D 00000000"},
        {"at which register", 0x11, "0103001D", 0x91, "0103001D 00030000"},
        {"of ten at most", 0x11, "0B01001D", 0xD1, "02"},
        {"not programmed", 0x11, "00003003", 0x91, "00003003 000000"},
        {"program", 0x14, "01080004" PW4 OP " 3E", 0x94, ""},
        {"programmed once", 0x11, "00003003", 0x91, "00003003 010000"},
        {"record of it", 0x11, "01003003", 0x91,
         "01003003 000009100326 78563412 01080004 FFFFFFFF FFFFFFFF FFFFFFFF FFFFFFFF FFFFFFFF"
         " FFFFFFFF FFFFFFFF FFFFFFFF FFFFFFFF"},
        {"a block ends before the records", 0x11, "FF003003", 0x91, "FF003003 010000"},
        {"no cover was opened", 0x11, "010D3003", 0xD1, "02"},
    };
    rig645_run(&r, NUMBER, rows, 3);
    rig_wait_s(&r, 1); /* the contacts tell */
    rig645_run(&r, NUMBER, rows + 3, 5);
    assert_int_equal(rig_power_cycle(&r, 120), GT_ERR_OK);
    rig_clock(&r, 2026, 3, 10, 9 * 60);
    rig645_run(&r, NUMBER, &(rig645_row){"off once", 0x11, "00001103", 0x91, "00001103 010000"}, 1);
    prepare(METER_LIFE_RUNNING);
    rig645_run(&r, NUMBER, rows + 7, sizeof rows / sizeof rows[0] - 7);
}

static const struct {
    const char *address;
    const char *data;
    bool set;
} times[] = {
    {ALL, "000209 100326", true},   {NUMBER, "000209 100326", true},
    {ALL, "001009 100326", false}, /* ten minutes are no correction */
    {ALL, "000009 320326", false},  {ALL, "0A0209 100326", false},
    {ALL, "000209 1003", false},    {"202601000258", "000209 100326", false},
    {NUMBER, "000209 1003", false},
};

static void test_broadcast_time(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        prepare(METER_LIFE_RUNNING);
        const int64_t before = rig_status(&r).clock.ms;
        rig645_send(&r, times[i].address, 0x08, times[i].data);
        assert_int_equal(r.tx_len, 0);
        assert_int_equal(rig_status(&r).clock.ms > before + 60000, times[i].set);
    }
}

/* Noise before a frame, a frame in pieces, two frames at once, a wrong checksum. */
static void test_line(void **state)
{
    (void)state;
    uint8_t frame[64];
    uint8_t data[RIG645_DATA_MAX];
    size_t len = 0;
    const size_t n = rig645_hex("FEFE 68 570200012620 68 11 04 33333433 F6 16", frame);
    uint8_t sum = 0;
    for (size_t i = 2; i < n - 2; i++) {
        sum = (uint8_t)(sum + frame[i]);
    }
    frame[n - 2] = sum;
    rig_send(&r, frame, n);
    assert_int_equal(rig645_answer(&r, NUMBER, data, &len), 0x91);
    for (size_t cut = 1; cut < n; cut++) { /* with less than 500 ms between */
        meter_rx(&r.meter, METER_LINE_RS485, frame, cut, r.now);
        rig_wait_us(&r, 400000);
        rig_send(&r, frame + cut, n - cut);
        assert_int_equal(rig645_answer(&r, NUMBER, data, &len), 0x91);
    }
    for (size_t cut = 3; cut < n; cut++) { /* with more, the rest is nothing */
        meter_rx(&r.meter, METER_LINE_RS485, frame, cut, r.now);
        rig_wait_us(&r, 600000);
        rig_send(&r, frame + cut, n - cut);
        assert_int_equal(r.tx_len, 0);
        rig_wait_us(&r, 600000);
    }
    static const uint8_t noise[] = {0x00, 0x68, 0x11, 0x16, 0xFF, 0x68, 0x01, 0x02, 0x03, 0x04};
    for (size_t k = 1; k <= sizeof noise; k++) {
        meter_rx(&r.meter, METER_LINE_RS485, noise, k, r.now);
        rig_send(&r, frame, n);
        assert_int_equal(rig645_answer(&r, NUMBER, data, &len), 0x91);
    }
    for (size_t i = 2; i < n; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            frame[i] ^= (uint8_t)(1U << bit);
            rig_send(&r, frame, n);
            assert_int_equal(r.tx_len, 0);
            frame[i] ^= (uint8_t)(1U << bit);
            rig_wait_us(&r, 600000);
        }
    }
}

/* When the memory does not answer nobody is told anything. */
static void test_memory_fails(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"\x14", "01100004" PW2 OP " 00300000"},
        {"\x14", "00000104" PW4 OP " 010101"},
        {"\x1C", PW2 OP " 1A00 000010 100326"},
        {"\x17", "08"},
        {"\x18", "030C0004" PW2 " 02332211"},
        {"\x19", PW2 OP},
        {"\x1A", PW2 OP},
        {"\x14", "01080004 02000000" OP " 7E"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        prepare(METER_LIFE_RUNNING);
        sim_eeprom_cut(&r.eeprom);
        rig645_send(&r, NUMBER, (uint8_t)rows[i][0][0], rows[i][1]);
        assert_int_equal(r.tx_len, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_following_frames, setup),
        cmocka_unit_test_setup(test_address, setup),
        cmocka_unit_test(test_identity),
        cmocka_unit_test_setup(test_speed, setup),
        cmocka_unit_test_setup(test_password, setup),
        cmocka_unit_test_setup(test_guessing, setup),
        cmocka_unit_test_setup(test_clears, setup),
        cmocka_unit_test_setup(test_relay, setup),
        cmocka_unit_test_setup(test_freezes, setup),
        cmocka_unit_test_setup(test_logs, setup),
        cmocka_unit_test_setup(test_output_and_security, setup),
        cmocka_unit_test(test_broadcast_time),
        cmocka_unit_test_setup(test_line, setup),
        cmocka_unit_test(test_memory_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
