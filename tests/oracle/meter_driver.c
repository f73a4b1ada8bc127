/* A meter on the bench that obeys lines of text, for the oracle in meter_year.py.
 * First the factory's settings, in the order of configure(); then "SECOND act numbers", the acts
 * being those of the table at the end. What an act answers, and what `show`, `tell` and `settled`
 * find, is a line of numbers. An exchange moves the account into a second meter, which goes on. */
#include "rig.h"

#include "meter/service.h"
#include "meter/settlement.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { US_PER_S = 1000000, SIGNED_S = 60 };

typedef struct bench {
    rig meters[2];
    unsigned at; /* the one that serves */
    uint32_t controlled;
} bench;

static rig *serving(bench *b)
{
    return &b->meters[b->at];
}

static long long number(void)
{
    long long value = 0;
    if (scanf("%lld", &value) != 1) {
        (void)fputs("meter_driver: a number is missing\n", stderr);
        exit(1);
    }
    return value;
}

static void answer(long long value)
{
    (void)printf("%lld\n", value);
}

static void told(gt_err err)
{
    (void)puts(gt_err_name(err));
}

static void terms_read(meter_parameter *p)
{
    *p = (meter_parameter){.alarm1_fen = (uint32_t)number()};
    p->alarm2_fen = (uint32_t)number();
    p->overdraft_fen = (uint32_t)number();
    p->hoarding_fen = (uint32_t)number();
    p->emergency_fen = (uint32_t)number();
    p->permit_fen = (uint32_t)number();
    p->free_centikwh = (uint32_t)number();
    p->friendly_from = (uint16_t)number();
    p->friendly_to = (uint16_t)number();
    p->friendly_days = (uint8_t)number();
    p->friendly_holidays = number() != 0;
    p->power.limit_w = (uint32_t)number();
    p->power.delay_s = (uint16_t)number();
    p->power.return_s = (uint16_t)number();
    p->power.trips_max = (uint8_t)number();
    for (unsigned i = 0; i < METER_RATES; i++) {
        p->price_e4[i] = (uint32_t)number();
    }
}

static void schedule_read(tariff_schedule *s)
{
    *s = (tariff_schedule){.count = (uint8_t)number()};
    for (unsigned i = 0; i < s->count && i < METER_PERIODS_MAX; i++) {
        s->period[i].start_min = (uint16_t)number();
        s->period[i].rate = (uint8_t)number();
    }
}

static void tiers_read(tariff_tiers *t)
{
    *t = (tariff_tiers){.count = (uint8_t)number()};
    t->cycle = number() != 0 ? TARIFF_CYCLE_YEAR : TARIFF_CYCLE_MONTH;
    t->year_month = (uint8_t)number();
    t->year_day = (uint8_t)number();
    for (unsigned i = 0; i < TARIFF_TIERS_MAX; i++) {
        t->price_e4[i] = (uint32_t)number();
    }
    for (unsigned i = 0; i + 1 < TARIFF_TIERS_MAX; i++) {
        t->upto_centikwh[i] = (uint32_t)number();
    }
}

static void settle_read(meter_settle_day settle[METER_SETTLE_DAYS])
{
    for (unsigned i = 0; i < METER_SETTLE_DAYS; i++) {
        settle[i].day = (uint8_t)number();
        settle[i].hour = (uint8_t)number();
    }
}

static void date_read(gt_civil *out)
{
    *out = (gt_civil){.year = (int16_t)number()};
    out->month = (uint8_t)number();
    out->day = (uint8_t)number();
    const long long minute = number();
    out->hour = (uint8_t)(minute / 60);
    out->minute = (uint8_t)(minute % 60);
}

static void configure(rig *r)
{
    gt_civil start;
    date_read(&start);
    rig_clock(r, start.year, start.month, start.day, start.hour * 60 + start.minute);
    r->cfg.constant = (uint16_t)number();
    r->cfg.rearm = number() != 0 ? METER_REARM_AUTO : METER_REARM_BUTTON;
    r->cfg.alarm2 = number() != 0 ? METER_ALARM2_CUT : METER_ALARM2_SHOW;
    r->cfg.wallet = number() != 0 ? METER_WALLET_ENERGY : METER_WALLET_MONEY;
    r->cfg.opening_fen = (int32_t)number();
    r->cfg.base_centikwh = (uint32_t)number();
    r->cfg.demand_min = (uint8_t)number();
    r->cfg.demand_slide_min = (uint8_t)number();
    settle_read(r->cfg.settle);
    terms_read(&r->cfg.parameter);
    schedule_read(&r->cfg.schedule);
}

/* Consumption and power. */
static void act_pulse(bench *b)
{
    meter_pulse(&serving(b)->meter, (uint32_t)number(), serving(b)->now);
}

static void act_reverse(bench *b)
{
    meter_pulse_reverse(&serving(b)->meter, (uint32_t)number(), serving(b)->now);
}

