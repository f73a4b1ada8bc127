#include "terminal.h"

#include "codec/gdw1376/control.h"
#include "codec/gdw1376/forward.h"
#include "codec/gdw1376/link.h"
#include "codec/gdw1376/realtime.h"
#include "codec/gdw1376/vendor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { HEARTBEAT_US = 60000000, RECONNECT_US = 1000000, LINES_UNITS = 2, SILENCE_US = 4100 };

static gdw1376_addr own_addr(const bench *b)
{
    return (gdw1376_addr){.region = b->region, .terminal = b->address};
}

void terminal_say(bench *b, const uint8_t *buf, size_t len)
{
    assert_true(b->queued < BENCH_QUEUE);
    bench_message *m = &b->queue[b->queued];
    b->queued++;
    *m = (bench_message){.due_us = b->now_us + b->delay_us, .link = b->link, .len = len};
    memcpy(m->bytes, buf, len);
}

static void link_say(bench *b, uint16_t fn)
{
    const gdw1376_addr addr = own_addr(b);
    uint8_t buf[64];
    size_t len = 0;
    assert_int_equal(gdw1376_link_encode(&addr, 0, fn, buf, sizeof buf, &len), GT_ERR_OK);
    terminal_say(b, buf, len);
}

void terminal_step(bench *b)
{
    if (b->wanted && b->link == 0 && b->now_us >= b->connect_us) {
        b->links++;
        b->link = b->links;
        b->heartbeat_us = b->now_us + HEARTBEAT_US;
        codec_stream_init(&b->stream, &gdw1376_framing, b->buf, sizeof b->buf);
        headend_connected(b->h, b->link, "bench", bench_now(b));
        if (b->link != 0 && !b->mute) {
            link_say(b, GDW1376_FN_LOGIN);
        }
    }
    if (b->link != 0 && !b->mute && b->now_us >= b->heartbeat_us) {
        b->heartbeat_us = b->now_us + HEARTBEAT_US;
        link_say(b, GDW1376_FN_HEARTBEAT);
    }
}

int64_t terminal_deadline(const bench *b)
{
    if (b->link == 0) {
        return b->wanted ? b->connect_us : INT64_MAX;
    }
    return b->mute ? INT64_MAX : b->heartbeat_us;
}

void terminal_hang_up(bench *b)
{
    if (b->link == 0) {
        return;
    }
    const uint64_t link = b->link;
    b->link = 0;
    b->connect_us = b->now_us + RECONNECT_US;
    if (!b->dead) {
        headend_closed(b->h, link, bench_now(b));
    }
}

size_t terminal_line_ask(bench *b, unsigned line, const uint8_t *frame, size_t len, uint8_t *out)
{
    const unsigned index = (line - 1) * LINES_UNITS + frame[0] - 1;
    if (line < 1 || index >= TILL_METERS) {
        return 0;
    }
    const sim_frame heard = {
        .bytes = frame, .len = len, .end = {.us = b->now_us}, .at = {.us = b->now_us + SILENCE_US}};
    sim_answer answer = {0};
    plant_ask(&b->plant[index], &heard, &answer);
    memcpy(out, answer.bytes, answer.len);
    return answer.len;
}

static bool block_read(bench *b, uint16_t point, device_block block, unsigned record,
                       device_registers *out)
{
    const unsigned line = (point - 1U) / LINES_UNITS + 1;
    const uint8_t unit = (uint8_t)((point - 1U) % LINES_UNITS + 1);
    device_frame request;
    uint8_t reply[SIM_LINE_FRAME_MAX];
    assert_int_equal(device_read_request(b->model, unit, block, record, &request), GT_ERR_OK);
    const size_t len = terminal_line_ask(b, line, request.bytes, request.len, reply);
    return len > 0 &&
           device_read_registers(b->model, unit, block, record, reply, len, out) == GT_ERR_OK;
}

static void snapshot_say(bench *b, bool found, const device_registers *registers, gt_wr *w)
{
    gt_civil civil;
    assert_int_equal(gt_civil_of_utc(bench_utc(b), GT_ZONE_CHINA_MIN, &civil), GT_ERR_OK);
    gdw1376_snapshot s = {.taken = gdw1376_when_absent(), .model = 3};
    if (found) {
        s.taken = gdw1376_when_of(&civil);
        s.first = registers->first;
        s.count = registers->count;
        memcpy(s.registers, registers->value, registers->count * sizeof s.registers[0]);
    }
    gdw1376_snapshot_write(w, &s);
}

static void status_say(bench *b, uint16_t point, gt_wr *w)
{
    device_registers registers = {0};
    b->polls++;
    const bool found = block_read(b, point, DEVICE_STATUS, 0, &registers);
    snapshot_say(b, found, &registers, w);
}

