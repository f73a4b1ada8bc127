/**
 * @file command.h
 * @brief The operator's command line: one function a subcommand of `gridtill`.
 *
 * Layer:   prog. argv[0] is the subcommand's name. Each returns the exit code.
 */
#ifndef GT_PROG_COMMAND_H
#define GT_PROG_COMMAND_H

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

typedef struct subcommand {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *arguments;
    const char *summary;
} subcommand;

int serve_main(int argc, char **argv);
int sell_main(int argc, char **argv);
int read_main(int argc, char **argv);
int receipt_main(int argc, char **argv);
int operator_main(int argc, char **argv);
int decode_main(int argc, char **argv);
int encode_main(int argc, char **argv);
int check_config_main(int argc, char **argv);
int check_ledger_main(int argc, char **argv);
int export_ledger_main(int argc, char **argv);
int demo_main(int argc, char **argv);

#endif
