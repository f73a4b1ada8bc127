/* Controls (cut, restore, protect) and reads on their way.
 *
 *   control:  take (gets its count and expiry) -> write -> status read until the relay has moved
 *             no answer: status read; the control count says whether it was taken; else once more
 *             that not answered either: it stays `sent`, and the outbox brings it back here to be
 *             read, by this process or the next, until it expires
 *   read:     take -> status block -> settings block
 */
#include "headend/headend_priv.h"

#include <stdio.h>

enum { SENDS_A_JOB = 2, READS_A_JOB = 3, METER_REFUSED = 4, COUNT_MASK = 0xFFFF };

gt_err control_work(const store_tx *tx, headend_job *job)
{
    switch (job->step) {
    case JOB_TAKE:
        return vending_command_sent(tx, job->command.id, job->now, &job->taken);
    case JOB_SETTLE:
        return vending_command_settle(tx, job->command.id, job->done, job->result, job->now);
    case JOB_FREE:
    case JOB_WRITE:
    case JOB_REASON:
    case JOB_ANSWERED:
    case JOB_AFTER:
    case JOB_AFTER_SETTING:
    case JOB_SEEN:
    case JOB_BACK_STATUS:
    case JOB_BACK_SETTING:
    case JOB_BACK:
        break;
    }
    return GT_ERR_INTERNAL;
}

static void command_publish(const headend_job *job)
{
    const gt_event_sink *events = &job->h->ports.events;
    events->publish(events->ctx, GT_EVENT_COMMAND, job->command.id);
}

static void settle(headend_job *job, bool done, const char *result)
{
    job->done = done;
    (void)snprintf(job->result, sizeof job->result, "%s",
                   result); /* words fit; else they are cut */
    job_goto(job, JOB_SETTLE);
}

static gt_err write_build(headend_job *job)
{
    const device_target target = {.unit = job->meter.unit,
                                  .key_version = job->meter.key_version,
                                  .meter_no = job->meter.meter_no};
    const device_control control = {.command =
                                        (device_control_command)vending_act_code(job->command.act),
                                    .count = job->command.control_count,
                                    .expires = job->command.expires};
    return device_control_request(job->model, &target, &job->h->ports.keys, &control, &job->write);
}

gt_err control_start(headend_job *job)
{
    if (job->command.state == VENDING_COMMAND_WAITING) {
        return GT_ERR_OK;
    }
    if (job->command.state != VENDING_COMMAND_SENT || job->command.kind != VENDING_KIND_CONTROL) {
        return GT_ERR_CONFLICT;
    }
    GT_TRY(write_build(job));
    job->resumed = true;
    job_goto(job, JOB_BACK_STATUS);
    return GT_ERR_OK;
}

static void took(headend_job *job, headend_now now)
{
    if (job->outcome != GT_ERR_OK) {
        job_finish(job, job->outcome != GT_ERR_CONFLICT, now);
        return;
    }
    job->command = job->taken;
    command_publish(job);
    if (job->command.state != VENDING_COMMAND_SENT) {
        job_finish(job, false, now); /* too late, or not allowed any more */
        return;
    }
    if (job->command.kind == VENDING_KIND_READ) {
        job_goto(job, JOB_AFTER);
        return;
    }
    const gt_err err = write_build(job);
    if (err != GT_ERR_OK) {
        settle(job, false, gt_err_name(err));
        return;
    }
    job_goto(job, JOB_WRITE);
}

static bool has_expired(const headend_job *job, headend_now now)
{
    return now.utc.ms >= job->command.expires.ms;
}

static void wrote(headend_job *job)
{
    job->sends++;
    job->reads = 0;
    if (job->outcome != GT_ERR_OK) {
        job_look_drop(job);
        job_goto(job, JOB_BACK_STATUS);
    } else if (job->exception == 0) {
        job_goto(job, JOB_AFTER);
    } else if (job->exception == METER_REFUSED) {
        job_goto(job, JOB_REASON);
    } else {
        settle(job, false, "exception");
    }
}

static void reason_read(headend_job *job, headend_now now)
{
    if (job->outcome != GT_ERR_OK) {
        settle(job, false, "refused");
        return;
    }
    job_status_keep(job, now);
    const uint16_t word = (uint16_t)reading_get(&job->seen_reading, ITEM_LAST_RESULT);
    settle(job, false, order_refusal_name(word));
}

/* The words kept with a control that the meter took. */
static const char *effect_name(const reading *r)
{
    if (reading_relay_closed(r)) {
        return "relay_closed";
    }
    return reading_get(r, ITEM_AWAITING_REARM) != 0 ? "awaiting_rearm" : "relay_open";
}

