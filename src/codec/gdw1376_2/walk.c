/* The walk is the one place that turns a count on the wire into a loop: it first holds it against
 * the bytes left. */
#include "codec/gdw1376_2/walk.h"

enum { LOW_NIBBLE = 0x0F };

typedef struct walk {
    gt_rd *r;
    const gdw1376_2_visitor *v;
    size_t count; /* value of the last count met */
    size_t inner; /* the same inside a group */
} walk;

/* A run of fields that come together. */
typedef struct group {
    const gdw1376_2_field *first;
    size_t count;
} group;

static bool writing(const walk *w)
{
    return w->v != NULL && w->v->more != NULL;
}

static bool good(const walk *w)
{
    return w->r->err == GT_ERR_OK;
}

static bool more(const walk *w)
{
    return good(w) && (writing(w) ? w->v->more(w->v->ctx) : gt_rd_left(w->r) > 0);
}

static void count_read(walk *w, const gdw1376_2_field *f, const uint8_t *at)
{
    const bool inner = f->times == GDW1376_2_INNER_COUNT;
    if (!inner && (f->times < GDW1376_2_COUNT || f->times > GDW1376_2_LESS1)) {
        return;
    }
    size_t v = f->bytes == 1 ? at[0] : (size_t)at[1] << 8 | at[0];
    if (f->times == GDW1376_2_COUNT4) {
        v &= LOW_NIBBLE;
    } else if (f->times == GDW1376_2_LESS1 && v > 0) {
        v--;
    }
    *(inner ? &w->inner : &w->count) = v;
}

static void field_walk(walk *w, const gdw1376_2_field *f, unsigned nth, size_t len)
{
    if (w->v != NULL) {
        w->v->visit(w->v->ctx, &(gdw1376_2_met){f, nth, len}, w->r);
    }
    const uint8_t *at = gt_rd_take(w->r, len == SIZE_MAX ? gt_rd_left(w->r) : len);
    if (good(w)) {
        count_read(w, f, at);
    }
}

/* Is the field so many bytes, instead of so many times its size? */
static bool is_run(const gdw1376_2_field *f)
{
    const bool run = f->kind == GDW1376_2_KIND_FRAME || f->kind == GDW1376_2_KIND_BYTES;
    GT_ASSERT(!run || f->bytes == 1); /* field.def has no larger ones first in a group */
    return run;
}

/* Would so many of that size still be there? While writing, the writer says. */
static bool fits(walk *w, size_t count, size_t size)
{
    if (!writing(w) && count > gt_rd_left(w->r) / size) {
        gt_rd_fail(w->r, GT_ERR_TRUNCATED);
    }
    return good(w);
}

static size_t size_of(group g, gdw1376_2_times but)
{
    size_t size = 0;
    for (size_t i = 0; i < g.count; i++) {
        size += g.first[i].times != but ? g.first[i].bytes : 0;
    }
    return size;
}

static void inner_walk(walk *w, group g, unsigned nth)
{
    if (!fits(w, w->inner, size_of(g, GDW1376_2_EACH))) {
        return;
    }
    if (is_run(g.first)) {
        field_walk(w, g.first, nth, w->inner);
        return;
    }
    for (size_t k = 0; k < w->inner && good(w); k++) {
        for (size_t i = 0; i < g.count && good(w); i++) {
            field_walk(w, &g.first[i], nth, g.first[i].bytes);
        }
    }
}

static size_t inner_count(group g, size_t from)
{
    size_t i = from;
    while (i < g.count && g.first[i].times == GDW1376_2_INNER) {
        i++;
    }
    return i - from;
}

static void row_walk(walk *w, group g, unsigned nth)
{
    for (size_t i = 0; i < g.count && good(w);) {
        const size_t inner = inner_count(g, i);
        if (inner > 0) {
            inner_walk(w, (group){g.first + i, inner}, nth);
            i += inner;
        } else {
            field_walk(w, &g.first[i], nth, g.first[i].bytes);
            i++;
        }
    }
}

/* @return fields of the group at the front */
static size_t each_walk(walk *w, group rest)
{
    group g = {rest.first, 1};
    if (is_run(g.first)) {
        if (fits(w, w->count, 1)) {
            field_walk(w, g.first, 0, w->count);
        }
        return 1;
    }
    while (g.count < rest.count && rest.first[g.count].times >= GDW1376_2_EACH &&
           rest.first[g.count].times <= GDW1376_2_INNER) {
        g.count++;
    }
    const size_t times = w->count;
    if (fits(w, times, size_of(g, GDW1376_2_INNER))) {
        for (size_t k = 0; k < times && good(w); k++) {
            row_walk(w, g, (unsigned)k);
        }
    }
    return g.count;
}

/* All bytes but the last few. */
static void but_walk(walk *w, const gdw1376_2_field *f)
{
    const size_t left = gt_rd_left(w->r);
    const size_t taken = left > f->bytes ? left - f->bytes : 0;
    field_walk(w, f, 0, writing(w) ? SIZE_MAX : taken);
}

/* @return fields dealt with */
static size_t step(walk *w, group rest)
{
    const gdw1376_2_field *f = rest.first;
    if (f->times == GDW1376_2_EACH) {
        return each_walk(w, rest);
    }
    if (f->times == GDW1376_2_REST) {
        for (unsigned nth = 0; more(w); nth++) {
            field_walk(w, f, nth, f->bytes);
        }
    } else if (f->times == GDW1376_2_BUT) {
        if (more(w)) {
            but_walk(w, f);
        }
    } else if (f->times != GDW1376_2_IF_LEFT || more(w)) {
        field_walk(w, f, 0, f->bytes);
    }
    return 1;
}

void gdw1376_2_layout_walk(gdw1376_2_layout layout, gt_rd *r, const gdw1376_2_visitor *v)
{
    walk w = {.r = r, .v = v};
    group all = {0};
    all.first = gdw1376_2_layout_fields(layout, &all.count);
    for (size_t i = 0; i < all.count && good(&w);) {
        i += step(&w, (group){all.first + i, all.count - i});
    }
}
