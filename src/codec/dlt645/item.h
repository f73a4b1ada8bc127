/**
 * @file item.h
 * @brief Data identifiers of DL/T 645 and the values of read answers and writes.
 *
 * Layer:   codec. No I/O, no allocation. Rows: items.def (2007), items_1997.def; formats:
 * format.def, record.def. Source:  DL/T 645-2007, annex A; DL/T 645-1997, annex A. Identifiers of
 * 1997 have four digits.
 */
#ifndef GT_CODEC_DLT645_ITEM_H
#define GT_CODEC_DLT645_ITEM_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DLT645_VALUES_MAX = 200 /* one frame holds no more */, DLT645_PROFILE_VALUES = 30 };

/** What they mean: format.def. */
typedef enum dlt645_kind {
    DLT645_KIND_NUMBER,
    DLT645_KIND_DEMAND,
    DLT645_KIND_TIME,
    DLT645_KIND_DIGITS,
    DLT645_KIND_CODE,
    DLT645_KIND_BITS,
    DLT645_KIND_BINARY,
    DLT645_KIND_ASCII,
    DLT645_KIND_BYTES,
    DLT645_KIND_RECORD,
} dlt645_kind;

typedef struct dlt645_format {
    uint8_t bytes; /* 0: a record, or as many as are left */
    uint8_t kind;  /* dlt645_kind */
    bool sign;
    uint8_t decimals;
    bool many;
    uint16_t part_first; /* RECORD: up to that of the format behind it */
    char parts[8];       /* TIME DEMAND */
} dlt645_format;

extern const dlt645_format dlt645_formats[]; /* and one more behind the last */

/** A part of a record. */
typedef struct dlt645_part_row {
    uint32_t text; /* see dlt645_part_texts */
    uint8_t times;
    uint8_t format; /* index of dlt645_formats */
} dlt645_part_row;

/** What DI1 and DI0 count; items.def says more. */
typedef enum dlt645_axis {
    DLT645_AXIS_NONE,
    DLT645_AXIS_SETTLE,
    DLT645_AXIS_TARIFF,
    DLT645_AXIS_RECORD,
    DLT645_AXIS_PHASE,
    DLT645_AXIS_MONTHS,
    DLT645_AXIS_PHASE_M,
    DLT645_AXIS_NUMBER,
    DLT645_AXIS_NUMBER0,
    DLT645_AXIS_EVENT,
    DLT645_AXIS_FREEZE,
    DLT645_AXIS_PROFILE,
    DLT645_AXIS_MONTH, /* 1997: DI1 + 4 a month back; low half of DI0: tariff */
    DLT645_AXIS_SLOT,  /* 1997: low half of DI0: number, from 1 */
} dlt645_axis;

typedef enum dlt645_access { DLT645_ACCESS_RO, DLT645_ACCESS_RW, DLT645_ACCESS_WO } dlt645_access;

typedef struct dlt645_item {
    uint32_t id;   /* lowest identifier of the row, of the first group that it belongs to */
    uint32_t text; /* see dlt645_item_texts */
    uint8_t di1_last;
    uint8_t di0_last;
    uint8_t axis;   /* dlt645_axis */
    uint8_t format; /* index of dlt645_formats */
    uint8_t access; /* dlt645_access */
} dlt645_item;

/** Identifiers without running numbers: DLT645_DI_REMAINING_MONEY. */
enum {
#define DI(symbol, id, di1_last, di0_last, axis, format, unit, access, clause, zh, en) \
    DLT645_DI_##symbol = (id)&0x7FFFFFFF,
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

/** On an identifier of security (07H): that of the answer's layout. */
#define DLT645_DI_ANSWER UINT32_C(0x80000000)

/** Row that covers @p di (FFH is no wildcard), or NULL; a MONTH row covers its months back too. */
const dlt645_item *dlt645_item_find(uint32_t di);
const dlt645_item *dlt645_1997_item_find(uint32_t di);
/** Rows in order, for tools: NULL past the last. A record's parts go from its format's part_first
 * on, up to that of the format behind it. */
const dlt645_item *dlt645_item_at(size_t index);
const dlt645_item *dlt645_1997_item_at(size_t index);
const dlt645_part_row *dlt645_part_at(size_t index);

typedef struct dlt645_texts {
    const char *zh;
    const char *en;
    const char *unit;   /* "" when none */
    const char *clause; /* items only */
} dlt645_texts;

dlt645_texts dlt645_item_texts(const dlt645_item *item);
dlt645_texts dlt645_part_texts(const dlt645_part_row *part);

static inline const dlt645_format *dlt645_item_format(const dlt645_item *item)
{
    return &dlt645_formats[item->format];
}

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
    const dlt645_part_row *part; /* of a record, else NULL */
    const uint8_t *bytes;        /* its bytes, in the data walked */
    int64_t raw;                 /* NUMBER DEMAND: x 10^-decimals; DIGITS CODE BITS BINARY; of
                                    BYTES how many */
    dlt645_stamp stamp;          /* TIME, DEMAND; all 0: never */
    uint32_t di;                 /* with FFH replaced by the running number */
    uint16_t element;            /* 0 total, 1 T1 ..; of a record which of its values; of a load
                                    profile that and DLT645_PROFILE_VALUES for each block before */
    bool absent;                 /* all bytes FFH: the meter has no such phase or value */
    bool negative;               /* the sign bit; raw carries the sign too, except for -0 */
} dlt645_value;

const dlt645_format *dlt645_value_format(const dlt645_value *value);
size_t dlt645_value_len(const dlt645_value *value); /* bytes */

/** Walks the values after the identifier of a read answer, a write or a security payload. */
typedef struct dlt645_walk {
    const uint8_t *data;
    size_t len;
    size_t pos;  /* of the next value; after a failure of the one that is wrong */
    uint32_t di; /* asked for; 2007: the next */
    uint32_t step;
    const dlt645_item *item;
    uint32_t left; /* 2007: values that the row has left */
    uint16_t element;
    uint16_t block;   /* load profile: of the answer */
    size_t block_end; /* load profile: of the block's body */
    bool edition_1997;
    uint32_t di_next; /* 1997: identifier to try next */
    uint32_t di_last; /* 1997: of the value before, 0 none or its family is closed by AAH */
} dlt645_walk;

/** In 1997 a family of a block (identifiers that share all but the last digit) may end with AAH. */
dlt645_walk dlt645_walk_of(uint32_t di, const uint8_t *data, size_t len);
dlt645_walk dlt645_1997_walk_of(uint32_t di, const uint8_t *data, size_t len);

/**
 * The next values, as many as are left and fit; call again until NOT_FOUND.
 *
 * @param cap at least 1
 * @return OK         *out_count >= 1 values
 *         NOT_FOUND  all values given (also at once for empty data)
 *         UNKNOWN    no row for the identifier, or block past its last row
 *         TRUNCATED  fewer bytes than the format has
 *         TRAILING   more bytes than the item has
 *         MALFORMED  not BCD, or a mark of the load profile; RANGE  no such date or time of day
 *         CHECKSUM   of a load profile block
 *         On failure @p out is unspecified.
 */
GT_CHECKED gt_err dlt645_walk_take(dlt645_walk *walk, dlt645_value *out, size_t cap,
                                   size_t *out_count);

/**
 * Bytes of one value; what the walk gave comes back as it was.
 * @return RANGE  does not fit the format; SPACE
 */
GT_CHECKED gt_err dlt645_value_encode(const dlt645_value *value, uint8_t *buf, size_t cap,
                                      size_t *out_len);

#endif
