/* The word of a room. */
#include "api/tile.h"

#include <string.h>

static const struct {
    const char *name;
    const char *zh;
    const char *en;
} rows[TILE_STATES] = {
#define TILE(symbol, name_, zh_, en_) [TILE_##symbol] = {.name = (name_), .zh = (zh_), .en = (en_)},
#include "api/tile.def"
#undef TILE
};

tile_state tile_state_of(const tile_facts *facts, gt_utc now, int64_t lost_after_ms)
{
    if (!facts->account_open) {
        return TILE_NOT_OPEN;
    }
    if (!facts->read || now.ms - facts->taken.ms > lost_after_ms) {
        return TILE_LOST;
    }
    const struct {
        bool holds;
        tile_state state;
    } order[] = {
        {facts->is_protected, TILE_PROTECTED}, {facts->in_debt, TILE_IN_DEBT},
        {!facts->relay_closed, TILE_CUT},      {facts->alarm2, TILE_ALARM2},
        {facts->alarm1, TILE_ALARM1},
    };
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        if (order[i].holds) {
            return order[i].state;
        }
    }
    return TILE_OPEN;
}

const char *tile_state_name(tile_state state)
{
    return rows[state].name;
}

const char *tile_state_zh(tile_state state)
{
    return rows[state].zh;
}

const char *tile_state_en(tile_state state)
{
    return rows[state].en;
}

gt_err tile_state_find(const char *name, tile_state *out)
{
    for (unsigned i = 0; i < TILE_STATES; i++) {
        if (strcmp(rows[i].name, name) == 0) {
            *out = (tile_state)i;
            return GT_ERR_OK;
        }
    }
    return GT_ERR_NOT_FOUND;
}
