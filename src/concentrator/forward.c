/* AFN 10 F1: a meter's own frame, put on its line before everything else, the answer brought back
 * under the sequence number of the request.
 *
 * A request may come twice, when its answer was lost on the way. While the first is under way the
 * second only makes the answer go to the session that asked last. After that, a write that the
 * meter took is answered from memory for a short time; reads, refusals and silences are not
 * remembered, because asking again is then the point. The memory spares the line, it is not what
 * makes a sale safe: a meter knows a purchase it has already taken by its count. */
#include "concentrator/concentrator_priv.h"

#include "codec/gdw1376/forward.h"
#include "codec/modbus/frame.h"

#include <string.h>

enum { FUNCTION_AT = 1 };

static gt_mono after_ms(gt_mono now, int64_t ms)
{
    return (gt_mono){.us = now.us + ms * 1000};
}

static void send_reply(concentrator *c, const box_forward *f, const uint8_t *bytes, uint16_t len)
{
    const gdw1376_head head = gdw1376_head_reply(&f->head, GDW1376_AFN_FORWARD);
    const gdw1376_forward reply = {.port = f->port, .frame = bytes, .frame_len = len};
    gdw1376_message m = gdw1376_message_begin(c->out, sizeof c->out, &head);
    size_t out_len = 0;
    gdw1376_message_add(&m, 0, GDW1376_FN_FORWARD);
    gdw1376_forward_reply_write(&m.w, &reply);
    if (gdw1376_message_end(&m, NULL, &out_len) == GT_ERR_OK) {
        box_send(c, f->session, c->out, out_len);
    }
}

static bool same_request(const box_forward *a, uint8_t line_no, uint8_t seq, const uint8_t *bytes,
                         size_t len)
{
    return a->line_no == line_no && a->head.seq == seq && a->len == len &&
           memcmp(a->bytes, bytes, len) == 0;
}

static box_forward *find_under_way(concentrator *c, const box_forward *asked)
{
    for (size_t i = 0; i < BOX_FORWARDS_MAX; i++) {
        box_forward *f = &c->forwards[i];
        if (f->used && !f->answered &&
            same_request(f, asked->line_no, asked->head.seq, asked->bytes, asked->len)) {
            return f;
        }
    }
    return NULL;
}

static const box_repeat *find_repeat(const concentrator *c, const box_forward *asked, gt_mono now)
{
    for (size_t i = 0; i < BOX_REPEATS_MAX; i++) {
        const box_repeat *r = &c->repeats[i];
        if (r->used && now.us < r->until.us &&
            same_request(asked, r->line_no, r->seq, r->bytes, r->len)) {
            return r;
        }
    }
    return NULL;
}

static box_forward *find_free(concentrator *c)
{
    for (size_t i = 0; i < BOX_FORWARDS_MAX; i++) {
        if (!c->forwards[i].used) {
            return &c->forwards[i];
        }
    }
    return NULL;
}

/* Give it to its line. False when the line is not there, not open, full, or it is no frame. */
static bool submit(concentrator *c, concentrator_time now, box_forward *f)
{
    box_line *l = &c->lines[f->line_no - 1];
    line_request request = {.framing = LINE_MODBUS_RTU,
                            .priority = LINE_COMMAND,
                            .attempts = 1, /* a repeat is the station's to decide */
                            .cookie = box_cookie_of(BOX_COOKIE_FORWARD, f->cookie),
                            .len = f->len};
    memcpy(request.bytes, f->bytes, f->len);
    if (l->line == NULL || line_submit(l->line, &request) != GT_ERR_OK) {
        return false;
    }
    f->used = true;
    c->stats.forwards++;
    box_line_run(c, l, now, (line_input){.event = LINE_TICK});
    return true;
}

/* The request as it will be kept. */
static gt_err read_request(concentrator *c, concentrator_time now, const gdw1376_frame *request,
                           const gdw1376_unit *unit, box_forward *out)
{
    gdw1376_forward forward;
    gt_rd r = gdw1376_unit_reader(unit);
    GT_TRY(gdw1376_forward_request_read(&r, &forward));
    if (forward.port < 1 || forward.port > BOX_LINES_MAX || forward.frame_len == 0 ||
        forward.frame_len > LINE_REQUEST_MAX) {
        return GT_ERR_RANGE;
    }
    const int64_t wait_ms = forward.wait_ms > 0 ? forward.wait_ms : BOX_FORWARD_WAIT_MS;
    *out = (box_forward){.cookie = ++c->cookie,
                         .line_no = forward.port,
                         .port = forward.port,
                         .session = c->uplink.session,
                         .head = request->head,
                         .deadline = after_ms(now.mono, wait_ms + BOX_FORWARD_EXTRA_MS),
                         .len = forward.frame_len};
    memcpy(out->bytes, forward.frame, forward.frame_len);
    return GT_ERR_OK;
}

