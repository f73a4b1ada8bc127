/* The log: 32 bytes an event, newest sixty readable. */
#include "meter/meter_priv.h"

#include "base/bytes.h"

void event_append(meter *m, meter_note note)
{
    uint8_t payload[RECORD_EVENT_LEN] = {0};
    gt_utc time = {0};
    if (meter_clock_utc(m, note.now, &time) != GT_ERR_OK) {
        time.ms = 0;
    }
    gt_wr w = gt_wr_of(payload, sizeof payload);
    gt_wr_u64le(&w, (uint64_t)time.ms);
    gt_wr_u8(&w, (uint8_t)note.kind);
    gt_wr_u8(&w, note.detail);
    gt_wr_u64le(&w, (uint64_t)m->state.account.balance.fen);
    gt_wr_u64le(&w, (uint64_t)m->state.forward.total.centikwh);
    GT_ASSERT(gt_wr_done(&w) == GT_ERR_OK);
    /* A log that cannot be written must not stop the meter: it shows the fault and goes on. */
    const gt_err err = record_append(m, RECORD_EVENT, payload);
    (void)err;
}

gt_err meter_event_get(const meter *m, uint32_t back, meter_event *out)
{
    uint8_t payload[RECORD_EVENT_LEN];
    GT_TRY(record_read(m, RECORD_EVENT, back, payload));
    gt_rd r = gt_rd_of(payload, sizeof payload);
    meter_event event = {0};
    event.time.ms = (int64_t)gt_rd_u64le(&r);
    const uint8_t kind = gt_rd_u8(&r);
    event.detail = gt_rd_u8(&r);
    event.balance.fen = (int64_t)gt_rd_u64le(&r);
    event.energy.centikwh = (int64_t)gt_rd_u64le(&r);
    if (kind > METER_EVENT_LAST) {
        return GT_ERR_CORRUPT;
    }
    event.kind = (meter_event_kind)kind;
    *out = event;
    return GT_ERR_OK;
}
