/**
 * @file arguments.h
 * @brief A subcommand's `--name value` options, each into its place.
 *
 * Layer:   prog, over getopt_long.
 */
#ifndef GT_PROG_ARGUMENTS_H
#define GT_PROG_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>

enum { ARGUMENTS_MAX = 16 };

typedef struct argument {
    const char *name;   /* without the dashes */
    const char **value; /* untouched when the option is not given */
} argument;

/** @return false: an option is not known or lacks its value, or other words follow */
bool arguments_read(int argc, char **argv, const argument *list, size_t count);

#endif
