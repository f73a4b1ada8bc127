/* Rating. A use is cut into pieces in which nothing changes but the tier; a piece is cut at the
 * tiers' ends; what each part costs is exact. Quantities are divided by cumulative shares rounded
 * down, so that parts always add up to the whole. */
#include "domain/rating.h"

#include "base/quantity.h"

enum {
    MONTHS = 12,
    MS_PER_S = 1000,
    FEE_FIXED_MAX_FEN = 100000000, /* 1,000,000 CNY a month */
    FEE_PERCENT_MAX = 100000,      /* 1,000 % */
    PERCENT_ONE = 10000,           /* 100 % */
};

/* These keep every product below within 64 bits. */
#define QUANTITY_MAX INT64_C(3000000000)
#define SPAN_MAX_S (INT64_C(10) * 366 * 86400)

static const struct {
    const char *name;
    const char *zh;
    const char *en;
} fee_rows[RATING_FEE_KINDS] = {
#define RATING_FEE(symbol, name_, zh_, en_) \
    [RATING_FEE_##symbol] = {.name = (name_), .zh = (zh_), .en = (en_)},
#include "domain/rating_fee.def"
#undef RATING_FEE
};

static const int32_t fee_max[RATING_FEE_KINDS] = {
    [RATING_FEE_UNIT] = RATING_PRICE_MAX_E4,
    [RATING_FEE_FIXED] = FEE_FIXED_MAX_FEN,
    [RATING_FEE_CAPACITY] = FEE_FIXED_MAX_FEN,
    [RATING_FEE_PERCENT] = FEE_PERCENT_MAX,
};

const char *rating_fee_name(rating_fee_kind kind)
{
    return fee_rows[kind].name;
}

const char *rating_fee_zh(rating_fee_kind kind)
{
    return fee_rows[kind].zh;
}

const char *rating_fee_en(rating_fee_kind kind)
{
    return fee_rows[kind].en;
}

/* ---- a plan ---- */

static bool season_valid(const rating_plan *plan, unsigned index)
{
    const rating_season *season = &plan->season[index];
    const gt_civil first = {.year = 2001, .month = season->month, .day = season->day};
    if (!gt_civil_valid(&first)) { /* of a year without 29 February */
        return false;
    }
    if (index > 0) {
        const rating_season *before = &plan->season[index - 1];
        if (season->month < before->month ||
            (season->month == before->month && season->day <= before->day)) {
            return false;
        }
    }
    for (unsigned tier = 0; tier < plan->tiers; tier++) {
        for (unsigned rate = 0; rate < plan->rates; rate++) {
            const int32_t price = season->price_e4[tier][rate];
            if (price < 0 || price > RATING_PRICE_MAX_E4) {
                return false;
            }
        }
    }
    return true;
}

static bool tiers_valid(const rating_plan *plan)
{
    int64_t end = 0;
    int64_t person = 0;
    for (unsigned i = 0; i + 1U < plan->tiers; i++) {
        if (plan->tier_end[i] <= end || plan->tier_end[i] > QUANTITY_MAX ||
            plan->tier_person[i] < person || plan->tier_person[i] > QUANTITY_MAX) {
            return false;
        }
        end = plan->tier_end[i];
        person = plan->tier_person[i];
    }
    return true;
}

static bool within(unsigned value, unsigned min, unsigned max)
{
    return value >= min && value <= max;
}

gt_err rating_plan_check(const rating_plan *plan)
{
    if (!within(plan->rates, 1, RATING_RATES_MAX) || !within(plan->tiers, 1, RATING_TIERS_MAX) ||
        !within(plan->seasons, 1, RATING_SEASONS_MAX) || plan->fees > RATING_FEES_MAX ||
        plan->period > RATING_PERIOD_YEAR || !tiers_valid(plan)) {
        return GT_ERR_RANGE;
    }
    for (unsigned i = 0; i < plan->seasons; i++) {
        if (!season_valid(plan, i)) {
            return GT_ERR_RANGE;
        }
    }
    for (unsigned i = 0; i < plan->fees; i++) {
        const rating_fee *fee = &plan->fee[i];
        if ((unsigned)fee->kind >= RATING_FEE_KINDS || fee->value < 0 ||
            fee->value > fee_max[fee->kind]) {
            return GT_ERR_RANGE;
        }
    }
    return GT_ERR_OK;
}

/* ---- a piece: one version, one season, one calendar month ---- */

typedef struct piece {
    const rating_plan *plan;
    const rating_use *use;
    const rating_sink *sink;
    rating_state *state;
    int64_t from_s;
    int64_t to_s;
    int64_t month_s; /* the calendar month around them */
    int64_t month_end_s;
    unsigned season;
    int64_t quantity[RATING_RATES_MAX];
    int64_t total;
    int64_t sum_e6; /* of its lines so far */
} piece;

static gt_err tell(piece *p, rating_line line)
{
    if (line.amount_e6 == 0 && line.quantity == 0) {
        return GT_ERR_OK;
    }
    line.season = (uint8_t)p->season;
    line.from.ms = p->from_s * MS_PER_S;
    line.to.ms = p->to_s * MS_PER_S;
    GT_TRY(gt_i64_add(p->sum_e6, line.amount_e6, &p->sum_e6));
    return p->sink->line(p->sink->ctx, &line);
}

/* @p part of all that is left (which is something), from each rate in proportion; what rounding
 * leaves over goes to the first rates that have some left. */
static void take(piece *p, int64_t part, int64_t out[RATING_RATES_MAX])
{
    int64_t left = part;
    for (unsigned i = 0; i < RATING_RATES_MAX; i++) {
        out[i] = p->quantity[i] * part / p->total;
        left -= out[i];
    }
    for (unsigned i = 0; left > 0 && i < RATING_RATES_MAX; i++) {
        if (out[i] < p->quantity[i]) {
            out[i]++;
            left--;
        }
    }
    for (unsigned i = 0; i < RATING_RATES_MAX; i++) {
        p->quantity[i] -= out[i];
    }
    p->total -= part;
}

static int64_t tier_room(const piece *p, unsigned tier)
{
    const rating_plan *plan = p->plan;
    if (tier + 1U == plan->tiers) {
        return p->total;
    }
    const int persons = p->use->persons - plan->persons_base;
    const int64_t end =
        plan->tier_end[tier] + (persons > 0 ? plan->tier_person[tier] * persons : 0);
    const int64_t room = end - p->state->used;
    return room < 0 ? 0 : room;
}

static gt_err rate_energy(piece *p)
{
    const rating_season *season = &p->plan->season[p->season];
    for (unsigned tier = 0; tier < p->plan->tiers && p->total > 0; tier++) {
        const int64_t room = tier_room(p, tier);
        const int64_t part = room < p->total ? room : p->total;
        int64_t of_rate[RATING_RATES_MAX];
        take(p, part, of_rate);
        p->state->used += part;
        for (unsigned rate = 0; rate < p->plan->rates; rate++) {
            const int32_t price = season->price_e4[tier][rate];
            GT_TRY(tell(p, (rating_line){.kind = RATING_LINE_ENERGY,
                                         .index = (uint8_t)tier,
                                         .rate = (uint8_t)rate,
                                         .quantity = of_rate[rate],
                                         .price_e4 = price,
                                         .amount_e6 = of_rate[rate] * price}));
        }
    }
    return GT_ERR_OK;
}

/* What has fallen due of a monthly fee by a moment of the month: the pieces of a month add up to
 * it. */
static int64_t due_e6(const piece *p, int64_t fee_fen, int64_t at_s)
{
    return fee_fen * GT_FEN_E6 * (at_s - p->month_s) / (p->month_end_s - p->month_s);
}

static gt_err monthly_e6(const piece *p, int64_t fee_fen, int64_t *out)
{
    if (fee_fen > FEE_FIXED_MAX_FEN) {
        return GT_ERR_RANGE;
    }
    *out = due_e6(p, fee_fen, p->to_s) - due_e6(p, fee_fen, p->from_s);
    return GT_ERR_OK;
}

static gt_err rate_fee(piece *p, unsigned index, int64_t total)
{
    const rating_fee *fee = &p->plan->fee[index];
    rating_line line = {.kind = RATING_LINE_FEE, .index = (uint8_t)index};
    switch (fee->kind) {
    case RATING_FEE_UNIT:
        line.quantity = total;
        line.price_e4 = fee->value;
        line.amount_e6 = total * fee->value;
        break;
    case RATING_FEE_FIXED:
        GT_TRY(monthly_e6(p, fee->value, &line.amount_e6));
        break;
    case RATING_FEE_CAPACITY:
        GT_TRY(monthly_e6(p, (int64_t)fee->value * p->use->capacity, &line.amount_e6));
        break;
    case RATING_FEE_PERCENT:
        GT_TRY(gt_i64_mul(p->sum_e6 / PERCENT_ONE, fee->value, &line.amount_e6));
        line.amount_e6 += p->sum_e6 % PERCENT_ONE * fee->value / PERCENT_ONE;
        break;
    }
    return tell(p, line);
}

static gt_err rate_piece(piece *p, int32_t year, int32_t month)
{
    const int32_t period = year * MONTHS + (p->plan->period == RATING_PERIOD_MONTH ? month - 1 : 0);
    if (period != p->state->period) {
        p->state->period = period;
        p->state->used = 0;
    }
    const int64_t total = p->total;
    GT_TRY(rate_energy(p));
    for (unsigned i = 0; i < p->plan->fees; i++) {
        GT_TRY(rate_fee(p, i, total));
    }
    return GT_ERR_OK;
}

/* ---- pieces of a use ---- */

static int64_t day_start_s(const rating_use *use, int32_t year, unsigned month, unsigned day)
{
    const gt_civil civil = {.year = (int16_t)year, .month = (uint8_t)month, .day = (uint8_t)day};
    gt_utc utc = {.ms = INT64_MAX}; /* behind the calendar: no such moment */
    (void)!gt_utc_of_civil(&civil, use->zone_min, &utc);
    return utc.ms / MS_PER_S;
}

/* The season a day of the year lies in, and where it ends. */
static void find_season(piece *p, const gt_civil *at, int64_t *out_end_s)
{
    const rating_plan *plan = p->plan;
    unsigned next = 0;
    while (next < plan->seasons &&
           (plan->season[next].month < at->month ||
            (plan->season[next].month == at->month && plan->season[next].day <= at->day))) {
        next++;
    }
    p->season = (next == 0 ? plan->seasons : next) - 1U;
    const bool wraps = next == plan->seasons;
    const rating_season *to = &plan->season[wraps ? 0 : next];
    *out_end_s = plan->seasons == 1
                     ? INT64_MAX
                     : day_start_s(p->use, at->year + (wraps ? 1 : 0), to->month, to->day);
}

static gt_err find_version(piece *p, const rating_book *book, int64_t *out_end_s)
{
    size_t next = 0;
    while (next < book->count && book->version[next].from.ms / MS_PER_S <= p->from_s) {
        next++;
    }
    if (next == 0) {
        return GT_ERR_NOT_FOUND;
    }
    p->plan = book->version[next - 1].plan;
    *out_end_s = next == book->count ? INT64_MAX : book->version[next].from.ms / MS_PER_S;
    return GT_ERR_OK;
}

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* From p->from_s as far as nothing changes. */
static gt_err find_piece(piece *p, const rating_book *book, gt_civil *out_at)
{
    int64_t version_end_s = 0;
    int64_t season_end_s = 0;
    GT_TRY(find_version(p, book, &version_end_s));
    GT_TRY(gt_civil_of_utc((gt_utc){.ms = p->from_s * MS_PER_S}, p->use->zone_min, out_at));
    find_season(p, out_at, &season_end_s);
    const bool december = out_at->month == MONTHS;
    p->month_s = day_start_s(p->use, out_at->year, out_at->month, 1);
    p->month_end_s = day_start_s(p->use, out_at->year + (december ? 1 : 0),
                                 december ? 1 : out_at->month + 1U, 1);
    p->to_s = smaller(smaller(p->use->to.ms / MS_PER_S, version_end_s),
                      smaller(p->month_end_s, season_end_s));
    return GT_ERR_OK;
}

/* What of the use falls between its beginning and the end of this piece, less what was given out.
 */
static void share(piece *p, int64_t given[RATING_RATES_MAX])
{
    const int64_t start_s = p->use->from.ms / MS_PER_S;
    const int64_t span_s = p->use->to.ms / MS_PER_S - start_s;
    p->total = 0;
    for (unsigned i = 0; i < RATING_RATES_MAX; i++) {
        const int64_t whole = p->use->quantity[i];
        const int64_t upto = span_s == 0 ? whole : whole * (p->to_s - start_s) / span_s;
        p->quantity[i] = upto - given[i];
        given[i] = upto;
        p->total += p->quantity[i];
    }
}

static gt_err check_use(const rating_state *state, const rating_use *use)
{
    int64_t total = 0;
    for (unsigned i = 0; i < RATING_RATES_MAX; i++) {
        const int64_t quantity = use->quantity[i];
        if (quantity < 0 || quantity > QUANTITY_MAX - total) {
            return GT_ERR_RANGE;
        }
        total += quantity;
    }
    const int64_t span_s = use->to.ms / MS_PER_S - use->from.ms / MS_PER_S;
    if (use->from.ms < 0 || use->from.ms > use->to.ms || span_s > SPAN_MAX_S || use->capacity < 0 ||
        state->carry_e6 < 0 || state->carry_e6 >= GT_FEN_E6 || state->used < 0 ||
        state->used > INT64_MAX / 2) {
        return GT_ERR_RANGE;
    }
    return GT_ERR_OK;
}

/* A rate that the plan does not have would be energy given away. */
static gt_err check_rates(const piece *p)
{
    for (unsigned i = p->plan->rates; i < RATING_RATES_MAX; i++) {
        if (p->use->quantity[i] != 0) {
            return GT_ERR_RANGE;
        }
    }
    return GT_ERR_OK;
}

gt_err rating_rate(const rating_book *book, rating_state *state, const rating_use *use,
                   const rating_sink *sink, int64_t *out_fen)
{
    GT_TRY(check_use(state, use));
    rating_state moved = *state;
    int64_t given[RATING_RATES_MAX] = {0};
    int64_t sum_e6 = state->carry_e6;
    int64_t at_s = use->from.ms / MS_PER_S;
    const int64_t end_s = use->to.ms / MS_PER_S;
    do {
        piece p = {.use = use, .sink = sink, .state = &moved, .from_s = at_s};
        gt_civil at = {0};
        GT_TRY(find_piece(&p, book, &at));
        GT_TRY(check_rates(&p));
        if (at.year * MONTHS + at.month - 1 < moved.period) {
            return GT_ERR_CONFLICT;
        }
        share(&p, given);
        GT_TRY(rate_piece(&p, at.year, at.month));
        GT_TRY(gt_i64_add(sum_e6, p.sum_e6, &sum_e6));
        at_s = p.to_s;
    } while (at_s < end_s);
    moved.carry_e6 = (int32_t)(sum_e6 % GT_FEN_E6);
    *state = moved;
    *out_fen = sum_e6 / GT_FEN_E6;
    return GT_ERR_OK;
}
