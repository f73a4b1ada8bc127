/**
 * @file clock.h
 * @brief The two clocks of a program. Only prog/ and adapters read them; everything else gets
 * `now`.
 *
 * Layer:   adapter.
 */
#ifndef GT_ADAPTER_LOOP_CLOCK_H
#define GT_ADAPTER_LOOP_CLOCK_H

#include "base/time.h"

/** CLOCK_MONOTONIC in microseconds: timers and deadlines. */
gt_mono clock_mono(void);
/** CLOCK_REALTIME in milliseconds: civil records. */
gt_utc clock_utc(void);

#endif
