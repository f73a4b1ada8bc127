/* SP 800-108 key derivation in counter mode; the counter and the length are four bytes, high first,
 * as OpenSSL's KBKDF has them by default. */
#include "crypto/kdf.h"

#include "crypto/cmac.h"
#include "crypto/wipe.h"

#include <string.h>

static void u32_put(uint8_t at[4], uint32_t v)
{
    for (unsigned i = 0; i < 4; i++) {
        at[i] = (uint8_t)(v >> (24U - 8U * i));
    }
}

gt_err kdf_cmac(const uint8_t key[BLOCK_KEY_LEN], const kdf_info *info, uint8_t *out,
                size_t out_len)
{
    if (out_len == 0 || out_len > KDF_OUT_MAX) {
        return GT_ERR_RANGE;
    }
    static const uint8_t separator[1] = {0};
    uint8_t bits[4];
    u32_put(bits, (uint32_t)out_len * 8U);
    uint8_t block[CMAC_LEN];
    size_t done = 0;
    for (uint32_t i = 1; done < out_len; i++) {
        uint8_t counter[4];
        u32_put(counter, i);
        cmac mac;
        cmac_init_with(&mac, info->cipher, key);
        cmac_update(&mac, counter, sizeof counter);
        cmac_update(&mac, info->label, info->label_len);
        cmac_update(&mac, separator, sizeof separator);
        cmac_update(&mac, info->context, info->context_len);
        cmac_update(&mac, bits, sizeof bits);
        cmac_final(&mac, block);
        const size_t n = out_len - done < CMAC_LEN ? out_len - done : CMAC_LEN;
        memcpy(out + done, block, n);
        done += n;
    }
    gt_wipe(block, sizeof block);
    return GT_ERR_OK;
}
