/* What a right frame looks like, shared by frame.c, which says what is wrong with others, and
 * numbers.c. */
#ifndef GT_CODEC_DLT645_FRAME_PRIV_H
#define GT_CODEC_DLT645_FRAME_PRIV_H

#include "base/bytes.h"
#include "codec/dlt645/frame.h"

/** The mask of eight bytes. */
#define DLT645_WORD_MASK UINT64_C(0x3333333333333333)

enum { DLT645_CTRL_AT = 8, DLT645_LEN_AT = 9 };

/** Each of the 12 nibbles is 0 .. 9 or AH; what is above them is not looked at. */
static inline bool dlt645_digits_right(uint64_t addr)
{
    /* a nibble above AH has the bit of 8 with that of 4, or with those of 2 and 1 */
    const uint64_t above = addr & (addr << 1 | (addr << 2 & addr << 3));
    return (above & UINT64_C(0x888888888888)) == 0;
}

/** The address behind the first 68H of that many bytes. */
static inline uint64_t dlt645_addr_at(const uint8_t *in)
{
    return gt_u64le_at(in) >> 8 & UINT64_C(0xFFFFFFFFFFFF);
}

/** Every field but CS, in one look. */
static inline bool dlt645_fields_right(const uint8_t *in, size_t in_len)
{
    static const uint64_t starts = UINT64_C(0xFF000000000000FF);
    return in_len >= DLT645_FRAME_MIN &&
           (gt_u64le_at(in) & starts) == (starts & DLT645_START * UINT64_C(0x0101010101010101)) &&
           in[DLT645_LEN_AT] <= DLT645_DATA_MAX &&
           in_len == (size_t)DLT645_FRAME_MIN + in[DLT645_LEN_AT] && in[in_len - 1] == DLT645_END &&
           dlt645_digits_right(dlt645_addr_at(in));
}

/** Eight bytes without the mask. With the top bits set nothing borrows from its neighbour; the last
 * term puts right what the top bits would have been. */
static inline uint64_t dlt645_word_unmask(uint64_t word)
{
    static const uint64_t top = UINT64_C(0x8080808080808080);
    return ((word | top) - DLT645_WORD_MASK) ^ (~word & top);
}

/** What dlt645_frame_decode says of the bytes. */
GT_CHECKED gt_err dlt645_frame_check(const uint8_t *in, size_t in_len);

#endif
