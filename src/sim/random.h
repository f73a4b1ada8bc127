/**
 * @file random.h
 * @brief A seeded random source: the same seed makes the same park, faults and jitter.
 *
 * Layer:   sim. Not for secrets.
 */
#ifndef GT_SIM_RANDOM_H
#define GT_SIM_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

typedef struct sim_random {
    uint64_t state;
} sim_random;

/** An independent source for each (seed, stream). */
sim_random sim_random_of(uint64_t seed, uint64_t stream);
uint64_t sim_random_next(sim_random *r);
/** min .. max, both included; min <= max. */
int64_t sim_random_range(sim_random *r, int64_t min, int64_t max);
bool sim_random_permille(sim_random *r, uint32_t permille);

#endif
