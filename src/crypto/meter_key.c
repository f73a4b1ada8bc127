/* Key diversification and command MAC of the prepaid meter, as its register map words them. */
#include "crypto/meter_key.h"

#include "base/bytes.h"
#include "crypto/cmac.h"
#include "crypto/kdf.h"
#include "crypto/wipe.h"

#include <string.h>

enum { METER_NO_LEN = METER_NO_DIGITS / 2, CONTEXT_LEN = METER_NO_LEN + 1, HEAD_LEN = 8 };

static const char *const labels[METER_KEY_PURPOSES] = {
    [METER_KEY_PURCHASE] = "purchase",
    [METER_KEY_CONTROL] = "control",
    [METER_KEY_PARAMETER] = "parameter",
};

gt_err meter_key_derive(const uint8_t master[METER_KEY_LEN], const meter_key_info *info,
                        uint8_t out[METER_KEY_LEN])
{
    GT_ASSERT((unsigned)info->purpose < METER_KEY_PURPOSES);
    uint8_t context[CONTEXT_LEN];
    gt_wr w = gt_wr_of(context, sizeof context);
    gt_wr_bcd_be(&w, info->meter_no, METER_NO_LEN);
    gt_wr_u8(&w, info->version);
    GT_TRY(gt_wr_done(&w));
    const char *label = labels[info->purpose];
    const kdf_info kdf = {.label = (const uint8_t *)label,
                          .label_len = strlen(label),
                          .context = context,
                          .context_len = sizeof context};
    return kdf_cmac(master, &kdf, out, METER_KEY_LEN);
}

gt_err meter_command_mac(const uint8_t key[METER_KEY_LEN], const meter_command *command,
                         uint8_t out[METER_MAC_LEN])
{
    uint8_t head[HEAD_LEN];
    gt_wr w = gt_wr_of(head, sizeof head);
    gt_wr_u16be(&w, command->first_register);
    gt_wr_bcd_be(&w, command->meter_no, METER_NO_LEN);
    GT_TRY(gt_wr_done(&w));
    cmac mac;
    uint8_t full[CMAC_LEN];
    cmac_init(&mac, key);
    cmac_update(&mac, head, sizeof head);
    cmac_update(&mac, command->block, command->block_len);
    cmac_final(&mac, full);
    memcpy(out, full, METER_MAC_LEN);
    gt_wipe(full, sizeof full);
    return GT_ERR_OK;
}
