/**
 * @file state.h
 * @brief Everything a meter must not forget, and its byte image in the memory.
 *
 * Layer:   meter. Pure.
 * The image is written when anything but consumption changed; consumption since the newest image is
 * 38 bytes, written far more often.
 */
#ifndef GT_METER_STATE_H
#define GT_METER_STATE_H

#include "base/bytes.h"
#include "domain/credit.h"
#include "domain/overload.h"
#include "meter/config.h"
#include "meter/demand.h"
#include "meter/record.h"
#include "meter/register.h"

#include <stdbool.h>
#include <stdint.h>

enum { METER_STATE_LEN_MAX = 920, METER_USE_LEN = 26, METER_DAY_NONE = -1 };

/** Replay and attack protection of one kind of command. */
typedef struct meter_guard {
    uint32_t count;                  /* of the last one taken */
    uint8_t last_mac[METER_MAC_LEN]; /* the same bytes again are answered, not done again */
    uint8_t wrong;                   /* wrong MACs today */
    int32_t wrong_day;               /* civil day of the first of them; METER_DAY_NONE */
} meter_guard;

/** What an order may change. It is set aside while an order is carried out: when the memory fails,
 * it is put back whole. Consumption is not in here, save the balance. */
typedef struct meter_account {
    uint64_t meter_no;
    uint64_t customer_no;
    meter_life life;
    gt_money balance; /* below zero: a debt */
    int32_t carry_e6; /* part of a fen owed */
    uint32_t purchased_fen;
    uint32_t purchase_last_fen;
    meter_guard guard[METER_KEY_PURPOSES];
    meter_parameter parameter;
    tariff_tiers tiers;
    meter_settle_day settle[METER_SETTLE_DAYS];
    uint8_t demand_min;                /* interval of demand */
    uint8_t demand_slide_min;          /* divides it */
    uint32_t switch_min[TARIFF_PARTS]; /* civil minute since 1970 at which the spare set takes over;
                                          0: none */
    uint8_t second_sets;               /* bit tariff_part: the second of two sets is in force */
    credit_state credit;
    remote_state remote;
    overload_state overload;
    uint8_t overload_trips; /* today */
    bool protected_supply;
    bool emergency; /* emergency credit is taken and not yet repaid */
    uint16_t last_result;
    uint64_t exchange_no; /* meter whose data were imported last; 0: none */
    uint32_t exchange_count;
    int32_t clock_set_day;            /* civil day of the last clock setting */
    uint32_t written[RECORD_CLASSES]; /* records of each class ever */
    uint16_t shown[RECORD_CLASSES];   /* since they were cleared; stops at its end */
    uint32_t incidents;               /* those that go on, from RECORD_POWER_OFF up a bit each */
} meter_account;

typedef struct meter_state {
    meter_account account;
    meter_register forward;
    meter_register reverse;
    uint8_t rate; /* that holds, 1 .. METER_RATES */
    demand_peaks demand_forward;
    demand_peaks demand_reverse;
    gt_energy tier_used; /* since tier_hour */
    gt_energy free_used; /* since free_hour */
    int32_t tier_hour;   /* civil hour since 1970 at which the tiers' cycle began */
    int32_t free_hour;
    int32_t settle_hour;  /* of the newest settlement */
    int32_t freeze_day;   /* civil day of the newest daily freeze */
    int32_t freeze_hour;  /* civil hour of the newest hourly freeze */
    int32_t freeze_month; /* year x 12 + month - 1 of the newest monthly freeze */
    uint32_t stamp_s;     /* UTC when this was saved; 0: not known */
} meter_state;

/** Consumption since the newest image, all of it at that image's rate. */
typedef struct meter_use {
    uint32_t forward_centikwh;
    uint32_t reverse_centikwh;
    uint32_t cost_fen;
} meter_use;

void meter_state_encode(const meter_state *state, gt_wr *w);
/** @return TRUNCATED, TRAILING, MALFORMED or RANGE; @p out only on OK */
GT_CHECKED gt_err meter_state_decode(const uint8_t *buf, size_t len, meter_state *out);

/** The use, and the remainders and time of @p state, METER_USE_LEN bytes. */
void meter_use_encode(const meter_use *use, const meter_state *state, gt_wr *w);
/** Add a use to the state of the image it belongs to. @return RANGE, state then untouched */
GT_CHECKED gt_err meter_use_apply(const uint8_t buf[METER_USE_LEN], meter_state *state,
                                  meter_use *out);

#endif
