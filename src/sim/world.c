/* The earliest deadline is next; nodes with the same one go in the order they were added, so a run
 * is the same every time. */
#include "sim/world.h"

#include <string.h>

enum { US_MS = 1000, STEPS_STANDING_MAX = 1000000 };

void world_init(world *w, gt_utc start)
{
    memset(w, 0, sizeof *w);
    w->start = start;
}

gt_err world_add(world *w, const world_node *node)
{
    if (w->count == WORLD_NODES_MAX) {
        return GT_ERR_SPACE;
    }
    w->node[w->count++] = *node;
    return GT_ERR_OK;
}

gt_utc world_utc(const world *w)
{
    return (gt_utc){w->start.ms + w->now.us / US_MS};
}

bool world_run(world *w, gt_mono until, bool (*done)(void *ctx), void *ctx)
{
    uint32_t standing = 0;
    for (;;) {
        const world_node *next = NULL;
        gt_mono due = until;
        for (size_t i = 0; i < w->count; i++) {
            const gt_mono at = w->node[i].deadline(w->node[i].ctx);
            if (at.us < due.us) {
                due = at;
                next = &w->node[i];
            }
        }
        if (next == NULL) {
            w->now = until.us > w->now.us ? until : w->now;
            return false;
        }
        standing = due.us > w->now.us ? 0 : standing + 1;
        GT_ASSERT(standing < STEPS_STANDING_MAX); /* a node that does not move its deadline */
        w->now = due.us > w->now.us ? due : w->now;
        w->steps++;
        next->step(next->ctx, w->now);
        if (done != NULL && done(ctx)) {
            return true;
        }
    }
}
