/* Rating, case by case: what is billed, which lines explain it, what is refused. Random tariffs are
 * compared with a second implementation in tests/oracle/rating.py. */
#include "domain/rating.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

enum { LINES_MAX = 64, ZONE = GT_ZONE_CHINA_MIN, KWH = 100 };

typedef struct told {
    rating_line line[LINES_MAX];
    size_t count;
    size_t fail_at; /* 0: never */
} told;

static gt_err note(void *ctx, const rating_line *line)
{
    told *t = ctx;
    if (t->fail_at != 0 && t->count + 1 == t->fail_at) {
        return GT_ERR_FULL;
    }
    assert_true(t->count < LINES_MAX);
    t->line[t->count++] = *line;
    return GT_ERR_OK;
}

static gt_utc at(int year, unsigned month, unsigned day)
{
    gt_utc utc = {0};
    const gt_civil civil = {.year = (int16_t)year, .month = (uint8_t)month, .day = (uint8_t)day};
    assert_int_equal(gt_utc_of_civil(&civil, ZONE, &utc), GT_ERR_OK);
    return utc;
}

/* One rate, three tiers a year at 0.5, 0.6 and 0.9 CNY; 2,000 and 3,000 kWh. */
static rating_plan household(void)
{
    rating_plan plan = {.rates = 1,
                        .tiers = 3,
                        .seasons = 1,
                        .period = RATING_PERIOD_YEAR,
                        .tier_end = {2000 * KWH, 3000 * KWH},
                        .tier_person = {100 * KWH, 150 * KWH},
                        .persons_base = 4,
                        .season = {{.month = 1, .day = 1}}};
    static const int32_t prices[] = {5000, 6000, 9000};
    for (unsigned i = 0; i < 3; i++) {
        plan.season[0].price_e4[i][0] = prices[i];
    }
    return plan;
}

static rating_plan flat(int32_t price_e4)
{
    rating_plan plan = {.rates = 1, .tiers = 1, .seasons = 1, .season = {{.month = 1, .day = 1}}};
    plan.season[0].price_e4[0][0] = price_e4;
    return plan;
}

static rating_use use_of(gt_utc from, gt_utc to, int64_t quantity)
{
    return (rating_use){
        .from = from, .to = to, .zone_min = ZONE, .quantity = {quantity}, .persons = 4};
}

static gt_err rate(const rating_plan *plan, rating_state *state, const rating_use *use, told *t,
                   int64_t *fen)
{
    const rating_version version = {.plan = plan};
    const rating_book book = {.version = &version, .count = 1};
    const rating_sink sink = {.ctx = t, .line = note};
    return rating_rate(&book, state, use, &sink, fen);
}

static int64_t must(const rating_plan *plan, rating_state *state, const rating_use *use, told *t)
{
    int64_t fen = -1;
    assert_int_equal(rating_plan_check(plan), GT_ERR_OK);
    assert_int_equal(rate(plan, state, use, t, &fen), GT_ERR_OK);
    return fen;
}

static void a_flat_price_keeps_what_is_below_a_fen(void **state)
{
    (void)state;
    const rating_plan plan = flat(5283);
    rating_state s = {0};
    told t = {.count = 0};
    const rating_use one = use_of(at(2026, 5, 1), at(2026, 5, 2), 1);
    int64_t sum = 0;
    for (int i = 0; i < 10000; i++) {
        t.count = 0;
        sum += must(&plan, &s, &one, &t);
    }
    assert_int_equal(sum, 5283); /* 100 kWh at 0.5283 */
    assert_int_equal(s.carry_e6, 0);
}

static void tiers_of_a_year(void **state)
{
    (void)state;
    static const struct {
        int64_t used_kwh;
        int64_t use_kwh;
        uint8_t persons;
        int64_t fen;
        size_t lines;
    } rows[] = {
        {0, 2000, 4, 100000, 1},
        {0, 2001, 4, 100060, 2},
        {1999, 2, 4, 110, 2},
        {2000, 1, 4, 60, 1},
        {0, 4000, 4, 100000 + 60000 + 90000, 3},
        {5000, 10, 4, 900, 1},
        {2000, 100, 5, 5000, 1},       /* the fifth person moves the first end to 2,100 */
        {2000, 201, 6, 10000 + 60, 2}, /* the sixth to 2,200 */
        {0, 100, 0, 5000, 1},          /* nobody moves nothing */
    };
    const rating_plan plan = household();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        rating_state s = {.period = 2026 * 12, .used = rows[i].used_kwh * KWH};
        told t = {.count = 0};
        rating_use use = use_of(at(2026, 5, 1), at(2026, 5, 2), rows[i].use_kwh * KWH);
        use.persons = rows[i].persons;
        assert_int_equal(must(&plan, &s, &use, &t), rows[i].fen);
        assert_int_equal(t.count, rows[i].lines);
        assert_int_equal(s.used, (rows[i].used_kwh + rows[i].use_kwh) * KWH);
    }
}

