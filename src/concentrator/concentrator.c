/* The box as a whole: built from its configuration, moved on by time, the link and the lines. */
#include "concentrator/concentrator_priv.h"

#include <stdio.h>
#include <string.h>

enum {
    LINE_MEMORY = 28 * 1024, /* a line master and a collection engine without members */
    POINT_MEMORY = sizeof(box_point) + sizeof(box_row) + 64, /* and its place in the engine */
};

static gt_mono later(gt_mono now, int64_t ms)
{
    return (gt_mono){.us = now.us + ms * 1000};
}

size_t concentrator_memory(const concentrator_cfg *cfg)
{
    return sizeof(concentrator) + BOX_LINES_MAX * (size_t)LINE_MEMORY +
           cfg->meter_count * (size_t)POINT_MEMORY;
}

static gt_err fault(char out[CONCENTRATOR_FAULT_MAX], gt_err err, const char *what, unsigned which)
{
    (void)snprintf(out, CONCENTRATOR_FAULT_MAX, "%s (%u)", what, which);
    return err;
}

static gt_err check_cfg(const concentrator_cfg *cfg, char out_fault[CONCENTRATOR_FAULT_MAX])
{
    if (cfg->hosts < 1 || cfg->hosts > CONCENTRATOR_HOSTS_MAX) {
        return fault(out_fault, GT_ERR_RANGE, "one or two station addresses", cfg->hosts);
    }
    if (cfg->heartbeat_s < CONCENTRATOR_HEARTBEAT_MIN_S ||
        cfg->heartbeat_s > CONCENTRATOR_HEARTBEAT_MAX_S) {
        return fault(out_fault, GT_ERR_RANGE, "a heartbeat of 5 .. 3600 s", cfg->heartbeat_s);
    }
    if (cfg->round_s > CONCENTRATOR_ROUND_MAX_S) {
        return fault(out_fault, GT_ERR_RANGE, "a round of 0 .. 86400 s", cfg->round_s);
    }
    if (cfg->meter_count > BOX_POINTS_MAX) {
        return fault(out_fault, GT_ERR_RANGE, "at most 2040 meters", (unsigned)cfg->meter_count);
    }
    if (cfg->model_count > CONCENTRATOR_MODELS_MAX) {
        return fault(out_fault, GT_ERR_RANGE, "at most 16 models", (unsigned)cfg->model_count);
    }
    for (size_t i = 0; i < cfg->model_count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (strcmp(device_model_name(cfg->models[i]), device_model_name(cfg->models[j])) == 0) {
                return fault(out_fault, GT_ERR_RANGE, "model names that differ", (unsigned)i + 1);
            }
        }
    }
    return GT_ERR_OK;
}

static const device_model *find_model(const concentrator *c, const char *name)
{
    for (size_t i = 0; i < c->model_count; i++) {
        if (strcmp(device_model_name(c->models[i]), name) == 0) {
            return c->models[i];
        }
    }
    return NULL;
}

static gt_err take_meters(concentrator *c, gt_arena *arena, const concentrator_cfg *cfg,
                          char out_fault[CONCENTRATOR_FAULT_MAX])
{
    c->points = gt_arena_take(arena, (cfg->meter_count + 1) * sizeof(box_point));
    c->batch.rows = gt_arena_take(arena, (cfg->meter_count + 1) * sizeof(box_row));
    if (c->points == NULL || c->batch.rows == NULL) {
        return GT_ERR_MEMORY;
    }
    for (size_t i = 0; i < cfg->meter_count; i++) {
        const box_meter *meter = &cfg->meters[i];
        if (i > 0 && meter->point <= cfg->meters[i - 1].point) {
            return fault(out_fault, GT_ERR_RANGE, "meters ascending by point", meter->point);
        }
        if (meter->line < 1 || meter->line > BOX_LINES_MAX ||
            cfg->lines[meter->line - 1].baud == 0) {
            return fault(out_fault, GT_ERR_RANGE, "a line that is configured, for point",
                         meter->point);
        }
        const device_model *model = find_model(c, meter->model);
        if (model == NULL) {
            return fault(out_fault, GT_ERR_NOT_FOUND, "a known meter model, for point",
                         meter->point);
        }
        c->points[i] = (box_point){.meter = *meter,
                                   .model = model,
                                   .daily = box_freeze_of(BOX_FREEZE_DAILY),
                                   .monthly = box_freeze_of(BOX_FREEZE_MONTHLY)};
        c->lines[meter->line - 1].point_count++;
    }
    c->point_count = (uint16_t)cfg->meter_count;
    return GT_ERR_OK;
}

