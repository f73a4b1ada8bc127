/**
 * @file item.h
 * @brief Identifiers of CJ/T 188 and the values behind them.
 *
 * Layer:   codec. No I/O, no allocation. Rows: items.def, fields.def, format.def, unit.def.
 * A meter model's own identifiers, or its own layout of a standard one, are data: codec/items.
 */
#ifndef GT_CODEC_CJT188_ITEM_H
#define GT_CODEC_CJT188_ITEM_H

#include "codec/cjt188/message.h"

typedef enum cjt188_access { CJT188_ACCESS_RO, CJT188_ACCESS_WO } cjt188_access;

typedef struct cjt188_item {
    uint16_t id;
    uint16_t last;
    cjt188_access access;
    const char *clause;
    const char *name_zh;
    const char *name_en;
} cjt188_item;

enum {
#define DI(symbol, id, last, access, clause, zh, en) CJT188_DI_##symbol = id,
#include "codec/cjt188/items.def"
#undef DI
};

typedef enum cjt188_kind {
    CJT188_KIND_NUMBER,
    CJT188_KIND_UNITED, /* a number, then the code of its unit */
    CJT188_KIND_BINARY,
    CJT188_KIND_STATUS,
    CJT188_KIND_VALVE,
    CJT188_KIND_TIME,
    CJT188_KIND_HEX,
} cjt188_kind;

typedef struct cjt188_format {
    uint8_t bytes;
    cjt188_kind kind;
    uint8_t decimals;
} cjt188_format;

#define FORMAT(symbol, bytes, kind, decimals) CJT188_FORMAT_##symbol,
typedef enum cjt188_format_id {
#include "codec/cjt188/format.def"
} cjt188_format_id;
#undef FORMAT

typedef enum cjt188_way { CJT188_WAY_REQUEST, CJT188_WAY_ANSWER } cjt188_way;
typedef enum cjt188_types { CJT188_TYPES_ALL, CJT188_TYPES_HEAT, CJT188_TYPES_FLOW } cjt188_types;

typedef struct cjt188_field {
    uint16_t di; /* of a history item the first of its identifiers */
    cjt188_way way;
    cjt188_types types;
    const char *id;
    cjt188_format_id format;
    const char *unit;
    const char *name_zh;
    const char *name_en;
} cjt188_field;

/** D0 D1 of the status. */
enum {
    CJT188_STATUS_VALVE = 0x03,
    CJT188_STATUS_VALVE_OPEN = 0,
    CJT188_STATUS_VALVE_CLOSED = 1,
    CJT188_STATUS_VALVE_FAULT = 3,
    CJT188_STATUS_BATTERY_LOW = 0x04,
    CJT188_VALVE_OPEN = 0x55,
    CJT188_VALVE_CLOSE = 0x99,
};

/** NULL when the standard has no such identifier. */
const cjt188_item *cjt188_item_find(uint16_t di);
const cjt188_item *cjt188_item_at(size_t index);
/** Rows in order, for tools: NULL past the last. */
const cjt188_field *cjt188_field_at(size_t index);
const cjt188_format *cjt188_format_of(const cjt188_field *field);
/** "m3"; NULL for a code that the standard does not name. */
const char *cjt188_unit_text(uint8_t code);

/** Decimal digits of the wire. */
typedef struct cjt188_stamp {
    uint16_t year;
    uint8_t month;
    uint8_t day;
    uint8_t hour;
    uint8_t minute;
    uint8_t second;
} cjt188_stamp;

typedef struct cjt188_value {
    const cjt188_field *field;
    const uint8_t *bytes; /* its bytes, in the message's data */
    uint64_t raw;         /* numbers x 10^-decimals; STATUS VALVE HEX: the bits; TIME: the digits */
    cjt188_stamp stamp;   /* TIME */
    uint16_t di;
    uint8_t unit; /* UNITED: its code */
    bool absent;  /* all bytes FFH */
} cjt188_value;

typedef struct cjt188_walk {
    const cjt188_message *message;
    const cjt188_field *next; /* row of the next value, NULL when there is none */
    const cjt188_field *end;  /* of the identifier's rows */
    size_t pos;               /* of the next value; after a failure of the one that is wrong */
} cjt188_walk;

/** The message, and the frame its data is in, must outlive the walk. */
cjt188_walk cjt188_walk_of(const cjt188_message *message);
/**
 * The next values, as many as are left and fit; call again until NOT_FOUND.
 *
 * @param cap at least 1
 * @return OK         *out_count >= 1 values
 *         NOT_FOUND  all values given (at once for empty data)
 *         UNKNOWN    no layout for the identifier that way
 *         TRUNCATED TRAILING  the data is shorter or longer than the layout
 *         MALFORMED  not BCD; RANGE  no such date or time of day
 *         On failure @p out is unspecified.
 */
GT_CHECKED gt_err cjt188_walk_take(cjt188_walk *walk, cjt188_value *out, size_t cap,
                                   size_t *out_count);
/** A value as a bare number; see cjt188_value. */
typedef struct cjt188_number {
    const cjt188_field *field;
    uint64_t raw; /* TIME: YYYYMMDDhhmmss in decimal; absent: 0 */
    uint8_t unit;
    bool absent;
} cjt188_number;

enum { CJT188_NUMBERS_MAX = 16 /* no layout has more */ };

typedef struct cjt188_numbers {
    uint64_t addr;
    uint16_t di;
    uint8_t type;
    uint8_t count;
    cjt188_number value[CJT188_NUMBERS_MAX]; /* count of them */
} cjt188_numbers;

/**
 * The answer to a read (81H), first 68H to 16H, to its numbers: frame, message and walk in one
 * call, by the same rules.
 *
 * @return UNSUPPORTED  no such answer
 *         NOT_FOUND    an identifier and nothing behind it
 *         else as cjt188_frame_decode and cjt188_walk_take. On failure @p out is unspecified.
 */
GT_CHECKED gt_err cjt188_numbers_read(const uint8_t *in, size_t in_len, cjt188_numbers *out);
/** To the row behind the next one, for those who write. */
void cjt188_walk_skip(cjt188_walk *walk);
/** @return RANGE  does not fit the format; SPACE */
GT_CHECKED gt_err cjt188_value_encode(const cjt188_value *value, uint8_t *buf, size_t cap,
                                      size_t *out_len);

#endif
