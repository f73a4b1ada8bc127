/**
 * @file card.h
 * @brief A customer's contact card: it proves itself, brings money and terms, and takes home a
 * report.
 *
 * Layer:   meter. What the card is allowed is card_rule.h; money goes through purchase.h and the
 *          element's wallet, as from the network.
 * Source:  steps and files of the user card of Q/GDW 365-2009 as public meter firmware has them.
 * The first proof asks with the element's challenge, not with the card's own: else a recorded
 *          answer would do.
 */
#ifndef GT_METER_CARD_H
#define GT_METER_CARD_H

#include "base/time.h"
#include "port/apdu.h"

#include <stdint.h>

struct meter;

typedef struct card_outcome {
    unsigned acts;   /* CARD_.. bits of card_rule.h: what was done, or why nothing */
    uint16_t result; /* METER_RESULT_OK, or why the money was not taken */
} card_outcome;

/**
 * A card was put in.
 *
 * @return CONFLICT  this meter has no security element
 *         IO        card, element or a memory failed, or the card was pulled: put it in again.
 * Money is credited once however often that happens
 */
GT_CHECKED gt_err meter_card_take(struct meter *m, const gt_apdu *card, gt_mono now,
                                  card_outcome *out);

#endif
