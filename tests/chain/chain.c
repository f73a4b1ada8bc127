/* The wiring: one list of meters for everybody, the nodes of virtual time, the trace. */
#include "chain_priv.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROW_MAX = 160, US_MS = 1000, NOISE_MS = 500, NOISE_BYTES = 24 };

const uint8_t chain_master[METER_KEY_LEN] = {0x4f, 0x1e, 0x22, 0x91, 0x03, 0xa7, 0x5d, 0xc8,
                                             0x10, 0x6b, 0xee, 0x72, 0x39, 0x84, 0xd5, 0x0f};

chain_cfg chain_cfg_small(uint64_t seed)
{
    return (chain_cfg){.seed = seed,
                       .boxes = 1,
                       .lines = 1,
                       .meters = 3,
                       .network = network_ethernet(),
                       .start = {.year = 2026, .month = 3, .day = 10, .hour = 10},
                       .poll_ms = 60000,
                       .opening_fen = -1000};
}

uint64_t chain_meter_no(unsigned nth)
{
    return UINT64_C(440100000001) + nth;
}

uint64_t chain_customer_no(unsigned nth)
{
    return UINT64_C(100000000001) + nth;
}

void chain_trace(chain *c, const char *what, uint64_t who, const uint8_t *bytes, size_t len)
{
    const uint64_t prime = UINT64_C(0x100000001B3);
    const uint64_t words[] = {(uint64_t)c->world.now.us, who, (uint64_t)what[0], len};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        for (int shift = 0; shift < 64; shift += 8) {
            c->hash = (c->hash ^ (words[i] >> shift & 0xFF)) * prime;
        }
    }
    for (size_t i = 0; i < len; i++) {
        c->hash = (c->hash ^ bytes[i]) * prime;
    }
    if (getenv("CHAIN_TRACE") != NULL) {
        fprintf(stderr, "%12.6f %s %" PRIu64 " ", (double)c->world.now.us / 1e6, what, who);
        for (size_t i = 0; i < len; i++) {
            fprintf(stderr, "%02x", bytes[i]);
        }
        fprintf(stderr, "\n");
    }
}

static void log_write(void *ctx, gt_log_level level, const char *event, const gt_log_field *fields,
                      size_t field_count)
{
    chain *c = ctx;
    c->log_warnings += level >= GT_LOG_WARN ? 1 : 0;
    if (getenv("CHAIN_LOG") == NULL) {
        return;
    }
    fprintf(stderr, "%12.6f %s", (double)c->world.now.us / 1e6, event);
    for (size_t i = 0; i < field_count; i++) {
        if (fields[i].type == GT_LOG_TEXT) {
            fprintf(stderr, " %s=%s", fields[i].key, fields[i].text);
        } else {
            fprintf(stderr, " %s=%" PRId64, fields[i].key, fields[i].number);
        }
    }
    fprintf(stderr, "\n");
}

gt_log chain_log(chain *c)
{
    return (gt_log){.ctx = c, .write = log_write};
}

static void load_model(chain *c)
{
    enum { MODEL_MEMORY = 1 << 16 };
    static char text[DEVICE_TEXT_MAX];
    FILE *f = fopen(SOURCE_ROOT "/models/prepaid-3p.map", "rb");
    assert_non_null(f);
    const size_t len = fread(text, 1, sizeof text, f);
    (void)fclose(f);
    c->model_memory = malloc(MODEL_MEMORY);
    assert_non_null(c->model_memory);
    gt_arena arena = gt_arena_of(c->model_memory, MODEL_MEMORY);
    device_fault fault;
    assert_int_equal(device_model_load(&arena, text, len, GT_ZONE_CHINA_MIN, &fault, &c->model),
                     GT_ERR_OK);
}

