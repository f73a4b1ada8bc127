/* Commands under way. A job is one command of the outbox on its way through store and wire; each
 * step is either a transaction or a transparent forward, and what follows it is decided in credit.c
 * or control.c. Nothing here is needed after a crash: the database knows where every order stands.
 */
#include "headend/headend_priv.h"

#include <string.h>

enum { REQUEST_BYTES_MAX = 256, FORWARD_WAIT_MS = 2000, FORWARD_SILENCE_MS = 50 };

static bool step_is_store(job_step step)
{
    switch (step) {
    case JOB_TAKE:
    case JOB_ANSWERED:
    case JOB_SEEN:
    case JOB_SETTLE:
    case JOB_BACK:
        return true;
    case JOB_FREE:
    case JOB_WRITE:
    case JOB_REASON:
    case JOB_AFTER:
    case JOB_AFTER_SETTING:
    case JOB_BACK_STATUS:
    case JOB_BACK_SETTING:
        break;
    }
    return false;
}

static device_block step_block(const headend_job *job)
{
    if (job->step == JOB_WRITE) {
        return job->command.kind == VENDING_KIND_CREDIT ? DEVICE_PURCHASE : DEVICE_CONTROL;
    }
    const bool settings = job->step == JOB_AFTER_SETTING || job->step == JOB_BACK_SETTING;
    return settings ? DEVICE_SETTINGS : DEVICE_STATUS;
}

void job_goto(headend_job *job, job_step step)
{
    job->step = step;
    job->not_before.us = INT64_MIN;
}

void job_later(headend_job *job, job_step step, gt_mono now, int64_t wait_ms)
{
    job->step = step;
    job->not_before.us = now.us + wait_ms * 1000;
}

static headend_session *session_of(const headend_job *job)
{
    return job->link_lost ? NULL : &job->h->sessions[job->session];
}

void job_look_drop(headend_job *job)
{
    job->look_pending = false;
    job->look_have = false;
    headend_session *s = session_of(job);
    for (unsigned i = 0; s != NULL && i < HEADEND_WINDOW; i++) {
        if (s->requests[i].job == job && s->requests[i].look) {
            s->requests[i].job = NULL;
        }
    }
}

void job_finish(headend_job *job, bool hold, headend_now now)
{
    job_look_drop(job);
    headend_session *s = session_of(job);
    if (s != NULL) {
        s->jobs--;
        headend_point *p = session_point(s, job->meter.id);
        if (p != NULL && hold) {
            p->hold_ms = p->hold_ms == 0 ? HEADEND_HOLD_FIRST_MS : p->hold_ms * 2;
            p->hold_ms = p->hold_ms > HEADEND_HOLD_MAX_MS ? HEADEND_HOLD_MAX_MS : p->hold_ms;
            p->hold_until.us = now.mono.us + (int64_t)p->hold_ms * 1000;
        } else if (p != NULL) {
            p->hold_ms = 0;
        }
    }
    job->step = JOB_FREE;
}

void job_session_gone(headend *h, const headend_session *s)
{
    for (uint32_t i = 0; i < h->jobs_max; i++) {
        headend_job *job = &h->jobs[i];
        if (job->step != JOB_FREE && !job->link_lost && &h->sessions[job->session] == s) {
            job->link_lost = true;
        }
    }
}

void job_status_keep(headend_job *job, headend_now now)
{
    headend_session *s = session_of(job);
    headend_point *p = s == NULL ? NULL : session_point(s, job->meter.id);
    if (p != NULL) {
        poll_status_seen(job->h, s, p, &job->seen_reading, now);
    }
}

/* ---- wire ---- */

static gt_err reply_parse(headend_job *job, const uint8_t *frame, size_t len)
{
    const device_block block = step_block(job);
    if (job->step == JOB_WRITE) {
        return device_write_result(job->model, job->meter.unit, block, frame, len, &job->exception);
    }
    device_registers registers;
    GT_TRY(device_read_registers(job->model, job->meter.unit, block, 0, frame, len, &registers));
    return device_reading_of(job->model, block, &registers, job->now, &job->seen_reading);
}

