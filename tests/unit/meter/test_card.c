/* A customer's card in the meter: every proof, every rule, pulled out at every command. */
#include "card_sim.h"
#include "meter/card.h"
#include "meter/service.h"
#include "secure.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static secure s;
static card_sim card;
static card_outcome outcome;

#define METER UINT64_C(202601000257)
#define CUSTOMER UINT64_C(100200300400)

static const suite_kind kinds[] = {SUITE_TDES, SUITE_AES128, SUITE_SM4};

/* A meter with keys of its own, in that state of life. */
static void prepare(suite_kind kind, meter_life life)
{
    secure_prepare(&s, kind, METER_SECURITY_2013);
    const element_host_key own = {.slot = ELEMENT_KEY_PURCHASE, .version = 1, .key = {1}};
    assert_int_equal(secure_auth(&s), 0);
    assert_int_equal(secure_keys(&s, &own, 1), 0);
    element_host_updated(&s.host, &own, 1);
    sim_eeprom_init(&s.r.eeprom, 1);
    s.r.cfg.life = life;
    assert_int_equal(secure_power_on(&s), GT_ERR_OK);
    card_sim_make(&card, &s.host, 1);
    card_sim_terms(&card, CARD_NEW, 0, METER, CUSTOMER);
    card_sim_wallet(&card, 5000, 1);
}

static int setup(void **state)
{
    (void)state;
    prepare(SUITE_AES128, METER_LIFE_ISSUED);
    return 0;
}

static gt_err insert(void)
{
    const gt_apdu port = card_sim_port(&card);
    outcome = (card_outcome){0};
    return meter_card_take(&s.r.meter, &port, s.r.now, &outcome);
}

static void insert_good(unsigned acts)
{
    assert_int_equal(insert(), GT_ERR_OK);
    assert_int_equal(outcome.result, 0);
    assert_int_equal(outcome.acts, acts);
}

static void rejected(void)
{
    const uint32_t before = s.r.meter.security.kept.illegal_cards;
    const int64_t balance = secure_balance(&s);
    assert_int_equal(insert(), GT_ERR_OK);
    assert_int_equal(outcome.acts, CARD_REJECTED);
    assert_int_equal(s.r.meter.security.kept.illegal_cards, before + 1);
    assert_int_equal(secure_balance(&s), balance);
}

enum {
    FIRST = CARD_DO_CREDIT | CARD_DO_PARAMETER | CARD_DO_SERIAL | CARD_DO_WRITE_BACK,
    BUY = CARD_DO_CREDIT | CARD_DO_PARAMETER | CARD_DO_WRITE_BACK,
};

/* A life: opened by its card, bought with it three times, each card shown twice. */
static void test_life(void **state)
{
    (void)state;
    for (size_t k = 0; k < SUITES; k++) {
        prepare(kinds[k], METER_LIFE_ISSUED);
        insert_good(FIRST);
        assert_int_equal(rig_status(&s.r).life, METER_LIFE_RUNNING);
        assert_int_equal(secure_balance(&s), 5000);
        insert_good(CARD_DO_WRITE_BACK); /* again: a report, no money */
        for (uint32_t n = 2; n <= 4; n++) {
            memset(card.file[5], 0, sizeof card.file[5]); /* the shop takes the report and sells */
            card_sim_terms(&card, CARD_BUY, 0, METER, CUSTOMER);
            card_sim_wallet(&card, 100, n);
            insert_good(BUY);
            assert_int_equal(secure_balance(&s), 5000 + 100 * (n - 1));
            assert_int_equal(secure_count(&s), n);
            insert_good(CARD_DO_WRITE_BACK);
            assert_int_equal(secure_balance(&s), 5000 + 100 * (n - 1));
        }
        card_sim_wallet(&card, 100, 3); /* an old card */
        insert_good(CARD_DO_WRITE_BACK);
        card_sim_wallet(&card, 100, 6); /* one sale skipped */
        insert_good(CARD_IS_ERROR);
        card_sim_wallet(&card, 100, 5); /* a sale, but the report of the last was not taken */
        insert_good(CARD_IS_ERROR | CARD_DO_WRITE_BACK);
        assert_int_equal(secure_balance(&s), 5300);
        /* the network goes on with the same count */
        assert_int_equal(secure_auth(&s), 0);
        assert_int_equal(secure_buy(&s, 1, 5), 0);
        assert_int_equal(secure_wallet(&s, 3), 5);
    }
}