static void act_power(bench *b)
{
    const meter_measurement measured = {.power_w = {(int32_t)number()}};
    meter_measure(&serving(b)->meter, &measured, serving(b)->now);
}

static void act_off(bench *b)
{
    told(rig_power_cycle(serving(b), number()));
}

/* The clock chip goes wrong while the power is off: by so many seconds, or stops (0). */
static void act_chip(bench *b)
{
    rig *r = serving(b);
    const long long jump_s = number();
    r->rtc_good = jump_s != 0;
    r->rtc_base.ms += jump_s * 1000;
    told(rig_power_cycle(r, number()));
}

static void act_clock(bench *b)
{
    gt_civil civil;
    date_read(&civil);
    told(clock_force(&serving(b)->meter, &civil, serving(b)->now));
}

/* The customer and the station. */
static void act_button(bench *b)
{
    meter_button(&serving(b)->meter, serving(b)->now);
}

static void act_card(bench *b)
{
    meter_card(&serving(b)->meter, serving(b)->now);
}

static void act_emergency(bench *b)
{
    told(meter_emergency(&serving(b)->meter, serving(b)->now));
}

static void act_buy(bench *b)
{
    rig *r = serving(b);
    const uint32_t amount_fen = (uint32_t)number();
    const int code = rig_purchase(r, amount_fen, (uint32_t)number());
    (void)printf("%d %u\n", code != 0, rig_status(r).last_result);
}

static void act_control(bench *b)
{
    answer(rig_control(serving(b), (uint16_t)number(), ++b->controlled, SIGNED_S) != 0);
}

static void act_convert(bench *b)
{
    meter_conversion c = {.count = (uint32_t)number()};
    c.old_e4 = (uint32_t)number();
    c.new_e4 = (uint32_t)number();
    told(meter_convert(&serving(b)->meter, &c, serving(b)->now));
}

static gt_err moved(rig *from, rig *to)
{
    meter_exchange account;
    uint8_t bytes[METER_EXCHANGE_LEN];
    GT_TRY(meter_export(&from->meter, from->now));
    GT_TRY(meter_exported(&from->meter, &account));
    meter_exchange_encode(&account, bytes);
    rig_prepare(to);
    to->cfg = from->cfg; /* the same kind of meter, and by its number the same keys */
    to->cfg.life = METER_LIFE_ISSUED;
    to->cfg.opening_fen = 0;
    to->cfg.base_centikwh = 0;
    to->now = from->now;
    to->rtc_base = rig_utc(from);
    to->rtc_since = from->now;
    GT_TRY(rig_power_on(to));
    meter_exchange taken;
    GT_TRY(meter_exchange_decode(bytes, &taken));
    return meter_import(&to->meter, &taken, to->now);
}

static void act_exchange(bench *b)
{
    const gt_err err = moved(serving(b), &b->meters[1 - b->at]);
    b->at = 1 - b->at;
    b->controlled = 0;
    told(err);
}

/* Terms and tables; those that a reload follows are told apart by the Python side. */
static void act_terms(bench *b)
{
    meter_parameter p;
    terms_read(&p);
    told(meter_terms_set(&serving(b)->meter, &p, serving(b)->now));
}

static void act_tiers(bench *b)
{
    tariff_tiers t;
    tiers_read(&t);
    told(meter_tiers_set(&serving(b)->meter, &t, serving(b)->now));
}

static void act_settle(bench *b)
{
    meter_settle_day settle[METER_SETTLE_DAYS];
    settle_read(settle);
    told(meter_settle_set(&serving(b)->meter, settle, serving(b)->now));
}

static void act_demand(bench *b)
{
    const uint8_t demand_min = (uint8_t)number();
    told(meter_demand_set(&serving(b)->meter, demand_min, (uint8_t)number(), serving(b)->now));
}

static void act_switch(bench *b)
{
    const tariff_part part = (tariff_part)number();
    told(meter_switch_set(&serving(b)->meter, part, (uint32_t)number(), serving(b)->now));
}

static void act_reload(bench *b)
{
    meter_tariff_reload(&serving(b)->meter, serving(b)->now);
}

static void act_year(bench *b)
{
    tariff_year year;
    const unsigned set = (unsigned)number();
    year.count = (uint8_t)number();
    for (unsigned i = 0; i < year.count && i < TARIFF_ZONES_MAX; i++) {
        year.zone[i].month = (uint8_t)number();
        year.zone[i].day = (uint8_t)number();
        year.zone[i].table = (uint8_t)number();
    }
    told(tariff_year_write(&serving(b)->meter, set, &year));
}

static void act_day(bench *b)
{
    tariff_schedule schedule;
    const unsigned set = (unsigned)number();
    const unsigned table = (unsigned)number();
    schedule_read(&schedule);
    told(tariff_day_write(&serving(b)->meter, set, table, &schedule));
}

static void act_week(bench *b)
{
    tariff_week week = {.rest_days = (uint8_t)number()};
    week.table = (uint8_t)number();
    told(tariff_week_write(&serving(b)->meter, &week));
}

