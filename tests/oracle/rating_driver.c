/* Rates what lines of numbers say, for the oracle in rating.py.
 * plan: P from_ms rates tiers seasons fees period, tier ends, tier persons, persons_base, then each
 *       season's month, day and prices tier by tier, then each fee's kind and value
 * use:  U from_ms to_ms persons capacity quantities...  -> "err fen period used carry lines sum_e6"
 */
#include "domain/rating.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VERSIONS_MAX = 4 };

typedef struct lines {
    long count;
    int64_t sum_e6;
} lines;

static gt_err count_line(void *ctx, const rating_line *line)
{
    lines *l = ctx;
    l->count++;
    l->sum_e6 += line->amount_e6;
    return GT_ERR_OK;
}

static int64_t number(void)
{
    long long value = 0;
    if (scanf("%lld", &value) != 1) {
        (void)fputs("rating_driver: a number is missing\n", stderr);
        exit(1);
    }
    return value;
}

static void read_plan(rating_plan *plan)
{
    *plan = (rating_plan){.rates = (uint8_t)number(),
                          .tiers = (uint8_t)number(),
                          .seasons = (uint8_t)number(),
                          .fees = (uint8_t)number(),
                          .period = (rating_period)number()};
    for (unsigned i = 0; i < plan->tiers; i++) {
        plan->tier_end[i] = number();
    }
    for (unsigned i = 0; i < plan->tiers; i++) {
        plan->tier_person[i] = number();
    }
    plan->persons_base = (uint8_t)number();
    for (unsigned s = 0; s < plan->seasons; s++) {
        plan->season[s].month = (uint8_t)number();
        plan->season[s].day = (uint8_t)number();
        for (unsigned i = 0; i < plan->tiers; i++) {
            for (unsigned j = 0; j < plan->rates; j++) {
                plan->season[s].price_e4[i][j] = (int32_t)number();
            }
        }
    }
    for (unsigned i = 0; i < plan->fees; i++) {
        plan->fee[i].kind = (rating_fee_kind)number();
        plan->fee[i].value = (int32_t)number();
    }
    if (rating_plan_check(plan) != GT_ERR_OK) {
        (void)fputs("rating_driver: the plan is refused\n", stderr);
        exit(1);
    }
}

int main(void)
{
    static rating_plan plans[VERSIONS_MAX];
    rating_version versions[VERSIONS_MAX];
    rating_book book = {.version = versions};
    rating_state state = {0};
    char what[2];
    while (scanf("%1s", what) == 1) {
        if (what[0] == 'P' && book.count < VERSIONS_MAX) {
            versions[book.count] =
                (rating_version){.from.ms = number(), .plan = &plans[book.count]};
            read_plan(&plans[book.count++]);
            continue;
        }
        lines told = {0};
        const rating_sink sink = {.ctx = &told, .line = count_line};
        int64_t fen = 0;
        rating_use use = {.zone_min = GT_ZONE_CHINA_MIN};
        use.from.ms = number();
        use.to.ms = number();
        use.persons = (uint8_t)number();
        use.capacity = (int32_t)number();
        for (unsigned i = 0; i < RATING_RATES_MAX; i++) {
            use.quantity[i] = number();
        }
        const gt_err err = rating_rate(&book, &state, &use, &sink, &fen);
        (void)printf("%s %lld %d %lld %d %ld %lld\n", gt_err_name(err), (long long)fen,
                     state.period, (long long)state.used, state.carry_e6, told.count,
                     (long long)told.sum_e6);
    }
    return 0;
}
