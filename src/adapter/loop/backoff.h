/**
 * @file backoff.h
 * @brief How long to wait before the next connection attempt: doubling, capped, spread.
 *
 * Layer:   adapter. Pure; the caller keeps the struct and supplies the random number.
 */
#ifndef GT_ADAPTER_LOOP_BACKOFF_H
#define GT_ADAPTER_LOOP_BACKOFF_H

#include <stdint.h>

typedef struct loop_backoff {
    uint32_t first_ms;
    uint32_t max_ms;
    uint32_t next_ms; /* 0: start over at first_ms */
} loop_backoff;

/**
 * @param random any number; the wait lies in 50 .. 100 % of the step, so that a thousand boxes that
 *               lost one station do not return in the same second
 * @return milliseconds to wait; the step doubles up to max_ms
 */
uint32_t loop_backoff_wait_ms(loop_backoff *backoff, uint32_t random);
/** A connection stood: the next failure starts at first_ms again. */
void loop_backoff_reset(loop_backoff *backoff);

#endif
