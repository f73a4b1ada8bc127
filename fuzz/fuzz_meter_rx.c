/* A whole meter driven by the input: bytes on its line (raw, or as a frame with a right CRC), time,
 * pulses, the button, power cuts. It must never crash, and without the keys nobody may add a fen,
 * raise a count or change a limit. */
#include "base/bytes.h"
#include "base/sum.h"
#include "meter/meter.h"
#include "sim/eeprom.h"

#include <string.h>

enum { UNIT = 1, STEPS_MAX = 200 };

typedef struct world {
    meter meter;
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
    .key = {{0x31, 0x41}, {0x59, 0x26}, {0x53, 0x58}},
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

static void power_on(world *w)
{
    const meter_ports ports = {.nvm = sim_eeprom_port(&w->eeprom),
                               .relay = {.ctx = w, .drive = relay_drive, .closed = relay_closed},
                               .rtc = {.ctx = w, .read = rtc_read, .write = rtc_write}};
    const gt_err err = meter_init(&w->meter, &config, &ports, w->now);
    GT_ASSERT(err == GT_ERR_OK);
}

static void frame(world *w, const uint8_t *bytes, size_t len)
{
    uint8_t buf[METER_FRAME_MAX];
    gt_wr out = gt_wr_of(buf, sizeof buf);
    gt_wr_u8(&out, UNIT);
    gt_wr_bytes(&out, bytes, len < METER_FRAME_MAX - 3 ? len : METER_FRAME_MAX - 3);
    gt_wr_u16le(&out, gt_crc16_modbus(buf, out.len));
    meter_rx(&w->meter, METER_LINE_RS485, buf, out.len, w->now);
    w->now.us += 10000;
}

static void step(world *w, gt_rd *r)
{
    uint8_t answer[METER_FRAME_MAX];
    const uint8_t op = gt_rd_u8(r);
    const size_t len = gt_rd_u8(r);
    const size_t taken = op % 6 < 2 ? (len < gt_rd_left(r) ? len : gt_rd_left(r)) : 0;
    const uint8_t *bytes = gt_rd_take(r, taken);
    w->now.us += 1000;
    switch (op % 6) {
    case 0:
        meter_rx(&w->meter, METER_LINE_RS485, bytes, taken, w->now);
        break;
    case 1:
        frame(w, bytes, taken);
        break;
    case 2:
        w->now.us += (int64_t)(len * len) * 100000;
        break;
    case 3:
        meter_pulse(&w->meter, (uint32_t)len, w->now);
        break;
    case 4:
        meter_button(&w->meter, w->now);
        break;
    default:
        sim_eeprom_cut(&w->eeprom);
        sim_eeprom_restore(&w->eeprom);
        power_on(w);
    }
    meter_tick(&w->meter, w->now);
    GT_ASSERT(meter_deadline(&w->meter).us > w->now.us);
    GT_ASSERT(meter_tx(&w->meter, METER_LINE_RS485, answer, sizeof answer) <= sizeof answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static world w;
    memset(&w, 0, sizeof w);
    w.contacts = GT_RELAY_ALL;
    sim_eeprom_init(&w.eeprom, size);
    power_on(&w);
    gt_rd r = gt_rd_of(data, size);
    for (int i = 0; i < STEPS_MAX && gt_rd_left(&r) > 1; i++) {
        step(&w, &r);
        const meter_status s = meter_status_get(&w.meter, w.now);
        GT_ASSERT(s.balance.fen == config.opening_fen - s.energy[0].centikwh / 2);
        GT_ASSERT(s.purchase_count == 0 && s.control_count == 0 && s.parameter_count == 0);
        GT_ASSERT(memcmp(&w.meter.state.account.parameter, &config.parameter,
                         sizeof config.parameter) == 0);
    }
    return 0;
}
