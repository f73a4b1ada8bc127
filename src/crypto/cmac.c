/* CMAC is CBC-MAC whose last block is first mixed with one of two subkeys, so that messages of
 * different lengths cannot be confused. */
#include "crypto/cmac.h"

#include "crypto/wipe.h"

#include <string.h>

void cmac_init(cmac *mac, const uint8_t key[AES128_KEY_LEN])
{
    cmac_init_with(mac, BLOCK_AES128, key);
}

void cmac_init_with(cmac *mac, block_kind kind, const uint8_t key[BLOCK_KEY_LEN])
{
    memset(mac, 0, sizeof *mac);
    block_init(&mac->cipher, kind, key);
}

static void absorb(cmac *mac)
{
    for (unsigned i = 0; i < BLOCK_LEN; i++) {
        mac->chain[i] ^= mac->held[i];
    }
    block_encrypt(&mac->cipher, mac->chain, mac->chain);
    mac->held_len = 0;
}

void cmac_update(cmac *mac, const uint8_t *buf, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (mac->held_len == BLOCK_LEN) {
            absorb(mac);
        }
        mac->held[mac->held_len++] = buf[i];
    }
}

/* RFC 4493, 2.3: shift left by one bit, and mix 87H in when a bit fell out. */
static void subkey_next(uint8_t key[BLOCK_LEN])
{
    const unsigned overflow = 0U - ((unsigned)key[0] >> 7U);
    for (unsigned i = 0; i < BLOCK_LEN - 1; i++) {
        key[i] = (uint8_t)((unsigned)key[i] << 1U | (unsigned)key[i + 1] >> 7U);
    }
    key[BLOCK_LEN - 1] = (uint8_t)((unsigned)key[BLOCK_LEN - 1] << 1U ^ (overflow & 0x87U));
}

void cmac_final(cmac *mac, uint8_t out[CMAC_LEN])
{
    uint8_t subkey[BLOCK_LEN] = {0};
    block_encrypt(&mac->cipher, subkey, subkey);
    subkey_next(subkey);
    if (mac->held_len < BLOCK_LEN) {
        subkey_next(subkey);
        mac->held[mac->held_len] = 0x80;
        memset(mac->held + mac->held_len + 1, 0, BLOCK_LEN - 1U - mac->held_len);
    }
    for (unsigned i = 0; i < BLOCK_LEN; i++) {
        mac->held[i] ^= subkey[i];
    }
    absorb(mac);
    memcpy(out, mac->chain, CMAC_LEN);
    gt_wipe(subkey, sizeof subkey);
    gt_wipe(mac, sizeof *mac);
}

void cmac_of(const uint8_t key[AES128_KEY_LEN], const uint8_t *buf, size_t len,
             uint8_t out[CMAC_LEN])
{
    cmac mac;
    cmac_init(&mac, key);
    cmac_update(&mac, buf, len);
    cmac_final(&mac, out);
}
