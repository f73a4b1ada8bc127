/* A credit order on its way into the meter.
 *
 *   booked:   mark sent (durable) -> write -> answer stored -> status read -> relay, voltage noted
 *   unknown:  status read back -> stored; n: the same bytes again; n+1: last amount read back too
 *
 * The order machine (domain/order.def) decides; here it is only asked, and obeyed. */
#include "headend/headend_priv.h"

enum { COUNT_BITS = 16, SENDS_A_JOB = 2, METER_REFUSED = 4 };

static gt_err write_build(headend_job *job)
{
    const device_target target = {.unit = job->meter.unit,
                                  .key_version = job->meter.key_version,
                                  .meter_no = job->meter.meter_no};
    const device_purchase purchase = {.amount = {.fen = job->command.amount_fen},
                                      .count = job->command.purchase_count,
                                      .customer_no = job->meter.customer_no};
    return device_purchase_request(job->model, &target, &job->h->ports.keys, &purchase,
                                   &job->write);
}

gt_err credit_start(headend_job *job)
{
    /* The bytes first: an order whose frame cannot be built must not be marked as sent. */
    GT_TRY(write_build(job));
    if (job->command.order == ORDER_UNKNOWN) {
        job_goto(job, JOB_BACK_STATUS);
        return GT_ERR_OK;
    }
    return job->command.order == ORDER_BOOKED ? GT_ERR_OK : GT_ERR_CONFLICT;
}

static gt_err milestones_work(const store_tx *tx, const headend_job *job)
{
    const int64_t id = job->command.order_id;
    if (reading_relay_closed(&job->seen_reading)) {
        GT_TRY(vending_order_milestone(tx, id, VENDING_STEP_RELAY_CLOSED, job->now));
        if (reading_get(&job->seen_reading, ITEM_VOLTAGE_A) > 0) {
            GT_TRY(vending_order_milestone(tx, id, VENDING_STEP_VOLTAGE_SEEN, job->now));
        }
    }
    return GT_ERR_OK;
}

gt_err credit_work(const store_tx *tx, headend_job *job)
{
    const int64_t id = job->command.order_id;
    switch (job->step) {
    case JOB_TAKE:
        return vending_order_sent(tx, id, job->now, &job->order);
    case JOB_ANSWERED:
        return vending_order_answered(tx, id, &job->answer, job->now, &job->order);
    case JOB_SEEN:
        return milestones_work(tx, job);
    case JOB_BACK:
        return vending_order_readback(tx, id, &job->seen, job->now, &job->back);
    case JOB_FREE:
    case JOB_WRITE:
    case JOB_REASON:
    case JOB_AFTER:
    case JOB_AFTER_SETTING:
    case JOB_SETTLE:
    case JOB_BACK_STATUS:
    case JOB_BACK_SETTING:
        break;
    }
    return GT_ERR_INTERNAL;
}

static void order_event_publish(const headend_job *job)
{
    const gt_event_sink *events = &job->h->ports.events;
    events->publish(events->ctx, GT_EVENT_ORDER, job->command.order_id);
}

static void order_settled(headend_job *job, order_state state, headend_now now)
{
    if (state == ORDER_CONFIRMED) {
        job->h->stats.commands_done++;
        job->reads = 0;
        job_goto(job, JOB_AFTER); /* its light is what remains to be seen */
        return;
    }
    if (state == ORDER_UNKNOWN) {
        job_look_drop(job);
        /* At once if the way is open; a meter that keeps silent gets a rest in between. */
        if (job->link_lost || job->sends >= SENDS_A_JOB) {
            job_finish(job, true, now);
        } else {
            job_goto(job, JOB_BACK_STATUS);
        }
        return;
    }
    job->h->stats.commands_failed += order_state_open(state) && state != ORDER_FROZEN ? 0 : 1;
    job_finish(job, false, now);
}

static void took(headend_job *job, headend_now now)
{
    if (job->outcome != GT_ERR_OK) {
        /* Not marked, so nothing goes out. The outbox still has it, unless it is settled. */
        job_finish(job, true, now);
        return;
    }
    order_event_publish(job);
    job_goto(job, JOB_WRITE);
}

static void answered(headend_job *job, vending_answer_kind kind, uint16_t reason_word)
{
    job->answer = (vending_answer){.kind = kind, .reason_word = reason_word};
    job_goto(job, JOB_ANSWERED);
}

