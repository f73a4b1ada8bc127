/* Reading: an identifier leads to its row, the row to a number or to a function that finds the
 * value. Nothing here knows how a value looks on the wire. */
#include "meter/dlt645_map.h"

#include "meter/comm.h"
#include "meter/dlt645_log.h"
#include "meter/settlement.h"
#include "meter/tariff_store.h"

#include "base/bytes.h"

enum {
    COMBINED_FORWARD = 1, /* bit 0 of the word: forward active energy is added */
    REGISTER_ROLL = 100000000,
    CENTURY = 2000,
    MINUTES_DAY = 1440,
    MINUTES_HOUR = 60,
    HOURS_DAY = 24,
    US_MINUTE = 60000000,
    E4_KW_WATT = 10,
    MILLIAMPERE_CA = 10,
    MILLIVA_E4_KVA = 100,
    WORK_WEEK = 0x7F,
    TIERS_SPARE = 2, /* DI1 of the spare set */
};

static unsigned di2(const dlt645_at *v)
{
    return v->di >> 16U & 0xFFU;
}

static unsigned di1(const dlt645_at *v)
{
    return v->di >> 8U & 0xFFU;
}

static unsigned di0(const dlt645_at *v)
{
    return v->di & 0xFFU;
}

/* Formats for many values have as many as there are; all others have one. */
static gt_err only(const dlt645_at *v, int64_t raw, dlt645_value *out)
{
    if (v->element != 0) {
        return GT_ERR_NOT_FOUND;
    }
    out->raw = raw;
    return GT_ERR_OK;
}

dlt645_stamp dlt645_map_stamp(const gt_civil *civil)
{
    return (dlt645_stamp){.year = (uint8_t)(civil->year - CENTURY),
                          .month = civil->month,
                          .day = civil->day,
                          .weekday = (uint8_t)gt_civil_weekday(civil),
                          .hour = civil->hour,
                          .minute = civil->minute,
                          .second = civil->second};
}

dlt645_stamp dlt645_map_stamp_of_minute(uint32_t civil_min)
{
    gt_civil date = {0};
    if (civil_min == 0 || gt_civil_of_day((int32_t)(civil_min / MINUTES_DAY), &date) != GT_ERR_OK) {
        return (dlt645_stamp){0};
    }
    date.hour = (uint8_t)(civil_min % MINUTES_DAY / MINUTES_HOUR);
    date.minute = (uint8_t)(civil_min % MINUTES_HOUR);
    return dlt645_map_stamp(&date);
}

static int64_t sum(const int32_t phase[METER_PHASES])
{
    return (int64_t)phase[0] + phase[1] + phase[2];
}

static int64_t of_phase(const int32_t phase[METER_PHASES], unsigned nth)
{
    return nth == 0 ? sum(phase) : phase[nth - 1];
}

static gt_err energy(const dlt645_at *v, dlt645_value *out)
{
    const bool reverse = di2(v) == 2;
    meter_settlement set = {0};
    int64_t centikwh = 0;
    if (di0(v) != 0) {
        GT_TRY(meter_settlement_get(v->m, di0(v) - 1, &set));
        centikwh = (reverse ? set.reverse : set.forward)[di1(v)].centikwh;
    } else {
        const meter_register *now = reverse ? &v->m->state.reverse : &v->m->state.forward;
        centikwh = (di1(v) == 0 ? now->total : now->rate[di1(v) - 1]).centikwh;
    }
    return only(v, centikwh % REGISTER_ROLL, out); /* as its dials turn over */
}

static gt_err balance(const dlt645_at *v, dlt645_value *out)
{
    const bool by_money = di1(v) == 2;
    const int64_t fen = v->m->state.account.balance.fen;
    if (by_money != (v->m->cfg->wallet == METER_WALLET_MONEY)) {
        return GT_ERR_NOT_FOUND;
    }
    const int64_t shown = di0(v) == 0 ? fen : -fen;
    return only(v, shown > 0 ? shown : 0, out);
}

static gt_err demand(const dlt645_at *v, dlt645_value *out)
{
    const bool reverse = di2(v) == 2;
    meter_settlement set = {0};
    const demand_peaks *peaks = reverse ? &v->m->state.demand_reverse : &v->m->state.demand_forward;
    if (di0(v) != 0) {
        GT_TRY(meter_settlement_get(v->m, di0(v) - 1, &set));
        peaks = reverse ? &set.demand_reverse : &set.demand_forward;
    }
    const demand_peak *peak = &peaks->at[di1(v)];
    out->stamp = dlt645_map_stamp_of_minute(peak->at_min);
    return only(v, peak->e4_kw, out);
}

static gt_err voltage(const dlt645_at *v, dlt645_value *out)
{
    return only(v, v->m->measured.voltage_dv[di1(v) - 1], out);
}

