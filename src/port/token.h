/**
 * @file token.h
 * @brief What understands digits typed into a meter: a credit token of one kind or another.
 *
 * Layer:   port.
 * Real:    none yet but a test's; STS and OpenPAYGO come with the carriers.
 */
#ifndef GT_PORT_TOKEN_H
#define GT_PORT_TOKEN_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

enum { GT_TOKEN_DIGITS_MAX = 24, GT_TOKEN_ID_LEN = 8 };

typedef struct gt_token_credit {
    uint32_t amount_fen;         /* 0.01 kWh in a wallet of energy */
    uint8_t id[GT_TOKEN_ID_LEN]; /* of this token, another for every token */
} gt_token_credit;

typedef struct gt_token {
    void *ctx;
    /** @return AUTH not made for this meter; REPLAY used, or too old to tell; IO */
    gt_err (*judge)(void *ctx, const uint8_t *digits, size_t len, gt_token_credit *out);
    /** Never take that token again; durable when OK. Told more than once, and also of ids that are
     * none of its own, which it ignores. */
    gt_err (*spend)(void *ctx, const uint8_t id[GT_TOKEN_ID_LEN]);
} gt_token;

#endif
