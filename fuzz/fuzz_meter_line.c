/* A whole meter on its line, whatever it speaks: the first byte chooses the protocol, the rest are
 * bytes (raw, or as a frame whose length and checksum are right) and time. It must never crash,
 * what it sends must be a frame, and without the keys nobody may add a fen, raise a count, move the
 * relay or change a term. */
#include "base/bytes.h"
#include "base/sum.h"
#include "codec/cjt188/frame.h"
#include "codec/dlt645/frame.h"
#include "codec/mbus/frame.h"
#include "meter/meter.h"
#include "sim/eeprom.h"

#include <string.h>

enum { STEPS_MAX = 60, BODY_MAX = 200, UNIT = 1, AFTER_US = 600000 };

typedef struct world {
    meter meter;
    meter_config cfg;
    sim_eeprom eeprom;
    gt_mono now;
    uint8_t contacts;
} world;

static const meter_config config = {
    .meter_no = 1,
    .customer_no = 2,
    .unit = UNIT,
    .baud = 9600,
    .constant = 100,
    .zone_min = 480,
    .cjt188_type = CJT188_TYPE_WATER_COLD,
    .key = {{0x31, 0x41}, {0x59, 0x26}, {0x53, 0x58}},
    .password = {0x314159, 0x265358, 0x979323, 0x846264, 0x338327, 0x950288, 0x419716, 0x939937,
                 0x510582, 0x097494},
    .parameter = {.alarm1_fen = 2000, .alarm2_fen = 500, .price_e4 = {5000, 5000, 5000, 5000}},
    .schedule = {.count = 1, .period = {{0, 3}}},
    .opening_fen = 1000,
};

static void relay_drive(void *ctx, bool close)
{
    world *w = ctx;
    w->contacts = close ? GT_RELAY_ALL : 0;
}

static uint8_t relay_closed(void *ctx)
{
    const world *w = ctx;
    return w->contacts;
}

static bool rtc_read(void *ctx, gt_utc *out)
{
    const world *w = ctx;
    out->ms = INT64_C(1767225600000) + w->now.us / 1000;
    return true;
}

static void rtc_write(void *ctx, gt_utc now)
{
    (void)ctx;
    (void)now;
}

/* The body of a frame to the meter of the configuration, closed as the standard says. */
static void cjt188_close(gt_wr *out, const uint8_t *body, size_t len)
{
    static const uint8_t head[] = {0x68, 0x10, 0x01, 0, 0, 0, 0, 0, 0};
    gt_wr_bytes(out, head, sizeof head);
    gt_wr_u8(out, len != 0 ? body[0] : 0);
    gt_wr_u8(out, (uint8_t)(len != 0 ? len - 1 : 0));
    gt_wr_bytes(out, body + (len != 0), len != 0 ? len - 1 : 0);
    gt_wr_u8(out, gt_sum8(out->buf, out->len));
    gt_wr_u8(out, 0x16);
}

static bool cjt188_whole(const uint8_t *tx, size_t len)
{
    cjt188_frame frame;
    return cjt188_frame_decode(tx, len, &frame) == GT_ERR_OK;
}

static void dlt645_close(gt_wr *out, const uint8_t *body, size_t len)
{
    dlt645_frame frame = {.addr = DLT645_ADDR_ANY, .ctrl = len != 0 ? body[0] : 0};
    frame.data_len = (uint8_t)(len != 0 ? len - 1 : 0);
    memcpy(frame.data, body + (len != 0), frame.data_len);
    size_t n = 0;
    const gt_err err = dlt645_frame_encode(&frame, out->buf, out->cap, &n);
    GT_ASSERT(err == GT_ERR_OK);
    out->len = n;
}

static bool dlt645_whole(const uint8_t *tx, size_t len)
{
    static const uint8_t preamble[] = {0xFE, 0xFE, 0xFE, 0xFE};
    dlt645_frame frame;
    return len > sizeof preamble && memcmp(tx, preamble, sizeof preamble) == 0 &&
           dlt645_frame_decode(tx + sizeof preamble, len - sizeof preamble, &frame) == GT_ERR_OK;
}

/* A first body byte of 80H or more: a long frame, control and CI field following; else a short one.
 */
