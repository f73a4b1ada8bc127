/* The tables and the look-ups in them. */
#include "codec/gdw1376_2/item.h"

static const gdw1376_2_item items[] = {
#define ITEM(afn_, fn_, down_, up_, zh_, en_, access_, edition_, confidence_) \
    {afn_, fn_, GDW1376_2_LAYOUT_##down_, GDW1376_2_LAYOUT_##up_, {zh_, en_}},
#include "codec/gdw1376_2/item.def"
#undef ITEM
};

static const gdw1376_2_field fields[] = {
#define LAYOUT(symbol)
#define FIELD(kind_, bytes_, times_, unit_, zh_, en_) \
    {GDW1376_2_KIND_##kind_, bytes_, GDW1376_2_##times_, unit_, {zh_, en_}},
#include "codec/gdw1376_2/field.def"
#undef FIELD
#undef LAYOUT
};

/* Each layout's first field: the compiler counts. A LAYOUT takes the number of the next FIELD. */
enum {
#define LAYOUT(symbol) FIRST_##symbol, BEFORE_##symbol = FIRST_##symbol - 1,
#define FIELD_NAME(line) FIELD_AT_##line
#define FIELD_LINE(line) FIELD_NAME(line)
#define FIELD(kind_, bytes_, times_, unit_, zh_, en_) FIELD_LINE(__LINE__),
#include "codec/gdw1376_2/field.def"
#undef FIELD
#undef LAYOUT
    FIELD_ROWS,
};

static const uint16_t firsts[] = {
#define LAYOUT(symbol) FIRST_##symbol,
#define FIELD(kind_, bytes_, times_, unit_, zh_, en_)
#include "codec/gdw1376_2/field.def"
#undef FIELD
#undef LAYOUT
    FIELD_ROWS,
};

static const gdw1376_2_name afns[] = {
#define AFN(value_, zh_, en_) {value_, {zh_, en_}},
#include "codec/gdw1376_2/afn.def"
#undef AFN
};

static const gdw1376_2_name modes[] = {
#define MODE(value_, zh_, en_) {value_, {zh_, en_}},
#include "codec/gdw1376_2/mode.def"
#undef MODE
};

static const gdw1376_2_info_row infos[] = {
#define INFO(way_, symbol_, id_, byte_, shift_, bits_, zh_, en_) \
    {GDW1376_2_WAY_##way_,                                       \
     GDW1376_2_INFO_##symbol_,                                   \
     byte_,                                                      \
     (shift_) + (bits_) > 8 ? 2 : 1,                             \
     id_,                                                        \
     {zh_, en_}},
#include "codec/gdw1376_2/info.def"
#undef INFO
};

enum {
    ITEM_ROWS = sizeof items / sizeof items[0],
    AFN_ROWS = sizeof afns / sizeof afns[0],
    MODE_ROWS = sizeof modes / sizeof modes[0],
    INFO_ROWS = sizeof infos / sizeof infos[0],
};

const gdw1376_2_item *gdw1376_2_item_of(uint8_t afn, uint16_t fn)
{
    const uint32_t want = (uint32_t)afn << 16 | fn;
    size_t low = 0;
    size_t high = ITEM_ROWS;
    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        const uint32_t key = (uint32_t)items[mid].afn << 16 | items[mid].fn;
        if (key == want) {
            return &items[mid];
        }
        if (key < want) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return NULL;
}

const gdw1376_2_item *gdw1376_2_item_at(size_t idx)
{
    return idx < ITEM_ROWS ? &items[idx] : NULL;
}

gdw1376_2_layout gdw1376_2_item_layout(const gdw1376_2_item *item, bool up)
{
    if (item == NULL) {
        return GDW1376_2_LAYOUT_ANY;
    }
    return (gdw1376_2_layout)(up ? item->up : item->down);
}

const gdw1376_2_field *gdw1376_2_layout_fields(gdw1376_2_layout layout, size_t *out_count)
{
    *out_count = (size_t)firsts[layout + 1] - firsts[layout];
    return fields + firsts[layout];
}

static const gdw1376_2_name *name_of(const gdw1376_2_name *names, size_t count, uint8_t value)
{
    for (size_t i = 0; i < count; i++) {
        if (names[i].value == value) {
            return &names[i];
        }
    }
    return NULL;
}

const gdw1376_2_name *gdw1376_2_afn_of(uint8_t afn)
{
    return name_of(afns, AFN_ROWS, afn);
}

const gdw1376_2_name *gdw1376_2_mode_of(uint8_t mode)
{
    return name_of(modes, MODE_ROWS, mode);
}

const gdw1376_2_info_row *gdw1376_2_info_at(size_t idx)
{
    return idx < INFO_ROWS ? &infos[idx] : NULL;
}
