/* Tokens typed in: each credited once, whatever fails in between. The token here is its own number
 * in digits: 1, amount 5, number 2. */
#include "meter/keypad.h"
#include "secure.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

enum { LEN = 8, NUMBERS = 100 };

static secure s;
static bool spent[NUMBERS];
static bool judge_fails;
static unsigned judged;
static unsigned spend_fails_at; /* this call, counted from 1; 0: none */
static unsigned spends;

static gt_err judge(void *ctx, const uint8_t *digits, size_t len, gt_token_credit *out)
{
    (void)ctx;
    judged++;
    if (judge_fails) {
        return GT_ERR_IO;
    }
    if (len != LEN || digits[0] != 1) {
        return GT_ERR_AUTH;
    }
    const uint8_t number = (uint8_t)(digits[6] * 10 + digits[7]);
    if (spent[number]) {
        return GT_ERR_REPLAY;
    }
    uint32_t amount = 0;
    for (size_t i = 1; i < 6; i++) {
        amount = amount * 10 + digits[i];
    }
    *out = (gt_token_credit){.amount_fen = amount, .id = {0x70, number}};
    return GT_ERR_OK;
}

static gt_err spend(void *ctx, const uint8_t id[GT_TOKEN_ID_LEN])
{
    (void)ctx;
    spends++;
    if (spends == spend_fails_at) {
        return GT_ERR_IO;
    }
    if (id[0] == 0x70) {
        spent[id[1]] = true;
    }
    return GT_ERR_OK;
}

static int setup(void **state)
{
    (void)state;
    memset(&s, 0, sizeof s);
    memset(spent, 0, sizeof spent);
    judge_fails = false;
    spend_fails_at = 0;
    spends = 0;
    rig_prepare(&s.r);
    s.r.token = (gt_token){.judge = judge, .spend = spend};
    assert_int_equal(rig_power_on(&s.r), GT_ERR_OK);
    return 0;
}

static gt_err type_in(const char *text, uint16_t *out)
{
    uint8_t digits[64] = {0};
    const size_t len = strlen(text);
    for (size_t i = 0; i < len; i++) {
        digits[i] = (uint8_t)(text[i] - '0');
    }
    return meter_keypad_take(&s.r.meter, digits, len, s.r.now, out);
}

static void typed(const char *text, uint16_t want)
{
    uint16_t result = 0xAAAA;
    assert_int_equal(type_in(text, &result), GT_ERR_OK);
    assert_int_equal(result, want);
}

static void test_tokens(void **state)
{
    (void)state;
    typed("10050001", METER_RESULT_OK);
    assert_int_equal(secure_balance(&s), 10500);
    assert_int_equal(secure_count(&s), 1);
    typed("10050001", METER_RESULT_REPEATED);
    typed("10050002", METER_RESULT_OK);
    typed("10050001", METER_RESULT_REPEATED);
    assert_int_equal(rig_purchase(&s.r, 100, 3), 0); /* the network goes on counting */
    typed("10050002", METER_RESULT_REPEATED);
    typed("10010003", METER_RESULT_OK);
    assert_int_equal(secure_count(&s), 4);
    assert_int_equal(secure_balance(&s), 11200);
}

static void test_refused(void **state)
{
    (void)state;
    judged = 0;
    typed("", METER_RESULT_MAC);
    typed("1111111111111111111111111", METER_RESULT_MAC); /* one digit more than any token has */
    assert_int_equal(judged, 0);
    typed("111111111111111111111111", METER_RESULT_MAC);
    typed("20050001", METER_RESULT_MAC);
    typed("1005000", METER_RESULT_MAC);
    assert_int_equal(judged, 3);
    typed("10000001", METER_RESULT_OTHER); /* nothing: not spent either */
    assert_false(spent[1]);
    s.r.meter.state.account.parameter.hoarding_fen = 10001;
    typed("10000201", METER_RESULT_HOARDING);
    assert_false(spent[1]);
    typed("10000101", METER_RESULT_OK);
    assert_int_equal(secure_balance(&s), 10001);
    s.r.token = (gt_token){0};
    assert_int_equal(rig_power_cycle(&s.r, 1), GT_ERR_OK);
    typed("10000102", METER_RESULT_STATE);
}

static void test_beside_an_element(void **state)
{
    (void)state;
    secure_prepare(&s, SUITE_AES128, METER_SECURITY_2013);
    s.r.token = (gt_token){.judge = judge, .spend = spend};
    assert_int_equal(secure_power_cycle(&s, 1), GT_ERR_OK);
    typed("10050001", METER_RESULT_STATE);
    assert_int_equal(spends, 0);
}

static void test_opens(void **state)
{
    (void)state;
    sim_eeprom_init(&s.r.eeprom, 1);
    s.r.cfg.life = METER_LIFE_ISSUED;
    assert_int_equal(rig_power_on(&s.r), GT_ERR_OK);
    typed("10050001", METER_RESULT_OK);
    assert_int_equal(rig_status(&s.r).life, METER_LIFE_RUNNING);
}

/* The list of spent tokens fails before, or after, the credit; or nobody can judge. */
static void test_list_fails(void **state)
{
    (void)state;
    for (unsigned at = 1; at <= 2; at++) {
        setup(NULL);
        uint16_t result = 7;
        spend_fails_at = at;
        assert_int_equal(type_in("10050001", &result), GT_ERR_IO);
        assert_int_equal(result, 7);
        assert_int_equal(rig_power_cycle(&s.r, 1), GT_ERR_OK);
        typed("10050001", at == 1 ? METER_RESULT_OK : METER_RESULT_REPEATED);
        assert_int_equal(secure_balance(&s), 10500);
        typed("10050002", METER_RESULT_OK);
        typed("10050001", METER_RESULT_REPEATED);
    }
    judge_fails = true;
    uint16_t result = 0;
    assert_int_equal(type_in("10050003", &result), GT_ERR_IO);
}

/* Power goes at every byte of a token's credit; the list of spent ones is told too late. */
static void test_power_cut(void **state)
{
    (void)state;
    for (uint64_t byte = 1;; byte += 7) {
        setup(NULL);
        uint16_t result = 0;
        s.r.eeprom.seed = byte;
        sim_eeprom_cut_after(&s.r.eeprom, byte);
        const gt_err err = type_in("10050001", &result);
        const bool whole = !s.r.eeprom.dead;
        if (!whole) {
            spent[1] = err == GT_ERR_OK; /* nobody came to spend it */
        }
        sim_eeprom_restore(&s.r.eeprom);
        assert_int_equal(rig_power_on(&s.r), GT_ERR_OK);
        const bool credited = secure_count(&s) == 1;
        assert_int_equal(secure_balance(&s), credited ? 10500 : 10000);
        typed("10050001", credited ? METER_RESULT_REPEATED : METER_RESULT_OK);
        assert_int_equal(secure_balance(&s), 10500);
        if (whole) {
            assert_int_equal(result, METER_RESULT_OK);
            break;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_tokens, setup),
        cmocka_unit_test_setup(test_refused, setup),
        cmocka_unit_test_setup(test_beside_an_element, setup),
        cmocka_unit_test_setup(test_opens, setup),
        cmocka_unit_test_setup(test_list_fails, setup),
        cmocka_unit_test_setup(test_power_cut, setup),
    };
    return cmocka_run_group_tests_name("meter/keypad", tests, NULL, NULL);
}
