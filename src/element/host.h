/**
 * @file host.h
 * @brief The other end of a security element: what the station's own key keeper computes for one.
 *
 * Layer:   element. Pure. All values in the element's order, most significant byte first; what a
 *          protocol turns around on its wire is its own affair.
 */
#ifndef GT_ELEMENT_HOST_H
#define GT_ELEMENT_HOST_H

#include "element/element.h"

enum {
    ELEMENT_KEY_INFO_LEN = 4,     /* state (0 public, 1 own), method (1), slot, version */
    ELEMENT_KEY_WRAPPED_LEN = 32, /* follows the info */
    ELEMENT_KEY_ENTRY_LEN = ELEMENT_KEY_INFO_LEN + ELEMENT_KEY_WRAPPED_LEN,
    ELEMENT_KEY_ENTRIES_MAX = 6, /* in one command */
};

/** One element as its host knows it. */
typedef struct element_host {
    suite_kind kind;
    uint8_t key[ELEMENT_SLOTS][SUITE_KEY_LEN]; /* as they stand in its slots */
    uint8_t version[ELEMENT_SLOTS];
    uint8_t device[SUITE_FACTOR_LEN]; /* identity authentication: 00 00 and the meter number */
    uint8_t asked[SUITE_SEED_LEN];    /* rand1 */
    uint8_t seed[SUITE_SEED_LEN];     /* rand2, then zeros */
} element_host;

/**
 * The keys of one meter from the site's: all slots but those of cards, which must be able to meet
 * any card, hold children.
 * @return RANGE  meter number of more than 12 digits
 */
GT_CHECKED gt_err element_host_derive(const element_host *site, uint64_t meter_no,
                                      element_host *out);

/** cipher1 for @p asked, which is remembered. */
void element_host_identify(element_host *host, const uint8_t asked[SUITE_SEED_LEN],
                           uint8_t out[SUITE_ANSWER_LEN]);
/** The element's challenge came back. */
void element_host_challenged(element_host *host, const uint8_t challenge[4]);

/** MAC over a command's head and text under a slot's key. */
void element_host_mac(const element_host *host, element_slot slot,
                      const uint8_t head[GT_APDU_HEAD_LEN], const uint8_t *text, size_t len,
                      uint8_t out[SUITE_MAC_LEN]);

/** Text for a file: what 04 D6 (80 + sfi) offset Lc carries. */
typedef struct element_host_text {
    uint8_t sfi;
    uint8_t offset;
    const uint8_t *text;
    size_t len;
} element_host_text;

/**
 * Text, or sealed text, and MAC, as the file asks.
 * @param out      room for GT_APDU_DATA_MAX
 * @return RANGE   too long; NOT_FOUND no such file, or it is not written so
 */
GT_CHECKED gt_err element_host_write(const element_host *host, const element_host_text *text,
                                     uint8_t *out, size_t *out_len);

/** MAC1 of 84 32. */
void element_host_increase(const element_host *host, uint32_t amount, uint32_t count,
                           uint8_t out[SUITE_MAC_LEN]);
/** MAC of 04 DC on record 1 (amount) or 3 (count). */
void element_host_record(const element_host *host, uint8_t record, uint32_t value,
                         uint8_t out[SUITE_MAC_LEN]);

typedef struct element_host_key {
    bool is_public;
    element_slot slot;
    uint8_t version;
    uint8_t key[SUITE_KEY_LEN];
} element_host_key;

/**
 * New keys: entries, then one MAC. The host itself is not changed; see element_host_updated.
 * @param out     room for GT_APDU_DATA_MAX
 * @return RANGE  none, or more than ELEMENT_KEY_ENTRIES_MAX
 */
GT_CHECKED gt_err element_host_keys(const element_host *host, const element_host_key *keys,
                                    size_t count, uint8_t *out, size_t *out_len);
/** The element took them. */
void element_host_updated(element_host *host, const element_host_key *keys, size_t count);

/** Is that the MAC of text read back, with @p head as the receiver's command? */
bool element_host_verify(const element_host *host, element_slot slot,
                         const uint8_t head[GT_APDU_HEAD_LEN], const uint8_t *text, size_t len,
                         const uint8_t mac[SUITE_MAC_LEN]);

#endif
