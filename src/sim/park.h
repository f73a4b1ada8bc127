/**
 * @file park.h
 * @brief Scenario S5: a logistics park of 257 prepaid meters in 6 buildings on 12 lines, 2 boxes.
 *
 * Layer:   sim. Pure: bytes of line masters and `now` in, bytes out. The same park stands behind
 *          TCP ports in gridtill-sim and in virtual time inside a test.
 * Time:    lines run in the wire's time; meters and loads run `speed` times as fast.
 * Seed:    everything uneven (balances, loads, turnarounds, noise) comes from it.
 */
#ifndef GT_SIM_PARK_H
#define GT_SIM_PARK_H

#include "base/arena.h"
#include "sim/plant.h"

enum {
    PARK_METERS = 257,
    PARK_LINES = 12,
    PARK_BOXES = 2,
    PARK_LINES_BOX = PARK_LINES / PARK_BOXES,
    PARK_BUILDINGS = 6,
    PARK_TEXT_MAX = 64,
    PARK_ROW_MAX = 256,
    PARK_REPLY_MAX = 512,
    PARK_BAUD = 9600,
    PARK_CHAR_BITS = 10,
    PARK_TURNAROUND_MIN_US = 20000,
    PARK_TURNAROUND_MAX_US = 60000,
    PARK_SPEED_MAX = 3600,
};

typedef struct park_cfg {
    uint64_t seed;
    uint8_t master[METER_KEY_LEN]; /* meters get their own keys from it, key version 1 */
    gt_utc utc;                    /* at `now` of park_create */
    uint32_t speed;                /* of meters and loads, 1 .. PARK_SPEED_MAX */
} park_cfg;

/** A row of the meter list. */
typedef struct park_row {
    char building[PARK_TEXT_MAX]; /* "1号仓库 Warehouse 1" */
    char room[PARK_TEXT_MAX];     /* "1-101" */
    unsigned floor;
    uint64_t meter_no;
    uint64_t customer_no;
    unsigned terminal; /* 1 .. PARK_BOXES, in region 4401 */
    unsigned line;     /* 1 .. PARK_LINES_BOX, inside its box */
    uint8_t unit;
    unsigned point; /* 1 .. inside its box */
} park_row;

typedef struct park park;

/** Bytes of arena that park_create takes. */
size_t park_memory(void);
/** @return RANGE a speed outside its limits, MEMORY, or what meter_init says */
GT_CHECKED gt_err park_create(gt_arena *arena, const park_cfg *cfg, gt_mono now, park **out);

/** Row of meter 0 .. PARK_METERS-1: the same for every seed. */
void park_row_of(unsigned nth, park_row *out);
/** As a line of the meter list, with line end; also the header (@p nth PARK_METERS). */
void park_row_text(unsigned nth, char out[PARK_ROW_MAX]);
/** @return NOT_FOUND */
GT_CHECKED gt_err park_meter_find(uint64_t meter_no, unsigned *out);

/** Line 0 .. PARK_LINES-1 = (box - 1) * PARK_LINES_BOX + line - 1. */
void park_line_write(park *p, unsigned line, const uint8_t *bytes, size_t len, gt_mono now);
/** As sim_line_read. */
size_t park_line_read(park *p, unsigned line, gt_mono now, uint8_t out[SIM_LINE_CHUNK]);
gt_mono park_line_deadline(const park *p, unsigned line);
sim_line_stats park_line_stats(const park *p, unsigned line);

/** Let meters and loads live until @p now. The lines are stepped by reading them. */
void park_step(park *p, gt_mono now);
/** Of meters and loads; the lines have their own. */
gt_mono park_deadline(const park *p);
/** What the meters' clocks should show. */
gt_utc park_utc(const park *p, gt_mono now);

/** A meter's true state, not what anybody was told. */
meter_status park_status(park *p, unsigned nth, gt_mono now);
bool park_relay_closed(const park *p, unsigned nth);
uint32_t park_watt(const park *p, unsigned nth);

/**
 * A fault or an act, by words; colons do for blanks:
 *   dead METER_NO [on|off]   cut LINE [on|off]   noise LINE PERMILLE   slow METER_NO MS   clear
 *   power METER_NO [on|off]  button METER_NO     show METER_NO         lines
 * LINE is 1 .. 12. clear ends every fault; show tells a meter's true state; lines tells the wire
 * figures of every line: requests, answers, spoiled frames, bound in microseconds.
 *
 * @param[out] reply  one line of JSON, terminated; always written
 * @return SYNTAX, NOT_FOUND (no such meter or line), RANGE, or what the meter says at power-on
 */
GT_CHECKED gt_err park_command(park *p, const char *words, gt_mono now, char reply[PARK_REPLY_MAX]);

#endif
