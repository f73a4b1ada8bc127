/**
 * @file element.h
 * @brief A security element in software: wallet, keys and files that change under a MAC only.
 *
 * Layer:   element. No operating system, no allocation, no clock.
 * Source:  commands and flows of deployed meter security chips as public meter firmware uses them;
 *          what lies behind them (key slots, sealing, key update) is this project's, see
 *          docs/security-element.md. A chip behind port/apdu.h can take its place.
 */
#ifndef GT_ELEMENT_ELEMENT_H
#define GT_ELEMENT_ELEMENT_H

#include "crypto/suite.h"
#include "port/apdu.h"
#include "port/nvm.h"
#include "port/random.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ELEMENT_NVM_SIZE = 8192, ELEMENT_SERIAL_LEN = 8, ELEMENT_RAM_MAX = 160 };

/** Key slots. 1 .. 3 are the numbers of commands 0702xxFF, the others are ours. */
typedef enum element_slot {
    ELEMENT_KEY_UPDATE,    /* new keys come under it */
    ELEMENT_KEY_PARAMETER, /* files */
    ELEMENT_KEY_CONTROL,   /* relay commands */
    ELEMENT_KEY_IDENTITY,  /* the head-end proves itself */
    ELEMENT_KEY_PURCHASE,  /* wallet */
    ELEMENT_KEY_CARD,      /* a user's card proves itself, and what it sends */
    ELEMENT_KEY_METER,     /* the meter proves itself to a card */
} element_slot;

enum { ELEMENT_SLOTS = ELEMENT_KEY_METER + 1 };

/** What diversifies a key of that slot ("purchase"). */
const char *element_slot_label(element_slot slot);

/** Status words beside GT_SW_OK. */
enum {
    ELEMENT_SW_AUTH = 0x6300,                  /* the other side did not prove itself */
    ELEMENT_SW_MEMORY = GT_SW_MEMORY,          /* not written; or the memory is damaged */
    ELEMENT_SW_LENGTH = 0x6700,                /* Lc or Le */
    ELEMENT_SW_CHALLENGE = GT_SW_NO_CHALLENGE, /* no challenge was fetched */
    ELEMENT_SW_CONDITION = 0x6985,             /* state, count or version does not allow it */
    ELEMENT_SW_FORBIDDEN = 0x6982,             /* this file is not written so */
    ELEMENT_SW_MAC = GT_SW_MAC,                /* wrong MAC */
    ELEMENT_SW_DATA = 0x6A80,                  /* the text behind a right MAC is wrong */
    ELEMENT_SW_NO_FILE = 0x6A82,               /* no such file or record */
    ELEMENT_SW_PARAMETER = 0x6A86,             /* P1 P2 */
    ELEMENT_SW_OFFSET = 0x6B00,                /* beyond the file */
    ELEMENT_SW_INSTRUCTION = 0x6D00,
    ELEMENT_SW_CLASS = 0x6E00,
    ELEMENT_SW_FUNDS = 0x9401, /* the wallet holds less */
};

typedef struct element_ports {
    gt_nvm nvm; /* ELEMENT_NVM_SIZE or more */
    gt_random random;
} element_ports;

/** Caller's storage; every field is private. */
typedef struct element {
    element_ports ports;
    suite_kind kind;
    uint8_t serial[ELEMENT_SERIAL_LEN];
    uint8_t challenge[SUITE_SEED_LEN];
    bool challenged; /* a challenge stands until the next one, or a reset */
    uint8_t challenge_len;
    bool derived; /* 80 FA 00 01 .. 03 made a key */
    suite_key child;
    bool card; /* a card proved itself: MACs are its own */
    suite_key card_key;
} element;

static_assert(sizeof(element) <= ELEMENT_RAM_MAX, "an element is small");

/** What the factory puts into a blank element. The keys are public ones until they are updated. */
typedef struct element_issue {
    suite_kind kind;
    uint8_t serial[ELEMENT_SERIAL_LEN];
    uint8_t key[ELEMENT_SLOTS][SUITE_KEY_LEN];
    uint64_t meter_no; /* 12 decimal digits */
} element_issue;

/**
 * Make a memory an element, with an empty wallet. Cut short, it is done again.
 * @return RANGE   @p issue, or a memory smaller than ELEMENT_NVM_SIZE
 *         EXISTS  it is one already
 *         IO, CORRUPT  the memory
 */
GT_CHECKED gt_err element_make(const gt_nvm *nvm, const element_issue *issue);

/**
 * Power on.
 * @return NOT_FOUND  not an element; RANGE, IO, CORRUPT the memory
 */
GT_CHECKED gt_err element_open(element *e, const element_ports *ports);

/** As the reset line: forgets challenges and who proved himself. @return length of the ATR */
size_t element_reset(element *e, uint8_t out[GT_ATR_MAX]);

/** One command. Whatever @p command is, there is an answer. */
void element_apdu(element *e, const uint8_t *command, size_t len, gt_apdu_answer *out);

/** The element as the chip that a meter talks to. */
gt_apdu element_port(element *e);

#endif
