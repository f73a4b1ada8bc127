/**
 * @file turnaround.h
 * @brief How long a unit takes to start answering, learned; and what it may still owe.
 *
 * Layer:   bus. Pure. Part of the line master; others need not include it.
 * Source:  the smoothed mean and deviation of RFC 6298, with the line's own floor and ceiling.
 */
#ifndef GT_BUS_TURNAROUND_H
#define GT_BUS_TURNAROUND_H

#include <stdbool.h>
#include <stdint.h>

#include "base/time.h"

typedef struct turnaround {
    int64_t mean_us; /* 0: never heard */
    int64_t deviation_us;
    int64_t timeout_us;
    gt_mono owed_until; /* a late answer may come until then */
    uint16_t owed_sum;  /* check sum of the request it belongs to */
    uint8_t owed_function;
    uint8_t owed; /* late answers that may come */
} turnaround;

void turnaround_init(turnaround *t);
/** An answer started @p sample_us after the end of its request. */
void turnaround_heard(turnaround *t, int64_t sample_us);
/** No answer: be more patient the next time. */
void turnaround_missed(turnaround *t);

#endif
