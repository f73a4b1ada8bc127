/* A terminal's session: login, heartbeat, supervision, and the frames that pass. What is asked of
 * the terminal is in poll.c, backfill.c, terminal_clock.c and job.c. */
#include "headend/headend_priv.h"

#include <string.h>

enum { REPLY_MAX = 64, LOAD_PAGE = 16 };

static int64_t later_us(gt_mono from, int64_t ms)
{
    return from.us + ms * 1000;
}

headend_session *session_of_terminal(headend *h, int64_t terminal_id)
{
    for (uint32_t i = 0; i < h->cfg.sessions_max; i++) {
        if (h->sessions[i].used && h->sessions[i].terminal_id == terminal_id) {
            return &h->sessions[i];
        }
    }
    return NULL;
}

headend_point *session_point(headend_session *s, int64_t meter_id)
{
    for (uint32_t i = 0; i < s->point_count; i++) {
        if (s->points[i].meter_id == meter_id) {
            return &s->points[i];
        }
    }
    return NULL;
}

/* A1 holds the region's digits as BCD. */
static bool region_number(uint16_t bcd, uint16_t *out)
{
    uint16_t number = 0;
    for (int shift = 12; shift >= 0; shift -= 4) {
        const uint16_t digit = (uint16_t)(bcd >> shift & 0xF);
        if (digit > 9) {
            return false;
        }
        number = (uint16_t)(number * 10 + digit);
    }
    *out = number;
    return true;
}

/* ---- refusing what is not registered ---- */

static headend_refusal *refusal_of(headend *h, uint32_t address)
{
    for (uint32_t i = 0; i < HEADEND_REFUSALS; i++) {
        if (h->refusals[i].count > 0 && h->refusals[i].address == address) {
            return &h->refusals[i];
        }
    }
    return NULL;
}

/* Count a refused login; one line in the log per address and HEADEND_REFUSAL_MS. */
static void refusal_note(headend *h, uint32_t address, const headend_caller *c, headend_now now)
{
    h->stats.refused_unknown++;
    headend_refusal *r = refusal_of(h, address);
    if (r != NULL && now.mono.us < r->until.us) {
        r->count++;
        return;
    }
    const uint32_t before = r == NULL ? 0 : r->count;
    if (r == NULL) {
        r = &h->refusals[0];
        for (uint32_t i = 1; i < HEADEND_REFUSALS; i++) {
            r = h->refusals[i].until.us < r->until.us ? &h->refusals[i] : r;
        }
    }
    *r = (headend_refusal){
        .address = address, .until = {.us = later_us(now.mono, HEADEND_REFUSAL_MS)}, .count = 1};
    char name[TERMINAL_NAME_MAX] = "?";
    uint16_t region = 0;
    if (region_number((uint16_t)(address >> 16), &region)) {
        terminal_name_format(region, (uint16_t)address, name);
    }
    gt_log_event(&h->ports.log, GT_LOG_WARN, "terminal.refused", gt_log_str("terminal", name),
                 gt_log_str("peer", c->peer), gt_log_num("before", before));
}

typedef struct terminal_query {
    uint16_t region;
    uint16_t address;
    registry_terminal row;
} terminal_query;

static gt_err terminal_work(const store_tx *tx, void *arg)
{
    terminal_query *q = arg;
    return registry_terminal_find(tx, q->region, q->address, &q->row);
}

/* Is this terminal in master data and enabled? NOT_FOUND when not; else a store error. */
static gt_err terminal_lookup(headend *h, const gdw1376_addr *addr, registry_terminal *out)
{
    terminal_query q = {.address = addr->terminal};
    if (addr->group || !region_number(addr->region, &q.region)) {
        return GT_ERR_NOT_FOUND;
    }
    GT_TRY(h->ports.till.read(h->ports.till.ctx, terminal_work, &q));
    if (!q.row.enabled) {
        return GT_ERR_NOT_FOUND;
    }
    *out = q.row;
    return GT_ERR_OK;
}

/* ---- answering ---- */

static void confirm_send(headend *h, uint64_t link, const gdw1376_head *head, uint16_t fn)
{
    const gdw1376_confirm confirm = {.fn = fn};
    uint8_t buf[REPLY_MAX];
    size_t len = 0;
    if (gdw1376_confirm_encode(head, &confirm, buf, sizeof buf, &len) == GT_ERR_OK) {
        /* A link that takes nothing is told by its close. */
        (void)h->ports.link.send(h->ports.link.ctx, link, buf, len);
    }
}

