/* The terminal's clock: read after login and every hour, set when it is off, but never near
 * midnight or the hour, where a jump would disturb its freezes. */
#include "headend/headend_priv.h"

#include "codec/gdw1376/control.h"

enum { REQUEST_BYTES_MAX = 64, QUIET_MINUTES = 5, HOUR_MINUTES = 60, LATER_MS = 60000 };

static bool near_the_hour(const gt_civil *civil)
{
    return civil->minute < QUIET_MINUTES || civil->minute >= HOUR_MINUTES - QUIET_MINUTES;
}

static void clock_send(headend *h, headend_session *s, const gdw1376_when *set, headend_now now)
{
    const request_kind kind = set == NULL ? REQUEST_CLOCK_READ : REQUEST_CLOCK_SET;
    const uint8_t afn = set == NULL ? GDW1376_AFN_CLASS1 : GDW1376_AFN_CONTROL;
    headend_request *q = request_take(s, kind, afn, now.mono);
    GT_ASSERT(q != NULL); /* a place was free */
    const gdw1376_head head = gdw1376_head_request(&s->addr, afn, q->seq);
    uint8_t buf[REQUEST_BYTES_MAX];
    gdw1376_message m = gdw1376_message_begin(buf, sizeof buf, &head);
    gdw1376_message_add(&m, 0, set == NULL ? GDW1376_FN_CLOCK : GDW1376_FN_CLOCK_SET);
    if (set != NULL) {
        gdw1376_clock_write(&m.w, set);
    }
    size_t len = 0;
    const gt_err err = gdw1376_message_end(&m, NULL, &len);
    if (err != GT_ERR_OK || request_send(h, s, q, buf, len, now.mono) != GT_ERR_OK) {
        session_close(h, s, "send_failed", true, now);
    }
}

void terminal_clock_tick(headend *h, headend_session *s, headend_now now)
{
    if (now.mono.us < s->clock_at.us || !request_collect_free(s, now.mono)) {
        return;
    }
    s->clock_at.us = now.mono.us + HEADEND_CLOCK_EVERY_MS * INT64_C(1000);
    if (!s->clock_set) {
        clock_send(h, s, NULL, now);
        return;
    }
    gt_civil civil;
    const gt_utc arrival = {.ms = now.utc.ms + s->poll_rtt.mean_us / 2000};
    if (gt_civil_of_utc(arrival, h->cfg.zone_min, &civil) != GT_ERR_OK || near_the_hour(&civil)) {
        s->clock_at.us = now.mono.us + LATER_MS * INT64_C(1000);
        return;
    }
    s->clock_set = false;
    const gdw1376_when when = gdw1376_when_of(&civil);
    clock_send(h, s, &when, now);
}

void terminal_clock_unit(headend *h, headend_session *s, const headend_request *q,
                         const gdw1376_unit *unit, headend_now now)
{
    gt_rd r = gdw1376_unit_reader(unit);
    gdw1376_when clock;
    gt_utc shown;
    if (unit->fn != GDW1376_FN_CLOCK || gdw1376_clock_read(&r, &clock) != GT_ERR_OK ||
        !clock.present || gt_utc_of_civil(&clock.at, h->cfg.zone_min, &shown) != GT_ERR_OK) {
        h->stats.bad_frames++;
        return;
    }
    /* It was read about half way between request and answer. */
    const int64_t half_ms = (now.mono.us - q->sent.us) / 2000;
    const int64_t off_ms = shown.ms - (now.utc.ms - half_ms);
    if (off_ms > HEADEND_CLOCK_OFF_MS || off_ms < -HEADEND_CLOCK_OFF_MS) {
        gt_log_event(&h->ports.log, GT_LOG_WARN, "terminal.clock_off",
                     gt_log_str("terminal", s->name), gt_log_num("off_ms", off_ms));
        s->clock_set = true;
        s->clock_at = now.mono;
    }
}

void terminal_clock_end(headend *h, headend_session *s, const headend_request *q, gt_err err,
                        headend_now now)
{
    if (q->kind == REQUEST_CLOCK_SET) {
        gt_log_event(&h->ports.log, err == GT_ERR_OK ? GT_LOG_INFO : GT_LOG_WARN,
                     "terminal.clock_set", gt_log_str("terminal", s->name),
                     gt_log_str("result", gt_err_name(err)));
    }
    if (err != GT_ERR_OK) {
        s->clock_at.us = now.mono.us + LATER_MS * INT64_C(1000);
    }
}
