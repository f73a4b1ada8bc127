/* The head-end as a whole: memory carved once, events handed to the session they belong to, and
 * the tick in which everything is decided. */
#include "headend/headend_priv.h"

#include <stdio.h>
#include <string.h>

enum {
    SESSIONS_MAX = 4096,
    CALLERS_MAX = 1024,
    TICK_ROUNDS_MAX = 64, /* a job makes a step a round; a step takes a store or a meter */
    COLLECT_BYTES_A_POINT = 64,
    COLLECT_BYTES = 4096,
};

headend_cfg headend_cfg_default(void)
{
    return (headend_cfg){
        .sessions_max = 64,
        .unlogged_max = 64,
        .points_max = 512,
        .heartbeat_s = 60,
        .login_wait_ms = 10000,
        .poll_interval_ms = 60000,
        .answer_wait_ms = 20000,
        .outbox_poll_ms = 100,
        .zone_min = GT_ZONE_CHINA_MIN,
    };
}

static bool cfg_valid(const headend_cfg *cfg)
{
    return cfg->sessions_max >= 1 && cfg->sessions_max <= SESSIONS_MAX && cfg->unlogged_max >= 1 &&
           cfg->unlogged_max <= CALLERS_MAX && cfg->points_max >= 1 &&
           cfg->points_max <= COLLECT_MEMBERS_MAX && cfg->points_max <= GDW1376_POINT_MAX &&
           cfg->heartbeat_s >= 1 && cfg->login_wait_ms >= 1 && cfg->answer_wait_ms >= 1 &&
           cfg->outbox_poll_ms >= 1;
}

static size_t collect_bytes(const headend_cfg *cfg)
{
    return COLLECT_BYTES + (size_t)cfg->points_max * COLLECT_BYTES_A_POINT;
}

/* Take everything out of the arena; NULL in one of them when it is too small. */
static headend *carve(gt_arena *arena, const headend_cfg *cfg)
{
    headend *h = gt_arena_take(arena, sizeof *h);
    if (h == NULL) {
        return NULL;
    }
    h->cfg = *cfg;
    h->jobs_max = cfg->sessions_max * HEADEND_JOBS_A_SESSION;
    h->batches_max = cfg->sessions_max * 2 + 16;
    h->callers = gt_arena_take(arena, cfg->unlogged_max * sizeof *h->callers);
    h->sessions = gt_arena_take(arena, cfg->sessions_max * sizeof *h->sessions);
    h->jobs = gt_arena_take(arena, h->jobs_max * sizeof *h->jobs);
    h->batches = gt_arena_take(arena, h->batches_max * sizeof *h->batches);
    h->terminal_ids = gt_arena_take(arena, cfg->sessions_max * sizeof *h->terminal_ids);
    h->meter_ids = gt_arena_take(arena, cfg->points_max * sizeof *h->meter_ids);
    h->outbox = gt_arena_take(arena, HEADEND_OUTBOX_BATCH * sizeof *h->outbox);
    bool whole = h->callers != NULL && h->sessions != NULL && h->jobs != NULL &&
                 h->batches != NULL && h->terminal_ids != NULL && h->meter_ids != NULL &&
                 h->outbox != NULL;
    for (uint32_t i = 0; whole && i < cfg->sessions_max; i++) {
        headend_session *s = &h->sessions[i];
        s->points = gt_arena_take(arena, cfg->points_max * sizeof *s->points);
        uint8_t *room = gt_arena_take(arena, collect_bytes(cfg));
        s->arena = gt_arena_of(room, collect_bytes(cfg));
        whole = s->points != NULL && room != NULL;
    }
    return whole ? h : NULL;
}

