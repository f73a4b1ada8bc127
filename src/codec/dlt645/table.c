/* The tables. Rows are small: they name their format by number and their texts by a place in one
 * block of text, so that there is nothing to relocate. An identifier's upper half leads straight to
 * its group of rows; within a group the rows lie in order. */
#include "codec/dlt645/item_priv.h"

#include <assert.h>
#include <string.h>

/* The line of record.def makes a part's symbol. */
#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define OF_LINE(prefix) JOIN(prefix, __LINE__)

#define ITEM_TEXT(unit, clause, zh, en) zh "\0" en "\0" unit "\0" clause
#define PART_TEXT(unit, zh, en) zh "\0" en "\0" unit "\0"

static const struct texts {
#define DI(symbol, id, di1_last, di0_last, axis, format, unit, access, clause, zh, en) \
    char item_##symbol[sizeof(ITEM_TEXT(unit, clause, zh, en))];
#include "codec/dlt645/items.def"
#undef DI
#define DI(symbol, id, di0_last, axis, format, unit, access, clause, zh, en) \
    char item_1997_##symbol[sizeof(ITEM_TEXT(unit, clause, zh, en))];
#include "codec/dlt645/items_1997.def"
#undef DI
#define RECORD(symbol)
#define PART(times, format, unit, zh, en) char OF_LINE(part_)[sizeof(PART_TEXT(unit, zh, en))];
#include "codec/dlt645/record.def"
#undef PART
#undef RECORD
} texts = {
#define DI(symbol, id, di1_last, di0_last, axis, format, unit, access, clause, zh, en) \
    ITEM_TEXT(unit, clause, zh, en),
#include "codec/dlt645/items.def"
#undef DI
#define DI(symbol, id, di0_last, axis, format, unit, access, clause, zh, en) \
    ITEM_TEXT(unit, clause, zh, en),
#include "codec/dlt645/items_1997.def"
#undef DI
#define RECORD(symbol)
#define PART(times, format, unit, zh, en) PART_TEXT(unit, zh, en),
#include "codec/dlt645/record.def"
#undef PART
#undef RECORD
};

enum {
#define FORMAT(symbol, bytes, kind, sign, decimals, many, parts) FORMAT_##symbol,
#include "codec/dlt645/format.def"
#undef FORMAT
#define RECORD(symbol) FORMAT_##symbol,
#define PART(times, format, unit, zh, en)
#include "codec/dlt645/record.def"
#undef PART
#undef RECORD
    FORMATS
};
static_assert(FORMATS <= UINT8_MAX, "rows name a format by one byte");

/* Number of each record's first part; the enumerator behind it takes the step back. */
enum {
#define RECORD(symbol) PARTS_##symbol, PARTS_STEP_##symbol = PARTS_##symbol - 1,
#define PART(times, format, unit, zh, en) OF_LINE(PART_),
#include "codec/dlt645/record.def"
#undef PART
#undef RECORD
    PARTS
};

