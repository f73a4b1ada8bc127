/**
 * @file describe.h
 * @brief An M-Bus frame in words. See codec/describe/describe.h for the shared shape.
 *
 * Layer:   codec. Values are decimal strings in the units of the tables, exact but for reals, which
 * are rounded once to nine digits.
 */
#ifndef GT_CODEC_MBUS_DESCRIBE_H
#define GT_CODEC_MBUS_DESCRIBE_H

#include "codec/describe/describe.h"
#include "codec/mbus/value.h"

/**
 * The shared contract's probe. An E5H has no checksum: it is a FRAME only as the last byte or right
 * before a whole M-Bus frame. A short frame needs a control field that wired M-Bus has.
 */
codec_match mbus_probe(const uint8_t *in, size_t in_len, size_t *out_len);
void mbus_describe(const uint8_t *in, size_t in_len, codec_description *out);

/** A value as people write it: "12.34", "2014-03-13 11:11"; NULL when there is none. */
const char *mbus_value_text(codec_description *d, const mbus_value *value);

#endif
