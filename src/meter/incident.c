/* An incident's beginning is a record; its end is the record's tail, so that it is one line of the
 * log also when the power fails in between. Which of them go on is a bit each in the state. */
#include "meter/incident.h"

#include "meter/meter_priv.h"

enum { TIME_LEN = 4, INCIDENT_TAIL = 26, INCIDENT_LEN = 30 };

#define INCIDENT(symbol, tail, small)                                                \
    static_assert((int)RECORD_##symbol##_LEN == (int)INCIDENT_LEN, "one form");      \
    static_assert((tail) == 0 || (tail) == (int)INCIDENT_TAIL, "an end, or no end"); \
    static_assert((int)RECORD_##symbol >= (int)RECORD_POWER_OFF &&                   \
                      (int)RECORD_##symbol < (int)RECORD_POWER_OFF + 32,             \
                  "a bit each");
#include "meter/incident.def"
#undef INCIDENT

static uint32_t bit_of(record_class class)
{
    return UINT32_C(1) << ((unsigned)class - (unsigned)RECORD_POWER_OFF);
}

bool incident_open(const meter *m, record_class class)
{
    return (m->state.account.incidents & bit_of(class)) != 0;
}

uint32_t incident_time_s(const meter *m, gt_mono now)
{
    gt_utc utc = {0};
    return meter_clock_utc(m, now, &utc) == GT_ERR_OK ? (uint32_t)(utc.ms / 1000) : 0;
}

static void registers_put(gt_wr *w, const meter_state *s)
{
    energy_put(w, s->forward.total);
    energy_put(w, s->reverse.total);
    gt_wr_u64le(w, (uint64_t)s->account.balance.fen);
}

void incident_add(meter *m, record_class class, uint32_t time_s, uint32_t detail)
{
    uint8_t payload[INCIDENT_LEN];
    gt_wr w = gt_wr_of(payload, sizeof payload);
    gt_wr_u32le(&w, time_s);
    gt_wr_u32le(&w, m->by.code);
    gt_wr_u32le(&w, detail);
    registers_put(&w, &m->state);
    GT_ASSERT(gt_wr_done(&w) == GT_ERR_OK);
    /* A log that cannot be written must not stop the meter: it shows the fault and goes on. */
    const gt_err err = record_append(m, class, payload);
    (void)err;
}

void incident_point(meter *m, record_class class, uint32_t detail, gt_mono now)
{
    incident_add(m, class, incident_time_s(m, now), detail);
}

void incident_begin(meter *m, record_class class, uint32_t detail, gt_mono now)
{
    if (!incident_open(m, class)) {
        incident_point(m, class, detail, now);
        m->state.account.incidents |= bit_of(class);
        m->store.dirty = true;
    }
}

uint32_t meter_incident_total_s(const meter *m, record_class class)
{
    meter_incident found = {0};
    gt_err err = GT_ERR_OK;
    for (uint32_t back = 0; err != GT_ERR_NOT_FOUND; back++) {
        err = meter_incident_get(m, class, back, &found);
        if (err == GT_ERR_OK && found.ended) {
            return found.total_s;
        }
    }
    return 0;
}

/* How long, where both times are known and in order. */
static uint32_t lasted_s(const meter *m, record_class class, uint32_t end_s)
{
    meter_incident begun = {0};
    const bool known = end_s != 0 && meter_incident_get(m, class, 0, &begun) == GT_ERR_OK &&
                       begun.begin_s != 0 && begun.begin_s < end_s;
    return known ? end_s - begun.begin_s : 0;
}

void incident_close(meter *m, record_class class, uint32_t time_s)
{
    uint8_t tail[INCIDENT_TAIL];
    gt_wr w = gt_wr_of(tail, sizeof tail);
    gt_wr_u32le(&w, time_s);
    gt_wr_u32le(&w, meter_incident_total_s(m, class) + lasted_s(m, class, time_s));
    registers_put(&w, &m->state);
    GT_ASSERT(gt_wr_done(&w) == GT_ERR_OK);
    const gt_err err = record_tail_write(m, class, tail);
    (void)err; /* as in incident_add; or the class was cleared meanwhile */
    m->state.account.incidents &= ~bit_of(class);
    m->store.dirty = true;
}

void incident_end(meter *m, record_class class, gt_mono now)
{
    if (incident_open(m, class)) {
        incident_close(m, class, incident_time_s(m, now));
    }
}

static void tail_get(const uint8_t *tail, meter_incident *out)
{
    gt_rd r = gt_rd_of(tail, INCIDENT_TAIL);
    out->ended = true;
    out->end_s = gt_rd_u32le(&r);
    out->total_s = gt_rd_u32le(&r);
    out->end_forward = energy_get(&r);
    out->end_reverse = energy_get(&r);
    out->end_balance.fen = (int64_t)gt_rd_u64le(&r);
}

gt_err meter_incident_get(const meter *m, record_class class, uint32_t back, meter_incident *out)
{
    GT_ASSERT(class >= RECORD_POWER_OFF && record_len(class) == INCIDENT_LEN);
    uint8_t payload[INCIDENT_LEN];
    GT_TRY(record_read(m, class, back, payload));
    gt_rd r = gt_rd_of(payload, sizeof payload);
    meter_incident incident = {0};
    incident.begin_s = gt_rd_u32le(&r);
    incident.operator_code = gt_rd_u32le(&r);
    incident.detail = gt_rd_u32le(&r);
    incident.forward = energy_get(&r);
    incident.reverse = energy_get(&r);
    incident.balance.fen = (int64_t)gt_rd_u64le(&r);
    uint8_t tail[INCIDENT_TAIL];
    const gt_err err = record_tail_read(m, class, back, tail);
    if (err == GT_ERR_OK) {
        tail_get(tail, &incident);
    } else if (err != GT_ERR_NOT_FOUND) {
        return err;
    }
    *out = incident;
    return GT_ERR_OK;
}

void meter_operator(meter *m, uint32_t code, uint32_t identifier)
{
    m->by.code = code;
    m->by.identifier = identifier;
}

void meter_programmed(meter *m, gt_mono now)
{
    incident_point(m, RECORD_PROGRAM, m->by.identifier, now);
    store_settle(m, now);
}
