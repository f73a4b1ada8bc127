/**
 * @file input.h
 * @brief Text from a file, standard input or arguments, and the register map, for decode and
 * encode.
 *
 * Layer:   prog. What cannot be read is said on `err`.
 */
#ifndef GT_PROG_INPUT_H
#define GT_PROG_INPUT_H

#include "codec/dtu/stream.h"
#include "codec/modbus/map.h"

#include <stdio.h>

enum { INPUT_TEXT_MAX = 1 << 20 };

typedef struct input_streams {
    FILE *in;
    FILE *out;
    FILE *err;
} input_streams;

typedef struct input_text {
    char at[INPUT_TEXT_MAX];
    size_t len;
} input_text;

bool input_stream_read(const input_streams *io, input_text *out);
bool input_file_read(const input_streams *io, const char *path, input_text *out);
/** Arguments joined by blanks. */
bool input_arguments_join(const input_streams *io, int argc, char **argv, input_text *out);

typedef struct input_map {
    modbus_map map;
    bool there;
} input_map;

/** @param path NULL: models/prepaid-3p.map when there is one; a map asked for must be there
 *  @param scratch overwritten with its text */
bool input_map_read(const input_streams *io, const char *path, input_text *scratch, input_map *out);

/** Templates of a DTU's packets, as its options give them. @param registration, heartbeat NULL:
 * none */
bool input_dtu_read(const input_streams *io, const char *registration, const char *heartbeat,
                    dtu_profile *out);

#endif