static void act_holiday(bench *b)
{
    const unsigned nth = (unsigned)number();
    tariff_holiday day = {.year = (uint8_t)number()};
    day.month = (uint8_t)number();
    day.day = (uint8_t)number();
    day.table = (uint8_t)number();
    told(tariff_holiday_write(&serving(b)->meter, nth, &day));
}

static void act_spare_prices(bench *b)
{
    uint32_t price_e4[METER_RATES];
    for (unsigned i = 0; i < METER_RATES; i++) {
        price_e4[i] = (uint32_t)number();
    }
    told(tariff_spare_prices_write(&serving(b)->meter, price_e4));
}

static void act_spare_tiers(bench *b)
{
    tariff_tiers t;
    tiers_read(&t);
    told(tariff_spare_tiers_write(&serving(b)->meter, &t));
}

/* What a status poll and the newest daily freeze say. */
static void act_show(bench *b)
{
    rig *r = serving(b);
    const meter_status s = rig_status(r);
    uint16_t record[16] = {0};
    const int code = rig_read(r, MAP_DAILY_FIRST, 16, record);
    (void)printf("%d %d %d %d %d", (int)s.credit, s.relay_closed ? 1 : 0, (int)s.overload,
                 s.clock_known ? 1 : 0, (int)s.fault);
    for (unsigned i = 0; i <= METER_RATES; i++) {
        (void)printf(" %lld", (long long)s.energy[i].centikwh);
    }
    (void)printf(" %lld %lld %u", (long long)s.reverse.centikwh, (long long)s.balance.fen,
                 s.purchase_count);
    (void)printf(" %04x%04x %lu %d\n", record[0], record[1],
                 (unsigned long)record[2] << 16U | record[3], code);
}

static void peaks_print(const demand_peaks *peaks)
{
    for (unsigned i = 0; i <= METER_RATES; i++) {
        (void)printf(" %u %u", peaks->at[i].e4_kw, peaks->at[i].at_min);
    }
}

/* Registers not in a status, and demand since the last settlement. */
static void act_tell(bench *b)
{
    rig *r = serving(b);
    meter_demand_advance(&r->meter, r->now);
    const meter_state *s = &r->meter.state;
    (void)printf("%d", s->rate);
    for (unsigned i = 0; i < METER_RATES; i++) {
        (void)printf(" %lld", (long long)s->reverse.rate[i].centikwh);
    }
    peaks_print(&s->demand_forward);
    peaks_print(&s->demand_reverse);
    (void)printf("\n");
}

/* The newest settlement. */
static void act_settled(bench *b)
{
    meter_settlement s = {0};
    const gt_err err = meter_settlement_get(&serving(b)->meter, 0, &s);
    (void)printf("%d %d %lld", err == GT_ERR_OK ? 0 : 1, s.hour, (long long)s.balance.fen);
    for (unsigned i = 0; i <= METER_RATES; i++) {
        (void)printf(" %lld %lld", (long long)s.forward[i].centikwh,
                     (long long)s.reverse[i].centikwh);
    }
    peaks_print(&s.demand_forward);
    peaks_print(&s.demand_reverse);
    (void)printf("\n");
}

static const struct {
    const char *name;
    void (*act)(bench *b);
} acts[] = {
    {"pulse", act_pulse},
    {"reverse", act_reverse},
    {"power", act_power},
    {"off", act_off},
    {"chip", act_chip},
    {"clock", act_clock},
    {"button", act_button},
    {"card", act_card},
    {"emergency", act_emergency},
    {"buy", act_buy},
    {"control", act_control},
    {"convert", act_convert},
    {"exchange", act_exchange},
    {"terms", act_terms},
    {"tiers", act_tiers},
    {"settle", act_settle},
    {"demand", act_demand},
    {"switch", act_switch},
    {"reload", act_reload},
    {"year", act_year},
    {"day", act_day},
    {"week", act_week},
    {"holiday", act_holiday},
    {"spare_prices", act_spare_prices},
    {"spare_tiers", act_spare_tiers},
    {"show", act_show},
    {"tell", act_tell},
    {"settled", act_settled},
};

static bool obey(bench *b, const char *name)
{
    for (unsigned i = 0; i < sizeof acts / sizeof acts[0]; i++) {
        if (strcmp(acts[i].name, name) == 0) {
            acts[i].act(b);
            return true;
        }
    }
    return false;
}

int main(void)
{
    static bench b;
    rig_prepare(serving(&b));
    configure(serving(&b));
    if (rig_power_on(serving(&b)) != GT_ERR_OK) {
        return 1;
    }
    const int64_t start_us = serving(&b)->now.us;
    long long second = 0;
    char name[16];
    while (scanf("%lld %15s", &second, name) == 2) {
        rig *r = serving(&b);
        rig_wait_us(r, start_us + second * US_PER_S - r->now.us);
        if (!obey(&b, name)) {
            (void)fprintf(stderr, "meter_driver: %s?\n", name);
            return 2;
        }
    }
    return 0;
}