/* The meter list, as a person would write it. */
static char *list_text(const chain *c, size_t *out_len)
{
    const unsigned lines = c->cfg.boxes * c->cfg.lines;
    char *text = malloc((c->cfg.meters + 1) * (size_t)ROW_MAX);
    GT_ASSERT(text != NULL);
    unsigned points[CHAIN_BOXES_MAX] = {0};
    size_t at = (size_t)sprintf(
        text, "building,floor,room,meter_no,customer_no,model,terminal,line,unit,point\n");
    for (unsigned i = 0; i < c->cfg.meters; i++) {
        const chain_line *l = &c->line[i % lines];
        points[l->box]++;
        at += (size_t)sprintf(
            text + at, "W%u,%u,%u,%" PRIu64 ",%" PRIu64 ",prepaid-3p,4401-%04u,%u,%u,%u\n",
            l->box + 1, l->no, i / lines + 1, chain_meter_no(i), chain_customer_no(i), l->box + 1,
            l->no, i / lines + 1, points[l->box]);
    }
    *out_len = at;
    return text;
}

static void rosters(chain *c, const char *list, size_t len)
{
    for (unsigned i = 0; i < c->cfg.boxes; i++) {
        chain_box *b = &c->box[i];
        box_roster_fault fault;
        size_t count = 0;
        char name[BOX_TERMINAL_NAME_MAX];
        (void)snprintf(name, sizeof name, "4401-%04u", i + 1);
        assert_int_equal(
            box_roster_parse(list, len, name, b->meters, CHAIN_METERS_MAX, &count, &fault),
            GT_ERR_OK);
        b->cfg.meters = b->meters;
        b->cfg.meter_count = count;
    }
}

static void add_node(chain *c, void *ctx, gt_mono (*deadline)(void *),
                     void (*step)(void *, gt_mono))
{
    const world_node node = {.ctx = ctx, .deadline = deadline, .step = step};
    assert_int_equal(world_add(&c->world, &node), GT_ERR_OK);
}

static void add_nodes(chain *c)
{
    add_node(c, c, chain_acts_deadline, chain_acts_step);
    for (unsigned i = 0; i < c->cfg.boxes; i++) {
        add_node(c, &c->box[i], chain_link_deadline, chain_link_step);
    }
    for (unsigned i = 0; i < c->cfg.boxes * c->cfg.lines; i++) {
        add_node(c, &c->line[i], chain_line_deadline, chain_line_step);
        add_node(c, &c->line[i], chain_meters_deadline, chain_meters_step);
    }
    for (unsigned i = 0; i < c->cfg.boxes; i++) {
        add_node(c, &c->box[i], chain_box_deadline, chain_box_step);
    }
    add_node(c, c, chain_store_deadline, chain_store_step);
    add_node(c, c, chain_station_deadline, chain_station_step);
}

/* The station's list may lack what box 2 has: then that is a stranger to it. */
static size_t listed(const chain *c, const char *list, size_t len)
{
    const char *second = strstr(list, "W2,");
    return c->cfg.unlisted && second != NULL ? (size_t)(second - list) : len;
}

chain *chain_open(const chain_cfg *cfg)
{
    chain *c = calloc(1, sizeof *c);
    assert_non_null(c);
    assert_in_range(cfg->boxes, 1, CHAIN_BOXES_MAX);
    assert_in_range(cfg->lines, 1, CHAIN_BOX_LINES_MAX);
    assert_in_range(cfg->meters, 1, CHAIN_METERS_MAX);
    c->cfg = *cfg;
    c->hash = UINT64_C(0xCBF29CE484222325);
    c->power_meter = -1;
    c->power_back = GT_MONO_NEVER;
    c->garbage_at = GT_MONO_NEVER;
    c->noise = sim_random_of(cfg->seed, 99);
    c->pace = sim_random_of(cfg->seed, 98);
    gt_utc start = {0};
    assert_int_equal(gt_utc_of_civil(&cfg->start, GT_ZONE_CHINA_MIN, &start), GT_ERR_OK);
    world_init(&c->world, start);
    load_model(c);
    chain_field_init(c);
    size_t len = 0;
    char *list = list_text(c, &len);
    chain_station_init(c, list, listed(c, list, len));
    for (unsigned i = 0; i < cfg->boxes; i++) {
        chain_box_init(c, i);
    }
    rosters(c, list, len);
    free(list);
    for (unsigned i = 0; i < cfg->boxes; i++) {
        chain_box_start(&c->box[i]);
    }
    add_nodes(c);
    return c;
}

