/* The log: 32 bytes an event, newest sixty readable. */
#include "meter/meter_priv.h"

#include "base/bytes.h"

#include <string.h>

void event_append(meter *m, meter_state *next, meter_note note)
{
    uint8_t payload[METER_RECORD_LEN] = {0};
    gt_utc time = {0};
    if (meter_clock_utc(m, note.now, &time) != GT_ERR_OK) {
        time.ms = 0;
    }
    gt_wr w = gt_wr_of(payload, sizeof payload);
    gt_wr_u64le(&w, (uint64_t)time.ms);
    gt_wr_u8(&w, (uint8_t)note.kind);
    gt_wr_u8(&w, note.detail);
    gt_wr_u64le(&w, (uint64_t)next->balance.fen);
    gt_wr_u64le(&w, (uint64_t)next->reg.total.centikwh);
    GT_ASSERT(gt_wr_done(&w) == GT_ERR_OK);
    /* A log that cannot be written must not stop the meter: it shows the fault and goes on. */
    if (store_record_write(m, STORE_EVENTS, next->event_count, payload) != GT_ERR_OK) {
        m->store.failing = true;
    }
    next->event_count++;
}

gt_err meter_event_get(const meter *m, uint32_t back, meter_event *out)
{
    if (back >= METER_EVENTS_KEPT || back >= m->state.event_count) {
        return GT_ERR_NOT_FOUND;
    }
    uint8_t payload[METER_RECORD_LEN];
    GT_TRY(store_record_read(m, STORE_EVENTS, m->state.event_count - 1 - back, payload));
    gt_rd r = gt_rd_of(payload, sizeof payload);
    meter_event event = {0};
    event.time.ms = (int64_t)gt_rd_u64le(&r);
    const uint8_t kind = gt_rd_u8(&r);
    event.detail = gt_rd_u8(&r);
    event.balance.fen = (int64_t)gt_rd_u64le(&r);
    event.energy.centikwh = (int64_t)gt_rd_u64le(&r);
    if (kind > METER_EVENT_ATTACK) {
        return GT_ERR_CORRUPT;
    }
    event.kind = (meter_event_kind)kind;
    *out = event;
    return GT_ERR_OK;
}
