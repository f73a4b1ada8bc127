/* A meter's time to answer varies little, so mean plus four deviations catches nearly every answer
 * and still costs a dead meter little. */
#include "bus/turnaround.h"

#include "bus/line.h"

enum {
    US_MS = 1000,
    MARGIN_US = 20 * US_MS,         /* the gateway's and the operating system's share */
    PATIENCE_MAX_US = 1000 * US_MS, /* where doubling ends */
    FIRST_US = LINE_TIMEOUT_FIRST_MS * US_MS,
    MIN_US = LINE_TIMEOUT_MIN_MS * US_MS,
    MAX_US = LINE_TIMEOUT_MAX_MS * US_MS,
    MEAN_SHARE = 8,
    DEVIATION_SHARE = 4,
    DEVIATIONS = 4,
};

void turnaround_init(turnaround *t)
{
    *t = (turnaround){.timeout_us = FIRST_US};
}

void turnaround_heard(turnaround *t, int64_t sample_us)
{
    const int64_t sample = sample_us > 0 ? sample_us : 1;
    if (t->mean_us == 0) {
        t->mean_us = sample;
        t->deviation_us = sample / 2;
    } else {
        const int64_t off = sample - t->mean_us;
        const int64_t distance = off < 0 ? -off : off;
        t->mean_us += off / MEAN_SHARE;
        t->deviation_us += (distance - t->deviation_us) / DEVIATION_SHARE;
    }
    int64_t timeout = t->mean_us + DEVIATIONS * t->deviation_us + MARGIN_US;
    timeout = timeout < MIN_US ? MIN_US : timeout;
    t->timeout_us = timeout > MAX_US ? MAX_US : timeout;
}

void turnaround_missed(turnaround *t)
{
    if (t->timeout_us < PATIENCE_MAX_US) {
        const int64_t twice = 2 * t->timeout_us;
        t->timeout_us = twice < PATIENCE_MAX_US ? twice : PATIENCE_MAX_US;
    }
}
