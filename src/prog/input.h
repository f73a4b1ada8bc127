/**
 * @file input.h
 * @brief What decode and encode are given: options, text, the register map, a DTU's templates.
 *
 * Layer:   prog. What cannot be read is said on `err`.
 */
#ifndef GT_PROG_INPUT_H
#define GT_PROG_INPUT_H

#include "codec/detect/detect.h"
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

typedef struct input_items {
    items_set set;
    bool there;
} input_items;

/** @param path NULL: none */
bool input_items_read(const input_streams *io, const char *path, input_text *scratch,
                      input_items *out);

/** Options of both commands. */
typedef struct input_options {
    bool json;
    bool zh;
    bool help;
    bool protocol_given;
    codec_protocol protocol;
    const char *file;
    const char *model;
    const char *items;
    const char *registration;
    const char *heartbeat;
    const char *own; /* of the option that only this command has */
} input_options;

/**
 * Arguments that are no options start at optind.
 * @param own_name of the command's own option
 * @param out      NULL and false where nothing is given
 * @return false when an option is unknown, lacks its value or has a wrong one
 */
bool input_options_take(int argc, char **argv, const char *own_name, input_options *out);

/** Templates of a DTU's packets, as the options give them. */
bool input_dtu_read(const input_streams *io, const input_options *opt, dtu_profile *out);

#endif
