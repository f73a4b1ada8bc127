/* Identifiers and the layout of their data. The layout is rows in wire order; reading a message
 * means walking the rows that its identifier, direction and meter type select. */
#include "codec/cjt188/item.h"

#include "base/bytes.h"

#include <assert.h>

enum { HEAT_FIRST = 0x20, HEAT_LAST = 0x29, ABSENT = 0xFF, NUMBER_BYTES = 4, TIME_BYTES = 7 };

static const cjt188_format formats[] = {
#define FORMAT(symbol, bytes, kind, decimals) {bytes, CJT188_KIND_##kind, decimals},
#include "codec/cjt188/format.def"
#undef FORMAT
};

static const cjt188_item items[] = {
#define DI(symbol, id, last, access, clause, zh, en) \
    {id, last, CJT188_ACCESS_##access, clause, zh, en},
#include "codec/cjt188/items.def"
#undef DI
};

static const cjt188_field fields[] = {
#define LAYOUT(symbol)
#define FIELD(di, way, types, id, format, unit, zh, en) \
    {di, CJT188_WAY_##way, CJT188_TYPES_##types, id, CJT188_FORMAT_##format, unit, zh, en},
#include "codec/cjt188/fields.def"
#undef FIELD
#undef LAYOUT
};

/* Number of each layout's first row: the line of fields.def makes a row's symbol, and the
 * enumerator behind a layout's takes the step back. */
#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
enum {
#define LAYOUT(symbol) FIRST_##symbol, STEP_##symbol = FIRST_##symbol - 1,
#define FIELD(di, way, types, id, format, unit, zh, en) JOIN(ROW_, __LINE__),
#include "codec/cjt188/fields.def"
#undef FIELD
#undef LAYOUT
    ROWS
};

/* First row of each item, in the order of items.def; an item without a layout has none. */
enum {
#define DI(symbol, id, last, access, clause, zh, en) ITEM_##symbol,
#include "codec/cjt188/items.def"
#undef DI
};
static const uint8_t layout_first[] = {
#define LAYOUT(symbol) [ITEM_##symbol] = FIRST_##symbol,
#define FIELD(di, way, types, id, format, unit, zh, en)
#include "codec/cjt188/fields.def"
#undef FIELD
#undef LAYOUT
};
static_assert(ROWS <= UINT8_MAX, "a layout's first row fits a byte");

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
    const cjt188_item *item = di == items[ITEM_CURRENT].id ? &items[ITEM_CURRENT] : items;
    while (item < items + ITEMS && di > item->last) {
        item++;
    }
    return item < items + ITEMS && di >= item->id ? item : NULL;
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

/* The next row of the message's layout from that one on, or NULL. */
static const cjt188_field *row_next(const cjt188_message *m, const cjt188_field *row,
                                    const cjt188_field *end)
{
    const cjt188_way way = m->reply ? CJT188_WAY_ANSWER : CJT188_WAY_REQUEST;
    const bool heat = m->type >= HEAT_FIRST && m->type <= HEAT_LAST;
    const cjt188_types types = heat ? CJT188_TYPES_HEAT : CJT188_TYPES_FLOW;
    for (; row < end; row++) {
        if (row->way == way && (row->types == CJT188_TYPES_ALL || row->types == types)) {
            return row;
        }
    }
    return NULL;
}

cjt188_walk cjt188_walk_of(const cjt188_message *message)
{
    cjt188_walk walk = {.message = message};
    const cjt188_item *item = cjt188_item_find(message->di);
    const size_t index = item != NULL ? (size_t)(item - items) : sizeof layout_first;
    if (index < sizeof layout_first) {
        const cjt188_field *first = &fields[layout_first[index]];
        const cjt188_field *end = first;
        while (end < fields + FIELDS && end->di == item->id) {
            end++;
        }
        walk.next = row_next(message, first, end);
        walk.end = end;
    }
    return walk;
}

static uint64_t bits_load(const uint8_t *at, size_t bytes)
{
    uint64_t bits = 0;
    for (size_t i = bytes; i > 0; i--) {
        bits = bits << 8 | at[i - 1];
    }
    return bits;
}

static gt_err stamp_read(const uint8_t *at, cjt188_stamp *out)
{
    const uint64_t packed = bits_load(at, TIME_BYTES);
    if (!gt_bcd_valid(packed)) {
        return GT_ERR_MALFORMED;
    }
    const uint64_t digits = gt_bcd_number(packed); /* YYYYMMDDhhmmss */
    const cjt188_stamp s = {(uint16_t)(digits / UINT64_C(10000000000)),
                            (uint8_t)(digits / 100000000 % 100),
                            (uint8_t)(digits / 1000000 % 100),
                            (uint8_t)(digits / 10000 % 100),
                            (uint8_t)(digits / 100 % 100),
                            (uint8_t)(digits % 100)};
    if (s.second > 59 || s.minute > 59 || s.hour > 23 || s.day > 31 || s.month > 12) {
        return GT_ERR_RANGE;
    }
    *out = s;
    return GT_ERR_OK;
}

static bool all_absent(const uint8_t *at, size_t n)
{
    size_t i = 0;
    while (i < n && at[i] == ABSENT) {
        i++;
    }
    return i == n;
}

/* Packed digits, or all bytes FFH. */
static gt_err number_read(const uint8_t *at, size_t bytes, cjt188_value *v)
{
    const uint64_t packed = bits_load(at, bytes);
    v->absent = all_absent(at, bytes);
    if (!v->absent && !gt_bcd_valid(packed)) {
        return GT_ERR_MALFORMED;
    }
    v->raw = v->absent ? 0 : gt_bcd_number(packed);
    return GT_ERR_OK;
}

static gt_err value_read(const cjt188_format *format, const uint8_t *at, cjt188_value *v)
{
    v->unit = 0;
    v->absent = false;
    switch (format->kind) {
    case CJT188_KIND_NUMBER:
        return number_read(at, format->bytes, v);
    case CJT188_KIND_UNITED:
        v->unit = at[NUMBER_BYTES];
        return number_read(at, NUMBER_BYTES, v);
    case CJT188_KIND_TIME:
        v->absent = all_absent(at, format->bytes);
        v->stamp = (cjt188_stamp){0};
        return v->absent ? GT_ERR_OK : stamp_read(at, &v->stamp);
    case CJT188_KIND_BINARY:
    case CJT188_KIND_STATUS:
    case CJT188_KIND_VALVE:
    case CJT188_KIND_HEX:
        v->raw = bits_load(at, format->bytes);
        break;
    }
    return GT_ERR_OK;
}

gt_err cjt188_walk_take(cjt188_walk *walk, cjt188_value *out, size_t cap, size_t *out_count)
{
    const cjt188_message *m = walk->message;
    size_t pos = walk->pos;
    if (pos == m->data_len && (walk->next == NULL || pos == 0)) {
        return GT_ERR_NOT_FOUND;
    }
    size_t count = 0;
    const cjt188_field *next = walk->next;
    while (count < cap && (pos < m->data_len || next != NULL)) {
        walk->pos = pos;
        if (next == NULL) {
            return pos == 0 ? GT_ERR_UNKNOWN : GT_ERR_TRAILING;
        }
        const cjt188_format *format = cjt188_format_of(next);
        if (m->data_len - pos < format->bytes) {
            return GT_ERR_TRUNCATED;
        }
        cjt188_value *v = &out[count];
        v->field = next;
        v->bytes = m->data + pos;
        v->di = m->di;
        GT_TRY(value_read(format, v->bytes, v));
        pos += format->bytes;
        next = row_next(m, next + 1, walk->end);
        count++;
    }
    walk->pos = pos;
    walk->next = next;
    *out_count = count;
    return GT_ERR_OK;
}

void cjt188_walk_skip(cjt188_walk *walk)
{
    walk->next = row_next(walk->message, walk->next + 1, walk->end);
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
