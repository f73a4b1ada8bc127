/**
 * @file world.h
 * @brief Virtual time: whoever has a deadline is called when it has come; nobody waits.
 *
 * Layer:   sim.
 * A node is anything with a deadline and a step: a line, the park, a network, a concentrator, the
 * head-end. Steps may change any node's deadline; all are asked again after each.
 */
#ifndef GT_SIM_WORLD_H
#define GT_SIM_WORLD_H

#include "base/err.h"
#include "base/time.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WORLD_NODES_MAX = 64 };

typedef struct world_node {
    void *ctx;
    gt_mono (*deadline)(void *ctx); /* GT_MONO_NEVER: not by time */
    void (*step)(void *ctx, gt_mono now);
} world_node;

/** Caller's storage; every field but now is private. */
typedef struct world {
    gt_mono now;
    gt_utc start;
    uint64_t steps;
    size_t count;
    world_node node[WORLD_NODES_MAX];
} world;

/** @p start is the civil time at gt_mono 0. */
void world_init(world *w, gt_utc start);
/** @return SPACE */
GT_CHECKED gt_err world_add(world *w, const world_node *node);
gt_utc world_utc(const world *w);

/**
 * Let time pass.
 *
 * @param done  asked after every step; NULL: never done early
 * @return true as soon as @p done says so; false at @p until
 */
bool world_run(world *w, gt_mono until, bool (*done)(void *ctx), void *ctx);

#endif
