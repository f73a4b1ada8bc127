/* Freezes at one instant. All have one form; the hourly ones, of which there are many, end after
 * the totals and the balance. An hour without power is not written: the daily ones tell what the
 * registers showed. No hour is ever written twice, also when the clock is set back over it. */
#include "meter/freeze.h"

#include "meter/meter_priv.h"

enum { MS_MINUTE = 60000, MS_HOUR = 3600000, RETRY_US = 60000000 };
enum { AHEAD_MAX_HOURS = 62 * 24, FREEZE_LEN = 126, FREEZE_HOUR_LEN = 22 };

static_assert((int)RECORD_INSTANT_LEN == (int)FREEZE_LEN, "one form");
static_assert((int)RECORD_SWITCH_YEAR_LEN == (int)FREEZE_LEN, "one form");
static_assert((int)RECORD_HOURLY_LEN == (int)FREEZE_HOUR_LEN, "its beginning");
static_assert((int)RECORD_SWITCH_TIERS - (int)RECORD_SWITCH_YEAR == (int)TARIFF_PART_TIERS,
              "one ring a part, in its order");

void energy_put(gt_wr *w, gt_energy energy)
{
    gt_wr_u32le(w, (uint32_t)energy.centikwh);
    gt_wr_u8(w, (uint8_t)((uint64_t)energy.centikwh >> 32U));
}

gt_energy energy_get(gt_rd *r)
{
    const uint64_t low = gt_rd_u32le(r);
    return (gt_energy){.centikwh = (int64_t)((uint64_t)gt_rd_u8(r) << 32U | low)};
}

static gt_err take(meter *m, record_class class, uint32_t at_min)
{
    const meter_state *s = &m->state;
    uint8_t payload[FREEZE_LEN];
    gt_wr w = gt_wr_of(payload, sizeof payload);
    gt_wr_u32le(&w, at_min);
    energy_put(&w, s->forward.total);
    energy_put(&w, s->reverse.total);
    gt_wr_u64le(&w, (uint64_t)s->account.balance.fen);
    for (unsigned i = 0; i < METER_RATES; i++) {
        energy_put(&w, s->forward.rate[i]);
        energy_put(&w, s->reverse.rate[i]);
    }
    for (unsigned i = 0; i < METER_PHASES; i++) {
        gt_wr_u32le(&w, (uint32_t)m->measured.power_w[i]);
        gt_wr_u32le(&w, (uint32_t)m->measured.reactive_var[i]);
    }
    GT_ASSERT(gt_wr_done(&w) == GT_ERR_OK);
    return record_append(m, class, payload);
}

gt_err meter_freeze_now(meter *m, gt_mono now)
{
    meter_advance(m, now);
    const uint32_t at_min = m->clock.known ? (uint32_t)(clock_local_ms(m, now) / MS_MINUTE) : 0;
    GT_TRY(take(m, RECORD_INSTANT, at_min));
    store_flush(m, now);
    return m->store.failing ? GT_ERR_IO : GT_ERR_OK;
}

void freeze_switch(meter *m, tariff_part part, uint32_t at_min)
{
    /* as with an event: the tariff turns all the same */
    (void)take(m, (record_class)((unsigned)RECORD_SWITCH_YEAR + (unsigned)part), at_min);
}

void freeze_hour_next(meter *m, gt_mono now)
{
    const int64_t local_ms = clock_local_ms(m, now);
    m->due[METER_DUE_HOUR] = clock_instant(m, local_ms - local_ms % MS_HOUR + MS_HOUR);
}

void freeze_hour(meter *m, gt_mono at)
{
    const int32_t hour = (int32_t)(clock_local_ms(m, at) / MS_HOUR);
    const int32_t last = m->state.freeze_hour;
    if (hour > last || last > hour + AHEAD_MAX_HOURS) { /* so far ahead a wrong clock left it */
        if (take(m, RECORD_HOURLY, (uint32_t)hour * (MS_HOUR / MS_MINUTE)) != GT_ERR_OK) {
            m->due[METER_DUE_HOUR].us = at.us + RETRY_US;
            return;
        }
        m->state.freeze_hour = hour;
    }
    freeze_hour_next(m, at);
}

gt_err meter_freeze_get(const meter *m, record_class class, uint32_t back, meter_freeze *out)
{
    uint8_t payload[RECORD_LEN_MAX] = {0};
    const uint16_t len = record_len(class);
    GT_ASSERT(len == FREEZE_LEN || class == RECORD_HOURLY);
    GT_TRY(record_read(m, class, back, payload));
    gt_rd r = gt_rd_of(payload, FREEZE_LEN);
    meter_freeze freeze = {.at_min = gt_rd_u32le(&r)};
    freeze.forward[0] = energy_get(&r);
    freeze.reverse[0] = energy_get(&r);
    freeze.balance.fen = (int64_t)gt_rd_u64le(&r);
    for (unsigned i = 1; i <= METER_RATES; i++) {
        freeze.forward[i] = energy_get(&r);
        freeze.reverse[i] = energy_get(&r);
    }
    for (unsigned i = 0; i < METER_PHASES; i++) {
        freeze.power_w[i] = (int32_t)gt_rd_u32le(&r);
        freeze.reactive_var[i] = (int32_t)gt_rd_u32le(&r);
    }
    *out = freeze;
    return GT_ERR_OK;
}
