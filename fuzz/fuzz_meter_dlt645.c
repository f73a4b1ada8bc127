/* A meter that is spoken to in DL/T 645 by somebody who knows its passwords: the first byte chooses
 * the edition, the rest are requests, time, load and power cuts. Whatever is written, the terms
 * stay terms that the meter may have, the registers add up, money comes from nowhere, and each
 * answer to a read is one that the codec takes apart. */
#include "base/bytes.h"
#include "codec/dlt645/item.h"
#include "codec/dlt645/message.h"
#include "meter/meter.h"
#include "sim/eeprom.h"

#include <string.h>

enum { STEPS_MAX = 80, BODY_MAX = 180, AFTER_US = 1000000, VALUES = 32, PREAMBLES = 4 };

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
    .unit = 1,
    .baud = 9600,
    .constant = 100,
    .zone_min = 480,
    .password = {0, 0, 0x222222, 0, 0x444444},
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
    const gt_err err = meter_init(&w->meter, &w->cfg, &ports, w->now);
    GT_ASSERT(err == GT_ERR_OK);
}

static void values_check(dlt645_walk walk)
{
    dlt645_value value[VALUES];
    size_t count = 0;
    gt_err err = GT_ERR_OK;
    while (err == GT_ERR_OK) {
        err = dlt645_walk_take(&walk, value, VALUES, &count);
    }
    GT_ASSERT(err == GT_ERR_NOT_FOUND);
}

static void answer_check(const uint8_t *tx, size_t len, bool of_1997)
{
    dlt645_frame frame;
    dlt645_message m;
    if (len == 0) {
        return;
    }
    gt_err err = dlt645_frame_decode(tx + PREAMBLES, len - PREAMBLES, &frame);
    GT_ASSERT(err == GT_ERR_OK);
    err = of_1997 ? dlt645_1997_message_decode(&frame, &m) : dlt645_message_decode(&frame, &m);
    GT_ASSERT(err == GT_ERR_OK && m.reply);
    const dlt645_function read = of_1997 ? DLT645_1997_READ : DLT645_READ;
    if (m.function == read && !m.abnormal && !m.following) {
        values_check(of_1997 ? dlt645_1997_walk_of(m.di, m.data, m.data_len)
                             : dlt645_walk_of(m.di, m.data, m.data_len));
    }
}

static void send(world *w, const uint8_t *bytes, size_t len)
{
    uint8_t tx[METER_FRAME_MAX];
    meter_rx(&w->meter, METER_LINE_RS485, bytes, len, w->now);
    const size_t n = meter_tx(&w->meter, METER_LINE_RS485, tx, sizeof tx);
    answer_check(tx, n, w->cfg.protocol == METER_PROTOCOL_DLT645_1997);
}

/* Control code, then data; @p password at where the edition has it in a write. */
static void request(world *w, const uint8_t *body, size_t len, bool password)
{
    static const uint8_t level_2[] = {2, 0x22, 0x22, 0x22};
    const bool of_1997 = w->cfg.protocol == METER_PROTOCOL_DLT645_1997;
    const size_t at = of_1997 ? 2 : 4;
    dlt645_frame f = {.addr = DLT645_ADDR_ANY, .ctrl = len > 0 ? body[0] : 0};
    uint8_t buf[DLT645_FRAME_MAX];
    size_t n = 0;
    f.data_len = (uint8_t)(len > 0 ? len - 1 : 0);
    memcpy(f.data, body + (len > 0), f.data_len);
    if (password && f.data_len >= at + sizeof level_2) {
        memcpy(f.data + (f.ctrl >= DLT645_DEMAND_CLEAR && f.ctrl <= DLT645_CONTROL ? 0 : at),
               level_2, sizeof level_2);
    }
    const gt_err err = dlt645_frame_encode(&f, buf, sizeof buf, &n);
    GT_ASSERT(err == GT_ERR_OK);
    send(w, buf, n);
}

static void step(world *w, gt_rd *r)
{
    const uint8_t op = gt_rd_u8(r);
    const size_t asked = gt_rd_u8(r) % BODY_MAX;
    const size_t len = op % 8 < 4 ? (asked < gt_rd_left(r) ? asked : gt_rd_left(r)) : 0;
    const uint8_t *body = gt_rd_take(r, len);
    w->now.us += AFTER_US;
    switch (op % 8) {
    case 0:
        send(w, body, len);
        break;
    case 1:
    case 2:
        request(w, body, len, true);
        break;
    case 3:
        request(w, body, len, false);
        break;
    case 4:
        w->now.us += (int64_t)(asked * asked) * AFTER_US * 60;
        break;
    case 5:
        meter_pulse(&w->meter, (uint32_t)asked, w->now);
        break;
    case 6: /* announced, or the use since the last save would be given back */
        meter_power_fail(&w->meter, w->now);
        sim_eeprom_cut(&w->eeprom);
        sim_eeprom_restore(&w->eeprom);
        power_on(w);
        break;
    default:
        meter_button(&w->meter, w->now);
    }
    meter_tick(&w->meter, w->now);
    GT_ASSERT(meter_deadline(&w->meter).us > w->now.us);
}

static void state_check(const world *w, int64_t *balance)
{
    const meter_state *s = &w->meter.state;
    int64_t sum = 0;
    for (unsigned i = 0; i < METER_RATES; i++) {
        sum += s->forward.rate[i].centikwh;
    }
    gt_err err = meter_parameter_check(&s->account.parameter);
    GT_ASSERT(err == GT_ERR_OK);
    err = tariff_tiers_check(&s->account.tiers);
    GT_ASSERT(err == GT_ERR_OK);
    GT_ASSERT(s->forward.total.centikwh == sum);
    GT_ASSERT(s->account.guard[METER_KEY_PURCHASE].count == 0 && s->account.purchased_fen == 0);
    /* a clear forgives a debt; nothing else adds a fen */
    GT_ASSERT(s->account.balance.fen <= *balance ||
              (s->account.life == METER_LIFE_ORIGINAL && s->account.balance.fen == 0));
    *balance = s->account.balance.fen;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static world w;
    memset(&w, 0, sizeof w);
    gt_rd r = gt_rd_of(data, size);
    w.cfg = config;
    w.cfg.protocol =
        gt_rd_u8(&r) % 2 == 0 ? METER_PROTOCOL_DLT645_2007 : METER_PROTOCOL_DLT645_1997;
    w.contacts = GT_RELAY_ALL;
    sim_eeprom_init(&w.eeprom, size);
    power_on(&w);
    int64_t balance = w.meter.state.account.balance.fen;
    for (int i = 0; i < STEPS_MAX && gt_rd_left(&r) > 1; i++) {
        step(&w, &r);
        state_check(&w, &balance);
    }
    return 0;
}
