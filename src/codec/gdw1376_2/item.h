/**
 * @file item.h
 * @brief The tables: functions (AFN, Fn) with their names and what their data look like.
 *
 * Layer:   codec. Rows in item.def, field.def, afn.def, info.def, mode.def.
 */
#ifndef GT_CODEC_GDW1376_2_ITEM_H
#define GT_CODEC_GDW1376_2_ITEM_H

#include "codec/describe/describe.h"
#include "codec/gdw1376_2/frame.h"

typedef enum gdw1376_2_layout {
#define LAYOUT(symbol) GDW1376_2_LAYOUT_##symbol,
#define FIELD(kind, bytes, times, unit, zh, en)
#include "codec/gdw1376_2/field.def"
#undef FIELD
#undef LAYOUT
    GDW1376_2_LAYOUTS,
} gdw1376_2_layout;

typedef enum gdw1376_2_kind {
    GDW1376_2_KIND_NUMBER,
    GDW1376_2_KIND_DIGITS,
    GDW1376_2_KIND_RATE,
    GDW1376_2_KIND_TEXT,
    GDW1376_2_KIND_BYTES,
    GDW1376_2_KIND_FRAME,
} gdw1376_2_kind;

/** How often a field comes; field.def says what each means. */
typedef enum gdw1376_2_times {
    GDW1376_2_ONCE,
    GDW1376_2_COUNT,
    GDW1376_2_COUNT4,
    GDW1376_2_LESS1,
    GDW1376_2_EACH,
    GDW1376_2_INNER_COUNT,
    GDW1376_2_INNER,
    GDW1376_2_REST,
    GDW1376_2_BUT,
    GDW1376_2_IF_LEFT,
} gdw1376_2_times;

typedef struct gdw1376_2_field {
    uint8_t kind;  /* gdw1376_2_kind */
    uint8_t bytes; /* of a BUT field: those it leaves behind */
    uint8_t times; /* gdw1376_2_times */
    const char *unit;
    codec_name name;
} gdw1376_2_field;

typedef struct gdw1376_2_item {
    uint8_t afn;
    uint8_t fn;
    uint8_t down; /* gdw1376_2_layout */
    uint8_t up;
    codec_name name;
} gdw1376_2_item;

/** A value with a name: an AFN or a communication mode. */
typedef struct gdw1376_2_name {
    uint8_t value;
    codec_name name;
} gdw1376_2_name;

/** A part of R. */
typedef struct gdw1376_2_info_row {
    gdw1376_2_way way;
    gdw1376_2_info part;
    uint8_t byte;
    uint8_t len; /* bytes it reaches into */
    const char *id;
    codec_name name;
} gdw1376_2_info_row;

/** @return NULL when the table has no such row */
const gdw1376_2_item *gdw1376_2_item_of(uint8_t afn, uint16_t fn);
/** Row by index, ascending by AFN, Fn; NULL past the end. */
const gdw1376_2_item *gdw1376_2_item_at(size_t idx);
/** What the data look like; ANY for a function the table does not know (NULL). */
gdw1376_2_layout gdw1376_2_item_layout(const gdw1376_2_item *item, bool up);
const gdw1376_2_field *gdw1376_2_layout_fields(gdw1376_2_layout layout, size_t *out_count);
/** @return NULL when reserved */
const gdw1376_2_name *gdw1376_2_afn_of(uint8_t afn);
const gdw1376_2_name *gdw1376_2_mode_of(uint8_t mode);
/** Row by index; NULL past the end. */
const gdw1376_2_info_row *gdw1376_2_info_at(size_t idx);

#endif
