/* Identifiers and the layout of their data. The layout is rows in wire order; reading a message
 * means walking the rows that its identifier, direction and meter type select. */
#include "codec/cjt188/item.h"

#include "base/bytes.h"

enum { HEAT_FIRST = 0x20, HEAT_LAST = 0x29, ABSENT = 0xFF, NUMBER_BYTES = 4 };

static const cjt188_format formats[] = {
#define FORMAT(symbol, bytes, kind, decimals) {bytes, CJT188_KIND_##kind, decimals},
#include "codec/cjt188/format.def"
#undef FORMAT
};

static const cjt188_item items[] = {
#define DI(symbol, id, last, access, zh, en) {id, last, CJT188_ACCESS_##access, zh, en},
#include "codec/cjt188/items.def"
#undef DI
};

static const cjt188_field fields[] = {
#define FIELD(di, way, types, id, format, unit, zh, en) \
    {di, CJT188_WAY_##way, CJT188_TYPES_##types, id, CJT188_FORMAT_##format, unit, zh, en},
#include "codec/cjt188/fields.def"
#undef FIELD
};

static const struct {
    uint8_t code;
    const char *text;
} units[] = {
#define UNIT(code, text) {code, text},
#include "codec/cjt188/unit.def"
#undef UNIT
};

enum { ITEMS = sizeof items / sizeof items[0], FIELDS = sizeof fields / sizeof fields[0] };

const cjt188_item *cjt188_item_find(uint16_t di)
{
    for (size_t i = 0; i < ITEMS && items[i].id <= di; i++) {
        if (di <= items[i].last) {
            return &items[i];
        }
    }
    return NULL;
}

const cjt188_item *cjt188_item_at(size_t index)
{
    return index < ITEMS ? &items[index] : NULL;
}

const cjt188_field *cjt188_field_at(size_t index)
{
    return index < FIELDS ? &fields[index] : NULL;
}

const cjt188_format *cjt188_format_of(const cjt188_field *field)
{
    return &formats[field->format];
}

const char *cjt188_unit_text(uint8_t code)
{
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (units[i].code == code) {
            return units[i].text;
        }
    }
    return NULL;
}

/* The next row of the message's layout from `from` on, or the count of rows. */
static size_t row_next(const cjt188_walk *walk, size_t from)
{
    const cjt188_message *m = walk->message;
    const cjt188_way way = m->reply ? CJT188_WAY_ANSWER : CJT188_WAY_REQUEST;
    const bool heat = m->type >= HEAT_FIRST && m->type <= HEAT_LAST;
    const cjt188_types types = heat ? CJT188_TYPES_HEAT : CJT188_TYPES_FLOW;
    size_t i = from;
    for (; i < walk->rows.count; i++) {
        const cjt188_field *row = &walk->rows.rows[i];
        if (row->di == walk->layout && row->way == way &&
            (row->types == CJT188_TYPES_ALL || row->types == types)) {
            break;
        }
    }
    return i;
}

cjt188_walk cjt188_walk_of(const cjt188_message *message, const cjt188_extension *extension)
{
    cjt188_walk walk = {.message = message, .layout = message->di};
    if (extension != NULL) {
        walk.rows = *extension;
        walk.row = row_next(&walk, 0);
        if (walk.row < walk.rows.count) {
            return walk;
        }
    }
    const cjt188_item *item = cjt188_item_find(message->di);
    walk.layout = item != NULL ? item->id : message->di;
    walk.rows = (cjt188_extension){fields, FIELDS};
    walk.row = row_next(&walk, 0);
    return walk;
}

static gt_err stamp_read(gt_rd *r, cjt188_stamp *out)
{
    cjt188_stamp s = {0};
    s.second = (uint8_t)gt_rd_bcd_le(r, 1);
    s.minute = (uint8_t)gt_rd_bcd_le(r, 1);
    s.hour = (uint8_t)gt_rd_bcd_le(r, 1);
    s.day = (uint8_t)gt_rd_bcd_le(r, 1);
    s.month = (uint8_t)gt_rd_bcd_le(r, 1);
    s.year = (uint16_t)gt_rd_bcd_le(r, 2);
    GT_TRY(r->err);
    if (s.second > 59 || s.minute > 59 || s.hour > 23 || s.day > 31 || s.month > 12) {
        return GT_ERR_RANGE;
    }
    *out = s;
    return GT_ERR_OK;
}

static uint64_t bits_read(gt_rd *r, size_t bytes)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < bytes; i++) {
        bits |= (uint64_t)gt_rd_u8(r) << (8 * i);
    }
    return bits;
}