/* ---- login ---- */

static headend_session *session_free(headend *h)
{
    for (uint32_t i = 0; i < h->cfg.sessions_max; i++) {
        if (!h->sessions[i].used) {
            return &h->sessions[i];
        }
    }
    return NULL;
}

static void session_begin(headend *h, headend_session *s, headend_caller *c,
                          const registry_terminal *terminal, const gdw1376_addr *addr,
                          headend_now now)
{
    /* The slot's own memory stays; everything else starts over. */
    *s = (headend_session){.used = true,
                           .link = c->link,
                           .epoch = s->epoch + 1,
                           .terminal_id = terminal->id,
                           .addr = *addr,
                           .heard = now.mono,
                           .bytes_at = now.mono,
                           .points = s->points,
                           .arena = s->arena,
                           .reload_at = now.mono,
                           .ask_at = {.us = later_us(now.mono, HEADEND_ASK_MS)},
                           .ask_until = {.us = later_us(now.mono, HEADEND_ASK_FOR_MS)},
                           .clock_at = now.mono};
    memcpy(s->peer, c->peer, sizeof s->peer);
    terminal_name_format(terminal->region, terminal->address, s->name);
    s->stream = c->stream;
    codec_stream_grow(&s->stream, s->buf, sizeof s->buf);
    c->link = 0;
    h->stats.unlogged--;
    h->stats.sessions++;
    gt_log_event(&h->ports.log, GT_LOG_INFO, "terminal.login", gt_log_str("terminal", s->name),
                 gt_log_str("peer", s->peer));
    h->ports.events.publish(h->ports.events.ctx, GT_EVENT_TERMINAL, s->terminal_id);
    session_points_load(h, s, now);
    backfill_start(h, s, now.utc);
}

static bool caller_login(headend *h, headend_caller *c, const gdw1376_head *head, headend_now now)
{
    const uint32_t address = (uint32_t)head->addr.region << 16 | head->addr.terminal;
    const headend_refusal *known = refusal_of(h, address);
    registry_terminal terminal = {0};
    gt_err err = GT_ERR_NOT_FOUND;
    if (known == NULL || now.mono.us >= known->until.us) {
        err = terminal_lookup(h, &head->addr, &terminal);
    }
    if (err == GT_ERR_NOT_FOUND) {
        confirm_send(h, c->link, head, GDW1376_FN_DENY_ALL);
        refusal_note(h, address, c, now);
        return false;
    }
    if (err != GT_ERR_OK) {
        gt_log_event(&h->ports.log, GT_LOG_ERROR, "terminal.lookup_failed",
                     gt_log_str("peer", c->peer), gt_log_str("err", gt_err_name(err)));
        return false; /* not denied: it comes back */
    }
    headend_session *old = session_of_terminal(h, terminal.id);
    if (old != NULL) {
        session_close(h, old, "logged_in_again", true, now);
    }
    headend_session *s = session_free(h);
    if (s == NULL) {
        h->stats.refused_full++;
        gt_log_event(&h->ports.log, GT_LOG_ERROR, "terminal.sessions_full",
                     gt_log_num("sessions", h->cfg.sessions_max));
        return false;
    }
    confirm_send(h, c->link, head, GDW1376_FN_CONFIRM_ALL);
    session_begin(h, s, c, &terminal, &head->addr, now);
    return true;
}

bool caller_frame(headend *h, headend_caller *c, const uint8_t *bytes, size_t len, headend_now now)
{
    gdw1376_frame frame;
    uint16_t fn = 0;
    if (gdw1376_frame_decode(bytes, len, &frame) != GT_ERR_OK ||
        gdw1376_link_decode(&frame, &fn) != GT_ERR_OK || fn != GDW1376_FN_LOGIN) {
        h->stats.bad_frames++;
        return false;
    }
    const gdw1376_head head = frame.head;
    return caller_login(h, c, &head, now);
}

/* ---- living ---- */

