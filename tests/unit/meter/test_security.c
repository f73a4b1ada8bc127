/* Commands to the security element: each check in its order, each error bit, sessions and wrong
 * MACs. */
#include "secure.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static secure s;

enum { OTHER = 1, REPEATED = 2, MAC = 4, AUTH = 8, CUSTOMER = 16, COUNT = 32, HOARDING = 64 };
enum { SUSPENDED = 256, SILENCE = 0xFFFF };

static const suite_kind kinds[] = {SUITE_TDES, SUITE_AES128, SUITE_SM4};

static int setup(void **state)
{
    (void)state;
    secure_prepare(&s, SUITE_AES128, METER_SECURITY_2013);
    return 0;
}

static void test_no_session(void **state)
{
    (void)state;
    static const struct {
        uint32_t di;
        size_t len;
    } rows[] = {
        {DLT645_SECURITY_VALIDITY, 6},     {DLT645_SECURITY_END, 0},
        {DLT645_SECURITY_FILE_PLAIN, 8},   {DLT645_SECURITY_FILE_SEALED, 8},
        {DLT645_SECURITY_OPEN, 22},        {DLT645_SECURITY_PURCHASE, 22},
        {DLT645_SECURITY_WALLET_INIT, 16}, {DLT645_SECURITY_KEY_FIRST, 40},
        {DLT645_SECURITY_KEY_SECOND, 40},  {DLT645_SECURITY_KEY_THIRD, 40},
        {DLT645_SECURITY_KEYS, 40},        {DLT645_SECURITY_READ_BACK, 8},
        {DLT645_SECURITY_STATUS, 0},
    };
    const uint8_t zero[SECURE_PAYLOAD_MAX] = {0};
    const uint64_t writes = s.chip.writes + s.r.eeprom.writes;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(secure_command(&s, rows[i].di, zero, rows[i].len), AUTH);
        /* the session is judged before the length */
        const secure_payload longer = {.di = rows[i].di, .len = rows[i].len + 100};
        assert_int_equal(secure_send(&s, &longer), AUTH);
    }
    assert_int_equal(secure_control(&s, 0x1A, 600), 8);
    const secure_payload write = {.di = 0x04001001, .len = 8};
    assert_int_equal(secure_write_send(&s, 0x98, &write), 4);
    assert_int_equal(secure_write_send(&s, 0x99, &write), 4);
    assert_int_equal(s.chip.writes + s.r.eeprom.writes, writes);
    assert_int_equal(secure_auth(&s), 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const secure_payload shorter = {.di = rows[i].di, .len = rows[i].len - 1};
        const secure_payload longer = {.di = rows[i].di, .len = rows[i].len + 1};
        if (rows[i].len > 0) {
            assert_int_equal(secure_send(&s, &shorter), OTHER);
        }
        if (rows[i].di != DLT645_SECURITY_FILE_PLAIN && rows[i].di != DLT645_SECURITY_FILE_SEALED) {
            assert_int_equal(secure_send(&s, &longer), OTHER);
        }
    }
    const secure_payload unknown = {.di = 0x070003FF, .len = 8};
    assert_int_equal(secure_send(&s, &unknown), OTHER);
    const secure_payload enormous = {.di = DLT645_SECURITY_FILE_PLAIN,
                                     .len = SECURITY_DATA_MAX + 1};
    assert_int_equal(secure_send(&s, &enormous), OTHER);
}

static void test_no_element(void **state)
{
    (void)state;
    s.r.element = (gt_apdu){0};
    assert_int_equal(rig_power_on(&s.r), GT_ERR_OK);
    secure_payload p;
    secure_auth_fill(&s, &p, 1);
    assert_int_equal(secure_send(&s, &p), OTHER);
    const uint8_t control[SECURITY_CONTROL_LEN] = {0};
    assert_int_equal(secure_control_send(&s, control), 4);
    assert_int_equal(secure_write_send(&s, 0x99, &p), 1);
    assert_int_equal(rig_purchase(&s.r, 100, 1), 0); /* by Modbus as ever */
}

