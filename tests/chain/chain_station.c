/* The station: head-end over its two databases, and the ways it dies. A killed process does nothing
 * more, not even in the middle of a call; a crashed machine also loses what was not synced. */
#include "chain_priv.h"

#include "crash_disk.h"
#include "crypto/cmac.h"
#include "registry/registry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool chain_station_dying(const chain *c)
{
    return c->station_killed || (c->cfg.crash_disk && crash_disk_crashed());
}

bool chain_station_alive(const chain *c)
{
    return c->headend != NULL && !chain_station_dying(c);
}

/* @return false: it is dead */
static bool act(chain *c)
{
    c->station_acts++;
    if (c->station_acts == c->station_kill_at) {
        c->station_killed = true;
    }
    return !chain_station_dying(c);
}

static gt_err link_send(void *ctx, uint64_t link, const uint8_t *buf, size_t len)
{
    chain *c = ctx;
    if (!act(c)) {
        return GT_ERR_OK;
    }
    for (unsigned i = 0; i < c->cfg.boxes; i++) {
        if (c->box[i].link.stale_id == link) {
            return GT_ERR_OK; /* into the void */
        }
    }
    chain_box *b = chain_link_of(c, link);
    return b == NULL ? GT_ERR_CLOSED : chain_link_carry(b, NETWORK_TO_BOX, buf, len);
}

static void link_close(void *ctx, uint64_t link)
{
    chain *c = ctx;
    if (!act(c)) {
        return;
    }
    for (unsigned i = 0; i < c->cfg.boxes; i++) {
        if (c->box[i].link.stale_id == link) {
            c->box[i].link.stale_id = 0;
        }
    }
    chain_box *b = chain_link_of(c, link);
    if (b != NULL) {
        b->link.station_open = false;
    }
}

static gt_err submit_to(chain *c, direct_store *store, store_work work, void *arg, store_done done)
{
    if (!act(c)) {
        return GT_ERR_IO;
    }
    if (c->cfg.store_us == 0) {
        const gt_store port = direct_store_port(store);
        return port.submit(port.ctx, work, arg, done);
    }
    if (c->write_count == CHAIN_WRITES_MAX) {
        return GT_ERR_BUSY;
    }
    chain_write *w = &c->writes[(c->write_first + c->write_count++) % CHAIN_WRITES_MAX];
    *w = (chain_write){.store = store, .work = work, .arg = arg, .done = done};
    w->due.us = c->world.now.us + sim_random_range(&c->pace, 0, c->cfg.store_us);
    return GT_ERR_OK;
}

gt_mono chain_store_deadline(void *ctx)
{
    const chain *c = ctx;
    return c->write_count == 0 ? GT_MONO_NEVER : c->writes[c->write_first].due;
}

void chain_store_step(void *ctx, gt_mono now)
{
    chain *c = ctx;
    chain_write *w = &c->writes[c->write_first];
    if (chain_station_dying(c)) {
        chain_station_after(c);
        return;
    }
    if (!w->written) {
        w->err = direct_store_write(w->store, w->work, w->arg);
        w->written = true;
        w->due.us = now.us + sim_random_range(&c->pace, 0, c->cfg.store_us);
        chain_station_after(c);
        return;
    }
    const chain_write over = *w;
    c->write_first = (c->write_first + 1) % CHAIN_WRITES_MAX;
    c->write_count--;
    c->till_writes++;
    if (over.done != NULL) {
        over.done(over.arg, over.err);
    }
    chain_station_after(c);
}

static gt_err till_submit(void *ctx, store_work work, void *arg, store_done done)
{
    ((chain *)ctx)->till_writes++;
    return submit_to(ctx, ((chain *)ctx)->till, work, arg, done);
}

static gt_err readings_submit(void *ctx, store_work work, void *arg, store_done done)
{
    return submit_to(ctx, ((chain *)ctx)->readings, work, arg, done);
}

static gt_err till_read(void *ctx, store_work work, void *arg)
{
    return direct_store_read(((chain *)ctx)->till, work, arg);
}

static gt_err readings_read(void *ctx, store_work work, void *arg)
{
    return direct_store_read(((chain *)ctx)->readings, work, arg);
}

static gt_err mac(void *ctx, uint64_t meter_no, uint8_t key_version, const char *purpose,
                  const uint8_t *data, size_t len, uint8_t out[KEYSTORE_MAC_LEN])
{
    (void)ctx;
    static const char *const names[METER_KEY_PURPOSES] = {"purchase", "control", "parameter"};
    for (int i = 0; i < METER_KEY_PURPOSES; i++) {
        if (strcmp(purpose, names[i]) == 0) {
            const meter_key_info info = {(meter_key_purpose)i, meter_no, key_version};
            uint8_t key[METER_KEY_LEN];
            uint8_t whole[CMAC_LEN];
            GT_TRY(meter_key_derive(chain_master, &info, key));
            cmac_of(key, data, len, whole);
            memcpy(out, whole, KEYSTORE_MAC_LEN);
            return GT_ERR_OK;
        }
    }
    return GT_ERR_NOT_FOUND;
}

static void publish(void *ctx, gt_event_kind kind, int64_t id)
{
    chain_trace(ctx, "event", (uint64_t)kind << 32 | (uint64_t)id, NULL, 0);
}

static gt_err open_store(const chain *c, store_db db, direct_store **out)
{
    const char *name = db == STORE_DB_TILL ? "till.db" : "readings.db";
    const store_place place = {.engine = &sqlite_engine,
                               .db = db,
                               .target = c->cfg.crash_disk ? name : ":memory:",
                               .option = c->cfg.crash_disk ? CRASH_DISK_NAME : NULL};
    return direct_store_open(&place, world_utc(&c->world).ms, out);
}

