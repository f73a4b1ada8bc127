/**
 * @file card_priv.h
 * @brief Shared by card.c (the visit) and card_files.c (what is carried between card and element).
 */
#ifndef GT_METER_CARD_PRIV_H
#define GT_METER_CARD_PRIV_H

#include "meter/card.h"
#include "meter/security_priv.h"

/** Files of a user card, their fields, and the element's files beside those. */
enum {
    CARD_FILE_TERMS = 1,
    CARD_FILE_WALLET = 2,
    CARD_FILE_PRICES = 3, /* then the spare ones in 4; the same numbers in the element */
    CARD_FILE_REPORT = 5, /* so too in the element */
    CARD_TERMS_LEN = 39,
    CARD_TERMS_FLAG_AT = 1,
    CARD_TERMS_FIELDS_AT = 6, /* switching time to voltage transformer, */
    CARD_TERMS_FIELDS_LEN = 20,
    CARD_TERMS_CT_AT = 20,
    CARD_TERMS_METER_AT = 26,
    CARD_TERMS_CUSTOMER_AT = 32,
    CARD_TERMS_KIND_AT = 38,
    CARD_ELEMENT_TERMS = 2, /* element: file and offset of the same fields */
    CARD_ELEMENT_FIELDS_AT = 10,
    CARD_ELEMENT_ALARMS_AT = 16,
    CARD_ELEMENT_KEYS = 6,
};

typedef struct card_visit {
    const gt_apdu *card;
    gt_mono now;
    uint8_t serial[GT_ATR_SERIAL_LEN];
    uint8_t terms[CARD_TERMS_LEN];
    purchase_order order;
} card_visit;

/** From a file of the card, under its MAC, as data of a command to the element. */
typedef struct card_transfer {
    uint8_t from_sfi;
    uint8_t from_offset;
    uint8_t head[GT_APDU_HEAD_LEN];
} card_transfer;

/** @param out  head[4] bytes: text and MAC. @return IO  also when the card gives something else */
GT_CHECKED gt_err card_ask(meter *m, const card_visit *v, const card_transfer *transfer,
                           uint8_t *out);
/** Terms that the card's update flag names: into the element, then into force.
 *  @param out_result METER_RESULT_OTHER when they are no terms (the element has them all the same)
 */
GT_CHECKED gt_err card_terms_take(meter *m, const card_visit *v, uint16_t *out_result);
/** The meter's state as a report on the card. */
GT_CHECKED gt_err card_report(meter *m, const card_visit *v, uint8_t type);

#endif
