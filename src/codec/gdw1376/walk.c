/* The one place that turns a count on the wire into a loop: it first multiplies and compares with
 * the bytes left. Rows of a layout are stepped through in order; a group of neighbours that repeat
 * together is one step. Event records hold a length and, inside, a layout of their own. */
#include "codec/gdw1376/walk.h"

typedef struct walk {
    gt_rd *r;
    const gdw1376_visitor *v;
    size_t end;      /* where the datum, or the event being read, ends; SIZE_MAX: not known yet */
    unsigned count;  /* value of the last count */
    unsigned nested; /* value of the last inner count */
    unsigned nth;    /* of the field being walked, as the visitor sees it */
    unsigned inner;
    bool event; /* inside an event: its number stays, its groups count as inner */
} walk;

static bool growing(const walk *w)
{
    return w->v != NULL && w->v->more != NULL;
}

/* Room for @p n groups of at least @p size bytes? While a datum is written, room is the writer's
 * matter. */
static bool room(walk *w, size_t n, size_t size)
{
    const size_t left = growing(w) ? SIZE_MAX : w->end - w->r->pos;
    if (w->r->err == GT_ERR_OK && n > left / size) {
        gt_rd_fail(w->r, GT_ERR_TRUNCATED);
    }
    return w->r->err == GT_ERR_OK;
}

/* Asked for every field of every datum, so without a call. */
static const uint8_t sizes[] = {
#define NUMBER(symbol, size, decimals, is_signed, text) size,
#define SCALED(symbol, size, text) size,
#define TIME(symbol, size, letters, text) size,
#define PLAIN(symbol, kind, size, text) size,
#include "codec/gdw1376/format.def"
#undef NUMBER
#undef SCALED
#undef TIME
#undef PLAIN
};

static size_t size_of(const gdw1376_field *field)
{
    return sizes[field->format];
}

static const uint8_t *bytes_walk(walk *w, const gdw1376_field *field, size_t len)
{
    if (!room(w, len, 1)) {
        return NULL;
    }
    if (w->v != NULL) {
        const gdw1376_met met = {.field = field, .nth = w->nth, .inner = w->inner, .len = len};
        w->v->visit(w->v->ctx, &met, w->r);
    }
    return gt_rd_take(w->r, len);
}

static unsigned bits_set(unsigned v)
{
    unsigned n = 0;
    for (; v != 0; v &= v - 1) {
        n++;
    }
    return n;
}

static unsigned points_an_hour(gt_rd *r, unsigned density)
{
    static const struct {
        uint8_t density;
        uint8_t points;
    } rows[] = {{0, 0}, {1, 4}, {2, 2}, {3, 1}, {254, 12}, {255, 60}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].density == density) {
            return rows[i].points;
        }
    }
    r->pos--;
    gt_rd_fail(r, GT_ERR_RANGE);
    return 0;
}

static unsigned less(gt_rd *r, unsigned value, unsigned by)
{
    if (value < by) {
        r->pos--;
        gt_rd_fail(r, GT_ERR_RANGE);
        return 0;
    }
    return value - by;
}

/* A field that comes once; what it says about those after it is kept. */
static void field_walk(walk *w, const gdw1376_field *field)
{
    const size_t size = size_of(field);
    const uint8_t *at = bytes_walk(w, field, size);
    if (at == NULL) {
        return;
    }
    const unsigned value = size == 1 ? at[0] : (unsigned)at[1] << 8 | at[0];
    switch ((unsigned)field->times) {
    case GDW1376_COUNT:
        w->count = value;
        break;
    case GDW1376_LESS1:
        w->count = less(w->r, value, 1);
        break;
    case GDW1376_LESS4:
        w->count = less(w->r, value, 4);
        break;
    case GDW1376_LOW7:
        w->count = value & 0x7F;
        break;
    case GDW1376_BITS:
        w->count = bits_set(value);
        break;
    case GDW1376_SINCE:
        w->count = (value - w->count) & 0xFF;
        break;
    case GDW1376_DENSITY:
        w->count = points_an_hour(w->r, value);
        break;
    case GDW1376_INNER:
        w->nested = value;
        break;
    case GDW1376_INNER_BITS:
        w->nested = bits_set(value);
        break;
    default: /* it says nothing about others */
        break;
    }
}

static void number_set(walk *w, unsigned nth)
{
    if (w->event) {
        w->inner = nth;
    } else {
        w->nth = nth;
    }
}

