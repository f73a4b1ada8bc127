/**
 * @file receipt.h
 * @brief The receipt of a sale: what it says, and how often it was printed.
 *
 * Layer:   service. The body of a transaction on the till database.
 * The check code is the beginning of the hash of the sale's entry in the ledger: whoever has the
 * ledger can tell a receipt that was made up, and nobody can make one up without it.
 */
#ifndef GT_VENDING_RECEIPT_H
#define GT_VENDING_RECEIPT_H

#include "domain/receipt.h"
#include "vending/order.h"

enum {
    VENDING_RECEIPT_PARTS = 3,   /* 存根 stub, 客户 customer, 记账 accounts */
    VENDING_CHECK_CODE_MAX = 13, /* "A1B2-C3D4-E5", with terminator */
    VENDING_PLACE_MAX = 64,
};

typedef struct vending_receipt {
    vending_order order;
    char building[VENDING_PLACE_MAX];
    char floor[VENDING_PLACE_MAX];
    char room[VENDING_PLACE_MAX];
    char customer[VENDING_PLACE_MAX]; /* "" when the room has no open account */
    uint64_t meter_no;
    char code[VENDING_CHECK_CODE_MAX];
    uint32_t print_no; /* 1: the receipt; 2 and up: a copy, and marked so */
    gt_utc printed;
} vending_receipt;

/**
 * Print once more: counted, and noted in the log of acts.
 *
 * @return NOT_FOUND  no such order
 *         CORRUPT    its sale is not in the ledger
 */
GT_CHECKED gt_err vending_receipt_print(const store_tx *tx, int64_t order_id,
                                        const char *operator_name, gt_utc now,
                                        vending_receipt *out);

/** What the shop adds. */
typedef struct vending_receipt_shop {
    const char *station;
    int zone_min;
} vending_receipt_shop;

/** The fields of a template, for each part. */
void vending_receipt_fill(const vending_receipt *receipt, const vending_receipt_shop *shop,
                          receipt_values out[VENDING_RECEIPT_PARTS]);

#endif
