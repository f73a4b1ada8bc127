/* Frames that come again, and power that goes: money through the security element is credited once,
 * whatever is heard, repeated or cut off. */
#include "secure.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static secure s;

enum { REPEATED = 2, MAC = 4, AUTH = 8 };
enum { SILENCE = 0xFFFF, AMOUNT_RECORD = 1, COUNT_RECORD = 3 };
enum { AT_MAC1 = 8 }; /* in the payload on the wire */

static const suite_kind kinds[] = {SUITE_TDES, SUITE_AES128, SUITE_SM4};

static int setup(void **state)
{
    (void)state;
    secure_prepare(&s, SUITE_AES128, METER_SECURITY_2013);
    return 0;
}

static void start_as(meter_life life)
{
    secure_prepare(&s, SUITE_TDES, METER_SECURITY_2013);
    assert_int_equal(secure_life(&s, life), GT_ERR_OK);
    assert_int_equal(secure_auth(&s), 0);
}

/* The count goes back to 0 in the workshop: the frames of before stay worthless, in whatever
 * session. */
static void test_replay_after_reset(void **state)
{
    (void)state;
    secure_payload heard;
    assert_int_equal(secure_auth(&s), 0);
    secure_buy_fill(&s, &heard, DLT645_SECURITY_PURCHASE, 300, 1);
    assert_int_equal(secure_send(&s, &heard), 0);
    assert_int_equal(secure_wallet_init(&s, 0, 0, 0), 0);
    assert_int_equal(secure_count(&s), 0);
    assert_int_equal(secure_send(&s, &heard), AUTH);
    assert_int_equal(secure_auth(&s), 0);
    assert_int_equal(secure_send(&s, &heard), MAC);
    assert_int_equal(secure_balance(&s), 0);
}

/* A frame for one meter is nothing to its neighbour, though both hold children of the same keys. */
static void test_replay_at_a_neighbour(void **state)
{
    (void)state;
    static secure neighbour;
    for (size_t k = 0; k < SUITES; k++) {
        secure_payload heard;
        uint8_t control[SECURITY_CONTROL_LEN];
        secure_prepare(&s, kinds[k], METER_SECURITY_2009);
        secure_prepare(&neighbour, kinds[k], METER_SECURITY_2009);
        neighbour.host.key[ELEMENT_KEY_PURCHASE][3] ^= 8; /* what a neighbour's host would have */
        neighbour.host.key[ELEMENT_KEY_PARAMETER][3] ^= 8;
        neighbour.host.key[ELEMENT_KEY_CONTROL][3] ^= 8;
        assert_int_equal(secure_auth(&s), 0);
        memcpy(neighbour.host.seed, s.host.seed,
               sizeof s.host.seed); /* by chance the same challenge */
        secure_buy_fill(&neighbour, &heard, DLT645_SECURITY_PURCHASE, 300, 1);
        assert_int_equal(secure_send(&s, &heard), MAC);
        secure_control_fill(&neighbour, control, 0x1A, 600);
        assert_true(secure_control_send(&s, control) != 0);
        assert_int_equal(secure_balance(&s), 0);
        assert_int_equal(rig_status(&s.r).remote, REMOTE_CONNECTED);
    }
}

/* Frames heard on the line come again: in their own session, in later ones, on other days, after
 * power cuts, in any order. Nobody gets a fen or a relay. METER_REPLAYS says how many in all. */
enum { ORDERS = 40 };

