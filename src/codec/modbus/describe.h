/**
 * @file describe.h
 * @brief A Modbus frame in words: requests, answers and exceptions, named by a register map.
 *
 * Layer:   codec. See codec/describe/describe.h for the shared shape.
 * A frame does not say whether it is a request or an answer, and an answer to a read does not say
 * which registers it holds: the context supplies both, or they are judged from the length.
 */
#ifndef GT_CODEC_MODBUS_DESCRIBE_H
#define GT_CODEC_MODBUS_DESCRIBE_H

#include "codec/describe/describe.h"
#include "codec/modbus/map.h"

typedef struct modbus_context {
    const modbus_map *map;         /* NULL: registers are shown by number */
    const modbus_request *request; /* the request before this frame, NULL when there was none */
    int32_t start;                 /* first register of a read answer; -1 not known */
} modbus_context;

/** The shared contract's probe. FRAME needs the CRC and a shape of one of the functions. */
codec_match modbus_probe(const uint8_t *in, size_t in_len, size_t *out_len);
/** The same of Modbus TCP, which has no checksum: FRAME needs a body that its function has. */
codec_match modbus_tcp_probe(const uint8_t *in, size_t in_len, size_t *out_len);

/** The shared contract's describe, with context; @p context may be NULL. */
void modbus_describe(const modbus_context *context, const uint8_t *in, size_t in_len,
                     codec_description *out);
void modbus_tcp_describe(const modbus_context *context, const uint8_t *in, size_t in_len,
                         codec_description *out);

/** A value as people write it: "230.1", "2014-03-13 11:11". */
const char *modbus_value_text(codec_description *d, const modbus_row *row,
                              const modbus_value *value);

#endif
