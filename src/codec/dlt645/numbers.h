/**
 * @file numbers.h
 * @brief All numbers of a read answer at once: one look-up a row instead of one a value.
 *
 * Layer:   codec. No I/O, no allocation.
 * Source:  DL/T 645-2007, 7.1 (read data), annex A.
 * A station reads the same blocks of energies, voltages and powers all day; walking them value by
 * value (item.h) gives each its row and its time as well, and costs several times as much.
 */
#ifndef GT_CODEC_DLT645_NUMBERS_H
#define GT_CODEC_DLT645_NUMBERS_H

#include "codec/dlt645/frame.h"

enum { DLT645_NUMBERS_MAX = (DLT645_DATA_MAX - 4) / 2 };

/** The meter has no such phase or value: its bytes are FFH. */
#define DLT645_NUMBER_ABSENT INT64_MIN

/**
 * @param frame       a normal answer to "read data", last or followed by more
 * @param[out] values room for DLT645_NUMBERS_MAX; each x 10^decimals of its format. Their content
 *                    is unspecified after a failure
 * @return MISMATCH     another kind of frame
 *         UNSUPPORTED  the item is not a number (time, text, demand with its time, ...)
 *         UNKNOWN TRUNCATED TRAILING MALFORMED  as dlt645_walk_next
 */
GT_CHECKED gt_err dlt645_numbers_read(const dlt645_frame *frame, int64_t *values,
                                      size_t *out_count);

#endif
