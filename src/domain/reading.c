/* Items and readings. */
#include "domain/reading.h"

#include <string.h>

static const item_row rows[ITEM_COUNT] = {
#define ITEM(symbol, name_, decimals_, unit_, zh_, en_) \
    [ITEM_##symbol] = {                                 \
        .name = (name_), .decimals = (decimals_), .unit = (unit_), .zh = (zh_), .en = (en_)},
#include "domain/item.def"
#undef ITEM
};

const item_row *item_of(item_id id)
{
    GT_ASSERT((unsigned)id < ITEM_COUNT);
    return &rows[id];
}

gt_err item_find(const char *name, item_id *out)
{
    for (unsigned i = 0; i < ITEM_COUNT; i++) {
        if (strcmp(rows[i].name, name) == 0) {
            *out = (item_id)i;
            return GT_ERR_OK;
        }
    }
    return GT_ERR_NOT_FOUND;
}

bool reading_has(const reading *r, item_id id)
{
    return (r->present >> id & 1U) != 0;
}

int64_t reading_get(const reading *r, item_id id)
{
    return reading_has(r, id) ? r->value[id] : 0;
}

void reading_set(reading *r, item_id id, int64_t value)
{
    r->present |= UINT64_C(1) << id;
    r->value[id] = value;
}

void reading_merge(reading *into, const reading *from)
{
    for (unsigned i = 0; i < ITEM_COUNT; i++) {
        if (reading_has(from, (item_id)i)) {
            reading_set(into, (item_id)i, from->value[i]);
        }
    }
    if (from->taken.ms > into->taken.ms) {
        into->taken = from->taken;
    }
}

bool reading_relay_closed(const reading *r)
{
    const bool b = !reading_has(r, ITEM_RELAY_B) || reading_get(r, ITEM_RELAY_B) != 0;
    const bool c = !reading_has(r, ITEM_RELAY_C) || reading_get(r, ITEM_RELAY_C) != 0;
    return reading_get(r, ITEM_RELAY_A) != 0 && b && c;
}