/* Where an element keeps the wallet, an order by Modbus finds it closed: one wallet, one count. */
static void test_modbus_refused(void **state)
{
    (void)state;
    assert_int_equal(rig_purchase(&s.r, 100, 1), 4);
    assert_int_equal(rig_register(&s.r, 0x0025), METER_RESULT_STATE);
    assert_int_equal(secure_balance(&s), 0);
}

static void test_identity(void **state)
{
    (void)state;
    for (size_t k = 0; k < SUITES; k++) {
        secure_prepare(&s, kinds[k], METER_SECURITY_2009);
        secure_payload p;
        secure_auth_fill(&s, &p, 1);
        for (size_t bit = 0; bit < p.len * 8; bit++) {
            p.bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
            assert_int_equal(secure_send(&s, &p), bit < 16 * 8 ? AUTH : OTHER);
            assert_int_equal(secure_buy(&s, 1, 1), AUTH);
            p.bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
        }
        assert_int_equal(secure_send(&s, &p), 0);
        assert_int_equal(s.answer.len, 12);
        const uint8_t serial[8] = {1, 2, 3, 4, 5, 6, 7, 8};
        assert_memory_equal(s.answer.data + 4, serial, 8);
        uint8_t first[4];
        memcpy(first, s.answer.data, 4);
        assert_int_equal(secure_send(&s, &p), 0);
        assert_memory_not_equal(first, s.answer.data, 4); /* the meter's challenge is new */
    }
}

/* While the keys are public the factory's factor is good as well, afterwards not. */
static void test_factory_factor(void **state)
{
    (void)state;
    const uint8_t own[8] = {0, 0, 0x20, 0x26, 0x01, 0x00, 0x02, 0x57};
    const uint8_t factory[8] = {0, 0, 0, 0, 0, 0, 0, 1};
    memcpy(s.host.device, factory, 8);
    assert_int_equal(secure_auth(&s), 0);
    const element_host_key key = {.slot = ELEMENT_KEY_IDENTITY, .version = 1, .key = {9}};
    assert_int_equal(secure_keys(&s, &key, 1), 0);
    element_host_updated(&s.host, &key, 1);
    assert_int_equal(secure_auth(&s), OTHER);
    memcpy(s.host.device, own, 8);
    assert_int_equal(secure_auth(&s), 0);
}

