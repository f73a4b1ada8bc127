/**
 * @file item.h
 * @brief The table of functions (AFN, Fn): names, and how their data are laid out.
 *
 * Layer:   codec. Rows in item.def (functions) and field.def (fields of a layout).
 */
#ifndef GT_CODEC_GDW1376_ITEM_H
#define GT_CODEC_GDW1376_ITEM_H

#include "codec/gdw1376/format.h"

typedef enum gdw1376_layout {
#define LAYOUT(symbol) GDW1376_LAYOUT_##symbol,
#include "codec/gdw1376/layout.def"
#undef LAYOUT
} gdw1376_layout;

/** How often a field occurs. Neighbouring fields with the same COUNTED or REST repeat as a group.
 */
typedef enum gdw1376_times {
    GDW1376_ONCE,
    GDW1376_COUNT,   /* once; its value is the count of the COUNTED groups after it */
    GDW1376_COUNTED, /* count times */
    GDW1376_REST,    /* until the bytes end */
} gdw1376_times;

typedef struct gdw1376_field {
    gdw1376_layout layout;
    gdw1376_format format;
    gdw1376_times times;
    const char *unit;
    const char *zh;
    const char *en;
} gdw1376_field;

typedef enum gdw1376_way { GDW1376_WAY_DOWN, GDW1376_WAY_UP } gdw1376_way;

typedef struct gdw1376_item {
    uint8_t afn;
    gdw1376_way way;
    uint16_t fn;
    gdw1376_layout layout; /* NONE: no data; OPAQUE: length unknown */
    const char *zh;
    const char *en;
    const char *clause; /* of Q/GDW 1376.1, or "vendor" */
} gdw1376_item;

/** @return NULL when the table has no such row */
const gdw1376_item *gdw1376_item_of(uint8_t afn, bool up, uint16_t fn);
/** Row by index, for docs and tests; NULL past the end. Ascending by AFN, way, Fn. */
const gdw1376_item *gdw1376_item_at(size_t idx);
/** Fields of a layout, in wire order. */
const gdw1376_field *gdw1376_layout_fields(gdw1376_layout layout, size_t *out_count);

typedef struct gdw1376_afn_row {
    uint8_t afn;
    const char *zh;
    const char *en;
} gdw1376_afn_row;

/** @return NULL for a reserved AFN */
const gdw1376_afn_row *gdw1376_afn_of(uint8_t afn);

/** Called for each field met; @p r stands at its first byte and must not be moved. */
typedef void gdw1376_field_visit(void *ctx, const gdw1376_field *field, unsigned nth,
                                 const gt_rd *r);

/**
 * Walk one datum of a layout, checking every count against the bytes left before its loop.
 * Afterwards @p r stands behind the datum, or holds TRUNCATED or UNSUPPORTED.
 *
 * @param visit may be NULL (only measure)
 */
void gdw1376_layout_walk(gdw1376_layout layout, gt_rd *r, gdw1376_field_visit *visit, void *ctx);

#endif
