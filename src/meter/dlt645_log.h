/**
 * @file dlt645_log.h
 * @brief Freezes and logs as DL/T 645-2007 reads them, for dlt645_map.c.
 *
 * Layer:   meter. Rows: dlt645_log.def.
 */
#ifndef GT_METER_DLT645_LOG_H
#define GT_METER_DLT645_LOG_H

#include "meter/dlt645_map.h"

/** As dlt645_map_read; of a record the part is at->element, and it is not known where they end. */
GT_CHECKED gt_err dlt645_log_read(const dlt645_at *at, dlt645_value *out);
/** DI0 is 1 or more. */
GT_CHECKED gt_err dlt645_freeze_read(const dlt645_at *at, dlt645_value *out);

#endif