static void test_validity(void **state)
{
    (void)state;
    assert_int_equal(secure_auth(&s), 0);
    rig_wait_s(&s.r, 5 * 60 - 1);
    assert_int_equal(secure_buy(&s, 1, 1), 0); /* five minutes unless told otherwise */
    rig_wait_s(&s.r, 1);
    assert_int_equal(secure_buy(&s, 1, 2), AUTH);
    static const struct {
        uint8_t minutes[2];
        uint16_t want;
    } rows[] = {
        {{0x00, 0x00}, OTHER}, {{0x0A, 0x00}, OTHER}, {{0x00, 0x0F}, OTHER}, {{0x01, 0x30}, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(secure_auth(&s), 0);
        const element_host_text text = {.sfi = 2, .offset = 43, .text = rows[i].minutes, .len = 2};
        uint8_t data[GT_APDU_DATA_MAX];
        size_t len = 0;
        assert_int_equal(element_host_write(&s.host, &text, data, &len), GT_ERR_OK);
        assert_int_equal(secure_command(&s, DLT645_SECURITY_VALIDITY, data, len), rows[i].want);
        data[0] = 0; /* 30 minutes, but not signed so: nothing changes */
        if (rows[i].want == 0) {
            assert_int_equal(secure_command(&s, DLT645_SECURITY_VALIDITY, data, len), MAC);
        }
    }
    rig_wait_s(&s.r, 130 * 60 - 1);
    assert_int_equal(secure_buy(&s, 1, 2), 0);
    rig_wait_s(&s.r, 1);
    assert_int_equal(secure_buy(&s, 1, 3), AUTH);
    assert_int_equal(secure_auth(&s), 0); /* kept in the element: so long from now on */
    assert_int_equal(secure_power_cycle(&s, 60), GT_ERR_OK);
    assert_int_equal(secure_buy(&s, 1, 3), AUTH); /* a power cut ends it */
    assert_int_equal(secure_auth(&s), 0);
    rig_wait_s(&s.r, 130 * 60 - 1);
    assert_int_equal(secure_buy(&s, 1, 3), 0);
    /* what was written past the meter is no time: five minutes again */
    const uint8_t nonsense[2] = {0xFF, 0xFF};
    const element_host_text text = {.sfi = 2, .offset = 43, .text = nonsense, .len = 2};
    uint8_t command[GT_APDU_MAX] = {0x04, 0xD6, 0x82, 43};
    size_t len = 0;
    gt_apdu_answer answer;
    assert_int_equal(element_host_write(&s.host, &text, command + 5, &len), GT_ERR_OK);
    command[4] = (uint8_t)len;
    element_apdu(&s.element, command, 5 + len, &answer);
    assert_int_equal(answer.status, GT_SW_OK);
    assert_int_equal(secure_auth(&s), 0);
    rig_wait_s(&s.r, 5 * 60 - 1);
    assert_int_equal(secure_buy(&s, 1, 4), 0);
    rig_wait_s(&s.r, 1);
    assert_int_equal(secure_buy(&s, 1, 5), AUTH);
}

static void test_end(void **state)
{
    (void)state;
    assert_int_equal(secure_auth(&s), 0);
    assert_int_equal(secure_buy(&s, 0x1234, 1), 0);
    assert_int_equal(secure_command(&s, DLT645_SECURITY_END, NULL, 0), 0);
    static const uint8_t want[] = {0x10, 0x02, 0x00, 0x30, 0x04, 0x00, 0, 0, 0x12,
                                   0x34, 0,    0,    0,    1,    0,    0, 0, 0};
    assert_int_equal(s.answer.len, sizeof want);
    assert_memory_equal(s.answer.data, want, sizeof want);
    assert_int_equal(secure_buy(&s, 1, 2), AUTH);
}

static void test_status(void **state)
{
    (void)state;
    static const uint8_t head[] = {0x04, 0xD6, 0x82, 0x00, 0x08};
    for (size_t k = 0; k < SUITES; k++) {
        secure_prepare(&s, kinds[k], METER_SECURITY_2013);
        assert_int_equal(secure_auth(&s), 0);
        assert_int_equal(secure_buy(&s, 5000, 1), 0);
        assert_int_equal(secure_command(&s, DLT645_SECURITY_STATUS, NULL, 0), 0);
        assert_int_equal(s.answer.len, 26);
        const uint8_t *d = s.answer.data;
        assert_true(element_host_verify(&s.host, ELEMENT_KEY_PURCHASE, head, d, 4, d + 4));
        assert_true(element_host_verify(&s.host, ELEMENT_KEY_PURCHASE, head, d + 8, 4, d + 12));
        const uint8_t amount[4] = {0, 0, 0x13, 0x88};
        const uint8_t count[4] = {0, 0, 0, 1};
        assert_memory_equal(d, amount, 4);
        assert_memory_equal(d + 8, count, 4);
    }
}

static void test_read_back(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint8_t data[8];
        uint16_t want;
    } rows[] = {
        {"customer", {0, 6, 0, 36, 0, 2, 0xDF, 1}, 0},
        {"the most that fits", {0, 180, 0, 0, 0, 3, 0xDF, 1}, 0},
        {"start 255", {0, 1, 0, 255, 0, 3, 0xDF, 1}, 0},
        {"one more", {0, 181, 0, 0, 0, 3, 0xDF, 1}, OTHER},
        {"nothing", {0, 0, 0, 0, 0, 2, 0xDF, 1}, OTHER},
        {"256", {1, 0, 0, 0, 0, 2, 0xDF, 1}, OTHER},
        {"start 256", {0, 1, 1, 0, 0, 3, 0xDF, 1}, OTHER},
        {"file 20H", {0, 1, 0, 0, 0, 0x20, 0xDF, 1}, OTHER},
        {"file 0102H", {0, 1, 0, 0, 1, 2, 0xDF, 1}, OTHER},
        {"another folder", {0, 1, 0, 0, 0, 2, 0x3F, 0}, OTHER},
        {"no such file", {0, 1, 0, 0, 0, 7, 0xDF, 1}, OTHER},
        {"the wallet", {0, 4, 0, 0, 0, 1, 0xDF, 1}, OTHER},
        {"keys", {0, 5, 0, 0, 0, 6, 0xDF, 1}, OTHER},
        {"beyond the file", {0, 60, 0, 5, 0, 2, 0xDF, 1}, OTHER},
    };
    assert_int_equal(secure_auth(&s), 0);
    assert_int_equal(secure_buy(&s, 1, 1), 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const uint16_t error = secure_command(&s, DLT645_SECURITY_READ_BACK, rows[i].data, 8);
        if (error != rows[i].want) {
            fail_msg("%s: %x", rows[i].name, error);
        }
        if (i == 0) {
            const uint8_t head[] = {0x04, 0xD6, 0x82, 36, 10};
            const uint8_t customer[] = {0x10, 0x02, 0x00, 0x30, 0x04, 0x00};
            assert_int_equal(s.answer.len, 18);
            assert_memory_equal(s.answer.data, rows[0].data, 8);
            assert_memory_equal(s.answer.data + 8, customer, 6);
            assert_true(element_host_verify(&s.host, ELEMENT_KEY_PARAMETER, head, customer, 6,
                                            s.answer.data + 14));
        }
    }
}

