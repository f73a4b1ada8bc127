/* Requests of the station. Data requests are answered unit by unit in the order they were asked,
 * in as many frames as it takes; what the box does not have is left out, and a request of which
 * nothing can be answered is denied. */
#include "concentrator/concentrator_priv.h"

#include "codec/gdw1376/control.h"
#include "codec/gdw1376/forward.h"
#include "codec/gdw1376/link.h"
#include "codec/gdw1376/realtime.h"

/* An answer being written, frame after frame. */
typedef struct answer {
    concentrator *c;
    concentrator_time now;
    gdw1376_head head; /* of the frame being written */
    gdw1376_message m;
    bool first;      /* no frame has gone out yet */
    unsigned frames; /* gone out */
} answer;

static void answer_begin(answer *a)
{
    a->m = gdw1376_message_begin(a->c->out, sizeof a->c->out, &a->head);
}

static void answer_send(answer *a, bool last)
{
    size_t len = 0;
    gdw1376_message_part(&a->m, a->first, last);
    if (gdw1376_message_end(&a->m, NULL, &len) == GT_ERR_OK) {
        box_send(a->c, a->c->uplink.session, a->c->out, len);
        a->frames++;
    }
    a->first = false;
    a->head.seq = (uint8_t)((a->head.seq + 1) & GDW1376_SEQ_MAX); /* RSEQ counts the frames */
}

/* One datum. @p p is NULL for the terminal itself (p0). False when there is none. */
static bool write_datum(answer *a, const box_point *p, uint16_t fn, const gt_civil *day)
{
    const uint16_t point = p == NULL ? 0 : p->meter.point;
    gdw1376_message_add(&a->m, point, fn);
    bool written = false;
    if (p == NULL) {
        gt_civil local;
        written = day == NULL && fn == GDW1376_FN_CLOCK &&
                  box_clock_local(&a->c->clock, a->now.utc, &local) == GT_ERR_OK;
        if (written) {
            const gdw1376_when when = gdw1376_when_of(&local);
            gdw1376_clock_write(&a->m.w, &when);
        }
    } else if (day == NULL) {
        written = box_answer_class1(a->c, p, fn, &a->m.w);
    } else {
        written = box_answer_class2(a->c, p, fn, day, &a->m.w);
    }
    if (!written || a->m.w.err != GT_ERR_OK) {
        gdw1376_message_drop(&a->m); /* also a value that its format cannot hold */
        return false;
    }
    return true;
}

static void answer_datum(answer *a, const box_point *p, uint16_t fn, const gt_civil *day)
{
    if (!write_datum(a, p, fn, day) || gdw1376_message_fits(&a->m)) {
        return;
    }
    gdw1376_message_drop(&a->m);
    answer_send(a, false);
    answer_begin(a);
    (void)write_datum(a, p, fn, day); /* it was written a moment ago */
}

static void answer_unit(answer *a, const gdw1376_unit *unit, const gt_civil *day)
{
    if (unit->point == 0) {
        answer_datum(a, NULL, unit->fn, day);
        return;
    }
    if (unit->point != GDW1376_POINT_ALL) {
        const box_point *p = box_point_find(a->c, unit->point);
        if (p != NULL) {
            answer_datum(a, p, unit->fn, day);
        }
        return;
    }
    for (size_t i = 0; i < a->c->point_count; i++) {
        answer_datum(a, &a->c->points[i], unit->fn, day);
    }
}

/* AFN 0C and 0D. */
static void serve_data(concentrator *c, concentrator_time now, const gdw1376_frame *request)
{
    answer a = {.c = c,
                .now = now,
                .head = gdw1376_head_reply(&request->head, request->head.afn),
                .first = true};
    answer_begin(&a);
    gdw1376_units units = gdw1376_units_of(request);
    gdw1376_unit unit;
    while (gdw1376_units_more(&units)) {
        gt_civil day;
        if (gdw1376_units_next(&units, &unit) != GT_ERR_OK) {
            break; /* not in the table: what was read before it is still answered */
        }
        if (request->head.afn == GDW1376_AFN_CLASS1) {
            answer_unit(&a, &unit, NULL);
            continue;
        }
        gt_rd r = gdw1376_unit_reader(&unit);
        if (gdw1376_day_read(&r, &day) == GT_ERR_OK) {
            answer_unit(&a, &unit, &day);
        }
    }
    if (a.m.added > 0) {
        answer_send(&a, true);
    } else {
        box_refuse(c, &request->head);
    }
}

