/* The cut rule, exhaustively: every combination of facts, and the edges of the two ages. A cut is
 * allowed in exactly the cases where nothing speaks against it. */
#include "domain/supply.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

enum { MINUTE_MS = 60000, HOUR_MS = 3600000 };

static const gt_utc now = {.ms = 1790000000000};

static void test_every_combination(void **state)
{
    (void)state;
    static const struct {
        int64_t age_ms;
        supply_reason reason;
    } ages[] = {
        {0, SUPPLY_ALLOWED},
        {24LL * HOUR_MS, SUPPLY_ALLOWED},
        {24LL * HOUR_MS + 1, SUPPLY_READING_OLD},
        {365LL * 24 * HOUR_MS, SUPPLY_READING_OLD},
        {-5LL * MINUTE_MS, SUPPLY_ALLOWED},
        {-5LL * MINUTE_MS - 1, SUPPLY_READING_AHEAD},
        {-10LL * 365 * 24 * HOUR_MS, SUPPLY_READING_AHEAD},
    };
    for (unsigned bits = 0; bits < 16; bits++) {
        for (size_t a = 0; a < sizeof ages / sizeof ages[0]; a++) {
            const supply_facts facts = {.is_protected = (bits & 1) != 0,
                                        .order_open = (bits & 2) != 0,
                                        .reading_known = (bits & 4) != 0,
                                        .clock_trusted = (bits & 8) != 0,
                                        .reading_taken.ms = now.ms - ages[a].age_ms};
            supply_reason want = SUPPLY_ALLOWED;
            if (facts.is_protected) {
                want = SUPPLY_PROTECTED;
            } else if (facts.order_open) {
                want = SUPPLY_ORDER_OPEN;
            } else if (!facts.reading_known) {
                want = SUPPLY_READING_MISSING;
            } else if (ages[a].reason != SUPPLY_ALLOWED) {
                want = ages[a].reason;
            } else if (!facts.clock_trusted) {
                want = SUPPLY_CLOCK_UNTRUSTED;
            }
            assert_int_equal(supply_cut_check(&facts, now), want);
            const bool lawful = bits == (4 | 8) && ages[a].reason == SUPPLY_ALLOWED;
            assert_int_equal(want == SUPPLY_ALLOWED, lawful);
        }
    }
}

static void test_words(void **state)
{
    (void)state;
    for (int reason = 0; reason < SUPPLY_REASONS; reason++) {
        assert_true(supply_reason_name((supply_reason)reason)[0] != '\0');
        assert_true(supply_reason_zh((supply_reason)reason)[0] != '\0');
        assert_true(supply_reason_en((supply_reason)reason)[0] != '\0');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_combination),
                                       cmocka_unit_test(test_words)};
    return cmocka_run_group_tests_name("domain/supply", tests, NULL, NULL);
}