static uint16_t file_send(uint32_t di, const uint8_t *text, size_t len, uint8_t spoil)
{
    uint8_t data[3 + GT_APDU_DATA_MAX] = {text[0], text[1], text[2]};
    const element_host_text t = {
        .sfi = text[0], .offset = text[2], .text = text + 3, .len = len - 3};
    size_t carried = 0;
    if (element_host_write(&s.host, &t, data + 3, &carried) != GT_ERR_OK) {
        carried = 8;
    }
    data[3 + carried - 1] ^= spoil;
    return secure_command(&s, di, data, 3 + carried);
}

static void test_files(void **state)
{
    (void)state;
    static const uint8_t plain[] = {0x18, 0x1A, 0x1B, 0x1C};
    static const uint8_t sealed[] = {0x15, 0x0B};
    for (size_t k = 0; k < SUITES; k++) {
        secure_prepare(&s, kinds[k], METER_SECURITY_2013);
        assert_int_equal(secure_auth(&s), 0);
        for (uint8_t sfi = 0; sfi < 0x20; sfi++) {
            const uint8_t text[] = {sfi, 0, 7, 'a', 'b', 'c'};
            const bool is_plain = memchr(plain, sfi, sizeof plain) != NULL;
            const bool is_sealed = memchr(sealed, sfi, sizeof sealed) != NULL;
            assert_int_equal(file_send(DLT645_SECURITY_FILE_PLAIN, text, 6, 0),
                             is_plain ? 0 : OTHER);
            assert_int_equal(file_send(DLT645_SECURITY_FILE_SEALED, text, 6, 0),
                             is_sealed ? 0 : OTHER);
        }
        const uint8_t far[] = {0x18, 1, 0, 'a'};
        assert_int_equal(file_send(DLT645_SECURITY_FILE_PLAIN, far, 4, 0), OTHER);
        const uint8_t text[] = {0x18, 0, 9, 'x'};
        assert_int_equal(file_send(DLT645_SECURITY_FILE_PLAIN, text, 4, 1), MAC);
        assert_int_equal(file_send(DLT645_SECURITY_FILE_PLAIN, text, 4, 0), 0);
        assert_int_equal(file_send(DLT645_SECURITY_FILE_PLAIN, text, 4, 0), REPEATED);
        const uint8_t beyond[] = {0x18, 0, 250, 'x'};
        assert_int_equal(file_send(DLT645_SECURITY_FILE_PLAIN, beyond, 4, 0), MAC);
    }
}