static bool is_inner(const gdw1376_field *field)
{
    return field->times == GDW1376_INNER || field->times == GDW1376_INNER_BITS ||
           field->times == GDW1376_INNERED;
}

/* Rows that repeat together with the first. */
static size_t group_len(const gdw1376_field *row, size_t rows)
{
    if (row->times == GDW1376_RUN || row->times >= GDW1376_RUN0) {
        return 1;
    }
    size_t len = 1;
    while (len < rows &&
           (row[len].times == row->times ||
            ((row->times == GDW1376_COUNTED || is_inner(row)) && is_inner(&row[len])))) {
        len++;
    }
    return len;
}

/* Bytes of a group that are there in any case. */
static size_t group_min(const gdw1376_field *group, size_t len)
{
    size_t size = 0;
    for (size_t i = 0; i < len; i++) {
        size += group[i].times == GDW1376_INNERED ? 0 : size_of(&group[i]);
    }
    return size;
}

static bool group_plain(const gdw1376_field *group, size_t len)
{
    size_t i = 0;
    while (i < len && !is_inner(&group[i])) {
        i++;
    }
    return i == len;
}

/* The rows of one group from the first INNERED on, as often as the inner count says. */
static size_t inner_walk(walk *w, const gdw1376_field *row, size_t rows)
{
    size_t len = 0;
    size_t size = 0;
    while (len < rows && row[len].times == GDW1376_INNERED) {
        size += size_of(&row[len]);
        len++;
    }
    GT_ASSERT(size > 0);
    const unsigned times = w->nested;
    for (unsigned n = 0; room(w, times - n, size) && n < times; n++) {
        w->inner = n + 1;
        for (size_t i = 0; i < len; i++) {
            (void)bytes_walk(w, &row[i], size_of(&row[i])); /* a failure stays in the reader */
        }
    }
    w->inner = 0;
    return len;
}

static void group_once(walk *w, const gdw1376_field *group, size_t len)
{
    for (size_t i = 0; i < len && w->r->err == GT_ERR_OK;) {
        if (group[i].times == GDW1376_INNERED) {
            i += inner_walk(w, &group[i], len - i);
        } else {
            field_walk(w, &group[i]);
            i++;
        }
    }
}

static size_t times_of(walk *w, const gdw1376_field *row, size_t size)
{
    if (row->times >= GDW1376_RUN0) {
        return (size_t)(row->times - GDW1376_RUN0);
    }
    if (row->times >= GDW1376_AGAIN0) {
        return (size_t)(row->times - GDW1376_AGAIN0);
    }
    if (row->times >= GDW1376_FIX0) {
        return (size_t)(row->times - GDW1376_FIX0);
    }
    if (row->times != GDW1376_REST) {
        return w->count;
    }
    return w->end == SIZE_MAX ? SIZE_MAX : (w->end - w->r->pos + size - 1) / size;
}

static bool goes_on(const walk *w, const gdw1376_field *row, size_t n, size_t times)
{
    if (times != SIZE_MAX) {
        return n < times;
    }
    GT_ASSERT(w->v != NULL); /* only a datum being written has no end yet */
    const gdw1376_met met = {.field = row, .nth = (unsigned)n + 1, .len = size_of(row)};
    return w->v->more(w->v->ctx, &met);
}

static void group_walk(walk *w, const gdw1376_field *group, size_t len)
{
    const size_t size = group_min(group, len);
    GT_ASSERT(size > 0); /* no format is empty, and a group has more than INNERED */
    const size_t times = times_of(w, group, size);
    if (times != SIZE_MAX && !room(w, times, size)) {
        return;
    }
    if (group->format == GDW1376_BYTE) {
        (void)bytes_walk(w, group, times); /* a failure stays in the reader */
        return;
    }
    if (w->v == NULL && group_plain(group, len)) {
        (void)gt_rd_take(w->r, times * size); /* cannot fail: there is room */
        return;
    }
    for (size_t n = 0; w->r->err == GT_ERR_OK && goes_on(w, group, n, times); n++) {
        number_set(w, (unsigned)n + 1);
        group_once(w, group, len);
    }
    number_set(w, 0);
}

