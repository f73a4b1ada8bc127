/* Every call that a command or a card's visit makes to the element, to the card or to the meter's
 * memory fails once, in every way in which it can; then all is well again and the order is
 * repeated. Nothing is lost, nothing comes twice, and nobody is told what is not so. */
#include "card_sim.h"
#include "flaky.h"
#include "meter/card.h"
#include "secure.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

enum { SILENCE = 0xFFFF, NEVER = 0 };

static secure s;
static card_sim card;
static flaky chip;
static flaky slot;

/* The meter's memory answers nothing from the nth access on. */
static gt_nvm eeprom_real;
static unsigned eeprom_calls;
static unsigned eeprom_at;

static bool eeprom_dead(void)
{
    eeprom_calls++;
    return eeprom_at != NEVER && eeprom_calls >= eeprom_at;
}

static gt_err nvm_read(void *ctx, uint32_t at, uint8_t *buf, size_t len)
{
    return eeprom_dead() ? GT_ERR_IO : eeprom_real.read(ctx, at, buf, len);
}

static gt_err nvm_write(void *ctx, uint32_t at, const uint8_t *buf, size_t len)
{
    return eeprom_dead() ? GT_ERR_IO : eeprom_real.write(ctx, at, buf, len);
}

static void prepare(bool unsold)
{
    secure_prepare(&s, SUITE_AES128, METER_SECURITY_2013);
    if (unsold) {
        sim_eeprom_init(&s.r.eeprom, 1);
        s.r.cfg.life = METER_LIFE_ORIGINAL;
        assert_int_equal(secure_power_on(&s), GT_ERR_OK);
    }
    s.r.meter.ports.element = flaky_port(&chip, element_port(&s.element));
    eeprom_real = s.r.meter.ports.nvm;
    s.r.meter.ports.nvm.read = nvm_read;
    s.r.meter.ports.nvm.write = nvm_write;
    eeprom_at = NEVER;
    eeprom_calls = 0;
    chip.at = NEVER;
    chip.calls = 0;
}

/* What may be asked, with a session where it needs one. */
static uint16_t do_auth(void)
{
    return secure_auth(&s);
}

static uint16_t do_buy(void)
{
    return secure_buy(&s, 500, 1);
}

static uint16_t do_open(void)
{
    secure_payload p;
    secure_buy_fill(&s, &p, DLT645_SECURITY_OPEN, 500, 1);
    return secure_send(&s, &p);
}

static uint16_t do_status(void)
{
    return secure_command(&s, DLT645_SECURITY_STATUS, NULL, 0);
}

static uint16_t do_end(void)
{
    return secure_command(&s, DLT645_SECURITY_END, NULL, 0);
}

static uint16_t do_read_back(void)
{
    const uint8_t data[8] = {0, 6, 0, 36, 0, 2, 0xDF, 1};
    return secure_command(&s, DLT645_SECURITY_READ_BACK, data, 8);
}

static uint16_t do_validity(void)
{
    const uint8_t minutes[2] = {0x00, 0x30};
    const element_host_text text = {.sfi = 2, .offset = 43, .text = minutes, .len = 2};
    uint8_t data[GT_APDU_DATA_MAX];
    size_t len = 0;
    assert_int_equal(element_host_write(&s.host, &text, data, &len), GT_ERR_OK);
    return secure_command(&s, DLT645_SECURITY_VALIDITY, data, len);
}

static uint16_t do_wallet_init(void)
{
    uint8_t data[16] = {0, 0, 1, 0xF4};
    element_host_record(&s.host, 1, 500, data + 4);
    element_host_record(&s.host, 3, 0, data + 12);
    return secure_command(&s, DLT645_SECURITY_WALLET_INIT, data, sizeof data);
}

static uint16_t do_keys(void)
{
    const element_host_key key = {.slot = ELEMENT_KEY_CARD, .version = 1};
    return secure_keys(&s, &key, 1);
}

static uint16_t do_control(void)
{
    return secure_control(&s, 0x1A, 600);
}

static uint16_t do_write_99(void)
{
    const uint8_t text[4] = {1};
    const element_host_text t = {.sfi = 2, .offset = 16, .text = text, .len = 4};
    secure_payload p;
    secure_write_fill(&s, &p, &t, 0x04001001);
    return secure_write_send(&s, 0x99, &p);
}