static void test_report(void **state)
{
    (void)state;
    rig_use(&s.r, 120, 60);
    insert_good(FIRST);
    static const uint8_t want[] = {
        0xB1,                               /* money was taken */
        0,    0,    1,    0,    0,    1,    /* transformers as on the card */
        0x20, 0x26, 0x01, 0x00, 0x02, 0x57, /* meter */
        0x10, 0x02, 0x00, 0x30, 0x04, 0x00, /* customer */
        0,    0,    0x13, 0x82,             /* balance: 0.1 kWh is used */
        0,    0,    0,    1,                /* count */
        0,    0,    0,    0,                /* no debt */
        1,    1,    4,    1,                /* key info: own, remote, purchase, version 1 */
        0,    0,    0,                      /* illegal cards */
        0x26, 0x03, 0x10, 0x08, 0x01};
    assert_memory_equal(card.file[5], want, sizeof want);
    insert_good(CARD_DO_WRITE_BACK);
    assert_int_equal(card.file[5][0], 0x11);
    card_sim other = card;
    card_sim_make(&card, &s.host, 2);
    card_sim_terms(&card, CARD_BUY, 0, METER, CUSTOMER);
    card_sim_wallet(&card, 1, 2);
    rejected(); /* not the card that opened the account */
    card = other;
    insert_good(CARD_DO_WRITE_BACK);
    assert_int_equal(card.file[5][37], 1);
    s.r.rtc_good = false; /* the clock stops: zeros */
    assert_int_equal(secure_power_cycle(&s, 60), GT_ERR_OK);
    rig_use(&s.r, 12000, 600);
    insert_good(CARD_DO_WRITE_BACK);
    const uint8_t none[5] = {0};
    assert_memory_equal(card.file[5] + 38, none, 5);
}

static void test_debt_in_report(void **state)
{
    (void)state;
    insert_good(FIRST);
    rig_use(&s.r, 1200 * 100, 3600);
    assert_true(secure_balance(&s) < 0);
    insert_good(CARD_DO_WRITE_BACK);
    gt_rd r = gt_rd_of(card.file[5] + 19, 12);
    assert_int_equal(gt_rd_u32be(&r), 0);
    assert_int_equal(gt_rd_u32be(&r), 1);
    assert_int_equal(gt_rd_u32be(&r), -secure_balance(&s));
}

static void test_repair_card(void **state)
{
    (void)state;
    insert_good(FIRST);
    card_sim_make(&card, &s.host, 3); /* lost, and a new one made */
    card_sim_terms(&card, CARD_REPAIR, 0, METER, CUSTOMER);
    card_sim_wallet(&card, 800, 2);
    insert_good(FIRST);
    assert_int_equal(secure_balance(&s), 5800);
    assert_int_equal(s.r.meter.security.kept.card[7], 3);
    assert_int_equal(secure_power_cycle(&s, 60), GT_ERR_OK);
    assert_int_equal(s.r.meter.security.kept.card[7], 3);
}

static void test_rejected(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint8_t spoil;
        uint16_t refuse;
        uint64_t meter_no;
        uint64_t customer_no;
        uint8_t kind;
        uint32_t count;
    } rows[] = {
        {"card's first answer wrong", 0x88, 0, METER, CUSTOMER, 1, 1},
        {"card refuses to answer", 0, 0x88, METER, CUSTOMER, 1, 1},
        {"card refuses the meter", 0, 0x82, METER, CUSTOMER, 1, 1},
        {"another meter", 0, 0, METER + 1, CUSTOMER, 1, 1},
        {"kind 0", 0, 0, METER, CUSTOMER, 0, 1},
        {"kind 4", 0, 0, METER, CUSTOMER, 4, 1},
        {"kind 255", 0, 0, METER, CUSTOMER, 255, 1},
        {"buys before the account is open", 0, 0, METER, CUSTOMER, 2, 1},
        {"repair before the account is open", 0, 0, METER, CUSTOMER, 3, 1},
        {"new with count 2", 0, 0, METER, CUSTOMER, 1, 2},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        prepare(SUITE_SM4, METER_LIFE_ISSUED);
        card.spoil_ins = rows[i].spoil;
        card.refuse_ins = rows[i].refuse;
        card_sim_terms(&card, CARD_NEW, 0, rows[i].meter_no, rows[i].customer_no);
        card.file[1][38] = rows[i].kind;
        card_sim_wallet(&card, 5000, rows[i].count);
        rejected();
        assert_int_equal(rig_status(&s.r).life, METER_LIFE_ISSUED);
    }
    prepare(SUITE_SM4, METER_LIFE_ISSUED);
    insert_good(FIRST);
    memset(card.file[5], 0, sizeof card.file[5]);
    card_sim_terms(&card, CARD_BUY, 0, METER, CUSTOMER + 1);
    card_sim_wallet(&card, 1, 2);
    rejected();
    card_sim_terms(&card, CARD_REPAIR, 0, METER, CUSTOMER);
    card.file[1][38]++; /* the kind after the last */
    rejected();
    card_sim_terms(&card, CARD_BUY, 0, METER, CUSTOMER);
    card.file[1][32] = 0xFF; /* no digits */
    rejected();
}

