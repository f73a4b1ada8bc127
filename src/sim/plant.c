/* The physical side of a meter. The load follows its table, a little uneven by the seed; energy is
 * integrated in watt-microseconds and handed to the firmware as pulses, as a measuring chip does.
 */
#include "sim/plant.h"

#include <string.h>

enum {
    MS_SECOND = 1000,
    US_MS = 1000,
    MINUTES_SLOT = 30,
    PERMILLE = 1000,
    JITTER_MIN = 850,
    JITTER_MAX = 1150,
    VOLTAGE_MIN_DV = 2240, /* 224.0 V */
    VOLTAGE_MAX_DV = 2330,
    FACTOR_MIN_E3 = 900,
    FACTOR_MAX_E3 = 990,
    SHARE_LOW = 280, /* of one phase in the load, thousandths */
    SHARE_HIGH = 380,
    REACTIVE_SHARE = 330,
};

static const int64_t watt_us_kwh = INT64_C(3600000) * 1000 * 1000;

uint16_t load_permille(load_kind kind, unsigned minute)
{
    static const uint16_t table[LOAD_KINDS][LOAD_SLOTS] = {
#define LOAD(symbol, ...) [LOAD_##symbol] = {__VA_ARGS__},
#include "sim/load.def"
#undef LOAD
    };
    return table[kind][minute / MINUTES_SLOT % LOAD_SLOTS];
}

static gt_utc chip_utc(const plant *p)
{
    return (gt_utc){p->chip_utc.ms + (p->now.us - p->chip_since.us) / US_MS};
}

static bool chip_read(void *ctx, gt_utc *out)
{
    *out = chip_utc(ctx);
    return true;
}

static void chip_write(void *ctx, gt_utc now)
{
    plant *p = ctx;
    p->chip_utc = now;
    p->chip_since = p->now;
}

static void relay_drive(void *ctx, bool close)
{
    plant *p = ctx;
    p->contacts = close ? GT_RELAY_ALL : 0;
}

static uint8_t relay_closed(void *ctx)
{
    const plant *p = ctx;
    return p->contacts;
}

static void jitter_draw(plant *p)
{
    p->jitter_permille = (uint32_t)sim_random_range(&p->random, JITTER_MIN, JITTER_MAX);
}

uint32_t plant_watt(const plant *p)
{
    gt_civil civil = {0};
    if (!p->on || p->contacts == 0 ||
        gt_civil_of_utc(chip_utc(p), p->cfg.meter.zone_min, &civil) != GT_ERR_OK) {
        return 0;
    }
    const unsigned minute = civil.hour * 60U + civil.minute;
    const uint64_t shaped = (uint64_t)p->cfg.peak_w * load_permille(p->cfg.load, minute);
    return (uint32_t)(shaped * p->jitter_permille / PERMILLE / PERMILLE);
}

/* What the measuring chip shows of a load: three phases, a little uneven. */
static void show(plant *p, uint32_t watt)
{
    meter_measurement shown = {0};
    const uint32_t share_a = (uint32_t)sim_random_range(&p->random, SHARE_LOW, SHARE_HIGH);
    const uint32_t share_b = (uint32_t)sim_random_range(&p->random, SHARE_LOW, SHARE_HIGH);
    const uint32_t watts[METER_PHASES] = {watt * share_a / PERMILLE, watt * share_b / PERMILLE,
                                          watt * (PERMILLE - share_a - share_b) / PERMILLE};
    uint64_t apparent_mva = 0; /* of all phases, in thousandths of a volt-ampere */
    for (size_t i = 0; i < METER_PHASES; i++) {
        const uint32_t voltage_dv =
            (uint32_t)sim_random_range(&p->random, VOLTAGE_MIN_DV, VOLTAGE_MAX_DV);
        const uint32_t factor =
            (uint32_t)sim_random_range(&p->random, FACTOR_MIN_E3, FACTOR_MAX_E3);
        const uint64_t current_ca = (uint64_t)watts[i] * PERMILLE * PERMILLE / voltage_dv / factor;
        shown.voltage_dv[i] = (uint16_t)voltage_dv;
        shown.current_ca[i] = (uint16_t)current_ca;
        shown.power_w[i] = (int32_t)watts[i];
        shown.reactive_var[i] = (int32_t)(watts[i] * REACTIVE_SHARE / PERMILLE);
        shown.factor_e3[i] = watts[i] > 0 ? (int16_t)factor : PERMILLE;
        apparent_mva += (uint64_t)watts[i] * PERMILLE * PERMILLE / factor;
    }
    shown.factor_total_e3 = PERMILLE;
    if (apparent_mva > 0) {
        const uint64_t active_w = (uint64_t)watts[0] + watts[1] + watts[2];
        shown.factor_total_e3 = (int16_t)(active_w * PERMILLE * PERMILLE / apparent_mva);
    }
    meter_measure(&p->meter, &shown, p->now);
}