static void send_confirm(concentrator *c, const gdw1376_head *request, uint16_t fn)
{
    const gdw1376_confirm confirm = {.fn = fn};
    size_t len = 0;
    if (gdw1376_confirm_encode(request, &confirm, c->out, sizeof c->out, &len) == GT_ERR_OK) {
        box_send(c, c->uplink.session, c->out, len);
    }
}

void box_refuse(concentrator *c, const gdw1376_head *request)
{
    c->stats.refused++;
    gt_log_event(c->ports.log, GT_LOG_INFO, "request.refused", gt_log_num("afn", request->afn),
                 gt_log_num("seq", request->seq));
    send_confirm(c, request, GDW1376_FN_DENY_ALL);
}

/* AFN 05: of a box's controls only the clock; a meter's relay is switched by frames it can check
 * itself, through AFN 10. */
static gt_err set_clock(concentrator *c, concentrator_time now, const gdw1376_frame *request)
{
    gdw1376_units units = gdw1376_units_of(request);
    gdw1376_unit unit;
    gdw1376_when when;
    GT_TRY(gdw1376_units_next(&units, &unit));
    if (unit.fn != GDW1376_FN_CLOCK_SET || unit.point != 0 || gdw1376_units_more(&units)) {
        return GT_ERR_UNSUPPORTED;
    }
    gt_rd r = gdw1376_unit_reader(&unit);
    GT_TRY(gdw1376_clock_read(&r, &when));
    if (!when.present) {
        return GT_ERR_RANGE;
    }
    const int64_t before_ms = c->clock.offset_ms;
    GT_TRY(box_clock_set(&c->clock, now.utc, &when.at));
    gt_log_event(c->ports.log, GT_LOG_INFO, "clock.set",
                 gt_log_num("step_ms", c->clock.offset_ms - before_ms));
    return GT_ERR_OK;
}

static void serve_control(concentrator *c, concentrator_time now, const gdw1376_frame *request)
{
    const gt_err err = set_clock(c, now, request);
    if (request->head.addr.group) {
        return; /* to everybody: nobody answers */
    }
    if (err == GT_ERR_OK) {
        send_confirm(c, &request->head, GDW1376_FN_CONFIRM_ALL);
    } else {
        box_refuse(c, &request->head);
    }
}

static void serve_forward(concentrator *c, concentrator_time now, const gdw1376_frame *request)
{
    gdw1376_units units = gdw1376_units_of(request);
    gdw1376_unit unit;
    if (gdw1376_units_next(&units, &unit) == GT_ERR_OK && unit.fn == GDW1376_FN_FORWARD &&
        unit.point == 0 && !gdw1376_units_more(&units)) {
        box_forward_take(c, now, request, &unit);
    } else {
        box_refuse(c, &request->head);
    }
}

void box_serve(concentrator *c, concentrator_time now, const gdw1376_frame *request)
{
    c->stats.requests++;
    if (request->head.addr.group && request->head.afn != GDW1376_AFN_CONTROL) {
        return;
    }
    switch (request->head.afn) {
    case GDW1376_AFN_CLASS1:
    case GDW1376_AFN_CLASS2:
        serve_data(c, now, request);
        break;
    case GDW1376_AFN_CONTROL:
        serve_control(c, now, request);
        break;
    case GDW1376_AFN_FORWARD:
        serve_forward(c, now, request);
        break;
    default:
        box_refuse(c, &request->head);
        break;
    }
}
