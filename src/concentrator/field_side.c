/* The box towards its meters: each line has a master (bus/line.h) and a collection engine
 * (field/collect.h). At most one collection request of a line is with its master, so that a
 * forwarded frame waits for one exchange at the most; the next one is given when that ends. */
#include "concentrator/concentrator_priv.h"

static box_point *point_of(concentrator *c, const box_line *l, uint32_t member)
{
    return &c->points[l->points[member]];
}

static unsigned line_no_of(const concentrator *c, const box_line *l)
{
    return (unsigned)(l - c->lines) + 1;
}

static bool submit(box_line *l, const device_frame *frame, line_priority priority, uint8_t attempts,
                   uint64_t cookie)
{
    line_request request = {.framing = LINE_MODBUS_RTU,
                            .priority = priority,
                            .attempts = attempts,
                            .cookie = cookie,
                            .len = frame->len};
    for (size_t i = 0; i < frame->len; i++) {
        request.bytes[i] = frame->bytes[i];
    }
    return line_submit(l->line, &request) == GT_ERR_OK;
}

/* Local time, when the box has one worth dating records with. */
static bool local_now(const concentrator *c, concentrator_time now, gt_civil *out)
{
    return box_clock_local(&c->clock, now.utc, out) == GT_ERR_OK && out->year >= BOX_CLOCK_YEAR_MIN;
}

static bool past_freeze(const gt_civil *local)
{
    return local->hour > 0 || local->minute >= BOX_FREEZE_MINUTE;
}

/* Is anything owed by this meter? Monthly records come after the daily ones. */
static bool freeze_owed(box_point *p, gt_mono now, const gt_civil *local, box_job *out)
{
    static const box_freeze_kind kinds[] = {BOX_FREEZE_DAILY, BOX_FREEZE_MONTHLY};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        const bool daily = kinds[i] == BOX_FREEZE_DAILY;
        box_freeze *f = daily ? &p->daily : &p->monthly;
        if (device_block_records(p->model, daily ? DEVICE_DAILY : DEVICE_MONTHLY) == 0) {
            continue;
        }
        box_freeze_roll(f, box_freeze_period(kinds[i], local));
        /* On days after the first the month's record is a day old at least. */
        const bool settled = past_freeze(local) || (!daily && local->day > 1);
        if (box_freeze_next(f, now, settled, &out->record)) {
            out->kind = BOX_JOB_FREEZE;
            out->freeze_kind = kinds[i];
            return true;
        }
    }
    return false;
}

static device_block block_of(box_freeze_kind kind)
{
    return kind == BOX_FREEZE_DAILY ? DEVICE_DAILY : DEVICE_MONTHLY;
}

/* The next frozen record to fetch on this line, from meters that answer. */
static bool freeze_start(concentrator *c, box_line *l, concentrator_time now)
{
    gt_civil local;
    if (l->record.busy || l->point_count == 0 || !local_now(c, now, &local)) {
        return false;
    }
    for (unsigned i = 0; i < l->point_count; i++) {
        const uint16_t member = (uint16_t)((l->freeze_at + i) % l->point_count);
        box_point *p = point_of(c, l, member);
        const collect_member_state state = collect_member_of(l->collect, member);
        box_job job = {.point_idx = l->points[member]};
        device_frame frame;
        if (!state.ever_read || state.dead || !freeze_owed(p, now.mono, &local, &job) ||
            device_read_request(p->model, p->meter.unit, block_of(job.freeze_kind), job.record,
                                &frame) != GT_ERR_OK) {
            continue;
        }
        if (!submit(l, &frame, LINE_COLLECT, BOX_COLLECT_ATTEMPTS,
                    box_cookie_of(BOX_COOKIE_COLLECT, 0))) {
            return false;
        }
        box_freeze_begin(job.freeze_kind == BOX_FREEZE_DAILY ? &p->daily : &p->monthly);
        l->freeze_at = member; /* one meter's walk goes on before the next one's begins */
        l->since_freeze = 0;
        l->job = job;
        return true;
    }
    return false;
}

static bool status_start(concentrator *c, box_line *l, concentrator_time now)
{
    collect_job job;
    while (collect_next(l->collect, now.mono, &job)) {
        const box_point *p = point_of(c, l, job.member);
        device_frame frame;
        const gt_err err = device_status_request(p->model, p->meter.unit, &frame);
        if (err == GT_ERR_OK &&
            submit(l, &frame, LINE_COLLECT, job.probe ? 1 : BOX_COLLECT_ATTEMPTS,
                   box_cookie_of(BOX_COOKIE_COLLECT, 0))) {
            l->job = (box_job){
                .kind = BOX_JOB_STATUS, .collect = job, .point_idx = l->points[job.member]};
            l->since_freeze++;
            return true;
        }
        collect_done(l->collect, &job, GT_ERR_CLOSED, now.mono); /* the line has no room now */
        return false;
    }
    return false;
}