static void test_replays(void **state)
{
    (void)state;
    const char *asked = getenv("METER_REPLAYS");
    const unsigned long total = asked != NULL ? strtoul(asked, NULL, 10) : 3000;
    static secure_payload buys[ORDERS];
    static secure_payload auths[ORDERS];
    static uint8_t controls[ORDERS][SECURITY_CONTROL_LEN];
    for (size_t k = 0; k < SUITES; k++) {
        secure_prepare(&s, kinds[k], k == 0 ? METER_SECURITY_2009 : METER_SECURITY_2013);
        for (uint32_t i = 0; i < ORDERS; i++) {
            secure_auth_fill(&s, &auths[i], (uint8_t)i);
            assert_int_equal(secure_send(&s, &auths[i]), 0);
            element_host_challenged(&s.host, s.answer.data);
            secure_buy_fill(&s, &buys[i], DLT645_SECURITY_PURCHASE, 100 + i, i + 1);
            assert_int_equal(secure_send(&s, &buys[i]), 0);
            secure_control_fill(&s, controls[i], i % 2 == 0 ? 0x1A : 0x1C, RIG_DAY_S * 30L);
            assert_int_equal(secure_control_send(&s, controls[i]), 0);
            /* at once, in the session that took them */
            assert_int_equal(secure_send(&s, &buys[i]), REPEATED);
            assert_true(secure_control_send(&s, controls[i]) != 0);
        }
        const int64_t balance = secure_balance(&s);
        const remote_state remote = rig_status(&s.r).remote;
        unsigned long accepted = 0;
        uint64_t random = 99 + k;
        for (unsigned long n = 0; n < total / SUITES; n++) {
            random = random * 6364136223846793005U + 1442695040888963407U;
            const unsigned pick = (unsigned)(random >> 33U);
            if (n % 11 == 0) { /* a session: the attacker's replayed one, or the station's own */
                const uint16_t error =
                    pick % 2 == 0 ? secure_send(&s, &auths[pick / 2 % ORDERS]) : secure_auth(&s);
                if (error != 0) { /* suspended: the attacker waits for the day */
                    assert_int_equal(error, 256);
                    rig_wait_s(&s.r, RIG_DAY_S);
                }
            }
            const unsigned which = pick / 4 % ORDERS;
            accepted += pick % 4 < 2 ? secure_send(&s, &buys[which]) == 0
                                     : secure_control_send(&s, controls[which]) == 0;
            if (n % 997 == 996) {
                assert_int_equal(secure_power_cycle(&s, 3600), GT_ERR_OK);
            }
        }
        assert_int_equal(accepted, 0);
        assert_int_equal(secure_balance(&s), balance);
        assert_int_equal(secure_count(&s), ORDERS);
        assert_int_equal(rig_status(&s.r).remote, remote);
        rig_wait_s(&s.r, RIG_DAY_S);
        assert_int_equal(secure_auth(&s), 0); /* and the station's own next order goes through */
        assert_int_equal(secure_buy(&s, 7, ORDERS + 1), 0);
        assert_int_equal(secure_balance(&s), balance + 7);
    }
}

/* Power goes while byte `byte` is written, by the meter or by the element. */
typedef uint16_t cut_act(void);

static uint16_t act_buy(void)
{
    return secure_buy(&s, 900, 2);
}

static uint16_t act_open(void)
{
    return secure_open(&s, 100200300400, 1, 0);
}

static uint16_t act_keys(void)
{
    const element_host_key key = {.slot = ELEMENT_KEY_PURCHASE, .version = 1, .key = {1}};
    return secure_keys(&s, &key, 1);
}

static uint16_t act_wrong(void)
{
    secure_payload p;
    secure_buy_fill(&s, &p, DLT645_SECURITY_PURCHASE, 900, 2);
    p.bytes[AT_MAC1] ^= 1;
    return secure_send(&s, &p);
}

/* After the cut: power on, and the order again as the station would. @return true when it was
 * booked */
static void settle_after(bool opens, int64_t before, int64_t amount, uint32_t count)
{
    const bool booked = secure_count(&s) == count;
    assert_int_equal(secure_balance(&s), booked ? before + amount : before);
    assert_int_equal(secure_auth(&s), 0);
    secure_payload p;
    secure_buy_fill(&s, &p, opens && !booked ? DLT645_SECURITY_OPEN : DLT645_SECURITY_PURCHASE,
                    (uint32_t)amount, count);
    assert_int_equal(secure_send(&s, &p), booked ? REPEATED : 0);
    assert_int_equal(secure_balance(&s), before + amount);
    assert_int_equal(secure_count(&s), count);
    assert_int_equal(secure_wallet(&s, COUNT_RECORD), count);
    assert_int_equal(secure_wallet(&s, AMOUNT_RECORD), before + amount);
    assert_int_equal(secure_buy(&s, 1, count + 1), 0);
}

