/* The park: plants on lines. A line asks only the meter whose unit stands in the frame, and all of
 * them for a broadcast; what is wrong with a frame is for the firmware to find. */
#include "sim/park.h"

#include "sim/park_priv.h"

#include <string.h>

enum {
    KEY_VERSION = 1,
    ZONE_MIN = GT_ZONE_CHINA_MIN,
    CONSTANT = 1600,
    ALARM1_FEN = 2000,
    ALARM2_FEN = 1000,
    CHIP_ERROR_MS = 2000, /* clock chips differ by this much either way */
    BASE_MIN = 50000,     /* registers at the start, 0.01 kWh */
    BASE_MAX = 900000,
    /* of 16 meters one is cut off for debt, one is at each alarm */
    KIND_COUNT = 16,
    KIND_DEBT = 7,
    KIND_ALARM1 = 3,
    KIND_ALARM2 = 11,
    BUTTON_EVERY = 10, /* of meters that are not in debt: the customer must press the button */
    LOAD_BUILDING_OFFICE = 4,
    LOAD_BUILDING_DORMITORY = 5,
};

size_t park_memory(void)
{
    return sizeof(park) + 64;
}

static int32_t opening_fen(unsigned nth, sim_random *r)
{
    switch (nth % KIND_COUNT) {
    case KIND_DEBT:
        return (int32_t)sim_random_range(r, -2500, -50);
    case KIND_ALARM1:
        return (int32_t)sim_random_range(r, ALARM2_FEN + 300, ALARM1_FEN - 50);
    case KIND_ALARM2:
        return (int32_t)sim_random_range(r, 300, ALARM2_FEN - 50);
    default:
        return (int32_t)sim_random_range(r, 5000, 60000);
    }
}

static tariff_schedule schedule(void)
{
    enum { SHARP = 1, PEAK, FLAT, VALLEY };
    return (tariff_schedule){.count = 6,
                             .period = {{0, VALLEY},
                                        {7 * 60, FLAT},
                                        {10 * 60, PEAK},
                                        {15 * 60, FLAT},
                                        {18 * 60, SHARP},
                                        {21 * 60, FLAT}}};
}

static load_kind load_of(unsigned line)
{
    const unsigned building = line / (PARK_LINES / PARK_BUILDINGS);
    if (building == LOAD_BUILDING_DORMITORY) {
        return LOAD_HOUSEHOLD;
    }
    return building == LOAD_BUILDING_OFFICE ? LOAD_OFFICE : LOAD_WAREHOUSE;
}

static void plant_describe(const park *p, unsigned nth, unsigned line, plant_cfg *out)
{
    static const int64_t peak_w[LOAD_KINDS][2] = {[LOAD_HOUSEHOLD] = {2000, 6000},
                                                  [LOAD_WAREHOUSE] = {5000, 24000},
                                                  [LOAD_OFFICE] = {2000, 9000}};
    park_row row;
    park_row_of(nth, &row);
    sim_random r = sim_random_of(p->cfg.seed, nth + 1);
    const load_kind load = load_of(line);
    const bool button = nth % KIND_COUNT != KIND_DEBT && nth % BUTTON_EVERY == 0;
    *out =
        (plant_cfg){.meter = {.meter_no = row.meter_no,
                              .customer_no = row.customer_no,
                              .unit = row.unit,
                              .baud = PARK_BAUD,
                              .constant = CONSTANT,
                              .model_code = 3,
                              .pt_ratio = 1,
                              .ct_ratio = 1,
                              .zone_min = ZONE_MIN,
                              .rearm = button ? METER_REARM_BUTTON : METER_REARM_AUTO,
                              .key_version = KEY_VERSION,
                              .parameter = {.alarm1_fen = ALARM1_FEN,
                                            .alarm2_fen = ALARM2_FEN,
                                            .price_e4 = {12000, 10000, 7000, 3500}},
                              .schedule = schedule(),
                              .opening_fen = opening_fen(nth, &r),
                              .base_centikwh = (uint32_t)sim_random_range(&r, BASE_MIN, BASE_MAX)},
                    .load = load,
                    .peak_w = (uint32_t)sim_random_range(&r, peak_w[load][0], peak_w[load][1]),
                    .seed = sim_random_next(&r),
                    .utc = {p->cfg.utc.ms + sim_random_range(&r, -CHIP_ERROR_MS, CHIP_ERROR_MS)}};
}

static gt_err plant_build(park *p, unsigned nth, unsigned line)
{
    plant_cfg cfg;
    plant_describe(p, nth, line, &cfg);
    for (int purpose = 0; purpose < METER_KEY_PURPOSES; purpose++) {
        const meter_key_info info = {(meter_key_purpose)purpose, cfg.meter.meter_no, KEY_VERSION};
        GT_TRY(meter_key_derive(p->cfg.master, &info, cfg.meter.key[purpose]));
    }
    return plant_init(&p->plant[nth], &cfg, p->start);
}

