/* What a right frame looks like, shared by frame.c, which says what is wrong with others, and
 * item.c; and the order of an identifier, shared by message.c and item.c. */
#ifndef GT_CODEC_CJT188_FRAME_PRIV_H
#define GT_CODEC_CJT188_FRAME_PRIV_H

#include "base/bytes.h"
#include "codec/cjt188/item.h"

enum {
    CJT188_TYPE_AT = 1,
    CJT188_ADDR_AT = 2,
    CJT188_CTRL_AT = 9,
    CJT188_LEN_AT = 10,
    CJT188_TYPE_FIRST = 0x10,
    CJT188_TYPE_LAST = 0x49,
    CJT188_REPLY = 0x80,       /* of a control code: from the meter */
    CJT188_ABNORMAL = 0x40,    /* refused */
    CJT188_IDENTIFIER_LEN = 3, /* with SER */
};

static inline bool cjt188_type_right(uint8_t type)
{
    return type == CJT188_TYPE_ANY ||
           (type >= CJT188_TYPE_FIRST && type <= CJT188_TYPE_LAST && (type & 0x0F) <= 9);
}

/** Each of the ten lower digits is 0 .. 9 or AH; those above name the maker, in BCD or not. */
static inline bool cjt188_digits_right(uint64_t addr)
{
    /* a nibble above AH has the bit of 8 with that of 4, or with those of 2 and 1 */
    const uint64_t above = addr & (addr << 1 | (addr << 2 & addr << 3));
    return (above & UINT64_C(0x8888888888)) == 0;
}

/** The address in that many bytes of a frame. */
static inline uint64_t cjt188_addr_at(const uint8_t *in)
{
    return gt_u64le_at(in + CJT188_ADDR_AT) & UINT64_C(0xFFFFFFFFFFFFFF);
}

/** Every field but CS, in one look. */
static inline bool cjt188_fields_right(const uint8_t *in, size_t in_len)
{
    return in_len >= CJT188_FRAME_MIN && in[0] == CJT188_START &&
           in_len == (size_t)CJT188_FRAME_MIN + in[CJT188_LEN_AT] && in[in_len - 1] == CJT188_END &&
           cjt188_type_right(in[CJT188_TYPE_AT]) && cjt188_digits_right(cjt188_addr_at(in));
}

/** What cjt188_frame_decode says of the bytes. */
GT_CHECKED gt_err cjt188_frame_check(const uint8_t *in, size_t in_len);
/** The identifier that two bytes of a frame are, and whether the high one comes first. */
uint16_t cjt188_di_read(const uint8_t *at, bool *out_high_first);

#endif
