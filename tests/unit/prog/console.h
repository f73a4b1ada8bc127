/* A subcommand run in this process, with its streams in memory. */
#ifndef GT_TESTS_UNIT_PROG_CONSOLE_H
#define GT_TESTS_UNIT_PROG_CONSOLE_H

#include "prog/input.h"

enum { CONSOLE_ARGS_MAX = 12 };

typedef struct outcome {
    int code;
    char *out;
    char *err;
} outcome;

typedef int (*console_command)(int argc, char **argv, input_streams streams);

/** Runs it with those arguments, ended by NULL, and that standard input. */
outcome console_run(console_command command, const char *const *args, const char *input);
void console_done(outcome *o);

#endif
