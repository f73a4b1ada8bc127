/* What RTU and TCP share: function code and body, whatever stands around them. */
#ifndef GT_CODEC_MODBUS_PDU_PRIV_H
#define GT_CODEC_MODBUS_PDU_PRIV_H

#include "codec/modbus/frame.h"

/** The order matters: see the three questions below. */
typedef enum modbus_shape {
    MODBUS_SHAPE_READ_BITS,
    MODBUS_SHAPE_READ_WORDS,
    MODBUS_SHAPE_READ_WRITE,
    MODBUS_SHAPE_WRITE_BITS,
    MODBUS_SHAPE_WRITE_WORDS,
    MODBUS_SHAPE_WRITE_BIT,
    MODBUS_SHAPE_WRITE_WORD,
    MODBUS_SHAPE_IDENTIFY,
} modbus_shape;

typedef struct modbus_row_function {
    uint8_t code;
    uint8_t shape; /* modbus_shape */
    uint16_t most;
} modbus_row_function;

/** NULL: not one of ours. */
const modbus_row_function *modbus_function_find(uint8_t code);
/** Does an answer carry a byte count and values? */
static inline bool modbus_answers_values(unsigned shape)
{
    return shape <= MODBUS_SHAPE_READ_WRITE;
}

/** Does a request? */
static inline bool modbus_asks_values(unsigned shape)
{
    return shape >= MODBUS_SHAPE_READ_WRITE && shape <= MODBUS_SHAPE_WRITE_WORDS;
}

/** Does it only write, so that a broadcast makes sense? */
static inline bool modbus_only_writes(unsigned shape)
{
    return shape >= MODBUS_SHAPE_WRITE_BITS && shape <= MODBUS_SHAPE_WRITE_WORD;
}

/** Bytes that hold the values of that many coils or registers. */
uint8_t modbus_packed_len(unsigned shape, uint16_t count);

/** Counts and addresses within the function's limits; the unit is not looked at. */
GT_CHECKED gt_err modbus_pdu_check(const modbus_request *request);

/* Function code and body. The unit is not touched. Readers hold at least the function code, as no
 * data unit is shorter. Errors as in frame.h. */
GT_CHECKED gt_err modbus_pdu_request_write(gt_wr *w, const modbus_request *request);
GT_CHECKED gt_err modbus_pdu_request_read(gt_rd *r, modbus_request *out);
GT_CHECKED gt_err modbus_pdu_reply_write(gt_wr *w, const modbus_reply *reply);
/** @param request passed modbus_pdu_check; @param[out] out written only on OK, all but its unit */
GT_CHECKED gt_err modbus_pdu_reply_read(gt_rd *r, const modbus_request *request, modbus_reply *out);

/** Body of an identification, behind its function code. @return RANGE  the list is too long */
GT_CHECKED gt_err modbus_identity_write(gt_wr *w, uint8_t access, const modbus_identity *identity);
/**
 * @return TRUNCATED  the objects do not fit; MALFORMED  the more-follows byte is neither 00H nor
 * FFH MISMATCH   another type or access than asked for
 */
GT_CHECKED gt_err modbus_identity_read(gt_rd *r, uint8_t access, modbus_identity *out);

#endif
