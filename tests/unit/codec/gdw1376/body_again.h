/* Each body of Q/GDW 1376.1 decoded and encoded again: what its test and the fuzz target hold to.
 */
#ifndef GT_TESTS_GDW1376_BODY_AGAIN_H
#define GT_TESTS_GDW1376_BODY_AGAIN_H

#include "codec/gdw1376/forward.h"
#include "codec/gdw1376/meter_table.h"
#include "codec/gdw1376/realtime.h"
#include "codec/gdw1376/vendor.h"

typedef gt_err body_again(gt_rd *r, gt_wr *w);

#define BODY_AGAIN(name, type, body)                      \
    static inline gt_err name##_again(gt_rd *r, gt_wr *w) \
    {                                                     \
        type v;                                           \
        GT_TRY(gdw1376_##body##_read(r, &v));             \
        gdw1376_##body##_write(w, &v);                    \
        return GT_ERR_OK;                                 \
    }
BODY_AGAIN(clock, gdw1376_when, clock)
BODY_AGAIN(instant, gdw1376_instant, instant)
BODY_AGAIN(energy, gdw1376_energy, energy)
BODY_AGAIN(relay, gdw1376_relay, relay)
BODY_AGAIN(purchase, gdw1376_purchase, purchase)
BODY_AGAIN(snapshot, gdw1376_snapshot, snapshot)
BODY_AGAIN(day, gt_civil, day)
BODY_AGAIN(forward_down, gdw1376_forward, forward_request)
BODY_AGAIN(forward_up, gdw1376_forward, forward_reply)
#undef BODY_AGAIN

static inline gt_err daily_energy_again(gt_rd *r, gt_wr *w)
{
    GT_TRY(day_again(r, w));
    return energy_again(r, w);
}

static inline gt_err curve_again(gt_rd *r, gt_wr *w)
{
    static int32_t points[GDW1376_POINTS_MAX];
    gdw1376_curve v;
    GT_TRY(gdw1376_curve_read(r, GDW1376_A11, &v, points));
    gdw1376_curve_write(w, GDW1376_A11, &v, points);
    return GT_ERR_OK;
}

static inline gt_err meter_table_again(gt_rd *r, gt_wr *w)
{
    static gdw1376_meter meters[GDW1376_METER_MAX];
    const size_t count = gdw1376_meter_count_read(r);
    GT_TRY(r->err);
    if (count > GDW1376_METER_MAX) {
        return GT_ERR_RANGE;
    }
    for (size_t i = 0; i < count; i++) {
        gdw1376_meter_read(r, &meters[i]);
    }
    GT_TRY(r->err);
    gdw1376_meter_table_write(w, meters, count);
    return GT_ERR_OK;
}

static inline gt_err meter_query_again(gt_rd *r, gt_wr *w)
{
    uint16_t indices[GDW1376_METER_INDEX_MAX];
    const size_t count = gdw1376_meter_query_count_read(r);
    GT_TRY(r->err);
    if (count > GDW1376_METER_INDEX_MAX) {
        return GT_ERR_RANGE;
    }
    for (size_t i = 0; i < count; i++) {
        indices[i] = gt_rd_u16le(r);
    }
    gdw1376_meter_query_write(w, indices, count);
    return GT_ERR_OK;
}

#endif