/* @return rows done */
static size_t step(walk *w, const gdw1376_field *row, size_t rows)
{
    const bool repeats = (row->times >= GDW1376_COUNTED && row->times <= GDW1376_REST) ||
                         is_inner(row) || row->times >= GDW1376_FIX0;
    if (!repeats) {
        field_walk(w, row);
        return 1;
    }
    const size_t len = group_len(row, rows);
    group_walk(w, row, len);
    return len;
}

static void rows_walk(walk *w, const gdw1376_field *row, size_t rows)
{
    for (size_t i = 0; i < rows && w->r->err == GT_ERR_OK;) {
        i += step(w, &row[i], rows - i);
    }
}

/* Has an event of this layout @p len bytes? One that repeats something has at least so many. */
static bool event_fits(const gdw1376_field *row, size_t rows, size_t len)
{
    size_t least = 0;
    bool more = false;
    for (size_t i = 0; i < rows; i++) {
        const unsigned times = row[i].times;
        GT_ASSERT(times != GDW1376_RUN && (times < GDW1376_FIX0 || times >= GDW1376_RUN0));
        const bool open = times == GDW1376_COUNTED || times == GDW1376_REST;
        more = more || open;
        const size_t often = open ? 0 : times >= GDW1376_RUN0 ? times - GDW1376_RUN0 : 1;
        least += often * size_of(&row[i]);
    }
    return more ? len >= least : len == least;
}

/* What an event holds: laid out when its code and length are known, else bytes. */
static void event_body(walk *w, uint8_t code, size_t len)
{
    static const gdw1376_field body = {
        .format = GDW1376_BYTE, .unit = "", .zh = "事件数据", .en = "Event data"};
    const gdw1376_erc_row *erc = gdw1376_erc_of(code);
    size_t rows = 0;
    const gdw1376_layout layout = erc != NULL ? (gdw1376_layout)erc->layout : GDW1376_LAYOUT_NONE;
    const gdw1376_field *row = gdw1376_layout_fields(layout, &rows);
    if (erc == NULL || !event_fits(row, rows, len)) {
        (void)bytes_walk(w, &body, len); /* a failure stays in the reader */
        return;
    }
    rows_walk(w, row, rows);
    if (w->r->err == GT_ERR_OK && w->r->pos != w->end) {
        gt_rd_fail(w->r, GT_ERR_MALFORMED);
    }
}

static void event_walk(walk *w)
{
    static const gdw1376_field head[] = {
        {.format = GDW1376_U8, .unit = "", .zh = "事件代码ERC", .en = "Event ERC"},
        {.format = GDW1376_U8, .unit = "", .zh = "长度Le", .en = "Length"},
    };
    const uint8_t *code = bytes_walk(w, &head[0], 1);
    const uint8_t erc = code != NULL ? code[0] : 0;
    const uint8_t *length = code != NULL ? bytes_walk(w, &head[1], 1) : NULL;
    const size_t len = length != NULL ? length[0] : 0;
    if (length == NULL || !room(w, len, 1)) {
        return;
    }
    if (w->v == NULL) {
        (void)gt_rd_take(w->r, len); /* cannot fail: there is room */
        return;
    }
    walk body = *w;
    body.end = w->r->pos + len;
    body.event = true;
    event_body(&body, erc, len);
}

static void events_walk(walk *w)
{
    const unsigned events = w->count;
    for (unsigned n = 0; n < events && w->r->err == GT_ERR_OK; n++) {
        w->nth = n + 1;
        event_walk(w);
    }
    w->nth = 0;
}

void gdw1376_shape_walk(gdw1376_shape shape, gt_rd *r, const gdw1376_visitor *v)
{
    walk w = {.r = r, .v = v};
    w.end = growing(&w) ? SIZE_MAX : r->len;
    const gdw1376_layout layouts[] = {shape.first, shape.second};
    for (size_t k = 0; k < sizeof layouts / sizeof layouts[0]; k++) {
        size_t rows = 0;
        const gdw1376_field *row = gdw1376_layout_fields(layouts[k], &rows);
        for (size_t i = 0; i < rows && r->err == GT_ERR_OK;) {
            if (v == NULL && row[i].times == GDW1376_ONCE) { /* only measured: the short way */
                (void)gt_rd_take(r, size_of(&row[i]));       /* a failure stays in the reader */
                i++;
            } else if (row[i].format == GDW1376_EVENT) {
                events_walk(&w);
                i++;
            } else {
                i += step(&w, &row[i], rows - i);
            }
        }
    }
}
