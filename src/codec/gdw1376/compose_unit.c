/* The items of a recipe as data units: "DA DT", then what each of its functions says about each of
 * its points, in the order of the wire. The walk that measures a datum writes it here: it asks for
 * each field in turn, the next item is read and its bytes appended behind what the walk has seen,
 * so that a count just written rules what comes after. */
#include "codec/gdw1376/gdw1376_priv.h"
#include "codec/gdw1376/walk.h"

#include <string.h>

enum {
    ABSENT = 0xEE,
    EXPONENT_MAX = 9,
    DECIMALS_MAX = 9,
    SCALED_TEXT_MAX = 16,
    ADDR_DIGITS = 12,
};

typedef struct sheet {
    codec_composer *c;
    gdw1376_message *m;
    uint16_t point;
    uint16_t fn;
} sheet;

/* A number of the text; false when there is none or it is too large. */
static bool scan_number(const char **text, unsigned *out)
{
    unsigned v = 0;
    const char *at = *text;
    for (; *at >= '0' && *at <= '9' && v <= UINT16_MAX; at++) {
        v = v * 10 + (unsigned)(*at - '0');
    }
    const bool good = at != *text && v <= UINT16_MAX;
    *text = at;
    *out = v;
    return good;
}

static bool scan_text(const char **text, const char *want)
{
    const size_t len = strlen(want);
    if (strncmp(*text, want, len) != 0) {
        return false;
    }
    *text += len;
    return true;
}

/* "all", "p5" */
static bool scan_point(const char **text, unsigned *out)
{
    *out = GDW1376_POINT_ALL;
    return scan_text(text, "all") || (scan_text(text, "p") && scan_number(text, out));
}

/* "F129 p5 #2.1" names what the walk wants? */
static bool id_is(const sheet *s, const gdw1376_met *met, const char *id)
{
    unsigned fn = 0;
    unsigned point = 0;
    unsigned first = 0;
    unsigned second = 0;
    if (!scan_text(&id, "F") || !scan_number(&id, &fn) || !scan_text(&id, " ") ||
        !scan_point(&id, &point) || fn != s->fn || point != s->point) {
        return false;
    }
    if (scan_text(&id, " #") && (!scan_number(&id, &first) || first == 0)) {
        return false;
    }
    if (first > 0 && scan_text(&id, ".") && !scan_number(&id, &second)) {
        return false;
    }
    return *id == '\0' && first == met->nth && second == met->inner;
}

static void when_write(codec_composer *c, const codec_value *v, gdw1376_format format, gt_wr *w)
{
    static const char weekday[] = " Wd"; /* after the date when it is not the date's */
    const gdw1376_format_row *row = gdw1376_format_of(format);
    gdw1376_form form;
    unsigned part[sizeof form.letters] = {0};
    gdw1376_time_form(row, &form);
    const size_t len = strlen(form.pattern);
    const bool odd = strchr(row->time, 'W') != NULL && strlen(v->value) == len + sizeof weekday - 1;
    if (odd) {
        memcpy(form.pattern + len, weekday, sizeof weekday);
    }
    if (!codec_value_parts(c, v, form.pattern, part)) {
        return;
    }
    gdw1376_when when = {.present = true, .at = {.year = 2000, .month = 1, .day = 1}};
    const size_t parts = strlen(form.letters);
    for (size_t i = 0; i < parts; i++) {
        gdw1376_when_set(&when, form.letters[i], part[i]);
    }
    when.weekday = odd ? (uint8_t)part[parts] : gdw1376_when_of(&when.at).weekday;
    gdw1376_when_write(w, format, &when);
}

/* "12.5", "125", "125e3": as many decimals as are written, or the power after the e. */
static void scaled_write(codec_composer *c, const codec_value *v, gdw1376_format format, gt_wr *w)
{
    const char *point = strchr(v->value, '.');
    const char *power = strchr(v->value, 'e');
    const size_t len = power != NULL ? (size_t)(power - v->value) : strlen(v->value);
    char digits[SCALED_TEXT_MAX] = "";
    unsigned exponent = 0;
    const char *rest = power != NULL ? power + 1 : "0";
    if (len >= sizeof digits || !scan_number(&rest, &exponent) || *rest != '\0' ||
        exponent > EXPONENT_MAX || (power != NULL && point != NULL)) {
        codec_compose_fail(c, GT_ERR_SYNTAX, v, "a number as 12.5 or 125e3");
        return;
    }
    memcpy(digits, v->value, len);
    const size_t decimals = point != NULL ? len - (size_t)(point - v->value) - 1 : 0;
    const int64_t value =
        decimals > DECIMALS_MAX
            ? INT32_MAX
            : codec_value_decimal(c, &(codec_value){v->id, digits}, (unsigned)decimals);
    gdw1376_scaled scaled = {.present = true,
                             .exponent = decimals > 0 ? -(int)decimals : (int)exponent};
    scaled.digits = value > INT32_MAX || value < -INT32_MAX ? INT32_MAX : (int32_t)value;
    gdw1376_scaled_write(w, format, &scaled);
}

