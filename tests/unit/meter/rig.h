/* A meter on the bench: the real core, a simulated EEPROM, a relay that may stick, a clock chip,
 * and a master that speaks real Modbus frames to it. Time is whatever the test says. */
#ifndef GT_TESTS_METER_RIG_H
#define GT_TESTS_METER_RIG_H

#include "codec/modbus/frame.h"
#include "meter/meter.h"
#include "meter/modbus_map.h"
#include "sim/eeprom.h"

typedef struct rig {
    meter meter;
    meter_config cfg;
    sim_eeprom eeprom;
    gt_apdu element; /* all NULL: none */
    gt_token token;  /* all NULL: none */
    bool rtc_good;
    gt_utc rtc_base; /* at rtc_since */
    gt_mono rtc_since;
    gt_mono now;
    uint8_t contacts;
    bool stuck;
    uint32_t drives;
    uint8_t tx[METER_FRAME_MAX];
    size_t tx_len;
} rig;

enum { RIG_DAY_S = 86400, RIG_HOUR_S = 3600 };

extern const uint8_t rig_master_key[METER_KEY_LEN];

/** 1200 imp/kWh, prices 1.0 0.8 0.6 0.3 yuan, alarms 20 and 5 yuan, overdraft 10, opening 100. */
void rig_prepare(rig *r);
/** Power up at that civil time, memory as it is. */
gt_err rig_power_on(rig *r);
void rig_clock(rig *r, int year, int month, int day, int minute_of_day);
/** Let time pass, obeying deadlines. */
void rig_wait_us(rig *r, int64_t us);
void rig_wait_s(rig *r, int64_t s);
/** Pulses spread evenly over the seconds. */
void rig_use(rig *r, uint32_t pulses, int64_t seconds);
/** Power off (clean), that long, and on again. */
gt_err rig_power_cycle(rig *r, int64_t off_s);

/** Send bytes and wait for the answer; its length is in r->tx_len, 0 for silence. */
void rig_send(rig *r, const uint8_t *bytes, size_t len);
/** A whole exchange. @return exception code, or -1 for silence */
int rig_request(rig *r, const modbus_request *request, modbus_reply *reply);
int rig_read(rig *r, uint16_t start, uint16_t count, uint16_t *values);
int rig_write(rig *r, uint16_t start, const uint16_t *values, uint16_t count);
uint16_t rig_register(rig *r, uint16_t at);
uint32_t rig_register_pair(rig *r, uint16_t at);

/** Registers of a signed block: fill all but the last four first. */
void rig_sign(const rig *r, meter_key_purpose purpose, uint16_t start, uint16_t *values,
              uint16_t count);
int rig_purchase(rig *r, uint32_t amount_fen, uint32_t count);
int rig_control(rig *r, uint16_t command, uint32_t count, int64_t valid_s);
int rig_parameter(rig *r, const meter_parameter *parameter, uint32_t count);
/** The registers of a signed purchase. */
void rig_purchase_fill(const rig *r, uint32_t amount_fen, uint32_t count,
                       uint16_t values[MAP_PURCHASE_COUNT]);

/** Every term the same. */
bool rig_terms_equal(const meter_parameter *a, const meter_parameter *b);
meter_status rig_status(const rig *r);
gt_utc rig_utc(const rig *r);

#endif
