/**
 * @file hex_text.h
 * @brief Bytes out of hexadecimal text as people paste it: any separators, 0x, log lines.
 *
 * Layer:   prog. Pure: text in memory in, bytes out.
 *
 * Words are split at blanks, commas, semicolons, brackets, quotes and bars. A word of hex digit
 * pairs (0x68 and 68:12:90:78 too) is bytes; a date, a time of day or any other word is not. On a
 * line that holds both, the longest run of byte words counts, so time stamps, labels, counts and
 * the characters at the right of a dump do no harm; runs shorter than four bytes beside other words
 * are not frames.
 */
#ifndef GT_PROG_HEX_TEXT_H
#define GT_PROG_HEX_TEXT_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

enum { HEX_TEXT_FOUND_MAX = 32 };

typedef struct hex_text_fault {
    unsigned line; /* from 1 */
    const char *expected;
    char found[HEX_TEXT_FOUND_MAX];
} hex_text_fault;

typedef struct hex_text_bytes {
    uint8_t *buf;
    size_t cap;
    size_t len;
} hex_text_bytes;

/**
 * Appends the bytes of all lines.
 *
 * @param[out] fault written only on failure
 * @return SYNTAX  a line of hex words with an odd number of digits in one of them, or no hex at all
 *         SPACE   more bytes than @p out holds
 */
GT_CHECKED gt_err hex_text_parse(const char *text, size_t len, hex_text_bytes *out,
                                 hex_text_fault *fault);

#endif
