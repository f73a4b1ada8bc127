/* Daily freezes: after login all the days that the database lacks, from yesterday backwards; after
 * 00:10 the day that has just ended. One request at a time, behind everything else. The terminal's
 * vendor item names the midnight of the record, which is the day after the one it closes. */
#include "headend/headend_priv.h"

enum { REQUEST_BYTES_MAX = 128, SETTLED_MINUTE = 10, MINUTES_AN_HOUR = 60, DAY_MS = 86400000 };

/* The newest day whose record should be there; false when the clock is out of range. */
static bool newest_day(const headend *h, gt_utc now, int32_t *out)
{
    gt_civil civil;
    if (gt_civil_of_utc(now, h->cfg.zone_min, &civil) != GT_ERR_OK) {
        return false;
    }
    const int minute = civil.hour * MINUTES_AN_HOUR + civil.minute;
    *out = gt_civil_day(&civil) - (minute >= SETTLED_MINUTE ? 1 : 2);
    return true;
}

static void sweep_start(headend_session *s, int32_t newest)
{
    s->backfill = true;
    s->backfill_newest = newest;
    s->backfill_day = newest;
    s->backfill_looked = false;
    s->backfill_empty = 0;
}

void backfill_start(headend *h, headend_session *s, gt_utc now)
{
    int32_t newest = 0;
    if (h->cfg.poll_interval_ms > 0 && newest_day(h, now, &newest)) {
        sweep_start(s, newest);
    }
}

typedef struct have_query {
    headend *h;
    headend_session *s;
    size_t count;
} have_query;

static gt_err have_work(const store_tx *tx, void *arg)
{
    have_query *q = arg;
    const headend_freeze_day day = {.terminal_id = q->s->terminal_id, .day = q->s->backfill_day};
    return headend_freeze_have(tx, &day, q->h->meter_ids, q->h->cfg.points_max, &q->count);
}

static bool has_id(const int64_t *ids, size_t count, int64_t id)
{
    size_t low = 0;
    while (low < count) {
        const size_t mid = low + (count - low) / 2;
        if (ids[mid] == id) {
            return true;
        }
        if (ids[mid] < id) {
            low = mid + 1;
        } else {
            count = mid;
        }
    }
    return false;
}

/* Mark the points whose record of this day is missing. */
static void day_look(headend *h, headend_session *s)
{
    have_query q = {.h = h, .s = s};
    const gt_err err = h->ports.readings.read(h->ports.readings.ctx, have_work, &q);
    for (uint32_t i = 0; i < s->point_count; i++) {
        headend_point *p = &s->points[i];
        p->freeze_missing = err == GT_ERR_OK && p->model != NULL &&
                            device_block_records(p->model, DEVICE_DAILY) > 0 &&
                            !has_id(h->meter_ids, q.count, p->meter_id);
    }
    s->backfill_looked = true;
    s->backfill_asked = false;
    s->backfill_got = false;
}

static void day_next(headend_session *s)
{
    if (s->backfill_asked) {
        s->backfill_empty = s->backfill_got ? 0 : s->backfill_empty + 1;
    }
    s->backfill_day--;
    s->backfill_looked = false;
    if (s->backfill_newest - s->backfill_day >= HEADEND_BACKFILL_DAYS ||
        s->backfill_empty >= HEADEND_BACKFILL_EMPTY_MAX) {
        s->backfill = false;
    }
}

static gt_err day_send(headend *h, headend_session *s, headend_request *q, gt_mono now)
{
    gt_civil midnight;
    GT_TRY(gt_civil_of_day(q->day + 1, &midnight));
    const gdw1376_head head = gdw1376_head_request(&s->addr, q->afn, q->seq);
    uint8_t buf[REQUEST_BYTES_MAX];
    gdw1376_message m = gdw1376_message_begin(buf, sizeof buf, &head);
    for (unsigned i = 0; i < q->count; i++) {
        gdw1376_message_add(&m, s->points[q->members[i]].point, GDW1376_FN_VENDOR_DAILY);
        gdw1376_day_write(&m.w, &midnight);
    }
    size_t len = 0;
    GT_TRY(gdw1376_message_end(&m, NULL, &len));
    return request_send(h, s, q, buf, len, now);
}

/* The next members of the day in a request. @return false nothing is missing any more */
static bool day_ask(headend *h, headend_session *s, headend_now now)
{
    headend_request draft = {.day = s->backfill_day};
    for (uint32_t i = 0; i < s->point_count && draft.count < HEADEND_POINTS; i++) {
        if (s->points[i].freeze_missing) {
            s->points[i].freeze_missing = false;
            draft.members[draft.count] = (uint16_t)i;
            draft.count++;
        }
    }
    if (draft.count == 0) {
        return false;
    }
    headend_request *q = request_take(s, REQUEST_FREEZE, GDW1376_AFN_CLASS2, now.mono);
    GT_ASSERT(q != NULL); /* a place was free */
    q->count = draft.count;
    q->day = draft.day;
    for (unsigned i = 0; i < draft.count; i++) {
        q->members[i] = draft.members[i];
    }
    s->backfill_asked = true;
    s->backfill_open = true;
    if (day_send(h, s, q, now.mono) != GT_ERR_OK) {
        session_close(h, s, "send_failed", true, now);
    }
    return true;
}

