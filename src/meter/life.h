/**
 * @file life.h
 * @brief The life of a meter: bare, original, issued, running; what each state refuses.
 *
 * Layer:   meter. Pure; the rows are life.def.
 * Source:  four states and six cards of the product brief; which act belongs to which state is our
 *          proposal, no standard prints this table.
 */
#ifndef GT_METER_LIFE_H
#define GT_METER_LIFE_H

#include "base/err.h"

#include <stdbool.h>

typedef enum meter_life {
    METER_LIFE_RUNNING,  /* an account is open: sells */
    METER_LIFE_ISSUED,   /* has a customer; counts and charges, waits for its account */
    METER_LIFE_ORIGINAL, /* set up and tested; counts, charges nobody */
    METER_LIFE_BARE,     /* knows nothing but its hardware; supply on, counts, charges nobody */
} meter_life;

typedef enum meter_act {
    METER_ACT_PRESET,    /* identity and factory settings (system-setting card) */
    METER_ACT_PARAMETER, /* limits, prices, tariff */
    METER_ACT_CLOCK,
    METER_ACT_CONTROL, /* relay, alarm, protection */
    METER_ACT_KEYS,
    METER_ACT_ISSUE,     /* bind a customer (inspection passed) */
    METER_ACT_OPEN,      /* open the account, with the first credit */
    METER_ACT_CREDIT,    /* by network, card or keypad */
    METER_ACT_EMERGENCY, /* take emergency credit */
    METER_ACT_CONVERT,   /* re-compute energy credit at a new price */
    METER_ACT_EXPORT,    /* meter exchange: out of the old */
    METER_ACT_IMPORT,    /* meter exchange: into the new */
    METER_ACT_CLEAR,     /* registers, records and account; counts stay (clear card) */
    METER_ACT_STRIP,     /* back to bare */
} meter_act;

enum { METER_LIVES = METER_LIFE_BARE + 1, METER_ACTS = METER_ACT_STRIP + 1 };

/** @return CONFLICT  @p state refuses @p act; @p out is then untouched */
GT_CHECKED gt_err meter_life_next(meter_life state, meter_act act, meter_life *out);
/** Does this state charge for what is used, and cut for debt? */
bool meter_life_charges(meter_life state);

#endif
