/**
 * @file tariff_store.h
 * @brief The tariff's tables in the meter's memory.
 *
 * Layer:   meter.
 * A set is 0 or 1; a table 1 .. TARIFF_TABLES. All return RANGE for a table that its check refuses,
 * IO, or CORRUPT for one that was stored but makes no sense. Before a write the caller asks
 * order_allowed(METER_ACT_PARAMETER); what is written holds after meter_tariff_reload (service.h).
 */
#ifndef GT_METER_TARIFF_STORE_H
#define GT_METER_TARIFF_STORE_H

#include "base/bytes.h"
#include "meter/tariff.h"

struct meter;

GT_CHECKED gt_err tariff_year_read(const struct meter *m, unsigned set, tariff_year *out);
GT_CHECKED gt_err tariff_year_write(struct meter *m, unsigned set, const tariff_year *year);
GT_CHECKED gt_err tariff_day_read(const struct meter *m, unsigned set, unsigned table,
                                  tariff_schedule *out);
GT_CHECKED gt_err tariff_day_write(struct meter *m, unsigned set, unsigned table,
                                   const tariff_schedule *schedule);
GT_CHECKED gt_err tariff_week_read(const struct meter *m, tariff_week *out);
GT_CHECKED gt_err tariff_week_write(struct meter *m, const tariff_week *week);
/** @param nth 0 .. TARIFF_HOLIDAYS_MAX - 1 */
GT_CHECKED gt_err tariff_holiday_read(const struct meter *m, unsigned nth, tariff_holiday *out);
GT_CHECKED gt_err tariff_holiday_write(struct meter *m, unsigned nth,
                                       const tariff_holiday *holiday);
/** Spare prices and tiers take over at the time of their part; those in force are in the account.
 */
GT_CHECKED gt_err tariff_spare_prices_read(const struct meter *m, uint32_t out_e4[METER_RATES]);
GT_CHECKED gt_err tariff_spare_prices_write(struct meter *m, const uint32_t price_e4[METER_RATES]);
GT_CHECKED gt_err tariff_spare_tiers_read(const struct meter *m, tariff_tiers *out);
GT_CHECKED gt_err tariff_spare_tiers_write(struct meter *m, const tariff_tiers *tiers);
/** Day table and kind of a date. @param out_holiday a public holiday */
GT_CHECKED gt_err tariff_day_find(const struct meter *m, const gt_civil *date, tariff_schedule *out,
                                  bool *out_holiday);
/** Tiers as 56 bytes. @return RANGE */
void tariff_tiers_put(gt_wr *w, const tariff_tiers *tiers);
GT_CHECKED gt_err tariff_tiers_get(gt_rd *r, tariff_tiers *out);
/** The set of that part that is in force, 0 or 1. */
unsigned tariff_set(const struct meter *m, tariff_part part);

#endif
