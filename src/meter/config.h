/**
 * @file config.h
 * @brief What the factory gives a meter: identity, keys, pulse constant, first tariff and limits.
 *
 * Layer:   meter. Values only.
 */
#ifndef GT_METER_CONFIG_H
#define GT_METER_CONFIG_H

#include "base/quantity.h"
#include "crypto/meter_key.h"
#include "meter/life.h"
#include "meter/tariff.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    METER_PHASES = 3,
    METER_SETTLE_DAYS = 3,
    METER_PASSWORDS = 10, /* levels 0 .. 9 of DL/T 645 */
    METER_SETTLE_DAY_MAX = 28,
    METER_DEMAND_MIN_MAX = 60,
    METER_FRIENDLY_ALWAYS = 0x7F, /* friendly_days: no weekday on which debt cuts */
};

/** When the power drawn is too much: trip after a delay, come back by itself, give up after so
 * many. */
typedef struct meter_power_limit {
    uint32_t limit_w;  /* 0: none */
    uint16_t delay_s;  /* above the limit for so long */
    uint16_t return_s; /* closes again after; 0: stays open until the button or an order */
    uint8_t
        trips_max; /* of one day; then it stays open until the button or an order; 0: any number */
} meter_power_limit;

/** The terms of supply: what an order "parameter" changes. Money is fen, or 0.01 kWh in a wallet of
 * energy. */
typedef struct meter_parameter {
    uint32_t alarm1_fen;
    uint32_t alarm2_fen;    /* not above alarm1 */
    uint32_t overdraft_fen; /* how far below zero the balance may go */
    uint32_t hoarding_fen;  /* highest balance a purchase may reach; 0 is 999999.99 yuan */
    uint32_t price_e4[METER_RATES];
    uint32_t emergency_fen; /* further below zero, when the customer asks for it; 0: none */
    uint32_t permit_fen;    /* after a cut for debt the balance must be above this */
    uint32_t free_centikwh; /* of each month, counted from its first settlement day */
    uint16_t friendly_from; /* minute of the day: debt does not cut from here .. */
    uint16_t friendly_to;   /* .. until here, over midnight when below; equal: no such hours */
    uint8_t friendly_days;  /* debt does not cut all day: bit 0 Sunday .. bit 6 Saturday */
    bool friendly_holidays; /* nor on public holidays */
    meter_power_limit power;
} meter_parameter;

/** @return RANGE  alarm 2 above alarm 1, an amount above 2^31 - 1, a price above 100 yuan/kWh, a
 *                 minute above 1439 */
GT_CHECKED gt_err meter_parameter_check(const meter_parameter *parameter);

typedef enum meter_rearm {
    METER_REARM_BUTTON, /* paid again, the customer presses the button */
    METER_REARM_AUTO,   /* paid again, the relay closes by itself */
} meter_rearm;

typedef enum meter_alarm2 {
    METER_ALARM2_SHOW, /* alarm 2 is shown */
    METER_ALARM2_CUT,  /* and the supply is cut until the button or a card */
} meter_alarm2;

typedef enum meter_wallet {
    METER_WALLET_MONEY,  /* balance in fen, charged at prices */
    METER_WALLET_ENERGY, /* balance in 0.01 kWh, charged one to one */
} meter_wallet;

/** How deep the records go, and so how large the memory is. */
typedef enum meter_profile {
    METER_PROFILE_SMALL, /* METER_NVM_SMALL */
    METER_PROFILE_FULL,  /* METER_NVM_FULL: the depths of DL/T 645-2007 */
} meter_profile;

typedef enum meter_protocol {
    METER_PROTOCOL_MODBUS_RTU,
    METER_PROTOCOL_DLT645_2007,
    METER_PROTOCOL_DLT645_1997,
    METER_PROTOCOL_DLT698,
    METER_PROTOCOL_CJT188,
    METER_PROTOCOL_MBUS,
} meter_protocol;

enum { METER_PROTOCOLS = METER_PROTOCOL_MBUS + 1 };

/** Whose rules the commands to the security element follow. */
typedef enum meter_security_edition {
    METER_SECURITY_2013, /* Q/GDW 1365: key bundle 070301FF, suspension */
    METER_SECURITY_2009, /* Q/GDW 365: single keys 0702xxFF */
} meter_security_edition;

/** Lines to the outside, each with its own protocol and speed. */
typedef enum meter_line_id {
    METER_LINE_RS485,
    METER_LINE_INFRARED,
} meter_line_id;

enum { METER_LINES = METER_LINE_INFRARED + 1 };

/** One time of each month: 1 .. 28, hour 0 .. 23; day 0: none. */
typedef struct meter_settle_day {
    uint8_t day;
    uint8_t hour;
} meter_settle_day;

typedef struct meter_config {
    uint64_t meter_no;    /* 12 digits */
    uint64_t customer_no; /* 12 digits */
    meter_profile profile;
    meter_life life; /* at the first start */
    meter_wallet wallet;
    uint8_t unit;          /* Modbus address, 1 .. 247; M-Bus primary address */
    uint8_t cjt188_type;   /* what it measures, as CJ/T 188 and M-Bus tell it; 0: 40H electricity */
    uint16_t cjt188_maker; /* 4 BCD digits above its number */
    uint16_t mbus_maker;   /* three letters, five bits each; 0: none */
    uint32_t baud;         /* of the RS-485 line */
    meter_protocol protocol; /* of the RS-485 line */
    uint32_t infrared_baud;  /* 0: there is no infrared port */
    meter_protocol infrared; /* its protocol */
    uint16_t constant;       /* pulses per kWh, 1 .. 20000 */
    uint16_t model_code;
    uint16_t pt_ratio; /* shown only: pulses and prices are primary */
    uint16_t ct_ratio;
    uint8_t phases;          /* 1 or 3; 0: 3 */
    uint16_t voltage_dv;     /* nominal, 0.1 V; 0: 220.0 V */
    uint16_t current_max_ca; /* 0.01 A; 0: 60.00 A */
    int16_t zone_min;        /* civil time minus UTC, 480 in China */
    meter_rearm rearm;
    meter_alarm2 alarm2;
    uint8_t key_version;
    uint8_t key[METER_KEY_PURPOSES][METER_KEY_LEN]; /* the meter's own, never the master */
    meter_parameter parameter;
    tariff_schedule schedule;                   /* every day table until others are written */
    uint8_t demand_min;                         /* interval of demand, 1 .. 60; both 0: 15 .. */
    uint8_t demand_slide_min;                   /* .. by 1; divides it, into at most 30 */
    meter_settle_day settle[METER_SETTLE_DAYS]; /* all 0: the first of each month at 0 */
    meter_security_edition security_edition;
    bool security_keys_swapped; /* 2009: 070201FF is the control key and 070202FF the parameter key
                                 */
    uint32_t password[METER_PASSWORDS]; /* DL/T 645, 24 bits, until others are written */
    int32_t opening_fen;                /* balance at the first start */
    uint32_t base_centikwh;             /* register at the first start */
} meter_config;

GT_CHECKED gt_err meter_settle_check(const meter_settle_day settle[METER_SETTLE_DAYS]);
GT_CHECKED gt_err meter_demand_check(uint8_t demand_min, uint8_t slide_min);
/** Also checks parameter and schedule. @return RANGE  any field outside what its comment says */
GT_CHECKED gt_err meter_config_check(const meter_config *cfg);

#endif