static void a_new_period_starts_the_tiers_again(void **state)
{
    (void)state;
    rating_plan plan = household();
    rating_state s = {.period = 2026 * 12, .used = 9000 * KWH};
    told t = {.count = 0};
    /* two days, one each side of New Year: 10 kWh at the third price, 10 at the first */
    const rating_use use = use_of(at(2026, 12, 31), at(2027, 1, 2), 20 * KWH);
    assert_int_equal(must(&plan, &s, &use, &t), 900 + 500);
    assert_int_equal(s.used, 10 * KWH);
    assert_int_equal(s.period, 2027 * 12);
    assert_int_equal(t.line[0].to.ms, at(2027, 1, 1).ms);
    assert_int_equal(t.line[1].from.ms, at(2027, 1, 1).ms);
    plan.period = RATING_PERIOD_MONTH;
    s = (rating_state){.period = 2026 * 12 + 3, .used = 9000 * KWH};
    t.count = 0;
    const rating_use spring = use_of(at(2026, 4, 30), at(2026, 5, 2), 20 * KWH);
    assert_int_equal(must(&plan, &s, &spring, &t), 900 + 500);
}

static void rates_share_a_tiers_end(void **state)
{
    (void)state;
    rating_plan plan = household();
    plan.rates = 2;
    for (unsigned i = 0; i < 3; i++) {
        plan.season[0].price_e4[i][1] = plan.season[0].price_e4[i][0] * 2;
    }
    rating_state s = {.period = 2026 * 12, .used = 1900 * KWH};
    told t = {.count = 0};
    rating_use use = use_of(at(2026, 5, 1), at(2026, 5, 2), 100 * KWH);
    use.quantity[1] = 300 * KWH; /* a quarter of the 400 kWh is below the end, of each rate */
    assert_int_equal(must(&plan, &s, &use, &t), 25 * 50 + 75 * 100 + 75 * 60 + 225 * 120);
    assert_int_equal(t.count, 4);
    assert_int_equal(t.line[1].quantity, 75 * KWH);
    assert_int_equal(t.line[3].quantity, 225 * KWH);
}

static void seasons_change_at_midnight_and_wrap(void **state)
{
    (void)state;
    rating_plan plan = flat(5000);
    plan.seasons = 2;
    plan.season[0] = (rating_season){.month = 7, .day = 1, .price_e4 = {{8000}}};
    plan.season[1] = (rating_season){.month = 10, .day = 15, .price_e4 = {{5000}}};
    static const struct {
        unsigned month, day;
        int64_t fen;
    } rows[] = {{6, 29, 100},  {6, 30, 130},  {7, 1, 160},   {10, 13, 160},
                {10, 14, 130}, {10, 15, 100}, {12, 31, 100}, {1, 1, 100}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        rating_state s = {0};
        told t = {.count = 0};
        const gt_utc from = at(2026, rows[i].month, rows[i].day);
        const rating_use use = use_of(from, (gt_utc){from.ms + 2 * 86400000}, 2 * KWH);
        assert_int_equal(must(&plan, &s, &use, &t), rows[i].fen);
    }
}

static void each_part_at_the_version_valid_then(void **state)
{
    (void)state;
    const rating_plan before = flat(5000);
    const rating_plan after = flat(7000);
    const rating_version versions[] = {{at(2026, 1, 1), &before}, {at(2026, 5, 11), &after}};
    const rating_book book = {.version = versions, .count = 2};
    rating_state s = {0};
    told t = {.count = 0};
    const rating_sink sink = {.ctx = &t, .line = note};
    int64_t fen = 0;
    const rating_use use = use_of(at(2026, 5, 1), at(2026, 5, 31), 30 * KWH);
    assert_int_equal(rating_rate(&book, &s, &use, &sink, &fen), GT_ERR_OK);
    assert_int_equal(fen, 10 * 50 + 20 * 70);
    assert_int_equal(t.count, 2);
    const rating_use old = use_of(at(2025, 12, 31), at(2026, 1, 2), KWH);
    assert_int_equal(rating_rate(&book, &s, &old, &sink, &fen), GT_ERR_NOT_FOUND);
}

