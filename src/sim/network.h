/**
 * @file network.h
 * @brief The network between a box and its station: delay, loss, partition of one byte stream.
 *
 * Layer:   sim. Pure: bytes of either side and `now` in, bytes out when they have arrived.
 * The stream stays a stream, as over TCP: a lost chunk comes after a retransmission time-out, and
 * what follows it waits for it. While partitioned nothing arrives; it is delivered afterwards.
 */
#ifndef GT_SIM_NETWORK_H
#define GT_SIM_NETWORK_H

#include "base/err.h"
#include "base/time.h"
#include "sim/random.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NETWORK_CHUNK_MAX = 1024, NETWORK_CHUNKS_MAX = 64 };

typedef struct network_cfg {
    int64_t delay_min_us; /* one way */
    int64_t delay_max_us;
    uint32_t loss_permille; /* of chunks */
    int64_t resend_min_us;  /* a lost chunk comes this much later */
    int64_t resend_max_us;
} network_cfg;

/** About 1 ms, nothing lost. */
network_cfg network_ethernet(void);
/** 300 .. 1500 ms each way, 1 % of chunks lost. */
network_cfg network_gprs(void);

typedef enum network_side { NETWORK_TO_STATION, NETWORK_TO_BOX } network_side;

enum { NETWORK_SIDES = NETWORK_TO_BOX + 1 };

typedef struct network_chunk {
    gt_mono due;
    size_t len;
    size_t taken;
    uint8_t bytes[NETWORK_CHUNK_MAX];
} network_chunk;

typedef struct network_pipe {
    size_t first;
    size_t count;
    gt_mono last_due;
    network_chunk chunk[NETWORK_CHUNKS_MAX];
} network_pipe;

/** Caller's storage; every field is private. */
typedef struct network {
    network_cfg cfg;
    sim_random random;
    bool partitioned;
    uint64_t lost;
    network_pipe pipe[NETWORK_SIDES];
} network;

void network_init(network *n, const network_cfg *cfg, uint64_t seed);
/** A new connection: what was under way is gone. */
void network_reset(network *n);
/** @return BUSY too much is under way in that direction: the sender must wait, nothing was taken */
GT_CHECKED gt_err network_send(network *n, network_side to, const uint8_t *bytes, size_t len,
                               gt_mono now);
/** Bytes that network_send of @p to would take now. */
size_t network_room(const network *n, network_side to);
/** Bytes that have arrived, at most @p cap; 0 when there are none. Call until it says 0. */
size_t network_receive(network *n, network_side to, gt_mono now, uint8_t *out, size_t cap);
gt_mono network_deadline(const network *n);
/** After a partition everything is delivered, later than planned. */
void network_partition(network *n, bool partitioned, gt_mono now);
uint64_t network_lost(const network *n);

#endif