static void wrote(headend_job *job)
{
    job->sends++;
    if (job->outcome != GT_ERR_OK) {
        answered(job, VENDING_ANSWER_NONE, 0);
    } else if (job->exception == 0) {
        answered(job, VENDING_ANSWER_OK, 0);
    } else if (job->exception == METER_REFUSED) {
        job_goto(job, JOB_REASON);
    } else {
        answered(job, VENDING_ANSWER_REFUSED, 0);
    }
}

static void reason_read(headend_job *job, headend_now now)
{
    if (job->outcome != GT_ERR_OK) {
        answered(job, VENDING_ANSWER_REFUSED, 0);
        return;
    }
    job_status_keep(job, now);
    answered(job, VENDING_ANSWER_REFUSED,
             (uint16_t)reading_get(&job->seen_reading, ITEM_LAST_RESULT));
}

/* Look again until the relay has closed; a meter that waits for its button will not close it. */
static void look_again(headend_job *job, headend_now now)
{
    job->reads++;
    if (job->reads >= HEADEND_LOOKS_MAX || job->link_lost) {
        job_finish(job, false, now);
    } else {
        job_later(job, JOB_AFTER, now.mono, (int64_t)HEADEND_LOOK_AGAIN_MS << (job->reads - 1));
    }
}

static void after_read(headend_job *job, headend_now now)
{
    if (job->outcome != GT_ERR_OK) {
        look_again(job, now);
        return;
    }
    job_status_keep(job, now);
    if (reading_relay_closed(&job->seen_reading)) {
        job_goto(job, JOB_SEEN);
    } else {
        look_again(job, now);
    }
}

static void milestones_noted(headend_job *job, headend_now now)
{
    order_event_publish(job);
    if (reading_get(&job->seen_reading, ITEM_VOLTAGE_A) > 0) {
        job_finish(job, false, now);
    } else {
        look_again(job, now);
    }
}

static void back_status_read(headend_job *job, headend_now now)
{
    job->h->stats.readbacks++;
    if (job->outcome != GT_ERR_OK || !reading_has(&job->seen_reading, ITEM_PURCHASE_COUNT)) {
        job_finish(job, true, now);
        return;
    }
    job->seen =
        (order_readback){.count = (uint32_t)reading_get(&job->seen_reading, ITEM_PURCHASE_COUNT),
                         .count_bits = COUNT_BITS};
    job_status_keep(job, now);
    job_goto(job, JOB_BACK);
}

static void back_setting_read(headend_job *job, headend_now now)
{
    if (job->outcome != GT_ERR_OK || !reading_has(&job->seen_reading, ITEM_PURCHASE_LAST)) {
        job_finish(job, true, now);
        return;
    }
    job->seen.amount_known = true;
    job->seen.amount_fen = reading_get(&job->seen_reading, ITEM_PURCHASE_LAST);
    job_goto(job, JOB_BACK);
}

static void read_back(headend_job *job, headend_now now)
{
    order_event_publish(job);
    if (job->outcome == GT_ERR_OK && job->back.resend) {
        job_goto(job, JOB_WRITE);
    } else if (job->outcome == GT_ERR_OK && job->back.need_amount) {
        job_goto(job, JOB_BACK_SETTING);
    } else if (job->outcome != GT_ERR_OK || job->back.order.state == ORDER_UNKNOWN) {
        job_finish(job, true, now);
    } else {
        order_settled(job, job->back.order.state, now);
    }
}

void credit_advance(headend_job *job, headend_now now)
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
    case JOB_ANSWERED:
        order_event_publish(job);
        if (job->outcome == GT_ERR_OK) {
            order_settled(job, job->order.state, now);
        } else {
            job_finish(job, true, now);
        }
        break;
    case JOB_AFTER:
        after_read(job, now);
        break;
    case JOB_SEEN:
        milestones_noted(job, now);
        break;
    case JOB_BACK_STATUS:
        back_status_read(job, now);
        break;
    case JOB_BACK_SETTING:
        back_setting_read(job, now);
        break;
    case JOB_BACK:
        read_back(job, now);
        break;
    case JOB_FREE:
    case JOB_AFTER_SETTING:
    case JOB_SETTLE:
        GT_ASSERT(false); /* steps of other commands */
        break;
    }
}