static void fees(void **state)
{
    (void)state;
    rating_plan plan = flat(5000);
    plan.fees = 4;
    plan.fee[0] = (rating_fee){RATING_FEE_UNIT, 200};     /* 0.02 a kWh */
    plan.fee[1] = (rating_fee){RATING_FEE_FIXED, 3100};   /* 31 CNY a month */
    plan.fee[2] = (rating_fee){RATING_FEE_CAPACITY, 310}; /* 3.10 CNY a 0.1 kVA and month */
    plan.fee[3] = (rating_fee){RATING_FEE_PERCENT, 1300}; /* 13 % */
    rating_state s = {0};
    told t = {.count = 0};
    rating_use use = use_of(at(2026, 5, 1), at(2026, 5, 2), 100 * KWH);
    use.capacity = 10;
    /* 50.00 + 2.00 + a 31st of 31.00 + a 31st of 31.00 = 54.00, and 7.02 */
    assert_int_equal(must(&plan, &s, &use, &t), 6102);
    assert_int_equal(t.count, 5);
    assert_int_equal(t.line[4].amount_e6, 7020000);
    /* a month in 31 parts or in one: the same fixed fee */
    plan.fees = 2;
    int64_t daily = 0;
    s = (rating_state){0};
    for (unsigned day = 1; day <= 31; day++) {
        t.count = 0;
        const gt_utc from = at(2026, 5, day);
        const rating_use one = use_of(from, (gt_utc){from.ms + 86400000}, 0);
        daily += must(&plan, &s, &one, &t);
    }
    assert_int_equal(daily, 3100);
    /* nothing used, no time gone: no line */
    t.count = 0;
    const rating_use nothing = use_of(at(2026, 5, 1), at(2026, 5, 1), 0);
    assert_int_equal(must(&plan, &s, &nothing, &t), 0);
    assert_int_equal(t.count, 0);
}

static void a_use_without_time_is_rated_where_it_stands(void **state)
{
    (void)state;
    const rating_plan plan = household();
    rating_state s = {.period = 2026 * 12, .used = 0};
    told t = {.count = 0};
    const rating_use use = use_of(at(2027, 1, 1), at(2027, 1, 1), KWH);
    assert_int_equal(must(&plan, &s, &use, &t), 50);
    assert_int_equal(s.period, 2027 * 12);
}

static void what_fails_changes_nothing(void **state)
{
    (void)state;
    const rating_plan plan = household();
    const rating_state before = {.period = 2026 * 12, .used = 1999 * KWH, .carry_e6 = 77};
    static const struct {
        int64_t from_ms, to_ms, quantity, other_rate;
        int32_t capacity;
        gt_err err;
    } rows[] = {
        {1800000000000, 1800000001000, -1, 0, 0, GT_ERR_RANGE},
        {1800000000000, 1800000001000, INT64_MAX, 0, 0, GT_ERR_RANGE},
        {1800000000000, 1800000001000, 3000000001, 0, 0, GT_ERR_RANGE},
        {1800000000000, 1800000001000, 3000000000, 1, 0, GT_ERR_RANGE},
        {1800000000000, 1800000001000, 1, 1, 0, GT_ERR_RANGE}, /* a rate the plan does not have */
        {1800000001000, 1800000000000, 1, 0, 0, GT_ERR_RANGE},
        {-1, 1800000000000, 1, 0, 0, GT_ERR_RANGE},
        {1800000000000, 2200000000000, 1, 0, 0, GT_ERR_RANGE},
        {1800000000000, 1800000001000, 1, 0, -1, GT_ERR_RANGE},
        {1700000000000, 1700000001000, 1, 0, 0, GT_ERR_CONFLICT}, /* 2023 */
        {5000000000000, 5000000001000, 1, 0, 0, GT_ERR_RANGE},    /* behind the calendar */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        rating_state s = before;
        told t = {.count = 0};
        int64_t fen = -7;
        rating_use use =
            use_of((gt_utc){rows[i].from_ms}, (gt_utc){rows[i].to_ms}, rows[i].quantity);
        use.quantity[1] = rows[i].other_rate;
        use.capacity = rows[i].capacity;
        assert_int_equal(rate(&plan, &s, &use, &t, &fen), rows[i].err);
        assert_memory_equal(&s, &before, sizeof s);
        assert_int_equal(fen, -7);
    }
    static const rating_state wrong[] = {
        {.carry_e6 = -1}, {.carry_e6 = 10000}, {.used = -1}, {.used = INT64_MAX}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        rating_state s = wrong[i];
        told t = {.count = 0};
        int64_t fen = 0;
        const rating_use use = use_of(at(2026, 5, 1), at(2026, 5, 2), KWH);
        assert_int_equal(rate(&plan, &s, &use, &t, &fen), GT_ERR_RANGE);
    }
    rating_state s = before;
    told t = {.fail_at = 2};
    int64_t fen = -7;
    const rating_use use = use_of(at(2026, 5, 1), at(2026, 5, 2), 10 * KWH);
    assert_int_equal(rate(&plan, &s, &use, &t, &fen), GT_ERR_FULL);
    assert_memory_equal(&s, &before, sizeof s);
}

