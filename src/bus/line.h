/**
 * @file line.h
 * @brief The master of one RS-485 line: who speaks when, when an answer ends, when to give up.
 *
 * Layer:   bus. A pure machine: bytes, events and `now` in; bytes, an outcome and a deadline out.
 * Source:  Modbus over serial line 1.02, 2.5.1.1 (3.5 characters of silence, 1.75 ms above 19200
 *          baud); DL/T 645-2007, 5.2.
 * Rules:   one request outstanding; commands go before collection; an answer ends by its length
 *          field; bytes of an unexpected unit are counted and ignored; after a time-out the line
 *          must fall silent, and a different request that the late answer could satisfy waits
 *          until that answer cannot come any more. Time-outs are learned per unit.
 * Limits:  LINE_COMMANDS_MAX + LINE_COLLECTS_MAX requests wait; one more is SPACE.
 */
#ifndef GT_BUS_LINE_H
#define GT_BUS_LINE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/time.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LINE_REQUEST_MAX = 256,
    LINE_REPLY_MAX = 256,
    LINE_COMMANDS_MAX = 16,
    LINE_COLLECTS_MAX = 8,
    LINE_ATTEMPTS_MAX = 5,
    LINE_TIMEOUT_FIRST_MS = 500, /* of a unit never heard */
    LINE_TIMEOUT_MIN_MS = 120,   /* the floor of a learned time-out */
    LINE_TIMEOUT_MAX_MS = 2000,  /* the ceiling; also how long a late answer is waited out */
    LINE_BROADCAST_MS = 100,     /* silence after a broadcast, for meters to take it in */
};

typedef enum line_framing {
    LINE_MODBUS_RTU,
    LINE_DLT645, /* wake-up bytes FEH before the frame are the caller's */
} line_framing;

typedef enum line_priority { LINE_COMMAND, LINE_COLLECT } line_priority;

typedef struct line_cfg {
    uint32_t baud;     /* 300 .. 115200 */
    uint8_t char_bits; /* 10 for 8N1, 11 for 8E1 */
} line_cfg;

typedef struct line_request {
    line_framing framing;
    line_priority priority;
    uint8_t attempts; /* 1 .. LINE_ATTEMPTS_MAX, the first one included */
    uint64_t cookie;  /* the caller's name for it */
    uint16_t len;
    uint8_t bytes[LINE_REQUEST_MAX]; /* the whole frame, check sum included */
} line_request;

/** How a request ended. */
typedef struct line_outcome {
    bool present; /* false: nothing ended in this step */
    uint64_t cookie;
    gt_err err;           /* OK, TIMEOUT after all attempts, CLOSED the line went away */
    const uint8_t *reply; /* the whole frame, exceptions included; valid until the next call */
    uint16_t len;         /* 0 for a broadcast */
    uint8_t attempts;     /* used */
} line_outcome;

typedef enum line_event {
    LINE_OPENED, /* the port or connection stands */
    LINE_CLOSED, /* it broke: every request ends with CLOSED, one outcome a step */
    LINE_BYTES,
    LINE_TICK, /* line_deadline has come, or requests were added */
} line_event;

typedef struct line_input {
    line_event event;
    const uint8_t *bytes; /* of LINE_BYTES */
    size_t len;
} line_input;

/** What the caller must do after a step. Both parts may be set. */
typedef struct line_output {
    const uint8_t *send; /* NULL: nothing; valid until the next call */
    size_t send_len;
    line_outcome outcome;
} line_output;

typedef struct line_stats {
    uint64_t sent;          /* requests put on the wire, repeats included */
    uint64_t answered;      /* exceptions included */
    uint64_t repeated;      /* second and later attempts */
    uint64_t timeouts;      /* attempts without an answer */
    uint64_t late;          /* answers that came after their time-out */
    uint64_t foreign;       /* whole good frames of another unit or function */
    uint64_t garbage_bytes; /* bytes that are part of no answer */
    uint64_t broadcasts;
    uint64_t bytes_in;
    uint64_t bytes_out;
} line_stats;

typedef struct line line;

/**
 * Build a line that is not open yet.
 *
 * @return RANGE   baud or char_bits outside their range
 *         MEMORY  the arena is full (a line takes about 20 KiB)
 */
GT_CHECKED gt_err line_create(gt_arena *arena, const line_cfg *cfg, line **out);

/**
 * Queue a request (copied). Call line_step with LINE_TICK afterwards.
 *
 * @return CLOSED     the line is not open
 *         SPACE      the queue of that priority is full
 *         MALFORMED  too short or long for its framing, or attempts outside 1 .. LINE_ATTEMPTS_MAX
 */
GT_CHECKED gt_err line_submit(line *l, const line_request *request);

/** Feed one event. Call it again with LINE_TICK while line_deadline is not after @p now. */
void line_step(line *l, const line_input *in, gt_mono now, line_output *out);
/** When line_step wants its next LINE_TICK; GT_MONO_NEVER when only bytes or requests matter. */
gt_mono line_deadline(const line *l);

bool line_is_open(const line *l);
/** Nothing outstanding and nothing queued. */
bool line_is_idle(const line *l);
/** Requests that wait in the queue of that priority, the one outstanding not counted. */
size_t line_waiting(const line *l, line_priority priority);
/** Room for another request of that priority. */
bool line_has_room(const line *l, line_priority priority);
/** The present time-out of a unit (Modbus) or of the low two digits of an address (DL/T 645). */
uint32_t line_timeout_ms(const line *l, uint8_t unit);
line_stats line_stats_of(const line *l);

/** Time that @p count characters take on a line, in microseconds, rounded up. */
int64_t line_chars_us(const line_cfg *cfg, size_t count);
/** The silence before a request: 3.5 characters of 11 bits, 1.75 ms above 19200 baud. */
int64_t line_silence_us(const line_cfg *cfg);

#endif
