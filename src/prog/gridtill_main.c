/* `gridtill`: the station and its command line. */
#include "prog/command.h"

#include <stdio.h>
#include <string.h>

static const subcommand commands[] = {
#define COMMAND(name, function, arguments, summary) {name, function, arguments, summary},
#include "prog/command.def"
#undef COMMAND
};

enum { COMMAND_COUNT = sizeof commands / sizeof commands[0] };

static void usage(FILE *to)
{
    (void)fputs("usage: gridtill COMMAND [options]\n", to);
    for (int i = 0; i < COMMAND_COUNT; i++) {
        (void)fprintf(to, "  %-13s %s\n  %-13s %s\n", commands[i].name, commands[i].summary, "",
                      commands[i].arguments);
    }
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        usage(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0) {
        usage(stdout);
        return EXIT_DONE;
    }
    for (int i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(commands[i].name, argv[1]) == 0) {
            return commands[i].run(argc - 1, argv + 1);
        }
    }
    (void)fprintf(stderr, "gridtill: no command \"%s\"; \"gridtill help\" lists them\n", argv[1]);
    return EXIT_USAGE;
}
