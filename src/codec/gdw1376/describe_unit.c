/* The data units of a whole frame in words. Each datum is walked with the same rows that measured
 * it; what the table does not know is shown as bytes. Texts are such that compose_unit.c reads the
 * same bytes back. */
#include "codec/gdw1376/gdw1376_priv.h"
#include "codec/gdw1376/unit.h"
#include "codec/gdw1376/walk.h"

#include <string.h>

typedef struct page {
    codec_description *d;
    codec_bytes in;
    const gdw1376_item *item; /* NULL: not in the table */
    codec_name name;          /* of the function, with its span */
    uint32_t base;            /* offset in the frame of the datum's first byte */
    uint16_t point;
    uint16_t fn;
    bool frame_inside; /* its bytes may be a frame of another protocol */
} page;

static void add_point(codec_description *d, uint16_t point)
{
    if (point == GDW1376_POINT_ALL) {
        codec_text_add(d, "all");
    } else {
        codec_text_add(d, "p");
        codec_text_add_number(d, point, 1);
    }
}

/* "F129 p5", "F129 p5 #2", "F33 p0 #1.2" */
static const char *id_text(const page *p, unsigned nth, unsigned inner)
{
    codec_description *d = p->d;
    codec_text_add(d, "F");
    codec_text_add_number(d, p->fn, 1);
    codec_text_add(d, " ");
    add_point(d, p->point);
    if (nth > 0) {
        codec_text_add(d, " #");
        codec_text_add_number(d, nth, 1);
    }
    if (inner > 0) {
        codec_text_add(d, "."); /* only what is numbered has inner numbers */
        codec_text_add_number(d, inner, 1);
    }
    return codec_text_end(d);
}

/* A weekday that is the date's goes without saying. */
static void add_when(codec_description *d, const gdw1376_format_row *row, const gdw1376_when *when)
{
    gdw1376_form form;
    unsigned numbers[sizeof form.letters] = {0};
    gdw1376_time_form(row, &form);
    for (size_t i = 0; form.letters[i] != '\0'; i++) {
        numbers[i] = gdw1376_when_get(when, form.letters[i]);
    }
    codec_text_add_parts(d, form.pattern, numbers);
    const bool has_weekday = strchr(row->time, 'W') != NULL;
    if (has_weekday && when->weekday != gdw1376_when_of(&when->at).weekday) {
        codec_text_add(d, " W");
        codec_text_add_number(d, when->weekday, 1);
    }
}

/* "12.5", "125", "125e3" */
static void add_scaled(codec_description *d, const gdw1376_scaled *v)
{
    codec_text_add_decimal(d, v->digits, v->exponent < 0 ? (unsigned)-v->exponent : 0);
    if (v->exponent > 0) {
        codec_text_add(d, "e");
        codec_text_add_number(d, (uint64_t)v->exponent, 1);
    }
}

static void add_dadt(codec_description *d, gt_rd *r)
{
    gdw1376_id id = {0};
    gdw1376_id_read(r, &id);
    for (size_t i = 0; i < id.points.count; i++) {
        codec_text_add(d, i > 0 ? "," : "");
        add_point(d, id.points.number[i]);
    }
    for (size_t i = 0; i < id.fns.count; i++) {
        codec_text_add(d, i > 0 ? ",F" : " F");
        codec_text_add_number(d, id.fns.number[i], 1);
    }
}

/* Readable characters and then zeros; anything else as hex digits. */
static void add_ascii(codec_description *d, const uint8_t *at, size_t len)
{
    size_t shown = 0;
    while (shown < len && at[shown] > ' ' && at[shown] < 0x7F) {
        shown++;
    }
    size_t zeros = shown;
    while (zeros < len && at[zeros] == 0) {
        zeros++;
    }
    if (zeros == len && !(shown >= 2 && at[0] == '0' && at[1] == 'x')) {
        codec_text_add_bytes(d, at, shown);
        return;
    }
    codec_text_add(d, "0x");
    codec_text_add_hex_bytes(d, at, len);
}

static void add_ip(codec_description *d, const uint8_t *at)
{
    for (size_t i = 0; i < 4; i++) {
        codec_text_add(d, i > 0 ? "." : "");
        codec_text_add_number(d, at[i], 1);
    }
}

