/**
 * @file clock_watch.h
 * @brief Does the station trust its own clock? Cuts need it.
 *
 * Layer:   prog. Looked at by the loop, asked by any thread.
 * Rule:    the civil clock is trusted while it lies in the years a station can be in and runs with
 *          the monotonic clock. A jump of more than a minute ends the trust until somebody has
 *          looked and starts the station again.
 */
#ifndef GT_PROG_CLOCK_WATCH_H
#define GT_PROG_CLOCK_WATCH_H

#include "base/time.h"
#include "port/log.h"

#include <stdatomic.h>
#include <stdbool.h>

typedef struct clock_watch {
    int64_t offset_ms; /* civil minus monotonic, as last seen */
    atomic_bool trusted;
} clock_watch;

void clock_watch_init(clock_watch *watch, gt_mono mono, gt_utc utc);
void clock_watch_look(clock_watch *watch, gt_mono mono, gt_utc utc, const gt_log *log);
bool clock_watch_trusted(const clock_watch *watch);

#endif
