/* A table filled from life.def; a cell without a row refuses. */
#include "meter/life.h"

#include <stdint.h>

typedef struct cell {
    uint8_t next;
    bool legal;
} cell;

gt_err meter_life_next(meter_life state, meter_act act, meter_life *out)
{
    static const cell table[METER_LIVES][METER_ACTS] = {
#define ROW(s, a, n) [METER_LIFE_##s][METER_ACT_##a] = {METER_LIFE_##n, true},
#include "meter/life.def"
#undef ROW
    };
    GT_ASSERT((unsigned)state < METER_LIVES);
    GT_ASSERT((unsigned)act < METER_ACTS);
    const cell at = table[state][act];
    if (!at.legal) {
        return GT_ERR_CONFLICT;
    }
    *out = (meter_life)at.next;
    return GT_ERR_OK;
}

bool meter_life_charges(meter_life state)
{
    return state == METER_LIFE_RUNNING || state == METER_LIFE_ISSUED;
}
