/**
 * @file content.h
 * @brief What a long frame carries, by its CI field: header, records, selection, error.
 *
 * Layer:   codec. No I/O, no allocation. Source: EN 13757-3; rows in ci.def.
 */
#ifndef GT_CODEC_MBUS_CONTENT_H
#define GT_CODEC_MBUS_CONTENT_H

#include "codec/mbus/frame.h"

enum {
    MBUS_LONG_HEADER = 12,
    MBUS_SHORT_HEADER = 4,
    MBUS_SELECT_LEN = 8,
    MBUS_FIXED_LEN = 16,
    MBUS_CI_SEND = 0x51,
    MBUS_CI_SELECT = 0x52,
    MBUS_CI_ERROR = 0x70,
    MBUS_CI_VARIABLE = 0x72,
    MBUS_CI_FIXED = 0x73,
};

/** Secondary address; in a selection a nibble F of the id and FFs of the rest match anything. */
typedef struct mbus_device {
    uint32_t id;           /* 8 digits as nibbles: 0x12345678 */
    uint16_t manufacturer; /* three letters, five bits each */
    uint8_t version;
    uint8_t medium;
} mbus_device;

/** A selection that takes every meter; narrow it nibble by nibble to find them all. */
mbus_device mbus_device_any(void);
/** Does a selection take a meter of this address? */
bool mbus_device_match(const mbus_device *selection, const mbus_device *own);
/** Three upper-case letters, terminated. */
void mbus_manufacturer_format(uint16_t code, char out[4]);
/** @return GT_ERR_SYNTAX not three upper-case letters */
GT_CHECKED gt_err mbus_manufacturer_parse(const char *text, uint16_t *out);
/** The 8 bytes behind CI 52H, low byte first. */
void mbus_device_encode(const mbus_device *device, uint8_t out[MBUS_SELECT_LEN]);

typedef enum mbus_header_kind {
    MBUS_HEADER_NONE,
    MBUS_HEADER_SHORT, /* access, status, config */
    MBUS_HEADER_LONG,  /* device before them */
} mbus_header_kind;

typedef struct mbus_header {
    mbus_header_kind kind;
    mbus_device device;
    uint8_t access; /* counts answers */
    uint8_t status;
    uint16_t config; /* signature; in newer meters the security mode in bits 8 to 12 */
} mbus_header;

/** A long header as it stands behind CI 72H. */
void mbus_header_encode(const mbus_header *header, uint8_t out[MBUS_LONG_HEADER]);

typedef enum mbus_content_kind {
    MBUS_CONTENT_UNKNOWN, /* CI not in the table */
    MBUS_CONTENT_RESET,
    MBUS_CONTENT_RECORDS,
    MBUS_CONTENT_ENCRYPTED, /* records that need a key */
    MBUS_CONTENT_SELECT,
    MBUS_CONTENT_FIXED,
    MBUS_CONTENT_ERROR,
    MBUS_CONTENT_ALARM,
    MBUS_CONTENT_BAUD,
    MBUS_CONTENT_BYTES,
} mbus_content_kind;

/** Two counters of the fixed data structure. */
typedef struct mbus_fixed {
    uint32_t id; /* 8 digits as nibbles */
    uint8_t access;
    uint8_t status;      /* bit 0: binary counters, else BCD; bit 1: stored at a fixed date */
    uint8_t medium;      /* 4 bits */
    uint8_t unit[2];     /* 6 bits each, fixed_unit.def */
    uint32_t counter[2]; /* as sent: BCD nibbles or a number */
} mbus_fixed;

enum { MBUS_FIXED_BINARY = 0x01, MBUS_FIXED_STORED = 0x02, MBUS_FIXED_HISTORIC = 0x3E };

/** Header, select and fixed are written only for the kinds named; header.kind always. */
typedef struct mbus_content {
    mbus_content_kind kind;
    bool msb_first; /* mode 2 */
    const char *zh; /* of the CI field */
    const char *en;
    mbus_header header;  /* RECORDS, ENCRYPTED */
    mbus_device select;  /* SELECT */
    mbus_fixed fixed;    /* FIXED */
    const uint8_t *rest; /* what follows: records, the error code, bytes */
    size_t rest_len;
    uint8_t rest_offset; /* in the frame's data */
} mbus_content;

/**
 * @return GT_ERR_MALFORMED  not a long frame
 *         GT_ERR_TRUNCATED  the header, selection or fixed structure does not fit
 *         GT_ERR_TRAILING   bytes behind a fixed structure
 */
GT_CHECKED gt_err mbus_content_decode(const mbus_frame *frame, mbus_content *out);

/** A fixed structure, low byte first. @return GT_ERR_RANGE unit above 6 bits, medium above 4 */
GT_CHECKED gt_err mbus_fixed_encode(const mbus_fixed *fixed, uint8_t out[MBUS_FIXED_LEN]);

#endif
