/**
 * @file block.h
 * @brief A block cipher of 16-byte blocks and keys, chosen at run time: what CMAC is built on.
 *
 * Layer:   crypto. Freestanding.
 */
#ifndef GT_CRYPTO_BLOCK_H
#define GT_CRYPTO_BLOCK_H

#include "crypto/aes.h"
#include "crypto/sm4.h"

#include <stdint.h>

enum { BLOCK_LEN = 16, BLOCK_KEY_LEN = 16 };

typedef enum block_kind {
    BLOCK_AES128,
    BLOCK_SM4,
} block_kind;

typedef struct block_cipher {
    block_kind kind;
    union {
        aes128 aes;
        sm4 sm4;
    } as;
} block_cipher;

void block_init(block_cipher *cipher, block_kind kind, const uint8_t key[BLOCK_KEY_LEN]);
/** @p in and @p out may be the same block. */
void block_encrypt(const block_cipher *cipher, const uint8_t in[BLOCK_LEN], uint8_t out[BLOCK_LEN]);
void block_decrypt(const block_cipher *cipher, const uint8_t in[BLOCK_LEN], uint8_t out[BLOCK_LEN]);
/** Wipes the round keys. */
void block_fini(block_cipher *cipher);

#endif
