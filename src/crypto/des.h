/**
 * @file des.h
 * @brief DES, and triple DES with two keys (encrypt, decrypt, encrypt): for legacy chips and cards.
 *
 * Layer:   crypto. Freestanding; no table is indexed by secret data. Small rather than fast: a
 *          round permutes bit by bit.
 * Source:  FIPS 46-3 (withdrawn: new designs take AES-128 or SM4).
 */
#ifndef GT_CRYPTO_DES_H
#define GT_CRYPTO_DES_H

#include <stdint.h>

enum { DES_KEY_LEN = 8, DES_BLOCK_LEN = 8, TDES_KEY_LEN = 16, DES_ROUNDS = 16 };

typedef struct des {
    uint8_t round_key[DES_ROUNDS][8]; /* six bits each */
} des;

/** Parity bits of @p key are ignored. */
void des_init(des *cipher, const uint8_t key[DES_KEY_LEN]);
/** @p in and @p out may be the same block. */
void des_encrypt(const des *cipher, const uint8_t in[DES_BLOCK_LEN], uint8_t out[DES_BLOCK_LEN]);
void des_decrypt(const des *cipher, const uint8_t in[DES_BLOCK_LEN], uint8_t out[DES_BLOCK_LEN]);
/** Wipes the round keys. */
void des_fini(des *cipher);

typedef struct tdes {
    des outer; /* first half of the key */
    des inner;
} tdes;

void tdes_init(tdes *cipher, const uint8_t key[TDES_KEY_LEN]);
void tdes_encrypt(const tdes *cipher, const uint8_t in[DES_BLOCK_LEN], uint8_t out[DES_BLOCK_LEN]);
void tdes_decrypt(const tdes *cipher, const uint8_t in[DES_BLOCK_LEN], uint8_t out[DES_BLOCK_LEN]);
void tdes_fini(tdes *cipher);

#endif
