/**
 * @file keypad.h
 * @brief Credit typed in by the customer: the same purchase as from network and card.
 *
 * Layer:   meter. What the digits mean is port/token.h's affair.
 * A token has no count of its own; it takes the meter's next one. It is known by its id: the meter
 * keeps that of the last purchase with the balance, the port those of all tokens spent. So a power
 * cut between the two credits nothing twice and loses nothing.
 */
#ifndef GT_METER_KEYPAD_H
#define GT_METER_KEYPAD_H

#include "base/time.h"

#include <stddef.h>
#include <stdint.h>

struct meter;

/**
 * All digits of a token were typed.
 *
 * @param digits      0 .. 9 each
 * @param out_result  METER_RESULT_OK when credited; REPEATED; MAC: no token for this meter; STATE:
 * no token port, or the wallet is a security element's; or as meter_purchase_check
 * @return IO  a memory failed: type it again; it is credited once
 */
GT_CHECKED gt_err meter_keypad_take(struct meter *m, const uint8_t *digits, size_t len, gt_mono now,
                                    uint16_t *out_result);

#endif
