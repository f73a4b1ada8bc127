/**
 * @file item.h
 * @brief Data identifiers of DL/T 645 and the values of read answers and writes.
 *
 * Layer:   codec. No I/O, no allocation. Rows: items.def (2007), items_1997.def; formats:
 * format.def. Source:  DL/T 645-2007, annex A; DL/T 645-1997, annex A. Identifiers of 1997 have
 * four digits.
 */
#ifndef GT_CODEC_DLT645_ITEM_H
#define GT_CODEC_DLT645_ITEM_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DLT645_ASCII_MAX = 32 };

typedef enum dlt645_kind {
    DLT645_KIND_NUMBER,
    DLT645_KIND_SIGNED,
    DLT645_KIND_DEMAND, /* a number and a time */
    DLT645_KIND_TIME,
    DLT645_KIND_DIGITS,
    DLT645_KIND_ASCII,
    DLT645_KIND_BITS,
} dlt645_kind;

typedef struct dlt645_format {
    uint8_t bytes;
    dlt645_kind kind;
    uint8_t decimals;
    bool many;
    const char *parts;
} dlt645_format;

typedef enum dlt645_axis {
    DLT645_AXIS_NONE,
    DLT645_AXIS_SETTLE, /* DI0: settlement days back, 0 now */
    DLT645_AXIS_TARIFF, /* DI1: tariff; DI0 as SETTLE */
    DLT645_AXIS_RECORD, /* DI0: records back, 1 the last */
    DLT645_AXIS_DAYS,   /* DI0: days back, 1 the last; elements: total, T1 .. */
    DLT645_AXIS_NUMBER, /* DI0: number, from 1 */
    DLT645_AXIS_MONTH,  /* 1997: DI1 + 4 a month back; low half of DI0: tariff */
    DLT645_AXIS_SLOT,   /* 1997: low half of DI0: number, from 1 */
} dlt645_axis;

typedef enum dlt645_access { DLT645_ACCESS_RO, DLT645_ACCESS_RW, DLT645_ACCESS_WO } dlt645_access;

typedef struct dlt645_item {
    uint32_t id; /* lowest identifier of the row */
    uint8_t di1_last;
    uint8_t di0_last;
    dlt645_axis axis;
    const dlt645_format *format;
    const char *unit;
    dlt645_access access;
    const char *clause;
    const char *name_zh;
    const char *name_en;
} dlt645_item;

/** Identifiers without running numbers: DLT645_DI_REMAINING_MONEY. */
enum {
#define DI(symbol, id, di1_last, di0_last, axis, format, unit, access, clause, zh, en) \
    DLT645_DI_##symbol = id,
#include "codec/dlt645/items.def"
#undef DI
};

/** The same of the 1997 edition: DLT645_1997_DI_ENERGY_FWD. */
enum {
#define DI(symbol, id, di0_last, axis, format, unit, access, clause, zh, en) \
    DLT645_1997_DI_##symbol = id,
#include "codec/dlt645/items_1997.def"
#undef DI
};

/** Row that covers @p di (no FFH bytes), or NULL. */
const dlt645_item *dlt645_item_find(uint32_t di);
/** Does the row cover @p di? */
bool dlt645_item_covers(const dlt645_item *item, uint32_t di);
/** How many rows start at @p di or below; the last of them is the only one that may cover it. */
size_t dlt645_item_count_to(uint32_t di);
/** Rows in order, for tools: NULL past the last. */
const dlt645_item *dlt645_item_at(size_t index);
/** The same of the 1997 edition; a MONTH row covers its months back too. */
const dlt645_item *dlt645_1997_item_find(uint32_t di);
const dlt645_item *dlt645_1997_item_at(size_t index);

/** Decimal digits of the wire; a part that the format lacks is 0. */
typedef struct dlt645_stamp {
    uint8_t year; /* 20YY */
    uint8_t month;
    uint8_t day;
    uint8_t weekday; /* 0 Sunday .. 6 */
    uint8_t hour;
    uint8_t minute;
    uint8_t second;
    uint8_t number; /* what begins then: a tariff or a day table */
} dlt645_stamp;

typedef struct dlt645_value {
    const dlt645_item *item;
    uint32_t di;     /* with FFH replaced by the running number */
    uint8_t element; /* of a `many` format: 0 total, 1 T1 .. */
    uint8_t offset;  /* of its bytes within the data walked */
    bool absent;     /* all bytes FFH: the meter has no such phase or value */
    bool negative;   /* the sign bit; raw carries the sign too, except for -0 */
    int64_t raw;     /* NUMBER SIGNED DEMAND: x 10^-decimals; DIGITS: 12 digits; BITS: the word */
    dlt645_stamp stamp;              /* TIME, DEMAND; all 0: never */
    uint8_t ascii[DLT645_ASCII_MAX]; /* in reading order, format.bytes of them */
} dlt645_value;

/** Walks the values after the identifier of a read answer or a write; blocks give several. */
typedef struct dlt645_walk {
    uint32_t di;
    const uint8_t *data;
    size_t len;
    size_t pos;
    unsigned step;
    bool edition_1997;
    uint32_t di_next; /* 1997: identifier to try next */
    uint32_t di_last; /* 1997: of the value before, 0 none or its family is closed by AAH */
} dlt645_walk;

dlt645_walk dlt645_walk_of(uint32_t di, const uint8_t *data, size_t len);
/** 1997: a family of a block (the identifiers that share all but the last digit) may end early with
 * an end mark AAH. */
dlt645_walk dlt645_1997_walk_of(uint32_t di, const uint8_t *data, size_t len);
/**
 * @return OK         *out is the next value
 *         NOT_FOUND  all values given (also at once for empty data)
 *         UNKNOWN    no row for the identifier, or block past its last row
 *         TRUNCATED  fewer bytes than the format has
 *         TRAILING   more bytes than the item has
 *         MALFORMED  not BCD; RANGE  no such date or time of day
 */
GT_CHECKED gt_err dlt645_walk_next(dlt645_walk *walk, dlt645_value *out);

/**
 * Bytes of one value; what the walk gave comes back as it was.
 * @return RANGE  does not fit the format; SPACE
 */
GT_CHECKED gt_err dlt645_value_encode(const dlt645_value *value, uint8_t *buf, size_t cap,
                                      size_t *out_len);

#endif
