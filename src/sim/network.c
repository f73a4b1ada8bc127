/* Each direction is a queue of chunks with the time each arrives; no chunk arrives before the one
 * ahead of it. */
#include "sim/network.h"

#include <string.h>

enum { US_MS = 1000 };

network_cfg network_ethernet(void)
{
    return (network_cfg){.delay_min_us = 500, .delay_max_us = 1500};
}

network_cfg network_gprs(void)
{
    return (network_cfg){.delay_min_us = 300 * US_MS,
                         .delay_max_us = 1500 * US_MS,
                         .loss_permille = 10,
                         .resend_min_us = 1000 * US_MS,
                         .resend_max_us = 3000 * US_MS};
}

void network_init(network *n, const network_cfg *cfg, uint64_t seed)
{
    memset(n, 0, sizeof *n);
    n->cfg = *cfg;
    n->random = sim_random_of(seed, 0);
}

void network_reset(network *n)
{
    for (size_t i = 0; i < NETWORK_SIDES; i++) {
        n->pipe[i].first = 0;
        n->pipe[i].count = 0;
        n->pipe[i].last_due = (gt_mono){0};
    }
}

size_t network_room(const network *n, network_side to)
{
    return (NETWORK_CHUNKS_MAX - n->pipe[to].count) * NETWORK_CHUNK_MAX;
}

static gt_mono arrival(network *n, const network_pipe *pipe, gt_mono now)
{
    int64_t us = now.us + sim_random_range(&n->random, n->cfg.delay_min_us, n->cfg.delay_max_us);
    if (sim_random_permille(&n->random, n->cfg.loss_permille)) {
        n->lost++;
        us += sim_random_range(&n->random, n->cfg.resend_min_us, n->cfg.resend_max_us);
    }
    return (gt_mono){us > pipe->last_due.us ? us : pipe->last_due.us};
}

gt_err network_send(network *n, network_side to, const uint8_t *bytes, size_t len, gt_mono now)
{
    network_pipe *pipe = &n->pipe[to];
    if (len > network_room(n, to)) {
        return GT_ERR_BUSY;
    }
    while (len > 0) {
        const size_t part = len < NETWORK_CHUNK_MAX ? len : NETWORK_CHUNK_MAX;
        network_chunk *c = &pipe->chunk[(pipe->first + pipe->count) % NETWORK_CHUNKS_MAX];
        c->due = arrival(n, pipe, now);
        c->len = part;
        c->taken = 0;
        memcpy(c->bytes, bytes, part);
        pipe->last_due = c->due;
        pipe->count++;
        bytes += part;
        len -= part;
    }
    return GT_ERR_OK;
}

size_t network_receive(network *n, network_side to, gt_mono now, uint8_t *out, size_t cap)
{
    network_pipe *pipe = &n->pipe[to];
    network_chunk *c = &pipe->chunk[pipe->first];
    if (n->partitioned || pipe->count == 0 || c->due.us > now.us) {
        return 0;
    }
    const size_t left = c->len - c->taken;
    const size_t part = left < cap ? left : cap;
    memcpy(out, c->bytes + c->taken, part);
    c->taken += part;
    if (c->taken == c->len) {
        pipe->first = (pipe->first + 1) % NETWORK_CHUNKS_MAX;
        pipe->count--;
    }
    return part;
}

gt_mono network_deadline(const network *n)
{
    gt_mono due = GT_MONO_NEVER;
    for (size_t i = 0; i < NETWORK_SIDES && !n->partitioned; i++) {
        const network_pipe *pipe = &n->pipe[i];
        if (pipe->count > 0 && pipe->chunk[pipe->first].due.us < due.us) {
            due = pipe->chunk[pipe->first].due;
        }
    }
    return due;
}

void network_partition(network *n, bool partitioned, gt_mono now)
{
    const bool heals = n->partitioned && !partitioned;
    n->partitioned = partitioned;
    for (size_t i = 0; i < NETWORK_SIDES && heals; i++) {
        network_pipe *pipe = &n->pipe[i];
        for (size_t k = 0; k < pipe->count; k++) {
            network_chunk *c = &pipe->chunk[(pipe->first + k) % NETWORK_CHUNKS_MAX];
            c->due.us = c->due.us > now.us ? c->due.us : now.us;
        }
    }
}

uint64_t network_lost(const network *n)
{
    return n->lost;
}
