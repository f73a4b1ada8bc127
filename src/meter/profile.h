/**
 * @file profile.h
 * @brief The load profile: what was measured at the end of each interval, class by class.
 *
 * Layer:   meter.
 * Source:  classes and interval of DL/T 645-2007 (mode word 04000901, intervals 04000A02 ..). Its
 *          class of reactive energy by quadrant is not here: this meter counts no reactive energy.
 * An interval whose end passed without power, clock or measurement has no record: nothing is
 * invented. A new interval begins a new profile: what was kept may no longer be found.
 */
#ifndef GT_METER_PROFILE_H
#define GT_METER_PROFILE_H

#include "base/err.h"
#include "base/time.h"

#include <stdint.h>

typedef enum meter_profile_class {
#define PROFILE(class, len, measured, small, full) METER_PROFILE_##class,
#include "meter/profile.def"
    METER_PROFILE_CLASSES_END,
} meter_profile_class;

enum {
    METER_PROFILE_CLASSES = METER_PROFILE_CLASSES_END,
    METER_PROFILE_VALUES = 7,
    METER_PROFILE_INTERVAL_MAX = 60, /* minutes */
};

struct meter;

/** Minutes from record to record; 0: the class is off, or this meter has no room for it. */
uint8_t meter_profile_interval(const struct meter *m, meter_profile_class class);
/** @return RANGE  an interval above 60; CONFLICT  not in this state of life; IO */
GT_CHECKED gt_err meter_profile_set(struct meter *m,
                                    const uint8_t interval_min[METER_PROFILE_CLASSES], gt_mono now);
/** Records that are kept, at most: that many intervals back. */
uint32_t meter_profile_depth(const struct meter *m, meter_profile_class class);
/** Civil minute since 1970 at which the newest interval ended; 0: no clock, or off. */
uint32_t meter_profile_last(const struct meter *m, meter_profile_class class, gt_mono now);
/**
 * The record of the interval that ended then, in the order of profile.def.
 * @return NOT_FOUND  there is none; IO
 */
GT_CHECKED gt_err meter_profile_get(const struct meter *m, meter_profile_class class,
                                    uint32_t at_min, int64_t out[METER_PROFILE_VALUES]);

#endif
