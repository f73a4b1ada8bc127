/* The only place of the field side that asks the system for the time. */
#include "adapter/loop/clock.h"

#include <time.h>

gt_mono clock_mono(void)
{
    struct timespec ts;
    (void)clock_gettime(CLOCK_MONOTONIC, &ts); /* cannot fail for this clock */
    return (gt_mono){.us = (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000};
}

gt_utc clock_utc(void)
{
    struct timespec ts;
    (void)clock_gettime(CLOCK_REALTIME, &ts); /* cannot fail for this clock */
    return (gt_utc){.ms = (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000};
}
