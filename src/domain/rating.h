/**
 * @file rating.h
 * @brief What consumption costs: rates, tiers by month or year, seasons, fees; electricity, water,
 * gas, heat.
 *
 * Layer:   domain. Pure: no clock, no storage, no allocation, no floating point.
 * Units:   quantities 0.01 of the commodity's unit (kWh, m3), prices 0.0001 CNY a unit, exact
 *          amounts 1e-6 CNY (a quantity times a price is one without rounding), billed amounts fen.
 *
 * Nothing is rounded before the end: a piece of consumption gives exact lines, and what is left
 * below a fen stays in the account's carry. So it does not matter how often consumption is rated
 * (only a percentage is rounded down in each piece, to 1e-6 CNY), and each fen can be followed down
 * to its lines.
 */
#ifndef GT_DOMAIN_RATING_H
#define GT_DOMAIN_RATING_H

#include "base/err.h"
#include "base/time.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    RATING_RATES_MAX = 8,
    RATING_TIERS_MAX = 6,
    RATING_SEASONS_MAX = 4,
    RATING_FEES_MAX = 8,
    RATING_PRICE_MAX_E4 = 100000000, /* 10,000 CNY a unit */
};

/** What tiers count over. */
typedef enum rating_period { RATING_PERIOD_MONTH, RATING_PERIOD_YEAR } rating_period;

/** Prices from a day of the year on, until the next season's first day; the last wraps around. */
typedef struct rating_season {
    uint8_t month; /* its first day, 1 .. 12 */
    uint8_t day;
    int32_t price_e4[RATING_TIERS_MAX][RATING_RATES_MAX];
} rating_season;

typedef enum rating_fee_kind {
#define RATING_FEE(symbol, name, zh, en) RATING_FEE_##symbol,
#include "domain/rating_fee.def"
#undef RATING_FEE
} rating_fee_kind;

enum { RATING_FEE_KINDS = RATING_FEE_PERCENT + 1 };

typedef struct rating_fee {
    rating_fee_kind kind;
    int32_t value; /* see rating_fee.def */
} rating_fee;

/** One version of a tariff. */
typedef struct rating_plan {
    uint8_t rates;   /* 1 .. RATING_RATES_MAX */
    uint8_t tiers;   /* 1 .. RATING_TIERS_MAX */
    uint8_t seasons; /* 1 .. RATING_SEASONS_MAX, ascending by first day */
    uint8_t fees;
    rating_period period;
    int64_t tier_end[RATING_TIERS_MAX]; /* quantity in the period at which tier i ends; the last has
                                           no end */
    int64_t tier_person[RATING_TIERS_MAX]; /* each end moves by this for every person above */
    uint8_t persons_base;                  /* ... this number */
    rating_season season[RATING_SEASONS_MAX];
    rating_fee fee[RATING_FEES_MAX];
} rating_plan;

/** @return RANGE counts, a price, a day of the year, ends that do not rise, a fee's value */
GT_CHECKED gt_err rating_plan_check(const rating_plan *plan);

/** What must be remembered of an account (or of its meter) from one rating to the next. */
typedef struct rating_state {
    int32_t period;   /* year * 12 + month - 1, or year * 12: what `used` counts over */
    int64_t used;     /* quantity in that period */
    int32_t carry_e6; /* 0 .. 9,999: what is left below a fen */
} rating_state;

/** What was used between two moments, and who by. Times count in whole seconds. */
typedef struct rating_use {
    gt_utc from; /* not after `to` */
    gt_utc to;
    int zone_min;
    int64_t quantity[RATING_RATES_MAX];
    uint8_t persons;
    int32_t capacity; /* 0.1 kVA (or kW, by contract); 0 where none */
} rating_use;

/** What a line is for. */
typedef enum rating_line_kind { RATING_LINE_ENERGY, RATING_LINE_FEE } rating_line_kind;

typedef struct rating_line {
    rating_line_kind kind;
    uint8_t index;  /* energy: tier, from 0; fee: its place in the plan */
    uint8_t rate;   /* energy: from 0 */
    uint8_t season; /* energy: from 0 */
    gt_utc from;    /* the piece of time it is about */
    gt_utc to;
    int64_t quantity; /* energy and fees a unit; 0 else */
    int32_t price_e4; /* energy and fees a unit; 0 else */
    int64_t amount_e6;
} rating_line;

/** Called for each line that is not zero, in order of time. An error stops the rating. */
typedef struct rating_sink {
    void *ctx;
    gt_err (*line)(void *ctx, const rating_line *line);
} rating_sink;

/** The plan valid from a moment on; a book is a list of these, ascending. */
typedef struct rating_version {
    gt_utc from;
    const rating_plan *plan;
} rating_version;

typedef struct rating_book {
    const rating_version *version;
    size_t count;
} rating_book;

/**
 * Rate a use by the versions valid during it. It is cut where the version, the season or the
 * calendar month changes, each rate's quantity in proportion to time, exact in the sum. Within a
 * piece that passes a tier's end, every rate has its part on either side, in proportion to its
 * quantity, rounded down; what that leaves over goes to the first rates, 0.01 each.
 *
 * @param state    [in,out] unchanged on failure
 * @param out_fen  whole fen of this use, the carry before it included
 * Uses of one state come in order of time. @p book holds checked plans.
 *
 * @return NOT_FOUND  no version is valid at use->from
 *         CONFLICT   the use begins before the period that the state counts in
 *         RANGE      a quantity below 0 or above 30,000,000 units in all, more than ten years, from
 *                    after to, a state outside its range; or what the sink returned
 */
GT_CHECKED gt_err rating_rate(const rating_book *book, rating_state *state, const rating_use *use,
                              const rating_sink *sink, int64_t *out_fen);

const char *rating_fee_name(rating_fee_kind kind);
const char *rating_fee_zh(rating_fee_kind kind);
const char *rating_fee_en(rating_fee_kind kind);

#endif
