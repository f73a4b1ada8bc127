/* See rig.h. Everything the station would do is written out here once more, by hand, from the words
 * of the register map, so that the meter is not tested against itself. */
#include "rig.h"

#include "meter/service.h"

#include <string.h>

const uint8_t rig_master_key[METER_KEY_LEN] = {0xA0, 1, 2,  3,  4,  5,  6,  7,
                                               8,    9, 10, 11, 12, 13, 14, 15};

enum { RATES = 4 }; /* of the eight a meter has, in the register map */
enum { US_PER_S = 1000000, MS_PER_S = 1000, CHARACTER_US = 1146 };

static void relay_drive(void *ctx, bool close)
{
    rig *r = ctx;
    r->drives++;
    if (!r->stuck) {
        r->contacts = close ? GT_RELAY_ALL : 0;
    }
}

static uint8_t relay_closed(void *ctx)
{
    const rig *r = ctx;
    return r->contacts;
}

gt_utc rig_utc(const rig *r)
{
    return (gt_utc){.ms = r->rtc_base.ms + (r->now.us - r->rtc_since.us) / 1000};
}

static bool rtc_read(void *ctx, gt_utc *out)
{
    const rig *r = ctx;
    if (r->rtc_good) {
        *out = rig_utc(r);
    }
    return r->rtc_good;
}

static void rtc_write(void *ctx, gt_utc now)
{
    rig *r = ctx;
    r->rtc_base = now;
    r->rtc_since = r->now;
    r->rtc_good = true;
}

void rig_clock(rig *r, int year, int month, int day, int minute_of_day)
{
    const gt_civil civil = {.year = (int16_t)year,
                            .month = (uint8_t)month,
                            .day = (uint8_t)day,
                            .hour = (uint8_t)(minute_of_day / 60),
                            .minute = (uint8_t)(minute_of_day % 60)};
    const gt_err err = gt_utc_of_civil(&civil, r->cfg.zone_min, &r->rtc_base);
    GT_ASSERT(err == GT_ERR_OK);
    r->rtc_since = r->now;
    r->rtc_good = true;
}

void rig_prepare(rig *r)
{
    memset(r, 0, sizeof *r);
    r->cfg = (meter_config){
        .meter_no = 202601000257,
        .customer_no = 100200300400,
        .unit = 17,
        .baud = 9600,
        .constant = 1200,
        .model_code = 3,
        .pt_ratio = 1,
        .ct_ratio = 1,
        .zone_min = 480,
        .rearm = METER_REARM_AUTO,
        .key_version = 1,
        .parameter = {.alarm1_fen = 2000,
                      .alarm2_fen = 500,
                      .overdraft_fen = 1000,
                      .price_e4 = {10000, 8000, 6000, 3000}},
        .schedule = {.count = 4, .period = {{420, 3}, {600, 1}, {720, 2}, {1320, 4}}},
        .opening_fen = 10000,
    };
    for (unsigned p = 0; p < METER_KEY_PURPOSES; p++) {
        const meter_key_info info = {.purpose = (meter_key_purpose)p,
                                     .meter_no = r->cfg.meter_no,
                                     .version = r->cfg.key_version};
        const gt_err err = meter_key_derive(rig_master_key, &info, r->cfg.key[p]);
        GT_ASSERT(err == GT_ERR_OK);
    }
    r->now.us = 777;
    r->contacts = GT_RELAY_ALL;
    sim_eeprom_init(&r->eeprom, 1);
    rig_clock(r, 2026, 3, 10, 8 * 60);
}

gt_err rig_power_on(rig *r)
{
    const meter_ports ports = {
        .nvm = sim_eeprom_port(&r->eeprom),
        .relay = {.ctx = r, .drive = relay_drive, .closed = relay_closed},
        .rtc = {.ctx = r, .read = rtc_read, .write = rtc_write},
        .element = r->element,
        .token = r->token,
    };
    return meter_init(&r->meter, &r->cfg, &ports, r->now);
}

gt_err rig_power_cycle(rig *r, int64_t off_s)
{
    meter_power_fail(&r->meter, r->now);
    r->now.us += off_s * US_PER_S;
    return rig_power_on(r);
}

void rig_wait_us(rig *r, int64_t us)
{
    const int64_t end = r->now.us + us;
    for (gt_mono at = meter_deadline(&r->meter); at.us <= end; at = meter_deadline(&r->meter)) {
        r->now.us = at.us > r->now.us ? at.us : r->now.us;
        meter_tick(&r->meter, r->now);
    }
    r->now.us = end;
}

void rig_wait_s(rig *r, int64_t s)
{
    rig_wait_us(r, s * US_PER_S);
}

void rig_use(rig *r, uint32_t pulses, int64_t seconds)
{
    const int64_t start = r->now.us;
    for (uint32_t i = 1; i <= pulses; i++) {
        const int64_t at = start + seconds * US_PER_S * i / pulses;
        rig_wait_us(r, at - r->now.us);
        meter_pulse(&r->meter, 1, r->now);
    }
}

void rig_send(rig *r, const uint8_t *bytes, size_t len)
{
    rig_wait_us(r, (int64_t)len * CHARACTER_US);
    meter_rx(&r->meter, METER_LINE_RS485, bytes, len, r->now);
    rig_wait_us(r, 5000);
    r->tx_len = meter_tx(&r->meter, METER_LINE_RS485, r->tx, sizeof r->tx);
}

