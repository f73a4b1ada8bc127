/**
 * @file decode.h
 * @brief `gridtill decode`: frames in hex named byte by byte, for people or as JSON.
 *
 * Layer:   prog.
 */
#ifndef GT_PROG_DECODE_H
#define GT_PROG_DECODE_H

#include "codec/describe/describe.h"
#include "prog/input.h"

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

/**
 * decode_main with its streams named.
 * @return 0 done; 1 a bad frame, unreadable input or map, said on err; 2 wrong usage
 */
int decode_run(int argc, char **argv, input_streams streams);

/** One frame to print: its description and its bytes. */
typedef struct decode_frame {
    const codec_description *d;
    const uint8_t *bytes;
    size_t len;
    size_t offset;  /* of the frame in the whole input */
    unsigned level; /* 1 inside another frame */
} decode_frame;

/** Every byte with its name. @p zh chooses the language. */
void decode_print(FILE *out, const decode_frame *frame, bool zh);
/** One line an error: offset in the input, expected, found. */
void decode_print_errors(FILE *err, const decode_frame *frame, bool zh);
/** @return a new object, NULL out of memory */
json_t *decode_json(const decode_frame *frame);

#endif
