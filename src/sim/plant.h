/**
 * @file plant.h
 * @brief One meter with all that hangs on it: firmware core, EEPROM, clock chip, relay, load.
 *
 * Layer:   sim. Pure; `now` is the meter's own time (the park maps it when time is sped up).
 * The load draws only while the relay is closed and the supply is on.
 */
#ifndef GT_SIM_PLANT_H
#define GT_SIM_PLANT_H

#include "meter/meter.h"
#include "sim/eeprom.h"
#include "sim/line.h"
#include "sim/random.h"

typedef enum load_kind {
#define LOAD(symbol, ...) LOAD_##symbol,
#include "sim/load.def"
#undef LOAD
} load_kind;

enum { LOAD_KINDS = LOAD_STEADY + 1, LOAD_SLOTS = 48, PLANT_STEP_US = 1000000 };

/** Thousandths of the peak at a minute of the day. */
uint16_t load_permille(load_kind kind, unsigned minute);

typedef struct plant_cfg {
    meter_config meter;
    load_kind load;
    uint32_t peak_w;
    uint64_t seed;
    gt_utc utc; /* what the clock chip shows at `now` of plant_init */
} plant_cfg;

/** Caller's storage; every field is private. */
typedef struct plant {
    plant_cfg cfg;
    meter meter;
    sim_eeprom eeprom;
    sim_random random;
    gt_mono now;
    gt_mono chip_since; /* the clock chip showed chip_utc then */
    gt_utc chip_utc;
    uint8_t contacts; /* closed phases */
    bool on;          /* supplied */
    bool dead;        /* hears nothing (fault) */
    int64_t slow_us;  /* answers later by this much (fault) */
    gt_mono drawn;    /* load integrated until then */
    int64_t watt_us;  /* below one pulse */
    uint32_t jitter_permille;
    uint64_t drawn_pulses; /* ever, for tests: what the meter must have counted */
} plant;

/** @return what meter_init says */
GT_CHECKED gt_err plant_init(plant *p, const plant_cfg *cfg, gt_mono now);
void plant_step(plant *p, gt_mono now);
gt_mono plant_deadline(const plant *p);
/** A frame ended at @p end; the meter acts on it at @p at. */
void plant_ask(plant *p, const sim_frame *frame, sim_answer *out);
void plant_button(plant *p, gt_mono now);
/** Supply off (the meter has its moment to save) or on again. */
GT_CHECKED gt_err plant_power(plant *p, bool on, gt_mono now);
/** Watts drawn now. */
uint32_t plant_watt(const plant *p);

#endif
