/* Data unit identifiers, and the walk over the data units of a frame. The walk keeps one identifier
 * and goes through its points and functions; the item table says how long each datum is. */
#include "codec/gdw1376/unit.h"

#include "codec/gdw1376/walk.h"

enum { GROUP = 8, ALL_MASK = 0xFF, FN_GROUPS = 31 };

static void set_of_mask(uint8_t mask, unsigned first, gdw1376_set *out)
{
    out->count = 0;
    for (unsigned bit = 0; mask >> bit != 0; bit++) {
        if ((mask >> bit & 1) != 0) {
            out->number[out->count++] = (uint16_t)(first + bit);
        }
    }
}

static void points_read(gt_rd *r, gdw1376_set *out)
{
    const uint8_t mask = gt_rd_u8(r);
    const uint8_t group = gt_rd_u8(r);
    if (group == 0 && (mask == 0 || mask == ALL_MASK)) {
        out->count = 1;
        out->number[0] = mask == 0 ? 0 : GDW1376_POINT_ALL;
    } else if (group == 0 || mask == 0) {
        gt_rd_fail(r, GT_ERR_MALFORMED);
    } else {
        set_of_mask(mask, (group - 1U) * GROUP + 1, out);
    }
}

void gdw1376_id_read(gt_rd *r, gdw1376_id *out)
{
    gdw1376_id id = {0};
    points_read(r, &id.points);
    const uint8_t mask = gt_rd_u8(r);
    const uint8_t group = gt_rd_u8(r);
    if (mask == 0 || group >= FN_GROUPS) {
        gt_rd_fail(r, GT_ERR_MALFORMED);
    } else {
        set_of_mask(mask, (unsigned)group * GROUP + 1, &id.fns);
    }
    if (r->err == GT_ERR_OK) {
        *out = id;
    }
}

/* Mask and 0-based group of numbers counted from 1; false when they do not share a group. */
static bool mask_of_set(const gdw1376_set *set, unsigned number_max, uint8_t *mask, uint8_t *group)
{
    if (set->count == 0 || set->count > GDW1376_SET_MAX) {
        return false;
    }
    unsigned bits = 0;
    for (unsigned i = 0; i < set->count; i++) {
        const unsigned n = set->number[i];
        if (n == 0 || n > number_max || (n - 1) / GROUP != (set->number[0] - 1U) / GROUP ||
            (i > 0 && n <= set->number[i - 1])) {
            return false;
        }
        bits |= 1U << (n - 1) % GROUP;
    }
    *mask = (uint8_t)bits;
    *group = (uint8_t)((set->number[0] - 1U) / GROUP);
    return true;
}

static void points_write(gt_wr *w, const gdw1376_set *points)
{
    uint8_t mask = 0;
    uint8_t group = 0;
    if (points->count == 1 && points->number[0] == 0) {
        gt_wr_u16le(w, 0);
    } else if (points->count == 1 && points->number[0] == GDW1376_POINT_ALL) {
        gt_wr_u16le(w, ALL_MASK);
    } else if (mask_of_set(points, GDW1376_POINT_MAX, &mask, &group)) {
        gt_wr_u8(w, mask);
        gt_wr_u8(w, (uint8_t)(group + 1));
    } else {
        gt_wr_fail(w, GT_ERR_RANGE);
        gt_wr_u16le(w, 0);
    }
}

void gdw1376_id_write(gt_wr *w, const gdw1376_id *id)
{
    points_write(w, &id->points);
    uint8_t mask = 0;
    uint8_t group = 0;
    if (!mask_of_set(&id->fns, GDW1376_FN_MAX, &mask, &group)) {
        gt_wr_fail(w, GT_ERR_RANGE);
    }
    gt_wr_u8(w, mask);
    gt_wr_u8(w, group);
}

gdw1376_id gdw1376_id_of(uint16_t point, uint16_t fn)
{
    return (gdw1376_id){.points = {.count = 1, .number = {point}},
                        .fns = {.count = 1, .number = {fn}}};
}

size_t gdw1376_points_together(const uint16_t *points, size_t count)
{
    size_t n = 0;
    while (n < count && n < GDW1376_SET_MAX) {
        const bool single = points[n] == 0 || points[n] > GDW1376_POINT_MAX;
        if (single || (n > 0 && ((points[n] - 1U) / GROUP != (points[0] - 1U) / GROUP ||
                                 points[n] <= points[n - 1]))) {
            return n == 0 ? 1 : n;
        }
        n++;
    }
    return n;
}

gdw1376_units gdw1376_units_of(const gdw1376_frame *frame)
{
    return (gdw1376_units){.r = gt_rd_of(frame->units, frame->units_len),
                           .afn = frame->head.afn,
                           .up = frame->head.up};
}

bool gdw1376_units_more(const gdw1376_units *it)
{
    return it->r.err == GT_ERR_OK && (it->inside || gt_rd_left(&it->r) > 0);
}

static void step(gdw1376_units *it)
{
    it->fn_idx++;
    if (it->fn_idx == it->id.fns.count) {
        it->fn_idx = 0;
        it->point_idx++;
        it->inside = it->point_idx < it->id.points.count;
    }
}

/* A class 1 request is identifiers alone, so even a function not in the table can be passed over
 * and denied by whoever answers. */
static void datum_skip(gdw1376_units *it, uint16_t fn)
{
    const gdw1376_item *item = gdw1376_item_of(it->afn, fn);
    if (item != NULL) {
        gdw1376_shape_walk(gdw1376_item_shape(item, it->afn, it->up), &it->r, NULL);
    } else if (it->afn != GDW1376_AFN_CLASS1 || it->up) {
        gt_rd_fail(&it->r, GT_ERR_UNKNOWN);
    }
}

gt_err gdw1376_units_next(gdw1376_units *it, gdw1376_unit *out)
{
    if (!it->inside) {
        gdw1376_id_read(&it->r, &it->id);
        GT_TRY(it->r.err);
        it->point_idx = 0;
        it->fn_idx = 0;
        it->inside = true;
    }
    const uint16_t fn = it->id.fns.number[it->fn_idx];
    const size_t at = it->r.pos;
    datum_skip(it, fn);
    GT_TRY(it->r.err);
    *out = (gdw1376_unit){.point = it->id.points.number[it->point_idx],
                          .fn = fn,
                          .data = it->r.buf + at,
                          .len = it->r.pos - at,
                          .offset = at};
    step(it);
    return GT_ERR_OK;
}

gt_rd gdw1376_unit_reader(const gdw1376_unit *unit)
{
    return gt_rd_of(unit->data, unit->len);
}
