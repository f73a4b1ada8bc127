/* A CRC-16 by carry-less multiplication, sixteen bytes a step and four steps side by side. In the
 * reflected order of these CRCs the bytes of a block are a polynomial as they lie in memory,
 * highest power first; a product of two comes out one power too low, so its constants have one
 * power less. */
#include "base/fold.h"

#include <immintrin.h>

enum { BLOCK = 16, LANES = 4 };

__attribute__((target("pclmul"))) static inline __m128i fold(__m128i x, __m128i k)
{
    return _mm_xor_si128(_mm_clmulepi64_si128(x, k, 0x00), _mm_clmulepi64_si128(x, k, 0x11));
}

static inline __m128i block_at(const uint8_t *at)
{
    return _mm_loadu_si128((const __m128i_u *)(const void *)at);
}

__attribute__((target("pclmul"))) static size_t
blocks_fold(const gt_fold *by, uint16_t crc, const uint8_t *at, size_t len, uint8_t *out)
{
    const __m128i one = _mm_set_epi64x((long long)by->low, (long long)by->high);
    const __m128i four = _mm_set_epi64x((long long)by->low4, (long long)by->high4);
    const uint8_t *const first = at;
    __m128i x = _mm_xor_si128(block_at(at), _mm_cvtsi32_si128(crc));
    at += BLOCK;
    len -= BLOCK;
    if (len >= (size_t)(2 * LANES - 1) * BLOCK) {
        __m128i b = block_at(at);
        __m128i c = block_at(at + BLOCK);
        __m128i d = block_at(at + (size_t)2 * BLOCK);
        at += (size_t)(LANES - 1) * BLOCK;
        len -= (size_t)(LANES - 1) * BLOCK;
        for (; len >= (size_t)LANES * BLOCK; at += (size_t)LANES * BLOCK) {
            x = _mm_xor_si128(fold(x, four), block_at(at));
            b = _mm_xor_si128(fold(b, four), block_at(at + BLOCK));
            c = _mm_xor_si128(fold(c, four), block_at(at + (size_t)2 * BLOCK));
            d = _mm_xor_si128(fold(d, four), block_at(at + (size_t)3 * BLOCK));
            len -= (size_t)LANES * BLOCK;
        }
        x = _mm_xor_si128(fold(x, one), b);
        x = _mm_xor_si128(fold(x, one), c);
        x = _mm_xor_si128(fold(x, one), d);
    }
    for (; len >= BLOCK; at += BLOCK, len -= BLOCK) {
        x = _mm_xor_si128(fold(x, one), block_at(at));
    }
    _mm_storeu_si128((__m128i_u *)(void *)out, x);
    return (size_t)(at - first);
}

size_t gt_crc16_fold(const gt_fold *by, uint16_t crc, const uint8_t *at, size_t len, uint8_t *out)
{
    return __builtin_cpu_supports("pclmul") != 0 ? blocks_fold(by, crc, at, len, out) : 0;
}
