/* Bodies of class 1, and of the class 2 items that freeze them. One line a field, in wire order. */
#include "codec/gdw1376/realtime.h"

enum { PHASES = 3, WITH_TOTAL = 4 };

static void nums_read(gt_rd *r, gdw1376_format format, gdw1376_num *nums, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        nums[i] = gdw1376_num_read(r, format);
    }
}

static void nums_write(gt_wr *w, gdw1376_format format, const gdw1376_num *nums, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        gdw1376_num_write(w, format, nums[i]);
    }
}

gt_err gdw1376_clock_read(gt_rd *r, gdw1376_when *out)
{
    const gdw1376_when clock = gdw1376_when_read(r, GDW1376_A1);
    GT_TRY(r->err);
    *out = clock;
    return GT_ERR_OK;
}

void gdw1376_clock_write(gt_wr *w, const gdw1376_when *clock)
{
    gdw1376_when_write(w, GDW1376_A1, clock);
}

gt_err gdw1376_instant_read(gt_rd *r, gdw1376_instant *out)
{
    gdw1376_instant v = {.taken = gdw1376_when_read(r, GDW1376_A15)};
    nums_read(r, GDW1376_A9, v.power, WITH_TOTAL);
    nums_read(r, GDW1376_A9, v.reactive, WITH_TOTAL);
    nums_read(r, GDW1376_A5, v.factor, WITH_TOTAL);
    nums_read(r, GDW1376_A7, v.voltage, PHASES);
    nums_read(r, GDW1376_A25, v.current, PHASES);
    v.current_zero = gdw1376_num_read(r, GDW1376_A25);
    nums_read(r, GDW1376_A9, v.apparent, WITH_TOTAL);
    GT_TRY(r->err);
    *out = v;
    return GT_ERR_OK;
}

void gdw1376_instant_write(gt_wr *w, const gdw1376_instant *instant)
{
    gdw1376_when_write(w, GDW1376_A15, &instant->taken);
    nums_write(w, GDW1376_A9, instant->power, WITH_TOTAL);
    nums_write(w, GDW1376_A9, instant->reactive, WITH_TOTAL);
    nums_write(w, GDW1376_A5, instant->factor, WITH_TOTAL);
    nums_write(w, GDW1376_A7, instant->voltage, PHASES);
    nums_write(w, GDW1376_A25, instant->current, PHASES);
    gdw1376_num_write(w, GDW1376_A25, instant->current_zero);
    nums_write(w, GDW1376_A9, instant->apparent, WITH_TOTAL);
}

gt_err gdw1376_energy_read(gt_rd *r, gdw1376_energy *out)
{
    gdw1376_energy v = {.taken = gdw1376_when_read(r, GDW1376_A15)};
    v.rates = gt_rd_u8(r);
    if (v.rates > GDW1376_RATES_MAX) {
        gt_rd_fail(r, GT_ERR_RANGE);
        return r->err;
    }
    v.total = gdw1376_num_read(r, GDW1376_A14);
    if ((size_t)v.rates * gdw1376_format_of(GDW1376_A14)->size > gt_rd_left(r)) {
        gt_rd_fail(r, GT_ERR_TRUNCATED);
        return r->err;
    }
    nums_read(r, GDW1376_A14, v.rate, v.rates);
    GT_TRY(r->err);
    *out = v;
    return GT_ERR_OK;
}

void gdw1376_energy_write(gt_wr *w, const gdw1376_energy *energy)
{
    if (energy->rates > GDW1376_RATES_MAX) {
        gt_wr_fail(w, GT_ERR_RANGE);
        return;
    }
    gdw1376_when_write(w, GDW1376_A15, &energy->taken);
    gt_wr_u8(w, energy->rates);
    gdw1376_num_write(w, GDW1376_A14, energy->total);
    nums_write(w, GDW1376_A14, energy->rate, energy->rates);
}

