/* Writes at levels 98 and 99 and relay commands: what is proven, where it goes, when it is too
 * late. */
#include "secure.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static secure s;

static const suite_kind kinds[] = {SUITE_TDES, SUITE_AES128, SUITE_SM4};

static int setup(void **state)
{
    (void)state;
    secure_prepare(&s, SUITE_TDES, METER_SECURITY_2013);
    assert_int_equal(secure_auth(&s), 0);
    return 0;
}

static void test_level_99(void **state)
{
    (void)state;
    static const struct {
        uint32_t di;
        uint8_t sfi;
        uint8_t offset;
        uint8_t len;
    } rows[] = {
        {0x04000108, 2, 10, 5},  {0x04000306, 2, 24, 3}, {0x04000307, 2, 27, 3},
        {0x04001001, 2, 16, 4},  {0x04001002, 2, 20, 4}, {0x04050101, 3, 0, 4},
        {0x0405013F, 3, 248, 4}, {0x04050201, 4, 0, 4},  {0x04050208, 4, 28, 4},
    };
    static const uint32_t others[] = {0x04000107, 0x04000109, 0x04001003, 0x04050100,
                                      0x04050140, 0x0400040E, 0,          UINT32_MAX};
    const uint8_t text[5] = {0x11, 0x22, 0x33, 0x44, 0x55};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        secure_payload p;
        const element_host_text t = {
            .sfi = rows[i].sfi, .offset = rows[i].offset, .text = text, .len = rows[i].len};
        assert_int_equal(secure_auth(&s), 0);
        secure_write_fill(&s, &p, &t, rows[i].di);
        assert_int_equal(p.bytes[0], text[rows[i].len - 1]); /* low byte first on the wire */
        secure_payload spoilt = p;
        spoilt.bytes[0] ^= 1;
        assert_int_equal(secure_write_send(&s, 0x99, &spoilt), 4);
        assert_int_equal(secure_write_send(&s, 0x99, &p), 0);
        assert_int_equal(s.answer.len, rows[i].len); /* what a plain write would have carried */
        assert_memory_equal(s.answer.data, p.bytes, rows[i].len);
        assert_int_equal(secure_write_send(&s, 0x99, &p), 4); /* a second time: no */
        assert_int_equal(s.answer.len, 0);
        const uint8_t read[] = {0x00, 0xB0, 0x80U | rows[i].sfi, rows[i].offset, rows[i].len};
        gt_apdu_answer answer;
        element_apdu(&s.element, read, sizeof read, &answer);
        assert_memory_equal(answer.data, text, rows[i].len);
        p.len--;
        assert_int_equal(secure_write_send(&s, 0x99, &p), 1);
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        const secure_payload p = {.di = others[i], .len = 8};
        assert_int_equal(secure_write_send(&s, 0x99, &p), 1);
    }
    const secure_payload p = {.di = 0x04001001, .len = 8};
    assert_int_equal(secure_write_send(&s, 0x97, &p), 1);
    assert_int_equal(secure_write_send(&s, 0x04, &p), 1);
    const secure_payload empty = {.di = 0x04001001, .len = 4};
    assert_int_equal(secure_write_send(&s, 0x99, &empty), 1);
    const secure_payload enormous = {.di = 0x04001001, .len = SECURITY_DATA_MAX + 1};
    assert_int_equal(secure_write_send(&s, 0x98, &enormous), 1);
}

static uint16_t sealed(uint32_t di, uint32_t inside, const uint8_t *data, uint8_t len, int length)
{
    static const uint8_t sfis[] = {0x09, 0x10, 0x11, 0x12, 0x13};
    uint8_t text[1 + 4 + SECURITY_DATA_MAX];
    gt_wr w = gt_wr_of(text, sizeof text);
    gt_wr_u8(&w, (uint8_t)(length >= 0 ? length : 4 + len));
    gt_wr_u32be(&w, inside);
    gt_wr_bytes(&w, data, len);
    const element_host_text t = {.sfi = sfis[(di >> 16 & 0xFF) % 5], .text = text, .len = w.len};
    secure_payload p;
    secure_write_fill(&s, &p, &t, di);
    return secure_write_send(&s, 0x98, &p);
}

static void test_level_98(void **state)
{
    (void)state;
    const uint8_t data[] = {0x20, 0x26, 0x11};
    const uint8_t wire[] = {0x11, 0x26, 0x20};
    for (size_t k = 0; k < SUITES; k++) {
        secure_prepare(&s, kinds[k], METER_SECURITY_2013);
        assert_int_equal(secure_auth(&s), 0);
        for (uint32_t di2 = 0; di2 < 7; di2++) {
            const uint32_t di = 0x04000101U + (di2 << 16U);
            assert_int_equal(sealed(di, di, data, 3, -1), 0);
            assert_int_equal(s.answer.len, 3);
            assert_memory_equal(s.answer.data, wire, 3);
        }
        assert_int_equal(secure_auth(&s), 0);
        assert_int_equal(sealed(0x04000101, 0x04000102, data, 3, -1), 1); /* another item inside */
        assert_int_equal(s.answer.len, 0);
        assert_int_equal(sealed(0x04000101, 0x04000101, data, 3, 4), 1);
        assert_int_equal(sealed(0x04000101, 0x04000101, data, 3, 0), 1);
        assert_int_equal(sealed(0x04000101, 0x04000101, data, 3, 255), 1);
        const secure_payload wrong = {.di = 0x04000101, .len = 20};
        assert_int_equal(secure_write_send(&s, 0x98, &wrong), 4);
    }
}