static void pump(concentrator *c, box_line *l, concentrator_time now)
{
    if (!line_is_open(l->line) || l->job.kind != BOX_JOB_NONE) {
        return;
    }
    if (l->since_freeze >= BOX_FREEZE_EVERY && freeze_start(c, l, now)) {
        return;
    }
    if (!status_start(c, l, now)) {
        (void)freeze_start(c, l, now); /* nothing owed is as good as something started */
    }
}

static void status_done(concentrator *c, box_line *l, concentrator_time now,
                        const line_outcome *outcome)
{
    const box_job job = l->job;
    box_point *p = &c->points[job.point_idx];
    device_registers block;
    gt_err err = outcome->err;
    if (err == GT_ERR_OK) {
        err = device_read_registers(p->model, p->meter.unit, DEVICE_STATUS, 0, outcome->reply,
                                    outcome->len, &block);
    }
    if (err == GT_ERR_OK) {
        p->block = block;
        p->taken = box_clock_utc(&c->clock, now.utc);
        p->read = true;
        p->dirty = true;
    }
    const bool was_dead = collect_member_of(l->collect, job.collect.member).dead;
    collect_done(l->collect, &job.collect, err, now.mono);
    const bool is_dead = collect_member_of(l->collect, job.collect.member).dead;
    if (was_dead != is_dead) {
        gt_log_event(c->ports.log, is_dead ? GT_LOG_WARN : GT_LOG_INFO,
                     is_dead ? "meter.silent" : "meter.back", gt_log_num("point", p->meter.point),
                     gt_log_num("line", line_no_of(c, l)), gt_log_num("unit", p->meter.unit),
                     gt_log_str("error", gt_err_name(err)));
    }
}

/* The period a record was frozen for. */
static int32_t period_of(const concentrator *c, const box_point *p, box_freeze_kind kind,
                         const device_registers *registers)
{
    reading r = {0};
    const gt_err err =
        device_reading_of(p->model, block_of(kind), registers, (gt_utc){.ms = 0}, &r);
    if (err == GT_ERR_NOT_FOUND) {
        return BOX_FREEZE_EMPTY;
    }
    gt_civil at;
    if (err != GT_ERR_OK || !reading_has(&r, ITEM_FREEZE_TIME) ||
        gt_civil_of_utc((gt_utc){.ms = reading_get(&r, ITEM_FREEZE_TIME) * 1000}, c->clock.zone_min,
                        &at) != GT_ERR_OK) {
        return BOX_FREEZE_UNREADABLE;
    }
    return box_freeze_period(kind, &at);
}

static void freeze_done(concentrator *c, box_line *l, concentrator_time now,
                        const line_outcome *outcome)
{
    const box_job job = l->job;
    box_point *p = &c->points[job.point_idx];
    box_freeze *f = job.freeze_kind == BOX_FREEZE_DAILY ? &p->daily : &p->monthly;
    device_registers registers;
    if (outcome->err != GT_ERR_OK ||
        device_read_registers(p->model, p->meter.unit, block_of(job.freeze_kind), job.record,
                              outcome->reply, outcome->len, &registers) != GT_ERR_OK) {
        box_freeze_failed(f, now.mono);
        return;
    }
    const int32_t period = period_of(c, p, job.freeze_kind, &registers);
    const bool known = box_freeze_has(f, period);
    box_freeze_took(f, now.mono, period);
    if (known || !box_freeze_has(f, period)) {
        return; /* stored before, or nothing that belongs into the store */
    }
    box_record *record = &l->record;
    record->point_idx = job.point_idx;
    record->kind = job.freeze_kind;
    record->period = period;
    record->meter_no = p->meter.meter_no;
    record->taken = box_clock_utc(&c->clock, now.utc);
    gt_wr w = gt_wr_of(record->bytes, sizeof record->bytes);
    for (size_t i = 0; i < registers.count; i++) {
        gt_wr_u16be(&w, registers.value[i]);
    }
    record->len = w.len;
    c->stats.freezes++;
    box_archive_record(c, l);
}

static void collect_outcome(concentrator *c, box_line *l, concentrator_time now,
                            const line_outcome *outcome)
{
    switch (l->job.kind) {
    case BOX_JOB_NONE:
        break;
    case BOX_JOB_STATUS:
        status_done(c, l, now, outcome);
        break;
    case BOX_JOB_FREEZE:
        freeze_done(c, l, now, outcome);
        break;
    }
    l->job.kind = BOX_JOB_NONE;
}