static uint16_t do_write_98(void)
{
    const uint8_t text[] = {5, 4, 0, 1, 1, 7};
    const element_host_text t = {.sfi = 9, .text = text, .len = sizeof text};
    secure_payload p;
    secure_write_fill(&s, &p, &t, 0x04000101);
    return secure_write_send(&s, 0x98, &p);
}

static const struct {
    const char *name;
    uint16_t (*run)(void);
    bool unsold;
    int64_t credit; /* balance once it was done */
} acts[] = {
    {"auth", do_auth, false, 0},         {"buy", do_buy, false, 500},
    {"open", do_open, true, 500},        {"status", do_status, false, 0},
    {"end", do_end, false, 0},           {"read back", do_read_back, false, 0},
    {"validity", do_validity, false, 0}, {"wallet init", do_wallet_init, false, 500},
    {"keys", do_keys, false, 0},         {"control", do_control, false, 0},
    {"write 99", do_write_99, false, 0}, {"write 98", do_write_98, false, 0},
};

/* All is well again: the order is repeated in a new session; in the end it had its effect, once. */
static void recovered(size_t act)
{
    chip.at = NEVER;
    eeprom_at = NEVER;
    const bool buys = acts[act].run == do_buy || acts[act].run == do_open;
    rig_wait_s(&s.r, 20); /* the meter's own retry of a save */
    assert_int_equal(secure_auth(&s), 0);
    const bool known = buys && secure_count(&s) == 1;
    uint16_t again = known ? do_buy() : acts[act].run();
    if (buys && again != 0) { /* the wallet had it: booked before anything else was looked at */
        again = do_buy();
        assert_int_equal(again, METER_RESULT_REPEATED);
        again = 0;
    }
    if (again != 0 && !(acts[act].run == do_keys && again == METER_RESULT_MAC)) {
        fail_msg("%s, then again: %x", acts[act].name, again); /* keys: the new version is there */
    }
    assert_int_equal(secure_balance(&s), acts[act].credit);
    assert_int_equal(secure_count(&s), buys ? 1 : 0);
    assert_int_equal(secure_wallet(&s, 3), buys ? 1 : 0);
    assert_int_equal(secure_wallet(&s, 1), acts[act].credit);
}

static void test_element_fails(void **state)
{
    (void)state;
    for (size_t act = 0; act < sizeof acts / sizeof acts[0]; act++) {
        for (unsigned how = 0; how < FAILURES; how++) {
            for (unsigned at = 1;; at++) {
                prepare(acts[act].unsold);
                assert_int_equal(secure_auth(&s), 0);
                chip.calls = 0;
                chip.at = at;
                chip.how = (failure)how;
                const uint16_t error = acts[act].run();
                if (chip.calls < at) {
                    assert_int_equal(error, 0);
                    break;
                }
                if (how != FAIL_SHORT && error == 0) {
                    fail_msg("%s, call %u, failure %u: says it is done", acts[act].name, at, how);
                }
                if (error == 0 && acts[act].credit != 0) {
                    assert_int_equal(secure_balance(&s), acts[act].credit);
                }
                recovered(act);
            }
        }
    }
}

static void test_memory_fails(void **state)
{
    (void)state;
    for (size_t act = 0; act < sizeof acts / sizeof acts[0]; act++) {
        for (unsigned at = 1;; at++) {
            prepare(acts[act].unsold);
            assert_int_equal(secure_auth(&s), 0);
            eeprom_calls = 0;
            eeprom_at = at;
            const uint16_t error = acts[act].run();
            if (eeprom_calls < at) {
                assert_int_equal(error, 0);
                break;
            }
            if (error == 0) { /* told so: it must stand when the power goes now */
                assert_int_equal(secure_balance(&s), acts[act].credit);
            } else { /* not half: an account that did not open left no trace */
                const meter_life life = rig_status(&s.r).life;
                assert_int_equal(life, s.r.cfg.life);
            }
            recovered(act);
        }
    }
}

/* A purchase is in the wallet and not in the books, or energy was used since the last look: the
 * next command finds that first, and something fails just then. */
