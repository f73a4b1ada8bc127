/**
 * @file state.h
 * @brief Everything a meter must not forget, and its byte image in the memory.
 *
 * Layer:   meter. Pure.
 */
#ifndef GT_METER_STATE_H
#define GT_METER_STATE_H

#include "base/bytes.h"
#include "domain/credit.h"
#include "meter/config.h"
#include "meter/register.h"

#include <stdbool.h>
#include <stdint.h>

enum { METER_STATE_LEN_MAX = 240, METER_DAY_NONE = -1 };

/** Replay and attack protection of one kind of command. */
typedef struct meter_guard {
    uint32_t count;                  /* of the last one taken */
    uint8_t last_mac[METER_MAC_LEN]; /* the same bytes again are answered, not done again */
    uint8_t wrong;                   /* wrong MACs today */
    int32_t wrong_day;               /* civil day of the first of them; METER_DAY_NONE */
} meter_guard;

typedef struct meter_state {
    meter_register reg;
    gt_money balance;
    int32_t carry_e6; /* part of a fen owed */
    uint32_t purchased_fen;
    uint32_t purchase_last_fen;
    meter_guard guard[METER_KEY_PURPOSES];
    meter_parameter parameter;
    credit_state credit;
    remote_state remote;
    bool protected_supply;
    uint16_t last_result;
    int32_t freeze_day;    /* civil day of the newest daily freeze */
    int32_t freeze_month;  /* year x 12 + month - 1 of the newest monthly freeze */
    int32_t clock_set_day; /* civil day of the last clock setting */
    uint32_t daily_count;  /* records ever written */
    uint32_t monthly_count;
    uint32_t purchase_records;
    uint32_t event_count;
} meter_state;

void meter_state_encode(const meter_state *state, gt_wr *w);
/** @return TRUNCATED, TRAILING, MALFORMED or RANGE; @p out only on OK */
GT_CHECKED gt_err meter_state_decode(const uint8_t *buf, size_t len, meter_state *out);

#endif
