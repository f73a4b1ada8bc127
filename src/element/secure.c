/* MACs in both directions. The rule to remember: who sends computes the MAC over the head of the
 * command that the receiver will execute, and begins with the receiver's challenge. */
#include "element/element_priv.h"

#include "crypto/wipe.h"

#include <string.h>

enum {
    SEED_SHORT = 4,
    ASK_LEN = SEED_SHORT + GT_APDU_HEAD_LEN, /* P3 of a read with MAC for a station */
    ASK_CARD_LEN = ASK_LEN + SUITE_FACTOR_LEN,
};

uint16_t element_secure_check(const element *e, const element_command *c, element_slot slot,
                              bool by_card)
{
    if (!e->challenged) {
        return ELEMENT_SW_CHALLENGE;
    }
    GT_ASSERT(c->p3 >= SUITE_MAC_LEN);
    suite_key key = e->card_key;
    if (!(by_card && e->card) && element_key_load(e, slot, &key) != GT_ERR_OK) {
        return ELEMENT_SW_MEMORY;
    }
    const size_t covered = c->p3 - SUITE_MAC_LEN;
    const suite_message message = {.seed = e->challenge,
                                   .head = c->head,
                                   .head_len = GT_APDU_HEAD_LEN,
                                   .body = c->data,
                                   .body_len = covered};
    uint8_t mac[SUITE_MAC_LEN];
    suite_mac(&key, &message, mac);
    const bool right = gt_secret_equal(mac, c->data + covered, sizeof mac);
    gt_wipe(mac, sizeof mac);
    gt_wipe(&key, sizeof key);
    return right ? GT_SW_OK : ELEMENT_SW_MAC;
}

size_t element_secure_give_len(const element_command *c)
{
    if (c->p3 != ASK_LEN && c->p3 != ASK_CARD_LEN) {
        return 0;
    }
    const size_t receiver_lc = c->data[ASK_LEN - 1];
    return receiver_lc > SUITE_MAC_LEN ? receiver_lc - SUITE_MAC_LEN : 0;
}

uint16_t element_secure_give(const element *e, const element_command *c, element_slot slot,
                             const uint8_t *text, gt_wr *out)
{
    suite_key key;
    const gt_err err = c->p3 == ASK_CARD_LEN
                           ? element_key_child(e, ELEMENT_KEY_CARD, c->data + ASK_LEN, &key)
                           : element_key_load(e, slot, &key);
    if (err != GT_ERR_OK) {
        return ELEMENT_SW_MEMORY;
    }
    uint8_t seed[SUITE_SEED_LEN] = {0};
    memcpy(seed, c->data, SEED_SHORT);
    const size_t len = element_secure_give_len(c);
    const suite_message message = {.seed = seed,
                                   .head = c->data + SEED_SHORT,
                                   .head_len = GT_APDU_HEAD_LEN,
                                   .body = text,
                                   .body_len = len};
    uint8_t mac[SUITE_MAC_LEN];
    suite_mac(&key, &message, mac);
    gt_wipe(&key, sizeof key);
    gt_wr_bytes(out, text, len);
    gt_wr_bytes(out, mac, sizeof mac);
    return GT_SW_OK;
}
