/* A meter with a security element, spoken to by the input: security commands, writes and relay
 * orders with any payload, some of them signed by the host, power cuts, time. It must never crash;
 * money comes by a signed purchase with the next count and in no other way, and the relay opens by
 * a signed order. */
#include "base/bytes.h"
#include "codec/dlt645/security.h"
#include "element/host.h"
#include "meter/meter.h"
#include "sim/eeprom.h"

#include <string.h>

enum { STEPS_MAX = 24, CUSTOMER_AT = 12, US_PER_S = 1000000 };

typedef struct world {
    meter meter;
    element element;
    element_host host;
    gt_mono now;
    uint8_t counter;
    uint8_t contacts;
    bool opened; /* a signed order to open the relay was sent */
    int64_t balance;
    uint32_t count;
    sim_eeprom eeprom;
    sim_eeprom chip;
} world;

static const meter_config config = {
    .meter_no = 1,
    .customer_no = 2,
    .unit = 1,
    .baud = 9600,
    .constant = 100,
    .zone_min = 480,
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
    (void)ctx;
    out->ms = INT64_C(1800000000000);
    return true;
}

static void rtc_write(void *ctx, gt_utc now)
{
    (void)ctx;
    (void)now;
}

static gt_err random_fill(void *ctx, uint8_t *out, size_t len)
{
    world *w = ctx;
    w->counter++;
    memset(out, w->counter, len);
    return GT_ERR_OK;
}

static void power_on(world *w)
{
    const element_ports chip = {.nvm = sim_eeprom_port(&w->chip),
                                .random = {.ctx = w, .fill = random_fill}};
    GT_ASSERT(element_open(&w->element, &chip) == GT_ERR_OK);
    const meter_ports ports = {
        .nvm = sim_eeprom_port(&w->eeprom),
        .relay = {.ctx = w, .drive = relay_drive, .closed = relay_closed},
        .rtc = {.ctx = w, .read = rtc_read, .write = rtc_write},
        .element = element_port(&w->element),
    };
    GT_ASSERT(meter_init(&w->meter, &config, &ports, w->now) == GT_ERR_OK);
}

static void check(world *w, uint32_t bought)
{
    const meter_status status = meter_status_get(&w->meter, w->now);
    GT_ASSERT(status.balance.fen == w->balance + bought);
    GT_ASSERT(status.purchase_count == w->count + (bought != 0 ? 1 : 0) ||
              (status.purchase_count == 0 && bought == 0));
    GT_ASSERT(w->opened || status.remote == REMOTE_CONNECTED);
    w->balance = status.balance.fen;
    w->count = status.purchase_count;
}

static void identify(world *w)
{
    uint8_t data[24] = {0};
    const uint8_t asked[8] = {1};
    security_answer answer;
    element_host_identify(&w->host, asked, data);
    memcpy(data + 8, asked, 8);
    memcpy(data + 16, w->host.device, 8);
    GT_ASSERT(dlt645_security_turn(DLT645_SECURITY_IDENTITY, false, data, 24) == GT_ERR_OK);
    const security_request rq = {.di = DLT645_SECURITY_IDENTITY, .data = data, .len = 24};
    GT_ASSERT(meter_security_command(&w->meter, &rq, w->now, &answer) == GT_ERR_OK);
    if (answer.error == 0) {
        GT_ASSERT(dlt645_security_turn(rq.di, true, answer.data, answer.len) == GT_ERR_OK);
        element_host_challenged(&w->host, answer.data);
    }
}

static void purchase(world *w, gt_rd *in)
{
    uint8_t data[GT_APDU_DATA_MAX] = {0};
    size_t len = 0;
    const uint32_t amount = gt_rd_u32le(in);
    const uint32_t count = w->count + 1 + (gt_rd_u8(in) >> 6U);
    const uint8_t customer[6] = {0, 0, 0, 0, 0, 2};
    const element_host_text text = {.sfi = 2, .offset = 36, .text = customer, .len = 6};
    gt_wr wr = gt_wr_of(data, 8);
    gt_wr_u32be(&wr, amount);
    gt_wr_u32be(&wr, count);
    element_host_increase(&w->host, amount, count, data + 8);
    GT_ASSERT(element_host_write(&w->host, &text, data + CUSTOMER_AT, &len) == GT_ERR_OK);
    data[gt_rd_u8(in) % 64] ^= gt_rd_u8(in); /* most often beyond the 22 bytes that go */
    security_answer answer;
    const bool right = memcmp(data + CUSTOMER_AT, customer, 6) == 0;
    GT_ASSERT(dlt645_security_turn(DLT645_SECURITY_PURCHASE, false, data, 22) == GT_ERR_OK);
    const security_request rq = {.di = DLT645_SECURITY_PURCHASE, .data = data, .len = 22};
    GT_ASSERT(meter_security_command(&w->meter, &rq, w->now, &answer) == GT_ERR_OK);
    GT_ASSERT(answer.error != 0 || (right && count == w->count + 1 && amount != 0));
    check(w, answer.error == 0 ? amount : 0);
}

