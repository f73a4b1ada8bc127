/**
 * @file describe.h
 * @brief A Q/GDW 1376.1 frame in words: every byte of the envelope, every datum named.
 *
 * Layer:   codec. See codec/describe/describe.h for the shared shape.
 * Item ids read "F129 p5", with "#2" behind for the second of a repeated field.
 */
#ifndef GT_CODEC_GDW1376_DESCRIBE_H
#define GT_CODEC_GDW1376_DESCRIBE_H

#include "codec/describe/describe.h"

/** The shared contract's probe. */
codec_match gdw1376_probe(const uint8_t *in, size_t in_len, size_t *out_len);

/** The shared contract's describe. */
void gdw1376_describe(const uint8_t *in, size_t in_len, codec_description *out);

#endif
