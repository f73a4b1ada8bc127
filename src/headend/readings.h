/**
 * @file readings.h
 * @brief What the head-end keeps of meters: latest values, history, daily freezes. For its writers
 *        and for everybody who shows readings.
 *
 * Layer:   service. Every function runs inside a transaction or read of the readings database.
 * The items of a reading are one packed value a row (reading_pack), so that every model's items fit
 * the same table.
 */
#ifndef GT_HEADEND_READINGS_H
#define GT_HEADEND_READINGS_H

#include "base/err.h"
#include "base/time.h"
#include "domain/reading.h"
#include "port/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** 8 bytes of presence, then at most 10 bytes an item. */
enum { READING_PACK_MAX = 8 + 10 * ITEM_COUNT };

/** Items present, as bytes: mask little-endian, then zigzag varints in the order of item.def. */
size_t reading_pack(const reading *r, uint8_t out[READING_PACK_MAX]);
/** @return TRUNCATED, TRAILING, MALFORMED (an item this program does not know, or no varint) */
GT_CHECKED gt_err reading_unpack(const uint8_t *in, size_t in_len, gt_utc taken, reading *out);

typedef struct headend_latest {
    int64_t meter_id;
    int64_t terminal_id;
    bool online; /* the terminal is connected and the meter answered its last poll */
    gt_utc received;
    reading values; /* of status and settings blocks together; values.taken: newest status */
} headend_latest;

/** @return NOT_FOUND never read */
GT_CHECKED gt_err headend_latest_find(const store_tx *tx, int64_t meter_id, headend_latest *out);
/** Ascending by meter_id, above @p after_meter_id; fewer than cap rows means the end. */
GT_CHECKED gt_err headend_latest_list(const store_tx *tx, int64_t after_meter_id,
                                      headend_latest *out, size_t cap, size_t *out_count);
/** Merge into the stored latest values (older items stay) and mark online. */
GT_CHECKED gt_err headend_latest_put(const store_tx *tx, const headend_latest *latest);
/** The terminal went, or (meter_id not 0) one of its meters stopped answering. */
GT_CHECKED gt_err headend_latest_offline(const store_tx *tx, int64_t terminal_id, int64_t meter_id);
/** No terminal is connected: a station that starts. */
GT_CHECKED gt_err headend_latest_all_offline(const store_tx *tx);

/** One more row of history; one that is there (same meter and time) stays. */
GT_CHECKED gt_err headend_reading_add(const store_tx *tx, int64_t meter_id, const reading *r);
typedef struct headend_reading_query {
    int64_t meter_id;
    gt_utc before; /* exclusive */
} headend_reading_query;
/** Newest first. */
GT_CHECKED gt_err headend_reading_list(const store_tx *tx, const headend_reading_query *query,
                                       reading *out, size_t cap, size_t *out_count);

/** The record that closed a day: taken at the midnight that ended it. */
typedef struct headend_freeze {
    int64_t meter_id;
    int64_t terminal_id; /* through which it came */
    int32_t day;         /* the day that ended, since 1970, civil time of the meter */
    reading values;
} headend_freeze;

/** One that is there stays: a closed day does not change. @param out_new may be NULL */
GT_CHECKED gt_err headend_freeze_put(const store_tx *tx, const headend_freeze *freeze,
                                     bool *out_new);
/** Of one meter, newest first, days up to @p last_day. */
GT_CHECKED gt_err headend_freeze_list(const store_tx *tx, int64_t meter_id, int32_t last_day,
                                      headend_freeze *out, size_t cap, size_t *out_count);
/** Meters of a terminal that have the day, ascending. */
typedef struct headend_freeze_day {
    int64_t terminal_id;
    int32_t day;
} headend_freeze_day;
GT_CHECKED gt_err headend_freeze_have(const store_tx *tx, const headend_freeze_day *query,
                                      int64_t *out_meter_id, size_t cap, size_t *out_count);

#endif
