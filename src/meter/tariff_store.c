/* The tables in the memory: each a block. A table never written is what the factory configured: its
 * one schedule every day of the year, no rest days, no holidays, no tiers. */
#include "meter/meter_priv.h"

#include "base/bytes.h"

#include <string.h>

enum { HOLIDAYS_BLOCK = 32, HOLIDAY_LEN = 4 };

static_assert(BLOCK_HOLIDAYS_COUNT * HOLIDAYS_BLOCK >= TARIFF_HOLIDAYS_MAX, "all holidays");

gt_err tariff_year_read(const meter *m, unsigned set, tariff_year *out)
{
    uint8_t buf[BLOCK_LEN_MAX];
    const gt_err err = block_read(m, BLOCK_YEAR, set, buf);
    if (err == GT_ERR_NOT_FOUND) {
        *out = (tariff_year){.count = 1, .zone = {{.month = 1, .day = 1, .table = 1}}};
        return GT_ERR_OK;
    }
    GT_TRY(err);
    gt_rd r = gt_rd_of(buf, BLOCK_YEAR_LEN);
    tariff_year year = {.count = gt_rd_u8(&r)};
    for (unsigned i = 0; i < TARIFF_ZONES_MAX; i++) {
        year.zone[i].month = gt_rd_u8(&r);
        year.zone[i].day = gt_rd_u8(&r);
        year.zone[i].table = gt_rd_u8(&r);
    }
    if (gt_rd_done(&r) != GT_ERR_OK || tariff_year_check(&year) != GT_ERR_OK) {
        return GT_ERR_CORRUPT;
    }
    *out = year;
    return GT_ERR_OK;
}

gt_err tariff_year_write(meter *m, unsigned set, const tariff_year *year)
{
    GT_TRY(tariff_year_check(year));
    uint8_t buf[BLOCK_LEN_MAX];
    gt_wr w = gt_wr_of(buf, sizeof buf);
    gt_wr_u8(&w, year->count);
    for (unsigned i = 0; i < TARIFF_ZONES_MAX; i++) {
        gt_wr_u8(&w, year->zone[i].month);
        gt_wr_u8(&w, year->zone[i].day);
        gt_wr_u8(&w, year->zone[i].table);
    }
    GT_ASSERT(w.len == BLOCK_YEAR_LEN);
    return block_write(m, BLOCK_YEAR, set, buf);
}

static unsigned day_block(unsigned set, unsigned table)
{
    return set * TARIFF_TABLES + table - 1;
}

gt_err tariff_day_read(const meter *m, unsigned set, unsigned table, tariff_schedule *out)
{
    uint8_t buf[BLOCK_LEN_MAX];
    const gt_err err = block_read(m, BLOCK_DAY, day_block(set, table), buf);
    if (err == GT_ERR_NOT_FOUND) {
        *out = m->cfg->schedule;
        return GT_ERR_OK;
    }
    GT_TRY(err);
    gt_rd r = gt_rd_of(buf, BLOCK_DAY_LEN);
    tariff_schedule schedule = {.count = gt_rd_u8(&r)};
    for (unsigned i = 0; i < METER_PERIODS_MAX; i++) {
        schedule.period[i].start_min = gt_rd_u16le(&r);
        schedule.period[i].rate = gt_rd_u8(&r);
    }
    if (gt_rd_done(&r) != GT_ERR_OK || tariff_schedule_check(&schedule) != GT_ERR_OK) {
        return GT_ERR_CORRUPT;
    }
    *out = schedule;
    return GT_ERR_OK;
}

gt_err tariff_day_write(meter *m, unsigned set, unsigned table, const tariff_schedule *schedule)
{
    GT_TRY(tariff_schedule_check(schedule));
    uint8_t buf[BLOCK_LEN_MAX];
    gt_wr w = gt_wr_of(buf, sizeof buf);
    gt_wr_u8(&w, schedule->count);
    for (unsigned i = 0; i < METER_PERIODS_MAX; i++) {
        gt_wr_u16le(&w, schedule->period[i].start_min);
        gt_wr_u8(&w, schedule->period[i].rate);
    }
    GT_ASSERT(w.len == BLOCK_DAY_LEN);
    return block_write(m, BLOCK_DAY, day_block(set, table), buf);
}

