/* The manufacturer-defined snapshot of a meter's registers. */
#include "codec/gdw1376/vendor.h"

gt_err gdw1376_snapshot_read(gt_rd *r, gdw1376_snapshot *out)
{
    gdw1376_snapshot v = {.taken = gdw1376_when_read(r, GDW1376_FULL)};
    v.model = gt_rd_u16be(r);
    v.first = gt_rd_u16be(r);
    v.count = gt_rd_u8(r);
    if (v.count > GDW1376_REGISTERS_MAX) {
        gt_rd_fail(r, GT_ERR_RANGE);
    } else if (v.count > gt_rd_left(r) / 2) {
        gt_rd_fail(r, GT_ERR_TRUNCATED);
    }
    GT_TRY(r->err);
    for (size_t i = 0; i < v.count; i++) {
        v.registers[i] = gt_rd_u16be(r);
    }
    *out = v;
    return GT_ERR_OK;
}

void gdw1376_snapshot_write(gt_wr *w, const gdw1376_snapshot *snapshot)
{
    if (snapshot->count > GDW1376_REGISTERS_MAX) {
        gt_wr_fail(w, GT_ERR_RANGE);
        return;
    }
    gdw1376_when_write(w, GDW1376_FULL, &snapshot->taken);
    gt_wr_u16be(w, snapshot->model);
    gt_wr_u16be(w, snapshot->first);
    gt_wr_u8(w, snapshot->count);
    for (size_t i = 0; i < snapshot->count; i++) {
        gt_wr_u16be(w, snapshot->registers[i]);
    }
}
