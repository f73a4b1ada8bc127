/**
 * @file meter_priv.h
 * @brief What the files of this folder share about a whole meter.
 */
#ifndef GT_METER_METER_PRIV_H
#define GT_METER_METER_PRIV_H

#include "meter/block.h"
#include "meter/guard.h"
#include "meter/meter.h"
#include "meter/tariff_store.h"

enum {
    METER_GRID_US = 500000, /* balance check */
    METER_WRONG_MAX = 15,   /* wrong MACs of one kind in a day */
};

static const int64_t meter_day_us = INT64_C(86400000000);

/** clock.c */
void clock_start(meter *m, gt_mono now);
/** @return CONFLICT while the clock is not known */
GT_CHECKED gt_err meter_clock_utc(const meter *m, gt_mono now, gt_utc *out);
GT_CHECKED gt_err clock_civil(const meter *m, gt_mono now, gt_civil *out);
/** Days since 1970 of the civil date; METER_DAY_NONE while the clock is not known. */
int32_t clock_day(const meter *m, gt_mono now);
/** Civil milliseconds since 1970; meaningful only while the clock is known. */
int64_t clock_local_ms(const meter *m, gt_mono now);
/** When the civil clock will show that; NEVER while it is not known. */
gt_mono clock_instant(const meter *m, int64_t local_ms);
/**
 * Set without a key: at most five minutes, once a day, away from midnight; any time when not known.
 * @return REFUSED  against these rules; RANGE  no real date; IO  not saved
 */
GT_CHECKED gt_err clock_set(meter *m, const gt_civil *civil, gt_mono now);
/** Set by somebody who may: any time. @return RANGE, IO, CONFLICT (state of life) */
GT_CHECKED gt_err clock_force(meter *m, const gt_civil *civil, gt_mono now);

/** calendar.c: what follows from the date. */
void calendar_midnight(meter *m, gt_mono at);
void calendar_settle(meter *m, gt_mono at);
void calendar_turn(meter *m, gt_mono at);
/** The clock, the tariff or the power came anew: find the day's table, the rate, what is due. */
void calendar_restart(meter *m, gt_mono now);
/** The settlement days are others now. */
void calendar_resettle(meter *m, gt_mono now);
/** Tables or switching times were written. */
void calendar_reload(meter *m, gt_mono now);
/** The tiers are others now, perhaps counted over another cycle. */
void calendar_recycle(meter *m, gt_mono now);
/** The clock became known or goes to another day: where settlements go on from. */
void calendar_rebase(meter *m, gt_mono now);

/** store.c: images of the state and uses in between. */
/** @return NOT_FOUND blank memory; CORRUPT; IO */
GT_CHECKED gt_err store_load(meter *m);
/** Image of m->state; durable when OK is returned. */
GT_CHECKED gt_err store_save(meter *m);
/** Use since the newest image, or an image where one is due. Tries again in ten seconds. */
void store_settle(meter *m, gt_mono now);
void store_due(meter *m, gt_mono at);
/** Save now what is not saved, image or use. */
void store_flush(meter *m, gt_mono now);

/** order.c: an order is carried out on m->state.account and saved, or undone whole. */
/** @return IO  nothing is changed, but a restart may show otherwise: do not answer */
GT_CHECKED gt_err order_commit(meter *m, const meter_account *before, gt_mono now);
/** The order failed before it could be committed. */
void order_undo(meter *m, const meter_account *before, gt_mono now);
/** May this be done in this state of life? Moves the state on. @return CONFLICT */
GT_CHECKED gt_err order_life(meter *m, meter_act act);
bool order_allowed(const meter *m, meter_act act);

/** meter.c */
void meter_advance(meter *m, gt_mono now);
/** The balance or a limit changed: check it at the next half second. */
void meter_credit_due(meter *m, gt_mono now);
/** Both windows begin anew. */
void meter_demand_restart(meter *m, gt_mono now);
int64_t meter_demand_slot(const meter *m, gt_mono now);
/** Bring the demand windows up to now. Before the rate, the clock or the peaks change, or are read.
 */
void meter_demand_advance(meter *m, gt_mono now);

/** event.c: add one to the log; it is counted when the call ends. */
typedef struct meter_note {
    meter_event_kind kind;
    uint8_t detail;
    gt_mono now;
} meter_note;
void event_append(meter *m, meter_note note);