static void text_write(codec_composer *c, const codec_value *v, size_t size, gt_wr *w)
{
    const size_t start = w->len;
    if (strncmp(v->value, "0x", 2) == 0) {
        codec_value_bytes(c, &(codec_value){v->id, v->value + 2}, w);
    } else {
        gt_wr_bytes(w, (const uint8_t *)v->value, strlen(v->value));
    }
    if (w->len - start > size) {
        codec_compose_fail(c, GT_ERR_RANGE, v, "fewer characters: its field is shorter");
        return;
    }
    gt_wr_fill(w, 0, size - (w->len - start));
}

static void ip_write(codec_composer *c, const codec_value *v, gt_wr *w)
{
    const char *at = v->value;
    for (size_t i = 0; i < 4; i++) {
        unsigned n = 0;
        const bool good = (i == 0 || scan_text(&at, ".")) && scan_number(&at, &n) && n <= UINT8_MAX;
        if (!good || (i == 3 && *at != '\0')) {
            codec_compose_fail(c, GT_ERR_SYNTAX, v, "an address as 192.168.1.2");
            return;
        }
        gt_wr_u8(w, (uint8_t)n);
    }
}

static void number_bytes_write(uint64_t value, size_t size, bool high_first, gt_wr *w)
{
    for (size_t i = 0; i < size; i++) {
        gt_wr_u8(w, (uint8_t)(value >> 8 * (high_first ? size - 1 - i : i)));
    }
}

static bool scan_fn(const char **text, unsigned *out)
{
    return scan_text(text, "F") && scan_number(text, out);
}

/* Numbers with commas between them. */
static bool scan_set(const char **text, bool (*scan)(const char **, unsigned *), gdw1376_set *out)
{
    do {
        unsigned n = 0;
        if (out->count == GDW1376_SET_MAX || !scan(text, &n)) {
            return false;
        }
        out->number[out->count++] = (uint16_t)n;
    } while (scan_text(text, ","));
    return true;
}

/* "p1,p2 F129,F130", "all F1" */
static void set_read(codec_composer *c, const codec_value *v, gdw1376_id *out)
{
    const char *at = v->value != NULL ? v->value : "";
    if (!scan_set(&at, scan_point, &out->points) || !scan_text(&at, " ") ||
        !scan_set(&at, scan_fn, &out->fns) || *at != '\0') {
        codec_compose_fail(c, GT_ERR_SYNTAX, v, "points and functions, as p1,p2 F129");
    }
}

static void dadt_write(codec_composer *c, const codec_value *v, gt_wr *w)
{
    gdw1376_id id = {0};
    set_read(c, v, &id);
    gdw1376_id_write(w, &id);
}

static void plain_write(codec_composer *c, const codec_value *v, const gdw1376_met *met, gt_wr *w)
{
    const gdw1376_format_row *row = gdw1376_format_of((gdw1376_format)met->field->format);
    const size_t size = row->size;
    switch (row->kind) {
    case GDW1376_KIND_COUNT:
    case GDW1376_KIND_COUNT_BE:
        number_bytes_write(codec_value_number(c, v, (UINT64_C(1) << 8 * size) - 1), size,
                           row->kind == GDW1376_KIND_COUNT_BE, w);
        return;
    case GDW1376_KIND_HEX:
        if (size <= GDW1376_HEX_MARKED_MAX) {
            number_bytes_write(codec_value_hex(c, v, 2 * (unsigned)size), size, true, w);
            return;
        }
        codec_value_bytes(c, v, w);
        return;
    case GDW1376_KIND_TEXT:
        text_write(c, v, size, w);
        return;
    case GDW1376_KIND_ADDR:
        number_bytes_write(codec_value_hex(c, v, ADDR_DIGITS), size, false, w);
        return;
    case GDW1376_KIND_IP:
        ip_write(c, v, w);
        return;
    case GDW1376_KIND_DADT:
        dadt_write(c, v, w);
        return;
    case GDW1376_KIND_BYTE:
    case GDW1376_KIND_EVENT:
    case GDW1376_KIND_NUMBER:
    case GDW1376_KIND_TIME:
    case GDW1376_KIND_SCALED:
        codec_value_bytes(c, v, w);
        return;
    }
}

