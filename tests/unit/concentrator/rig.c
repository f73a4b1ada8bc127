/* The world around a box under test. Callbacks of the box only note what it wants; the run loop
 * carries it out between two calls. */
#include "rig_priv.h"

#include "codec/gdw1376/forward.h"
#include "codec/gdw1376/link.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum {
    MODEL_MEMORY = 64 * 1024,
    LINK_US = 20000,
    NOON_LOCAL_H = 12,
    ZONE_H = 8,
    DAY_S = 86400,
};

static gt_err never_full(void *ctx, store_work work, void *arg, store_done done)
{
    rig *r = ctx;
    if (r->store_full) {
        return GT_ERR_FULL;
    }
    return r->inner.submit(r->inner.ctx, work, arg, done);
}

static gt_err read_through(void *ctx, store_work work, void *arg)
{
    rig *r = ctx;
    return r->inner.read(r->inner.ctx, work, arg);
}

static void count_log(void *ctx, gt_log_level level, const char *event, const gt_log_field *fields,
                      size_t field_count)
{
    rig *r = ctx;
    (void)level;
    (void)event;
    (void)fields;
    (void)field_count;
    r->logged++;
}

void rig_event_add(rig *r, gt_mono due, unsigned line_no, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < RIG_EVENTS; i++) {
        rig_event *e = &r->events[i];
        if (e->due.us == 0) {
            *e = (rig_event){.due = due, .line_no = line_no, .len = len};
            if (len > 0) {
                memcpy(e->bytes, bytes, len);
            }
            return;
        }
    }
    fail_msg("more events than the rig holds");
}

/* ---- station ---- */

static void link_open(void *ctx, unsigned host)
{
    rig *r = ctx;
    r->connects++;
    r->last_host = host;
    r->opening = true;
    codec_stream_init(&r->stream, &gdw1376_framing, r->stream_buf, sizeof r->stream_buf);
    rig_event_add(r, (gt_mono){.us = r->mono.us + LINK_US}, 0, NULL, 0);
}

static void link_close(void *ctx)
{
    rig *r = ctx;
    r->closes++;
    r->connected = false;
    r->opening = false;
}

static void take_link_frame(rig *r, const gdw1376_frame *frame)
{
    uint16_t fn = 0;
    uint8_t out[GDW1376_STREAM_LOGIN];
    size_t len = 0;
    assert_int_equal(gdw1376_link_decode(frame, &fn), GT_ERR_OK);
    r->logins += fn == GDW1376_FN_LOGIN ? 1 : 0;
    r->heartbeats += fn == GDW1376_FN_HEARTBEAT ? 1 : 0;
    const gdw1376_confirm confirm = {.fn =
                                         r->denies ? GDW1376_FN_DENY_ALL : GDW1376_FN_CONFIRM_ALL};
    assert_int_equal(gdw1376_confirm_encode(&frame->head, &confirm, out, sizeof out, &len),
                     GT_ERR_OK);
    if (r->answers_links) {
        rig_event_add(r, (gt_mono){.us = r->mono.us + LINK_US}, 0, out, len);
    }
}

static void link_send(void *ctx, const uint8_t *bytes, size_t len)
{
    rig *r = ctx;
    const uint8_t *whole = NULL;
    size_t whole_len = 0;
    assert_true(r->connected);
    while (len > 0) {
        const size_t taken = codec_stream_feed(&r->stream, bytes, len);
        bytes += taken;
        len -= taken;
        while (codec_stream_next(&r->stream, &whole, &whole_len)) {
            gdw1376_frame frame;
            assert_int_equal(gdw1376_frame_decode(whole, whole_len, &frame), GT_ERR_OK);
            if (frame.head.afn == GDW1376_AFN_LINK) {
                take_link_frame(r, &frame);
            } else {
                assert_true(r->inbox_count < RIG_INBOX);
                rig_frame *kept = &r->inbox[r->inbox_count++];
                kept->len = whole_len;
                memcpy(kept->bytes, whole, whole_len);
            }
        }
    }
}

static uint32_t any_number(void *ctx)
{
    (void)ctx;
    return 12345;
}

/* ---- the box ---- */

static void make_box(rig *r)
{
    const concentrator_ports ports = {.ctx = r,
                                      .link_open = link_open,
                                      .link_send = link_send,
                                      .link_close = link_close,
                                      .line_send = rig_line_send,
                                      .random = any_number,
                                      .store = &r->port,
                                      .log = &r->log};
    const size_t size = concentrator_memory(&r->cfg);
    char fault[CONCENTRATOR_FAULT_MAX];
    r->memory = malloc(size);
    assert_non_null(r->memory);
    gt_arena arena = gt_arena_of(r->memory, size);
    assert_int_equal(concentrator_create(&arena, &r->cfg, &ports, rig_now(r), fault, &r->box),
                     GT_ERR_OK);
}