/* A card of another site, and one that let itself be copied but not its key. */
static void test_strangers(void **state)
{
    (void)state;
    element_host other = s.host;
    other.key[ELEMENT_KEY_CARD][0] ^= 1;
    card_sim_make(&card, &other, 1);
    card_sim_terms(&card, CARD_NEW, 0, METER, CUSTOMER);
    card_sim_wallet(&card, 5000, 1);
    rejected();
    other = s.host;
    other.key[ELEMENT_KEY_METER][0] ^= 1; /* the meter cannot prove itself to it */
    card_sim_make(&card, &other, 1);
    card_sim_terms(&card, CARD_NEW, 0, METER, CUSTOMER);
    card_sim_wallet(&card, 5000, 1);
    rejected();
}

/* User cards are for meters with keys of their own. */
static void test_public_keys(void **state)
{
    (void)state;
    secure_prepare(&s, SUITE_AES128, METER_SECURITY_2013);
    card_sim_make(&card, &s.host, 1);
    card_sim_terms(&card, CARD_NEW, 0, METER, CUSTOMER);
    card_sim_wallet(&card, 5000, 1);
    rejected();
    s.r.element = (gt_apdu){0};
    assert_int_equal(rig_power_on(&s.r), GT_ERR_OK);
    assert_int_equal(insert(), GT_ERR_CONFLICT);
}

/* Shows one amount in clear and signs another; or sends what it did not sign. */
static void test_two_faces(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 4; i++) { /* amount or count, in clear or signed */
        card.spoil_ins = 0xB0;
        card.spoil_cla = i < 2 ? 0 : 4;
        card.spoil_at = i % 2 == 0 ? 0 : 7;
        card_sim_wallet(&card, 5000, card.spoil_cla == 0 && card.spoil_at == 7 ? 0 : 1);
        assert_int_equal(insert(), GT_ERR_OK);
        assert_int_equal(outcome.result, METER_RESULT_MAC);
        assert_int_equal(outcome.acts, CARD_IS_ERROR);
        assert_int_equal(secure_balance(&s), 0);
        assert_int_equal(secure_wallet(&s, 3), 0);
    }
    card.spoil_ins = 0x32;
    card_sim_wallet(&card, 5000, 1);
    insert_good(FIRST);
}

static void test_hoarding(void **state)
{
    (void)state;
    card_sim_wallet(&card, 100000000, 1);
    assert_int_equal(insert(), GT_ERR_OK);
    assert_int_equal(outcome.result, METER_RESULT_HOARDING);
    assert_int_equal(outcome.acts, CARD_IS_ERROR);
    assert_int_equal(secure_balance(&s), 0);
    assert_int_equal(rig_status(&s.r).life, METER_LIFE_ISSUED);
    card_sim_wallet(&card, 0, 1);
    assert_int_equal(insert(), GT_ERR_OK);
    assert_int_equal(outcome.result, METER_RESULT_OTHER);
}

static void prices(uint8_t *file, uint8_t first)
{
    for (size_t i = 0; i < 8; i++) {
        file[4 * i + 2] = (uint8_t)(first + i);
    }
}

static void test_terms(void **state)
{
    (void)state;
    card_sim_terms(&card, CARD_NEW, 0x83, METER, CUSTOMER);
    prices(card.file[3], 0x50);
    prices(card.file[4], 0x60);
    card.file[3][257] = 0x33;
    card.file[4][240] = 0x44;
    insert_good(FIRST);
    const meter_parameter *p = &s.r.meter.state.account.parameter;
    assert_int_equal(p->alarm1_fen, 3000);
    assert_int_equal(p->alarm2_fen, 1000);
    assert_int_equal(p->price_e4[0], 5000);
    assert_int_equal(p->price_e4[7], 5700);
    for (uint8_t sfi = 3; sfi <= 4; sfi++) {
        const uint8_t read[] = {0x00, 0xB0, 0x80U | sfi, 0, 240};
        const uint8_t rest[] = {0x00, 0xB0, 0x80U | sfi, 240, 18};
        gt_apdu_answer answer;
        element_apdu(&s.element, read, sizeof read, &answer);
        assert_memory_equal(answer.data, card.file[sfi], 240);
        element_apdu(&s.element, rest, sizeof rest, &answer);
        assert_memory_equal(answer.data, card.file[sfi] + 240, 18);
    }
    /* the spare ones take over when told to */
    gt_civil at = {0};
    assert_int_equal(gt_civil_of_utc(rig_utc(&s.r), s.r.cfg.zone_min, &at), GT_ERR_OK);
    const uint32_t minute =
        (uint32_t)gt_civil_day(&at) * 1440U + (uint32_t)at.hour * 60U + at.minute;
    assert_int_equal(meter_switch_set(&s.r.meter, TARIFF_PART_PRICES, minute + 1, s.r.now),
                     GT_ERR_OK);
    rig_wait_s(&s.r, 120);
    assert_int_equal(p->price_e4[0], 6000);
    assert_int_equal(p->price_e4[7], 6700);
    /* prices that are none: refused, the terms stay, the money does not depend on it */
    memset(card.file[5], 0, sizeof card.file[5]);
    card_sim_terms(&card, CARD_BUY, 0x01, METER, CUSTOMER);
    card.file[3][0] = 0xAA;
    card_sim_wallet(&card, 10, 2);
    assert_int_equal(insert(), GT_ERR_OK);
    assert_int_equal(outcome.result, METER_RESULT_OTHER);
    assert_int_equal(outcome.acts, BUY);
    assert_int_equal(p->price_e4[0], 6000);
    assert_int_equal(secure_balance(&s), 5010);
}

