/* SM4: 32 rounds over four words, each turning one of them. Decryption is encryption with the round
 * keys in reverse order. The S-box is computed (sbox_priv.h). */
#include "crypto/sm4.h"

#include "crypto/sbox_priv.h"
#include "crypto/wipe.h"

enum { WORDS = 4 };

static uint32_t rotate(uint32_t v, unsigned by)
{
    return v << by | v >> (32U - by);
}

/* 6.2, the S-box on each byte of a word. Both maps carry the isomorphism between SM4's field
 * (x^8 + x^7 + x^6 + x^5 + x^4 + x^2 + 1) and that of AES. */
static uint32_t substitute(uint32_t v)
{
    static const sbox_map before = {{0x4C, 0x28, 0x7D, 0xB9, 0x1A, 0x22, 0x50, 0x5D}, 0x3E};
    static const sbox_map after = {{0xF3, 0xAB, 0x34, 0xA9, 0x74, 0xA6, 0xB5, 0x89}, 0xD3};
    static const sbox box = {.before = &before, .after = &after};
    uint8_t bytes[SBOX_LANES] = {(uint8_t)(v >> 24U), (uint8_t)(v >> 16U), (uint8_t)(v >> 8U),
                                 (uint8_t)v};
    sbox_apply(&box, bytes);
    return (uint32_t)bytes[0] << 24U | (uint32_t)bytes[1] << 16U | (uint32_t)bytes[2] << 8U |
           bytes[3];
}

static void words_get(const uint8_t in[SM4_BLOCK_LEN], uint32_t out[WORDS])
{
    for (unsigned i = 0; i < WORDS; i++) {
        out[i] = (uint32_t)in[4 * i] << 24U | (uint32_t)in[4 * i + 1] << 16U |
                 (uint32_t)in[4 * i + 2] << 8U | in[4 * i + 3];
    }
}

/* 7.3: CK byte j of word i is (4 i + j) x 7. */
static uint32_t round_constant(unsigned round)
{
    uint32_t v = 0;
    for (unsigned j = 0; j < WORDS; j++) {
        v = v << 8U | ((WORDS * round + j) * 7U & 0xFFU);
    }
    return v;
}

void sm4_init(sm4 *cipher, const uint8_t key[SM4_KEY_LEN])
{
    static const uint32_t family[WORDS] = {0xA3B1BAC6, 0x56AA3350, 0x677D9197, 0xB27022DC};
    uint32_t k[WORDS];
    words_get(key, k);
    for (unsigned i = 0; i < WORDS; i++) {
        k[i] ^= family[i];
    }
    for (unsigned round = 0; round < SM4_ROUNDS; round++) {
        const uint32_t t = substitute(k[(round + 1) % WORDS] ^ k[(round + 2) % WORDS] ^
                                      k[(round + 3) % WORDS] ^ round_constant(round));
        k[round % WORDS] ^= t ^ rotate(t, 13) ^ rotate(t, 23);
        cipher->round_key[round] = k[round % WORDS];
    }
    gt_wipe(k, sizeof k);
}

/* Round keys from @p first on, by @p step (1 or -1). */
static void block_turn(const uint32_t *first, int step, const uint8_t *in, uint8_t *out)
{
    uint32_t x[WORDS];
    words_get(in, x);
    for (unsigned round = 0; round < SM4_ROUNDS; round++) {
        const uint32_t key = first[step * (int)round];
        const uint32_t t = substitute(x[(round + 1) % WORDS] ^ x[(round + 2) % WORDS] ^
                                      x[(round + 3) % WORDS] ^ key);
        x[round % WORDS] ^= t ^ rotate(t, 2) ^ rotate(t, 10) ^ rotate(t, 18) ^ rotate(t, 24);
    }
    for (unsigned i = 0; i < SM4_BLOCK_LEN; i++) { /* 7.1: the words come out in reverse */
        out[i] = (uint8_t)(x[WORDS - 1 - i / 4] >> (24U - i % 4 * 8));
    }
    gt_wipe(x, sizeof x);
}

void sm4_encrypt(const sm4 *cipher, const uint8_t in[SM4_BLOCK_LEN], uint8_t out[SM4_BLOCK_LEN])
{
    block_turn(cipher->round_key, 1, in, out);
}

void sm4_decrypt(const sm4 *cipher, const uint8_t in[SM4_BLOCK_LEN], uint8_t out[SM4_BLOCK_LEN])
{
    block_turn(cipher->round_key + SM4_ROUNDS - 1, -1, in, out);
}
