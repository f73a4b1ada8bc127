/**
 * @file record.h
 * @brief M-Bus data records: data information block, value information block, data.
 *
 * Layer:   codec. No I/O, no allocation. Freestanding.
 * Source:  EN 13757-3, variable data structure.
 * A record is a view into the bytes it was read from: nothing is copied or converted here; value.h
 * and quantity.h say what it means.
 */
#ifndef GT_CODEC_MBUS_RECORD_H
#define GT_CODEC_MBUS_RECORD_H

#include "base/bytes.h"

enum {
    MBUS_DIFE_MAX = 10,
    MBUS_VIFE_MAX = 10,
    MBUS_LVAR_NUMBER = 0xC0, /* length bytes from here on: a number, below: a text */
    MBUS_EXTENSION = 0x80,   /* of DIF, DIFE, VIF, VIFE: another one follows */
};

/** What a DIF starts. */
typedef enum mbus_record_kind {
    MBUS_RECORD_VALUE,
    MBUS_RECORD_IDLE,         /* 2FH: filler */
    MBUS_RECORD_MANUFACTURER, /* 0FH: the rest is the manufacturer's */
    MBUS_RECORD_MORE,         /* 1FH: the same, and the next telegram has more records */
    MBUS_RECORD_READ_ALL,     /* 7FH: a master asks for every record */
} mbus_record_kind;

typedef enum mbus_function {
    MBUS_INSTANTANEOUS,
    MBUS_MAXIMUM,
    MBUS_MINIMUM,
    MBUS_ERROR_STATE, /* value while an error lasted */
} mbus_function;

/** Coding of the data: low nibble of the DIF. */
typedef enum mbus_field {
    MBUS_FIELD_NONE = 0x0,
    MBUS_FIELD_INT8 = 0x1,
    MBUS_FIELD_INT16 = 0x2,
    MBUS_FIELD_INT24 = 0x3,
    MBUS_FIELD_INT32 = 0x4,
    MBUS_FIELD_REAL32 = 0x5,
    MBUS_FIELD_INT48 = 0x6,
    MBUS_FIELD_INT64 = 0x7,
    MBUS_FIELD_SELECT = 0x8, /* no data: a master names what it wants read */
    MBUS_FIELD_BCD2 = 0x9,
    MBUS_FIELD_BCD4 = 0xA,
    MBUS_FIELD_BCD6 = 0xB,
    MBUS_FIELD_BCD8 = 0xC,
    MBUS_FIELD_VARIABLE = 0xD,
    MBUS_FIELD_BCD12 = 0xE,
} mbus_field;

typedef struct mbus_record {
    mbus_record_kind kind; /* for all but VALUE only data counts */
    mbus_function function;
    mbus_field field;
    uint8_t dife_count; /* as many as were sent; encoding adds more when the numbers need them */
    uint8_t vif;        /* with its extension bit */
    uint8_t vife_count;
    uint8_t text_len;    /* of a unit in plain text (VIF 7CH) */
    uint8_t lvar;        /* length byte of variable data */
    uint16_t device;     /* sub-unit of the meter, up to 10 bits */
    uint32_t tariff;     /* up to 20 bits */
    uint64_t storage;    /* 0 now, 1 .. historic; up to 41 bits */
    const uint8_t *vife; /* with their extension bits */
    const uint8_t *text; /* last letter first */
    const uint8_t *data; /* value, or all that follows 0FH and 1FH */
    size_t data_len;
} mbus_record;

/**
 * The next record.
 *
 * @param r         its pos is where the record began on failure, too
 * @param[out] out  written only on GT_ERR_OK
 * @return GT_ERR_TRUNCATED    the record goes past the end, or there is none
 *         GT_ERR_RANGE        more than ten DIFE or VIFE
 *         GT_ERR_UNSUPPORTED  a reserved DIF or length byte
 */
GT_CHECKED gt_err mbus_record_decode(gt_rd *r, mbus_record *out);

/**
 * Appends a record; what was decoded comes out byte for byte.
 *
 * @return GT_ERR_RANGE      storage, tariff or device need more than ten DIFE; too many VIFE
 *         GT_ERR_MALFORMED  extension bits of VIF and VIFE do not say how many there are, a plain
 *                           text where the VIF has none, data of another length than field and lvar
 *         GT_ERR_SPACE      does not fit; what is already in @p w is not to be used
 */
GT_CHECKED gt_err mbus_record_encode(const mbus_record *record, gt_wr *w);

/** Adds what m->dife_count DIFEs say to storage, tariff and device. */
void mbus_difes_take(const uint8_t *dife, mbus_record *m);

/** Every record decodes. @param[out] out_offset where the first bad one begins, on failure */
GT_CHECKED gt_err mbus_records_check(const uint8_t *in, size_t in_len, size_t *out_offset);
/** Does the telegram say that the next one has more (DIF 1FH)? */
bool mbus_records_more(const uint8_t *in, size_t in_len);
/** Bytes of variable data by its length byte; false: reserved. */
bool mbus_lvar_len(uint8_t lvar, size_t *out_len);

#endif
