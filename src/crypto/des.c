/* DES as the standard draws it: permutations by table, bit by bit, and S-boxes whose rows are words
 * of eight four-bit columns. The row and the half are chosen by masks and the column by a shift, so
 * that no address depends on the key or the data. */
#include "crypto/des.h"

#include "crypto/wipe.h"

enum { BOXES = 8, BOX_ROWS = 4, HALF_BITS = 28, BLOCK_BITS = 64, WORD_BITS = 32, ROUND_BITS = 48 };

/* Bit numbers as in the standard: 1 is the highest. */
static const uint8_t initial[BLOCK_BITS] = {
    58, 50, 42, 34, 26, 18, 10, 2,  60, 52, 44, 36, 28, 20, 12, 4,  62, 54, 46, 38, 30, 22,
    14, 6,  64, 56, 48, 40, 32, 24, 16, 8,  57, 49, 41, 33, 25, 17, 9,  1,  59, 51, 43, 35,
    27, 19, 11, 3,  61, 53, 45, 37, 29, 21, 13, 5,  63, 55, 47, 39, 31, 23, 15, 7};
static const uint8_t mix[WORD_BITS] = {16, 7, 20, 21, 29, 12, 28, 17, 1,  15, 23,
                                       26, 5, 18, 31, 10, 2,  8,  24, 14, 32, 27,
                                       3,  9, 19, 13, 30, 6,  22, 11, 4,  25};
static const uint8_t choice1[2 * HALF_BITS] = {
    57, 49, 41, 33, 25, 17, 9,  1,  58, 50, 42, 34, 26, 18, 10, 2,  59, 51, 43,
    35, 27, 19, 11, 3,  60, 52, 44, 36, 63, 55, 47, 39, 31, 23, 15, 7,  62, 54,
    46, 38, 30, 22, 14, 6,  61, 53, 45, 37, 29, 21, 13, 5,  28, 20, 12, 4};
static const uint8_t choice2[ROUND_BITS] = {
    14, 17, 11, 24, 1,  5,  3,  28, 15, 6,  21, 10, 23, 19, 12, 4,  26, 8,  16, 7,  27, 20, 13, 2,
    41, 52, 31, 37, 47, 55, 30, 40, 51, 45, 33, 48, 44, 49, 39, 56, 34, 53, 46, 42, 50, 36, 29, 32};

static const uint32_t boxes[BOXES][BOX_ROWS][2] = {
    {{0x8BF21D4E, 0x7095C6A3},
     {0x1D2E47F0, 0x8359BC6A},
     {0xB26D8E14, 0x05A379CF},
     {0x719428CF, 0xD60AE3B5}},
    {{0x43B6E81F, 0xA50CD279},
     {0xE82F74D3, 0x5B96A10C},
     {0x1D4AB7E0, 0xF2396C85},
     {0x24F31A8D, 0x9E50C76B}},
    {{0x5F36E90A, 0x824B7CD1},
     {0xA643907D, 0x1FBCE582},
     {0x03F8946D, 0x7EA5C21B},
     {0x78960DA1, 0xC25B3EF4}},
    {{0xA9603ED7, 0xF4CB5821},
     {0x30F65B8D, 0x9EA1C274},
     {0xD7BC096A, 0x4825E31F},
     {0x8D1A60F3, 0xE27CB549}},
    {{0x6BA714C2, 0x9E0DF358},
     {0x1D74C2BE, 0x6893AF05},
     {0x87DAB124, 0xE0365C9F},
     {0xD2E17C8B, 0x354A90F6}},
    {{0x8629FA1C, 0xB57E43D0},
     {0x59C724FA, 0x83B0ED16},
     {0x3C825FE9, 0x6BD1A407},
     {0xAF59C234, 0xD80671EB}},
    {{0xD80FE2B4, 0x16A579C3},
     {0xA1947B0D, 0x68F2C53E},
     {0xE73CDB41, 0x295086FA},
     {0x7A418DB6, 0xC32EF059}},
    {{0x1BF6482D, 0x7C05E39A},
     {0x473A8DF1, 0x29E0B65C},
     {0x2EC914B7, 0x853FDA60},
     {0xD8A47E12, 0xB65309CF}},
};

/* Bits of @p v (of which @p width count) in the order of @p table. */
static uint64_t permute(uint64_t v, unsigned width, const uint8_t *table, unsigned len)
{
    uint64_t out = 0;
    for (unsigned i = 0; i < len; i++) {
        out = out << 1U | (v >> (width - table[i]) & 1U);
    }
    return out;
}

static uint64_t block_get(const uint8_t in[DES_BLOCK_LEN])
{
    uint64_t v = 0;
    for (unsigned i = 0; i < DES_BLOCK_LEN; i++) {
        v = v << 8U | in[i];
    }
    return v;
}

static uint32_t half_rotate(uint32_t half, unsigned by)
{
    return (half << by | half >> (HALF_BITS - by)) & 0x0FFFFFFFU;
}

