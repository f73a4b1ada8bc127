/**
 * @file encode.h
 * @brief `gridtill encode`: frames from their names, the inverse of `gridtill decode`.
 *
 * Layer:   prog.
 */
#ifndef GT_PROG_ENCODE_H
#define GT_PROG_ENCODE_H

#include "prog/input.h"

/**
 * encode_main with its streams named. Nothing is printed on `out` unless every frame is built.
 * @return 0 done; 1 a frame that cannot be built, unreadable input, said on err; 2 wrong usage
 */
int encode_run(int argc, char **argv, input_streams streams);

#endif