/* One session takes so many MACs, then wants to be begun again. */
static void test_session_is_used_up(void **state)
{
    (void)state;
    assert_int_equal(secure_auth(&s), 0);
    for (uint8_t i = 0; i < SECURITY_USED_MAX; i++) {
        const uint8_t text[] = {0x18, 0, i, 'x'};
        assert_int_equal(file_send(DLT645_SECURITY_FILE_PLAIN, text, 4, 0), 0);
    }
    const uint8_t text[] = {0x18, 0, 99, 'x'};
    assert_int_equal(file_send(DLT645_SECURITY_FILE_PLAIN, text, 4, 0), AUTH);
}

/* The element's memory fails: silence, since nobody knows. */
static void test_chip_dead(void **state)
{
    (void)state;
    static const uint32_t empty[] = {DLT645_SECURITY_END, DLT645_SECURITY_STATUS};
    assert_int_equal(secure_auth(&s), 0);
    s.chip.dead = true;
    for (size_t i = 0; i < sizeof empty / sizeof empty[0]; i++) {
        assert_int_equal(secure_command(&s, empty[i], NULL, 0), SILENCE);
    }
    assert_int_equal(secure_buy(&s, 1, 1), SILENCE);
    assert_int_equal(secure_control(&s, 0x1A, 600), SILENCE);
    const uint8_t back[8] = {0, 6, 0, 36, 0, 2, 0xDF, 1};
    assert_int_equal(secure_command(&s, DLT645_SECURITY_READ_BACK, back, 8), SILENCE);
    const uint8_t text[] = {0x18, 0, 9, 'x'};
    assert_int_equal(file_send(DLT645_SECURITY_FILE_PLAIN, text, 4, 0), SILENCE);
    assert_int_equal(secure_auth(&s), SILENCE);
    s.chip.dead = false;
    assert_int_equal(secure_auth(&s), 0);
    assert_int_equal(secure_buy(&s, 1, 1), 0);
}

static void wrong(uint16_t want)
{
    secure_payload p;
    secure_buy_fill(&s, &p, DLT645_SECURITY_PURCHASE, 1, secure_count(&s) + 1);
    p.bytes[21] ^= 1; /* MAC2 */
    assert_int_equal(secure_send(&s, &p), want);
}

/* Every third wrong MAC ends the session, the fifteenth suspends until the next day (2013). */
static void test_wrong_macs_2013(void **state)
{
    (void)state;
    assert_int_equal(secure_auth(&s), 0);
    for (unsigned i = 1; i <= 14; i++) {
        wrong(MAC);
        if (i == 2) {
            assert_int_equal(secure_power_cycle(&s, 1), GT_ERR_OK); /* it is kept */
            assert_int_equal(secure_auth(&s), 0);
        }
        if (i % 3 == 0) {
            wrong(AUTH);
            assert_int_equal(secure_auth(&s), 0);
        }
    }
    wrong(MAC);
    const uint64_t writes = s.r.eeprom.writes + s.chip.writes;
    wrong(SUSPENDED);
    assert_int_equal(secure_auth(&s), SUSPENDED);
    assert_int_equal(secure_control(&s, 0x1A, 600), 1);
    assert_int_equal(s.r.eeprom.writes + s.chip.writes, writes);
    assert_int_equal(secure_power_cycle(&s, 3600), GT_ERR_OK);
    assert_int_equal(secure_auth(&s), SUSPENDED);
    rig_wait_s(&s.r, 14 * RIG_HOUR_S);
    assert_int_equal(secure_auth(&s), SUSPENDED);
    rig_wait_s(&s.r, RIG_HOUR_S);
    assert_int_equal(secure_auth(&s), 0);
    assert_int_equal(secure_buy(&s, 1, 1), 0);
    bool told = false;
    meter_event event;
    for (uint32_t back = 0; meter_event_get(&s.r.meter, back, &event) == GT_ERR_OK; back++) {
        told = told || event.kind == METER_EVENT_ATTACK;
    }
    assert_true(told);
}

