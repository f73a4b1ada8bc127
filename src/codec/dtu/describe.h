/**
 * @file describe.h
 * @brief Packets and command lines of a DTU in words; see codec/describe/describe.h.
 *
 * Layer:   codec.
 */
#ifndef GT_CODEC_DTU_DESCRIBE_H
#define GT_CODEC_DTU_DESCRIBE_H

#include "codec/describe/describe.h"
#include "codec/dtu/stream.h"

/** "registration", "heartbeat": as `kind` in descriptions and recipes. */
const char *dtu_piece_id(dtu_piece piece);

/**
 * FRAME for a line of the command mode that says what it is; texts without form are NONE. Packets
 * are found by dtu_cut, which knows the templates.
 */
codec_match dtu_probe(const uint8_t *in, size_t in_len, size_t *out_len);
/** @param profile NULL: only lines of the command mode can be told */
void dtu_describe(const dtu_profile *profile, const uint8_t *in, size_t in_len,
                  codec_description *out);

#endif