/* A binary number of up to four bytes. */
static uint64_t count_at(const uint8_t *at, size_t len, bool high_first)
{
    uint64_t v = 0;
    for (size_t i = 0; i < len; i++) {
        v = v << 8 | at[high_first ? i : len - 1 - i];
    }
    return v;
}

static void add_plain(codec_description *d, const gdw1376_format_row *row, gt_rd *r, size_t len)
{
    const uint8_t *at = r->buf + r->pos;
    switch (row->kind) {
    case GDW1376_KIND_COUNT:
    case GDW1376_KIND_COUNT_BE:
        codec_text_add_number(d, count_at(at, len, row->kind == GDW1376_KIND_COUNT_BE), 1);
        return;
    case GDW1376_KIND_TEXT:
        add_ascii(d, at, len);
        return;
    case GDW1376_KIND_ADDR:
        for (size_t i = len; i > 0; i--) {
            codec_text_add_hex(d, at[i - 1], 2);
        }
        return;
    case GDW1376_KIND_IP:
        add_ip(d, at);
        return;
    case GDW1376_KIND_DADT:
        add_dadt(d, r);
        return;
    case GDW1376_KIND_HEX:
        codec_text_add_hex_bytes(d, at, len);
        codec_text_add(d, len <= GDW1376_HEX_MARKED_MAX ? "H" : "");
        return;
    case GDW1376_KIND_BYTE:
    case GDW1376_KIND_EVENT:
    case GDW1376_KIND_NUMBER:
    case GDW1376_KIND_TIME:
    case GDW1376_KIND_SCALED:
        codec_text_add_hex_bytes(d, at, len);
        return;
    }
}

/* The value as text, NULL when absent; the reader holds the error of a value that is wrong. */
static const char *value_text(codec_description *d, gdw1376_format format, gt_rd *r, size_t len)
{
    const gdw1376_format_row *row = gdw1376_format_of(format);
    bool present = true;
    if (row->kind == GDW1376_KIND_NUMBER) {
        const gdw1376_num num = gdw1376_num_read(r, format);
        present = num.present;
        if (present) {
            codec_text_add_decimal(d, num.value, row->decimals);
        }
    } else if (row->kind == GDW1376_KIND_TIME) {
        const gdw1376_when when = gdw1376_when_read(r, format);
        present = when.present;
        if (present) {
            add_when(d, row, &when);
        }
    } else if (row->kind == GDW1376_KIND_SCALED) {
        const gdw1376_scaled scaled = gdw1376_scaled_read(r, format);
        present = scaled.present;
        if (present) {
            add_scaled(d, &scaled);
        }
    } else {
        add_plain(d, row, r, len);
    }
    const char *text = codec_text_end(d);
    return present ? text : NULL;
}

static void visit(void *ctx, const gdw1376_met *met, gt_rd *r)
{
    page *p = ctx;
    const gdw1376_field *field = met->field;
    const gdw1376_format format = (gdw1376_format)field->format;
    const uint32_t at = p->base + (uint32_t)r->pos;
    gt_rd here = *r;
    const char *value = value_text(p->d, format, &here, met->len);
    if (here.err != GT_ERR_OK) {
        codec_error_add_at(p->d, here.err, at, gdw1376_format_of(format)->text, p->in);
        codec_text_add_hex_bytes(p->d, r->buf + r->pos, met->len);
        codec_text_add(p->d, "H");
        value = codec_text_end(p->d);
    }
    const bool own = field->zh[0] == '\0';
    const codec_item row = {.id = id_text(p, met->nth, met->inner),
                            .name = own ? p->name : (codec_name){field->zh, field->en},
                            .offset = at,
                            .len = (uint32_t)met->len,
                            .value = value,
                            .unit = own ? p->item->unit : field->unit};
    codec_item_add(p->d, &row);
    if (format == GDW1376_BYTE && p->frame_inside) {
        p->d->inner_offset = at;
        p->d->inner_len = (uint32_t)met->len;
    }
}

