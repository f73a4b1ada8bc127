/**
 * @file aes.h
 * @brief AES-128, one block.
 *
 * Layer:   crypto. Freestanding; no table is indexed by secret data, so time does not tell the key.
 * Source:  FIPS 197.
 */
#ifndef GT_CRYPTO_AES_H
#define GT_CRYPTO_AES_H

#include <stdint.h>

enum { AES128_KEY_LEN = 16, AES_BLOCK_LEN = 16, AES128_ROUNDS = 10 };

typedef struct aes128 {
    uint8_t round_key[AES128_ROUNDS + 1][AES_BLOCK_LEN];
} aes128;

void aes128_init(aes128 *aes, const uint8_t key[AES128_KEY_LEN]);
/** @p in and @p out may be the same block. */
void aes128_encrypt(const aes128 *aes, const uint8_t in[AES_BLOCK_LEN], uint8_t out[AES_BLOCK_LEN]);
void aes128_decrypt(const aes128 *aes, const uint8_t in[AES_BLOCK_LEN], uint8_t out[AES_BLOCK_LEN]);
/** Wipes the round keys. */
void aes128_fini(aes128 *aes);

#endif
