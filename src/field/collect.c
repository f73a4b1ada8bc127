/* The scheduler keeps one small record a member. Everything is found by one pass over them, which
 * for the hundreds of meters of a line or box costs less than keeping them sorted. */
#include "field/collect.h"

enum {
    US_MS = 1000,
    INTERVAL_MS = 60000,
    SLOW_MS = 60000,
    SLOW_AFTER = 3,
    EMPTY_ROUND_MS = 1000, /* after a round without anybody to read */
};

typedef struct member {
    collect_member_state state;
    gt_mono slow_due; /* of a dead member: when it is probed */
    bool in_round;    /* still to be read in this round */
    bool running;
    bool asked[COLLECT_KINDS];
    uint8_t freeze_tries; /* left; 0: no freeze wanted */
} member;

struct collect {
    collect_cfg cfg;
    bool started;
    bool freeze_turn; /* freezes and the round take turns */
    uint32_t cursor;  /* where the round goes on */
    uint32_t freeze_cursor;
    gt_mono round_start; /* of this round, or the last */
    bool round_open;
    gt_mono next_round;
    uint64_t rounds;
    int64_t round_us;
    uint64_t reads_ok;
    uint64_t reads_failed;
    member *member;
};

collect_cfg collect_cfg_default(uint32_t members_max)
{
    return (collect_cfg){.members_max = members_max,
                         .interval_ms = INTERVAL_MS,
                         .slow_ms = SLOW_MS,
                         .slow_after = SLOW_AFTER};
}

gt_err collect_create(gt_arena *arena, const collect_cfg *cfg, collect **out)
{
    if (cfg->members_max < 1 || cfg->members_max > COLLECT_MEMBERS_MAX || cfg->slow_after < 1) {
        return GT_ERR_RANGE;
    }
    collect *c = gt_arena_take(arena, sizeof *c);
    member *members = gt_arena_take(arena, cfg->members_max * sizeof *members);
    if (c == NULL || members == NULL) {
        return GT_ERR_MEMORY;
    }
    c->cfg = *cfg;
    c->member = members;
    *out = c;
    return GT_ERR_OK;
}

void collect_member_enable(collect *c, uint32_t number, bool enabled)
{
    if (number >= c->cfg.members_max) {
        return;
    }
    member *m = &c->member[number];
    if (m->state.enabled == enabled) {
        return;
    }
    m->state.enabled = enabled;
    m->in_round = false;
    m->freeze_tries = 0;
    for (size_t kind = 0; kind < COLLECT_KINDS; kind++) {
        m->asked[kind] = false;
    }
    m->asked[COLLECT_STATUS] = enabled;
}

void collect_start(collect *c, gt_mono now)
{
    c->started = true;
    c->round_open = false;
    c->next_round = now;
}

void collect_ask(collect *c, uint32_t number, collect_kind kind)
{
    if (number < c->cfg.members_max && c->member[number].state.enabled) {
        c->member[number].asked[kind] = true;
    }
}

void collect_freeze_one(collect *c, uint32_t number)
{
    if (number < c->cfg.members_max && c->member[number].state.enabled) {
        c->member[number].freeze_tries = COLLECT_FREEZE_TRIES;
    }
}

void collect_freeze_all(collect *c)
{
    for (uint32_t i = 0; i < c->cfg.members_max; i++) {
        collect_freeze_one(c, i);
    }
}

static void round_open(collect *c, gt_mono now)
{
    c->round_open = true;
    c->round_start = now;
    c->next_round.us = now.us + (int64_t)c->cfg.interval_ms * US_MS;
    c->cursor = 0;
    for (uint32_t i = 0; i < c->cfg.members_max; i++) {
        member *m = &c->member[i];
        m->in_round = m->state.enabled && !m->state.dead;
    }
}

/* A round is over when none of its members waits or runs. */
static void round_close_if_done(collect *c, gt_mono now)
{
    if (!c->round_open) {
        return;
    }
    for (uint32_t i = 0; i < c->cfg.members_max; i++) {
        if (c->member[i].in_round) {
            return;
        }
    }
    c->round_open = false;
    c->rounds++;
    c->round_us = now.us - c->round_start.us;
}

/* Nobody to read, all being dead: rounds without a pause would then turn on the spot. */
static void round_pause(collect *c, gt_mono now)
{
    const int64_t soonest_us = now.us + (int64_t)EMPTY_ROUND_MS * US_MS;
    if (!c->round_open && c->next_round.us < soonest_us) {
        c->next_round.us = soonest_us;
    }
}

static bool take_asked(collect *c, collect_job *out)
{
    for (uint32_t i = 0; i < c->cfg.members_max; i++) {
        member *m = &c->member[i];
        for (size_t kind = 0; kind < COLLECT_KINDS; kind++) {
            if (m->asked[kind] && !m->running) {
                m->asked[kind] = false;
                *out = (collect_job){.member = i, .kind = (collect_kind)kind, .asked = true};
                return true;
            }
        }
    }
    return false;
}

/* One try each, in turns: a second try at once would meet the same trouble. */
static bool take_freeze(collect *c, collect_job *out)
{
    for (uint32_t k = 0; k < c->cfg.members_max; k++) {
        const uint32_t i = (c->freeze_cursor + k) % c->cfg.members_max;
        member *m = &c->member[i];
        if (m->freeze_tries > 0 && !m->state.dead && !m->running) {
            m->freeze_tries--;
            c->freeze_cursor = i + 1;
            *out = (collect_job){.member = i, .kind = COLLECT_FREEZE};
            return true;
        }
    }
    return false;
}