gt_err gdw1376_relay_read(gt_rd *r, gdw1376_relay *out)
{
    gdw1376_relay v = {.taken = gdw1376_when_read(r, GDW1376_A15)};
    const uint8_t state = gt_rd_u8(r);
    if (state != GDW1376_RELAY_OPEN && state != GDW1376_RELAY_CLOSED &&
        state != GDW1376_RELAY_UNKNOWN) {
        gt_rd_fail(r, GT_ERR_MALFORMED);
    }
    v.state = (gdw1376_relay_state)state;
    v.closed_at = gdw1376_when_read(r, GDW1376_A1);
    v.tripped_at = gdw1376_when_read(r, GDW1376_A1);
    GT_TRY(r->err);
    *out = v;
    return GT_ERR_OK;
}

void gdw1376_relay_write(gt_wr *w, const gdw1376_relay *relay)
{
    gdw1376_when_write(w, GDW1376_A15, &relay->taken);
    gt_wr_u8(w, (uint8_t)relay->state);
    gdw1376_when_write(w, GDW1376_A1, &relay->closed_at);
    gdw1376_when_write(w, GDW1376_A1, &relay->tripped_at);
}

gt_err gdw1376_purchase_read(gt_rd *r, gdw1376_purchase *out)
{
    gdw1376_purchase v = {.taken = gdw1376_when_read(r, GDW1376_A15)};
    v.count = gdw1376_num_read(r, GDW1376_A8);
    v.amount_left = gdw1376_num_read(r, GDW1376_A14);
    v.amount_total = gdw1376_num_read(r, GDW1376_A14);
    v.energy_left = gdw1376_num_read(r, GDW1376_A11);
    v.energy_overdraft = gdw1376_num_read(r, GDW1376_A11);
    v.energy_total = gdw1376_num_read(r, GDW1376_A11);
    v.overdraft_limit = gdw1376_num_read(r, GDW1376_A11);
    v.alarm_limit = gdw1376_num_read(r, GDW1376_A11);
    v.fault_energy = gdw1376_num_read(r, GDW1376_A11);
    GT_TRY(r->err);
    *out = v;
    return GT_ERR_OK;
}

void gdw1376_purchase_write(gt_wr *w, const gdw1376_purchase *purchase)
{
    gdw1376_when_write(w, GDW1376_A15, &purchase->taken);
    gdw1376_num_write(w, GDW1376_A8, purchase->count);
    gdw1376_num_write(w, GDW1376_A14, purchase->amount_left);
    gdw1376_num_write(w, GDW1376_A14, purchase->amount_total);
    gdw1376_num_write(w, GDW1376_A11, purchase->energy_left);
    gdw1376_num_write(w, GDW1376_A11, purchase->energy_overdraft);
    gdw1376_num_write(w, GDW1376_A11, purchase->energy_total);
    gdw1376_num_write(w, GDW1376_A11, purchase->overdraft_limit);
    gdw1376_num_write(w, GDW1376_A11, purchase->alarm_limit);
    gdw1376_num_write(w, GDW1376_A11, purchase->fault_energy);
}

gt_err gdw1376_curve_read(gt_rd *r, gdw1376_format format, gdw1376_curve *out, int32_t *points)
{
    gdw1376_curve v = {.from = gdw1376_when_read(r, GDW1376_A15)};
    v.density = gt_rd_u8(r);
    v.count = gt_rd_u8(r);
    gdw1376_points_read(r, format, points, v.count);
    GT_TRY(r->err);
    *out = v;
    return GT_ERR_OK;
}

void gdw1376_curve_write(gt_wr *w, gdw1376_format format, const gdw1376_curve *curve,
                         const int32_t *points)
{
    gdw1376_when_write(w, GDW1376_A15, &curve->from);
    gt_wr_u8(w, curve->density);
    gt_wr_u8(w, curve->count);
    if (points != NULL) {
        gdw1376_points_write(w, format, points, curve->count);
    }
}

gt_err gdw1376_day_read(gt_rd *r, gt_civil *out)
{
    const gdw1376_when day = gdw1376_when_read(r, GDW1376_A20);
    if (r->err == GT_ERR_OK && !day.present) {
        gt_rd_fail(r, GT_ERR_RANGE);
    }
    GT_TRY(r->err);
    *out = day.at;
    return GT_ERR_OK;
}

void gdw1376_day_write(gt_wr *w, const gt_civil *day)
{
    const gdw1376_when when = {.present = true, .at = *day};
    gdw1376_when_write(w, GDW1376_A20, &when);
}
