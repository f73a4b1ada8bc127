/* SHA-256 as FIPS 180-4 writes it; the message schedule rolls through sixteen words. */
#include "crypto/sha256.h"

#include <string.h>

enum { ROUNDS = 64, SCHEDULE = 16, LEN_AT = SHA256_BLOCK_LEN - 8 };

static const uint32_t round_constant[ROUNDS] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t rotate(uint32_t v, unsigned n)
{
    return v >> n | v << (32U - n);
}

static uint32_t schedule_next(uint32_t w[SCHEDULE], unsigned t)
{
    const uint32_t w15 = w[(t + 1) % SCHEDULE];
    const uint32_t w2 = w[(t + 14) % SCHEDULE];
    const uint32_t s0 = rotate(w15, 7) ^ rotate(w15, 18) ^ w15 >> 3U;
    const uint32_t s1 = rotate(w2, 17) ^ rotate(w2, 19) ^ w2 >> 10U;
    w[t % SCHEDULE] += s0 + w[(t + 9) % SCHEDULE] + s1;
    return w[t % SCHEDULE];
}

static void compress(uint32_t state[8], const uint8_t block[SHA256_BLOCK_LEN])
{
    uint32_t w[SCHEDULE];
    uint32_t v[8];
    for (unsigned i = 0; i < SCHEDULE; i++) {
        const uint8_t *at = block + (size_t)4 * i;
        w[i] = (uint32_t)at[0] << 24U | (uint32_t)at[1] << 16U | (uint32_t)at[2] << 8U | at[3];
    }
    memcpy(v, state, sizeof v);
    for (unsigned t = 0; t < ROUNDS; t++) {
        const uint32_t word = t < SCHEDULE ? w[t] : schedule_next(w, t);
        const uint32_t s1 = rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25);
        const uint32_t choose = (v[4] & v[5]) ^ (~v[4] & v[6]);
        const uint32_t t1 = v[7] + s1 + choose + round_constant[t] + word;
        const uint32_t s0 = rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22);
        const uint32_t majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
        memmove(v + 1, v, 7 * sizeof v[0]);
        v[4] += t1;
        v[0] = t1 + s0 + majority;
    }
    for (unsigned i = 0; i < 8; i++) {
        state[i] += v[i];
    }
}

void sha256_init(sha256 *sha)
{
    *sha = (sha256){.state = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f,
                              0x9b05688c, 0x1f83d9ab, 0x5be0cd19}};
}

void sha256_update(sha256 *sha, const void *buf, size_t len)
{
    const uint8_t *at = buf;
    while (len > 0) {
        const size_t used = (size_t)(sha->len % SHA256_BLOCK_LEN);
        const size_t n = len < SHA256_BLOCK_LEN - used ? len : SHA256_BLOCK_LEN - used;
        memcpy(sha->block + used, at, n);
        sha->len += n;
        at += n;
        len -= n;
        if (used + n == SHA256_BLOCK_LEN) {
            compress(sha->state, sha->block);
        }
    }
}

void sha256_final(sha256 *sha, uint8_t out[SHA256_LEN])
{
    const uint64_t bits = sha->len * 8U;
    static const uint8_t mark[1] = {0x80};
    static const uint8_t zero[1] = {0};
    sha256_update(sha, mark, sizeof mark);
    while (sha->len % SHA256_BLOCK_LEN != LEN_AT) {
        sha256_update(sha, zero, sizeof zero);
    }
    uint8_t tail[8];
    for (unsigned i = 0; i < 8; i++) {
        tail[i] = (uint8_t)(bits >> (56U - 8U * i));
    }
    sha256_update(sha, tail, sizeof tail);
    for (unsigned i = 0; i < SHA256_LEN; i++) {
        out[i] = (uint8_t)(sha->state[i / 4] >> (24U - 8U * (i % 4)));
    }
}

void sha256_of(const void *buf, size_t len, uint8_t out[SHA256_LEN])
{
    sha256 sha;
    sha256_init(&sha);
    sha256_update(&sha, buf, len);
    sha256_final(&sha, out);
}
