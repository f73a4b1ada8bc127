/**
 * @file template.h
 * @brief Registration and heartbeat packets of a DTU: what they look like is a line of text.
 *
 * Layer:   codec. No I/O, no allocation.
 * Source:  no standard; each make sends what its owner configured. Fields as in the configuration
 *          manuals of several makes (docs/protocols/dtu.md).
 *
 * A template is literal text with fields in braces: "LOGIN:{imei},{id:8}\r\n". Each field of
 * field.def has a fixed width, so a packet has one length. Escapes: \r \n \t \\ \{ \} \xHH. A
 * template that starts with "hex:" holds literals as pairs of hex digits, spaces between them:
 * "hex: FE FE {bcd:6} 16".
 */
#ifndef GT_CODEC_DTU_TEMPLATE_H
#define GT_CODEC_DTU_TEMPLATE_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    DTU_PACKET_MAX = 256,
    DTU_PARTS_MAX = 16,
    DTU_BITS_ANYWHERE = 24, /* so much must be right before payload is searched for a packet */
};

typedef enum dtu_format {
    DTU_DIGITS,   /* characters 0 .. 9 */
    DTU_HEX_TEXT, /* characters 0 .. 9, A .. F, a .. f */
    DTU_TEXT,     /* printable ASCII */
    DTU_BCD,      /* two decimal digits a byte */
    DTU_RAW,      /* any byte */
} dtu_format;

/** What a field of that name is. */
typedef struct dtu_field {
    const char *name;
    dtu_format format;
    uint16_t len; /* 0: the template says it */
    bool who;     /* names the device */
    const char *zh;
    const char *en;
} dtu_field;

typedef struct dtu_part {
    const dtu_field *field; /* NULL: literal bytes */
    uint16_t at;
    uint16_t len;
} dtu_part;

typedef struct dtu_template {
    dtu_part parts[DTU_PARTS_MAX];
    size_t part_count;
    size_t len; /* of the packet; 0: there is no such packet */
    /* Says too little to be searched for inside other bytes: fewer than DTU_BITS_ANYWHERE, where a
     * literal byte is 8, a digit as text 4, any other character or BCD byte 1. */
    bool alone;
    uint8_t bytes[DTU_PACKET_MAX]; /* the literals in their places */
} dtu_template;

/**
 * @param[out] out_at  written on failure: offset in @p text of what is wrong
 * @return SYNTAX   an escape, a hex digit or a brace is wrong
 *         UNKNOWN  no field of that name
 *         RANGE    a field without a width, or the template says nothing to recognise it by
 *         SPACE    more than DTU_PARTS_MAX parts or DTU_PACKET_MAX bytes
 */
GT_CHECKED gt_err dtu_template_parse(const char *text, dtu_template *out, size_t *out_at);

/**
 * Does such a packet start at in[0]?
 * @return OK         all of it is there; bytes behind it do not matter
 *         TRUNCATED  right as far as it goes
 *         MALFORMED  no
 */
GT_CHECKED gt_err dtu_template_match(const dtu_template *t, const uint8_t *in, size_t in_len);

/** Characters that a field's value has as text. */
size_t dtu_part_digits(const dtu_part *part);
/**
 * A field's bytes from its text.
 * @return SYNTAX when the text is not exactly of the field's form and width
 */
GT_CHECKED gt_err dtu_part_write(const dtu_part *part, const char *text, uint8_t *packet);

#endif