static void draw(plant *p, gt_mono now)
{
    const uint32_t watt = plant_watt(p);
    p->watt_us += (int64_t)watt * (now.us - p->drawn.us);
    p->drawn = now;
    const int64_t pulse = watt_us_kwh / p->cfg.meter.constant;
    const uint32_t pulses = (uint32_t)(p->watt_us / pulse);
    p->watt_us %= pulse;
    if (pulses > 0) {
        p->drawn_pulses += pulses;
        meter_pulse(&p->meter, pulses, now);
    }
    jitter_draw(p);
    show(p, watt);
}

static gt_err meter_start(plant *p)
{
    const meter_ports ports = {
        .nvm = sim_eeprom_port(&p->eeprom),
        .relay = {.ctx = p, .drive = relay_drive, .closed = relay_closed},
        .rtc = {.ctx = p, .read = chip_read, .write = chip_write},
    };
    GT_TRY(meter_init(&p->meter, &p->cfg.meter, &ports, p->now));
    show(p, plant_watt(p));
    return GT_ERR_OK;
}

gt_err plant_init(plant *p, const plant_cfg *cfg, gt_mono now)
{
    memset(p, 0, sizeof *p);
    p->cfg = *cfg;
    p->random = sim_random_of(cfg->seed, cfg->meter.meter_no);
    sim_eeprom_init(&p->eeprom, cfg->seed);
    p->now = now;
    p->chip_since = now;
    p->chip_utc = cfg->utc;
    p->contacts = GT_RELAY_ALL;
    p->on = true;
    p->drawn = now;
    jitter_draw(p);
    return meter_start(p);
}

void plant_step(plant *p, gt_mono now)
{
    p->now = now.us > p->now.us ? now : p->now;
    if (!p->on) {
        p->drawn = p->now;
        return;
    }
    if (p->now.us - p->drawn.us >= PLANT_STEP_US) {
        draw(p, p->now);
    }
    if (meter_deadline(&p->meter).us <= p->now.us) {
        meter_tick(&p->meter, p->now);
    }
}

gt_mono plant_deadline(const plant *p)
{
    if (!p->on) {
        return GT_MONO_NEVER;
    }
    const gt_mono load = {p->drawn.us + PLANT_STEP_US};
    const gt_mono core = meter_deadline(&p->meter);
    return core.us < load.us ? core : load;
}

void plant_ask(plant *p, const sim_frame *frame, sim_answer *out)
{
    plant_step(p, frame->end);
    if (!p->on || p->dead) {
        return;
    }
    meter_rx(&p->meter, METER_LINE_RS485, frame->bytes, frame->len, p->now);
    plant_step(p, (gt_mono){p->now.us + frame->at.us - frame->end.us});
    out->len = meter_tx(&p->meter, METER_LINE_RS485, out->bytes, sizeof out->bytes);
    out->delay_us = p->slow_us;
}

void plant_button(plant *p, gt_mono now)
{
    plant_step(p, now);
    if (p->on) {
        meter_button(&p->meter, p->now);
    }
}

gt_err plant_power(plant *p, bool on, gt_mono now)
{
    plant_step(p, now);
    if (on == p->on) {
        return GT_ERR_OK;
    }
    p->on = on;
    p->drawn = p->now;
    if (on) {
        sim_eeprom_restore(&p->eeprom);
        return meter_start(p);
    }
    meter_power_fail(&p->meter, p->now);
    sim_eeprom_cut(&p->eeprom);
    return GT_ERR_OK;
}