static gt_err build_line(concentrator *c, gt_arena *arena, const concentrator_cfg *cfg, size_t at)
{
    box_line *l = &c->lines[at];
    GT_TRY(line_create(arena, &cfg->lines[at], &l->line));
    collect_cfg engine = collect_cfg_default(l->point_count > 0 ? l->point_count : 1);
    engine.interval_ms = cfg->round_s * 1000;
    engine.slow_ms = BOX_SLOW_MS;
    engine.slow_after = BOX_SLOW_AFTER;
    GT_TRY(collect_create(arena, &engine, &l->collect));
    l->points = gt_arena_take(arena, ((size_t)l->point_count + 1) * sizeof *l->points);
    if (l->points == NULL) {
        return GT_ERR_MEMORY;
    }
    uint16_t member = 0;
    for (uint16_t i = 0; i < c->point_count; i++) {
        if (c->points[i].meter.line == at + 1) {
            l->points[member] = i;
            collect_member_enable(l->collect, member, true);
            member++;
        }
    }
    l->record.box = c;
    return GT_ERR_OK;
}

gt_err concentrator_create(gt_arena *arena, const concentrator_cfg *cfg,
                           const concentrator_ports *ports, concentrator_time now,
                           char out_fault[CONCENTRATOR_FAULT_MAX], concentrator **out)
{
    GT_TRY(check_cfg(cfg, out_fault));
    concentrator *c = gt_arena_take(arena, sizeof *c);
    if (c == NULL) {
        return GT_ERR_MEMORY;
    }
    c->ports = *ports;
    c->addr = cfg->addr;
    c->clock.zone_min = cfg->zone_min;
    c->now = now.mono;
    c->next_tick = now.mono;
    c->next_keep = now.mono;
    c->next_report = later(now.mono, BOX_REPORT_MS);
    c->batch.box = c;
    c->purge.box = c;
    c->model_count = cfg->model_count;
    for (size_t i = 0; i < cfg->model_count; i++) {
        c->models[i] = cfg->models[i];
    }
    GT_TRY(take_meters(c, arena, cfg, out_fault));
    for (size_t i = 0; i < BOX_LINES_MAX; i++) {
        if (cfg->lines[i].baud != 0) {
            GT_TRY(build_line(c, arena, cfg, i));
        }
    }
    const box_uplink_cfg link = {
        .addr = cfg->addr, .hosts = cfg->hosts, .heartbeat_ms = cfg->heartbeat_s * 1000};
    box_uplink_init(&c->uplink, &link, now.mono);
    GT_TRY(box_archive_load(c));
    *out = c;
    return GT_ERR_OK;
}

box_point *box_point_find(concentrator *c, uint16_t point)
{
    size_t low = 0;
    size_t high = c->point_count;
    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        if (c->points[mid].meter.point < point) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low < c->point_count && c->points[low].meter.point == point ? &c->points[low] : NULL;
}

/* An answer belongs to the session that asked: a later one would take it for something else. */
void box_send(concentrator *c, uint32_t session, const uint8_t *bytes, size_t len)
{
    if (c->uplink.state != BOX_UPLINK_ONLINE || c->uplink.session != session) {
        c->stats.answers_dropped++;
        return;
    }
    c->ports.link_send(c->ports.ctx, bytes, len);
}

static void perform(concentrator *c, const box_uplink_do *todo)
{
    if (todo->came) {
        gt_log_event(c->ports.log, GT_LOG_INFO, "link.up", gt_log_num("host", c->uplink.host),
                     gt_log_num("session", c->uplink.session));
    }
    if (todo->went) {
        gt_log_event(c->ports.log, GT_LOG_WARN, "link.down",
                     gt_log_num("session", c->uplink.session));
    }
    if (todo->close) {
        c->ports.link_close(c->ports.ctx);
    }
    if (todo->connect) {
        c->ports.link_open(c->ports.ctx, todo->host);
    }
    if (todo->len > 0) {
        c->ports.link_send(c->ports.ctx, todo->bytes, todo->len);
    }
}

void concentrator_link_opened(concentrator *c, concentrator_time now)
{
    box_uplink_do todo;
    c->now = now.mono;
    box_uplink_opened(&c->uplink, now.mono, &todo);
    perform(c, &todo);
}

void concentrator_link_closed(concentrator *c, concentrator_time now)
{
    box_uplink_do todo;
    c->now = now.mono;
    box_uplink_closed(&c->uplink, now.mono, c->ports.random(c->ports.ctx), &todo);
    perform(c, &todo);
}