const dlt645_format dlt645_formats[] = {
#define FORMAT(symbol, bytes, kind, sign, decimals, many, parts) \
    {bytes, DLT645_KIND_##kind, sign, decimals, many, 0, parts},
#include "codec/dlt645/format.def"
#undef FORMAT
#define RECORD(symbol) {0, DLT645_KIND_RECORD, false, 0, false, PARTS_##symbol, ""},
#define PART(times, format, unit, zh, en)
#include "codec/dlt645/record.def"
#undef PART
#undef RECORD
    {0, DLT645_KIND_RECORD, false, 0, false, PARTS, ""},
};

static const dlt645_part_row part_rows[] = {
#define RECORD(symbol)
#define PART(times, format, unit, zh, en) \
    {offsetof(struct texts, OF_LINE(part_)), times, FORMAT_##format},
#include "codec/dlt645/record.def"
#undef PART
#undef RECORD
};

static const dlt645_item items[] = {
#define DI(symbol, id, di1_last, di0_last, axis, format, unit, access, clause, zh, en) \
    {id,                                                                               \
     offsetof(struct texts, item_##symbol),                                            \
     di1_last,                                                                         \
     di0_last,                                                                         \
     DLT645_AXIS_##axis,                                                               \
     FORMAT_##format,                                                                  \
     DLT645_ACCESS_##access},
#include "codec/dlt645/items.def"
#undef DI
    {UINT32_MAX, 0, 0, 0, 0, 0, 0}, /* behind the last, so that each row has a next one */
};

const dlt645_item dlt645_1997_items[] = {
#define DI(symbol, id, di0_last, axis, format, unit, access, clause, zh, en) \
    {id,                                                                     \
     offsetof(struct texts, item_1997_##symbol),                             \
     (uint8_t)((id) >> 8),                                                   \
     di0_last,                                                               \
     DLT645_AXIS_##axis,                                                     \
     FORMAT_##format,                                                        \
     DLT645_ACCESS_##access},
#include "codec/dlt645/items_1997.def"
#undef DI
};

const size_t dlt645_1997_item_count = sizeof dlt645_1997_items / sizeof dlt645_1997_items[0];

/* Number of each group's first row. */
enum {
#define GROUP(key) ROW_OF_##key, ROW_STEP_##key = ROW_OF_##key - 1,
#define DI(symbol, id, di1_last, di0_last, axis, format, unit, access, clause, zh, en) ROW_##symbol,
#include "codec/dlt645/items.def"
#undef DI
#undef GROUP
    ITEMS
};

/* Groups count from 1: what no line below names is 0. */
enum {
    GROUP_NONE,
#define GROUP(key) GROUP_##key,
#define DI(symbol, id, di1_last, di0_last, axis, format, unit, access, clause, zh, en)
#include "codec/dlt645/items.def"
#undef DI
#undef GROUP
    GROUPS
};
static_assert(GROUPS <= UINT8_MAX, "slots name a group by one byte");

static const uint16_t group_rows[] = {
    0,
#define GROUP(key) ROW_OF_##key,
#define DI(symbol, id, di1_last, di0_last, axis, format, unit, access, clause, zh, en)
#include "codec/dlt645/items.def"
#undef DI
#undef GROUP
    ITEMS,
};

/* DI3 and DI2 in use are few: 00H to 07H in full, answers of 07H, and four of each event. */
enum {
    SLOT_ANSWERS = 0x0800,
    SLOT_EVENTS = 0x0900,
    EVENT_FIRST = 0x10,
    EVENT_LAST = 0x20,
    EVENT_SLOTS = 4,
    SLOT_NONE = SLOT_EVENTS + (EVENT_LAST - EVENT_FIRST + 1) * EVENT_SLOTS,
};
#define SLOT(key)                      \
    ((key) < SLOT_ANSWERS ? (key)      \
     : (key) >= 0x8700                 \
         ? SLOT_ANSWERS + ((key)&0xFF) \
         : SLOT_EVENTS + (((key) >> 8) - EVENT_FIRST) * EVENT_SLOTS + ((key) & (EVENT_SLOTS - 1)))

static const uint8_t group_of[SLOT_NONE + 1] = {
#define GROUP(key) [SLOT(key)] = GROUP_##key,
#define ALSO(key, group) [SLOT(key)] = GROUP_##group,
#define DI(symbol, id, di1_last, di0_last, axis, format, unit, access, clause, zh, en)
#include "codec/dlt645/items.def"
#undef DI
#undef ALSO
#undef GROUP
};

static unsigned slot_of(uint32_t key)
{
    if (key < SLOT_ANSWERS) {
        return key;
    }
    const uint32_t di3 = key >> 8;
    const uint32_t di2 = key & 0xFF;
    if (di3 == 0x87) {
        return SLOT_ANSWERS + di2;
    }
    const bool event = di3 >= EVENT_FIRST && di3 <= EVENT_LAST && di2 < EVENT_SLOTS;
    return event ? SLOT_EVENTS + (di3 - EVENT_FIRST) * EVENT_SLOTS + di2 : SLOT_NONE;
}

const dlt645_item *dlt645_item_find(uint32_t di)
{
    const unsigned group = group_of[slot_of(di >> 16)];
    if (group == GROUP_NONE) {
        return NULL;
    }
    /* the last row that starts at the identifier or before it */
    const dlt645_item *first = &items[group_rows[group]];
    size_t count = (size_t)group_rows[group + 1] - group_rows[group];
    while (count > 1) {
        const size_t half = count / 2;
        const bool above = (first[half].id & UINT16_MAX) <= (di & UINT16_MAX);
        first = above ? first + half : first;
        count = above ? count - half : half;
    }
    return dlt645_item_covers(first, di) ? first : NULL;
}

const dlt645_item *dlt645_item_at(size_t index)
{
    return index < ITEMS ? &items[index] : NULL;
}

const dlt645_item *dlt645_1997_item_at(size_t index)
{
    return index < dlt645_1997_item_count ? &dlt645_1997_items[index] : NULL;
}

const dlt645_part_row *dlt645_part_at(size_t index)
{
    return index < PARTS ? &part_rows[index] : NULL;
}

static dlt645_texts texts_at(uint32_t at)
{
    dlt645_texts t = {.zh = (const char *)&texts + at};
    t.en = t.zh + strlen(t.zh) + 1;
    t.unit = t.en + strlen(t.en) + 1;
    t.clause = t.unit + strlen(t.unit) + 1;
    return t;
}

dlt645_texts dlt645_item_texts(const dlt645_item *item)
{
    return texts_at(item->text);
}

dlt645_texts dlt645_part_texts(const dlt645_part_row *part)
{
    return texts_at(part->text);
}

const dlt645_part_row *dlt645_part_of(const dlt645_format *record, unsigned element,
                                      unsigned *out_number)
{
    unsigned before = 0;
    for (unsigned i = record[0].part_first; i < record[1].part_first; i++) {
        const dlt645_part_row *part = &part_rows[i];
        if (element < before + part->times) {
            *out_number = part->times > 1 ? element - before + 1 : 0;
            return part;
        }
        before += part->times;
    }
    return NULL;
}