static void second_fails(unsigned how, unsigned at, uint16_t (*act)(void), bool *out_more)
{
    chip.calls = 0;
    chip.at = at;
    chip.how = (failure)how;
    const uint16_t error = act();
    *out_more = chip.calls >= at;
    chip.at = NEVER;
    assert_true(error != 0 || how == FAIL_SHORT || !*out_more || act == do_buy);
    assert_true(secure_balance(&s) == 0 || secure_balance(&s) == 500);
    assert_int_equal(secure_auth(&s), 0);
    assert_int_equal(do_buy(), METER_RESULT_REPEATED);
    assert_int_equal(secure_balance(&s), 500);
    assert_int_equal(secure_count(&s), 1);
}

static void buy_and_lose_the_answer(void)
{
    prepare(false);
    s.r.meter.state.account.parameter.hoarding_fen = 500;
    assert_int_equal(secure_auth(&s), 0);
    chip.calls = 0;
    chip.how = FAIL_LOST;
    chip.at = 3; /* amount read, customer written, increase */
    assert_int_equal(do_buy(), SILENCE);
    assert_int_equal(secure_wallet(&s, 3), 1);
    assert_int_equal(secure_count(&s), 0);
    s.r.meter.state.account.parameter.hoarding_fen = 499; /* lowered since: the money is his */
}

static void test_found_later(void **state)
{
    (void)state;
    static uint16_t (*const second[])(void) = {do_status, do_end, do_buy};
    for (size_t i = 0; i < sizeof second / sizeof second[0]; i++) {
        for (unsigned how = 0; how < FAILURES; how++) {
            bool more = true;
            for (unsigned at = 1; more; at++) {
                buy_and_lose_the_answer();
                second_fails(how, at, second[i], &more);
            }
        }
    }
    /* by the hour, or at the next power-up; the first try fails */
    buy_and_lose_the_answer();
    chip.calls = 0;
    chip.at = 1;
    rig_wait_s(&s.r, RIG_HOUR_S);
    assert_int_equal(secure_count(&s), 0);
    rig_wait_s(&s.r, RIG_HOUR_S);
    assert_int_equal(secure_count(&s), 1);
    buy_and_lose_the_answer();
    assert_int_equal(secure_power_cycle(&s, 1), GT_ERR_OK);
    assert_int_equal(secure_count(&s), 1);
    /* another customer's meter by now: his money is not hers */
    buy_and_lose_the_answer();
    s.r.meter.state.account.customer_no++;
    rig_wait_s(&s.r, RIG_HOUR_S);
    assert_int_equal(secure_balance(&s), 0);
}

static void test_settling_fails(void **state)
{
    (void)state;
    for (unsigned how = 0; how < FAILURES; how++) {
        for (unsigned at = 1; at <= 2; at++) {
            prepare(false);
            assert_int_equal(secure_auth(&s), 0);
            assert_int_equal(secure_buy(&s, 500, 1), 0);
            rig_use(&s.r, 120, 60);
            chip.calls = 0;
            chip.at = at;
            chip.how = (failure)how;
            const uint16_t error = do_status();
            assert_true(error == SILENCE || (how == FAIL_SHORT && at == 2));
            chip.at = NEVER;
            assert_int_equal(do_status(), 0);
            assert_int_equal(secure_wallet(&s, 1), secure_balance(&s));
        }
    }
}

/* The memory fails as the count of wrong MACs is cleared by a right one. */
static void test_clearing_fails(void **state)
{
    (void)state;
    for (unsigned at = 1;; at++) {
        prepare(false);
        assert_int_equal(secure_auth(&s), 0);
        secure_payload p;
        secure_buy_fill(&s, &p, DLT645_SECURITY_PURCHASE, 500, 1);
        p.bytes[21] ^= 1;
        assert_int_equal(secure_send(&s, &p), METER_RESULT_MAC);
        eeprom_calls = 0;
        eeprom_at = at;
        const uint16_t error = do_buy();
        if (eeprom_calls < at) {
            assert_int_equal(error, 0);
            break;
        }
        eeprom_at = NEVER;
        rig_wait_s(&s.r, 20);
        assert_int_equal(secure_auth(&s), 0);
        const uint16_t again = do_buy();
        assert_true(again == 0 || again == METER_RESULT_REPEATED);
        assert_int_equal(secure_balance(&s), 500);
    }
}

static gt_err insert(card_outcome *out)
{
    return meter_card_take(&s.r.meter, &slot.real, s.r.now, out);
}