/* Without a clock the day is 24 hours, counted anew after a power cut. */
static void test_suspended_without_a_clock(void **state)
{
    (void)state;
    s.r.rtc_good = false;
    assert_int_equal(secure_power_cycle(&s, 60), GT_ERR_OK);
    for (unsigned i = 1; i <= 15; i++) {
        if (i % 3 == 1) {
            assert_int_equal(secure_auth(&s), 0);
        }
        wrong(MAC);
    }
    rig_wait_s(&s.r, RIG_DAY_S - 1);
    assert_int_equal(secure_auth(&s), SUSPENDED);
    rig_wait_s(&s.r, 1);
    assert_int_equal(secure_auth(&s), 0);
    /* counted without a clock, which then comes back: 24 hours from then on */
    for (unsigned i = 1; i <= 15; i++) {
        if (i % 3 == 1) {
            assert_int_equal(secure_auth(&s), 0);
        }
        wrong(MAC);
    }
    rig_clock(&s.r, 2026, 5, 1, 60);
    assert_int_equal(secure_power_cycle(&s, 60), GT_ERR_OK);
    rig_wait_s(&s.r, RIG_DAY_S - 1);
    assert_int_equal(secure_auth(&s), SUSPENDED);
    rig_wait_s(&s.r, 1);
    assert_int_equal(secure_auth(&s), 0);
}

/* 2009: never suspended, but the fifteenth and each after it end the session; and no wear. */
static void test_wrong_macs_2009(void **state)
{
    (void)state;
    secure_prepare(&s, SUITE_TDES, METER_SECURITY_2009);
    for (unsigned i = 1; i <= 15; i++) {
        if (i % 3 == 1) {
            assert_int_equal(secure_auth(&s), 0);
        }
        wrong(MAC);
    }
    const uint64_t writes = s.r.eeprom.writes;
    for (unsigned i = 0; i < 5; i++) {
        assert_int_equal(secure_auth(&s), 0);
        wrong(MAC);
        wrong(AUTH);
    }
    assert_int_equal(s.r.eeprom.writes, writes);
    assert_int_equal(secure_auth(&s), 0);
    assert_int_equal(secure_buy(&s, 1, 1), 0); /* who has the keys clears the count */
    wrong(MAC);
    wrong(MAC);
    wrong(MAC);
    wrong(AUTH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_no_session, setup),
        cmocka_unit_test_setup(test_no_element, setup),
        cmocka_unit_test_setup(test_modbus_refused, setup),
        cmocka_unit_test_setup(test_identity, setup),
        cmocka_unit_test_setup(test_factory_factor, setup),
        cmocka_unit_test_setup(test_validity, setup),
        cmocka_unit_test_setup(test_end, setup),
        cmocka_unit_test_setup(test_status, setup),
        cmocka_unit_test_setup(test_read_back, setup),
        cmocka_unit_test_setup(test_files, setup),
        cmocka_unit_test_setup(test_session_is_used_up, setup),
        cmocka_unit_test_setup(test_chip_dead, setup),
        cmocka_unit_test_setup(test_wrong_macs_2013, setup),
        cmocka_unit_test_setup(test_suspended_without_a_clock, setup),
        cmocka_unit_test_setup(test_wrong_macs_2009, setup),
    };
    return cmocka_run_group_tests_name("meter/security", tests, NULL, NULL);
}