static bool has_effect(vending_act act, const reading *r)
{
    switch (act) {
    case VENDING_ACT_CUT:
        return !reading_relay_closed(r);
    case VENDING_ACT_RESTORE:
        return reading_relay_closed(r) || reading_get(r, ITEM_AWAITING_REARM) != 0;
    case VENDING_ACT_PROTECT:
        return reading_get(r, ITEM_PROTECTED) != 0;
    case VENDING_ACT_UNPROTECT:
        return reading_get(r, ITEM_PROTECTED) == 0;
    case VENDING_ACT_CREDIT:
    case VENDING_ACT_READ:
        break;
    }
    return true;
}

static void look_again(headend_job *job, job_step step, headend_now now)
{
    job_later(job, step, now.mono, (int64_t)HEADEND_LOOK_AGAIN_MS << (job->reads - 1));
}

static void after_read(headend_job *job, headend_now now)
{
    job->reads++;
    const bool again = job->reads < HEADEND_LOOKS_MAX && !job->link_lost;
    if (job->outcome == GT_ERR_OK) {
        job_status_keep(job, now);
        if (has_effect(job->command.act, &job->seen_reading) || !again) {
            settle(job, true, effect_name(&job->seen_reading));
            return;
        }
    } else if (!again) {
        settle(job, true, "not_seen"); /* the meter took it; what became of it was not to be read */
        return;
    }
    look_again(job, JOB_AFTER, now);
}

static void read_status(headend_job *job, headend_now now)
{
    job->reads++;
    if (job->outcome == GT_ERR_OK) {
        job_status_keep(job, now);
        if (device_block_records(job->model, DEVICE_SETTINGS) > 0) {
            job_goto(job, JOB_AFTER_SETTING);
        } else {
            settle(job, true, "read");
        }
    } else if (job->reads < READS_A_JOB && !job->link_lost) {
        look_again(job, JOB_AFTER, now);
    } else {
        settle(job, false, "no_answer");
    }
}

static void read_settings(headend_job *job, headend_now now)
{
    if (job->outcome != GT_ERR_OK) {
        settle(job, false, "no_answer");
        return;
    }
    headend_batch *batch = ingest_take(job->h, now.utc, 1);
    if (batch != NULL) {
        const batch_row row = {.kind = BATCH_LATEST,
                               .meter_id = job->meter.id,
                               .terminal_id = job->meter.terminal_id,
                               .values = job->seen_reading};
        ingest_row(batch, &row);
        ingest_submit(batch);
    }
    settle(job, true, "read");
}

/* A control that was not taken goes out once more, but not long after it was asked for when it
 * takes supply away: by then it may not be wanted any more. */
static bool may_repeat(const headend_job *job, headend_now now)
{
    const bool takes_away =
        job->command.act == VENDING_ACT_CUT || job->command.act == VENDING_ACT_UNPROTECT;
    return job->sends < SENDS_A_JOB && !has_expired(job, now) && !job->link_lost &&
           !(job->resumed && takes_away);
}

static void back_status_read(headend_job *job, headend_now now)
{
    job->reads++;
    job->h->stats.readbacks++;
    if (job->outcome != GT_ERR_OK) {
        if (job->reads < READS_A_JOB && !job->link_lost) {
            look_again(job, JOB_BACK_STATUS, now);
        } else {
            job_finish(job, true, now); /* nobody knows: it stays `sent` */
        }
        return;
    }
    job_status_keep(job, now);
    const uint32_t shown = (uint32_t)reading_get(&job->seen_reading, ITEM_CONTROL_COUNT);
    if (shown == (job->command.control_count & COUNT_MASK)) {
        settle(job, true, effect_name(&job->seen_reading));
    } else if (may_repeat(job, now)) {
        job_goto(job, JOB_WRITE);
    } else {
        settle(job, false, "not_taken");
    }
}

void control_advance(headend_job *job, headend_now now)
{
    switch (job->step) {
    case JOB_TAKE:
        took(job, now);
        break;
    case JOB_WRITE:
        wrote(job);
        break;
    case JOB_REASON:
        reason_read(job, now);
        break;
    case JOB_AFTER:
        if (job->command.kind == VENDING_KIND_READ) {
            read_status(job, now);
        } else {
            after_read(job, now);
        }
        break;
    case JOB_AFTER_SETTING:
        read_settings(job, now);
        break;
    case JOB_BACK_STATUS:
        back_status_read(job, now);
        break;
    case JOB_SETTLE:
        job->h->stats.commands_done += job->done ? 1 : 0;
        job->h->stats.commands_failed += job->done ? 0 : 1;
        command_publish(job);
        job_finish(job, !job->done, now);
        break;
    case JOB_FREE:
    case JOB_ANSWERED:
    case JOB_SEEN:
    case JOB_BACK_SETTING:
    case JOB_BACK:
        GT_ASSERT(false); /* steps of a credit order */
        break;
    }
}
