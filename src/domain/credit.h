/**
 * @file credit.h
 * @brief When a prepaid supply warns, cuts and comes back: the credit and remote-cut machines.
 *
 * Layer:   domain. Pure: (state, event) -> state; the rows are credit.def and remote.def.
 * The two are separate causes: the supply is open while either machine wants it open, so a purchase
 * does not undo the station's cut nor the station a debt. Supply protection beats both.
 */
#ifndef GT_DOMAIN_CREDIT_H
#define GT_DOMAIN_CREDIT_H

#include "base/quantity.h"

#include <stdbool.h>
#include <stdint.h>

typedef enum credit_state {
    CREDIT_NORMAL,
    CREDIT_LOW1,      /* at or below the first alarm amount */
    CREDIT_LOW2,      /* at or below the second */
    CREDIT_OVERDRAFT, /* nothing left; living on the overdraft */
    CREDIT_CUT,       /* overdraft used up: supply open until the debt is repaid */
    CREDIT_REARM,     /* paid again; open until the button or the station closes it */
    CREDIT_WARNED,    /* at the second alarm: open as a warning until the button or a card */
} credit_state;

typedef enum credit_event {
    CREDIT_EV_BALANCE_OK,   /* above alarm 1 */
    CREDIT_EV_BALANCE_LOW1, /* above alarm 2 */
    CREDIT_EV_BALANCE_LOW2, /* above zero */
    CREDIT_EV_BALANCE_ZERO, /* zero or less, above the overdraft limit */
    CREDIT_EV_LIMIT_HIT,    /* at or below minus the overdraft limit */
    CREDIT_EV_BUTTON,       /* the customer's button */
    CREDIT_EV_AUTO,         /* the meter is set to close by itself */
    CREDIT_EV_CLOSE,        /* the station's "close at once" */
    CREDIT_EV_BALANCE_WARN, /* as LOW2, where alarm 2 warns by a cut */
    CREDIT_EV_EMERGENCY,    /* the customer took emergency credit */
} credit_event;

enum { CREDIT_STATES = CREDIT_WARNED + 1, CREDIT_EVENTS = CREDIT_EV_EMERGENCY + 1 };

credit_state credit_next(credit_state state, credit_event event);
bool credit_wants_open(credit_state state);

/** Amounts that sort a balance into a BALANCE_ or LIMIT event. All are >= 0. */
typedef struct credit_limits {
    gt_money alarm1;
    gt_money alarm2;
    gt_money overdraft;
} credit_limits;

credit_event credit_level(gt_money balance, const credit_limits *limits);

typedef enum remote_state {
    REMOTE_CONNECTED,
    REMOTE_CUT,     /* 1AH: open until allowed or closed */
    REMOTE_ALLOWED, /* 1BH: open until the button closes it */
} remote_state;

typedef enum remote_event {
    REMOTE_EV_OPEN,   /* 1AH */
    REMOTE_EV_ALLOW,  /* 1BH */
    REMOTE_EV_CLOSE,  /* 1CH */
    REMOTE_EV_BUTTON, /* the customer's button */
} remote_event;

enum { REMOTE_STATES = REMOTE_ALLOWED + 1, REMOTE_EVENTS = REMOTE_EV_BUTTON + 1 };

remote_state remote_next(remote_state state, remote_event event);
bool remote_wants_open(remote_state state);

#endif