/* The card is pulled before, or just after, every command; then put in again. */
static void test_pulled(void **state)
{
    (void)state;
    unsigned total = 0;
    for (unsigned after = 0; after < 2; after++) {
        for (unsigned at = 1;; at++) {
            prepare(SUITE_AES128, METER_LIFE_ISSUED);
            card_sim_terms(&card, CARD_NEW, 0x83, METER, CUSTOMER);
            prices(card.file[3], 0x50);
            prices(card.file[4], 0x60);
            *(after == 0 ? &card.pull_at : &card.lost_at) = at;
            const gt_err err = insert();
            const bool whole = card.commands < at;
            assert_int_equal(err, whole ? GT_ERR_OK : GT_ERR_IO);
            card.pull_at = CARD_SIM_NEVER;
            card.lost_at = CARD_SIM_NEVER;
            assert_int_equal(insert(), GT_ERR_OK);
            assert_int_equal(outcome.result, 0);
            assert_true((outcome.acts & (CARD_REJECTED | CARD_IS_ERROR)) == 0);
            assert_int_equal(secure_balance(&s), 5000);
            assert_int_equal(secure_count(&s), 1);
            assert_int_equal(s.r.meter.state.account.parameter.alarm1_fen, 3000);
            assert_true(card.file[5][0] == 0x11 || card.file[5][0] == 0xB1);
            total++;
            if (whole) {
                break;
            }
        }
    }
    assert_true(total > 30);
}

/* Power goes at every byte that element or meter write during the visit. */
static void test_power_cut(void **state)
{
    (void)state;
    static secure ready;
    static card_sim fresh;
    prepare(SUITE_TDES, METER_LIFE_ISSUED);
    ready = s;
    fresh = card;
    for (unsigned where = 0; where < 2; where++) {
        for (uint64_t byte = 1;; byte += 3) {
            s = ready;
            card = fresh;
            sim_eeprom *chip = where == 0 ? &s.r.eeprom : &s.chip;
            chip->seed = byte;
            sim_eeprom_cut_after(chip, byte);
            const gt_err err = insert();
            const bool whole = !chip->dead;
            assert_int_equal(err, whole ? GT_ERR_OK : GT_ERR_IO);
            sim_eeprom_restore(&s.chip);
            sim_eeprom_restore(&s.r.eeprom);
            assert_int_equal(secure_power_on(&s), GT_ERR_OK);
            assert_int_equal(insert(), GT_ERR_OK);
            assert_true((outcome.acts & (CARD_REJECTED | CARD_IS_ERROR)) == 0);
            assert_int_equal(secure_balance(&s), 5000);
            assert_int_equal(secure_count(&s), 1);
            assert_int_equal(secure_wallet(&s, 1), 5000);
            if (whole) {
                break;
            }
        }
    }
}

/* A card ends the head-end's session: the element was reset. */
static void test_session_ends(void **state)
{
    (void)state;
    insert_good(FIRST);
    assert_int_equal(secure_auth(&s), 0);
    insert_good(CARD_DO_WRITE_BACK);
    assert_int_equal(secure_buy(&s, 1, 2), METER_RESULT_AUTH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_life, setup),
        cmocka_unit_test_setup(test_report, setup),
        cmocka_unit_test_setup(test_debt_in_report, setup),
        cmocka_unit_test_setup(test_repair_card, setup),
        cmocka_unit_test_setup(test_rejected, setup),
        cmocka_unit_test_setup(test_strangers, setup),
        cmocka_unit_test_setup(test_public_keys, setup),
        cmocka_unit_test_setup(test_two_faces, setup),
        cmocka_unit_test_setup(test_hoarding, setup),
        cmocka_unit_test_setup(test_terms, setup),
        cmocka_unit_test_setup(test_pulled, setup),
        cmocka_unit_test_setup(test_power_cut, setup),
        cmocka_unit_test_setup(test_session_ends, setup),
    };
    return cmocka_run_group_tests_name("meter/card", tests, NULL, NULL);
}
