/* Identifiers and the layout of their data. The layout is rows in wire order; reading a message
 * means walking the rows that its identifier, direction and meter type select. */
#include "codec/cjt188/item.h"

#include "base/sum.h"
#include "codec/cjt188/frame_priv.h"

#include <assert.h>

enum { HEAT_FIRST = 0x20, HEAT_LAST = 0x29, ABSENT = 0xFF, NUMBER_BYTES = 4 };

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

/* Layouts count from 1: an item that no line below names has none. */
enum {
#define DI(symbol, id, last, access, clause, zh, en) ITEM_##symbol,
#include "codec/cjt188/items.def"
#undef DI
};
#define FIELD(di, way, types, id, format, unit, zh, en)
enum {
    LAYOUT_NONE,
#define LAYOUT(symbol) LAYOUT_##symbol,
#include "codec/cjt188/fields.def"
#undef LAYOUT
};
static const uint8_t layout_of[sizeof items / sizeof items[0]] = {
#define LAYOUT(symbol) [ITEM_##symbol] = LAYOUT_##symbol,
#include "codec/cjt188/fields.def"
#undef LAYOUT
};
/* First row of each layout; it goes on up to the first of the next. */
static const uint8_t layout_rows[] = {
    0,
#define LAYOUT(symbol) FIRST_##symbol,
#include "codec/cjt188/fields.def"
#undef LAYOUT
    ROWS,
};
#undef FIELD
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

static inline const cjt188_item *find(uint16_t di)
{
    const cjt188_item *item = di == items[ITEM_CURRENT].id ? &items[ITEM_CURRENT] : items;
    while (item < items + ITEMS && di > item->last) {
        item++;
    }
    return item < items + ITEMS && di >= item->id ? item : NULL;
}

const cjt188_item *cjt188_item_find(uint16_t di)
{
    return find(di);
}

/* Low byte first is the standard; high byte first is as common. The table decides; an identifier
 * that it does not know either way is taken as the standard says. */
static inline uint16_t di_read(const uint8_t *at, bool *out_high_first)
{
    const uint16_t low_first = (uint16_t)(at[1] << 8 | at[0]);
    const uint16_t high_first = (uint16_t)(at[0] << 8 | at[1]);
    *out_high_first = find(low_first) == NULL && find(high_first) != NULL;
    return *out_high_first ? high_first : low_first;
}