static void cut_everywhere(cut_act *act, bool opens)
{
    static secure ready;
    start_as(opens ? METER_LIFE_ISSUED : METER_LIFE_RUNNING);
    if (!opens) {
        assert_int_equal(secure_buy(&s, 100, 1), 0);
    }
    ready = s;
    const int64_t before = opens ? 0 : 100;
    for (unsigned where = 0; where < 2; where++) {
        bool whole = false;
        unsigned cuts = 0;
        for (uint64_t byte = 1; !whole; byte += where == 0 && byte > 40 ? 5 : 1) {
            s = ready;
            sim_eeprom *chip = where == 0 ? &s.r.eeprom : &s.chip;
            chip->seed = byte;
            sim_eeprom_cut_after(chip, byte);
            const uint16_t error = act();
            whole = !chip->dead;
            if (!whole) { /* the cut stops both */
                sim_eeprom_cut(where == 0 ? &s.chip : &s.r.eeprom);
            }
            sim_eeprom_restore(&s.chip);
            sim_eeprom_restore(&s.r.eeprom);
            s.r.now.us += 1000000;
            assert_int_equal(secure_power_on(&s), GT_ERR_OK);
            if (error == 0) {
                assert_int_equal(secure_count(&s), opens ? 1 : 2); /* answered: it stands */
            }
            settle_after(opens, before, opens ? 700 : 900, opens ? 1 : 2);
            cuts++;
        }
        assert_true(cuts > 20);
    }
}

static void test_cut_buy(void **state)
{
    (void)state;
    cut_everywhere(act_buy, false);
}

static void test_cut_open(void **state)
{
    (void)state;
    cut_everywhere(act_open, true);
}

static void test_cut_keys(void **state)
{
    (void)state;
    static secure ready;
    start_as(METER_LIFE_RUNNING);
    ready = s;
    for (uint64_t byte = 1;; byte++) {
        s = ready;
        s.chip.seed = byte;
        sim_eeprom_cut_after(&s.chip, byte);
        const uint16_t error = act_keys();
        const bool whole = !s.chip.dead;
        sim_eeprom_restore(&s.chip);
        assert_int_equal(secure_power_on(&s), GT_ERR_OK);
        assert_int_equal(secure_auth(&s), 0);
        const element_host old = s.host;
        const element_host_key key = {.slot = ELEMENT_KEY_PURCHASE, .version = 1, .key = {1}};
        element_host_updated(&s.host, &key, 1);
        if (secure_buy(&s, 1, 1) != 0) { /* not the new key: the old one, whole */
            assert_int_equal(error, SILENCE);
            s.host = old;
            assert_int_equal(secure_buy(&s, 1, 1), 0);
        }
        if (whole) {
            break;
        }
    }
}

/* A cut while a wrong MAC is counted wins the attacker nothing but that one guess. */
static void test_cut_wrong_mac(void **state)
{
    (void)state;
    static secure ready;
    start_as(METER_LIFE_RUNNING);
    assert_int_equal(secure_buy(&s, 100, 1), 0);
    ready = s;
    for (uint64_t byte = 1;; byte++) {
        s = ready;
        s.r.eeprom.seed = byte;
        sim_eeprom_cut_after(&s.r.eeprom, byte);
        const uint16_t error = act_wrong();
        const bool whole = !s.r.eeprom.dead;
        assert_int_equal(error, whole ? MAC : SILENCE);
        sim_eeprom_restore(&s.r.eeprom);
        assert_int_equal(secure_power_on(&s), GT_ERR_OK);
        assert_true(s.r.meter.security.kept.wrong <= 1);
        assert_true(!whole || s.r.meter.security.kept.wrong == 1);
        assert_int_equal(secure_balance(&s), 100);
        if (whole) {
            break;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_replay_after_reset, setup),
        cmocka_unit_test_setup(test_replay_at_a_neighbour, setup),
        cmocka_unit_test_setup(test_replays, setup),
        cmocka_unit_test_setup(test_cut_buy, setup),
        cmocka_unit_test_setup(test_cut_open, setup),
        cmocka_unit_test_setup(test_cut_keys, setup),
        cmocka_unit_test_setup(test_cut_wrong_mac, setup),
    };
    return cmocka_run_group_tests_name("meter/security_replay", tests, NULL, NULL);
}
