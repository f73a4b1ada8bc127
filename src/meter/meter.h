/**
 * @file meter.h
 * @brief The prepaid meter: pulses, bytes and buttons in; answers, relay pulses and records out.
 *
 * Layer:   meter. No operating system, no allocation, no floating point, no clock of its own.
 * Units:   now is the host's monotonic clock and never goes back between calls.
 * The host calls meter_tick no later than meter_deadline says; every other call first does what was
 * due until its own `now`, so calls between deadlines are not needed.
 */
#ifndef GT_METER_METER_H
#define GT_METER_METER_H

#include "base/time.h"
#include "meter/config.h"
#include "meter/event.h"
#include "meter/state.h"
#include "port/nvm.h"
#include "port/relay.h"
#include "port/rtc.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    METER_NVM_SIZE = 16384, /* what ports.nvm must offer */
    METER_FRAME_MAX = 256,  /* longest Modbus RTU frame */
    METER_RAM_MAX = 4096,
};

typedef struct meter_ports {
    gt_nvm nvm;
    gt_relay relay;
    gt_rtc rtc;
} meter_ports;

/** Instant values as the host measures them; shown, not integrated (pulses are the energy). */
typedef struct meter_measurement {
    uint16_t voltage_dv[METER_PHASES]; /* 0.1 V */
    uint16_t current_ca[METER_PHASES]; /* 0.01 A */
    int32_t power_w[METER_PHASES];
    int32_t reactive_var[METER_PHASES];
    int16_t factor_e3[METER_PHASES]; /* 0.001 */
    int16_t factor_total_e3;
} meter_measurement;

/** Caller's storage; every field is private. */
typedef struct meter {
    const meter_config *cfg;
    meter_ports ports;
    meter_state state;
    meter_measurement measured;
    struct {
        uint32_t seq; /* of the newest image written */
        bool failing; /* the last write did not succeed */
    } store;
    struct {
        gt_utc base; /* UTC at since */
        gt_mono since;
        bool known;
        gt_mono midnight; /* next civil midnight */
    } clock;
    struct {
        gt_mono check; /* when to look at the feedback */
        uint8_t tries;
        bool want_closed;
        bool fault;
    } relay;
    struct {
        gt_mono start;     /* origin of the half-second grid */
        gt_mono credit;    /* next balance check, NEVER while nothing changed */
        gt_mono save;      /* next save, NEVER while all is saved */
        gt_mono unsuspend; /* end of a suspension if the clock cannot tell the day */
    } due;
    uint32_t unsaved_centikwh; /* counted since the last save */
    struct {
        gt_mono last;
        uint16_t len;
        bool overrun;
        uint8_t buf[METER_FRAME_MAX];
    } rx;
    struct {
        uint16_t len;
        uint8_t buf[METER_FRAME_MAX];
    } tx;
} meter;

static_assert(sizeof(meter) <= METER_RAM_MAX, "a meter fits its microcontroller");

/**
 * Power on. Loads what the memory keeps, or starts from @p cfg when the memory is blank; then looks
 * at the clock chip, writes the freezes missed while off, and sets the relay.
 *
 * @param cfg  the caller keeps it as long as the meter
 * @return RANGE    bad configuration, or memory smaller than METER_NVM_SIZE
 *         IO       the memory does not answer
 *         CORRUPT  the memory holds data but no whole image (a meter of unknown balance)
 */
GT_CHECKED gt_err meter_init(meter *m, const meter_config *cfg, const meter_ports *ports,
                             gt_mono now);

/** Energy pulses counted up to @p now. */
void meter_pulse(meter *m, uint32_t count, gt_mono now);
void meter_measure(meter *m, const meter_measurement *measured);
void meter_button(meter *m, gt_mono now);
/** The supply is failing: save what is not yet saved, within one write. */
void meter_power_fail(meter *m, gt_mono now);

/**
 * Bytes from the line; @p now is the end of the last one, and they came back to back. A request is
 * complete when 3.5 characters of silence follow it: then meter_tick makes the answer.
 */
void meter_rx(meter *m, const uint8_t *bytes, size_t len, gt_mono now);
/**
 * Take the answer, if one is ready; it may go on the line at once (the silence has passed).
 * @param cap  METER_FRAME_MAX or more
 * @return its length, 0 when there is none
 */
size_t meter_tx(meter *m, uint8_t *out, size_t cap);

void meter_tick(meter *m, gt_mono now);
/** When meter_tick must be called next. */
gt_mono meter_deadline(const meter *m);

/** What a simulator or a display shows. */
typedef struct meter_status {
    gt_energy energy[1 + METER_RATES]; /* total, then each rate */
    gt_money balance;
    uint32_t purchase_count;
    uint32_t control_count;
    uint32_t parameter_count;
    credit_state credit;
    remote_state remote;
    bool protected_supply;
    bool relay_closed; /* the feedback of all phases */
    bool fault;        /* relay stuck or memory failing */
    bool clock_known;
    gt_utc clock;
    uint16_t last_result;
} meter_status;

meter_status meter_status_get(const meter *m, gt_mono now);

/** @param back 0 is the newest. @return NOT_FOUND, or IO / CORRUPT from the memory */
GT_CHECKED gt_err meter_event_get(const meter *m, uint32_t back, meter_event *out);

#endif
