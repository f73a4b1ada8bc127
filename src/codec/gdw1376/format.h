/**
 * @file format.h
 * @brief Data formats A.1 .. A.28 of Q/GDW 1376.1: packed BCD numbers and times.
 *
 * Layer:   codec.
 * Source:  Q/GDW 1376.1, appendix A. Rows in format.def.
 * A field whose bytes are all EEH says "no data": present is false. Numbers are integers in the
 * last decimal of their format: 220.5 V in A.7 is 2205.
 */
#ifndef GT_CODEC_GDW1376_FORMAT_H
#define GT_CODEC_GDW1376_FORMAT_H

#include "base/bytes.h"
#include "base/time.h"

typedef enum gdw1376_format {
#define NUMBER(symbol, size, decimals, is_signed, text) GDW1376_##symbol,
#define TIME(symbol, size, bytes, text) GDW1376_##symbol,
#define SCALED(symbol, size, text) GDW1376_##symbol,
#define PLAIN(symbol, kind, size, text) GDW1376_##symbol,
#include "codec/gdw1376/format.def"
#undef NUMBER
#undef SCALED
#undef TIME
#undef PLAIN
} gdw1376_format;

typedef enum gdw1376_kind {
    GDW1376_KIND_NUMBER,   /* BCD, present or absent */
    GDW1376_KIND_TIME,     /* BCD digits of a wall clock, present or absent */
    GDW1376_KIND_SCALED,   /* BCD with a power of ten, present or absent */
    GDW1376_KIND_COUNT,    /* binary, low byte first */
    GDW1376_KIND_COUNT_BE, /* binary, high byte first */
    GDW1376_KIND_HEX,      /* bytes as they stand */
    GDW1376_KIND_TEXT,     /* ASCII, zeros after its end */
    GDW1376_KIND_ADDR,     /* 12 nibbles, the last byte first */
    GDW1376_KIND_IP,       /* a.b.c.d */
    GDW1376_KIND_DADT,     /* a data unit identifier */
    GDW1376_KIND_BYTE,     /* as many bytes as a count before it says */
    GDW1376_KIND_EVENT,    /* ERC, Le, Le bytes */
} gdw1376_kind;

typedef struct gdw1376_format_row {
    gdw1376_kind kind;
    uint8_t size;     /* bytes on the wire */
    uint8_t decimals; /* numbers */
    bool is_signed;   /* numbers: the top bit is the sign, the top digit 0 .. 7 */
    const char *time; /* times: one letter a byte, wire order: s m h D M Y, W month with weekday */
    const char *text; /* "A.15 YYMMDDhhmm" */
} gdw1376_format_row;

const gdw1376_format_row *gdw1376_format_of(gdw1376_format format);

typedef struct gdw1376_num {
    bool present;
    int64_t value; /* 0 when absent */
} gdw1376_num;

/** A.2 and A.3: digits times 10^exponent. A.2: +-999, 10^-3 .. 10^4; A.3: +-9999999, 10^0 or 10^3.
 */
typedef struct gdw1376_scaled {
    bool present;
    int32_t digits; /* 0 when absent */
    int exponent;
} gdw1376_scaled;

/** Local civil time; parts the format lacks read 2000-01-01 00:00:00. */
typedef struct gdw1376_when {
    bool present;
    uint8_t weekday; /* A.1: 1 Monday .. 7 Sunday, 0 not given */
    gt_civil at;     /* years 2000 .. 2099 */
} gdw1376_when;

gdw1376_num gdw1376_num_of(int64_t value);
gdw1376_num gdw1376_num_absent(void);
/** As num_of, but absent when @p format cannot hold the value. */
gdw1376_num gdw1376_num_fit(gdw1376_format format, int64_t value);
/** @p at with its weekday. An invalid @p at gives absent. */
gdw1376_when gdw1376_when_of(const gt_civil *at);
gdw1376_when gdw1376_when_absent(void);

/** MALFORMED on a digit above 9 (unless all bytes are EEH). */
gdw1376_num gdw1376_num_read(gt_rd *r, gdw1376_format format);
enum { GDW1376_POINT_ABSENT = INT32_MIN };

/**
 * A run of @p count numbers of one format of at most four bytes, as the points of a curve are.
 * Absent ones are GDW1376_POINT_ABSENT. MALFORMED at the first bad digit; @p out is written only
 * when all are good.
 */
void gdw1376_points_read(gt_rd *r, gdw1376_format format, int32_t *out, size_t count);
/** RANGE when one does not fit the format. */
void gdw1376_points_write(gt_wr *w, gdw1376_format format, const int32_t *points, size_t count);
/** RANGE when the value does not fit the format. */
void gdw1376_num_write(gt_wr *w, gdw1376_format format, gdw1376_num num);
/** MALFORMED on a digit above 9, or a bit that the format leaves 0. */
gdw1376_scaled gdw1376_scaled_read(gt_rd *r, gdw1376_format format);
/** RANGE when digits or exponent do not fit the format. */
void gdw1376_scaled_write(gt_wr *w, gdw1376_format format, const gdw1376_scaled *scaled);
/** MALFORMED on a bad digit or a date that does not exist (unless all bytes are EEH). */
gdw1376_when gdw1376_when_read(gt_rd *r, gdw1376_format format);
/** RANGE for a year outside 2000 .. 2099 or a date that does not exist. */
void gdw1376_when_write(gt_wr *w, gdw1376_format format, const gdw1376_when *when);

#endif
