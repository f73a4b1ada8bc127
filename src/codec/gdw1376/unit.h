/**
 * @file unit.h
 * @brief Data unit identifiers (DA, DT <-> Pn, Fn) and walking the data units of a frame.
 *
 * Layer:   codec.
 * Source:  Q/GDW 1376.1, 4.3.4.4 data unit identifier.
 * DA names up to 8 points of one group, DT up to 8 functions of one group; with several of either
 * the data come point by point, and within a point function by function.
 */
#ifndef GT_CODEC_GDW1376_UNIT_H
#define GT_CODEC_GDW1376_UNIT_H

#include "codec/gdw1376/frame.h"

enum {
    GDW1376_POINT_MAX = 2040,   /* DA2 1 .. 255, 8 points each; p0 is the terminal itself */
    GDW1376_POINT_ALL = 0xFFFF, /* DA1 FF, DA2 00: every point that has data */
    GDW1376_FN_MAX = 248,       /* DT2 0 .. 30 */
    GDW1376_SET_MAX = 8,
    GDW1376_ID_LEN = 4,
};

/** The numbers one DA or one DT names, ascending. */
typedef struct gdw1376_set {
    uint8_t count; /* 1 .. 8 */
    uint16_t number[GDW1376_SET_MAX];
} gdw1376_set;

typedef struct gdw1376_id {
    gdw1376_set points;
    gdw1376_set fns;
} gdw1376_id;

/** DA, DT -> sets. MALFORMED on an empty mask or a group outside the tables above. */
void gdw1376_id_read(gt_rd *r, gdw1376_id *out);
/** RANGE when the numbers of a set are not of one group, not ascending, or out of range. */
void gdw1376_id_write(gt_wr *w, const gdw1376_id *id);
/** One point, one function. */
gdw1376_id gdw1376_id_of(uint16_t point, uint16_t fn);
/**
 * How many of @p points (ascending) fit one DA: the leading ones that share a group of eight.
 * A request for many points is cut into units with this.
 */
size_t gdw1376_points_together(const uint16_t *points, size_t count);

/** One datum: what one function says about one point. */
typedef struct gdw1376_unit {
    uint16_t point; /* 0, 1 .. 2040, or GDW1376_POINT_ALL in a request */
    uint16_t fn;
    const uint8_t *data; /* borrowed from the frame; the bytes of this datum alone */
    size_t len;
    size_t offset; /* of data, counted from the first data unit identifier */
} gdw1376_unit;

typedef struct gdw1376_units {
    gt_rd r;
    uint8_t afn;
    bool up;
    gdw1376_id id; /* being walked */
    uint8_t point_idx;
    uint8_t fn_idx;
    bool inside; /* id holds a datum not yet given out */
} gdw1376_units;

gdw1376_units gdw1376_units_of(const gdw1376_frame *frame);
/** Data left to give out? */
bool gdw1376_units_more(const gdw1376_units *it);
/**
 * The next datum. How long it is follows from the item table (item.h): fixed layouts, and counts
 * checked against the bytes left. A class 1 request has no data, so there any function is walked.
 *
 * @return GT_ERR_UNKNOWN    the table has no such function; the rest cannot be walked
 *         GT_ERR_TRUNCATED  fewer bytes than the layout needs
 *         GT_ERR_RANGE      a freeze density or length that has no meaning
 *         GT_ERR_MALFORMED  bad identifier
 *         After an error the walk is over: gdw1376_units_more says false.
 */
GT_CHECKED gt_err gdw1376_units_next(gdw1376_units *it, gdw1376_unit *out);

/** A reader over the datum. */
gt_rd gdw1376_unit_reader(const gdw1376_unit *unit);

#endif
