/**
 * @file tile.h
 * @brief The one word that says how a room is: what its tile's colour, icon and text come from.
 *
 * Layer:   api. Pure.
 */
#ifndef GT_API_TILE_H
#define GT_API_TILE_H

#include "base/err.h"
#include "base/time.h"

#include <stdbool.h>
#include <stdint.h>

/** In order of precedence: the first that holds is the word. */
typedef enum tile_state {
#define TILE(symbol, name, zh, en) TILE_##symbol,
#include "api/tile.def"
#undef TILE
} tile_state;

enum { TILE_STATES = TILE_OPEN + 1 };

typedef struct tile_facts {
    bool account_open; /* the room has an open account and the meter is in service */
    bool read;         /* the meter was read at least once: what follows holds */
    gt_utc taken;
    bool relay_closed;
    bool is_protected;
    bool in_debt;
    bool alarm1;
    bool alarm2;
} tile_facts;

/** @param lost_after_ms a reading older than this is no reading */
tile_state tile_state_of(const tile_facts *facts, gt_utc now, int64_t lost_after_ms);
const char *tile_state_name(tile_state state);
const char *tile_state_zh(tile_state state);
const char *tile_state_en(tile_state state);
/** @return NOT_FOUND */
GT_CHECKED gt_err tile_state_find(const char *name, tile_state *out);

#endif
