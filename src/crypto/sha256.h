/**
 * @file sha256.h
 * @brief SHA-256, in pieces or at once.
 *
 * Layer:   crypto. Freestanding.
 * Source:  FIPS 180-4.
 */
#ifndef GT_CRYPTO_SHA256_H
#define GT_CRYPTO_SHA256_H

#include <stddef.h>
#include <stdint.h>

enum { SHA256_LEN = 32, SHA256_BLOCK_LEN = 64 };

typedef struct sha256 {
    uint32_t state[8];
    uint64_t len; /* bytes taken */
    uint8_t block[SHA256_BLOCK_LEN];
} sha256;

void sha256_init(sha256 *sha);
void sha256_update(sha256 *sha, const void *buf, size_t len);
/** Ends the message; call sha256_init before using @p sha again. */
void sha256_final(sha256 *sha, uint8_t out[SHA256_LEN]);
/** All at once. */
void sha256_of(const void *buf, size_t len, uint8_t out[SHA256_LEN]);

#endif