void job_reply(headend_job *job, gt_err err, const uint8_t *frame, size_t len)
{
    GT_ASSERT(job->on_wire);
    job->on_wire = false;
    job->ready = true;
    job->outcome = err == GT_ERR_OK ? reply_parse(job, frame, len) : err;
}

void job_look_reply(headend_job *job, gt_err err, const uint8_t *frame, size_t len)
{
    device_registers registers;
    job->look_pending = false;
    job->look_have = err == GT_ERR_OK &&
                     device_read_registers(job->model, job->meter.unit, DEVICE_STATUS, 0, frame,
                                           len, &registers) == GT_ERR_OK &&
                     device_reading_of(job->model, DEVICE_STATUS, &registers, job->look_at,
                                       &job->look) == GT_ERR_OK;
}

/* The frame of the step, or (q->look) the status read that follows a write. */
static gt_err forward_encode(headend_job *job, const headend_session *s, const headend_request *q,
                             uint8_t *buf, size_t *out_len)
{
    device_frame frame = job->write;
    if (q->look) {
        GT_TRY(device_status_request(job->model, job->meter.unit, &frame));
    } else if (job->step != JOB_WRITE) {
        GT_TRY(device_read_request(job->model, job->meter.unit, step_block(job), 0, &frame));
    }
    const gdw1376_head head = gdw1376_head_request(&s->addr, q->afn, q->seq);
    gdw1376_message m = gdw1376_message_begin(buf, REQUEST_BYTES_MAX, &head);
    gdw1376_message_add(&m, 0, GDW1376_FN_FORWARD);
    const gdw1376_forward forward = {.port = job->meter.line,
                                     .line = GDW1376_LINE_9600_8N1,
                                     .wait_ms = FORWARD_WAIT_MS,
                                     .silence_ms = FORWARD_SILENCE_MS,
                                     .frame = frame.bytes,
                                     .frame_len = frame.len};
    gdw1376_forward_request_write(&m.w, &forward);
    return gdw1376_message_end(&m, NULL, out_len);
}

/* Behind a write the status is read without waiting for the write's answer: the terminal keeps the
 * order of a line, and on a slow network this saves a whole way there and back. */
static gt_err look_send(headend_job *job, headend_session *s, headend_now now)
{
    headend_request *q = request_take(s, REQUEST_FORWARD, GDW1376_AFN_FORWARD, now.mono);
    if (q == NULL) {
        return GT_ERR_OK; /* then it is read afterwards */
    }
    q->look = true;
    uint8_t buf[REQUEST_BYTES_MAX];
    size_t len = 0;
    const gt_err err = forward_encode(job, s, q, buf, &len);
    if (err != GT_ERR_OK) {
        request_drop(q);
        return err;
    }
    q->job = job;
    job->look_pending = true;
    job->look_at = now.utc;
    const gt_err sent = request_send(job->h, s, q, buf, len, now.mono);
    job->look_pending = sent == GT_ERR_OK;
    return sent;
}

static gt_err step_send(headend_job *job, headend_session *s, headend_request *q, headend_now now)
{
    uint8_t buf[REQUEST_BYTES_MAX];
    size_t len = 0;
    job->now = now.utc;
    const gt_err err = forward_encode(job, s, q, buf, &len);
    if (err != GT_ERR_OK) {
        request_drop(q);
        job->outcome = err;
        job->ready = true;
        return GT_ERR_OK; /* the link is not at fault */
    }
    q->job = job;
    job->on_wire = true;
    const gt_err sent = request_send(job->h, s, q, buf, len, now.mono);
    if (sent != GT_ERR_OK) {
        job_reply(job, GT_ERR_CLOSED, NULL, 0);
        return sent;
    }
    return job->step == JOB_WRITE ? look_send(job, s, now) : GT_ERR_OK;
}