void chain_close(chain *c)
{
    if (c == NULL) {
        return;
    }
    for (unsigned i = 0; i < c->cfg.boxes; i++) {
        chain_box_fini(&c->box[i]);
    }
    chain_station_fini(c);
    free(c->model_memory);
    free(c);
}

headend_now chain_now(const chain *c)
{
    return (headend_now){.mono = c->world.now, .utc = world_utc(&c->world)};
}

uint64_t chain_hash(const chain *c)
{
    return c->hash;
}

typedef struct run {
    chain *chain;
    bool alive;
    chain_done done;
    void *ctx;
} run;

static bool run_done(void *ctx)
{
    const run *r = ctx;
    return chain_station_alive(r->chain) != r->alive || (r->done != NULL && r->done(r->ctx));
}

bool chain_run(chain *c, int64_t ms, chain_done done, void *ctx)
{
    if (done != NULL && done(ctx)) {
        return true;
    }
    run r = {.chain = c, .alive = chain_station_alive(c), .done = done, .ctx = ctx};
    return world_run(&c->world, (gt_mono){c->world.now.us + ms * US_MS}, run_done, &r);
}

/* ---- acts that come by time: noise ---- */

gt_mono chain_acts_deadline(void *ctx)
{
    const chain *c = ctx;
    return c->power_back.us < c->garbage_at.us ? c->power_back : c->garbage_at;
}

static size_t noise_bytes(chain *c, uint8_t out[NOISE_BYTES])
{
    const size_t len = (size_t)sim_random_range(&c->noise, 1, NOISE_BYTES);
    for (size_t i = 0; i < len; i++) {
        out[i] = (uint8_t)sim_random_next(&c->noise);
    }
    if (sim_random_permille(&c->noise, 300)) {
        out[0] = 0x68; /* as a frame begins */
    }
    return len;
}

static void make_noise(chain *c)
{
    uint8_t bytes[NOISE_BYTES];
    for (unsigned i = 0; i < c->cfg.boxes; i++) {
        chain_box *b = &c->box[i];
        const network_side to =
            sim_random_permille(&c->noise, 500) ? NETWORK_TO_BOX : NETWORK_TO_STATION;
        size_t len = noise_bytes(c, bytes);
        if (!b->link.box_open || !b->link.station_open ||
            network_send(&b->link.net, to, bytes, len, c->world.now) != GT_ERR_OK) {
            len = 0;
        }
        const unsigned nth = (unsigned)sim_random_range(&c->noise, 0, c->cfg.lines - 1);
        const size_t line_len = noise_bytes(c, bytes);
        chain_trace(c, "noise", i * c->cfg.lines + nth, bytes, line_len);
        if (b->core != NULL && !b->killed) {
            concentrator_line_bytes(b->core, chain_box_now(b), nth + 1, bytes, line_len);
            chain_box_after(b);
        }
        b->garbage += len + line_len;
    }
}

void chain_acts_step(void *ctx, gt_mono now)
{
    chain *c = ctx;
    if (c->power_back.us <= now.us) {
        c->power_back = GT_MONO_NEVER;
        assert_int_equal(plant_power(&c->plant[c->power_meter], true, now), GT_ERR_OK);
        for (unsigned i = 0; i < c->cfg.boxes * c->cfg.lines; i++) {
            c->line[i].due = now;
        }
    }
    if (c->garbage_at.us <= now.us) {
        c->garbage_at = (gt_mono){now.us + (int64_t)NOISE_MS * US_MS};
        make_noise(c);
    }
}
