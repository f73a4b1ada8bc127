/* The tables: functions, the fields of their layouts, event records. Rows are in ascending order
 * (a test holds them to it), so looking up is a binary search. */
#include "codec/gdw1376/item.h"

#include "codec/gdw1376/frame.h"

static const gdw1376_words spans[] = {
#define SPAN(symbol, zh_, en_) {zh_, en_},
#include "codec/gdw1376/span.def"
#undef SPAN
};

enum {
#define SPAN(symbol, zh_, en_) SPAN_##symbol,
#include "codec/gdw1376/span.def"
#undef SPAN
};

static const gdw1376_item items[] = {
#define ITEM(afn_, fn_, down_, up_, span_, unit_, zh_, en_, access_, clause_) \
    {.afn = (afn_),                                                           \
     .fn = (fn_),                                                             \
     .down = GDW1376_LAYOUT_##down_,                                          \
     .up = GDW1376_LAYOUT_##up_,                                              \
     .span = SPAN_##span_,                                                    \
     .access = GDW1376_ACCESS_##access_,                                      \
     .unit = (unit_),                                                         \
     .zh = (zh_),                                                             \
     .en = (en_)},
#include "codec/gdw1376/item.def"
#undef ITEM
};

static const gdw1376_field fields[] = {
#define LAYOUT(symbol)
#define FIELD(format_, times_, unit_, zh_, en_) \
    {.format = GDW1376_##format_,               \
     .times = GDW1376_##times_,                 \
     .unit = (unit_),                           \
     .zh = (zh_),                               \
     .en = (en_)},
#include "codec/gdw1376/field.def"
#undef LAYOUT
#undef FIELD
};

/* Where each layout's fields begin: a running number over the rows, one enumerator a row, so that
 * no search is needed. BEFORE takes back the number that FIRST used up. */
#define JOIN2(a, b) a##b
#define JOIN(a, b) JOIN2(a, b)
#define LAYOUT(symbol) FIRST_##symbol, BEFORE_##symbol = FIRST_##symbol - 1,
#define FIELD(format, times, unit, zh, en) JOIN(PART, __LINE__),
enum {
#define PART PARAM_
#include "codec/gdw1376/field_param.def"
#undef PART
#define PART DATA_
#include "codec/gdw1376/field_data.def"
#undef PART
#define PART EVENT_
#include "codec/gdw1376/field_event.def"
#undef PART
};
#undef LAYOUT
#undef FIELD

static const uint16_t firsts[] = {
    0, /* NONE */
#define LAYOUT(symbol) FIRST_##symbol,
#define FIELD(format, times, unit, zh, en)
#include "codec/gdw1376/field.def"
#undef LAYOUT
#undef FIELD
    sizeof fields / sizeof fields[0],
};

static const gdw1376_afn_row afns[] = {
#define AFN(afn_, zh_, en_) {.afn = (afn_), .name = {zh_, en_}},
#include "codec/gdw1376/afn.def"
#undef AFN
};

static const gdw1376_erc_row ercs[] = {
#define ERC(code_, layout_, zh_, en_) \
    {.code = (code_), .layout = GDW1376_LAYOUT_##layout_, .name = {zh_, en_}},
#include "codec/gdw1376/erc.def"
#undef ERC
};

enum {
    ITEM_ROWS = sizeof items / sizeof items[0],
    AFN_ROWS = sizeof afns / sizeof afns[0],
    ERC_ROWS = sizeof ercs / sizeof ercs[0],
};

const gdw1376_item *gdw1376_item_of(uint8_t afn, uint16_t fn)
{
    const uint32_t row_afn = afn == GDW1376_AFN_QUERY ? GDW1376_AFN_SET : afn;
    const uint32_t want = row_afn << 16 | fn;
    size_t low = 0;
    size_t high = ITEM_ROWS;
    while (low < high) {
        const size_t mid = (low + high) / 2;
        const uint32_t key = (uint32_t)items[mid].afn << 16 | items[mid].fn;
        if (key == want) {
            return &items[mid];
        }
        low = key < want ? mid + 1 : low;
        high = key < want ? high : mid;
    }
    return NULL;
}

const gdw1376_item *gdw1376_item_at(size_t idx)
{
    return idx < ITEM_ROWS ? &items[idx] : NULL;
}

gdw1376_words gdw1376_span_of(const gdw1376_item *item)
{
    return spans[item->span];
}

gdw1376_shape gdw1376_item_shape(const gdw1376_item *item, uint8_t afn, bool up)
{
    const gdw1376_layout none = GDW1376_LAYOUT_NONE;
    const gdw1376_layout down_row = (gdw1376_layout)item->down;
    const gdw1376_layout up_row = (gdw1376_layout)item->up;
    if (afn == GDW1376_AFN_QUERY) { /* the answer is laid out as the setting is */
        return (gdw1376_shape){up ? down_row : up_row, none};
    }
    if (afn == GDW1376_AFN_SET && up) {
        return (gdw1376_shape){none, none};
    }
    if (afn == GDW1376_AFN_CLASS2 && up) { /* the time stamp of the request comes first */
        return (gdw1376_shape){down_row, up_row};
    }
    return (gdw1376_shape){up ? up_row : down_row, none};
}

const gdw1376_field *gdw1376_layout_fields(gdw1376_layout layout, size_t *out_count)
{
    *out_count = (size_t)(firsts[layout + 1] - firsts[layout]);
    return &fields[firsts[layout]];
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

const gdw1376_erc_row *gdw1376_erc_of(uint8_t code)
{
    for (size_t i = 0; i < ERC_ROWS; i++) {
        if (ercs[i].code == code) {
            return &ercs[i];
        }
    }
    return NULL;
}
