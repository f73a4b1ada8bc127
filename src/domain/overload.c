/* A table filled from overload.def. A cell without a row keeps its state. */
#include "domain/overload.h"

typedef struct cell {
    uint8_t next;
    bool legal;
} cell;

overload_state overload_next(overload_state state, overload_event event)
{
    static const cell table[OVERLOAD_STATES][OVERLOAD_EVENTS] = {
#define ROW(s, e, n) [OVERLOAD_##s][OVERLOAD_EV_##e] = {OVERLOAD_##n, true},
#include "domain/overload.def"
#undef ROW
    };
    GT_ASSERT((unsigned)state < OVERLOAD_STATES);
    GT_ASSERT((unsigned)event < OVERLOAD_EVENTS);
    const cell at = table[state][event];
    return at.legal ? (overload_state)at.next : state;
}

bool overload_wants_open(overload_state state)
{
    return state == OVERLOAD_TRIPPED || state == OVERLOAD_LOCKED;
}