static gt_err current(const dlt645_at *v, dlt645_value *out)
{
    return only(v, (int64_t)v->m->measured.current_ca[di1(v) - 1] * MILLIAMPERE_CA, out);
}

static gt_err power(const dlt645_at *v, dlt645_value *out)
{
    return only(v, of_phase(v->m->measured.power_w, di1(v)) * E4_KW_WATT, out);
}

static gt_err reactive(const dlt645_at *v, dlt645_value *out)
{
    return only(v, of_phase(v->m->measured.reactive_var, di1(v)) * E4_KW_WATT, out);
}

/* Volts times amperes; of all phases their sum. */
static gt_err apparent(const dlt645_at *v, dlt645_value *out)
{
    const meter_measurement *now = &v->m->measured;
    int64_t total = 0;
    for (unsigned i = 0; i < METER_PHASES; i++) {
        const int64_t milliva = (int64_t)now->voltage_dv[i] * now->current_ca[i];
        total += di1(v) == 0 || di1(v) == i + 1 ? milliva : 0;
    }
    return only(v, total / MILLIVA_E4_KVA, out);
}

static gt_err factor(const dlt645_at *v, dlt645_value *out)
{
    const meter_measurement *now = &v->m->measured;
    return only(v, di1(v) == 0 ? now->factor_total_e3 : now->factor_e3[di1(v) - 1], out);
}

static int64_t tier_price(const meter_state *s)
{
    const tariff_tiers *tiers = &s->account.tiers;
    int64_t room = 0;
    return tiers->count == 0 ? 0 : tiers->price_e4[tariff_tier_at(tiers, s->tier_used, &room)];
}

static int64_t auth_left_min(const dlt645_at *v)
{
    const meter_security *security = &v->m->security;
    const int64_t left_us = security->until.us - v->now.us;
    return security->live && left_us > 0 ? (left_us + US_MINUTE - 1) / US_MINUTE : 0;
}

typedef enum purchase_part {
    PURCHASE_TIME = 1,
    PURCHASE_COUNT,
    PURCHASE_AMOUNT,
    PURCHASE_BEFORE,
    PURCHASE_AFTER,
    PURCHASE_TOTAL,
} purchase_part;

static dlt645_stamp stamp_read(gt_rd *r, bool to_the_second)
{
    dlt645_stamp s = {.year = (uint8_t)gt_rd_bcd_be(r, 1)};
    s.month = (uint8_t)gt_rd_bcd_be(r, 1);
    s.day = (uint8_t)gt_rd_bcd_be(r, 1);
    s.hour = (uint8_t)gt_rd_bcd_be(r, 1);
    if (to_the_second) {
        s.minute = (uint8_t)gt_rd_bcd_be(r, 1);
        s.second = (uint8_t)gt_rd_bcd_be(r, 1);
    }
    return s;
}

/* The record as modbus_map.def (BOUGHT) lays it out. */
static gt_err purchase(const dlt645_at *v, dlt645_value *out)
{
    uint8_t payload[RECORD_PURCHASE_LEN];
    const bool by_money = di2(v) == 0x33;
    if (by_money != (v->m->cfg->wallet == METER_WALLET_MONEY)) {
        return GT_ERR_NOT_FOUND;
    }
    GT_TRY(record_read(v->m, RECORD_PURCHASE, di0(v) - 1, payload));
    gt_rd r = gt_rd_of(payload, sizeof payload);
    int64_t number[PURCHASE_TOTAL + 1] = {0};
    out->stamp = stamp_read(&r, true);
    number[PURCHASE_AMOUNT] = gt_rd_u32be(&r);
    number[PURCHASE_BEFORE] = (int32_t)gt_rd_u32be(&r);
    number[PURCHASE_AFTER] = (int32_t)gt_rd_u32be(&r);
    number[PURCHASE_COUNT] = gt_rd_u16be(&r);
    number[PURCHASE_TOTAL] = gt_rd_u32be(&r);
    const int64_t raw = number[di1(v)];
    return only(v, raw > 0 ? raw : 0, out); /* remaining: what is owed is none */
}

static gt_err clock(const dlt645_at *v, dlt645_value *out)
{
    gt_civil civil = {0};
    if (clock_civil(v->m, v->now, &civil) != GT_ERR_OK) {
        out->absent = true; /* not known */
    } else {
        out->stamp = dlt645_map_stamp(&civil);
    }
    return only(v, 0, out);
}

static gt_err switching(const dlt645_at *v, dlt645_value *out)
{
    static const tariff_part part[] = {TARIFF_PART_YEAR, TARIFF_PART_DAY, TARIFF_PART_PRICES,
                                       TARIFF_PART_TIERS};
    out->stamp = dlt645_map_stamp_of_minute(v->m->state.account.switch_min[part[di0(v) - 6]]);
    return only(v, 0, out);
}

