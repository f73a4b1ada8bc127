/* AES-128 with a computed S-box. Sixteen bytes are turned into eight planes of sixteen bits (plane
 * i holds bit i of every byte) and inverted in GF(2^8) together, so that no memory address and no
 * branch depends on the data, and a block still takes well under a millisecond on a Cortex-M0+. */
#include "crypto/aes.h"

#include "crypto/wipe.h"

#include <string.h>

enum { PLANES = 8, COLUMN = 4 };

typedef struct planes {
    uint16_t bit[PLANES];
} planes;

/* Reduce a product of up to fifteen planes by x^8 = x^4 + x^3 + x + 1. */
static planes reduce(uint16_t wide[2 * PLANES - 1])
{
    planes out;
    for (unsigned i = 2 * PLANES - 2; i >= PLANES; i--) {
        wide[i - 4] ^= wide[i];
        wide[i - 5] ^= wide[i];
        wide[i - 7] ^= wide[i];
        wide[i - 8] ^= wide[i];
    }
    for (unsigned i = 0; i < PLANES; i++) {
        out.bit[i] = wide[i];
    }
    return out;
}

static planes multiply(const planes *a, const planes *b)
{
    uint16_t wide[2 * PLANES - 1] = {0};
    for (unsigned i = 0; i < PLANES; i++) {
        for (unsigned j = 0; j < PLANES; j++) {
            wide[i + j] ^= (uint16_t)(a->bit[i] & b->bit[j]);
        }
    }
    return reduce(wide);
}

static planes square(planes a, unsigned times)
{
    for (; times > 0; times--) {
        uint16_t wide[2 * PLANES - 1] = {0};
        for (unsigned i = 0; i < PLANES; i++) {
            wide[2 * i] = a.bit[i];
        }
        a = reduce(wide);
    }
    return a;
}

/* a^254: the inverse, and 0 for 0. */
static planes invert(const planes *a)
{
    const planes a2 = square(*a, 1);
    const planes a3 = multiply(&a2, a);
    const planes a12 = square(a3, 2);
    const planes a15 = multiply(&a12, &a3);
    const planes a240 = square(a15, 4);
    const planes a252 = multiply(&a240, &a12);
    return multiply(&a252, &a2);
}

/* FIPS 197, 5.1.1: the inverse, then the affine map with 63H. */
static void sub_bytes(uint8_t bytes[AES_BLOCK_LEN])
{
    planes in = {{0}};
    for (unsigned i = 0; i < AES_BLOCK_LEN; i++) {
        for (unsigned bit = 0; bit < PLANES; bit++) {
            in.bit[bit] |= (uint16_t)(((unsigned)bytes[i] >> bit & 1U) << i);
        }
    }
    const planes inverse = invert(&in);
    uint16_t out[PLANES];
    for (unsigned bit = 0; bit < PLANES; bit++) {
        uint16_t sum = (0x63U >> bit & 1U) != 0 ? 0xFFFFU : 0;
        for (unsigned k = 0; k < 5; k++) {
            sum ^= inverse.bit[k == 0 ? bit : (bit + 3 + k) % PLANES];
        }
        out[bit] = sum;
    }
    for (unsigned i = 0; i < AES_BLOCK_LEN; i++) {
        unsigned byte = 0;
        for (unsigned bit = 0; bit < PLANES; bit++) {
            byte |= ((unsigned)out[bit] >> i & 1U) << bit;
        }
        bytes[i] = (uint8_t)byte;
    }
}

/* Multiply by x in GF(2^8). */
static uint8_t twice(uint8_t a)
{
    const unsigned overflow = 0U - ((unsigned)a >> 7U);
    return (uint8_t)((unsigned)a << 1U ^ (overflow & 0x1BU));
}

void aes128_init(aes128 *aes, const uint8_t key[AES128_KEY_LEN])
{
    memcpy(aes->round_key[0], key, AES128_KEY_LEN);
    uint8_t round_constant = 1;
    for (unsigned round = 1; round <= AES128_ROUNDS; round++) {
        const uint8_t *last = aes->round_key[round - 1];
        uint8_t *next = aes->round_key[round];
        uint8_t word[AES_BLOCK_LEN] = {last[13], last[14], last[15], last[12]};
        sub_bytes(word);
        word[0] ^= round_constant;
        round_constant = twice(round_constant);
        for (unsigned i = 0; i < AES_BLOCK_LEN; i++) {
            next[i] = last[i] ^ (i < COLUMN ? word[i] : next[i - COLUMN]);
        }
        gt_wipe(word, sizeof word);
    }
}

static void shift_rows(uint8_t block[AES_BLOCK_LEN])
{
    uint8_t from[AES_BLOCK_LEN];
    memcpy(from, block, AES_BLOCK_LEN);
    for (unsigned i = 0; i < AES_BLOCK_LEN; i++) {
        block[i] = from[(i + COLUMN * (i % COLUMN)) % AES_BLOCK_LEN];
    }
}

static void mix_columns(uint8_t block[AES_BLOCK_LEN])
{
    for (unsigned c = 0; c < AES_BLOCK_LEN; c += COLUMN) {
        uint8_t *col = block + c;
        const uint8_t first = col[0];
        const uint8_t all = col[0] ^ col[1] ^ col[2] ^ col[3];
        for (unsigned i = 0; i < COLUMN; i++) {
            const uint8_t right = i == COLUMN - 1 ? first : col[i + 1];
            col[i] ^= all ^ twice(col[i] ^ right);
        }
    }
}

static void add_round_key(uint8_t block[AES_BLOCK_LEN], const uint8_t key[AES_BLOCK_LEN])
{
    for (unsigned i = 0; i < AES_BLOCK_LEN; i++) {
        block[i] ^= key[i];
    }
}

void aes128_encrypt(const aes128 *aes, const uint8_t in[AES_BLOCK_LEN], uint8_t out[AES_BLOCK_LEN])
{
    uint8_t block[AES_BLOCK_LEN];
    memcpy(block, in, AES_BLOCK_LEN);
    add_round_key(block, aes->round_key[0]);
    for (unsigned round = 1; round <= AES128_ROUNDS; round++) {
        sub_bytes(block);
        shift_rows(block);
        if (round < AES128_ROUNDS) {
            mix_columns(block);
        }
        add_round_key(block, aes->round_key[round]);
    }
    memcpy(out, block, AES_BLOCK_LEN);
    gt_wipe(block, sizeof block);
}

void aes128_fini(aes128 *aes)
{
    gt_wipe(aes, sizeof *aes);
}
