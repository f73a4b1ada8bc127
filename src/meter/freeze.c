/* At each midnight the registers are set aside; on the first of a month once more. While the power
 * is off nothing flows, so the midnights missed are written at power-up with the registers as they
 * stood: exact, as far back as the rings reach. No midnight is ever written twice. */
#include "meter/meter_priv.h"

#include "meter/modbus_map.h"

enum { MONTHS = 12 };

static int32_t month_of(const gt_civil *civil)
{
    return civil->year * MONTHS + civil->month - 1;
}

static gt_err record(meter *m, store_ring ring, uint32_t number, const gt_civil *at)
{
    uint8_t payload[METER_RECORD_LEN];
    modbus_map_freeze(&m->state, at, payload);
    return store_record_write(m, ring, number, payload);
}

static gt_err month_write(meter *m, int32_t month)
{
    const gt_civil at = {
        .year = (int16_t)(month / MONTHS), .month = (uint8_t)(month % MONTHS + 1), .day = 1};
    GT_TRY(record(m, STORE_MONTHLY, m->state.monthly_count, &at));
    meter_state next = m->state;
    next.monthly_count++;
    next.freeze_month = month;
    GT_TRY(store_save(m, &next));
    m->state = next;
    return GT_ERR_OK;
}

static gt_err day_write(meter *m, int32_t day)
{
    gt_civil at = {0};
    GT_TRY(gt_civil_of_day(day, &at));
    GT_TRY(record(m, STORE_DAILY, m->state.daily_count, &at));
    meter_state next = m->state;
    next.daily_count++;
    next.freeze_day = day;
    GT_TRY(store_save(m, &next));
    m->state = next;
    return GT_ERR_OK;
}

gt_err freeze_run(meter *m, gt_mono now)
{
    const int32_t today = clock_day(m, now);
    gt_civil civil = {0};
    if (today == METER_DAY_NONE || clock_civil(m, now, &civil) != GT_ERR_OK) {
        return GT_ERR_OK; /* without a clock there is no midnight */
    }
    const int32_t this_month = month_of(&civil);
    int32_t month = m->state.freeze_month + 1;
    if (month <= this_month - STORE_MONTHLY_KEPT) {
        month = this_month - STORE_MONTHLY_KEPT + 1;
    }
    for (; month <= this_month; month++) {
        GT_TRY(month_write(m, month));
    }
    int32_t day = m->state.freeze_day + 1;
    if (day <= today - STORE_DAILY_KEPT) {
        day = today - STORE_DAILY_KEPT + 1;
    }
    for (; day <= today; day++) {
        GT_TRY(day_write(m, day));
    }
    return GT_ERR_OK;
}

/* After a time without a clock nobody knows what the registers showed at the midnights between, so
 * they stay unwritten. A date before the newest freeze writes nothing until it has passed it,
 * unless it is so far back that the freeze must have been dated by a wrong clock. */
void freeze_rebase(meter_state *next, int32_t day)
{
    gt_civil civil = {0};
    const bool ahead = day > next->freeze_day;
    const bool absurd = next->freeze_day - day > STORE_DAILY_KEPT;
    if ((ahead || absurd) && gt_civil_of_day(day, &civil) == GT_ERR_OK) {
        next->freeze_day = day;
        next->freeze_month = month_of(&civil);
    }
}
