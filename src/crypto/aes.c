/* AES-128 with a computed S-box (sbox_priv.h), so that no memory address and no branch depends on
 * the data, and a block still takes well under a millisecond on a Cortex-M0+. */
#include "crypto/aes.h"

#include "crypto/sbox_priv.h"
#include "crypto/wipe.h"

#include <string.h>

enum { COLUMN = 4 };

/* FIPS 197, 5.1.1 and 5.3.2. */
static const sbox_map forward = {{0xF1, 0xE3, 0xC7, 0x8F, 0x1F, 0x3E, 0x7C, 0xF8}, 0x63};
static const sbox_map backward = {{0xA4, 0x49, 0x92, 0x25, 0x4A, 0x94, 0x29, 0x52}, 0x05};

static void sub_bytes(uint8_t bytes[AES_BLOCK_LEN])
{
    static const sbox box = {.before = NULL, .after = &forward};
    sbox_apply(&box, bytes);
}

static void sub_bytes_back(uint8_t bytes[AES_BLOCK_LEN])
{
    static const sbox box = {.before = &backward, .after = NULL};
    sbox_apply(&box, bytes);
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

/* Row r moves r columns to the left (1), or back (COLUMN - 1 times as far). */
static void shift_rows(uint8_t block[AES_BLOCK_LEN], unsigned times)
{
    uint8_t from[AES_BLOCK_LEN];
    memcpy(from, block, AES_BLOCK_LEN);
    for (unsigned i = 0; i < AES_BLOCK_LEN; i++) {
        block[i] = from[(i + COLUMN * times * (i % COLUMN)) % AES_BLOCK_LEN];
    }
    gt_wipe(from, sizeof from);
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
        shift_rows(block, 1);
        if (round < AES128_ROUNDS) {
            mix_columns(block);
        }
        add_round_key(block, aes->round_key[round]);
    }
    memcpy(out, block, AES_BLOCK_LEN);
    gt_wipe(block, sizeof block);
}

void aes128_decrypt(const aes128 *aes, const uint8_t in[AES_BLOCK_LEN], uint8_t out[AES_BLOCK_LEN])
{
    uint8_t block[AES_BLOCK_LEN];
    memcpy(block, in, AES_BLOCK_LEN);
    for (unsigned round = AES128_ROUNDS; round >= 1; round--) {
        add_round_key(block, aes->round_key[round]);
        if (round < AES128_ROUNDS) {
            /* MixColumns has order four: three times forward is once back. */
            mix_columns(block);
            mix_columns(block);
            mix_columns(block);
        }
        shift_rows(block, COLUMN - 1);
        sub_bytes_back(block);
    }
    add_round_key(block, aes->round_key[0]);
    memcpy(out, block, AES_BLOCK_LEN);
    gt_wipe(block, sizeof block);
}

void aes128_fini(aes128 *aes)
{
    gt_wipe(aes, sizeof *aes);
}
