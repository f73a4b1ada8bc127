/* splitmix64: small, fast, and good enough to make loads and faults uneven. */
#include "sim/random.h"

enum { PERMILLE = 1000 };

sim_random sim_random_of(uint64_t seed, uint64_t stream)
{
    sim_random r = {seed ^ (stream * UINT64_C(0xD1342543DE82EF95))};
    (void)sim_random_next(&r); /* neighbouring seeds drift apart */
    return r;
}

uint64_t sim_random_next(sim_random *r)
{
    r->state += UINT64_C(0x9E3779B97F4A7C15);
    uint64_t z = r->state;
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

int64_t sim_random_range(sim_random *r, int64_t min, int64_t max)
{
    const uint64_t span = (uint64_t)(max - min) + 1;
    return min + (int64_t)(sim_random_next(r) % span);
}

bool sim_random_permille(sim_random *r, uint32_t permille)
{
    return sim_random_next(r) % PERMILLE < permille;
}