static gt_err zones_count(const dlt645_at *v, dlt645_value *out)
{
    tariff_year year = {0};
    GT_TRY(tariff_year_read(v->m, tariff_set(v->m, TARIFF_PART_YEAR), &year));
    return only(v, year.count, out);
}

static gt_err periods_count(const dlt645_at *v, dlt645_value *out)
{
    tariff_schedule day = {0};
    unsigned most = 0;
    for (unsigned i = 1; i <= TARIFF_TABLES; i++) {
        GT_TRY(tariff_day_read(v->m, tariff_set(v->m, TARIFF_PART_DAY), i, &day));
        most = day.count > most ? day.count : most;
    }
    return only(v, most, out);
}

static gt_err holidays_count(const dlt645_at *v, dlt645_value *out)
{
    tariff_holiday holiday = {0};
    unsigned count = 0;
    for (unsigned i = 0; i < TARIFF_HOLIDAYS_MAX; i++) {
        GT_TRY(tariff_holiday_read(v->m, i, &holiday));
        count += holiday.table != 0;
    }
    return only(v, count, out);
}

static gt_err week(const dlt645_at *v, dlt645_value *out)
{
    tariff_week now = {0};
    GT_TRY(tariff_week_read(v->m, &now));
    return only(v, di0(v) == 1 ? ~now.rest_days & WORK_WEEK : now.table, out);
}

static gt_err settle_day(const dlt645_at *v, dlt645_value *out)
{
    const meter_settle_day *day = &v->m->state.account.settle[di0(v) - 1];
    out->stamp = (dlt645_stamp){.day = day->day, .hour = day->hour};
    return only(v, 0, out);
}

/* 0FH in a wallet of energy, 10H in one of money: the same terms in another order. */
static gt_err limit(const dlt645_at *v, dlt645_value *out)
{
    const meter_parameter *p = &v->m->state.account.parameter;
    const bool by_money = di1(v) == 0x10;
    const uint32_t by_di0[2][6] = {
        {0, p->alarm1_fen, p->alarm2_fen, p->hoarding_fen, p->overdraft_fen, 0},
        {0, p->alarm1_fen, p->alarm2_fen, p->overdraft_fen, p->hoarding_fen, p->permit_fen}};
    if (by_money != (v->m->cfg->wallet == METER_WALLET_MONEY)) {
        return GT_ERR_NOT_FOUND;
    }
    return only(v, by_di0[by_money ? 1 : 0][di0(v)], out);
}

static gt_err zones(const dlt645_at *v, dlt645_value *out)
{
    tariff_year year = {0};
    GT_TRY(tariff_year_read(v->m, di2(v) - 1, &year));
    if (v->element >= year.count) {
        return GT_ERR_NOT_FOUND;
    }
    const tariff_zone *zone = &year.zone[v->element];
    out->stamp = (dlt645_stamp){.month = zone->month, .day = zone->day, .number = zone->table};
    return GT_ERR_OK;
}

static gt_err periods(const dlt645_at *v, dlt645_value *out)
{
    tariff_schedule day = {0};
    GT_TRY(tariff_day_read(v->m, di2(v) - 1, di0(v), &day));
    if (v->element >= day.count) {
        return GT_ERR_NOT_FOUND;
    }
    const tariff_period *period = &day.period[v->element];
    out->stamp = (dlt645_stamp){.hour = (uint8_t)(period->start_min / MINUTES_HOUR),
                                .minute = (uint8_t)(period->start_min % MINUTES_HOUR),
                                .number = period->rate};
    return GT_ERR_OK;
}

static gt_err holiday(const dlt645_at *v, dlt645_value *out)
{
    tariff_holiday day = {0};
    GT_TRY(tariff_holiday_read(v->m, di0(v) - 1, &day));
    out->stamp =
        (dlt645_stamp){.year = day.year, .month = day.month, .day = day.day, .number = day.table};
    return only(v, 0, out);
}

static gt_err price(const dlt645_at *v, dlt645_value *out)
{
    uint32_t spare[METER_RATES] = {0};
    const uint32_t *e4 = v->m->state.account.parameter.price_e4;
    if (di1(v) == 2) {
        GT_TRY(tariff_spare_prices_read(v->m, spare));
        e4 = spare;
    }
    return only(v, e4[di0(v) - 1], out);
}

static gt_err tier(const dlt645_at *v, dlt645_value *out)
{
    tariff_tiers tiers = v->m->state.account.tiers;
    if (di1(v) >= TIERS_SPARE) {
        GT_TRY(tariff_spare_tiers_read(v->m, &tiers));
    }
    const bool step = di1(v) % 2 == 0;
    return only(v, step ? tiers.upto_centikwh[di0(v) - 1] : tiers.price_e4[di0(v) - 1], out);
}