/* The answer that a step wants may have been asked for already. @return true: do not send */
static bool look_serves(headend_job *job)
{
    if (job->step != JOB_AFTER && job->step != JOB_REASON) {
        return false;
    }
    if (job->look_have) {
        job->look_have = false;
        job->seen_reading = job->look;
        job->outcome = GT_ERR_OK;
        job->ready = true;
        return true;
    }
    return job->look_pending;
}

static void forward_start(headend_job *job, headend_now now)
{
    headend_session *s = session_of(job);
    if (s == NULL) {
        job->outcome = GT_ERR_CLOSED;
        job->ready = true;
        return;
    }
    if (job->step == JOB_WRITE) {
        job_look_drop(job);
    }
    if (look_serves(job)) {
        return;
    }
    headend_request *q = request_take(s, REQUEST_FORWARD, GDW1376_AFN_FORWARD, now.mono);
    /* All places out: the next answer or time-out brings us back. */
    if (q != NULL && step_send(job, s, q, now) != GT_ERR_OK) {
        session_close(job->h, s, "send_failed", true, now);
    }
}

/* ---- store ---- */

static gt_err job_work(const store_tx *tx, void *arg)
{
    headend_job *job = arg;
    return job->command.kind == VENDING_KIND_CREDIT ? credit_work(tx, job) : control_work(tx, job);
}

static void job_done(void *arg, gt_err err)
{
    headend_job *job = arg;
    job->h->store_pending--;
    job->in_store = false;
    job->outcome = err;
    job->ready = true;
    job->h->deadline.us = INT64_MIN;
}

static void store_start(headend_job *job, headend_now now)
{
    headend *h = job->h;
    job->now = now.utc;
    job->in_store = true;
    h->store_pending++;
    const gt_err err = h->ports.till.submit(h->ports.till.ctx, job_work, job, job_done);
    if (err != GT_ERR_OK) {
        job_done(job, err);
    }
}

/* ---- the turn of each ---- */

static void advance(headend_job *job, headend_now now)
{
    job->ready = false;
    /* An outcome that the database must know is brought there however long it takes: only the
     * first mark may be given up, since nothing has been sent by then. */
    if (step_is_store(job->step) && job->step != JOB_TAKE && job->outcome != GT_ERR_OK &&
        job->outcome != GT_ERR_NOT_FOUND && job->outcome != GT_ERR_CONFLICT) {
        gt_log_event(&job->h->ports.log, GT_LOG_ERROR, "command.store_failed",
                     gt_log_num("command", job->command.id),
                     gt_log_str("err", gt_err_name(job->outcome)));
        job_later(job, job->step, now.mono, HEADEND_STORE_RETRY_MS);
        return;
    }
    if (job->command.kind == VENDING_KIND_CREDIT) {
        credit_advance(job, now);
    } else {
        control_advance(job, now);
    }
}

void job_tick(headend *h, headend_now now)
{
    for (uint32_t i = 0; i < h->jobs_max; i++) {
        headend_job *job = &h->jobs[i];
        if (job->step != JOB_FREE && job->ready) {
            advance(job, now);
        }
        if (job->step == JOB_FREE || job->ready || job->in_store || job->on_wire ||
            now.mono.us < job->not_before.us) {
            continue;
        }
        if (step_is_store(job->step)) {
            store_start(job, now);
        } else {
            forward_start(job, now);
        }
    }
}

gt_mono job_deadline(const headend *h, gt_mono now)
{
    gt_mono due = GT_MONO_NEVER;
    for (uint32_t i = 0; i < h->jobs_max; i++) {
        const headend_job *job = &h->jobs[i];
        if (job->step == JOB_FREE || job->in_store || job->on_wire) {
            continue;
        }
        if (job->ready) {
            return now;
        }
        if (job->not_before.us > now.us && job->not_before.us < due.us) {
            due = job->not_before;
        }
    }
    return due;
}

/* ---- the outbox ---- */

typedef struct outbox_query {
    headend *h;
    size_t terminals;
    gt_utc now;
    size_t count;
} outbox_query;

