/**
 * @file service.h
 * @brief What the trade does to a meter: set up, issue, clear, exchange, new terms, new tariff.
 *
 * Layer:   meter.
 * The carrier (card, protocol server) has proven who asks; here stands only whether the meter's
 * state of life takes it. Each is durable when OK is returned, and on IO undone, though a restart
 * may show it done: then nobody may be told anything. A host that calls them itself calls
 * meter_tick first.
 */
#ifndef GT_METER_SERVICE_H
#define GT_METER_SERVICE_H

#include "meter/state.h"

struct meter;

/** What a system-setting card carries. */
typedef struct meter_preset {
    uint64_t meter_no; /* 1 .. 999999999999 */
    meter_parameter parameter;
    tariff_tiers tiers;
    gt_money opening; /* balance to begin with; may not be a debt */
} meter_preset;

/** All: @return CONFLICT the state of life refuses; RANGE a value; IO */

GT_CHECKED gt_err meter_preset_take(struct meter *m, const meter_preset *preset, gt_mono now);
/** Bind a customer. The purchase count stays. */
GT_CHECKED gt_err meter_issue(struct meter *m, uint64_t customer_no, gt_mono now);
/** Registers, demand, records and account to nothing, customer unbound; counts stay, so that no
 * order ever taken is taken again. */
GT_CHECKED gt_err meter_clear(struct meter *m, gt_mono now);
/** All incidents and events but those of clearing. @param identifier for the record of it */
GT_CHECKED gt_err meter_events_clear(struct meter *m, uint32_t identifier, gt_mono now);
GT_CHECKED gt_err meter_strip(struct meter *m, gt_mono now);

GT_CHECKED gt_err meter_terms_set(struct meter *m, const meter_parameter *parameter, gt_mono now);
GT_CHECKED gt_err meter_tiers_set(struct meter *m, const tariff_tiers *tiers, gt_mono now);
/** Settlement days; what lies behind is settled, and a month of tiers or free energy that runs goes
 * on to the next of them. */
GT_CHECKED gt_err meter_settle_set(struct meter *m,
                                   const meter_settle_day settle[METER_SETTLE_DAYS], gt_mono now);
/** Interval of demand and its slide; the window begins anew, the peaks stay. */
GT_CHECKED gt_err meter_demand_set(struct meter *m, uint8_t demand_min, uint8_t slide_min,
                                   gt_mono now);
/** Highest demands to nothing (19H). */
GT_CHECKED gt_err meter_demand_clear(struct meter *m, gt_mono now);
/** When the spare set of a part takes over: civil minute since 1970, 0 never. */
GT_CHECKED gt_err meter_switch_set(struct meter *m, tariff_part part, uint32_t civil_min,
                                   gt_mono now);
/** After tables were written (tariff_store.h): find the day's table anew. */
void meter_tariff_reload(struct meter *m, gt_mono now);

/** A price changed and the customer's energy is to be worth the same money: balance x old / new,
 * rounded down. Only a wallet of energy. @return REPLAY  the count is not above the last one */
typedef struct meter_conversion {
    uint32_t count; /* of parameter orders */
    uint32_t old_e4;
    uint32_t new_e4;
} meter_conversion;
GT_CHECKED gt_err meter_convert(struct meter *m, const meter_conversion *conversion, gt_mono now);

/** What moves with a customer from one meter to another. */
typedef struct meter_exchange {
    uint64_t meter_no; /* of the old one */
    uint64_t customer_no;
    gt_money balance;
    int32_t carry_e6;
    uint32_t count; /* purchases */
    uint32_t purchased_fen;
    uint32_t purchase_last_fen;
    gt_energy forward[1 + METER_RATES]; /* for the papers: the new meter keeps its own */
    meter_parameter parameter;
    tariff_tiers tiers;
} meter_exchange;

/** Take the account out: this meter keeps nothing of it but its counts. */
GT_CHECKED gt_err meter_export(struct meter *m, gt_mono now);
/** What was taken out last, as often as asked (the card may have been pulled). @return NOT_FOUND */
GT_CHECKED gt_err meter_exported(const struct meter *m, meter_exchange *out);
/**
 * Take an account over. Its purchase count goes on, and never back.
 * @return REPLAY    this very account was imported before
 *         MISMATCH  another customer than the meter was issued to
 */
GT_CHECKED gt_err meter_import(struct meter *m, const meter_exchange *exchange, gt_mono now);

enum { METER_EXCHANGE_LEN = 216 };
void meter_exchange_encode(const meter_exchange *exchange, uint8_t out[METER_EXCHANGE_LEN]);
/** @return RANGE */
GT_CHECKED gt_err meter_exchange_decode(const uint8_t buf[METER_EXCHANGE_LEN], meter_exchange *out);

#endif
