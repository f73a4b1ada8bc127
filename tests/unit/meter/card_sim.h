/* A user card as its issuer made it, with the few commands that a meter's visit uses. It can be
 * pulled before any command, and cheat. */
#ifndef GT_TESTS_METER_CARD_SIM_H
#define GT_TESTS_METER_CARD_SIM_H

#include "element/host.h"
#include "meter/card_rule.h"

enum { CARD_SIM_FILES = 6, CARD_SIM_FILE_LEN = 258, CARD_SIM_NEVER = 0 };

typedef struct card_sim {
    suite_key own;   /* proves the card, and what it sends */
    suite_key meter; /* the meter proves itself with it */
    uint8_t serial[8];
    uint8_t file[CARD_SIM_FILES][CARD_SIM_FILE_LEN];
    uint8_t challenge[8];
    bool convinced;    /* the meter has proven itself */
    unsigned commands; /* so far */
    unsigned pull_at;  /* gone before this command is carried out; CARD_SIM_NEVER */
    unsigned lost_at;  /* carried out, but the answer never comes */
    uint8_t spoil_ins; /* the answer to this instruction of this class is wrong .. */
    uint8_t spoil_cla;
    uint8_t spoil_at;    /* .. in this byte */
    uint16_t refuse_ins; /* this one is refused */
    bool forget_proof;   /* takes anybody for its meter */
} card_sim;

/** A card of the site whose keys those are (before derivation for a meter). */
void card_sim_make(card_sim *c, const element_host *site, uint8_t number);
void card_sim_terms(card_sim *c, card_kind kind, uint8_t flag, uint64_t meter_no,
                    uint64_t customer_no);
void card_sim_wallet(card_sim *c, uint32_t amount, uint32_t count);
gt_apdu card_sim_port(card_sim *c);

#endif