/** incident.c: the logs of incident.def. All are counted when the call ends. */
void incident_point(meter *m, record_class class, uint32_t detail, gt_mono now);
/** Nothing when it goes on already. */
void incident_begin(meter *m, record_class class, uint32_t detail, gt_mono now);
/** Nothing when it does not go on. */
void incident_end(meter *m, record_class class, gt_mono now);
bool incident_open(const meter *m, record_class class);
/** The same at a time that is told; close needs not know of a beginning. */
void incident_add(meter *m, record_class class, uint32_t time_s, uint32_t detail);
void incident_close(meter *m, record_class class, uint32_t time_s);
/** UTC, 0 while it is not known. */
uint32_t incident_time_s(const meter *m, gt_mono now);

/** watch.c */
void watch_start(meter *m);
void watch_measured(meter *m, gt_mono now);
void watch_due(meter *m, gt_mono at);

/** supply.c */
/** Check the balance, move the machines as far as they go, aim the relay. */
void supply_update(meter *m, gt_mono now);
void supply_remote(meter *m, remote_event event, gt_mono now);
void supply_credit(meter *m, credit_event event, gt_mono now);
void supply_overload(meter *m, overload_event event, gt_mono now);
void supply_friendly(meter *m, gt_mono at);
/** Do the terms forbid a cut for debt now? The clock must be known. */
bool supply_is_friendly(const meter *m, gt_mono now);
/** Level of the balance as it is, whatever is done about it. */
credit_event supply_level(const meter_account *account);
/** The button, or a card that acts as one. */
void supply_button(meter *m, gt_mono now);

/** overload.c: the power limit. */
void overload_measured(meter *m, gt_mono now);
void overload_time(meter *m, gt_mono at);
/** A power-up, or a new limit. */
void overload_restart(meter *m, gt_mono now);

/** relay.c */
void relay_aim(meter *m, bool close, gt_mono now);
void relay_check(meter *m, gt_mono now);
/** After supply_update at power-up. */
void relay_start(meter *m, gt_mono now);

/** control.c: orders of the station to the supply. DL/T 645-2007 command N1. */
typedef enum control_command {
    CONTROL_OPEN = 0x1A,
    CONTROL_ALLOW = 0x1B,
    CONTROL_CLOSE = 0x1C,
    CONTROL_PROTECT = 0x3A,
    CONTROL_UNPROTECT = 0x3B,
} control_command;

/** Is it one of them, and may it be done now? @param expiry_ms UTC. @return METER_RESULT_OK or why
 */
uint16_t control_check(const meter *m, unsigned command, int64_t expiry_ms, gt_mono now);
/** Carry out a command that control_check let through; the caller commits and updates. */
void control_apply(meter *m, unsigned command, gt_mono now);

/** parameter.c: new terms; the caller has checked them. Marks the state for saving. */
void parameter_apply(meter *m, const meter_parameter *parameter, gt_mono now);

/** service.c */
void service_account_empty(meter_account *account);
void service_life_note(meter *m, gt_mono now);

/** freeze.c: every midnight up to @p now that has no record yet. @return IO try again later */
GT_CHECKED gt_err freeze_run(meter *m, gt_mono now);
/** The clock became known or was moved: where the freezes go on from. */
void freeze_rebase(meter_state *state, int32_t day);

/** exchange.c: the account as a record. */
GT_CHECKED gt_err exchange_append(meter *m);

/** profile.c */
GT_CHECKED gt_err profile_start(meter *m);
/** From now on. The clock must be known. */
void profile_next(meter *m, gt_mono now);
void profile_due(meter *m, gt_mono at);

/** freeze_log.c */
/** From now on. The clock must be known. */
void freeze_hour_next(meter *m, gt_mono now);
void freeze_hour(meter *m, gt_mono at);
void freeze_switch(meter *m, tariff_part part, uint32_t at_min);
/** Five bytes, more than a meter can ever show. */
void energy_put(gt_wr *w, gt_energy energy);
gt_energy energy_get(gt_rd *r);

/** security.c, security_wallet.c: the security element, if there is one. */
void security_start(meter *m, gt_mono now);
void security_wallet_due(meter *m, gt_mono at);

/** line.c: frames in, answers out. */
void line_start(meter *m);
void line_silence(meter *m, gt_mono at);

/** <protocol>_server.c; a row in line_servers.c for each server. NULL: not built in. */
extern const meter_server *const line_servers[METER_PROTOCOLS];
extern const meter_server modbus_server;
extern const meter_server dlt645_server;
extern const meter_server dlt645_1997_server;
extern const meter_server cjt188_server;
extern const meter_server mbus_server;

#endif