static void value_write(codec_composer *c, const codec_value *v, const gdw1376_met *met, gt_wr *w)
{
    const gdw1376_format format = (gdw1376_format)met->field->format;
    const gdw1376_format_row *row = gdw1376_format_of(format);
    const bool can_lack = row->kind == GDW1376_KIND_NUMBER || row->kind == GDW1376_KIND_TIME ||
                          row->kind == GDW1376_KIND_SCALED;
    if (v->value == NULL && can_lack) {
        gt_wr_fill(w, ABSENT, row->size);
    } else if (v->value == NULL) {
        codec_compose_fail(c, GT_ERR_SYNTAX, v, row->text);
    } else if (row->kind == GDW1376_KIND_NUMBER) {
        gdw1376_num_write(w, format, gdw1376_num_of(codec_value_decimal(c, v, row->decimals)));
    } else if (row->kind == GDW1376_KIND_TIME) {
        when_write(c, v, format, w);
    } else if (row->kind == GDW1376_KIND_SCALED) {
        scaled_write(c, v, format, w);
    } else {
        plain_write(c, v, met, w);
    }
}

static void visit(void *ctx, const gdw1376_met *met, gt_rd *r)
{
    sheet *s = ctx;
    gt_wr *w = &s->m->w;
    const codec_value *v = codec_item_next(s->c);
    if (v == NULL) {
        codec_compose_fail(s->c, GT_ERR_NOT_FOUND, NULL, "more items: the layout goes on");
    } else if (!id_is(s, met, v->id)) {
        codec_compose_fail(s->c, GT_ERR_MISMATCH, v, met->field->en);
    } else {
        const size_t start = w->len;
        value_write(s->c, v, met, w);
        if (w->err != GT_ERR_OK) {
            codec_compose_fail(s->c, w->err, v,
                               gdw1376_format_of((gdw1376_format)met->field->format)->text);
        } else if (w->len - start != met->len) {
            codec_compose_fail(s->c, GT_ERR_RANGE, v, "as many bytes as the count before it says");
        }
    }
    if (w->len > w->cap) {
        codec_compose_fail(s->c, GT_ERR_SPACE, NULL, "data that fit one frame");
    }
    if (s->c->fault.err != GT_ERR_OK) {
        gt_rd_fail(r, s->c->fault.err);
    } else {
        r->len = w->len;
    }
}

static bool more(void *ctx, const gdw1376_met *met)
{
    const sheet *s = ctx;
    const codec_value *v = codec_item_peek(s->c);
    return v != NULL && id_is(s, met, v->id);
}

static void unit_write(sheet *s)
{
    static const gdw1376_met whole = {0};
    const bool up = s->m->head.up;
    const uint8_t afn = s->m->head.afn;
    const gdw1376_item *item = gdw1376_item_of(afn, s->fn);
    const codec_value *v = codec_item_peek(s->c);
    gdw1376_shape shape = {GDW1376_LAYOUT_NONE, GDW1376_LAYOUT_NONE};
    if (item != NULL) {
        shape = gdw1376_item_shape(item, afn, up);
    }
    if (shape.first == GDW1376_LAYOUT_NONE) { /* a second one never stands alone */
        /* the function alone, or bytes that the table does not know */
        if (v == NULL || !id_is(s, &whole, v->id)) {
            return;
        }
        const size_t start = s->m->w.len;
        codec_value_bytes(s->c, codec_item_next(s->c), &s->m->w);
        if (s->m->w.len > start && (item != NULL || (afn == GDW1376_AFN_CLASS1 && !up))) {
            codec_compose_fail(s->c, GT_ERR_RANGE, v, "nothing: the function has no data here");
        }
        return;
    }
    gt_rd r = {.buf = s->m->w.buf, .len = s->m->w.len, .pos = s->m->w.len};
    const gdw1376_visitor visitor = {.visit = visit, .more = more, .ctx = s};
    gdw1376_shape_walk(shape, &r, &visitor);
    if (r.err != GT_ERR_OK) {
        codec_compose_fail(s->c, r.err, v, "data as the function lays them out");
    }
}

void gdw1376_compose_units(codec_composer *c, gdw1376_message *m)
{
    const codec_value *v = codec_item_find(c, "DA DT");
    for (; v != NULL; v = codec_item_find(c, "DA DT")) {
        gdw1376_id id = {0};
        set_read(c, v, &id);
        gdw1376_message_add_set(m, &id);
        if (m->w.err != GT_ERR_OK) {
            codec_compose_fail(c, m->w.err, v, "points and functions of one group each");
        }
        for (size_t i = 0; i < id.points.count; i++) {
            for (size_t k = 0; k < id.fns.count && c->fault.err == GT_ERR_OK; k++) {
                sheet s = {c, m, id.points.number[i], id.fns.number[k]};
                unit_write(&s);
            }
        }
    }
}
