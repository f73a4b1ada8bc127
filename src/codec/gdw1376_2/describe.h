/**
 * @file describe.h
 * @brief Q/GDW 1376.2 frames in words; the contract stands in codec/describe/describe.h.
 *
 * Layer:   codec.
 */
#ifndef GT_CODEC_GDW1376_2_DESCRIBE_H
#define GT_CODEC_GDW1376_2_DESCRIBE_H

#include "codec/describe/describe.h"

/** SHAPE asks for more than the mark: a mode and an AFN of the tables, since 68H starts many. */
codec_match gdw1376_2_probe(const uint8_t *in, size_t in_len, size_t *out_len);
void gdw1376_2_describe(const uint8_t *in, size_t in_len, codec_description *out);

#endif
