/**
 * @file describe.h
 * @brief A DL/T 698.45 frame in words: every byte of the envelope, every value named.
 *
 * Layer:   codec. See codec/describe/describe.h for the shared shape.
 * Item ids: "00100200" an attribute's value, "00100200.2" its second member, "20210200#1" a
 * record's cell with its row; "OAD", "DAR", "PIID" and the like for the APDU's own pieces.
 */
#ifndef GT_CODEC_DLT698_DESCRIBE_H
#define GT_CODEC_DLT698_DESCRIBE_H

#include "codec/describe/describe.h"

/** Scrambled frames with more user data than this are shown as bytes. */
enum { DLT698_DESCRIBE_SCRAMBLED_MAX = 2048 };

/** The shared contract's probe. */
codec_match dlt698_probe(const uint8_t *in, size_t in_len, size_t *out_len);

/** The shared contract's describe. */
void dlt698_describe(const uint8_t *in, size_t in_len, codec_description *out);

#endif
