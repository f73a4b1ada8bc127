/**
 * @file security.h
 * @brief Commands that go through the security element: identity, purchases, keys, parameters,
 * relay.
 *
 * Layer:   meter, for the DL/T 645-2007 server and for carriers of cards. Payloads come and go in
 * wire order (low byte first), without identifier and operator. Source:  order of checks and error
 * words: Q/GDW 365-2009, 1365-2013 as public meter firmware has them; see docs/security-element.md,
 * which also says what is this project's own. Replay:  a purchase by its count; keys by their
 * version; everything else because the challenge of a session is the meter's, and because within a
 * session no MAC is taken twice.
 */
#ifndef GT_METER_SECURITY_H
#define GT_METER_SECURITY_H

#include "base/time.h"
#include "port/apdu.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SECURITY_DATA_MAX = 192, /* payload of a DL/T 645 frame after identifier and operator */
    SECURITY_MAC_LEN = 4,
    SECURITY_USED_MAX = 16,  /* MACs of one session; then it ends */
    SECURITY_DROP_EVERY = 3, /* wrong MACs: the session ends */
    SECURITY_WRONG_MAX = 15, /* wrong MACs: 2013 suspends until the next day */
    SECURITY_CONTROL_LEN = 20,
    SECURITY_BLOCK_LEN = 48,
    SECURITY_SERIAL_LEN = 8,
};

/** What the meter remembers of it in its own memory. */
typedef struct security_kept {
    uint8_t wrong; /* MACs, at most SECURITY_WRONG_MAX */
    int32_t wrong_day;
    uint32_t illegal_cards;
    uint8_t card[SECURITY_SERIAL_LEN]; /* serial of the customer's card, all 0: none yet */
    /* A purchase on its way into the element's wallet. When power goes the element's count tells
     * whether it arrived. It is stale once the meter has that count. */
    uint32_t amount;
    uint32_t count; /* 0: none */
    uint64_t customer_no;
    bool opens;
} security_kept;

typedef struct meter_security {
    security_kept kept;
    bool live; /* a session stands, until: */
    gt_mono until;
    gt_mono since;    /* suspension began; counts only while no clock tells the day */
    uint8_t asked[4]; /* first half of rand1: challenge for what the element sends */
    uint8_t used_count;
    uint8_t used[SECURITY_USED_MAX][SECURITY_MAC_LEN];
} meter_security;

struct meter;

/** Is there an element? Without one every command is refused. */
bool meter_security_present(const struct meter *m);

typedef struct security_request {
    uint32_t di;
    const uint8_t *data;
    size_t len;
} security_request;

typedef struct security_answer {
    uint16_t error; /* 0, or the SERR word */
    uint8_t len;
    uint8_t data[SECURITY_DATA_MAX];
} security_answer;

/**
 * Control code 03H.
 * @param[out] out  written on OK only
 * @return IO  a memory or the element failed: the outcome is not certain, so nobody is answered
 */
GT_CHECKED gt_err meter_security_command(struct meter *m, const security_request *request,
                                         gt_mono now, security_answer *out);

/**
 * Control code 14H at level 98 or 99: prove it, and keep it in the element.
 * @param level     0x98 sealed text and MAC, 0x99 text and MAC
 * @param[out] out  error (ERR byte), or the data that a plain write would have carried, wire order
 * @return IO  as above
 */
GT_CHECKED gt_err meter_security_write(struct meter *m, uint8_t level,
                                       const security_request *request, gt_mono now,
                                       security_answer *out);

/**
 * Control code 1CH at level 98: prove it, check its time, carry it out.
 * @param data       SECURITY_CONTROL_LEN bytes
 * @param out_error  0, or the error byte
 * @return IO  as above
 */
GT_CHECKED gt_err meter_security_control(struct meter *m, const uint8_t *data, gt_mono now,
                                         uint16_t *out_error);

#endif
