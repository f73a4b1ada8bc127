/* Writing: the values of a request become an order of service.h. A table comes as a whole; what is
 * not all right changes nothing. */
#include "meter/dlt645_map.h"

#include "meter/comm.h"
#include "meter/incident.h"
#include "meter/service.h"
#include "meter/tariff_store.h"

#include "codec/dlt645/message.h"

#include <string.h>

enum {
    CENTURY = 2000,
    MINUTES_DAY = 1440,
    MINUTES_HOUR = 60,
    E4_KW_WATT = 10,
    WORK_WEEK = 0x7F,
    TIERS_SPARE = 2,
    BOTH = 0x0C, /* DI0 of date and time in one */
};

static unsigned di2(const dlt645_write *s)
{
    return s->di >> 16U & 0xFFU;
}

static unsigned di1(const dlt645_write *s)
{
    return s->di >> 8U & 0xFFU;
}

static unsigned di0(const dlt645_write *s)
{
    return s->di & 0xFFU;
}

uint8_t dlt645_fault_of(gt_err err)
{
    if (err == GT_ERR_OK) {
        return 0;
    }
    if (err == GT_ERR_IO || err == GT_ERR_CORRUPT) {
        return DLT645_SILENT;
    }
    return err == GT_ERR_CONFLICT ? DLT645_FAULT_AUTH : DLT645_FAULT_OTHER;
}

/* @return NOT_FOUND  no more */
static gt_err value_next(const dlt645_write *s, dlt645_value *out)
{
    size_t count = 0;
    GT_TRY(dlt645_walk_take(s->walk, out, 1, &count));
    if (out->absent || out->negative) {
        return GT_ERR_RANGE;
    }
    out->raw *= s->scale;
    return GT_ERR_OK;
}

/* The one value there is. */
static gt_err value_only(const dlt645_write *s, dlt645_value *out)
{
    dlt645_value more;
    GT_TRY(value_next(s, out));
    return value_next(s, &more) == GT_ERR_NOT_FOUND ? GT_ERR_OK : GT_ERR_TRAILING;
}

static gt_err number_only(const dlt645_write *s, int64_t max, int64_t *out)
{
    dlt645_value value;
    GT_TRY(value_only(s, &value));
    if (value.raw > max) {
        return GT_ERR_RANGE;
    }
    *out = value.raw;
    return GT_ERR_OK;
}

static gt_civil civil_of(const dlt645_stamp *s)
{
    return (gt_civil){.year = (int16_t)(CENTURY + s->year),
                      .month = s->month,
                      .day = s->day,
                      .hour = s->hour,
                      .minute = s->minute,
                      .second = s->second};
}

/* Date alone keeps the time of day, time alone the date; so that needs a clock that is known. */
static gt_err clock(const dlt645_write *s)
{
    dlt645_value value;
    gt_civil now = {0};
    GT_TRY(value_only(s, &value));
    gt_civil wanted = civil_of(&value.stamp);
    if (di0(s) != BOTH) {
        GT_TRY(clock_civil(s->m, s->now, &now));
        if (di0(s) == 1) {
            wanted.hour = now.hour;
            wanted.minute = now.minute;
            wanted.second = now.second;
        } else {
            wanted.year = now.year;
            wanted.month = now.month;
            wanted.day = now.day;
        }
    }
    return clock_force(s->m, &wanted, s->now);
}

static gt_err demand_period(const dlt645_write *s)
{
    const meter_account *a = &s->m->state.account;
    int64_t minutes = 0;
    GT_TRY(number_only(s, MINUTES_HOUR, &minutes));
    const uint8_t period = di0(s) == 3 ? (uint8_t)minutes : a->demand_min;
    const uint8_t slide = di0(s) == 4 ? (uint8_t)minutes : a->demand_slide_min;
    return meter_demand_set(s->m, period, slide, s->now);
}

static gt_err switching(const dlt645_write *s)
{
    static const tariff_part part[] = {TARIFF_PART_YEAR, TARIFF_PART_DAY, TARIFF_PART_PRICES,
                                       TARIFF_PART_TIERS};
    static const dlt645_stamp never = {0};
    dlt645_value value;
    uint32_t minute = 0;
    GT_TRY(value_only(s, &value));
    if (memcmp(&value.stamp, &never, sizeof never) != 0) {
        const gt_civil at = civil_of(&value.stamp);
        if (!gt_civil_valid(&at)) {
            return GT_ERR_RANGE;
        }
        minute = (uint32_t)gt_civil_day(&at) * MINUTES_DAY + at.hour * (uint32_t)MINUTES_HOUR +
                 at.minute;
    }
    return meter_switch_set(s->m, part[di0(s) - 6], minute, s->now);
}

static gt_err address(const dlt645_write *s)
{
    dlt645_value value;
    GT_TRY(value_only(s, &value));
    gt_rd r = gt_rd_of(value.bytes, dlt645_value_len(&value));
    const uint64_t low = gt_rd_u32le(&r);
    return comm_address_set(s->m, (uint64_t)gt_rd_u16le(&r) << 32U | low);
}

