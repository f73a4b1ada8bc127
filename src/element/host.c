/* The key keeper's side. It shares the cipher suites and the table of files with the element and
 * nothing else, so that one cannot agree with a mistake of the other by using its code. */
#include "element/host.h"

#include "crypto/wipe.h"
#include "element/element_priv.h"

#include <string.h>

enum { METER_NO_LEN = 6, METER_NO_AT = 2, SEED_SHORT = 4, METHOD_REMOTE = 1, TEXT_LEN = 24 };

static suite_key slot_key(const element_host *host, element_slot slot)
{
    suite_key key = {.kind = host->kind};
    memcpy(key.bytes, host->key[slot], SUITE_KEY_LEN);
    return key;
}

static suite_key slot_child(const element_host *host, element_slot slot)
{
    suite_key key = slot_key(host, slot);
    suite_factor factor = {.label = element_slot_label(slot), .version = host->version[slot]};
    memcpy(factor.device, host->device, SUITE_FACTOR_LEN);
    suite_derive(&key, &factor, &key);
    return key;
}

gt_err element_host_derive(const element_host *site, uint64_t meter_no, element_host *out)
{
    element_host host = *site;
    memset(host.device, 0, sizeof host.device);
    gt_wr w = gt_wr_of(host.device + METER_NO_AT, METER_NO_LEN);
    gt_wr_bcd_be(&w, meter_no, METER_NO_LEN);
    GT_TRY(gt_wr_done(&w));
    for (unsigned i = ELEMENT_KEY_UPDATE; i < ELEMENT_KEY_CARD; i++) {
        suite_key child = slot_child(&host, (element_slot)i);
        memcpy(host.key[i], child.bytes, SUITE_KEY_LEN);
        gt_wipe(&child, sizeof child);
    }
    *out = host;
    gt_wipe(&host, sizeof host);
    return GT_ERR_OK;
}

void element_host_identify(element_host *host, const uint8_t asked[SUITE_SEED_LEN],
                           uint8_t out[SUITE_ANSWER_LEN])
{
    suite_key child = slot_child(host, ELEMENT_KEY_IDENTITY);
    memcpy(host->asked, asked, SUITE_SEED_LEN);
    suite_answer(&child, asked, out);
    gt_wipe(&child, sizeof child);
}

void element_host_challenged(element_host *host, const uint8_t challenge[4])
{
    memset(host->seed, 0, sizeof host->seed);
    memcpy(host->seed, challenge, SEED_SHORT);
}

static void mac_of(const element_host *host, element_slot slot, const suite_message *message,
                   uint8_t out[SUITE_MAC_LEN])
{
    suite_key key = slot_key(host, slot);
    suite_mac(&key, message, out);
    gt_wipe(&key, sizeof key);
}

void element_host_mac(const element_host *host, element_slot slot,
                      const uint8_t head[GT_APDU_HEAD_LEN], const uint8_t *text, size_t len,
                      uint8_t out[SUITE_MAC_LEN])
{
    const suite_message message = {.seed = host->seed,
                                   .head = head,
                                   .head_len = GT_APDU_HEAD_LEN,
                                   .body = text,
                                   .body_len = len};
    mac_of(host, slot, &message, out);
}

gt_err element_host_write(const element_host *host, const element_host_text *text, uint8_t *out,
                          size_t *out_len)
{
    const element_file file = element_file_of_sfi(text->sfi);
    if (file == ELEMENT_FILE_NONE) {
        return GT_ERR_NOT_FOUND;
    }
    const element_file_row *row = element_file_row_of(file);
    const bool sealed = row->write == ELEMENT_WRITE_SEALED;
    if (!sealed && row->write != ELEMENT_WRITE_MAC) {
        return GT_ERR_NOT_FOUND;
    }
    const size_t len = sealed ? suite_sealed_len(host->kind, text->len) : text->len;
    if (text->len == 0 || len + SUITE_MAC_LEN > GT_APDU_DATA_MAX) {
        return GT_ERR_RANGE;
    }
    memcpy(out, text->text, text->len);
    if (sealed) {
        suite_key key = slot_key(host, row->key);
        const gt_err err = suite_seal(&key, host->seed, out, text->len);
        gt_wipe(&key, sizeof key);
        GT_TRY(err);
    }
    const uint8_t head[] = {0x04, 0xD6, 0x80U | text->sfi, text->offset,
                            (uint8_t)(len + SUITE_MAC_LEN)};
    element_host_mac(host, row->key, head, out, len, out + len);
    *out_len = len + SUITE_MAC_LEN;
    return GT_ERR_OK;
}

