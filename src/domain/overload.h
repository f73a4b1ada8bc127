/**
 * @file overload.h
 * @brief The power limit: over it for a while, the supply trips; it returns by itself, but not for
 * ever.
 *
 * Layer:   domain. Pure: (state, event) -> state; the rows are overload.def.
 * A third cause beside debt and the station's cut; it knows nothing of either.
 */
#ifndef GT_DOMAIN_OVERLOAD_H
#define GT_DOMAIN_OVERLOAD_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

typedef enum overload_state {
    OVERLOAD_IDLE,
    OVERLOAD_COUNTING, /* above the limit; the delay runs */
    OVERLOAD_TRIPPED,  /* open; returns by itself after a while */
    OVERLOAD_LOCKED,   /* open; the trips allowed are used up */
} overload_state;

typedef enum overload_event {
    OVERLOAD_EV_OVER,   /* the power drawn is above the limit */
    OVERLOAD_EV_UNDER,  /* at it or below */
    OVERLOAD_EV_TRIP,   /* the delay is over */
    OVERLOAD_EV_LAST,   /* the delay is over, and no more trips are allowed after this one */
    OVERLOAD_EV_RETURN, /* the time of returning has come */
    OVERLOAD_EV_BUTTON,
    OVERLOAD_EV_CLOSE, /* the station's "close at once" */
    OVERLOAD_EV_OFF,   /* the limit was taken away */
} overload_event;

enum { OVERLOAD_STATES = OVERLOAD_LOCKED + 1, OVERLOAD_EVENTS = OVERLOAD_EV_OFF + 1 };

overload_state overload_next(overload_state state, overload_event event);
bool overload_wants_open(overload_state state);

#endif