void des_init(des *cipher, const uint8_t key[DES_KEY_LEN])
{
    const uint64_t chosen = permute(block_get(key), BLOCK_BITS, choice1, sizeof choice1);
    uint32_t c = (uint32_t)(chosen >> HALF_BITS);
    uint32_t d = (uint32_t)chosen & 0x0FFFFFFFU;
    for (unsigned round = 0; round < DES_ROUNDS; round++) {
        const unsigned by = round < 2 || round == 8 || round == 15 ? 1 : 2;
        c = half_rotate(c, by);
        d = half_rotate(d, by);
        const uint64_t bits =
            permute((uint64_t)c << HALF_BITS | d, 2 * HALF_BITS, choice2, sizeof choice2);
        for (unsigned i = 0; i < BOXES; i++) {
            cipher->round_key[round][i] = (uint8_t)(bits >> (ROUND_BITS - 6U - 6U * i) & 0x3FU);
        }
    }
}

/* All ones when @p v is not 0 (v below 2^31). */
static uint32_t mask_of(uint32_t v)
{
    return 0U - ((0U - v) >> 31U);
}

static uint32_t box_apply(unsigned box, uint32_t six)
{
    const uint32_t row = (six >> 4U & 2U) | (six & 1U);
    const uint32_t column = six >> 1U & 0xFU;
    const uint32_t high = mask_of(column & 8U);
    uint32_t chosen = 0;
    for (uint32_t r = 0; r < BOX_ROWS; r++) {
        const uint32_t half = (boxes[box][r][0] & ~high) | (boxes[box][r][1] & high);
        chosen |= half & ~mask_of(r ^ row);
    }
    return chosen >> (4U * (column & 7U)) & 0xFU;
}

static uint32_t feistel(uint32_t right, const uint8_t key[BOXES])
{
    uint32_t out = 0;
    for (unsigned i = 0; i < BOXES; i++) {
        /* bits 4i .. 4i + 5 counted from the one before the highest, around the end */
        const unsigned by = (4U * i + 5U) % WORD_BITS;
        const uint32_t six = (right << by | right >> (WORD_BITS - by)) & 0x3FU;
        out = out << 4U | box_apply(i, six ^ key[i]);
    }
    return (uint32_t)permute(out, WORD_BITS, mix, sizeof mix);
}

/* The final permutation is the inverse of the initial one. */
static void block_put(uint64_t v, uint8_t out[DES_BLOCK_LEN])
{
    uint64_t back = 0;
    for (unsigned i = 0; i < BLOCK_BITS; i++) {
        back |= (v >> (BLOCK_BITS - 1U - i) & 1U) << (BLOCK_BITS - initial[i]);
    }
    for (unsigned i = 0; i < DES_BLOCK_LEN; i++) {
        out[i] = (uint8_t)(back >> (56U - 8U * i));
    }
}

static void block_turn(const uint8_t (*first)[BOXES], int step, const uint8_t *in, uint8_t *out)
{
    const uint64_t v = permute(block_get(in), BLOCK_BITS, initial, sizeof initial);
    uint32_t left = (uint32_t)(v >> WORD_BITS);
    uint32_t right = (uint32_t)v;
    for (int round = 0; round < DES_ROUNDS; round++) {
        const uint32_t next = left ^ feistel(right, first[step * round]);
        left = right;
        right = next;
    }
    block_put((uint64_t)right << WORD_BITS | left, out);
}

void des_encrypt(const des *cipher, const uint8_t in[DES_BLOCK_LEN], uint8_t out[DES_BLOCK_LEN])
{
    block_turn(cipher->round_key, 1, in, out);
}

void des_decrypt(const des *cipher, const uint8_t in[DES_BLOCK_LEN], uint8_t out[DES_BLOCK_LEN])
{
    block_turn(cipher->round_key + DES_ROUNDS - 1, -1, in, out);
}

void des_fini(des *cipher)
{
    gt_wipe(cipher, sizeof *cipher);
}

void tdes_init(tdes *cipher, const uint8_t key[TDES_KEY_LEN])
{
    des_init(&cipher->outer, key);
    des_init(&cipher->inner, key + DES_KEY_LEN);
}

void tdes_encrypt(const tdes *cipher, const uint8_t in[DES_BLOCK_LEN], uint8_t out[DES_BLOCK_LEN])
{
    des_encrypt(&cipher->outer, in, out);
    des_decrypt(&cipher->inner, out, out);
    des_encrypt(&cipher->outer, out, out);
}

void tdes_decrypt(const tdes *cipher, const uint8_t in[DES_BLOCK_LEN], uint8_t out[DES_BLOCK_LEN])
{
    des_decrypt(&cipher->outer, in, out);
    des_encrypt(&cipher->inner, out, out);
    des_decrypt(&cipher->outer, out, out);
}

void tdes_fini(tdes *cipher)
{
    des_fini(&cipher->outer);
    des_fini(&cipher->inner);
}
