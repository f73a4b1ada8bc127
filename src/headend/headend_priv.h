/* What the files of this folder share: the head-end's inside. Included from nowhere else.
 *
 * Everything that decides happens in headend_tick: bytes and store outcomes only leave a note
 * (a frame handled, a job ready), so a store that answers inside submit and one that answers from
 * another thread later look the same. */
#ifndef GT_HEADEND_HEADEND_PRIV_H
#define GT_HEADEND_HEADEND_PRIV_H

#include "codec/gdw1376/forward.h"
#include "codec/gdw1376/link.h"
#include "codec/gdw1376/realtime.h"
#include "codec/gdw1376/stream.h"
#include "codec/gdw1376/vendor.h"
#include "field/collect.h"
#include "field/device.h"
#include "headend/headend.h"
#include "headend/readings.h"
#include "registry/registry.h"
#include "vending/command.h"
#include "vending/order.h"

enum {
    HEADEND_PEER_MAX = 64,
    HEADEND_WINDOW = 4,         /* requests a terminal may have unanswered */
    HEADEND_COLLECT_WINDOW = 2, /* of them collection: the rest is kept for commands */
    HEADEND_POINTS = 8,         /* in one request */
    HEADEND_JOBS_A_SESSION = 4,
    HEADEND_SEQS = 16,
    HEADEND_SEQ_REST_MS = 60000, /* an unanswered number is not used again for so long */
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

typedef enum request_kind {
    REQUEST_NONE,
    REQUEST_POLL,
    REQUEST_FREEZE,
    REQUEST_CLOCK_READ,
    REQUEST_CLOCK_SET,
    REQUEST_FORWARD,
} request_kind;

typedef struct headend_job headend_job;
typedef struct headend_batch headend_batch;

typedef enum chore_kind {
    CHORE_NONE,
    CHORE_RECOVER, /* till */
    CHORE_EXPIRE,  /* till */
    CHORE_SEEN,    /* till: counts that differ from master data */
    CHORE_OFFLINE, /* readings: terminal_id, 0 all */
} chore_kind;

typedef struct headend_chore {
    headend *h;
    chore_kind kind;
    int64_t terminal_id;
    vending_seen seen[HEADEND_POINTS];
    gt_utc now;
    uint32_t count; /* of seen; of orders recovered, commands expired */
} headend_chore;

typedef struct headend_request {
    request_kind kind;
    uint8_t afn;
    uint8_t seq;
    gt_mono sent;
    gt_mono due;
    gdw1376_series series;
    uint8_t count;                    /* POLL, FREEZE: members asked for */
    uint8_t answered;                 /* bit per member */
    collect_job jobs[HEADEND_POINTS]; /* POLL */
    uint16_t members[HEADEND_POINTS]; /* FREEZE */
    int32_t day;                      /* FREEZE */
    headend_chore counts;             /* POLL: counts to tell master data */
    headend_batch *batch;             /* POLL, FREEZE: rows that came so far */
    headend_job *job;                 /* FORWARD */
} headend_request;

/** How long answers take: mean and mean deviation, as TCP learns its time-outs (RFC 6298). */
typedef struct headend_rtt {
    bool known;
    int64_t mean_us;
    int64_t dev_us;
    uint32_t lost; /* time-outs in a row */
} headend_rtt;

typedef struct headend_point {
    int64_t meter_id;
    uint16_t point;
    const device_model *model; /* NULL: no model of that name */
    bool online;
    bool ask;     /* read again soon */
    gt_utc taken; /* of the newest status kept */
    bool count_known;
    uint32_t purchase_count; /* as master data, or what was told to it last */
    uint32_t control_count;
    bool freeze_missing; /* of backfill_day */
    gt_mono hold_until;  /* no command job before */
    uint32_t hold_ms;
} headend_point;

/** A terminal that has logged in. */
typedef struct headend_session {
    bool used;
    uint64_t link;
    uint32_t epoch; /* of the slot; jobs remember it */
    int64_t terminal_id;
    gdw1376_addr addr;
    char name[TERMINAL_NAME_MAX];
    char peer[HEADEND_PEER_MAX];
    gdw1376_stream stream;
    uint8_t buf[GDW1376_FRAME_MAX];
    gt_mono heard;    /* last frame */
    gt_mono bytes_at; /* last byte */
    headend_request requests[HEADEND_WINDOW];
    uint8_t seq_next;
    gt_mono seq_rest[HEADEND_SEQS];
    headend_rtt poll_rtt;
    headend_rtt forward_rtt;
    uint32_t jobs;
    headend_point *points; /* ascending by point */
    uint32_t point_count;
    gt_arena arena; /* of the collection engine */
    collect *collect;
    gt_mono reload_at;
    gt_mono ask_at;
    gt_mono ask_until;
    gt_mono clock_at;
    bool clock_set; /* the clock is off: set it when the hour allows */
    bool backfill;
    int32_t backfill_newest; /* day the sweep began with */
    int32_t backfill_day;    /* day it is at */
    bool backfill_looked;    /* what is missing of that day is marked */
    bool backfill_asked;     /* something was asked for of that day */
    bool backfill_got;       /* something came for that day */
    uint32_t backfill_empty; /* days in a row of which nothing came */
    bool backfill_open;      /* a request is out */
} headend_session;

/** A connection that has not logged in. */
typedef struct headend_caller {
    uint64_t link; /* 0: free */
    gt_mono due;
    gdw1376_stream stream;
    uint8_t buf[GDW1376_STREAM_LOGIN];
    char peer[HEADEND_PEER_MAX];
} headend_caller;

typedef struct headend_refusal {
    uint32_t address; /* region << 16 | terminal, 0 free */
    gt_mono until;
    uint32_t count;
} headend_refusal;

typedef enum job_step {
    JOB_FREE,
    JOB_TAKE,          /* store: about to send */
    JOB_WRITE,         /* forward: purchase or control block */
    JOB_REASON,        /* forward: status block, for last_result */
    JOB_ANSWERED,      /* store: the outcome of a purchase */
    JOB_AFTER,         /* forward: status block after an accepted write, or of a read */
    JOB_AFTER_SETTING, /* forward: settings block of a read */
    JOB_SEEN,          /* store: milestones of a purchase */
    JOB_SETTLE,        /* store: outcome of a control or read */
    JOB_BACK_STATUS,   /* forward: status block, count */
    JOB_BACK_SETTING,  /* forward: settings block, last amount */
    JOB_BACK,          /* store: what was read back */
} job_step;

/** One command under way: one meter, one order or control or read. */
struct headend_job {
    headend *h;
    job_step step;
    bool in_store;      /* submitted, outcome not yet known */
    bool on_wire;       /* request out */
    bool ready;         /* the outcome is there: advance */
    gt_err outcome;     /* of the step */
    gt_mono not_before; /* of the step's start */
    bool link_lost;
    uint32_t session; /* index */
    uint32_t reads;   /* JOB_AFTER done so far */
    uint32_t sends;   /* JOB_WRITE done so far */
    vending_command command;
    vending_command taken; /* as the store gave it back */
    registry_meter meter;
    const device_model *model;
    device_frame write;   /* the command's bytes: the same ones again on a resend */
    uint8_t exception;    /* of the write; 0 taken */
    reading seen_reading; /* of the last block read */
    vending_answer answer;
    order_readback seen;
    vending_order order;
    vending_readback_result back;
    bool relay_closed; /* noted as a milestone */
    bool voltage_seen;
    bool done; /* JOB_SETTLE: outcome and words */
    char result[VENDING_RESULT_MAX];
    gt_utc now; /* when the store step was submitted */
};

typedef enum batch_kind { BATCH_STATUS, BATCH_LATEST, BATCH_FREEZE, BATCH_OFFLINE } batch_kind;

typedef struct batch_row {
    batch_kind kind;
    int64_t meter_id;
    int64_t terminal_id;
    int32_t day;
    bool is_new;
    reading values;
} batch_row;

/** Rows for the readings database, written together. */
struct headend_batch {
    headend *h;
    bool used;
    gt_utc received;
    uint32_t count;
    batch_row rows[HEADEND_BATCH_ROWS];
};

struct headend {
    headend_cfg cfg;
    headend_ports ports;
    headend_caller *callers;
    headend_session *sessions;
    headend_job *jobs;
    uint32_t jobs_max;
    headend_batch *batches;
    uint32_t batches_max;
    headend_chore chores[HEADEND_CHORES];
    headend_refusal refusals[HEADEND_REFUSALS];
    int64_t *terminal_ids; /* scratch: online, ascending */
    int64_t *meter_ids;    /* scratch: those that have a freeze */
    vending_command *outbox;
    gt_mono outbox_at;
    gt_mono expire_at;
    bool recovered;
    bool recovering;
    gt_mono deadline;
    uint32_t store_pending;
    headend_stats stats;
};

/* session.c */
void session_close(headend *h, headend_session *s, const char *why, bool tell_link,
                   headend_now now);
headend_session *session_of_terminal(headend *h, int64_t terminal_id);
void session_tick(headend *h, headend_session *s, headend_now now);
gt_mono session_deadline(const headend *h, const headend_session *s, headend_now now);
void session_points_load(headend *h, headend_session *s, headend_now now);
headend_point *session_point(headend_session *s, int64_t meter_id);
void session_bytes(headend *h, headend_session *s, const uint8_t *buf, size_t len, headend_now now);
/* The first frame of a caller. @return false: close it; true: it is a session now */
bool caller_frame(headend *h, headend_caller *c, const uint8_t *bytes, size_t len, headend_now now);

/* request.c */
/* May collection take a place now? */
bool request_collect_free(const headend_session *s, gt_mono now);
/* When a place is free by time alone: now, or when a number has rested; NEVER while all are out. */
gt_mono request_free_at(const headend_session *s, gt_mono now);
/* A free request with a sequence number, or NULL. */
headend_request *request_take(headend_session *s, request_kind kind, uint8_t afn, gt_mono now);
void request_drop(headend_request *q);
/* Send a finished frame and start its time. On failure the request is dropped. */
gt_err request_send(headend *h, headend_session *s, headend_request *q, const uint8_t *buf,
                    size_t len, gt_mono now);
void request_answer(headend *h, headend_session *s, const gdw1376_frame *frame, headend_now now);
/* End a request: OK, TIMEOUT, REFUSED, CLOSED. */
void request_end(headend *h, headend_session *s, headend_request *q, gt_err err, headend_now now);
void request_tick(headend *h, headend_session *s, headend_now now);
gt_mono request_deadline(const headend_session *s);

/* poll.c */
void poll_tick(headend *h, headend_session *s, headend_now now);
gt_mono poll_deadline(const headend_session *s, gt_mono now);
void poll_unit(headend *h, headend_session *s, headend_request *q, const gdw1376_unit *unit,
               headend_now now);
void poll_end(headend *h, headend_session *s, headend_request *q, gt_err err, headend_now now);
/* A status block read by a command: latest values, history and counts as from a poll. */
void poll_status_seen(headend *h, headend_session *s, headend_point *p, const reading *status,
                      headend_now now);
/* A snapshot of the uplink as items. */
gt_err poll_snapshot(const headend *h, const device_model *model, device_block block,
                     const gdw1376_snapshot *snapshot, reading *out);

/* backfill.c */
void backfill_start(headend *h, headend_session *s, gt_utc now);
void backfill_tick(headend *h, headend_session *s, headend_now now);
gt_mono backfill_deadline(const headend *h, const headend_session *s, headend_now now);
void backfill_unit(headend *h, headend_session *s, headend_request *q, const gdw1376_unit *unit,
                   headend_now now);
void backfill_end(headend *h, headend_session *s, headend_request *q, gt_err err);

/* terminal_clock.c */
void terminal_clock_tick(headend *h, headend_session *s, headend_now now);
void terminal_clock_unit(headend *h, headend_session *s, const headend_request *q,
                         const gdw1376_unit *unit, headend_now now);
void terminal_clock_end(headend *h, headend_session *s, const headend_request *q, gt_err err,
                        headend_now now);

/* job.c */
void job_outbox(headend *h, headend_now now);
void job_tick(headend *h, headend_now now);
gt_mono job_deadline(const headend *h, gt_mono now);
void job_session_gone(headend *h, const headend_session *s);
/* What the terminal brought back for the job's request; frame is borrowed. */
void job_reply(headend_job *job, gt_err err, const uint8_t *frame, size_t len);
void job_goto(headend_job *job, job_step step);
void job_later(headend_job *job, job_step step, gt_mono now, int64_t wait_ms);
/* The job is over. hold: the meter did not answer; a while passes before its next job. */
void job_finish(headend_job *job, bool hold, headend_now now);
/* The status block that a job has just read goes where polls go. */
void job_status_keep(headend_job *job, headend_now now);

/* credit.c, control.c: the first step, what follows a step, and the store work of their steps */
gt_err credit_start(headend_job *job);
void credit_advance(headend_job *job, headend_now now);
gt_err credit_work(const store_tx *tx, headend_job *job);
gt_err control_start(headend_job *job);
void control_advance(headend_job *job, headend_now now);
gt_err control_work(const store_tx *tx, headend_job *job);

/* ingest.c */
/* A batch to fill, or NULL (readings_lost counts @p rows). */
headend_batch *ingest_take(headend *h, gt_utc received, uint32_t rows);
void ingest_submit(headend_batch *batch);
void ingest_give_back(headend_batch *batch);
/* A row of a batch. */
void ingest_row(headend_batch *batch, const batch_row *row);
/* @return false: too much is under way; ask again later */
bool chore_submit(headend *h, const headend_chore *chore);

#endif
