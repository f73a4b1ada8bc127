/* The sum of bytes, eight a step. */
#include "base/bytes.h"
#include "base/sum.h"

enum { WORD = 8, LANE_WORDS_MAX = 32 };

uint8_t gt_sum8(const uint8_t *buf, size_t len)
{
    static const uint64_t even = UINT64_C(0x00FF00FF00FF00FF);
    static const uint64_t fold = UINT64_C(0x0001000100010001);
    const uint8_t *at = buf;
    uint8_t sum = 0;
    if (len < WORD) {
        for (size_t i = 0; i < len; i++) {
            sum = (uint8_t)(sum + at[i]);
        }
        return sum;
    }
    size_t words = len / WORD;
    while (words > 0) {
        uint64_t lanes = 0; /* four sums; with their total still below 2^16, fold carries nothing */
        const size_t part = words < LANE_WORDS_MAX ? words : LANE_WORDS_MAX;
        for (const uint8_t *const end = at + part * WORD; at < end; at += WORD) {
            const uint64_t word = gt_u64le_at(at);
            lanes += (word & even) + (word >> 8U & even);
        }
        sum = (uint8_t)(sum + (lanes * fold >> 48U));
        words -= part;
    }
    /* the last word once more, without the bytes that are in the sum: shifted in two steps, since
     * there may be eight of them */
    const size_t summed = WORD - len % WORD;
    const uint64_t rest = gt_u64le_at(buf + len - WORD) >> (8U * (summed - 1)) >> 8U;
    return (uint8_t)(sum + (((rest & even) + (rest >> 8U & even)) * fold >> 48U));
}
