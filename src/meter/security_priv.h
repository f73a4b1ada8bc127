/**
 * @file security_priv.h
 * @brief What the security files of this folder share.
 */
#ifndef GT_METER_SECURITY_PRIV_H
#define GT_METER_SECURITY_PRIV_H

#include "meter/meter_priv.h"
#include "meter/security.h"

enum {
    SECURITY_CUSTOMER_AT = 36, /* in the element's file 02 */
    SECURITY_METER_NO_AT = 30,
    SECURITY_MINUTES_AT = 43,
    SECURITY_NUMBER_LEN = 6,
    SECURITY_WORD_LEN = 4,
    SECURITY_RECORD_AMOUNT = 1,
    SECURITY_RECORD_COUNT = 3,
};

/** A command for the element, or a card: head, then data (or none: then le bytes are wanted). */
typedef struct security_chip {
    uint8_t cla;
    uint8_t ins;
    uint8_t p1;
    uint8_t p2;
    const uint8_t *data;
    size_t len; /* Lc, or Le when data is NULL */
} security_chip;

/** security.c */
/** Send, with the memory's failures of the other side told as IO. */
GT_CHECKED gt_err security_send(const gt_apdu *to, const security_chip *command,
                                gt_apdu_answer *out);
/** Read that must succeed. @return IO  also when the chip refuses, or answers another length */
GT_CHECKED gt_err security_read(const gt_apdu *from, const security_chip *command, uint8_t *out);
GT_CHECKED gt_err security_file_read(const gt_apdu *from, uint8_t sfi, uint8_t offset, uint8_t *out,
                                     size_t len);
GT_CHECKED gt_err security_record_read(const gt_apdu *from, uint8_t record, uint32_t *out);
GT_CHECKED gt_err security_kept_save(meter *m);

/** Is a remote command to be heard now? @return METER_RESULT_OK, SUSPENDED or AUTH */
uint16_t security_session_check(meter *m, gt_mono now);
void security_session_begin(meter *m, const uint8_t asked[4], gt_mono until);
void security_session_end(meter *m);
/**
 * A command under a MAC (its last bytes): refused when that MAC was taken in this session.
 * @param out_result METER_RESULT_OK, REPEATED or MAC; a wrong MAC is counted
 */
GT_CHECKED gt_err security_send_once(meter *m, const security_chip *command, gt_mono now,
                                     uint16_t *out_result);
/** The same, but taking it again does no harm. */
GT_CHECKED gt_err security_send_mac(meter *m, const security_chip *command, gt_mono now,
                                    uint16_t *out_result);

/** security_wallet.c: amount, count and MAC1, count and MAC2 already turned to the element's order.
 */
GT_CHECKED gt_err security_purchase(meter *m, const uint8_t *data, bool opens, gt_mono now,
                                    uint16_t *out_result);
GT_CHECKED gt_err security_wallet_init(meter *m, const uint8_t *data, gt_mono now,
                                       uint16_t *out_result);
/** Would the meter book it? As meter_purchase_check, and an account opens for the order's customer.
 */
uint16_t security_order_check(meter *m, const purchase_order *order);
/** A purchase that the carrier has checked: remembered, into the wallet by @p increase, booked. */
GT_CHECKED gt_err security_credit(meter *m, const purchase_order *order,
                                  const security_chip *increase, gt_mono now, uint16_t *out_result);
/** Finish a purchase that the element took and the meter did not book. */
GT_CHECKED gt_err security_recover(meter *m, gt_mono now);
/** Take what was used out of the element's wallet. */
GT_CHECKED gt_err security_wallet_settle(meter *m);

#endif
