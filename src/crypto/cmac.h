/**
 * @file cmac.h
 * @brief CMAC with AES-128 or SM4, in pieces or at once.
 *
 * Layer:   crypto. Freestanding.
 * Source:  RFC 4493 (NIST SP 800-38B).
 */
#ifndef GT_CRYPTO_CMAC_H
#define GT_CRYPTO_CMAC_H

#include "crypto/block.h"

#include <stddef.h>
#include <stdint.h>

enum { CMAC_LEN = 16 };

typedef struct cmac {
    block_cipher cipher;
    uint8_t chain[BLOCK_LEN];
    uint8_t held[BLOCK_LEN]; /* the last block waits: it is treated differently */
    uint8_t held_len;
} cmac;

/** With AES-128. */
void cmac_init(cmac *mac, const uint8_t key[AES128_KEY_LEN]);
void cmac_init_with(cmac *mac, block_kind kind, const uint8_t key[BLOCK_KEY_LEN]);
void cmac_update(cmac *mac, const uint8_t *buf, size_t len);
/** Ends the message and wipes the state. */
void cmac_final(cmac *mac, uint8_t out[CMAC_LEN]);
/** All at once, with AES-128. */
void cmac_of(const uint8_t key[AES128_KEY_LEN], const uint8_t *buf, size_t len,
             uint8_t out[CMAC_LEN]);

#endif
