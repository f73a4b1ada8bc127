/**
 * @file rtc.h
 * @brief The battery-kept clock chip that carries a meter's time over a power cut.
 *
 * Layer:   port.
 * Real:    a board's clock chip; sim (virtual time, with an error of its own).
 */
#ifndef GT_PORT_RTC_H
#define GT_PORT_RTC_H

#include "base/time.h"

#include <stdbool.h>

typedef struct gt_rtc {
    void *ctx;
    /** @return false  the clock stopped or was never set; @p out is then untouched */
    bool (*read)(void *ctx, gt_utc *out);
    void (*write)(void *ctx, gt_utc now);
} gt_rtc;

#endif
