/**
 * @file kdf.h
 * @brief Key derivation in counter mode with CMAC.
 *
 * Layer:   crypto. Freestanding.
 * Source:  NIST SP 800-108, 5.1: block i = CMAC(key, i (4 bytes) | label | 00 | context | bits
 * (4)).
 */
#ifndef GT_CRYPTO_KDF_H
#define GT_CRYPTO_KDF_H

#include "base/err.h"
#include "crypto/block.h"

#include <stddef.h>
#include <stdint.h>

enum { KDF_OUT_MAX = 255 * 16 };

typedef struct kdf_info {
    block_kind cipher; /* 0: AES-128 */
    const uint8_t *label;
    size_t label_len;
    const uint8_t *context;
    size_t context_len;
} kdf_info;

/** @return RANGE  @p out_len is 0 or above KDF_OUT_MAX */
GT_CHECKED gt_err kdf_cmac(const uint8_t key[BLOCK_KEY_LEN], const kdf_info *info, uint8_t *out,
                           size_t out_len);

#endif