/* What a session's frame carries for one place is worth nothing for another. */
static void test_crossed(void **state)
{
    (void)state;
    uint8_t control[SECURITY_CONTROL_LEN];
    secure_control_fill(&s, control, 0x1A, 600);
    secure_payload p = {.di = 0x04000101, .len = sizeof control};
    memcpy(p.bytes, control, sizeof control);
    assert_int_equal(secure_write_send(&s, 0x98, &p), 4);
    const uint8_t text[] = {0x1A, 0, 0x59, 0x59, 0x23, 0x31, 0x12, 0x99};
    const element_host_text t = {.sfi = 9, .text = text, .len = sizeof text};
    secure_write_fill(&s, &p, &t, 0);
    assert_int_equal(p.len, SECURITY_CONTROL_LEN);
    assert_int_equal(secure_control_send(&s, p.bytes), 2);
}

static void test_control(void **state)
{
    (void)state;
    for (size_t k = 0; k < SUITES; k++) {
        secure_prepare(&s, kinds[k], METER_SECURITY_2013);
        assert_int_equal(secure_auth(&s), 0);
        assert_int_equal(secure_buy(&s, 5000, 1), 0);
        rig_wait_s(&s.r, 2);
        assert_int_equal(s.r.contacts, GT_RELAY_ALL);
        assert_int_equal(secure_control(&s, 0x1A, 60), 0);
        assert_int_equal(s.r.contacts, 0);
        assert_int_equal(secure_control(&s, 0x1C, 60), 0);
        assert_int_equal(s.r.contacts, GT_RELAY_ALL);
        assert_int_equal(secure_control(&s, 0x3A, 60), 0);
        assert_true(rig_status(&s.r).protected_supply);
        assert_int_equal(secure_control(&s, 0x3B, 60), 0);
        assert_int_equal(secure_control(&s, 0x1A, 61), 0);
        assert_int_equal(secure_control(&s, 0x1B, 60), 0);
        assert_int_equal(rig_status(&s.r).remote, REMOTE_ALLOWED);
    }
}

static void test_control_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint8_t command;
        int64_t valid_s;
        uint16_t want_2013;
        uint16_t want_2009;
    } rows[] = {
        {"expired this second", 0x1A, 0, 0x10, 1},
        {"expired long ago", 0x1C, -86400, 0x10, 1},
        {"no such command", 0x1F, 60, 4, 1},
        {"command 0", 0, 60, 4, 1},
    };
    for (unsigned edition = 0; edition < 2; edition++) {
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            secure_prepare(&s, SUITE_SM4, (meter_security_edition)edition);
            assert_int_equal(secure_auth(&s), 0);
            const uint16_t error = secure_control(&s, rows[i].command, rows[i].valid_s);
            if (error != (edition == METER_SECURITY_2013 ? rows[i].want_2013 : rows[i].want_2009)) {
                fail_msg("%s: %x", rows[i].name, error);
            }
            uint8_t bytes[SECURITY_CONTROL_LEN];
            secure_control_fill(&s, bytes, 0x1A, 60);
            bytes[3] ^= 1;
            assert_int_equal(secure_control_send(&s, bytes),
                             edition == METER_SECURITY_2013 ? 2 : 4);
            assert_int_equal(s.r.contacts, GT_RELAY_ALL);
            assert_int_equal(secure_power_cycle(&s, 1), GT_ERR_OK);
            assert_int_equal(secure_control_send(&s, bytes),
                             edition == METER_SECURITY_2013 ? 8 : 4);
        }
    }
}

static void test_control_time(void **state)
{
    (void)state;
    static const struct {
        uint8_t at[6];
        uint16_t want;
    } rows[] = {
        {{0x00, 0x00, 0x00, 0x01, 0x01, 0x27}, 0}, {{0x59, 0x59, 0x23, 0x31, 0x12, 0x99}, 0},
        {{0x60, 0x00, 0x00, 0x01, 0x01, 0x27}, 4}, {{0x00, 0x00, 0x24, 0x01, 0x01, 0x27}, 4},
        {{0x00, 0x00, 0x00, 0x30, 0x02, 0x27}, 4}, {{0x00, 0x00, 0x00, 0x01, 0x13, 0x27}, 4},
        {{0x00, 0x0A, 0x00, 0x01, 0x01, 0x27}, 4}, {{0x99, 0x99, 0x99, 0x99, 0x99, 0x99}, 4},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        setup(NULL);
        uint8_t text[8] = {0x1A};
        memcpy(text + 2, rows[i].at, 6);
        const element_host_text t = {.sfi = 8, .text = text, .len = sizeof text};
        uint8_t carried[GT_APDU_DATA_MAX];
        size_t len = 0;
        assert_int_equal(element_host_write(&s.host, &t, carried, &len), GT_ERR_OK);
        assert_int_equal(dlt645_security_turn(DLT645_SECURITY_CONTROL, false, carried, len),
                         GT_ERR_OK);
        assert_int_equal(secure_control_send(&s, carried), rows[i].want);
        assert_int_equal(rig_status(&s.r).remote == REMOTE_CUT, rows[i].want == 0);
    }
}

/* The memory of the meter fails while a command is carried out: silence, and nothing done. */
static void test_control_memory(void **state)
{
    (void)state;
    s.r.eeprom.dead = true;
    assert_int_equal(secure_control(&s, 0x1A, 60), 0xFFFF);
    assert_int_equal(s.r.contacts, GT_RELAY_ALL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_level_99, setup),
        cmocka_unit_test_setup(test_level_98, setup),
        cmocka_unit_test_setup(test_crossed, setup),
        cmocka_unit_test_setup(test_control, setup),
        cmocka_unit_test_setup(test_control_refused, setup),
        cmocka_unit_test_setup(test_control_time, setup),
        cmocka_unit_test_setup(test_control_memory, setup),
    };
    return cmocka_run_group_tests_name("meter/security_write", tests, NULL, NULL);
}