gt_err tariff_week_read(const meter *m, tariff_week *out)
{
    uint8_t buf[BLOCK_WEEK_LEN];
    const gt_err err = block_read(m, BLOCK_WEEK, 0, buf);
    if (err == GT_ERR_NOT_FOUND) {
        *out = (tariff_week){0};
        return GT_ERR_OK;
    }
    GT_TRY(err);
    const tariff_week week = {.rest_days = buf[0], .table = buf[1]};
    if (tariff_week_check(&week) != GT_ERR_OK) {
        return GT_ERR_CORRUPT;
    }
    *out = week;
    return GT_ERR_OK;
}

gt_err tariff_week_write(meter *m, const tariff_week *week)
{
    GT_TRY(tariff_week_check(week));
    const uint8_t buf[BLOCK_WEEK_LEN] = {week->rest_days, week->table};
    return block_write(m, BLOCK_WEEK, 0, buf);
}

/* A block never written is all zero: empty places. */
static gt_err holidays_read(const meter *m, unsigned nth, uint8_t buf[BLOCK_LEN_MAX])
{
    const gt_err err = block_read(m, BLOCK_HOLIDAYS, nth, buf);
    if (err == GT_ERR_NOT_FOUND) {
        memset(buf, 0, BLOCK_LEN_MAX);
        return GT_ERR_OK;
    }
    return err;
}

static tariff_holiday holiday_of(const uint8_t bytes[HOLIDAY_LEN])
{
    return (tariff_holiday){bytes[0], bytes[1], bytes[2], bytes[3]};
}

gt_err tariff_holiday_read(const meter *m, unsigned nth, tariff_holiday *out)
{
    GT_ASSERT(nth < TARIFF_HOLIDAYS_MAX);
    uint8_t buf[BLOCK_LEN_MAX];
    GT_TRY(holidays_read(m, nth / HOLIDAYS_BLOCK, buf));
    *out = holiday_of(buf + (size_t)(nth % HOLIDAYS_BLOCK) * HOLIDAY_LEN);
    return GT_ERR_OK;
}

gt_err tariff_holiday_write(meter *m, unsigned nth, const tariff_holiday *holiday)
{
    GT_ASSERT(nth < TARIFF_HOLIDAYS_MAX);
    GT_TRY(tariff_holiday_check(holiday));
    uint8_t buf[BLOCK_LEN_MAX];
    GT_TRY(holidays_read(m, nth / HOLIDAYS_BLOCK, buf));
    const uint8_t bytes[HOLIDAY_LEN] = {holiday->year, holiday->month, holiday->day,
                                        holiday->table};
    memcpy(buf + (size_t)(nth % HOLIDAYS_BLOCK) * HOLIDAY_LEN, bytes, sizeof bytes);
    return block_write(m, BLOCK_HOLIDAYS, nth / HOLIDAYS_BLOCK, buf);
}

gt_err tariff_spare_prices_read(const meter *m, uint32_t out_e4[METER_RATES])
{
    uint8_t buf[BLOCK_PRICES_LEN];
    const gt_err err = block_read(m, BLOCK_PRICES, 0, buf);
    if (err == GT_ERR_NOT_FOUND) {
        memcpy(out_e4, m->state.account.parameter.price_e4, METER_RATES * sizeof out_e4[0]);
        return GT_ERR_OK;
    }
    GT_TRY(err);
    gt_rd r = gt_rd_of(buf, sizeof buf);
    for (unsigned i = 0; i < METER_RATES; i++) {
        out_e4[i] = gt_rd_u32le(&r);
    }
    return GT_ERR_OK;
}

gt_err tariff_spare_prices_write(meter *m, const uint32_t price_e4[METER_RATES])
{
    uint8_t buf[BLOCK_PRICES_LEN];
    gt_wr w = gt_wr_of(buf, sizeof buf);
    for (unsigned i = 0; i < METER_RATES; i++) {
        if (price_e4[i] > TARIFF_PRICE_MAX_E4) {
            return GT_ERR_RANGE;
        }
        gt_wr_u32le(&w, price_e4[i]);
    }
    return block_write(m, BLOCK_PRICES, 0, buf);
}

