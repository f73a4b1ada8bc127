/* The machines are their rows: two tables filled from credit.def and remote.def. A cell without a
 * row keeps its state. */
#include "domain/credit.h"

typedef struct cell {
    uint8_t next;
    bool legal;
} cell;

credit_state credit_next(credit_state state, credit_event event)
{
    static const cell table[CREDIT_STATES][CREDIT_EVENTS] = {
#define ROW(s, e, n) [CREDIT_##s][CREDIT_EV_##e] = {CREDIT_##n, true},
#include "domain/credit.def"
#undef ROW
    };
    GT_ASSERT((unsigned)state < CREDIT_STATES);
    GT_ASSERT((unsigned)event < CREDIT_EVENTS);
    const cell at = table[state][event];
    return at.legal ? (credit_state)at.next : state;
}

bool credit_wants_open(credit_state state)
{
    return state == CREDIT_CUT || state == CREDIT_REARM || state == CREDIT_WARNED;
}

credit_event credit_level(gt_money balance, const credit_limits *limits)
{
    if (balance.fen <= -limits->overdraft.fen) {
        return CREDIT_EV_LIMIT_HIT;
    }
    if (balance.fen <= 0) {
        return CREDIT_EV_BALANCE_ZERO;
    }
    if (balance.fen <= limits->alarm2.fen) {
        return CREDIT_EV_BALANCE_LOW2;
    }
    return balance.fen <= limits->alarm1.fen ? CREDIT_EV_BALANCE_LOW1 : CREDIT_EV_BALANCE_OK;
}

remote_state remote_next(remote_state state, remote_event event)
{
    static const cell table[REMOTE_STATES][REMOTE_EVENTS] = {
#define ROW(s, e, n) [REMOTE_##s][REMOTE_EV_##e] = {REMOTE_##n, true},
#include "domain/remote.def"
#undef ROW
    };
    GT_ASSERT((unsigned)state < REMOTE_STATES);
    GT_ASSERT((unsigned)event < REMOTE_EVENTS);
    const cell at = table[state][event];
    return at.legal ? (remote_state)at.next : state;
}

bool remote_wants_open(remote_state state)
{
    return state != REMOTE_CONNECTED;
}
