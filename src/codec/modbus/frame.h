/**
 * @file frame.h
 * @brief Modbus requests, answers, exceptions, and their RTU data units: bytes <-> struct.
 *
 * Layer:   codec. No I/O, no allocation, no clock, no globals. Freestanding: meters link it.
 * Source:  Modbus Application Protocol V1.1b3, 6 and 7, rows in function.def and exception.def;
 *          Modbus over Serial Line V1.02, 2.5.1 (RTU framing, CRC low byte first).
 * Registers travel high byte first. TCP data units are in tcp.h.
 */
#ifndef GT_CODEC_MODBUS_FRAME_H
#define GT_CODEC_MODBUS_FRAME_H

#include "codec/modbus/identity.h"

enum {
    MODBUS_ADU_MAX = 256,
    MODBUS_ADU_MIN = 4,        /* unit, function, CRC */
    MODBUS_READ_MAX = 125,     /* registers one request may read */
    MODBUS_WRITE_MAX = 123,    /* registers one request may write */
    MODBUS_BITS_MAX = 2000,    /* coils one request may read */
    MODBUS_EXCHANGE_MAX = 121, /* registers READ_WRITE may write */
    MODBUS_BROADCAST = 0,      /* every unit obeys, none answers */
    MODBUS_UNIT_MAX = 247,
    MODBUS_EXCEPTION_LEN = 5,
    MODBUS_EXCEPTION_FLAG = 0x80,
};

typedef enum modbus_function {
#define MODBUS_FUNCTION(symbol, code, shape, most, zh, en, clause) MODBUS_##symbol = (code),
#include "codec/modbus/function.def"
#undef MODBUS_FUNCTION
} modbus_function;

typedef enum modbus_exception {
    MODBUS_NO_EXCEPTION = 0,
#define MODBUS_EXCEPTION(symbol, code, zh, en, clause) MODBUS_##symbol = (code),
#include "codec/modbus/exception.def"
#undef MODBUS_EXCEPTION
} modbus_exception;

/** Coils and discrete inputs are packed: the n-th is bit n % 16 of values[n / 16]. */
typedef struct modbus_request {
    uint8_t unit; /* 0 broadcast, 1 .. 247 */
    modbus_function function;
    uint16_t start;                    /* first coil or register; IDENTIFY: first object */
    uint16_t count;                    /* how many; 1 for single writes; IDENTIFY: modbus_access */
    uint16_t values[MODBUS_WRITE_MAX]; /* writes: the first count (READ_WRITE: write_count) */
    uint16_t write_start;              /* READ_WRITE only */
    uint16_t write_count;
} modbus_request;

typedef struct modbus_reply {
    uint8_t unit;
    modbus_function function; /* without the exception flag */
    uint8_t exception;        /* modbus_exception, 0 when the request was carried out */
    uint16_t start;           /* as in the request */
    uint16_t count;
    uint16_t values[MODBUS_READ_MAX]; /* reads: what was read; single writes: the one written */
    modbus_identity identity;         /* IDENTIFY: points into the bytes decoded */
} modbus_reply;

/**
 * @return RANGE  unit above 247, a broadcast read, count 0 or above the function's limit, a coil
 *                neither 0 nor 1, or coils or registers past FFFFH
 *         UNSUPPORTED  another function
 *         SPACE  @p cap too small (MODBUS_ADU_MAX always suffices)
 */
GT_CHECKED gt_err modbus_request_encode(const modbus_request *request, uint8_t *buf, size_t cap,
                                        size_t *out_len);

/**
 * One whole request, for a server or a listener. A server answers only what concerns its own unit,
 * in[0], and only when modbus_exception_of gives a code for the error.
 *
 * @return TRUNCATED    fewer bytes than the function needs
 *         CHECKSUM     CRC wrong (checked first, on the whole of @p in)
 *         UNSUPPORTED  CRC right, function not one of ours
 *         MALFORMED    byte count does not match the count, a coil neither FF00H nor 0000H
 *         RANGE        count 0 or above the limit, registers past FFFFH, unit above 247, a
 *                      broadcast read
 *         TRAILING     bytes after the request
 */
GT_CHECKED gt_err modbus_request_decode(const uint8_t *in, size_t in_len, modbus_request *out);

/** What a server answers to that decoding error; MODBUS_NO_EXCEPTION: it must stay silent. */
modbus_exception modbus_exception_of(gt_err err);

/**
 * Exception replies carry the function, flagged, and the code; start, count, values are ignored.
 * @return as modbus_request_encode; RANGE also for broadcast, which nobody answers
 */
GT_CHECKED gt_err modbus_reply_encode(const modbus_reply *reply, uint8_t *buf, size_t cap,
                                      size_t *out_len);

/**
 * Exception reply to any request bytes that start with unit and function (also unknown functions).
 * @return SPACE  @p cap below MODBUS_EXCEPTION_LEN
 *         TRUNCATED  @p request_len below 2
 */
GT_CHECKED gt_err modbus_exception_encode(const uint8_t *request, size_t request_len,
                                          modbus_exception exception, uint8_t *buf, size_t cap);

/**
 * One whole answer to @p request. An exception is a proper answer: OK with out->exception set.
 *
 * @return TRUNCATED, CHECKSUM, TRAILING as above
 *         MISMATCH   another unit, function, start, written value, or count than the request's
 *         MALFORMED  an exception with code 0, objects that do not fill an identification
 *         RANGE, UNSUPPORTED  the request itself could not have been sent
 */
GT_CHECKED gt_err modbus_reply_decode(const modbus_request *request, const uint8_t *in,
                                      size_t in_len, modbus_reply *out);

/** The request's bytes and what has arrived since it was sent. */
typedef struct modbus_exchange {
    const uint8_t *request; /* a whole request ADU; only unit, function and counts are looked at */
    size_t request_len;
    const uint8_t *got;
    size_t got_len;
} modbus_exchange;

/**
 * How many bytes the complete answer has, by its own length fields, so that a line master need not
 * wait for silence. The CRC is not looked at.
 *
 * @return OK         *out_len is the whole answer's length (got_len may be below or above it)
 *         TRUNCATED  too few bytes yet to tell: read on
 *         MISMATCH   this cannot be the start of the answer (other unit, function or length)
 *         UNSUPPORTED  the request's function is not one of ours: end by silence
 */
GT_CHECKED gt_err modbus_reply_len(const modbus_exchange *exchange, size_t *out_len);

/**
 * How many bytes the request starting at in[0] has, by its function (for servers and listeners).
 * @return OK, TRUNCATED (read on), UNSUPPORTED (end by silence), MALFORMED (impossible byte count)
 */
GT_CHECKED gt_err modbus_request_len(const uint8_t *in, size_t in_len, size_t *out_len);

/** CRC of the whole ADU right, and length between MODBUS_ADU_MIN and MODBUS_ADU_MAX. */
bool modbus_adu_valid(const uint8_t *in, size_t in_len);

#endif