void element_host_increase(const element_host *host, uint32_t amount, uint32_t count,
                           uint8_t out[SUITE_MAC_LEN])
{
    static const uint8_t head[] = {0x84, 0x32, 0x01, 0x0C, 0x0C};
    uint8_t text[8];
    gt_wr w = gt_wr_of(text, sizeof text);
    gt_wr_u32be(&w, amount);
    gt_wr_u32be(&w, count);
    element_host_mac(host, ELEMENT_KEY_PURCHASE, head, text, sizeof text, out);
}

void element_host_record(const element_host *host, uint8_t record, uint32_t value,
                         uint8_t out[SUITE_MAC_LEN])
{
    const uint8_t head[] = {0x04, 0xDC, record, 0x0C, 0x08};
    uint8_t text[4];
    gt_wr w = gt_wr_of(text, sizeof text);
    gt_wr_u32be(&w, value);
    element_host_mac(host, ELEMENT_KEY_PURCHASE, head, text, sizeof text, out);
}

gt_err element_host_keys(const element_host *host, const element_host_key *keys, size_t count,
                         uint8_t *out, size_t *out_len)
{
    if (count == 0 || count > ELEMENT_KEY_ENTRIES_MAX) {
        return GT_ERR_RANGE;
    }
    suite_key wrapping = slot_key(host, ELEMENT_KEY_UPDATE);
    for (size_t i = 0; i < count; i++) {
        uint8_t *entry = out + i * ELEMENT_KEY_ENTRY_LEN;
        const uint8_t info[] = {keys[i].is_public ? 0 : 1, METHOD_REMOTE, (uint8_t)keys[i].slot,
                                keys[i].version};
        uint8_t *text = entry + ELEMENT_KEY_INFO_LEN;
        memcpy(entry, info, sizeof info);
        memset(text, 0, ELEMENT_KEY_WRAPPED_LEN);
        memcpy(text, info, sizeof info);
        memcpy(text + sizeof info, keys[i].key, SUITE_KEY_LEN);
        const gt_err err = suite_seal(&wrapping, host->seed, text, TEXT_LEN);
        GT_ASSERT(err == GT_ERR_OK);
    }
    gt_wipe(&wrapping, sizeof wrapping);
    const size_t len = count * ELEMENT_KEY_ENTRY_LEN;
    const uint8_t head[] = {0x84, 0xD4, 0x01, 0xFF, (uint8_t)(len + SUITE_MAC_LEN)};
    element_host_mac(host, ELEMENT_KEY_UPDATE, head, out, len, out + len);
    *out_len = len + SUITE_MAC_LEN;
    return GT_ERR_OK;
}

void element_host_updated(element_host *host, const element_host_key *keys, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        memcpy(host->key[keys[i].slot], keys[i].key, SUITE_KEY_LEN);
        host->version[keys[i].slot] = keys[i].version;
    }
}

bool element_host_verify(const element_host *host, element_slot slot,
                         const uint8_t head[GT_APDU_HEAD_LEN], const uint8_t *text, size_t len,
                         const uint8_t mac[SUITE_MAC_LEN])
{
    uint8_t seed[SUITE_SEED_LEN] = {0};
    uint8_t want[SUITE_MAC_LEN];
    memcpy(seed, host->asked, SEED_SHORT);
    const suite_message message = {
        .seed = seed, .head = head, .head_len = GT_APDU_HEAD_LEN, .body = text, .body_len = len};
    mac_of(host, slot, &message, want);
    return gt_secret_equal(want, mac, sizeof want);
}