void backfill_tick(headend *h, headend_session *s, headend_now now)
{
    int32_t newest = 0;
    if (!s->backfill && h->cfg.poll_interval_ms > 0 && newest_day(h, now.utc, &newest) &&
        newest > s->backfill_newest) {
        sweep_start(s, newest);
    }
    while (s->used && s->backfill && !s->backfill_open && request_collect_free(s, now.mono)) {
        if (!s->backfill_looked) {
            day_look(h, s);
        }
        if (!day_ask(h, s, now)) {
            day_next(s);
        }
    }
}

gt_mono backfill_deadline(const headend *h, const headend_session *s, headend_now now)
{
    if (h->cfg.poll_interval_ms == 0) {
        return GT_MONO_NEVER;
    }
    if (s->backfill) {
        return GT_MONO_NEVER; /* goes on when its answer comes, or a place is free */
    }
    /* Civil midnight and a little: found again when the day has changed. */
    const int64_t zone_ms = (int64_t)h->cfg.zone_min * 60000;
    const int64_t settled = SETTLED_MINUTE * INT64_C(60000);
    const int64_t into = (now.utc.ms + zone_ms - settled) % DAY_MS;
    const int64_t left_ms = into < 0 ? -into : DAY_MS - into;
    return (gt_mono){.us = now.mono.us + left_ms * 1000};
}

static int member_find(const headend_session *s, const headend_request *q, uint16_t point)
{
    for (unsigned i = 0; i < q->count; i++) {
        if (s->points[q->members[i]].point == point) {
            return (int)i;
        }
    }
    return HEADEND_NONE;
}

/* The day a record closes: that of the moment before its midnight. */
static gt_err day_closed(const headend *h, const reading *r, int32_t *out)
{
    if (!reading_has(r, ITEM_FREEZE_TIME)) {
        return GT_ERR_MALFORMED;
    }
    const gt_utc before = {.ms = (reading_get(r, ITEM_FREEZE_TIME) - 1) * 1000};
    gt_civil civil;
    GT_TRY(gt_civil_of_utc(before, h->cfg.zone_min, &civil));
    *out = gt_civil_day(&civil);
    return GT_ERR_OK;
}

void backfill_unit(headend *h, headend_session *s, headend_request *q, const gdw1376_unit *unit,
                   headend_now now)
{
    const int at = member_find(s, q, unit->point);
    gt_rd r = gdw1376_unit_reader(unit);
    gt_civil named;
    gdw1376_snapshot snapshot;
    if (at == HEADEND_NONE || unit->fn != GDW1376_FN_VENDOR_DAILY ||
        gdw1376_day_read(&r, &named) != GT_ERR_OK ||
        gdw1376_snapshot_read(&r, &snapshot) != GT_ERR_OK) {
        h->stats.bad_frames++;
        return;
    }
    if (snapshot.count == 0 || !snapshot.taken.present || (q->answered >> at & 1) != 0) {
        return;
    }
    const headend_point *p = &s->points[q->members[at]];
    batch_row row = {.kind = BATCH_FREEZE, .meter_id = p->meter_id, .terminal_id = s->terminal_id};
    if (poll_snapshot(h, p->model, DEVICE_DAILY, &snapshot, &row.values) != GT_ERR_OK ||
        day_closed(h, &row.values, &row.day) != GT_ERR_OK || row.day != q->day) {
        h->stats.bad_frames++;
        return;
    }
    q->answered |= (uint8_t)(1U << at);
    if (q->batch == NULL) {
        q->batch = ingest_take(h, now.utc, 1);
    }
    if (q->batch != NULL) {
        ingest_row(q->batch, &row);
        s->backfill_got = true;
    }
}

void backfill_end(headend *h, headend_session *s, headend_request *q, gt_err err)
{
    s->backfill_open = false;
    if (q->batch != NULL) {
        ingest_submit(q->batch);
    }
    /* Not answered: once more for those of that day, unless the list has changed meanwhile. */
    if (err == GT_ERR_TIMEOUT && q->day == s->backfill_day && h->cfg.poll_interval_ms > 0) {
        for (unsigned i = 0; i < q->count; i++) {
            if ((q->answered >> i & 1) == 0) {
                s->points[q->members[i]].freeze_missing = true;
            }
        }
    }
}
