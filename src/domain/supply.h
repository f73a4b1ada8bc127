/**
 * @file supply.h
 * @brief May a cut be sent now? First form of the supply policy. Restoring needs no permission.
 *
 * Layer:   domain. Pure.
 * A missing or doubtful fact counts against the cut.
 */
#ifndef GT_DOMAIN_SUPPLY_H
#define GT_DOMAIN_SUPPLY_H

#include "base/time.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    SUPPLY_READING_AGE_MAX_MS = 24 * 60 * 60 * 1000,
    SUPPLY_READING_AHEAD_MAX_MS = 5 * 60 * 1000, /* clocks of boxes and station differ a little */
};

typedef enum supply_reason {
#define SUPPLY(symbol, name, zh, en) SUPPLY_##symbol,
#include "domain/supply.def"
#undef SUPPLY
} supply_reason;

enum { SUPPLY_REASONS = SUPPLY_CLOCK_UNTRUSTED + 1 };

typedef struct supply_facts {
    bool is_protected;  /* by master data or by the meter itself */
    bool order_open;    /* a credit order of this meter is not settled */
    bool reading_known; /* reading_taken holds */
    gt_utc reading_taken;
    bool clock_trusted; /* of the station */
} supply_facts;

/** SUPPLY_ALLOWED, or the first reason against. */
supply_reason supply_cut_check(const supply_facts *facts, gt_utc now);

const char *supply_reason_name(supply_reason reason);
const char *supply_reason_zh(supply_reason reason);
const char *supply_reason_en(supply_reason reason);

#endif
