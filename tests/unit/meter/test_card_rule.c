/* Every kind of user card against every relation of counts, write-back and identity, compared with
 * the rules as sentences. */
#include "meter/card_rule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

/* The rules read aloud, in the order of the source. */
static unsigned said(const card_facts *f)
{
    const uint32_t n = f->card_count;
    const uint32_t m = f->meter_count;
    const bool buy = f->kind == CARD_BUY;
    const unsigned serial = buy ? 0 : CARD_DO_SERIAL;
    if (!f->meter_matches) {
        return CARD_REJECTED;
    }
    if (f->opened && !f->customer_matches) {
        return CARD_REJECTED;
    }
    if (f->opened && buy && !f->serial_matches) {
        return CARD_REJECTED;
    }
    if (!f->opened && f->kind != CARD_NEW) {
        return CARD_REJECTED;
    }
    if (f->kind == CARD_NEW && n > 1) {
        return CARD_REJECTED;
    }
    if (n == m && f->write_back_empty) {
        return CARD_DO_PARAMETER | serial | CARD_DO_WRITE_BACK;
    }
    if (n == m) {
        return buy || f->serial_matches ? CARD_DO_WRITE_BACK : CARD_REJECTED;
    }
    if ((uint64_t)n == (uint64_t)m + 1 && f->write_back_empty) {
        return CARD_DO_CREDIT | CARD_DO_PARAMETER | serial | CARD_DO_WRITE_BACK;
    }
    if ((uint64_t)n == (uint64_t)m + 1) {
        return CARD_IS_ERROR | CARD_DO_WRITE_BACK;
    }
    return n > m ? CARD_IS_ERROR : CARD_DO_WRITE_BACK;
}

static void test_every_cell(void **state)
{
    (void)state;
    static const uint32_t counts[] = {0, 1, 2, 3, 7, 8, 9, UINT32_MAX - 1, UINT32_MAX};
    enum { COUNTS = sizeof counts / sizeof counts[0] };
    unsigned credited = 0;
    for (unsigned bits = 0; bits < 32; bits++) {
        for (unsigned kind = 0; kind < CARD_KINDS; kind++) {
            for (unsigned i = 0; i < COUNTS * COUNTS; i++) {
                const card_facts facts = {.kind = (card_kind)kind,
                                          .meter_matches = (bits & 1) != 0,
                                          .customer_matches = (bits & 2) != 0,
                                          .serial_matches = (bits & 4) != 0,
                                          .opened = (bits & 8) != 0,
                                          .write_back_empty = (bits & 16) != 0,
                                          .card_count = counts[i / COUNTS],
                                          .meter_count = counts[i % COUNTS]};
                const unsigned got = card_rule(&facts);
                if (got != said(&facts)) {
                    fail_msg("bits %x kind %u card %u meter %u: %x", bits, kind, facts.card_count,
                             facts.meter_count, got);
                }
                /* whatever the table says: money only for the next count, and only once */
                if ((got & CARD_DO_CREDIT) != 0) {
                    assert_true(facts.meter_matches && facts.write_back_empty);
                    assert_int_equal(facts.card_count, facts.meter_count + 1);
                    credited++;
                }
                assert_true((got & CARD_REJECTED) == 0 || got == CARD_REJECTED);
            }
        }
    }
    assert_true(credited > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_cell)};
    return cmocka_run_group_tests_name("meter/card_rule", tests, NULL, NULL);
}
