/**
 * @file apdu.h
 * @brief A chip that is spoken to in ISO/IEC 7816-4 commands: a security element, a user's card.
 *
 * Layer:   port.
 * Real:    element/ (a security element in software); a board's ISO 7816 or SPI driver of a chip, a
 *          card reader. A driver fetches what a chip offers with 61xx itself.
 */
#ifndef GT_PORT_APDU_H
#define GT_PORT_APDU_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

enum {
    GT_APDU_HEAD_LEN = 5, /* CLA INS P1 P2 P3 */
    GT_APDU_DATA_MAX = 255,
    GT_APDU_MAX = GT_APDU_HEAD_LEN + GT_APDU_DATA_MAX,
    GT_ATR_MAX = 33,
    GT_ATR_SERIAL_AT = 5, /* where elements and cards of this kind carry their serial */
    GT_ATR_SERIAL_LEN = 8,
    GT_SW_OK = 0x9000,
    GT_SW_MEMORY = 0x6581,       /* not written */
    GT_SW_NO_CHALLENGE = 0x6984, /* none was fetched */
    GT_SW_MAC = 0x6988,          /* wrong MAC */
};

typedef struct gt_apdu_answer {
    uint16_t status; /* SW1 SW2 */
    uint8_t len;
    uint8_t data[GT_APDU_DATA_MAX];
} gt_apdu_answer;

typedef struct gt_apdu {
    void *ctx;
    /** Reset the chip; @p out holds GT_ATR_MAX. @return IO no chip, or it does not answer */
    gt_err (*reset)(void *ctx, uint8_t *out, size_t *out_len);
    /** One command. @return IO no answer: whether it was carried out is not known */
    gt_err (*transmit)(void *ctx, const uint8_t *command, size_t len, gt_apdu_answer *out);
} gt_apdu;

#endif