void session_close(headend *h, headend_session *s, const char *why, bool tell_link, headend_now now)
{
    for (unsigned i = 0; i < HEADEND_WINDOW; i++) {
        if (s->requests[i].kind != REQUEST_NONE) {
            request_end(h, s, &s->requests[i], GT_ERR_CLOSED, now);
        }
    }
    if (tell_link) {
        h->ports.link.close(h->ports.link.ctx, s->link);
    }
    s->used = false;
    h->stats.sessions--;
    h->stats.garbage_bytes += s->stream.garbage;
    job_session_gone(h, s);
    gt_log_event(&h->ports.log, GT_LOG_INFO, "terminal.left", gt_log_str("terminal", s->name),
                 gt_log_str("why", why), gt_log_num("garbage", (int64_t)s->stream.garbage));
    const headend_chore offline = {
        .kind = CHORE_OFFLINE, .terminal_id = s->terminal_id, .now = now.utc};
    chore_submit(h, &offline);
    h->ports.events.publish(h->ports.events.ctx, GT_EVENT_TERMINAL, s->terminal_id);
}

static void link_frame(headend *h, headend_session *s, const gdw1376_frame *frame, headend_now now)
{
    uint16_t fn = 0;
    if (gdw1376_link_decode(frame, &fn) != GT_ERR_OK) {
        h->stats.bad_frames++;
        return;
    }
    confirm_send(h, s->link, &frame->head, GDW1376_FN_CONFIRM_ALL);
    if (fn == GDW1376_FN_LOGOUT) {
        session_close(h, s, "logged_out", true, now);
    }
}

static void session_frame(headend *h, headend_session *s, const uint8_t *bytes, size_t len,
                          headend_now now)
{
    gdw1376_frame frame;
    if (gdw1376_frame_decode(bytes, len, &frame) != GT_ERR_OK || !frame.head.up ||
        !gdw1376_addr_equal(&frame.head.addr, &s->addr)) {
        h->stats.bad_frames++;
        return;
    }
    s->heard = now.mono;
    if (frame.head.afn == GDW1376_AFN_LINK) {
        link_frame(h, s, &frame, now);
    } else if (!frame.head.prm) {
        request_answer(h, s, &frame, now);
    } else {
        h->stats.bad_frames++; /* reports of its own are not taken yet */
    }
}

void session_bytes(headend *h, headend_session *s, const uint8_t *buf, size_t len, headend_now now)
{
    const uint32_t epoch = s->epoch;
    s->bytes_at = now.mono;
    size_t at = 0;
    do {
        if (at < len) {
            at += codec_stream_feed(&s->stream, buf + at, len - at);
        }
        const uint8_t *frame = NULL;
        size_t frame_len = 0;
        while (s->used && s->epoch == epoch && codec_stream_next(&s->stream, &frame, &frame_len)) {
            session_frame(h, s, frame, frame_len, now);
        }
    } while (at < len && s->used && s->epoch == epoch);
}

void session_tick(headend *h, headend_session *s, headend_now now)
{
    const int64_t silence_ms =
        (int64_t)h->cfg.heartbeat_s * 1000 * HEADEND_MISSED_HEARTBEATS + HEADEND_STALL_MS;
    if (now.mono.us >= later_us(s->heard, silence_ms)) {
        h->stats.heartbeat_lost++;
        session_close(h, s, "silent", true, now);
        return;
    }
    if (codec_stream_pending(&s->stream) > 0 &&
        now.mono.us >= later_us(s->bytes_at, HEADEND_STALL_MS)) {
        codec_stream_resync(&s->stream);
        s->bytes_at = now.mono;
        session_bytes(h, s, NULL, 0, now); /* a whole frame may stand behind the torn one */
    }
    if (s->used) {
        request_tick(h, s, now);
    }
    if (s->used && now.mono.us >= s->reload_at.us) {
        session_points_load(h, s, now);
    }
    if (s->used) {
        terminal_clock_tick(h, s, now);
    }
    if (s->used) {
        poll_tick(h, s, now);
    }
    if (s->used) {
        backfill_tick(h, s, now);
    }
}

/* ---- the meters behind it ---- */

typedef struct points_query {
    headend *h;
    headend_session *s;
    uint32_t count;
    bool changed;
    bool cut; /* more meters than points_max */
} points_query;

static const device_model *model_find(const headend *h, const char *name)
{
    for (size_t i = 0; i < h->ports.model_count; i++) {
        if (strcmp(device_model_name(h->ports.models[i]), name) == 0) {
            return h->ports.models[i];
        }
    }
    return NULL;
}

