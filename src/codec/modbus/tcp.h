/**
 * @file tcp.h
 * @brief Modbus TCP: the MBAP header around the same requests and answers, and which answer is
 * whose.
 *
 * Layer:   codec. No I/O, no allocation, no clock.
 * Source:  MODBUS Messaging on TCP/IP Implementation Guide V1.0b, 3.1.3 (header), 4.2.1 (units).
 * There is no checksum: TCP has one. Unit 0 and 255 both mean the device itself, not a broadcast.
 */
#ifndef GT_CODEC_MODBUS_TCP_H
#define GT_CODEC_MODBUS_TCP_H

#include "codec/modbus/frame.h"

enum {
    MODBUS_TCP_HEAD = 7, /* transaction, protocol 0, length, unit */
    MODBUS_TCP_MIN = MODBUS_TCP_HEAD + 1,
    MODBUS_TCP_MAX = 260,
    MODBUS_TCP_EXCEPTION_LEN = MODBUS_TCP_HEAD + 2,
    MODBUS_TCP_DEVICE = 255, /* unit: the device at the other end itself */
};

/**
 * How many bytes the data unit at the start of @p in has, by its header.
 * @return OK, TRUNCATED (read on), MALFORMED (protocol not 0), RANGE (impossible length)
 */
GT_CHECKED gt_err modbus_tcp_len(const uint8_t *in, size_t in_len, size_t *out_len);

struct codec_framing;
/** For codec/stream: unit and length are all that tells garbage from a frame. */
extern const struct codec_framing modbus_tcp_framing;

/** @return RANGE  unit 248 .. 254, or as modbus_request_encode; UNSUPPORTED, SPACE as there */
GT_CHECKED gt_err modbus_tcp_request_encode(const modbus_request *request, uint16_t transaction,
                                            uint8_t *buf, size_t cap, size_t *out_len);
/**
 * One whole request. modbus_exception_of says what a server answers to the last three.
 *
 * @return TRUNCATED, TRAILING  the length field promises more, or fewer, bytes than there are
 *         MALFORMED    protocol not 0, and as modbus_request_decode
 *         RANGE        length field or unit impossible, and as modbus_request_decode
 *         UNSUPPORTED  the function is not one of ours
 */
GT_CHECKED gt_err modbus_tcp_request_decode(const uint8_t *in, size_t in_len,
                                            uint16_t *out_transaction, modbus_request *out);

/** Errors as modbus_reply_encode. */
GT_CHECKED gt_err modbus_tcp_reply_encode(const modbus_reply *reply, uint16_t transaction,
                                          uint8_t *buf, size_t cap, size_t *out_len);
/** Exception answer to any request bytes of at least MODBUS_TCP_MIN. Errors as for RTU. */
GT_CHECKED gt_err modbus_tcp_exception_encode(const uint8_t *request, size_t request_len,
                                              modbus_exception exception, uint8_t *buf, size_t cap);

enum { MODBUS_TCP_PENDING_MAX = 16 }; /* the guide's upper end of what a client may have open */

/** Requests sent and not yet answered. All zero is empty; deadlines are the caller's. */
typedef struct modbus_tcp_client {
    modbus_request pending[MODBUS_TCP_PENDING_MAX];
    uint16_t transaction[MODBUS_TCP_PENDING_MAX];
    bool used[MODBUS_TCP_PENDING_MAX];
    uint16_t last; /* transaction given out last */
} modbus_tcp_client;

/**
 * Encodes a request under the next free transaction and remembers it.
 * @param buf  MODBUS_TCP_MAX bytes
 * @return BUSY  MODBUS_TCP_PENDING_MAX requests wait already; else as modbus_tcp_request_encode
 */
GT_CHECKED gt_err modbus_tcp_client_ask(modbus_tcp_client *client, const modbus_request *request,
                                        uint8_t *buf, size_t *out_len, uint16_t *out_transaction);
/**
 * The answer to one of them, in whatever order answers come. A right answer, and an answer that is
 * wrong for its request, both end that request.
 *
 * @param[out] out_transaction  written with OK, and with every error that ended a request
 * @return NOT_FOUND  no such transaction waits: late, or doubled
 *         MISMATCH, MALFORMED, ...  as modbus_reply_decode; TRUNCATED, TRAILING, RANGE: the header
 */
GT_CHECKED gt_err modbus_tcp_client_answer(modbus_tcp_client *client, const uint8_t *in,
                                           size_t in_len, uint16_t *out_transaction,
                                           modbus_reply *out);
/** Gives up waiting; false when it does not wait. Its answer will be NOT_FOUND. */
bool modbus_tcp_client_forget(modbus_tcp_client *client, uint16_t transaction);

/** One whole answer to @p request; the transaction is the caller's to compare. */
GT_CHECKED gt_err modbus_tcp_reply_decode(const modbus_request *request, const uint8_t *in,
                                          size_t in_len, modbus_reply *out);

#endif