static bool take_round(collect *c, collect_job *out)
{
    for (uint32_t i = c->cursor; i < c->cfg.members_max; i++) {
        member *m = &c->member[i];
        if (m->in_round && !m->running) {
            c->cursor = i + 1;
            *out = (collect_job){.member = i, .kind = COLLECT_STATUS};
            return true;
        }
    }
    c->cursor = 0; /* members that were running, or were enabled late, come in a second pass */
    return false;
}

static bool take_probe(collect *c, gt_mono now, collect_job *out)
{
    for (uint32_t i = 0; i < c->cfg.members_max; i++) {
        member *m = &c->member[i];
        if (m->state.enabled && m->state.dead && !m->running && m->slow_due.us <= now.us) {
            *out = (collect_job){.member = i, .kind = COLLECT_STATUS, .probe = true};
            return true;
        }
    }
    return false;
}

/* The round and the freezes, in turns, then those who are probably dead. */
static bool take_planned(collect *c, gt_mono now, collect_job *out)
{
    c->freeze_turn = !c->freeze_turn;
    if (c->freeze_turn && take_freeze(c, out)) {
        return true;
    }
    if (take_round(c, out) || take_freeze(c, out)) {
        return true;
    }
    return take_probe(c, now, out);
}

bool collect_next(collect *c, gt_mono now, collect_job *out)
{
    if (!c->started) {
        return false;
    }
    if (!c->round_open && c->next_round.us <= now.us) {
        round_open(c, now);
        round_close_if_done(c, now);
        round_pause(c, now);
    }
    collect_job job = {0};
    if (!take_asked(c, &job) && !take_planned(c, now, &job)) {
        return false;
    }
    c->member[job.member].running = true;
    *out = job;
    return true;
}

static void member_failed(collect *c, member *m, gt_mono now)
{
    c->reads_failed++;
    m->state.reads_failed++;
    if (m->state.failures < UINT8_MAX) {
        m->state.failures++;
    }
    if (m->state.failures >= c->cfg.slow_after) {
        m->state.dead = true;
        m->slow_due.us = now.us + (int64_t)c->cfg.slow_ms * US_MS;
    }
}

void collect_done(collect *c, const collect_job *job, gt_err err, gt_mono now)
{
    if (job->member >= c->cfg.members_max || !c->member[job->member].running) {
        return;
    }
    member *m = &c->member[job->member];
    m->running = false;
    m->in_round = m->in_round && job->kind != COLLECT_STATUS;
    if (err == GT_ERR_CLOSED) {
        m->slow_due.us = now.us + (int64_t)c->cfg.slow_ms * US_MS;
        if (job->kind == COLLECT_FREEZE && !job->asked) {
            m->freeze_tries++;
        }
    } else if (err != GT_ERR_OK) {
        member_failed(c, m, now);
    } else {
        c->reads_ok++;
        m->state.reads_ok++;
        m->state.failures = 0;
        m->state.dead = false;
        if (job->kind == COLLECT_FREEZE) {
            m->freeze_tries = 0;
        }
        if (job->kind == COLLECT_STATUS) {
            m->state.ever_read = true;
            m->state.read_at = now;
        }
    }
    round_close_if_done(c, now);
}

/* What could run now but for the caller's room is due now. */
static bool is_due(const member *m, gt_mono now)
{
    if (m->running || !m->state.enabled) {
        return false;
    }
    bool due = m->in_round || (m->freeze_tries > 0 && !m->state.dead) ||
               (m->state.dead && m->slow_due.us <= now.us);
    for (size_t kind = 0; kind < COLLECT_KINDS; kind++) {
        due = due || m->asked[kind];
    }
    return due;
}

gt_mono collect_deadline(const collect *c, gt_mono now)
{
    if (!c->started) {
        return GT_MONO_NEVER;
    }
    gt_mono when = c->round_open ? GT_MONO_NEVER : c->next_round;
    for (uint32_t i = 0; i < c->cfg.members_max; i++) {
        const member *m = &c->member[i];
        if (is_due(m, now)) {
            return now;
        }
        if (m->state.enabled && m->state.dead && !m->running && m->slow_due.us < when.us) {
            when = m->slow_due;
        }
    }
    return when;
}

collect_member_state collect_member_of(const collect *c, uint32_t number)
{
    return number < c->cfg.members_max ? c->member[number].state : (collect_member_state){0};
}

collect_stats collect_stats_of(const collect *c, gt_mono now)
{
    collect_stats s = {.rounds = c->rounds,
                       .round_us = c->round_us,
                       .reads_ok = c->reads_ok,
                       .reads_failed = c->reads_failed};
    for (uint32_t i = 0; i < c->cfg.members_max; i++) {
        const collect_member_state *m = &c->member[i].state;
        if (!m->enabled) {
            continue;
        }
        s.members++;
        s.dead += m->dead ? 1 : 0;
        s.unread += m->ever_read ? 0 : 1;
        s.freezes_wanted += c->member[i].freeze_tries > 0 ? 1 : 0;
        const int64_t age_us = now.us - m->read_at.us;
        if (m->ever_read && !m->dead && age_us > s.oldest_us) {
            s.oldest_us = age_us;
        }
    }
    return s;
}