static void point_take(points_query *q, const registry_meter *meter)
{
    headend_session *s = q->s;
    headend_point *p = &s->points[q->count];
    const device_model *model = model_find(q->h, meter->model);
    const bool same = q->count < s->point_count && p->meter_id == meter->id &&
                      p->point == meter->point && p->model == model;
    if (!same) {
        q->changed = true;
        *p = (headend_point){.meter_id = meter->id, .point = meter->point, .model = model};
    }
    p->count_known = meter->count_known;
    p->purchase_count = meter->purchase_count;
    p->control_count = meter->control_count;
    q->count++;
}

/* Reads may run once only: this one changes the session as it goes, and a failed one leaves fewer
 * points until the next load. */
static gt_err points_work(const store_tx *tx, void *arg)
{
    points_query *q = arg;
    registry_meter_query query = {.terminal_id = q->s->terminal_id};
    size_t got = LOAD_PAGE;
    while (got == LOAD_PAGE) {
        registry_meter page[LOAD_PAGE];
        GT_TRY(registry_meter_list(tx, &query, page, LOAD_PAGE, &got));
        for (size_t i = 0; i < got; i++) {
            if (q->count == q->h->cfg.points_max) {
                q->cut = true;
                return GT_ERR_OK;
            }
            point_take(q, &page[i]);
            query.after = page[i].point;
        }
    }
    return GT_ERR_OK;
}

/* The list is another one: a new engine, everything due. */
static void collect_renew(headend *h, headend_session *s, headend_now now)
{
    for (unsigned i = 0; i < HEADEND_WINDOW; i++) {
        headend_request *q = &s->requests[i];
        if (q->kind == REQUEST_POLL || q->kind == REQUEST_FREEZE) {
            request_end(h, s, q, GT_ERR_CLOSED, now); /* their members mean something else now */
        }
    }
    gt_arena_reset(&s->arena);
    s->collect = NULL;
    if (s->point_count == 0 || h->cfg.poll_interval_ms == 0) {
        return;
    }
    collect_cfg cfg = collect_cfg_default(s->point_count);
    cfg.interval_ms = h->cfg.poll_interval_ms;
    GT_ASSERT(collect_create(&s->arena, &cfg, &s->collect) == GT_ERR_OK);
    for (uint32_t i = 0; i < s->point_count; i++) {
        collect_member_enable(s->collect, i, s->points[i].model != NULL);
    }
    collect_start(s->collect, now.mono);
}

void session_points_load(headend *h, headend_session *s, headend_now now)
{
    s->reload_at.us = later_us(now.mono, HEADEND_RELOAD_MS);
    points_query q = {.h = h, .s = s};
    const gt_err err = h->ports.till.read(h->ports.till.ctx, points_work, &q);
    if (err != GT_ERR_OK) {
        gt_log_event(&h->ports.log, GT_LOG_ERROR, "terminal.meters_unread",
                     gt_log_str("terminal", s->name), gt_log_str("err", gt_err_name(err)));
        q.changed = true;
    }
    if (q.cut) {
        gt_log_event(&h->ports.log, GT_LOG_ERROR, "terminal.points_full",
                     gt_log_str("terminal", s->name), gt_log_num("points", h->cfg.points_max));
    }
    if (q.changed || q.count != s->point_count) {
        s->point_count = q.count;
        collect_renew(h, s, now);
    }
}

gt_mono session_deadline(const headend *h, const headend_session *s, headend_now now)
{
    const int64_t silence_ms =
        (int64_t)h->cfg.heartbeat_s * 1000 * HEADEND_MISSED_HEARTBEATS + HEADEND_STALL_MS;
    int64_t due = later_us(s->heard, silence_ms);
    if (codec_stream_pending(&s->stream) > 0) {
        const int64_t stall = later_us(s->bytes_at, HEADEND_STALL_MS);
        due = stall < due ? stall : due;
    }
    gt_mono others[] = {request_deadline(s), s->reload_at, poll_deadline(s, now.mono),
                        backfill_deadline(h, s, now), s->clock_at};
    if (!request_collect_free(s, now.mono)) {
        /* Nothing of collection can start: only a number that has rested changes that by time. */
        const gt_mono free_at = request_free_at(s, now.mono);
        const gt_mono place = free_at.us > now.mono.us ? free_at : GT_MONO_NEVER;
        others[2] = place;
        others[3] = place;
        others[4] = place;
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        due = others[i].us < due ? others[i].us : due;
    }
    return (gt_mono){.us = due};
}
