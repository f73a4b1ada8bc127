/**
 * @file config.h
 * @brief What the factory gives a meter: identity, keys, pulse constant, tariff, first limits.
 *
 * Layer:   meter. Values only.
 */
#ifndef GT_METER_CONFIG_H
#define GT_METER_CONFIG_H

#include "base/quantity.h"
#include "crypto/meter_key.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    METER_RATES = 4, /* 1 sharp, 2 peak, 3 flat, 4 valley */
    METER_PERIODS_MAX = 14,
    METER_PHASES = 3,
};

/** From this minute of the day on, this rate holds; before the first, the last one of the day. */
typedef struct tariff_period {
    uint16_t start_min; /* 0 .. 1439, rising */
    uint8_t rate;       /* 1 .. METER_RATES */
} tariff_period;

typedef struct tariff_schedule {
    uint8_t count; /* 1 .. METER_PERIODS_MAX */
    tariff_period period[METER_PERIODS_MAX];
} tariff_schedule;

/** What block "parameter" of the register map changes. */
typedef struct meter_parameter {
    uint32_t alarm1_fen;
    uint32_t alarm2_fen;    /* not above alarm1 */
    uint32_t overdraft_fen; /* how far below zero the balance may go */
    uint32_t hoarding_fen;  /* highest balance a purchase may reach; 0 is 999999.99 yuan */
    uint32_t price_e4[METER_RATES];
} meter_parameter;

/** @return RANGE  alarm 2 above alarm 1, an amount above 2^31 - 1, a price above 100 yuan/kWh */
GT_CHECKED gt_err meter_parameter_check(const meter_parameter *parameter);

typedef enum meter_rearm {
    METER_REARM_BUTTON, /* paid again, the customer presses the button */
    METER_REARM_AUTO,   /* paid again, the relay closes by itself */
} meter_rearm;

typedef struct meter_config {
    uint64_t meter_no;    /* 12 digits */
    uint64_t customer_no; /* 12 digits */
    uint8_t unit;         /* Modbus address, 1 .. 247 */
    uint32_t baud;        /* for the 3.5-character silence */
    uint16_t constant;    /* pulses per kWh, 1 .. 20000 */
    uint16_t model_code;
    uint16_t pt_ratio; /* shown only: pulses and prices are primary */
    uint16_t ct_ratio;
    int16_t zone_min; /* civil time minus UTC, 480 in China */
    meter_rearm rearm;
    uint8_t key_version;
    uint8_t key[METER_KEY_PURPOSES][METER_KEY_LEN]; /* the meter's own, never the master */
    meter_parameter parameter;
    tariff_schedule schedule;
    int32_t opening_fen;    /* balance at the first start */
    uint32_t base_centikwh; /* register at the first start */
} meter_config;

/** Also checks parameter and schedule. @return RANGE  any field outside what its comment says */
GT_CHECKED gt_err meter_config_check(const meter_config *cfg);

#endif
