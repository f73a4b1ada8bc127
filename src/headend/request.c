/* Requests to a terminal and the answers that belong to them. An answer is known by AFN and
 * sequence number; there are only sixteen numbers, so one that was not answered rests for a while
 * before it is used again, and an answer that comes late finds nobody instead of the wrong one. */
#include "headend/headend_priv.h"

#include <string.h>

enum { RTT_MEAN_SHIFT = 3, RTT_DEV_SHIFT = 2, RTT_DEVS = 4, RTT_LOST_MAX = 4 };

static headend_rtt *rtt_of(headend_session *s, request_kind kind)
{
    return kind == REQUEST_FORWARD ? &s->forward_rtt : &s->poll_rtt;
}

static void rtt_learn(headend_rtt *rtt, int64_t took_us)
{
    rtt->lost = 0;
    if (!rtt->known) {
        *rtt = (headend_rtt){.known = true, .mean_us = took_us, .dev_us = took_us / 2};
        return;
    }
    const int64_t off = took_us - rtt->mean_us;
    rtt->mean_us += off / (1 << RTT_MEAN_SHIFT);
    rtt->dev_us += ((off < 0 ? -off : off) - rtt->dev_us) / (1 << RTT_DEV_SHIFT);
}

/* One lost piece of the stream may hold many requests: those that were under way together count as
 * one loss, else the wait would grow eightfold at once. */
static void rtt_lose(headend_rtt *rtt, gt_mono sent, gt_mono now)
{
    if (rtt->lost == 0 || sent.us >= rtt->lost_at.us) {
        rtt->lost += rtt->lost < RTT_LOST_MAX ? 1 : 0;
        rtt->lost_at = now;
    }
}

/* How long to wait: learned, at least HEADEND_ANSWER_MIN_MS, doubled while nothing answers. Twice
 * the mean, because a stream that lost a piece stands still until it was sent again; giving up
 * early costs more than it saves, for the answer still comes and finds nobody. */
static int64_t rtt_wait_us(const headend *h, const headend_rtt *rtt)
{
    const int64_t most = (int64_t)h->cfg.answer_wait_ms * 1000;
    int64_t wait = rtt->known ? 2 * rtt->mean_us + RTT_DEVS * rtt->dev_us
                              : HEADEND_ANSWER_FIRST_MS * INT64_C(1000);
    wait = wait < HEADEND_ANSWER_MIN_MS * 1000 ? HEADEND_ANSWER_MIN_MS * 1000 : wait;
    /* A single loss is the network's; from the second on the wait itself may be too short. */
    for (uint32_t i = 1; i < rtt->lost; i++) {
        wait *= 2;
    }
    return wait < most ? wait : most;
}

static bool seq_free(const headend_session *s, uint8_t seq, gt_mono now)
{
    for (unsigned i = 0; i < HEADEND_WINDOW; i++) {
        if (s->requests[i].kind != REQUEST_NONE && s->requests[i].seq == seq) {
            return false;
        }
    }
    return s->seq_rest[seq].us <= now.us;
}

/* Places taken; of them by collection. */
static unsigned places_taken(const headend_session *s, bool collection_only)
{
    unsigned count = 0;
    for (unsigned i = 0; i < HEADEND_WINDOW; i++) {
        const request_kind kind = s->requests[i].kind;
        const bool counts = kind != REQUEST_NONE && (!collection_only || kind != REQUEST_FORWARD);
        count += counts ? 1 : 0;
    }
    return count;
}

gt_mono request_free_at(const headend_session *s, gt_mono now)
{
    gt_mono at = GT_MONO_NEVER;
    for (unsigned seq = 0; seq < HEADEND_SEQS; seq++) {
        if (seq_free(s, (uint8_t)seq, now)) {
            at = now;
        } else if (s->seq_rest[seq].us > now.us && s->seq_rest[seq].us < at.us) {
            at = s->seq_rest[seq];
        }
    }
    return places_taken(s, false) < HEADEND_WINDOW ? at : GT_MONO_NEVER;
}

bool request_collect_free(const headend_session *s, gt_mono now)
{
    return places_taken(s, true) < HEADEND_COLLECT_WINDOW && request_free_at(s, now).us == now.us;
}

headend_request *request_take(headend_session *s, request_kind kind, uint8_t afn, gt_mono now)
{
    headend_request *q = NULL;
    for (unsigned i = 0; i < HEADEND_WINDOW && q == NULL; i++) {
        q = s->requests[i].kind == REQUEST_NONE ? &s->requests[i] : NULL;
    }
    for (unsigned i = 0; i < HEADEND_SEQS && q != NULL; i++) {
        const uint8_t seq = (uint8_t)((s->seq_next + i) % HEADEND_SEQS);
        if (seq_free(s, seq, now)) {
            s->seq_next = (uint8_t)((seq + 1) % HEADEND_SEQS);
            *q = (headend_request){.kind = kind, .afn = afn, .seq = seq};
            return q;
        }
    }
    return NULL;
}

void request_drop(headend_request *q)
{
    q->kind = REQUEST_NONE;
    q->job = NULL;
}

gt_err request_send(headend *h, headend_session *s, headend_request *q, const uint8_t *buf,
                    size_t len, gt_mono now)
{
    const gdw1376_head head = gdw1376_head_request(&s->addr, q->afn, q->seq);
    q->series = gdw1376_series_of(&head);
    q->sent = now;
    q->due = (gt_mono){.us = now.us + rtt_wait_us(h, rtt_of(s, q->kind))};
    const gt_err err = h->ports.link.send(h->ports.link.ctx, s->link, buf, len);
    if (err != GT_ERR_OK) {
        request_drop(q);
    }
    return err;
}

