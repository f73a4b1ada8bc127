/**
 * @file numbers.h
 * @brief The numbers of a DL/T 645-2007 read answer in one call.
 *
 * Layer:   codec. No I/O, no allocation.
 * Source:  as frame.h, message.h and item.h, whose rules it keeps.
 */
#ifndef GT_CODEC_DLT645_NUMBERS_H
#define GT_CODEC_DLT645_NUMBERS_H

#include "codec/dlt645/item.h"

/** In place of a number that is absent. */
#define DLT645_NUMBER_ABSENT INT32_MIN

/** The numbers of a read answer, all of one format: dlt645_item_format(item). */
typedef struct dlt645_numbers {
    uint64_t addr;
    const dlt645_item *item; /* row of the first */
    uint32_t di;             /* of the first; */
    uint32_t step;           /* of the next that much more; 0: elements of one */
    bool following;          /* more frames follow */
    uint8_t count;
    int32_t value[DLT645_VALUES_MAX]; /* x 10^-decimals, or NUMBER_ABSENT; count of them */
} dlt645_numbers;

/**
 * A frame of the 2007 edition, first 68H to 16H, to its numbers: frame, message and walk in one
 * call, by the same rules, for those who read one known identifier again and again.
 *
 * @return UNSUPPORTED  no read answer, or not numbers of one format only: walk it
 *         NOT_FOUND    an identifier and nothing behind it
 *         else as dlt645_frame_decode and dlt645_walk_take. On failure @p out is unspecified.
 */
GT_CHECKED gt_err dlt645_numbers_read(const uint8_t *in, size_t in_len, dlt645_numbers *out);

#endif
