/**
 * @file meter_priv.h
 * @brief What the files of this folder share about a whole meter.
 */
#ifndef GT_METER_METER_PRIV_H
#define GT_METER_METER_PRIV_H

#include "meter/meter.h"

enum {
    METER_GRID_US = 500000, /* balance check */
    METER_WRONG_MAX = 15,   /* wrong MACs of one kind in a day */
    METER_RECORD_LEN = 32,  /* 16 registers */
    METER_RECORD_REGISTERS = METER_RECORD_LEN / 2,
};

static const int64_t meter_day_us = INT64_C(86400000000);

/** Reasons a write is refused: bits of last_result, as the DL/T 645 prepaid error word. */
typedef enum meter_result {
    METER_RESULT_OK = 0,
    METER_RESULT_OTHER = 1U << 0U,
    METER_RESULT_REPEATED = 1U << 1U,
    METER_RESULT_MAC = 1U << 2U,
    METER_RESULT_CUSTOMER = 1U << 4U,
    METER_RESULT_COUNT = 1U << 5U,
    METER_RESULT_HOARDING = 1U << 6U,
    METER_RESULT_SUSPENDED = 1U << 8U,
    METER_RESULT_EXPIRED = 1U << 9U,
} meter_result;

/** clock.c */
void clock_start(meter *m, gt_mono now);
/** @return CONFLICT while the clock is not known */
GT_CHECKED gt_err meter_clock_utc(const meter *m, gt_mono now, gt_utc *out);
GT_CHECKED gt_err clock_civil(const meter *m, gt_mono now, gt_civil *out);
/** Days since 1970 of the civil date; METER_DAY_NONE while the clock is not known. */
int32_t clock_day(const meter *m, gt_mono now);
uint8_t clock_rate(const meter *m, gt_mono now);
/** @return REFUSED  against the rules of the register map; RANGE  no real date; IO  not saved */
GT_CHECKED gt_err clock_set(meter *m, const gt_civil *civil, gt_mono now);
void clock_midnight_find(meter *m, gt_mono now);

/** store.c: images of the state, and rings of records. */
typedef enum store_ring {
    STORE_DAILY,
    STORE_MONTHLY,
    STORE_PURCHASES,
    STORE_EVENTS,
} store_ring;

enum { STORE_RINGS = STORE_EVENTS + 1, STORE_DAILY_KEPT = 62, STORE_MONTHLY_KEPT = 12 };
enum { STORE_PURCHASES_KEPT = 10 };

/** @return NOT_FOUND blank memory; CORRUPT; IO */
GT_CHECKED gt_err store_load(meter *m);
/** Durable when OK is returned; @p state becomes what a restart finds. Does not touch m->state. */
GT_CHECKED gt_err store_save(meter *m, const meter_state *state);
/** @param number of the record since the meter was made; counted only by the state saved after. */
GT_CHECKED gt_err store_record_write(meter *m, store_ring ring, uint32_t number,
                                     const uint8_t payload[METER_RECORD_LEN]);
GT_CHECKED gt_err store_record_read(const meter *m, store_ring ring, uint32_t number,
                                    uint8_t payload[METER_RECORD_LEN]);

/** meter.c */
/** Save m->state now; on failure try again in ten seconds, and show the fault. */
void meter_state_save(meter *m, gt_mono now);
/** The balance or a limit changed: check it at the next half second. */
void meter_credit_due(meter *m, gt_mono now);
void meter_advance(meter *m, gt_mono now);

/** event.c: add one to @p next, which the caller saves. */
typedef struct meter_note {
    meter_event_kind kind;
    uint8_t detail;
    gt_mono now;
} meter_note;
void event_append(meter *m, meter_state *next, meter_note note);

/** supply.c */
/** Check the balance, move both machines as far as they go, aim the relay. */
void supply_update(meter *m, gt_mono now);
void supply_remote(meter *m, meter_state *next, remote_event event, gt_mono now);
void supply_credit(meter *m, meter_state *next, credit_event event, gt_mono now);
credit_event supply_level(const meter_state *state);

/** relay.c */
void relay_aim(meter *m, bool close, gt_mono now);
void relay_check(meter *m, gt_mono now);

/** guard.c: replay and guess protection in front of every command. */
typedef struct guard_command {
    meter_key_purpose purpose;
    uint16_t first_register;
    const uint8_t *bytes; /* the whole block, mac last */
    size_t len;
    uint32_t count; /* the command's own */
} guard_command;

typedef enum guard_verdict {
    GUARD_NEW,     /* MAC right, not seen before: go on checking */
    GUARD_AGAIN,   /* the last one taken, same bytes: answer as before, do nothing */
    GUARD_REFUSED, /* out_result says why */
} guard_verdict;

guard_verdict guard_check(meter *m, const guard_command *command, gt_mono now,
                          uint16_t *out_result);
/** Remember @p command in @p next as the last one taken. */
void guard_take(meter_state *next, const guard_command *command);
/** A new day, or 24 hours without a clock: wrong MACs are forgotten. */
void guard_forgive(meter *m);

/**
 * purchase.c, control.c, parameter.c: one written block each.
 * @param regs    the registers written
 * @param out     reasons of refusal, METER_RESULT_OK when carried out
 * @return IO     the memory failed: the outcome is not certain, so the meter must not answer
 */
GT_CHECKED gt_err purchase_take(meter *m, const uint16_t *regs, gt_mono now, uint16_t *out);
GT_CHECKED gt_err control_take(meter *m, const uint16_t *regs, gt_mono now, uint16_t *out);
GT_CHECKED gt_err parameter_take(meter *m, const uint16_t *regs, gt_mono now, uint16_t *out);

/** freeze.c: every midnight up to @p now that has no record yet. @return IO try again later */
GT_CHECKED gt_err freeze_run(meter *m, gt_mono now);
/** The clock became known or was moved: where the freezes go on from. */
void freeze_rebase(meter_state *next, int32_t day);

/** server.c: the frame in m->rx is complete. */
void server_frame(meter *m, gt_mono now);
/** Silence that ends a frame: 3.5 characters, 1750 us above 19200 baud. */
int64_t server_silence_us(const meter *m);
int64_t server_character_us(const meter *m);

#endif
