/* Meters on their lines. A meter whose chip loses power in the middle of a write is off at once and
 * says nothing; its power comes back later. */
#include "chain_priv.h"

#include <string.h>

enum {
    BAUD = 9600,
    CHAR_BITS = 10,
    TURNAROUND_MIN_US = 20000,
    TURNAROUND_MAX_US = 60000,
    KEY_VERSION = 1,
    POWER_OFF_US = 4000000,
};

static unsigned line_count(const chain *c)
{
    return c->cfg.boxes * c->cfg.lines;
}

static void plant_build(chain *c, unsigned nth)
{
    plant_cfg cfg = {
        .meter = {.meter_no = chain_meter_no(nth),
                  .customer_no = chain_customer_no(nth),
                  .unit = (uint8_t)(nth / line_count(c) + 1),
                  .baud = BAUD,
                  .constant = 1600,
                  .model_code = 3,
                  .pt_ratio = 1,
                  .ct_ratio = 1,
                  .zone_min = GT_ZONE_CHINA_MIN,
                  .rearm = METER_REARM_AUTO,
                  .key_version = KEY_VERSION,
                  .parameter = {.alarm1_fen = 2000,
                                .alarm2_fen = 1000,
                                .price_e4 = {12000, 10000, 7000, 3500}},
                  .schedule = {.count = 2, .period = {{0, 4}, {7 * 60, 3}}},
                  .opening_fen = c->cfg.opening_fen,
                  .base_centikwh = 1000 * (nth + 1)},
        .load = LOAD_WAREHOUSE,
        .peak_w = c->cfg.peak_w,
        .seed = c->cfg.seed + nth,
        .utc = world_utc(&c->world),
    };
    for (int purpose = 0; purpose < METER_KEY_PURPOSES; purpose++) {
        const meter_key_info info = {(meter_key_purpose)purpose, cfg.meter.meter_no, KEY_VERSION};
        assert_int_equal(meter_key_derive(chain_master, &info, cfg.meter.key[purpose]), GT_ERR_OK);
    }
    assert_int_equal(plant_init(&c->plant[nth], &cfg, c->world.now), GT_ERR_OK);
}

/* The chip lost power while it wrote. */
static bool power_lost(chain *c, unsigned nth, gt_mono now)
{
    plant *p = &c->plant[nth];
    if (c->power_meter != (int)nth || !p->on || !p->eeprom.dead) {
        return false;
    }
    assert_int_equal(plant_power(p, false, now), GT_ERR_OK);
    c->power_back = (gt_mono){now.us + POWER_OFF_US};
    return true;
}

static void ask(void *ctx, const sim_frame *frame, sim_answer *out)
{
    chain_line *l = ctx;
    chain *c = l->chain;
    const uint8_t unit = frame->bytes[0];
    chain_trace(c, "to-meters", l->nth, frame->bytes, frame->len);
    for (unsigned i = l->nth; i < c->cfg.meters; i += line_count(c)) {
        plant *p = &c->plant[i];
        if (unit == 0 || unit == p->cfg.meter.unit) {
            plant_ask(p, frame, out);
            out->len = power_lost(c, i, frame->end) ? 0 : out->len;
        }
    }
    l->due = frame->end;
}

void chain_field_init(chain *c)
{
    for (unsigned i = 0; i < line_count(c); i++) {
        chain_line *l = &c->line[i];
        *l =
            (chain_line){.chain = c, .box = i / c->cfg.lines, .no = i % c->cfg.lines + 1, .nth = i};
        const sim_line_cfg cfg = {.baud = BAUD,
                                  .char_bits = CHAR_BITS,
                                  .turnaround_min_us = TURNAROUND_MIN_US,
                                  .turnaround_max_us = TURNAROUND_MAX_US,
                                  .seed = c->cfg.seed * 31 + i,
                                  .ctx = l,
                                  .ask = ask};
        sim_line_init(&l->wire, &cfg);
    }
    for (unsigned i = 0; i < c->cfg.meters; i++) {
        plant_build(c, i);
    }
}

gt_mono chain_line_deadline(void *ctx)
{
    return sim_line_deadline(&((chain_line *)ctx)->wire);
}

void chain_line_step(void *ctx, gt_mono now)
{
    chain_line *l = ctx;
    chain_box *b = &l->chain->box[l->box];
    uint8_t bytes[SIM_LINE_CHUNK];
    size_t len = sim_line_read(&l->wire, now, bytes);
    while (len > 0) {
        chain_trace(l->chain, "from-meters", l->nth, bytes, len);
        if (b->core != NULL && !b->killed) {
            concentrator_line_bytes(b->core, chain_box_now(b), l->no, bytes, len);
            chain_box_after(b);
        }
        len = sim_line_read(&l->wire, now, bytes);
    }
}

gt_mono chain_meters_deadline(void *ctx)
{
    return ((const chain_line *)ctx)->due;
}

void chain_meters_step(void *ctx, gt_mono now)
{
    chain_line *l = ctx;
    chain *c = l->chain;
    gt_mono due = GT_MONO_NEVER;
    for (unsigned i = l->nth; i < c->cfg.meters; i += line_count(c)) {
        plant *p = &c->plant[i];
        if (plant_deadline(p).us <= now.us) {
            plant_step(p, now);
            (void)power_lost(c, i, now);
        }
        const gt_mono next = plant_deadline(p);
        due = next.us < due.us ? next : due;
    }
    l->due = due.us > now.us ? due : (gt_mono){now.us + 1};
}

void chain_line_cut(chain *c, unsigned nth, bool cut)
{
    sim_line_cut(&c->line[nth].wire, cut);
}

meter_status chain_meter(chain *c, unsigned nth)
{
    plant *p = &c->plant[nth];
    plant_step(p, c->world.now);
    return meter_status_get(&p->meter, p->now);
}

int64_t chain_meter_purchased_fen(const chain *c, unsigned nth)
{
    return c->plant[nth].meter.state.account.purchased_fen;
}
