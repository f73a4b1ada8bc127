/* At each midnight the registers are set aside; on the first of a month once more. While the power
 * is off nothing flows, so the midnights missed are written at power-up with the registers as they
 * stood: exact, as far back as the rings reach. No midnight is ever written twice. */
#include "meter/meter_priv.h"

#include "meter/modbus_map.h"

enum { MONTHS = 12, MONTHS_KEPT = 12, DAYS_KEPT = 62 };

static_assert((int)RECORD_DAILY_LEN == (int)RECORD_MONTHLY_LEN, "one form");

static int32_t month_of(const gt_civil *civil)
{
    return civil->year * MONTHS + civil->month - 1;
}

static gt_err record(meter *m, record_class class, const gt_civil *at)
{
    uint8_t payload[RECORD_DAILY_LEN];
    modbus_map_freeze(&m->state, at, payload);
    return record_append(m, class, payload);
}

static gt_err month_write(meter *m, int32_t month)
{
    const gt_civil at = {
        .year = (int16_t)(month / MONTHS), .month = (uint8_t)(month % MONTHS + 1), .day = 1};
    GT_TRY(record(m, RECORD_MONTHLY, &at));
    m->state.freeze_month = month;
    return GT_ERR_OK;
}

static gt_err day_write(meter *m, int32_t day)
{
    gt_civil at = {0};
    GT_TRY(gt_civil_of_day(day, &at));
    GT_TRY(record(m, RECORD_DAILY, &at));
    m->state.freeze_day = day;
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
    if (month <= this_month - MONTHS_KEPT) {
        month = this_month - MONTHS_KEPT + 1;
    }
    for (; month <= this_month; month++) {
        GT_TRY(month_write(m, month));
    }
    int32_t day = m->state.freeze_day + 1;
    if (day <= today - DAYS_KEPT) {
        day = today - DAYS_KEPT + 1;
    }
    for (; day <= today; day++) {
        GT_TRY(day_write(m, day));
    }
    return GT_ERR_OK;
}

/* After a time without a clock nobody knows what the registers showed at the midnights between, so
 * they stay unwritten. A date before the newest freeze writes nothing until it has passed it,
 * unless it is so far back that the freeze must have been dated by a wrong clock. */
void freeze_rebase(meter_state *state, int32_t day)
{
    gt_civil civil = {0};
    const bool ahead = day > state->freeze_day;
    const bool absurd = state->freeze_day - day > DAYS_KEPT;
    if ((ahead || absurd) && gt_civil_of_day(day, &civil) == GT_ERR_OK) {
        state->freeze_day = day;
        state->freeze_month = month_of(&civil);
    }
}
