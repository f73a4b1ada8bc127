/* The credit order's machine, read off the rows of order.def, and what counts as proof that a meter
 * was or was not credited. */
#include "domain/order.h"

#include <string.h>

enum {
    DO_POST_SALE = ORDER_DO_POST_SALE,
    DO_POST_CONFIRM = ORDER_DO_POST_CONFIRM,
    DO_POST_REFUND = ORDER_DO_POST_REFUND,
    DO_RESEND = ORDER_DO_RESEND,
    DO_TICKET = ORDER_DO_TICKET,
    DO_READ_BACK = ORDER_DO_READ_BACK,
    DO_FENCE = ORDER_DO_FENCE,
};

static const struct {
    const char *name;
    const char *zh;
    const char *en;
    bool open;
} states[ORDER_STATES] = {
#define STATE(symbol, name_, open_, zh_, en_) \
    [ORDER_##symbol] = {.name = name_, .zh = zh_, .en = en_, .open = open_},
#include "domain/order.def"
};

static const char *const events[ORDER_EVENTS] = {
#define EVENT(symbol, name) [ORDER_EV_##symbol] = name,
#include "domain/order.def"
};

typedef enum verdict { VERDICT_FINAL, VERDICT_DOUBT } verdict;

static const struct {
    unsigned bit;
    verdict verdict;
    const char *name;
    const char *zh;
    const char *en;
} refusals[] = {
#define REFUSAL(symbol, bit_, name_, verdict_, zh_, en_) \
    {.bit = (bit_), .verdict = VERDICT_##verdict_, .name = name_, .zh = zh_, .en = en_},
#include "domain/refusal.def"
#undef REFUSAL
};

enum { REFUSALS = sizeof refusals / sizeof refusals[0] };

order_step order_next(order_state state, order_event event)
{
    static const order_step table[ORDER_STATES][ORDER_EVENTS] = {
#define ROW(state_, event_, next_, effects_) \
    [ORDER_##state_][ORDER_EV_##event_] = {ORDER_##next_, (effects_), true},
#include "domain/order.def"
    };
    GT_ASSERT((unsigned)state < ORDER_STATES);
    GT_ASSERT((unsigned)event < ORDER_EVENTS);
    const order_step step = table[state][event];
    return step.legal ? step : (order_step){.next = state};
}

const char *order_state_name(order_state state)
{
    return states[state].name;
}

const char *order_state_zh(order_state state)
{
    return states[state].zh;
}

const char *order_state_en(order_state state)
{
    return states[state].en;
}

const char *order_event_name(order_event event)
{
    return events[event];
}

bool order_state_open(order_state state)
{
    return states[state].open;
}

gt_err order_state_find(const char *name, order_state *out)
{
    for (int state = 0; state < ORDER_STATES; state++) {
        if (strcmp(states[state].name, name) == 0) {
            *out = (order_state)state;
            return GT_ERR_OK;
        }
    }
    return GT_ERR_NOT_FOUND;
}

gt_err order_readback_event(const order_expected *want, const order_readback *seen,
                            order_event *out)
{
    const uint32_t mask = seen->count_bits >= 32 ? UINT32_MAX : (1U << seen->count_bits) - 1;
    const bool is_n1 = ((want->count ^ seen->count) & mask) == 0;
    const bool is_n = (((want->count - 1) ^ seen->count) & mask) == 0;
    if (is_n1 && !seen->amount_known) {
        return GT_ERR_NOT_FOUND;
    }
    if (is_n1) {
        *out = seen->amount_fen == want->amount_fen ? ORDER_EV_READ_N1_SAME : ORDER_EV_READ_OTHER;
    } else if (!is_n) {
        *out = ORDER_EV_READ_OTHER;
    } else if (want->fenced) {
        *out = ORDER_EV_READ_N_FENCED;
    } else {
        *out = want->sends >= ORDER_SENDS_MAX ? ORDER_EV_READ_N_SPENT : ORDER_EV_READ_N;
    }
    return GT_ERR_OK;
}

/* One doubtful bit makes the whole word doubtful. */
order_event order_refusal_event(uint16_t reason_word)
{
    bool final = false;
    for (size_t i = 0; i < REFUSALS; i++) {
        if (((unsigned)reason_word >> refusals[i].bit & 1U) != 0) {
            if (refusals[i].verdict == VERDICT_DOUBT) {
                return ORDER_EV_ANSWER_DOUBT;
            }
            final = true;
        }
    }
    return final ? ORDER_EV_ANSWER_REFUSED : ORDER_EV_ANSWER_DOUBT;
}

static size_t refusal_index(uint16_t reason_word)
{
    for (size_t i = 0; i < REFUSALS; i++) {
        if (((unsigned)reason_word >> refusals[i].bit & 1U) != 0) {
            return i;
        }
    }
    return 0; /* "other" */
}

const char *order_refusal_name(uint16_t reason_word)
{
    return refusals[refusal_index(reason_word)].name;
}

const char *order_refusal_zh(uint16_t reason_word)
{
    return refusals[refusal_index(reason_word)].zh;
}

const char *order_refusal_en(uint16_t reason_word)
{
    return refusals[refusal_index(reason_word)].en;
}