static void take_outcome(concentrator *c, box_line *l, concentrator_time now,
                         const line_outcome *outcome)
{
    switch ((unsigned)(outcome->cookie >> 32)) {
    case BOX_COOKIE_COLLECT:
        collect_outcome(c, l, now, outcome);
        break;
    case BOX_COOKIE_FORWARD:
        box_forward_done(c, outcome);
        break;
    default: /* a broadcast: nobody answers */
        break;
    }
}

void box_line_run(concentrator *c, box_line *l, concentrator_time now, line_input in)
{
    for (;;) {
        line_output out = {0};
        line_step(l->line, &in, now.mono, &out);
        if (out.send != NULL) {
            c->ports.line_send(c->ports.ctx, line_no_of(c, l), out.send, out.send_len);
        }
        if (out.outcome.present) {
            take_outcome(c, l, now, &out.outcome);
        }
        const bool given = l->job.kind == BOX_JOB_NONE;
        pump(c, l, now);
        const bool started = given && l->job.kind != BOX_JOB_NONE;
        if (!started && !out.outcome.present && line_deadline(l->line).us > now.mono.us) {
            return;
        }
        in = (line_input){.event = LINE_TICK};
    }
}

static box_line *line_of(concentrator *c, unsigned line_no)
{
    if (line_no < 1 || line_no > BOX_LINES_MAX || c->lines[line_no - 1].line == NULL) {
        return NULL;
    }
    return &c->lines[line_no - 1];
}

void concentrator_line_opened(concentrator *c, concentrator_time now, unsigned line_no)
{
    box_line *l = line_of(c, line_no);
    if (l == NULL || line_is_open(l->line)) {
        return;
    }
    gt_log_event(c->ports.log, GT_LOG_INFO, "line.open", gt_log_num("line", line_no));
    if (!l->started) {
        l->started = true;
        collect_start(l->collect, now.mono);
    }
    box_line_run(c, l, now, (line_input){.event = LINE_OPENED});
}

void concentrator_line_closed(concentrator *c, concentrator_time now, unsigned line_no)
{
    box_line *l = line_of(c, line_no);
    if (l == NULL || !line_is_open(l->line)) {
        return;
    }
    gt_log_event(c->ports.log, GT_LOG_WARN, "line.closed", gt_log_num("line", line_no));
    box_line_run(c, l, now, (line_input){.event = LINE_CLOSED});
}

void concentrator_line_bytes(concentrator *c, concentrator_time now, unsigned line_no,
                             const uint8_t *bytes, size_t len)
{
    box_line *l = line_of(c, line_no);
    if (l != NULL && line_is_open(l->line)) {
        box_line_run(c, l, now, (line_input){.event = LINE_BYTES, .bytes = bytes, .len = len});
    }
}

/* Tell all meters of a line what time it is. */
static void broadcast(concentrator *c, box_line *l, concentrator_time now, int32_t today)
{
    for (unsigned i = 0; i < l->point_count; i++) {
        device_frame frame;
        if (device_clock_request(point_of(c, l, i)->model, 0, box_clock_utc(&c->clock, now.utc),
                                 &frame) == GT_ERR_OK) {
            if (submit(l, &frame, LINE_COMMAND, 1, box_cookie_of(BOX_COOKIE_BROADCAST, 0))) {
                l->broadcast_day = today;
                c->stats.broadcasts++;
            }
            return;
        }
    }
    l->broadcast_day = today; /* no meter here whose clock can be set */
}

void box_lines_tick(concentrator *c, concentrator_time now)
{
    gt_civil local;
    const bool due = local_now(c, now, &local) && box_clock_broadcast_due(&c->clock, &local);
    for (size_t i = 0; i < BOX_LINES_MAX; i++) {
        box_line *l = &c->lines[i];
        if (l->line == NULL || !line_is_open(l->line)) {
            continue;
        }
        if (due && l->broadcast_day != gt_civil_day(&local)) {
            broadcast(c, l, now, gt_civil_day(&local));
        }
        box_line_run(c, l, now, (line_input){.event = LINE_TICK});
    }
}

gt_mono box_lines_deadline(const concentrator *c)
{
    gt_mono first = GT_MONO_NEVER;
    for (size_t i = 0; i < BOX_LINES_MAX; i++) {
        const box_line *l = &c->lines[i];
        if (l->line == NULL || !line_is_open(l->line)) {
            continue;
        }
        const gt_mono wire = line_deadline(l->line);
        first = wire.us < first.us ? wire : first;
        if (l->job.kind == BOX_JOB_NONE) {
            const gt_mono due = collect_deadline(l->collect, c->now);
            first = due.us < first.us ? due : first;
        }
    }
    return first;
}
