/**
 * @file collect.h
 * @brief The collection engine: which meter is read next, and when. Shared by concentrator (one
 *        engine a line) and head-end (one engine a terminal session).
 *
 * Layer:   field. Pure: no I/O, no clock. Members are numbers 0 .. members_max-1; what they are is
 *          the caller's matter.
 * Order:   reads asked for now, then by turns the round and freeze jobs.
 * Rounds:  a round reads every live member's status once; the next one starts interval_ms after
 *          the last one started, or at once when that is past.
 * Slow lane: a member that failed slow_after times in a row leaves the rounds and is probed once,
 *          with one attempt, every slow_ms; one success brings it back. A dead member thus costs
 *          at most one time-out a slow period.
 */
#ifndef GT_FIELD_COLLECT_H
#define GT_FIELD_COLLECT_H

#include "base/arena.h"
#include "base/err.h"
#include "base/time.h"

#include <stdbool.h>
#include <stdint.h>

enum { COLLECT_MEMBERS_MAX = 2048, COLLECT_FREEZE_TRIES = 3 };

typedef struct collect_cfg {
    uint32_t members_max; /* 1 .. COLLECT_MEMBERS_MAX */
    uint32_t interval_ms; /* of rounds; 0: one after the other */
    uint32_t slow_ms;     /* between probes of a dead member */
    uint8_t slow_after;   /* failures in a row, 1 .. 255 */
} collect_cfg;

/** 60 s rounds, 3 failures, probes every 60 s. */
collect_cfg collect_cfg_default(uint32_t members_max);

typedef enum collect_kind {
    COLLECT_STATUS,   /* the round's own kind */
    COLLECT_SETTINGS, /* only by collect_ask */
    COLLECT_FREEZE,   /* the daily record */
} collect_kind;

enum { COLLECT_KINDS = COLLECT_FREEZE + 1 };

typedef struct collect_job {
    uint32_t member;
    collect_kind kind;
    bool asked; /* by collect_ask: somebody waits for it */
    bool probe; /* a dead member: give it one attempt only */
} collect_job;

typedef struct collect collect;

/** @return RANGE a limit outside its range, MEMORY the arena is full (40 bytes a member) */
GT_CHECKED gt_err collect_create(gt_arena *arena, const collect_cfg *cfg, collect **out);

/** Take part from now on (read at once, then in rounds), or no more. Unknown numbers are ignored.
 */
void collect_member_enable(collect *c, uint32_t member, bool enabled);
/** The first round starts at @p now; until then nothing is due. Resets nothing else. */
void collect_start(collect *c, gt_mono now);

/** Read @p member now, also a dead one. Asking again before it ran is one job. */
void collect_ask(collect *c, uint32_t member, collect_kind kind);
/** The daily record is wanted of every enabled member; each is tried in COLLECT_FREEZE_TRIES turns
 * (dead members wait until they live). */
void collect_freeze_all(collect *c);
void collect_freeze_one(collect *c, uint32_t member);

/**
 * The next job that is due. It counts as running until collect_done; a member runs one job at a
 * time, so a caller may take several jobs (several members) before it reports.
 *
 * @return false nothing is due now
 */
bool collect_next(collect *c, gt_mono now, collect_job *out);
/** @p err OK, or how it failed. CLOSED (the way to the member broke) is not held against it. */
void collect_done(collect *c, const collect_job *job, gt_err err, gt_mono now);
/** When collect_next is worth calling again without any other event; GT_MONO_NEVER: not by time. */
gt_mono collect_deadline(const collect *c, gt_mono now);

typedef struct collect_member_state {
    bool enabled;
    bool dead;         /* in the slow lane */
    bool ever_read;    /* its status, since collect_create */
    gt_mono read_at;   /* of the last status read */
    uint32_t reads_ok; /* of all kinds */
    uint32_t reads_failed;
    uint8_t failures; /* in a row */
} collect_member_state;

/** @return all zero for an unknown number */
collect_member_state collect_member_of(const collect *c, uint32_t member);

typedef struct collect_stats {
    uint32_t members; /* enabled */
    uint32_t dead;
    uint32_t unread;         /* enabled and never read */
    uint32_t freezes_wanted; /* still open */
    uint64_t rounds;         /* finished */
    int64_t round_us;        /* of the last finished round, first job to last answer */
    uint64_t reads_ok;
    uint64_t reads_failed;
    int64_t oldest_us; /* age of the oldest status among live members that were read */
} collect_stats;

collect_stats collect_stats_of(const collect *c, gt_mono now);

#endif