static void mbus_close(gt_wr *out, const uint8_t *body, size_t len)
{
    const uint8_t kind = len != 0 ? body[0] : 0;
    const size_t rest = len > 2 ? len - 2 : 0;
    const uint8_t address = (kind & 1U) != 0 ? MBUS_ADDR_SELECTED : UNIT;
    const mbus_frame frame = {.kind = kind >= 0x80 && len > 2 ? MBUS_LONG : MBUS_SHORT,
                              .control = kind >= 0x80 ? 0x53
                                         : len > 1    ? body[1]
                                                      : MBUS_C_SND_NKE,
                              .address = address,
                              .ci = len > 1 ? body[1] : 0,
                              .data_len = (uint8_t)rest,
                              .data = body + 2};
    size_t frame_len = 0;
    const gt_err err = mbus_frame_encode(&frame, out->buf, out->cap, &frame_len);
    GT_ASSERT(err == GT_ERR_OK);
    out->len = frame_len;
}

static bool mbus_whole(const uint8_t *tx, size_t len)
{
    mbus_frame frame;
    return mbus_frame_decode(tx, len, &frame) == GT_ERR_OK;
}

static const struct speech {
    meter_protocol protocol;
    void (*close)(gt_wr *out, const uint8_t *body, size_t len);
    bool (*whole)(const uint8_t *tx, size_t len);
} speeches[] = {
    {METER_PROTOCOL_CJT188, cjt188_close, cjt188_whole},
    {METER_PROTOCOL_DLT645_2007, dlt645_close, dlt645_whole},
    {METER_PROTOCOL_DLT645_1997, dlt645_close, dlt645_whole},
    {METER_PROTOCOL_MBUS, mbus_close, mbus_whole},
};

static void send(world *w, const struct speech *speech, const uint8_t *bytes, size_t len)
{
    uint8_t answer[METER_FRAME_MAX];
    meter_rx(&w->meter, METER_LINE_RS485, bytes, len, w->now);
    const size_t tx_len = meter_tx(&w->meter, METER_LINE_RS485, answer, sizeof answer);
    GT_ASSERT(tx_len == 0 || speech->whole(answer, tx_len));
}

static void step(world *w, const struct speech *speech, gt_rd *r)
{
    const uint8_t op = gt_rd_u8(r);
    const size_t asked = gt_rd_u8(r) % BODY_MAX;
    const size_t len = asked < gt_rd_left(r) ? asked : gt_rd_left(r);
    const uint8_t *body = gt_rd_take(r, len);
    w->now.us += 1000000;
    if (op % 4 == 0) {
        send(w, speech, body, len);
    } else if (op % 4 == 1) {
        w->now.us += (int64_t)len * 60000000;
    } else {
        uint8_t buf[METER_FRAME_MAX];
        gt_wr out = gt_wr_of(buf, sizeof buf);
        speech->close(&out, body, len);
        send(w, speech, buf, out.len);
    }
    w->now.us += AFTER_US;
    meter_tick(&w->meter, w->now);
    GT_ASSERT(meter_deadline(&w->meter).us > w->now.us);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static world w;
    memset(&w, 0, sizeof w);
    gt_rd r = gt_rd_of(data, size);
    const struct speech *speech = &speeches[gt_rd_u8(&r) % (sizeof speeches / sizeof speeches[0])];
    w.cfg = config;
    w.cfg.protocol = speech->protocol;
    w.contacts = GT_RELAY_ALL;
    sim_eeprom_init(&w.eeprom, size);
    const meter_ports ports = {.nvm = sim_eeprom_port(&w.eeprom),
                               .relay = {.ctx = &w, .drive = relay_drive, .closed = relay_closed},
                               .rtc = {.ctx = &w, .read = rtc_read, .write = rtc_write}};
    const gt_err err = meter_init(&w.meter, &w.cfg, &ports, w.now);
    GT_ASSERT(err == GT_ERR_OK);
    for (int i = 0; i < STEPS_MAX && gt_rd_left(&r) > 1; i++) {
        step(&w, speech, &r);
        const meter_status s = meter_status_get(&w.meter, w.now);
        GT_ASSERT(s.balance.fen == config.opening_fen && s.relay_closed);
        GT_ASSERT(s.purchase_count == 0 && s.control_count == 0 && s.parameter_count == 0);
        GT_ASSERT(memcmp(&w.meter.state.account.parameter, &config.parameter,
                         sizeof config.parameter) == 0);
    }
    return 0;
}