/* The number is the meter's identity, so it changes only where a setting card may change it. */
static gt_err meter_no(const dlt645_write *s)
{
    const meter_account before = s->m->state.account;
    dlt645_value value;
    GT_TRY(value_only(s, &value));
    if (value.raw == 0) {
        return GT_ERR_RANGE;
    }
    s->m->state.account.meter_no = (uint64_t)value.raw;
    return order_commit(s->m, &before, s->now);
}

static gt_err customer_no(const dlt645_write *s)
{
    dlt645_value value;
    GT_TRY(value_only(s, &value));
    return meter_issue(s->m, (uint64_t)value.raw, s->now);
}

static gt_err speed(const dlt645_write *s)
{
    dlt645_value value;
    GT_TRY(value_only(s, &value));
    return comm_speed_set(s->m, di0(s) == 3 ? METER_LINE_RS485 : METER_LINE_INFRARED,
                          (uint8_t)value.raw);
}

/* A table is written: told in the log, and in force at once. */
static gt_err table_done(const dlt645_write *s, gt_err err)
{
    if (err == GT_ERR_OK) {
        event_append(
            s->m,
            (meter_note){.kind = METER_EVENT_PARAMETER, .detail = (uint8_t)di2(s), .now = s->now});
        meter_tariff_reload(s->m, s->now);
        meter_programmed(s->m, s->now);
    }
    return err;
}

static gt_err week(const dlt645_write *s)
{
    tariff_week now = {0};
    dlt645_value value;
    GT_TRY(value_only(s, &value));
    GT_TRY(tariff_week_read(s->m, &now));
    if (di0(s) == 1) {
        now.rest_days = (uint8_t)(~(unsigned)value.raw & WORK_WEEK);
    } else {
        now.table = (uint8_t)value.raw;
    }
    return table_done(s, tariff_week_write(s->m, &now));
}

static gt_err settle_day(const dlt645_write *s)
{
    meter_settle_day days[METER_SETTLE_DAYS];
    dlt645_value value;
    GT_TRY(value_only(s, &value));
    memcpy(days, s->m->state.account.settle, sizeof days);
    days[di0(s) - 1] = (meter_settle_day){.day = value.stamp.day, .hour = value.stamp.hour};
    return meter_settle_set(s->m, days, s->now);
}

static gt_err power_limit(const dlt645_write *s)
{
    meter_parameter terms = s->m->state.account.parameter;
    int64_t e4_kw = 0;
    GT_TRY(number_only(s, INT32_MAX, &e4_kw));
    terms.power.limit_w = (uint32_t)(e4_kw / E4_KW_WATT);
    return meter_terms_set(s->m, &terms, s->now);
}

static gt_err limit(const dlt645_write *s)
{
    meter_parameter terms = s->m->state.account.parameter;
    const bool by_money = di1(s) == 0x10;
    uint32_t *const by_di0[2][6] = {
        {NULL, &terms.alarm1_fen, &terms.alarm2_fen, &terms.hoarding_fen, &terms.overdraft_fen},
        {NULL, &terms.alarm1_fen, &terms.alarm2_fen, &terms.overdraft_fen, &terms.hoarding_fen,
         &terms.permit_fen}};
    int64_t amount = 0;
    GT_TRY(number_only(s, INT32_MAX, &amount));
    if (by_money != (s->m->cfg->wallet == METER_WALLET_MONEY)) {
        return GT_ERR_RANGE;
    }
    *by_di0[by_money ? 1 : 0][di0(s)] = (uint32_t)amount;
    return meter_terms_set(s->m, &terms, s->now);
}

/* Masters fill a table up with its last entry. */
static bool same(const dlt645_value *value, const dlt645_stamp *last)
{
    return memcmp(&value->stamp, last, sizeof *last) == 0;
}

static gt_err zones(const dlt645_write *s)
{
    tariff_year year = {0};
    dlt645_stamp last = {0};
    dlt645_value value;
    gt_err err = value_next(s, &value);
    for (; err == GT_ERR_OK; err = value_next(s, &value)) {
        if (year.count > 0 && same(&value, &last)) {
            continue;
        }
        if (year.count == TARIFF_ZONES_MAX) {
            return GT_ERR_SPACE;
        }
        last = value.stamp;
        year.zone[year.count++] =
            (tariff_zone){.month = last.month, .day = last.day, .table = last.number};
    }
    return err != GT_ERR_NOT_FOUND ? err
                                   : table_done(s, tariff_year_write(s->m, di2(s) - 1, &year));
}

