/**
 * @file walk.h
 * @brief Going through one function's data field by field: to measure, to show, to write them.
 *
 * Layer:   codec.
 */
#ifndef GT_CODEC_GDW1376_2_WALK_H
#define GT_CODEC_GDW1376_2_WALK_H

#include "codec/gdw1376_2/item.h"

/** A field met on the way. */
typedef struct gdw1376_2_met {
    const gdw1376_2_field *field;
    unsigned nth; /* which of a repeated group, from 0 */
    size_t len;   /* bytes; SIZE_MAX: as many as the one who writes them likes */
} gdw1376_2_met;

/**
 * visit is called for each field; @p r stands at its first byte.
 *
 * Without `more` the data were measured before, and visit must not move @p r. With `more` they are
 * being written: visit appends met->len bytes behind r->len (or fails @p r), and more tells whether
 * a field that need not come does.
 */
typedef struct gdw1376_2_visitor {
    void (*visit)(void *ctx, const gdw1376_2_met *met, gt_rd *r);
    bool (*more)(void *ctx);
    void *ctx;
} gdw1376_2_visitor;

/**
 * Walk the data of one function. Every count is held against the bytes left before its loop.
 * Afterwards @p r stands behind the last field, or holds TRUNCATED.
 *
 * @param v  NULL: only measure
 */
void gdw1376_2_layout_walk(gdw1376_2_layout layout, gt_rd *r, const gdw1376_2_visitor *v);

#endif
