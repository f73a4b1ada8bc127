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

enum { METER_EVENTS_KEPT = 60 };

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
    METER_EVENT_ATTACK, /* too many wrong MACs; detail: meter_key_purpose */
} meter_event_kind;

typedef struct meter_event {
    gt_utc time; /* 0 while the clock is not known */
    meter_event_kind kind;
    uint8_t detail;
    gt_money balance;
    gt_energy energy;
} meter_event;

#endif
