/* The data units of a whole frame in words. Each datum is walked with the same rows that measured
 * it; what the table does not know is shown as bytes. */
#include "codec/gdw1376/gdw1376_priv.h"
#include "codec/gdw1376/item.h"
#include "codec/gdw1376/unit.h"

typedef struct page {
    codec_description *d;
    codec_bytes in;
    uint32_t base; /* offset in the frame of the datum's first byte */
    uint16_t point;
    uint16_t fn;
    const gdw1376_field *blob; /* run of single bytes being gathered, NULL when none */
    uint32_t blob_at;
    uint32_t blob_len;
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

/* "F129 p5", "F129 p5 #2" */
static const char *id_text(codec_description *d, uint16_t point, uint16_t fn, unsigned nth)
{
    codec_text_add(d, "F");
    codec_text_add_number(d, fn, 1);
    codec_text_add(d, " ");
    add_point(d, point);
    if (nth > 0) {
        codec_text_add(d, " #");
        codec_text_add_number(d, nth, 1);
    }
    return codec_text_end(d);
}

static void add_when(codec_description *d, const gdw1376_format_row *row, const gdw1376_when *when)
{
    bool has_date = false;
    bool has_time = false;
    for (const char *letter = row->time; *letter != '\0'; letter++) {
        has_date = has_date || *letter == 'D' || *letter == 'M' || *letter == 'W';
        has_time = has_time || *letter == 's' || *letter == 'm' || *letter == 'h';
    }
    const unsigned date[] = {(unsigned)when->at.year, when->at.month, when->at.day};
    const unsigned clock[] = {when->at.hour, when->at.minute, when->at.second};
    codec_text_add_parts(d, has_date ? "dddd-dd-dd" : "", date);
    codec_text_add(d, has_date && has_time ? " " : "");
    codec_text_add_parts(d, has_time ? "dd:dd:dd" : "", clock);
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

static void add_plain(codec_description *d, gdw1376_format format, gt_rd *r)
{
    const uint8_t *at = r->buf + r->pos;
    const size_t size = gdw1376_format_of(format)->size;
    if (format == GDW1376_DADT) {
        add_dadt(d, r);
    } else if (format == GDW1376_U8 || format == GDW1376_U16) {
        codec_text_add_number(d, size == 1 ? gt_rd_u8(r) : gt_rd_u16le(r), 1);
    } else if (format == GDW1376_U16BE) {
        codec_text_add_number(d, gt_rd_u16be(r), 1);
    } else {
        codec_text_add_hex_bytes(d, at, size);
        codec_text_add(d, "H");
    }
}

/* The value as text, NULL when absent; the reader holds the error of a value that is wrong. */
static const char *value_text(codec_description *d, gdw1376_format format, gt_rd *r)
{
    const gdw1376_format_row *row = gdw1376_format_of(format);
    bool present = true;
    switch (row->kind) {
    case GDW1376_KIND_NUMBER: {
        const gdw1376_num num = gdw1376_num_read(r, format);
        present = num.present;
        if (present) {
            codec_text_add_decimal(d, num.value, row->decimals);
        }
        break;
    }
    case GDW1376_KIND_TIME: {
        const gdw1376_when when = gdw1376_when_read(r, format);
        present = when.present;
        if (present) {
            add_when(d, row, &when);
        }
        break;
    }
    case GDW1376_KIND_PLAIN:
        add_plain(d, format, r);
        break;
    }
    const char *text = codec_text_end(d);
    return present ? text : NULL;
}

static void blob_flush(page *p)
{
    if (p->blob == NULL) {
        return;
    }
    codec_text_add_hex_bytes(p->d, p->in.buf + p->blob_at, p->blob_len);
    const char *value = codec_text_end(p->d);
    const codec_item row = {.id = id_text(p->d, p->point, p->fn, 0),
                            .name = {p->blob->zh, p->blob->en},
                            .offset = p->blob_at,
                            .len = p->blob_len,
                            .value = value,
                            .unit = ""};
    codec_item_add(p->d, &row);
    p->d->inner_offset = p->blob_at;
    p->d->inner_len = p->blob_len;
    p->blob = NULL;
}

static void visit(void *ctx, const gdw1376_field *field, unsigned nth, const gt_rd *r)
{
    page *p = ctx;
    const uint32_t at = p->base + (uint32_t)r->pos;
    if (field->format == GDW1376_BYTE) {
        p->blob_at = p->blob == NULL ? at : p->blob_at;
        p->blob_len = p->blob == NULL ? 1 : p->blob_len + 1;
        p->blob = field;
        return;
    }
    const bool once = field->times == GDW1376_ONCE || field->times == GDW1376_COUNT;
    gt_rd here = *r;
    const char *value = value_text(p->d, field->format, &here);
    if (here.err != GT_ERR_OK) {
        codec_error_add_at(p->d, here.err, at, gdw1376_format_of(field->format)->text, p->in);
        codec_text_add_hex_bytes(p->d, r->buf + r->pos, gdw1376_format_of(field->format)->size);
        codec_text_add(p->d, "H");
        value = codec_text_end(p->d);
    }
    const codec_item row = {.id = id_text(p->d, p->point, p->fn, once ? 0 : nth + 1),
                            .name = {field->zh, field->en},
                            .offset = at,
                            .len = gdw1376_format_of(field->format)->size,
                            .value = value,
                            .unit = field->unit};
    codec_item_add(p->d, &row);
}

/* What cannot be walked further: the function's name if it has one, and the bytes left. */
static void show_rest(page *p, const gdw1376_units *it, bool up)
{
    const gdw1376_item *item = gdw1376_item_of(it->afn, up, p->fn);
    const uint32_t at = p->base + (uint32_t)it->r.pos;
    const uint32_t left = (uint32_t)(it->r.len - it->r.pos);
    codec_text_add_hex_bytes(p->d, p->in.buf + at, left);
    const char *value = codec_text_end(p->d);
    const codec_item row = {.id = id_text(p->d, p->point, p->fn, 0),
                            .name = item != NULL ? (codec_name){item->zh, item->en}
                                                 : (codec_name){"未解析数据", "Data not decoded"},
                            .offset = at,
                            .len = left,
                            .value = value,
                            .unit = ""};
    codec_item_add(p->d, &row);
}

static void show_failure(page *p, const gdw1376_units *it, gt_err err)
{
    if (it->inside) {
        p->point = it->id.points.number[it->point_idx];
        p->fn = it->id.fns.number[it->fn_idx];
    }
    if (it->inside && (err == GT_ERR_UNKNOWN || err == GT_ERR_UNSUPPORTED)) {
        show_rest(p, it, it->up);
        return;
    }
    codec_error_add_at(p->d, err, p->base + (uint32_t)it->r.pos,
                       it->inside ? "all the data of the unit" : "a data unit identifier", p->in);
}

static void show_unit(page *p, const gdw1376_unit *unit, const gdw1376_item *item)
{
    if (unit->len > 0 && item != NULL) {
        gt_rd r = gdw1376_unit_reader(unit);
        gdw1376_layout_walk(item->layout, &r, visit, p);
        blob_flush(p);
        return;
    }
    const codec_item row = {.id = id_text(p->d, unit->point, unit->fn, 0),
                            .name = item != NULL ? (codec_name){item->zh, item->en}
                                                 : (codec_name){"未知数据项", "Unknown function"},
                            .value = "",
                            .unit = ""};
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
                            .value = value_text(p->d, GDW1376_DADT, &r),
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
            show_failure(&p, &it, err);
            return;
        }
        p.base = units_at + (uint32_t)unit.offset;
        p.point = unit.point;
        p.fn = unit.fn;
        show_unit(&p, &unit, gdw1376_item_of(it.afn, it.up, unit.fn));
    }
}
