/* Status polls: which points next is the collection engine's, how they are asked for and what comes
 * of the answer is here. The terminal answers from its own latest table, so an answer tells how old
 * each status is. */
#include "headend/headend_priv.h"

enum { REQUEST_BYTES_MAX = 256, COUNT_MASK = 0xFFFF, COUNT_BITS = 16 };

gt_err poll_snapshot(const headend *h, const device_model *model, device_block block,
                     const gdw1376_snapshot *snapshot, reading *out)
{
    gt_utc taken;
    GT_TRY(gt_utc_of_civil(&snapshot->taken.at, h->cfg.zone_min, &taken));
    device_registers registers = {.first = snapshot->first, .count = snapshot->count};
    for (unsigned i = 0; i < snapshot->count; i++) {
        registers.value[i] = snapshot->registers[i];
    }
    return device_reading_of(model, block, &registers, taken, out);
}

/* Jobs in the order of their points, as identifiers want them. */
static void jobs_sort(headend_request *q)
{
    for (unsigned i = 1; i < q->count; i++) {
        const collect_job job = q->jobs[i];
        unsigned at = i;
        for (; at > 0 && q->jobs[at - 1].member > job.member; at--) {
            q->jobs[at] = q->jobs[at - 1];
        }
        q->jobs[at] = job;
    }
}

static gt_err poll_send(headend *h, headend_session *s, headend_request *q, gt_mono now)
{
    const gdw1376_head head = gdw1376_head_request(&s->addr, q->afn, q->seq);
    uint8_t buf[REQUEST_BYTES_MAX];
    gdw1376_message m = gdw1376_message_begin(buf, sizeof buf, &head);
    uint16_t points[HEADEND_POINTS] = {0};
    for (unsigned i = 0; i < q->count; i++) {
        points[i] = s->points[q->jobs[i].member].point;
    }
    for (size_t at = 0; at < q->count;) {
        const size_t together = gdw1376_points_together(points + at, q->count - at);
        gdw1376_id id = gdw1376_id_of(points[at], GDW1376_FN_VENDOR_STATUS);
        id.points.count = (uint8_t)together;
        for (size_t i = 0; i < together; i++) {
            id.points.number[i] = points[at + i];
        }
        gdw1376_message_add_set(&m, &id);
        at += together;
    }
    size_t len = 0;
    GT_TRY(gdw1376_message_end(&m, NULL, &len));
    return request_send(h, s, q, buf, len, now);
}

static void ask_again(headend_session *s, gt_mono now)
{
    if (now.us < s->ask_at.us) {
        return;
    }
    s->ask_at.us = now.us < s->ask_until.us ? now.us + HEADEND_ASK_MS * INT64_C(1000) : INT64_MAX;
    for (uint32_t i = 0; i < s->point_count; i++) {
        if (s->points[i].ask) {
            s->points[i].ask = false;
            collect_ask(s->collect, i, COLLECT_STATUS);
        }
    }
}

void poll_tick(headend *h, headend_session *s, headend_now now)
{
    if (s->collect == NULL) {
        return;
    }
    ask_again(s, now.mono);
    while (request_collect_free(s, now.mono)) {
        headend_request draft = {0};
        while (draft.count < HEADEND_POINTS &&
               collect_next(s->collect, now.mono, &draft.jobs[draft.count])) {
            draft.count++;
        }
        if (draft.count == 0) {
            return;
        }
        headend_request *q = request_take(s, REQUEST_POLL, GDW1376_AFN_CLASS1, now.mono);
        GT_ASSERT(q != NULL); /* a place was free */
        q->count = draft.count;
        for (unsigned i = 0; i < draft.count; i++) {
            q->jobs[i] = draft.jobs[i];
        }
        jobs_sort(q);
        headend_request sent = *q;
        if (poll_send(h, s, q, now.mono) != GT_ERR_OK) {
            poll_end(h, s, &sent, GT_ERR_CLOSED, now);
            session_close(h, s, "send_failed", true, now);
            return;
        }
    }
}

gt_mono poll_deadline(const headend_session *s, gt_mono now)
{
    if (s->collect == NULL) {
        return GT_MONO_NEVER;
    }
    const gt_mono due = collect_deadline(s->collect, now);
    return s->ask_at.us < due.us ? s->ask_at : due;
}

/* Counts that differ from master data are told to it, once per change. */
static void counts_tell(const headend_point *p, const reading *r, headend_chore *chore)
{
    if (!reading_has(r, ITEM_PURCHASE_COUNT) || !reading_has(r, ITEM_CONTROL_COUNT)) {
        return;
    }
    const uint32_t purchase = (uint32_t)reading_get(r, ITEM_PURCHASE_COUNT);
    const uint32_t control = (uint32_t)reading_get(r, ITEM_CONTROL_COUNT);
    const bool same = p->count_known && (p->purchase_count & COUNT_MASK) == purchase &&
                      (p->control_count & COUNT_MASK) == control;
    if (same || chore->count == HEADEND_POINTS) {
        return;
    }
    chore->seen[chore->count] = (vending_seen){.meter_id = p->meter_id,
                                               .taken = r->taken,
                                               .purchase_count = purchase,
                                               .control_count = control,
                                               .count_bits = COUNT_BITS};
    chore->count++;
}