uint16_t cjt188_di_read(const uint8_t *at, bool *out_high_first)
{
    return di_read(at, out_high_first);
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

/* Rows by what selects them, a bit a row: of answers; of heat meters; of all others. */
static_assert(ROWS <= 64, "a bit a row");
#define LAYOUT(symbol)
static const uint64_t answer_rows = 0
#define FIELD(di, way, types, id, format, unit, zh, en) \
    | (uint64_t)(CJT188_WAY_##way == CJT188_WAY_ANSWER) << JOIN(ROW_, __LINE__)
#include "codec/cjt188/fields.def"
#undef FIELD
    ;
static const uint64_t heat_rows = 0
#define FIELD(di, way, types, id, format, unit, zh, en) \
    | (uint64_t)(CJT188_TYPES_##types != CJT188_TYPES_FLOW) << JOIN(ROW_, __LINE__)
#include "codec/cjt188/fields.def"
#undef FIELD
    ;
static const uint64_t flow_rows = 0
#define FIELD(di, way, types, id, format, unit, zh, en) \
    | (uint64_t)(CJT188_TYPES_##types != CJT188_TYPES_HEAT) << JOIN(ROW_, __LINE__)
#include "codec/cjt188/fields.def"
#undef FIELD
    ;
#undef LAYOUT

static inline uint64_t rows_of(bool reply, uint8_t type)
{
    const bool heat = type >= HEAT_FIRST && type <= HEAT_LAST;
    return (reply ? answer_rows : ~answer_rows) & (heat ? heat_rows : flow_rows);
}

/* The next of those rows from that one on, or NULL. */
static inline const cjt188_field *row_next(uint64_t rows, const cjt188_field *row,
                                           const cjt188_field *end)
{
    for (rows >>= row - fields; row < end && (rows & 1) == 0; rows >>= 1) {
        row++;
    }
    return row < end ? row : NULL;
}

cjt188_walk cjt188_walk_of(const cjt188_message *message)
{
    cjt188_walk walk = {.message = message};
    const cjt188_item *item = find(message->di);
    if (item != NULL) {
        const unsigned layout = layout_of[item - items];
        walk.end = &fields[layout_rows[layout + 1]];
        walk.next = row_next(rows_of(message->reply, message->type), &fields[layout_rows[layout]],
                             walk.end);
    }
    return walk;
}

/* One to eight bytes, of which words may overlap. */
static inline uint64_t bits_load(const uint8_t *at, size_t bytes)
{
    if (bytes >= 4) {
        return gt_u32le_at(at) | (uint64_t)gt_u32le_at(at + bytes - 4) << (8 * (bytes - 4));
    }
    const size_t middle = bytes / 2;
    return at[0] | (uint64_t)at[middle] << (8 * middle) |
           (uint64_t)at[bytes - 1] << (8 * (bytes - 1));
}

static inline bool is_absent(uint64_t bits, size_t bytes)
{
    return bits == UINT64_MAX >> (8 * (sizeof bits - bytes));
}

/* ss mm hh DD MM as packed digits, each byte none above what there is: what is left to 7FH is added
 * and reaches the top bit. */
static inline bool time_in_range(uint64_t packed)
{
    static const uint64_t low = UINT64_C(0x7F7F7F7F7F);
    static const uint64_t most = UINT64_C(0x1231235959);
    const uint64_t above = ((packed & low) + (low - most)) | packed;
    return (above & UINT64_C(0x8080808080)) == 0;
}

/* What value_read and numbers_read make of a value's bytes: of a time the digits YYYYMMDDhhmmss. */
static inline gt_err number_read(const cjt188_format *format, const uint8_t *at, cjt188_number *out)
{
    const bool united = format->kind == CJT188_KIND_UNITED;
    const size_t bytes = united ? NUMBER_BYTES : format->bytes;
    const bool time = format->kind == CJT188_KIND_TIME;
    const uint64_t bits = bits_load(at, bytes);
    out->unit = united ? at[NUMBER_BYTES] : 0;
    out->absent = false;
    out->raw = bits;
    if (!united && !time && format->kind != CJT188_KIND_NUMBER) {
        return GT_ERR_OK;
    }
    if (!gt_bcd_valid(bits)) {
        out->absent = is_absent(bits, bytes);
        out->raw = 0;
        return out->absent ? GT_ERR_OK : GT_ERR_MALFORMED;
    }
    out->raw = gt_bcd_number(bits);
    return time && !time_in_range(bits) ? GT_ERR_RANGE : GT_ERR_OK;
}

static cjt188_stamp stamp_of(uint64_t digits)
{
    return (cjt188_stamp){(uint16_t)(digits / UINT64_C(10000000000)),
                          (uint8_t)(digits / 100000000 % 100),
                          (uint8_t)(digits / 1000000 % 100),
                          (uint8_t)(digits / 10000 % 100),
                          (uint8_t)(digits / 100 % 100),
                          (uint8_t)(digits % 100)};
}

static gt_err value_read(const cjt188_format *format, const uint8_t *at, cjt188_value *v)
{
    cjt188_number number;
    GT_TRY(number_read(format, at, &number));
    v->raw = number.raw;
    v->unit = number.unit;
    v->absent = number.absent;
    if (format->kind == CJT188_KIND_TIME) {
        v->stamp = stamp_of(number.raw);
    }
    return GT_ERR_OK;
}

gt_err cjt188_numbers_read(const uint8_t *in, size_t in_len, cjt188_numbers *out)
{
    if (!cjt188_fields_right(in, in_len) || in[in_len - 2] != gt_sum8(in, in_len - 2)) {
        return cjt188_frame_check(in, in_len);
    }
    if (in[CJT188_CTRL_AT] != (CJT188_REPLY | CJT188_READ) ||
        in[CJT188_LEN_AT] < CJT188_IDENTIFIER_LEN) {
        return GT_ERR_UNSUPPORTED;
    }
    const uint8_t *at = in + CJT188_HEAD_LEN + CJT188_IDENTIFIER_LEN;
    const uint8_t *const end = in + in_len - 2;
    bool high_first = false;
    const uint16_t di = di_read(in + CJT188_HEAD_LEN, &high_first);
    const cjt188_item *item = find(di);
    if (at == end) {
        return GT_ERR_NOT_FOUND;
    }
    const unsigned layout = item != NULL ? layout_of[item - items] : LAYOUT_NONE;
    unsigned row = layout_rows[layout];
    uint64_t rows = rows_of(true, in[CJT188_TYPE_AT]) >> row;
    cjt188_number *v = out->value;
    for (; row < layout_rows[layout + 1]; row++, rows >>= 1) {
        if ((rows & 1) == 0) {
            continue;
        }
        const cjt188_format *format = cjt188_format_of(&fields[row]);
        if ((size_t)(end - at) < format->bytes) {
            return GT_ERR_TRUNCATED;
        }
        v->field = &fields[row];
        GT_TRY(number_read(format, at, v));
        at += format->bytes;
        v++;
    }
    if (at < end) {
        return v == out->value ? GT_ERR_UNKNOWN : GT_ERR_TRAILING;
    }
    out->addr = cjt188_addr_at(in);
    out->type = in[CJT188_TYPE_AT];
    out->di = di;
    out->count = (uint8_t)(v - out->value);
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
    const uint64_t rows = rows_of(m->reply, m->type);
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
        next = row_next(rows, next + 1, walk->end);
        count++;
    }
    walk->pos = pos;
    walk->next = next;
    *out_count = count;
    return GT_ERR_OK;
}

void cjt188_walk_skip(cjt188_walk *walk)
{
    walk->next =
        row_next(rows_of(walk->message->reply, walk->message->type), walk->next + 1, walk->end);
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
