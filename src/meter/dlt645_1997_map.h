/**
 * @file dlt645_1997_map.h
 * @brief The identifiers of DL/T 645-1997, as values of the 2007 map.
 *
 * Layer:   meter.
 */
#ifndef GT_METER_DLT645_1997_MAP_H
#define GT_METER_DLT645_1997_MAP_H

#include "meter/dlt645_map.h"

/** @param di  no F in its last digit. @param[out] out  with its item. @return as dlt645_map_read */
GT_CHECKED gt_err dlt645_1997_map_read(const meter *m, uint32_t di, gt_mono now, dlt645_value *out);

/** A write in words of 2007. */
typedef struct dlt645_1997_target {
    uint32_t di;
    int64_t scale;
} dlt645_1997_target;

/**
 * @param di  a single value; or a whole table (its last digit F)
 * @return NOT_FOUND
 */
GT_CHECKED gt_err dlt645_1997_map_target(const meter *m, uint32_t di, dlt645_1997_target *out);

#endif
