/* Compares the civil clock with the monotonic one. */
#include "prog/clock_watch.h"

enum { JUMP_MAX_MS = 60000, US_PER_MS = 1000 };

static const int64_t earliest_ms =
    INT64_C(1767225600000);                              /* 2026-01-01, before the first release */
static const int64_t latest_ms = INT64_C(4070908800000); /* 2099-01-01 */

static int64_t offset_of(gt_mono mono, gt_utc utc)
{
    return utc.ms - mono.us / US_PER_MS;
}

static bool plausible(gt_utc utc)
{
    return utc.ms >= earliest_ms && utc.ms < latest_ms;
}

void clock_watch_init(clock_watch *watch, gt_mono mono, gt_utc utc)
{
    watch->offset_ms = offset_of(mono, utc);
    atomic_store(&watch->trusted, plausible(utc));
}

void clock_watch_look(clock_watch *watch, gt_mono mono, gt_utc utc, const gt_log *log)
{
    const int64_t offset_ms = offset_of(mono, utc);
    const int64_t jump_ms = offset_ms - watch->offset_ms;
    watch->offset_ms = offset_ms; /* slow corrections are followed */
    if (jump_ms > JUMP_MAX_MS || jump_ms < -JUMP_MAX_MS || !plausible(utc)) {
        if (atomic_exchange(&watch->trusted, false)) {
            gt_log_event(log, GT_LOG_ERROR, "clock.jumped", gt_log_num("ms", jump_ms),
                         gt_log_str("so", "no cuts until the station is started again"));
        }
    }
}

bool clock_watch_trusted(const clock_watch *watch)
{
    return atomic_load(&watch->trusted);
}
