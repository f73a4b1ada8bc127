/**
 * @file purchase.h
 * @brief The one way money comes into a meter, whoever carries it: network, card, keypad.
 *
 * Layer:   meter.
 * Source:  order of the checks: Q/GDW 365 security command 070102FF, from public firmware.
 * The carrier has proven that the order is genuine (its MAC); everything else is checked here. A
 * carrier with a wallet of its own (security element) calls check, moves its wallet, then books;
 * one without calls meter_purchase.
 */
#ifndef GT_METER_PURCHASE_H
#define GT_METER_PURCHASE_H

#include "base/quantity.h"
#include "base/time.h"

#include <stdbool.h>
#include <stdint.h>

struct meter;

/** Reasons an order is refused: bits, as the DL/T 645 prepaid error word. */
typedef enum meter_result {
    METER_RESULT_OK = 0,
    METER_RESULT_OTHER = 1U << 0U,
    METER_RESULT_REPEATED = 1U << 1U, /* count == last: done already */
    METER_RESULT_MAC = 1U << 2U,
    METER_RESULT_AUTH = 1U << 3U, /* identity not authenticated, or timed out */
    METER_RESULT_CUSTOMER = 1U << 4U,
    METER_RESULT_COUNT = 1U << 5U, /* neither last nor last + 1 */
    METER_RESULT_HOARDING = 1U << 6U,
    METER_RESULT_ADDRESS = 1U << 7U,
    METER_RESULT_SUSPENDED = 1U << 8U,
    METER_RESULT_EXPIRED = 1U << 9U,
    METER_RESULT_STATE = 1U << 10U, /* this state of the meter's life does not take it */
} meter_result;

typedef struct purchase_order {
    uint32_t amount_fen; /* 0.01 kWh in a wallet of energy */
    uint32_t count;
    uint64_t customer_no; /* UINT64_MAX when its digits are not digits */
    bool opens;           /* opens the account: an issued meter starts to run */
    const uint8_t *mac;   /* METER_MAC_LEN bytes to know the same order by, or NULL */
} purchase_order;

/** One line of the purchase log. */
typedef struct purchase_record {
    gt_civil time; /* all 0 while the clock is not known */
    uint32_t amount_fen;
    gt_money before;
    gt_money after;
    uint32_t count; /* its low sixteen bits, when read back */
    uint32_t purchased_fen;
} purchase_record;

/** @param back 0 is the newest. @return NOT_FOUND, CORRUPT, IO */
GT_CHECKED gt_err meter_purchase_get(const struct meter *m, uint32_t back, purchase_record *out);

/** Everything but the MAC, in this order: state, customer, count, amount, hoarding limit. */
uint16_t meter_purchase_check(const struct meter *m, const purchase_order *order);
/**
 * Credit an order that meter_purchase_check found good; durable, with its record, when OK. A debt
 * is repaid first. The supply is judged at once.
 * @return IO  the outcome is not certain: nobody may be told anything
 */
GT_CHECKED gt_err meter_purchase_book(struct meter *m, const purchase_order *order, gt_mono now);
/** Check and book. @param out_result METER_RESULT_OK when credited */
GT_CHECKED gt_err meter_purchase(struct meter *m, const purchase_order *order, gt_mono now,
                                 uint16_t *out_result);

#endif