size_t headend_size(const headend_cfg *cfg)
{
    if (!cfg_valid(cfg)) {
        return 0;
    }
    const size_t align = 16; /* each piece starts aligned */
    const size_t jobs = (size_t)cfg->sessions_max * HEADEND_JOBS_A_SESSION;
    const size_t batches = (size_t)cfg->sessions_max * 2 + 16;
    const size_t a_session = sizeof(headend_session) + sizeof(int64_t) +
                             cfg->points_max * sizeof(headend_point) + collect_bytes(cfg) +
                             2 * align;
    return sizeof(headend) + cfg->unlogged_max * sizeof(headend_caller) +
           cfg->sessions_max * a_session + jobs * sizeof(headend_job) +
           batches * sizeof(headend_batch) + cfg->points_max * sizeof(int64_t) +
           HEADEND_OUTBOX_BATCH * sizeof(vending_command) + 16 * align;
}

gt_err headend_open(void *memory, size_t size, const headend_cfg *cfg, const headend_ports *ports,
                    headend_now now, headend **out)
{
    if (!cfg_valid(cfg)) {
        return GT_ERR_RANGE;
    }
    gt_arena arena = gt_arena_of(memory, size);
    headend *h = carve(&arena, cfg);
    if (h == NULL) {
        return GT_ERR_SPACE;
    }
    h->ports = *ports;
    h->outbox_at = now.mono;
    h->expire_at = now.mono;
    h->deadline = now.mono;
    const headend_chore offline = {.kind = CHORE_OFFLINE, .now = now.utc};
    chore_submit(h, &offline);
    *out = h;
    return GT_ERR_OK;
}

static headend_caller *caller_of(headend *h, uint64_t link)
{
    for (uint32_t i = 0; i < h->cfg.unlogged_max; i++) {
        if (h->callers[i].link == link) {
            return &h->callers[i];
        }
    }
    return NULL;
}

static headend_session *session_of(headend *h, uint64_t link)
{
    for (uint32_t i = 0; i < h->cfg.sessions_max; i++) {
        if (h->sessions[i].used && h->sessions[i].link == link) {
            return &h->sessions[i];
        }
    }
    return NULL;
}

void headend_connected(headend *h, uint64_t link, const char *peer, headend_now now)
{
    GT_ASSERT(link != 0);
    headend_caller *c = caller_of(h, 0);
    if (c == NULL) {
        h->stats.refused_full++;
        h->ports.link.close(h->ports.link.ctx, link);
        return;
    }
    *c = (headend_caller){.link = link,
                          .due = {.us = now.mono.us + (int64_t)h->cfg.login_wait_ms * 1000}};
    (void)snprintf(c->peer, sizeof c->peer, "%s", peer); /* cut: only for the log */
    codec_stream_init(&c->stream, &gdw1376_framing, c->buf, sizeof c->buf);
    h->stats.unlogged++;
    h->deadline = now.mono;
}

static void caller_close(headend *h, headend_caller *c)
{
    h->stats.garbage_bytes += c->stream.garbage;
    h->ports.link.close(h->ports.link.ctx, c->link);
    c->link = 0;
    h->stats.unlogged--;
}

/* Bytes of a connection that may turn into a session on the way. */
static void caller_bytes(headend *h, headend_caller *c, const uint8_t *buf, size_t len,
                         headend_now now)
{
    const uint64_t link = c->link;
    size_t at = 0;
    while (at < len && c->link == link) {
        at += codec_stream_feed(&c->stream, buf + at, len - at);
        const uint8_t *frame = NULL;
        size_t frame_len = 0;
        if (codec_stream_next(&c->stream, &frame, &frame_len)) {
            if (!caller_frame(h, c, frame, frame_len, now)) {
                caller_close(h, c);
                return;
            }
            /* Logged in: whatever stands behind the login belongs to the session. */
            headend_bytes(h, link, buf + at, len - at, now);
            return;
        }
        if (c->stream.garbage > HEADEND_GARBAGE_UNLOGGED_MAX) {
            caller_close(h, c);
            return;
        }
    }
}

void headend_bytes(headend *h, uint64_t link, const uint8_t *buf, size_t len, headend_now now)
{
    h->deadline = now.mono;
    headend_caller *c = caller_of(h, link);
    if (c != NULL) {
        caller_bytes(h, c, buf, len, now);
        return;
    }
    headend_session *s = session_of(h, link);
    if (s != NULL) {
        session_bytes(h, s, buf, len, now);
    }
}