static bool all_absent(const uint8_t *at, size_t n)
{
    size_t i = 0;
    while (i < n && at[i] == ABSENT) {
        i++;
    }
    return i == n;
}

static gt_err value_read(gt_rd *r, cjt188_value *v)
{
    const cjt188_format *format = cjt188_format_of(v->field);
    const bool united = format->kind == CJT188_KIND_UNITED;
    const size_t digits = united ? NUMBER_BYTES : format->bytes;
    const bool may_be_absent =
        united || format->kind == CJT188_KIND_NUMBER || format->kind == CJT188_KIND_TIME;
    v->absent = may_be_absent && all_absent(r->buf, digits);
    if (v->absent) {
        (void)gt_rd_take(r, digits);
        v->unit = united ? gt_rd_u8(r) : 0;
        return r->err;
    }
    switch (format->kind) {
    case CJT188_KIND_NUMBER:
    case CJT188_KIND_UNITED:
        v->raw = gt_rd_bcd_le(r, digits);
        v->unit = united ? gt_rd_u8(r) : 0;
        break;
    case CJT188_KIND_TIME:
        return stamp_read(r, &v->stamp);
    case CJT188_KIND_BINARY:
    case CJT188_KIND_STATUS:
    case CJT188_KIND_VALVE:
    case CJT188_KIND_HEX:
        v->raw = bits_read(r, format->bytes);
        break;
    }
    return r->err;
}

gt_err cjt188_walk_next(cjt188_walk *walk, cjt188_value *out)
{
    const size_t left = walk->message->data_len - walk->pos;
    const bool end = walk->row >= walk->rows.count;
    if (left == 0 && (end || walk->pos == 0)) {
        return GT_ERR_NOT_FOUND;
    }
    if (end) {
        return walk->pos == 0 ? GT_ERR_UNKNOWN : GT_ERR_TRAILING;
    }
    cjt188_value v = {.field = &walk->rows.rows[walk->row], .di = walk->message->di};
    const uint8_t bytes = cjt188_format_of(v.field)->bytes;
    if (left < bytes) {
        return GT_ERR_TRUNCATED;
    }
    v.offset = (uint8_t)walk->pos;
    gt_rd r = gt_rd_of(walk->message->data + walk->pos, bytes);
    GT_TRY(value_read(&r, &v));
    walk->pos += bytes;
    walk->row = row_next(walk, walk->row + 1);
    *out = v;
    return GT_ERR_OK;
}

static void stamp_write(gt_wr *w, const cjt188_stamp *s)
{
    gt_wr_bcd_le(w, s->second, 1);
    gt_wr_bcd_le(w, s->minute, 1);
    gt_wr_bcd_le(w, s->hour, 1);
    gt_wr_bcd_le(w, s->day, 1);
    gt_wr_bcd_le(w, s->month, 1);
    gt_wr_bcd_le(w, s->year, 2);
}

gt_err cjt188_value_encode(const cjt188_value *value, uint8_t *buf, size_t cap, size_t *out_len)
{
    const cjt188_format *format = cjt188_format_of(value->field);
    const bool united = format->kind == CJT188_KIND_UNITED;
    const size_t digits = united ? NUMBER_BYTES : format->bytes;
    gt_wr w = gt_wr_of(buf, cap);
    switch (format->kind) {
    case CJT188_KIND_NUMBER:
    case CJT188_KIND_UNITED:
        if (value->absent) {
            gt_wr_fill(&w, ABSENT, digits);
        } else {
            gt_wr_bcd_le(&w, value->raw, digits);
        }
        if (united) {
            gt_wr_u8(&w, value->unit);
        }
        break;
    case CJT188_KIND_TIME:
        if (value->absent) {
            gt_wr_fill(&w, ABSENT, digits);
        } else {
            stamp_write(&w, &value->stamp);
        }
        break;
    case CJT188_KIND_BINARY:
    case CJT188_KIND_STATUS:
    case CJT188_KIND_VALVE:
    case CJT188_KIND_HEX:
        if (digits < sizeof value->raw && value->raw >> (8 * digits) != 0) {
            return GT_ERR_RANGE;
        }
        for (size_t i = 0; i < digits; i++) {
            gt_wr_u8(&w, (uint8_t)(value->raw >> (8 * i)));
        }
        break;
    }
    GT_TRY(gt_wr_done(&w));
    *out_len = w.len;
    return GT_ERR_OK;
}