void request_end(headend *h, headend_session *s, headend_request *q, gt_err err, headend_now now)
{
    const headend_request ended = *q;
    headend_rtt *rtt = rtt_of(s, ended.kind);
    if (err == GT_ERR_TIMEOUT) {
        rtt_lose(rtt, ended.sent, now.mono);
        s->seq_rest[ended.seq].us = now.mono.us + HEADEND_SEQ_REST_MS * INT64_C(1000);
    } else if (err == GT_ERR_OK || err == GT_ERR_REFUSED) {
        rtt_learn(rtt, now.mono.us - ended.sent.us);
    }
    request_drop(q);
    headend_request copy = ended;
    switch (ended.kind) {
    case REQUEST_NONE:
        break;
    case REQUEST_POLL:
        poll_end(h, s, &copy, err, now);
        break;
    case REQUEST_FREEZE:
        backfill_end(h, s, &copy, err);
        break;
    case REQUEST_CLOCK_READ:
    case REQUEST_CLOCK_SET:
        terminal_clock_end(h, s, &copy, err, now);
        break;
    case REQUEST_FORWARD:
        /* OK came with its reply and has cleared the job. */
        if (ended.job != NULL) {
            (ended.look ? job_look_reply : job_reply)(ended.job, err, NULL, 0);
        }
        break;
    }
}

static void forward_unit(headend_request *q, const gdw1376_unit *unit)
{
    gt_rd r = gdw1376_unit_reader(unit);
    gdw1376_forward reply;
    if (q->job == NULL || unit->fn != GDW1376_FN_FORWARD ||
        gdw1376_forward_reply_read(&r, &reply) != GT_ERR_OK || reply.port != q->job->meter.line) {
        return;
    }
    headend_job *job = q->job;
    q->job = NULL;
    const gt_err err = reply.frame_len == 0 ? GT_ERR_TIMEOUT : GT_ERR_OK;
    (q->look ? job_look_reply : job_reply)(job, err, reply.frame, reply.frame_len);
}

static void unit_take(headend *h, headend_session *s, headend_request *q, const gdw1376_unit *unit,
                      headend_now now)
{
    switch (q->kind) {
    case REQUEST_NONE:
    case REQUEST_CLOCK_SET:
        break;
    case REQUEST_POLL:
        poll_unit(h, s, q, unit, now);
        break;
    case REQUEST_FREEZE:
        backfill_unit(h, s, q, unit, now);
        break;
    case REQUEST_CLOCK_READ:
        terminal_clock_unit(h, s, q, unit, now);
        break;
    case REQUEST_FORWARD:
        forward_unit(q, unit);
        break;
    }
}

/* One frame of an answer. @return false it is not one of this request's */
static bool answer_take(headend *h, headend_session *s, headend_request *q,
                        const gdw1376_frame *frame, headend_now now)
{
    bool last = false;
    if (frame->head.afn != q->afn ||
        gdw1376_series_step(&q->series, &frame->head, &last) != GT_ERR_OK) {
        return false;
    }
    gdw1376_units it = gdw1376_units_of(frame);
    while (gdw1376_units_more(&it)) {
        gdw1376_unit unit;
        if (gdw1376_units_next(&it, &unit) != GT_ERR_OK) {
            h->stats.bad_frames++;
            break;
        }
        unit_take(h, s, q, &unit, now);
    }
    if (last) {
        request_end(h, s, q,
                    q->kind == REQUEST_FORWARD && q->job != NULL ? GT_ERR_MISMATCH : GT_ERR_OK,
                    now);
    } else {
        q->due.us = now.mono.us + rtt_wait_us(h, rtt_of(s, q->kind));
    }
    return true;
}

static bool confirm_take(headend *h, headend_session *s, const gdw1376_frame *frame,
                         headend_now now)
{
    gdw1376_confirm confirm;
    if (gdw1376_confirm_decode(frame, &confirm) != GT_ERR_OK) {
        return false;
    }
    for (unsigned i = 0; i < HEADEND_WINDOW; i++) {
        headend_request *q = &s->requests[i];
        if (q->kind != REQUEST_NONE && q->seq == frame->head.seq && !q->series.open) {
            /* Only a setting is answered with a mere yes. */
            const bool ok = gdw1376_confirm_ok(&confirm) && q->kind == REQUEST_CLOCK_SET;
            request_end(h, s, q, ok ? GT_ERR_OK : GT_ERR_REFUSED, now);
            return true;
        }
    }
    return false;
}

void request_answer(headend *h, headend_session *s, const gdw1376_frame *frame, headend_now now)
{
    bool taken = false;
    if (frame->head.afn == GDW1376_AFN_CONFIRM) {
        taken = confirm_take(h, s, frame, now);
    }
    for (unsigned i = 0; i < HEADEND_WINDOW && !taken; i++) {
        headend_request *q = &s->requests[i];
        taken = q->kind != REQUEST_NONE && answer_take(h, s, q, frame, now);
    }
    if (!taken) {
        h->stats.bad_frames++; /* too late, or never asked for */
    }
}

void request_tick(headend *h, headend_session *s, headend_now now)
{
    for (unsigned i = 0; i < HEADEND_WINDOW; i++) {
        headend_request *q = &s->requests[i];
        if (q->kind != REQUEST_NONE && now.mono.us >= q->due.us) {
            request_end(h, s, q, GT_ERR_TIMEOUT, now);
        }
    }
}

gt_mono request_deadline(const headend_session *s)
{
    gt_mono due = GT_MONO_NEVER;
    for (unsigned i = 0; i < HEADEND_WINDOW; i++) {
        if (s->requests[i].kind != REQUEST_NONE && s->requests[i].due.us < due.us) {
            due = s->requests[i].due;
        }
    }
    return due;
}