void headend_closed(headend *h, uint64_t link, headend_now now)
{
    h->deadline = now.mono;
    headend_caller *c = caller_of(h, link);
    if (c != NULL) {
        h->stats.garbage_bytes += c->stream.garbage;
        c->link = 0;
        h->stats.unlogged--;
        return;
    }
    headend_session *s = session_of(h, link);
    if (s != NULL) {
        session_close(h, s, "peer_closed", false, now);
    }
}

void headend_wake(headend *h)
{
    h->outbox_at = (gt_mono){.us = INT64_MIN};
    h->deadline = (gt_mono){.us = INT64_MIN};
}

static void callers_tick(headend *h, headend_now now)
{
    for (uint32_t i = 0; i < h->cfg.unlogged_max; i++) {
        headend_caller *c = &h->callers[i];
        if (c->link != 0 && now.mono.us >= c->due.us) {
            gt_log_event(&h->ports.log, GT_LOG_INFO, "terminal.no_login",
                         gt_log_str("peer", c->peer));
            caller_close(h, c);
        }
    }
}

static void database_tick(headend *h, headend_now now)
{
    if (!h->recovered) {
        if (!h->recovering && now.mono.us >= h->expire_at.us) {
            h->recovering = true;
            const headend_chore recover = {.kind = CHORE_RECOVER, .now = now.utc};
            chore_submit(h, &recover);
        }
        return;
    }
    if (now.mono.us >= h->expire_at.us) {
        h->expire_at.us = now.mono.us + HEADEND_EXPIRE_MS * INT64_C(1000);
        const headend_chore expire = {.kind = CHORE_EXPIRE, .now = now.utc};
        chore_submit(h, &expire);
    }
    if (now.mono.us >= h->outbox_at.us) {
        h->outbox_at.us = now.mono.us + (int64_t)h->cfg.outbox_poll_ms * 1000;
        job_outbox(h, now);
    }
}

static gt_mono earlier(gt_mono a, gt_mono b)
{
    return a.us < b.us ? a : b;
}

static gt_mono deadline_compute(headend *h, headend_now now)
{
    gt_mono due = h->recovered ? earlier(h->outbox_at, h->expire_at) : h->expire_at;
    if (h->recovering) {
        due = GT_MONO_NEVER;
    }
    for (uint32_t i = 0; i < h->cfg.unlogged_max; i++) {
        if (h->callers[i].link != 0) {
            due = earlier(due, h->callers[i].due);
        }
    }
    for (uint32_t i = 0; i < h->cfg.sessions_max; i++) {
        if (h->sessions[i].used) {
            due = earlier(due, session_deadline(h, &h->sessions[i], now));
        }
    }
    return earlier(due, job_deadline(h, now.mono));
}

void headend_tick(headend *h, headend_now now)
{
    callers_tick(h, now);
    for (unsigned round = 0; round < TICK_ROUNDS_MAX; round++) {
        database_tick(h, now);
        job_tick(h, now); /* before collection: commands take the free places first */
        for (uint32_t i = 0; i < h->cfg.sessions_max; i++) {
            if (h->sessions[i].used) {
                session_tick(h, &h->sessions[i], now);
            }
        }
        h->deadline = deadline_compute(h, now);
        if (h->deadline.us > now.mono.us) {
            return;
        }
    }
}

gt_mono headend_deadline(const headend *h)
{
    return h->deadline;
}

uint32_t headend_store_pending(const headend *h)
{
    return h->store_pending;
}

headend_stats headend_stats_of(const headend *h)
{
    headend_stats stats = h->stats;
    for (uint32_t i = 0; i < h->cfg.sessions_max; i++) {
        stats.garbage_bytes += h->sessions[i].used ? h->sessions[i].stream.garbage : 0;
    }
    return stats;
}
