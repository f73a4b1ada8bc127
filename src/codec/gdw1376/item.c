/* The function table and the walk over a layout. The walk is the one place that turns a count on
 * the wire into a loop: it first multiplies and compares with the bytes left. */
#include "codec/gdw1376/item.h"

static const gdw1376_item items[] = {
#define ITEM(afn_, way_, fn_, layout_, zh_, en_, clause_) \
    {.afn = (afn_),                                       \
     .way = GDW1376_WAY_##way_,                           \
     .fn = (fn_),                                         \
     .layout = GDW1376_LAYOUT_##layout_,                  \
     .zh = (zh_),                                         \
     .en = (en_),                                         \
     .clause = (clause_)},
#include "codec/gdw1376/item.def"
#undef ITEM
};

static const gdw1376_field fields[] = {
#define FIELD(layout_, format_, times_, unit_, zh_, en_) \
    {.layout = GDW1376_LAYOUT_##layout_,                 \
     .format = GDW1376_##format_,                        \
     .times = GDW1376_##times_,                          \
     .unit = (unit_),                                    \
     .zh = (zh_),                                        \
     .en = (en_)},
#include "codec/gdw1376/field.def"
#undef FIELD
};

static const gdw1376_afn_row afns[] = {
#define AFN(afn_, zh_, en_) {.afn = (afn_), .zh = (zh_), .en = (en_)},
#include "codec/gdw1376/afn.def"
#undef AFN
};

enum {
    ITEM_ROWS = sizeof items / sizeof items[0],
    FIELD_ROWS = sizeof fields / sizeof fields[0],
    AFN_ROWS = sizeof afns / sizeof afns[0],
};

static uint32_t item_key(uint8_t afn, bool up, uint16_t fn)
{
    return (uint32_t)afn << 17 | (up ? 1U << 16 : 0) | fn;
}

const gdw1376_item *gdw1376_item_of(uint8_t afn, bool up, uint16_t fn)
{
    const uint32_t want = item_key(afn, up, fn);
    size_t low = 0;
    size_t high = ITEM_ROWS;
    while (low < high) {
        const size_t mid = (low + high) / 2;
        const gdw1376_item *row = &items[mid];
        const uint32_t key = item_key(row->afn, row->way == GDW1376_WAY_UP, row->fn);
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

const gdw1376_item *gdw1376_item_at(size_t idx)
{
    return idx < ITEM_ROWS ? &items[idx] : NULL;
}

const gdw1376_field *gdw1376_layout_fields(gdw1376_layout layout, size_t *out_count)
{
    size_t first = 0;
    while (first < FIELD_ROWS && fields[first].layout != layout) {
        first++;
    }
    size_t end = first;
    while (end < FIELD_ROWS && fields[end].layout == layout) {
        end++;
    }
    *out_count = end - first;
    return end > first ? &fields[first] : NULL;
}

const gdw1376_afn_row *gdw1376_afn_of(uint8_t afn)
{
    for (size_t i = 0; i < AFN_ROWS; i++) {
        if (afns[i].afn == afn) {
            return &afns[i];
        }
    }
    return NULL;
}

typedef struct walk {
    gt_rd *r;
    gdw1376_field_visit *visit;
    void *ctx;
    unsigned count; /* value of the last COUNT field */
} walk;

static void field_walk(walk *w, const gdw1376_field *field, unsigned nth)
{
    const size_t size = gdw1376_format_of(field->format)->size;
    const size_t at = w->r->pos;
    const uint8_t *bytes = gt_rd_take(w->r, size);
    if (bytes == NULL) {
        return;
    }
    if (field->times == GDW1376_COUNT) {
        w->count = size == 1 ? bytes[0] : (unsigned)bytes[1] << 8 | bytes[0];
    }
    if (w->visit != NULL) {
        const gt_rd here = {.buf = w->r->buf, .len = at + size, .pos = at};
        w->visit(w->ctx, field, nth, &here);
    }
}

static void group_walk(walk *w, const gdw1376_field *group, size_t group_len)
{
    size_t group_size = 0;
    for (size_t i = 0; i < group_len; i++) {
        group_size += gdw1376_format_of(group[i].format)->size;
    }
    size_t times = w->count;
    if (group[0].times == GDW1376_REST) {
        times = (gt_rd_left(w->r) + group_size - 1) / group_size;
    }
    if (times > gt_rd_left(w->r) / group_size) {
        gt_rd_fail(w->r, GT_ERR_TRUNCATED);
        return;
    }
    for (size_t n = 0; n < times; n++) {
        for (size_t i = 0; i < group_len; i++) {
            field_walk(w, &group[i], (unsigned)n);
        }
    }
}

void gdw1376_layout_walk(gdw1376_layout layout, gt_rd *r, gdw1376_field_visit *visit, void *ctx)
{
    walk w = {.r = r, .visit = visit, .ctx = ctx};
    if (layout == GDW1376_LAYOUT_OPAQUE) {
        gt_rd_fail(r, GT_ERR_UNSUPPORTED);
    }
    size_t count = 0;
    const gdw1376_field *row = gdw1376_layout_fields(layout, &count);
    for (size_t i = 0; i < count && r->err == GT_ERR_OK;) {
        size_t len = 1;
        const bool once = row[i].times == GDW1376_ONCE || row[i].times == GDW1376_COUNT;
        if (once) {
            field_walk(&w, &row[i], 0);
        } else {
            while (i + len < count && row[i + len].times == row[i].times) {
                len++;
            }
            group_walk(&w, &row[i], len);
        }
        i += len;
    }
}