/* Any identifier, or one that exists; any payload, or one with a MAC for some file or slot. */
static void command(world *w, gt_rd *in, uint8_t how)
{
    static const uint32_t dis[] = {0x070001FF, 0x070002FF, 0x070004FF, 0x070005FF, 0x070101FF,
                                   0x070102FF, 0x070201FF, 0x070203FF, 0x070301FF, 0x078001FF,
                                   0x078102FF, 0x04001001, 0x04050101, 0x04010101};
    uint8_t data[GT_APDU_DATA_MAX];
    uint32_t di = gt_rd_u8(in);
    di = di < 0xF0 ? dis[di % (sizeof dis / sizeof dis[0])] : gt_rd_u32le(in);
    size_t len = gt_rd_u8(in);
    const uint8_t *bytes = gt_rd_take(in, len);
    if (bytes == NULL || len > SECURITY_DATA_MAX) {
        return;
    }
    memcpy(data, bytes, len);
    if (how % 2 == 1 && len > 0) {
        const element_host_text text = {
            .sfi = how / 4 % 0x20U, .offset = 0, .text = bytes, .len = len < 150 ? len : 150};
        if (element_host_write(&w->host, &text, data, &len) != GT_ERR_OK ||
            len > SECURITY_DATA_MAX) {
            return;
        }
        GT_ASSERT(dlt645_security_turn(DLT645_SECURITY_WRITE, false, data, len) == GT_ERR_OK);
    }
    security_answer answer;
    const security_request rq = {.di = di, .data = data, .len = len};
    GT_ASSERT((how & 2U) != 0
                  ? meter_security_write(&w->meter, how < 128 ? 0x98 : 0x99, &rq, w->now,
                                         &answer) == GT_ERR_OK
                  : meter_security_command(&w->meter, &rq, w->now, &answer) == GT_ERR_OK);
    GT_ASSERT(answer.error == 0 || answer.len == 0);
    check(w, 0);
}

static void control(world *w, gt_rd *in, bool is_signed)
{
    uint8_t data[GT_APDU_DATA_MAX] = {0};
    const uint8_t *bytes = gt_rd_take(in, is_signed ? 8 : SECURITY_CONTROL_LEN);
    uint16_t error = 0;
    size_t len = 0;
    if (bytes == NULL) {
        return;
    }
    memcpy(data, bytes, is_signed ? 8 : SECURITY_CONTROL_LEN);
    if (is_signed) {
        const element_host_text text = {.sfi = 8, .text = bytes, .len = 8};
        GT_ASSERT(element_host_write(&w->host, &text, data, &len) == GT_ERR_OK);
        GT_ASSERT(dlt645_security_turn(DLT645_SECURITY_CONTROL, false, data, len) == GT_ERR_OK);
        w->opened = true;
    }
    GT_ASSERT(meter_security_control(&w->meter, data, w->now, &error) == GT_ERR_OK);
    GT_ASSERT(is_signed || error != 0);
    check(w, 0);
}

static void step(world *w, gt_rd *in, uint8_t act)
{
    switch (act % 6) {
    case 0:
        identify(w);
        break;
    case 1:
        purchase(w, in);
        break;
    case 2:
        command(w, in, gt_rd_u8(in));
        break;
    case 3:
        control(w, in, act >= 128);
        break;
    case 4:
        w->now.us += (int64_t)gt_rd_u8(in) * 600 * US_PER_S;
        meter_tick(&w->meter, w->now);
        break;
    default:
        sim_eeprom_cut(&w->eeprom);
        sim_eeprom_cut(&w->chip);
        sim_eeprom_restore(&w->eeprom);
        sim_eeprom_restore(&w->chip);
        power_on(w);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static world w;
    static uint8_t cells[ELEMENT_NVM_SIZE];
    gt_rd in = gt_rd_of(data, size);
    const suite_kind kind = (suite_kind)(gt_rd_u8(&in) % SUITES);
    memset(&w, 0, offsetof(world, eeprom));
    sim_eeprom_init(&w.eeprom, 1);
    sim_eeprom_init_large(&w.chip, 2, cells, sizeof cells);
    w.contacts = GT_RELAY_ALL;
    w.balance = config.opening_fen;
    w.host = (element_host){.kind = kind,
                            .key = {{2}, {4}, {6}, {8}, {10}, {12}, {14}},
                            .device = {0, 0, 0, 0, 0, 0, 0, 1}};
    element_issue issue = {.kind = kind, .meter_no = 1};
    memcpy(issue.key, w.host.key, sizeof issue.key);
    const gt_nvm nvm = sim_eeprom_port(&w.chip);
    GT_ASSERT(element_make(&nvm, &issue) == GT_ERR_OK);
    power_on(&w);
    identify(&w);
    for (int i = 0; i < STEPS_MAX && gt_rd_left(&in) > 0; i++) {
        step(&w, &in, gt_rd_u8(&in));
    }
    return 0;
}
