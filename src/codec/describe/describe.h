/**
 * @file describe.h
 * @brief One decoded frame for people and for JSON, the same shape for every protocol.
 *
 * Layer:   codec. No I/O, no allocation, no clock, no globals.
 * Units:   offsets and lengths in bytes, counted from the first byte handed in.
 *
 * A codec offers two functions of these shapes, in its own describe.h:
 *
 *   codec_match NAME_probe(const uint8_t *in, size_t in_len, size_t *out_len);
 *     Does a frame of this protocol start at in[0]? FRAME: a whole frame with a right checksum,
 *     *out_len its bytes. SHAPE: it starts like one but is cut off or damaged, *out_len the bytes
 *     it would claim (at most in_len). NONE: something else, *out_len untouched.
 *
 *   void NAME_describe(const uint8_t *in, size_t in_len, codec_description *out);
 *     in is what a probe claimed. Calls codec_description_begin, then adds header fields in wire
 *     order, items, errors. A damaged frame still gets the fields before the damage, plus an
 *     error that says where, what was expected and what was found; it gets no items.
 *
 * Texts: every value lives in out->text (built with codec_text_*), so the description must not be
 * copied. Names, meanings and units point to static storage, or to a map that outlives it.
 * Too many rows or too long a text never overflow: `cut` says that something was left out.
 */
#ifndef GT_CODEC_DESCRIBE_DESCRIBE_H
#define GT_CODEC_DESCRIBE_DESCRIBE_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CODEC_FIELDS_MAX = 40,
    CODEC_ITEMS_MAX = 320,
    CODEC_ERRORS_MAX = 8,
    CODEC_TEXT_MAX = 16384,
};

typedef enum codec_match { CODEC_MATCH_NONE, CODEC_MATCH_SHAPE, CODEC_MATCH_FRAME } codec_match;

typedef struct codec_bytes {
    const uint8_t *buf;
    size_t len;
} codec_bytes;

typedef struct codec_name {
    const char *zh; /* UTF-8; NULL when there is none */
    const char *en;
} codec_name;

/** A part of the frame's envelope: start, address, control, length, checksum, ... */
typedef struct codec_field {
    const char *id; /* stable, for JSON: "control" */
    codec_name name;
    uint32_t offset;
    uint32_t len;
    const char *value;  /* as the standard writes it: "91H", "000006605518" */
    codec_name meaning; /* of that value: "answer to read"; NULL when it says it all */
} codec_field;

/** A quantity or parameter that the frame carries. */
typedef struct codec_item {
    const char *id; /* as the standard numbers it: "00010000", "F129 p5", "0x0015" */
    codec_name name;
    uint32_t offset; /* 0 and 0 when it has no bytes of its own */
    uint32_t len;
    const char *value; /* decimal text, date, digits, hex; NULL: the meter says it has none */
    const char *unit;  /* "kWh"; "" when none */
} codec_item;

typedef struct codec_error {
    gt_err err;
    uint32_t offset;
    const char *expected; /* English, short: "end mark 16H" */
    const char *found;    /* "17H", "end of input" */
} codec_error;

typedef struct codec_description {
    const char *protocol; /* "dlt645-2007", "modbus", "qgdw1376.1" */
    codec_name title;     /* what the frame is, in a few words */
    const char *address;  /* as people write it, "" when none */
    codec_field fields[CODEC_FIELDS_MAX];
    size_t field_count;
    codec_item items[CODEC_ITEMS_MAX];
    size_t item_count;
    codec_error errors[CODEC_ERRORS_MAX];
    size_t error_count;
    uint32_t inner_offset; /* a whole frame of another protocol carried inside */
    uint32_t inner_len;    /* 0: none */
    bool cut;              /* rows or texts were left out for lack of room */
    char text[CODEC_TEXT_MAX];
    size_t text_len;
    size_t text_start; /* of the text being built */
} codec_description;

/** Empties @p d. @p protocol is static storage; title and address start as "". */
void codec_description_begin(codec_description *d, const char *protocol);
/** Copies the row; a full table sets `cut` instead. */
void codec_field_add(codec_description *d, const codec_field *field);
void codec_item_add(codec_description *d, const codec_item *item);
void codec_error_add(codec_description *d, const codec_error *error);

/* Text building: any number of the next calls, then codec_text_end gives what they built. */
void codec_text_add(codec_description *d, const char *text);
/** @p len bytes of text that need not be terminated; bytes below 20H and 7FH show as '.'. */
void codec_text_add_bytes(codec_description *d, const uint8_t *text, size_t len);
/** Decimal, padded with zeros to at least @p digits_min. */
void codec_text_add_number(codec_description *d, uint64_t value, unsigned digits_min);
/** Numbers at fixed places: each run of 'd' takes the next number, padded with zeros to just so
 * many digits; other characters stand for themselves: "dddd-dd-dd dd:dd" -> "2026-11-21 09:30". */
void codec_text_add_parts(codec_description *d, const char *pattern, const unsigned *numbers);
/** 12345 with 2 decimals -> "123.45". */
void codec_text_add_decimal(codec_description *d, int64_t value, unsigned decimals);
/** number * 10^exponent: "0.0012", "1200". */
void codec_text_add_scaled(codec_description *d, int64_t number, int exponent);
/** An IEEE 754 single times 10^exponent, exact to nine digits. @return false, and no text, when it
 * is infinite or not a number */
bool codec_text_add_real(codec_description *d, uint32_t bits, int exponent);
/** Upper-case hex digits of the value, padded with zeros to @p digits. */
void codec_text_add_hex(codec_description *d, uint64_t value, unsigned digits);
/** Bytes as upper-case hex in memory order, no separators. */
void codec_text_add_hex_bytes(codec_description *d, const uint8_t *buf, size_t len);
/** @return the finished text (never NULL), valid as long as @p d */
const char *codec_text_end(codec_description *d);

/** One call for the commonest: "91H". */
const char *codec_text_hex(codec_description *d, uint64_t value, unsigned digits);

/** Adds an error at @p offset; `found` becomes the byte there ("17H") or "end of input". */
void codec_error_add_at(codec_description *d, gt_err err, uint32_t offset, const char *expected,
                        codec_bytes in);

#endif