void tariff_tiers_put(gt_wr *w, const tariff_tiers *tiers)
{
    gt_wr_u8(w, tiers->count);
    gt_wr_u8(w, (uint8_t)tiers->cycle);
    gt_wr_u8(w, tiers->year_month);
    gt_wr_u8(w, tiers->year_day);
    for (unsigned i = 0; i < TARIFF_TIERS_MAX - 1; i++) {
        gt_wr_u32le(w, tiers->upto_centikwh[i]);
    }
    for (unsigned i = 0; i < TARIFF_TIERS_MAX; i++) {
        gt_wr_u32le(w, tiers->price_e4[i]);
    }
}

gt_err tariff_tiers_get(gt_rd *r, tariff_tiers *out)
{
    tariff_tiers tiers = {.count = gt_rd_u8(r)};
    tiers.cycle = (tariff_cycle)gt_rd_u8(r);
    tiers.year_month = gt_rd_u8(r);
    tiers.year_day = gt_rd_u8(r);
    for (unsigned i = 0; i < TARIFF_TIERS_MAX - 1; i++) {
        tiers.upto_centikwh[i] = gt_rd_u32le(r);
    }
    for (unsigned i = 0; i < TARIFF_TIERS_MAX; i++) {
        tiers.price_e4[i] = gt_rd_u32le(r);
    }
    GT_TRY(tariff_tiers_check(&tiers));
    *out = tiers;
    return GT_ERR_OK;
}

gt_err tariff_spare_tiers_read(const meter *m, tariff_tiers *out)
{
    uint8_t buf[BLOCK_TIERS_LEN];
    const gt_err err = block_read(m, BLOCK_TIERS, 0, buf);
    if (err == GT_ERR_NOT_FOUND) {
        *out = m->state.account.tiers;
        return GT_ERR_OK;
    }
    GT_TRY(err);
    gt_rd r = gt_rd_of(buf, sizeof buf);
    return tariff_tiers_get(&r, out) == GT_ERR_OK ? GT_ERR_OK : GT_ERR_CORRUPT;
}

gt_err tariff_spare_tiers_write(meter *m, const tariff_tiers *tiers)
{
    GT_TRY(tariff_tiers_check(tiers));
    uint8_t buf[BLOCK_TIERS_LEN];
    gt_wr w = gt_wr_of(buf, sizeof buf);
    tariff_tiers_put(&w, tiers);
    GT_ASSERT(w.len == BLOCK_TIERS_LEN);
    return block_write(m, BLOCK_TIERS, 0, buf);
}

unsigned tariff_set(const meter *m, tariff_part part)
{
    return (unsigned)m->state.account.second_sets >> (unsigned)part & 1U;
}

static gt_err holiday_find(const meter *m, const gt_civil *date, uint8_t *out_table)
{
    *out_table = 0;
    for (unsigned block = 0; block < BLOCK_HOLIDAYS_COUNT; block++) {
        uint8_t buf[BLOCK_LEN_MAX];
        GT_TRY(holidays_read(m, block, buf));
        for (unsigned i = 0; i < HOLIDAYS_BLOCK; i++) {
            const tariff_holiday day = holiday_of(buf + (size_t)i * HOLIDAY_LEN);
            if (day.table != 0 && day.table <= TARIFF_TABLES && date->year % 100 == day.year &&
                date->month == day.month && date->day == day.day) {
                *out_table = day.table;
                return GT_ERR_OK;
            }
        }
    }
    return GT_ERR_OK;
}

gt_err tariff_day_find(const meter *m, const gt_civil *date, tariff_schedule *out,
                       bool *out_holiday)
{
    uint8_t table = 0;
    GT_TRY(holiday_find(m, date, &table));
    const bool holiday = table != 0;
    if (table == 0) {
        tariff_week week;
        GT_TRY(tariff_week_read(m, &week));
        table = (week.rest_days >> gt_civil_weekday(date) & 1U) != 0 ? week.table : 0;
    }
    if (table == 0) {
        tariff_year year;
        GT_TRY(tariff_year_read(m, tariff_set(m, TARIFF_PART_YEAR), &year));
        table = tariff_zone_at(&year, date->month, date->day);
    }
    GT_TRY(tariff_day_read(m, tariff_set(m, TARIFF_PART_DAY), table, out));
    *out_holiday = holiday;
    return GT_ERR_OK;
}