void box_forward_take(concentrator *c, concentrator_time now, const gdw1376_frame *request,
                      const gdw1376_unit *unit)
{
    box_forward asked;
    if (read_request(c, now, request, unit, &asked) != GT_ERR_OK) {
        box_refuse(c, &request->head);
        return;
    }
    box_forward *under_way = find_under_way(c, &asked);
    if (under_way != NULL) {
        under_way->session = asked.session;
        under_way->head = asked.head;
        c->stats.forwards_repeated++;
        return;
    }
    const box_repeat *repeat = find_repeat(c, &asked, now.mono);
    if (repeat != NULL) {
        c->stats.forwards_repeated++;
        send_reply(c, &asked, repeat->reply, repeat->reply_len);
        return;
    }
    box_forward *f = find_free(c);
    if (f != NULL) {
        *f = asked;
    }
    if (f == NULL || !submit(c, now, f)) {
        box_refuse(c, &request->head);
    }
}

/* A write, and the meter said yes. */
static bool worth_keeping(const box_forward *f, const line_outcome *outcome)
{
    const uint8_t function = f->bytes[FUNCTION_AT];
    return (function == MODBUS_WRITE_SINGLE || function == MODBUS_WRITE_MULTIPLE) &&
           outcome->len > FUNCTION_AT && outcome->reply[FUNCTION_AT] == function;
}

static void keep_repeat(concentrator *c, const box_forward *f, const line_outcome *outcome)
{
    box_repeat *r = &c->repeats[c->repeat_at];
    c->repeat_at = (c->repeat_at + 1) % BOX_REPEATS_MAX;
    *r = (box_repeat){.used = true,
                      .until = after_ms(c->now, BOX_REPEAT_MS),
                      .line_no = f->line_no,
                      .seq = f->head.seq,
                      .len = f->len,
                      .reply_len = outcome->len};
    memcpy(r->bytes, f->bytes, f->len);
    memcpy(r->reply, outcome->reply, outcome->len);
}

static box_forward *find_cookie(concentrator *c, uint32_t cookie)
{
    for (size_t i = 0; i < BOX_FORWARDS_MAX; i++) {
        if (c->forwards[i].used && c->forwards[i].cookie == cookie) {
            return &c->forwards[i];
        }
    }
    return NULL;
}

void box_forward_done(concentrator *c, const line_outcome *outcome)
{
    box_forward *f = find_cookie(c, (uint32_t)outcome->cookie);
    if (f == NULL) {
        return;
    }
    f->used = false;
    const bool ok = outcome->err == GT_ERR_OK;
    if (ok && worth_keeping(f, outcome)) {
        keep_repeat(c, f, outcome);
    }
    if (f->answered) {
        return;
    }
    if (outcome->err == GT_ERR_CLOSED && outcome->attempts == 0) {
        if (f->session == c->uplink.session) {
            box_refuse(c, &f->head); /* it never went out, and the station may know that */
        }
        return;
    }
    c->stats.forwards_silent += ok ? 0 : 1;
    send_reply(c, f, outcome->reply, ok ? outcome->len : 0);
}

void box_forward_tick(concentrator *c, gt_mono now)
{
    for (size_t i = 0; i < BOX_FORWARDS_MAX; i++) {
        box_forward *f = &c->forwards[i];
        if (f->used && !f->answered && now.us >= f->deadline.us) {
            f->answered = true;
            c->stats.forwards_silent++;
            send_reply(c, f, NULL, 0);
        }
    }
}

gt_mono box_forward_deadline(const concentrator *c)
{
    gt_mono first = GT_MONO_NEVER;
    for (size_t i = 0; i < BOX_FORWARDS_MAX; i++) {
        const box_forward *f = &c->forwards[i];
        if (f->used && !f->answered && f->deadline.us < first.us) {
            first = f->deadline;
        }
    }
    return first;
}
