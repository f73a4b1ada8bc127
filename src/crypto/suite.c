/* Three suites behind one set of verbs. Those of 16-byte blocks differ in the cipher only; triple
 * DES has its own ways, which deployed chips and cards prescribe. */
#include "crypto/suite.h"

#include "crypto/block.h"
#include "crypto/cmac.h"
#include "crypto/des.h"
#include "crypto/kdf.h"
#include "crypto/wipe.h"

#include <stdbool.h>
#include <string.h>

enum { LENGTH_LEN = 1, PAD = 0x80 };

static block_kind kind_of(suite_kind kind)
{
    return kind == SUITE_SM4 ? BLOCK_SM4 : BLOCK_AES128;
}

/* PBOC: the left half enciphers the factor, the right half its complement. */
static void tdes_derive(const suite_key *parent, const suite_factor *factor, suite_key *out)
{
    tdes cipher;
    uint8_t other[DES_BLOCK_LEN];
    tdes_init(&cipher, parent->bytes);
    for (unsigned i = 0; i < DES_BLOCK_LEN; i++) {
        other[i] = (uint8_t)~factor->device[i];
    }
    tdes_encrypt(&cipher, factor->device, out->bytes);
    tdes_encrypt(&cipher, other, out->bytes + DES_BLOCK_LEN);
    tdes_fini(&cipher);
}

static void block_derive(const suite_key *parent, const suite_factor *factor, uint8_t *out)
{
    uint8_t context[SUITE_FACTOR_LEN + 1];
    memcpy(context, factor->device, SUITE_FACTOR_LEN);
    context[SUITE_FACTOR_LEN] = factor->version;
    const kdf_info info = {.cipher = kind_of(parent->kind),
                           .label = (const uint8_t *)factor->label,
                           .label_len = strlen(factor->label),
                           .context = context,
                           .context_len = sizeof context};
    const gt_err err = kdf_cmac(parent->bytes, &info, out, SUITE_KEY_LEN);
    GT_ASSERT(err == GT_ERR_OK); /* the length is ours */
}

void suite_derive(const suite_key *parent, const suite_factor *factor, suite_key *out)
{
    suite_key child = {.kind = parent->kind};
    if (parent->kind == SUITE_TDES) {
        tdes_derive(parent, factor, &child);
    } else {
        block_derive(parent, factor, child.bytes);
    }
    *out = child;
    gt_wipe(&child, sizeof child);
}

static void tdes_answer(const suite_key *key, const uint8_t *challenge, uint8_t *out)
{
    tdes cipher;
    tdes_init(&cipher, key->bytes);
    tdes_encrypt(&cipher, challenge, out);
    tdes_fini(&cipher);
}

static void block_answer(const suite_key *key, const uint8_t *challenge, uint8_t *out)
{
    cmac mac;
    uint8_t full[CMAC_LEN];
    cmac_init_with(&mac, kind_of(key->kind), key->bytes);
    cmac_update(&mac, challenge, SUITE_SEED_LEN);
    cmac_final(&mac, full);
    memcpy(out, full, SUITE_ANSWER_LEN);
    gt_wipe(full, sizeof full);
}

void suite_answer(const suite_key *key, const uint8_t challenge[SUITE_SEED_LEN],
                  uint8_t out[SUITE_ANSWER_LEN])
{
    if (key->kind == SUITE_TDES) {
        tdes_answer(key, challenge, out);
    } else {
        block_answer(key, challenge, out);
    }
}

/* CBC-MAC of single DES: bytes are mixed into the chain as they come. */
typedef struct des_chain {
    des cipher;
    uint8_t block[DES_BLOCK_LEN];
    unsigned filled;
} des_chain;

static void chain_update(des_chain *chain, const uint8_t *buf, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        chain->block[chain->filled++] ^= buf[i];
        if (chain->filled == DES_BLOCK_LEN) {
            des_encrypt(&chain->cipher, chain->block, chain->block);
            chain->filled = 0;
        }
    }
}

/* ISO/IEC 9797-1 algorithm 3 with padding method 2: the second half of the key only at the end. */
static void tdes_mac(const suite_key *key, const suite_message *message, uint8_t *out)
{
    static const uint8_t pad[1] = {PAD};
    des_chain chain = {.filled = 0};
    des second;
    des_init(&chain.cipher, key->bytes);
    des_init(&second, key->bytes + DES_KEY_LEN);
    memcpy(chain.block, message->seed, DES_BLOCK_LEN);
    chain_update(&chain, message->head, message->head_len);
    chain_update(&chain, message->body, message->body_len);
    chain_update(&chain, pad, sizeof pad);
    if (chain.filled > 0) {
        des_encrypt(&chain.cipher, chain.block, chain.block);
    }
    des_decrypt(&second, chain.block, chain.block);
    des_encrypt(&chain.cipher, chain.block, chain.block);
    memcpy(out, chain.block, SUITE_MAC_LEN);
    gt_wipe(&chain, sizeof chain);
    des_fini(&second);
}

