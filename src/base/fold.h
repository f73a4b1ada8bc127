/**
 * @file fold.h
 * @brief What a processor's carry-less multiplication can do for a CRC-16; used by sum.c only.
 *
 * Layer:   base. The build chooses x86/fold.c or fold_none.c.
 */
#ifndef GT_BASE_FOLD_H
#define GT_BASE_FOLD_H

#include <stddef.h>
#include <stdint.h>

/** Powers of x modulo the polynomial, reflected in 64 bits: those that move a block's halves (high,
 * low) by one block, and by four. */
typedef struct gt_fold {
    uint64_t high;  /* x^191 */
    uint64_t low;   /* x^127 */
    uint64_t high4; /* x^575 */
    uint64_t low4;  /* x^511 */
} gt_fold;

/** Fewer bytes are not worth the call. */
enum { GT_FOLD_MIN = 32 };

/**
 * Folds whole blocks of 16 bytes into one that has the same CRC, started at 0.
 *
 * @param len       at least GT_FOLD_MIN
 * @param crc       the register before the first byte
 * @param[out] out  16 bytes, written unless 0 is returned
 * @return bytes folded, a multiple of 16; 0 when the processor cannot
 */
size_t gt_crc16_fold(const gt_fold *by, uint16_t crc, const uint8_t *at, size_t len, uint8_t *out);

#endif
