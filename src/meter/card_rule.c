/* First who may not come in at all, then the table. */
#include "meter/card_rule.h"

#include <stddef.h>

/* How the card's count compares with the meter's. */
typedef enum relation {
    RELATION_SAME,
    RELATION_NEXT,
    RELATION_AHEAD,
    RELATION_BEHIND,
} relation;

enum { RELATIONS = RELATION_BEHIND + 1, FULL = 0, EMPTY = 1, NEEDS_SERIAL = 1 << 6 };

static relation relation_of(uint32_t card, uint32_t meter)
{
    if (card == meter) {
        return RELATION_SAME;
    }
    if (card < meter) {
        return RELATION_BEHIND;
    }
    return card - meter == 1 ? RELATION_NEXT : RELATION_AHEAD;
}

static bool welcome(const card_facts *f)
{
    if (!f->meter_matches) {
        return false;
    }
    if (f->kind == CARD_NEW && f->card_count > 1) {
        return false;
    }
    if (!f->opened) {
        return f->kind == CARD_NEW;
    }
    return f->customer_matches && (f->kind != CARD_BUY || f->serial_matches);
}

unsigned card_rule(const card_facts *facts)
{
    static const uint8_t table[RELATIONS][2][CARD_KINDS] = {
#define DO_CREDIT CARD_DO_CREDIT
#define DO_PARAMETER CARD_DO_PARAMETER
#define DO_SERIAL CARD_DO_SERIAL
#define DO_WRITE_BACK CARD_DO_WRITE_BACK
#define IS_ERROR CARD_IS_ERROR
#define RULE(relation, write_back, kind, result) \
    [RELATION_##relation][write_back][CARD_##kind] = (result),
#include "meter/card_rule.def"
#undef RULE
    };
    if (!welcome(facts)) {
        return CARD_REJECTED;
    }
    const relation by = relation_of(facts->card_count, facts->meter_count);
    const unsigned found = table[by][facts->write_back_empty ? EMPTY : FULL][facts->kind];
    if ((found & NEEDS_SERIAL) != 0 && !facts->serial_matches) {
        return CARD_REJECTED;
    }
    return found & ~(unsigned)NEEDS_SERIAL;
}
