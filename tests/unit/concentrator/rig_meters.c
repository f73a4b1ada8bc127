/* The simple Modbus meters of the rig: status, daily records, purchases. What they answer comes as
 * events of the rig, in chunks, at the line's speed. */
#include "rig_priv.h"

#include "codec/modbus/frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum {
    TURNAROUND_US = 40000,
    CHUNK = 8, /* bytes come as a UART hands them on */
    DAILY_FIRST = 0x0200,
    DAILY_END = DAILY_FIRST + 62 * 16,
    STATUS_COUNT = 48,
};

static uint16_t bcd(int value)
{
    return (uint16_t)(value / 10 % 10 * 16 + value % 10);
}

/* Registers of record n: freeze time YYMM DDhh, total energy 100 per day. */
static void record_fill(const rig_meter *m, int32_t n, uint16_t out[16])
{
    gt_civil at;
    if (n >= m->records || gt_civil_of_day(m->newest - n, &at) != GT_ERR_OK) {
        return;
    }
    out[0] = (uint16_t)(bcd(at.year % 100) << 8 | bcd(at.month));
    out[1] = (uint16_t)(bcd(at.day) << 8);
    out[3] = (uint16_t)(m->newest - n);
}

static uint16_t status_register(const rig_meter *m, unsigned unit, unsigned at)
{
    switch (at) {
    case 0x00:
        return 7;
    case 0x01:
    case 0x02:
    case 0x03:
        return 2201;
    case 0x0A:
        return (uint16_t)(1000 + unit);
    case 0x16:
        return (uint16_t)(5000 + unit);
    case 0x18:
        return (uint16_t)unit;
    case 0x20:
        return (uint16_t)(10000 + unit);
    case 0x21:
        return m->purchase_count;
    case 0x24:
        return 0xE000;
    default:
        return 0;
    }
}

static void answer_read(rig_meter *m, const modbus_request *q, modbus_reply *reply)
{
    if (q->start == 0 && q->count == STATUS_COUNT) {
        m->status_reads++;
        for (unsigned i = 0; i < q->count; i++) {
            reply->values[i] = status_register(m, q->unit, i);
        }
    } else if (q->start >= DAILY_FIRST && q->start < DAILY_END && q->count == 16) {
        m->record_reads++;
        record_fill(m, (q->start - DAILY_FIRST) / 16, reply->values);
    } else if (q->start < 0x0600) {
        reply->exception = MODBUS_ILLEGAL_ADDRESS;
    }
}

void rig_line_send(void *ctx, unsigned line_no, const uint8_t *bytes, size_t len)
{
    rig *r = ctx;
    modbus_request q;
    uint8_t out[MODBUS_ADU_MAX];
    size_t out_len = 0;
    if (r->heard_count < RIG_HEARD) {
        uint8_t *heard = r->heard[r->heard_count++];
        heard[0] = (uint8_t)line_no;
        heard[1] = bytes[0];
        heard[2] = bytes[1];
    }
    if (bytes[0] == 0) {
        r->broadcasts++;
        return;
    }
    if (bytes[0] > RIG_UNITS || modbus_request_decode(bytes, len, &q) != GT_ERR_OK) {
        return;
    }
    rig_meter *m = &r->meter[(line_no - 1) * RIG_UNITS + bytes[0] - 1];
    if (m->dead) {
        return;
    }
    modbus_reply reply = {
        .unit = q.unit, .function = q.function, .start = q.start, .count = q.count};
    if (q.function == MODBUS_READ_HOLDING) {
        answer_read(m, &q, &reply);
    } else {
        m->writes++;
        m->purchase_count = (uint16_t)(m->purchase_count + (m->refuses ? 0U : 1U));
        reply.exception = m->refuses ? MODBUS_DEVICE_FAILURE : MODBUS_NO_EXCEPTION;
    }
    assert_int_equal(modbus_reply_encode(&reply, out, sizeof out, &out_len), GT_ERR_OK);
    const line_cfg *wire = &r->cfg.lines[line_no - 1];
    const int64_t begin_us = r->mono.us + line_chars_us(wire, len) + TURNAROUND_US;
    for (size_t at = 0; at < out_len; at += CHUNK) {
        const size_t n = out_len - at < CHUNK ? out_len - at : CHUNK;
        rig_event_add(r, (gt_mono){.us = begin_us + line_chars_us(wire, at + n)}, line_no, out + at,
                      n);
    }
}

size_t rig_modbus_read(uint8_t unit, uint8_t out[LINE_REQUEST_MAX])
{
    const modbus_request q = {
        .unit = unit, .function = MODBUS_READ_HOLDING, .start = 0, .count = STATUS_COUNT};
    size_t len = 0;
    assert_int_equal(modbus_request_encode(&q, out, LINE_REQUEST_MAX, &len), GT_ERR_OK);
    return len;
}

size_t rig_modbus_purchase(uint8_t unit, uint16_t count, uint8_t out[LINE_REQUEST_MAX])
{
    modbus_request q = {
        .unit = unit, .function = MODBUS_WRITE_MULTIPLE, .start = 0x0100, .count = 11};
    size_t len = 0;
    q.values[3] = count;
    assert_int_equal(modbus_request_encode(&q, out, LINE_REQUEST_MAX, &len), GT_ERR_OK);
    return len;
}
