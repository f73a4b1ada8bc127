/* One door to the 16-byte block ciphers. */
#include "crypto/block.h"

#include "crypto/wipe.h"

void block_init(block_cipher *cipher, block_kind kind, const uint8_t key[BLOCK_KEY_LEN])
{
    cipher->kind = kind;
    switch (kind) {
    case BLOCK_AES128:
        aes128_init(&cipher->as.aes, key);
        break;
    case BLOCK_SM4:
        sm4_init(&cipher->as.sm4, key);
        break;
    }
}

void block_encrypt(const block_cipher *cipher, const uint8_t in[BLOCK_LEN], uint8_t out[BLOCK_LEN])
{
    switch (cipher->kind) {
    case BLOCK_AES128:
        aes128_encrypt(&cipher->as.aes, in, out);
        break;
    case BLOCK_SM4:
        sm4_encrypt(&cipher->as.sm4, in, out);
        break;
    }
}

void block_decrypt(const block_cipher *cipher, const uint8_t in[BLOCK_LEN], uint8_t out[BLOCK_LEN])
{
    switch (cipher->kind) {
    case BLOCK_AES128:
        aes128_decrypt(&cipher->as.aes, in, out);
        break;
    case BLOCK_SM4:
        sm4_decrypt(&cipher->as.sm4, in, out);
        break;
    }
}

void block_fini(block_cipher *cipher)
{
    gt_wipe(cipher, sizeof *cipher);
}
