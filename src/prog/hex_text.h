/**
 * @file hex_text.h
 * @brief Bytes out of hexadecimal text as people paste it: any separators, 0x, log lines.
 *
 * Layer:   prog. Pure: text in memory in, bytes out.
 *
 * Words are split at blanks, commas, semicolons, brackets, quotes and bars, ASCII or wide, and
 * behind a label ("TX:", "data="). A word of hex digit pairs (0x68, 68H, 68:12:90:78 too) is bytes;
 * a date, a time of day or any other word is not. Before the bytes of a line the offset of a dump
 * and a time stamp in digits only (20261121051859, seconds since 1970) are passed over when they
 * are not as wide as the words behind them. On a line that holds bytes and words, the longest run
 * of byte words counts, so time stamps, labels, counts and the characters at the right of a dump do
 * no harm; a run shorter than four bytes beside other words is no frame, save M-Bus' single E5.
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
