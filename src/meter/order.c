/* What every order has in common: the state of life that takes it, and that it is durable or
 * undone. */
#include "meter/meter_priv.h"

gt_err order_commit(meter *m, const meter_account *before, gt_mono now)
{
    m->store.dirty = true;
    store_flush(m, now);
    if (!m->store.failing) {
        return GT_ERR_OK;
    }
    m->state.account = *before; /* an image newer than the one that may be there follows */
    overload_restart(m, now);
    return GT_ERR_IO;
}

void order_undo(meter *m, const meter_account *before, gt_mono now)
{
    m->state.account = *before;
    m->store.dirty = true; /* and see whether the memory answers again */
    store_flush(m, now);
}

gt_err order_life(meter *m, meter_act act)
{
    return meter_life_next(m->state.account.life, act, &m->state.account.life);
}

bool order_allowed(const meter *m, meter_act act)
{
    meter_life next = METER_LIFE_RUNNING;
    return meter_life_next(m->state.account.life, act, &next) == GT_ERR_OK;
}
