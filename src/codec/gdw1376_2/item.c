/* The function table and the walk over a layout. The walk is the one place that turns a count on
 * the wire into a loop: it first multiplies and compares with the bytes left. */
#include "codec/gdw1376_2/item.h"

static const gdw1376_2_item items[] = {
#define ITEM(afn_, way_, fn_, layout_, zh_, en_) \
    {afn_, GDW1376_2_WAY_##way_, fn_, GDW1376_2_LAYOUT_##layout_, zh_, en_},
#include "codec/gdw1376_2/item.def"
#undef ITEM
};

static const gdw1376_2_field fields[] = {
#define FIELD(layout_, kind_, bytes_, times_, zh_, en_) \
    {GDW1376_2_LAYOUT_##layout_, GDW1376_2_KIND_##kind_, bytes_, GDW1376_2_##times_, zh_, en_},
#include "codec/gdw1376_2/field.def"
#undef FIELD
};

static const gdw1376_2_name afns[] = {
#define AFN(value_, zh_, en_) {value_, zh_, en_},
#include "codec/gdw1376_2/afn.def"
#undef AFN
};

static const gdw1376_2_name modes[] = {
#define MODE(value_, zh_, en_) {value_, zh_, en_},
#include "codec/gdw1376_2/mode.def"
#undef MODE
};

enum {
    ITEM_ROWS = sizeof items / sizeof items[0],
    FIELD_ROWS = sizeof fields / sizeof fields[0],
    AFN_ROWS = sizeof afns / sizeof afns[0],
    MODE_ROWS = sizeof modes / sizeof modes[0],
};

static uint32_t item_key(uint8_t afn, bool up, uint16_t fn)
{
    return (uint32_t)afn << 17 | (up ? 1U << 16 : 0) | fn;
}

const gdw1376_2_item *gdw1376_2_item_of(uint8_t afn, bool up, uint16_t fn)
{
    const uint32_t want = item_key(afn, up, fn);
    size_t low = 0;
    size_t high = ITEM_ROWS;
    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        const gdw1376_2_item *row = &items[mid];
        const uint32_t key = item_key(row->afn, row->way == GDW1376_2_WAY_UP, row->fn);
        if (key == want) {
            return row;
        }
        if (key < want) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return NULL;
}

const gdw1376_2_item *gdw1376_2_item_at(size_t idx)
{
    return idx < ITEM_ROWS ? &items[idx] : NULL;
}

static const gdw1376_2_name *name_of(const gdw1376_2_name *names, size_t count, uint8_t value)
{
    for (size_t i = 0; i < count; i++) {
        if (names[i].value == value) {
            return &names[i];
        }
    }
    return NULL;
}

const gdw1376_2_name *gdw1376_2_afn_of(uint8_t afn)
{
    return name_of(afns, AFN_ROWS, afn);
}

const gdw1376_2_name *gdw1376_2_mode_of(uint8_t mode)
{
    return name_of(modes, MODE_ROWS, mode);
}

typedef struct walk {
    gt_rd *r;
    gdw1376_2_field_visit *visit;
    void *ctx;
    size_t count; /* value of the last COUNT field */
} walk;

static void field_walk(walk *w, const gdw1376_2_field *field, unsigned nth, size_t len)
{
    const gt_rd here = *w->r;
    const uint8_t *at = gt_rd_take(w->r, len);
    if (at == NULL) {
        return;
    }
    if (field->times == GDW1376_2_COUNT) {
        w->count = field->bytes == 1 ? at[0] : (size_t)at[1] << 8 | at[0];
    }
    if (w->visit != NULL) {
        w->visit(w->ctx, field, nth, &here, len);
    }
}

static void group_walk(walk *w, const gdw1376_2_field *group, size_t group_len)
{
    size_t size = 0;
    for (size_t i = 0; i < group_len; i++) {
        size += group[i].bytes;
    }
    if (w->count > gt_rd_left(w->r) / size) {
        gt_rd_fail(w->r, GT_ERR_TRUNCATED);
        return;
    }
    if (group[0].kind == GDW1376_2_KIND_FRAME) { /* its count is its length */
        field_walk(w, &group[0], 0, w->count);
        return;
    }
    for (size_t n = 0; n < w->count; n++) {
        for (size_t i = 0; i < group_len; i++) {
            field_walk(w, &group[i], (unsigned)n, group[i].bytes);
        }
    }
}

static size_t layout_first(gdw1376_2_layout layout)
{
    size_t first = 0;
    while (first < FIELD_ROWS && fields[first].layout != layout) {
        first++;
    }
    return first;
}

gt_err gdw1376_2_layout_walk(gdw1376_2_layout layout, gt_rd *r, gdw1376_2_field_visit *visit,
                             void *ctx)
{
    if (layout == GDW1376_2_LAYOUT_OPAQUE) {
        (void)gt_rd_take(r, gt_rd_left(r)); /* cannot fail: exactly what is left */
        return gt_rd_done(r);
    }
    walk w = {.r = r, .visit = visit, .ctx = ctx};
    size_t i = layout_first(layout);
    while (i < FIELD_ROWS && fields[i].layout == layout && r->err == GT_ERR_OK) {
        size_t len = 1;
        if (fields[i].times != GDW1376_2_COUNTED) {
            field_walk(&w, &fields[i], 0, fields[i].bytes);
        } else {
            while (i + len < FIELD_ROWS && fields[i + len].layout == layout &&
                   fields[i + len].times == GDW1376_2_COUNTED) {
                len++;
            }
            group_walk(&w, &fields[i], len);
        }
        i += len;
    }
    return gt_rd_done(r);
}