int rig_request(rig *r, const modbus_request *request, modbus_reply *reply)
{
    uint8_t buf[MODBUS_ADU_MAX];
    size_t len = 0;
    gt_err err = modbus_request_encode(request, buf, sizeof buf, &len);
    GT_ASSERT(err == GT_ERR_OK);
    rig_send(r, buf, len);
    if (r->tx_len == 0) {
        return -1;
    }
    err = modbus_reply_decode(request, r->tx, r->tx_len, reply);
    GT_ASSERT(err == GT_ERR_OK);
    return reply->exception;
}

int rig_read(rig *r, uint16_t start, uint16_t count, uint16_t *values)
{
    const modbus_request request = {
        .unit = r->cfg.unit, .function = MODBUS_READ_HOLDING, .start = start, .count = count};
    modbus_reply reply = {0};
    const int code = rig_request(r, &request, &reply);
    if (code == 0) {
        memcpy(values, reply.values, count * sizeof values[0]);
    }
    return code;
}

int rig_write(rig *r, uint16_t start, const uint16_t *values, uint16_t count)
{
    modbus_request request = {
        .unit = r->cfg.unit, .function = MODBUS_WRITE_MULTIPLE, .start = start, .count = count};
    memcpy(request.values, values, count * sizeof values[0]);
    modbus_reply reply = {0};
    return rig_request(r, &request, &reply);
}

uint16_t rig_register(rig *r, uint16_t at)
{
    uint16_t value = 0;
    const int code = rig_read(r, at, 1, &value);
    GT_ASSERT(code == 0);
    return value;
}

uint32_t rig_register_pair(rig *r, uint16_t at)
{
    uint16_t value[2] = {0};
    const int code = rig_read(r, at, 2, value);
    GT_ASSERT(code == 0);
    return (uint32_t)value[0] << 16U | value[1];
}

void rig_sign(const rig *r, meter_key_purpose purpose, uint16_t start, uint16_t *values,
              uint16_t count)
{
    uint8_t bytes[2 * MODBUS_WRITE_MAX];
    for (unsigned i = 0; i < count; i++) {
        bytes[2 * i] = (uint8_t)(values[i] >> 8U);
        bytes[2 * i + 1] = (uint8_t)values[i];
    }
    const meter_command command = {.first_register = start,
                                   .meter_no = r->cfg.meter_no,
                                   .block = bytes,
                                   .block_len = 2U * count - METER_MAC_LEN};
    uint8_t mac[METER_MAC_LEN];
    const gt_err err = meter_command_mac(r->cfg.key[purpose], &command, mac);
    GT_ASSERT(err == GT_ERR_OK);
    for (unsigned i = 0; i < METER_MAC_LEN / 2; i++) {
        values[count - METER_MAC_LEN / 2 + i] = (uint16_t)(mac[2 * i] << 8 | mac[2 * i + 1]);
    }
}

static void put32(uint16_t *values, uint32_t v)
{
    values[0] = (uint16_t)(v >> 16U);
    values[1] = (uint16_t)v;
}

void rig_purchase_fill(const rig *r, uint32_t amount_fen, uint32_t count,
                       uint16_t values[MAP_PURCHASE_COUNT])
{
    put32(values, amount_fen);
    put32(values + 2, count);
    uint64_t no = r->cfg.customer_no;
    for (unsigned i = 3; i > 0; i--) {
        unsigned word = 0;
        for (unsigned shift = 0; shift < 16; shift += 4, no /= 10) {
            word |= (unsigned)(no % 10) << shift;
        }
        values[3 + i] = (uint16_t)word;
    }
    rig_sign(r, METER_KEY_PURCHASE, MAP_PURCHASE_FIRST, values, MAP_PURCHASE_COUNT);
}

int rig_purchase(rig *r, uint32_t amount_fen, uint32_t count)
{
    uint16_t values[MAP_PURCHASE_COUNT];
    rig_purchase_fill(r, amount_fen, count, values);
    return rig_write(r, MAP_PURCHASE_FIRST, values, MAP_PURCHASE_COUNT);
}

int rig_control(rig *r, uint16_t command, uint32_t count, int64_t valid_s)
{
    uint16_t values[MAP_CONTROL_COUNT] = {command};
    put32(values + 1, count);
    put32(values + 3, (uint32_t)(rig_utc(r).ms / MS_PER_S + valid_s));
    rig_sign(r, METER_KEY_CONTROL, MAP_CONTROL_FIRST, values, MAP_CONTROL_COUNT);
    return rig_write(r, MAP_CONTROL_FIRST, values, MAP_CONTROL_COUNT);
}

int rig_parameter(rig *r, const meter_parameter *parameter, uint32_t count)
{
    uint16_t values[MAP_PARAMETER_COUNT];
    put32(values, count);
    put32(values + 2, parameter->alarm1_fen);
    put32(values + 4, parameter->alarm2_fen);
    put32(values + 6, parameter->overdraft_fen);
    put32(values + 8, parameter->hoarding_fen);
    for (unsigned i = 0; i < RATES; i++) {
        put32(values + 10 + 2 * i, parameter->price_e4[i]);
    }
    rig_sign(r, METER_KEY_PARAMETER, MAP_PARAMETER_FIRST, values, MAP_PARAMETER_COUNT);
    return rig_write(r, MAP_PARAMETER_FIRST, values, MAP_PARAMETER_COUNT);
}

bool rig_terms_equal(const meter_parameter *a, const meter_parameter *b)
{
    uint8_t bytes[2][METER_EXCHANGE_LEN];
    const meter_exchange one = {.parameter = *a};
    const meter_exchange two = {.parameter = *b};
    meter_exchange_encode(&one, bytes[0]);
    meter_exchange_encode(&two, bytes[1]);
    return memcmp(bytes[0], bytes[1], METER_EXCHANGE_LEN) == 0;
}

meter_status rig_status(const rig *r)
{
    return meter_status_get(&r->meter, r->now);
}
