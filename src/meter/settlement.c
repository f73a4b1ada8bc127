/* A settlement is what the registers showed at an hour of a day of the month. Energy is five bytes
 * a register in the record, as many as the meter can ever show. */
#include "meter/settlement.h"

#include "meter/meter_priv.h"

enum { HOURS_DAY = 24, DAYS_AHEAD = 32 };

/* Is that day, given its date, one of the configured? @return its hour, -1 when not */
static int hour_after(const meter_settle_day settle[METER_SETTLE_DAYS], unsigned day_of_month,
                      int after)
{
    int best = -1;
    bool any = false;
    for (unsigned i = 0; i < METER_SETTLE_DAYS; i++) {
        const meter_settle_day *at = &settle[i];
        any = any || at->day != 0;
        if (at->day == day_of_month && at->hour > after && (best < 0 || at->hour < best)) {
            best = at->hour;
        }
    }
    return !any && day_of_month == 1 && after < 0 ? 0 : best;
}

int32_t settlement_after(const meter_settle_day settle[METER_SETTLE_DAYS], int32_t hour)
{
    const int32_t first = hour / HOURS_DAY;
    for (int32_t day = first; day < first + DAYS_AHEAD; day++) {
        gt_civil date = {0};
        if (gt_civil_of_day(day, &date) != GT_ERR_OK) {
            break; /* 2100: the calendar of this meter ends */
        }
        const int of_day = hour_after(settle, date.day, day == first ? hour % HOURS_DAY : -1);
        if (of_day >= 0) {
            return day * HOURS_DAY + of_day;
        }
    }
    return INT32_MAX;
}

static void register_put(gt_wr *w, const meter_register *reg)
{
    for (unsigned i = 0; i <= METER_RATES; i++) {
        energy_put(w, i == 0 ? reg->total : reg->rate[i - 1]);
    }
}

static void register_get(gt_rd *r, gt_energy out[1 + METER_RATES])
{
    for (unsigned i = 0; i <= METER_RATES; i++) {
        out[i] = energy_get(r);
    }
}

static void peaks_put(gt_wr *w, const demand_peaks *peaks)
{
    for (unsigned i = 0; i <= METER_RATES; i++) {
        gt_wr_u32le(w, peaks->at[i].e4_kw);
        gt_wr_u32le(w, peaks->at[i].at_min);
    }
}

static void peaks_get(gt_rd *r, demand_peaks *out)
{
    for (unsigned i = 0; i <= METER_RATES; i++) {
        out->at[i].e4_kw = gt_rd_u32le(r);
        out->at[i].at_min = gt_rd_u32le(r);
    }
}

gt_err settlement_write(meter *m, int32_t hour)
{
    meter_state *s = &m->state;
    uint8_t payload[RECORD_LEN_MAX] = {0};
    gt_wr w = gt_wr_of(payload, sizeof payload);
    gt_wr_u32le(&w, (uint32_t)hour);
    register_put(&w, &s->forward);
    register_put(&w, &s->reverse);
    gt_wr_u64le(&w, (uint64_t)s->account.balance.fen);
    peaks_put(&w, &s->demand_forward);
    peaks_put(&w, &s->demand_reverse);
    GT_ASSERT(w.len == RECORD_SETTLEMENT_LEN);
    GT_TRY(record_append(m, RECORD_SETTLEMENT, payload));
    s->settle_hour = hour;
    s->demand_forward = (demand_peaks){0};
    s->demand_reverse = (demand_peaks){0};
    return GT_ERR_OK;
}

gt_err meter_settlement_get(const meter *m, uint32_t back, meter_settlement *out)
{
    uint8_t payload[RECORD_LEN_MAX];
    GT_TRY(record_read(m, RECORD_SETTLEMENT, back, payload));
    gt_rd r = gt_rd_of(payload, RECORD_SETTLEMENT_LEN);
    out->hour = (int32_t)gt_rd_u32le(&r);
    register_get(&r, out->forward);
    register_get(&r, out->reverse);
    out->balance.fen = (int64_t)gt_rd_u64le(&r);
    peaks_get(&r, &out->demand_forward);
    peaks_get(&r, &out->demand_reverse);
    return gt_rd_done(&r);
}
