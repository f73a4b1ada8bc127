/**
 * @file guard.h
 * @brief Orders with a MAC under the meter's own keys: replay and guess protection, and what
 * follows.
 *
 * Layer:   meter, internal.
 */
#ifndef GT_METER_GUARD_H
#define GT_METER_GUARD_H

#include "crypto/meter_key.h"
#include "meter/purchase.h"

#include <stddef.h>

struct meter;

typedef struct guard_command {
    meter_key_purpose purpose;
    uint16_t first_register; /* identifier, where there are no registers */
    const uint8_t *bytes;    /* the whole block, mac last */
    size_t len;
    uint32_t count; /* the command's own */
} guard_command;

typedef enum guard_verdict {
    GUARD_NEW,     /* MAC right, not seen before: go on checking */
    GUARD_AGAIN,   /* the last one taken, same bytes: answer as before, do nothing */
    GUARD_REFUSED, /* out_result says why */
} guard_verdict;

/** Its last METER_MAC_LEN bytes. */
const uint8_t *guard_mac(const guard_command *command);
/** Is its count above the last one taken? (Purchases: exactly one above, meter_purchase_check.)
 * @return METER_RESULT_OK, REPEATED or COUNT */
uint16_t guard_fresh(const struct meter *m, const guard_command *command);
guard_verdict guard_check(struct meter *m, const guard_command *command, gt_mono now,
                          uint16_t *out_result);
/** The last one taken of that kind. @param mac  METER_MAC_LEN bytes, or NULL where there is none */
void guard_take(struct meter *m, meter_key_purpose purpose, uint32_t count, const uint8_t *mac);
void guard_forgive(struct meter *m, gt_mono at);

typedef struct control_order {
    uint16_t command;
    uint32_t count;
    uint32_t expiry_s; /* UTC, since 1970 */
} control_order;

/**
 * Orders with a MAC under the meter's own keys, from whatever frame: check and carry out.
 * @param out  METER_RESULT_OK when carried out, or was before
 * @return IO  the outcome is not certain: do not answer
 */
GT_CHECKED gt_err control_signed(struct meter *m, const guard_command *command,
                                 const control_order *order, gt_mono now, uint16_t *out);
/** modbus_order.c. Fills in order->opens and order->mac. */
GT_CHECKED gt_err purchase_signed(struct meter *m, const guard_command *command,
                                  purchase_order *order, gt_mono now, uint16_t *out);

#endif
