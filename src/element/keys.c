/* Key slots: 16 bytes, a version that only rises, and whether the key is still a public one. New
 * keys come wrapped and under a MAC, one or several in a command, and all are taken or none. */
#include "element/element_priv.h"

#include "crypto/wipe.h"

#include <string.h>

enum {
    INFO_LEN = 4, /* state, method, slot, version */
    METHOD_REMOTE = 1,
    WRAPPED_LEN = 32,
    TEXT_LEN = 24, /* what is wrapped: info, key, zeros */
    ENTRY_LEN = INFO_LEN + WRAPPED_LEN,
    PUBLIC = 0,
    PRIVATE = 1,
    SLOT_LEN = 2 + SUITE_KEY_LEN, /* state, version, key */
    KEYS_LEN = INFO_LEN + ELEMENT_SLOTS * SLOT_LEN,
    ALL_SLOTS = 0xFF, /* P2 */
};

static_assert(KEYS_LEN == 130, "size in file.def");

static uint8_t *slot_at(uint8_t *keys, element_slot slot)
{
    return keys + INFO_LEN + (size_t)slot * SLOT_LEN;
}

static gt_err slot_read(const element *e, element_slot slot, uint8_t out[SLOT_LEN])
{
    uint8_t keys[KEYS_LEN];
    gt_err err = element_file_read(&e->ports.nvm, ELEMENT_FILE_KEYS, keys);
    if (err == GT_ERR_OK) {
        memcpy(out, slot_at(keys, slot), SLOT_LEN);
    }
    gt_wipe(keys, sizeof keys);
    return err;
}

gt_err element_key_load(const element *e, element_slot slot, suite_key *out)
{
    uint8_t content[SLOT_LEN];
    GT_TRY(slot_read(e, slot, content));
    out->kind = e->kind;
    memcpy(out->bytes, content + 2, SUITE_KEY_LEN);
    gt_wipe(content, sizeof content);
    return GT_ERR_OK;
}

gt_err element_key_public(const element *e, element_slot slot, bool *out)
{
    uint8_t content[SLOT_LEN];
    GT_TRY(slot_read(e, slot, content));
    *out = content[0] == PUBLIC;
    gt_wipe(content, sizeof content);
    return GT_ERR_OK;
}

gt_err element_key_child(const element *e, element_slot slot,
                         const uint8_t device[SUITE_FACTOR_LEN], suite_key *out)
{
    uint8_t content[SLOT_LEN];
    GT_TRY(slot_read(e, slot, content));
    suite_key parent = {.kind = e->kind};
    suite_factor factor = {.label = element_slot_label(slot), .version = content[1]};
    memcpy(parent.bytes, content + 2, SUITE_KEY_LEN);
    memcpy(factor.device, device, SUITE_FACTOR_LEN);
    suite_derive(&parent, &factor, out);
    gt_wipe(&parent, sizeof parent);
    gt_wipe(content, sizeof content);
    return GT_ERR_OK;
}

gt_err element_keys_make(const gt_nvm *nvm, const element_issue *issue)
{
    uint8_t keys[KEYS_LEN] = {0};
    for (unsigned i = 0; i < ELEMENT_SLOTS; i++) {
        memcpy(slot_at(keys, (element_slot)i) + 2, issue->key[i], SUITE_KEY_LEN);
    }
    const gt_err err = element_file_write(nvm, ELEMENT_FILE_KEYS, keys);
    gt_wipe(keys, sizeof keys);
    return err;
}

/* One entry into the copy of the key file. The info stands outside in clear and inside again: a
 * wrapped key cannot be moved to another slot or version. */
static uint16_t entry_take(const element *e, const suite_key *wrapping, const uint8_t *entry,
                           uint8_t *keys)
{
    uint8_t text[WRAPPED_LEN];
    size_t len = 0;
    memcpy(text, entry + INFO_LEN, sizeof text);
    uint16_t status = ELEMENT_SW_DATA;
    if (suite_open(wrapping, e->challenge, text, sizeof text, &len) == GT_ERR_OK &&
        len == TEXT_LEN && memcmp(text, entry, INFO_LEN) == 0 && entry[0] <= PRIVATE &&
        entry[1] == METHOD_REMOTE && entry[2] < ELEMENT_SLOTS) {
        uint8_t *slot = slot_at(keys, (element_slot)entry[2]);
        status = entry[3] > slot[1] ? GT_SW_OK : ELEMENT_SW_CONDITION;
        slot[0] = entry[0];
        slot[1] = entry[3];
        memcpy(slot + 2, text + INFO_LEN, SUITE_KEY_LEN);
        memcpy(keys, entry, INFO_LEN);
    }
    gt_wipe(text, sizeof text);
    return status;
}

uint16_t element_key_update(element *e, const element_command *c, gt_wr *out)
{
    (void)out;
    if (c->p1 != 1 || c->p2 != ALL_SLOTS) {
        return ELEMENT_SW_PARAMETER;
    }
    if (c->p3 <= SUITE_MAC_LEN || (c->p3 - SUITE_MAC_LEN) % ENTRY_LEN != 0) {
        return ELEMENT_SW_LENGTH;
    }
    uint16_t status = element_secure_check(e, c, ELEMENT_KEY_UPDATE, false);
    if (status != GT_SW_OK) {
        return status;
    }
    uint8_t keys[KEYS_LEN];
    suite_key wrapping;
    if (element_key_load(e, ELEMENT_KEY_UPDATE, &wrapping) != GT_ERR_OK ||
        element_file_read(&e->ports.nvm, ELEMENT_FILE_KEYS, keys) != GT_ERR_OK) {
        return ELEMENT_SW_MEMORY;
    }
    for (size_t at = 0; at + SUITE_MAC_LEN < c->p3 && status == GT_SW_OK; at += ENTRY_LEN) {
        status = entry_take(e, &wrapping, c->data + at, keys);
    }
    if (status == GT_SW_OK &&
        element_file_write(&e->ports.nvm, ELEMENT_FILE_KEYS, keys) != GT_ERR_OK) {
        status = ELEMENT_SW_MEMORY;
    }
    gt_wipe(keys, sizeof keys);
    gt_wipe(&wrapping, sizeof wrapping);
    return status;
}
