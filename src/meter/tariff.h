/**
 * @file tariff.h
 * @brief Which rate holds when, and what a 0.01 kWh costs: day tables, year zones, holidays, tiers.
 *
 * Layer:   meter. Pure values and functions; tariff_store.c keeps them in the memory.
 * Source:  DL/T 645-2007, tables A.4 and A.5 (counts of zones, tables, periods, holidays);
 *          adding the price of the tier to the price of the rate: from memory.
 * A day's table is the holiday's, else the rest day's, else that of the year zone it lies in.
 */
#ifndef GT_METER_TARIFF_H
#define GT_METER_TARIFF_H

#include "base/quantity.h"
#include "base/time.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    METER_RATES = 8, /* 1 sharp, 2 peak, 3 flat, 4 valley, 5 .. 8 as agreed */
    METER_PERIODS_MAX = 14,
    TARIFF_RATE_FALLBACK = 3, /* flat: while the clock is not known */
    TARIFF_TABLES = 8,        /* day tables of a set */
    TARIFF_SETS = 2,          /* one in force, one spare */
    TARIFF_ZONES_MAX = 14,
    TARIFF_HOLIDAYS_MAX = 254,
    TARIFF_TIERS_MAX = 7,
    TARIFF_PRICE_MAX_E4 = 1000000, /* so that no count of pulses overflows its cost */
    TARIFF_ENERGY_PRICE_E4 = 10000 /* in a wallet of energy 0.01 kWh costs 0.01 kWh */
};

/** From this minute of the day on, this rate holds; before the first, the last one of the day. */
typedef struct tariff_period {
    uint16_t start_min; /* 0 .. 1439, rising */
    uint8_t rate;       /* 1 .. METER_RATES */
} tariff_period;

/** A day table. */
typedef struct tariff_schedule {
    uint8_t count; /* 1 .. METER_PERIODS_MAX */
    tariff_period period[METER_PERIODS_MAX];
} tariff_schedule;

/** From this date on, this day table holds; before the first, the last one of the year. */
typedef struct tariff_zone {
    uint8_t month;
    uint8_t day;   /* 29 February holds from 1 March in other years */
    uint8_t table; /* 1 .. TARIFF_TABLES */
} tariff_zone;

typedef struct tariff_year {
    uint8_t count; /* 1 .. TARIFF_ZONES_MAX */
    tariff_zone zone[TARIFF_ZONES_MAX];
} tariff_year;

typedef struct tariff_week {
    uint8_t rest_days; /* bit 0 Sunday .. bit 6 Saturday */
    uint8_t table;     /* of a rest day, 1 .. TARIFF_TABLES; 0: rest days are like others */
} tariff_week;

typedef struct tariff_holiday {
    uint8_t year; /* 0 .. 99 */
    uint8_t month;
    uint8_t day;
    uint8_t table; /* 1 .. TARIFF_TABLES; 0: empty place */
} tariff_holiday;

typedef enum tariff_cycle {
    TARIFF_CYCLE_MONTH, /* counting starts anew at the first settlement day */
    TARIFF_CYCLE_YEAR,  /* and at this date of each year */
} tariff_cycle;

/** Steps of consumption. The price of the step is added to the price of the rate. */
typedef struct tariff_tiers {
    uint8_t count; /* 0: no tiers .. TARIFF_TIERS_MAX */
    tariff_cycle cycle;
    uint8_t year_month; /* of TARIFF_CYCLE_YEAR */
    uint8_t year_day;
    uint32_t upto_centikwh[TARIFF_TIERS_MAX - 1]; /* rising; the last tier has no end */
    uint32_t price_e4[TARIFF_TIERS_MAX];
} tariff_tiers;

/** What has two sets, each with its own time of switching. */
typedef enum tariff_part {
    TARIFF_PART_YEAR,   /* year zones */
    TARIFF_PART_DAY,    /* day tables */
    TARIFF_PART_PRICES, /* of the rates */
    TARIFF_PART_TIERS,
} tariff_part;

enum { TARIFF_PARTS = TARIFF_PART_TIERS + 1 };

/** All checks: @return RANGE when a field is outside what its comment says. */
GT_CHECKED gt_err tariff_schedule_check(const tariff_schedule *schedule);
GT_CHECKED gt_err tariff_year_check(const tariff_year *year);
GT_CHECKED gt_err tariff_week_check(const tariff_week *week);
GT_CHECKED gt_err tariff_holiday_check(const tariff_holiday *holiday);
GT_CHECKED gt_err tariff_tiers_check(const tariff_tiers *tiers);

/** @param minute 0 .. 1439. @return 1 .. METER_RATES */
uint8_t tariff_rate_at(const tariff_schedule *schedule, unsigned minute);
/** First minute after @p minute at which a period starts; 1440 when none does today. */
unsigned tariff_turn_after(const tariff_schedule *schedule, unsigned minute);
/** Day table of a date by its year zone, 1 .. TARIFF_TABLES. */
uint8_t tariff_zone_at(const tariff_year *year, unsigned month, unsigned day);
/** Tier, from 0, of the next 0.01 kWh after @p used; @p out_room until the next tier, or INT64_MAX.
 */
unsigned tariff_tier_at(const tariff_tiers *tiers, gt_energy used, int64_t *out_room);

/**
 * What some energy costs, tier by tier. Free energy comes first and counts for the tiers too.
 * @param carry_e6 [in,out] as gt_energy_cost
 */
typedef struct tariff_meter {
    const tariff_tiers *tiers;
    uint32_t price_e4;   /* of the rate that holds */
    gt_energy tier_used; /* since the cycle began */
    gt_energy free_left;
} tariff_meter;
gt_money tariff_cost(const tariff_meter *at, gt_energy used, int32_t *carry_e6);

#endif
