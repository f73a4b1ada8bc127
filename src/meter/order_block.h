/**
 * @file order_block.h
 * @brief Orders to the water, gas or heat variant, under the meter's own keys.
 *
 * Layer:   meter, internal. CJ/T 188 carries them as they are, M-Bus in a manufacturer's record.
 * Source:  first the fields as CJ/T 188-2004 has them; count, customer, expiry and MAC behind them
 *          are this project's own (the standard's frames carry no proof of who sends):
 *
 *     A010  prices and volumes (15), day it begins (1), count (4), MAC (8)
 *     A011  settlement day (1), count (4), MAC (8)
 *     A013  low byte of the count (1), amount (4), count (4), customer (6), MAC (8)
 *     A017  valve (1), count (4), expiry, UTC seconds (4), MAC (8)
 *
 * Low byte first; money, volumes, days and the customer in BCD. The MAC is that of
 * crypto/meter_key.h with the identifier for the first register, over all before it.
 */
#ifndef GT_METER_ORDER_BLOCK_H
#define GT_METER_ORDER_BLOCK_H

#include "meter/guard.h"

typedef struct order_block {
    uint16_t id;
    const uint8_t *data;
    size_t len;
} order_block;

/**
 * @param out_result  METER_RESULT_AUTH when it is not that long
 * @return NOT_FOUND  no such order
 *         IO         the outcome is not certain: nobody may be told anything
 */
GT_CHECKED gt_err order_block_take(struct meter *m, const order_block *block, gt_mono now,
                                   uint16_t *out_result);

#endif
