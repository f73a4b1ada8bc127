/* Shared by hex_text.c (which words are bytes) and hex_word.c (words, and what stands before). */
#ifndef GT_PROG_HEX_TEXT_PRIV_H
#define GT_PROG_HEX_TEXT_PRIV_H

#include "prog/hex_text.h"

#include <stdbool.h>

typedef struct hex_slice {
    const char *at;
    size_t len;
} hex_slice;

/** The offset column of a dump, as far as it was followed. */
typedef struct hex_dump {
    const hex_text_bytes *out;
    size_t start; /* out->len where it began */
    bool open;
} hex_dump;

/** The next word of the line, empty past the last. A label such as "TX:" is a word of its own. */
hex_slice hex_word_take(hex_slice *line);
/** The line without the offset or time stamp in digits before its bytes. */
hex_slice hex_front_skip(hex_dump *dump, hex_slice line);

#endif
