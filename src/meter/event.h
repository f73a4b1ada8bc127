/**
 * @file event.h
 * @brief The meter's own log: what happened, when, and the balance and register then.
 *
 * Layer:   meter.
 */
#ifndef GT_METER_EVENT_H
#define GT_METER_EVENT_H

#include "base/quantity.h"
#include "base/time.h"

#include <stdint.h>

typedef enum meter_event_kind {
    METER_EVENT_NONE,
    METER_EVENT_POWER_ON,
    METER_EVENT_CREDIT,      /* credit machine moved; detail: new state */
    METER_EVENT_REMOTE,      /* remote machine moved; detail: new state */
    METER_EVENT_PROTECTED,   /* detail: 1 on, 0 off */
    METER_EVENT_RELAY,       /* detail: 1 closed, 0 open, as the feedback says */
    METER_EVENT_RELAY_FAULT, /* detail: phases closed */
    METER_EVENT_PARAMETER,   /* detail: low byte of parameter_count */
    METER_EVENT_CLOCK_SET,
    METER_EVENT_ATTACK,    /* too many wrong MACs; detail: meter_key_purpose */
    METER_EVENT_OVERLOAD,  /* power limit; detail: new state */
    METER_EVENT_EMERGENCY, /* emergency credit taken */
    METER_EVENT_TARIFF,    /* a spare set took over; detail: tariff_part */
    METER_EVENT_LIFE,      /* detail: new state */
    METER_EVENT_CONVERT,   /* energy credit re-computed */
} meter_event_kind;

enum { METER_EVENT_LAST = METER_EVENT_CONVERT };

typedef struct meter_event {
    gt_utc time; /* 0 while the clock is not known */
    meter_event_kind kind;
    uint8_t detail;
    gt_money balance;
    gt_energy energy;
} meter_event;

#endif
