/**
 * @file card_rule.h
 * @brief What a user card may do to a meter: money, parameters, write-back, or nothing.
 *
 * Layer:   meter. Pure; the rows are card_rule.def.
 * Source:  public meter firmware of the 2009 edition, one.
 */
#ifndef GT_METER_CARD_RULE_H
#define GT_METER_CARD_RULE_H

#include <stdbool.h>
#include <stdint.h>

/** Subtype of command 01 in the card's command file. */
typedef enum card_kind {
    CARD_NEW,
    CARD_BUY,
    CARD_REPAIR,
} card_kind;

enum { CARD_KINDS = CARD_REPAIR + 1 };

/** What is known once card and meter have proven themselves to each other. */
typedef struct card_facts {
    card_kind kind;
    bool meter_matches;    /* meter number on the card */
    bool customer_matches; /* customer number */
    bool serial_matches;   /* this is the card whose serial the meter stored */
    bool opened;           /* the meter's account */
    bool write_back_empty;
    uint32_t card_count;
    uint32_t meter_count;
} card_facts;

/** Bits of card_rule. */
enum {
    CARD_DO_CREDIT = 1 << 0,
    CARD_DO_PARAMETER = 1 << 1,
    CARD_DO_SERIAL = 1 << 2, /* this is the meter's card from now on */
    CARD_DO_WRITE_BACK = 1 << 3,
    CARD_IS_ERROR = 1 << 4, /* the count is wrong: shown to the customer */
    CARD_REJECTED = 1 << 5, /* counts as an illegal card; no other bit then */
};

/** @return bits CARD_DO_.., CARD_IS_ERROR or CARD_REJECTED */
unsigned card_rule(const card_facts *facts);

#endif
