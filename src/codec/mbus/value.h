/**
 * @file value.h
 * @brief The value in a record: integer, BCD, real, text, time; and back, for meters.
 *
 * Layer:   codec. No I/O, no allocation, no floating point: a real stays the 32 bits it is.
 * Source:  EN 13757-3, data types A B C D F G H I J.
 */
#ifndef GT_CODEC_MBUS_VALUE_H
#define GT_CODEC_MBUS_VALUE_H

#include "codec/mbus/quantity.h"

typedef enum mbus_value_kind {
    MBUS_VALUE_NONE,    /* no data, or the meter marks it as having none */
    MBUS_VALUE_NUMBER,  /* number * 10^exponent */
    MBUS_VALUE_NIBBLES, /* BCD with letters in it, as meters show an error: not a number */
    MBUS_VALUE_REAL,    /* real * 10^exponent */
    MBUS_VALUE_TEXT,    /* ISO 8859-1 */
    MBUS_VALUE_BYTES,   /* a binary number too long for 64 bits */
    MBUS_VALUE_TIME,
} mbus_value_kind;

/** Which parts of a time there are. */
typedef enum mbus_time_type {
    MBUS_TIME_G, /* date, 2 bytes */
    MBUS_TIME_F, /* date, hour and minute, 4 bytes */
    MBUS_TIME_I, /* date and time with seconds, 6 bytes */
    MBUS_TIME_J, /* time of day, 3 bytes */
} mbus_time_type;

typedef struct mbus_time {
    mbus_time_type type;
    uint16_t year; /* four digits; 0: the meter means none or every year */
    uint8_t month; /* 0: not set */
    uint8_t day;   /* 0: not set, or every day */
    uint8_t hour;
    uint8_t minute;
    uint8_t second;
    bool summer;  /* F, I: summer time */
    bool invalid; /* the meter says that it is not a time (IV bit, or all ones) */
} mbus_time;

/** Only the members of its kind are written; kind and meaning always. */
typedef struct mbus_value {
    mbus_value_kind kind;
    bool backwards;  /* TEXT, BYTES: bytes hold the last letter, the lowest byte, first */
    uint8_t nibbles; /* NIBBLES: how many */
    int64_t number;  /* NUMBER; NIBBLES: as sent */
    uint32_t real;   /* REAL: IEEE 754 single precision */
    mbus_time time;
    const uint8_t *bytes; /* TEXT, BYTES */
    size_t len;
    mbus_meaning meaning;
} mbus_value;

/** @param msb_first mode 2: the high byte comes first */
void mbus_value_decode(const mbus_record *record, bool msb_first, mbus_value *out);

/**
 * A number as data of a field, low byte first. BCD takes a minus as FH in its highest digit.
 *
 * @param[out] out  8 bytes; the field says how many of them count
 * @return GT_ERR_RANGE        does not fit the field
 *         GT_ERR_UNSUPPORTED  not a field of integers or BCD
 */
GT_CHECKED gt_err mbus_number_encode(mbus_field field, int64_t number, uint8_t out[8]);

/**
 * @param[out] out  2, 4, 6 or 3 bytes by the time's type
 * @return GT_ERR_RANGE  a part that the type cannot hold
 */
GT_CHECKED gt_err mbus_time_encode(const mbus_time *time, uint8_t out[6], size_t *out_len);

#endif
