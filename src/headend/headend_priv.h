/* What the files of this folder share: the head-end's inside. Included from nowhere else.
 *
 * Everything that decides happens in headend_tick: bytes and store outcomes only leave a note
 * (a frame handled, a job ready), so a store that answers inside submit and one that answers from
 * another thread later look the same. */
#ifndef GT_HEADEND_HEADEND_PRIV_H
#define GT_HEADEND_HEADEND_PRIV_H

#include "headend/ingest_priv.h"
#include "headend/job_priv.h"
#include "headend/session_priv.h"

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

#endif
