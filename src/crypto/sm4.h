/**
 * @file sm4.h
 * @brief SM4, one block.
 *
 * Layer:   crypto. Freestanding; no table is indexed by secret data.
 * Source:  GB/T 32907-2016. Wipe a key schedule with block_fini or gt_wipe.
 */
#ifndef GT_CRYPTO_SM4_H
#define GT_CRYPTO_SM4_H

#include <stdint.h>

enum { SM4_KEY_LEN = 16, SM4_BLOCK_LEN = 16, SM4_ROUNDS = 32 };

typedef struct sm4 {
    uint32_t round_key[SM4_ROUNDS];
} sm4;

void sm4_init(sm4 *cipher, const uint8_t key[SM4_KEY_LEN]);
/** @p in and @p out may be the same block. */
void sm4_encrypt(const sm4 *cipher, const uint8_t in[SM4_BLOCK_LEN], uint8_t out[SM4_BLOCK_LEN]);
void sm4_decrypt(const sm4 *cipher, const uint8_t in[SM4_BLOCK_LEN], uint8_t out[SM4_BLOCK_LEN]);

#endif
