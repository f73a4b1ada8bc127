/* The supply policy's first form: the conditions of a cut, one after another, each able to stop it.
 */
#include "domain/supply.h"

static const struct {
    const char *name;
    const char *zh;
    const char *en;
} reasons[SUPPLY_REASONS] = {
#define SUPPLY(symbol, name_, zh_, en_) [SUPPLY_##symbol] = {.name = name_, .zh = zh_, .en = en_},
#include "domain/supply.def"
#undef SUPPLY
};

supply_reason supply_cut_check(const supply_facts *facts, gt_utc now)
{
    if (facts->is_protected) {
        return SUPPLY_PROTECTED;
    }
    if (facts->order_open) {
        return SUPPLY_ORDER_OPEN;
    }
    if (!facts->reading_known) {
        return SUPPLY_READING_MISSING;
    }
    if (facts->reading_taken.ms < now.ms - SUPPLY_READING_AGE_MAX_MS) {
        return SUPPLY_READING_OLD;
    }
    if (facts->reading_taken.ms > now.ms + SUPPLY_READING_AHEAD_MAX_MS) {
        return SUPPLY_READING_AHEAD;
    }
    return facts->clock_trusted ? SUPPLY_ALLOWED : SUPPLY_CLOCK_UNTRUSTED;
}

const char *supply_reason_name(supply_reason reason)
{
    return reasons[reason].name;
}

const char *supply_reason_zh(supply_reason reason)
{
    return reasons[reason].zh;
}

const char *supply_reason_en(supply_reason reason)
{
    return reasons[reason].en;
}
