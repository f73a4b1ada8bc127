/**
 * @file message.h
 * @brief What a CJ/T 188 frame says: control code, identifier, serial number, data <-> struct.
 *
 * Layer:   codec. No I/O, no allocation, no clock.
 * Source:  CJ/T 188-2004, application layer.
 */
#ifndef GT_CODEC_CJT188_MESSAGE_H
#define GT_CODEC_CJT188_MESSAGE_H

#include "codec/cjt188/frame.h"

/** X(symbol, code, zh, en) */
#define CJT188_FUNCTION_LIST(X)                                   \
    X(READ, 0x01, "读数据", "read")                               \
    X(READ_ADDR, 0x03, "读地址", "read address")                  \
    X(WRITE, 0x04, "写数据", "write")                             \
    X(READ_KEY_VERSION, 0x09, "读密钥版本号", "read key version") \
    X(WRITE_ADDR, 0x15, "写地址", "write address")                \
    X(WRITE_BASE, 0x16, "写机电同步数", "write base reading")

enum {
#define CJT188_FUNCTION_ENUM(symbol, code, zh, en) CJT188_##symbol = code,
    CJT188_FUNCTION_LIST(CJT188_FUNCTION_ENUM)
#undef CJT188_FUNCTION_ENUM
};

typedef struct cjt188_message {
    uint8_t type;
    uint64_t addr;
    uint8_t function;   /* D5 .. D0; one outside the list is a maker's own */
    bool reply;         /* D7: from the meter */
    bool abnormal;      /* D6 */
    bool vendor;        /* a maker's function: data is all there is, whatever D6 says */
    bool di_high_first; /* identifier sent high byte first: both orders are in use */
    uint16_t di;        /* not abnormal */
    uint8_t ser;
    uint16_t status; /* abnormal */
    uint8_t data_len;
    const uint8_t *data; /* behind SER; decoded: in the frame, which must outlive the message */
} cjt188_message;

/** The standard knows the function; others are a maker's own. */
bool cjt188_function_known(uint8_t function);

/**
 * @return TRUNCATED or TRAILING  data does not hold identifier and SER, or SER and status
 *         MALFORMED  a request with D6 set
 */
GT_CHECKED gt_err cjt188_message_decode(const cjt188_frame *frame, cjt188_message *out);
/** @return RANGE  a field outside its bits, or a request that is abnormal; SPACE */
GT_CHECKED gt_err cjt188_message_encode(const cjt188_message *message, cjt188_frame *out);

#endif