static void take_frames(concentrator *c, concentrator_time now)
{
    gdw1376_frame request;
    bool is_request = false;
    box_uplink_do todo;
    const uint64_t denied = c->uplink.counts.denied;
    while (box_uplink_next(&c->uplink, now.mono, c->ports.random(c->ports.ctx), &request,
                           &is_request, &todo)) {
        perform(c, &todo);
        if (is_request) {
            box_serve(c, now, &request);
        }
    }
    if (c->uplink.counts.denied != denied) {
        gt_log_event(c->ports.log, GT_LOG_WARN, "link.denied", gt_log_num("host", c->uplink.host));
    }
}

void concentrator_link_bytes(concentrator *c, concentrator_time now, const uint8_t *bytes,
                             size_t len)
{
    c->now = now.mono;
    while (len > 0 && c->uplink.state >= BOX_UPLINK_LOGIN) {
        const size_t taken = box_uplink_feed(&c->uplink, now.mono, bytes, len);
        bytes += taken;
        len -= taken;
        take_frames(c, now);
    }
}

/* How the box does, for whoever reads its log. */
static void report(const concentrator *c, gt_mono now)
{
    const concentrator_stats s = concentrator_stats_of(c, now);
    gt_log_event(
        c->ports.log, GT_LOG_INFO, "box.report", gt_log_num("meters", s.meters),
        gt_log_num("silent", s.meters_dead), gt_log_num("rounds", (int64_t)s.rounds),
        gt_log_num("round_ms", s.round_us / 1000), gt_log_num("requests", (int64_t)s.requests),
        gt_log_num("refused", (int64_t)s.refused), gt_log_num("forwards", (int64_t)s.forwards),
        gt_log_num("forwards_silent", (int64_t)s.forwards_silent),
        gt_log_num("freezes", (int64_t)s.freezes), gt_log_num("logins", (int64_t)s.logins),
        gt_log_num("garbage_bytes", (int64_t)s.garbage_bytes));
}

static void house_keeping(concentrator *c, concentrator_time now)
{
    gt_civil local;
    c->next_tick = later(now.mono, BOX_TICK_MS);
    if (now.mono.us >= c->next_keep.us) {
        c->next_keep = later(now.mono, BOX_KEEP_MS);
        box_archive_keep(c);
    }
    if (now.mono.us >= c->next_report.us) {
        c->next_report = later(now.mono, BOX_REPORT_MS);
        report(c, now.mono);
    }
    if (box_clock_local(&c->clock, now.utc, &local) == GT_ERR_OK) {
        box_archive_purge(c, &local);
    }
}

void concentrator_tick(concentrator *c, concentrator_time now)
{
    c->now = now.mono;
    if (now.mono.us >= box_uplink_deadline(&c->uplink).us) {
        box_uplink_do todo;
        box_uplink_tick(&c->uplink, now.mono, c->ports.random(c->ports.ctx), &todo);
        perform(c, &todo);
        take_frames(c, now); /* giving up on a stalled frame may have uncovered another */
    }
    box_forward_tick(c, now.mono);
    box_lines_tick(c, now);
    if (now.mono.us >= c->next_tick.us) {
        house_keeping(c, now);
    }
}

gt_mono concentrator_deadline(const concentrator *c)
{
    const gt_mono all[] = {c->next_tick, box_uplink_deadline(&c->uplink), box_lines_deadline(c),
                           box_forward_deadline(c)};
    gt_mono first = all[0];
    for (size_t i = 1; i < sizeof all / sizeof all[0]; i++) {
        first = all[i].us < first.us ? all[i] : first;
    }
    return first;
}

void concentrator_flush(concentrator *c)
{
    box_archive_keep(c);
}

static void add_lines(const concentrator *c, gt_mono now, concentrator_stats *s)
{
    bool any = false;
    for (size_t i = 0; i < BOX_LINES_MAX; i++) {
        const box_line *l = &c->lines[i];
        if (l->line == NULL) {
            continue;
        }
        s->garbage_bytes += line_stats_of(l->line).garbage_bytes;
        if (l->point_count == 0) {
            continue;
        }
        const collect_stats engine = collect_stats_of(l->collect, now);
        s->meters_dead += engine.dead;
        s->rounds = !any || engine.rounds < s->rounds ? engine.rounds : s->rounds;
        s->round_us = engine.round_us > s->round_us ? engine.round_us : s->round_us;
        any = true;
    }
}

concentrator_stats concentrator_stats_of(const concentrator *c, gt_mono now)
{
    concentrator_stats s = c->stats;
    s.meters = c->point_count;
    for (size_t i = 0; i < c->point_count; i++) {
        s.meters_read += c->points[i].read ? 1 : 0;
    }
    s.online = c->uplink.state == BOX_UPLINK_ONLINE;
    s.logins = c->uplink.counts.logins;
    s.link_lost = c->uplink.counts.lost;
    s.garbage_bytes = c->uplink.counts.garbage + c->uplink.stream.garbage;
    add_lines(c, now, &s);
    return s;
}