static void counts_told(headend_session *s, const headend_chore *chore)
{
    for (uint32_t i = 0; i < chore->count; i++) {
        headend_point *p = session_point(s, chore->seen[i].meter_id);
        p->count_known = true;
        p->purchase_count = chore->seen[i].purchase_count;
        p->control_count = chore->seen[i].control_count;
    }
}

static void counts_submit(headend *h, headend_session *s, headend_chore *chore, headend_now now)
{
    if (chore->count == 0) {
        return;
    }
    chore->kind = CHORE_SEEN;
    chore->now = now.utc;
    if (chore_submit(h, chore)) {
        counts_told(s, chore);
        return;
    }
    for (uint32_t i = 0; i < chore->count; i++) {
        session_point(s, chore->seen[i].meter_id)->ask = true;
    }
}

static bool is_stale(const reading *r, gt_utc now)
{
    return now.ms - r->taken.ms > HEADEND_STALE_MS;
}

/* A status that is newer than the one kept goes into history and the latest values. */
static void status_keep(headend_session *s, headend_point *p, const reading *r,
                        headend_batch *batch, gt_utc now)
{
    const bool stale = is_stale(r, now);
    batch_row row = {
        .kind = BATCH_STATUS, .meter_id = p->meter_id, .terminal_id = s->terminal_id, .values = *r};
    if (r->taken.ms > p->taken.ms || (!stale && !p->online)) {
        ingest_row(batch, &row);
        p->taken = r->taken;
        p->online = true;
    }
    if (stale && p->online) {
        row.kind = BATCH_OFFLINE;
        ingest_row(batch, &row);
        p->online = false;
    }
}

void poll_status_seen(headend *h, headend_session *s, headend_point *p, const reading *status,
                      headend_now now)
{
    headend_batch *batch = ingest_take(h, now.utc, 1);
    if (batch != NULL) {
        status_keep(s, p, status, batch, now.utc);
        ingest_submit(batch);
    }
    headend_chore chore = {0};
    counts_tell(p, status, &chore);
    counts_submit(h, s, &chore, now);
}

static int member_find(const headend_session *s, const headend_request *q, uint16_t point)
{
    for (unsigned i = 0; i < q->count; i++) {
        if (s->points[q->jobs[i].member].point == point) {
            return (int)i;
        }
    }
    return HEADEND_NONE;
}

void poll_unit(headend *h, headend_session *s, headend_request *q, const gdw1376_unit *unit,
               headend_now now)
{
    const int at = member_find(s, q, unit->point);
    if (at == HEADEND_NONE || unit->fn != GDW1376_FN_VENDOR_STATUS) {
        h->stats.bad_frames++;
        return;
    }
    gt_rd r = gdw1376_unit_reader(unit);
    gdw1376_snapshot snapshot;
    headend_point *p = &s->points[q->jobs[at].member];
    reading status = {0};
    if (gdw1376_snapshot_read(&r, &snapshot) != GT_ERR_OK) {
        h->stats.bad_frames++;
        return;
    }
    if (snapshot.count == 0 || !snapshot.taken.present) {
        return; /* the terminal has not read it yet */
    }
    if (poll_snapshot(h, p->model, DEVICE_STATUS, &snapshot, &status) != GT_ERR_OK) {
        h->stats.bad_frames++;
        return;
    }
    if ((q->answered >> at & 1) != 0) {
        return;
    }
    if (!is_stale(&status, now.utc)) {
        q->answered |= (uint8_t)(1U << at);
    }
    if (q->batch == NULL) {
        q->batch = ingest_take(h, now.utc, 1);
    }
    if (q->batch != NULL) {
        status_keep(s, p, &status, q->batch, now.utc);
    }
    counts_tell(p, &status, &q->counts);
}

/* One member of a poll that has ended. */
static void member_end(headend *h, headend_session *s, headend_request *q, unsigned at,
                       headend_now now)
{
    headend_point *p = &s->points[q->jobs[at].member];
    const bool answered = (q->answered >> at & 1) != 0;
    h->stats.polls_ok += answered ? 1 : 0;
    h->stats.polls_failed += answered ? 0 : 1;
    if (answered) {
        return;
    }
    p->ask = true;
    if (p->online) {
        if (q->batch == NULL) {
            q->batch = ingest_take(h, now.utc, 1);
        }
        if (q->batch != NULL) {
            const batch_row row = {
                .kind = BATCH_OFFLINE, .meter_id = p->meter_id, .terminal_id = s->terminal_id};
            ingest_row(q->batch, &row);
            p->online = false;
        }
    }
}

void poll_end(headend *h, headend_session *s, headend_request *q, gt_err err, headend_now now)
{
    /* That the terminal did not answer says nothing about a meter. */
    const gt_err missing = err == GT_ERR_OK ? GT_ERR_TIMEOUT : GT_ERR_CLOSED;
    for (unsigned i = 0; i < q->count; i++) {
        const bool answered = (q->answered >> i & 1) != 0;
        collect_done(s->collect, &q->jobs[i], answered ? GT_ERR_OK : missing, now.mono);
        if (err == GT_ERR_OK || answered) {
            member_end(h, s, q, i, now);
        } else {
            h->stats.polls_failed++;
            s->points[q->jobs[i].member].ask = true;
        }
    }
    if (q->batch != NULL) {
        ingest_submit(q->batch);
    }
    counts_submit(h, s, &q->counts, now);
}
