/* Commands under way. Internal. */
#ifndef GT_HEADEND_JOB_PRIV_H
#define GT_HEADEND_JOB_PRIV_H

#include "headend/session_priv.h"
#include "vending/command.h"
#include "vending/order.h"

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
    bool resumed;     /* a control that an earlier job had sent */
    vending_command command;
    vending_command taken; /* as the store gave it back */
    registry_meter meter;
    const device_model *model;
    device_frame write;   /* the command's bytes: the same ones again on a resend */
    uint8_t exception;    /* of the write; 0 taken */
    reading seen_reading; /* of the last block read */
    bool look_pending;    /* a status read went out behind the write */
    bool look_have;       /* and look is its answer, not yet used */
    gt_utc look_at;
    reading look;
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

/* job.c */
void job_outbox(headend *h, headend_now now);
void job_tick(headend *h, headend_now now);
gt_mono job_deadline(const headend *h, gt_mono now);
void job_session_gone(headend *h, const headend_session *s);
/* What the terminal brought back for the job's request; frame is borrowed. */
void job_reply(headend_job *job, gt_err err, const uint8_t *frame, size_t len);
/* The same for the status read sent behind its write. */
void job_look_reply(headend_job *job, gt_err err, const uint8_t *frame, size_t len);
/* Forget that read, whether it has come or not. */
void job_look_drop(headend_job *job);
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

#endif
