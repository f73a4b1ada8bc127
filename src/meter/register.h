/**
 * @file register.h
 * @brief Pulses become 0.01 kWh: one total and eight rates, the remainder carried.
 *
 * Layer:   meter. Pure.
 * total = base + rate 1 + .. + rate 8, always: each whole 0.01 kWh belongs to the rate that holds
 * when it completes.
 */
#ifndef GT_METER_REGISTER_H
#define GT_METER_REGISTER_H

#include "base/quantity.h"
#include "meter/tariff.h"

#include <stdint.h>

typedef struct meter_register {
    gt_energy total;
    gt_energy rate[METER_RATES];
    uint32_t carry; /* pulses x 100 not yet a whole 0.01 kWh; below the constant */
} meter_register;

/**
 * @param constant  pulses per kWh, not 0
 * @param rate      1 .. METER_RATES
 * @return whole units of 0.01 kWh completed now
 */
gt_energy meter_register_count(meter_register *reg, uint32_t pulses, uint16_t constant,
                               uint8_t rate);

#endif