static gt_err periods(const dlt645_write *s)
{
    tariff_schedule day = {0};
    dlt645_stamp last = {0};
    dlt645_value value;
    gt_err err = value_next(s, &value);
    for (; err == GT_ERR_OK; err = value_next(s, &value)) {
        if (day.count > 0 && same(&value, &last)) {
            continue;
        }
        if (day.count == METER_PERIODS_MAX) {
            return GT_ERR_SPACE;
        }
        last = value.stamp;
        if (last.number > METER_RATES) {
            return GT_ERR_UNSUPPORTED;
        }
        day.period[day.count++] = (tariff_period){
            .start_min = (uint16_t)(last.hour * MINUTES_HOUR + last.minute), .rate = last.number};
    }
    return err != GT_ERR_NOT_FOUND
               ? err
               : table_done(s, tariff_day_write(s->m, di2(s) - 1, di0(s), &day));
}

static gt_err holiday(const dlt645_write *s)
{
    dlt645_value value;
    GT_TRY(value_only(s, &value));
    const tariff_holiday day = {.year = value.stamp.year,
                                .month = value.stamp.month,
                                .day = value.stamp.day,
                                .table = value.stamp.number};
    return table_done(s, tariff_holiday_write(s->m, di0(s) - 1, &day));
}

static gt_err price(const dlt645_write *s)
{
    uint32_t spare[METER_RATES] = {0};
    int64_t e4 = 0;
    GT_TRY(number_only(s, TARIFF_PRICE_MAX_E4, &e4));
    if (di1(s) == 2) {
        GT_TRY(tariff_spare_prices_read(s->m, spare));
        spare[di0(s) - 1] = (uint32_t)e4;
        return table_done(s, tariff_spare_prices_write(s->m, spare));
    }
    meter_parameter terms = s->m->state.account.parameter;
    terms.price_e4[di0(s) - 1] = (uint32_t)e4;
    return meter_terms_set(s->m, &terms, s->now);
}

static gt_err tier(const dlt645_write *s)
{
    tariff_tiers tiers = s->m->state.account.tiers;
    const bool spare = di1(s) >= TIERS_SPARE;
    const bool step = di1(s) % 2 == 0;
    int64_t number = 0;
    GT_TRY(number_only(s, step ? INT32_MAX : TARIFF_PRICE_MAX_E4, &number));
    if (spare) {
        GT_TRY(tariff_spare_tiers_read(s->m, &tiers));
    }
    (step ? tiers.upto_centikwh : tiers.price_e4)[di0(s) - 1] = (uint32_t)number;
    return spare ? table_done(s, tariff_spare_tiers_write(s->m, &tiers))
                 : meter_tiers_set(s->m, &tiers, s->now);
}

/* So many steps make one more tier; none: no tiers. */
static gt_err tiers_count(const dlt645_write *s)
{
    tariff_tiers tiers = s->m->state.account.tiers;
    int64_t steps = 0;
    GT_TRY(number_only(s, TARIFF_TIERS_MAX - 1, &steps));
    tiers.count = steps == 0 ? 0 : (uint8_t)(steps + 1);
    return meter_tiers_set(s->m, &tiers, s->now);
}

typedef struct write_row {
    uint32_t first;
    uint8_t di1_last;
    uint8_t di0_last;
    bool guarded;
    uint8_t act; /* meter_act */
    gt_err (*take)(const dlt645_write *write);
} write_row;

static const write_row write_rows[] = {
#define WRITE(first, di1_last, di0_last, guarded, act, function) \
    {first, di1_last, di0_last, guarded, METER_ACT_##act, function},
#include "meter/dlt645_map.def"
};

static const write_row *row_find(uint32_t di)
{
    const uint8_t one = (uint8_t)(di >> 8U);
    const uint8_t zero = (uint8_t)di;
    for (size_t i = 0; i < sizeof write_rows / sizeof write_rows[0]; i++) {
        const write_row *row = &write_rows[i];
        if (row->first >> 16U == di >> 16U && one >= (uint8_t)(row->first >> 8U) &&
            one <= row->di1_last && zero >= (uint8_t)row->first && zero <= row->di0_last) {
            return row;
        }
    }
    return NULL;
}

bool dlt645_map_guarded(uint32_t di)
{
    const write_row *row = row_find(di);
    return row != NULL && row->guarded;
}

/* A table with too many entries has bits of its own. */
static uint8_t fault_of(const dlt645_write *s, gt_err err)
{
    if (err == GT_ERR_UNSUPPORTED) {
        return DLT645_FAULT_TARIFFS;
    }
    if (err != GT_ERR_SPACE) {
        return dlt645_fault_of(err);
    }
    return di0(s) == 0 ? DLT645_FAULT_ZONES : DLT645_FAULT_PERIODS;
}

uint8_t dlt645_map_write(const dlt645_write *write)
{
    const write_row *row = row_find(write->di);
    if (row == NULL) {
        return DLT645_FAULT_NO_DATA;
    }
    if (!order_allowed(write->m, (meter_act)row->act)) {
        return DLT645_FAULT_AUTH;
    }
    return fault_of(write, row->take(write));
}