static void card_prepare(void)
{
    prepare(true);
    const element_host_key own = {.slot = ELEMENT_KEY_PURCHASE, .version = 1, .key = {1}};
    assert_int_equal(secure_auth(&s), 0);
    assert_int_equal(secure_keys(&s, &own, 1), 0);
    element_host_updated(&s.host, &own, 1);
    card_sim_make(&card, &s.host, 1);
    card_sim_terms(&card, CARD_NEW, 0x83, s.r.cfg.meter_no, s.r.cfg.customer_no);
    card_sim_wallet(&card, 500, 1);
    slot.real = card_sim_port(&card);
    chip.calls = 0;
    eeprom_calls = 0;
}

static void card_again(void)
{
    card_outcome outcome = {0};
    chip.at = NEVER;
    eeprom_at = NEVER;
    slot.real = card_sim_port(&card);
    rig_wait_s(&s.r, 20);
    assert_int_equal(insert(&outcome), GT_ERR_OK);
    assert_true((outcome.acts & (CARD_REJECTED | CARD_IS_ERROR)) == 0);
    assert_int_equal(secure_balance(&s), 500);
    assert_int_equal(secure_count(&s), 1);
    assert_int_equal(secure_wallet(&s, 1), 500);
}

/* A card that is turned away is counted; or nobody is told anything. */
static void test_rejected_card(void **state)
{
    (void)state;
    for (unsigned at = 1; at <= 4; at++) {
        card_outcome outcome = {0};
        card_prepare();
        card.refuse_ins = 0x88;
        eeprom_at = at;
        const gt_err err = insert(&outcome);
        assert_true(err == GT_ERR_IO || outcome.acts == CARD_REJECTED);
        assert_true(err == GT_ERR_OK || outcome.acts == 0);
        eeprom_at = NEVER;
    }
}

/* The card comes while a purchase by network is in the wallet only. */
static void test_card_finds_it(void **state)
{
    (void)state;
    for (unsigned at = 1; at <= 3; at++) {
        card_outcome outcome = {0};
        card_prepare();
        assert_int_equal(secure_auth(&s), 0);
        chip.calls = 0;
        chip.how = FAIL_LOST;
        chip.at = 3;
        assert_int_equal(do_open(), SILENCE);
        chip.calls = 0;
        chip.how = FAIL_SILENT;
        chip.at = at;
        assert_int_equal(insert(&outcome), GT_ERR_IO);
        chip.at = NEVER;
        assert_int_equal(insert(&outcome), GT_ERR_OK);
        assert_int_equal(secure_balance(&s), 500);
        assert_int_equal(secure_count(&s), 1);
    }
}

/* Whatever fails, at worst the card goes in again. */
static void test_card_visit(void **state)
{
    (void)state;
    for (unsigned who = 0; who < 3; who++) {
        for (unsigned how = 0; how < (who == 2 ? 1U : (unsigned)FAILURES); how++) {
            for (unsigned at = 1;; at++) {
                card_outcome outcome = {0};
                static flaky reader;
                card_prepare();
                flaky *f = &chip;
                if (who == 1) {
                    slot.real = flaky_port(&reader, card_sim_port(&card));
                    f = &reader;
                }
                if (who == 2) {
                    eeprom_at = at;
                } else {
                    f->at = at;
                    f->how = (failure)how;
                }
                const gt_err err = insert(&outcome);
                if ((who == 2 ? eeprom_calls : f->calls) < at) {
                    assert_int_equal(err, GT_ERR_OK);
                    assert_int_equal(outcome.result, 0);
                    break;
                }
                assert_true(err == GT_ERR_OK || err == GT_ERR_IO);
                assert_true(err == GT_ERR_IO || who != 1 || outcome.result == 0);
                assert_true(secure_balance(&s) == 0 || secure_balance(&s) == 500);
                card_again();
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_element_fails),  cmocka_unit_test(test_memory_fails),
        cmocka_unit_test(test_found_later),    cmocka_unit_test(test_settling_fails),
        cmocka_unit_test(test_clearing_fails), cmocka_unit_test(test_rejected_card),
        cmocka_unit_test(test_card_finds_it),  cmocka_unit_test(test_card_visit)};
    return cmocka_run_group_tests_name("meter/security_torture", tests, NULL, NULL);
}