static void a_fee_beyond_all_measure(void **state)
{
    (void)state;
    rating_plan plan = flat(RATING_PRICE_MAX_E4);
    plan.fees = 3;
    for (unsigned i = 0; i < 3; i++) {
        plan.fee[i] = (rating_fee){RATING_FEE_PERCENT, 100000};
    }
    rating_state s = {0};
    told t = {.count = 0};
    int64_t fen = 0;
    rating_use use = use_of(at(2026, 5, 1), at(2026, 5, 2), 3000000000);
    assert_int_equal(rate(&plan, &s, &use, &t, &fen), GT_ERR_RANGE);
    plan.fee[0] = (rating_fee){RATING_FEE_CAPACITY, 100000000};
    use.capacity = 2;
    assert_int_equal(rate(&plan, &s, &use, &t, &fen), GT_ERR_RANGE);
}

static void a_wrong_plan(void **state)
{
    (void)state;
    rating_plan plan = household();
    assert_int_equal(rating_plan_check(&plan), GT_ERR_OK);
#define WRONG(member, value) \
    plan = household();      \
    plan.member = (value);   \
    assert_int_equal(rating_plan_check(&plan), GT_ERR_RANGE)
    WRONG(rates, 0);
    WRONG(rates, RATING_RATES_MAX + 1);
    WRONG(tiers, 0);
    WRONG(tiers, RATING_TIERS_MAX + 1);
    WRONG(seasons, 0);
    WRONG(seasons, RATING_SEASONS_MAX + 1);
    WRONG(fees, RATING_FEES_MAX + 1);
    WRONG(period, (rating_period)2);
    WRONG(tier_end[0], 0);
    WRONG(tier_end[1], 2000 * KWH);
    WRONG(tier_end[1], INT64_MAX);
    WRONG(tier_person[0], -1);
    WRONG(tier_person[1], 99 * KWH); /* the ends would meet in a large family */
    WRONG(tier_person[1], INT64_MAX);
    WRONG(season[0].month, 0);
    WRONG(season[0].month, 13);
    WRONG(season[0].day, 0);
    WRONG(season[0].day, 32);
    WRONG(season[0].price_e4[2][0], -1);
    WRONG(season[0].price_e4[2][0], RATING_PRICE_MAX_E4 + 1);
#undef WRONG
    plan = household();
    plan.season[0] = (rating_season){.month = 2, .day = 29};
    assert_int_equal(rating_plan_check(&plan), GT_ERR_RANGE);
    plan = household();
    plan.seasons = 2;
    plan.season[0].month = 3;
    plan.season[1] = (rating_season){.month = 3, .day = 1};
    assert_int_equal(rating_plan_check(&plan), GT_ERR_RANGE);
    plan.season[1] = (rating_season){.month = 2, .day = 28};
    assert_int_equal(rating_plan_check(&plan), GT_ERR_RANGE);
    static const rating_fee wrong[] = {
        {(rating_fee_kind)RATING_FEE_KINDS, 1},     {RATING_FEE_UNIT, -1},
        {RATING_FEE_UNIT, RATING_PRICE_MAX_E4 + 1}, {RATING_FEE_FIXED, 100000001},
        {RATING_FEE_CAPACITY, 100000001},           {RATING_FEE_PERCENT, 100001}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        plan = household();
        plan.fees = 1;
        plan.fee[0] = wrong[i];
        assert_int_equal(rating_plan_check(&plan), GT_ERR_RANGE);
    }
}

static void fees_have_names(void **state)
{
    (void)state;
    for (unsigned i = 0; i < RATING_FEE_KINDS; i++) {
        assert_true(strlen(rating_fee_name((rating_fee_kind)i)) > 0);
        assert_true(strlen(rating_fee_zh((rating_fee_kind)i)) > 0);
        assert_true(strlen(rating_fee_en((rating_fee_kind)i)) > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flat_price_keeps_what_is_below_a_fen),
        cmocka_unit_test(tiers_of_a_year),
        cmocka_unit_test(a_new_period_starts_the_tiers_again),
        cmocka_unit_test(rates_share_a_tiers_end),
        cmocka_unit_test(seasons_change_at_midnight_and_wrap),
        cmocka_unit_test(each_part_at_the_version_valid_then),
        cmocka_unit_test(fees),
        cmocka_unit_test(a_use_without_time_is_rated_where_it_stands),
        cmocka_unit_test(what_fails_changes_nothing),
        cmocka_unit_test(a_fee_beyond_all_measure),
        cmocka_unit_test(a_wrong_plan),
        cmocka_unit_test(fees_have_names),
    };
    return cmocka_run_group_tests_name("domain/rating", tests, NULL, NULL);
}
