/**
 * @file incident.h
 * @brief Logs of what happened to the meter, a ring each (incident.def): when, energy, by whom.
 *
 * Layer:   meter.
 * Source:  event records of DL/T 645-2007, table A.4, and of its supplement.
 * Functions that take a record_class take one of incident.def. How often: record_shown (record.h).
 */
#ifndef GT_METER_INCIDENT_H
#define GT_METER_INCIDENT_H

#include "base/quantity.h"
#include "base/time.h"
#include "meter/record.h"

#include <stdbool.h>

struct meter;

typedef struct meter_incident {
    uint32_t begin_s; /* UTC since 1970; 0 while the clock is not known */
    uint32_t operator_code;
    uint32_t detail; /* what it is: incident.def */
    gt_energy forward;
    gt_energy reverse;
    gt_money balance;
    bool ended;       /* the rest is known; an incident of an instant never is */
    uint32_t end_s;   /* UTC; 0 while the clock was not known */
    uint32_t total_s; /* all of this class that have ended since it was cleared, this one too */
    gt_energy end_forward;
    gt_energy end_reverse;
    gt_money end_balance;
} meter_incident;

/** What the hardware senses apart from the measuring chip. */
typedef enum meter_sense_kind {
    METER_SENSE_COVER,         /* the meter's cover is open */
    METER_SENSE_TERMINAL,      /* the terminal cover is open */
    METER_SENSE_MAGNET,        /* a strong field */
    METER_SENSE_BYPASS,        /* the board finds current past the meter */
    METER_SENSE_NEUTRAL_EARTH, /* .. or back through the earth */
} meter_sense_kind;

/** Of what is known since power-up; told again when the power comes back. */
void meter_sense(struct meter *m, meter_sense_kind what, bool on, gt_mono now);

/** Whoever gives orders from here on: the code and, where a parameter is written, its identifier
 * stand in the records. 0, 0 when done. */
void meter_operator(struct meter *m, uint32_t code, uint32_t identifier);
/** A parameter was written that no function of service.h writes. */
void meter_programmed(struct meter *m, gt_mono now);

/** @param back 0 is the newest. @return NOT_FOUND, CORRUPT, IO */
GT_CHECKED gt_err meter_incident_get(const struct meter *m, record_class class, uint32_t back,
                                     meter_incident *out);
/** Seconds that all ended ones lasted since the class was cleared. */
uint32_t meter_incident_total_s(const struct meter *m, record_class class);

#endif
