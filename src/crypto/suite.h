/**
 * @file suite.h
 * @brief What a security element and the station's own do with a key: derive, answer, MAC, seal.
 *
 * Layer:   crypto. Freestanding.
 * Source:  SUITE_TDES as chips and cards of the first generation do it (ISO/IEC 9797-1 algorithm 3,
 *          first four bytes; ECB; PBOC diversification). SUITE_AES128 and SUITE_SM4 are this
 *          project's: CMAC, CBC, NIST SP 800-108. A MAC covers the head of the command that its
 *          receiver will execute and begins with the receiver's challenge, so it is good once.
 */
#ifndef GT_CRYPTO_SUITE_H
#define GT_CRYPTO_SUITE_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

enum {
    SUITE_KEY_LEN = 16,
    SUITE_MAC_LEN = 4,
    SUITE_SEED_LEN = 8, /* a challenge of 4 is followed by four zeros */
    SUITE_ANSWER_LEN = 8,
    SUITE_FACTOR_LEN = 8,
    SUITE_DATA_MAX = 238, /* longest text to seal */
    SUITE_SEALED_MAX = 240,
};

typedef enum suite_kind {
    SUITE_TDES,
    SUITE_AES128,
    SUITE_SM4,
} suite_kind;

enum { SUITES = SUITE_SM4 + 1 };

typedef struct suite_key {
    suite_kind kind;
    uint8_t bytes[SUITE_KEY_LEN];
} suite_key;

/** For whom and for what a child key is; SUITE_TDES knows the device only. */
typedef struct suite_factor {
    const char *label;
    uint8_t device[SUITE_FACTOR_LEN];
    uint8_t version;
} suite_factor;

/** Key diversification. @p out may be @p parent. */
void suite_derive(const suite_key *parent, const suite_factor *factor, suite_key *out);

/** The answer of who holds the key to a challenge. */
void suite_answer(const suite_key *key, const uint8_t challenge[SUITE_SEED_LEN],
                  uint8_t out[SUITE_ANSWER_LEN]);

typedef struct suite_message {
    const uint8_t *seed; /* SUITE_SEED_LEN */
    const uint8_t *head; /* CLA INS P1 P2 Lc of the command, Lc counting data and MAC */
    size_t head_len;
    const uint8_t *body;
    size_t body_len;
} suite_message;

void suite_mac(const suite_key *key, const suite_message *message, uint8_t out[SUITE_MAC_LEN]);

/** Length of @p len bytes once sealed: length byte, text, 80H, zeros, to whole blocks. */
size_t suite_sealed_len(suite_kind kind, size_t len);
/**
 * Seal in place. Sealing hides; it proves nothing: a MAC over the sealed bytes does.
 * @param buf      @p len bytes of text, room for suite_sealed_len
 * @return RANGE   @p len above SUITE_DATA_MAX
 */
GT_CHECKED gt_err suite_seal(const suite_key *key, const uint8_t seed[SUITE_SEED_LEN], uint8_t *buf,
                             size_t len);
/**
 * Undo it in place: the text moves to the front. @p buf is undefined after a failure.
 * @return RANGE      no whole blocks, none, or above SUITE_SEALED_MAX
 *         MALFORMED  length byte or padding is not what suite_seal writes
 */
GT_CHECKED gt_err suite_open(const suite_key *key, const uint8_t seed[SUITE_SEED_LEN], uint8_t *buf,
                             size_t len, size_t *out_len);

#endif
