/**
 * @file walk.h
 * @brief Going through one datum field by field: to measure it, to show it, to write it.
 *
 * Layer:   codec.
 */
#ifndef GT_CODEC_GDW1376_WALK_H
#define GT_CODEC_GDW1376_WALK_H

#include "codec/gdw1376/item.h"

/** A field met on the way. */
typedef struct gdw1376_met {
    const gdw1376_field *field;
    unsigned nth;   /* which of a repeated field, 1 ..; 0: it comes once */
    unsigned inner; /* which of the fields repeated inside that, 1 ..; 0: none */
    size_t len;     /* bytes; more than the format's only for BYTE */
} gdw1376_met;

/**
 * visit is called for each field; @p r stands at its first byte.
 *
 * Without `more` the bytes are there: every count is checked against them before its loop, and
 * visit must not move @p r. With `more` the datum is being written: visit appends exactly met->len
 * bytes behind r->len (or fails @p r), and more tells whether a field repeated "until the bytes
 * end" comes once more.
 */
typedef struct gdw1376_visitor {
    void (*visit)(void *ctx, const gdw1376_met *met, gt_rd *r);
    bool (*more)(void *ctx, const gdw1376_met *met);
    void *ctx;
} gdw1376_visitor;

/**
 * Walk one datum. Afterwards @p r stands behind it, or holds
 *   TRUNCATED  fewer bytes than the layout needs
 *   RANGE      a density that has no meaning, a length less than it must be
 *   MALFORMED  an event record longer or shorter than its layout
 *
 * @param v  NULL: only measure
 */
void gdw1376_shape_walk(gdw1376_shape shape, gt_rd *r, const gdw1376_visitor *v);

#endif
