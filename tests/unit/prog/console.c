/* Streams of a subcommand: a temporary file in, memory out. */
#include "console.h"

#include <stdlib.h>
#include <string.h>

outcome console_run(console_command command, const char *const *args, const char *input)
{
    char *argv[CONSOLE_ARGS_MAX + 2] = {NULL};
    int argc = 0;
    argv[argc++] = strdup("command");
    for (; args[argc - 1] != NULL; argc++) {
        argv[argc] = strdup(args[argc - 1]);
    }
    outcome o = {0};
    size_t out_len = 0;
    size_t err_len = 0;
    char none[] = " ";
    FILE *in = input[0] != '\0' ? tmpfile() : fmemopen(none, 1, "r");
    if (input[0] != '\0') {
        (void)fputs(input, in);
        rewind(in);
    }
    const input_streams io = {in, open_memstream(&o.out, &out_len),
                              open_memstream(&o.err, &err_len)};
    o.code = command(argc, argv, io);
    (void)fclose(io.in);
    (void)fclose(io.out);
    (void)fclose(io.err);
    for (int i = 0; i < argc; i++) {
        free(argv[i]);
    }
    return o;
}

void console_done(outcome *o)
{
    free(o->out);
    free(o->err);
}