/* The record as modbus_map.def (FREEZE) lays it out: total and four rates. */
static gt_err daily(const dlt645_at *v, dlt645_value *out)
{
    enum { ENERGIES = 5 };
    uint8_t payload[RECORD_DAILY_LEN];
    if (v->element >= (di1(v) == 0 ? 1U : ENERGIES)) {
        return GT_ERR_NOT_FOUND;
    }
    GT_TRY(record_read(v->m, RECORD_DAILY, di0(v) - 1, payload));
    gt_rd r = gt_rd_of(payload, sizeof payload);
    out->stamp = stamp_read(&r, false);
    for (unsigned i = 0; i <= v->element; i++) {
        out->raw = gt_rd_u32be(&r) % REGISTER_ROLL;
    }
    return GT_ERR_OK;
}

static unsigned bit(bool set, unsigned nth)
{
    return set ? 1U << nth : 0U;
}

/* Bits: codec/dlt645/bits.def. */
static unsigned status_1(const meter *m)
{
    return bit(sum(m->measured.power_w) < 0, 4) | bit(sum(m->measured.reactive_var) < 0, 5) |
           bit(m->relay.fault, 8) | bit(m->store.failing, 13) |
           bit(m->state.account.balance.fen < 0, 14) | bit(!m->clock.known, 15);
}

static unsigned status_2(const meter *m)
{
    unsigned word = 0;
    for (unsigned i = 0; i < METER_PHASES; i++) {
        word |= bit(m->measured.power_w[i] < 0, i) | bit(m->measured.reactive_var[i] < 0, i + 4);
    }
    return word;
}

static unsigned status_3(const dlt645_at *v)
{
    const meter *m = v->m;
    const meter_account *a = &m->state.account;
    const bool open = m->ports.relay.closed(m->ports.relay.ctx) != GT_RELAY_ALL;
    const bool unopened = a->life != METER_LIFE_RUNNING;
    return bit(tariff_set(m, TARIFF_PART_DAY) != 0, 0) | bit(open, 4) |
           bit(tariff_set(m, TARIFF_PART_YEAR) != 0, 5) | bit(!m->relay.want_closed, 6) |
           bit(supply_level(a) != CREDIT_EV_BALANCE_OK && !open, 7) |
           bit(m->cfg->wallet == METER_WALLET_ENERGY, 8) |
           bit(m->cfg->wallet == METER_WALLET_MONEY, 9) | bit(a->protected_supply, 12) |
           bit(auth_left_min(v) > 0, 13) | bit(unopened, 14) | bit(unopened, 15);
}

static unsigned status_phase(const meter *m, unsigned phase)
{
    return bit(m->state.account.overload != OVERLOAD_IDLE, 5) |
           bit(m->measured.power_w[phase] < 0, 6);
}

/* @return NOT_FOUND  no such row */
static gt_err number_find(const dlt645_at *v, int64_t *out)
{
    const meter *m = v->m;
    const meter_state *s = &m->state;
    const meter_account *a = &s->account;
    switch (v->di) {
#define VALUE(di, value)         \
    case di:                     \
        *out = (int64_t)(value); \
        return GT_ERR_OK;
#include "meter/dlt645_map.def"
    default:
        return GT_ERR_NOT_FOUND;
    }
}

typedef struct read_row {
    uint32_t first;
    uint8_t di1_last;
    uint8_t di0_last;
    gt_err (*find)(const dlt645_at *v, dlt645_value *out);
} read_row;

static const read_row read_rows[] = {
#define READ(first, di1_last, di0_last, function) {first, di1_last, di0_last, function},
#include "meter/dlt645_map.def"
};

static bool covers(const read_row *row, uint32_t di)
{
    const uint8_t one = (uint8_t)(di >> 8U);
    const uint8_t zero = (uint8_t)di;
    return row->first >> 16U == di >> 16U && one >= (uint8_t)(row->first >> 8U) &&
           one <= row->di1_last && zero >= (uint8_t)row->first && zero <= row->di0_last;
}

gt_err dlt645_map_read(const dlt645_at *at, dlt645_value *out)
{
    for (size_t i = 0; i < sizeof read_rows / sizeof read_rows[0]; i++) {
        if (covers(&read_rows[i], at->di)) {
            dlt645_value value = {0};
            GT_TRY(read_rows[i].find(at, &value));
            *out = value;
            return GT_ERR_OK;
        }
    }
    int64_t raw = 0;
    dlt645_value value = {0};
    GT_TRY(number_find(at, &raw));
    GT_TRY(only(at, raw, &value));
    *out = value;
    return GT_ERR_OK;
}