static void load_model(rig *r)
{
    static char text[DEVICE_TEXT_MAX];
    FILE *file = fopen(GT_MODELS "/prepaid-3p.map", "r");
    assert_non_null(file);
    const size_t len = fread(text, 1, sizeof text, file);
    (void)fclose(file);
    r->model_memory = malloc(MODEL_MEMORY);
    gt_arena arena = gt_arena_of(r->model_memory, MODEL_MEMORY);
    device_fault fault;
    assert_int_equal(device_model_load(&arena, text, len, ZONE_H * 60, &fault, &r->model),
                     GT_ERR_OK);
}

rig *rig_open(void)
{
    rig *r = calloc(1, sizeof *r);
    const store_place place = {.engine = &sqlite_engine, .db = STORE_DB_BOX, .target = ":memory:"};
    assert_non_null(r);
    load_model(r);
    assert_int_equal(direct_store_open(&place, 0, &r->store), GT_ERR_OK);
    r->inner = direct_store_port(r->store);
    r->port = (gt_store){.ctx = r, .submit = never_full, .read = read_through};
    r->log = (gt_log){.ctx = r, .write = count_log};
    r->mono.us = 1000000;
    rig_clock(r, RIG_START_DAY, NOON_LOCAL_H, 0);
    r->answers_links = true;
    r->accepts = true;
    for (unsigned i = 0; i < RIG_METERS; i++) {
        r->roster[i] = (box_meter){.point = (uint16_t)(i + 1),
                                   .line = (uint8_t)(i / RIG_UNITS + 1),
                                   .unit = (uint8_t)(i % RIG_UNITS + 1),
                                   .meter_no = 202611210000 + i,
                                   .model = "prepaid-3p"};
        r->meter[i].newest = RIG_START_DAY;
        r->meter[i].records = 3;
    }
    r->cfg = (concentrator_cfg){.addr = {.region = 0x4401, .terminal = 1},
                                .hosts = 1,
                                .heartbeat_s = 60,
                                .round_s = 5,
                                .zone_min = ZONE_H * 60,
                                .meters = r->roster,
                                .meter_count = RIG_METERS,
                                .models = &r->model,
                                .model_count = 1};
    for (unsigned i = 0; i < RIG_LINES; i++) {
        r->cfg.lines[i] = (line_cfg){.baud = 9600, .char_bits = 10};
    }
    make_box(r);
    return r;
}

void rig_close(rig *r)
{
    direct_store_close(r->store);
    free(r->memory);
    free(r->model_memory);
    free(r);
}

void rig_restart(rig *r)
{
    free(r->memory);
    memset(r->events, 0, sizeof r->events);
    r->connected = false;
    r->opening = false;
    r->inbox_count = 0;
    make_box(r);
}

concentrator_time rig_now(const rig *r)
{
    return (concentrator_time){.mono = r->mono, .utc = {.ms = r->utc_ms + r->mono.us / 1000}};
}

void rig_clock(rig *r, int32_t day, int hour, int minute)
{
    const int64_t local_s = (int64_t)day * DAY_S + hour * 3600 + minute * 60;
    r->utc_ms = (local_s - ZONE_H * 3600) * 1000 - r->mono.us / 1000;
}

void rig_lines_open(rig *r)
{
    for (unsigned i = 1; i <= RIG_LINES; i++) {
        concentrator_line_opened(r->box, rig_now(r), i);
    }
}

static void link_event(rig *r, const rig_event *e)
{
    if (e->len > 0) {
        if (r->connected) {
            concentrator_link_bytes(r->box, rig_now(r), e->bytes, e->len);
        }
        return;
    }
    if (!r->opening) {
        return;
    }
    r->opening = false;
    r->connected = r->accepts;
    if (r->accepts) {
        concentrator_link_opened(r->box, rig_now(r));
    } else {
        concentrator_link_closed(r->box, rig_now(r));
    }
}

static rig_event *first_event(rig *r)
{
    rig_event *first = NULL;
    for (size_t i = 0; i < RIG_EVENTS; i++) {
        rig_event *e = &r->events[i];
        if (e->due.us != 0 && (first == NULL || e->due.us < first->due.us)) {
            first = e;
        }
    }
    return first;
}