static void block_mac(const suite_key *key, const suite_message *message, uint8_t *out)
{
    cmac mac;
    uint8_t full[CMAC_LEN];
    cmac_init_with(&mac, kind_of(key->kind), key->bytes);
    cmac_update(&mac, message->seed, SUITE_SEED_LEN);
    cmac_update(&mac, message->head, message->head_len);
    cmac_update(&mac, message->body, message->body_len);
    cmac_final(&mac, full);
    memcpy(out, full, SUITE_MAC_LEN);
    gt_wipe(full, sizeof full);
}

void suite_mac(const suite_key *key, const suite_message *message, uint8_t out[SUITE_MAC_LEN])
{
    if (key->kind == SUITE_TDES) {
        tdes_mac(key, message, out);
    } else {
        block_mac(key, message, out);
    }
}

static size_t block_len(suite_kind kind)
{
    return kind == SUITE_TDES ? DES_BLOCK_LEN : BLOCK_LEN;
}

size_t suite_sealed_len(suite_kind kind, size_t len)
{
    const size_t block = block_len(kind);
    return (LENGTH_LEN + len + 1 + block - 1) / block * block;
}

static void tdes_turn(const suite_key *key, uint8_t *buf, size_t len, bool seal)
{
    tdes cipher;
    tdes_init(&cipher, key->bytes);
    for (size_t at = 0; at < len; at += DES_BLOCK_LEN) {
        if (seal) {
            tdes_encrypt(&cipher, buf + at, buf + at);
        } else {
            tdes_decrypt(&cipher, buf + at, buf + at);
        }
    }
    tdes_fini(&cipher);
}

static void mix_in(uint8_t *block, const uint8_t *chain)
{
    for (unsigned i = 0; i < BLOCK_LEN; i++) {
        block[i] ^= chain[i];
    }
}

/* CBC under a key of its own; its first chain value is the enciphered seed, which is not to be
 * foretold. */
static void block_turn(const suite_key *key, const uint8_t *seed, uint8_t *buf, size_t len,
                       bool seal)
{
    static const suite_factor purpose = {.label = "seal"};
    suite_key own;
    suite_derive(key, &purpose, &own);
    block_cipher cipher;
    block_init(&cipher, kind_of(own.kind), own.bytes);
    uint8_t chain[BLOCK_LEN] = {0};
    memcpy(chain, seed, SUITE_SEED_LEN);
    block_encrypt(&cipher, chain, chain);
    for (size_t at = 0; at < len; at += BLOCK_LEN) {
        uint8_t *block = buf + at;
        if (seal) {
            mix_in(block, chain);
            block_encrypt(&cipher, block, block);
            memcpy(chain, block, BLOCK_LEN);
        } else {
            uint8_t next[BLOCK_LEN];
            memcpy(next, block, BLOCK_LEN);
            block_decrypt(&cipher, block, block);
            mix_in(block, chain);
            memcpy(chain, next, BLOCK_LEN);
        }
    }
    block_fini(&cipher);
    gt_wipe(&own, sizeof own);
}

static void turn(const suite_key *key, const uint8_t *seed, uint8_t *buf, size_t len, bool seal)
{
    if (key->kind == SUITE_TDES) {
        tdes_turn(key, buf, len, seal);
    } else {
        block_turn(key, seed, buf, len, seal);
    }
}

gt_err suite_seal(const suite_key *key, const uint8_t seed[SUITE_SEED_LEN], uint8_t *buf,
                  size_t len)
{
    if (len > SUITE_DATA_MAX) {
        return GT_ERR_RANGE;
    }
    const size_t sealed = suite_sealed_len(key->kind, len);
    memmove(buf + LENGTH_LEN, buf, len);
    buf[0] = (uint8_t)len;
    buf[LENGTH_LEN + len] = PAD;
    memset(buf + LENGTH_LEN + len + 1, 0, sealed - LENGTH_LEN - len - 1);
    turn(key, seed, buf, sealed, true);
    return GT_ERR_OK;
}

gt_err suite_open(const suite_key *key, const uint8_t seed[SUITE_SEED_LEN], uint8_t *buf,
                  size_t len, size_t *out_len)
{
    if (len == 0 || len % block_len(key->kind) != 0 || len > SUITE_SEALED_MAX) {
        return GT_ERR_RANGE;
    }
    turn(key, seed, buf, len, false);
    const size_t text = buf[0];
    if (suite_sealed_len(key->kind, text) != len || buf[LENGTH_LEN + text] != PAD) {
        return GT_ERR_MALFORMED;
    }
    for (size_t at = LENGTH_LEN + text + 1; at < len; at++) {
        if (buf[at] != 0) {
            return GT_ERR_MALFORMED;
        }
    }
    memmove(buf, buf + LENGTH_LEN, text);
    *out_len = text;
    return GT_ERR_OK;
}