static gt_err outbox_work(const store_tx *tx, void *arg)
{
    outbox_query *q = arg;
    const vending_waiting_query query = {
        .terminal_id = q->h->terminal_ids, .terminal_count = q->terminals, .now = q->now};
    return vending_command_waiting(tx, &query, q->h->outbox, HEADEND_OUTBOX_BATCH, &q->count);
}

/* Ids of the terminals that are online, ascending. */
static size_t terminals_online(headend *h)
{
    size_t count = 0;
    for (uint32_t i = 0; i < h->cfg.sessions_max; i++) {
        if (!h->sessions[i].used) {
            continue;
        }
        size_t at = count;
        for (; at > 0 && h->terminal_ids[at - 1] > h->sessions[i].terminal_id; at--) {
            h->terminal_ids[at] = h->terminal_ids[at - 1];
        }
        h->terminal_ids[at] = h->sessions[i].terminal_id;
        count++;
    }
    return count;
}

static bool meter_busy(const headend *h, int64_t meter_id)
{
    for (uint32_t i = 0; i < h->jobs_max; i++) {
        if (h->jobs[i].step != JOB_FREE && h->jobs[i].command.meter_id == meter_id) {
            return true;
        }
    }
    return false;
}

static headend_job *job_free(headend *h)
{
    for (uint32_t i = 0; i < h->jobs_max; i++) {
        if (h->jobs[i].step == JOB_FREE) {
            return &h->jobs[i];
        }
    }
    return NULL;
}

typedef struct meter_query {
    int64_t meter_id;
    registry_meter row;
} meter_query;

static gt_err meter_work(const store_tx *tx, void *arg)
{
    meter_query *q = arg;
    return registry_meter_find(tx, q->meter_id, &q->row);
}

static void job_start(headend *h, headend_session *s, const headend_point *p,
                      const vending_command *command, headend_now now)
{
    headend_job *job = job_free(h);
    meter_query q = {.meter_id = command->meter_id};
    if (job == NULL || p->model == NULL ||
        h->ports.till.read(h->ports.till.ctx, meter_work, &q) != GT_ERR_OK) {
        return; /* it still waits; the next look finds it */
    }
    *job = (headend_job){.h = h,
                         .session = (uint32_t)(s - h->sessions),
                         .command = *command,
                         .meter = q.row,
                         .model = p->model};
    s->jobs++;
    job_goto(job, JOB_TAKE);
    const gt_err err =
        command->kind == VENDING_KIND_CREDIT ? credit_start(job) : control_start(job);
    if (err != GT_ERR_OK) {
        gt_log_event(&h->ports.log, GT_LOG_ERROR, "command.not_possible",
                     gt_log_num("command", command->id), gt_log_num("meter", command->meter_id),
                     gt_log_str("err", gt_err_name(err)));
        job_finish(job, true, now);
    }
}

void job_outbox(headend *h, headend_now now)
{
    outbox_query q = {.h = h, .now = now.utc};
    q.terminals = terminals_online(h);
    if (q.terminals == 0) {
        return;
    }
    const gt_err err = h->ports.till.read(h->ports.till.ctx, outbox_work, &q);
    if (err != GT_ERR_OK) {
        gt_log_event(&h->ports.log, GT_LOG_ERROR, "outbox.unread",
                     gt_log_str("err", gt_err_name(err)));
        return;
    }
    for (size_t i = 0; i < q.count; i++) {
        const vending_command *command = &h->outbox[i];
        headend_session *s = session_of_terminal(h, command->terminal_id);
        if (s == NULL || s->jobs >= HEADEND_JOBS_A_SESSION || meter_busy(h, command->meter_id)) {
            continue;
        }
        const headend_point *p = session_point(s, command->meter_id);
        if (p == NULL) {
            s->reload_at = now.mono; /* a meter that is new to us */
        } else if (now.mono.us >= p->hold_until.us) {
            job_start(h, s, p, command, now);
        }
    }
}