gt_err chain_station_start(chain *c)
{
    chain_station_after(c); /* one that was killed in its last act is buried first */
    if (c->till == NULL) {
        GT_TRY(open_store(c, STORE_DB_TILL, &c->till));
    }
    if (c->readings == NULL) {
        GT_TRY(open_store(c, STORE_DB_READINGS, &c->readings));
    }
    headend_cfg cfg = headend_cfg_default();
    cfg.sessions_max = 4;
    cfg.unlogged_max = 4;
    cfg.points_max = CHAIN_METERS_MAX;
    cfg.poll_interval_ms = c->cfg.poll_ms;
    const size_t size = headend_size(&cfg);
    c->headend_memory = malloc(size);
    assert_non_null(c->headend_memory);
    memset(c->headend_memory, 0xA5, size);
    c->station_killed = false;
    c->station_kill_at = 0;
    const headend_ports ports = {
        .link = {.ctx = c, .send = link_send, .close = link_close},
        .till = {.ctx = c, .submit = till_submit, .read = till_read},
        .readings = {.ctx = c, .submit = readings_submit, .read = readings_read},
        .keys = {.ctx = c, .mac = mac},
        .events = {.ctx = c, .publish = publish},
        .log = chain_log(c),
        .models = &c->model,
        .model_count = 1,
    };
    const gt_err err =
        headend_open(c->headend_memory, size, &cfg, &ports, chain_now(c), &c->headend);
    if (err != GT_ERR_OK || chain_station_dying(c)) {
        c->headend = NULL;
        free(c->headend_memory);
        c->headend_memory = NULL;
        return err != GT_ERR_OK ? err : GT_ERR_IO;
    }
    return GT_ERR_OK;
}

typedef struct import_job {
    meter_list list;
    gt_utc now;
} import_job;

static gt_err import_work(const store_tx *tx, void *arg)
{
    import_job *job = arg;
    registry_import_result result;
    return registry_import(tx, &job->list, job->now, &result);
}

typedef struct ids_job {
    chain *chain;
    unsigned count;
} ids_job;

static gt_err ids_work(const store_tx *tx, void *arg)
{
    const ids_job *job = arg;
    for (unsigned i = 0; i < job->chain->cfg.meters; i++) {
        registry_meter row;
        const gt_err err = registry_meter_find_no(tx, chain_meter_no(i), &row);
        if (err == GT_ERR_OK) {
            job->chain->meter_id[i] = row.id;
        } else if (err != GT_ERR_NOT_FOUND) {
            return err;
        }
    }
    return GT_ERR_OK;
}

void chain_station_init(chain *c, const char *list, size_t len)
{
    crash_disk_reset();
    assert_int_equal(chain_station_start(c), GT_ERR_OK);
    import_job job = {.now = world_utc(&c->world)};
    job.list.cap = CHAIN_METERS_MAX;
    job.list.row = calloc(job.list.cap, sizeof *job.list.row);
    job.list.index = calloc(job.list.cap, sizeof *job.list.index);
    assert_non_null(job.list.row);
    assert_non_null(job.list.index);
    meter_list_errors errors = {0};
    assert_int_equal(meter_list_parse(list, len, &job.list, &errors), GT_ERR_OK);
    assert_int_equal(direct_store_write(c->till, import_work, &job), GT_ERR_OK);
    free(job.list.row);
    free(job.list.index);
    ids_job ids = {.chain = c};
    assert_int_equal(direct_store_read(c->till, ids_work, &ids), GT_ERR_OK);
}

static void drop(chain *c)
{
    c->headend = NULL;
    free(c->headend_memory);
    c->headend_memory = NULL;
    c->write_count = 0; /* what the store had not been given is gone with the process */
    c->station_killed = false;
}

static void close_stores(chain *c)
{
    direct_store_close(c->till);
    direct_store_close(c->readings);
    c->till = NULL;
    c->readings = NULL;
}

void chain_station_fini(chain *c)
{
    drop(c);
    close_stores(c);
}

void chain_station_after(chain *c)
{
    if (c->headend == NULL || !chain_station_dying(c)) {
        return;
    }
    const bool power = c->cfg.crash_disk && crash_disk_crashed();
    drop(c);
    for (unsigned i = 0; i < c->cfg.boxes; i++) {
        c->box[i].link.station_open = false; /* the kernel says good-bye for it */
        c->box[i].link.stale_id = 0;
        if (power) {
            chain_link_break(&c->box[i]);
        }
    }
    chain_trace(c, "station-dead", power ? 1 : 0, NULL, 0);
}

void chain_station_kill(chain *c)
{
    c->station_killed = true;
    chain_station_after(c);
}

void chain_station_crash(chain *c, uint64_t seed)
{
    assert_true(c->cfg.crash_disk);
    if (!crash_disk_crashed()) {
        crash_disk_crash_at(crash_disk_steps() + 1); /* closing must not write any more */
        close_stores(c);
        c->station_killed = true;
    }
    chain_station_after(c);
    close_stores(c);
    crash_disk_reboot(seed);
}

gt_mono chain_station_deadline(void *ctx)
{
    const chain *c = ctx;
    if (c->headend == NULL) {
        return GT_MONO_NEVER;
    }
    return chain_station_dying(c) ? c->world.now : headend_deadline(c->headend);
}

void chain_station_step(void *ctx, gt_mono now)
{
    (void)now;
    chain *c = ctx;
    if (!chain_station_dying(c)) {
        headend_tick(c->headend, chain_now(c));
    }
    chain_station_after(c);
}
