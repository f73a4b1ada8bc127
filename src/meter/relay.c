/* A latching relay is pulsed and then asked: three pulses 200 ms apart, and when the contacts still
 * do not obey, a fault that is shown, logged, and tried again every minute. */
#include "meter/meter_priv.h"

enum { SETTLE_US = 200000, TRIES_MAX = 3, RETRY_US = 60000000 };

static uint8_t contacts(const meter *m)
{
    return m->ports.relay.closed(m->ports.relay.ctx) & GT_RELAY_ALL;
}

static void drive(meter *m, gt_mono now)
{
    m->ports.relay.drive(m->ports.relay.ctx, m->relay.want_closed);
    m->relay.tries++;
    m->due[METER_DUE_RELAY].us = now.us + SETTLE_US;
}

void relay_aim(meter *m, bool close, gt_mono now)
{
    const bool busy = m->due[METER_DUE_RELAY].us != INT64_MAX;
    const bool there = contacts(m) == (close ? GT_RELAY_ALL : 0);
    if (m->relay.want_closed == close && (busy || there)) {
        return;
    }
    m->relay.want_closed = close;
    m->relay.tries = 0;
    drive(m, now);
}

static void note(meter *m, meter_event_kind kind, gt_mono now)
{
    const uint8_t closed = contacts(m);
    const uint8_t detail = kind == METER_EVENT_RELAY ? (closed != 0 ? 1 : 0) : closed;
    event_append(m, (meter_note){.kind = kind, .detail = detail, .now = now});
    m->store.dirty = true;
}

void relay_check(meter *m, gt_mono now)
{
    m->due[METER_DUE_RELAY] = GT_MONO_NEVER;
    if (contacts(m) == (m->relay.want_closed ? GT_RELAY_ALL : 0)) {
        m->relay.fault = false;
        note(m, METER_EVENT_RELAY, now);
        incident_end(m, RECORD_RELAY_STUCK, now);
        incident_point(m, m->relay.want_closed ? RECORD_RELAY_CLOSE : RECORD_RELAY_OPEN, 0, now);
        return;
    }
    if (m->relay.tries < TRIES_MAX) {
        drive(m, now);
        return;
    }
    if (!m->relay.fault) {
        m->relay.fault = true;
        note(m, METER_EVENT_RELAY_FAULT, now);
        incident_begin(m, RECORD_RELAY_STUCK, contacts(m), now);
    }
    m->relay.tries = 0;
    drive(m, now);
    m->due[METER_DUE_RELAY].us = now.us + RETRY_US;
}

/* A relay that was stuck before the power went and now is where it should be. */
void relay_start(meter *m, gt_mono now)
{
    if (m->due[METER_DUE_RELAY].us == INT64_MAX) {
        incident_end(m, RECORD_RELAY_STUCK, now);
        store_settle(m, now);
    }
}
