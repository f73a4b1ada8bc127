/**
 * @file measurement.h
 * @brief What the measuring chip shows at an instant.
 *
 * Layer:   meter. Values only.
 */
#ifndef GT_METER_MEASUREMENT_H
#define GT_METER_MEASUREMENT_H

#include "meter/config.h"

#include <stdbool.h>
#include <stdint.h>

/** Instant values as the host measures them; shown, not integrated (pulses are the energy). */
typedef struct meter_measurement {
    uint16_t voltage_dv[METER_PHASES]; /* 0.1 V */
    uint16_t current_ca[METER_PHASES]; /* 0.01 A */
    int32_t power_w[METER_PHASES];
    int32_t reactive_var[METER_PHASES];
    int16_t factor_e3[METER_PHASES]; /* 0.001 */
    int16_t factor_total_e3;
    uint16_t frequency_ch; /* 0.01 Hz */
    uint16_t neutral_ca;   /* of the neutral wire, where the board measures it */
    bool neutral_measured;
} meter_measurement;

#endif