/* What cannot be walked further: the bytes left. */
static void show_rest(page *p, const gdw1376_units *it)
{
    const uint32_t at = p->base + (uint32_t)it->r.pos;
    const uint32_t left = (uint32_t)(it->r.len - it->r.pos);
    codec_text_add_hex_bytes(p->d, p->in.buf + at, left);
    const char *value = codec_text_end(p->d);
    const codec_item row = {.id = id_text(p, 0, 0),
                            .name = {"未解析数据", "Data not decoded"},
                            .offset = at,
                            .len = left,
                            .value = value,
                            .unit = ""};
    codec_item_add(p->d, &row);
}

/* @param at of the unit: an identifier that is none is told from its start */
static void show_failure(page *p, const gdw1376_units *it, gt_err err, size_t at)
{
    if (it->inside) {
        p->point = it->id.points.number[it->point_idx];
        p->fn = it->id.fns.number[it->fn_idx];
    }
    if (it->inside && err == GT_ERR_UNKNOWN) {
        show_rest(p, it);
        return;
    }
    const codec_bytes units = {p->in.buf, p->base + it->r.len};
    const size_t wrong = it->inside || err == GT_ERR_TRUNCATED ? it->r.pos : at;
    codec_error_add_at(p->d, err, p->base + (uint32_t)wrong,
                       it->inside ? "all the data of the unit" : "a data unit identifier", units);
}

static const char *joined(codec_description *d, const char *span, const char *name)
{
    if (span[0] == '\0') {
        return name;
    }
    codec_text_add(d, span);
    codec_text_add(d, name);
    return codec_text_end(d);
}

static codec_name function_name(codec_description *d, const gdw1376_item *item)
{
    if (item == NULL) {
        return (codec_name){"未知数据项", "Unknown function"};
    }
    const gdw1376_words span = gdw1376_span_of(item);
    const char *zh = joined(d, span.zh, item->zh);
    return (codec_name){zh, joined(d, span.en, item->en)};
}

static void show_unit(page *p, const gdw1376_unit *unit, const gdw1376_units *it)
{
    p->item = gdw1376_item_of(it->afn, unit->fn);
    p->name = function_name(p->d, p->item);
    if (unit->len > 0) { /* then the table has it, or its end were not known */
        p->frame_inside = it->afn == GDW1376_AFN_FORWARD && unit->fn == 1;
        gt_rd r = gdw1376_unit_reader(unit);
        const gdw1376_visitor v = {.visit = visit, .ctx = p};
        gdw1376_shape_walk(gdw1376_item_shape(p->item, it->afn, it->up), &r, &v);
        if (r.err != GT_ERR_OK) {
            codec_error_add_at(p->d, r.err, p->base + (uint32_t)r.pos,
                               "an event as long as its length says", p->in);
        }
        return;
    }
    const codec_item row = {.id = id_text(p, 0, 0), .name = p->name, .value = "", .unit = ""};
    codec_item_add(p->d, &row);
}

/* The identifier whose data come next. */
static void show_identifier(page *p, size_t at)
{
    const size_t size = gdw1376_format_of(GDW1376_DADT)->size;
    gt_rd r = {.buf = p->in.buf + p->base, .len = at + size, .pos = at};
    const codec_item row = {.id = "DA DT",
                            .name = {"数据单元标识", "Data unit identifier"},
                            .offset = p->base + (uint32_t)at,
                            .len = (uint32_t)size,
                            .value = value_text(p->d, GDW1376_DADT, &r, size),
                            .unit = ""};
    codec_item_add(p->d, &row);
}

void gdw1376_describe_units(codec_description *d, codec_bytes in, const gdw1376_frame *frame)
{
    const uint32_t units_at = (uint32_t)(frame->units - in.buf);
    gdw1376_units it = gdw1376_units_of(frame);
    while (gdw1376_units_more(&it)) {
        page p = {.d = d, .in = in, .base = units_at};
        gdw1376_unit unit = {0};
        const bool begins = !it.inside;
        const size_t at = it.r.pos;
        const gt_err err = gdw1376_units_next(&it, &unit);
        if (begins && (err == GT_ERR_OK || it.inside)) {
            show_identifier(&p, at);
        }
        if (err != GT_ERR_OK) {
            show_failure(&p, &it, err, at);
            return;
        }
        p.base = units_at + (uint32_t)unit.offset;
        p.point = unit.point;
        p.fn = unit.fn;
        show_unit(&p, &unit, &it);
    }
}
