/* Every limit and period of the head-end that is not configuration. Internal. */
#ifndef GT_HEADEND_LIMITS_PRIV_H
#define GT_HEADEND_LIMITS_PRIV_H

enum {
    HEADEND_PEER_MAX = 64,
    HEADEND_WINDOW = 12,        /* requests a terminal may have unanswered */
    HEADEND_COLLECT_WINDOW = 2, /* of them collection: the rest is kept for commands */
    HEADEND_POINTS = 8,         /* in one request */
    HEADEND_JOBS_A_SESSION = 10,
    HEADEND_SEQS = 16,
    HEADEND_SEQ_REST_MS = 15000, /* an unanswered number is not used again for so long */
    HEADEND_ANSWER_FIRST_MS = 10000,
    HEADEND_ANSWER_MIN_MS = 3000,
    HEADEND_STALL_MS = 5000, /* a frame that began and does not end */
    HEADEND_MISSED_HEARTBEATS = 3,
    HEADEND_GARBAGE_UNLOGGED_MAX = 512,
    HEADEND_REFUSALS = 16, /* unknown terminals remembered, so that they cost no look-up */
    HEADEND_REFUSAL_MS = 10000,
    HEADEND_OUTBOX_BATCH = 256,
    HEADEND_BATCH_ROWS = 16, /* 8 points, each with its row and a word that it is old */
    HEADEND_CHORES = 64,
    HEADEND_RELOAD_MS = 60000,   /* master data of an online terminal */
    HEADEND_STALE_MS = 180000,   /* a status older than this is no status */
    HEADEND_ASK_MS = 2000,       /* between tries at meters the terminal has not read yet, */
    HEADEND_ASK_FOR_MS = 120000, /* for so long after its login */
    HEADEND_BACKFILL_DAYS = 62,
    HEADEND_BACKFILL_EMPTY_MAX = 7, /* days in a row of which the terminal has nothing */
    HEADEND_CLOCK_EVERY_MS = 3600000,
    HEADEND_CLOCK_OFF_MS = 5000,
    HEADEND_EXPIRE_MS = 5000,
    HEADEND_STORE_RETRY_MS = 500,
    HEADEND_HOLD_FIRST_MS = 2000, /* before a meter that did not answer is asked again */
    HEADEND_HOLD_MAX_MS = 60000,
    HEADEND_LOOK_AGAIN_MS = 400, /* at a relay that has not moved yet; doubles */
    HEADEND_LOOKS_MAX = 5,
    HEADEND_NONE = -1,
};

#endif