void rig_run_ms(rig *r, int64_t ms)
{
    const int64_t end_us = r->mono.us + ms * 1000;
    unsigned still = 0;
    for (;;) {
        rig_event *e = first_event(r);
        const int64_t box_us = concentrator_deadline(r->box).us;
        const int64_t next_us = e != NULL && e->due.us < box_us ? e->due.us : box_us;
        if (next_us > end_us) {
            break;
        }
        still = next_us > r->mono.us ? 0 : still + 1;
        assert_true(still < 1000); /* a deadline that does not move would hang a real box */
        r->mono.us = next_us > r->mono.us ? next_us : r->mono.us;
        if (e != NULL && e->due.us <= r->mono.us) {
            const rig_event event = *e;
            e->due.us = 0;
            if (event.line_no == 0) {
                link_event(r, &event);
            } else {
                concentrator_line_bytes(r->box, rig_now(r), event.line_no, event.bytes, event.len);
            }
        } else {
            concentrator_tick(r->box, rig_now(r));
        }
    }
    r->mono.us = end_us;
}

void rig_link_bytes(rig *r, const uint8_t *bytes, size_t len)
{
    concentrator_link_bytes(r->box, rig_now(r), bytes, len);
}

void rig_line_bytes(rig *r, unsigned line_no, const uint8_t *bytes, size_t len)
{
    concentrator_line_bytes(r->box, rig_now(r), line_no, bytes, len);
}

void rig_link_drop(rig *r)
{
    r->connected = false;
    concentrator_link_closed(r->box, rig_now(r));
}

void rig_ask(rig *r, uint8_t afn, uint8_t seq, uint16_t point, uint16_t fn, const uint8_t *body,
             size_t len)
{
    uint8_t buf[GDW1376_FRAME_MAX];
    size_t buf_len = 0;
    const gdw1376_head head = gdw1376_head_request(&r->cfg.addr, afn, seq);
    gdw1376_message m = gdw1376_message_begin(buf, sizeof buf, &head);
    if (point == GDW1376_POINT_ALL) {
        const gdw1376_id all = {.points = {.count = 1, .number = {GDW1376_POINT_ALL}},
                                .fns = {.count = 1, .number = {fn}}};
        gdw1376_message_add_set(&m, &all);
    } else {
        gdw1376_message_add(&m, point, fn);
    }
    if (body != NULL) {
        gt_wr_bytes(&m.w, body, len);
    }
    assert_int_equal(gdw1376_message_end(&m, NULL, &buf_len), GT_ERR_OK);
    rig_link_bytes(r, buf, buf_len);
}

void rig_forward(rig *r, uint8_t seq, uint8_t line_no, const uint8_t *frame, size_t len)
{
    uint8_t body[GDW1376_FORWARD_MAX + 64];
    gt_wr w = gt_wr_of(body, sizeof body);
    const gdw1376_forward forward = {.port = line_no,
                                     .line = GDW1376_LINE_9600_8N1,
                                     .wait_ms = 3000,
                                     .silence_ms = 50,
                                     .frame = frame,
                                     .frame_len = (uint16_t)len};
    gdw1376_forward_request_write(&w, &forward);
    assert_int_equal(gt_wr_done(&w), GT_ERR_OK);
    rig_ask(r, GDW1376_AFN_FORWARD, seq, 0, GDW1376_FN_FORWARD, body, w.len);
}

gdw1376_frame rig_frame_at(const rig *r, size_t n)
{
    gdw1376_frame frame;
    assert_true(n < r->inbox_count);
    assert_int_equal(gdw1376_frame_decode(r->inbox[n].bytes, r->inbox[n].len, &frame), GT_ERR_OK);
    return frame;
}

gdw1376_frame rig_last(const rig *r)
{
    assert_true(r->inbox_count > 0);
    return rig_frame_at(r, r->inbox_count - 1);
}

bool rig_is_deny(const gdw1376_frame *frame)
{
    gdw1376_confirm confirm;
    return frame->head.afn == GDW1376_AFN_CONFIRM &&
           gdw1376_confirm_decode(frame, &confirm) == GT_ERR_OK && !gdw1376_confirm_ok(&confirm);
}

size_t rig_forward_reply(const gdw1376_frame *frame, uint8_t out[LINE_REPLY_MAX])
{
    gdw1376_units units = gdw1376_units_of(frame);
    gdw1376_unit unit;
    gdw1376_forward reply;
    assert_int_equal(frame->head.afn, GDW1376_AFN_FORWARD);
    assert_int_equal(gdw1376_units_next(&units, &unit), GT_ERR_OK);
    gt_rd rd = gdw1376_unit_reader(&unit);
    assert_int_equal(gdw1376_forward_reply_read(&rd, &reply), GT_ERR_OK);
    if (reply.frame_len > 0) {
        memcpy(out, reply.frame, reply.frame_len);
    }
    return reply.frame_len;
}

concentrator_stats rig_stats(const rig *r)
{
    return concentrator_stats_of(r->box, r->mono);
}