/* The meters of a line hear a frame. */
static void line_ask(void *ctx, const sim_frame *frame, sim_answer *out)
{
    park_line *l = ctx;
    const sim_frame heard = {frame->bytes, frame->len, park_meter_time(l->park, frame->end),
                             park_meter_time(l->park, frame->at)};
    const uint8_t unit = frame->bytes[0];
    for (unsigned i = 0; i < l->count; i++) {
        plant *p = &l->park->plant[l->first + i];
        if (unit == 0 || unit == p->cfg.meter.unit) {
            plant_ask(p, &heard, out);
        }
    }
    l->park->due = frame->end; /* a command may have changed what is due */
}

static void line_build(park *p, unsigned line, unsigned first, unsigned count)
{
    park_line *l = &p->line[line];
    l->park = p;
    l->first = (uint16_t)first;
    l->count = (uint16_t)count;
    const sim_line_cfg cfg = {.baud = PARK_BAUD,
                              .char_bits = PARK_CHAR_BITS,
                              .turnaround_min_us = PARK_TURNAROUND_MIN_US,
                              .turnaround_max_us = PARK_TURNAROUND_MAX_US,
                              .seed = p->cfg.seed + line,
                              .ctx = l,
                              .ask = line_ask};
    sim_line_init(&l->line, &cfg);
}

gt_err park_create(gt_arena *arena, const park_cfg *cfg, gt_mono now, park **out)
{
    if (cfg->speed < 1 || cfg->speed > PARK_SPEED_MAX) {
        return GT_ERR_RANGE;
    }
    park *p = gt_arena_take(arena, sizeof *p);
    if (p == NULL) {
        return GT_ERR_MEMORY;
    }
    p->cfg = *cfg;
    p->start = now;
    p->due = now;
    unsigned nth = 0;
    for (unsigned line = 0; line < PARK_LINES; line++) {
        const unsigned first = nth;
        park_row row;
        park_row_of(nth, &row);
        const unsigned line_no = row.line;
        while (nth < PARK_METERS && row.line == line_no) {
            GT_TRY(plant_build(p, nth, line));
            nth++;
            park_row_of(nth, &row);
        }
        line_build(p, line, first, nth - first);
    }
    *out = p;
    return GT_ERR_OK;
}

gt_mono park_meter_time(const park *p, gt_mono now)
{
    return (gt_mono){p->start.us + (now.us - p->start.us) * (int64_t)p->cfg.speed};
}

/* When the meters' time will be `at`: rounded up, so that it then is. */
static gt_mono wire_time(const park *p, gt_mono at)
{
    if (at.us == GT_MONO_NEVER.us) {
        return at;
    }
    const int64_t speed = p->cfg.speed;
    return (gt_mono){p->start.us + (at.us - p->start.us + speed - 1) / speed};
}

void park_line_write(park *p, unsigned line, const uint8_t *bytes, size_t len, gt_mono now)
{
    GT_ASSERT(line < PARK_LINES);
    sim_line_write(&p->line[line].line, bytes, len, now);
}

size_t park_line_read(park *p, unsigned line, gt_mono now, uint8_t out[SIM_LINE_CHUNK])
{
    GT_ASSERT(line < PARK_LINES);
    return sim_line_read(&p->line[line].line, now, out);
}

gt_mono park_line_deadline(const park *p, unsigned line)
{
    GT_ASSERT(line < PARK_LINES);
    return sim_line_deadline(&p->line[line].line);
}

sim_line_stats park_line_stats(const park *p, unsigned line)
{
    GT_ASSERT(line < PARK_LINES);
    return sim_line_stats_of(&p->line[line].line);
}

void park_step(park *p, gt_mono now)
{
    if (p->due.us > now.us) {
        return;
    }
    const gt_mono at = park_meter_time(p, now);
    gt_mono due = GT_MONO_NEVER;
    for (unsigned i = 0; i < PARK_METERS; i++) {
        plant *it = &p->plant[i];
        if (plant_deadline(it).us <= at.us) {
            plant_step(it, at);
        }
        const gt_mono next = plant_deadline(it);
        due = next.us < due.us ? next : due;
    }
    due = wire_time(p, due);
    p->due = due.us > now.us ? due : (gt_mono){now.us + 1}; /* time always goes on */
}

gt_mono park_deadline(const park *p)
{
    return p->due;
}

gt_utc park_utc(const park *p, gt_mono now)
{
    return (gt_utc){p->cfg.utc.ms + (park_meter_time(p, now).us - p->start.us) / 1000};
}

meter_status park_status(park *p, unsigned nth, gt_mono now)
{
    GT_ASSERT(nth < PARK_METERS);
    plant *it = &p->plant[nth];
    plant_step(it, park_meter_time(p, now));
    return meter_status_get(&it->meter, it->now);
}

bool park_relay_closed(const park *p, unsigned nth)
{
    GT_ASSERT(nth < PARK_METERS);
    return p->plant[nth].contacts == GT_RELAY_ALL;
}

uint32_t park_watt(const park *p, unsigned nth)
{
    GT_ASSERT(nth < PARK_METERS);
    return plant_watt(&p->plant[nth]);
}