static void daily_say(bench *b, const gdw1376_unit *unit, gt_wr *w)
{
    gt_rd r = gdw1376_unit_reader(unit);
    gt_civil day;
    assert_int_equal(gdw1376_day_read(&r, &day), GT_ERR_OK);
    gt_utc midnight;
    assert_int_equal(gt_utc_of_civil(&day, GT_ZONE_CHINA_MIN, &midnight), GT_ERR_OK);
    gdw1376_day_write(w, &day);
    for (unsigned record = 0; record < 4; record++) {
        device_registers registers;
        reading values = {0};
        if (block_read(b, unit->point, DEVICE_DAILY, record, &registers) &&
            device_reading_of(b->model, DEVICE_DAILY, &registers, bench_utc(b), &values) ==
                GT_ERR_OK &&
            reading_get(&values, ITEM_FREEZE_TIME) * 1000 == midnight.ms) {
            snapshot_say(b, true, &registers, w);
            return;
        }
    }
    snapshot_say(b, false, NULL, w);
}

static void forward_say(bench *b, const gdw1376_unit *unit, gt_wr *w)
{
    gt_rd r = gdw1376_unit_reader(unit);
    gdw1376_forward forward;
    assert_int_equal(gdw1376_forward_request_read(&r, &forward), GT_ERR_OK);
    uint8_t reply[SIM_LINE_FRAME_MAX];
    b->forwards++;
    const size_t len = terminal_line_ask(b, forward.port, forward.frame, forward.frame_len, reply);
    const gdw1376_forward back = {.port = forward.port, .frame = reply, .frame_len = (uint16_t)len};
    gdw1376_forward_reply_write(w, &back);
}

static void clock_say(bench *b, gt_wr *w)
{
    gt_civil civil;
    const gt_utc shown = {.ms = bench_utc(b).ms + b->clock_off_ms};
    assert_int_equal(gt_civil_of_utc(shown, GT_ZONE_CHINA_MIN, &civil), GT_ERR_OK);
    const gdw1376_when when = gdw1376_when_of(&civil);
    gdw1376_clock_write(w, &when);
}

static void clock_set(bench *b, const gdw1376_frame *frame, const gdw1376_unit *unit)
{
    gt_rd r = gdw1376_unit_reader(unit);
    gdw1376_when when;
    gt_utc to;
    assert_int_equal(gdw1376_clock_read(&r, &when), GT_ERR_OK);
    assert_int_equal(gt_utc_of_civil(&when.at, GT_ZONE_CHINA_MIN, &to), GT_ERR_OK);
    b->clock_off_ms = to.ms - bench_utc(b).ms;
    b->clock_sets++;
    const gdw1376_confirm yes = {.fn = GDW1376_FN_CONFIRM_ALL};
    uint8_t buf[64];
    size_t len = 0;
    assert_int_equal(gdw1376_confirm_encode(&frame->head, &yes, buf, sizeof buf, &len), GT_ERR_OK);
    terminal_say(b, buf, len);
}

static void request_take(bench *b, const gdw1376_frame *frame)
{
    const gdw1376_head head = gdw1376_head_reply(&frame->head, frame->head.afn);
    uint8_t buf[GDW1376_FRAME_MAX];
    gdw1376_message m = gdw1376_message_begin(buf, sizeof buf, &head);
    gdw1376_units it = gdw1376_units_of(frame);
    while (gdw1376_units_more(&it)) {
        gdw1376_unit unit;
        assert_int_equal(gdw1376_units_next(&it, &unit), GT_ERR_OK);
        if (frame->head.afn == GDW1376_AFN_CONTROL) {
            clock_set(b, frame, &unit);
            return;
        }
        gdw1376_message_add(&m, unit.point, unit.fn);
        if (frame->head.afn == GDW1376_AFN_FORWARD) {
            forward_say(b, &unit, &m.w);
        } else if (frame->head.afn == GDW1376_AFN_CLASS2) {
            daily_say(b, &unit, &m.w);
        } else if (unit.fn == GDW1376_FN_CLOCK) {
            clock_say(b, &m.w);
        } else {
            status_say(b, unit.point, &m.w);
        }
    }
    size_t len = 0;
    assert_int_equal(gdw1376_message_end(&m, NULL, &len), GT_ERR_OK);
    terminal_say(b, buf, len);
}

static void frame_take(bench *b, const uint8_t *bytes, size_t len)
{
    gdw1376_frame frame;
    assert_int_equal(gdw1376_frame_decode(bytes, len, &frame), GT_ERR_OK);
    if (frame.head.afn == GDW1376_AFN_CONFIRM) {
        gdw1376_confirm confirm;
        assert_int_equal(gdw1376_confirm_decode(&frame, &confirm), GT_ERR_OK);
        b->logins += confirm.fn == GDW1376_FN_CONFIRM_ALL ? 1 : 0;
        b->denied += confirm.fn == GDW1376_FN_DENY_ALL ? 1 : 0;
    } else if (!b->mute) {
        request_take(b, &frame);
    }
}

void terminal_bytes(bench *b, const uint8_t *buf, size_t len)
{
    assert_int_equal(codec_stream_feed(&b->stream, buf, len), len);
    const uint8_t *frame = NULL;
    size_t frame_len = 0;
    while (codec_stream_next(&b->stream, &frame, &frame_len)) {
        uint8_t copy[GDW1376_FRAME_MAX];
        memcpy(copy, frame, frame_len);
        frame_take(b, copy, frame_len);
    }
}
