/**
 * @file sbox_priv.h
 * @brief The S-boxes of AES and SM4, computed for sixteen bytes at once: no address, no branch
 *        depends on the data.
 *
 * Layer:   crypto. Freestanding.
 */
#ifndef GT_CRYPTO_SBOX_PRIV_H
#define GT_CRYPTO_SBOX_PRIV_H

#include <stdint.h>

enum { SBOX_LANES = 16, SBOX_BITS = 8 };

/** Over bits: bit i of the result is the parity of (x & row[i]), then `add` is mixed in. */
typedef struct sbox_map {
    uint8_t row[SBOX_BITS];
    uint8_t add;
} sbox_map;

/** S(x) = after(1 / before(x)) in the field of AES, 1 / 0 being 0. NULL: nothing to map. */
typedef struct sbox {
    const sbox_map *before;
    const sbox_map *after;
} sbox;

void sbox_apply(const sbox *box, uint8_t bytes[SBOX_LANES]);

#endif
