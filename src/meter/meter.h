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
#include "meter/freeze.h"
#include "meter/incident.h"
#include "meter/measurement.h"
#include "meter/profile.h"
#include "meter/purchase.h"
#include "meter/security.h"
#include "meter/server.h"
#include "meter/state.h"
#include "port/nvm.h"
#include "port/relay.h"
#include "port/rtc.h"
#include "port/token.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { METER_RAM_MAX = 4096 };

typedef struct meter_ports {
    gt_nvm nvm; /* meter_nvm_size bytes or more */
    gt_relay relay;
    gt_rtc rtc;
    gt_apdu element; /* security element; all NULL: none */
    gt_token token;  /* keypad; all NULL: none */
} meter_ports;

/** Everything timed, in due.def. */
typedef enum meter_due {
#define DUE(symbol, handler) METER_DUE_##symbol,
#include "meter/due.def"
#undef DUE
    METER_DUES_END,
} meter_due;

enum { METER_DUES = METER_DUES_END };

/** What is watched, in watch.def. */
typedef enum meter_watch {
#define WATCH(incident, which, condition, limit, begin, end) METER_WATCH_##incident,
#include "meter/watch.def"
#undef WATCH
    METER_WATCHES_END,
} meter_watch;

enum { METER_WATCHES = METER_WATCHES_END };

/** Caller's storage; every field is private. */
typedef struct meter {
    const meter_config *cfg;
    meter_ports ports;
    gt_mono due[METER_DUES];
    meter_use use;     /* since the newest image */
    int64_t floor_fen; /* while the balance is above this, a check would find nothing new */
    struct {
        uint32_t seq;              /* of the newest image written */
        uint32_t base;             /* of the newest that is whole: what `use` counts from */
        uint32_t use_seq;          /* of the newest use written */
        uint32_t unsaved_centikwh; /* counted since the last save */
        uint8_t appended;          /* records not yet counted by an image */
        bool dirty;                /* an image is due before this call ends */
        bool peaks;                /* the next save is an image: demand was raised */
        bool failing;              /* the last write did not succeed */
    } store;
    demand_window demand[2]; /* forward, reverse */
    struct {
        gt_utc base; /* UTC at since */
        gt_mono since;
        bool known;
    } clock;
    struct {
        tariff_schedule day; /* in force today */
        uint8_t weekday;     /* 0 Sunday */
        bool holiday;
    } today;
    struct {
        uint8_t tries;
        bool want_closed;
        bool fault;
    } relay;
    struct {
        gt_mono due[METER_WATCHES]; /* an incident begins or ends then */
        uint32_t judged;            /* bit meter_watch: it goes on */
        uint8_t sensed;             /* bit meter_sense_kind */
    } watch;
    struct {
        uint8_t interval_min[METER_PROFILE_CLASSES];
        bool measured; /* since power-up */
    } profile;
    struct {
        uint32_t code;
        uint32_t identifier;
    } by;          /* who gives orders now, and writes what */
    gt_mono start; /* origin of the half-second grid */
    meter_state state;
    meter_security security;
    meter_measurement measured;
    struct {
        uint64_t address; /* of DL/T 645 where it is not the meter number; else 0 */
        uint8_t output;   /* multifunction terminal: 0 seconds, 1 demand period, 2 tariff switch */
    } comm;
    meter_line line[METER_LINES];
} meter;

static_assert(sizeof(meter) <= METER_RAM_MAX, "a meter fits its microcontroller");

/** Is there a server for that protocol in this build? */
bool meter_protocol_built(meter_protocol protocol);
/** Bytes of memory that a profile needs. */
uint32_t meter_nvm_size(meter_profile profile);

/**
 * Power on. Loads what the memory keeps, or starts from @p cfg when the memory is blank; then looks
 * at the clock chip, writes the freezes missed while off, and sets the relay.
 *
 * @param cfg  the caller keeps it as long as the meter
 * @return RANGE    bad configuration, or memory smaller than its profile needs
 *         IO       the memory does not answer
 *         CORRUPT  the memory holds data but no whole image (a meter of unknown balance)
 */
GT_CHECKED gt_err meter_init(meter *m, const meter_config *cfg, const meter_ports *ports,
                             gt_mono now);

/** Energy pulses counted up to @p now: taken from the net. */
void meter_pulse(meter *m, uint32_t count, gt_mono now);
/** Fed into the net; counted, never credited. */
void meter_pulse_reverse(meter *m, uint32_t count, gt_mono now);
/** Also what the power limit is judged by, so a few times a second. */
void meter_measure(meter *m, const meter_measurement *measured, gt_mono now);
void meter_button(meter *m, gt_mono now);
/** A card was put in: ends a warning cut as the button does. What it carries comes by purchase.h.
 */
void meter_card(meter *m, gt_mono now);
/** The customer asks for emergency credit. @return CONFLICT  not now; REFUSED  none agreed or taken
 */
GT_CHECKED gt_err meter_emergency(meter *m, gt_mono now);
/** The supply is failing: save what is not yet saved, within one write. */
void meter_power_fail(meter *m, gt_mono now);

/**
 * Bytes from a line; @p now is the end of the last one, and they came back to back. A request is
 * complete when its protocol says so, or when silence follows it: then meter_tick makes the answer.
 */
void meter_rx(meter *m, meter_line_id line, const uint8_t *bytes, size_t len, gt_mono now);
/**
 * Take the answer, if one is ready; it may go on the line at once (the silence has passed).
 * @param cap  METER_FRAME_MAX or more
 * @return its length, 0 when there is none
 */
size_t meter_tx(meter *m, meter_line_id line, uint8_t *out, size_t cap);

void meter_tick(meter *m, gt_mono now);
/** When meter_tick must be called next. */
gt_mono meter_deadline(const meter *m);

/** What a simulator or a display shows. */
typedef struct meter_status {
    gt_energy energy[1 + METER_RATES]; /* total, then each rate */
    gt_energy reverse;
    gt_money balance;
    uint32_t purchase_count;
    uint32_t control_count;
    uint32_t parameter_count;
    meter_life life;
    credit_state credit;
    remote_state remote;
    overload_state overload;
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
