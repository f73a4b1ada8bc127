/**
 * @file reading.h
 * @brief One reading of a meter: items of item.def with integer values, whatever the protocol was.
 *
 * Layer:   domain. Pure.
 */
#ifndef GT_DOMAIN_READING_H
#define GT_DOMAIN_READING_H

#include "base/err.h"
#include "base/time.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum item_id {
#define ITEM(symbol, name, decimals, unit, zh, en) ITEM_##symbol,
#include "domain/item.def"
#undef ITEM
} item_id;

enum { ITEM_COUNT = ITEM_VOLUME + 1 };
static_assert(ITEM_COUNT <= 64, "reading.present has one bit an item");

typedef struct item_row {
    const char *name; /* "balance": as in register maps, JSON and the database */
    unsigned decimals;
    const char *unit;
    const char *zh;
    const char *en;
} item_row;

const item_row *item_of(item_id id);
/** @return NOT_FOUND when no item has that name */
GT_CHECKED gt_err item_find(const char *name, item_id *out);

typedef struct reading {
    gt_utc taken;     /* when the meter answered */
    uint64_t present; /* bit ITEM_x set: value[ITEM_x] was read */
    int64_t value[ITEM_COUNT];
} reading;

bool reading_has(const reading *r, item_id id);
/** @return 0 when absent */
int64_t reading_get(const reading *r, item_id id);
void reading_set(reading *r, item_id id, int64_t value);
/** Copy every item present in @p from over @p into; taken becomes the later of the two. */
void reading_merge(reading *into, const reading *from);
/** All three phases of the relay closed (a single-phase meter reports phase A only). */
bool reading_relay_closed(const reading *r);

#endif
