/* Boxes: the ports of a concentrator. Everything it tells the outside is one act, and a box can be
 * killed instead of any of them: then nothing it wanted later in the same call happens either. */
#include "chain_priv.h"

#include <stdlib.h>
#include <string.h>

enum { BAUD = 9600, CHAR_BITS = 10, HEARTBEAT_S = 60, REGION = 0x4401, US_MS = 1000 };

/* @return false: it is dead */
static bool act(chain_box *b)
{
    b->acts++;
    if (b->acts == b->kill_at) {
        b->killed = true;
    }
    return !b->killed;
}

static void link_open(void *ctx, unsigned host)
{
    (void)host;
    if (act(ctx)) {
        chain_link_open(ctx);
    }
}

static void link_send(void *ctx, const uint8_t *bytes, size_t len)
{
    if (act(ctx)) {
        if (chain_link_carry(ctx, NETWORK_TO_STATION, bytes, len) == GT_ERR_BUSY) {
            chain_link_break(ctx);
        }
    }
}

static void link_close(void *ctx)
{
    chain_box *b = ctx;
    if (act(b)) {
        b->link.connecting = false;
        b->link.box_open = false;
    }
}

static void line_send(void *ctx, unsigned line_no, const uint8_t *bytes, size_t len)
{
    chain_box *b = ctx;
    if (act(b)) {
        chain_line *l = b->line[line_no - 1];
        sim_line_write(&l->wire, bytes, len, b->chain->world.now);
    }
}

static uint32_t draw(void *ctx)
{
    return (uint32_t)sim_random_next(&((chain_box *)ctx)->random);
}

static gt_err submit(void *ctx, store_work work, void *arg, store_done done)
{
    chain_box *b = ctx;
    if (!act(b)) {
        return GT_ERR_IO;
    }
    const gt_store store = direct_store_port(b->store);
    return store.submit(store.ctx, work, arg, done);
}

static gt_err read_store(void *ctx, store_work work, void *arg)
{
    const gt_store store = direct_store_port(((chain_box *)ctx)->store);
    return store.read(store.ctx, work, arg);
}

void chain_box_init(chain *c, unsigned nth)
{
    chain_box *b = &c->box[nth];
    b->chain = c;
    b->nth = nth;
    b->random = sim_random_of(c->cfg.seed, 1000 + nth);
    b->restart_at = GT_MONO_NEVER;
    b->store_port = (gt_store){.ctx = b, .submit = submit, .read = read_store};
    b->cfg = (concentrator_cfg){.addr = {.region = REGION, .terminal = (uint16_t)(nth + 1)},
                                .hosts = 1,
                                .heartbeat_s = HEARTBEAT_S,
                                .round_s = c->cfg.round_s,
                                .zone_min = GT_ZONE_CHINA_MIN,
                                .models = &c->model,
                                .model_count = 1};
    for (unsigned i = 0; i < c->cfg.lines; i++) {
        b->cfg.lines[i] = (line_cfg){.baud = BAUD, .char_bits = CHAR_BITS};
        b->line[i] = &c->line[nth * c->cfg.lines + i];
    }
    const store_place place = {.engine = &sqlite_engine, .db = STORE_DB_BOX, .target = ":memory:"};
    assert_int_equal(direct_store_open(&place, world_utc(&c->world).ms, &b->store), GT_ERR_OK);
    chain_link_init(b);
}

concentrator_time chain_box_now(const chain_box *b)
{
    return (concentrator_time){.mono = b->chain->world.now, .utc = world_utc(&b->chain->world)};
}

void chain_box_start(chain_box *b)
{
    chain *c = b->chain;
    free(b->memory);
    b->memory_size = concentrator_memory(&b->cfg) + 4096;
    b->memory = malloc(b->memory_size);
    assert_non_null(b->memory);
    memset(b->memory, 0xA5, b->memory_size);
    gt_arena arena = gt_arena_of(b->memory, b->memory_size);
    b->log = chain_log(c);
    const concentrator_ports ports = {.ctx = b,
                                      .link_open = link_open,
                                      .link_send = link_send,
                                      .link_close = link_close,
                                      .line_send = line_send,
                                      .random = draw,
                                      .store = &b->store_port,
                                      .log = &b->log};
    char fault[CONCENTRATOR_FAULT_MAX];
    b->killed = false;
    b->kill_at = 0;
    b->restart_at = GT_MONO_NEVER;
    assert_int_equal(
        concentrator_create(&arena, &b->cfg, &ports, chain_box_now(b), fault, &b->core), GT_ERR_OK);
    for (unsigned i = 0; i < c->cfg.lines; i++) {
        concentrator_line_opened(b->core, chain_box_now(b), i + 1);
    }
    chain_box_after(b);
}

void chain_box_fini(chain_box *b)
{
    direct_store_close(b->store);
    free(b->memory);
}

void chain_box_after(chain_box *b)
{
    if (!b->killed || b->core == NULL) {
        return;
    }
    b->core = NULL;
    b->restart_at = (gt_mono){b->chain->world.now.us + (int64_t)CHAIN_RESTART_MS * US_MS};
    b->link.connecting = false;
    b->link.box_open = false; /* the kernel says good-bye for it */
    chain_trace(b->chain, "box-killed", b->nth, NULL, 0);
}

void chain_box_kill(chain *c, unsigned box)
{
    c->box[box].killed = true;
    chain_box_after(&c->box[box]);
}

gt_mono chain_box_deadline(void *box)
{
    const chain_box *b = box;
    if (b->core != NULL && b->killed) {
        return b->chain->world.now;
    }
    return b->core == NULL ? b->restart_at : concentrator_deadline(b->core);
}

void chain_box_step(void *box, gt_mono now)
{
    chain_box *b = box;
    if (b->core == NULL) {
        if (b->restart_at.us <= now.us) {
            chain_box_start(b);
        }
        return;
    }
    if (!b->killed) {
        concentrator_tick(b->core, chain_box_now(b));
    }
    chain_box_after(b);
}
