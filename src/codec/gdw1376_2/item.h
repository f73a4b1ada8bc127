/**
 * @file item.h
 * @brief The table of functions (AFN, way, Fn): names, and how their data are laid out.
 *
 * Layer:   codec. Rows in item.def, field.def, afn.def, info.def, mode.def.
 */
#ifndef GT_CODEC_GDW1376_2_ITEM_H
#define GT_CODEC_GDW1376_2_ITEM_H

#include "codec/gdw1376_2/frame.h"

typedef enum gdw1376_2_layout {
#define LAYOUT(symbol) GDW1376_2_LAYOUT_##symbol,
#include "codec/gdw1376_2/layout.def"
#undef LAYOUT
} gdw1376_2_layout;

typedef enum gdw1376_2_kind {
    GDW1376_2_KIND_NUMBER,
    GDW1376_2_KIND_DIGITS,
    GDW1376_2_KIND_TEXT,
    GDW1376_2_KIND_FRAME,
} gdw1376_2_kind;

typedef enum gdw1376_2_times {
    GDW1376_2_ONCE,
    GDW1376_2_COUNT,
    GDW1376_2_COUNTED,
} gdw1376_2_times;

typedef struct gdw1376_2_field {
    gdw1376_2_layout layout;
    gdw1376_2_kind kind;
    uint8_t bytes;
    gdw1376_2_times times;
    const char *zh;
    const char *en;
} gdw1376_2_field;

typedef struct gdw1376_2_item {
    uint8_t afn;
    gdw1376_2_way way;
    uint16_t fn;
    gdw1376_2_layout layout;
    const char *zh;
    const char *en;
} gdw1376_2_item;

/** A value with a name: an AFN or a communication mode. */
typedef struct gdw1376_2_name {
    uint8_t value;
    const char *zh;
    const char *en;
} gdw1376_2_name;

/** @return NULL when the table has no such row */
const gdw1376_2_item *gdw1376_2_item_of(uint8_t afn, bool up, uint16_t fn);
/** Row by index, ascending by AFN, way, Fn; NULL past the end. */
const gdw1376_2_item *gdw1376_2_item_at(size_t idx);
/** @return NULL when reserved */
const gdw1376_2_name *gdw1376_2_afn_of(uint8_t afn);
const gdw1376_2_name *gdw1376_2_mode_of(uint8_t mode);

/** One field met: @p len bytes at @p at; @p nth counts repetitions from 0. */
typedef void gdw1376_2_field_visit(void *ctx, const gdw1376_2_field *field, unsigned nth,
                                   const gt_rd *at, size_t len);

/**
 * Walks the data of one function, checking each count against the bytes left before its loop.
 *
 * @param visit may be NULL (only check)
 * @return GT_ERR_TRUNCATED, GT_ERR_TRAILING: the data do not fit the layout. An OPAQUE layout takes
 *         any data and visits nothing.
 */
GT_CHECKED gt_err gdw1376_2_layout_walk(gdw1376_2_layout layout, gt_rd *r,
                                        gdw1376_2_field_visit *visit, void *ctx);

#endif
